"""Calling back: what is planned, reaching her, her visit, and the earlier pictures."""

from datetime import timedelta

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.context import Context, Refused, resumed, text
from closerlook.pathway.events import Event, Purpose
from closerlook.pathway.matters import asks_for
from closerlook.pathway.regions import NO_VISIT_YET, Episode, Visit, VisitStage
from closerlook.pathway.slots import is_of

FARTHEST_VISIT = timedelta(days=3 * 366)
"""Farther off it is a slip of the hand; site default."""


def decide_call_back(step: st.DecideCallBack, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    c.open_episode(episode.id)
    waiting = [f for f in episode.open_findings() if not step.sides or f.side is None or f.side in step.sides]
    if not waiting:
        raise Refused("No open finding of that breast asks for further pictures.")
    decided = ev.CallBackDecided(
        occurred_at=c.now,
        episode=episode.id,
        exam=exam.id,
        sides=step.sides,
        reasons=step.reasons,
        views=step.views,
        ultrasound=step.ultrasound,
        answer_same_day=step.answer_same_day,
        also=step.also,
        technical=step.technical,
    )
    return (
        []
        if not episode.replan and all(f.planned for f in waiting) and _same_plan(episode.plan, decided)
        else [decided]
    )


def _same_plan(known: ev.CallBackDecided | None, new: ev.CallBackDecided) -> bool:
    fields = ("exam", "sides", "reasons", "views", "ultrasound", "answer_same_day", "also", "technical")
    return known is not None and all(getattr(known, name) == getattr(new, name) for name in fields)


# ---------------------------------------------------------------- reaching her


ENDS: dict[ev.Channel, frozenset[ev.Outcome]] = {
    ev.Channel.PHONE: frozenset(
        {ev.Outcome.REACHED, ev.Outcome.VOICEMAIL, ev.Outcome.NO_ANSWER, ev.Outcome.WRONG_NUMBER}
    ),
    ev.Channel.TEXT: frozenset({ev.Outcome.SENT, ev.Outcome.REACHED, ev.Outcome.WRONG_NUMBER}),
    ev.Channel.LETTER: frozenset({ev.Outcome.SENT, ev.Outcome.REACHED}),
    ev.Channel.CERTIFIED_LETTER: frozenset({ev.Outcome.SENT, ev.Outcome.REACHED}),
    ev.Channel.IN_PERSON: frozenset({ev.Outcome.REACHED, ev.Outcome.NO_ANSWER}),
    ev.Channel.HER_PAGE: frozenset({ev.Outcome.SENT, ev.Outcome.REACHED}),
}
"""How an attempt can end, by the way it was made."""


def contact(step: st.RecordContact, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if step.outcome not in ENDS[step.channel]:
        how, ended = step.channel.replace("_", " "), step.outcome.replace("_", " ")
        raise Refused(f"An attempt by {how} cannot end as {ended}. Choose how it was, and how it ended.")
    attempt = ev.ContactAttempted(occurred_at=c.now, episode=episode.id, channel=step.channel, outcome=step.outcome)
    lost = episode.paused is not None and episode.paused.reason is ev.PauseReason.LOST
    found = lost and step.outcome is ev.Outcome.REACHED
    return [*(resumed(episode, c) if found else []), attempt]


def no_today(step: st.RecordNoToday, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.is_awaited and episode.answers is None:
        raise Refused("She has not been examined yet. Put her screening off, or record that she wants no invitations.")
    return [] if episode.contact.said_no else [ev.SaidNoToday(occurred_at=c.now, episode=episode.id)]


# ---------------------------------------------------------------- her visit


def book(step: st.BookVisit, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    place = text(step.place, "place")
    visit = _visit(episode, step.purpose)
    if _stands(visit, step, place):
        return resumed(episode, c)
    if visit.stage is VisitStage.BOOKED:
        raise Refused("A visit is booked already. Move it instead.")
    if not asks_for(episode, step.purpose, c.patient.around):
        raise Refused(NOTHING_ASKS[step.purpose])
    _to_come(step, c)
    return [
        *resumed(episode, c),
        ev.Booked(
            occurred_at=c.now,
            episode=episode.id,
            starts_at=step.starts_at,
            place=place,
            purpose=step.purpose,
            slot=step.slot,
        ),
    ]


NOTHING_ASKS: dict[Purpose, str] = {
    Purpose.SCREENING: "Nothing in this round asks for a screening examination.",
    Purpose.PICTURES: "Nothing in this round asks for further pictures.",
    Purpose.BIOPSY: "Nothing in this round asks for tissue.",
    Purpose.RESULTS: "Nothing in this round waits to be told from tissue.",
}


def move(step: st.MoveVisit, c: Context) -> list[Event]:
    episode = _booked(step.episode, step.purpose, c)
    place = text(step.place, "place")
    if _stands(_visit(episode, step.purpose), step, place):
        return resumed(episode, c)
    _to_come(step, c)
    return [
        *resumed(episode, c),
        ev.Moved(
            occurred_at=c.now,
            episode=episode.id,
            starts_at=step.starts_at,
            place=place,
            purpose=step.purpose,
            slot=step.slot,
        ),
    ]


def _visit(episode: Episode, purpose: Purpose) -> Visit:
    return episode.visits.get(purpose, NO_VISIT_YET)


def _stands(visit: Visit, step: st.BookVisit | st.MoveVisit, place: str) -> bool:
    known = (visit.stage, visit.starts_at, visit.place, visit.slot)
    return known == (VisitStage.BOOKED, step.starts_at, place, step.slot)


def confirm_visit(step: st.ConfirmVisit, c: Context) -> list[Event]:
    episode = _booked(step.episode, step.purpose, c)
    visit = _visit(episode, step.purpose)
    if visit.confirmed_by_her or visit.starts_at is None or visit.place is None:
        return resumed(episode, c)
    return [
        *resumed(episode, c),
        ev.Booked(
            occurred_at=c.now,
            episode=episode.id,
            starts_at=visit.starts_at,
            place=visit.place,
            confirmed_by_her=True,
            purpose=step.purpose,
            slot=visit.slot,
        ),
    ]


def reminded(step: st.RecordReminded, c: Context) -> list[Event]:
    episode = _booked(step.episode, step.purpose, c)
    if _visit(episode, step.purpose).reminded:
        return []
    if step.channel in c.patient.around.not_by:
        raise Refused("She asked not to be contacted this way. Choose another.")
    return [ev.Reminded(occurred_at=c.now, episode=episode.id, purpose=step.purpose, channel=step.channel)]


def cancel(step: st.CancelVisit, c: Context) -> list[Event]:
    episode = _booked(step.episode, step.purpose, c)
    return [ev.Cancelled(occurred_at=c.now, episode=episode.id, by_her=step.by_her, purpose=step.purpose)]


def missed(step: st.RecordMissed, c: Context) -> list[Event]:
    episode = _booked(step.episode, step.purpose, c)
    starts_at = _visit(episode, step.purpose).starts_at
    if starts_at is not None and starts_at > c.now:
        raise Refused("The visit has not begun. Cancel or move it instead.")
    return [ev.Missed(occurred_at=c.now, episode=episode.id, purpose=step.purpose)]


def attended(step: st.RecordAttended, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if _visit(episode, step.purpose).stage is VisitStage.CAME:
        return resumed(episode, c)
    episode = _booked(step.episode, step.purpose, c)
    calendar = c.protocol(episode).calendar
    starts_at = _visit(episode, step.purpose).starts_at
    if starts_at is not None and calendar.on(c.now) < calendar.on(starts_at):
        raise Refused("The day of the visit has not come. Move the visit first, if she came earlier.")
    return [*resumed(episode, c), ev.Attended(occurred_at=c.now, episode=episode.id, purpose=step.purpose)]


def _booked(episode_id: str, purpose: Purpose, c: Context) -> Episode:
    episode = c.open_episode(episode_id)
    if _visit(episode, purpose).stage is not VisitStage.BOOKED:
        raise Refused("No visit is booked in this round.")
    return episode


def _to_come(step: st.BookVisit | st.MoveVisit, c: Context) -> None:
    if step.starts_at <= c.now:
        raise Refused("Choose a time that is still to come.")
    if step.starts_at > c.now + FARTHEST_VISIT:
        raise Refused("Choose a time within three years.")
    if step.slot is not None and not is_of(step.slot, step.starts_at):
        raise Refused("This time and its room do not belong together. Choose the time again.")


# ---------------------------------------------------------------- earlier pictures


def know_priors(step: st.KnowPriors, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    source = text(step.source, "source")
    if episode.priors.known == source:
        return []
    return [ev.PriorsKnown(occurred_at=c.now, episode=episode.id, source=source)]


def request_priors(step: st.RequestPriors, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    source = text(step.source, "source")
    if episode.priors.requested == source:
        return []
    return [ev.PriorsRequested(occurred_at=c.now, episode=episode.id, source=source)]


def receive_priors(step: st.ReceivePriors, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    source = text(step.source, "source")
    return [] if episode.priors.received else [ev.PriorsReceived(occurred_at=c.now, episode=episode.id, source=source)]


def no_priors(step: st.RecordNoPriors, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    reason = text(step.reason, "reason")
    if episode.priors.unavailable:
        return []
    return [ev.PriorsUnavailable(occurred_at=c.now, episode=episode.id, reason=reason)]
