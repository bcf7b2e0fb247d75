"""How each fact moves an episode: one small function for each, named by what happened.

You are here to see or change what a fact does; `patient.CELLS` says which region of the state each of these moves.
"""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import findings
from closerlook.pathway.events import Event, ExamEvent, Purpose, Recorded
from closerlook.pathway.reading import MOVES_OF_READING, renew, told_as_whole, told_in_part
from closerlook.pathway.regions import (
    A_DAY,
    AS_SCREENING,
    NO_VISIT_YET,
    NOWHERE,
    Contact,
    Episode,
    Exam,
    FindingStatus,
    Symptom,
    TellingRegion,
    Visit,
    VisitStage,
)
from closerlook.pathway.terms import ExaminationKind

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
        due_on=e.due_on,
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
        study=e.study,
        history=e.history,
        known_by_report=e.known_by_report,
        telling=TellingRegion(hear_by_on=e.hear_by_on),
    )
    return _completed(replace(episode, exams={**episode.exams, exam.id: exam}), exam)


def not_hers(episode: E, e: ev.ReportWithdrawn, _r: Recorded) -> E:
    exam = episode.exams.get(e.exam)
    if e.examination_hers or exam is None:
        return episode
    # It stays known as not hers: whose it is has to be found, and if she was told of it she is owed a word.
    exams = {**episode.exams, exam.id: replace(exam, not_hers=True)}
    for x in episode.exams.values():  # what it seemed to complete is missing still
        if x.completed is not None and x.completed[1] == exam.id:
            exams[x.id] = replace(x, incomplete=x.completed[0], completed=None)
    return replace(episode, exams=exams)


def history_reviewed(episode: E, e: ev.HistoryReviewed, _r: Recorded) -> E:
    return replace(episode, history_reviewed=True, followed_up=e.follow_up)


def owner_changed(episode: E, e: ev.OwnerChanged, _r: Recorded) -> E:
    """What the one who leaves was to look at again goes to the new owner with the round."""
    paused = episode.paused
    if paused is not None and e.leaves == paused.reviewer:
        paused = replace(paused, reviewer=e.owner)
    exams = episode.exams
    for x in episode.exams.values():
        if x.reading.held is not None and e.leaves == x.reading.held.release_by:
            held = replace(x.reading.held, release_by=e.owner)
            exams = {**exams, x.id: replace(x, reading=replace(x.reading, held=held))}
    return replace(episode, owner=e.owner, cover=e.cover, paused=paused, exams=exams)


def protocol_moved(episode: E, e: ev.ProtocolMoved, _r: Recorded) -> E:
    return replace(episode, protocol=e.protocol)


# ---------------------------------------------------------------- before the examination


def invitation_prepared(episode: E, e: ev.InvitationPrepared, _r: Recorded) -> E:
    return replace(episode, invitation=e.file)


def invited(episode: E, _e: ev.Invited, _r: Recorded) -> E:
    return replace(episode, invited=True)


def not_screened(episode: E, _e: ev.NotScreened, _r: Recorded) -> E:
    return replace(episode, ended=ev.SettledAs.NOT_SCREENED)


def deferred(episode: E, _e: ev.Deferred, _r: Recorded) -> E:
    return replace(episode, ended=ev.SettledAs.DEFERRED)


def screened_after_all(episode: E, _e: ev.ExaminationPerformed, _r: Recorded) -> E:
    """She came after all: what had ended the round before is no ending any more."""
    return replace(episode, ended=None) if episode.ended is not None else episode


# ---------------------------------------------------------------- pictures that are not complete


def incomplete(episode: E, e: ev.ExaminationIncomplete, _r: Recorded) -> E:
    exam = episode.exams.get(e.exam)
    if exam is None:
        return episode
    if exam.incomplete is None:
        exam = replace(exam, telling=told_in_part(exam))
    return replace(episode, exams={**episode.exams, exam.id: replace(exam, incomplete=e)})


def accepted(episode: E, e: ev.ExaminationAccepted, _r: Recorded) -> E:
    exam = episode.exams.get(e.exam)
    if exam is None or exam.incomplete is None:
        return episode
    whole = replace(exam, incomplete=None, telling=told_as_whole(exam))
    return replace(episode, exams={**episode.exams, exam.id: whole})


def _completed(episode: E, exam: Exam) -> E:
    """Pictures of the breasts that were missing complete the earlier examination."""
    if exam.kind not in AS_SCREENING:
        return episode
    done = {
        x.id: replace(x, incomplete=None, completed=(x.incomplete, exam.id))
        for x in episode.exams.values()
        if x.incomplete is not None and x.id != exam.id and exam.follows(x)
        and all(exam.covers(side) for side in x.incomplete.missing)
    }  # fmt: skip
    return replace(episode, exams={**episode.exams, **done}) if done else episode


# ---------------------------------------------------------------- elsewhere, and beside the breast


def outside_claimed(episode: E, e: ev.OutsideClaimed, _r: Recorded) -> E:
    return replace(episode, elsewhere=replace(episode.elsewhere, claimed=e.source))


