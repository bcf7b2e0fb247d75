"""The awkward moments: two tabs, a second click, a form left half empty, a page that is not for this person."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import expect

from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, Outcome
from tests.desk.people import PASSWORD, Desk, Unit
from tests.feeds.messages import CALLED_LEFT


@pytest.fixture
def patient(unit: Unit) -> str:
    """Someone called back, whose call-back is planned."""
    found = unit.report(coded=CALLED_LEFT)
    unit.take(found, "radiologist", st.DecideCallBack(exam=exam_of(unit, found), ultrasound=True))
    return found


def exam_of(unit: Unit, patient: str) -> str:
    return next(iter(unit.state(patient).episodes["e1"].exams))


def attempts(unit: Unit, patient: str) -> int:
    return len(unit.state(patient).episodes["e1"].contact.attempts)


def test_of_two_tabs_the_second_is_told_and_can_go_on(desk: Desk, unit: Unit, patient: str) -> None:
    # Given the same form in two tabs
    first = desk.sit("navigator", f"/patient/{patient}/do/BookVisit/?subject=e1")
    second = desk.sit("nurse", f"/patient/{patient}/do/RecordContact/?subject=e1")
    first.get_by_label("Day and time").fill("2026-11-05T09:00")
    second.get_by_label("Phone").check()
    second.get_by_label("Voicemail").check()
    # When both are sent
    desk.press(first, "Record: book the visit")
    desk.press(second, "Record: record an attempt")
    # Then the second learns of it, with what was entered still there, and nothing was recorded
    expect(second.get_by_role("alert")).to_contain_text("Someone has changed this record since you opened it")
    expect(second.get_by_label("Voicemail")).to_be_checked()
    assert attempts(unit, patient) == 0
    # And sent again it is recorded
    desk.press(second, "Record: record an attempt")
    expect(second.get_by_text("Recorded: record an attempt.")).to_be_visible()
    assert attempts(unit, patient) == 1


def test_a_double_click_records_once(desk: Desk, unit: Unit, patient: str) -> None:
    page = desk.sit("navigator", f"/patient/{patient}/do/RecordContact/?subject=e1")
    page.get_by_label("Phone").check()
    page.get_by_label("No answer").check()
    page.get_by_role("button", name="Record: record an attempt").dblclick()
    expect(page.get_by_text("Attempt by phone: no answer.")).to_be_visible()
    assert attempts(unit, patient) == 1


def test_who_goes_back_to_a_form_reads_what_was_recorded(desk: Desk, unit: Unit, patient: str) -> None:
    page = desk.sit("navigator", f"/patient/{patient}/do/RecordContact/?subject=e1")
    page.get_by_label("Phone").check()
    page.get_by_label("No answer").check()
    desk.press(page, "Record: record an attempt")
    page.go_back()
    page.reload()
    desk.check(page)
    expect(page.get_by_text("You recorded something here a moment ago")).to_be_visible()
    expect(page.get_by_text("Attempt by phone: no answer.")).to_be_visible()


def test_the_same_form_sent_again_changes_nothing(sit: Callable[[str], Client], unit: Unit, patient: str) -> None:
    sent = {"seen": unit.state(patient).version, "key": "k1", "channel": "phone", "outcome": "no_answer"}
    path = f"/patient/{patient}/do/RecordContact/?subject=e1"
    for _ in range(2):
        assert sit("navigator").post(path, sent).status_code == 302
    assert attempts(unit, patient) == 1


def test_what_is_missing_is_listed_and_leads_to_its_field(desk: Desk, patient: str) -> None:
    page = desk.sit("navigator", f"/patient/{patient}/do/BookVisit/?subject=e1")
    page.get_by_label("Place").fill("")
    desk.press(page, "Record: book the visit")
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("2 things to put right")
    expect(summary).to_contain_text("Day and time: Give a day and a time.")
    summary.get_by_role("link", name="Place").click()
    expect(page.get_by_label("Place")).to_be_focused()
    expect(page.get_by_label("Place")).to_have_attribute("aria-invalid", "true")


def test_a_choice_that_is_missing_leads_to_its_group(desk: Desk, patient: str) -> None:
    page = desk.sit("navigator", f"/patient/{patient}/do/RecordContact/?subject=e1")
    desk.press(page, "Record: record an attempt")
    page.get_by_role("alert").get_by_role("link", name="How it ended").click()
    expect(page.get_by_role("group", name="How it ended")).to_be_focused()


def test_a_refusal_says_why_on_the_form(desk: Desk, patient: str) -> None:
    page = desk.sit("navigator", f"/patient/{patient}/do/BookVisit/?subject=e1")
    page.get_by_label("Day and time").fill("2026-10-05T09:00")
    desk.press(page, "Record: book the visit")
    expect(page.get_by_role("alert")).to_contain_text("Choose a time that is still to come.")
    expect(page.get_by_label("Day and time")).to_have_value("2026-10-05T09:00")


def test_a_role_that_may_not_reads_for_whom_it_is(desk: Desk, patient: str) -> None:
    page = desk.sit("technologist", f"/patient/{patient}/do/DecideCallBack/?subject=e1")
    expect(page.get_by_text("Your role may not do this. It is for: radiologist.")).to_be_visible()
    desk.go(page, "Back to her record")


def test_an_account_without_a_role_can_only_sign_out(desk: Desk) -> None:
    page = desk.open("/")
    page.get_by_label("Name").fill("stranger")
    page.get_by_label("Password").fill(PASSWORD)
    desk.press(page, "Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not for this account")
    desk.press(page, "Sign out")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_who_is_signed_out_signs_in_and_comes_back(desk: Desk, patient: str) -> None:
    page = desk.sit("navigator", f"/patient/{patient}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Marta Olsen")
    desk.press(page, "Sign out")
    page.goto(f"{desk.address}/patient/{patient}/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_wrong_password_says_what_to_check(desk: Desk) -> None:
    page = desk.open("/")
    desk.press(page, "Sign in")
    expect(page.get_by_role("alert")).to_contain_text("Write your password.")
    page.get_by_label("Name").fill("navigator")
    page.get_by_label("Password").fill("wrong")
    desk.press(page, "Sign in")
    expect(page.get_by_role("alert")).to_contain_text("This name and password do not belong together.")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(unit: Unit, elsewhere: str) -> None:
    sent = {"login": "navigator", "password": PASSWORD, "next": elsewhere}
    assert Client().post("/sign-in/", sent)["Location"] == "/"


def test_her_link_opens_the_question_for_her_birth_date(desk: Desk, patient: str) -> None:
    page = desk.sit("navigator", f"/patient/{patient}/")
    desk.press(page, "Make her a personal link")
    link = page.get_by_role("link", name="/my/").inner_text()
    hers = desk.open(link.removeprefix(desk.address))
    expect(hers.get_by_role("heading", name="When were you born?")).to_be_visible()


def test_a_letter_can_be_looked_at(desk: Desk, unit: Unit, patient: str, letters: Callable[[], int]) -> None:
    letters()
    page = desk.sit("desk", "/post/")
    page.get_by_role("row").filter(has_text="Written summary").get_by_role("link", name="Look").click()
    expect(page.get_by_text("Marta Olsen").first).to_be_visible()


def test_the_keyboard_skips_to_the_form_and_sees_where_it_is(desk: Desk, patient: str) -> None:
    page = desk.sit("navigator", f"/patient/{patient}/do/RecordContact/?subject=e1")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the main part")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Phone")).to_be_checked()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "light")])
def test_every_page_fits_and_is_readable(
    desk: Desk, unit: Unit, patient: str, letters: Callable[[], int], width: int, scheme: str
) -> None:
    letters()
    unit.take(patient, "nurse", st.RecordContact(episode="e1", channel=Channel.PHONE, outcome=Outcome.VOICEMAIL))
    message = unit.aside(b"MSH|^~\\&|RIVERIS|RIVERSIDE|A|B|2026").id
    page = desk.sit("radiologist", viewport={"width": width, "height": 800}, color_scheme=scheme)
    pages = ["/?who=everyone", "/post/", "/set-aside/", "/ledger/", f"/patient/{patient}/", f"/set-aside/{message}/",
             f"/patient/{patient}/do/DecideCallBack/?subject=e1", "/find/", "/nowhere/"]  # fmt: skip
    for path in pages:
        page.goto(desk.address + path)
        desk.check(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
