"""Which round of hers does an examination belong to? Pure; two candidates or none are for a person.

In this order: its accession; its order; the one open round that owes this kind of examination, 0 to 180 days after that
round began; the one thing that owes it whatever its age; for a screening examination a new round.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from closerlook.pathway.events import RoundReason
from closerlook.pathway.regions import LENGTH_OF_A_ROUND, WORKUP, Episode, Exam, Patient
from closerlook.pathway.steps import Examination
from closerlook.pathway.terms import ExaminationKind, FindingKind

BETWEEN_SCREENS = timedelta(days=60)
A_DAY_EITHER_WAY = timedelta(days=1)
"""Feeds state some moments to the day only, so that a same-day examination can seem to come first."""
K = ExaminationKind


class Placement(Struct, frozen=True):
    """Where it goes: a known examination, an open round, or a new round (both None)."""

    exam: str | None = None
    episode: str | None = None
    reason: RoundReason = RoundReason.SCREENING
    answers: str | None = None


class Unplaced(Struct, frozen=True):
    """Why a person has to say where it goes, and the rounds it may belong to."""

    reason: str
    sentence: str
    offered: tuple[str, ...] = ()


def route(patient: Patient, x: Examination) -> Placement | Unplaced:
    """Return where an examination belongs among this patient's rounds."""
    known = _known_examination(patient, x)
    if known is not None:
        return known
    fitting = [e for e in _unsettled(patient) if _owes(e, x) and _within(e, x.performed_at)]
    if len(fitting) == 1:
        return Placement(episode=fitting[0].id)
    if len(fitting) > 1:
        return _several([e.id for e in fitting])
    if x.kind is K.SCREENING:
        return _new_round(patient, x)
    return _whatever_its_age(patient, x)


def _known_examination(patient: Patient, x: Examination) -> Placement | None:
    for name in ("accession", "order"):
        number = getattr(x, name)
        for episode in patient.episodes.values():
            for exam in episode.exams.values():
                if number and getattr(exam, name) == number and not exam.not_hers and _same(exam, x, name):
                    return Placement(exam=exam.id, episode=episode.id)
    return None


def _same(exam: Exam, x: Examination, name: str) -> bool:
    """One accession is one examination. One order may ask for several, or be used again: then all must agree."""
    if name == "accession":
        return True
    one_number = x.accession is None or exam.accession is None
    same_day = abs(x.performed_at - exam.performed_at) <= A_DAY_EITHER_WAY
    same_sides = not x.sides or not exam.sides or set(x.sides) == set(exam.sides)
    return one_number and exam.kind is x.kind and same_day and same_sides


def _unsettled(patient: Patient) -> list[Episode]:
    return [e for e in patient.episodes.values() if e.settled is None]


def _owes(episode: Episode, x: Examination) -> bool:
    """Whether the round waits for such pictures: findings not looked at, or a marker film or review to be placed."""
    if x.kind in WORKUP:
        watched = episode.is_awaited and episode.answers is not None
        return watched or any(not f.examined for f in episode.open_findings())
    if x.kind is K.SCREENING:
        return episode.is_awaited or _waits_for_a_repeat(episode)
    return x.kind in (K.MARKER, K.OUTSIDE_REVIEW)


def _waits_for_a_repeat(episode: Episode) -> bool:
    """Whether pictures have to be made again, or some are missing: a second screening examination is their repeat."""
    technical = any(f.kind is FindingKind.TECHNICAL for f in episode.open_findings())
    return technical or any(x.incomplete is not None and not x.not_hers for x in episode.exams.values())


def _within(episode: Episode, at: datetime) -> bool:
    first = episode.first_exam
    if first is None:
        return episode.is_awaited and at >= episode.opened_at - LENGTH_OF_A_ROUND
    return -A_DAY_EITHER_WAY <= at - first.performed_at <= LENGTH_OF_A_ROUND


def _new_round(patient: Patient, x: Examination) -> Placement | Unplaced:
    near = [
        e.id
        for e in patient.episodes.values()
        if e.first_exam is not None and abs(x.performed_at - e.first_exam.performed_at) < BETWEEN_SCREENS
    ]
    if near:
        sentence = f"A round began within {BETWEEN_SCREENS.days} days of this screening examination."
        return Unplaced("round_within_60_days", sentence, tuple(near))
    return Placement()


def _whatever_its_age(patient: Patient, x: Examination) -> Placement | Unplaced:
    owing = [e.id for e in _unsettled(patient) if _owes(e, x)]
    dated = sorted(patient.dated.values(), key=lambda v: v.due_on) if x.kind in WORKUP else []
    if len(owing) + bool(dated) > 1:
        return _several([*owing, *(v.episode for v in dated[:1])])
    if owing:
        return Placement(episode=owing[0])
    if dated:
        return Placement(reason=RoundReason.SURVEILLANCE, answers=dated[0].id)
    if x.history:
        return Placement(reason=RoundReason.OTHER)
    recent = sorted(patient.episodes.values(), key=lambda e: e.opened_at, reverse=True)[:3]
    sentence = "No round of hers waits for this examination."
    return Unplaced("no_round_waits", sentence, tuple(e.id for e in recent))


def _several(offered: list[str]) -> Unplaced:
    return Unplaced("two_rounds_wait", "More than one round of hers waits for such an examination.", tuple(offered))
