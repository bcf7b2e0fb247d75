"""From a text that says nothing to a visit she has her questions ready for: her telephone, and people at the desk."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import vobject
from django.conf import settings
from playwright.sync_api import Page, expect

from closerlook.letters import texts
from closerlook.pathway import steps as st
from closerlook.pathway.terms import FindingKind, Laterality
from closerlook.people.models import Patient
from closerlook.portal import links
from tests.desk.conftest import address, desk, letters, sessions_last, unit
from tests.desk.people import Desk, Unit
from tests.feeds.messages import CALLED_LEFT
from tests.quality import paper
from tests.quality.looking import fits
from tests.servers import AccessibilityCheck

__all__ = ["address", "desk", "letters", "sessions_last", "unit"]
PHONE = {"width": 360, "height": 740}
OFFERED = (
    "Which pictures will be taken, and how long does it take?",
    "Does it cost me anything?",
)
OWN = "May my sister sit with me while it is done?"
RESULT = ("breast", "result", "picture", "cancer", "asked back", "http", "/my/")


@pytest.fixture
def called_back(unit: Unit, letters: Callable[[], int]) -> str:
    """A patient whose call-back is planned; the worker has done what is due. Returns her id."""
    patient = unit.report(coded=CALLED_LEFT, text="IMPRESSION: Calcifications, left. Magnification views.")
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    plan = st.DecideCallBack(
        exam=exam, sides=(Laterality.LEFT,), reasons=(FindingKind.CALCIFICATIONS,), answer_same_day=True
    )
    unit.take(patient, "radiologist", plan)
    letters()
    return patient


def test_from_a_text_to_a_visit_with_her_questions_ready(
    unit: Unit, desk: Desk, called_back: str, open_page: Callable[..., Page], axe: AccessibilityCheck
) -> None:
    # Given a text that tells whoever sees it nothing, and a letter with her link
    row = Patient.objects.get(pk=called_back)
    texts.put(row.phone, site=row.site, now=unit.now)
    _says_nothing(_only_text())
    link = links.issue(row, unit.now, row.site)
    # When she opens the link on her telephone and gives her date of birth
    phone = open_page(viewport=PHONE)
    phone.goto(link)
    assert link.rpartition("my/")[2].strip("/") not in phone.url
    _give_birth_date(phone)
    # Then she reads what it is, that it is no diagnosis, and whom to ask
    heading = phone.get_by_role("heading", level=1)
    expect(heading).to_have_text("You have been asked back for more pictures of your left breast.")
    expect(phone.get_by_text("This is not a diagnosis.")).to_be_visible()
    for check in (axe, fits):
        check(phone)
    # When she asks to be rung, in the afternoon
    phone.get_by_label("When is a good time?").select_option("afternoon")
    phone.get_by_role("button", name="Ask us to ring me").click()
    expect(phone.get_by_role("heading", name="You have asked us to ring you.")).to_be_visible()
    # And the navigator rings her and books a visit
    when = _ring_and_book(desk, unit)
    # Then she finds day and place when she opens her link again, and says that she will come
    phone.goto(link)
    _give_birth_date(phone)
    assert phone.locator(".visit .when").inner_text() == when
    expect(phone.locator(".visit")).to_contain_text("2nd floor")
    phone.get_by_role("button", name="Yes, I will come").click()
    expect(phone.get_by_text("You have told us that you will come.")).to_be_visible()
    assert "You have asked us to ring you." not in phone.content()
    # When she keeps two questions that others ask and one of her own, writes down her mother, and shares it
    phone.get_by_role("link", name="Your notebook").click()
    _fill_notebook(phone)
    # Then the navigator reads it before the visit, and says so
    _read(desk, unit, called_back)
    # And she has it on paper and the visit in her calendar
    phone.goto(link)
    _give_birth_date(phone)
    phone.get_by_role("link", name="Your notebook").click()
    said = paper.words(phone.pdf(format="A4"))
    for question in (*OFFERED, OWN):
        assert "".join(question.split()) in said
    assert "Remove" not in said
    phone.get_by_role("link", name="Back to your page").click()
    with phone.expect_download() as waiting:
        phone.get_by_role("link", name="Add it to my calendar").click()
    event = vobject.readOne(Path(waiting.value.path()).read_text()).vevent
    assert event.dtstart.value.astimezone(UTC) == datetime(2026, 11, 5, 15, tzinfo=UTC)
    assert "breast" not in event.summary.value.lower().replace("riverside breast clinic", "")
    # And everything she was owed by then has been done
    assert not {"answer_request", "return_call", "read_notes"} & set(unit.owes(called_back))


def _only_text() -> str:
    (file,) = (Path(settings.DATA_DIR) / "outbox/texts").iterdir()
    return str(json.loads(file.read_text())["body"])


def _says_nothing(text: str) -> None:
    assert text.startswith("You have a message from Riverside Breast Clinic.")
    about = text.replace("Riverside Breast Clinic", "").lower()
    assert not [word for word in RESULT if word in about], text


def _give_birth_date(phone: Page) -> None:
    phone.get_by_label("Month").select_option("5")
    phone.get_by_label("Day").fill("3")
    phone.get_by_label("Year").fill("1968")
    phone.get_by_role("button", name="Open my page").click()


def _ring_and_book(desk: Desk, unit: Unit) -> str:
    unit.now += timedelta(minutes=30)
    page = desk.sit("navigator")
    desk.row(page, "Ring her: she asked for it", "Open")
    desk.go(page, "Rang her, as she asked")
    page.get_by_role("group", name="How").get_by_label("Phone").check()
    desk.press(page, "Record: ")
    expect(page.get_by_text("Recorded: ")).to_be_visible()
    desk.go(page, "Book the visit")
    page.get_by_label("Day and time").fill("2026-11-05T09:00")
    page.get_by_label("Place").fill("Riverside Clinic, 2nd floor")
    desk.press(page, "Record: book the visit")
    expect(page.get_by_text("Recorded: book the visit.")).to_be_visible()
    unit.now += timedelta(minutes=30)
    return "Thursday 5 November, 09:00"


def _fill_notebook(phone: Page) -> None:
    for question in OFFERED:
        phone.get_by_text("Questions that others ask").click()
        phone.get_by_role("listitem").filter(has_text=question).get_by_role("button").click()
    phone.get_by_label("Write a question").fill(OWN)
    phone.locator("#question").get_by_role("button", name="Keep this").click()
    phone.get_by_text("Add someone of your family").click()
    phone.get_by_label("Who?").select_option("mother")
    phone.get_by_label("What did they have?").select_option("breast")
    phone.get_by_label("How old were they when it was found?").fill("61")
    phone.locator("#family").get_by_role("button", name="Keep this").click()
    expect(phone.get_by_role("img", name="Your family")).to_be_visible()
    phone.get_by_role("button", name="Share my notebook with the clinic").click()
    expect(phone.get_by_text("You share this with the clinic.")).to_be_visible()


def _read(desk: Desk, unit: Unit, patient: str) -> None:
    unit.now += timedelta(hours=2)
    page = desk.sit("navigator")
    desk.row(page, "Read what she wrote for her visit", "Open")
    for words in (*OFFERED, OWN, "mother: breast cancer, found at 61"):
        expect(page.get_by_text(words)).to_be_visible()
    desk.go(page, "Did what she asked for")
    page.get_by_label("How that is known").fill("read, and her questions noted for the visit")
    desk.press(page, "Record: ")
    assert "read_notes" not in unit.owes(patient)
