"""Decide what a step makes happen: pure, from the state, the protocol, the actor and the clock it is given.

You are here to add a step's consequences. A handler returns facts or raises `Refused` with a sentence for the person
who asked. `decide` then adds what follows by itself: a round settles with the fact that closes its last loop, reopens with
the one that makes something owed again, and resumes when she is in contact.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.calendar import add_months
from closerlook.pathway.events import Actor, Event, Kind, Recorded
from closerlook.pathway.loops import KINDS, Loop, Protocols, advance, episode_matters, fold, next_rung, open_loops
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Episode, Exam, FindingStatus, Patient, VisitStage
from closerlook.pathway.reports import arrived, signed_here
from closerlook.pathway.results import by_side
from closerlook.pathway.terms import SUSPECT, URGENCY, ExaminationKind, Role


class Refused(Exception):
    """The pathway does not allow this; the message says why, and what to do, to the person who asked."""


class Context(Struct, frozen=True):
    """What a handler may look at besides its step."""

    patient: Patient
    records: Sequence[Recorded]
    protocols: Protocols
    default: Protocol
    actor: Actor
    now: datetime

    def episode(self, episode_id: str) -> Episode:
        episode = self.patient.episodes.get(episode_id)
        if episode is None:
            raise Refused(f"She has no round {episode_id}. Open her page again and choose one of her rounds.")
        return episode

    def open_episode(self, episode_id: str) -> Episode:
        episode = self.episode(episode_id)
        if episode.settled is not None:
            raise Refused("This round is settled. Nothing is owed in it that this could change.")
        if self.patient.died_on is not None:
            raise Refused("She has died. If that is a mistake, enter it in error first.")
        return episode

    def exam(self, exam_id: str) -> tuple[Episode, Exam]:
        found = self.patient.exam(exam_id)
        if found is None:
            raise Refused(f"She has no examination {exam_id}. Open her page again.")
        return found

    def owes(self, kind: str, subject: str | None = None) -> bool:
        return any(k == kind and subject in (s, None) for _, k, s in self.patient.owed)

    @property
    def next_seq(self) -> int:
        return self.patient.version + 1


# ---------------------------------------------------------------- who may

CLINICAL = frozenset({Role.RADIOLOGIST, Role.CLINICIAN})
CARING = frozenset({Role.NAVIGATOR, Role.NURSE, Role.CLINICIAN, Role.RADIOLOGIST})
DESK = CARING | {Role.FRONT_DESK}
LEADING = frozenset({Role.LEAD, Role.MANAGER})
FEED, WORKER, PATIENT = Kind.FEED, Kind.WORKER, Kind.PATIENT

MAY: dict[type[st.Step], frozenset[str]] = {
    st.Enrol: DESK | {FEED},
    st.TakeExamination: frozenset({Role.TECHNOLOGIST, Role.FRONT_DESK, Role.RADIOLOGIST, FEED}),
    st.TakeReport: frozenset({Role.RADIOLOGIST, Role.FRONT_DESK, FEED}),
    st.RecordReading: frozenset({Role.RADIOLOGIST}),
    st.ConfirmAssessment: frozenset({Role.RADIOLOGIST}),
    st.PlaceReport: frozenset({Role.RADIOLOGIST}),
    st.ConfirmChange: frozenset({Role.RADIOLOGIST}),
    st.WithdrawReport: frozenset({Role.RADIOLOGIST, *LEADING}),
    st.ExplainWait: DESK,
    st.PrepareDocument: frozenset({WORKER, Role.FRONT_DESK}),
    st.RecordPosted: DESK | LEADING | {WORKER},
    st.RecordReturned: DESK | LEADING,
    st.TellResult: CARING,
    st.OpenResult: frozenset({PATIENT, Kind.PROXY}),
    st.DecideCallBack: frozenset({Role.RADIOLOGIST}),
    st.RecordContact: DESK | LEADING,
    st.RecordNoToday: DESK,
    st.RecordDecline: frozenset({Role.NURSE, Role.CLINICIAN, Role.RADIOLOGIST}),
    st.RecordChangedMind: DESK | {PATIENT},
    st.RecordMovedAway: DESK,
    st.BookVisit: DESK,
    st.MoveVisit: DESK,
    st.ConfirmVisit: frozenset({PATIENT, Kind.PROXY}),
    st.CancelVisit: DESK,
    st.RecordMissed: DESK | {Role.TECHNOLOGIST},
    st.RecordAttended: DESK | {Role.TECHNOLOGIST},
    st.AssessWorkup: frozenset({Role.RADIOLOGIST}),
    st.RequestPriors: DESK,
    st.ReceivePriors: DESK,
    st.RecordNoPriors: DESK,
    st.ReportSymptom: DESK | {Role.TECHNOLOGIST, PATIENT},
    st.AnswerSymptom: frozenset({Role.RADIOLOGIST}),
    st.AskForCall: DESK | {PATIENT, Kind.PROXY},
    st.RecordSpoken: DESK,
    st.ConfirmLost: CLINICAL | LEADING,
    st.ReviewPause: CARING | LEADING,
    st.Resume: DESK | LEADING,
    st.ReviewHistory: frozenset({Role.RADIOLOGIST}),
    st.AssignOwner: DESK | LEADING,
    st.Escalate: frozenset({WORKER}),
    st.RecordDeath: DESK | LEADING,
    st.SetNextDue: DESK | LEADING | {WORKER},
    st.EnterInError: CLINICAL | LEADING,
}
"""Which roles (of staff) or kinds of actor may take a step on a patient's stream."""


