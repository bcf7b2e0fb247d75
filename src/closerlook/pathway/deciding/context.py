"""What every decision may look at, who may ask for what, and how a refusal is worded.

You are here to let a role do something, or when a handler needs to know more of the patient.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Event, Kind, Reading, Recorded, Resumed
from closerlook.pathway.loops import KINDS
from closerlook.pathway.matters import Protocols
from closerlook.pathway.patient import in_force
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Episode, Exam, Patient
from closerlook.pathway.terms import Role


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
        self.alive()
        return episode

    def alive(self) -> None:
        if self.patient.died_on is not None:
            raise Refused("She has died. If that is a mistake, enter it in error first.")

    def exam(self, exam_id: str, *, hers: bool = True) -> tuple[Episode, Exam]:
        """Return an examination with its round; one that proved not to be hers only where `hers` is False."""
        found = self.patient.exam(exam_id)
        if found is None:
            raise Refused(f"She has no examination {exam_id}. Open her page again.")
        if hers and found[1].not_hers:
            raise Refused("This examination was not hers; it was taken out of her record.")
        return found

    def readings(self, exam_id: str) -> list[Reading]:
        """Return what reports have said of an examination, in the order they came, whatever became of them."""
        return [
            r.event.reading
            for r in in_force(self.records)
            if getattr(r.event, "exam", None) == exam_id and hasattr(r.event, "reading")
        ]

    def to_come(self, day: date) -> None:
        if day <= self.default.calendar.on(self.now):
            raise Refused("Give a day that is still to come.")

    def owes(self, kind: str, subject: str | None = None) -> bool:
        return any(k == kind and subject in (s, None) for _, k, s in self.patient.owed)

    def need(self, kind: str, subject: str) -> None:
        if not any(k == kind and s.partition(":")[0] == subject for _, k, s in self.patient.owed):
            raise Refused(f"Nothing of this kind is owed now: {KINDS[kind].lower()}. Someone may have done it already.")

    def protocol(self, episode: Episode) -> Protocol:
        return self.protocols[episode.protocol]

    @property
    def is_clinical(self) -> bool:
        """Whether a radiologist or clinician asks."""
        return self.is_one_of(CLINICAL)

    def is_one_of(self, roles: frozenset[str]) -> bool:
        """Whether someone with one of these roles asks. The simulator and feeds stand in for everyone."""
        return self.actor.kind is not Kind.STAFF or not roles.isdisjoint(self.actor.roles)

    @property
    def next_seq(self) -> int:
        return self.patient.version + 1


def resumed(episode: Episode, c: Context) -> list[Event]:
    """Return the fact that a paused round goes on; it comes first in whatever shows that she is in contact."""
    if episode.paused is None or episode.settled is not None:
        return []
    last = max((x.performed_at for x in episode.exams.values() if not x.not_hers), default=c.now)
    stale = c.now - last > timedelta(days=c.protocol(episode).stale_after_days) and bool(episode.open_findings())
    return [Resumed(occurred_at=c.now, episode=episode.id, stale=stale)]


def text(value: str, what: str) -> str:
    if not value.strip():
        raise Refused(f"Write the {what}.")
    return value.strip()


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
    st.OpenHerPage: frozenset({PATIENT, Kind.PROXY}),
    st.DecideCallBack: frozenset({Role.RADIOLOGIST}),
    st.RecordContact: DESK | LEADING,
    st.RecordNoToday: DESK | {PATIENT, Kind.PROXY},
    st.RecordDecline: frozenset({Role.NURSE, Role.CLINICIAN, Role.RADIOLOGIST}),
    st.RecordChangedMind: DESK | {PATIENT, Kind.PROXY},
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
    st.ReportSymptom: DESK | {Role.TECHNOLOGIST, PATIENT, Kind.PROXY},
    st.AnswerSymptom: frozenset({Role.RADIOLOGIST}),
    st.AskForCall: DESK | {PATIENT, Kind.PROXY},
    st.RecordCallTried: DESK,
    st.NoteBarrier: DESK,
    st.RecordSpoken: DESK,
    st.AskFor: DESK | {PATIENT, Kind.PROXY},
    st.RecordMet: DESK,
    st.ConfirmLost: CLINICAL | LEADING,
    st.ReviewPause: CARING | LEADING,
    st.Resume: DESK | LEADING,
    st.ReviewHistory: frozenset({Role.RADIOLOGIST}),
    st.AssignOwner: DESK | LEADING | {WORKER},
    st.Escalate: frozenset({WORKER}),
    st.RecordDeath: DESK | LEADING,
    st.SetNextDue: DESK | LEADING | {WORKER},
    st.EnterInError: CLINICAL | LEADING,
    st.TakeBack: DESK,
    st.OpenRound: DESK | {WORKER},
    st.PrepareInvitation: frozenset({WORKER, Role.FRONT_DESK}),
    st.RecordInvited: DESK | LEADING | {WORKER},
    st.RecordReminded: DESK | {WORKER},
    st.RecordNotScreened: DESK | LEADING,
    st.DeferScreening: DESK,
    st.EndInvitations: DESK | LEADING | {WORKER},
    st.ResumeInvitations: DESK | LEADING | {PATIENT},
    st.RecordIncomplete: frozenset({Role.TECHNOLOGIST, Role.RADIOLOGIST}),
    st.AcceptExamination: frozenset({Role.RADIOLOGIST}),
    st.TakeAIRead: frozenset({FEED, Role.RADIOLOGIST}),
    st.DeferReading: frozenset({Role.RADIOLOGIST}),
    st.ReleaseReading: frozenset({Role.RADIOLOGIST, *LEADING}),
    st.Arbitrate: frozenset({Role.RADIOLOGIST}),
    st.FinaliseReading: frozenset({WORKER, Role.RADIOLOGIST}),
    st.KnowPriors: DESK | {Role.TECHNOLOGIST, PATIENT, Kind.PROXY},
    st.PlaceWithdrawn: frozenset({Role.RADIOLOGIST, Role.FRONT_DESK, *LEADING}),
    st.RecordIncidental: CLINICAL,
    st.PassOnIncidental: CARING,
    st.RecordBiopsy: CLINICAL | {Role.TECHNOLOGIST},
    st.RecordNoTissue: CLINICAL,
    st.RecordNotPossible: CLINICAL,
    st.RecordPathology: CLINICAL | {Role.PATHOLOGY_COORDINATOR, FEED},
    st.DecideConcordance: frozenset({Role.RADIOLOGIST}),
    st.PlanNext: frozenset({Role.RADIOLOGIST}),
    st.TellDiagnosis: CLINICAL,
    st.TellProviderDiagnosis: CARING | {Role.PATHOLOGY_COORDINATOR},
    st.Refer: CARING,
    st.RecordAccepted: CARING,
    st.RecordFirstVisit: CARING,
    st.EndTreatment: CARING,
    st.RecordRefusalWritten: DESK | LEADING,
    st.ClaimOutside: DESK,
    st.MoveCare: CARING,
    st.AcknowledgeCare: CARING,
    st.TakeCareBack: CARING | LEADING,
    st.TakeOutsideResult: DESK,
    st.MoveToProtocol: LEADING,
    st.SetWishes: DESK | {PATIENT},
    st.RecordAnatomy: DESK | {Role.TECHNOLOGIST},
    st.RecordIntervalCancer: CLINICAL | LEADING,
    st.ReviewIntervalCancer: frozenset({Role.RADIOLOGIST}),
    st.EndCare: CARING,
    st.MergeInto: LEADING,
    st.Absorb: LEADING,
    st.Unmerge: LEADING,
    st.BeginHandOver: LEADING,
    st.RecordHandedOver: LEADING | {WORKER},
    st.SetMessageAside: DESK | LEADING | {FEED, WORKER},
    st.FileMessage: DESK | LEADING | {FEED, WORKER},
    st.DiscardMessage: DESK | LEADING,
}
"""Which roles (of staff) or kinds of actor may take a step, on whatever stream it belongs to."""

_ROLES = frozenset(Role)


def may(step: type[st.Step], actor: Actor) -> bool:
    """Whether `actor` may take such a step at all. The simulator stands in for everyone."""
    allowed = MAY[step]
    if actor.kind is Kind.SIMULATOR:
        return True
    if actor.kind is not Kind.STAFF:
        return actor.kind in allowed
    return not (allowed & _ROLES).isdisjoint(actor.roles)


def check_may(step: st.Step, actor: Actor) -> None:
    """Raise Refused where `actor` may not take such a step."""
    if not may(type(step), actor):
        who = ", ".join(sorted(str(role).replace("_", " ") for role in MAY[type(step)]))
        raise Refused(f"Your role may not do this. It is for: {who}.")
