"""What a mammography report says, once read: the typed result that the rest of the system works with.

You are matching a report to an episode, or showing a person why it needs a look. Everything here is as the sender
stated it; nothing is inferred, and what could not be read is named in `unread`.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from closerlook.pathway.terms import (
    URGENCY,
    Assessment,
    Density,
    ExaminationKind,
    Laterality,
    NeedsPerson,
    Recommendation,
    ReportStatus,
    Suspicion,
)


class Unreadable(Exception):
    """A message that does not become a report. A person decides what to do with it; it is never thrown away.

    `code` is one of `not_hl7`, `truncated`, `wrong_type`, `not_breast`, `no_patient_id`, `no_birth_date`,
    `no_examination_date`, `no_accession_or_order`, `no_examination`, `cancelled`, `several_examinations`, or the code
    of a framing fault. `sentence` is for a person and holds no name, number or date of a patient.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


class Identifier(msgspec.Struct, frozen=True):
    """One number of a person. `authority` says who gave it, `kind` what it is (HL7 table 0203); "" is not stated."""

    value: str
    authority: str = ""
    kind: str = ""


class PersonNamed(msgspec.Struct, frozen=True):
    """A reader or a referring provider as the message names them; "" is not stated."""

    id: str
    family: str
    given: str


class Demographics(msgspec.Struct, frozen=True, kw_only=True):
    """The patient as PID states her. `birth_date` is None only if it was not stated or is impossible."""

    identifiers: tuple[Identifier, ...]
    family: str
    given: str
    middle: str = ""
    birth_date: date | None = None
    sex: str = ""
    phones: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    language: str = ""


class SideAssessment(msgspec.Struct, frozen=True, kw_only=True):
    """One stated assessment.

    `side` is None where none was stated: the category is for the examination. `category` is None only for a zero that
    does not say which of the two incompletes is meant. `label` is the number as stated, "0" to "6" with "4A" to "4C",
    or "" where the category was given in words alone. `evidence` is the phrase it was read from. `discrete` is True for
    a coded value, False for prose.
    """

    side: Laterality | None
    category: Assessment | None
    label: str
    suspicion: Suspicion | None = None
    evidence: str
    discrete: bool


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One examination's report as one message states it.

    Moments are aware UTC, None where not stated or impossible (then `notes` says so). `sides` empty: not stated.
    `assessments` holds one entry a side, or one without a side; more only together with a reason in `needs_person`.
    `unread` and `notes` are plain sentences without personal data. `suspicious_words` is a place in a queue and never
    an assessment. `message_index` is the place in the data that `framing.split` gave it, `digest` likewise.
    """

    control_id: str
    sender: str
    version: str
    sent_at: datetime | None
    digest: str
    message_index: int
    patient: Demographics
    accession: str
    order: str
    study_instance_uid: str
    procedure_code: str
    procedure_text: str
    kind: ExaminationKind | None
    is_breast: bool
    sides: tuple[Laterality, ...]
    performed_at: datetime
    reported_at: datetime | None
    status: ReportStatus
    status_word: str
    reader: PersonNamed | None
    provider: PersonNamed | None
    assessments: tuple[SideAssessment, ...]
    density: Density | None
    density_evidence: str
    needs_person: tuple[NeedsPerson, ...]
    suspicious_words: bool
    recommendation: Recommendation | None
    text: str
    unread: tuple[str, ...]
    notes: tuple[str, ...]
    addendum: bool


def urgency(stated: SideAssessment) -> int:
    """Return the place of one assessment in `terms.URGENCY`; a bare zero counts as the more urgent incomplete."""
    return URGENCY[stated.category or Assessment.INCOMPLETE_IMAGING]


def most_urgent(stated: Iterable[SideAssessment]) -> SideAssessment | None:
    """Return the assessment a person acts on first, the first stated among equals; None if there is none."""
    return min(stated, key=urgency, default=None)


def overall(report: Report) -> SideAssessment | None:
    """Return the assessment of the more urgent side (`terms.URGENCY`), or None if no category was stated."""
    return most_urgent(report.assessments)
