"""Declined, lost, moved away, died, entered in error, and going on again."""

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind
from tests.pathway.story import (
    CLINICIAN,
    DAY,
    FRONT_DESK,
    HERSELF,
    LEAD,
    LEFT,
    MANAGER,
    NAVIGATOR,
    NURSE,
    RADIOLOGIST,
    WORKER,
    Story,
    called_back,
    staff,
)


def lost_step(her: Story, *, everything: bool = True) -> st.ConfirmLost:
    return st.ConfirmLost(episode="e1", everything_tried=everything, review_on=her.day(60), reviewer="u-navigator")


# ---------------------------------------------------------------- declined


def test_a_refusal_pauses_what_needs_her_and_nothing_else() -> None:
    her = called_back()
    her.take(st.RecordReturned(exam=her.exam.id, reason="unknown"), FRONT_DESK)
    her.declined()
    # Her visit stands until it is cancelled; the refusal is confirmed in writing; screening itself goes on by its day.
    assert her.kinds == {"send_summary", "review_pause", "write_refusal", "close_visit", "set_next_due"}
    assert {x.subject for x in her.loops if x.kind == "write_refusal"} == {"e1:her", "e1:provider"}
    assert her.loop("review_pause").assignee == "u-navigator"
    assert her.loop("review_pause").due_at == her.protocol.calendar.end_of(her.day(90))


def test_going_on_gives_new_keys_with_the_first_clocks() -> None:
    her = called_back()
    before = {x.kind: x for x in her.loops}
    her.declined().wait(20 * DAY)
    her.take(st.AskForCall(), HERSELF)
    for kind in ("resolve_abnormal", "attend_call_back"):
        now = her.loop(kind)
        assert now.opened_seq > before[kind].opened_seq
        assert (now.due_at, now.late_at) == (before[kind].due_at, before[kind].late_at)


@pytest.mark.parametrize(
    "step",
    [
        st.RecordChangedMind(episode="e1"),
        st.AskForCall(),
        st.OpenResult(exam="e1.x2"),
        st.ReportSymptom(episode="e1", what="lump"),
        st.Resume(episode="e1"),
    ],
)
def test_any_contact_from_her_goes_on_with_the_round(step: st.Step) -> None:
    her = called_back().declined()
    by = NAVIGATOR if isinstance(step, st.Resume) else HERSELF
    assert her.take(step, by)[0] == "Resumed"
    assert her.episode.paused is None
    assert "attend_call_back" in her.kinds


def test_coming_for_pictures_goes_on_with_the_round() -> None:
    her = called_back().declined()
    her.examined(ExaminationKind.DIAGNOSTIC, (LEFT,), episode="e1")
    assert her.episode.paused is None
    assert "assess_workup" in her.kinds


def test_nobody_can_refuse_a_result_she_has_not_been_told() -> None:
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    step = st.RecordDecline(episode="e1", what="biopsy", review_on=her.day(30), reviewer="u-clinician")
    with pytest.raises(Refused, match="not been told"):
        her.take(step, CLINICIAN)
    her.told(exam)
    her.take(step, CLINICIAN)
    assert her.loop("review_pause").owner == "radiologist"


def test_a_clerk_cannot_take_a_refusal_and_a_pause_has_a_day_within_a_year() -> None:
    her = called_back()
    step = st.RecordDecline(episode="e1", what="pictures", review_on=her.day(30), reviewer="u-navigator")
    with pytest.raises(Refused, match="Your role"):
        her.take(step, FRONT_DESK)
    for days, why in ((0, "to come"), (800, "within 366 days")):
        late = st.RecordDecline(episode="e1", what="pictures", review_on=her.day(days), reviewer="u-navigator")
        with pytest.raises(Refused, match=why):
            her.take(late, NURSE)


def test_worse_news_ends_a_pause_for_what_she_refused_before() -> None:
    her = called_back()
    exam = her.exam.id
    her.declined()
    facts = her.amended(exam, A.INCOMPLETE_IMAGING, A.SUSPICIOUS)
    assert facts == ["ReportAmended", "Resumed"]
    assert {"arrange_biopsy", "tell_change"} <= her.kinds


def test_reviewing_a_pause_closes_the_review_and_owes_the_next_one_unescalated() -> None:
    her = called_back().declined()
    first = her.loop("review_pause")
    her.wait(110 * DAY)
    step = st.Escalate(kind=first.kind, subject=first.subject, opened_seq=first.opened_seq, episode="e1")
    assert her.take(step, WORKER) == ["Escalated"]
    later = her.day(60)
    her.take(st.ReviewPause(episode="e1", review_on=later, note="still does not want to come"), NAVIGATOR)
    second = her.loop("review_pause")
    assert second.opened_seq > first.opened_seq
    assert second.rung == 0
    assert second.due_at == her.protocol.calendar.end_of(later)
    assert second.escalate_at > second.due_at


