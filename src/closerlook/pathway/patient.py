"""How facts move a patient's state: one table, a row for each region, a cell for each fact that moves it.

You are here to learn what the state is after a fact, or to add one. `CELLS` is the whole of it: a region that has no
cell for a fact is not moved by it. Nothing here knows what is owed: that is `loops`.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import moves
from closerlook.pathway.events import Event, Recorded
from closerlook.pathway.regions import DatedVisit, Episode, Patient, Reach


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
Move = Callable[[Episode, Any, Recorded], Episode]


CELLS: dict[Region, dict[type[Event], Move]] = {
    R.ROUND: {
        ev.RoundOpened: moves.round_opened,
        ev.ExaminationPerformed: moves.examined,
        ev.ReportWithdrawn: moves.not_hers,
        ev.HistoryReviewed: moves.history_reviewed,
        ev.OwnerChanged: moves.owner_changed,
    },
    # A report that changes the result renews telling, findings and contact too: `RENEWS`.
    R.READING: {
        ev.Read: moves.read,
        ev.ReportAmended: moves.read,
        ev.ChangeConfirmed: moves.read,
        ev.ReportWithdrawn: moves.withdrawn,
        ev.AssessmentConfirmed: moves.read,
        ev.ReportPlaced: moves.read,
    },
    R.TELLING: {
        ev.WaitExplained: moves.wait_explained,
        ev.Sending: moves.sending,
        ev.SummarySent: moves.summary_sent,
        ev.SummaryReturned: moves.summary_returned,
        ev.ResultTold: moves.result_told,
        ev.ResultSeen: moves.result_seen,
        ev.ProviderTold: moves.provider_told,
        ev.Booked: moves.confirmed_by_her,
    },
    R.FINDINGS: {
        ev.ExaminationPerformed: moves.findings_examined,
        ev.CallBackDecided: moves.findings_planned,
        ev.WorkupAssessed: moves.findings_answered,
        ev.HistoryReviewed: moves.history_closed,
    },
    R.SYMPTOMS: {ev.SymptomReported: moves.symptom_reported, ev.SymptomAnswered: moves.symptom_answered},
    R.CALL_BACK: {ev.CallBackDecided: moves.call_back_decided},
    R.VISIT: {
        ev.Booked: moves.booked,
        ev.Moved: moves.moved,
        ev.Cancelled: moves.no_visit,
        ev.Missed: moves.missed,
        ev.Attended: moves.attended,
        ev.ExaminationPerformed: moves.visit_made,
        ev.WorkupAssessed: moves.no_visit,
    },
    R.CONTACT: {
        ev.ContactAttempted: moves.attempted,
        ev.ResultTold: moves.reached,
        ev.LadderRestarted: moves.again,
        ev.Missed: moves.again,
        ev.Resumed: moves.again,
        ev.Cancelled: moves.again,
        ev.SaidNoToday: moves.said_no,
        ev.Declined: moves.spoke,
        ev.ChangedMind: moves.spoke,
        ev.Booked: moves.spoke,
    },
    R.PRIORS: {
        ev.PriorsRequested: moves.requested,
        ev.PriorsReceived: moves.received,
        ev.PriorsUnavailable: moves.unavailable,
    },
    R.STANDING: {
        ev.Paused: moves.paused,
        ev.PauseReviewed: moves.pause_reviewed,
        ev.Resumed: moves.resumed,
        ev.Settled: moves.settled,
        ev.Reopened: moves.reopened,
    },
}
"""Which fact moves which region of an episode, and how. Regions move in this order."""


# ---------------------------------------------------------------- herself


def _came_for(patient: Patient, e: ev.RoundOpened, _r: Recorded) -> Patient:
    """Coming for it is what answers a dated visit; the later ones stay owed."""
    visit = patient.dated.get(e.answers or "")
    if visit is None:
        return patient
    dated = {k: v for k, v in patient.dated.items() if k != visit.id}
    return replace(patient, dated=dated, came_for={**patient.came_for, e.episode: visit})


def _did_not_come(patient: Patient, e: ev.ReportWithdrawn, _r: Recorded) -> Patient:
    """The examination that answered a dated visit was not hers: the visit is owed again."""
    visit = patient.came_for.get(e.episode)
    exams = patient.episodes[e.episode].exams.values()
    if visit is None or e.examination_hers or any(not x.not_hers for x in exams if x.id != e.exam):
        return patient
    came_for = {k: v for k, v in patient.came_for.items() if k != e.episode}
    return replace(patient, dated={**patient.dated, visit.id: visit}, came_for=came_for)


def _planned(patient: Patient, e: ev.SurveillancePlanned, _r: Recorded) -> Patient:
    visit = DatedVisit(e.visit, e.episode, e.due_on, e.months)
    return replace(patient, dated={**patient.dated, e.visit: visit})


def _call_requested(patient: Patient, _e: ev.CallRequested, _r: Recorded) -> Patient:
    return replace(patient, call_requested=True)


def _spoken_with(patient: Patient, _e: ev.SpokenWith, _r: Recorded) -> Patient:
    return replace(patient, call_requested=False)


def _died(patient: Patient, e: ev.Died, _r: Recorded) -> Patient:
    return replace(patient, died_on=e.died_on)


def _next_due(patient: Patient, e: ev.NextDueSet, _r: Recorded) -> Patient:
    return replace(patient, next_due=e)


def _escalated(patient: Patient, e: ev.Escalated, record: Recorded) -> Patient:
    key = (e.episode, e.kind, e.subject, e.opened_seq)
    return replace(patient, escalated={**patient.escalated, key: Reach(e.rung, e.to, record.recorded_at)})


HERSELF: dict[type[Event], Callable[[Patient, Any, Recorded], Patient]] = {
    ev.RoundOpened: _came_for,
    ev.ReportWithdrawn: _did_not_come,
    ev.SurveillancePlanned: _planned,
    ev.CallRequested: _call_requested,
    ev.SpokenWith: _spoken_with,
    ev.Died: _died,
    ev.NextDueSet: _next_due,
    ev.Escalated: _escalated,
}
"""What moves the patient beside her episodes."""


# ---------------------------------------------------------------- one fact


RENEWS = (R.TELLING, R.FINDINGS, R.CONTACT)


def _touches(fact: type[Event]) -> tuple[Region, ...]:
    touched = {region for region, cells in CELLS.items() if fact in cells}
    if fact in HERSELF:
        touched.add(R.HERSELF)
    if fact in CELLS[R.READING] and fact is not ev.ReportPlaced:
        touched.update(RENEWS)
    return tuple(region for region in Region if region in touched)


TOUCHES: dict[type[Event], tuple[Region, ...]] = {fact: _touches(fact) for fact in ev.PATIENT_FACTS}
"""The regions a fact can move. `EnteredInError` moves none: it works on the log before the fold, see `in_force`."""

MOVES: dict[type[Event], tuple[Move, ...]] = {
    fact: tuple(cells[fact] for cells in CELLS.values() if fact in cells) for fact in ev.PATIENT_FACTS
}


def evolve(patient: Patient, record: Recorded) -> Patient:
    """Return the state as it stands once `record` has happened. What is owed is left to `loops`."""
    event = record.event
    fact = type(event)
    herself = HERSELF.get(fact)
    if herself is not None:
        patient = herself(patient, event, record)
    way = MOVES[fact]
    if not way:
        return replace(patient, version=record.seq)
    name = event.episode  # type: ignore[attr-defined]  # only facts about an episode have moves; a test keeps it so
    episode: Any = patient.episodes.get(name)
    if episode is None and fact is not ev.RoundOpened:
        raise AssertionError(f"{fact.__name__} {record.seq} is about a round that was never opened")
    for move in way:
        episode = move(episode, event, record)
    return replace(patient, episodes={**patient.episodes, name: episode}, version=record.seq)


def in_force(records: Sequence[Recorded]) -> Sequence[Recorded]:
    """Return the records without those entered in error. Taking back an `EnteredInError` brings its facts back."""
    out: set[int] = set()
    for record in reversed(records):
        if type(record.event) is ev.EnteredInError and record.seq not in out:
            out.update(record.event.seqs)
    return [r for r in records if r.seq not in out] if out else records
