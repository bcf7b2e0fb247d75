"""From what a report says of each breast to what it means for her; still no words.

You are here to learn why a letter says what it says. The most actionable of everything stated of a breast governs: its
assessment, its findings, and what a radiologist answered later. The recommendation is looked at beside it, because it
may ask for more than the assessment does.
"""

from collections.abc import Iterator
from enum import StrEnum

from closerlook.letters.sentences import CALM, ORDER, SAMPLES, Means, Which
from closerlook.pathway.regions import AS_SCREENING, Episode, Exam, FindingState, FindingStatus
from closerlook.pathway.terms import (
    MAMMOGRAMS,
    URGENCY,
    Assessment,
    Density,
    ExaminationKind,
    FindingKind,
    Laterality,
    Recommendation,
)

_MEANS: dict[Assessment, Means] = {
    Assessment.NEGATIVE: Means.NORMAL,
    Assessment.BENIGN: Means.HARMLESS,
    Assessment.PROBABLY_BENIGN: Means.CHECK_LATER,
    Assessment.SUSPICIOUS: Means.SAMPLE,
    Assessment.HIGHLY_SUGGESTIVE: Means.SAMPLE_SOON,
    Assessment.KNOWN_MALIGNANCY: Means.KNOWN,
    Assessment.POST_PROCEDURE_MARKER: Means.MARKER,
    Assessment.INCOMPLETE_IMAGING: Means.MORE_PICTURES,
    Assessment.INCOMPLETE_PRIORS: Means.OLDER_PICTURES,
}
_BOTH = {Laterality.LEFT, Laterality.RIGHT}
_BIOPSY = frozenset({Recommendation.BIOPSY, Recommendation.SURGICAL_CONSULT})


def means(assessment: Assessment, kind: ExaminationKind) -> Means:
    """Return what one assessment amounts to for her on such an examination."""
    if assessment is Assessment.PROBABLY_BENIGN and kind in AS_SCREENING:
        return Means.MORE_PICTURES
    return _MEANS[assessment]


def said(exam: Exam, episode: Episode) -> list[tuple[Means, Which]]:
    """Return what there is to tell of an examination, what asks most of her first. Empty while there is no result."""
    worst: dict[Laterality | None, Assessment] = {}
    for side, assessment in _stated(exam, episode):
        if side not in worst or URGENCY[assessment] < URGENCY[worst[side]]:
            worst[side] = assessment
    found = _without_repeats({side: means(assessment, exam.kind) for side, assessment in worst.items()})
    told: list[tuple[Means, Which]] = []
    if found.get(Laterality.LEFT) is not None and found[Laterality.LEFT] is found.get(Laterality.RIGHT):
        told.append((found.pop(Laterality.LEFT), Which.BOTH))
        del found[Laterality.RIGHT]
    told += [(what, _which(side, what, exam)) for side, what in found.items()]
    return sorted(told, key=lambda pair: ORDER.index(pair[0]))


def _stated(exam: Exam, episode: Episode) -> Iterator[tuple[Laterality | None, Assessment]]:
    if exam.result is None:
        return
    for stated in exam.result.sides:
        if stated.assessment is not None:
            yield stated.side, stated.assessment
    for finding in exam.result.findings:
        if finding.assessment is not None:
            yield finding.side, finding.assessment
    for known in episode.findings.values():
        if (known.answered_by or known.exam) == exam.id and known.status is not FindingStatus.RESOLVED:
            yield known.side, known.assessment


def _without_repeats(found: dict[Laterality | None, Means]) -> dict[Laterality | None, Means]:
    """Leave out what was stated without a side where a breast is named for the same or for more."""
    unstated = found.get(None)
    named = [what for side, what in found.items() if side is not None]
    if unstated is None or not any(ORDER.index(what) <= ORDER.index(unstated) for what in named):
        return found
    return {side: what for side, what in found.items() if side is not None}


def _which(side: Laterality | None, what: Means, exam: Exam) -> Which:
    if side is not None:
        return Which(side.value)
    if len(set(exam.sides)) == 1:
        return Which(exam.sides[0].value)
    if what in CALM and set(exam.sides) == _BOTH:
        return Which.BOTH
    return Which.UNSTATED


def sample_advised(exam: Exam | None, episode: Episode) -> bool:
    """Whether tissue or a surgeon is advised anywhere in her round: then nothing may comfort."""
    if episode.is_suspect or any(f.status is FindingStatus.BIOPSY for f in episode.findings.values()):
        return True
    exams = episode.exams.values() if exam is None else [exam, *episode.exams.values()]
    return any(_asks_for_sample(x, episode) for x in exams)


def _asks_for_sample(exam: Exam, episode: Episode) -> bool:
    if exam.result is None:
        return False
    return exam.result.recommendation in _BIOPSY or any(what in SAMPLES for what, _ in said(exam, episode))


def further_advice(exam: Exam, episode: Episode) -> Recommendation | None:
    """Return what the reader asks for although the assessments alone ask for nothing; None where they agree."""
    result = exam.result
    if result is None or result.recommendation in (None, Recommendation.ROUTINE):
        return None
    return result.recommendation if all(what in CALM for what, _ in said(exam, episode)) else None


def is_repeat(exam: Exam, episode: Episode) -> bool:
    """Whether an examination asks for pictures only because some of its own were not clear enough."""
    asked = [f for f in episode.findings.values() if f.exam == exam.id]
    return bool(asked) and all(f.kind is FindingKind.TECHNICAL for f in asked)


class Sample(StrEnum):
    """How far the tissue sample has come that an examination asks for."""

    WANTED = "wanted"
    TAKEN = "taken"
    NOT_NEEDED = "not_needed"


def sample(exam: Exam, episode: Episode) -> Sample:
    """Return how far the sample has come; still wanted as long as any finding of the examination asks for it."""
    asked = [f for f in episode.findings.values() if exam.id in (f.exam, f.answered_by)]
    if not asked or any(f.status is FindingStatus.BIOPSY or f.tissue_at is None for f in asked):
        return Sample.WANTED
    return (
        Sample.TAKEN if any(s.finding == f.id for s in episode.specimens.values() for f in asked) else Sample.NOT_NEEDED
    )


def waiting(exam: Exam, episode: Episode) -> list[FindingState]:
    """Return the findings of an examination for which further pictures are still to be taken."""
    return [f for f in episode.open_findings() if (f.answered_by or f.exam) == exam.id and not f.examined]


def reasons(episode: Episode) -> list[FindingKind]:
    """Return why she is asked back: as the reader planned it, else as the open findings say."""
    planned = list(episode.plan.reasons) if episode.plan is not None else []
    found = planned or [f.kind for f in episode.open_findings()]
    named: list[FindingKind] = [kind for kind in dict.fromkeys(found) if kind is not FindingKind.UNNAMED]
    return named or ([FindingKind.UNNAMED] if found else [])


def density_of(exam: Exam, episode: Episode) -> Density | None:
    """Return the density that papers about an examination state: its own report's, else that of its round so far.

    Work-up mammograms are answered finding by finding, and their letter has to say it too. None where nobody stated it,
    and for pictures that are no mammogram.
    """
    own = exam.result.density if exam.result is not None else None
    if own is not None or exam.kind not in MAMMOGRAMS:
        return own
    before = [x for x in episode.exams.values() if not x.not_hers and x.id != exam.id and exam.follows(x)]
    stated = [x for x in before if x.result is not None and x.result.density is not None]
    last = max(stated, key=lambda x: x.performed_at, default=None)
    return last.result.density if last is not None and last.result is not None else None
