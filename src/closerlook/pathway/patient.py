"""How facts move a patient's state: one table, a row for each region, a cell for each fact that moves it.

You are here to learn what the state is after a fact, or to add one. `CELLS` is the whole of it: a region that has no
cell for a fact is not moved by it. Nothing here knows what is owed: that is `loops`.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import moves, tissue
from closerlook.pathway.events import Event, Recorded
from closerlook.pathway.regions import (
    Circumstances,
    DatedVisit,
    Episode,
    IntervalCancer,
    Patient,
    Reach,
)


class Region(StrEnum):
    """The parts of the state that a fact can move."""

    ROUND = "round"
    INVITATION = "invitation"
    READING = "reading"
    TELLING = "telling"
    FINDINGS = "findings"
    TISSUE = "tissue"
    REFERRAL = "referral"
    SYMPTOMS = "symptoms"
    BESIDE = "beside"
    CALL_BACK = "call_back"
    VISIT = "visit"
    CONTACT = "contact"
    PRIORS = "priors"
    ELSEWHERE = "elsewhere"
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
        ev.ProtocolMoved: moves.protocol_moved,
        ev.ExaminationIncomplete: moves.incomplete,
        ev.ExaminationAccepted: moves.accepted,
    },
    R.INVITATION: {
        ev.InvitationPrepared: moves.invitation_prepared,
        ev.Invited: moves.invited,
        ev.NotScreened: moves.not_screened,
        ev.Deferred: moves.deferred,
        ev.ExaminationPerformed: moves.screened_after_all,
    },
    # A report that changes the result renews telling, findings and contact too: `RENEWS`.
    R.READING: {
        ev.Read: moves.read,
        ev.ReportAmended: moves.read,
        ev.ChangeConfirmed: moves.read,
        ev.ReportWithdrawn: moves.withdrawn,
        ev.AssessmentConfirmed: moves.read,
        ev.ReportPlaced: moves.read,
        ev.Opinion: moves.read,
        ev.AIRead: moves.read,
        ev.ReadingDeferred: moves.read,
        ev.ReadingReleased: moves.read,
        ev.WithdrawnPlaced: moves.read,
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
    # What tissue says moves its finding with it.
    R.TISSUE: {
        ev.BiopsyDone: tissue.biopsied,
        ev.NoTissueNeeded: tissue.no_tissue,
        ev.BiopsyNotPossible: tissue.not_possible,
        ev.PathologyReported: tissue.reported,
        ev.ConcordanceDecided: tissue.concordance_decided,
        ev.NextPlanned: tissue.next_planned,
        ev.DiagnosisTold: tissue.diagnosis_told,
        ev.DiagnosisProviderTold: tissue.provider_told,
    },
    R.REFERRAL: {
        ev.Referred: tissue.referred,
        ev.ReferralAccepted: tissue.accepted,
        ev.FirstVisitMissed: tissue.first_visit_missed,
        ev.FirstVisitAttended: tissue.first_visit_attended,
    },
    R.SYMPTOMS: {ev.SymptomReported: moves.symptom_reported, ev.SymptomAnswered: moves.symptom_answered},
    R.BESIDE: {ev.IncidentalFound: moves.incidental_found, ev.IncidentalPassedOn: moves.incidental_passed_on},
    R.CALL_BACK: {ev.CallBackDecided: moves.call_back_decided, ev.ExaminationPerformed: moves.looked_again},
    R.VISIT: {
        ev.Booked: moves.booked,
        ev.Moved: moves.moved,
        ev.Reminded: moves.reminded,
        ev.Cancelled: moves.cancelled,
        ev.Missed: moves.missed,
        ev.Attended: moves.attended,
        ev.ExaminationPerformed: moves.visit_made,
        ev.WorkupAssessed: moves.visit_answered,
        ev.BiopsyDone: moves.tissue_visit_done,
        ev.NoTissueNeeded: moves.tissue_visit_done,
        ev.BiopsyNotPossible: moves.tissue_visit_done,
        ev.DiagnosisTold: moves.diagnosis_visit_done,
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
        ev.DiagnosisTold: moves.reached,
        ev.PathologyReported: moves.other_news,
    },
    R.PRIORS: {
        ev.PriorsKnown: moves.priors_known,
        ev.PriorsRequested: moves.requested,
        ev.PriorsReceived: moves.received,
        ev.PriorsUnavailable: moves.unavailable,
    },
    R.ELSEWHERE: {
        ev.OutsideClaimed: moves.outside_claimed,
        ev.CareMoved: moves.care_moved,
        ev.CareAcknowledged: moves.care_acknowledged,
        ev.CareTakenBack: moves.ours_again,
        ev.OutsideResultReceived: moves.outside_received,
    },
    R.STANDING: {
        ev.Declined: moves.declined,
        ev.RefusalWritten: moves.refusal_written,
        ev.Paused: moves.paused,
        ev.PauseReviewed: moves.pause_reviewed,
        ev.Resumed: moves.resumed,
        ev.Settled: moves.settled,
        ev.Reopened: moves.reopened,
    },
}
"""Which fact moves which region of an episode, and how. Regions move in this order."""


# ---------------------------------------------------------------- herself


def _round_opened(patient: Patient, e: ev.RoundOpened, record: Recorded) -> Patient:
    """A round for screening uses up the day that was set; coming for a dated visit answers that one."""
    if e.reason is ev.RoundReason.SCREENING and patient.next_due is not None:
        patient = replace(patient, next_due=None)
    return _came_for(patient, e, record)


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


def _round_ended(patient: Patient, e: ev.Settled, record: Recorded) -> Patient:
    """A cancer's treatment goes on beyond its round. Settled otherwise than to be watched, its dated visits end."""
    if e.outcome is not ev.SettledAs.SURVEILLANCE:
        patient = _without_dated(patient, e.episode)
    if e.outcome is ev.SettledAs.CANCER:
        return _around(replace(patient, treating={**patient.treating, e.episode: record.recorded_at}))
    return patient


