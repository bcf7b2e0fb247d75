"""Findings: what a result asks for, which pictures looked at it, and what answered it.

You are here when a finding is open that should not be, or the other way round, which is worse. A finding closes only by
an examination of its own side that a radiologist said answers it, or by its own report, amended.
"""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway.events import Reading, SideAssessment
from closerlook.pathway.regions import A_DAY, AS_SCREENING, IN_TISSUE, Episode, Exam, FindingState, FindingStatus
from closerlook.pathway.results import NOT_ANSWERED, advice, assessment_of, by_side, most_urgent
from closerlook.pathway.terms import (
    SUSPECT,
    URGENCY,
    Assessment,
    ExaminationKind,
    FindingKind,
    Laterality,
    Recommendation,
)

Findings = dict[str, FindingState]
RANK = dict.fromkeys(IN_TISSUE, 0) | {
    FindingStatus.OPEN: 1, FindingStatus.SURVEILLANCE: 2, FindingStatus.RESOLVED: 3,
}  # fmt: skip
"""Which of two statuses carries the other: what asks for more carries what asks for less."""


def status_of(kind: ExaminationKind, assessment: Assessment) -> FindingStatus:
    """Return what an assessment leaves of a finding."""
    if assessment in SUSPECT:
        return FindingStatus.BIOPSY
    if assessment in (Assessment.INCOMPLETE_IMAGING, Assessment.INCOMPLETE_PRIORS):
        return FindingStatus.OPEN
    if assessment is Assessment.PROBABLY_BENIGN:
        # A 3 on a screening examination asks its reader for the work-up; it never starts a six-month wait.
        return FindingStatus.OPEN if kind in AS_SCREENING else FindingStatus.SURVEILLANCE
    return FindingStatus.RESOLVED


# ---------------------------------------------------------------- what a result asks for


class Asked(Struct, frozen=True):
    """A finding that a result asks for, coded in its report or not."""

    id: str
    kind: FindingKind
    side: Laterality | None
    place: str | None
    assessment: Assessment
    status: FindingStatus
    coded: bool = False
    advice: Recommendation | None = None


def asked_by(exam: Exam, result: Reading) -> list[Asked]:
    """Return the findings that `exam`'s result asks for, one at least for every breast that is not calm."""
    asked = list(_coded(exam, result)) if result.findings else []
    for s in _not_answered(result):
        assert s.assessment is not None  # noqa: S101  _not_answered leaves these out
        if any(a.side is s.side and URGENCY[a.assessment] <= URGENCY[s.assessment] for a in asked):
            continue  # a coded finding of this breast says as much
        name = f"{exam.id}.{s.side or 'unstated'}"
        status = status_of(exam.kind, s.assessment)
        asked.append(Asked(name, FindingKind.UNNAMED, s.side, None, s.assessment, status))
    advised = _advised(exam, result)
    if advised is not None:
        asked.append(advised)
    return asked


def _coded(exam: Exam, result: Reading) -> Iterator[Asked]:
    actionable = {s.side for s in _not_answered(result)}
    for f in result.findings:
        assessment = assessment_of(result, f)
        if assessment is None:
            continue
        side = f.side or (next(iter(actionable)) if len(actionable) == 1 else None)
        status = status_of(exam.kind, assessment) if assessment in NOT_ANSWERED else FindingStatus.RESOLVED
        yield Asked(f.id, f.kind, side, f.place, assessment, status, coded=True)


def _not_answered(result: Reading) -> list[SideAssessment]:
    """The breasts that are not calm, the most urgent first."""
    found = [s for s in result.sides if s.assessment in NOT_ANSWERED]
    return sorted(found, key=_urgency) if len(found) > 1 else found


def _urgency(stated: SideAssessment) -> int:
    return 99 if stated.assessment is None else URGENCY[stated.assessment]


def _advised(exam: Exam, result: Reading) -> Asked | None:
    """A recommendation that asks for more than the assessments do is a finding of its own."""
    advised = advice(result) if result.recommendation is not None else None
    if advised is None:
        return None
    side = exam.sides[0] if len(exam.sides) == 1 else None
    stated = most_urgent(result) or Assessment.NEGATIVE
    status = status_of(exam.kind, ACTS_AS[advised])
    return Asked(f"{exam.id}.advice", FindingKind.UNNAMED, side, None, stated, status, advice=advised)


