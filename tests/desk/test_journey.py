"""One call-back, from the report to a settled round, by clicking: six people, no script needed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.desk.people import Desk, QuietHandler, Unit
from tests.feeds.messages import CALLED_LEFT, DIAGNOSTIC_LEFT

BENIGN_LEFT = (("BIRADSL^BI-RADS Assessment left^L", "2^Benign^L"),)


@pytest.fixture(params=["with scripts", "without scripts"])
def front(request: pytest.FixtureRequest, desk: Desk) -> Desk:
    desk.scripted = request.param == "with scripts"
    return desk


def test_a_call_back_goes_all_the_way_by_clicking(front: Desk, unit: Unit, letters: Callable[[], int]) -> None:
    # Given a report that asks for more pictures of the left breast
    patient = unit.report(coded=CALLED_LEFT, text="IMPRESSION: Focal asymmetry, left. Additional views.")
    # When the radiologist plans the call-back, with the report's words beside the form
    _plan(front)
    # And the navigator speaks with her and books
    _tell_and_book(front)
    # And the letters go
    letters()
    _post(front, 2)
    # And she comes, and the pictures are taken
    unit.now += timedelta(days=3)
    _come(front)
    # And their report arrives, and the radiologist says what they answer
    unit.report("M2", accession="A2", procedure=DIAGNOSTIC_LEFT, performed_at=unit.now, coded=BENIGN_LEFT)
    _answer(front)
    # And those letters go too
    letters()
    _post(front, 2)
    # Then the round is settled, nothing is owed to anyone, and everyone is accounted for
    assert set(unit.owes(patient)) <= {"set_next_due", "invite"}  # her next screening is all that is left
    page = front.sit("manager", f"/patient/{patient}/")
    expect(page.get_by_text("settled, benign after work-up")).to_be_visible()
    expect(page.get_by_text("others see to")).to_have_count(0)
    front.go(page, "Owed")
    front.go(page, "Ledger")
    expect(page.get_by_text("All accounted for")).to_be_visible()
    front.go(page, "Owed")
    front.go(page, "everyone")
    expect(page.get_by_text("Nothing here.")).to_be_visible()
    # And no address on the way held her name, number or birth date
    assert not [line for line in QuietHandler.asked if "Olsen" in line or "MR100" in line or "1968" in line]


def _plan(desk: Desk) -> None:
    page = desk.sit("radiologist")
    desk.row(page, "Plan the call-back", "Read")
    expect(page.get_by_text("Focal asymmetry, left. Additional views.")).to_be_visible()
    expect(page.get_by_label("Left", exact=True)).to_be_checked()
    page.get_by_label("Focal asymmetry").check()
    _choose(page, "Ultrasound in the same visit?", "Yes")
    _choose(page, "Will she know that day?", "Yes")
    desk.press(page, "Record: plan the call-back")
    expect(page.get_by_text("Recorded: plan the call-back.")).to_be_visible()


def _tell_and_book(desk: Desk) -> None:
    page = desk.sit("navigator")
    desk.row(page, "Speak with her about the result", "Open")
    desk.go(page, "Spoke with her")
    _choose(page, "How", "Phone")
    desk.press(page, "Record: spoke with her")
    desk.go(page, "Book the visit")
    page.get_by_label("Day and time").fill("2026-11-05T09:00")
    desk.press(page, "Record: book the visit")
    expect(page.get_by_text("Thursday 5 November, 09:00")).to_be_visible()


def _post(desk: Desk, count: int) -> None:
    page = desk.sit("desk")
    desk.go(page, f"To post {count}")
    for box in page.get_by_role("checkbox").all():
        box.check()
    desk.press(page, "Record as posted")
    expect(page.get_by_text(f"Recorded as posted: {count}.")).to_be_visible()
    expect(page.get_by_text("Nothing waits for the post.")).to_be_visible()


def _come(desk: Desk) -> None:
    page = desk.sit("technologist")
    page.get_by_label("Find a patient").fill("olsen")
    desk.press(page, "Find")
    desk.go(page, "She came")
    desk.press(page, "Record: she came")
    desk.go(page, "Pictures were taken")
    page.get_by_label("Diagnostic mammogram").check()
    expect(page.get_by_label("Left", exact=True)).to_be_checked()
    page.get_by_label("Accession number").fill("A2")
    desk.press(page, "Record: pictures were taken")
    expect(page.get_by_text("Diagnostic mammogram performed, left.")).to_be_visible()


def _answer(desk: Desk) -> None:
    page = desk.sit("radiologist")
    desk.row(page, "Say what the further pictures answer", "Read")
    page.get_by_label("Left breast").select_option("2 Benign")
    desk.press(page, "Record: say what the pictures answer")


def _choose(page: Page, question: str, answer: str) -> None:
    page.get_by_role("group", name=question).get_by_label(answer).check()
