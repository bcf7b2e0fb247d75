"""The facts of a patient's log: what happened, in the past tense, never edited.

You are here to add a fact, or to learn what one means. A fact is a frozen msgspec Struct whose tag carries its version
("Booked.1"); add it to `FACTS`, say in `patient.TOUCHES` which regions it moves, and the table tests ask for the rest.
Facts hold the patient's id nowhere (the stream is hers) and never a name, a phone number or a report's prose.
Moments are aware UTC datetimes (`_at`), days are local dates (`_on`).
"""

from datetime import date, datetime
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any

import msgspec
from msgspec import Struct

from closerlook.pathway import upcasters
from closerlook.pathway.terms import (
    Assessment,
    Density,
    ExaminationKind,
    FindingKind,
    Laterality,
    NeedsPerson,
    Plan,
    Recommendation,
    ReportStatus,
    Sampling,
    Suspicion,
    Tissue,
)


class UnknownEvent(Exception):
    """The log holds a fact this version does not know; going on would lose it."""


# ---------------------------------------------------------------- who acted


class Kind(StrEnum):
    STAFF = "staff"
    PATIENT = "patient"
    PROXY = "proxy"
    FEED = "feed"
    WORKER = "worker"
    SIMULATOR = "simulator"


class Actor(Struct, frozen=True, omit_defaults=True):
    """Who took a step. `id` is our own identifier (a user's, a feed's name), never a person's name."""

    kind: Kind
    id: str
    roles: tuple[str, ...] = ()


# ---------------------------------------------------------------- parts of facts


class SideAssessment(Struct, frozen=True, omit_defaults=True):
    """One breast's assessment. `side` None: the report states none; `assessment` None: none was stated."""

    assessment: Assessment | None
    side: Laterality | None = None
    suspicion: Suspicion | None = None


class Finding(Struct, frozen=True, omit_defaults=True):
    """One thing seen. `id` is unique in the patient's stream; `place` is clock or quadrant in the reader's words."""

    id: str
    kind: FindingKind = FindingKind.UNNAMED
    side: Laterality | None = None
    place: str | None = None
    assessment: Assessment | None = None


class Reading(Struct, frozen=True, omit_defaults=True):
    """What one report says of one examination. `needs_person` is empty where the assessment is certain.

    `message` is the inbox id that holds the prose; `evidence` the short phrase the assessment was found in.
    """

    status: ReportStatus
    reported_at: datetime | None = None
    reader: str | None = None
    sides: tuple[SideAssessment, ...] = ()
    density: Density | None = None
    findings: tuple[Finding, ...] = ()
    recommendation: Recommendation | None = None
    needs_person: tuple[NeedsPerson, ...] = ()
    suspicious_words: bool = False
    message: str | None = None
    evidence: str | None = None
    with_priors: bool = False

    @property
    def assessments(self) -> frozenset[Assessment]:
        return frozenset(s.assessment for s in self.sides if s.assessment is not None)


class Document(StrEnum):
    """What is written about one result."""

    SUMMARY = "summary"
    PROVIDER_REPORT = "provider_report"


class Channel(StrEnum):
    PHONE = "phone"
    TEXT = "text"
    LETTER = "letter"
    CERTIFIED_LETTER = "certified_letter"
    IN_PERSON = "in_person"
    HER_PAGE = "her_page"


class Outcome(StrEnum):
    """How an attempt to reach her ended. Voicemail is not contact."""

    REACHED = "reached"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    SENT = "sent"


class PauseReason(StrEnum):
    DECLINED = "declined"
    LOST = "lost"
    MOVED_AWAY = "moved_away"


class Purpose(StrEnum):
    """What a visit is for. She may have one of each at a time."""

    SCREENING = "screening"
    PICTURES = "pictures"
    BIOPSY = "biopsy"
    RESULTS = "results"


class Addressee(StrEnum):
    """Whom a word in writing is owed to."""

    HER = "her"
    PROVIDER = "provider"


class EndedFor(StrEnum):
    """Why she is not invited to screening any more."""

    OPTED_OUT = "opted_out"
    AGE = "age"
    NO_BREAST_TISSUE = "no_breast_tissue"
    MOVED_AWAY = "moved_away"
    IN_OTHER_CARE = "in_other_care"
    NOT_ELIGIBLE = "not_eligible"


