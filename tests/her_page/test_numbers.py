"""No figure stands on her page or in a letter that nobody can trace."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from django.test import Client

from closerlook.evidence.published import figures, shown_to_her
from closerlook.letters import words
from closerlook.letters.words import Setting
from closerlook.pathway import steps as st
from closerlook.pathway.loops import KINDS
from closerlook.pathway.protocol import load
from closerlook.pathway.terms import Assessment, FindingKind, ReportStatus
from closerlook.people.models import Patient, Site
from closerlook.portal.parts import State
from tests.her_page.reading import page, said
from tests.her_page.test_states import STORIES
from tests.her_page.told import Told
from tests.letters.story import LEFT, Story

Enter = Callable[..., Client]
OURS = re.compile(
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?"
    r"|\b\d{1,2}:\d{2}\b|\b555[ -]\d{4}\b|\b2nd floor\b"
)
"""Days, times, the clinic's number and its floor: hers and the clinic's own, not figures."""
FIGURE = re.compile(r"\d+")


@pytest.mark.parametrize("state", STORIES, ids=lambda state: state.value)
def test_the_words_of_a_state_hold_no_figure(state: State) -> None:
    for tell in STORIES[state]:
        for coded in (False, True):
            assert FIGURE.findall(OURS.sub("", said(page(tell(), coded=coded)))) == []


@pytest.mark.parametrize("state", STORIES, ids=lambda state: state.value)
def test_the_words_of_a_summary_hold_no_figure(state: State) -> None:
    setting = Setting("America/New_York", "555 0140", date(2026, 11, 4))
    for tell in STORIES[state]:
        story: Story = tell()
        for episode in story.patient.episodes.values():
            for exam in episode.exams.values():
                if exam.result is not None:
                    summary = str(words.summary(exam, episode, setting)).replace("within 30 days", "")  # MQSA-D5
                    assert FIGURE.findall(OURS.sub("", summary).partition("when=")[0]) == []


def numbers_on(client: Client) -> str:
    html = unescape(client.get("/my/").content.decode())
    found = re.search(r'<details class="numbers">.*?</details>\s*</details>', html, re.DOTALL)
    return found[0] if found else ""


def test_every_number_she_taps_open_names_rows_that_may_be_shown_to_her(enter: Enter, told: Told) -> None:
    told.called_back(reasons=(FindingKind.CALCIFICATIONS,)).booked()
    shown = numbers_on(enter())
    rows = {row for group in re.findall(r'data-(?:rows|source)="([^"]+)"', shown) for row in group.split()}
    assert rows
    for row in rows:
        assert shown_to_her(figures()[row])
        assert figures()[row].population.country == "US"
    traced = re.sub(r'<(\w+)[^>]*\sdata-(?:rows|source)="[^"]*"[^>]*>.*?</\1>', "", shown, flags=re.DOTALL)
    assert FIGURE.findall(re.sub(r"<[^>]+>", "", traced)) == []


def test_the_numbers_follow_the_clinics_country(enter: Enter, told: Told, site: Site) -> None:
    Site.objects.filter(pk=site.pk).update(zone="Europe/London")
    told.called_back().booked()
    shown = numbers_on(enter())
    assert "England" in shown or "United Kingdom" in shown
    assert "United States" not in shown


def test_a_country_without_figures_shows_none(enter: Enter, told: Told, site: Site) -> None:
    Site.objects.filter(pk=site.pk).update(zone="Asia/Kolkata")
    told.called_back().booked()
    assert numbers_on(enter()) == ""


def test_no_number_of_the_called_back_is_shown_to_a_man_nor_once_a_sample_is_advised(
    enter: Enter, told: Told, olsen: Patient
) -> None:
    told.called_back(ultrasound=True).booked()
    assert numbers_on(enter()) != ""
    Patient.objects.filter(pk=olsen.pk).update(sex="M")
    assert numbers_on(enter()) == ""
    Patient.objects.filter(pk=olsen.pk).update(sex="F")
    told.worked_up((LEFT, Assessment.SUSPICIOUS))
    for coded in (False, True):
        assert numbers_on(enter(coded=coded)) == ""


@pytest.mark.parametrize("known", ["symptom", "hands", "cancer", "change"])
def test_no_number_of_the_called_back_is_shown_to_whom_more_is_known_of(enter: Enter, told: Told, known: str) -> None:
    told.called_back(reasons=(FindingKind.CLINICAL,) if known == "hands" else ()).booked()
    if known == "symptom":
        told.take(st.ReportSymptom(episode="e1", what="lump", side=LEFT))
    elif known == "cancer":
        told.take(st.RecordIntervalCancer(found_on=told.day(-5), side=LEFT))
    elif known == "change":
        told.report(Assessment.NEGATIVE, status=ReportStatus.CORRECTED)
    her = enter()
    assert numbers_on(her) == ""
    assert "Most women who are asked back" not in her.get("/my/").content.decode()


def test_no_number_is_shown_where_unclear_pictures_are_made_again(enter: Enter, told: Told) -> None:
    told.called_back(reasons=(FindingKind.TECHNICAL,), technical=True).booked()
    assert numbers_on(enter()) == ""


@pytest.mark.parametrize("name", ["us", "uk", "eu"])
@pytest.mark.parametrize("kind", ["call_her", "nurse_call"])
def test_the_next_working_day_that_pages_promise_is_what_the_rules_owe(name: str, kind: str) -> None:
    """“On the next working day at the latest” stands on her page in so many words."""
    due = load(name, zone="UTC", kinds=frozenset(KINDS)).row(kind, "").due
    assert (due.unit, due.count) == ("wd", 1)
