"""A unit with three readers, screening pictures that nobody has read, and each reader in a browser of their own."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from closerlook.people import sites
from closerlook.people.models import Site, Staff
from tests.desk.conftest import address, desk, later, letters, outbox, sessions_last, sit, unit  # noqa: F401
from tests.desk.people import PASSWORD, Unit
from tests.reading_room.room import READERS, Reader, Room


@pytest.fixture
def readers(unit: Unit) -> list[str]:  # noqa: F811
    """Three readers: Eva Lindqvist, and two colleagues."""
    for username, name in READERS.items():
        if username != "radiologist":
            user = User.objects.create_user(username, password=PASSWORD)
            Staff.objects.create(user=user, site=sites.site(), roles="radiologist", name=name)
    return list(READERS)


@pytest.fixture
def room(unit: Unit, readers: list[str]) -> Room:  # noqa: F811
    return Room(unit)


@pytest.fixture
def twice(room: Room) -> Room:
    """The unit reads twice, as under the uk protocol."""
    Site.objects.update(protocol="uk")
    sites.forget()
    return room


@pytest.fixture
def reader(room: Room, sit: Callable[[str], Client]) -> Callable[[str], Reader]:  # noqa: F811
    """Return a reader who is signed in, for what needs no browser."""
    return lambda username: Reader(room, sit(username))