def _surveillance_ended(patient: Patient, e: ev.SurveillanceEnded, _r: Recorded) -> Patient:
    return _without_dated(patient, e.episode)


def _without_dated(patient: Patient, episode: str) -> Patient:
    if all(v.episode != episode for v in patient.dated.values()):
        return patient
    return replace(patient, dated={k: v for k, v in patient.dated.items() if v.episode != episode})


def _round_goes_on(patient: Patient, e: ev.Reopened, _r: Recorded) -> Patient:
    if e.episode not in patient.treating:
        return patient
    return _around(replace(patient, treating={k: v for k, v in patient.treating.items() if k != e.episode}))


def _treated(patient: Patient, e: ev.TreatmentEnded, _r: Recorded) -> Patient:
    return _around(replace(patient, treating={k: v for k, v in patient.treating.items() if k != e.episode}))


def _invitations_ended(patient: Patient, e: ev.InvitationsEnded, _r: Recorded) -> Patient:
    return _around(replace(patient, invitations_ended=e.reason, next_due=None))


def _invitations_resumed(patient: Patient, _e: ev.InvitationsResumed, _r: Recorded) -> Patient:
    return _around(replace(patient, invitations_ended=None))


def _wishes(patient: Patient, e: ev.WishesSet, _r: Recorded) -> Patient:
    return _around(replace(patient, wishes=e.wishes))


def _anatomy(patient: Patient, e: ev.AnatomyRecorded, _r: Recorded) -> Patient:
    return _around(replace(patient, anatomy=e.anatomy))


def _cancer_known(patient: Patient, e: ev.IntervalCancerKnown, record: Recorded) -> Patient:
    cancer = IntervalCancer(e.cancer, e.found_on, record.recorded_at)
    return _around(replace(patient, cancers={**patient.cancers, e.cancer: cancer}))


def _cancer_reviewed(patient: Patient, e: ev.IntervalCancerReviewed, _r: Recorded) -> Patient:
    cancer = patient.cancers.get(e.cancer)
    if cancer is None:
        return patient
    return replace(patient, cancers={**patient.cancers, e.cancer: replace(cancer, reviewed=e.outcome)})


def _care_ended(patient: Patient, e: ev.CareEnded, _r: Recorded) -> Patient:
    cancer = patient.cancers.get(e.cancer)
    if cancer is None:
        return patient
    return _around(replace(patient, cancers={**patient.cancers, e.cancer: replace(cancer, care_ended=True)}))


def _merged(patient: Patient, e: ev.MergedInto, _r: Recorded) -> Patient:
    return replace(patient, merged_into=e.survivor)


def _absorbed(patient: Patient, e: ev.Absorbed, _r: Recorded) -> Patient:
    return replace(patient, absorbed=(*(a for a in patient.absorbed if a != e.retired), e.retired))


def _unmerged(patient: Patient, e: ev.Unmerged, _r: Recorded) -> Patient:
    into = None if patient.merged_into == e.other else patient.merged_into
    return replace(patient, merged_into=into, absorbed=tuple(a for a in patient.absorbed if a != e.other))


CLOSED_TO: dict[ev.ContactRoute, frozenset[ev.Channel]] = {
    ev.ContactRoute.SHELTER: frozenset({ev.Channel.LETTER, ev.Channel.CERTIFIED_LETTER}),
    ev.ContactRoute.CUSTODY: frozenset({ev.Channel.TEXT, ev.Channel.LETTER, ev.Channel.CERTIFIED_LETTER}),
}
"""What would reach someone else: nothing is sent home where she is not at home."""


