"""How each fact moves an episode: one small function for each, named by what happened.

You are here to see or change what a fact does; `patient.CELLS` says which region of the state each of these moves.
"""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import findings
from closerlook.pathway.events import Event, ExamEvent, Recorded
from closerlook.pathway.reading import MOVES_OF_READING, renew
from closerlook.pathway.regions import (
    A_DAY,
    Contact,
    Episode,
    Exam,
    FindingStatus,
    Symptom,
    TellingRegion,
    Visit,
    VisitStage,
)

E = Episode
AN_HOUR = timedelta(hours=1)
"""Two calls within the hour are one attempt: the ladder asks for another hour of the day."""


# ---------------------------------------------------------------- the round itself


def round_opened(_before: E | None, e: ev.RoundOpened, record: Recorded) -> E:
    return Episode(
        id=e.episode,
        opened_at=record.recorded_at,
        protocol=record.protocol,
        site=e.site,
        reason=e.reason,
        answers=e.answers,
    )


def examined(episode: E, e: ev.ExaminationPerformed, _r: Recorded) -> E:
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
    return replace(episode, exams={**episode.exams, exam.id: exam})


def not_hers(episode: E, e: ev.ReportWithdrawn, _r: Recorded) -> E:
    exam = episode.exams.get(e.exam)
    if e.examination_hers or exam is None:
        return episode
    if exam.telling.reached_her:  # she was told another's result: she is owed a word about it
        return replace(episode, exams={**episode.exams, exam.id: replace(exam, not_hers=True)})
    return replace(episode, exams={k: x for k, x in episode.exams.items() if k != e.exam})


def history_reviewed(episode: E, e: ev.HistoryReviewed, _r: Recorded) -> E:
    return replace(episode, history_reviewed=True, followed_up=e.follow_up)


def owner_changed(episode: E, e: ev.OwnerChanged, _r: Recorded) -> E:
    return replace(episode, owner=e.owner, cover=e.cover)


# ---------------------------------------------------------------- reading and telling


def read(episode: E, e: ExamEvent, record: Recorded) -> E:
    exam = episode.exams.get(e.exam)
    if exam is None:
        return episode
    region = MOVES_OF_READING[type(e)](exam.reading, e, record.recorded_at)
    provider = (e.provider or exam.provider) if isinstance(e, ev.Read) else exam.provider
    after = replace(episode, exams={**episode.exams, e.exam: replace(exam, reading=region, provider=provider)})
    return renew(episode, after, e.exam)


def withdrawn(episode: E, e: ev.ReportWithdrawn, record: Recorded) -> E:
    episode = read(episode, e, record)
    return episode if e.examination_hers else replace(episode, findings=findings.without(episode, e.exam))


def _telling(episode: E, exam_id: str, **changes: Any) -> E:
    exam = episode.exams.get(exam_id)
    if exam is None:
        return episode
    told = replace(exam, telling=replace(exam.telling, **changes))
    return replace(episode, exams={**episode.exams, exam_id: told})


def wait_explained(episode: E, e: ev.WaitExplained, _r: Recorded) -> E:
    return _telling(episode, e.exam, hear_by_on=e.hear_by_on)


def sending(episode: E, e: ev.Sending, _r: Recorded) -> E:
    if e.document is ev.Document.SUMMARY:
        return _telling(episode, e.exam, summary_file=e.file)
    return _telling(episode, e.exam, provider_file=e.file)


def summary_sent(episode: E, e: ev.SummarySent, _r: Recorded) -> E:
    return _telling(episode, e.exam, summary_sent=True, corrects=False, reached_her=True)


def summary_returned(episode: E, e: ev.SummaryReturned, _r: Recorded) -> E:
    return _telling(episode, e.exam, summary_sent=False, summary_file=None)


def result_told(episode: E, e: ev.ResultTold, _r: Recorded) -> E:
    return _telling(episode, e.exam, told=True, change=False, reached_her=True)


def result_seen(episode: E, e: ev.ResultSeen, _r: Recorded) -> E:
    return _telling(episode, e.exam, seen=True, reached_her=True)


def provider_told(episode: E, e: ev.ProviderTold, _r: Recorded) -> E:
    return _telling(episode, e.exam, provider_told=True)


def confirmed_by_her(episode: E, e: ev.Booked, _r: Recorded) -> E:
    """A visit she confirmed herself: she knows of every result that stands now (a protocol says if that is enough)."""
    if not e.confirmed_by_her:
        return episode
    exams = {
        key: replace(x, telling=replace(x.telling, confirmed=True)) if x.result is not None else x
        for key, x in episode.exams.items()
    }
    return replace(episode, exams=exams)


# ---------------------------------------------------------------- findings, symptoms, call-back


def findings_examined(episode: E, e: ev.ExaminationPerformed, _r: Recorded) -> E:
    return replace(episode, findings=findings.examined(episode, e)) if episode.findings else episode


def findings_planned(episode: E, e: ev.CallBackDecided, _r: Recorded) -> E:
    return replace(episode, findings=findings.planned(episode.findings, e.sides))


def findings_answered(episode: E, e: ev.WorkupAssessed, _r: Recorded) -> E:
    return replace(episode, findings=findings.answered(episode, e))


