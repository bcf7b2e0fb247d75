"""What a caller says: her reason, in her language, and nothing of it before she has said who she is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import translation

from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel
from closerlook.people.models import Patient
from closerlook.people.sites import site
from closerlook.portal import spoken
from closerlook.record import door
from tests.calls.calling import GRAVE, Caller, called_back, plan
from tests.desk.people import Unit
from tests.feeds.messages import CALLED_LEFT

Calls = Callable[..., Caller]
LANGUAGES = ("en", "es", "fr", "ar")
GIVES_AWAY = ("breast", "clinic", "mama", "mamograf", "sein", "mammo", "ثدي", "صور", "result", "Riverside", "biops")
"""What nobody but her may hear; in four languages."""
TOLD = {
    "en": "We need more pictures of your left breast.",
    "es": "mama izquierda",
    "fr": "sein gauche",
    "ar": "ثديك الأيسر",
}


def script(unit: Unit, patient: str, *, may_tell: bool = True) -> spoken.Script:
    history = door.look(patient)
    row = Patient.objects.get(pk=patient)
    return spoken.script(
        history.patient, row, site(), history.loops, caller="Ana Ruiz", now=unit.now, may_tell=may_tell
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_she_is_known_and_to_a_machine_nothing_is_given_away(unit: Unit, language: str) -> None:
    said = script(unit, called_back(unit, language=language))
    heard = " ".join((*said.greeting, *said.identity, *said.another, *said.voicemail)).lower()
    assert not [word for word in GIVES_AWAY if word in heard], heard
    assert "ana ruiz" in heard


@pytest.mark.parametrize("language", LANGUAGES)
def test_she_hears_her_reason_in_her_language(unit: Unit, language: str) -> None:
    said = script(unit, called_back(unit, language=language))
    assert (said.tag, said.direction) == (language, "rtl" if language == "ar" else "ltr")
    told = " ".join(said.told)
    assert TOLD[language] in told
    with translation.override(language):
        for sentence in ("This is not a diagnosis.", "You may bring someone with you."):
            assert translation.gettext(sentence) in said.told
        assert translation.gettext("You will know the result before you leave.") in said.told
    assert said.asks, "what that can be, what will be done"
    if language != "en":
        assert "You " not in told
        assert said.drafted


def test_another_language_is_said_in_english_with_an_interpreter(unit: Unit, caller: Calls) -> None:
    her = called_back(unit, language="pl")
    assert script(unit, her).tag == "en"
    page = caller().words(her)
    assert "Get an interpreter on the line first." in page
    assert "Polish" in page


def test_who_may_not_tell_a_result_is_given_no_word_of_it(unit: Unit) -> None:
    said = script(unit, called_back(unit), may_tell=False)
    assert said.told == ("Thank you. I am calling from Riverside Breast Clinic.",)
    assert said.asks == ()


def test_who_has_heard_her_result_is_told_why_she_is_rung(unit: Unit) -> None:
    her = called_back(unit)
    asked = "You have been asked back for more pictures of your left breast."
    assert asked not in script(unit, her).told, "the result says it"
    exam = next(iter(unit.state(her).episodes["e1"].exams))
    unit.take(her, "navigator", st.TellResult(exam=exam, channel=Channel.PHONE))
    assert asked in script(unit, her).told


def test_a_call_she_asked_for_says_so(unit: Unit) -> None:
    her = called_back(unit)
    unit.take(her, "desk", st.AskForCall())
    assert "You asked us to ring you." in script(unit, her).told


def test_the_nurse_begins_with_what_she_said(unit: Unit) -> None:
    her = called_back(unit)
    unit.take(her, "navigator", st.RecordNoToday(episode="e1"))
    assert any(said.startswith("You told us: not now.") for said in script(unit, her).told)


def test_after_a_visit_that_was_missed_nobody_is_blamed(unit: Unit) -> None:
    her = called_back(unit)
    at = unit.now + timedelta(days=1)
    unit.take(her, "navigator", st.BookVisit(episode="e1", starts_at=at, place="Hill"))
    unit.now += timedelta(days=2)
    unit.take(her, "navigator", st.RecordMissed(episode="e1"))
    assert "Your last visit did not work out. That happens." in script(unit, her).told


def test_where_a_sample_is_advised_nothing_comforts(unit: Unit) -> None:
    her = unit.report("G", number="MR400", name="Novak^Olga", accession="G1", coded=GRAVE)
    told = " ".join(script(unit, her).told)
    assert "needs a tissue sample (a biopsy) soon" in told
    assert "The area looks as if it could be cancer. Only the sample can tell for certain." in told
    for comfort in ("not a diagnosis", "do not have cancer", "cyst"):
        assert comfort not in told


def test_the_words_stand_on_the_page_in_her_direction(unit: Unit, caller: Calls) -> None:
    her = called_back(unit, language="ar")
    page = caller().look(her)
    assert '<div class="say" lang="ar" dir="rtl">' in page
    told = page.partition('class="told"')[2]
    before = page.partition('class="told"')[0]
    assert "ثديك الأيسر" in told
    assert "ثديك" not in before, "nothing of it before"


def test_pictures_that_are_not_planned_yet_are_told_without_a_day(unit: Unit) -> None:
    her = unit.report(coded=CALLED_LEFT)
    said = script(unit, her)
    assert "Shall we find a day now?" not in said.ending
    plan(unit, her)
    assert "Shall we find a day now?" in script(unit, her).ending
