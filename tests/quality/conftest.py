"""A clinic, and the whole system behind a real server, with the clock of the stories."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.her_page.conftest import at, database, empty_database, server, site

__all__ = ["at", "database", "empty_database", "server", "site"]


@pytest.fixture
def whole(database: None) -> Iterator[None]:
    """Every address as the system mounts it; robots.txt too."""
    with override_settings(ROOT_URLCONF="closerlook.urls", ALLOWED_HOSTS=["127.0.0.1", "localhost"]):
        yield
