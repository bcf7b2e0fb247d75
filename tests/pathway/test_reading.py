"""From the examination to a signed, told result: what is owed until then, and how amendments meet it."""

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, FindingKind, NeedsPerson, Recommendation, ReportStatus
from tests.pathway.story import (
    CLINICIAN,
    DAY,
    FEED,
    HERSELF,
    HOUR,
    LEFT,
    NAVIGATOR,
    RADIOLOGIST,
    RIGHT,
    Story,
    sides,
)


def test_a_normal_screening_settles_when_letter_and_report_are_posted() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    assert her.kinds == {"send_summary", "tell_provider"}
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL
    assert her.episode.settled is not None
    assert her.episode.settled.screened_on == her.protocol.calendar.on(her.exam.performed_at)


def test_an_examination_owes_its_reading_and_a_day_to_hear_by() -> None:
    her = Story()
    exam = her.examined()
    assert her.kinds == {"read", "explain_wait"}
    later = her.day(10)
    her.take(st.ExplainWait(exam=exam, hear_by_on=later), NAVIGATOR, 6 * DAY)
    assert her.loop("explain_wait").due_at == her.protocol.calendar.end_of(later)
    her.take(st.RecordReading(exam=exam, sides=sides(A.NEGATIVE, A.BENIGN)), RADIOLOGIST)
    assert her.kinds == {"send_summary", "tell_provider"}


def test_a_new_day_to_hear_by_starts_a_new_wait_that_nobody_has_escalated() -> None:
    her = Story()
    exam = her.examined()
    her.wait(9 * DAY)
    late = her.loop("explain_wait")
    step = st.Escalate(kind=late.kind, subject=late.subject, opened_seq=late.opened_seq, episode=late.episode)
    her.take(step, ev.Actor(ev.Kind.WORKER, "w"))
    assert her.loop("explain_wait").rung == 1
    her.take(st.ExplainWait(exam=exam, hear_by_on=her.day(20)), NAVIGATOR)
    assert her.loop("explain_wait").rung == 0
    assert her.loop("explain_wait").escalate_at > her.now + 20 * DAY


def test_nothing_is_told_before_a_report_is_signed() -> None:
    her = Story()
    exam = her.examined()
    her.report(exam, her.reading(sides(A.SUSPICIOUS, A.NEGATIVE), ReportStatus.PRELIMINARY, suspicious_words=True))
    assert her.loop("await_final").urgent
    for step, by in (
        (st.TellResult(exam=exam, channel=ev.Channel.PHONE), CLINICIAN),
        (st.OpenResult(exam=exam), HERSELF),
        (st.PrepareDocument(exam=exam, document=ev.Document.SUMMARY, file="f"), ev.Actor(ev.Kind.WORKER, "w")),
        (st.RecordPosted(exam=exam, document=ev.Document.PROVIDER_REPORT, proof="fax"), NAVIGATOR),
    ):
        with pytest.raises(Refused, match="no confirmed result"):
            her.take(step, by)


def test_a_late_preliminary_never_overrides_a_final_report() -> None:
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    early = her.reading(sides(A.NEGATIVE, A.NEGATIVE), ReportStatus.PRELIMINARY, at=her.now - HOUR)
    her.report(exam, early)
    assert her.exam.result is not None
    assert A.SUSPICIOUS in her.exam.result.assessments
    assert "await_final" not in her.kinds


def test_an_older_preliminary_does_not_hush_the_words_of_a_later_one() -> None:
    her = Story()
    exam = her.examined()
    her.report(exam, her.reading((), ReportStatus.PRELIMINARY, at=her.now, suspicious_words=True))
    her.report(exam, her.reading((), ReportStatus.PRELIMINARY, at=her.now - 5 * HOUR))
    assert her.loop("await_final").urgent


def test_a_report_without_a_certain_category_waits_for_a_radiologist() -> None:
    her = Story()
    exam = her.examined()
    her.report(exam, her.reading((), needs_person=(NeedsPerson.NO_CATEGORY,), suspicious_words=True))
    assert her.kinds == {"confirm_assessment", "explain_wait"}
    assert her.loop("confirm_assessment").urgent
    her.take(st.ConfirmAssessment(exam=exam, sides=sides(A.NEGATIVE, A.NEGATIVE)), RADIOLOGIST)
    assert her.kinds == {"send_summary", "tell_provider"}