ACTS_AS = {
    Recommendation.BIOPSY: Assessment.SUSPICIOUS,
    Recommendation.SURGICAL_CONSULT: Assessment.SUSPICIOUS,
    Recommendation.MORE_IMAGING: Assessment.INCOMPLETE_IMAGING,
    Recommendation.SHORT_INTERVAL: Assessment.PROBABLY_BENIGN,
}
"""The assessment that usually comes with a recommendation: what is owed is the same, what she is told is not."""


# ---------------------------------------------------------------- when a result is another than before


def renewed(episode: Episode, exam: Exam, before: Reading | None) -> Findings:
    """Return the findings once `exam`'s current result counts instead of `before`."""
    found = dict(episode.findings)
    asked = asked_by(exam, exam.result) if exam.result else []
    if exam.is_workup:
        _ask_again(found, exam, before, asked)
        asked = [a for a in asked if a.coded or _stands(found.get(a.id)) or not _carried(found, episode, exam, a)]
    asked = [_called_apart(a, exam, found) for a in asked]
    earlier = asked_by(exam, before) if before is not None and asked else []
    said = {(a.id, a.assessment, a.status) for a in (_called_apart(e, exam, found) for e in earlier)}
    for a in asked:
        found[a.id] = _taken(found.get(a.id), a, episode, exam, said_before=(a.id, a.assessment, a.status) in said)
    supported = {a.id for a in asked}
    for finding_id, f in episode.findings.items():
        if f.exam == exam.id and f.answered_by is None and finding_id not in supported and f.tissue_at is None:
            found[finding_id] = replace(f, status=FindingStatus.RESOLVED)
    return _carrying(found, episode, exam.id)


def _called_apart(asked: Asked, exam: Exam, found: Findings) -> Asked:
    """Return what is asked under a name of its own: a code that two examinations use names two findings, not one."""
    if not asked.coded:
        return asked
    own = f"{exam.id}.{asked.id}"
    known = found.get(asked.id)
    return replace(asked, id=own) if own in found or (known is not None and known.exam != exam.id) else asked


def _carrying(found: Findings, episode: Episode, renewed_now: str | None = None) -> Findings:
    """Return the findings with one for every work-up result that asks for more and is carried by none of them.

    A work-up's 4 may have waited to be answered with a finding of the screening. Where that finding goes (its own
    report is corrected, other pictures answer it), the 4 needs a finding of its own: nothing else would keep it open.
    """
    for exam in episode.exams.values():
        gist = exam.reading.gist
        if gist is None or gist.calm or exam.id == renewed_now or exam.not_hers or exam.history or not exam.is_workup:
            continue
        assert exam.result is not None  # noqa: S101  it has a gist
        for a in asked_by(exam, exam.result):
            if not a.coded and not _stands(found.get(a.id)) and not _carried(found, episode, exam, a):
                found[a.id] = _taken(found.get(a.id), a, episode, exam)
    return found


def _stands(finding: FindingState | None) -> bool:
    return finding is not None and (finding.status is not FindingStatus.RESOLVED or finding.answered_by is not None)


def _taken(
    old: FindingState | None, asked: Asked, episode: Episode, exam: Exam, *, said_before: bool = False
) -> FindingState:
    """Return a finding as it stands once `exam` asks for it. What was said before and weighed is not asked again."""
    fresh = FindingState(
        id=asked.id,
        exam=exam.id,
        kind=asked.kind,
        side=asked.side,
        place=asked.place,
        assessment=asked.assessment,
        status=asked.status,
        stated=asked.assessment,
        advice=asked.advice,
    )
    in_tissue = old is not None and (old.tissue_at is None or old.status in IN_TISSUE)
    weighed = old is not None and (in_tissue or said_before or _known_then(old, exam))
    if old is not None and (old.answered_by is not None or old.tissue_at) and _not_worse(old, asked) and weighed:
        return replace(old, stated=asked.assessment)  # it has its answer, from pictures or tissue taken since
    if old is not None and old.tissue_at and old.status in IN_TISSUE:
        return replace(old, stated=asked.assessment, assessment=asked.assessment)  # the tissue is waited for already
    same_side = old is not None and asked.side in (None, old.side)  # a call-back may have named the side since
    if old is not None and same_side and (old.stated, old.status, old.advice) == (
        asked.assessment, asked.status, asked.advice,
    ):  # fmt: skip
        return replace(old, kind=asked.kind, place=asked.place)
    if asked.status is not FindingStatus.OPEN:
        return fresh
    awaited = (*old.examined_by, *old.asked_of) if old is not None else ()
    looked = [
        x
        for x in episode.exams.values()
        if x.id != exam.id and looks_at(x, fresh, exam) and (x.id in awaited or not _read_before(x, exam))
    ]
    return replace(
        fresh,
        tissue_at=old.tissue_at if old is not None else None,
        planned=old is not None and old.status is FindingStatus.OPEN and old.planned,
        examined_by=tuple(x.id for x in looked if x.sides),
        asked_of=tuple(x.id for x in looked if not x.sides),
    )


