"""A unit's figures as its own log shows them, and which of them a log cannot show.

Pure: it is given each patient's records. A figure with fewer than `FEWEST` observations keeps its default. Shares are
taken over women long enough ago that what follows has had time to happen.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from math import ceil
from statistics import fmean, median

import msgspec
from msgspec import Struct

from closerlook.capacity.assumptions import OBSERVED, Origin, Unit, checked
from closerlook.capacity.fields import FIELDS
from closerlook.capacity.woman import Exam, Known, known
from closerlook.pathway.calendar import Calendar
from closerlook.pathway.events import Recorded

FEWEST = 20
"""Observations below which a figure is chance rather than the unit. Source: chosen."""
FOLLOWED_FOR = timedelta(days=30)
"""How long ago a call-back has to be before it counts in what became of call-backs."""
SPARE = 0.95
"""A queue that holds is not used to the last slot: this much of the sessions inferred, at most. Source: chosen."""


class Seen(Struct, frozen=True):
    """One figure from the log, and from how many observations."""

    name: str
    value: float
    count: int


class Observed(Struct, frozen=True):
    """A unit as its log has it, with defaults where the log says nothing.

    `seen` came from the log; `too_few` had too few observations (with how many); `not_in_log` no log can tell.
    `visits_per_week`: visits kept or missed, by kind: what was used, a lower bound of what is offered.
    `days_to_reading`: median days from examination to first signed reading, None where nobody was read.
    """

    unit: Unit
    patients: int
    working_days: int
    seen: tuple[Seen, ...]
    too_few: tuple[tuple[str, int], ...]
    not_in_log: tuple[str, ...]
    visits_per_week: dict[str, float]
    days_to_reading: float | None


Measured = dict[str, tuple[Callable[[], float], int]]


def observe(
    histories: Iterable[Sequence[Recorded]], *, since: date, until: date, calendar: Calendar, start: Unit
) -> Observed:
    """Return what the records of all patients say about `since` up to, not including, `until`; `start` fills the rest.

    Raises ValueError where no working day lies between the two.
    """
    days = [since + timedelta(days=n) for n in range((until - since).days)]
    working = sum(calendar.is_working(day) for day in days)
    if not working:
        raise ValueError(f"There is no working day from {since} to {until}: give more days.")
    women = [known(records, calendar) for records in histories]
    exams = [exam for woman in women for exam in woman.exams if since <= exam.day < until]
    back = [exam for exam in exams if exam.called_back and exam.day < until - FOLLOWED_FOR]
    lately = [woman.within(since, until) for woman in women]
    measured = {
        **_of_exams(exams, working),
        **_of_visits(lately),
        **_of_call_backs(back),
    }
    seen = [Seen(name, value(), count) for name, (value, count) in measured.items() if count >= FEWEST]
    few = tuple((name, count) for name, (_, count) in measured.items() if count < FEWEST)
    weeks = working / 5
    used = {
        "mammography": sum(len(woman.mammography) for woman in lately) / weeks,
        "ultrasound": sum(len(woman.ultrasound) for woman in lately) / weeks,
        "biopsy": sum(len(woman.biopsies) for woman in lately) / weeks,
    }
    unit = _with(start, seen, used)
    told = {one.name for one in seen} | {name for name, _ in few} | {f"{kind}_sessions" for kind in used if used[kind]}
    read = [exam.read_after for exam in exams if exam.read_after is not None]
    return Observed(
        unit,
        len(women),
        working,
        tuple(seen),
        few,
        tuple(name for name in FIELDS if name not in told),
        used,
        median(read) if read else None,
    )


def _of_exams(exams: Sequence[Exam], working: int) -> Measured:
    read = [exam for exam in exams if exam.read_after is not None]
    opinions = [exam for exam in read if exam.opinions]
    normal = [exam.told_after for exam in read if not exam.called_back and exam.told_after is not None]
    return {
        "exams_per_day": (lambda: len(exams) / working, len(exams)),
        "recall_share": (lambda: fmean(exam.called_back for exam in read), len(read)),
        "readings_per_exam": (lambda: 2.0 if opinions and len(opinions) * 2 > len(read) else 1.0, len(read)),
        "third_reading_share": (lambda: fmean(exam.arbitrated for exam in read), len(read)),
        "letter_days": (lambda: float(round(median(normal))), len(normal)),
    }


def _of_visits(women: Sequence[Known]) -> Measured:
    came = sum(len(woman.came) for woman in women)
    missed = sum(woman.missed for woman in women)
    reached, tried = sum(woman.reached for woman in women), sum(woman.tried for woman in women)
    laboratory = [days for woman in women for days in woman.laboratory]
    return {
        "attends": (lambda: came / (came + missed), came + missed),
        "reached_share": (lambda: reached / tried, tried),
        "laboratory_days": (lambda: fmean(laboratory), len(laboratory)),
    }


def _of_call_backs(back: Sequence[Exam]) -> Measured:
    seen = [exam for exam in back if exam.worked_up]
    return {
        "ultrasound_share": (lambda: fmean(exam.ultrasound for exam in seen), len(seen)),
        "biopsy_share": (lambda: fmean(exam.biopsy for exam in seen), len(seen)),
    }


def _with(start: Unit, seen: Sequence[Seen], used: dict[str, float]) -> Unit:
    """Return the unit with what was seen, and the fewest sessions that hold the visits that were used."""
    values = msgspec.structs.asdict(start.assumptions)
    origins = dict(start.origins)
    for one in seen:
        field = FIELDS[one.name]
        values[one.name] = min(max(one.value, field.low), field.high)
        note = f"{one.count:,} observations"
        if values[one.name] != one.value:
            note += f"; {one.value:.3g} was seen, which is beyond what can be simulated"
        origins[one.name] = Origin(OBSERVED, note=note)
    missed = values["attends"]
    for kind, visits in used.items():
        if visits:
            sessions = ceil(visits / missed / SPARE / values[f"{kind}_slots"])
            values[f"{kind}_sessions"] = float(min(sessions, FIELDS[f"{kind}_sessions"].high))
            note = f"{visits:.1f} visits a week were kept: the fewest sessions that hold them; you may offer more"
            origins[f"{kind}_sessions"] = Origin(OBSERVED, note=note)
    return Unit(checked(**values), origins)
