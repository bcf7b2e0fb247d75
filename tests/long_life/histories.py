"""Hand-picked longer histories, kept in the corpus: amended, withdrawn, paused, taken back, late, and messages.

Once a version is stored its logs stand by themselves: what is changed or added here counts for the next version.
"""

import random
from collections.abc import Callable

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.messages import decide_message, fold_message, message_loops
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, FindingKind, ReportStatus
from tests.pathway.story import (
    CLINICIAN,
    DAY,
    FEED,
    FRONT_DESK,
    HERSELF,
    HOUR,
    LEFT,
    MANAGER,
    MONDAY,
    NAVIGATOR,
    NURSE,
    RADIOLOGIST,
    TECHNOLOGIST,
    US,
    WORKER,
    Story,
    called_back,
    sides,
    worked_up,
)
from tests.pathway.walks import Walk

LEADER = ev.Actor(ev.Kind.STAFF, "u-lead", ("lead", "manager"))


def amended_worse_then_calmer() -> Story:
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.posted(exam)
    her.amended(exam, A.INCOMPLETE_IMAGING)
    her.told(exam).posted(exam).planned(exam, LEFT)
    her.amended(exam, A.BENIGN)
    her.take(st.ConfirmChange(exam=exam, accepted=True), RADIOLOGIST)
    return her


def amended_and_refused() -> Story:
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    her.told(exam)
    her.amended(exam, A.NEGATIVE, status=ReportStatus.ADDENDUM)
    her.take(st.ConfirmChange(exam=exam, accepted=False), RADIOLOGIST)
    return her


def amended_and_waiting() -> Story:
    her = called_back()
    her.amended(her.exam.id, A.NEGATIVE)
    return her


def preliminary_confirmed() -> Story:
    """A preliminary report, then a signed one whose category a radiologist has to state; another is a marker film."""
    her = Story()
    exam = her.examined()
    her.take(st.ExplainWait(exam=exam, hear_by_on=her.day(5)), NURSE)
    her.report(exam, her.reading((), ReportStatus.PRELIMINARY, suspicious_words=True))
    her.report(exam, her.reading(()))
    finding = ev.Finding("f1", FindingKind.MASS, LEFT, "2 o'clock", A.INCOMPLETE_IMAGING)
    stated = sides(A.INCOMPLETE_IMAGING, A.NEGATIVE)
    her.take(st.ConfirmAssessment(exam=exam, sides=stated, findings=(finding,)), RADIOLOGIST)
    return her


def placed() -> Story:
    her = Story()
    exam = her.reported(A.KNOWN_MALIGNANCY)
    her.take(st.PlaceReport(exam=exam, outcome="read for treatment"), RADIOLOGIST)
    return her


def withdrawn_not_hers() -> Story:
    her = called_back()
    her.take(st.WithdrawReport(exam=her.exam.id, reason="another name on it", examination_hers=False), RADIOLOGIST)
    return her


def withdrawn_work_up() -> Story:
    her = worked_up(A.BENIGN)
    her.answered(her.finding, her.exam.id, A.BENIGN)
    her.take(st.WithdrawReport(exam=her.exam.id, reason="wrong side", examination_hers=True), RADIOLOGIST)
    return her


def declined_reviewed_and_back() -> Story:
    her = called_back().declined()
    her.take(st.ReviewPause(episode="e1", review_on=her.day(150), note="rang, no change"), NAVIGATOR, 80 * DAY)
    her.take(st.RecordChangedMind(episode="e1"), NURSE, DAY)
    return her


def declined() -> Story:
    return called_back().declined()


def moved_away_and_resumed() -> Story:
    her = called_back()
    her.take(st.RecordMovedAway(episode="e1", review_on=her.day(30), reviewer="u-navigator"), NAVIGATOR)
    her.take(st.Resume(episode="e1"), NAVIGATOR, DAY)
    return her


def lost() -> Story:
    her = Story()
    her.posted(her.reported(A.INCOMPLETE_IMAGING)).climbed()
    step = st.ConfirmLost(episode="e1", everything_tried=True, review_on=her.day(90), reviewer="u-navigator")
    her.take(step, MANAGER)
    return her


def lost_and_found() -> Story:
    her = lost()
    her.take(st.OpenHerPage(), HERSELF)
    return her


