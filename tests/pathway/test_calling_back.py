"""Called back: planned, reached, booked, examined, answered; and what never counts as an answer."""

from datetime import timedelta

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, Recommendation, ReportStatus
from tests.pathway.story import (
    CLINICIAN,
    DAY,
    HERSELF,
    HOUR,
    LEFT,
    NAVIGATOR,
    RADIOLOGIST,
    RIGHT,
    TECHNOLOGIST,
    Story,
    called_back,
    sides,
    worked_up,
)

ULTRASOUND, DIAGNOSTIC = ExaminationKind.ULTRASOUND, ExaminationKind.DIAGNOSTIC


def test_called_back_for_pictures_and_found_benign() -> None:
    her = worked_up(A.BENIGN)
    assert her.kinds == {"assess_workup", "resolve_abnormal"}
    assert her.answered(her.finding, her.exam.id, A.BENIGN) == ["WorkupAssessed", "Settled"]
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP


def test_an_incomplete_screening_owes_a_plan_a_call_a_visit_and_an_answer() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    assert her.kinds == {
        "send_summary", "tell_provider", "tell_result", "plan_call_back", "attend_call_back", "resolve_abnormal",
        "reach_her",
    }  # fmt: skip
    her.planned(exam)
    assert "plan_call_back" not in her.kinds
    assert "book_call_back" in her.kinds
    her.told(exam, NAVIGATOR)
    assert "reach_her" not in her.kinds


def test_the_clock_of_the_answer_runs_from_the_screening_whatever_is_booked_moved_or_attended() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    clocks = {k: (her.loop(k).opened_seq, her.loop(k).due_at, her.loop(k).late_at) for k in CLOCKS}
    her.told(exam).planned(exam).booked()
    her.take(st.MoveVisit(episode="e1", starts_at=her.now + 20 * DAY, place="Riverside"), NAVIGATOR)
    her.take(st.RecordAttended(episode="e1"), TECHNOLOGIST, 20 * DAY)
    assert {k: (her.loop(k).opened_seq, her.loop(k).due_at, her.loop(k).late_at) for k in CLOCKS} == clocks


CLOCKS = ("resolve_abnormal", "attend_call_back")


def test_the_clock_runs_from_the_first_examination_in_whatever_order_the_reports_came() -> None:
    her = Story()
    x = her.examination(DIAGNOSTIC, (LEFT,), at=her.now + 2 * DAY)
    her.wait(3 * DAY)
    her.take(st.TakeExamination(examination=x, site="main", reason=ev.RoundReason.OTHER), TECHNOLOGIST)
    screening = her.examined(at=her.now - 3 * DAY, episode="e1")
    her.report(screening, her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE)))
    assert her.loop("resolve_abnormal").due_at == her.protocol.calendar.end_of(her.day(-3) + timedelta(days=30))


def test_coming_is_not_yet_being_examined() -> None:
    her = called_back()
    her.take(st.RecordAttended(episode="e1"), TECHNOLOGIST, 4 * DAY)
    assert CLOCKS[1] in her.kinds
    assert CLOCKS[0] in her.kinds


def test_a_right_sided_ultrasound_never_answers_a_left_finding() -> None:
    her = called_back()
    finding = her.finding
    right = her.examined(ULTRASOUND, (RIGHT,), episode="e1")
    assert {"attend_call_back", "read"} <= her.kinds
    assert "assess_workup" not in her.kinds
    with pytest.raises(Refused, match="not of the left breast"):
        her.answered(finding, right, A.BENIGN)
    her.report(right, her.reading(sides(None, A.NEGATIVE)))
    assert {"attend_call_back", "resolve_abnormal"} <= her.kinds


def test_pictures_made_before_the_finding_was_seen_never_answer_it() -> None:
    her = called_back()
    finding = her.finding
    old = her.examined(ULTRASOUND, (LEFT,), episode="e1", at=her.now - 200 * DAY)
    assert {"attend_call_back", "read"} <= her.kinds
    assert "assess_workup" not in her.kinds
    with pytest.raises(Refused, match="before the finding was seen"):
        her.answered(finding, old, A.BENIGN)


def test_a_same_day_work_up_filed_before_the_screening_report_is_assessed() -> None:
    her = Story()
    screening = her.examined()
    work_up = her.examined(DIAGNOSTIC, (LEFT,), episode="e1")
    her.report(screening, her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE)))
    assert her.loop("assess_workup").subject == work_up
    assert "attend_call_back" not in her.kinds


def test_work_up_pictures_of_an_unstated_side_ask_the_radiologist_and_close_nothing() -> None:
    her = called_back()
    work_up = her.examined(ULTRASOUND, (), episode="e1")
    assert {"assess_workup", "attend_call_back"} <= her.kinds
    her.answered(her.finding, work_up, A.BENIGN)
    assert "resolve_abnormal" not in her.kinds


