"""What a report says, compared: is it a result, what would an amendment add, what would it take away.

You are here when two reports of one examination meet.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway.events import Finding, Reading, SideAssessment
from closerlook.pathway.terms import CALM, SUSPECT, URGENCY, Assessment, Density, Laterality

BOTH = (Laterality.LEFT, Laterality.RIGHT)
TOLD_IN_PERSON = frozenset(
    {Assessment.INCOMPLETE_IMAGING, Assessment.INCOMPLETE_PRIORS, Assessment.PROBABLY_BENIGN} | SUSPECT
)
"""Results that someone speaks with her about, beside the letter (categories 0, 3, 4 and 5)."""
NOT_ANSWERED = frozenset({Assessment.INCOMPLETE_IMAGING, Assessment.PROBABLY_BENIGN} | SUSPECT)
"""Assessments of a breast that has a finding, coded or unnamed."""


class Content(Struct, frozen=True):
    """What she is told of a result; when this changes she is told again."""

    sides: frozenset[tuple[Laterality | None, Assessment | None]]
    dense: bool | None


def is_certain(reading: Reading | None) -> bool:
    """Whether a signed report states an assessment that needs no person to confirm it."""
    return reading is not None and reading.status.is_signed and not reading.needs_person and bool(reading.assessments)


def content(reading: Reading | None) -> Content | None:
    if reading is None or not is_certain(reading):
        return None
    dense = None if reading.density is None else reading.density in (Density.C, Density.D)
    return Content(frozenset((s.side, s.assessment) for s in reading.sides), dense)


def most_urgent(reading: Reading | None) -> Assessment | None:
    """Return the assessment a person acts on first, None where none is stated."""
    if reading is None:
        return None
    return min(reading.assessments, key=URGENCY.__getitem__, default=None)


def by_side(reading: Reading) -> dict[Laterality, Assessment]:
    """Return the more urgent assessment of each breast; one without a side speaks for both."""
    found: dict[Laterality, Assessment] = {}
    for stated in reading.sides:
        if stated.assessment is None:
            continue
        for side in (stated.side,) if stated.side else BOTH:
            other = found.get(side)
            if other is None or URGENCY[stated.assessment] < URGENCY[other]:
                found[side] = stated.assessment
    return found


def adds(current: Reading, new: Reading) -> bool:
    """Whether `new` makes something owed that `current` did not: a more urgent breast, or a finding more."""
    before = by_side(current)
    worse = any(
        a not in CALM and (side not in before or URGENCY[a] < URGENCY[before[side]]) for side, a in by_side(new).items()
    )
    return worse or bool({f.id for f in new.findings} - {f.id for f in current.findings})


def takes_away(current: Reading, new: Reading) -> bool:
    """Whether `new` would let something owed fall away. Waiting for priors ends with any later signed report."""
    after = by_side(new)
    calmer = any(
        a not in CALM
        and a is not Assessment.INCOMPLETE_PRIORS
        and (side not in after or URGENCY[after[side]] > URGENCY[a])
        for side, a in by_side(current).items()
    )
    return calmer or bool({f.id for f in current.findings} - {f.id for f in new.findings})


def merged(current: Reading, new: Reading) -> Reading:
    """Return `new` with what it would take away kept from `current`: each breast at its more urgent assessment."""
    before, after = by_side(current), by_side(new)
    sides: list[SideAssessment] = []
    for side in BOTH:
        kept = _stated(current, side, before.get(side))
        fresh = _stated(new, side, after.get(side))
        candidates = [s for s in (fresh, kept) if s is not None and s.assessment is not None]
        if candidates:
            best = min(candidates, key=lambda s: URGENCY[s.assessment] if s.assessment else 99)
            sides.append(replace(best, side=side))
    return replace(new, sides=tuple(sides), findings=_union(current.findings, new.findings), needs_person=())


def _stated(reading: Reading, side: Laterality, assessment: Assessment | None) -> SideAssessment | None:
    for stated in reading.sides:
        if stated.assessment is assessment and stated.side in (side, None):
            return stated
    return None


def _union(first: Iterable[Finding], second: Iterable[Finding]) -> tuple[Finding, ...]:
    found = {f.id: f for f in first}
    found.update((f.id, f) for f in second)
    return tuple(found.values())
