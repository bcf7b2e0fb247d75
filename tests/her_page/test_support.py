"""Someone to lean on: what is offered follows how she is, nothing of it is kept, and there is always a way out."""

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from closerlook.evidence import resources
from closerlook.portal import leaning
from closerlook.record import door
from tests.her_page.conftest import session_of
from tests.her_page.told import Told

Enter = Callable[..., Client]


@pytest.fixture
def her(enter: Enter, told: Told) -> Client:
    told.called_back()
    return enter()


def shown(her: Client, how: str) -> str:
    return unescape(her.post("/my/support/", {"how": how}).content.decode())


def test_a_hard_day_offers_a_call_and_the_worst_one_a_crisis_line_first(her: Client) -> None:
    assert "A talk can help." not in shown(her, "2")
    assert "A talk can help." in shown(her, "6")
    worst = shown(her, "9")
    assert worst.index("988") < worst.index("How hard is it for you today?")


def test_the_call_she_asks_for_here_is_owed_and_says_what_it_is_about(her: Client, told: Told) -> None:
    her.post("/my/call/", {"about": "talk", "best_time": "any"})
    assert told.look().patient.call_requested
    assert "to talk" in str(door.look(told.stream).records[-1].event)


def test_nothing_of_how_she_is_is_kept(her: Client, told: Told) -> None:
    version = told.look().patient.version
    shown(her, "9")
    assert told.look().patient.version == version
    assert not set(session_of(her)) - {"portal", "portal_changed"}


def test_an_impossible_number_is_asked_again(her: Client) -> None:
    for how in ("", "11", "-1", "much"):
        assert her.post("/my/support/", {"how": how}).status_code == 422


def test_the_helplines_are_those_of_the_clinics_country_with_hours_only_where_they_were_read(her: Client) -> None:
    page = unescape(her.get("/my/support/").content.decode())
    for line in resources.helplines("US"):
        assert line.name in page
    assert "0808" not in page
    assert "MQSA" not in page
    assert "Living Beyond" not in page


@pytest.mark.parametrize("exercise", leaning.EXERCISES, ids=lambda e: e.id)
def test_each_exercise_has_a_page_of_its_own(her: Client, exercise: leaning.Exercise) -> None:
    page = unescape(her.get(f"/my/support/{exercise.id}/").content.decode())
    assert all(str(step) in page for step in exercise.steps)
    assert her.get("/my/support/juggling/").status_code == 404