def ladder_restarted() -> Story:
    her = Story()
    her.posted(her.reported(A.INCOMPLETE_IMAGING)).climbed()
    step = st.ConfirmLost(episode="e1", everything_tried=False, review_on=her.day(90), reviewer="u-navigator")
    her.take(step, MANAGER)
    return her


def died_and_taken_back() -> Story:
    her = died()
    her.take(st.EnterInError(seqs=(died_at(her),), reason="another woman of that name"), LEADER)
    return her


def died() -> Story:
    her = called_back()
    her.take(st.RecordDeath(died_on=her.day(-1)), MANAGER)
    return her


def died_at(her: Story) -> int:
    return next(r.seq for r in her.log if isinstance(r.event, ev.Died))


def error_taken_back() -> Story:
    """A booking entered in error, and then that entry itself."""
    her = called_back()
    booked = her.log[-1].seq
    her.take(st.EnterInError(seqs=(booked,), reason="another patient"), LEADER)
    her.take(st.EnterInError(seqs=(her.log[-1].seq,), reason="it was hers"), LEADER)
    return her


def booking_in_error() -> Story:
    her = called_back()
    her.take(st.EnterInError(seqs=(her.log[-1].seq,), reason="another patient"), LEADER)
    return her


def escalated() -> Story:
    """Nobody plans the call-back: the next rung is told, and the next."""
    her = Story()
    her.reported(A.INCOMPLETE_IMAGING)
    for _ in range(4):
        her.now += 2 * DAY
        for late in [x for x in her.loops if x.escalate_at <= her.now]:
            step = st.Escalate(kind=late.kind, subject=late.subject, opened_seq=late.opened_seq, episode=late.episode)
            her.take(step, WORKER, 0 * HOUR)
    return her


def history_taken_up() -> Story:
    her = Story()
    her.reported(A.SUSPICIOUS, history=True)
    her.take(st.ReviewHistory(episode="e1", follow_up=True, note="never came back"), RADIOLOGIST)
    return her


def history_signed_off() -> Story:
    her = Story()
    her.reported(A.INCOMPLETE_IMAGING, history=True)
    her.take(st.ReviewHistory(episode="e1", follow_up=False, note="treated elsewhere"), RADIOLOGIST)
    return her


def history_calm() -> Story:
    her = Story()
    her.reported(A.NEGATIVE, history=True)
    return her


def surveillance_and_the_next_round() -> Story:
    """Probably benign, seen again after six months, with a screening round between."""
    her = worked_up(A.PROBABLY_BENIGN)
    her.answered(her.finding, her.exam.id, A.PROBABLY_BENIGN)
    first = next(iter(her.patient.dated))
    her.wait(170 * DAY)
    exam = her.reported(A.BENIGN, None, kind=ExaminationKind.DIAGNOSTIC, looked_at=(LEFT,), answers=first)
    her.told(exam).posted(exam)
    return her


def suspicious() -> Story:
    her = worked_up(A.SUSPICIOUS)
    her.answered(her.finding, her.exam.id, A.HIGHLY_SUGGESTIVE)
    her.take(st.AssignOwner(episode="e1", owner="u-navigator", cover="u-nurse"), MANAGER)
    return her


def priors() -> Story:
    her = Story()
    exam = her.reported(A.INCOMPLETE_PRIORS)
    her.told(exam)
    her.take(st.RequestPriors(episode="e1", source="Lakeside"), FRONT_DESK)
    her.take(st.RecordNoPriors(episode="e1", reason="destroyed"), FRONT_DESK, 9 * DAY)
    her.take(st.ReceivePriors(episode="e1", source="Hillside"), FRONT_DESK, DAY)
    her.take(st.RecordReading(exam=exam, sides=sides(A.NEGATIVE, A.NEGATIVE), with_priors=True), RADIOLOGIST)
    return her


def symptom() -> Story:
    her = Story()
    her.take(st.Enrol(), FRONT_DESK)
    exam = her.reported(A.NEGATIVE)
    her.take(st.ReportSymptom(episode=her.episode.id, what="lump", side=LEFT), NURSE)
    her.posted(exam)
    her.take(st.AnswerSymptom(symptom=next(iter(her.episode.symptoms)), answer="a cyst"), RADIOLOGIST)
    her.take(st.SetNextDue(due_on=her.day(365), why="yearly from 40"), WORKER)
    return her


