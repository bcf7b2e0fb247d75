"""What a report says, compared: is it a result, what does it ask for, what would an amendment add or take away.

You are here when two reports of one examination meet.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway.events import Finding, Reading, SideAssessment
from closerlook.pathway.terms import CALM, SUSPECT, URGENCY, Assessment, Density, Laterality, Recommendation

BOTH = (Laterality.LEFT, Laterality.RIGHT)
TOLD_IN_PERSON = frozenset(
    {Assessment.INCOMPLETE_IMAGING, Assessment.INCOMPLETE_PRIORS, Assessment.PROBABLY_BENIGN} | SUSPECT
)
"""Results that someone speaks with her about, beside the letter (categories 0, 3, 4 and 5)."""
NOT_ANSWERED = frozenset({Assessment.INCOMPLETE_IMAGING, Assessment.PROBABLY_BENIGN} | SUSPECT)
"""Assessments of a breast that has a finding, coded or unnamed."""
PLACED_BY_HAND = frozenset({Assessment.KNOWN_MALIGNANCY, Assessment.POST_PROCEDURE_MARKER})
FOR_TISSUE = frozenset({Recommendation.BIOPSY, Recommendation.SURGICAL_CONSULT})
FOR_PICTURES = frozenset({Recommendation.MORE_IMAGING, Recommendation.SHORT_INTERVAL})
DENSE = frozenset({Density.C, Density.D})


class Content(Struct, frozen=True, gc=False):
    """What she is told of a result; when this changes she is told again.

    `advice` is a recommendation that asks for more than the assessments do ("negative, but biopsy the lump").
    """

    sides: frozenset[tuple[Laterality | None, Assessment | None]]
    dense: bool | None
    advice: Recommendation | None

    @property
    def news(self) -> object:
        """The part that is more than a word about density."""
        return self.sides, self.advice


class Gist(Struct, frozen=True, gc=False):
    """What a certain result says and asks for, worked out once when its report comes."""

    content: Content
    assessments: frozenset[Assessment]
    suspect: bool
    in_person: bool
    only_more_pictures: bool
    awaits_priors: bool
    by_hand: bool
    calm: bool


def is_certain(reading: Reading | None) -> bool:
    """Whether a signed report states an assessment that needs no person to confirm it."""
    return reading is not None and reading.status.is_signed and not reading.needs_person and bool(reading.assessments)


def gist(reading: Reading | None) -> Gist | None:
    """Return what a result asks for, None where it is none."""
    if reading is None or reading.needs_person or not reading.status.is_signed:
        return None
    if not reading.assessments:
        return None
    stated = assessments(reading)
    advised = _advice(stated, reading.recommendation)
    dense = None if reading.density is None else reading.density in DENSE
    spoken = stated & TOLD_IN_PERSON
    return Gist(
        content=Content(_said(reading), dense, advised),
        assessments=stated,
        suspect=bool(stated & SUSPECT) or advised in FOR_TISSUE,
        in_person=bool(spoken) or advised is not None,
        only_more_pictures=spoken == {Assessment.INCOMPLETE_IMAGING} and advised is None,
        awaits_priors=Assessment.INCOMPLETE_PRIORS in stated,
        by_hand=bool(stated & PLACED_BY_HAND),
        calm=stated <= CALM and advised is None,
    )


def assessments(reading: Reading) -> frozenset[Assessment]:
    """Return every assessment a report states, of a breast or of a coded finding."""
    if not reading.findings:
        return reading.assessments
    return reading.assessments | {f.assessment for f in reading.findings if f.assessment is not None}


def _said(reading: Reading) -> frozenset[tuple[Laterality | None, Assessment | None]]:
    said = [(s.side, s.assessment) for s in reading.sides]
    said += [(f.side, f.assessment) for f in reading.findings if f.assessment is not None]
    return frozenset(said)


def advice(reading: Reading) -> Recommendation | None:
    """Return the recommendation where it asks for more than the assessments do; settling looks at both.

    A final assessment was made without the older pictures, so a lasting word about priors asks for nothing.
    """
    return _advice(assessments(reading), reading.recommendation)


def _advice(stated: frozenset[Assessment], asked: Recommendation | None) -> Recommendation | None:
    if asked is None or stated & SUSPECT or stated <= PLACED_BY_HAND:
        return None
    if asked in FOR_TISSUE or (asked in FOR_PICTURES and stated <= CALM):
        return asked
    return None


def content(reading: Reading | None) -> Content | None:
    found = gist(reading)
    return found.content if found is not None else None


def most_urgent(reading: Reading | None) -> Assessment | None:
    """Return the assessment a person acts on first, None where none is stated."""
    if reading is None:
        return None
    return min(reading.assessments, key=URGENCY.__getitem__, default=None)


def by_side(reading: Reading, seen: tuple[Laterality, ...] = BOTH) -> dict[Laterality, Assessment]:
    """Return the more urgent assessment of each breast; one without a side speaks for all that were `seen`."""
    found: dict[Laterality, Assessment] = {}
    for stated in reading.sides:
        if stated.assessment is None:
            continue
        for side in (stated.side,) if stated.side else seen:
            other = found.get(side)
            if other is None or URGENCY[stated.assessment] < URGENCY[other]:
                found[side] = stated.assessment
    return found


def adds(current: Reading, new: Reading) -> bool:
    """Whether `new` makes something owed that `current` did not: a more urgent breast, finding or recommendation."""
    before = by_side(current)
    worse = any(
        a not in CALM and (side not in before or URGENCY[a] < URGENCY[before[side]]) for side, a in by_side(new).items()
    )
    known = {f.id: f for f in current.findings}
    return (
        worse
        or (advice(new) is not None and _asks(new) < _asks(current))
        or any(f.id not in known or _moved(known[f.id], f) or _worth(new, f) < _worth(current, known[f.id])
               for f in new.findings)
    )  # fmt: skip


def takes_away(current: Reading, new: Reading) -> bool:
    """Whether `new` would let something owed fall away. Waiting for priors ends with any later signed report."""
    after = by_side(new)
    calmer = any(
        a not in CALM
        and a is not Assessment.INCOMPLETE_PRIORS
        and (side not in after or URGENCY[after[side]] > URGENCY[a])
        for side, a in by_side(current).items()
    )
    kept = {f.id: f for f in new.findings}
    return (
        calmer
        or (advice(current) is not None and _asks(new) > _asks(current))
        or any(f.id not in kept or _moved(f, kept[f.id]) or _worth(new, kept[f.id]) > _worth(current, f)
               for f in current.findings)
    )  # fmt: skip


def _moved(before: Finding, after: Finding) -> bool:
    return before.side is not None and before.side is not after.side


def _worth(reading: Reading, finding: Finding) -> int:
    """How soon a person acts on a coded finding; between calm categories there is nothing to choose."""
    assessment = assessment_of(reading, finding)
    return 99 if assessment is None or assessment in CALM else URGENCY[assessment]


def assessment_of(reading: Reading, finding: Finding) -> Assessment | None:
    """Return a coded finding's assessment: its own, its breast's, or without a side the most urgent one."""
    return finding.assessment or (by_side(reading).get(finding.side) if finding.side else most_urgent(reading))


def _asks(reading: Reading) -> int:
    """How soon a person acts on what a result asks for, by recommendation or assessment; smaller is sooner."""
    stated, advised = assessments(reading), advice(reading)
    if stated & SUSPECT or advised in FOR_TISSUE:
        return 0
    if Assessment.INCOMPLETE_IMAGING in stated or advised is Recommendation.MORE_IMAGING:
        return 1
    return 2 if Assessment.PROBABLY_BENIGN in stated or advised is not None else 3


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
    return replace(
        new,
        sides=tuple(sides),
        findings=_union(current, new),
        needs_person=(),
        recommendation=min((new, current), key=_asks).recommendation,
    )


def can_be_merged(current: Reading, new: Reading) -> bool:
    """Whether one reading can ask for all that both ask for.

    "Biopsy" beside calm words is advice; beside a 6 it speaks of the cancer that is known. Further pictures are advice
    beside calm words alone. Where the words of one would silence the advice of the other, there is no one reading.
    """
    return _asks(merged(current, new)) <= min(_asks(current), _asks(new))


def _stated(reading: Reading, side: Laterality, assessment: Assessment | None) -> SideAssessment | None:
    for stated in reading.sides:
        if stated.assessment is assessment and stated.side in (side, None):
            return stated
    return None


def _union(current: Reading, new: Reading) -> tuple[Finding, ...]:
    found = {f.id: f for f in current.findings}
    for f in new.findings:
        old = found.get(f.id)
        if old is None or (not _moved(old, f) and _worth(new, f) <= _worth(current, old)):
            found[f.id] = f
    return tuple(found.values())


def left_out(
    sides: Iterable[SideAssessment], current: Reading | None, seen: tuple[Laterality, ...]
) -> tuple[SideAssessment, ...]:
    """Return what `current` asks for of a breast that `sides` are silent about: silence takes nothing away."""
    named = {s.side for s in sides}
    if current is None or None in named:
        return ()
    known = by_side(current, seen or BOTH)
    return tuple(SideAssessment(a, side) for side, a in known.items() if side not in named and a not in CALM)
