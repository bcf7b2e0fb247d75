"""Where a round stands: paused, resumed, lost, from before the start, in whose care; and mistakes put right."""

from collections.abc import Sequence
from datetime import timedelta

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.context import CARING, Context, Refused, resumed, text
from closerlook.pathway.events import Event, Recorded
from closerlook.pathway.loops import Loop, fold, next_rung, open_loops
from closerlook.pathway.patient import in_force
from closerlook.pathway.regions import UNANSWERED, Episode, FindingStatus, Patient
from closerlook.pathway.terms import Tissue

# ---------------------------------------------------------------- paused and resumed

LONGEST_PAUSE = {
    ev.PauseReason.DECLINED: timedelta(days=366),
    ev.PauseReason.LOST: timedelta(days=366),
    ev.PauseReason.MOVED_AWAY: timedelta(days=60),
}
"""A pause nobody looks at for longer is no pause; site default. Who moved has someone to look after her by then."""
TO_TELL = frozenset({"tell_result", "tell_change", "tell_diagnosis"})


def decline(step: st.RecordDecline, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    what = text(step.what, "what she declined")
    paused = _pause(episode, ev.PauseReason.DECLINED, step, c)
    if any(_not_told(m, c) for m in c.patient.owed if m[0] == episode.id):
        raise Refused("She has not been told this result yet. A refusal is informed: speak with her about it first.")
    if not step.of_being_told and any(_diagnosis_not_told(m, c) for m in c.patient.owed if m[0] == episode.id):
        raise Refused("She has not been told what the tissue showed. Tell her first, or record that she refuses that.")
    return [ev.Declined(occurred_at=c.now, episode=episode.id, what=what), *paused]


def _not_told(key: tuple[str | None, str, str], c: Context) -> bool:
    """Whether a suspicious result is still to be told her, and she has not opened it herself either."""
    _, kind, subject = key
    found = c.patient.exam(subject) if kind in ("tell_result", "tell_change") else None
    if found is None or found[1].telling.seen:
        return False
    gist = found[1].reading.gist
    return gist is not None and gist.suspect


def _diagnosis_not_told(key: tuple[str | None, str, str], c: Context) -> bool:
    episode, kind, subject = key
    if kind != "tell_diagnosis" or episode is None:
        return False
    return c.patient.episodes[episode].specimens[subject].tissue is Tissue.MALIGNANT


def moved_away(step: st.RecordMovedAway, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.is_suspect and not c.is_clinical:
        raise Refused("Her result is suspicious: a physician has to hand her over and record this.")
    if is_untold(c.patient, episode) and not c.is_one_of(CARING):
        raise Refused("She has not been told this result yet. A navigator, nurse or physician records this.")
    return _pause(episode, ev.PauseReason.MOVED_AWAY, step, c)


def is_untold(patient: Patient, episode: Episode) -> bool:
    """Whether someone still has to speak with her about a result of this round."""
    return any(key[0] == episode.id and key[1] in TO_TELL for key in patient.owed)


def confirm_lost(step: st.ConfirmLost, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if (episode.id, "confirm_lost", episode.id) not in c.patient.owed:
        raise Refused("Not every way to reach her has been tried yet.")
    if c.actor.id == episode.contact.last_by:
        raise Refused("You made the last attempt yourself. Someone else has to confirm that everything was tried.")
    if episode.is_suspect and not c.is_clinical:
        raise Refused("Her result is suspicious: a physician has to confirm this.")
    if not step.everything_tried:
        return [ev.LadderRestarted(occurred_at=c.now, episode=episode.id, reason="not everything was tried")]
    return _pause(episode, ev.PauseReason.LOST, step, c)


def _pause(
    episode: Episode, reason: ev.PauseReason, step: st.RecordDecline | st.RecordMovedAway | st.ConfirmLost, c: Context
) -> list[Event]:
    if episode.paused is not None:
        raise Refused("This round is paused already. Review the pause instead.")
    if episode.is_awaited and episode.answers is None:
        raise Refused("She has not been examined yet. Put her screening off, or record that she wants no invitations.")
    _check_review_day(step, episode, reason, c)
    reviewer = text(step.reviewer, "who reviews it")
    return [
        ev.Paused(occurred_at=c.now, episode=episode.id, reason=reason, review_on=step.review_on, reviewer=reviewer)
    ]


def _check_review_day(
    step: st.RecordDecline | st.RecordMovedAway | st.ConfirmLost | st.ReviewPause,
    episode: Episode,
    reason: ev.PauseReason,
    c: Context,
) -> None:
    today = c.protocol(episode).calendar.on(c.now)
    if step.review_on <= today:
        raise Refused("Give a day to come on which the pause is looked at again.")
    longest = LONGEST_PAUSE[reason]
    if step.review_on > today + longest:
        raise Refused(f"Give a day within {longest.days} days: a pause of this kind is looked at again by then.")


def review_pause(step: st.ReviewPause, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.paused is None:
        raise Refused("This round is not paused.")
    if episode.paused.review_on == step.review_on:
        return []
    _check_review_day(step, episode, episode.paused.reason, c)
    note = text(step.note, "note")
    return [ev.PauseReviewed(occurred_at=c.now, episode=episode.id, review_on=step.review_on, note=note)]


def changed_mind(step: st.RecordChangedMind, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.paused is None and episode.contact.reached and not episode.contact.said_no:
        return []
    return [*resumed(episode, c), ev.ChangedMind(occurred_at=c.now, episode=episode.id)]


def resume(step: st.Resume, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.paused is None:
        raise Refused("This round is not paused.")
    return resumed(episode, c)


# ---------------------------------------------------------------- history, owners, escalation


def review_history(step: st.ReviewHistory, c: Context) -> list[Event]:
    episode = c.episode(step.episode)
    c.need("review_history", episode.id)
    note = text(step.note, "note")
    if step.follow_up and not episode.findings:
        raise Refused("No finding is known in this round. Sign a reading of the examination first.")
    return [ev.HistoryReviewed(occurred_at=c.now, episode=episode.id, follow_up=step.follow_up, note=note)]


def assign(step: st.AssignOwner, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    owner = text(step.owner, "owner")
    held = {x.reading.held.release_by for x in episode.exams.values() if x.reading.held is not None}
    also = held | ({episode.paused.reviewer} if episode.paused is not None else set())
    note = (step.note or "").strip() or None
    same = (episode.owner, episode.cover) == (owner, step.cover) and note in (None, _last_note(episode.id, c))
    if same and step.leaves not in also - {owner}:
        return []
    return [
        ev.OwnerChanged(
            occurred_at=c.now, episode=episode.id, owner=owner, cover=step.cover, leaves=step.leaves, note=note
        )
    ]


def _last_note(episode: str, c: Context) -> str | None:
    found = (r.event for r in reversed(in_force(c.records)) if isinstance(r.event, ev.OwnerChanged))
    return next((e.note for e in found if e.episode == episode), None)


def refusal_written(step: st.RecordRefusalWritten, c: Context) -> list[Event]:
    episode = c.episode(step.episode)
    if step.to not in episode.refusals:
        return []
    proof = text(step.proof, "proof")
    return [ev.RefusalWritten(occurred_at=c.now, episode=episode.id, to=step.to, proof=proof)]


def move_to_protocol(step: st.MoveToProtocol, c: Context) -> list[Event]:
    """The round keeps its facts and first clocks; from now on the rules in force at its site say what is owed."""
    episode = c.open_episode(step.episode)
    if episode.protocol == c.default.hash:
        return []
    reason = text(step.reason, "reason")
    return [ev.ProtocolMoved(occurred_at=c.now, episode=episode.id, protocol=c.default.hash, reason=reason)]


def escalate(step: st.Escalate, c: Context) -> list[Event]:
    for loop in open_loops(c.patient, c.protocols, default=c.default):
        key = (loop.kind, loop.subject, loop.opened_seq, loop.episode)
        if key == (step.kind, step.subject, step.opened_seq, step.episode) and loop.escalate_at <= c.now:
            return [_escalated(loop, c)]
    return []  # closed, or escalated by another worker meanwhile


def _escalated(loop: Loop, c: Context) -> Event:
    episode = c.patient.episodes.get(loop.episode or "")
    protocol = c.protocol(episode) if episode else c.default
    return ev.Escalated(
        occurred_at=c.now,
        kind=loop.kind,
        subject=loop.subject,
        opened_seq=loop.opened_seq,
        rung=loop.rung + 1,
        to=next_rung(loop, protocol),
        episode=loop.episode,
    )


# ---------------------------------------------------------------- entered in error

NEWS = (ev.RoundOpened, ev.ExaminationPerformed, ev.Read, ev.ReportAmended, ev.ChangeConfirmed, ev.AssessmentConfirmed)
TOLD = (ev.ResultTold, ev.ResultSeen, ev.SummarySent, ev.ProviderTold)
FOLLOWED = (ev.Settled, ev.Reopened, ev.Paused, ev.SurveillancePlanned, ev.SurveillanceEnded)
"""What a step brought with it by itself; taken back with the fact it followed from, and decided anew."""


A_MINUTE = timedelta(seconds=70)
"""How long who recorded a call may take it back: a minute, and the time a click needs to arrive; site default."""
OF_A_CALL = (
    ev.ContactAttempted, ev.CallTried, ev.SpokenWith, ev.CallRequested, ev.ResultTold, ev.DiagnosisTold, ev.Booked,
    ev.Moved, ev.SaidNoToday, ev.ChangedMind, ev.BarrierNoted, ev.OwnerChanged, ev.Paused, ev.Resumed, ev.Died,
    ev.Settled, ev.Reopened,
)  # fmt: skip
"""What one call can leave in her log, and what follows from it by itself."""


def take_back(step: st.TakeBack, c: Context) -> list[Event]:
    """Who recorded a call takes it back at once, as if it had never been: their own facts, the last ones of the log."""
    asked = set(step.seqs)
    if not {r.seq for r in in_force(c.records)} & asked:
        return in_error(st.EnterInError(seqs=step.seqs, reason=step.reason), c)
    mine = [r for r in c.records if r.seq in asked]
    if any((r.actor.kind, r.actor.id) != (c.actor.kind, c.actor.id) for r in mine):
        raise Refused(f"Someone else recorded this. {TO_A_LEAD}")
    if any(c.now - r.recorded_at > A_MINUTE for r in mine):
        raise Refused(f"This was recorded more than a minute ago. {TO_A_LEAD}")
    if any(not isinstance(r.event, OF_A_CALL) for r in mine):
        raise Refused(f"This is more than a call. {TO_A_LEAD}")
    if any(r.seq not in asked for r in c.records if r.seq > min(asked)):
        raise Refused(f"Something has been recorded since. {TO_A_LEAD}")
    return in_error(st.EnterInError(seqs=step.seqs, reason=step.reason), c)


TO_A_LEAD = "Ask a doctor or a lead to enter it in error."


def in_error(step: st.EnterInError, c: Context) -> list[Event]:
    if not step.seqs or any(not 1 <= seq <= c.patient.version for seq in step.seqs):
        raise Refused(f"Name facts of her log, by their numbers 1 to {c.patient.version}.")
    standing = in_force(c.records)
    asked = {r.seq for r in standing} & set(step.seqs)
    if not asked:
        return []
    reason = text(step.reason, "reason")
    asked |= _made_of_opinions(asked, standing)
    _check_rests(asked, standing)
    _check_told(asked, standing)
    seqs = _with_dependants(asked, standing)
    then = _without(seqs, reason, c)
    seqs |= _planned_on_nothing(then, standing)
    event = ev.EnteredInError(occurred_at=c.now, seqs=tuple(sorted(seqs)), reason=reason)
    _check_suspect(then, c)
    return [event]


def _without(seqs: set[int], reason: str, c: Context) -> Patient:
    """Return the patient as she stands without these facts."""
    event = ev.EnteredInError(occurred_at=c.now, seqs=tuple(sorted(seqs)), reason=reason)
    record = Recorded(c.next_seq, c.next_seq, c.now, c.default.hash, event, c.actor)
    return fold(c.patient.id, [*c.records, record], c.protocols)


def _planned_on_nothing(then: Patient, standing: Sequence[Recorded]) -> set[int]:
    """Dated visits that were planned for what is not watched any more."""
    watched = {
        e.id for e in then.episodes.values() if any(f.status is FindingStatus.SURVEILLANCE for f in e.findings.values())
    }
    return {r.seq for r in standing if isinstance(r.event, ev.SurveillancePlanned) and r.event.episode not in watched}


def _made_of_opinions(asked: set[int], standing: Sequence[Recorded]) -> set[int]:
    """A result that two readings or a decision between them became is none without one of them.

    An opinion that its reader had replaced by then, and a reading that someone signed alone, are not of it.
    """
    decided = {(r.step, r.event.exam) for r in standing if isinstance(r.event, ev.Arbitrated)}
    taken = {(r.step, r.event.exam) for r in standing if r.seq in asked and isinstance(r.event, ev.Arbitrated)}
    counted: dict[str, dict[str, int]] = {}
    found: set[int] = set()
    for r in standing:
        match r.event:
            case ev.Opinion():
                counted.setdefault(r.event.exam, {})[r.event.reader] = r.seq
            case ev.AIRead():
                counted.setdefault(r.event.exam, {})[r.event.system] = r.seq
            case ev.Read() | ev.Arbitrated() if r.event.reading.message is None:
                whose = (r.step, r.event.exam)
                of = counted.get(r.event.exam, {}).values()
                if whose in taken or (asked.intersection(of) and (whose in decided or len(of) >= A_RESULT_OF)):
                    found.add(r.seq)
    return found


A_RESULT_OF = 2
"""So many who counted make a result: two readers, or one and a computer."""


def _check_rests(asked: set[int], standing: Sequence[Recorded]) -> None:
    """What a later report or decision changed cannot go from under it: what that one said would be lost."""
    gone = {r.event.exam: r.seq for r in standing if r.seq in asked and isinstance(r.event, ev.Read)}
    whole = {r.event.episode for r in standing if r.seq in asked and isinstance(r.event, ev.RoundOpened)}
    exams = {r.event.exam for r in standing if r.seq in asked and isinstance(r.event, ev.ExaminationPerformed)}
    for r in standing:
        match r.event:
            case ev.ReportAmended() | ev.ChangeConfirmed() | ev.AssessmentConfirmed() if r.seq not in asked:
                goes_too = r.event.exam in exams or r.event.episode in whole
                if not goes_too and r.seq > gone.get(r.event.exam, r.seq):
                    raise Refused("A later report or decision rests on this result. Take that one back first.")


def _with_dependants(asked: set[int], standing: Sequence[Recorded]) -> set[int]:
    """A round or an examination that never was takes every fact about it along; a fact, what followed by itself."""
    gone = [r.event for r in standing if r.seq in asked]
    pieces = {e.specimen for e in gone if isinstance(e, ev.BiopsyDone)}
    rounds = {e.episode for e in gone if isinstance(e, ev.RoundOpened)}
    exams = {e.exam for e in gone if isinstance(e, ev.ExaminationPerformed)}
    steps = {r.step for r in standing if r.seq in asked}
    reports = {
        r.event.specimen: r.seq for r in standing if r.seq in asked and isinstance(r.event, ev.PathologyReported)
    }
    seqs = set(asked)
    for r in standing:
        about = (
            getattr(r.event, "episode", None) in rounds
            or getattr(r.event, "exam", None) in exams
            or getattr(r.event, "specimen", None) in pieces
        )
        weighed = isinstance(r.event, ev.ConcordanceDecided) and r.seq > reports.get(r.event.specimen, r.seq)
        if about or weighed or (r.step in steps and isinstance(r.event, FOLLOWED)):
            seqs.add(r.seq)
    return seqs


def _check_told(asked: set[int], standing: Sequence[Recorded]) -> None:
    """What she or her provider was told cannot silently never have been: they are owed a word about it."""
    told = {r.event.exam for r in standing if isinstance(r.event, TOLD)}
    for r in standing:
        if r.seq not in asked or not isinstance(r.event, NEWS):
            continue
        rounds = {r.event.episode} if isinstance(r.event, ev.RoundOpened) else set()
        if getattr(r.event, "exam", None) in told or {exam.partition(".")[0] for exam in told} & rounds:
            raise Refused("Someone has been told of this. Withdraw the report instead, so that they hear of it.")
    diagnosed = {r.event.specimen for r in standing if isinstance(r.event, ev.DiagnosisTold)}
    for r in standing:
        tissue = isinstance(r.event, ev.BiopsyDone | ev.PathologyReported) and r.event.specimen in diagnosed
        if r.seq in asked and tissue:
            raise Refused("She has been told of this. Record the pathologist's corrected report instead.")


def _check_suspect(then: Patient, c: Context) -> None:
    """Only a clinician takes back what makes a round suspicious, or a question about her that nobody has answered."""
    if c.is_clinical:
        return
    for episode in c.patient.episodes.values():
        left = then.episodes.get(episode.id)
        if episode.is_suspect and (left is None or not left.is_suspect):
            raise Refused("This would take back a suspicious result: a radiologist or clinician has to do it.")
        if _questions(episode) - (_questions(left) if left is not None else set()):
            raise Refused("This would take back what nobody has answered yet: a radiologist or clinician has to do it.")


def _questions(episode: Episode) -> set[str]:
    """What is still asked in a round: open findings, symptoms, reports without a certain assessment."""
    found = {f.id for f in episode.findings.values() if f.status in UNANSWERED} | {
        s.id for s in episode.symptoms.values() if not s.answered
    }
    unsure = (x for x in episode.exams.values() if x.reading.report is not None and x.result is None)
    return found | {x.id for x in unsure} | {f"{x.id}:pending" for x in episode.exams.values() if x.reading.pending}
