"""The further pictures: made, reported, what they answer; and short-interval checks."""

from closerlook.pathway import steps as st
from closerlook.pathway.events import (
    Channel,
    FindingAnswer,
    SideAssessment,
)
from closerlook.pathway.loops import Loop
from closerlook.pathway.regions import Episode, Exam
from closerlook.pathway.results import BOTH
from closerlook.pathway.terms import (
    URGENCY,
    ExaminationKind,
    Laterality,
    Role,
)
from closerlook.pathway.terms import Assessment as A
from closerlook.simulate import opinions
from closerlook.simulate.common import CALM, Again, exam_of, is_owed, number_of, round_of
from closerlook.simulate.engine import Case, Engine
from closerlook.simulate.opinions import Reader, Spot
from closerlook.simulate.reaching import books
from closerlook.simulate.roster import Worker
from closerlook.simulate.sampling import takes_tissue
from closerlook.simulate.sending import Sent

SAME_VISIT = 0.85
"""Of biopsies where a unit takes tissue in the visit that advises it: done there and then."""


def makes_pictures(e: Engine, case: Case, episode_id: str) -> None:
    """She came for further pictures, or for a check: they are made."""
    episode = e.look(case).episodes[episode_id]
    sides = episode.plan.sides if episode.plan is not None and episode.plan.sides else BOTH
    if episode.answers is not None:
        sides = _watched_sides(case)
    sent = Sent(
        number=case.woman.number,
        accession=e.accession(case),
        kind=ExaminationKind.DIAGNOSTIC,
        looked_at=sides,
        performed_at=e.now.replace(microsecond=0),
        provider=case.provider,
        sender=case.sender,
        episode=episode.id,
    )
    e.send(case, sent)


def _watched_sides(case: Case) -> tuple[Laterality, ...]:
    spots = case.called.get("watched", ())
    return tuple(side for side in BOTH if any(s.side is side for s in spots)) or BOTH


def assess_workup(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """Report the further pictures, say what they answer, and tell her before she goes."""
    exam, episode = exam_of(e, case, loop), round_of(e, case, loop)
    if not exam.reading.report:
        reports_work_up(e, case, episode, exam, who)
        episode = e.look(case).episodes[episode.id]
        exam = episode.exams[exam.id]
    waiting = [f for f in episode.open_findings() if f.awaits(exam.id)]
    if waiting:
        said = {s.side: s.assessment for s in exam.result.sides} if exam.result else {}
        answers = tuple(FindingAnswer(f.id, said.get(f.side) or _gravest(said) or A.NEGATIVE) for f in waiting)
        e.take(case, st.AssessWorkup(exam=exam.id, answers=answers), who.actor)
    if is_owed(e, case, "tell_result", episode.id) and case.dice.random() < 0.85:
        e.take(case, st.TellResult(exam=exam.id, channel=Channel.IN_PERSON), e.roster.anyone(Role.CLINICIAN).actor)
        if e.p.days.biopsy >= 1:
            books(e, case, episode.id, e.roster.anyone(Role.NAVIGATOR))  # before she goes home
    if e.p.days.biopsy < 1 and is_owed(e, case, "arrange_biopsy", episode.id) and case.dice.random() < SAME_VISIT:
        takes_tissue(e, case, episode.id)
    return None


def _gravest(said: dict[Laterality | None, A | None]) -> A | None:
    return min((a for a in said.values() if a is not None), key=URGENCY.__getitem__, default=None)


def reports_work_up(e: Engine, case: Case, episode: Episode, exam: Exam, who: Worker) -> Again:
    reader, on = e.unit.readers[who.username], e.protocol.calendar.on(exam.performed_at)
    if episode.plan is not None and episode.plan.technical:
        _reads_what_was_made_again(e, case, episode, reader)
    spots = [s for key in episode.exams for s in case.called.get(key, ()) if s.side in exam.sides]
    case.called[exam.id] = ()
    said: dict[Laterality, SideAssessment] = {}
    kept: list[Spot] = []
    for spot in spots:
        answer = opinions.worked_up(case.woman, spot, on, reader, e.p, case.dice)
        if answer.assessment not in CALM:
            kept.append(spot)
        before = said.get(spot.side)
        if before is None or URGENCY[answer.assessment] < URGENCY[before.assessment or A.NEGATIVE]:
            said[spot.side] = SideAssessment(answer.assessment, spot.side, answer.suspicion)
    for side in exam.sides:
        said.setdefault(side, SideAssessment(A.NEGATIVE, side))
    case.called[exam.id] = tuple(kept)
    case.called["watched"] = tuple(kept)
    _files(e, case, exam, tuple(said.values()), who, kept)
    return None


def _reads_what_was_made_again(e: Engine, case: Case, episode: Episode, reader: Reader) -> None:
    """Look at a screening whose pictures were not good enough, now that they are."""
    for exam in [episode.exams[key] for key in episode.exams if key in case.visible]:
        on, seen = e.protocol.calendar.on(exam.performed_at), case.visible[exam.id]
        first, priors = not case.woman.screened_before and case.rounds <= 1, case.rounds > 1
        opinion = opinions.screened(seen, case.woman, on, first, priors, reader, e.p, case.dice)
        while opinion.technical:
            opinion = opinions.screened(seen, case.woman, on, first, priors, reader, e.p, case.dice)
        case.called[exam.id] = opinion.spots


def _files(e: Engine, case: Case, exam: Exam, said: tuple[SideAssessment, ...], who: Worker, spots: list[Spot]) -> None:
    sent = Sent(
        number=case.woman.number,
        accession=number_of(exam),
        kind=exam.kind,
        looked_at=exam.sides,
        performed_at=exam.performed_at,
        provider=case.provider,
        sender=case.sender,
        reported_at=e.now.replace(microsecond=0),
        stated=said,
        reader=who.username,
        seen=spots[0].kind if spots else None,
    )
    e.send(case, sent)


def reads_check(e: Engine, case: Case, episode: Episode, exam: Exam, who: Worker) -> Again:
    """A short-interval check: has what is watched changed?"""
    on = e.protocol.calendar.on(exam.performed_at)
    months = round((e.now - episode.opened_at).days / 30.4) + 6
    said: dict[Laterality, SideAssessment] = {}
    kept = []
    for spot in case.called.get("watched", ()):
        answer = opinions.followed(case.woman, spot, months, on, e.p, case.dice)
        said[spot.side] = SideAssessment(answer.assessment, spot.side, answer.suspicion)
        if answer.assessment not in CALM:
            kept.append(spot)
    for side in exam.sides:
        said.setdefault(side, SideAssessment(A.BENIGN, side))
    case.called[exam.id] = tuple(kept)
    _files(e, case, exam, tuple(said[side] for side in exam.sides if side in said), who, kept)
    return None