BY_ITSELF = frozenset({EndedFor.AGE, EndedFor.NO_BREAST_TISSUE, EndedFor.NOT_ELIGIBLE})
"""Why the software ends invitations by itself: the programme is not for her, and nobody had to write to her."""


class Capacity(StrEnum):
    """Whether she decides for herself; where she cannot, a proxy decides with her."""

    DECIDES = "decides"
    FLUCTUATES = "fluctuates"
    PROXY_DECIDES = "proxy_decides"


class ContactRoute(StrEnum):
    """Through whom she is reached. Nothing is sent home where another way is named."""

    HERSELF = "herself"
    PROXY = "proxy"
    SHELTER = "shelter"
    CUSTODY = "custody"


class Barrier(StrEnum):
    """What makes it hard for her to come."""

    TRANSPORT = "transport"
    COST = "cost"
    LANGUAGE = "language"
    WORK = "work"
    FEAR = "fear"
    OTHER = "other"


class Request(StrEnum):
    """What she can ask for besides a call. Each is owed an answer of its own."""

    COPIES = "copies"
    NOTES = "notes"


class RoundReason(StrEnum):
    SCREENING = "screening"
    SYMPTOM = "symptom"
    SURVEILLANCE = "surveillance"
    OTHER = "other"


class SettledAs(StrEnum):
    NORMAL = "normal"
    BENIGN_AFTER_WORKUP = "benign_after_workup"
    BENIGN_AFTER_BIOPSY = "benign_after_biopsy"
    SURVEILLANCE = "surveillance"
    CANCER = "cancer"
    NOT_SCREENED = "not_screened"
    DEFERRED = "deferred"
    ENDED = "ended"
    STATED = "stated"
    WITHDRAWN = "withdrawn"
    HISTORY = "history"
    DIED = "died"


class How(StrEnum):
    """How a finding was answered, where its category alone does not say."""

    NOT_SEEN_AGAIN = "not_seen_again"
    BENIGN_CAUSE = "benign_cause"
    PART_OF_ANOTHER = "part_of_another"


class FindingAnswer(Struct, frozen=True, omit_defaults=True):
    """What pictures say of one finding. `other` is the finding it proved to be part of."""

    finding: str
    assessment: Assessment
    how: How | None = None
    other: str | None = None


class CaseloadRound(Struct, frozen=True, omit_defaults=True):
    """One round of a caseload: whose, and which."""

    patient: str
    episode: str


class Wishes(Struct, frozen=True, omit_defaults=True):
    """What she asked for. `not_by`: ways she must not be contacted by. `tell_first`: tell her before her page shows a
    result that is not normal, until that day at most. Never a name, a number or an address: those are with people.
    """

    not_by: tuple[Channel, ...] = ()
    tell_first_until: date | None = None
    interpreter: str | None = None
    route: ContactRoute = ContactRoute.HERSELF
    capacity: Capacity = Capacity.DECIDES


class Anatomy(Struct, frozen=True, omit_defaults=True):
    """What a planner and a reader must know. `absent`: breasts removed. `implants`: displaced views are needed too."""

    absent: tuple[Laterality, ...] = ()
    implants: tuple[Laterality, ...] = ()


# ---------------------------------------------------------------- facts


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """`occurred_at` is when it happened; the log keeps when it was recorded beside it."""

    occurred_at: datetime


class EpisodeEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    episode: str


class ExamEvent(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True):
    """About one examination of an episode; `exam` is unique in the stream ("e1.x1")."""

    exam: str


class Enrolled(Event, frozen=True, kw_only=True, tag="Enrolled.1"):
    """She is known here."""


class RoundOpened(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="RoundOpened.1"):
    """A round began. `answers` names the dated surveillance visit that this round is.

    `due_on`: it began because she was due, before any examination; None where she simply came.
    """

    site: str
    reason: RoundReason
    answers: str | None = None
    due_on: date | None = None


