"""Her letter says every result for every breast, in plain words, and comforts nobody whom a sample awaits."""

import itertools
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from closerlook.letters import provider, results, words
from closerlook.letters.sentences import ASKED_BACK, RESULT, SAMPLES, WHAT_IT_CAN_BE, WHY, Means, Which
from closerlook.letters.words import Setting, Summary
from closerlook.pathway import steps as st
from closerlook.pathway.events import Document, Finding, FindingAnswer, Purpose
from closerlook.pathway.terms import (
    Assessment,
    Density,
    ExaminationKind,
    FindingKind,
    Laterality,
    Recommendation,
    Tissue,
)
from tests.letters.story import LEFT, RIGHT, Story

A = Assessment
HERE = Setting("America/New_York", "555 0100", Story().now.date())
SIDES: tuple[Laterality | None, ...] = (LEFT, RIGHT, None)
COMFORT = re.compile(
    r"nothing to worry|not a diagnosis|often .{0,12}cyst|do not have cancer|nothing more is needed|harmless.* in the",
    re.IGNORECASE,
)
UNEXPLAINED = re.compile(
    r"abnormal|negative|positive|BI-?RADS|categor|lesion|malignan|benign|assessment|\b[0-6][ABC]?\b(?! November)"
    r"|\b(?:she|her|hers|patient)\b",
    re.IGNORECASE,
)


def letter(story: Story, setting: Setting = HERE) -> Summary:
    return words.summary(story.exam, story.episode, setting)


def text(summary: Summary) -> str:
    return " ".join(summary.sentences)


# ---------------------------------------------------------------- every result has words


@pytest.mark.parametrize(("side", "assessment"), list(itertools.product(SIDES, A)))
@pytest.mark.parametrize("kind", ExaminationKind)
def test_every_category_of_every_breast_has_words(
    kind: ExaminationKind, side: Laterality | None, assessment: Assessment
) -> None:
    summary = letter(Story().report((side, assessment), kind=kind))
    assert summary.results
    assert summary.next
    assert summary.about
    if side is not None:
        assert f"your {side} breast" in summary.results[0]
    assert not UNEXPLAINED.search(re.sub(r"\d+ November 2026|\d+ December 2026|555 0100|30 days", "", text(summary)))


def test_every_table_of_sentences_is_full() -> None:
    assert {what: set(row) for what, row in RESULT.items()} == {what: set(Which) for what in Means}
    assert set(ASKED_BACK) == set(Which)
    assert set(WHY) == set(WHAT_IT_CAN_BE) == set(FindingKind)


@pytest.mark.parametrize(
    ("assessment", "said"),
    [
        (A.NEGATIVE, "We saw no sign of cancer in your breasts."),
        (A.BENIGN, "We saw something harmless in your breasts, and no sign of cancer."),
        (A.INCOMPLETE_IMAGING, "We need more pictures of both your breasts."),
        (A.INCOMPLETE_PRIORS, "We want to compare your pictures with your older pictures first."),
        (A.SUSPICIOUS, "We saw areas in both your breasts that need a tissue sample (a biopsy)."),
    ],
)
def test_two_breasts_alike_share_one_sentence(assessment: Assessment, said: str) -> None:
    assert letter(Story().report(assessment)).results == (said,)


def test_different_breasts_have_different_results_and_what_asks_most_comes_first() -> None:
    story = Story().report((RIGHT, A.NEGATIVE), (LEFT, A.INCOMPLETE_IMAGING))
    assert letter(story).results == (
        "We need more pictures of your left breast.",
        "We saw no sign of cancer in your right breast.",
    )


def test_a_side_nobody_stated_is_not_guessed() -> None:
    assert letter(Story().report((None, A.INCOMPLETE_IMAGING))).results == ("We need more pictures.",)
    assert letter(Story().report((None, A.NEGATIVE))).results == ("We saw no sign of cancer in your breasts.",)
    one = Story().report((None, A.NEGATIVE), kind=ExaminationKind.ULTRASOUND, exam_sides=(LEFT,))
    assert letter(one).results == ("We saw no sign of cancer in your left breast.",)


