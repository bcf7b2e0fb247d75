"""What can be asked for. A step is a small typed value; `decide` (in `deciding`) turns it into facts or refuses it.

You are here to add something people, feeds or the worker can do. `MAY` says who may; the desk makes its forms from
these types, so field names and docstrings are what staff read. A step never holds a clock: `now` comes with the asking.
"""

from datetime import date, datetime

from msgspec import Struct

from closerlook.pathway.events import (
    Addressee,
    Anatomy,
    Barrier,
    CaseloadRound,
    Channel,
    Document,
    EndedFor,
    Finding,
    FindingAnswer,
    Outcome,
    Purpose,
    Reading,
    Request,
    RoundReason,
    SideAssessment,
    Wishes,
)
from closerlook.pathway.terms import (
    Density,
    ExaminationKind,
    FindingKind,
    Laterality,
    Plan,
    Recommendation,
    Sampling,
    Tissue,
)


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="step"):
    """Something someone wants to do to one stream."""


class Enrol(Step, frozen=True, kw_only=True, tag=True):
    """Note that she is known here."""


class Examination(Struct, frozen=True, omit_defaults=True):
    """An examination as a feed, a list or a technologist states it. `accession` with its issuer ("SENDER|number").

    `study` is the Study Instance UID of its pictures.
    """

    kind: ExaminationKind
    performed_at: datetime
    sides: tuple[Laterality, ...] = ()
    accession: str | None = None
    order: str | None = None
    provider: str | None = None
    history: bool = False
    study: str | None = None


