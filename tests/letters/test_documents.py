"""A letter holds all that the rule asks for, in the right words for whom it is for, and never runs what it prints."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from closerlook.letters import documents
from closerlook.letters.provider import CATEGORY, DENSITY
from closerlook.pathway.events import Document, Purpose, SideAssessment
from closerlook.pathway.terms import (
    Assessment,
    Density,
    ExaminationKind,
    Plan,
    Recommendation,
    ReportStatus,
    Suspicion,
    Tissue,
)
from closerlook.people.models import Patient, Provider, Site
from tests.letters.story import LEFT, RIGHT, Story
from tests.letters.test_words import DENSE
from tests.look.html import Page

A = Assessment
LINK = "https://riverside.example/my/abcd-efgh-jkmn-pqrs-tuvw/"


@pytest.fixture
def write(olsen: Patient, site: Site) -> Any:
    def write_(story: Story, document: Document = Document.SUMMARY, **given: Any) -> Page:
        values = {"link_url": None, "report_text": None, "site": site, "patient_row": olsen, "now": story.now} | given
        file = documents.write(document, episode=story.episode, exam=story.exam, **values)
        page = Page(documents.read(file))
        assert page.faults == []
        return page

    return write_


def test_the_summary_holds_what_the_rule_asks_for(write: Any) -> None:
    said = write(Story().report(A.NEGATIVE, density=Density.D)).text
    for wanted in (
        "Marta Olsen", "Riverside Breast Clinic", "14 Quay Street", "Riverside, NY 10001", "555 0100", DENSE,
        "Monday 2 November 2026", "We saw no sign of cancer in your breasts.", "interpreter", "Ana Ruiz",
    ):  # fmt: skip
        assert wanted in said, wanted


def test_her_link_stands_there_to_be_typed_and_to_be_seen_by_a_camera(write: Any) -> None:
    page = write(Story().report(A.NEGATIVE), link_url=LINK)
    assert LINK in page.text
    assert page.all("svg")
    assert "Your own page" not in write(Story().report(A.NEGATIVE)).text


def test_a_summary_names_no_category_and_no_clinical_shorthand(write: Any) -> None:
    for assessment in A:
        said = write(Story().report((LEFT, assessment), provider=None)).text
        assert not re.search(r"BI-?RADS|abnormal|\bnegative|suspicious|malignan|categor", said, re.IGNORECASE), said


def test_nothing_in_a_letter_is_markup_that_should_be_text(write: Any, olsen: Patient) -> None:
    olsen.family = "<script>alert(1)</script>"
    story = Story().report(A.NEGATIVE, provider=None)
    evil = "IMPRESSION: <b onclick=x>none</b> & <script>1</script>"
    for document in Document:
        page = write(story, document, report_text=evil, link_url=LINK + "?<script>")
        assert page.all("script") == []
        assert page.all("b") == []
        assert "<script>alert(1)</script>" in page.text


def test_nothing_in_a_letter_is_inline_style_or_script(write: Any, outbox: Path) -> None:
    write(Story().report(A.NEGATIVE), link_url=LINK)
    for file in (outbox / "letters").iterdir():
        assert not re.search(r"<style|\sstyle=|\son\w+=", file.read_text())


def test_the_same_letter_twice_is_one_file(write: Any, outbox: Path) -> None:
    story = Story().report(A.NEGATIVE)
    write(story, link_url=LINK)
    write(story, link_url=LINK)
    assert len(list((outbox / "letters").iterdir())) == 1


def test_no_document_is_written_before_there_is_a_result(write: Any, outbox: Path) -> None:
    for document in Document:
        with pytest.raises(ValueError, match="no result yet"):
            write(Story().examined(), document)
    assert not outbox.exists()


# ---------------------------------------------------------------- the invitation


@pytest.fixture
def invite(olsen: Patient, site: Site) -> Any:
    def invite_(story: Story) -> Page:
        file = documents.invite(patient_row=olsen, episode=story.episode, site=site, now=story.now)
        page = Page(documents.read(file))
        assert page.faults == []
        return page

    return invite_


def watched() -> Story:
    story = Story().sampled().pathology(Tissue.BENIGN).weighed(follow_up=Plan.SHORT_INTERVAL).diagnosis_told()
    return story.invited(next(iter(story.patient.dated)))


INVITED = {
    "no time yet": lambda: Story().invited(),
    "a time": lambda: Story().invited().visit(Purpose.SCREENING, 14),
    "a planned check": watched,
    "missed once": lambda: Story().invited().visit(Purpose.SCREENING).missed(Purpose.SCREENING),
}


@pytest.mark.parametrize("tell", INVITED.values(), ids=list(INVITED))
def test_an_invitation_is_plain_whole_and_names_no_result(invite: Any, tell: Callable[[], Story]) -> None:
    said = invite(tell()).text
    for wanted in ("Marta Olsen", "22 Harbour Road", "555 0100", "new lump", "interpreter", "X-ray"):
        assert wanted in said, wanted
    assert not re.search(r"BI-?RADS|abnormal|categor|result|biops|tissue|missed|did not come|must", said), said
    body = said[said.index("Dear") :]
    for sentence in re.split(r"[.:!?]\s", body):
        assert len(sentence.split()) <= 28, sentence


def test_an_invitation_keeps_a_time_only_while_it_is_to_come(invite: Any) -> None:
    booked = Story().invited().visit(Purpose.SCREENING, 14)
    assert "We keep this time for you" in invite(booked).text
    assert "Riverside Clinic, 2nd floor" in invite(booked).text
    booked.now += timedelta(days=15)
    assert "We keep this time for you" not in invite(booked).text


def test_saying_no_is_offered_to_who_is_screened_and_not_for_a_planned_check(invite: Any) -> None:
    assert "It is your choice." in invite(Story().invited()).text
    said = invite(watched()).text
    assert "It is your choice." not in said
    assert "Please come even if you feel well." in said


# ---------------------------------------------------------------- the provider's report


@pytest.mark.parametrize("assessment", A)
def test_a_provider_reads_the_rules_own_words(write: Any, database: None, assessment: Assessment) -> None:
    Provider.objects.create(id="A|d1", family="Lind", given="Eva")
    story = Story().report((LEFT, assessment), (RIGHT, A.NEGATIVE), density=Density.C)
    said = write(story, Document.PROVIDER_REPORT, report_text="FINDINGS: as above.").text
    for wanted in (
        "Eva Lind", "Marta Olsen", "3 May 1968", "Screening mammogram", CATEGORY[assessment], CATEGORY[A.NEGATIVE],
        DENSITY[Density.C], "FINDINGS: as above.", "Riverside, NY 10001", "555 0100",
    ):  # fmt: skip
        assert wanted in said, wanted


def test_a_sub_label_stands_beside_the_words_and_never_alone(write: Any, database: None) -> None:
    stated = (SideAssessment(A.SUSPICIOUS, LEFT, Suspicion.LOW),)
    said = write(Story().report(sides=stated), Document.PROVIDER_REPORT).text
    assert "Suspicious (4A)" in said


def test_an_unknown_provider_still_gets_the_number_the_feed_gave(write: Any, database: None) -> None:
    assert "d1" in write(Story().report(A.NEGATIVE), Document.PROVIDER_REPORT).text


def test_who_named_no_provider_gets_the_full_report_herself_with_plain_words_first(write: Any) -> None:
    story = Story().report((LEFT, A.SUSPICIOUS), (RIGHT, A.BENIGN), provider=None)
    said = write(story, Document.PROVIDER_REPORT, report_text="IMPRESSION: suspicious.").text
    assert "Dear Marta Olsen" in said
    assert "22 Harbour Road" in said
    assert said.index("needs a tissue sample") < said.index("Suspicious")
    assert "IMPRESSION: suspicious." in said


def test_a_recommendation_is_the_readers_and_is_not_made_up(write: Any, database: None) -> None:
    surgeon = Story().report((LEFT, A.SUSPICIOUS), recommendation=Recommendation.SURGICAL_CONSULT)
    said = write(surgeon, Document.PROVIDER_REPORT).text
    assert "Surgical consultation." in said
    assert "Tissue sampling" not in said
    assert "Recommendation" not in write(Story().report(A.NEGATIVE), Document.PROVIDER_REPORT).text
    unsaid = write(Story().report((LEFT, A.SUSPICIOUS)), Document.PROVIDER_REPORT, report_text="Biopsy.").text
    assert "As stated in the report below." in unsaid


def test_an_amended_report_says_so(write: Any, database: None) -> None:
    story = Story().report(A.NEGATIVE)
    assert "amended" not in write(story, Document.PROVIDER_REPORT).text
    story.report((LEFT, A.INCOMPLETE_IMAGING), (RIGHT, A.NEGATIVE), status=ReportStatus.CORRECTED)
    assert "amended" in write(story, Document.PROVIDER_REPORT).text


def test_every_kind_of_examination_has_both_documents(write: Any, database: None) -> None:
    for kind in ExaminationKind:
        for document in Document:
            assert write(Story().report(A.BENIGN, kind=kind), document).text