def may(step: type[st.Step], actor: Actor) -> bool:
    """Whether `actor` may take such a step at all. The simulator stands in for everyone."""
    allowed = MAY[step]
    if actor.kind is Kind.SIMULATOR:
        return True
    return not allowed.isdisjoint(actor.roles) if actor.kind is Kind.STAFF else actor.kind in allowed


# ---------------------------------------------------------------- the door's question


def decide(
    step: st.Step,
    patient: Patient,
    records: Sequence[Recorded],
    protocols: Protocols,
    *,
    default: Protocol,
    actor: Actor,
    now: datetime,
) -> list[Event]:
    """Return the facts that `step` makes happen, none where it changes nothing.

    `patient` is the fold of `records`; `protocols` holds every protocol they name and `default`, which a new round
    begins under. Raises Refused with a sentence for the person who asked.
    """
    if not may(type(step), actor):
        who = ", ".join(sorted(str(role).replace("_", " ") for role in MAY[type(step)]))
        raise Refused(f"Your role may not do this. It is for: {who}.")
    context = Context(patient, records, protocols, default, actor, now)
    events = HANDLERS[type(step)](step, context)
    return _with_consequences(events, context) if events else []


def recorded(
    events: Sequence[Event], patient: Patient, default: Protocol, actor: Actor, now: datetime
) -> list[Recorded]:
    """Return `events` as they will stand in the log after `patient.version`."""
    first = patient.version + 1
    records = []
    for place, event in enumerate(events):
        episode = patient.episodes.get(getattr(event, "episode", None) or "")
        protocol = episode.protocol if episode else default.hash
        records.append(Recorded(first + place, first, now, protocol, event, actor))
    return records


def after(patient: Patient, records: Sequence[Recorded], new: Sequence[Recorded], protocols: Protocols) -> Patient:
    """Return the patient once `new` stands after `records`. Taking facts back needs the whole log folded again."""
    if any(isinstance(r.event, ev.EnteredInError) for r in new):
        return fold(patient.id, [*records, *new], protocols)
    return advance(patient, new, protocols)


def _with_consequences(events: list[Event], context: Context) -> list[Event]:
    c = context
    new = recorded(events, c.patient, c.default, c.actor, c.now)
    then = after(c.patient, c.records, new, c.protocols)
    more: list[Event] = []
    for episode in then.episodes.values():
        owed = episode_matters(episode, c.protocols[episode.protocol], dead=then.died_on is not None)
        if episode.settled is None and not owed:
            more += _settle(episode, then, c.protocols[episode.protocol], c.now)
        elif episode.settled is not None and owed:
            more.append(ev.Reopened(occurred_at=c.now, episode=episode.id))
    return events + more