def test_more_pictures_asked_for_at_the_work_up_are_planned_and_booked_again() -> None:
    her = worked_up(A.INCOMPLETE_IMAGING)
    finding = her.finding
    her.answered(finding, her.exam.id, A.INCOMPLETE_IMAGING)
    assert {"plan_call_back", "attend_call_back", "resolve_abnormal"} <= her.kinds
    assert "assess_workup" not in her.kinds
    her.planned(her.exam.id).booked()
    second = her.examined(ULTRASOUND, (LEFT,), episode="e1")
    assert [x.subject for x in her.loops if x.kind == "assess_workup"] == [second]
    her.answered(finding, second, A.BENIGN)
    her.posted(second).freed()
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP


def test_a_work_up_report_of_suspicious_cannot_be_answered_away() -> None:
    for said, answered in ((A.SUSPICIOUS, A.BENIGN), (A.PROBABLY_BENIGN, A.BENIGN), (A.INCOMPLETE_IMAGING, A.NEGATIVE)):
        her = worked_up(said)
        with pytest.raises(Refused, match="Say which finding that is"):
            her.answered(her.finding, her.exam.id, answered)
        her.answered(her.finding, her.exam.id, said)
        assert her.outcome is (ev.SettledAs.SURVEILLANCE if said is A.PROBABLY_BENIGN else None)


def test_a_work_up_that_recommends_a_biopsy_beside_a_calm_category_cannot_be_answered_away() -> None:
    her = called_back()
    exam = her.reported(
        A.BENIGN, None, kind=DIAGNOSTIC, looked_at=(LEFT,), episode="e1", recommendation=Recommendation.BIOPSY
    )
    with pytest.raises(Refused, match="Say which finding that is"):
        her.answered(her.finding, exam, A.BENIGN)


def test_an_answer_has_to_be_one_for_a_finding() -> None:
    her = worked_up(A.BENIGN)
    for assessment in (A.INCOMPLETE_PRIORS, A.KNOWN_MALIGNANCY, A.POST_PROCEDURE_MARKER):
        with pytest.raises(Refused, match="A finding is answered as"):
            her.answered(her.finding, her.exam.id, assessment)


def test_a_corrected_work_up_report_that_is_worse_opens_the_round_again() -> None:
    her = worked_up(A.BENIGN)
    exam = her.exam.id
    her.answered(her.finding, exam, A.BENIGN)
    assert her.amended(exam, A.SUSPICIOUS, None) == ["ReportAmended", "Reopened"]
    assert {"arrange_biopsy", "tell_change"} <= her.kinds
    her.told(exam).posted(exam)
    assert her.outcome is None


def test_a_density_word_about_a_work_up_asks_nothing_twice() -> None:
    her = worked_up(A.SUSPICIOUS)
    exam = her.exam.id
    her.answered(her.finding, exam, A.SUSPICIOUS)
    her.amended(exam, A.SUSPICIOUS, None, status=ReportStatus.ADDENDUM)
    assert [x.kind for x in her.loops].count("arrange_biopsy") == 1


def test_a_three_on_screening_asks_its_reader_and_never_starts_a_six_month_wait() -> None:
    her = Story()
    exam = her.reported(A.PROBABLY_BENIGN)
    assert {"complete_assessment", "tell_result", "resolve_abnormal"} <= her.kinds
    assert "attend_call_back" not in her.kinds
    her.told(exam).posted(exam)
    assert her.outcome is None
    her.planned(exam)
    assert {"attend_call_back", "book_call_back"} <= her.kinds


def test_a_three_after_work_up_plans_three_dated_visits() -> None:
    her = worked_up(A.PROBABLY_BENIGN)
    facts = her.answered(her.finding, her.exam.id, A.PROBABLY_BENIGN)
    assert facts == ["WorkupAssessed", "Settled", "SurveillancePlanned", "SurveillancePlanned", "SurveillancePlanned"]
    assert [v.months for v in her.patient.dated.values()] == [6, 12, 24]
    first = her.loop("surveillance_visit", "e1.s6")
    assert first.visible_from > her.now + 150 * DAY
    assert first.late_at - first.due_at >= 30 * DAY


def test_a_surveillance_visit_closes_when_she_comes_and_the_series_goes_on() -> None:
    her = worked_up(A.PROBABLY_BENIGN)
    her.answered(her.finding, her.exam.id, A.PROBABLY_BENIGN)
    her.wait(180 * DAY)
    again = her.reported(A.PROBABLY_BENIGN, None, kind=DIAGNOSTIC, looked_at=(LEFT,), answers="e1.s6")
    assert {x.subject for x in her.loops if x.kind == "surveillance_visit"} == {"e1.s12", "e1.s24"}
    her.told(again).posted(again)
    second = her.patient.exam(again)
    assert second is not None
    assert second[0].settled is not None
    assert set(her.patient.dated) == {"e1.s12", "e1.s24"}


