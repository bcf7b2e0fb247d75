"""A morning at the call-back desk: one person after the other, by key, by button, on a small screen."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from closerlook.pathway.events import Outcome
from closerlook.people.models import Patient
from closerlook.record import verify
from closerlook.record.models import Claim
from tests.calls.calling import called_back, facts
from tests.desk.people import Desk, Unit
from tests.visits.rooms import room

FORTY = 40


@pytest.fixture(params=["with scripts", "without scripts"])
def front(request: pytest.FixtureRequest, desk: Desk) -> Desk:
    desk.scripted = request.param == "with scripts"
    return desk


def on_the_line(page: Page) -> str:
    """Return whom the page is about."""
    return str(re.findall(r"/calls/(p\w+)/", page.url)[0])


def known(page: Page) -> None:
    """She says who she is; what to say to her appears only then."""
    expect(page.get_by_text("more pictures of your left breast", exact=False).first).to_be_hidden()
    page.get_by_label("She gave her full name").check()
    expect(page.get_by_text("more pictures of your left breast", exact=False).first).to_be_visible()


def test_a_navigator_works_ten_calls_that_all_end_differently(front: Desk, unit: Unit) -> None:
    # Given ten people who are called back, and a room that holds the whole plan
    room("Second floor, room 1", ultrasound=True)
    people = [called_back(unit, n) for n in range(10)]
    page = front.sit("navigator", "/calls/")
    expect(page.get_by_role("heading", name="10 people to ring")).to_be_visible()
    front.press(page, "Ring the first")
    ended: dict[str, str] = {}

    def record(name: str, outcome: str) -> None:
        ended[outcome] = on_the_line(page)
        front.press(page, name)

    # When the first is told and booked
    expect(page.get_by_text("Call 1 of 10")).to_be_visible()
    known(page)
    page.get_by_label("Second floor, room 1").first.check()
    record("1 reached, booked", "booked")
    # And the second is told and will look at her diary
    expect(page.get_by_text("reached and booked.")).to_be_visible()
    known(page)
    record("2 reached, told", "told")
    # And the third wants to be rung at another hour
    page.get_by_label("Call her at").select_option(index=1)
    record("3 call at", "later")
    # And the next three are not reached
    record("4 voicemail", "voicemail")
    record("5 no answer", "no_answer")
    record("6 wrong number", "wrong_number")
    # And one says no today
    known(page)
    record("7 says no today", "no_today")
    # And of one it is said that she has died, of another that she has moved
    ended["died"] = on_the_line(page)
    front.go(page, "8 died")
    page.get_by_label("Day of death").fill("2026-11-02")
    page.get_by_label("I have made sure of it").check()
    front.press(page, "Record: She has died")
    ended["moved"] = on_the_line(page)
    front.go(page, "9 moved")
    page.get_by_label("Look at it again on").fill("2026-12-01")
    front.press(page, "Record: She has moved away")
    # And the last is handed to a nurse
    ended["handed"] = on_the_line(page)
    front.go(page, "0 nurse or colleague")
    expect(page.get_by_label("Hand her to")).to_have_value("nurse")
    page.get_by_label("What they should know").fill("asks about her medicines")
    front.press(page, "Record: Hand her to a nurse or a colleague")
    # Then each was rung once, and her record holds what was said, once
    assert len(set(ended.values())) == 10
    assert set(ended.values()) == set(people)
    last = {end: facts(her)[-1] for end, her in ended.items()}
    assert last == {
        "booked": "Booked", "told": "ResultTold", "later": "CallRequested", "voicemail": "ContactAttempted",
        "no_answer": "ContactAttempted", "wrong_number": "ContactAttempted", "no_today": "SaidNoToday",
        "died": last["died"], "moved": "Paused", "handed": "OwnerChanged",
    }  # fmt: skip
    assert "Died" in facts(ended["died"])
    assert Claim.objects.filter(kind="slot").count() == 1
    assert list(verify.verify()) == []
    # And who was not reached is rung again after an hour; who was told, on another day
    unit.now += timedelta(hours=1, minutes=1)
    front.go(page, "Calls")
    expect(page.get_by_role("heading", name="5 people to ring")).to_be_visible()
    waiting = page.get_by_role("listitem").filter(has_text="not before")
    expect(waiting).to_have_count(1)
    expect(waiting.get_by_role("link")).to_have_attribute("href", f"/calls/{ended['told']}/")


def test_forty_calls_in_a_row_by_keyboard(desk: Desk, unit: Unit) -> None:
    # Given forty people to ring, and rooms enough
    for n in range(3):
        room(f"Room {n}", ultrasound=True)
    people = [called_back(unit, n) for n in range(FORTY)]
    page = desk.sit("navigator", "/calls/")
    page.get_by_role("button", name="Ring the first").focus()
    page.keyboard.press("Enter")
    # When the navigator works through them by key alone
    for n in range(FORTY):
        expect(page.get_by_text(f"Call {n + 1} of")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("data-keys", "ready")
        unit.now += timedelta(seconds=30)
        _one_call(page, n)
    # Then every one of them was rung once, and no two have one time
    expect(page.get_by_role("heading", name=re.compile("to ring"))).to_be_visible()
    ends = {her: facts(her)[-1] for her in people}
    assert set(ends.values()) == {"Booked", "ContactAttempted", "ResultTold", "CallRequested"}
    assert Claim.objects.filter(kind="slot").count() == sum(end == "Booked" for end in ends.values()) == FORTY // 4
    desk.check(page)


def _one_call(page: Page, n: int) -> None:
    press = page.keyboard.press
    match n % 4:
        case 0:  # who she is, the visit, done: the key leads to what is missing, and the arrow chooses
            press("1")
            expect(page.get_by_label("She gave her full name")).to_be_focused()
            expect(page.get_by_role("status").filter(has_text="First tick")).to_be_visible()
            press("i")
            press("1")
            press("Space")
            press("1")
        case 1:
            press("4")
        case 2:
            press("i")
            press("2")
        case 3:
            press("3")
            expect(page.get_by_label("Call her at")).to_be_focused()
            press("End")  # two days on: today she would be in front again before the others
            expect(page.get_by_label("Call her at")).not_to_have_value("")
            press("Tab")
            page.get_by_role("button", name="3 call at").focus()
            press("3")


def test_a_slip_of_the_hand_is_undone_by_key(desk: Desk, unit: Unit) -> None:
    # Given two to ring, and a key pressed by mistake
    called_back(unit, 1)
    called_back(unit, 2)
    page = desk.sit("navigator", "/calls/")
    desk.press(page, "Ring the first")
    her = on_the_line(page)
    expect(page.locator("html")).to_have_attribute("data-keys", "ready")
    page.keyboard.press("6")
    expect(page.get_by_text("wrong number.")).to_be_visible()
    # When it is undone on the next page
    expect(page.locator("html")).to_have_attribute("data-keys", "ready")
    page.keyboard.press("u")
    # Then she is open again, and nothing of it stands
    expect(page.get_by_text("Undone. Nothing of that call stands.")).to_be_visible()
    assert on_the_line(page) == her
    assert unit.state(her).episodes["e1"].contact.attempts == ()


def test_keys_are_deaf_while_something_is_written_and_can_be_turned_off(desk: Desk, unit: Unit) -> None:
    her = called_back(unit)
    page = desk.sit("navigator", f"/calls/{her}/")
    expect(page.locator("html")).to_have_attribute("data-keys", "ready")
    page.get_by_text("Note something").click()
    page.get_by_label("What was arranged").press_sequentially("taxi at 9, room 4")
    page.get_by_label("What was arranged").press("Enter")
    expect(page.get_by_label("What was arranged")).to_have_value("taxi at 9, room 4")
    page.get_by_label("keys on").uncheck()
    page.keyboard.press("4")
    page.reload()
    expect(page.get_by_label("keys on")).not_to_be_checked()
    expect(page.locator("html")).to_have_attribute("data-keys", "ready")
    page.keyboard.press("4")
    assert "ContactAttempted" not in facts(her)
    page.get_by_label("keys on").check()
    page.keyboard.press("4")
    expect(page.get_by_text("voicemail.")).to_be_visible()
    assert unit.state(her).episodes["e1"].contact.attempts[0].outcome is Outcome.VOICEMAIL


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_desk_on_a_small_screen(
    desk: Desk, unit: Unit, scheme: str, language: str, look_of: Callable[[Page], dict[str, Any]]
) -> None:
    her = called_back(unit, language=language)
    Patient.objects.filter(pk=her).update(safe_contact="Ring only before noon")
    page = desk.sit("navigator", f"/calls/{her}/", viewport={"width": 320, "height": 640}, color_scheme=scheme)
    assert look_of(page)["wide"] <= 320
    known_ = page.get_by_label("She gave her full name")
    known_.check()
    expect(page.locator(".told .say").first).to_be_visible()
    assert look_of(page)["wide"] <= 320
    desk.check(page)
    expect(page.locator(".told .say").first).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    front = page.get_by_text("Ring only before noon.")
    expect(front).to_be_visible()


@pytest.fixture
def look_of() -> Callable[[Page], dict[str, Any]]:
    """Measure how wide a page is."""
    return lambda page: {"wide": page.evaluate("document.documentElement.scrollWidth")}