def _not_worse(old: FindingState, asked: Asked) -> bool:
    same_side = old.side is asked.side or asked.side is None
    return same_side and URGENCY[asked.assessment] >= URGENCY[old.stated]


def looks_at(x: Exam, finding: FindingState, found_in: Exam) -> bool:
    """Whether work-up pictures may answer a finding: of its side or of a side not stated, and not older than it."""
    return x.is_workup and not x.not_hers and x.follows(found_in) and (not x.sides or x.covers(finding.side))


def _read_before(x: Exam, found_in: Exam) -> bool:
    """Whether work-up pictures had their report before the finding had its own: they were made for something else."""
    said_at, found_at = x.reading.said_at, found_in.reading.said_at
    return said_at is not None and found_at is not None and said_at < found_at


def _carried(found: Findings, episode: Episode, exam: Exam, asked: Asked) -> bool:
    """Whether another finding of that breast carries what this work-up's report asks for."""
    return any(
        _same_breast(f.side, asked.side)
        and (_is_asked(f, exam) or _is_answer(f, episode, exam, asked) or _is_sampled_since(f, exam))
        for f in found.values()
    )


def _is_asked(f: FindingState, exam: Exam) -> bool:
    """Whether the radiologist is asked about it, with these pictures: then nothing is guessed."""
    return f.status is FindingStatus.OPEN and f.awaits(exam.id)


def _is_answer(f: FindingState, episode: Episode, exam: Exam, asked: Asked) -> bool:
    """Whether the radiologist answered it with these pictures by as much, or, short of tissue, with later ones."""
    if f.answered_by == exam.id:
        return RANK[status_of(exam.kind, f.assessment)] <= RANK[asked.status]
    later = episode.exams.get(f.answered_by or "")
    final = f.status is not FindingStatus.OPEN and asked.status is not FindingStatus.BIOPSY
    return final and later is not None and (later.performed_at > exam.performed_at + A_DAY or _known_then(f, exam))


def _known_then(f: FindingState, exam: Exam) -> bool:
    """Whether whoever decided on the finding had this examination's report."""
    said_at = exam.reading.said_at
    return f.decided_at is not None and said_at is not None and said_at <= f.decided_at


def _is_sampled_since(f: FindingState, exam: Exam) -> bool:
    """Whether these pictures led to the tissue, or were known to whoever decided that none is needed."""
    if f.tissue_at is None or f.tissue_at <= exam.performed_at:
        return False
    return f.status in IN_TISSUE or _known_then(f, exam)


def _same_breast(one: Laterality | None, other: Laterality | None) -> bool:
    return one is other or one is None or other is None


def _ask_again(found: Findings, exam: Exam, before: Reading | None, asked: list[Asked]) -> None:
    """Ask the radiologist again where an answer stood on a report that is withdrawn or now says less."""
    was = by_side(before) if before else {}
    now = by_side(exam.result) if exam.result else {}
    for finding_id, f in found.items():
        if f.tissue_at or f.answered_by != exam.id or (f.status is FindingStatus.RESOLVED and exam.result is not None):
            continue
        moved = was != now if f.side is None else was.get(f.side) != now.get(f.side)
        held = any(_same_breast(f.side, a.side) and RANK[a.status] <= RANK[f.status] for a in asked)
        if (moved or exam.result is None) and not held:
            found[finding_id] = replace(
                f,
                status=FindingStatus.OPEN,
                assessment=f.stated,
                answered_by=None if f.exam != exam.id else exam.id,
                examined_by=(exam.id,) if exam.sides and exam.covers(f.side) else (),
                asked_of=() if exam.sides else (exam.id,),
            )