def _around(patient: Patient) -> Patient:
    """Sum up what of her own state changes what her rounds owe."""
    in_care = bool(patient.treating) or any(not c.care_ended for c in patient.cancers.values())
    around = Circumstances(
        dead=patient.died_on is not None,
        in_care=in_care,
        uninvited=in_care or patient.invitations_ended is not None,
        not_by=frozenset(patient.wishes.not_by) | CLOSED_TO.get(patient.wishes.route, frozenset()),
        absent=patient.anatomy.absent,
    )
    return patient if around == patient.around else replace(patient, around=around)


def _call_requested(patient: Patient, e: ev.CallRequested, _r: Recorded) -> Patient:
    return replace(patient, call_requested=True, call_at=e.call_at)


def _call_tried(patient: Patient, e: ev.CallTried, _r: Recorded) -> Patient:
    return replace(patient, calls_tried=(*patient.calls_tried, e))


def _spoken_with(patient: Patient, _e: ev.SpokenWith, _r: Recorded) -> Patient:
    return replace(patient, call_requested=False, call_at=None, calls_tried=())


def _barrier_noted(patient: Patient, e: ev.BarrierNoted, _r: Recorded) -> Patient:
    return replace(patient, barriers={**patient.barriers, e.barrier: e.arranged})


def _request_made(patient: Patient, e: ev.RequestMade, _r: Recorded) -> Patient:
    return replace(patient, requests=tuple(sorted({*patient.requests, e.what})))


def _request_met(patient: Patient, e: ev.RequestMet, _r: Recorded) -> Patient:
    return replace(patient, requests=tuple(what for what in patient.requests if what is not e.what))


def _died(patient: Patient, e: ev.Died, _r: Recorded) -> Patient:
    return _around(replace(patient, died_on=e.died_on))


def _next_due(patient: Patient, e: ev.NextDueSet, _r: Recorded) -> Patient:
    return replace(patient, next_due=e)


def _escalated(patient: Patient, e: ev.Escalated, record: Recorded) -> Patient:
    key = (e.episode, e.kind, e.subject, e.opened_seq)
    return replace(patient, escalated={**patient.escalated, key: Reach(e.rung, e.to, record.recorded_at)})


HERSELF: dict[type[Event], Callable[[Patient, Any, Recorded], Patient]] = {
    ev.RoundOpened: _round_opened,
    ev.ReportWithdrawn: _did_not_come,
    ev.Settled: _round_ended,
    ev.Reopened: _round_goes_on,
    ev.TreatmentEnded: _treated,
    ev.InvitationsEnded: _invitations_ended,
    ev.InvitationsResumed: _invitations_resumed,
    ev.WishesSet: _wishes,
    ev.AnatomyRecorded: _anatomy,
    ev.IntervalCancerKnown: _cancer_known,
    ev.IntervalCancerReviewed: _cancer_reviewed,
    ev.CareEnded: _care_ended,
    ev.MergedInto: _merged,
    ev.Absorbed: _absorbed,
    ev.Unmerged: _unmerged,
    ev.SurveillancePlanned: _planned,
    ev.SurveillanceEnded: _surveillance_ended,
    ev.CallRequested: _call_requested,
    ev.CallTried: _call_tried,
    ev.SpokenWith: _spoken_with,
    ev.BarrierNoted: _barrier_noted,
    ev.RequestMade: _request_made,
    ev.RequestMet: _request_met,
    ev.Died: _died,
    ev.NextDueSet: _next_due,
    ev.Escalated: _escalated,
}
"""What moves the patient beside her episodes."""


# ---------------------------------------------------------------- one fact


RENEWS = (R.TELLING, R.FINDINGS, R.CONTACT)
RENEWS_NOTHING = frozenset(
    {ev.ReportPlaced, ev.Opinion, ev.AIRead, ev.ReadingDeferred, ev.ReadingReleased, ev.WithdrawnPlaced}
)
"""Facts of the reading region that leave the result as it is."""
TOLD_ANEW = frozenset({ev.ExaminationIncomplete, ev.ExaminationAccepted})
"""Facts of the round after which what was said of an examination, or lies printed, is not so any more."""


def _touches(fact: type[Event]) -> tuple[Region, ...]:
    touched = {region for region, cells in CELLS.items() if fact in cells}
    if fact in HERSELF:
        touched.add(R.HERSELF)
    if fact in CELLS[R.TISSUE]:
        touched.add(R.FINDINGS)
    if fact in CELLS[R.READING] and fact not in RENEWS_NOTHING:
        touched.update(RENEWS)
    if fact in TOLD_ANEW:
        touched.add(R.TELLING)
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