def _settle(episode: Episode, patient: Patient, protocol: Protocol, now: datetime) -> list[Event]:
    outcome = _outcome(episode, patient)
    screening = [x for x in episode.exams.values() if x.kind is ExaminationKind.SCREENING]
    screened_on = max((protocol.calendar.on(x.performed_at) for x in screening), default=None)
    found: list[Event] = [
        ev.Settled(occurred_at=now, episode=episode.id, outcome=outcome, screened_on=screened_on),
    ]
    if outcome is ev.SettledAs.SURVEILLANCE and not patient.dated:
        anchor = max(protocol.calendar.on(x.performed_at) for x in episode.exams.values())
        found += [
            ev.SurveillancePlanned(
                occurred_at=now,
                episode=episode.id,
                visit=f"{episode.id}.s{months}",
                due_on=add_months(anchor, months),
                months=months,
            )
            for months in protocol.surveillance_months
        ]
    return found


def _outcome(episode: Episode, patient: Patient) -> ev.SettledAs:
    if patient.died_on is not None:
        return ev.SettledAs.DIED
    exams = [x for x in episode.exams.values() if not x.not_hers]
    if not exams:
        return ev.SettledAs.WITHDRAWN
    if any(f.status is FindingStatus.SURVEILLANCE for f in episode.findings.values()):
        return ev.SettledAs.SURVEILLANCE
    if all(x.history for x in exams):
        return ev.SettledAs.HISTORY
    if any(x.reading.placed for x in exams):
        return ev.SettledAs.STATED
    return ev.SettledAs.BENIGN_AFTER_WORKUP if episode.findings else ev.SettledAs.NORMAL


# ---------------------------------------------------------------- examinations and reports


def _enrol(_step: st.Enrol, c: Context) -> list[Event]:
    return [] if c.patient.version else [ev.Enrolled(occurred_at=c.now)]


def _examined(step: st.TakeExamination | st.TakeReport, c: Context, *, by_report: bool) -> tuple[str, str, list[Event]]:
    """Return (episode, exam, facts) for an examination not known yet."""
    x = step.examination
    if x.performed_at > c.now + timedelta(days=1):
        raise Refused(f"The examination is dated {x.performed_at:%Y-%m-%d}, which has not come. Correct the date.")
    events: list[Event] = []
    seq = c.next_seq
    if step.episode is None:
        episode_id = f"e{seq}"
        events.append(
            ev.RoundOpened(
                occurred_at=x.performed_at, episode=episode_id, site=step.site, reason=step.reason, answers=step.answers
            )
        )
        protocol = c.default
    else:
        episode = c.episode(step.episode)
        episode_id = episode.id
        protocol = c.protocols[episode.protocol]
        events += _resume(episode, c)
    exam_id = f"{episode_id}.x{seq + len(events)}"
    hear_by = None if x.history else protocol.calendar.on(protocol.calendar.after(x.performed_at, protocol.hear_by))
    events.append(
        ev.ExaminationPerformed(
            occurred_at=x.performed_at,
            episode=episode_id,
            exam=exam_id,
            kind=x.kind,
            sides=x.sides,
            accession=x.accession,
            order=x.order,
            provider=x.provider,
            history=x.history,
            known_by_report=by_report,
            hear_by_on=hear_by,
        )
    )
    return episode_id, exam_id, events


def _take_examination(step: st.TakeExamination, c: Context) -> list[Event]:
    accession = step.examination.accession
    if accession and _by_accession(c.patient, accession):
        return []
    return _examined(step, c, by_report=False)[2]


def _by_accession(patient: Patient, accession: str) -> tuple[Episode, Exam] | None:
    for episode in patient.episodes.values():
        for exam in episode.exams.values():
            if exam.accession == accession and not exam.not_hers:
                return episode, exam
    return None


def _take_report(step: st.TakeReport, c: Context) -> list[Event]:
    accession = step.examination.accession
    known = c.exam(step.exam) if step.exam else _by_accession(c.patient, accession) if accession else None
    if known is not None:
        episode, exam = known
        return arrived(exam, episode.id, step.reading, step.examination.provider, c.now)
    episode_id, exam_id, events = _examined(step, c, by_report=True)
    placeholder = Exam(exam_id, step.examination.kind, step.examination.performed_at)
    return events + arrived(placeholder, episode_id, step.reading, step.examination.provider, c.now)