def test_a_new_finding_gets_dates_of_its_own_though_another_series_runs() -> None:
    her = worked_up(A.PROBABLY_BENIGN)
    her.answered(her.finding, her.exam.id, A.PROBABLY_BENIGN)
    her.wait(180 * DAY)
    again = her.reported(A.PROBABLY_BENIGN, A.PROBABLY_BENIGN, kind=DIAGNOSTIC, answers="e1.s6")
    her.told(again).posted(again)
    episode = again.partition(".")[0]
    assert {f"{episode}.s6", f"{episode}.s12", f"{episode}.s24", "e1.s12", "e1.s24"} == set(her.patient.dated)


def test_a_surveillance_visit_answered_by_another_patients_pictures_is_owed_again() -> None:
    her = worked_up(A.PROBABLY_BENIGN)
    her.answered(her.finding, her.exam.id, A.PROBABLY_BENIGN)
    her.wait(180 * DAY)
    again = her.reported(A.BENIGN, None, kind=DIAGNOSTIC, looked_at=(LEFT,), answers="e1.s6")
    her.take(st.WithdrawReport(exam=again, reason="another patient's", examination_hers=False), RADIOLOGIST)
    assert "e1.s6" in {x.subject for x in her.loops if x.kind == "surveillance_visit"}


@pytest.mark.parametrize("category", [A.SUSPICIOUS, A.HIGHLY_SUGGESTIVE])
def test_four_and_five_do_not_settle_by_the_usual_steps(category: A) -> None:
    her = Story()
    exam = her.reported(category)
    assert her.loop("tell_result").owner == "clinician"
    assert her.loop("arrange_biopsy").urgent
    with pytest.raises(Refused, match="A clinician tells her"):
        her.take(st.TellResult(exam=exam, channel=ev.Channel.PHONE), NAVIGATOR)
    her.told(exam).posted(exam)
    assert her.kinds == {"arrange_biopsy", "resolve_abnormal"}
    assert her.outcome is None


def test_zero_for_priors_is_told_and_ends_with_a_reading_that_has_them() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_PRIORS, A.INCOMPLETE_PRIORS)
    her.told(exam, NAVIGATOR).posted(exam)
    assert her.kinds == {"get_priors", "resolve_abnormal"}
    her.take(st.RequestPriors(episode="e1", source="Elsewhere"), NAVIGATOR)
    her.take(st.ReceivePriors(episode="e1", source="Elsewhere"), NAVIGATOR)
    assert "get_priors" in her.kinds
    reading = st.RecordReading(exam=exam, sides=sides(A.NEGATIVE, A.NEGATIVE), with_priors=True)
    her.take(reading, RADIOLOGIST, 9 * DAY)
    assert her.kinds == {"send_summary", "tell_provider"}, "a result that completes the first corrects nothing"
    assert her.loop("send_summary").due_at > her.now
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL


def test_zero_for_priors_that_cannot_be_had_still_asks_for_a_reading() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_PRIORS, A.NEGATIVE)
    her.take(st.RecordNoPriors(episode="e1", reason="destroyed"), NAVIGATOR)
    assert "get_priors" in her.kinds
    her.take(st.RecordReading(exam=exam, sides=sides(A.INCOMPLETE_IMAGING, A.NEGATIVE)), RADIOLOGIST)
    assert "plan_call_back" in her.kinds
    assert "get_priors" not in her.kinds


# ---------------------------------------------------------------- reaching her, and her visit


def test_a_visit_she_confirmed_herself_counts_as_told_and_stays_told_after_it() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.planned(exam).booked()
    assert "tell_result" in her.kinds
    her.take(st.ConfirmVisit(episode="e1"), HERSELF)
    assert "tell_result" not in her.kinds
    her.examined(DIAGNOSTIC, (LEFT,), episode="e1")
    assert "tell_result" not in her.kinds


def test_opening_a_suspicious_result_before_the_call_asks_for_one_within_two_hours() -> None:
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    her.take(st.OpenResult(exam=exam), HERSELF)
    ring = her.loop("ring_after_seen")
    assert ring.urgent
    assert ring.due_at == her.now + 2 * HOUR
    assert ring.late_at >= ring.due_at
    her.told(exam, CLINICIAN)
    assert "ring_after_seen" not in her.kinds


