"""Amended, unclear, out of order, withdrawn: what a later report does to the one that stands."""

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.regions import FindingStatus
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import (
    Density,
    ExaminationKind,
    FindingKind,
    NeedsPerson,
    Recommendation,
    ReportStatus,
)
from tests.pathway.story import (
    DAY,
    HOUR,
    LEFT,
    NAVIGATOR,
    RADIOLOGIST,
    Story,
    called_back,
    sides,
)

# ---------------------------------------------------------------- amendments


def test_an_amendment_that_adds_acts_at_once() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL
    facts = her.amended(exam, A.INCOMPLETE_IMAGING)
    assert facts == ["ReportAmended", "Reopened"]
    assert {"plan_call_back", "tell_change", "send_summary", "tell_provider", "resolve_abnormal"} <= her.kinds


def test_an_amendment_that_takes_away_waits_for_a_radiologist() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.amended(exam, A.BENIGN)
    assert {"confirm_change", "plan_call_back", "resolve_abnormal"} <= her.kinds
    her.take(st.ConfirmChange(exam=exam, accepted=True), RADIOLOGIST)
    assert her.kinds == {"send_summary", "tell_provider"}


def test_a_refused_amendment_leaves_what_stood() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.amended(exam, A.BENIGN)
    her.take(st.ConfirmChange(exam=exam, accepted=False), RADIOLOGIST)
    assert "plan_call_back" in her.kinds
    assert "confirm_change" not in her.kinds


def test_left_calmer_and_right_worse_adds_at_once_and_waits_for_the_rest() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING, A.NEGATIVE)
    her.amended(exam, A.NEGATIVE, A.SUSPICIOUS)
    assert {"confirm_change", "arrange_biopsy", "plan_call_back"} <= her.kinds
    her.take(st.ConfirmChange(exam=exam, accepted=True), RADIOLOGIST)
    assert "arrange_biopsy" in her.kinds
    assert "plan_call_back" not in her.kinds


@pytest.mark.parametrize("stood", [A.NEGATIVE, A.INCOMPLETE_PRIORS, A.INCOMPLETE_IMAGING])
def test_a_known_cancer_in_an_amendment_leaves_the_biopsy_that_was_advised_for_something_else(stood: A) -> None:
    her = Story()
    exam = her.reported(stood, A.NEGATIVE, recommendation=Recommendation.BIOPSY)
    assert her.patient.episodes["e1"].is_suspect
    her.wait(HOUR)
    her.report(exam, her.reading((ev.SideAssessment(A.KNOWN_MALIGNANCY),), ReportStatus.CORRECTED))
    assert her.patient.episodes["e1"].is_suspect
    assert {"arrange_biopsy", "confirm_change"} <= her.kinds


ADVISED = [Recommendation.BIOPSY, Recommendation.MORE_IMAGING, Recommendation.SHORT_INTERVAL]
SAID = [A.NEGATIVE, A.INCOMPLETE_IMAGING, A.PROBABLY_BENIGN, A.SUSPICIOUS, A.KNOWN_MALIGNANCY, A.POST_PROCEDURE_MARKER]
LATER = [(ev.SideAssessment(a),) for a in SAID] + [
    sides(a, b) for a in SAID for b in (A.NEGATIVE, A.KNOWN_MALIGNANCY, A.SUSPICIOUS)
]


@pytest.mark.parametrize("advised", ADVISED)
@pytest.mark.parametrize("stood", [sides(A.NEGATIVE, A.NEGATIVE), sides(A.BENIGN, A.NEGATIVE)])
def test_what_a_calm_report_advised_stays_owed_until_a_radiologist_has_agreed(
    advised: Recommendation, stood: tuple[ev.SideAssessment, ...]
) -> None:
    """Whatever comes later: what is owed stays, each breast has one assessment, and a no brings it all back."""
    for later in LATER:
        for then in (None, *ADVISED):
            her = Story()
            exam = her.reported(stood[0].assessment, stood[1].assessment, recommendation=advised)
            owed, before = her.kinds, her.patient.exam(exam)
            her.wait(HOUR)
            her.report(exam, her.reading(later, ReportStatus.CORRECTED, recommendation=then))
            found = her.patient.exam(exam)
            assert found is not None
            assert before is not None
            result = found[1].result
            assert result is not None
            assert len({s.side for s in result.sides}) == len(result.sides), (later, then)
            assert "resolve_abnormal" in her.kinds or "resolve_abnormal" not in owed, (later, then)
            if "confirm_change" in her.kinds and result.sides == stood:
                her.take(st.ConfirmChange(exam=exam, accepted=False), RADIOLOGIST)
                assert owed - {"post_document"} <= her.kinds | {"send_summary", "tell_provider"}, (later, then)


def test_accepting_an_amendment_that_is_silent_about_a_breast_keeps_what_was_said_of_it() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING, A.SUSPICIOUS)
    her.amended(exam, A.NEGATIVE, None)
    her.take(st.ConfirmChange(exam=exam, accepted=True), RADIOLOGIST)
    assert "arrange_biopsy" in her.kinds
    assert "plan_call_back" not in her.kinds


