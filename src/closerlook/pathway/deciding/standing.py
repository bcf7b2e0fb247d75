"""Where a round stands: paused, resumed, lost, from before the start, in whose care; and mistakes put right."""

from collections.abc import Sequence
from datetime import timedelta

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.context import Context, Refused, resumed, text
from closerlook.pathway.events import Event, Recorded
from closerlook.pathway.loops import Loop, fold, next_rung, open_loops
from closerlook.pathway.patient import in_force
from closerlook.pathway.regions import Episode

# ---------------------------------------------------------------- paused and resumed

LONGEST_PAUSE = timedelta(days=366)
"""A pause nobody looks at for longer is no pause; site default."""


def decline(step: st.RecordDecline, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    what = text(step.what, "what she declined")
    paused = _pause(episode, ev.PauseReason.DECLINED, step, c)
    if any(_not_told(m, c) for m in c.patient.owed if m[0] == episode.id):
        raise Refused("She has not been told this result yet. A refusal is informed: speak with her about it first.")
    return [ev.Declined(occurred_at=c.now, episode=episode.id, what=what), *paused]


def _not_told(key: tuple[str | None, str, str], c: Context) -> bool:
    """Whether a suspicious result is still to be told her, and she has not opened it herself either."""
    _, kind, subject = key
    found = c.patient.exam(subject) if kind in ("tell_result", "tell_change") else None
    if found is None or found[1].telling.seen:
        return False
    gist = found[1].reading.gist
    return gist is not None and gist.suspect


def moved_away(step: st.RecordMovedAway, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.is_suspect and not c.is_clinical:
        raise Refused("Her result is suspicious: a physician has to hand her over and record this.")
    return _pause(episode, ev.PauseReason.MOVED_AWAY, step, c)


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
    _check_review_day(step, episode, c)
    reviewer = text(step.reviewer, "who reviews it")
    return [
        ev.Paused(occurred_at=c.now, episode=episode.id, reason=reason, review_on=step.review_on, reviewer=reviewer)
    ]


def _check_review_day(
    step: st.RecordDecline | st.RecordMovedAway | st.ConfirmLost | st.ReviewPause, episode: Episode, c: Context
) -> None:
    today = c.protocol(episode).calendar.on(c.now)
    if step.review_on <= today:
        raise Refused("Give a day to come on which the pause is looked at again.")
    if step.review_on > today + LONGEST_PAUSE:
        raise Refused("Give a day within a year: a pause is looked at again at least once a year.")


def review_pause(step: st.ReviewPause, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.paused is None:
        raise Refused("This round is not paused.")
    if episode.paused.review_on == step.review_on:
        return []
    _check_review_day(step, episode, c)
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
    if (episode.owner, episode.cover) == (owner, step.cover):
        return []
    return [ev.OwnerChanged(occurred_at=c.now, episode=episode.id, owner=owner, cover=step.cover)]


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
FOLLOWED = (ev.Settled, ev.Reopened, ev.Paused, ev.SurveillancePlanned)
"""What a step brought with it by itself; taken back with the fact it followed from, and decided anew."""


def in_error(step: st.EnterInError, c: Context) -> list[Event]:
    if not step.seqs or any(not 1 <= seq <= c.patient.version for seq in step.seqs):
        raise Refused(f"Name facts of her log, by their numbers 1 to {c.patient.version}.")
    standing = in_force(c.records)
    asked = {r.seq for r in standing} & set(step.seqs)
    if not asked:
        return []
    reason = text(step.reason, "reason")
    _check_told(asked, standing)
    seqs = _with_dependants(asked, standing)
    event = ev.EnteredInError(occurred_at=c.now, seqs=tuple(sorted(seqs)), reason=reason)
    _check_suspect(event, c)
    return [event]


def _with_dependants(asked: set[int], standing: Sequence[Recorded]) -> set[int]:
    """A round or an examination that never was takes every fact about it along; a fact, what followed by itself."""
    gone = [r.event for r in standing if r.seq in asked]
    rounds = {e.episode for e in gone if isinstance(e, ev.RoundOpened)}
    exams = {e.exam for e in gone if isinstance(e, ev.ExaminationPerformed)}
    steps = {r.step for r in standing if r.seq in asked}
    seqs = set(asked)
    for r in standing:
        about = getattr(r.event, "episode", None) in rounds or getattr(r.event, "exam", None) in exams
        if about or (r.step in steps and isinstance(r.event, FOLLOWED)):
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


def _check_suspect(event: ev.EnteredInError, c: Context) -> None:
    """Only a clinician takes back what makes a round suspicious, or a question about her that nobody has answered."""
    if c.is_clinical:
        return
    record = Recorded(c.next_seq, c.next_seq, c.now, c.default.hash, event, c.actor)
    then = fold(c.patient.id, [*c.records, record], c.protocols)
    for episode in c.patient.episodes.values():
        left = then.episodes.get(episode.id)
        if episode.is_suspect and (left is None or not left.is_suspect):
            raise Refused("This would take back a suspicious result: a radiologist or clinician has to do it.")
        if _questions(episode) - (_questions(left) if left is not None else set()):
            raise Refused("This would take back what nobody has answered yet: a radiologist or clinician has to do it.")


def _questions(episode: Episode) -> set[str]:
    """What is still asked in a round: open findings, symptoms, reports without a certain assessment."""
    found = {f.id for f in episode.open_findings()} | {s.id for s in episode.symptoms.values() if not s.answered}
    unsure = (x for x in episode.exams.values() if x.reading.report is not None and x.result is None)
    return found | {x.id for x in unsure} | {f"{x.id}:pending" for x in episode.exams.values() if x.reading.pending}
