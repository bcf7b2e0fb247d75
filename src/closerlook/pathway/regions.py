"""The regions of a patient's state: small, frozen, side by side.

You are here to see what can be known of an episode. How a fact moves a region is in `patient`; what is owed in `loops`.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from closerlook.pathway import events as ev
from closerlook.pathway.events import Reading
from closerlook.pathway.results import Gist
from closerlook.pathway.terms import (
    Assessment,
    ExaminationKind,
    FindingKind,
    Laterality,
    Plan,
    Recommendation,
    Sampling,
    Tissue,
)

A_DAY = timedelta(days=1)
"""Feeds state some moments to the day only, so that a same-day examination can seem to come first."""


class ReadingRegion(Struct, frozen=True, gc=False):
    """What is known of one examination's reports. `report` is the current signed one, `pending` waits for a person.

    `gist` is what the current report asks for, None while it states no certain assessment. `opinions` are readings of
    two that are not a result yet, one of each reader; `held` says what the reading waits for; `said_at`: since
    when the report asks for what it asks for, whatever was added about density; `unplaced`: a withdrawn
    report's real owner is not found yet; `grave`: it was suspicious, or told.
    """

    preliminary: Reading | None = None
    report: Reading | None = None
    pending: Reading | None = None
    initial_at: datetime | None = None
    read_at: datetime | None = None
    said_at: datetime | None = None
    placed: str | None = None
    withdrawn: bool = False
    gist: Gist | None = None
    opinions: tuple[ev.Opinion, ...] = ()
    ai: tuple[ev.AIRead, ...] = ()
    held: ev.ReadingDeferred | None = None
    unplaced: bool = False
    grave: bool = False

    @property
    def result(self) -> Reading | None:
        """The signed report with a certain assessment, None while there is none."""
        return None if self.gist is None else self.report


class TellingRegion(Struct, frozen=True, gc=False):
    """What has been done to tell her and her provider this result. `reached_her`: some result of this exam has.

    `confirmed`: she herself confirmed a visit while this was the result. `change`: someone still has to tell her that
    what she was told was wrong; `corrects`: the next letter still has to say so; `replaces`: it takes the place of one
    that said pictures are missing. `old_report`: a report of an earlier result lies printed, and posting that one
    tells her provider nothing.
    """

    hear_by_on: date | None = None
    summary_file: str | None = None
    summary_sent: bool = False
    provider_file: str | None = None
    provider_told: bool = False
    told: bool = False
    seen: bool = False
    confirmed: bool = False
    change: bool = False
    corrects: bool = False
    replaces: bool = False
    old_report: bool = False
    reached_her: bool = False


class Exam(Struct, frozen=True, gc=False):
    """One examination and its two regions."""

    id: str
    kind: ExaminationKind
    performed_at: datetime
    sides: tuple[Laterality, ...] = ()
    accession: str | None = None
    order: str | None = None
    provider: str | None = None
    study: str | None = None
    history: bool = False
    known_by_report: bool = False
    not_hers: bool = False
    incomplete: ev.ExaminationIncomplete | None = None
    completed: tuple[ev.ExaminationIncomplete, str] | None = None
    outside: str | None = None
    reading: ReadingRegion = ReadingRegion()
    telling: TellingRegion = TellingRegion()

    @property
    def result(self) -> Reading | None:
        return self.reading.result

    @property
    def is_workup(self) -> bool:
        return self.kind in WORKUP

    def covers(self, side: Laterality | None) -> bool:
        """Whether this examination surely looked at that breast. A side nobody stated is covered by any."""
        return side is None or side in self.sides

    def follows(self, other: "Exam") -> bool:
        """Whether these pictures can answer what was seen in `other`: older ones cannot."""
        return self.performed_at >= other.performed_at - A_DAY


WORKUP = frozenset(
    {
        ExaminationKind.DIAGNOSTIC,
        ExaminationKind.ULTRASOUND,
        ExaminationKind.MRI,
        ExaminationKind.CONTRAST_MAMMOGRAPHY,
        ExaminationKind.CLINICAL_EXAMINATION,
    }
)
AS_SCREENING = frozenset({ExaminationKind.SCREENING, ExaminationKind.TECHNICAL_REPEAT})
"""Pictures that are read as a screening examination is: a 3 asks for the work-up, two may have to read them."""
LENGTH_OF_A_ROUND = timedelta(days=180)
"""Pictures made longer before a round began, or after its first ones, are not of it."""
NOT_THE_FIRST = frozenset({ExaminationKind.MARKER, ExaminationKind.OUTSIDE_REVIEW})
"""Kinds that a round's clocks never start from: what was made elsewhere, or after a procedure."""


class FindingStatus(StrEnum):
    OPEN = "open"
    SURVEILLANCE = "surveillance"
    BIOPSY = "biopsy"  # tissue is wanted
    SAMPLED = "sampled"  # tissue was taken and has no settled answer yet
    UNDECIDED = "undecided"  # tissue gave none: what follows is to be planned
    MALIGNANT = "malignant"
    RESOLVED = "resolved"