def care_moved(episode: E, e: ev.CareMoved, _r: Recorded) -> E:
    return replace(episode, elsewhere=replace(episode.elsewhere, asked=e.to, acknowledged=False))


def care_acknowledged(episode: E, _e: ev.CareAcknowledged, _r: Recorded) -> E:
    return replace(episode, elsewhere=replace(episode.elsewhere, acknowledged=True))


def ours_again(episode: E, _e: Event, _r: Recorded) -> E:
    return replace(episode, elsewhere=NOWHERE)


def outside_received(episode: E, e: ev.OutsideResultReceived, _r: Recorded) -> E:
    exam = episode.exams.get(e.exam)
    exams = {**episode.exams, e.exam: replace(exam, outside=e.source)} if exam is not None else episode.exams
    return replace(episode, exams=exams, elsewhere=NOWHERE)


def incidental_found(episode: E, e: ev.IncidentalFound, _r: Recorded) -> E:
    return replace(episode, incidentals={**episode.incidentals, e.incidental: e.what})


def incidental_passed_on(episode: E, e: ev.IncidentalPassedOn, _r: Recorded) -> E:
    return replace(episode, incidentals={k: v for k, v in episode.incidentals.items() if k != e.incidental})


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
    was = episode.exams.get(e.exam)
    episode = read(episode, e, record)
    exam = episode.exams.get(e.exam)
    if was is not None and exam is not None:  # whose it is has to be found out sooner where it was grave, or told
        grave = was.telling.reached_her or (was.reading.gist is not None and was.reading.gist.suspect)
        reading = replace(exam.reading, grave=grave)
        episode = replace(episode, exams={**episode.exams, exam.id: replace(exam, reading=reading)})
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
    return _telling(episode, e.exam, summary_sent=True, corrects=False, replaces=False, reached_her=True)


def summary_returned(episode: E, e: ev.SummaryReturned, _r: Recorded) -> E:
    return _telling(episode, e.exam, summary_sent=False, summary_file=None)


def result_told(episode: E, e: ev.ResultTold, _r: Recorded) -> E:
    exam = episode.exams.get(e.exam)
    gone = exam is not None and exam.result is None  # told that it was not hers: nothing is left to correct
    return _telling(episode, e.exam, told=not gone, change=False, reached_her=not gone)


def result_seen(episode: E, e: ev.ResultSeen, _r: Recorded) -> E:
    return _telling(episode, e.exam, seen=True, reached_her=True)


def provider_told(episode: E, e: ev.ProviderTold, _r: Recorded) -> E:
    return _telling(episode, e.exam, provider_told=True)


def confirmed_by_her(episode: E, e: ev.Booked, _r: Recorded) -> E:
    """A visit she confirmed herself: she knows of every result that stands now (a protocol says if that is enough)."""
    if not e.confirmed_by_her or e.purpose is not Purpose.PICTURES:
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
    return replace(episode, findings=findings.planned(episode, e.sides))


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
    return replace(episode, plan=e, replan=False)


def looked_again(episode: E, _e: ev.ExaminationPerformed, _r: Recorded) -> E:
    """New pictures are a new look: an old plan needs no second one."""
    return replace(episode, replan=False) if episode.replan else episode


# ---------------------------------------------------------------- visit and contact


def _visit(episode: E, purpose: Purpose, visit: Visit) -> E:
    return replace(episode, visits={**episode.visits, purpose: visit})


def _known(episode: E, purpose: Purpose) -> Visit:
    return episode.visits.get(purpose, NO_VISIT_YET)


def booked(episode: E, e: ev.Booked, _r: Recorded) -> E:
    known = _known(episode, e.purpose)
    same = (known.stage, known.starts_at) == (VisitStage.BOOKED, e.starts_at)  # confirming it is no new visit
    visit = Visit(
        VisitStage.BOOKED, e.starts_at, e.place, e.confirmed_by_her, known.missed, same and known.reminded, e.slot
    )
    return _visit(episode, e.purpose, visit)


def moved(episode: E, e: ev.Moved, _r: Recorded) -> E:
    visit = replace(
        _known(episode, e.purpose),
        stage=VisitStage.BOOKED,
        starts_at=e.starts_at,
        place=e.place,
        reminded=False,
        slot=e.slot,
    )
    return _visit(episode, e.purpose, visit)


def reminded(episode: E, e: ev.Reminded, _r: Recorded) -> E:
    return _visit(episode, e.purpose, replace(_known(episode, e.purpose), reminded=True))


def cancelled(episode: E, e: ev.Cancelled, _r: Recorded) -> E:
    return _visit(episode, e.purpose, Visit(missed=_known(episode, e.purpose).missed))


def missed(episode: E, e: ev.Missed, _r: Recorded) -> E:
    return _visit(episode, e.purpose, Visit(missed=_known(episode, e.purpose).missed + 1))


def attended(episode: E, e: ev.Attended, _r: Recorded) -> E:
    return _visit(episode, e.purpose, replace(_known(episode, e.purpose), stage=VisitStage.CAME))