def visits_and_letters() -> Story:
    """A visit moved, confirmed by her, cancelled, missed; a letter that came back; a call she asked for."""
    her = called_back()
    exam = her.exam.id
    her.take(st.MoveVisit(episode="e1", starts_at=her.now + 4 * DAY, place="Riverside, 2"), NAVIGATOR)
    her.take(st.ConfirmVisit(episode="e1"), HERSELF)
    her.take(st.CancelVisit(episode="e1", by_her=False), NAVIGATOR)
    her.booked(2)
    her.take(st.RecordMissed(episode="e1"), FRONT_DESK, 3 * DAY)
    her.take(st.RecordReturned(exam=exam, reason="unknown at this address"), FRONT_DESK)
    her.take(st.AskForCall(best_time="after five"), HERSELF)
    her.take(st.RecordSpoken(channel=ev.Channel.PHONE), NURSE)
    her.take(st.RecordNoToday(episode="e1"), NAVIGATOR)
    her.take(st.OpenResult(exam=exam), HERSELF)
    return her


def opened_before_the_call() -> Story:
    her = Story()
    exam = her.reported(A.HIGHLY_SUGGESTIVE)
    her.take(st.OpenResult(exam=exam), HERSELF)
    her.told(exam, CLINICIAN)
    return her


def came() -> Story:
    her = called_back()
    her.take(st.RecordAttended(episode="e1"), TECHNOLOGIST, 3 * DAY)
    return her


def walk(seed: int) -> Callable[[], Story]:
    """A random walk of forty steps, always the same for a seed."""

    def walked() -> Story:
        found = Walk(random.Random(seed).choice)
        for _ in range(40):
            found.go()
        return found.her

    return walked


ALL: dict[str, Callable[[], Story]] = {
    **{
        tell.__name__: tell
        for tell in (
            amended_worse_then_calmer, amended_and_refused, amended_and_waiting, preliminary_confirmed, placed,
            withdrawn_not_hers, withdrawn_work_up, declined, declined_reviewed_and_back, moved_away_and_resumed, lost,
            lost_and_found, ladder_restarted, died, died_and_taken_back, error_taken_back, booking_in_error, escalated,
            history_taken_up, history_signed_off, history_calm, surveillance_and_the_next_round, suspicious, priors,
            symptom, visits_and_letters, opened_before_the_call, came,
        )
    },
    **{f"walk_{seed}": walk(seed) for seed in range(1, 7)},
}  # fmt: skip


# ---------------------------------------------------------------- messages

ASIDE = st.SetMessageAside(reason="birth_date_differs", offered=("p1/e1",))
GRAVE = st.SetMessageAside(reason="unreadable", suspicious_words=True)
MESSAGES: dict[str, tuple[tuple[st.Step, ev.Actor], ...]] = {
    "message_waiting": ((ASIDE, FEED), (GRAVE, FEED)),
    "message_filed": ((ASIDE, FEED), (st.FileMessage(patient="p1"), FRONT_DESK)),
    "message_discarded_and_back": (
        (GRAVE, FEED), (st.DiscardMessage(reason="a test of the sender's"), RADIOLOGIST), (ASIDE, FEED),
    ),
    "message_late": (
        (ASIDE, FEED), (st.Escalate(kind="resolve_message", subject="m1", opened_seq=1), WORKER),
        (st.Escalate(kind="resolve_message", subject="m1", opened_seq=1), WORKER),
    ),
}  # fmt: skip


def message(steps: tuple[tuple[st.Step, ev.Actor], ...]) -> list[ev.Recorded]:
    """Return a message's log: its steps, taken five days apart."""
    log: list[ev.Recorded] = []
    for n, (step, by) in enumerate(steps):
        now = MONDAY + n * 5 * DAY
        facts = decide_message(step, fold_message("m1", log), US, actor=by, now=now)
        assert facts, f"{step} changed nothing; owed {message_loops(fold_message('m1', log), US)}"
        first = len(log) + 1
        log += [ev.Recorded(first + k, first, now, US.hash, fact, by) for k, fact in enumerate(facts)]
    return log