def _record_reading(step: st.RecordReading, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    _stated(step.sides)
    return signed_here(exam, episode.id, step, c.actor.id, c.now)


def _stated(sides: Sequence[ev.SideAssessment]) -> None:
    if not sides or any(s.assessment is None for s in sides):
        raise Refused("State an assessment for each breast that was examined.")
    if len({s.side for s in sides}) != len(sides):
        raise Refused("One breast has two assessments. State one for each breast.")


def _confirm_assessment(step: st.ConfirmAssessment, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    if exam.reading.report is None:
        raise Refused("There is no signed report to confirm. Sign a reading instead.")
    if exam.result is not None:
        raise Refused("The assessment is already certain. Sign a new reading to change it.")
    _stated(step.sides)
    return [
        ev.AssessmentConfirmed(
            occurred_at=c.now,
            episode=episode.id,
            exam=exam.id,
            sides=step.sides,
            density=step.density,
            findings=step.findings,
        )
    ]


def _place_report(step: st.PlaceReport, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    _need(c, "place_report", exam.id)
    return [
        ev.ReportPlaced(occurred_at=c.now, episode=episode.id, exam=exam.id, outcome=_text(step.outcome, "outcome"))
    ]


def _confirm_change(step: st.ConfirmChange, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    pending = exam.reading.pending
    if pending is None:
        raise Refused("No amended report waits here. Someone may have decided already; open her page again.")
    if step.accepted and not step.sides and (pending.needs_person or not pending.assessments):
        raise Refused("The amended report states no certain assessment. State what stands for each breast.")
    if step.sides:
        _stated(step.sides)
    return [
        ev.ChangeConfirmed(
            occurred_at=c.now, episode=episode.id, exam=exam.id, accepted=step.accepted, sides=step.sides
        )
    ]


def _withdraw(step: st.WithdrawReport, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    if exam.reading.report is None and exam.reading.preliminary is None:
        raise Refused("There is no report here to withdraw.")
    return [
        ev.ReportWithdrawn(
            occurred_at=c.now,
            episode=episode.id,
            exam=exam.id,
            reason=_text(step.reason, "reason"),
            examination_hers=step.examination_hers,
        )
    ]


def _explain_wait(step: st.ExplainWait, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    _need(c, "explain_wait", exam.id)
    if step.hear_by_on <= c.protocols[episode.protocol].calendar.on(c.now):
        raise Refused("Give her a day that is still to come.")
    return [ev.WaitExplained(occurred_at=c.now, episode=episode.id, exam=exam.id, hear_by_on=step.hear_by_on)]


def _assess_workup(step: st.AssessWorkup, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    if not exam.is_workup:
        raise Refused("Only a diagnostic mammogram, an ultrasound or an MRI can answer a finding.")
    if not step.answers and not step.added:
        raise Refused("Say what these pictures answer: choose an assessment for at least one finding.")
    for answer in step.answers:
        finding = episode.findings.get(answer.finding)
        if finding is None or finding.status is not FindingStatus.OPEN:
            raise Refused("One of these findings is not open any more. Open her page again.")
        if exam.sides and not exam.covers(finding.side):
            raise Refused(f"These pictures are not of the {finding.side} breast; they cannot answer this finding.")
    _agrees_with_report(step, episode, exam)
    events: list[Event] = []
    if exam.reading.report is None:  # the radiologist's answer is the signed reading of these pictures
        events += signed_here(exam, episode.id, _reading_of(step, episode), c.actor.id, c.now)
    return [
        *events,
        ev.WorkupAssessed(occurred_at=c.now, episode=episode.id, exam=exam.id, answers=step.answers, added=step.added),
    ]


def _agrees_with_report(step: st.AssessWorkup, episode: Episode, exam: Exam) -> None:
    """A side the report calls suspicious needs a finding that carries it; else a cancer could be answered away."""
    if exam.result is None:
        return
    carried = {(episode.findings[a.finding].side, a.assessment) for a in step.answers}
    carried |= {(f.side, f.assessment) for f in step.added if f.assessment}
    carried |= {(f.side, f.assessment) for f in episode.findings.values() if f.status is FindingStatus.BIOPSY}
    for side, assessment in by_side(exam.result).items():
        if assessment in SUSPECT and not any(a in SUSPECT and s in (side, None) for s, a in carried):
            raise Refused(
                f"The report calls the {side} breast suspicious. Say which finding that is, or amend the report."
            )


def _reading_of(step: st.AssessWorkup, episode: Episode) -> st.RecordReading:
    pairs = [(episode.findings[a.finding].side, a.assessment) for a in step.answers]
    pairs += [(f.side, f.assessment) for f in step.added if f.assessment]
    stated = {side: min((a for s, a in pairs if s == side), key=URGENCY.__getitem__) for side, _ in pairs}
    sides = tuple(ev.SideAssessment(assessment, side) for side, assessment in stated.items())
    return st.RecordReading(exam=step.exam, sides=sides)


# ---------------------------------------------------------------- telling


def _prepare(step: st.PrepareDocument, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    _result(exam)
    return [
        ev.Sending(occurred_at=c.now, episode=episode.id, exam=exam.id, document=step.document, file=step.file),
    ]


def _posted(step: st.RecordPosted, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    _result(exam)
    proof = _text(step.proof, "proof")
    if step.document is ev.Document.SUMMARY:
        if exam.telling.summary_sent:
            return []
        if exam.telling.summary_file is None:
            raise Refused(
                "The current letter has not been printed yet. Print it first, then record that it was posted."
            )
        return [ev.SummarySent(occurred_at=c.now, episode=episode.id, exam=exam.id, proof=proof)]
    if exam.telling.provider_told:
        return []
    to_her = exam.provider is None
    return [ev.ProviderTold(occurred_at=c.now, episode=episode.id, exam=exam.id, proof=proof, to_her=to_her)]


def _returned(step: st.RecordReturned, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    if not exam.telling.summary_sent:
        raise Refused("No letter about this result is on its way.")
    return [
        ev.SummaryReturned(occurred_at=c.now, episode=episode.id, exam=exam.id, reason=_text(step.reason, "reason")),
    ]


def _tell(step: st.TellResult, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    if not exam.telling.change:
        _result(exam)
        assert exam.result is not None  # noqa: S101  _result refuses otherwise
        if exam.result.assessments & SUSPECT and c.actor.kind is Kind.STAFF and not CLINICAL & set(c.actor.roles):
            raise Refused("A clinician tells her this result. Ask one, or hand the call over.")
    if step.channel not in (ev.Channel.PHONE, ev.Channel.IN_PERSON):
        raise Refused("Telling her means speaking with her: by phone or in person.")
    return [
        *_resume(episode, c),
        ev.ResultTold(occurred_at=c.now, episode=episode.id, exam=exam.id, channel=step.channel),
    ]


def _open_result(step: st.OpenResult, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    _result(exam)
    seen: list[Event] = []
    if not exam.telling.seen:
        seen.append(ev.ResultSeen(occurred_at=c.now, episode=episode.id, exam=exam.id))
    return _resume(episode, c) + seen


def _result(exam: Exam) -> None:
    if exam.result is None:
        raise Refused("There is no confirmed result yet, so nothing can be told or sent.")


# ---------------------------------------------------------------- calling back


def _decide_call_back(step: st.DecideCallBack, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    c.open_episode(episode.id)
    waiting = [f for f in episode.open_findings() if not step.sides or f.side is None or f.side in step.sides]
    if not waiting:
        raise Refused("No open finding of that breast asks for further pictures.")
    return [
        ev.CallBackDecided(
            occurred_at=c.now,
            episode=episode.id,
            exam=exam.id,
            sides=step.sides,
            reasons=step.reasons,
            views=step.views,
            ultrasound=step.ultrasound,
            answer_same_day=step.answer_same_day,
        )
    ]


def _contact(step: st.RecordContact, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    return [
        ev.ContactAttempted(occurred_at=c.now, episode=episode.id, channel=step.channel, outcome=step.outcome),
    ]


def _no_today(step: st.RecordNoToday, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    return [] if episode.contact.said_no else [ev.SaidNoToday(occurred_at=c.now, episode=episode.id)]


def _decline(step: st.RecordDecline, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    what = _text(step.what, "what she declined")
    return [
        ev.Declined(occurred_at=c.now, episode=episode.id, what=what),
        *_pause(episode, ev.PauseReason.DECLINED, step, c),
    ]


def _moved_away(step: st.RecordMovedAway, c: Context) -> list[Event]:
    return _pause(c.open_episode(step.episode), ev.PauseReason.MOVED_AWAY, step, c)


def _pause(
    episode: Episode, reason: ev.PauseReason, step: st.RecordDecline | st.RecordMovedAway | st.ConfirmLost, c: Context
) -> list[Event]:
    if episode.paused is not None:
        raise Refused("This round is paused already. Review the pause instead.")
    if step.review_on <= c.protocols[episode.protocol].calendar.on(c.now):
        raise Refused("Give a day to come on which the pause is looked at again.")
    reviewer = _text(step.reviewer, "who reviews it")
    return [
        ev.Paused(occurred_at=c.now, episode=episode.id, reason=reason, review_on=step.review_on, reviewer=reviewer)
    ]


def _changed_mind(step: st.RecordChangedMind, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    return [*_resume(episode, c), ev.ChangedMind(occurred_at=c.now, episode=episode.id)]


def _resume(episode: Episode, c: Context) -> list[Event]:
    if episode.paused is None or episode.settled is not None:
        return []
    return [ev.Resumed(occurred_at=c.now, episode=episode.id)]


def _resume_step(step: st.Resume, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.paused is None:
        raise Refused("This round is not paused.")
    return _resume(episode, c)


def _book(step: st.BookVisit, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.visit.stage is VisitStage.BOOKED:
        raise Refused("A visit is booked already. Move it instead.")
    if not episode.open_findings():
        raise Refused("Nothing in this round asks for further pictures.")
    _to_come(step.starts_at, c)
    return [
        *_resume(episode, c),
        ev.Booked(occurred_at=c.now, episode=episode.id, starts_at=step.starts_at, place=_text(step.place, "place")),
    ]


def _move(step: st.MoveVisit, c: Context) -> list[Event]:
    episode = _booked(step.episode, c)
    _to_come(step.starts_at, c)
    return [
        *_resume(episode, c),
        ev.Moved(occurred_at=c.now, episode=episode.id, starts_at=step.starts_at, place=_text(step.place, "place")),
    ]


def _confirm_visit(step: st.ConfirmVisit, c: Context) -> list[Event]:
    episode = _booked(step.episode, c)
    visit = episode.visit
    if visit.confirmed_by_her or visit.starts_at is None or visit.place is None:
        return []
    return [
        *_resume(episode, c),
        ev.Booked(
            occurred_at=c.now,
            episode=episode.id,
            starts_at=visit.starts_at,
            place=visit.place,
            confirmed_by_her=True,
        ),
    ]


def _cancel(step: st.CancelVisit, c: Context) -> list[Event]:
    episode = _booked(step.episode, c)
    return [ev.Cancelled(occurred_at=c.now, episode=episode.id, by_her=step.by_her)]


def _missed(step: st.RecordMissed, c: Context) -> list[Event]:
    episode = _booked(step.episode, c)
    if episode.visit.starts_at is not None and episode.visit.starts_at > c.now:
        raise Refused("The visit has not begun. Cancel or move it instead.")
    return [ev.Missed(occurred_at=c.now, episode=episode.id)]


def _attended(step: st.RecordAttended, c: Context) -> list[Event]:
    episode = _booked(step.episode, c)
    return [*_resume(episode, c), ev.Attended(occurred_at=c.now, episode=episode.id)]


def _booked(episode_id: str, c: Context) -> Episode:
    episode = c.open_episode(episode_id)
    if episode.visit.stage is not VisitStage.BOOKED:
        raise Refused("No visit is booked in this round.")
    return episode


def _to_come(moment: datetime, c: Context) -> None:
    if moment <= c.now:
        raise Refused("Choose a time that is still to come.")


def _confirm_lost(step: st.ConfirmLost, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if (episode.id, "confirm_lost", "ladder") not in c.patient.owed:
        raise Refused("Not every way to reach her has been tried yet.")
    if c.actor.id == episode.contact.last_by:
        raise Refused("You made the last attempt yourself. Someone else has to confirm that everything was tried.")
    if episode.is_suspect and c.actor.kind is Kind.STAFF and not CLINICAL & set(c.actor.roles):
        raise Refused("Her result is suspicious: a physician has to confirm this.")
    if not step.everything_tried:
        return [ev.LadderRestarted(occurred_at=c.now, episode=episode.id, reason="not everything was tried")]
    return _pause(episode, ev.PauseReason.LOST, step, c)


# ---------------------------------------------------------------- priors, symptoms, herself


def _priors(step: st.RequestPriors | st.ReceivePriors | st.RecordNoPriors, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    match step:
        case st.RequestPriors():
            source = _text(step.source, "source")
            return [ev.PriorsRequested(occurred_at=c.now, episode=episode.id, source=source)]
        case st.ReceivePriors():
            source = _text(step.source, "source")
            return [ev.PriorsReceived(occurred_at=c.now, episode=episode.id, source=source)]
        case st.RecordNoPriors():
            reason = _text(step.reason, "reason")
            return [ev.PriorsUnavailable(occurred_at=c.now, episode=episode.id, reason=reason)]


def _symptom(step: st.ReportSymptom, c: Context) -> list[Event]:
    episode = c.episode(step.episode)
    name = f"{episode.id}.y{c.next_seq}"
    what = _text(step.what, "symptom")
    return [
        *_resume(episode, c),
        ev.SymptomReported(occurred_at=c.now, episode=episode.id, symptom=name, what=what, side=step.side),
    ]


def _answer_symptom(step: st.AnswerSymptom, c: Context) -> list[Event]:
    episode = c.episode(step.symptom.partition(".")[0])
    symptom = episode.symptoms.get(step.symptom)
    if symptom is None or symptom.answered:
        raise Refused("This symptom is answered already, or was never told.")
    answer = _text(step.answer, "answer")
    return [ev.SymptomAnswered(occurred_at=c.now, episode=episode.id, symptom=symptom.id, answer=answer)]


def _ask_for_call(step: st.AskForCall, c: Context) -> list[Event]:
    resumed = [event for e in c.patient.episodes.values() for event in _resume(e, c)]
    if c.patient.call_requested:
        return resumed
    return [*resumed, ev.CallRequested(occurred_at=c.now, best_time=step.best_time)]


def _spoken(step: st.RecordSpoken, c: Context) -> list[Event]:
    if not c.patient.call_requested:
        raise Refused("She has not asked to be rung, or someone has rung her already.")
    return [ev.SpokenWith(occurred_at=c.now, channel=step.channel)]


def _review_pause(step: st.ReviewPause, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.paused is None:
        raise Refused("This round is not paused.")
    if step.review_on <= c.protocols[episode.protocol].calendar.on(c.now):
        raise Refused("Give a day that is still to come.")
    note = _text(step.note, "note")
    return [ev.PauseReviewed(occurred_at=c.now, episode=episode.id, review_on=step.review_on, note=note)]


def _review_history(step: st.ReviewHistory, c: Context) -> list[Event]:
    episode = c.episode(step.episode)
    _need(c, "review_history", "history")
    note = _text(step.note, "note")
    if step.follow_up and not episode.findings:
        raise Refused("No finding is known in this round. Sign a reading of the examination first.")
    return [ev.HistoryReviewed(occurred_at=c.now, episode=episode.id, follow_up=step.follow_up, note=note)]


def _assign(step: st.AssignOwner, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    owner = _text(step.owner, "owner")
    return [ev.OwnerChanged(occurred_at=c.now, episode=episode.id, owner=owner, cover=step.cover)]


def _escalate(step: st.Escalate, c: Context) -> list[Event]:
    for loop in open_loops(c.patient, c.protocols, default=c.default):
        key = (loop.kind, loop.subject, loop.opened_seq, loop.episode)
        if key == (step.kind, step.subject, step.opened_seq, step.episode) and loop.escalate_at <= c.now:
            return [_escalated(loop, c)]
    return []  # closed, or escalated by another worker meanwhile


def _escalated(loop: Loop, c: Context) -> Event:
    episode = c.patient.episodes.get(loop.episode or "")
    protocol = c.protocols[episode.protocol] if episode else c.default
    return ev.Escalated(
        occurred_at=c.now,
        kind=loop.kind,
        subject=loop.subject,
        opened_seq=loop.opened_seq,
        rung=loop.rung + 1,
        to=next_rung(loop, protocol),
        episode=loop.episode,
    )


def _died(step: st.RecordDeath, c: Context) -> list[Event]:
    if c.patient.died_on is not None:
        return []
    if step.died_on > c.default.calendar.on(c.now):
        raise Refused("That day has not come.")
    return [ev.Died(occurred_at=c.now, died_on=step.died_on)]


def _next_due(step: st.SetNextDue, c: Context) -> list[Event]:
    known = c.patient.next_due
    if known is not None and (known.due_on, known.why) == (step.due_on, step.why):
        return []
    return [ev.NextDueSet(occurred_at=c.now, due_on=step.due_on, why=step.why)]


def _in_error(step: st.EnterInError, c: Context) -> list[Event]:
    if not step.seqs or any(not 1 <= seq <= c.patient.version for seq in step.seqs):
        raise Refused(f"Name facts of her log, by their numbers 1 to {c.patient.version}.")
    seqs = sorted(_with_dependants(set(step.seqs), c.records))
    return [ev.EnteredInError(occurred_at=c.now, seqs=tuple(seqs), reason=_text(step.reason, "reason"))]


def _with_dependants(seqs: set[int], records: Sequence[Recorded]) -> set[int]:
    """A round or an examination that never was takes every fact about it along."""
    gone = [r.event for r in records if r.seq in seqs]
    rounds = {e.episode for e in gone if isinstance(e, ev.RoundOpened)}
    exams = {e.exam for e in gone if isinstance(e, ev.ExaminationPerformed)}
    for r in records:
        if getattr(r.event, "episode", None) in rounds or getattr(r.event, "exam", None) in exams:
            seqs.add(r.seq)
    return seqs


def _need(c: Context, kind: str, subject: str) -> None:
    if not c.owes(kind, subject):
        raise Refused(f"Nothing of this kind is owed now: {KINDS[kind].lower()}. Someone may have done it already.")


def _text(value: str, what: str) -> str:
    if not value.strip():
        raise Refused(f"Write the {what}.")
    return value.strip()


HANDLERS: dict[type[st.Step], Callable[[Any, Context], list[Event]]] = {
    st.Enrol: _enrol,
    st.TakeExamination: _take_examination,
    st.TakeReport: _take_report,
    st.RecordReading: _record_reading,
    st.ConfirmAssessment: _confirm_assessment,
    st.PlaceReport: _place_report,
    st.ConfirmChange: _confirm_change,
    st.WithdrawReport: _withdraw,
    st.ExplainWait: _explain_wait,
    st.PrepareDocument: _prepare,
    st.RecordPosted: _posted,
    st.RecordReturned: _returned,
    st.TellResult: _tell,
    st.OpenResult: _open_result,
    st.DecideCallBack: _decide_call_back,
    st.RecordContact: _contact,
    st.RecordNoToday: _no_today,
    st.RecordDecline: _decline,
    st.RecordChangedMind: _changed_mind,
    st.RecordMovedAway: _moved_away,
    st.BookVisit: _book,
    st.MoveVisit: _move,
    st.ConfirmVisit: _confirm_visit,
    st.CancelVisit: _cancel,
    st.RecordMissed: _missed,
    st.RecordAttended: _attended,
    st.AssessWorkup: _assess_workup,
    st.RequestPriors: _priors,
    st.ReceivePriors: _priors,
    st.RecordNoPriors: _priors,
    st.ReportSymptom: _symptom,
    st.AnswerSymptom: _answer_symptom,
    st.AskForCall: _ask_for_call,
    st.RecordSpoken: _spoken,
    st.ConfirmLost: _confirm_lost,
    st.ReviewPause: _review_pause,
    st.Resume: _resume_step,
    st.ReviewHistory: _review_history,
    st.AssignOwner: _assign,
    st.Escalate: _escalate,
    st.RecordDeath: _died,
    st.SetNextDue: _next_due,
    st.EnterInError: _in_error,
}
