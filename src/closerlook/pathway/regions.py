"""The regions of a patient's state: small, frozen, side by side.

You are here to see what can be known of an episode. How a fact moves a region is in `patient`; what is owed in `loops`.
"""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from closerlook.pathway import events as ev
from closerlook.pathway.events import Reading
from closerlook.pathway.results import is_certain
from closerlook.pathway.terms import SUSPECT, Assessment, ExaminationKind, FindingKind, Laterality


class ReadingRegion(Struct, frozen=True):
    """What is known of one examination's reports. `report` is the current signed one, `pending` waits for a person."""

    preliminary: Reading | None = None
    report: Reading | None = None
    pending: Reading | None = None
    initial_at: datetime | None = None
    read_at: datetime | None = None
    placed: str | None = None
    withdrawn: bool = False

    @property
    def result(self) -> Reading | None:
        """The signed report with a certain assessment, None while there is none."""
        return self.report if is_certain(self.report) else None


class TellingRegion(Struct, frozen=True):
    """What has been done to tell her and her provider this result. `reached_her`: some result of this exam has."""

    hear_by_on: date | None = None
    summary_file: str | None = None
    summary_sent: bool = False
    provider_file: str | None = None
    provider_told: bool = False
    told: bool = False
    seen: bool = False
    change: bool = False
    reached_her: bool = False


class Exam(Struct, frozen=True):
    """One examination and its two regions."""

    id: str
    kind: ExaminationKind
    performed_at: datetime
    sides: tuple[Laterality, ...] = ()
    accession: str | None = None
    order: str | None = None
    provider: str | None = None
    history: bool = False
    known_by_report: bool = False
    not_hers: bool = False
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


WORKUP = frozenset({ExaminationKind.DIAGNOSTIC, ExaminationKind.ULTRASOUND, ExaminationKind.MRI})
PLACED_BY_HAND = frozenset({Assessment.KNOWN_MALIGNANCY, Assessment.POST_PROCEDURE_MARKER})


class FindingStatus(StrEnum):
    OPEN = "open"
    SURVEILLANCE = "surveillance"
    BIOPSY = "biopsy"
    RESOLVED = "resolved"


class FindingState(Struct, frozen=True):
    """One finding, open until an examination of its own side answers it."""

    id: str
    exam: str
    kind: FindingKind
    side: Laterality | None
    place: str | None
    assessment: Assessment
    status: FindingStatus
    planned: bool = False
    examined: bool = False
    answered_by: str | None = None


class Symptom(Struct, frozen=True):
    id: str
    what: str
    side: Laterality | None
    answered: bool = False


class VisitStage(StrEnum):
    NONE = "none"
    BOOKED = "booked"
    CAME = "came"


class Visit(Struct, frozen=True):
    """The visit for further pictures."""

    stage: VisitStage = VisitStage.NONE
    starts_at: datetime | None = None
    place: str | None = None
    confirmed_by_her: bool = False
    missed: int = 0


class Contact(Struct, frozen=True):
    """Attempts to reach her about what is open. `said_no` waits for a nurse."""

    attempts: tuple[ev.ContactAttempted, ...] = ()
    last_by: str | None = None
    reached: bool = False
    said_no: bool = False
    restarted: int = 0


class PriorsRegion(Struct, frozen=True):
    requested: str | None = None
    received: bool = False
    unavailable: bool = False


class Episode(Struct, frozen=True):
    """One round: from the day she comes to a settled answer."""

    id: str
    opened_at: datetime
    protocol: str
    site: str
    reason: ev.RoundReason
    answers: str | None = None
    exams: dict[str, Exam] = {}
    findings: dict[str, FindingState] = {}
    symptoms: dict[str, Symptom] = {}
    plan: ev.CallBackDecided | None = None
    visit: Visit = Visit()
    contact: Contact = Contact()
    priors: PriorsRegion = PriorsRegion()
    history_reviewed: bool = False
    paused: ev.Paused | None = None
    settled: ev.Settled | None = None
    owner: str | None = None
    cover: str | None = None

    @property
    def first_exam(self) -> Exam | None:
        return next(iter(self.exams.values()), None)

    @property
    def is_history(self) -> bool:
        """Whether all of it lies before the site went live and nobody has taken it up since."""
        return bool(self.exams) and not self.history_reviewed and all(x.history for x in self.exams.values())

    @property
    def is_suspect(self) -> bool:
        """Whether any current result or finding is category 4 or 5."""
        return any(f.status is FindingStatus.BIOPSY for f in self.findings.values()) or any(
            x.result is not None and x.result.assessments & SUSPECT for x in self.exams.values()
        )

    def open_findings(self) -> list[FindingState]:
        return [f for f in self.findings.values() if f.status is FindingStatus.OPEN]


class DatedVisit(Struct, frozen=True):
    """A surveillance visit owed on a day, beyond its round."""

    id: str
    episode: str
    due_on: date
    months: int


class Opened(Struct, frozen=True):
    """Since when something is owed without a break; `first_at` reaches back over pauses, for its clocks."""

    seq: int
    at: datetime
    first_at: datetime


class Reach(Struct, frozen=True):
    """How far a late loop has been carried."""

    rung: int
    to: str
    at: datetime


Key = tuple[str | None, str, str]
"""(episode, kind, subject) of something owed."""


class Patient(Struct, frozen=True):
    """All that is known of one patient's path. `version` is the seq of the last fact."""

    id: str
    version: int = 0
    episodes: dict[str, Episode] = {}
    dated: dict[str, DatedVisit] = {}
    call_requested: bool = False
    died_on: date | None = None
    next_due: ev.NextDueSet | None = None
    owed: dict[Key, Opened] = {}
    suspended: dict[Key, Opened] = {}
    escalated: dict[tuple[str | None, str, str, int], Reach] = {}

    def exam(self, exam_id: str) -> tuple[Episode, Exam] | None:
        """Return an examination with its episode, None where there is none of that id."""
        episode = self.episodes.get(exam_id.partition(".")[0])
        exam = episode.exams.get(exam_id) if episode else None
        return (episode, exam) if episode and exam else None
