"""Reading: one reader whose report comes from the reporting system, or two who sign here; and earlier pictures.

What a reader sees is for `opinions`; here it becomes a report, a plan, an amendment.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from closerlook.pathway import steps as st
from closerlook.pathway.events import (
    SideAssessment,
)
from closerlook.pathway.loops import Loop
from closerlook.pathway.regions import Episode, Exam
from closerlook.pathway.results import BOTH
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import (
    ExaminationKind,
    FindingKind,
    ReportStatus,
    Role,
)
from closerlook.simulate import opinions
from closerlook.simulate.common import AN_HOUR, LOOK_LATER, Again, exam_of, number_of, round_of
from closerlook.simulate.engine import A_DAY, Case, Engine
from closerlook.simulate.opinions import Opinion, Spot, Truth
from closerlook.simulate.roster import Worker
from closerlook.simulate.sending import Sent
from closerlook.simulate.working_up import reads_check, reports_work_up


def read(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """Read an examination: by one, whose report comes from the reporting system, or by two who sign it here."""
    exam, episode = exam_of(e, case, loop), round_of(e, case, loop)
    if exam.reading.held is not None:
        return e.now + LOOK_LATER
    if episode.answers is not None:
        return reads_check(e, case, episode, exam, who)
    if exam.kind is not ExaminationKind.SCREENING:
        return reports_work_up(e, case, episode, exam, who)
    opinion = _opinion(e, case, exam, who)
    if e.protocol.reading == "double":
        return _signs(e, case, exam, opinion, who)
    e.send(case, _report(e, case, exam, opinion, who))
    if opinion.technical:
        case.technical.add(exam.id)
    if not opinion.spots and case.dice.random() < e.p.behaviour.amended_report:
        e.at(e.now + timedelta(days=3 + 20 * case.dice.random()), lambda: _amends(e, case, exam.id, who))
    return None


def _opinion(e: Engine, case: Case, exam: Exam, who: Worker) -> Opinion:
    """What one reader makes of it; two readers look at the same pictures."""
    key, on = exam.id, e.protocol.calendar.on(exam.performed_at)
    if key not in case.visible:
        spots = opinions.visible(case.woman, on, e.p, case.dice)
        case.visible[key] = tuple(s for s in spots if s.tumour not in case.known)
    reader = e.unit.readers[who.username]
    first = not case.woman.screened_before and case.rounds <= 1
    priors = case.woman.has_priors == "here" or case.rounds > 1
    opinion = opinions.screened(case.visible[key], case.woman, on, first, priors, reader, e.p, case.dice)
    if opinion.awaits_priors and key in case.waited:
        opinion = replace(opinion, awaits_priors=False)
    elif opinion.awaits_priors:
        case.waited.add(key)
    case.called[key] = tuple(dict.fromkeys((*case.called.get(key, ()), *opinion.spots)))
    return opinion


def stated(opinion: Opinion, case: Case) -> tuple[SideAssessment, ...]:
    """Return what a report states: one category for both breasts, or one for each."""
    if opinion.awaits_priors:
        return (SideAssessment(A.INCOMPLETE_PRIORS),)
    calm = A.BENIGN if opinion.benign else A.NEGATIVE
    sides = {s.side for s in opinion.spots}
    if opinion.technical and not sides:
        sides = {case.dice.choice(BOTH)}
    if not sides:
        return (SideAssessment(calm),)
    asks = A.SUSPICIOUS if opinion.suspicious else A.INCOMPLETE_IMAGING
    return tuple(SideAssessment(asks if side in sides else calm, side) for side in BOTH)


def _report(e: Engine, case: Case, exam: Exam, opinion: Opinion, who: Worker) -> Sent:
    return Sent(
        number=case.woman.number,
        accession=number_of(exam),
        kind=exam.kind,
        looked_at=exam.sides,
        performed_at=exam.performed_at,
        provider=case.provider,
        sender=case.sender,
        reported_at=e.now.replace(microsecond=0),
        stated=stated(opinion, case),
        density=opinion.density,
        reader=who.username,
        seen=opinion.spots[0].kind if opinion.spots else None,
    )


def reads_history(e: Engine, case: Case, screened_at: datetime) -> None:
    """A screening from before the start comes with its report."""
    reader = case.dice.choice(sorted(e.unit.readers))
    on = e.protocol.calendar.on(screened_at)
    seen = opinions.visible(case.woman, on, e.p, case.dice)
    first, priors = not case.woman.screened_before, case.woman.has_priors == "here"
    opinion = opinions.screened(seen, case.woman, on, first, priors, e.unit.readers[reader], e.p, case.dice)
    case.known.update(s.tumour for s in opinion.spots if s.tumour is not None)  # found then, and treated elsewhere
    sent = Sent(
        number=case.woman.number,
        accession=e.accession(case),
        kind=ExaminationKind.SCREENING,
        looked_at=BOTH,
        performed_at=screened_at.replace(microsecond=0),
        provider=case.provider,
        sender=case.sender,
        reported_at=e.hours.open_at(screened_at + timedelta(hours=18)).replace(microsecond=0),
        stated=stated(opinion, case),
        density=opinion.density,
        reader=reader,
        seen=opinion.spots[0].kind if opinion.spots else None,
    )
    e.send(case, sent)


def review_history(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """Sign off what the older system left open: its paper file has the answer, as a rule."""
    follow_up = case.dice.random() < 0.04
    note = "no answer in the old file" if follow_up else "benign after further pictures, in the old file"
    e.take(case, st.ReviewHistory(episode=loop.episode or loop.subject, follow_up=follow_up, note=note), who.actor)
    return None


def _signs(e: Engine, case: Case, exam: Exam, opinion: Opinion, who: Worker) -> Again:
    if opinion.awaits_priors:
        hold = st.DeferReading(exam=exam.id, reason="her older pictures", release_by=who.username)
        e.take(case, hold, who.actor)
        return e.now + LOOK_LATER
    step = st.RecordReading(exam=exam.id, sides=_both(stated(opinion, case)), density=opinion.density)
    e.take(case, step, who.actor)
    if opinion.technical:
        case.technical.add(exam.id)
    return e.now + timedelta(hours=1 + 5 * case.dice.random())  # the second reader; nobody where it is a result


def _both(said: tuple[SideAssessment, ...]) -> tuple[SideAssessment, ...]:
    """What is signed here names each breast."""
    return tuple(SideAssessment(said[0].assessment, side) for side in BOTH) if said[0].side is None else said


def have_read(e: Engine, case: Case, loop: Loop) -> tuple[str, ...]:
    """Those who have given their opinion already."""
    return tuple(o.reader for o in exam_of(e, case, loop).reading.opinions)


def arbitrate(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    exam = exam_of(e, case, loop)
    opinion = _opinion(e, case, exam, who)
    e.take(case, st.Arbitrate(exam=exam.id, sides=_both(stated(opinion, case)), density=opinion.density), who.actor)
    return None


def _amends(e: Engine, case: Case, exam_id: str, who: Worker) -> None:
    """On second look something asks for more pictures after all."""
    found = e.look(case).exam(exam_id)
    if found is None or case.gone:
        return
    exam = found[1]
    side = case.dice.choice(BOTH)
    spot = Spot(side=side, kind=FindingKind.FOCAL_ASYMMETRY, place="upper_outer", truth=Truth.NOTHING, tumour=None)
    case.called[exam.id] = (spot,)
    later = Opinion(
        density=exam.result.density if exam.result and exam.result.density else case.woman.density_at(e.now.date()),
        spots=(spot,),
        technical=False,
        awaits_priors=False,
        benign=False,
        suspicious=False,
    )
    sent = _report(e, case, exam, later, who)
    e.send(case, replace(sent, status=ReportStatus.CORRECTED))


def plan_call_back(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """Say which further pictures are needed, of which breast, and why."""
    episode = round_of(e, case, loop)
    found = episode.exams.get(loop.subject)
    exam = found if found is not None else next(iter(episode.exams.values()))
    sides = tuple(side for side in BOTH if any(f.side in (side, None) for f in episode.open_findings()))
    kinds = tuple(dict.fromkeys(s.kind for s in case.called.get(exam.id, ()) if s.side in sides))
    technical = exam.id in case.technical and not kinds
    views = ("MAG", "ML") if FindingKind.CALCIFICATIONS in kinds else ("CC", "MLO") if technical else ("SPOT", "ML")
    step = st.DecideCallBack(
        exam=exam.id,
        sides=sides,
        reasons=(FindingKind.TECHNICAL,) if technical else kinds or (FindingKind.UNNAMED,),
        views=views,
        ultrasound=bool(set(kinds) - {FindingKind.CALCIFICATIONS}),
        answer_same_day=True,
        technical=technical,
    )
    e.take(case, step, who.actor)
    return None


def place_report(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    e.take(case, st.PlaceReport(exam=loop.subject, outcome="belongs to her treatment"), who.actor)
    return None


def confirm_assessment(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """Confirm what a report says where its sender's words alone do not count."""
    reading = exam_of(e, case, loop).reading
    report = reading.pending or reading.report
    if report is None or not report.sides:
        return e.now + A_DAY
    e.take(case, st.ConfirmAssessment(exam=loop.subject, sides=_both(report.sides), density=report.density), who.actor)
    return None


