"""Decide what a report's assessment is: coded values first, then plain prose, and a person wherever they disagree.

The rule behind every line: a category is only ever one that somebody stated, and a report without one is never taken as
negative. Where two readings are possible the report goes to a radiologist with both of them shown.
"""

import re

import msgspec

from closerlook.pathway.terms import Assessment, Density, Laterality, NeedsPerson, Recommendation

from .advice import asks_for_more_now, recommendation, suspicious_words
from .density import density_in, density_of, is_density
from .discrete import read_coded
from .observations import Observation
from .prose import Mention, mentions
from .report import SideAssessment, most_urgent, urgency
from .sections import Part, sections
from .standing import Standing
from .wording import LABELS, suspicion_of

_CHANGES = re.compile(
    r"\b(?:chang\w+|revis\w+|amend\w+|correct\w+|upgrad\w+|downgrad\w+|updat\w+|should (?:read|be)|now"
    r"|therefore|final|new assessment|supersed\w+|replac\w+)\b",
    re.IGNORECASE,
)
_QUIET = (
    Assessment.NEGATIVE,
    Assessment.BENIGN,
    Assessment.PROBABLY_BENIGN,
    Assessment.POST_PROCEDURE_MARKER,
)


class Assessed(msgspec.Struct, frozen=True):
    """The assessment and all that is read beside it; fields as in `report.Report`."""

    assessments: tuple[SideAssessment, ...]
    needs_person: tuple[NeedsPerson, ...]
    density: Density | None
    density_evidence: str
    suspicious_words: bool
    recommendation: Recommendation | None
    unread: tuple[str, ...]
    addendum: bool


class _Prose(msgspec.Struct, frozen=True):
    """What prose states. `current` is the text that holds: the addendum alone where it plainly replaces the rest."""

    stated: list[SideAssessment]
    doubtful: list[Mention]
    conflict: bool
    current: str


def assess(prose: str, coded: tuple[Observation, ...], *, documents: int, trusted: bool) -> Assessed:
    """Return what one report states.

    `coded` are the values that `discrete.claims` accepts, `documents` counts attachments nobody could read. A category
    found in prose alone waits for a person unless the sender is `trusted`, which a unit decides after comparing. Never
    raises, whatever the text.
    """
    values, said = read_coded(coded), _said(prose)
    stated, needs = said.stated, set()
    if values.assessments:
        differing = _differing(list(values.assessments), said.stated)
        if differing:
            needs.add(NeedsPerson.CONTRADICTION)
        stated = _merged([*_zeroes_named(values.assessments, said.stated), *differing])
    elif stated and not trusted:
        needs.add(NeedsPerson.ONLY_IN_PROSE)
    if not stated:
        needs.add(NeedsPerson.NO_CATEGORY)
        if documents:
            needs.add(NeedsPerson.UNREAD_DOCUMENT)
    if _more_than_one(stated):
        needs.add(NeedsPerson.MORE_THAN_ONE_CATEGORY)
    if any(entry.category is None for entry in stated):
        needs.add(NeedsPerson.BARE_ZERO)
    if stated and (values.clash or values.unread or said.conflict or _contradicted(stated, said)):
        needs.add(NeedsPerson.CONTRADICTION)
    density, evidence = _density(prose, coded)
    return Assessed(
        assessments=tuple(stated),
        needs_person=tuple(reason for reason in NeedsPerson if reason in needs),
        density=density,
        density_evidence=evidence,
        suspicious_words=suspicious_words(prose),
        recommendation=recommendation(prose),
        unread=values.unread,
        addendum=any(section.part is Part.ADDENDUM for section in sections(prose)),
    )


def stated_in(prose: str) -> tuple[SideAssessment, ...]:
    """Return the assessments that prose states, merged by side; () if none. For comparing, and for tests."""
    return tuple(_said(prose).stated)


def _said(prose: str) -> _Prose:
    found = mentions(prose)
    stated = [mention for mention in found if mention.standing is Standing.STATED]
    doubtful = [mention for mention in found if mention.standing is Standing.DOUBTFUL]
    conflict = any(mention.clash for mention in stated)
    body = _merged([_entry(mention) for mention in stated if mention.part is not Part.ADDENDUM])
    added = _merged([_entry(mention) for mention in stated if mention.part is Part.ADDENDUM])
    newer = _differing(body, added)
    if not body or not newer:
        return _Prose(_merged([*body, *added]), doubtful, conflict, prose)
    kept = [entry for entry in body if entry.side not in {new.side for new in added}]
    if any(new.side is None for new in added):
        # An addendum without a side replaces an assessment without one; over two sides it does not say which.
        conflict = conflict or any(entry.side for entry in body)
        kept = [entry for entry in body if entry.side] if conflict else []
    if not all(_CHANGES.search(entry.evidence) for entry in newer):
        return _Prose(_merged([*added, *body]), doubtful, True, prose)
    # However plain, an addendum that calms is looked at by a person: what was owed must not fall away unseen.
    conflict = conflict or min(map(urgency, body)) < min(map(urgency, added))
    addendum = "\n".join(section.text for section in sections(prose) if section.part is Part.ADDENDUM)
    return _Prose(_merged([*added, *kept]), doubtful, conflict, addendum)


