"""A patient's page: what is owed first, the urgent on top, the ladder, and a story that hides nothing."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import expect

from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, Outcome
from closerlook.people.models import Patient
from tests.desk.people import Desk, Unit
from tests.feeds.messages import CALLED_LEFT, DIAGNOSTIC_LEFT

Sit = Callable[[str], Client]
SUSPECT_LEFT = (("BIRADSL^BI-RADS Assessment left^L", "4B^Suspicious^L"),)


@pytest.fixture
def patient(unit: Unit) -> str:
    return unit.report(coded=CALLED_LEFT)


def text(client: Client, patient: str) -> str:
    page = client.get(f"/patient/{patient}/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())


def called(unit: Unit, patient: str, outcome: Outcome) -> None:
    unit.now += timedelta(days=1)
    unit.take(patient, "nurse", st.RecordContact(episode="e1", channel=Channel.PHONE, outcome=outcome))


def test_the_ladder_says_what_was_tried_and_what_is_next(unit: Unit, patient: str, sit: Sit) -> None:
    assert "attempts" not in text(sit("navigator"), patient)
    called(unit, patient, Outcome.NO_ANSWER)
    assert "1 attempt, the last by phone: no answer; next: second call, now" in text(sit("navigator"), patient)
    for outcome in (Outcome.VOICEMAIL, Outcome.NO_ANSWER):
        called(unit, patient, outcome)
    unit.take(patient, "nurse", st.RecordContact(episode="e1", channel=Channel.TEXT, outcome=Outcome.SENT))
    said = text(sit("navigator"), patient)
    assert "4 attempts, the last by text: sent; next: letter, from " in said
    assert re.search(r"next: letter, from \d+ November 2026", said)


def test_each_matter_has_one_button_and_the_first_is_the_main_one(desk: Desk, patient: str) -> None:
    page = desk.sit("navigator", f"/patient/{patient}/")
    matters = page.locator("section.matter")
    assert matters.count() >= 2
    for matter in matters.all():
        assert matter.locator("a.button").count() <= 1
    expect(page.locator("a.button.main")).to_have_count(1)
    expect(matters.first.locator("a.button.main")).to_have_count(1)


def test_what_is_urgent_stands_on_top(unit: Unit, patient: str, sit: Sit) -> None:
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    unit.take(patient, "radiologist", st.DecideCallBack(exam=exam))
    unit.report("M2", accession="A2", procedure=DIAGNOSTIC_LEFT, performed_at=unit.now, coded=SUSPECT_LEFT)
    said = text(sit("radiologist"), patient)
    matters = said.partition("What is owed")[2].partition("Rounds")[0]
    assert "urgent" in matters[: matters.index("Due")]


def test_a_fact_told_later_shows_both_moments(unit: Unit, patient: str, sit: Sit) -> None:
    said = text(sit("navigator"), patient)
    assert "Monday 2 November, 06:00 recorded Monday 2 November, 09:00 Screening mammogram performed" in said


def test_what_was_entered_in_error_is_marked_and_never_hidden(unit: Unit, patient: str, desk: Desk) -> None:
    called(unit, patient, Outcome.REACHED)
    page = desk.sit("manager", f"/patient/{patient}/")
    desk.go(page, "Entered in error")
    page.get_by_label("Attempt by phone: reached.").check()
    page.get_by_label("Reason").fill("wrong patient")
    desk.press(page, "Record: entered in error")
    row = page.get_by_role("row").filter(has_text="Attempt by phone: reached.")
    expect(row.get_by_text("entered in error")).to_be_visible()
    assert not unit.state(patient).episodes["e1"].contact.attempts


def test_who_did_it_is_said_by_name_and_role(unit: Unit, patient: str, sit: Sit) -> None:
    called(unit, patient, Outcome.NO_ANSWER)
    said = text(sit("navigator"), patient)
    assert "Attempt by phone: no answer. Ruth Osei, clinician and nurse" in said
    assert "feed RIVERIS|RIVERSIDE" in said


def test_her_wishes_stand_before_everything_that_is_owed(unit: Unit, patient: str, sit: Sit) -> None:
    Patient.objects.filter(pk=patient).update(safe_contact="Only her work phone. No voicemail.", language="es")
    said = text(sit("navigator"), patient)
    assert said.index("Only her work phone") < said.index("What is owed")
    assert "born 3 May 1968 (58)" in said
    assert "Spanish" in said


def test_what_others_see_to_is_there_but_quiet(unit: Unit, patient: str, desk: Desk) -> None:
    page = desk.sit("navigator", f"/patient/{patient}/")
    quiet = page.get_by_text("that others see to")
    expect(page.get_by_text("A radiologist decides which further pictures are needed.")).to_be_hidden()
    quiet.click()
    expect(page.get_by_text("A radiologist decides which further pictures are needed.")).to_be_visible()


def test_a_patient_known_without_a_round_has_a_page(unit: Unit, patient: str, sit: Sit) -> None:
    row = Patient.objects.get(pk=patient)
    row.pk = "pnobody22222222"
    row.save(force_insert=True)
    said = text(sit("desk"), row.pk)
    assert "Nothing is owed now." in said
    assert "No round yet." in said


def test_after_a_death_nothing_is_offered_that_needs_her(unit: Unit, patient: str, sit: Sit) -> None:
    unit.take(patient, "desk", st.RecordDeath(died_on=unit.now.date()))
    said = text(sit("desk"), patient)
    assert "died 2 November 2026" in said
    assert "Record an attempt" not in said
    assert "She has died" not in said