def test_a_suspicious_result_is_not_handed_over_by_the_front_desk() -> None:
    her = Story()
    her.told(her.reported(A.SUSPICIOUS))
    step = st.RecordMovedAway(episode="e1", review_on=her.day(30), reviewer="u-navigator")
    with pytest.raises(Refused, match="physician"):
        her.take(step, FRONT_DESK)
    her.take(step, CLINICIAN)
    assert her.episode.paused is not None


def test_who_was_not_told_is_not_moved_away_by_the_front_desk_nor_for_long() -> None:
    her = Story()
    her.reported(A.INCOMPLETE_IMAGING)
    away = st.RecordMovedAway(episode="e1", review_on=her.day(30), reviewer="u-navigator")
    with pytest.raises(Refused, match="navigator, nurse or physician"):
        her.take(away, FRONT_DESK)
    with pytest.raises(Refused, match="within 60 days"):
        her.take(st.RecordMovedAway(episode="e1", review_on=her.day(90), reviewer="u-navigator"), NAVIGATOR)
    her.take(away, NAVIGATOR)
    assert her.loop("review_pause").assignee == "u-navigator"


# ---------------------------------------------------------------- lost


def test_lost_only_after_the_whole_ladder_with_the_provider_told() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    with pytest.raises(Refused, match="Not every way"):
        her.take(lost_step(her), MANAGER)
    her.climbed()
    assert "confirm_lost" not in her.kinds, "her provider does not know yet"
    her.take(st.RecordPosted(exam=exam, document=ev.Document.PROVIDER_REPORT, proof="fax"), FRONT_DESK)
    assert "reach_her" not in her.kinds
    assert her.loop("confirm_lost").owner == "manager"
    her.take(lost_step(her), MANAGER)
    assert her.episode.paused is not None
    assert her.episode.paused.reason is ev.PauseReason.LOST
    assert "tell_result" not in her.kinds
    assert "review_pause" in her.kinds


def test_who_made_the_last_attempt_cannot_say_that_everything_was_tried() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.take(st.RecordPosted(exam=exam, document=ev.Document.PROVIDER_REPORT, proof="fax"), FRONT_DESK)
    both = ev.Actor(ev.Kind.STAFF, "u-both", ("navigator", "manager"))
    her.climbed().attempted(by=both)
    with pytest.raises(Refused, match="yourself"):
        her.take(lost_step(her), both)


def test_a_physician_confirms_that_a_woman_with_a_suspicious_result_is_lost() -> None:
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    her.posted(exam).climbed()
    assert her.loop("confirm_lost").owner == "clinician"
    with pytest.raises(Refused, match="physician"):
        her.take(lost_step(her), MANAGER)
    her.take(lost_step(her), CLINICIAN)
    assert her.kinds == {"review_pause", "set_next_due"}


def test_not_everything_tried_begins_the_ladder_again() -> None:
    her = Story()
    her.posted(her.reported(A.INCOMPLETE_IMAGING)).climbed()
    her.take(lost_step(her, everything=False), MANAGER)
    assert "confirm_lost" not in her.kinds
    assert "reach_her" in her.kinds


def test_reaching_a_woman_who_was_lost_goes_on_with_her_round() -> None:
    her = Story()
    her.posted(her.reported(A.INCOMPLETE_IMAGING)).climbed()
    her.take(lost_step(her), MANAGER)
    reached = st.RecordContact(episode="e1", channel=ev.Channel.PHONE, outcome=ev.Outcome.REACHED)
    assert her.take(reached, NAVIGATOR) == ["Resumed", "ContactAttempted"]
    assert "tell_result" in her.kinds


# ---------------------------------------------------------------- late news, death


def test_late_news_reopens_a_settled_round_visibly() -> None:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.posted(exam)
    her.wait(40 * DAY)
    assert her.amended(exam, A.NEGATIVE, A.SUSPICIOUS) == ["ReportAmended", "Reopened"]
    assert her.episode.settled is None
    assert "tell_change" in her.kinds
    assert her.loop("resolve_abnormal").late_at < her.loop("resolve_abnormal").visible_from + 60 * DAY