def test_an_unclear_amendment_waits_and_needs_the_radiologist_to_state_what_stands() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.wait(HOUR)
    her.report(exam, her.reading((), ReportStatus.CORRECTED, needs_person=(NeedsPerson.NO_CATEGORY,)))
    with pytest.raises(Refused, match="State what stands"):
        her.take(st.ConfirmChange(exam=exam, accepted=True), RADIOLOGIST)
    her.take(st.ConfirmChange(exam=exam, accepted=True, sides=sides(A.INCOMPLETE_IMAGING, A.NEGATIVE)), RADIOLOGIST)
    assert "plan_call_back" in her.kinds


def test_reports_that_differ_and_cannot_be_ordered_wait_for_a_radiologist() -> None:
    her = Story()
    exam = her.examined()
    her.report(exam, her.reading(sides(A.BENIGN, A.NEGATIVE), timed=False))
    her.report(exam, her.reading(sides(A.NEGATIVE, A.NEGATIVE), ReportStatus.CORRECTED, timed=False))
    assert "confirm_change" in her.kinds


def test_an_older_report_that_arrives_late_changes_nothing_that_stands() -> None:
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    old = her.reading(sides(A.NEGATIVE, A.NEGATIVE), at=her.now - 5 * HOUR)
    assert her.report(exam, old) == ["ReportAmended"]
    assert "arrange_biopsy" in her.kinds
    assert "confirm_change" not in her.kinds
    assert her.report(exam, old) == []


def test_an_older_amendment_does_not_displace_an_unclear_later_one_that_waits() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    later = her.now + 5 * HOUR
    her.report(
        exam,
        her.reading(
            (), ReportStatus.CORRECTED, at=later, needs_person=(NeedsPerson.NO_CATEGORY,), suspicious_words=True
        ),
    )
    her.report(exam, her.reading(sides(A.BENIGN, A.NEGATIVE), ReportStatus.CORRECTED, at=later - 2 * HOUR))
    assert her.loop("confirm_change").urgent
    with pytest.raises(Refused, match="State what stands"):
        her.take(st.ConfirmChange(exam=exam, accepted=True), RADIOLOGIST)


def test_a_refused_amendment_sent_again_is_not_asked_about_again() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    calmer = her.reading(sides(A.BENIGN, A.NEGATIVE), ReportStatus.CORRECTED, at=her.now + HOUR)
    her.report(exam, calmer)
    her.take(st.ConfirmChange(exam=exam, accepted=False), RADIOLOGIST)
    assert her.report(exam, calmer) == []


def test_an_addendum_without_an_assessment_adds_and_replaces_nothing() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    owed = her.loops
    her.report(exam, her.reading((), ReportStatus.ADDENDUM, at=her.now + HOUR))
    assert her.loops == owed


def test_a_density_addendum_sends_a_new_letter_and_opens_no_finding_again() -> None:
    her = called_back()
    first = her.exam.id
    work_up = her.reported(A.BENIGN, None, kind=ExaminationKind.DIAGNOSTIC, looked_at=(LEFT,), episode=her.episode.id)
    her.answered(her.finding, work_up, A.BENIGN)
    her.posted(work_up).freed()
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP
    her.wait(HOUR)
    said = her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), ReportStatus.ADDENDUM, density=Density.C)
    assert her.report(first, said) == ["ReportAmended", "Reopened"]
    assert her.kinds == {"send_summary", "tell_provider"}


def test_a_finding_taken_away_and_stated_again_is_open_again() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.amended(exam, A.NEGATIVE)
    her.take(st.ConfirmChange(exam=exam, accepted=True), RADIOLOGIST)
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL
    her.amended(exam, A.INCOMPLETE_IMAGING)
    assert {"plan_call_back", "resolve_abnormal"} <= her.kinds


def test_a_coded_finding_made_calmer_waits_for_a_radiologist() -> None:
    her = Story()
    exam = her.examined(ExaminationKind.DIAGNOSTIC)
    two = (
        ev.Finding("f1", FindingKind.MASS, LEFT, assessment=A.SUSPICIOUS),
        ev.Finding("f2", FindingKind.CALCIFICATIONS, LEFT, assessment=A.SUSPICIOUS),
    )
    her.report(exam, her.reading(sides(A.SUSPICIOUS, A.NEGATIVE), findings=two))
    calmer = (two[0], ev.Finding("f2", FindingKind.CALCIFICATIONS, LEFT, assessment=A.BENIGN))
    her.wait(HOUR)
    her.report(exam, her.reading(sides(A.SUSPICIOUS, A.NEGATIVE), ReportStatus.CORRECTED, findings=calmer))
    assert her.episode.findings["f2"].status is FindingStatus.BIOPSY
    assert "confirm_change" in her.kinds


def test_a_reading_signed_here_answers_an_amendment_that_waits() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.amended(exam, A.BENIGN)
    her.take(st.RecordReading(exam=exam, sides=sides(A.BENIGN, A.NEGATIVE), with_priors=True), RADIOLOGIST)
    assert her.kinds == {"send_summary", "tell_provider"}