def confirm_change(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    e.take(case, st.ConfirmChange(exam=loop.subject, accepted=True), who.actor)
    return None


# ---------------------------------------------------------------- earlier pictures


def get_priors(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    episode = round_of(e, case, loop)
    source = case.dice.choice(e.unit.prior_sources)
    if episode.priors.requested is None:
        e.take(case, st.RequestPriors(episode=episode.id, source=source), who.actor)
        return e.now + timedelta(days=2 + 14 * case.dice.random())
    if not episode.priors.received and not episode.priors.unavailable:
        if case.dice.random() < 0.12:
            e.take(case, st.RecordNoPriors(episode=episode.id, reason="not kept any more"), who.actor)
        else:
            e.take(case, st.ReceivePriors(episode=episode.id, source=episode.priors.requested), who.actor)
    exam = _waiting_for_priors(episode)
    if exam is not None:
        e.somebody(Role.RADIOLOGIST, 5, lambda reader: _with_priors(e, case, exam, reader), 3 * AN_HOUR)
    return None


def _waiting_for_priors(episode: Episode) -> Exam | None:
    return next((x for x in episode.exams.values() if x.reading.gist and x.reading.gist.awaits_priors), None)


def _with_priors(e: Engine, case: Case, exam: Exam, who: Worker) -> None:
    case.called.pop(exam.id, None)
    reader = e.unit.readers[who.username]
    on = e.protocol.calendar.on(exam.performed_at)
    spots = case.visible.get(exam.id, ())
    opinion = opinions.screened(spots, case.woman, on, False, True, reader, e.p, case.dice)
    case.called[exam.id] = opinion.spots
    calm = A.BENIGN if opinion.benign else A.NEGATIVE
    sides = {s.side for s in opinion.spots}
    said = tuple(SideAssessment(A.INCOMPLETE_IMAGING if side in sides else calm, side) for side in BOTH)
    e.take(case, st.RecordReading(exam=exam.id, sides=said, density=opinion.density, with_priors=True), who.actor)
