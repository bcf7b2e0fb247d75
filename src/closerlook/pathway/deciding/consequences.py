"""What follows by itself: a round settles with the fact that closes its last loop, reopens with the one that makes
something owed again, and goes on when news comes that she has not refused."""

from collections.abc import Sequence
from datetime import date, datetime

from closerlook.pathway import events as ev
from closerlook.pathway.calendar import add_months
from closerlook.pathway.deciding.context import Context
from closerlook.pathway.events import Actor, Event, Recorded
from closerlook.pathway.loops import advance, fold
from closerlook.pathway.matters import Protocols, episode_matters
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import AS_SCREENING, Episode, FindingStatus, Patient
from closerlook.pathway.results import by_side
from closerlook.pathway.terms import CALM, Laterality

NEWS_TO_HER = frozenset({"tell_result", "tell_change", "tell_diagnosis", "arrange_biopsy", "answer_symptom"})
"""What a pause may not hold back when it is new: she refused, or was lost to, what was owed before."""


def recorded(
    events: Sequence[Event], patient: Patient, default: Protocol, actor: Actor, now: datetime
) -> list[Recorded]:
    """Return `events` as they will stand in the log after `patient.version`."""
    first = patient.version + 1
    records = []
    for place, event in enumerate(events):
        episode = patient.episodes.get(getattr(event, "episode", None) or "")
        protocol = episode.protocol if episode else default.hash
        records.append(Recorded(first + place, first, now, protocol, event, actor))
    return records


def after(patient: Patient, records: Sequence[Recorded], new: Sequence[Recorded], protocols: Protocols) -> Patient:
    """Return the patient once `new` stands after `records`. Taking facts back needs the whole log folded again."""
    if any(isinstance(r.event, ev.EnteredInError) for r in new):
        return fold(patient.id, [*records, *new], protocols)
    return advance(patient, new, protocols)


def with_consequences(events: list[Event], c: Context) -> list[Event]:
    """Return `events` with what follows by itself. What follows may change her circumstances, so it is asked again."""
    while True:
        then = after(c.patient, c.records, recorded(events, c.patient, c.default, c.actor, c.now), c.protocols)
        more = _following(then, c)
        events = events + more
        if not any(isinstance(e, ev.Settled | ev.Reopened) for e in more) or not _changes_hers(more, then):
            return events


def _changes_hers(more: Sequence[Event], then: Patient) -> bool:
    """Whether rounds beside it may owe other things now: she is in a care team's hands, or is not any more."""
    cancer = any(isinstance(e, ev.Settled) and e.outcome is ev.SettledAs.CANCER for e in more)
    return cancer or any(isinstance(e, ev.Reopened) and e.episode in then.treating for e in more)


def _following(then: Patient, c: Context) -> list[Event]:
    more: list[Event] = []
    for episode in then.episodes.values():
        if episode.paused is not None and episode.settled is None and _is_news(episode, c.patient, then):
            more.append(ev.Resumed(occurred_at=c.now, episode=episode.id))
            continue
        owed = episode_matters(episode, c.protocol(episode), then.around)
        if episode.settled is None and not owed:
            more += _settle(episode, then, c.protocol(episode), c.now)
        elif episode.settled is not None and owed:
            more.append(ev.Reopened(occurred_at=c.now, episode=episode.id))
    return more


def _is_news(episode: Episode, before: Patient, then: Patient) -> bool:
    earlier = before.episodes.get(episode.id)
    if earlier is None or earlier.paused is None:
        return False
    new = then.suspended.keys() - before.suspended.keys()
    return any(key[0] == episode.id and key[1] in NEWS_TO_HER for key in new)


