"""Decide what a step makes happen: pure, from the state, the protocol, the actor and the clock it is given.

You are here to add a step's consequences. A handler returns facts or raises `Refused` with a sentence for the person
who asked; `with_consequences` then adds what follows by itself. `context` says who may; the other modules hold one part
of her path each.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from closerlook.pathway import steps as st
from closerlook.pathway.deciding import (
    calling_back,
    elsewhere,
    examining,
    herself,
    inviting,
    reading_twice,
    sampling,
    standing,
    telling,
)
from closerlook.pathway.deciding.consequences import after, recorded, with_consequences
from closerlook.pathway.deciding.context import (
    CARING,
    CLINICAL,
    DESK,
    LEADING,
    MAY,
    Context,
    Refused,
    check_may,
    may,
)
from closerlook.pathway.events import Actor, Event, Recorded
from closerlook.pathway.matters import Protocols
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Patient

__all__ = [
    "CARING", "CLINICAL", "DESK", "HANDLERS", "LEADING", "MAY", "Context", "Refused", "after",
    "check_may", "decide", "may", "recorded",
]  # fmt: skip


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
    check_may(step, actor)
    handler = HANDLERS.get(type(step))
    if handler is None:
        raise Refused("This step is not for a patient's record.")
    context = Context(patient, records, protocols, default, actor, now)
    events = handler(step, context)
    return with_consequences(events, context) if events else []


HANDLERS: dict[type[st.Step], Callable[[Any, Context], list[Event]]] = {
    st.Enrol: examining.enrol,
    st.TakeExamination: examining.take_examination,
    st.TakeReport: examining.take_report,
    st.RecordReading: examining.record_reading,
    st.ConfirmAssessment: examining.confirm_assessment,
    st.PlaceReport: examining.place_report,
    st.ConfirmChange: examining.confirm_change,
    st.WithdrawReport: examining.withdraw,
    st.AssessWorkup: examining.assess_workup,
    st.ExplainWait: telling.explain_wait,
    st.PrepareDocument: telling.prepare,
    st.RecordPosted: telling.posted,
    st.RecordReturned: telling.returned,
    st.TellResult: telling.tell,
    st.OpenResult: telling.open_result,
    st.OpenHerPage: herself.open_her_page,
    st.DecideCallBack: calling_back.decide_call_back,
    st.RecordContact: calling_back.contact,
    st.RecordNoToday: calling_back.no_today,
    st.BookVisit: calling_back.book,
    st.MoveVisit: calling_back.move,
    st.ConfirmVisit: calling_back.confirm_visit,
    st.CancelVisit: calling_back.cancel,
    st.RecordMissed: calling_back.missed,
    st.RecordAttended: calling_back.attended,
    st.RequestPriors: calling_back.request_priors,
    st.ReceivePriors: calling_back.receive_priors,
    st.RecordNoPriors: calling_back.no_priors,
    st.RecordDecline: standing.decline,
    st.RecordChangedMind: standing.changed_mind,
    st.RecordMovedAway: standing.moved_away,
    st.ConfirmLost: standing.confirm_lost,
    st.ReviewPause: standing.review_pause,
    st.Resume: standing.resume,
    st.ReviewHistory: standing.review_history,
    st.AssignOwner: standing.assign,
    st.Escalate: standing.escalate,
    st.EnterInError: standing.in_error,
    st.TakeBack: standing.take_back,
    st.ReportSymptom: herself.symptom,
    st.AnswerSymptom: herself.answer_symptom,
    st.AskForCall: herself.ask_for_call,
    st.AskFor: herself.ask_for,
    st.RecordMet: herself.met,
    st.RecordCallTried: herself.call_tried,
    st.NoteBarrier: herself.note_barrier,
    st.RecordSpoken: herself.spoken,
    st.RecordDeath: herself.died,
    st.SetNextDue: herself.next_due,
    st.OpenRound: inviting.open_round,
    st.PrepareInvitation: inviting.prepare_invitation,
    st.RecordInvited: inviting.invited,
    st.RecordNotScreened: inviting.not_screened,
    st.DeferScreening: inviting.defer,
    st.EndInvitations: inviting.end_invitations,
    st.ResumeInvitations: inviting.resume_invitations,
    st.RecordReminded: calling_back.reminded,
    st.RecordIncomplete: reading_twice.incomplete,
    st.AcceptExamination: reading_twice.accept,
    st.TakeAIRead: reading_twice.ai_read,
    st.DeferReading: reading_twice.hold,
    st.ReleaseReading: reading_twice.release,
    st.Arbitrate: reading_twice.arbitrate,
    st.FinaliseReading: reading_twice.finalise,
    st.KnowPriors: calling_back.know_priors,
    st.PlaceWithdrawn: reading_twice.place_withdrawn,
    st.RecordIncidental: elsewhere.incidental,
    st.PassOnIncidental: elsewhere.pass_on,
    st.RecordBiopsy: sampling.biopsy,
    st.RecordNoTissue: sampling.no_tissue,
    st.RecordNotPossible: sampling.not_possible,
    st.RecordPathology: sampling.pathology,
    st.DecideConcordance: sampling.concordance,
    st.PlanNext: sampling.plan_next,
    st.TellDiagnosis: sampling.tell,
    st.TellProviderDiagnosis: sampling.tell_provider,
    st.Refer: sampling.refer,
    st.RecordAccepted: sampling.accepted,
    st.RecordFirstVisit: sampling.first_visit,
    st.EndTreatment: sampling.end_treatment,
    st.RecordRefusalWritten: standing.refusal_written,
    st.ClaimOutside: elsewhere.claim,
    st.MoveCare: elsewhere.move_care,
    st.AcknowledgeCare: elsewhere.acknowledge,
    st.TakeCareBack: elsewhere.take_back,
    st.TakeOutsideResult: elsewhere.outside_result,
    st.MoveToProtocol: standing.move_to_protocol,
    st.SetWishes: herself.wishes,
    st.RecordAnatomy: herself.anatomy,
    st.RecordIntervalCancer: herself.interval_cancer,
    st.ReviewIntervalCancer: herself.review_interval_cancer,
    st.EndCare: herself.end_care,
    st.MergeInto: elsewhere.merge_into,
    st.Absorb: elsewhere.absorb,
    st.Unmerge: elsewhere.unmerge,
}
