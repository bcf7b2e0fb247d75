"""A unit that is no demonstration: whoever signs in needs a second factor."""

import pytest

from closerlook.accounts.models import Demonstration
from tests.accounts.signing_in import Front
from tests.desk.conftest import address, desk, later, letters, sit, unit
from tests.desk.people import Desk, Unit

__all__ = ["address", "desk", "later", "letters", "sit", "unit"]


@pytest.fixture
def sessions_last() -> None:
    """Here they end when they do."""


@pytest.fixture
def real(unit: Unit) -> Unit:
    """The unit of the desk's tests, as a real one."""
    Demonstration.objects.all().delete()
    return unit


@pytest.fixture
def front(real: Unit, desk: Desk) -> Front:
    """People in browsers, under a name that passkeys work with."""
    desk.address = desk.address.replace("127.0.0.1", "localhost")
    return Front(desk)