def test_a_corrected_result_is_told_by_a_clinician_where_it_is_suspicious() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.posted(exam)
    her.amended(exam, A.SUSPICIOUS)
    assert her.loop("tell_change").owner == "clinician"
    with pytest.raises(Refused, match="A clinician tells her"):
        her.take(st.TellResult(exam=exam, channel=ev.Channel.PHONE), NAVIGATOR)
    her.take(st.OpenResult(exam=exam), HERSELF)
    assert "ring_after_seen" in her.kinds


def test_a_missed_visit_is_booked_again_and_she_is_tried_again() -> None:
    her = called_back()
    with pytest.raises(Refused, match="has not begun"):
        her.take(st.RecordMissed(episode="e1"), TECHNOLOGIST)
    her.take(st.RecordMissed(episode="e1"), TECHNOLOGIST, 4 * DAY)
    assert {"book_call_back", "reach_her", "attend_call_back"} <= her.kinds


def test_a_visit_the_unit_cancels_has_to_be_made_anew_with_her() -> None:
    for by_her in (True, False):
        her = called_back()
        her.take(st.CancelVisit(episode="e1", by_her=by_her), NAVIGATOR)
        assert "book_call_back" in her.kinds
        assert ("reach_her" in her.kinds) is not by_her


def test_two_calls_within_the_hour_are_one_attempt() -> None:
    her = Story()
    her.reported(A.INCOMPLETE_IMAGING)
    call = st.RecordContact(episode="e1", channel=ev.Channel.PHONE, outcome=ev.Outcome.NO_ANSWER)
    for _ in range(4):
        her.take(call, NAVIGATOR, timedelta(minutes=5))
    assert next(x.subject for x in her.loops if x.kind == "reach_her") == "e1:call_2"
    her.take(call, NAVIGATOR, 3 * HOUR)
    assert next(x.subject for x in her.loops if x.kind == "reach_her") == "e1:call_3"


def test_a_no_today_pauses_nothing_and_asks_a_nurse() -> None:
    her = called_back()
    her.take(st.RecordNoToday(episode="e1"), NAVIGATOR)
    assert "nurse_call" in her.kinds
    assert her.episode.paused is None
    her.take(st.RecordChangedMind(episode="e1"), NAVIGATOR)
    assert "nurse_call" not in her.kinds


def test_a_symptom_told_at_screening_keeps_a_normal_round_open() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.take(st.ReportSymptom(episode="e1", what="lump", side=LEFT), TECHNOLOGIST)
    her.posted(exam)
    assert her.outcome is None
    assert her.kinds == {"answer_symptom"}
    symptom = her.loop("answer_symptom").subject
    her.take(st.AnswerSymptom(symptom=symptom, answer="targeted ultrasound: cyst"), RADIOLOGIST)
    assert her.outcome is ev.SettledAs.NORMAL


def test_a_symptom_told_later_opens_the_round_again_and_telling_it_twice_is_once() -> None:
    her = Story()
    her.posted(her.reported(A.NEGATIVE))
    step = st.ReportSymptom(episode="e1", what="lump", side=LEFT)
    assert her.take(step, HERSELF) == ["SymptomReported", "Reopened"]
    assert her.take(step, HERSELF) == []


def test_two_rounds_opened_by_the_same_step_never_share_a_key() -> None:
    her = called_back()
    her.wait(200 * DAY)
    second = her.reported(A.INCOMPLETE_IMAGING)
    her.told(second).planned(second)
    for episode in tuple(her.patient.episodes):
        decline = st.RecordDecline(episode=episode, what="pictures", review_on=her.day(30), reviewer="u-navigator")
        her.take(decline, CLINICIAN)
    her.take(st.AskForCall(), HERSELF)
    assert [x.kind for x in her.loops].count("resolve_abnormal") == 2


def test_an_answer_graver_than_the_report_is_told_like_a_report_that_says_so() -> None:
    her = worked_up(A.BENIGN)
    exam = her.exam.id
    her.posted(exam)
    facts = her.answered(her.finding, exam, A.SUSPICIOUS)
    assert facts[:2] == ["ReportAmended", "WorkupAssessed"]
    assert {"arrange_biopsy", "send_summary", "tell_provider", "tell_change"} <= her.kinds
    assert her.loop("send_summary", exam).rule == "MQSA-D3"
    assert her.loop("tell_change").owner == "clinician"


def test_an_answer_that_agrees_with_the_report_amends_nothing() -> None:
    her = worked_up(A.PROBABLY_BENIGN)
    assert her.answered(her.finding, her.exam.id, A.PROBABLY_BENIGN)[0] == "WorkupAssessed"


def test_a_letter_sent_after_the_call_still_says_that_the_earlier_one_was_wrong() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.posted(exam)
    her.amended(exam, A.INCOMPLETE_IMAGING)
    her.told(exam)
    assert her.exam.telling.corrects
    her.posted(exam)
    assert not her.exam.telling.corrects