def test_a_reading_signed_here_has_to_speak_of_every_breast_that_is_not_calm() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING, A.SUSPICIOUS)
    with pytest.raises(Refused, match="right breast"):
        her.take(st.RecordReading(exam=exam, sides=sides(A.BENIGN, None)), RADIOLOGIST)


def test_signing_the_same_reading_again_does_not_move_the_clock_of_the_letter() -> None:
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    late = her.loop("send_summary").late_at
    her.take(st.RecordReading(exam=exam, sides=sides(A.SUSPICIOUS, A.NEGATIVE)), RADIOLOGIST, 3 * DAY)
    assert her.loop("send_summary").late_at == late


def test_her_letter_that_came_back_is_owed_again_and_only_the_current_letter_counts() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.posted(exam)
    assert her.take(st.RecordReturned(exam=exam, reason="unknown at address"), NAVIGATOR) == [
        "SummaryReturned",
        "Reopened",
    ]
    with pytest.raises(Refused, match="not been printed"):
        her.take(st.RecordPosted(exam=exam, document=ev.Document.SUMMARY, proof="posted"), NAVIGATOR)
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL


# ---------------------------------------------------------------- withdrawn


def test_a_report_withdrawn_while_the_examination_is_hers_is_read_again() -> None:
    her = called_back()
    exam = her.exam.id
    her.take(st.WithdrawReport(exam=exam, reason="another patient's", examination_hers=True), RADIOLOGIST)
    assert {"read", "tell_change"} <= her.kinds
    assert "resolve_abnormal" not in her.kinds
    assert her.exam.result is None
    her.take(st.RecordReading(exam=exam, sides=sides(A.NEGATIVE, A.NEGATIVE)), RADIOLOGIST)
    her.told(exam).posted(exam)
    assert her.kinds == {"cancel_visit", "find_owner"}, "her visit is for nothing, and somebody waits for that report"
    her.take(st.CancelVisit(episode="e1", by_her=False), NAVIGATOR)
    her.take(st.PlaceWithdrawn(exam=exam, outcome="filed with its owner"), RADIOLOGIST)
    assert her.outcome is ev.SettledAs.NORMAL


def test_an_examination_that_was_not_hers_leaves_at_once_and_she_is_told() -> None:
    her = called_back()
    exam = her.exam.id
    assert ("accession", "RIS|1") in her.claims()
    her.take(st.WithdrawReport(exam=exam, reason="another patient's", examination_hers=False), RADIOLOGIST)
    assert her.kinds == {"tell_change", "reach_her", "cancel_visit", "find_owner"}
    assert her.loop("find_owner").owner == "radiologist", "she was told: whose it is cannot wait for the desk"
    assert not her.claims()
    with pytest.raises(Refused, match="not hers"):
        her.take(st.RecordReading(exam=exam, sides=sides(A.NEGATIVE, A.NEGATIVE)), RADIOLOGIST)
    her.told(exam, NAVIGATOR)
    her.take(st.CancelVisit(episode="e1", by_her=False), NAVIGATOR)
    her.take(st.PlaceWithdrawn(exam=exam, outcome="filed with its owner"), RADIOLOGIST)
    assert her.outcome is ev.SettledAs.WITHDRAWN


def test_an_examination_that_was_not_hers_and_never_told_settles_the_round() -> None:
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    her.take(st.WithdrawReport(exam=exam, reason="another patient's", examination_hers=False), RADIOLOGIST)
    assert her.kinds == {"find_owner"}
    her.take(st.PlaceWithdrawn(exam=exam, outcome="filed with its owner"), RADIOLOGIST)
    assert her.outcome is ev.SettledAs.WITHDRAWN
    assert not her.claims()


def test_a_withdrawn_work_up_report_opens_what_it_had_answered() -> None:
    for hers in (True, False):
        her = called_back()
        work_up = her.reported(A.BENIGN, None, kind=ExaminationKind.DIAGNOSTIC, looked_at=(LEFT,), episode="e1")
        her.answered(her.finding, work_up, A.BENIGN)
        her.posted(work_up).freed()
        assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP
        her.take(st.WithdrawReport(exam=work_up, reason="another patient's", examination_hers=hers), RADIOLOGIST)
        assert "resolve_abnormal" in her.kinds
        assert ("assess_workup" if hers else "attend_call_back") in her.kinds


def test_a_worse_report_that_cannot_be_ordered_leaves_an_unclear_one_waiting() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.wait(HOUR)
    her.report(exam, her.reading((), ReportStatus.CORRECTED, needs_person=(NeedsPerson.NO_CATEGORY,)))
    her.report(exam, her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), ReportStatus.CORRECTED, timed=False))
    assert {"confirm_change", "plan_call_back"} <= her.kinds


def test_a_later_worse_report_answers_an_unclear_one_that_waited() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.wait(HOUR)
    her.report(exam, her.reading((), ReportStatus.CORRECTED, needs_person=(NeedsPerson.NO_CATEGORY,)))
    her.wait(HOUR)
    her.report(exam, her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), ReportStatus.CORRECTED))
    assert "plan_call_back" in her.kinds
    assert "confirm_change" not in her.kinds