IN_TISSUE = frozenset({FindingStatus.BIOPSY, FindingStatus.SAMPLED, FindingStatus.UNDECIDED, FindingStatus.MALIGNANT})
"""A finding on its way through tissue: grave until it is answered."""
UNANSWERED = frozenset({FindingStatus.OPEN, FindingStatus.BIOPSY, FindingStatus.SAMPLED, FindingStatus.UNDECIDED})
"""A finding without a final answer."""


class FindingState(Struct, frozen=True, gc=False):
    """One finding, open until an examination of its own side answers it.

    `stated` is what the examination that found it said, `assessment` what counts now. `examined_by` are the work-up
    examinations of its side, and `asked_of` those that state no side, whose answer is still awaited. `advice` is the
    recommendation that opened it where the assessment alone asks for nothing. `plan` is what was decided to get tissue
    another way; `tissue_at`: when tissue was taken, or a person decided without it: no report takes that back.
    `decided_at`: when a person last said what pictures or tissue mean for it; what was reported since, nobody weighed.
    """

    id: str
    exam: str
    kind: FindingKind
    side: Laterality | None
    place: str | None
    assessment: Assessment
    status: FindingStatus
    stated: Assessment
    planned: bool = False
    examined_by: tuple[str, ...] = ()
    asked_of: tuple[str, ...] = ()
    answered_by: str | None = None
    advice: Recommendation | None = None
    plan: Plan | None = None
    tissue_at: datetime | None = None
    decided_at: datetime | None = None
    how: ev.How | None = None

    @property
    def examined(self) -> bool:
        return bool(self.examined_by)

    def awaits(self, exam: str) -> bool:
        """Whether the radiologist has yet to say what `exam` answers."""
        return exam in self.examined_by or exam in self.asked_of


class Symptom(Struct, frozen=True, gc=False):
    id: str
    what: str
    side: Laterality | None
    answered: bool = False


class Specimen(Struct, frozen=True, gc=False):
    """Tissue of one finding: what the pathologist said, whether it fits, and who knows."""

    id: str
    finding: str
    method: Sampling
    taken_at: datetime
    marker: bool = False
    tissue: Tissue | None = None
    lesion: str | None = None
    concordant: bool | None = None
    follow_up: Plan | None = None
    told: bool = False
    provider_told: bool = False
    was_told: bool = False


class Referral(Struct, frozen=True, gc=False):
    """Her way to a care team."""

    team: str | None = None
    first_visit_on: date | None = None
    missed: int = 0
    attended: bool = False


class Elsewhere(Struct, frozen=True, gc=False):
    """Care or a result somewhere else: `claimed` by word only, `asked` of another unit, `acknowledged` by it."""

    claimed: str | None = None
    asked: str | None = None
    acknowledged: bool = False


NOWHERE = Elsewhere()


class VisitStage(StrEnum):
    NONE = "none"
    BOOKED = "booked"
    CAME = "came"


class Visit(Struct, frozen=True, gc=False):
    """A visit of one purpose. `slot` is the time of a room that it takes, None where it takes none."""

    stage: VisitStage = VisitStage.NONE
    starts_at: datetime | None = None
    place: str | None = None
    confirmed_by_her: bool = False
    missed: int = 0
    reminded: bool = False
    slot: str | None = None


NO_VISIT_YET = Visit()


class Contact(Struct, frozen=True, gc=False):
    """Attempts to reach her about what is open. `said_no` waits for a nurse. `calls` counts those an hour apart."""

    attempts: tuple[ev.ContactAttempted, ...] = ()
    calls: int = 0
    last_call_at: datetime | None = None
    last_by: str | None = None
    reached: bool = False
    said_no: bool = False
    restarted: int = 0


class PriorsRegion(Struct, frozen=True, gc=False):
    known: str | None = None
    requested: str | None = None
    received: bool = False
    unavailable: bool = False


