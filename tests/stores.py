"""An empty, migrated record on either engine, for tests that go through the real door.

pytest-django's own database fixture empties tables after each test, which the database rightly refuses for events; so
each test gets a database of its own: a copied file on SQLite, a database made from a template on PostgreSQL.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.management import call_command
from django.db import connections

from closerlook.people import sites
from closerlook.people.models import Site, TrustedSender
from tests.servers import Postgres

ENGINES = ("sqlite", "postgres")
NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)


@contextmanager
def using(url: str) -> Iterator[None]:
    """Point Django's database at `url` for a while."""
    before = connections.databases["default"]
    options = before["OPTIONS"] if url.startswith("sqlite") else {}
    found: dict[str, Any] = {**before, "OPTIONS": {}, **dj_database_url.parse(url), "TEST": before.get("TEST", {})}
    found["OPTIONS"] = options
    _switch(found)
    try:
        yield
    finally:
        _switch(before)


def _switch(to: dict[str, Any]) -> None:
    connections["default"].close()
    connections.databases["default"] = to
    del connections["default"]
    sites.forget()


def migrated_file(folder: Path) -> Path:
    """Return a migrated SQLite file to copy from."""
    file = folder / "template.sqlite3"
    with using(f"sqlite:///{file}"):
        call_command("migrate", verbosity=0)
        unit()
        connections["default"].cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


def migrated_database(server: Postgres) -> str:
    """Return the name of a migrated PostgreSQL database to copy from."""
    url = server.create_database("template_of_tests")
    with using(url):
        call_command("migrate", verbosity=0)
        unit()
    return url.rpartition("/")[2].partition("?")[0]


def copied_file(template: Path, folder: Path) -> str:
    """Return the address of a fresh copy."""
    copy = folder / "closerlook.sqlite3"
    shutil.copyfile(template, copy)
    return f"sqlite:///{copy}"


def unit() -> Site:
    """Enter the unit that tests happen in."""
    site = Site.objects.create(
        slug="main",
        name="Riverside Breast Clinic",
        address="14 Mill Street\nRiverside, MO 61111",
        phone="555-0140",
        zone="America/Chicago",
        live_from=date(2026, 1, 1),
    )
    TrustedSender.objects.create(sender="RIVERIS|RIVERSIDE", site=site)
    return site
