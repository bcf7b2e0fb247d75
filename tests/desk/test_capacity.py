"""The manager asks what a change would do, and the page answers in a sentence, a picture and tables."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from markupsafe import escape
from playwright.sync_api import expect

from closerlook.capacity.fields import FIELDS
from closerlook.capacity.unit import Plan
from closerlook.desk import capacity
from closerlook.evidence.published import figure
from tests.desk.people import INLINE, Desk, Unit

Sit = Callable[[str], Client]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short simulation: what is shown is tested here, what is right in tests/capacity."""
    monkeypatch.setattr(capacity, "PLANS", ((Plan(warm_up=4, weeks=4, drain=4), 5),))
    capacity._simulated.cache_clear()
    capacity._log_kept.clear()


def page(sit: Sit, query: str = "") -> str:
    answer = sit("manager").get(f"/capacity/{query}")
    assert answer.status_code == 200
    found: str = answer.content.decode()
    assert not INLINE.findall(found)
    return found


def answer_of(found: str) -> str:
    (sentence,) = re.findall(r'role="status">\s*<p class="lead">(.*?)</p>', found, re.S)
    return str(sentence).strip()


def test_the_page_opens_with_the_usual_question_answered(unit: Unit, sit: Sit) -> None:
    found = page(sit)
    assert answer_of(found).startswith("One more ultrasound session a week: ")
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img"' in found
    assert "assumption of this software" in found
    assert str(escape(figure("us-multisite-dbt-2014-2020-recall").citation)) in found
    for field in FIELDS:
        assert f'name="{field}"' in found


def test_only_who_plans_finds_it_among_the_pages_of_the_unit(unit: Unit, sit: Sit) -> None:
    assert 'href="/capacity/"' in sit("manager").get("/unit/").content.decode()
    assert 'href="/unit/"' not in sit("radiologist").get("/").content.decode()
    refused = sit("radiologist").get("/capacity/")
    assert refused.status_code == 403
    assert "Ask the manager" in refused.content.decode()


def test_our_own_figures_take_the_place_of_what_is_assumed(unit: Unit, sit: Sit) -> None:
    found = page(sit, "?recall_share=8.5&ultrasound_sessions=2&change=ultrasound_sessions%2B1")
    assert "<th" in found
    assert "8.5 %" in found
    assert "your choice" in found
    assert "the queue for ultrasound grows week by week" in answer_of(found)
    assert "<details open>" in found


def test_our_own_last_months_say_what_they_could_not_tell(unit: Unit, sit: Sit) -> None:
    unit.report()
    found = page(sit, "?start=log")
    assert "From your log: 1 patient," in found
    assert "Not in your log, default kept: " in found


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?recall_share=90", "Write 50 at most."),
        ("?recall_share=-1", "Write at least 0."),
        ("?exams_per_day=many", "Write a number, such as 3 or 0.5."),
        ("?exams_per_day=1e9", "Write 150 at most."),
        ("?exams_per_day=nan", "Write a number"),
        ("?ultrasound_slots=2.5", "write a whole number of slots"),
        ("?change=closing", "Choose one from the list."),
        ("?start=dreams", "Choose one of the two."),
        (
            "?exams_per_day=150&recall_share=50&attends=10&navigator_hours=80&reading_sessions=9",
            "take too long for a page",
        ),
        ("?ultrasound_sessions=60", "ultrasound_sessions: 61 is outside 0 to 60"),
        ("?ultrasound_sessions=0&change=ultrasound_sessions-1", "ultrasound_sessions: -1 is outside 0 to 60"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(query: str, words: str, unit: Unit, sit: Sit) -> None:
    found = page(sit, query)
    assert words in found
    assert "One thing to put right" in found
    assert 'role="status"' not in found


def test_the_same_question_is_not_simulated_twice(unit: Unit, sit: Sit) -> None:
    page(sit)
    before = capacity._simulated.cache_info().misses
    page(sit)
    assert capacity._simulated.cache_info().misses == before
    page(sit, "?change=mammography_sessions%2B1")
    assert capacity._simulated.cache_info().misses == before + 1  # the unit as it is, is known


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_the_manager_tries_a_change(desk: Desk, width: int, scheme: str) -> None:
    size = {"width": width, "height": 800}
    tab = desk.go(desk.go(desk.sit("manager", viewport=size, color_scheme=scheme), "Unit"), "Capacity")
    tab.get_by_label("Try").select_option("one more biopsy session a week")
    tab.get_by_text("Our own figures, where they differ").click()
    tab.get_by_label("Called back (per cent)").fill("12")
    desk.press(tab, "Show what it would do")
    expect(tab.get_by_role("status")).to_contain_text("One more biopsy session a week")
    expect(tab.get_by_role("img")).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
