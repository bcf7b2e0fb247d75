"""A report meets what is known of its examination: first, preliminary, amended, older, unclear.

You are here when a feed's report or a reading made here changes a result. What adds something owed acts at once; what
takes away, is unclear or cannot be ordered waits for a radiologist.
"""

from collections.abc import Sequence
from datetime import datetime

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.events import Event, Reading
from closerlook.pathway.regions import Exam
from closerlook.pathway.results import adds, assessments, by_side, can_be_merged, is_certain, takes_away
from closerlook.pathway.terms import CALM, Recommendation, ReportStatus


def arrived(
    exam: Exam, episode: str, new: Reading, provider: str | None, now: datetime, *, known: Sequence[Reading] = ()
) -> list[Event]:
    """Return the facts of a report that came from outside; none where nothing in it is new.

    `known` are the readings of this examination in the order they came, decided on or not.
    """
    current = exam.reading.report
    occurred_at = new.reported_at or now
    if any(_same(r, new) for r in known if new.reported_at is not None) or (known and _same(known[-1], new)):
        return []
    if current is None or new.status is ReportStatus.PRELIMINARY:
        if _same(exam.reading.preliminary, new):
            return []
        return [ev.Read(occurred_at=occurred_at, episode=episode, exam=exam.id, reading=new, provider=provider)]
    if _same(current, new) or _same(exam.reading.pending, new):
        return []
    return [_amendment(exam, episode, current, new, occurred_at)]


def signed_here(exam: Exam, episode: str, step: st.RecordReading, reader: str, now: datetime) -> list[Event]:
    """Return the facts of a reading that a radiologist signs here. It acts at once, whatever it takes away.

    An amended report that waited for a radiologist has its answer with it. The same reading signed twice is one.
    """
    reading = Reading(
        status=ReportStatus.FINAL,
        reported_at=now,
        reader=reader,
        sides=step.sides,
        density=step.density,
        findings=step.findings,
        recommendation=step.recommendation,
        with_priors=step.with_priors,
    )
    current = exam.reading.report
    if current is None:
        return [ev.Read(occurred_at=now, episode=episode, exam=exam.id, reading=reading)]
    answered: list[Event] = []
    if exam.reading.pending is not None:
        answered.append(ev.ChangeConfirmed(occurred_at=now, episode=episode, exam=exam.id, accepted=False))
    elif _signed_before(current, reading):
        return []
    amended = ev.ReportAmended(occurred_at=now, episode=episode, exam=exam.id, reading=reading, adds=True)
    return [*answered, amended]


def _signed_before(current: Reading, new: Reading) -> bool:
    fields = ("reader", "sides", "density", "findings", "recommendation", "with_priors", "needs_person")
    return is_certain(current) and all(getattr(current, name) == getattr(new, name) for name in fields)


def _amendment(exam: Exam, episode: str, current: Reading, new: Reading, occurred_at: datetime) -> Event:
    def amended(*, adds: bool = False, takes_away: bool = False, supersedes: bool = True) -> Event:
        return ev.ReportAmended(
            occurred_at=occurred_at,
            episode=episode,
            exam=exam.id,
            reading=new,
            adds=adds,
            takes_away=takes_away,
            supersedes=supersedes,
        )

    if _is_older(new, current):
        # A stamp may be wrong or only a day: what an older report would add is for a person, and never dropped.
        graver = (is_certain(new) and adds(current, new)) or (not is_certain(new) and bool(new.assessments))
        return amended(takes_away=True) if graver or new.suspicious_words else amended(supersedes=False)
    silent = not new.assessments and not new.suspicious_words and new.recommendation in (None, Recommendation.ROUTINE)
    if new.status is ReportStatus.ADDENDUM and silent:
        return amended(supersedes=False)  # adds and replaces nothing
    if not is_certain(current):
        less = current.suspicious_words or takes_away(current, new)
        calms = is_certain(new) and less and assessments(new) <= CALM
        return amended(takes_away=True) if calms else amended(adds=True)
    if not is_certain(new):
        return amended(takes_away=True)  # what it says is for a person to find out
    more, less = adds(current, new), takes_away(current, new)
    if by_side(current) != by_side(new) and not _can_be_ordered(new, current):
        return amended(adds=more and can_be_merged(current, new), takes_away=True)
    # What adds acts at once, beside what stood; where the two cannot stand side by side, all of it waits.
    return amended(adds=more and (not less or can_be_merged(current, new)), takes_away=less)


def _is_older(new: Reading, current: Reading) -> bool:
    return bool(new.reported_at and current.reported_at and new.reported_at < current.reported_at)


def _can_be_ordered(new: Reading, current: Reading) -> bool:
    return bool(new.reported_at and current.reported_at and new.reported_at != current.reported_at)


def _same(known: Reading | None, new: Reading) -> bool:
    """Whether a report says what is known already: sent again under another message id, it changes nothing."""
    if known is None:
        return False
    fields = (
        "status",
        "reported_at",
        "sides",
        "density",
        "findings",
        "needs_person",
        "recommendation",
        "suspicious_words",
    )
    return all(getattr(known, name) == getattr(new, name) for name in fields)
