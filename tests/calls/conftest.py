"""The desk's unit, with a second navigator, for the tests of its calls."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from closerlook.people.models import Staff
from closerlook.people.sites import site
from tests.calls.calling import Caller
from tests.desk import conftest as desks
from tests.desk.people import PASSWORD, Unit

unit, address, desk, sit, letters, later, sessions_last = (
    desks.unit, desks.address, desks.desk, desks.sit, desks.letters, desks.later, desks.sessions_last,
)  # fmt: skip


@pytest.fixture
def second(unit: Unit) -> str:
    """Another navigator: Ida Berg."""
    user = User.objects.create_user("ida", password=PASSWORD)
    Staff.objects.create(user=user, site=site(), roles="navigator", name="Ida Berg")
    return "ida"


@pytest.fixture
def caller(unit: Unit, sit: Callable[[str], Client]) -> Callable[..., Caller]:
    """Return someone who calls, without a browser: `caller("navigator")`."""
    return lambda who="navigator": Caller(unit, sit(who))