def _entry(mention: Mention) -> SideAssessment:
    return SideAssessment(
        side=mention.side,
        category=mention.category,
        label=mention.label,
        suspicion=suspicion_of(mention.label),
        evidence=mention.evidence,
        discrete=False,
    )


def _number(entry: SideAssessment) -> str:
    """Return the number of an entry, also of one stated in words; the marker film has none and stands for itself."""
    if entry.category is Assessment.POST_PROCEDURE_MARKER:
        return "marker"
    return entry.label[:1] or (LABELS[entry.category] if entry.category else "0")


def _same(one: SideAssessment, other: SideAssessment) -> bool:
    """True if two entries name one category; "4" agrees with "4B", and a bare zero with either incomplete."""
    if _number(one) != _number(other):
        return False
    if one.category and other.category and one.category is not other.category:
        return False
    return one.suspicion is None or other.suspicion is None or one.suspicion is other.suspicion


def _merged(entries: list[SideAssessment]) -> list[SideAssessment]:
    """Return each distinct assessment once, the more exact where two agree; an overall one goes into its sides."""
    result: list[SideAssessment] = []
    for entry in entries:
        n = next((n for n, known in enumerate(result) if known.side is entry.side and _same(known, entry)), None)
        if n is None:
            result.append(entry)
        elif (entry.suspicion and not result[n].suspicion) or (entry.category and not result[n].category):
            result[n] = entry
    sided = [entry for entry in result if entry.side]
    worst = most_urgent(sided)
    return [entry for entry in result if entry.side or worst is None or not _same(entry, worst)]


def _more_than_one(entries: list[SideAssessment]) -> bool:
    """True if one side has two categories, or one without a side stands beside sides that it does not sum up."""
    return len({entry.side for entry in entries}) < len(entries) or len({entry.side is None for entry in entries}) > 1


def _differing(known: list[SideAssessment], others: list[SideAssessment]) -> list[SideAssessment]:
    """Return those of `others` that nothing in `known` agrees with.

    An assessment of the whole examination agrees with sides of which it names the more urgent.
    """
    worst = most_urgent(others)
    if worst and known and all(entry.side is None for entry in known) and all(entry.side for entry in others):
        return [] if any(_same(entry, worst) for entry in known) else others
    return [
        other
        for other in others
        if not any(
            _same(entry, other) and (entry.side is other.side or not (entry.side and other.side)) for entry in known
        )
    ]


def _zeroes_named(values: tuple[SideAssessment, ...], said: list[SideAssessment]) -> list[SideAssessment]:
    """Return coded values; a bare zero takes the one incomplete that the prose names for its side, if it names one."""
    result: list[SideAssessment] = []
    for value in values:
        named = {
            entry.category
            for entry in said
            if entry.category and _number(entry) == "0" and _sides_meet(entry.side, value.side)
        }
        if value.category is None and len(named) == 1:
            value = msgspec.structs.replace(value, category=named.pop())  # noqa: PLW2901
        result.append(value)
    return result


def _sides_meet(one: Laterality | None, other: Laterality | None) -> bool:
    return one is None or other is None or one is other


def _contradicted(stated: list[SideAssessment], said: _Prose) -> bool:
    """True if a doubtful mention names another number, or if a quiet assessment comes with a call for more now."""
    numbers = {_number(entry) for entry in stated}
    if any(mention.label[:1] not in numbers for mention in said.doubtful if mention.label):
        return True
    if any(_number(_entry(mention)) not in numbers for mention in said.doubtful):
        return True
    worst = most_urgent(stated)
    return worst is not None and worst.category in _QUIET and bool(asks_for_more_now(said.current))


def _density(prose: str, coded: tuple[Observation, ...]) -> tuple[Density | None, str]:
    for observation in coded:
        if is_density(observation):
            return density_of(observation), f"{observation.name}: {observation.text}"
    return density_in(prose)
