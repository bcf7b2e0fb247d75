"""Rounds from before the site went live, and what is late."""

from datetime import timedelta

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, ReportStatus
from tests.pathway.story import (
    BOTH,
    DAY,
    FEED,
    FRONT_DESK,
    HERSELF,
    HOUR,
    LEAD,
    LEFT,
    RADIOLOGIST,
    TECHNOLOGIST,
    WORKER,
    Story,
    called_back,
    sides,
)

# ---------------------------------------------------------------- before the site went live


def history(left: A) -> Story:
    her = Story()
    her.reported(left, history=True)
    return her


def test_a_calm_old_round_is_shown_and_owes_nothing_but_the_day_she_is_due_again() -> None:
    her = history(A.NEGATIVE)
    assert her.outcome is ev.SettledAs.HISTORY
    assert her.kinds == {"set_next_due"}
    assert her.loop("set_next_due").episode is None


def test_older_pictures_that_come_to_light_leave_her_waiting_to_be_screened() -> None:
    her = Story().due().begun().invited()
    waits, before = her.round.id, her.now - 2 * 365 * DAY
    her.examined(at=before)
    assert her.round.id != waits
    assert "attend_screening" in her.kinds
    with pytest.raises(Refused, match="cannot be of this round"):
        her.examined(at=before, episode=waits, looked_at=(LEFT,))


def test_a_breast_recorded_as_absent_by_a_slip_brings_her_invitations_back_once_put_right() -> None:
    her = history(A.NEGATIVE)
    her.take(st.RecordAnatomy(anatomy=ev.Anatomy(absent=BOTH)), TECHNOLOGIST)
    her.take(st.EndInvitations(reason=ev.EndedFor.NO_BREAST_TISSUE, proof="no breast tissue to screen"), WORKER)
    assert her.kinds == set()
    her.take(st.RecordAnatomy(anatomy=ev.Anatomy(absent=(LEFT,))), TECHNOLOGIST)
    assert her.kinds == {"set_next_due"}


def test_an_unresolved_old_round_is_signed_off_or_taken_up() -> None:
    her = history(A.SUSPICIOUS)
    assert her.kinds == {"review_history"}
    her.take(st.ReviewHistory(episode="e1", follow_up=True, note="never came back"), RADIOLOGIST)
    assert {"arrange_biopsy", "resolve_abnormal", "tell_result"} <= her.kinds
    assert "send_summary" not in her.kinds
    other = history(A.SUSPICIOUS)
    other.take(st.ReviewHistory(episode="e1", follow_up=False, note="treated elsewhere"), RADIOLOGIST)
    assert other.outcome is ev.SettledAs.HISTORY


def test_an_unclear_amendment_of_an_old_calm_report_is_not_lost() -> None:
    her = history(A.NEGATIVE)
    unclear = her.reading((), ReportStatus.CORRECTED, at=her.now + HOUR, suspicious_words=True)
    assert her.report("e1.x2", unclear) == ["ReportAmended", "Reopened"]
    assert "confirm_change" in her.kinds


def test_news_about_an_old_round_that_was_signed_off_is_told_like_any_other() -> None:
    her = history(A.INCOMPLETE_IMAGING)
    her.take(st.ReviewHistory(episode="e1", follow_up=False, note="seen elsewhere"), RADIOLOGIST)
    her.amended("e1.x2", A.SUSPICIOUS)
    assert {"tell_result", "send_summary", "tell_provider", "arrange_biopsy"} <= her.kinds


def test_a_symptom_told_about_an_old_round_is_owed() -> None:
    her = history(A.NEGATIVE)
    her.take(st.ReportSymptom(episode="e1", what="lump"), HERSELF)
    assert her.kinds == {"answer_symptom"}


def test_new_pictures_beside_an_old_unread_examination_leave_it_on_the_list() -> None:
    her = Story()
    x = her.examination(history=True, at=her.now - 400 * DAY)
    her.take(st.TakeExamination(examination=x, site="main"), FEED)
    assert her.kinds == {"review_history"}
    her.reported(A.NEGATIVE, kind=ExaminationKind.DIAGNOSTIC, episode="e1")
    assert "review_history" in her.kinds


# ---------------------------------------------------------------- escalation


def test_what_is_late_is_carried_up_each_working_day() -> None:
    her = Story()
    exam = her.examined()
    read = her.loop("read")
    step = st.Escalate(kind="read", subject=exam, opened_seq=read.opened_seq, episode="e1")
    assert her.take(step, WORKER) == [], "it is not late yet"
    her.now = read.escalate_at
    assert her.take(step, WORKER, timedelta()) == ["Escalated"]
    assert (her.loop("read").rung, her.loop("read").escalated_to) == (1, "lead")
    assert her.take(step, WORKER) == [], "another worker was faster"
    her.now = her.loop("read").escalate_at
    her.take(step, WORKER, timedelta())
    assert (her.loop("read").rung, her.loop("read").escalated_to) == (2, "manager")
    assert her.loop("read").due_at == read.due_at
    assert her.loop("read").late_at == read.late_at


def test_a_legal_limit_is_carried_up_before_it_is_reached() -> None:
    her = Story()
    her.reported(A.NEGATIVE)
    letter = her.loop("send_summary")
    assert letter.legal
    assert letter.rule == "MQSA-D1"
    assert letter.late_at - letter.escalate_at == 5 * DAY
    her = Story()
    her.reported(A.SUSPICIOUS)
    letter = her.loop("send_summary")
    assert letter.rule == "MQSA-D3"
    assert letter.late_at - letter.escalate_at == 2 * DAY


def test_a_suspicious_letter_waits_for_the_call_at_most_four_days() -> None:
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    assert her.loop("send_summary").visible_from > her.now + 3 * DAY
    her.told(exam)
    assert her.loop("send_summary").visible_from <= her.now


def test_an_owner_of_the_round_is_who_its_loops_are_assigned_to() -> None:
    her = called_back()
    her.take(st.AssignOwner(episode="e1", owner="u-7", cover="u-8"), LEAD)
    assert {x.assignee for x in her.loops} == {"u-7"}


def test_a_clerk_sees_refusals_in_words_that_say_what_to_do() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    with pytest.raises(Refused, match="It is for: radiologist"):
        her.take(st.RecordReading(exam=exam, sides=sides(A.NEGATIVE, A.NEGATIVE)), FRONT_DESK)
