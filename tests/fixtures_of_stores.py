"""The fixtures that hand a test its own record."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import stores
from tests.servers import Postgres


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    with django_db_blocker.unblock():
        return stores.migrated_file(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres, django_db_blocker: Any) -> str:
    with django_db_blocker.unblock():
        return stores.migrated_database(postgres_server)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a record of this test's own, on SQLite."""
    return stores.copied_file(sqlite_template, tmp_path)


@pytest.fixture
def postgres_record_url(postgres_server: Postgres, postgres_template: str) -> Iterator[str]:
    """The address of a record of this test's own, on PostgreSQL."""
    url = postgres_server.url("postgres")
    name = f"record_{next(postgres_server.numbers)}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template}"')
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(params=stores.ENGINES)
def record(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[str]:
    """An empty record on each engine in turn; gives its address."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_record_url"
    url: str = request.getfixturevalue(fixture)
    with django_db_blocker.unblock(), stores.using(url):
        yield url


@pytest.fixture
def sqlite_record(sqlite_url: str, django_db_blocker: Any) -> Iterator[str]:
    """An empty record on SQLite alone, for what does not depend on the engine."""
    with django_db_blocker.unblock(), stores.using(sqlite_url):
        yield sqlite_url
