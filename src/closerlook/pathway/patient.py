"""How facts move a patient's state: one fold for each region.

You are here to learn what the state is after a fact. `TOUCHES` says for every fact which regions it moves; a region
whose fact is not listed there is not even asked. Nothing here knows what is owed: that is `loops`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway.events import EpisodeEvent, Event, ExamEvent, Reading, Recorded
from closerlook.pathway.regions import (
    Contact,
    DatedVisit,
    Episode,
    Exam,
    FindingState,
    FindingStatus,
    Patient,
    Reach,
    ReadingRegion,
    Symptom,
    TellingRegion,
    Visit,
    VisitStage,
)
from closerlook.pathway.results import NOT_ANSWERED, by_side, content, is_certain, merged
from closerlook.pathway.terms import SUSPECT, Assessment, ExaminationKind, FindingKind, Laterality

# ---------------------------------------------------------------- which fact moves which region


class Region(StrEnum):
    """The parts of the state that a fact can move."""

    ROUND = "round"
    READING = "reading"
    TELLING = "telling"
    FINDINGS = "findings"
    SYMPTOMS = "symptoms"
    CALL_BACK = "call_back"
    VISIT = "visit"
    CONTACT = "contact"
    PRIORS = "priors"
    STANDING = "standing"
    HERSELF = "herself"


R = Region
TOUCHES: dict[type[Event], tuple[Region, ...]] = {
    ev.Enrolled: (),
    ev.RoundOpened: (R.ROUND, R.HERSELF),
    ev.ExaminationPerformed: (R.ROUND, R.FINDINGS, R.VISIT),
    ev.Read: (R.READING, R.TELLING, R.FINDINGS, R.CONTACT),
    ev.ReportAmended: (R.READING, R.TELLING, R.FINDINGS, R.CONTACT),
    ev.ChangeConfirmed: (R.READING, R.TELLING, R.FINDINGS, R.CONTACT),
    ev.ReportWithdrawn: (R.READING, R.TELLING, R.FINDINGS, R.ROUND),
    ev.AssessmentConfirmed: (R.READING, R.TELLING, R.FINDINGS, R.CONTACT),
    ev.ReportPlaced: (R.READING,),
    ev.WaitExplained: (R.TELLING,),
    ev.Sending: (R.TELLING,),
    ev.SummarySent: (R.TELLING,),
    ev.SummaryReturned: (R.TELLING,),
    ev.ResultTold: (R.TELLING, R.CONTACT),
    ev.ResultSeen: (R.TELLING,),
    ev.ProviderTold: (R.TELLING,),
    ev.CallBackDecided: (R.CALL_BACK, R.FINDINGS),
    ev.ContactAttempted: (R.CONTACT,),
    ev.LadderRestarted: (R.CONTACT,),
    ev.CallRequested: (R.HERSELF,),
    ev.SpokenWith: (R.HERSELF,),
    ev.SaidNoToday: (R.CONTACT,),
    ev.Declined: (R.CONTACT,),
    ev.ChangedMind: (R.CONTACT,),
    ev.Booked: (R.VISIT, R.CONTACT),
    ev.Moved: (R.VISIT,),
    ev.Cancelled: (R.VISIT, R.CONTACT),
    ev.Missed: (R.VISIT, R.CONTACT),
    ev.Attended: (R.VISIT,),
    ev.WorkupAssessed: (R.FINDINGS, R.VISIT),
    ev.PriorsRequested: (R.PRIORS,),
    ev.PriorsReceived: (R.PRIORS,),
    ev.PriorsUnavailable: (R.PRIORS,),
    ev.SymptomReported: (R.SYMPTOMS,),
    ev.SymptomAnswered: (R.SYMPTOMS,),
    ev.SurveillancePlanned: (R.HERSELF,),
    ev.Paused: (R.STANDING,),
    ev.PauseReviewed: (R.STANDING,),
    ev.Resumed: (R.STANDING, R.CONTACT),
    ev.HistoryReviewed: (R.ROUND, R.FINDINGS),
    ev.OwnerChanged: (R.ROUND,),
    ev.Escalated: (R.HERSELF,),
    ev.Died: (R.HERSELF,),
    ev.Settled: (R.STANDING,),
    ev.Reopened: (R.STANDING,),
    ev.NextDueSet: (R.HERSELF,),
    ev.EnteredInError: (),  # it works on the log before the fold: see `in_force`
}


# ---------------------------------------------------------------- one fact


def evolve(patient: Patient, record: Recorded) -> Patient:
    """Return the state as it stands once `record` has happened. What is owed is left to `loops`."""
    event = record.event
    touched = TOUCHES[type(event)]
    if R.HERSELF in touched:
        patient = _herself(patient, record)
    if isinstance(event, EpisodeEvent):
        before = patient.episodes.get(event.episode)
        after = _new_round(event, record) if isinstance(event, ev.RoundOpened) else _episode(before, record, touched)
        if after is not before:
            patient = replace(patient, episodes={**patient.episodes, event.episode: after})
    return replace(patient, version=record.seq)


def _episode(episode: Episode | None, record: Recorded, touched: tuple[Region, ...]) -> Episode:
    event = record.event
    if episode is None:
        raise AssertionError(f"{type(event).__name__} {record.seq} is about a round that was never opened")
    before = episode
    for region in touched:
        move = MOVES.get(region)
        if move is not None:
            episode = move(episode, record)
    if isinstance(event, ExamEvent) and R.READING in touched:
        episode = _follow_result(before, episode, event.exam)
    return episode


def _new_round(event: ev.RoundOpened, record: Recorded) -> Episode:
    return Episode(
        id=event.episode,
        opened_at=record.recorded_at,
        protocol=record.protocol,
        site=event.site,
        reason=event.reason,
        answers=event.answers,
    )


def _with_exam(episode: Episode, exam: Exam) -> Episode:
    return replace(episode, exams={**episode.exams, exam.id: exam})


def _round(episode: Episode, record: Recorded) -> Episode:
    match record.event:
        case ev.ExaminationPerformed() as e:
            exam = Exam(
                id=e.exam,
                kind=e.kind,
                performed_at=e.occurred_at,
                sides=e.sides,
                accession=e.accession,
                order=e.order,
                provider=e.provider,
                history=e.history,
                known_by_report=e.known_by_report,
                telling=TellingRegion(hear_by_on=e.hear_by_on),
            )
            return _with_exam(episode, exam)
        case ev.ReportWithdrawn(exam=exam_id, examination_hers=False):
            exam = episode.exams[exam_id]
            if exam.telling.reached_her:  # she was told another's result: she is owed a word about it
                return _with_exam(episode, replace(exam, not_hers=True))
            return replace(episode, exams={k: x for k, x in episode.exams.items() if k != exam_id})
        case ev.HistoryReviewed():
            return replace(episode, history_reviewed=True)
        case ev.OwnerChanged() as e:
            return replace(episode, owner=e.owner, cover=e.cover)
        case _:
            return episode


def _reading(episode: Episode, record: Recorded) -> Episode:
    event = record.event
    if not isinstance(event, ExamEvent) or event.exam not in episode.exams:
        return episode
    exam = episode.exams[event.exam]
    region = _evolve_reading(exam.reading, event, record.recorded_at)
    exam = replace(exam, reading=region)
    if isinstance(event, ev.Read) and event.provider:
        exam = replace(exam, provider=event.provider)
    return _with_exam(episode, exam)


def _evolve_reading(region: ReadingRegion, event: ExamEvent, recorded_at: datetime) -> ReadingRegion:
    match event:
        case ev.Read(reading=reading) if not reading.status.is_signed:
            return replace(region, preliminary=reading)
        case ev.Read(reading=reading):
            read_at = reading.reported_at or recorded_at
            return replace(
                region, report=reading, initial_at=region.initial_at or read_at, read_at=read_at, withdrawn=False
            )
        case ev.ReportAmended(reading=reading) as e:
            return _amended(region, reading, e, recorded_at)
        case ev.ChangeConfirmed(accepted=False):
            return replace(region, pending=None)
        case ev.ChangeConfirmed(sides=sides):
            stands = region.pending or region.report
            if stands is None:
                return region
            report = replace(stands, sides=sides or stands.sides, needs_person=())
            return replace(region, report=report, pending=None, read_at=report.reported_at or recorded_at)
        case ev.AssessmentConfirmed() as e if region.report is not None:
            report = replace(
                region.report,
                sides=e.sides,
                needs_person=(),
                density=e.density or region.report.density,
                findings=e.findings or region.report.findings,
            )
            return replace(region, report=report)
        case ev.ReportPlaced(outcome=outcome):
            return replace(region, placed=outcome)
        case ev.ReportWithdrawn():
            return ReadingRegion(withdrawn=True)
        case _:
            return region


def _amended(region: ReadingRegion, new: Reading, event: ev.ReportAmended, recorded_at: datetime) -> ReadingRegion:
    current = region.report
    if current is None or not (event.adds or event.takes_away):
        replaces = event.supersedes and is_certain(new) and current is not None
        return replace(region, report=new if replaces else current)
    read_at = new.reported_at or recorded_at
    if event.adds and event.takes_away:
        return replace(region, report=merged(current, new), pending=new, read_at=read_at)
    if event.adds:
        return replace(region, report=new, read_at=read_at, pending=None)
    return replace(region, pending=new)


def _telling(episode: Episode, record: Recorded) -> Episode:
    event = record.event
    if not isinstance(event, ExamEvent) or event.exam not in episode.exams:
        return episode
    exam = episode.exams[event.exam]
    return _with_exam(episode, replace(exam, telling=_evolve_telling(exam.telling, event)))


def _evolve_telling(region: TellingRegion, event: ExamEvent) -> TellingRegion:
    match event:
        case ev.WaitExplained(hear_by_on=day):
            return replace(region, hear_by_on=day)
        case ev.Sending(document=ev.Document.SUMMARY, file=file):
            return replace(region, summary_file=file)
        case ev.Sending(file=file):
            return replace(region, provider_file=file)
        case ev.SummarySent():
            return replace(region, summary_sent=True, reached_her=True)
        case ev.SummaryReturned():
            return replace(region, summary_sent=False, summary_file=None)
        case ev.ResultTold():
            return replace(region, told=True, change=False, reached_her=True)
        case ev.ResultSeen():
            return replace(region, seen=True, reached_her=True)
        case ev.ProviderTold():
            return replace(region, provider_told=True)
        case _:
            return region


def _follow_result(before: Episode, after: Episode, exam_id: str) -> Episode:
    """Renew telling and findings of an examination whose result is another than before."""
    old, new = before.exams.get(exam_id), after.exams.get(exam_id)
    if new is None:
        return replace(after, findings={k: f for k, f in after.findings.items() if f.exam != exam_id})
    was, now = content(old.result if old else None), content(new.result)
    if was == now and (old and old.result and old.result.findings) == (new.result and new.result.findings):
        return after
    if was != now:
        told = new.telling
        changed = told.reached_her and not _was_waiting(old) and (was is None or now is None or was.sides != now.sides)
        fresh = TellingRegion(
            hear_by_on=told.hear_by_on,
            reached_her=told.reached_her,
            change=told.change or changed,
            told=told.told and bool(was and now and was.sides == now.sides),
        )
        after = _with_exam(after, replace(new, telling=fresh))
        if now is not None:  # another matter to reach her about: nothing on the ladder has been tried for it
            after = replace(after, contact=Contact(said_no=after.contact.said_no, restarted=after.contact.restarted))
    return replace(after, findings=_findings_of(after, new))


def _was_waiting(old: Exam | None) -> bool:
    """Whether she was told only that older pictures are awaited: what follows completes it, corrects nothing."""
    return bool(old and old.result and old.result.assessments == {Assessment.INCOMPLETE_PRIORS})


def _findings_of(episode: Episode, exam: Exam) -> dict[str, FindingState]:
    """Return the episode's findings once `exam`'s current result counts. Unsupported ones of this exam are resolved."""
    result = exam.result
    kept = dict(episode.findings)
    assessed = by_side(result) if result else {}
    stated = {f.id: f for f in result.findings} if result else {}
    wanted = [
        (f.id, f.kind, f.side, f.place, f.assessment or assessed.get(f.side or Laterality.LEFT))
        for f in stated.values()
    ]
    coded_sides = {side for _, _, side, _, assessment in wanted if assessment in NOT_ANSWERED}
    for s in result.sides if result else ():
        if s.assessment in NOT_ANSWERED and s.side not in coded_sides and not _asked_already(episode, exam, s.side):
            wanted.append((f"{exam.id}.{s.side or 'unstated'}", FindingKind.UNNAMED, s.side, None, s.assessment))
    for finding_id, kind, side, place, assessment in wanted:
        old = kept.get(finding_id)
        if assessment is not None and (old is None or old.assessment is not assessment):
            kept[finding_id] = FindingState(
                finding_id, exam.id, kind, side, place, assessment, _status(exam, assessment),
                planned=old.planned if old else False,
            )  # fmt: skip
    supported = {w[0] for w in wanted}
    for finding_id, finding in episode.findings.items():
        if finding.exam == exam.id and finding_id not in supported and finding.answered_by is None:
            kept[finding_id] = replace(finding, status=FindingStatus.RESOLVED)
    return kept


def _asked_already(episode: Episode, exam: Exam, side: Laterality | None) -> bool:
    """Whether an open finding of this side waits for this work-up: then the radiologist is asked, not guessed."""
    earlier = (f for f in episode.findings.values() if f.exam != exam.id and f.status is FindingStatus.OPEN)
    return exam.is_workup and any(side is None or f.side in (side, None) for f in earlier)


def _status(exam: Exam, assessment: Assessment) -> FindingStatus:
    if assessment in SUSPECT:
        return FindingStatus.BIOPSY
    if assessment is Assessment.INCOMPLETE_IMAGING:
        return FindingStatus.OPEN
    if assessment is Assessment.PROBABLY_BENIGN:
        # A 3 on a screening examination asks its reader for the work-up; it never starts a six-month wait.
        return FindingStatus.OPEN if exam.kind is ExaminationKind.SCREENING else FindingStatus.SURVEILLANCE
    return FindingStatus.RESOLVED


def _findings(episode: Episode, record: Recorded) -> Episode:
    match record.event:
        case ev.ExaminationPerformed(exam=exam_id):
            exam = episode.exams[exam_id]
            return _mark(episode, lambda f: exam.is_workup and _looked_at(exam, f), examined=True)
        case ev.CallBackDecided(sides=sides):
            named = sides[0] if len(sides) == 1 else None
            episode = _mark(episode, lambda f: not sides or f.side in sides or f.side is None, planned=True)
            return _mark(episode, lambda f: named is not None and f.side is None, side=named)
        case ev.WorkupAssessed() as e:
            return _answered(episode, e)
        case ev.HistoryReviewed(follow_up=False):
            closed = {k: replace(f, status=FindingStatus.RESOLVED) for k, f in episode.findings.items()}
            return replace(episode, findings=closed)
        case _:
            return episode


def _looked_at(exam: Exam, finding: FindingState) -> bool:
    return finding.status is FindingStatus.OPEN and exam.covers(finding.side)


def _mark(
    episode: Episode,
    which: Callable[[FindingState], bool],
    *,
    planned: bool | None = None,
    examined: bool | None = None,
    side: Laterality | None = None,
) -> Episode:
    findings = {}
    for key, f in episode.findings.items():
        findings[key] = f
        if f.status is FindingStatus.OPEN and which(f):
            findings[key] = replace(
                f,
                planned=f.planned if planned is None else planned,
                examined=f.examined if examined is None else examined,
                side=side or f.side,
            )
    return replace(episode, findings=findings)


def _answered(episode: Episode, event: ev.WorkupAssessed) -> Episode:
    exam = episode.exams[event.exam]
    findings = dict(episode.findings)
    for answer in event.answers:
        found = findings.get(answer.finding)
        if found is None:  # the reading it came from was entered in error
            continue
        findings[answer.finding] = replace(
            found,
            assessment=answer.assessment,
            status=_status(exam, answer.assessment),
            answered_by=event.exam,
            examined=False,  # more pictures are asked for again, or it no longer matters
        )
    for f in event.added:
        if f.assessment is not None:
            status = _status(exam, f.assessment)
            findings[f.id] = FindingState(
                f.id, event.exam, f.kind, f.side, f.place, f.assessment, status, answered_by=event.exam
            )
    return replace(episode, findings=findings)


def _symptoms(episode: Episode, record: Recorded) -> Episode:
    match record.event:
        case ev.SymptomReported() as e:
            return replace(episode, symptoms={**episode.symptoms, e.symptom: Symptom(e.symptom, e.what, e.side)})
        case ev.SymptomAnswered(symptom=name) if name in episode.symptoms:
            answered = replace(episode.symptoms[name], answered=True)
            return replace(episode, symptoms={**episode.symptoms, name: answered})
        case _:
            return episode


def _call_back(episode: Episode, record: Recorded) -> Episode:
    return replace(episode, plan=record.event) if isinstance(record.event, ev.CallBackDecided) else episode


def _visit(episode: Episode, record: Recorded) -> Episode:
    visit = episode.visit
    match record.event:
        case ev.Booked() as e:
            visit = replace(
                visit,
                stage=VisitStage.BOOKED,
                starts_at=e.starts_at,
                place=e.place,
                confirmed_by_her=e.confirmed_by_her,
            )
        case ev.Moved() as e:
            visit = replace(visit, stage=VisitStage.BOOKED, starts_at=e.starts_at, place=e.place)
        case ev.Cancelled():
            visit = Visit(missed=visit.missed)
        case ev.Missed():
            visit = Visit(missed=visit.missed + 1)
        case ev.Attended():
            visit = replace(visit, stage=VisitStage.CAME)
        case ev.ExaminationPerformed(exam=exam_id) if episode.exams[exam_id].is_workup:
            visit = Visit(missed=visit.missed)
        case ev.WorkupAssessed():
            visit = Visit(missed=visit.missed)
    return replace(episode, visit=visit)


def _contact(episode: Episode, record: Recorded) -> Episode:
    contact = episode.contact
    match record.event:
        case ev.ContactAttempted() as e:
            reached = contact.reached or e.outcome is ev.Outcome.REACHED
            contact = replace(contact, attempts=(*contact.attempts, e), reached=reached, last_by=record.actor.id)
        case ev.ResultTold():
            contact = replace(contact, reached=True)
        case ev.LadderRestarted() | ev.Missed() | ev.Resumed():
            # What follows is a new matter: everything on the ladder is tried again.
            contact = Contact(said_no=contact.said_no, restarted=contact.restarted + 1)
        case ev.Cancelled():
            contact = Contact(said_no=contact.said_no, reached=True, restarted=contact.restarted + 1)
        case ev.SaidNoToday():
            contact = replace(contact, said_no=True, reached=True)
        case ev.Declined() | ev.ChangedMind():
            contact = replace(contact, said_no=False, reached=True)
        case ev.Booked():
            contact = replace(contact, said_no=False, reached=True)
    return replace(episode, contact=contact)


def _priors(episode: Episode, record: Recorded) -> Episode:
    match record.event:
        case ev.PriorsRequested(source=source):
            return replace(episode, priors=replace(episode.priors, requested=source))
        case ev.PriorsReceived():
            return replace(episode, priors=replace(episode.priors, received=True))
        case ev.PriorsUnavailable():
            return replace(episode, priors=replace(episode.priors, unavailable=True))
        case _:
            return episode


def _standing(episode: Episode, record: Recorded) -> Episode:
    match record.event:
        case ev.Paused() as e:
            return replace(episode, paused=e)
        case ev.PauseReviewed(review_on=day) if episode.paused is not None:
            return replace(episode, paused=replace(episode.paused, review_on=day))
        case ev.Resumed():
            return replace(episode, paused=None)
        case ev.Settled() as e:
            return replace(episode, settled=e)
        case ev.Reopened():
            return replace(episode, settled=None)
        case _:
            return episode


def _herself(patient: Patient, record: Recorded) -> Patient:
    match record.event:
        case ev.RoundOpened(answers=str() as answered):
            # Coming for it is what answers a dated visit; the later ones stay owed.
            return replace(patient, dated={k: v for k, v in patient.dated.items() if k != answered})
        case ev.SurveillancePlanned() as e:
            return replace(
                patient, dated={**patient.dated, e.visit: DatedVisit(e.visit, e.episode, e.due_on, e.months)}
            )
        case ev.CallRequested():
            return replace(patient, call_requested=True)
        case ev.SpokenWith():
            return replace(patient, call_requested=False)
        case ev.Died(died_on=day):
            return replace(patient, died_on=day)
        case ev.NextDueSet() as e:
            return replace(patient, next_due=e)
        case ev.Escalated() as e:
            key = (e.episode, e.kind, e.subject, e.opened_seq)
            return replace(patient, escalated={**patient.escalated, key: Reach(e.rung, e.to, record.recorded_at)})
        case _:
            return patient


MOVES: dict[Region, Callable[[Episode, Recorded], Episode]] = {
    R.ROUND: _round,
    R.READING: _reading,
    R.TELLING: _telling,
    R.FINDINGS: _findings,
    R.SYMPTOMS: _symptoms,
    R.CALL_BACK: _call_back,
    R.VISIT: _visit,
    R.CONTACT: _contact,
    R.PRIORS: _priors,
    R.STANDING: _standing,
}


def in_force(records: Sequence[Recorded]) -> Sequence[Recorded]:
    """Return the records without those entered in error. Taking back an `EnteredInError` brings its facts back."""
    out: set[int] = set()
    for record in reversed(records):
        if isinstance(record.event, ev.EnteredInError) and record.seq not in out:
            out.update(record.event.seqs)
    return [r for r in records if r.seq not in out] if out else records