class Episode(Struct, frozen=True, gc=False):
    """One round: from the day she comes to a settled answer."""

    id: str
    opened_at: datetime
    protocol: str
    site: str
    reason: ev.RoundReason
    answers: str | None = None
    due_on: date | None = None
    exams: dict[str, Exam] = {}
    findings: dict[str, FindingState] = {}
    symptoms: dict[str, Symptom] = {}
    specimens: dict[str, Specimen] = {}
    incidentals: dict[str, str] = {}
    plan: ev.CallBackDecided | None = None
    replan: bool = False
    visits: dict[ev.Purpose, Visit] = {}
    invitation: str | None = None
    invited: bool = False
    ended: ev.SettledAs | None = None
    referral: Referral = Referral()
    elsewhere: Elsewhere = NOWHERE
    refusals: tuple[ev.Addressee, ...] = ()
    contact: Contact = Contact()
    priors: PriorsRegion = PriorsRegion()
    history_reviewed: bool = False
    followed_up: bool = False
    paused: ev.Paused | None = None
    settled: ev.Settled | None = None
    owner: str | None = None
    cover: str | None = None

    @property
    def visit(self) -> Visit:
        """The visit for further pictures."""
        return self.visits.get(ev.Purpose.PICTURES, NO_VISIT_YET)

    @property
    def examined(self) -> bool:
        """Whether pictures of hers were made in this round."""
        return any(not x.not_hers for x in self.exams.values())

    @property
    def is_awaited(self) -> bool:
        """Whether she is due and has not been examined: nothing but the invitation and the visit is owed."""
        return self.due_on is not None and self.ended is None and not self.examined

    @property
    def first_exam(self) -> Exam | None:
        """The examination that the round's clocks start from: the earliest made here, in whatever order they came."""
        first: Exam | None = None
        for x in self.exams.values():
            if not x.not_hers and (first is None or _starts_before(x, first)):
                first = x
        return first

    @property
    def is_history(self) -> bool:
        """Whether all of it lies before the site went live and nobody has taken it up since."""
        return bool(self.exams) and not self.history_reviewed and all(x.history for x in self.exams.values())

    @property
    def is_suspect(self) -> bool:
        """Whether any current result or finding is category 4 or 5, or asks for tissue."""
        return any(f.status in IN_TISSUE for f in self.findings.values()) or any(
            x.reading.gist is not None and x.reading.gist.suspect for x in self.exams.values()
        )

    def open_findings(self) -> list[FindingState]:
        return [f for f in self.findings.values() if f.status is FindingStatus.OPEN]


def _starts_before(x: Exam, other: Exam) -> bool:
    if (x.kind in NOT_THE_FIRST) is not (other.kind in NOT_THE_FIRST):
        return other.kind in NOT_THE_FIRST
    return x.performed_at < other.performed_at


class Circumstances(Struct, frozen=True, gc=False):
    """What is true of her beside her rounds and changes what they owe."""

    dead: bool = False
    in_care: bool = False
    uninvited: bool = False
    not_by: frozenset[ev.Channel] = frozenset()
    absent: tuple[Laterality, ...] = ()


class IntervalCancer(Struct, frozen=True, gc=False):
    """A cancer found outside screening; invitations stop until that care has ended."""

    id: str
    found_on: date
    known_at: datetime
    reviewed: str | None = None
    care_ended: bool = False


class DatedVisit(Struct, frozen=True, gc=False):
    """A surveillance visit owed on a day, beyond its round."""

    id: str
    episode: str
    due_on: date
    months: int


class Opened(Struct, frozen=True, gc=False):
    """Since when something is owed without a break; `first_at` reaches back over pauses, for its clocks."""

    seq: int
    at: datetime
    first_at: datetime


class Reach(Struct, frozen=True, gc=False):
    """How far a late loop has been carried."""

    rung: int
    to: str
    at: datetime


Key = tuple[str | None, str, str]
"""(episode, kind, subject) of something owed."""


class Patient(Struct, frozen=True, gc=False):
    """All that is known of one patient's path. `version` is the seq of the last fact.

    `dated` are surveillance visits still owed, `came_for` those a round has answered (by that round's id). `suspended`
    is what a pause holds back, with its first clocks. `treating`: rounds settled as cancer whose treatment goes on,
    since when. `call_at` and `calls_tried` belong to the call she asked for. `around` sums up what of all this changes
    what her rounds owe.
    """

    id: str
    version: int = 0
    episodes: dict[str, Episode] = {}
    dated: dict[str, DatedVisit] = {}
    came_for: dict[str, DatedVisit] = {}
    call_requested: bool = False
    call_at: datetime | None = None
    calls_tried: tuple[ev.CallTried, ...] = ()
    barriers: dict[ev.Barrier, str] = {}
    requests: tuple[ev.Request, ...] = ()
    died_on: date | None = None
    next_due: ev.NextDueSet | None = None
    invitations_ended: ev.EndedFor | None = None
    treating: dict[str, datetime] = {}
    cancers: dict[str, IntervalCancer] = {}
    wishes: ev.Wishes = ev.Wishes()
    anatomy: ev.Anatomy = ev.Anatomy()
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()
    around: Circumstances = Circumstances()
    owed: dict[Key, Opened] = {}
    suspended: dict[Key, Opened] = {}
    escalated: dict[tuple[str | None, str, str, int], Reach] = {}

    def exam(self, exam_id: str) -> tuple[Episode, Exam] | None:
        """Return an examination with its episode, None where there is none of that id."""
        episode = self.episodes.get(exam_id.partition(".")[0])
        exam = episode.exams.get(exam_id) if episode else None
        return (episode, exam) if episode and exam else None
