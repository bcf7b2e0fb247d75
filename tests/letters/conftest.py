"""Letters go to an outbox of the test's own; those that need names have a database too."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation

from closerlook.people.models import Patient, Site
from tests.letters.database import copy_of, migrate_into, riverside
from tests.letters.story import START


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    with django_db_blocker.unblock():
        migrate_into(path)
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), copy_of(empty_database, tmp_path / "closerlook.sqlite3"):
        yield


@pytest.fixture(autouse=True)
def outbox(tmp_path: Path) -> Iterator[Path]:
    with override_settings(DATA_DIR=tmp_path), translation.override("en"):
        yield tmp_path / "outbox"


@pytest.fixture
def site() -> Site:
    return riverside()


@pytest.fixture
def olsen(site: Site) -> Patient:
    return Patient(
        id="p1", family="Olsen", given="Marta", birth_date=date(1968, 5, 3), sex="F", phone="555 0199",
        address="22 Harbour Road\nRiverside, NY 10001", site=site, created_at=START,
    )  # fmt: skip