class TakeExamination(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """File an examination in an open round (`episode`), or in a new one (None)."""

    examination: Examination
    site: str
    episode: str | None = None
    reason: RoundReason = RoundReason.SCREENING
    answers: str | None = None


class TakeReport(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """File a report. `exam` where the examination is known; else it is filed first, as TakeExamination would."""

    reading: Reading
    examination: Examination
    site: str
    exam: str | None = None
    episode: str | None = None
    reason: RoundReason = RoundReason.SCREENING
    answers: str | None = None


class RecordReading(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Sign a reading made here."""

    exam: str
    sides: tuple[SideAssessment, ...]
    density: Density | None = None
    findings: tuple[Finding, ...] = ()
    with_priors: bool = False
    recommendation: Recommendation | None = None


class ConfirmAssessment(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """State the assessment of a signed report that states no certain one."""

    exam: str
    sides: tuple[SideAssessment, ...]
    density: Density | None = None
    findings: tuple[Finding, ...] = ()
    recommendation: Recommendation | None = None


class PlaceReport(Step, frozen=True, kw_only=True, tag=True):
    """Say where a category 6, a marker film or an outside review belongs, and what follows."""

    exam: str
    outcome: str


class ConfirmChange(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Decide on an amended report that would take something away. `sides` states what stands, where it is unclear."""

    exam: str
    accepted: bool
    sides: tuple[SideAssessment, ...] = ()


class WithdrawReport(Step, frozen=True, kw_only=True, tag=True):
    """Take back a report that is another patient's."""

    exam: str
    reason: str
    examination_hers: bool


class ExplainWait(Step, frozen=True, kw_only=True, tag=True):
    """Tell her why there is no result yet, and by which day she will hear."""

    exam: str
    hear_by_on: date


class PrepareDocument(Step, frozen=True, kw_only=True, tag=True):
    """Note that a letter or report lies ready in the outbox under `file`."""

    exam: str
    document: Document
    file: str


class RecordPosted(Step, frozen=True, kw_only=True, tag=True):
    """Record that what was printed has been posted, and how that is known."""

    exam: str
    document: Document
    proof: str


class RecordReturned(Step, frozen=True, kw_only=True, tag=True):
    """Record that her letter came back."""

    exam: str
    reason: str


class TellResult(Step, frozen=True, kw_only=True, tag=True):
    """Record that you spoke with her about the result."""

    exam: str
    channel: Channel


class OpenResult(Step, frozen=True, kw_only=True, tag=True):
    """She opens a result on her page."""

    exam: str


class OpenHerPage(Step, frozen=True, kw_only=True, tag=True):
    """She opens her page: who was lost is found, and her round goes on."""


class DecideCallBack(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Say which further pictures are needed, of which breast, and why."""

    exam: str
    sides: tuple[Laterality, ...] = ()
    reasons: tuple[FindingKind, ...] = ()
    views: tuple[str, ...] = ()
    ultrasound: bool = False
    answer_same_day: bool = False
    also: tuple[ExaminationKind, ...] = ()
    technical: bool = False


class RecordContact(Step, frozen=True, kw_only=True, tag=True):
    """Record an attempt to reach her, and how it ended."""

    episode: str
    channel: Channel
    outcome: Outcome


class RecordNoToday(Step, frozen=True, kw_only=True, tag=True):
    """Record that she says no today; a nurse will call her."""

    episode: str


class RecordDecline(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Record an informed refusal that you took from her, and when it is to be looked at again."""

    episode: str
    what: str
    review_on: date
    reviewer: str
    of_being_told: bool = False


class RecordChangedMind(Step, frozen=True, kw_only=True, tag=True):
    """Record that she wants to go on."""

    episode: str


class RecordMovedAway(Step, frozen=True, kw_only=True, tag=True):
    """Record that she has moved away; someone looks at it again on a day."""

    episode: str
    review_on: date
    reviewer: str


class BookVisit(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Book a visit with her. A time of a room is hers alone."""

    episode: str
    starts_at: datetime
    place: str
    purpose: Purpose = Purpose.PICTURES
    slot: str | None = None


class MoveVisit(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Give the visit another time."""

    episode: str
    starts_at: datetime
    place: str
    purpose: Purpose = Purpose.PICTURES
    slot: str | None = None


class ConfirmVisit(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """She confirms her visit herself."""

    episode: str
    purpose: Purpose = Purpose.PICTURES


class CancelVisit(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Cancel the visit; a new one is owed at once."""

    episode: str
    by_her: bool
    purpose: Purpose = Purpose.PICTURES


class RecordMissed(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Record that she did not come."""

    episode: str
    purpose: Purpose = Purpose.PICTURES


class RecordAttended(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Record that she came."""

    episode: str
    purpose: Purpose = Purpose.PICTURES


class AssessWorkup(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Say what the further pictures answer, finding by finding, and what they add."""

    exam: str
    answers: tuple[FindingAnswer, ...]
    added: tuple[Finding, ...] = ()


class RequestPriors(Step, frozen=True, kw_only=True, tag=True):
    """Record that earlier pictures were asked for."""

    episode: str
    source: str


class ReceivePriors(Step, frozen=True, kw_only=True, tag=True):
    """Record that earlier pictures arrived; a reading with them is still owed."""

    episode: str
    source: str


class RecordNoPriors(Step, frozen=True, kw_only=True, tag=True):
    """Record that earlier pictures cannot be had; a reading without them is still owed."""

    episode: str
    reason: str


class ReportSymptom(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Record a symptom she tells of."""

    episode: str
    what: str
    side: Laterality | None = None


class AnswerSymptom(Step, frozen=True, kw_only=True, tag=True):
    """Answer one symptom."""

    symptom: str
    answer: str


class AskForCall(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """She asks to be rung."""

    best_time: str | None = None
    call_at: datetime | None = None


class RecordCallTried(Step, frozen=True, kw_only=True, tag=True):
    """Record that you rang her as she had asked, and did not reach her."""

    outcome: Outcome


class NoteBarrier(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Record what makes it hard for her to come, and what was arranged."""

    barrier: Barrier
    arranged: str = ""


class RecordSpoken(Step, frozen=True, kw_only=True, tag=True):
    """Record that you rang her as she had asked."""

    channel: Channel


class AskFor(Step, frozen=True, kw_only=True, tag=True):
    """She asks for something other than a call."""

    what: Request


class RecordMet(Step, frozen=True, kw_only=True, tag=True):
    """Record that what she asked for was done, and how that is known."""

    what: Request
    proof: str


class ConfirmLost(Step, frozen=True, kw_only=True, tag=True):
    """Decide whether everything was tried. Not for who made the last attempt."""

    episode: str
    everything_tried: bool
    review_on: date
    reviewer: str


class ReviewPause(Step, frozen=True, kw_only=True, tag=True):
    """Look at a pause again, and set the next day for it."""

    episode: str
    review_on: date
    note: str


class Resume(Step, frozen=True, kw_only=True, tag=True):
    """Go on with a paused round."""

    episode: str


class ReviewHistory(Step, frozen=True, kw_only=True, tag=True):
    """Sign off a round from before the site went live."""

    episode: str
    follow_up: bool
    note: str


class AssignOwner(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Name who looks after this round, and who when that person is away."""

    episode: str
    owner: str
    cover: str | None = None
    leaves: str | None = None
    note: str | None = None


class Escalate(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Tell the next rung that something is late."""

    kind: str
    subject: str
    opened_seq: int
    episode: str | None = None


class RecordDeath(Step, frozen=True, kw_only=True, tag=True):
    """Record that she has died."""

    died_on: date


class SetNextDue(Step, frozen=True, kw_only=True, tag=True):
    """Set when her next screening is due, and why."""

    due_on: date
    why: str


class EnterInError(Step, frozen=True, kw_only=True, tag=True):
    """Take facts out of her story that never happened. They stay in the log."""

    seqs: tuple[int, ...]
    reason: str


class TakeBack(Step, frozen=True, kw_only=True, tag=True):
    """Take back what you yourself recorded of a call within the last minute."""

    seqs: tuple[int, ...]
    reason: str


# Before the examination.


class OpenRound(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Begin the round that she is due for, or that a dated visit (`answers`) asks for."""

    site: str
    answers: str | None = None


class PrepareInvitation(Step, frozen=True, kw_only=True, tag=True):
    """Note that her invitation lies ready in the outbox under `file`."""

    episode: str
    file: str


class RecordInvited(Step, frozen=True, kw_only=True, tag=True):
    """Record that her invitation went, and how that is known."""

    episode: str
    proof: str


class RecordReminded(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Record that she was reminded of a visit, without a word of any result."""

    episode: str
    channel: Channel
    purpose: Purpose = Purpose.PICTURES


class RecordNotScreened(Step, frozen=True, kw_only=True, tag=True):
    """Record that she came to none of her visits and that she and her provider were written to."""

    episode: str
    proof: str


class DeferScreening(Step, frozen=True, kw_only=True, tag=True):
    """Put her screening off, as she wishes or her health asks. A work-up is never put off this way."""

    episode: str
    until: date
    reason: str


class EndInvitations(Step, frozen=True, kw_only=True, tag=True):
    """Stop inviting her, with how she was told in writing."""

    reason: EndedFor
    proof: str


class ResumeInvitations(Step, frozen=True, kw_only=True, tag=True):
    """Invite her again."""


# Examined and read.


class RecordIncomplete(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Record that not every picture could be made; the rest is owed."""

    exam: str
    reason: str
    missing: tuple[Laterality, ...] = ()


class AcceptExamination(Step, frozen=True, kw_only=True, tag=True):
    """Say that these are the best pictures that can be had."""

    exam: str
    reason: str


class TakeAIRead(Step, frozen=True, kw_only=True, tag=True):
    """File a computer's reading of an examination."""

    exam: str
    reading: Reading
    system: str


class DeferReading(Step, frozen=True, kw_only=True, tag=True):
    """Hold the reading, with the reason and the person who looks again."""

    exam: str
    reason: str
    release_by: str


class ReleaseReading(Step, frozen=True, kw_only=True, tag=True):
    """Let the reading go on."""

    exam: str


class Arbitrate(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Decide between two readings, alone or as a panel."""

    exam: str
    sides: tuple[SideAssessment, ...]
    density: Density | None = None
    findings: tuple[Finding, ...] = ()
    panel: tuple[str, ...] = ()
    recommendation: Recommendation | None = None


class FinaliseReading(Step, frozen=True, kw_only=True, tag=True):
    """Make two agreeing readings a result, once the time to think again has run out."""

    exam: str


class KnowPriors(Step, frozen=True, kw_only=True, tag=True):
    """Record where earlier pictures are, and that she allows them to be fetched."""

    episode: str
    source: str


class PlaceWithdrawn(Step, frozen=True, kw_only=True, tag=True):
    """Say whose the withdrawn report is and where it went."""

    exam: str
    outcome: str


class RecordIncidental(Step, frozen=True, kw_only=True, tag=True):
    """Record something outside the breast that someone else has to look at."""

    episode: str
    what: str


class PassOnIncidental(Step, frozen=True, kw_only=True, tag=True):
    """Record who looks after it now, and how that is known."""

    incidental: str
    to: str
    proof: str


# Tissue.


class RecordBiopsy(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Record that tissue of a finding was taken and sent."""

    finding: str
    method: Sampling
    marker: bool = False


class RecordNoTissue(Step, frozen=True, kw_only=True, tag=True):
    """Record that no tissue is needed after all, and why."""

    finding: str
    why: str


class RecordNotPossible(Step, frozen=True, kw_only=True, tag=True):
    """Record that no tissue can be had this way, and what is done instead."""

    finding: str
    why: str
    plan: Plan


class RecordPathology(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Record what the pathologist found."""

    specimen: str
    tissue: Tissue
    lesion: str | None = None
    message: str | None = None


class DecideConcordance(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Say whether the tissue explains what the pictures show, and what follows where it is benign."""

    specimen: str
    concordant: bool
    follow_up: Plan = Plan.ROUTINE


class PlanNext(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Say what follows where tissue gave no settled answer. Taking no more tissue is decided by two at least."""

    finding: str
    plan: Plan
    conference: tuple[str, ...] = ()


class TellDiagnosis(Step, frozen=True, kw_only=True, tag=True):
    """Record that you told her what the tissue showed."""

    specimen: str
    channel: Channel


class TellProviderDiagnosis(Step, frozen=True, kw_only=True, tag=True):
    """Record that her provider knows what the tissue showed."""

    specimen: str
    proof: str


class Refer(Step, frozen=True, kw_only=True, tag=True):
    """Ask a named care team to take her on."""

    episode: str
    team: str


class RecordAccepted(Step, frozen=True, kw_only=True, tag=True):
    """Record that the team expects her, and on which day."""

    episode: str
    first_visit_on: date


class RecordFirstVisit(Step, frozen=True, kw_only=True, tag=True):
    """Record whether she came to the team's first visit."""

    episode: str
    came: bool


class EndTreatment(Step, frozen=True, kw_only=True, tag=True):
    """Record that her treatment is over, and when her next pictures are due."""

    episode: str
    next_due_on: date
    why: str


# Care elsewhere, refusals, other rules.


class RecordRefusalWritten(Step, frozen=True, kw_only=True, tag=True):
    """Record that her refusal was confirmed in writing, and how that is known."""

    episode: str
    to: Addressee
    proof: str


class ClaimOutside(Step, frozen=True, kw_only=True, tag=True):
    """Record that someone says it was done elsewhere; the result is fetched."""

    episode: str
    source: str


class MoveCare(Step, frozen=True, kw_only=True, tag=True):
    """Ask someone else to go on with her care; it stays ours until they say yes."""

    episode: str
    to: str


class AcknowledgeCare(Step, frozen=True, kw_only=True, tag=True):
    """Record that the other side has her, and how that is known."""

    episode: str
    proof: str


class TakeCareBack(Step, frozen=True, kw_only=True, tag=True):
    """Record that the other side does not have her; it is ours again."""

    episode: str
    reason: str


class TakeOutsideResult(Step, frozen=True, kw_only=True, tag=True):
    """File the document of what was done elsewhere."""

    episode: str
    source: str
    examination: Examination


class MoveToProtocol(Step, frozen=True, kw_only=True, tag=True):
    """Let a round go on under the rules that are in force now."""

    episode: str
    reason: str


class SetWishes(Step, frozen=True, kw_only=True, tag=True):
    """Record what she asked for."""

    wishes: Wishes


class RecordAnatomy(Step, frozen=True, kw_only=True, tag=True):
    """Record one breast or implants."""

    anatomy: Anatomy


class RecordIntervalCancer(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Record a cancer that was found outside screening."""

    found_on: date
    side: Laterality | None = None


class ReviewIntervalCancer(Step, frozen=True, kw_only=True, tag=True):
    """Say what was to be seen at the last screening."""

    cancer: str
    outcome: str


class EndCare(Step, frozen=True, kw_only=True, tag=True):
    """Record that the treatment of a cancer found elsewhere is over, and when her next pictures are due."""

    cancer: str
    next_due_on: date
    why: str


class MergeInto(Step, frozen=True, kw_only=True, tag=True):
    """Record that this record is of the same person as another."""

    survivor: str


class Absorb(Step, frozen=True, kw_only=True, tag=True):
    """Record that another record is of the same person as this one."""

    retired: str


class Unmerge(Step, frozen=True, kw_only=True, tag=True):
    """Record that they are two persons after all."""

    other: str


# Steps on a programme matter's own stream.


class BeginHandOver(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Hand a whole caseload over from one named person to another."""

    leaves: str
    takes: str
    rounds: tuple[CaseloadRound, ...]
    cover: str | None = None


class RecordHandedOver(Step, frozen=True, kw_only=True, tag=True):
    """Note that one round of the caseload has its new owner, or ended meanwhile."""

    patient: str
    episode: str
    settled: bool


# Steps on a message's own stream.


class SetMessageAside(Step, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Put a message where a person will look at it."""

    reason: str
    suspicious_words: bool = False
    offered: tuple[str, ...] = ()


class FileMessage(Step, frozen=True, kw_only=True, tag=True):
    """Note that a message set aside was taken after all."""

    patient: str


class DiscardMessage(Step, frozen=True, kw_only=True, tag=True):
    """Discard a message that is nobody's result here, and say why."""

    reason: str