def test_no_letter_is_written_before_there_is_a_result() -> None:
    with pytest.raises(ValueError, match="no result yet"):
        letter(Story().examined())


# ---------------------------------------------------------------- the same words mean different things


def test_a_3_at_screening_asks_for_more_pictures_and_after_the_work_up_for_a_later_look() -> None:
    screening = letter(Story().report((LEFT, A.PROBABLY_BENIGN)))
    assert screening.results == ("We need more pictures of your left breast.",)
    assert "six months" not in text(screening)
    later = letter(Story().called_back(ultrasound=True).worked_up((LEFT, A.PROBABLY_BENIGN)))
    assert later.results == ("We saw something in your left breast that is very likely harmless.",)
    assert "six months" in text(later)


def test_a_normal_result_rules_nothing_out_and_says_what_to_do_about_a_change() -> None:
    summary = letter(Story().report(A.NEGATIVE))
    assert "No picture of the breast can rule out cancer completely." in summary.take_care
    assert "new lump" in summary.take_care[1]
    assert "Do not wait" in summary.take_care[1]


def test_being_asked_back_is_not_a_diagnosis_and_says_why() -> None:
    summary = letter(Story().called_back(reasons=(FindingKind.CALCIFICATIONS,)))
    assert summary.next[:3] == (
        "This is not a diagnosis.",
        "Why: small calcium specks that need a magnified view.",
        "Most women who are asked back do not have cancer.",
    )


def test_a_man_is_not_told_about_women() -> None:
    him = Setting(HERE.zone, HERE.phone, HERE.today, man=True)
    assert "women" not in text(letter(Story().called_back(ultrasound=True), him))


def test_a_booked_visit_stands_in_the_letter_and_a_past_one_does_not() -> None:
    story = Story().called_back(ultrasound=True).booked(days=3)
    first = next(iter(story.episode.exams.values()))
    assert "Your visit: Thursday 5 November 2026, 13:00, Riverside Clinic, 2nd floor." in text(letter(story))
    afterwards = Setting(HERE.zone, HERE.phone, HERE.today.replace(day=20))
    assert "Your visit" not in text(words.summary(first, story.episode, afterwards))


def test_older_pictures_have_a_last_day() -> None:
    assert "by Wednesday 2 December 2026 at the latest" in text(letter(Story().report(A.INCOMPLETE_PRIORS)))


def test_a_symptom_is_not_answered_by_a_normal_picture() -> None:
    story = Story().report(A.NEGATIVE)
    story.take(st.ReportSymptom(episode=story.episode.id, what="lump", side=LEFT))
    assert "These pictures alone do not answer that" in text(letter(story))
    assert "Nothing more is needed" not in text(letter(story))


@pytest.mark.parametrize("advice", [advice for advice in Recommendation if advice is not Recommendation.ROUTINE])
def test_what_the_reader_asks_for_beyond_a_calm_result_is_never_left_out(advice: Recommendation) -> None:
    summary = letter(Story().report(A.BENIGN, recommendation=advice))
    assert "Even so, the doctor who read your pictures" in text(summary)
    assert "Nothing more is needed" not in text(summary)


# ---------------------------------------------------------------- taken again, and tissue taken since


def test_pictures_to_be_taken_again_are_no_finding() -> None:
    blurred = Finding("f-blur", FindingKind.TECHNICAL, LEFT, "MLO", A.INCOMPLETE_IMAGING)
    story = Story().report((LEFT, A.INCOMPLETE_IMAGING), (RIGHT, A.NEGATIVE), findings=(blurred,))
    said = text(letter(story))
    assert "not clear enough to read" in said
    assert "That says nothing about your breasts." in said
    assert "diagnosis" not in said
    assert "do not have cancer" not in said


def test_a_3_at_a_repeat_asks_for_more_pictures_as_at_screening() -> None:
    repeat = letter(Story().report((LEFT, A.PROBABLY_BENIGN), kind=ExaminationKind.TECHNICAL_REPEAT))
    assert repeat.results == ("We need more pictures of your left breast.",)


