"""Every address of the desk against every role: who comes in, who is sent away, and how."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from closerlook.desk.urls import urlpatterns
from closerlook.pathway import steps as st
from tests.desk.people import PEOPLE, Unit
from tests.feeds.messages import CALLED_LEFT

EVERYONE = set(PEOPLE)
TALKING = {"desk", "navigator", "nurse", "radiologist"}
OPEN_TO_ALL = {"sign_in", "sign_out"}
# name: (method, who may, what those who may get)
TABLE: dict[str, list[tuple[str, set[str], int]]] = {
    "home": [("get", EVERYONE, 200)],
    "find": [("get", EVERYONE, 200), ("post", EVERYONE, 200)],
    "patient": [("get", EVERYONE, 200)],
    "step": [("get", {"radiologist"}, 200), ("post", {"radiologist"}, 200)],
    "her_page": [("get", TALKING, 200), ("post", TALKING, 200)],
    "link": [("get", TALKING, 302), ("post", TALKING, 200)],
    "letter": [("get", EVERYONE, 200)],
    "post": [("get", EVERYONE, 200), ("post", TALKING | {"manager"}, 302)],
    "inbox": [("get", EVERYONE, 200)],
    "message": [("get", EVERYONE, 200), ("post", TALKING | {"manager"}, 302)],
    "ledger": [("get", EVERYONE, 200)],
    "capacity": [("get", {"manager"}, 200)],
}


@pytest.fixture
def addresses(unit: Unit, letters: Callable[[], int]) -> dict[str, str]:
    """An address of each kind that leads somewhere."""
    patient = unit.report(coded=CALLED_LEFT)
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    unit.take(patient, "radiologist", st.DecideCallBack(exam=exam))
    letters()
    message = unit.aside(b"MSH|^~\\&|RIVERIS|RIVERSIDE|A|B|2026").id
    given = {
        "patient": [patient],
        "step": [patient, "DecideCallBack"],
        "link": [patient],
        "her_page": [patient],
        "letter": [patient, exam, "summary"],
        "message": [message],
    }
    return {name: reverse(f"desk:{name}", args=given.get(name, [])) for name in TABLE}


def test_every_address_is_in_the_table() -> None:
    assert {str(pattern.name) for pattern in urlpatterns} == TABLE.keys() | OPEN_TO_ALL


def test_nobody_comes_in_unknown(addresses: dict[str, str]) -> None:
    for name, address in addresses.items():
        for method in ("get", "post"):
            answer = getattr(Client(), method)(address)
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in/"), name


def test_nobody_comes_in_without_a_role(addresses: dict[str, str], sit: Callable[[str], Client]) -> None:
    for name, address in addresses.items():
        for method in ("get", "post"):
            answer = getattr(sit("stranger"), method)(address)
            assert answer.status_code == 403, name
            assert "Ask the manager" in answer.content.decode()


@pytest.mark.parametrize("who", sorted(EVERYONE))
def test_each_role_comes_in_where_it_may(who: str, addresses: dict[str, str], sit: Callable[[str], Client]) -> None:
    for name, rows in TABLE.items():
        for method, allowed, answer in rows:
            expected = answer if who in allowed else 403
            assert getattr(sit(who), method)(addresses[name]).status_code == expected, (name, method, who)


def test_a_closed_account_is_out_at_once(addresses: dict[str, str], sit: Callable[[str], Client]) -> None:
    client = sit("navigator")
    assert client.get(addresses["home"]).status_code == 200
    from django.contrib.auth.models import User

    User.objects.filter(username="navigator").update(is_active=False)
    assert client.get(addresses["home"]).status_code == 302


def test_every_form_is_held_to_its_token(addresses: dict[str, str]) -> None:
    from django.contrib.auth.models import User

    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="radiologist"))
    for name, rows in TABLE.items():
        if any(method == "post" for method, _, _ in rows):
            answer = client.post(addresses[name])
            assert answer.status_code == 403, name
            assert "Nothing was recorded" in answer.content.decode()
