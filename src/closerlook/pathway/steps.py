"""What can be asked for. A step is a small typed value; `decide` (in `deciding`) turns it into facts or refuses it.

You are here to add something people, feeds or the worker can do. `MAY` says who may; the desk makes its forms from
these types, so field names and docstrings are what staff read. A step never holds a clock: `now` comes with the asking.
"""

from datetime import date, datetime

from msgspec import Struct

from closerlook.pathway.events import (
    Channel,
    Document,
    Finding,
    FindingAnswer,
    Outcome,
    Reading,
    RoundReason,
    SideAssessment,
)
from closerlook.pathway.terms import Density, ExaminationKind, FindingKind, Laterality, Recommendation


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="step"):
    """Something someone wants to do to one stream."""


class Enrol(Step, frozen=True, kw_only=True, tag=True):
    """Note that she is known here."""


class Examination(Struct, frozen=True, omit_defaults=True):
    """An examination as a feed, a list or a technologist states it. `accession` with its issuer ("SENDER|number")."""

    kind: ExaminationKind
    performed_at: datetime
    sides: tuple[Laterality, ...] = ()
    accession: str | None = None
    order: str | None = None
    provider: str | None = None
    history: bool = False


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


class RecordContact(Step, frozen=True, kw_only=True, tag=True):
    """Record an attempt to reach her, and how it ended."""

    episode: str
    channel: Channel
    outcome: Outcome


class RecordNoToday(Step, frozen=True, kw_only=True, tag=True):
    """Record that she says no today; a nurse will call her."""

    episode: str


class RecordDecline(Step, frozen=True, kw_only=True, tag=True):
    """Record an informed refusal that you took from her, and when it is to be looked at again."""

    episode: str
    what: str
    review_on: date
    reviewer: str


class RecordChangedMind(Step, frozen=True, kw_only=True, tag=True):
    """Record that she wants to go on."""

    episode: str


class RecordMovedAway(Step, frozen=True, kw_only=True, tag=True):
    """Record that she has moved away; someone looks at it again on a day."""

    episode: str
    review_on: date
    reviewer: str


class BookVisit(Step, frozen=True, kw_only=True, tag=True):
    """Book the visit for further pictures with her."""

    episode: str
    starts_at: datetime
    place: str


class MoveVisit(Step, frozen=True, kw_only=True, tag=True):
    """Give the visit another time."""

    episode: str
    starts_at: datetime
    place: str


class ConfirmVisit(Step, frozen=True, kw_only=True, tag=True):
    """She confirms her visit herself."""

    episode: str


class CancelVisit(Step, frozen=True, kw_only=True, tag=True):
    """Cancel the visit; a new one is owed at once."""

    episode: str
    by_her: bool


class RecordMissed(Step, frozen=True, kw_only=True, tag=True):
    """Record that she did not come."""

    episode: str


class RecordAttended(Step, frozen=True, kw_only=True, tag=True):
    """Record that she came."""

    episode: str


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


class RecordSpoken(Step, frozen=True, kw_only=True, tag=True):
    """Record that you rang her as she had asked."""

    channel: Channel


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