def _settle(episode: Episode, patient: Patient, protocol: Protocol, now: datetime) -> list[Event]:
    outcome = _outcome(episode, patient)
    found: list[Event] = [
        ev.Settled(
            occurred_at=now, episode=episode.id, outcome=outcome, screened_on=_screened_on(episode, patient, protocol)
        ),
    ]
    if outcome is not ev.SettledAs.SURVEILLANCE:
        home = _watched_before(episode, patient)
        if home is not None and _is_calm_now(episode, home):
            found.append(ev.SurveillanceEnded(occurred_at=now, episode=home.id, answered_by=episode.id))
        return found
    if _is_watched(episode, patient):
        return found
    anchor = max(protocol.calendar.on(x.performed_at) for x in episode.exams.values() if not x.not_hers)
    return found + [
        ev.SurveillancePlanned(
            occurred_at=now,
            episode=episode.id,
            visit=f"{episode.id}.s{months}",
            due_on=add_months(anchor, months),
            months=months,
        )
        for months in protocol.surveillance_months
    ]


def _screened_on(episode: Episode, patient: Patient, protocol: Protocol) -> date | None:
    """The day the next screening is counted from: the last one of both breasts she has, else the last of one."""
    own = [x for x in episode.exams.values() if x.kind in AS_SCREENING and not x.not_hers]
    both = [x for x in own if len(x.sides) != 1 or patient.anatomy.absent]
    return max((protocol.calendar.on(x.performed_at) for x in both or own), default=None)


def _is_watched(episode: Episode, patient: Patient) -> bool:
    """Whether dated visits for these breasts are planned already, by this round or the one whose visit it answers."""
    if any(v.episode == episode.id for v in (*patient.dated.values(), *patient.came_for.values())):
        return True
    answered = patient.came_for.get(episode.id)
    home = patient.episodes.get(answered.episode) if answered else None
    still = answered is not None and any(v.episode == answered.episode for v in patient.dated.values())
    return still and home is not None and _watched(episode) <= _watched(home)


def _watched_before(episode: Episode, patient: Patient) -> Episode | None:
    """Return the round whose dated visit this one answered, while it has others left."""
    came = patient.came_for.get(episode.id)
    left = came is not None and any(v.episode == came.episode for v in patient.dated.values())
    return patient.episodes.get(came.episode) if came is not None and left else None


def _is_calm_now(episode: Episode, home: Episode) -> bool:
    """Whether `episode` calls each breast negative or benign that `home` watched: what no report says stays watched."""
    calm: set[Laterality | None] = set()
    for x in episode.exams.values():
        said = by_side(x.result, x.sides) if x.result is not None and not x.not_hers else {}
        calm = (calm - said.keys()) | {side for side, assessment in said.items() if assessment in CALM}
    watched = _watched(home)
    return bool(watched) and (set(Laterality) if None in watched else watched) <= calm


def _watched(episode: Episode) -> set[Laterality | None]:
    return {f.side for f in episode.findings.values() if f.status is FindingStatus.SURVEILLANCE}


def _outcome(episode: Episode, patient: Patient) -> ev.SettledAs:
    if patient.died_on is not None:
        return ev.SettledAs.DIED
    exams = [x for x in episode.exams.values() if not x.not_hers]
    if not exams:
        return (episode.ended or ev.SettledAs.ENDED) if episode.due_on is not None else ev.SettledAs.WITHDRAWN
    statuses = {f.status for f in episode.findings.values()}
    if FindingStatus.MALIGNANT in statuses:
        return ev.SettledAs.CANCER
    if FindingStatus.SURVEILLANCE in statuses:
        return ev.SettledAs.SURVEILLANCE
    if all(x.history for x in exams):
        return ev.SettledAs.HISTORY
    if any(x.reading.placed for x in exams):
        return ev.SettledAs.STATED
    if episode.specimens:
        return ev.SettledAs.BENIGN_AFTER_BIOPSY
    looked = {x.id for x in exams if x.is_workup}
    worked_up = any(f.tissue_at is not None or f.answered_by in looked for f in episode.findings.values())
    return ev.SettledAs.BENIGN_AFTER_WORKUP if worked_up else ev.SettledAs.NORMAL