def _ended(episode: E, purpose: Purpose) -> E:
    """What the visit was for is done."""
    known = episode.visits.get(purpose)
    if known is None or known.stage is VisitStage.NONE:
        return episode
    return _visit(episode, purpose, Visit(missed=known.missed))


def visit_answered(episode: E, e: ev.WorkupAssessed, _r: Recorded) -> E:
    """A visit still to come, booked apart from these pictures, stands until someone cancels it with her."""
    exam, visit = episode.exams.get(e.exam), _known(episode, Purpose.PICTURES)
    to_come = exam is not None and visit.starts_at is not None and visit.starts_at > exam.performed_at + A_DAY
    if visit.stage is VisitStage.BOOKED and (to_come or (exam is not None and exam.outside)):
        return episode
    return _ended(episode, Purpose.PICTURES)


def tissue_visit_done(episode: E, e: Event, _r: Recorded) -> E:
    return episode if _is_to_come(episode, Purpose.BIOPSY, e) else _ended(episode, Purpose.BIOPSY)


def diagnosis_visit_done(episode: E, e: ev.DiagnosisTold, _r: Recorded) -> E:
    return episode if _is_to_come(episode, Purpose.RESULTS, e) else _ended(episode, Purpose.RESULTS)


def _is_to_come(episode: E, purpose: Purpose, e: Event) -> bool:
    """Whether a visit is booked for later than this was done: it stands until someone cancels it with her."""
    visit = _known(episode, purpose)
    return visit.stage is VisitStage.BOOKED and visit.starts_at is not None and visit.starts_at > e.occurred_at + A_DAY


def visit_made(episode: E, e: ev.ExaminationPerformed, _r: Recorded) -> E:
    """Pictures end the visit they were made at; a visit to come stands, and is cancelled once nothing asks for it."""
    if e.outside:
        return episode  # what is booked here stands until someone cancels it with her
    exam = episode.exams[e.exam]
    for purpose in _visits_of(episode, exam):
        visit = _known(episode, purpose)
        to_come = visit.stage is VisitStage.BOOKED and visit.starts_at and visit.starts_at > e.occurred_at + A_DAY
        if not to_come:
            episode = _ended(episode, purpose)
    return episode


def _visits_of(episode: E, exam: Exam) -> tuple[Purpose, ...]:
    """The visits that such pictures can have been made at."""
    if exam.kind is ExaminationKind.SCREENING:
        return (Purpose.SCREENING,)
    if exam.kind is ExaminationKind.TECHNICAL_REPEAT or (exam.is_workup and episode.answers is not None):
        return (Purpose.SCREENING, Purpose.PICTURES)
    return (Purpose.PICTURES,) if exam.is_workup else ()


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
    if getattr(e, "purpose", None) is Purpose.SCREENING and not episode.answers:
        return episode  # an invitation has no ladder: she is offered another time
    by_her = isinstance(e, ev.Cancelled) and e.by_her
    return replace(episode, contact=Contact(reached=by_her, said_no=contact.said_no, restarted=contact.restarted + 1))


def other_news(episode: E, e: ev.PathologyReported, _r: Recorded) -> E:
    """What the tissue showed is another matter to reach her about: nothing was tried for it yet."""
    specimen = episode.specimens.get(e.specimen)
    if specimen is None or specimen.told:
        return episode
    return replace(episode, contact=Contact(said_no=episode.contact.said_no, restarted=episode.contact.restarted))


def said_no(episode: E, _e: ev.SaidNoToday, _r: Recorded) -> E:
    return replace(episode, contact=replace(episode.contact, said_no=True, reached=True))


def spoke(episode: E, _e: Event, _r: Recorded) -> E:
    return replace(episode, contact=replace(episode.contact, said_no=False, reached=True))


# ---------------------------------------------------------------- priors, standing


def priors_known(episode: E, e: ev.PriorsKnown, _r: Recorded) -> E:
    return replace(episode, priors=replace(episode.priors, known=e.source))


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


def resumed(episode: E, e: ev.Resumed, _r: Recorded) -> E:
    return replace(episode, paused=None, refusals=(), replan=episode.replan or e.stale)


def declined(episode: E, _e: ev.Declined, _r: Recorded) -> E:
    """It is confirmed in writing to her, and to her provider where she has one."""
    has_provider = any(x.provider for x in episode.exams.values())
    return replace(episode, refusals=tuple(ev.Addressee) if has_provider else (ev.Addressee.HER,))


def refusal_written(episode: E, e: ev.RefusalWritten, _r: Recorded) -> E:
    return replace(episode, refusals=tuple(to for to in episode.refusals if to is not e.to))


def settled(episode: E, e: ev.Settled, _r: Recorded) -> E:
    ended = e.outcome if e.outcome is ev.SettledAs.ENDED else episode.ended
    return replace(episode, settled=e, ended=ended)


def reopened(episode: E, _e: ev.Reopened, _r: Recorded) -> E:
    return replace(episode, settled=None)
