"""Tissue: arranged, taken, reported, weighed, told; and her way to a care team."""

from datetime import timedelta

from closerlook.pathway import steps as st
from closerlook.pathway.events import (
    Channel,
    Outcome,
    Purpose,
)
from closerlook.pathway.loops import Loop
from closerlook.pathway.regions import Episode, FindingStatus, VisitStage
from closerlook.pathway.terms import (
    FindingKind,
    Laterality,
    Plan,
    Role,
    Sampling,
    Tissue,
)
from closerlook.simulate import herself, opinions
from closerlook.simulate.common import Again, days_until, is_owed, round_of
from closerlook.simulate.engine import A_DAY, Case, Engine
from closerlook.simulate.opinions import Spot, Truth
from closerlook.simulate.reaching import books, navigator_or, ring
from closerlook.simulate.roster import Worker

BY_TWO = "Dr Okoye, pathology"


def arrange_biopsy(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """Give her a day for her biopsy, or pass her no on to the nurse."""
    episode = round_of(e, case, loop)
    if is_owed(e, case, "tell_result", episode.id) or is_owed(e, case, "nurse_call", episode.id):
        return e.now + A_DAY
    visit = episode.visits.get(Purpose.BIOPSY)
    if visit is not None and visit.stage is VisitStage.BOOKED:
        return None
    if not case.woman.phone:
        books(e, case, episode.id, who)  # a day by letter
        return None
    if is_owed(e, case, "reach_her", episode.id) or not ring(e, case, episode, who):
        return e.now + A_DAY  # the ladder goes on by itself
    if case.dice.random() < e.p.behaviour.declines_today / 2:
        e.take(case, st.RecordNoToday(episode=episode.id), who.actor)
        return None
    books(e, case, episode.id, who)
    return None


def takes_tissue(e: Engine, case: Case, episode_id: str) -> None:
    episode = e.look(case).episodes[episode_id]
    who = e.roster.anyone(Role.RADIOLOGIST)
    for finding in list(episode.findings.values()):
        if finding.status is FindingStatus.BIOPSY:
            method = Sampling.EXCISION if finding.plan is Plan.EXCISION else Sampling.CORE
            if _spot(case, episode, finding.side).kind is FindingKind.CALCIFICATIONS and method is Sampling.CORE:
                method = Sampling.VACUUM
            step = st.RecordBiopsy(finding=finding.id, method=method, marker=method is not Sampling.EXCISION)
            e.take(case, step, who.actor)


def _spot(case: Case, episode: Episode, side: Laterality | None) -> Spot:
    """What lies behind a finding: the gravest truth on that side."""
    spots = [s for key in episode.exams for s in case.called.get(key, ()) if side is None or s.side is side]
    spots.sort(key=lambda s: s.truth is not Truth.CANCER)
    if spots:
        return spots[0]
    return Spot(side=side or Laterality.LEFT, kind=FindingKind.MASS, place=None, truth=Truth.NOTHING, tumour=None)


def get_pathology(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """Enter the pathologist's report once it is there."""
    episode = round_of(e, case, loop)
    specimen = episode.specimens[loop.subject]
    there = specimen.taken_at + timedelta(days=days_until(case, e.p.days.pathology, e.p.days.pathology_spread))
    if case.seen[loop.kind, loop.subject, loop.opened_seq] == 0 and there > e.now:
        return there
    spot = _spot(case, episode, episode.findings[specimen.finding].side)
    tissue, lesion, fits = opinions.sampled(case.woman, spot, e.p, case.dice)
    if specimen.method is Sampling.EXCISION and spot.truth is Truth.CANCER:
        tissue, lesion, fits = Tissue.MALIGNANT, None, True
    case.fits[loop.subject] = fits
    if tissue is Tissue.MALIGNANT and spot.tumour is not None:
        case.known.add(spot.tumour)
    e.take(case, st.RecordPathology(specimen=specimen.id, tissue=tissue, lesion=lesion), who.actor)
    return None


def decide_concordance(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    fits = case.fits.get(loop.subject, True)
    specimen = round_of(e, case, loop).specimens[loop.subject]
    watch = fits and specimen.tissue is not Tissue.MALIGNANT and case.dice.random() < 0.15
    follow_up = Plan.SHORT_INTERVAL if watch else Plan.ROUTINE
    e.take(case, st.DecideConcordance(specimen=loop.subject, concordant=fits, follow_up=follow_up), who.actor)
    return None


def plan_next(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """Where tissue gave no settled answer: take more, operate, or decide in conference to watch."""
    episode = round_of(e, case, loop)
    pieces = [t for t in episode.specimens.values() if t.finding == loop.subject]
    high_risk = bool(pieces) and pieces[-1].tissue is Tissue.HIGH_RISK
    if high_risk and case.dice.random() < 0.4:
        step = st.PlanNext(finding=loop.subject, plan=Plan.SHORT_INTERVAL, conference=(who.username, BY_TWO))
    else:
        plan = Plan.EXCISION if high_risk or len(pieces) > 1 else Plan.REPEAT_BIOPSY
        step = st.PlanNext(finding=loop.subject, plan=plan)
    e.take(case, step, who.actor)
    return None


def tell_diagnosis(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    episode = round_of(e, case, loop)
    if Channel.PHONE in e.protocol.tell_diagnosis_by and case.woman.phone:
        if herself.answers(case) is not Outcome.REACHED:
            return e.now + A_DAY / 2
        e.take(case, st.TellDiagnosis(specimen=loop.subject, channel=Channel.PHONE), who.actor)
        return None
    visit = episode.visits.get(Purpose.RESULTS)
    if visit is None or visit.stage is VisitStage.NONE:
        herself.give_a_time(e, case, navigator_or(e, who), episode.id, Purpose.RESULTS, e.now + A_DAY)
    return e.now + 4 * A_DAY


def tells_results(e: Engine, case: Case, episode_id: str) -> None:
    who = e.roster.anyone(Role.CLINICIAN)
    for specimen in list(e.look(case).episodes[episode_id].specimens):
        if any(key[1:] == ("tell_diagnosis", specimen) for key in e.look(case).owed):
            e.take(case, st.TellDiagnosis(specimen=specimen, channel=Channel.IN_PERSON), who.actor)


def accept_referral(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    day = (e.now + timedelta(days=4 + 10 * case.dice.random())).date()
    e.take(case, st.RecordAccepted(episode=loop.subject, first_visit_on=day), who.actor)
    return None


def confirm_first_visit(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    step = st.RecordFirstVisit(episode=loop.episode or loop.subject, came=case.dice.random() < 0.95)
    e.take(case, step, who.actor)
    return None


def end_treatment(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    step = st.EndTreatment(
        episode=loop.subject.partition(":")[0],
        next_due_on=(e.now + timedelta(days=365)).date(),
        why="a mammogram a year after treatment",
    )
    e.take(case, step, who.actor)
    return None