class ExaminationPerformed(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ExaminationPerformed.1"):
    """Pictures were made. `occurred_at` is the examination's moment. `history`: before the site went live.

    `hear_by_on` is the day she was given; `accession` carries its issuer ("SENDER|number"); `outside`: made elsewhere.
    `study` is the pictures' Study Instance UID, None where nobody named it.
    """

    kind: ExaminationKind
    sides: tuple[Laterality, ...] = ()
    accession: str | None = None
    order: str | None = None
    provider: str | None = None
    history: bool = False
    known_by_report: bool = False
    hear_by_on: date | None = None
    outside: bool = False
    study: str | None = None


class Read(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="Read.1"):
    """A reading or a report of the examination, preliminary or the first signed one."""

    reading: Reading
    provider: str | None = None


class ReportAmended(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ReportAmended.1"):
    """A later signed report of an examination that had one. `supersedes` False: it was reported before the current one.

    `adds`: something is owed that was not, and it acts at once. `takes_away`: something owed would fall away, or it is
    unclear or cannot be ordered; that part waits for a radiologist.
    """

    reading: Reading
    adds: bool = False
    takes_away: bool = False
    supersedes: bool = True


class ChangeConfirmed(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ChangeConfirmed.1"):
    """A radiologist decided on an amendment that takes away. `sides` is what stands from now on, if accepted."""

    accepted: bool
    sides: tuple[SideAssessment, ...] = ()


class ReportWithdrawn(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ReportWithdrawn.1"):
    """The report is not hers (or never was one). `examination_hers` False takes the examination away too."""

    reason: str
    examination_hers: bool


class AssessmentConfirmed(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AssessmentConfirmed.1"):
    """A radiologist stated the assessment of a signed report that did not state a certain one.

    `recommendation` None leaves the report's own standing.
    """

    sides: tuple[SideAssessment, ...]
    density: Density | None = None
    findings: tuple[Finding, ...] = ()
    recommendation: Recommendation | None = None


class ReportPlaced(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ReportPlaced.1"):
    """A category 6, a marker film or an outside review was tied to where it belongs. `outcome` says where."""

    outcome: str


class WaitExplained(ExamEvent, frozen=True, kw_only=True, tag="WaitExplained.1"):
    """She was told why there is no result yet and by which day she will hear."""

    hear_by_on: date


class Sending(ExamEvent, frozen=True, kw_only=True, tag="Sending.1"):
    """A document was made ready and is leaving; not yet proof that it went. `file` is its name in the outbox."""

    document: Document
    file: str


class SummarySent(ExamEvent, frozen=True, kw_only=True, tag="SummarySent.1"):
    """The written summary went to her. `proof` says how that is known ("posted, first class")."""

    proof: str


class SummaryReturned(ExamEvent, frozen=True, kw_only=True, tag="SummaryReturned.1"):
    """The written summary came back; it is owed again."""

    reason: str


class ResultTold(ExamEvent, frozen=True, kw_only=True, tag="ResultTold.1"):
    """Someone spoke with her about this result."""

    channel: Channel


class ResultSeen(ExamEvent, frozen=True, kw_only=True, tag="ResultSeen.1"):
    """She opened this result on her page."""


class ProviderTold(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ProviderTold.1"):
    """Her provider has the report; where she has none, she has the full report (`to_her`)."""

    proof: str
    to_her: bool = False


class CallBackDecided(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="CallBackDecided.1"):
    """The reader asked for further imaging; nobody has spoken with her yet. `sides` empty: every open finding."""

    sides: tuple[Laterality, ...] = ()
    reasons: tuple[FindingKind, ...] = ()
    views: tuple[str, ...] = ()
    ultrasound: bool = False
    answer_same_day: bool = False
    also: tuple[ExaminationKind, ...] = ()
    technical: bool = False


class ContactAttempted(EpisodeEvent, frozen=True, kw_only=True, tag="ContactAttempted.1"):
    """Someone tried to reach her about what is open."""

    channel: Channel
    outcome: Outcome


class LadderRestarted(EpisodeEvent, frozen=True, kw_only=True, tag="LadderRestarted.1"):
    """A second person found that not everything had been tried: the ladder begins again."""

    reason: str


class CallRequested(Event, frozen=True, kw_only=True, omit_defaults=True, tag="CallRequested.1"):
    """She asked to be rung. `best_time` in her words, without names or numbers; `call_at`: the hour she named."""

    best_time: str | None = None
    call_at: datetime | None = None


class CallTried(Event, frozen=True, kw_only=True, tag="CallTried.1"):
    """Someone rang her, as she had asked, and did not reach her."""

    outcome: Outcome


class BarrierNoted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="BarrierNoted.1"):
    """Something makes it hard for her to come; `arranged` is what was done about it."""

    barrier: Barrier
    arranged: str = ""


class SpokenWith(Event, frozen=True, kw_only=True, tag="SpokenWith.1"):
    """Someone spoke with her, as she had asked."""

    channel: Channel


class RequestMade(Event, frozen=True, kw_only=True, tag="RequestMade.1"):
    """She asked for copies of her pictures, or that someone reads what she wrote for her visit."""

    what: Request


class RequestMet(Event, frozen=True, kw_only=True, tag="RequestMet.1"):
    """What she asked for was done, and how that is known."""

    what: Request
    proof: str


class SaidNoToday(EpisodeEvent, frozen=True, kw_only=True, tag="SaidNoToday.1"):
    """She said no to someone who may not take an informed refusal."""


class Declined(EpisodeEvent, frozen=True, kw_only=True, tag="Declined.1"):
    """An informed refusal, taken by a clinician. `what` is the item she declined."""

    what: str


class ChangedMind(EpisodeEvent, frozen=True, kw_only=True, tag="ChangedMind.1"):
    """She wants to go on after all."""


class Booked(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="Booked.1"):
    """A visit was made with her. `place` is what the letter will say; `slot` the time of a room that it takes."""

    starts_at: datetime
    place: str
    confirmed_by_her: bool = False
    purpose: Purpose = Purpose.PICTURES
    slot: str | None = None


class Moved(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="Moved.1"):
    """The visit has another time. Clocks of the answer run on."""

    starts_at: datetime
    place: str
    purpose: Purpose = Purpose.PICTURES
    slot: str | None = None


class Cancelled(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="Cancelled.1"):
    by_her: bool
    purpose: Purpose = Purpose.PICTURES


class Missed(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="Missed.1"):
    """She did not come and did not say so beforehand."""

    purpose: Purpose = Purpose.PICTURES


class Attended(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="Attended.1"):
    """She came. Coming is not yet being examined: nothing closes here."""

    purpose: Purpose = Purpose.PICTURES


class Reminded(EpisodeEvent, frozen=True, kw_only=True, tag="Reminded.1"):
    """She was reminded of a visit, without a word of any result."""

    purpose: Purpose
    channel: Channel


class WorkupAssessed(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="WorkupAssessed.1"):
    """A radiologist said what this examination answers, finding by finding, and what it adds."""

    answers: tuple[FindingAnswer, ...]
    added: tuple[Finding, ...] = ()


class PriorsRequested(EpisodeEvent, frozen=True, kw_only=True, tag="PriorsRequested.1"):
    source: str


class PriorsReceived(EpisodeEvent, frozen=True, kw_only=True, tag="PriorsReceived.1"):
    source: str


class PriorsUnavailable(EpisodeEvent, frozen=True, kw_only=True, tag="PriorsUnavailable.1"):
    reason: str


class SymptomReported(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="SymptomReported.1"):
    """She told of a symptom. `what` in the field's words ("lump")."""

    symptom: str
    what: str
    side: Laterality | None = None


class SymptomAnswered(EpisodeEvent, frozen=True, kw_only=True, tag="SymptomAnswered.1"):
    """A radiologist answered this symptom; a normal mammogram alone does not."""

    symptom: str
    answer: str


class SurveillancePlanned(EpisodeEvent, frozen=True, kw_only=True, tag="SurveillancePlanned.1"):
    """A dated look at what is probably benign. `visit` is unique in the stream ("e1.s6")."""

    visit: str
    due_on: date
    months: int


class SurveillanceEnded(EpisodeEvent, frozen=True, kw_only=True, tag="SurveillanceEnded.1"):
    """What `episode` watched was called negative or benign by the round `answered_by`: its dated visits end (S3-3)."""

    answered_by: str


class Paused(EpisodeEvent, frozen=True, kw_only=True, tag="Paused.1"):
    """What needs her is suspended; the rest goes on, and a named person reviews it."""

    reason: PauseReason
    review_on: date
    reviewer: str


class PauseReviewed(EpisodeEvent, frozen=True, kw_only=True, tag="PauseReviewed.1"):
    review_on: date
    note: str


class Resumed(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="Resumed.1"):
    """She is with us again: what was suspended is owed again, with its first clocks. `stale`: the last pictures are
    so old that a radiologist has to look at the plan again.
    """

    stale: bool = False


class HistoryReviewed(EpisodeEvent, frozen=True, kw_only=True, tag="HistoryReviewed.1"):
    """Someone signed off a round from before the site went live. `follow_up`: it is owed from now on."""

    follow_up: bool
    note: str


class OwnerChanged(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="OwnerChanged.1"):
    """A named person looks after this episode; `cover` when that person is away.

    `leaves`: whose part the new owner takes, in what was to be looked at again too. `note`: a word to the new owner.
    """

    owner: str
    cover: str | None = None
    leaves: str | None = None
    note: str | None = None


class Escalated(Event, frozen=True, kw_only=True, omit_defaults=True, tag="Escalated.1"):
    """Something owed became late (or near a legal limit) and the next rung was told."""

    kind: str
    subject: str
    opened_seq: int
    rung: int
    to: str
    episode: str | None = None


class Died(Event, frozen=True, kw_only=True, tag="Died.1"):
    """She died. Entering this in error brings back all that was owed."""

    died_on: date


class Settled(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="Settled.1"):
    """Nothing is owed any more. `screened_on` is the day the next screening is counted from."""

    outcome: SettledAs
    screened_on: date | None = None


class Reopened(EpisodeEvent, frozen=True, kw_only=True, tag="Reopened.1"):
    """Late or amended news made something owed again."""


class NextDueSet(Event, frozen=True, kw_only=True, tag="NextDueSet.1"):
    """When her next screening is due, and why; computed by the caller, never here."""

    due_on: date
    why: str


class EnteredInError(Event, frozen=True, kw_only=True, tag="EnteredInError.1"):
    """These facts never happened: out of the fold, never out of the log."""

    seqs: tuple[int, ...]
    reason: str


# Before the examination.


class InvitationPrepared(EpisodeEvent, frozen=True, kw_only=True, tag="InvitationPrepared.1"):
    """Her invitation lies ready in the outbox under `file`; not yet proof that it went."""

    file: str


class Invited(EpisodeEvent, frozen=True, kw_only=True, tag="Invited.1"):
    """Her invitation went. `proof` says how that is known."""

    proof: str


class NotScreened(EpisodeEvent, frozen=True, kw_only=True, tag="NotScreened.1"):
    """She came to none of the visits she was offered; she and her provider have been written to (`proof`)."""

    proof: str


class Deferred(EpisodeEvent, frozen=True, kw_only=True, tag="Deferred.1"):
    """Her screening is put off to a day, for a reason of hers. Never a work-up."""

    until: date
    reason: str


class InvitationsEnded(Event, frozen=True, kw_only=True, tag="InvitationsEnded.1"):
    """She is not invited any more, and knows it in writing where she asked for it (`proof`)."""

    reason: EndedFor
    proof: str


class InvitationsResumed(Event, frozen=True, kw_only=True, tag="InvitationsResumed.1"):
    """She is invited again."""


# Examined and read.


class ExaminationIncomplete(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ExaminationIncomplete.1"):
    """Not every picture could be made. `missing`: the breasts not fully shown."""

    reason: str
    missing: tuple[Laterality, ...] = ()


class ExaminationAccepted(ExamEvent, frozen=True, kw_only=True, tag="ExaminationAccepted.1"):
    """A radiologist found that these are the best pictures that can be had."""

    reason: str


class Opinion(ExamEvent, frozen=True, kw_only=True, tag="Opinion.1"):
    """One of two independent readings. Two are not a result yet. A reader's later opinion takes the earlier's place."""

    reading: Reading
    reader: str


class AIRead(ExamEvent, frozen=True, kw_only=True, tag="AIRead.1"):
    """A computer's reading: never by itself a result, and one of two only where the protocol says so."""

    reading: Reading
    system: str


class ReadingDeferred(ExamEvent, frozen=True, kw_only=True, tag="ReadingDeferred.1"):
    """The reading waits for something; `release_by` is the person who looks again."""

    reason: str
    release_by: str


class ReadingReleased(ExamEvent, frozen=True, kw_only=True, tag="ReadingReleased.1"):
    """What the reading waited for is there, or will not come: it goes on."""


class Arbitrated(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="Arbitrated.1"):
    """A third reader, or a panel by name, decided between two readings. The result follows as a Read."""

    reading: Reading
    reader: str
    panel: tuple[str, ...] = ()


class PriorsKnown(EpisodeEvent, frozen=True, kw_only=True, tag="PriorsKnown.1"):
    """Earlier pictures exist at `source`, and she has said that they may be fetched."""

    source: str


class WithdrawnPlaced(ExamEvent, frozen=True, kw_only=True, tag="WithdrawnPlaced.1"):
    """Whose the withdrawn report is was found out: `outcome` says where it went."""

    outcome: str


class IncidentalFound(EpisodeEvent, frozen=True, kw_only=True, tag="IncidentalFound.1"):
    """Something outside the breast that someone else has to look at. `incidental` is unique in the stream."""

    incidental: str
    what: str


class IncidentalPassedOn(EpisodeEvent, frozen=True, kw_only=True, tag="IncidentalPassedOn.1"):
    """Whoever looks after it has said so (`proof`)."""

    incidental: str
    to: str
    proof: str


# Tissue.


class BiopsyDone(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="BiopsyDone.1"):
    """Tissue of one finding was taken and sent. `specimen` is unique in the stream ("e1.t9")."""

    specimen: str
    finding: str
    method: Sampling
    marker: bool = False


class NoTissueNeeded(EpisodeEvent, frozen=True, kw_only=True, tag="NoTissueNeeded.1"):
    """At the visit for tissue a radiologist found that none is needed (aspirated, not seen again): `why`."""

    finding: str
    why: str


class BiopsyNotPossible(EpisodeEvent, frozen=True, kw_only=True, tag="BiopsyNotPossible.1"):
    """No tissue can be had this way: `plan` owes what follows instead."""

    finding: str
    why: str
    plan: Plan


class PathologyReported(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="PathologyReported.1"):
    """What the pathologist found in a specimen; reported again, it is the later report that counts."""

    specimen: str
    tissue: Tissue
    lesion: str | None = None
    message: str | None = None


class ConcordanceDecided(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ConcordanceDecided.1"):
    """A radiologist said whether the tissue explains the finding. `follow_up`: where it does and is benign."""

    specimen: str
    concordant: bool
    follow_up: Plan = Plan.ROUTINE


class NextPlanned(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="NextPlanned.1"):
    """What follows where tissue gave no settled answer. `conference`: who decided together that no more is taken."""

    finding: str
    plan: Plan
    conference: tuple[str, ...] = ()


class DiagnosisTold(EpisodeEvent, frozen=True, kw_only=True, tag="DiagnosisTold.1"):
    """A clinician told her what the tissue showed."""

    specimen: str
    channel: Channel


class DiagnosisProviderTold(EpisodeEvent, frozen=True, kw_only=True, tag="DiagnosisProviderTold.1"):
    """Her provider knows what the tissue showed (`proof`)."""

    specimen: str
    proof: str


class Referred(EpisodeEvent, frozen=True, kw_only=True, tag="Referred.1"):
    """A named care team was asked to take her on."""

    team: str


class ReferralAccepted(EpisodeEvent, frozen=True, kw_only=True, tag="ReferralAccepted.1"):
    """The team expects her on a day."""

    first_visit_on: date


class FirstVisitMissed(EpisodeEvent, frozen=True, kw_only=True, tag="FirstVisitMissed.1"):
    """She was not at the team's first visit: another day is owed."""


class FirstVisitAttended(EpisodeEvent, frozen=True, kw_only=True, tag="FirstVisitAttended.1"):
    """The team has confirmed that she came."""


class TreatmentEnded(EpisodeEvent, frozen=True, kw_only=True, tag="TreatmentEnded.1"):
    """Her treatment is over, as far as the team says; her next pictures are due on a day set beside it."""


# Care elsewhere, refusals, other rules.


class RefusalWritten(EpisodeEvent, frozen=True, kw_only=True, tag="RefusalWritten.1"):
    """Her informed refusal was confirmed in writing, to her or to her provider."""

    to: Addressee
    proof: str


class OutsideClaimed(EpisodeEvent, frozen=True, kw_only=True, tag="OutsideClaimed.1"):
    """Someone says that it was done elsewhere. A claim closes nothing: the result is fetched."""

    source: str


class CareMoved(EpisodeEvent, frozen=True, kw_only=True, tag="CareMoved.1"):
    """Her further care goes to `to`; it stays ours until they say that they have her."""

    to: str


class CareAcknowledged(EpisodeEvent, frozen=True, kw_only=True, tag="CareAcknowledged.1"):
    """The other side has her (`proof`). What they find is still fetched."""

    proof: str


class CareTakenBack(EpisodeEvent, frozen=True, kw_only=True, tag="CareTakenBack.1"):
    """The other side does not have her: it is ours again."""

    reason: str


class OutsideResultReceived(EpisodeEvent, frozen=True, kw_only=True, tag="OutsideResultReceived.1"):
    """The document of what was done elsewhere is here; the examination it is about stands beside it."""

    source: str
    exam: str


class ProtocolMoved(EpisodeEvent, frozen=True, kw_only=True, tag="ProtocolMoved.1"):
    """This round goes on under other rules, named by their hash."""

    protocol: str
    reason: str


class WishesSet(Event, frozen=True, kw_only=True, tag="WishesSet.1"):
    """What she asked for, as a whole: it takes the place of what was set before."""

    wishes: Wishes


class AnatomyRecorded(Event, frozen=True, kw_only=True, tag="AnatomyRecorded.1"):
    """One breast, implants: as a whole, in the place of what was recorded before."""

    anatomy: Anatomy


class IntervalCancerKnown(Event, frozen=True, kw_only=True, omit_defaults=True, tag="IntervalCancerKnown.1"):
    """A cancer found outside screening became known: invitations stop, a review of the last screening is owed."""

    cancer: str
    found_on: date
    side: Laterality | None = None


class IntervalCancerReviewed(Event, frozen=True, kw_only=True, tag="IntervalCancerReviewed.1"):
    """The last screening was looked at again: what was to be seen then."""

    cancer: str
    outcome: str


class CareEnded(Event, frozen=True, kw_only=True, tag="CareEnded.1"):
    """Her treatment of a cancer found elsewhere is over: screening may begin again."""

    cancer: str


class MergedInto(Event, frozen=True, kw_only=True, tag="MergedInto.1"):
    """This record is of the same person as `survivor`. What is open in it stays owed; new news goes there."""

    survivor: str


class Absorbed(Event, frozen=True, kw_only=True, tag="Absorbed.1"):
    """The record `retired` is of the same person as this one."""

    retired: str


class Unmerged(Event, frozen=True, kw_only=True, tag="Unmerged.1"):
    """They are two persons after all."""

    other: str


# Facts of a programme matter's own small stream.


class HandOverBegun(Event, frozen=True, kw_only=True, omit_defaults=True, tag="HandOverBegun.1"):
    """A whole caseload goes from one named person to another; each round is handed over by a step of its own."""

    leaves: str
    takes: str
    rounds: tuple[CaseloadRound, ...]
    cover: str | None = None


class RoundHandedOver(Event, frozen=True, kw_only=True, tag="RoundHandedOver.1"):
    """One round of the caseload has its new owner, or ended meanwhile (`settled`)."""

    patient: str
    episode: str
    settled: bool


# Facts of a message's own small stream.


class MessageSetAside(Event, frozen=True, kw_only=True, omit_defaults=True, tag="MessageSetAside.1"):
    """A message could not be filed. `reason` is a code, `offered` the places it might belong ("patient/episode")."""

    reason: str
    suspicious_words: bool = False
    offered: tuple[str, ...] = ()


class MessageFiled(Event, frozen=True, kw_only=True, tag="MessageFiled.1"):
    """It was taken after all, into this patient's log."""

    patient: str


class MessageDiscarded(Event, frozen=True, kw_only=True, tag="MessageDiscarded.1"):
    """A person looked and found that it is nobody's result here."""

    reason: str


PATIENT_FACTS: tuple[type[Event], ...] = (
    Enrolled, RoundOpened, ExaminationPerformed, Read, ReportAmended, ChangeConfirmed, ReportWithdrawn,
    AssessmentConfirmed, ReportPlaced, WaitExplained, Sending, SummarySent, SummaryReturned, ResultTold, ResultSeen,
    ProviderTold, CallBackDecided, ContactAttempted, LadderRestarted, CallRequested, SpokenWith, RequestMade,
    RequestMet, SaidNoToday, Declined,
    ChangedMind, Booked, Moved, Cancelled, Missed, Attended, WorkupAssessed, PriorsRequested, PriorsReceived,
    PriorsUnavailable, SymptomReported, SymptomAnswered, SurveillancePlanned, Paused, PauseReviewed, Resumed,
    HistoryReviewed, OwnerChanged, Escalated, Died, Settled, Reopened, NextDueSet, EnteredInError,
    Reminded, InvitationPrepared, Invited, NotScreened, Deferred, InvitationsEnded, InvitationsResumed,
    ExaminationIncomplete, ExaminationAccepted, Opinion, AIRead, ReadingDeferred, ReadingReleased, Arbitrated,
    PriorsKnown, WithdrawnPlaced, IncidentalFound, IncidentalPassedOn, BiopsyDone, NoTissueNeeded, BiopsyNotPossible,
    PathologyReported, ConcordanceDecided, NextPlanned, DiagnosisTold, DiagnosisProviderTold, Referred,
    ReferralAccepted, FirstVisitMissed, FirstVisitAttended, TreatmentEnded, RefusalWritten, OutsideClaimed, CareMoved,
    CareAcknowledged, CareTakenBack, OutsideResultReceived, ProtocolMoved, WishesSet, AnatomyRecorded,
    SurveillanceEnded, IntervalCancerKnown, IntervalCancerReviewed, CareEnded, MergedInto, Absorbed, Unmerged,
    CallTried, BarrierNoted,
)  # fmt: skip
MESSAGE_FACTS: tuple[type[Event], ...] = (MessageSetAside, MessageFiled, MessageDiscarded)
PROGRAMME_FACTS: tuple[type[Event], ...] = (HandOverBegun, RoundHandedOver)
FACTS = PATIENT_FACTS + MESSAGE_FACTS + PROGRAMME_FACTS


class Recorded(Struct, frozen=True):
    """A fact as it stands in the log. `seq` counts from 1 in its stream; `protocol` is the hash it was decided by.

    `step` is the seq of the first fact of the step that gave it: facts of one step count as one moment.
    """

    seq: int
    step: int
    recorded_at: datetime
    protocol: str
    event: Event
    actor: Actor


_UNION: Any = reduce(or_, FACTS)
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(_UNION)
_TAGS: dict[type[Event], str] = {fact: str(fact.__struct_config__.tag) for fact in FACTS}
TAGS = frozenset(_TAGS.values())


def tag_of(event: Event) -> str:
    """Return the name and version a fact is stored under, such as "Booked.1"."""
    return _TAGS[type(event)]


def tags_of(fact: type[Event]) -> list[str]:
    """Return every tag that facts of a kind are stored under: today's, and those of its older versions."""
    return upcasters.tags_read_as(_TAGS[fact])


def encode(event: Event) -> bytes:
    """Return the bytes that are stored and hashed: JSON, fields in their declared order, sets and dicts sorted."""
    return _encoder.encode(event)


def decode(body: bytes) -> Event:
    """Return the fact stored in `body`. Raises UnknownEvent for a tag this version does not know, or a broken body."""
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError as error:
        return _decoded_older(body, error)


def _decoded_older(body: bytes, why: Exception) -> Event:
    """Return the fact in a body that is not of a current version: a retired one goes through its upcasters."""
    try:
        newer = upcasters.upcast(body)
        if newer is not body:
            return _decoder.decode(newer)
    except (msgspec.DecodeError, LookupError, TypeError, ValueError) as error:
        why = error
    raise UnknownEvent(f"A stored fact cannot be read: {why}. Install the version that wrote it.") from why