def test_confirming_one_breast_does_not_lose_what_the_report_says_of_the_other() -> None:
    her = Story()
    exam = her.examined()
    unsure = her.reading(sides(A.SUSPICIOUS, A.NEGATIVE), needs_person=(NeedsPerson.CONTRADICTION,))
    her.report(exam, unsure)
    with pytest.raises(Refused, match="left breast"):
        her.take(st.ConfirmAssessment(exam=exam, sides=sides(None, A.NEGATIVE)), RADIOLOGIST)


def test_a_report_of_unknown_status_after_a_signed_one_is_for_a_radiologist() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    unknown = her.reading(sides(A.SUSPICIOUS, A.NEGATIVE), ReportStatus.UNKNOWN, at=her.now + HOUR)
    her.report(exam, unknown)
    assert her.loop("confirm_change").urgent
    her.take(st.ConfirmChange(exam=exam, accepted=True, sides=sides(A.SUSPICIOUS, A.NEGATIVE)), RADIOLOGIST)
    assert "arrange_biopsy" in her.kinds


def test_a_recommended_biopsy_keeps_a_negative_round_open() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE, recommendation=Recommendation.BIOPSY)
    her.told(exam).posted(exam)
    assert her.outcome is None
    assert "arrange_biopsy" in her.kinds


def test_further_pictures_recommended_beside_a_benign_result_are_planned() -> None:
    her = Story()
    exam = her.reported(A.BENIGN, recommendation=Recommendation.MORE_IMAGING)
    assert {"plan_call_back", "tell_result", "resolve_abnormal"} <= her.kinds
    her.take(st.RecordReading(exam=exam, sides=sides(A.BENIGN, A.NEGATIVE)), RADIOLOGIST)
    assert "plan_call_back" not in her.kinds


def test_the_most_actionable_finding_governs_where_a_coded_one_says_less() -> None:
    her = Story()
    exam = her.examined(ExaminationKind.DIAGNOSTIC)
    coded = ev.Finding("f1", FindingKind.MASS, LEFT, assessment=A.PROBABLY_BENIGN)
    her.report(exam, her.reading(sides(A.SUSPICIOUS, A.NEGATIVE), findings=(coded,)))
    her.told(exam).posted(exam)
    assert "arrange_biopsy" in her.kinds
    assert her.outcome is None


def test_category_six_marker_film_and_outside_review_wait_to_be_placed() -> None:
    for kind, stated in (
        (ExaminationKind.SCREENING, A.KNOWN_MALIGNANCY),
        (ExaminationKind.MARKER, A.POST_PROCEDURE_MARKER),
        (ExaminationKind.OUTSIDE_REVIEW, A.BENIGN),
    ):
        her = Story()
        exam = her.reported(stated, kind=kind)
        her.posted(exam) if kind is not ExaminationKind.OUTSIDE_REVIEW else her.take(
            st.RecordPosted(exam=exam, document=ev.Document.PROVIDER_REPORT, proof="fax"), NAVIGATOR
        )
        assert her.outcome is None
        assert her.kinds == {"place_report"}
        her.take(st.PlaceReport(exam=exam, outcome="in treatment elsewhere"), RADIOLOGIST)
        assert her.outcome is ev.SettledAs.STATED


def test_the_same_report_sent_again_changes_nothing() -> None:
    her = Story()
    x = her.examination()
    step = st.TakeReport(reading=her.reading(sides(A.NEGATIVE, A.NEGATIVE)), examination=x, site="main")
    her.take(step, FEED)
    assert her.take(step, FEED) == []
    nameless = st.TakeReport(
        reading=her.reading(sides(A.NEGATIVE, A.NEGATIVE)),
        examination=st.Examination(kind=ExaminationKind.SCREENING, performed_at=her.now, sides=(RIGHT,)),
        site="main",
    )
    her.take(nameless, FEED)
    assert her.take(nameless, FEED) == []
