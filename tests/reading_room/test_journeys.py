"""Readers at work in a browser: by one key, by a plan edited, twice and then a third, without a mouse or a script."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from closerlook.pathway.terms import Assessment, Density, FindingKind, Laterality
from tests.desk.people import Desk, QuietHandler
from tests.feeds.messages import CALLED_LEFT
from tests.reading_room.room import Room

CASE = ".case"


@pytest.fixture(params=["with scripts", "without scripts"])
def front(request: pytest.FixtureRequest, desk: Desk) -> Desk:
    desk.scripted = request.param == "with scripts"
    return desk


def ready(room: Room, page: Page, desk: Desk) -> None:
    """Wait until keys work again, as a reader does who looks at the pictures first."""
    room.unit.now += timedelta(seconds=5)
    if desk.scripted:
        page.locator(f"{CASE}[data-ready]").wait_for(state="attached")


def begins(desk: Desk, who: str = "radiologist") -> Page:
    page = desk.sit(who, "/reading/")
    return desk.press(page, "Begin a batch: readings")


def test_normal_by_one_key_and_the_next(desk: Desk, room: Room) -> None:
    # Given two women who wait
    first, second = room.examined(hours_ago=60), room.examined(hours_ago=30)
    page = begins(desk)
    ready(room, page, desk)
    # When the reader presses 1, and by a slip again before the next case has been looked at
    page.keyboard.press("b")
    page.keyboard.press("1")
    expect(page.get_by_text("2 of 2")).to_be_visible()
    page.keyboard.press("1")
    # Then the first is normal, the second is not signed, and the page says what was
    report = room.exam(*first).reading.report
    assert report is not None
    assert report.assessments == {Assessment.NEGATIVE}
    assert report.density is Density.B
    expect(page.get_by_text("Last: normal, both breasts")).to_be_visible()
    expect(page.get_by_role("heading", name="Screening mammogram")).to_be_visible()
    assert room.exam(*second).reading.report is None
    # And after a look it is signed by its own key
    ready(room, page, desk)
    page.keyboard.press("2")
    expect(page.get_by_role("alert")).to_contain_text("Say the density of the breasts")
    ready(room, page, desk)
    page.keyboard.press("c")
    page.keyboard.press("2")
    expect(page.get_by_text("Your batch is at its end: 2 of 2.")).to_be_visible()
    assert room.exam(*second).reading.report is not None
    assert not [line for line in QuietHandler.asked if "Woman" in line]


def test_a_call_back_with_its_plan_edited(front: Desk, room: Room) -> None:
    # Given a woman who waits
    patient, exam = room.examined()
    page = begins(front)
    ready(room, page, front)
    # When the reader calls back, says what is seen and where, and looks at the plan
    front.press(page, "Call back …")
    page.get_by_label("Assessment, right").select_option("1 Negative")
    page.get_by_label("Assessment, left").select_option("0 Incomplete: more imaging")
    page.get_by_label("What is seen, left").select_option("Calcifications")
    page.get_by_label("Clock, left").select_option("2 o’clock")
    if not front.scripted:
        front.press(page, "Show the plan for what I entered")
    expect(page.get_by_label("Magnification")).to_be_checked()
    expect(page.get_by_label("Spot compression")).not_to_be_checked()
    expect(page.locator(".places figcaption")).to_contain_text("2 o’clock")
    # And edits it, and signs both at once
    page.get_by_label("Tangential").check()
    page.get_by_role("group", name="Ultrasound in the same visit?").get_by_label("No").check()
    page.get_by_role("group", name="Will she know that day?").get_by_label("Yes").check()
    page.get_by_label("c, heterogeneously dense").check()
    front.press(page, "Sign the reading and the plan")
    # Then her result stands with its plan, and her visit is owed
    expect(page.get_by_text("Your batch is at its end: 1 of 1.")).to_be_visible()
    episode = room.unit.state(patient).episodes["e1"]
    assert room.exam(patient, exam).reading.report is not None
    assert episode.plan is not None
    assert episode.plan.views == ("MAG", "ML", "TAN")
    assert [(f.kind, f.side, f.place) for f in episode.findings.values()] == [
        (FindingKind.CALCIFICATIONS, Laterality.LEFT, "2 o'clock")
    ]
    assert "book_call_back" in room.unit.owes(patient)


def test_two_read_apart_and_a_third_decides(desk: Desk, twice: Room) -> None:
    # Given a unit that reads twice, and a first reader who calls back
    patient, exam = twice.examined()
    page = begins(desk)
    ready(twice, page, desk)
    desk.press(page, "Call back …")
    page.get_by_label("Assessment, right").select_option("1 Negative")
    page.get_by_label("Assessment, left").select_option("0 Incomplete: more imaging")
    page.get_by_label("What is seen, left").select_option("Mass")
    expect(page.get_by_text("the plan is made once both have read")).to_be_visible()
    desk.press(page, "Sign the reading")
    # When a second reads it normal, seeing nothing of that
    page = begins(desk, "reader2")
    expect(page.get_by_text("You read apart: one of two has read it.")).to_be_visible()
    expect(page.get_by_text("mass")).to_have_count(0)
    ready(twice, page, desk)
    page.keyboard.press("1")
    expect(page.get_by_text("Your batch is at its end")).to_be_visible()
    # Then a third sees both side by side, and decides with a plan
    page = begins(desk, "reader3")
    expect(page.get_by_role("table", name="Two readings, side by side")).to_be_visible()
    expect(page.get_by_role("row", name="Left breast").get_by_text("differs")).to_be_visible()
    ready(twice, page, desk)
    page.keyboard.press("3")
    page.get_by_label("Assessment, right").select_option("1 Negative")
    page.get_by_label("Assessment, left").select_option("0 Incomplete: more imaging")
    page.get_by_label("What is seen, left").select_option("Mass")
    expect(page.get_by_label("Tomosynthesis")).to_be_checked()
    page.get_by_role("group", name="Will she know that day?").get_by_label("Yes").check()
    desk.press(page, "Sign the reading and the plan")
    expect(page.get_by_text("Your batch is at its end")).to_be_visible()
    assert twice.exam(patient, exam).reading.report is not None
    assert twice.unit.state(patient).episodes["e1"].plan is not None


def test_by_keyboard_alone(desk: Desk, room: Room) -> None:
    # Given a case on screen, and no mouse
    patient, exam = room.examined()
    page = begins(desk)
    ready(room, page, desk)
    # When 4 opens the form, and everything is chosen with Tab and arrows
    page.keyboard.press("4")
    expect(page.get_by_label("Assessment, right")).to_be_focused()
    page.keyboard.press("1")  # in a list it chooses, and signs nothing
    expect(page.get_by_label("Assessment, right")).to_have_value("negative")
    assert room.exam(patient, exam).reading.report is None
    page.get_by_label("Assessment, left").focus()
    page.keyboard.press("2")
    page.get_by_label("Cm from the nipple, left").focus()
    page.keyboard.press("4")
    page.keyboard.press("Enter")  # the first button of a form is what Enter presses: it signs nothing
    expect(page.get_by_label("Assessment, left")).to_have_value("benign")
    assert room.exam(patient, exam).reading.report is None
    page.get_by_label("a, almost entirely fatty").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Sign the reading").focus()
    page.keyboard.press("Enter")
    # Then it is signed as chosen
    expect(page.get_by_text("Your batch is at its end")).to_be_visible()
    report = room.exam(patient, exam).reading.report
    assert report is not None
    assert {s.side: s.assessment for s in report.sides} == {
        Laterality.RIGHT: Assessment.NEGATIVE,
        Laterality.LEFT: Assessment.BENIGN,
    }


def test_a_press_on_the_drawing_places_the_finding(desk: Desk, room: Room) -> None:
    # Given the form with its drawing, on a phone held upright
    room.examined()
    page = desk.sit("radiologist", "/reading/", viewport={"width": 320, "height": 700}, has_touch=True)
    desk.press(page, "Begin a batch: readings")
    desk.press(page, "Other …")
    drawing = page.locator(".places svg")
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert box is not None
    scale = box["width"] / 320
    # When the reader taps up and out of the left breast's nipple (223, 112)
    page.touchscreen.tap(box["x"] + (223 + 20) * scale, box["y"] + (112 - 34.6) * scale)
    # Then clock and distance say so, in the fields and in words, and nothing runs off the screen
    expect(page.get_by_label("Clock, left")).to_have_value("1")
    expect(page.get_by_label("Cm from the nipple, left")).to_have_value("7")
    expect(page.locator(".places figcaption")).to_contain_text("Left breast, 1 o’clock, 7 cm from the nipple.")
    expect(page.get_by_label("Clock, right")).to_have_value("")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_owed_plan_follows_the_reason_chosen(front: Desk, room: Room) -> None:
    # Given a report from elsewhere that calls back and codes no finding
    patient = room.unit.report(coded=CALLED_LEFT, text="IMPRESSION: Grouped calcifications, left.")
    page = front.sit("radiologist", "/reading/")
    front.press(page, "Begin a batch: work-up answers and plans")
    expect(page.get_by_text("Grouped calcifications, left.")).to_be_visible()
    # When the radiologist says why
    page.get_by_label("Calcifications").check()
    if not front.scripted:
        front.press(page, "Show the plan for what I entered")
    # Then the plan for it is there to edit, and is signed
    expect(page.get_by_label("Magnification")).to_be_checked()
    page.get_by_role("group", name="Will she know that day?").get_by_label("Yes").check()
    front.press(page, "Sign: plan the call-back")
    expect(page.get_by_text("Your batch is at its end: 1 of 1.")).to_be_visible()
    assert "book_call_back" in room.unit.owes(patient)


def test_stopping_gives_back_what_is_held(front: Desk, room: Room) -> None:
    # Given a reader in a batch
    room.examined(hours_ago=60)
    page = begins(front)
    # When they stop
    front.go(page, "Reading room")
    expect(page.get_by_text("0 of 1 done.")).to_be_visible()
    front.press(page, "Stop, and give back what I hold")
    # Then a colleague is handed the case at once
    expect(page.get_by_text("What you had open was given back.")).to_be_visible()
    other = begins(front, "reader2")
    expect(other.get_by_text("1 of 1")).to_be_visible()


def test_a_slip_is_taken_back_from_the_next_case(front: Desk, room: Room) -> None:
    # Given a case signed by a slip, and the next one on screen
    first = room.examined(hours_ago=60)
    room.examined(hours_ago=30)
    page = begins(front)
    ready(room, page, front)
    page.get_by_label("b, scattered").check()
    front.press(page, "Benign")
    # When the reader opens the last one again and takes it back
    front.go(page, "open it again")
    page.get_by_label("Why it is taken back").fill("wrong key")
    front.press(page, "Take it back")
    # Then its reading is owed again, and the reader goes on
    expect(page.get_by_text("Taken back. Its reading is owed again.")).to_be_visible()
    assert room.exam(*first).reading.report is None
    front.press(page, "Go on reading")
    expect(page.get_by_text("1 of 2")).to_be_visible()