def test_her_death_closes_all_that_is_owed_to_her_and_the_record_goes_on() -> None:
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    with pytest.raises(Refused, match="suspicious"):
        her.take(st.RecordDeath(died_on=her.day()), NAVIGATOR)
    her.take(st.RecordDeath(died_on=her.day()), CLINICIAN)
    assert her.kinds == {"tell_provider"}
    her.take(st.RecordPosted(exam=exam, document=ev.Document.PROVIDER_REPORT, proof="fax"), FRONT_DESK)
    assert her.outcome is ev.SettledAs.DIED
    assert her.amended(exam, A.HIGHLY_SUGGESTIVE) == ["ReportAmended", "Reopened"]
    assert her.kinds == {"tell_provider"}


def test_a_death_entered_in_error_brings_everything_back_with_its_first_clocks() -> None:
    her = called_back()
    before = her.loops
    her.take(st.RecordDeath(died_on=her.day()), NAVIGATOR)
    assert her.outcome is ev.SettledAs.DIED
    assert her.loops == []
    died = her.facts().index("Died") + 1
    her.take(st.EnterInError(seqs=(died,), reason="another woman of that name"), MANAGER, 5 * DAY)
    assert her.loops == before
    assert her.episode.settled is None


# ---------------------------------------------------------------- entered in error


def test_an_examination_entered_in_error_takes_its_facts_along() -> None:
    her = called_back()
    extra = her.examined(ExaminationKind.DIAGNOSTIC, (LEFT,), episode="e1")
    assert "assess_workup" in her.kinds
    seq = next(r.seq for r in her.log if isinstance(r.event, ev.ExaminationPerformed) and r.event.exam == extra)
    her.take(st.EnterInError(seqs=(seq,), reason="filed twice"), NAVIGATOR_LEAD)
    assert "attend_call_back" in her.kinds
    assert "assess_workup" not in her.kinds
    assert extra not in her.episode.exams


NAVIGATOR_LEAD = staff("lead", "u-navigator-lead")


def test_a_refusal_entered_in_error_takes_its_pause_along() -> None:
    her = called_back().declined()
    seq = her.facts().index("Declined") + 1
    her.take(st.EnterInError(seqs=(seq,), reason="another patient's call"), MANAGER)
    assert her.episode.paused is None
    assert "attend_call_back" in her.kinds


def test_what_she_was_told_cannot_silently_never_have_been() -> None:
    her = called_back()
    seq = her.facts().index("Read") + 1
    with pytest.raises(Refused, match="Withdraw the report"):
        her.take(st.EnterInError(seqs=(seq,), reason="wrong"), RADIOLOGIST)


def test_only_a_clinician_takes_back_a_suspicious_result() -> None:
    her = Story()
    her.reported(A.SUSPICIOUS)
    seq = her.facts().index("RoundOpened") + 1
    with pytest.raises(Refused, match="suspicious"):
        her.take(st.EnterInError(seqs=(seq,), reason="wrong"), LEAD)
    her.take(st.EnterInError(seqs=(seq,), reason="another patient's"), RADIOLOGIST)
    assert her.patient.episodes == {}


def test_an_answer_entered_in_error_takes_its_dated_visits_along() -> None:
    her = called_back()
    work_up = her.reported(A.PROBABLY_BENIGN, None, kind=ExaminationKind.DIAGNOSTIC, looked_at=(LEFT,), episode="e1")
    her.told(work_up).posted(work_up)
    her.answered(her.finding, work_up, A.PROBABLY_BENIGN)
    her.freed()
    assert her.patient.dated
    seq = her.facts().index("WorkupAssessed") + 1
    her.take(st.EnterInError(seqs=(seq,), reason="wrong finding"), RADIOLOGIST)
    assert not her.patient.dated
    assert her.kinds == {"assess_workup", "resolve_abnormal"}
    assert her.take(st.EnterInError(seqs=(seq,), reason="wrong finding"), RADIOLOGIST) == []


def test_taking_back_an_error_brings_its_facts_back() -> None:
    her = called_back()
    before = her.kinds
    booked = her.facts().index("Booked") + 1
    her.take(st.EnterInError(seqs=(booked,), reason="wrong"), MANAGER)
    assert "book_call_back" in her.kinds
    her.take(st.EnterInError(seqs=(len(her.log),), reason="it was right"), MANAGER)
    assert her.kinds == before


def test_who_was_lost_and_opens_her_page_is_found_and_who_refused_may_look() -> None:
    her = called_back()
    refused = st.RecordDecline(episode="e1", what="pictures", review_on=her.day(30), reviewer="u-navigator")
    her.take(refused, NURSE)
    assert her.take(st.OpenHerPage(), HERSELF) == []
    her = Story()
    her.posted(her.reported(A.INCOMPLETE_IMAGING)).climbed()
    her.take(lost_step(her), MANAGER)
    assert her.take(st.OpenHerPage(), HERSELF) == ["Resumed"]
    assert "attend_call_back" in her.kinds
