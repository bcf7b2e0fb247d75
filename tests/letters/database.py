"""A database of a test's own: a fresh SQLite file with every table and trigger, as `closerlook init` would make it.

pytest-django's own fixtures empty tables between tests; the log refuses that, as it should.
"""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from closerlook.people import sites
from closerlook.people.models import Site


def migrate_into(path: Path) -> None:
    """Make an empty database at `path`, to be copied for each test."""
    with database_at(path):
        call_command("migrate", verbosity=0, interactive=False)
        with connections["default"].cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def database_at(path: Path) -> Iterator[None]:
    """Point every connection of this process at `path` while the block lasts."""
    _close()
    own = connections.settings["default"]  # the very dict that every connection of every thread looks into
    before, own["NAME"] = own["NAME"], str(path)
    try:
        yield
    finally:
        _close()
        own["NAME"] = before


def _close() -> None:
    """Close this thread's connections: a thread in which a browser keeps an event loop has one beside the loop too."""
    connections["default"].close()
    loop = asyncio._get_running_loop()
    if loop is not None:
        asyncio._set_running_loop(None)
        try:
            connections["default"].close()
        finally:
            asyncio._set_running_loop(loop)


@contextmanager
def copy_of(template: Path, path: Path) -> Iterator[None]:
    """Work in a copy of the empty database."""
    shutil.copyfile(template, path)
    with database_at(path):
        sites.forget()
        yield


def riverside(**given: str) -> Site:
    """Return a clinic, not yet stored."""
    values = {
        "slug": "main",
        "name": "Riverside Breast Clinic",
        "address": "14 Quay Street\nRiverside, NY 10001",
        "phone": "555 0100",
        "zone": "America/New_York",
        "contact_name": "Ana Ruiz",
        "contact_hours": "Monday to Friday, 8:00 to 17:00",
    }
    return Site(**values | given)