def test_a_letter_printed_after_the_sample_says_that_it_was_taken_and_not_what_it_showed() -> None:
    assert "arranges the sample" in text(letter(Story().to_sample()))
    for story in (Story().sampled(), *(Story().sampled().pathology(tissue) for tissue in Tissue)):
        said = text(letter(story))
        assert "The sample has been taken since." in said
        assert "arranges the sample" not in said
        assert not COMFORT.search(said)


def test_a_letter_printed_after_no_sample_was_needed_says_so() -> None:
    story = Story().to_sample()
    story.take(st.RecordNoTissue(finding=list(story.episode.findings)[-1], why="a cyst, emptied"))
    assert "found that no sample is needed" in text(letter(story))


# ---------------------------------------------------------------- a corrected result


def test_a_corrected_result_says_that_the_earlier_letter_was_wrong() -> None:
    story = Story().report(A.NEGATIVE).sent()
    assert letter(story).corrects == ()
    story.report((LEFT, A.INCOMPLETE_IMAGING), (RIGHT, A.NEGATIVE))
    assert story.exam.telling.change
    assert "The earlier letter was wrong." in " ".join(letter(story).corrects)
    story.told()  # the letter may leave only after the call
    assert "The earlier letter was wrong." in " ".join(letter(story).corrects)


# ---------------------------------------------------------------- where a sample is advised


def with_a_sample(assessment: Assessment) -> list[Story]:
    worked_up = Story().called_back(ultrasound=True).worked_up((LEFT, assessment))
    finding = Finding("f1", FindingKind.MASS, LEFT, "2 o'clock", assessment)
    return [
        Story().report((LEFT, assessment), (RIGHT, A.NEGATIVE), density=Density.C),
        Story().report((None, assessment)),
        Story().report((LEFT, assessment), (RIGHT, A.INCOMPLETE_IMAGING)),
        Story().report((LEFT, assessment), (RIGHT, A.PROBABLY_BENIGN), kind=ExaminationKind.DIAGNOSTIC),
        Story().report((LEFT, A.INCOMPLETE_IMAGING), (RIGHT, A.NEGATIVE), findings=(finding,)),
        Story().report((LEFT, A.NEGATIVE), findings=(finding,)),
        worked_up,
    ]


@pytest.mark.parametrize("assessment", [A.SUSPICIOUS, A.HIGHLY_SUGGESTIVE])
def test_nothing_comforts_where_a_sample_is_advised(assessment: Assessment) -> None:
    for story in with_a_sample(assessment):
        for exam in story.episode.exams.values():
            said = text(words.summary(exam, story.episode, HERE))
            assert not COMFORT.search(said), said


@pytest.mark.parametrize("assessment", [A.SUSPICIOUS, A.HIGHLY_SUGGESTIVE])
def test_a_sample_comes_with_a_person(assessment: Assessment) -> None:
    for story in with_a_sample(assessment):
        said = text(letter(story))
        assert "biopsy" in said
        assert "doctor or nurse" in said
        assert "555 0100" in said


def test_the_advice_of_a_sample_alone_comforts_nobody() -> None:
    for advice in (Recommendation.BIOPSY, Recommendation.SURGICAL_CONSULT):
        said = text(letter(Story().report(A.NEGATIVE, recommendation=advice)))
        assert not COMFORT.search(said)


def test_a_finding_the_radiologist_calls_suspicious_governs_over_the_report() -> None:
    story = Story().called_back(ultrasound=True)
    story.report(
        (LEFT, A.BENIGN), kind=ExaminationKind.DIAGNOSTIC, accession="S|2", same_round=True, exam_sides=(LEFT,)
    )
    finding = story.episode.open_findings()[0]
    story.take(st.AssessWorkup(exam=story.exam.id, answers=(FindingAnswer(finding.id, A.SUSPICIOUS),)))
    assert results.said(story.exam, story.episode)[0][0] in SAMPLES
    assert not COMFORT.search(text(letter(story)))


