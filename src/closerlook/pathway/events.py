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
    Recommendation,
    ReportStatus,
    Suspicion,
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


class RoundReason(StrEnum):
    SCREENING = "screening"
    SYMPTOM = "symptom"
    SURVEILLANCE = "surveillance"
    OTHER = "other"


class SettledAs(StrEnum):
    NORMAL = "normal"
    BENIGN_AFTER_WORKUP = "benign_after_workup"
    SURVEILLANCE = "surveillance"
    STATED = "stated"
    WITHDRAWN = "withdrawn"
    HISTORY = "history"
    DIED = "died"


class FindingAnswer(Struct, frozen=True, omit_defaults=True):
    finding: str
    assessment: Assessment


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
    """A round began. `answers` names the dated surveillance visit that this round is."""

    site: str
    reason: RoundReason
    answers: str | None = None


class ExaminationPerformed(ExamEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ExaminationPerformed.1"):
    """Pictures were made. `occurred_at` is the examination's moment. `history`: before the site went live.

    `hear_by_on` is the day she was given; `accession` carries its issuer ("SENDER|number").
    """

    kind: ExaminationKind
    sides: tuple[Laterality, ...] = ()
    accession: str | None = None
    order: str | None = None
    provider: str | None = None
    history: bool = False
    known_by_report: bool = False
    hear_by_on: date | None = None


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


class ContactAttempted(EpisodeEvent, frozen=True, kw_only=True, tag="ContactAttempted.1"):
    """Someone tried to reach her about what is open."""

    channel: Channel
    outcome: Outcome


class LadderRestarted(EpisodeEvent, frozen=True, kw_only=True, tag="LadderRestarted.1"):
    """A second person found that not everything had been tried: the ladder begins again."""

    reason: str


class CallRequested(Event, frozen=True, kw_only=True, omit_defaults=True, tag="CallRequested.1"):
    """She asked to be rung. `best_time` in her words, without names or numbers."""

    best_time: str | None = None


class SpokenWith(Event, frozen=True, kw_only=True, tag="SpokenWith.1"):
    """Someone spoke with her, as she had asked."""

    channel: Channel


class SaidNoToday(EpisodeEvent, frozen=True, kw_only=True, tag="SaidNoToday.1"):
    """She said no to someone who may not take an informed refusal."""


class Declined(EpisodeEvent, frozen=True, kw_only=True, tag="Declined.1"):
    """An informed refusal, taken by a clinician. `what` is the item she declined."""

    what: str


class ChangedMind(EpisodeEvent, frozen=True, kw_only=True, tag="ChangedMind.1"):
    """She wants to go on after all."""


class Booked(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="Booked.1"):
    """A visit for the further pictures was made with her. `place` is what the letter will say."""

    starts_at: datetime
    place: str
    confirmed_by_her: bool = False


class Moved(EpisodeEvent, frozen=True, kw_only=True, tag="Moved.1"):
    """The visit has another time. Clocks of the answer run on."""

    starts_at: datetime
    place: str


class Cancelled(EpisodeEvent, frozen=True, kw_only=True, tag="Cancelled.1"):
    by_her: bool


class Missed(EpisodeEvent, frozen=True, kw_only=True, tag="Missed.1"):
    """She did not come and did not say so beforehand."""


class Attended(EpisodeEvent, frozen=True, kw_only=True, tag="Attended.1"):
    """She came. Coming is not yet being examined: nothing closes here."""


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


class Paused(EpisodeEvent, frozen=True, kw_only=True, tag="Paused.1"):
    """What needs her is suspended; the rest goes on, and a named person reviews it."""

    reason: PauseReason
    review_on: date
    reviewer: str


class PauseReviewed(EpisodeEvent, frozen=True, kw_only=True, tag="PauseReviewed.1"):
    review_on: date
    note: str


class Resumed(EpisodeEvent, frozen=True, kw_only=True, tag="Resumed.1"):
    """She is with us again: what was suspended is owed again, with its first clocks."""


class HistoryReviewed(EpisodeEvent, frozen=True, kw_only=True, tag="HistoryReviewed.1"):
    """Someone signed off a round from before the site went live. `follow_up`: it is owed from now on."""

    follow_up: bool
    note: str


class OwnerChanged(EpisodeEvent, frozen=True, kw_only=True, omit_defaults=True, tag="OwnerChanged.1"):
    """A named person looks after this episode; `cover` when that person is away."""

    owner: str
    cover: str | None = None


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
    ProviderTold, CallBackDecided, ContactAttempted, LadderRestarted, CallRequested, SpokenWith, SaidNoToday, Declined,
    ChangedMind, Booked, Moved, Cancelled, Missed, Attended, WorkupAssessed, PriorsRequested, PriorsReceived,
    PriorsUnavailable, SymptomReported, SymptomAnswered, SurveillancePlanned, Paused, PauseReviewed, Resumed,
    HistoryReviewed, OwnerChanged, Escalated, Died, Settled, Reopened, NextDueSet, EnteredInError,
)  # fmt: skip
MESSAGE_FACTS: tuple[type[Event], ...] = (MessageSetAside, MessageFiled, MessageDiscarded)
FACTS = PATIENT_FACTS + MESSAGE_FACTS


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