def without(episode: Episode, exam_id: str) -> Findings:
    """Return the findings once `exam_id` proved not to be hers: what it found is gone, what it answered is open.

    What her own work-up pictures said of such a finding stays.
    """
    found: Findings = {}
    for finding_id, f in episode.findings.items():
        if f.tissue_at:
            found[finding_id] = f  # the tissue was hers
            continue
        if f.exam == exam_id:
            if f.answered_by not in (None, exam_id) and f.status is not FindingStatus.RESOLVED:
                found[finding_id] = replace(f, exam=f.answered_by)
            continue
        examined_by = tuple(x for x in f.examined_by if x != exam_id)
        asked_of = tuple(x for x in f.asked_of if x != exam_id)
        left = replace(f, examined_by=examined_by, asked_of=asked_of)
        if f.answered_by == exam_id:
            left = replace(left, status=FindingStatus.OPEN, assessment=f.stated, answered_by=None)
        found[finding_id] = left
    return _carrying(found, episode)


# ---------------------------------------------------------------- facts


def examined(episode: Episode, event: ev.ExaminationPerformed) -> Findings:
    """Return the findings once work-up pictures were made: those of its side have been looked at, not answered."""
    exam = episode.exams[event.exam]
    if exam.kind is ExaminationKind.TECHNICAL_REPEAT:
        return _repeated(episode, exam)
    if not exam.is_workup:
        return episode.findings
    found = dict(episode.findings)
    for finding_id, f in episode.findings.items():
        found_in = episode.exams.get(f.exam)
        if f.status is not FindingStatus.OPEN or found_in is None or not looks_at(exam, f, found_in):
            continue
        if exam.sides:
            found[finding_id] = replace(f, examined_by=(*f.examined_by, exam.id))
        else:
            found[finding_id] = replace(f, asked_of=(*f.asked_of, exam.id))
    return found


def _repeated(episode: Episode, exam: Exam) -> Findings:
    """The same views again answer what was only a fault of the pictures; what they show, their own reading says."""
    return {
        key: replace(f, status=FindingStatus.RESOLVED, answered_by=exam.id, planned=False)
        if f.status is FindingStatus.OPEN and f.kind is FindingKind.TECHNICAL and exam.covers(f.side)
        and (found_in := episode.exams.get(f.exam)) is not None and exam.follows(found_in)
        else f
        for key, f in episode.findings.items()
    }  # fmt: skip


def planned(episode: Episode, sides: tuple[Laterality, ...]) -> Findings:
    """Return the findings once further pictures are planned of `sides` (empty: every open finding).

    A finding whose side is named by this was not looked at by pictures of the other breast.
    """
    named = sides[0] if len(sides) == 1 else None
    return {
        key: _planned(f, named, episode)
        if f.status is FindingStatus.OPEN and (not sides or f.side is None or f.side in sides)
        else f
        for key, f in episode.findings.items()
    }


def _planned(f: FindingState, named: Laterality | None, episode: Episode) -> FindingState:
    if f.side is not None or named is None:
        return replace(f, planned=True)
    looked = tuple(x for x in f.examined_by if x in episode.exams and episode.exams[x].covers(named))
    return replace(f, planned=True, side=named, examined_by=looked)


def answered(episode: Episode, event: ev.WorkupAssessed) -> Findings:
    """Return the findings once a radiologist said what `event.exam` answers and adds."""
    exam = episode.exams[event.exam]
    found = dict(episode.findings)
    for answer in event.answers:
        f = found.get(answer.finding)
        if f is None:  # the reading it came from was entered in error
            continue
        status = status_of(exam.kind, answer.assessment)
        again = status is FindingStatus.OPEN  # more pictures are asked for: others already made may still answer it
        found[answer.finding] = replace(
            f,
            assessment=answer.assessment,
            status=status,
            answered_by=event.exam,
            how=answer.how,
            decided_at=event.occurred_at,
            planned=False,
            examined_by=tuple(x for x in f.examined_by if again and x != event.exam),
            asked_of=tuple(x for x in f.asked_of if again and x != event.exam),
        )
    for new in event.added:
        if new.assessment is not None:
            status = status_of(exam.kind, new.assessment)
            found[new.id] = FindingState(
                new.id, event.exam, new.kind, new.side, new.place, new.assessment, status, new.assessment,
                answered_by=event.exam, decided_at=event.occurred_at,
            )  # fmt: skip
    return _carrying(found, episode)