# ---------------------------------------------------------------- density, in the law's words

NOT_DENSE = (
    "Breast tissue can be either dense or not dense. Dense tissue makes it harder to find breast cancer on a mammogram "
    "and also raises the risk of developing breast cancer. Your breast tissue is not dense. Talk to your healthcare "
    "provider about breast density, risks for breast cancer, and your individual situation."
)
DENSE = (
    "Breast tissue can be either dense or not dense. Dense tissue makes it harder to find breast cancer on a mammogram "
    "and also raises the risk of developing breast cancer. Your breast tissue is dense. In some people with dense "
    "tissue, other imaging tests in addition to a mammogram may help find cancers. Talk to your healthcare provider "
    "about breast density, risks for breast cancer, and your individual situation."
)


@pytest.mark.parametrize(
    ("density", "statement"),
    [(Density.A, NOT_DENSE), (Density.B, NOT_DENSE), (Density.C, DENSE), (Density.D, DENSE), (None, None)],
)
def test_the_density_statement_is_the_laws_and_only_where_density_is_known(
    density: Density | None, statement: str | None
) -> None:
    assert letter(Story().report(A.NEGATIVE, density=density)).density == statement


def test_a_work_up_mammograms_letter_states_the_density_of_its_round() -> None:
    story = Story().called_back(density=Density.D, ultrasound=True).worked_up((LEFT, A.BENIGN))
    assert story.exam.result is not None
    assert story.exam.result.density is None
    assert letter(story).density == DENSE
    said = letter(
        Story().called_back(density=Density.D, ultrasound=True).worked_up((LEFT, A.BENIGN), density=Density.B)
    )
    assert said.density == NOT_DENSE
    story.report((LEFT, A.BENIGN), kind=ExaminationKind.ULTRASOUND, accession="S|3", same_round=True)
    assert letter(story).density is None


# ---------------------------------------------------------------- whatever a report says

A_SIDE = some.sampled_from(SIDES)


@given(
    some.lists(some.tuples(A_SIDE, some.sampled_from(A)), min_size=1, max_size=3),
    some.sampled_from(ExaminationKind),
    some.one_of(some.none(), some.sampled_from(Recommendation)),
)
def test_any_report_has_a_letter_that_is_plain_and_kind(
    sides: list[tuple[Laterality | None, Assessment]], kind: ExaminationKind, advice: Recommendation | None
) -> None:
    story = Story().report(*sides, kind=kind, recommendation=advice)
    summary = letter(story)
    assert summary.results
    assert summary.next
    assert len(set(summary.sentences)) == len(summary.sentences), "a sentence stands there twice"
    for sentence in summary.sentences:
        assert all(len(part.split()) <= 28 for part in re.split(r"[.:!?]\s", sentence)), sentence
    if results.sample_advised(story.exam, story.episode):
        assert not COMFORT.search(text(summary))


# ---------------------------------------------------------------- pictures that could not be taken


def with_missing(*sides: tuple[Laterality | None, Assessment]) -> Story:
    story = Story().report(*sides)
    return story.take(st.RecordIncomplete(exam=story.exam.id, reason="too sore to go on", missing=(LEFT,)))


def test_a_result_of_some_of_the_pictures_says_first_that_others_are_missing() -> None:
    found = letter(with_missing((None, A.NEGATIVE)))
    assert found.results[0] == "Not all of your pictures could be taken."
    assert found.next[0] == "The missing pictures still need to be taken."
    assert not COMFORT.search(text(found))
    assert "one part of the answer" not in text(found)


def test_the_letter_names_the_day_of_the_rest() -> None:
    story = with_missing((RIGHT, A.NEGATIVE), (LEFT, A.NEGATIVE))
    story.take(
        st.BookVisit(
            episode=story.episode.id, purpose=Purpose.SCREENING, starts_at=story.now + timedelta(days=5), place="Room 2"
        )
    )
    found = letter(story)
    assert any(sentence.startswith("Your visit: ") for sentence in found.next)