def history_closed(episode: E, e: ev.HistoryReviewed, _r: Recorded) -> E:
    """Nothing of what the old examinations saw is followed up; what was found since is not meant."""
    if e.follow_up:
        return episode
    old = {x.id for x in episode.exams.values() if x.history}
    closed = {
        k: replace(f, status=FindingStatus.RESOLVED) if f.exam in old and f.answered_by in (None, *old) else f
        for k, f in episode.findings.items()
    }
    return replace(episode, findings=closed)


def symptom_reported(episode: E, e: ev.SymptomReported, _r: Recorded) -> E:
    return replace(episode, symptoms={**episode.symptoms, e.symptom: Symptom(e.symptom, e.what, e.side)})


def symptom_answered(episode: E, e: ev.SymptomAnswered, _r: Recorded) -> E:
    symptom = episode.symptoms.get(e.symptom)
    if symptom is None:
        return episode
    return replace(episode, symptoms={**episode.symptoms, e.symptom: replace(symptom, answered=True)})


def call_back_decided(episode: E, e: ev.CallBackDecided, _r: Recorded) -> E:
    return replace(episode, plan=e)


# ---------------------------------------------------------------- visit and contact


def booked(episode: E, e: ev.Booked, _r: Recorded) -> E:
    visit = Visit(VisitStage.BOOKED, e.starts_at, e.place, e.confirmed_by_her, episode.visit.missed)
    return replace(episode, visit=visit)


def moved(episode: E, e: ev.Moved, _r: Recorded) -> E:
    visit = replace(episode.visit, stage=VisitStage.BOOKED, starts_at=e.starts_at, place=e.place)
    return replace(episode, visit=visit)


def no_visit(episode: E, _e: Event, _r: Recorded) -> E:
    return replace(episode, visit=Visit(missed=episode.visit.missed))


def missed(episode: E, _e: ev.Missed, _r: Recorded) -> E:
    return replace(episode, visit=Visit(missed=episode.visit.missed + 1))


def attended(episode: E, _e: ev.Attended, _r: Recorded) -> E:
    return replace(episode, visit=replace(episode.visit, stage=VisitStage.CAME))


def visit_made(episode: E, e: ev.ExaminationPerformed, record: Recorded) -> E:
    """Work-up pictures end the visit they were made at; older ones, filed late, leave a visit to come alone."""
    visit = episode.visit
    to_come = visit.stage is VisitStage.BOOKED and visit.starts_at and visit.starts_at > e.occurred_at + A_DAY
    if not episode.exams[e.exam].is_workup or (
        to_come and not any(f.awaits(e.exam) for f in episode.findings.values())
    ):
        return episode
    return no_visit(episode, e, record)


def attempted(episode: E, e: ev.ContactAttempted, record: Recorded) -> E:
    contact = episode.contact
    calls, last = contact.calls, contact.last_call_at
    if e.channel is ev.Channel.PHONE and (last is None or abs(e.occurred_at - last) >= AN_HOUR):
        calls, last = calls + 1, e.occurred_at
    contact = Contact(
        attempts=(*contact.attempts, e),
        calls=calls,
        last_call_at=last,
        last_by=record.actor.id,
        reached=contact.reached or e.outcome is ev.Outcome.REACHED,
        said_no=contact.said_no,
        restarted=contact.restarted,
    )
    return replace(episode, contact=contact)


def reached(episode: E, _e: Event, _r: Recorded) -> E:
    return replace(episode, contact=replace(episode.contact, reached=True))


def again(episode: E, e: Event, _r: Recorded) -> E:
    """What follows is a new matter: everything on the ladder is tried again, unless she is in contact by this."""
    contact = episode.contact
    by_her = isinstance(e, ev.Cancelled) and e.by_her
    return replace(episode, contact=Contact(reached=by_her, said_no=contact.said_no, restarted=contact.restarted + 1))


def said_no(episode: E, _e: ev.SaidNoToday, _r: Recorded) -> E:
    return replace(episode, contact=replace(episode.contact, said_no=True, reached=True))


def spoke(episode: E, _e: Event, _r: Recorded) -> E:
    return replace(episode, contact=replace(episode.contact, said_no=False, reached=True))


# ---------------------------------------------------------------- priors, standing


def requested(episode: E, e: ev.PriorsRequested, _r: Recorded) -> E:
    return replace(episode, priors=replace(episode.priors, requested=e.source))


def received(episode: E, _e: ev.PriorsReceived, _r: Recorded) -> E:
    return replace(episode, priors=replace(episode.priors, received=True))


def unavailable(episode: E, _e: ev.PriorsUnavailable, _r: Recorded) -> E:
    return replace(episode, priors=replace(episode.priors, unavailable=True))


def paused(episode: E, e: ev.Paused, _r: Recorded) -> E:
    return replace(episode, paused=e)


def pause_reviewed(episode: E, e: ev.PauseReviewed, _r: Recorded) -> E:
    return replace(episode, paused=replace(episode.paused, review_on=e.review_on)) if episode.paused else episode


def resumed(episode: E, _e: ev.Resumed, _r: Recorded) -> E:
    return replace(episode, paused=None)


def settled(episode: E, e: ev.Settled, _r: Recorded) -> E:
    return replace(episode, settled=e)


def reopened(episode: E, _e: ev.Reopened, _r: Recorded) -> E:
    return replace(episode, settled=None)