def test_pictures_missing_beside_a_call_back_are_said_once_and_do_not_take_its_place() -> None:
    found = letter(with_missing((RIGHT, A.INCOMPLETE_IMAGING), (LEFT, A.NEGATIVE)))
    assert "Not all of your pictures could be taken." in found.results
    assert "The missing pictures still need to be taken." not in found.next


def test_once_the_rest_was_taken_nothing_is_missing() -> None:
    story = with_missing((None, A.NEGATIVE))
    story.take(st.AcceptExamination(exam=story.exam.id, reason="no better pictures can be had"))
    assert "Not all of your pictures could be taken." not in text(letter(story))


def test_her_doctor_reads_that_the_examination_is_not_whole() -> None:
    story = with_missing((None, A.NEGATIVE))
    said = " ".join(provider.advice(story.exam, has_prose=False))
    assert "not every picture could be taken" in said
    assert "Not fully shown: Left breast." in said


def test_a_paper_that_says_otherwise_is_printed_anew() -> None:
    story = Story().report((None, A.NEGATIVE))
    story.take(st.PrepareDocument(exam=story.exam.id, document=Document.SUMMARY, file="whole.html"))
    story.take(st.RecordIncomplete(exam=story.exam.id, reason="too sore to go on", missing=(LEFT,)))
    assert story.exam.telling.summary_file is None
    story.take(st.PrepareDocument(exam=story.exam.id, document=Document.SUMMARY, file="missing.html"))
    story.take(st.AcceptExamination(exam=story.exam.id, reason="no better pictures can be had"))
    assert story.exam.telling.summary_file is None


def test_who_was_told_of_the_whole_hears_that_pictures_are_missing() -> None:
    story = Story().report((None, A.NEGATIVE))
    for document in Document:
        story.take(st.PrepareDocument(exam=story.exam.id, document=document, file="f.html"))
        story.take(st.RecordPosted(exam=story.exam.id, document=document, proof="posted"))
    story.take(st.RecordIncomplete(exam=story.exam.id, reason="found at the check", missing=(LEFT,)))
    telling = story.exam.telling
    assert (telling.summary_sent, telling.provider_told, telling.change) == (False, False, True)
    assert "The earlier letter was wrong." in text(letter(story))
    story.take(st.RecordIncomplete(exam=story.exam.id, reason="the left one, in two views", missing=(LEFT,)))
    assert story.exam.telling == telling


def test_who_read_that_pictures_are_missing_is_written_to_once_none_are_to_be_had() -> None:
    story = with_missing((None, A.NEGATIVE))
    for document in Document:
        story.take(st.PrepareDocument(exam=story.exam.id, document=document, file="missing.html"))
        story.take(st.RecordPosted(exam=story.exam.id, document=document, proof="posted"))
    story.take(st.AcceptExamination(exam=story.exam.id, reason="no better pictures can be had"))
    telling = story.exam.telling
    assert (telling.summary_sent, telling.provider_told, telling.change) == (False, False, False)
    said = text(letter(story))
    assert "this letter takes its place" in said
    assert "The earlier letter was wrong." not in said
    story.take(st.PrepareDocument(exam=story.exam.id, document=Document.SUMMARY, file="whole.html"))
    story.take(st.RecordPosted(exam=story.exam.id, document=Document.SUMMARY, proof="posted"))
    assert "takes its place" not in text(letter(story))


def test_the_rest_of_a_work_up_is_taken_at_the_visit_for_pictures() -> None:
    story = Story().called_back(ultrasound=True).booked(days=3)
    story.report(
        (LEFT, A.NEGATIVE), kind=ExaminationKind.DIAGNOSTIC, accession="D|1", same_round=True, exam_sides=(LEFT,)
    )
    story.take(st.RecordIncomplete(exam=story.exam.id, reason="too sore", missing=(LEFT,)))
    found = letter(story)
    assert any(sentence.startswith("Your visit: ") for sentence in found.next)
    assert "Ring us to choose a day for the rest, or ask us to ring you." not in found.next
