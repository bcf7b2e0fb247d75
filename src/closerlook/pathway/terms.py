"""The field's own words as closed lists: every other module names things with these.

Read this when a report, a form or a letter needs a category, a side or a kind of finding.
"""

from enum import StrEnum


class Laterality(StrEnum):
    """Which breast. A report that states no side has `None` where a Laterality is expected."""

    LEFT = "left"
    RIGHT = "right"


class Assessment(StrEnum):
    """The nine assessment categories of a mammography report. Not a scale: never compare them as numbers.

    Source: 21 CFR 900.12(c)(1)(iv)-(v).
    """

    NEGATIVE = "negative"
    BENIGN = "benign"
    PROBABLY_BENIGN = "probably_benign"
    SUSPICIOUS = "suspicious"
    HIGHLY_SUGGESTIVE = "highly_suggestive"
    KNOWN_MALIGNANCY = "known_malignancy"
    POST_PROCEDURE_MARKER = "post_procedure_marker"
    INCOMPLETE_IMAGING = "incomplete_imaging"
    INCOMPLETE_PRIORS = "incomplete_priors"


class Suspicion(StrEnum):
    """Sub-label of `Assessment.SUSPICIOUS`; not words of the rule, kept because readers state them."""

    LOW = "4A"
    MODERATE = "4B"
    HIGH = "4C"


class Density(StrEnum):
    """Breast composition, the four sentences of 21 CFR 900.12(c)(1)(vi). A density letter is never an assessment."""

    A = "a"
    B = "b"
    C = "c"
    D = "d"


class ReportStatus(StrEnum):
    """How far a report has come. Only `FINAL`, `CORRECTED` and `ADDENDUM` are signed."""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    CORRECTED = "corrected"
    ADDENDUM = "addendum"
    UNKNOWN = "unknown"

    @property
    def is_signed(self) -> bool:
        return self in SIGNED


SIGNED = frozenset({ReportStatus.FINAL, ReportStatus.CORRECTED, ReportStatus.ADDENDUM})


class ExaminationKind(StrEnum):
    """What was done to make pictures."""

    SCREENING = "screening"
    TECHNICAL_REPEAT = "technical_repeat"  # the same views again, because the pictures were not good enough
    DIAGNOSTIC = "diagnostic"
    ULTRASOUND = "ultrasound"
    MRI = "mri"
    CONTRAST_MAMMOGRAPHY = "contrast_mammography"
    CLINICAL_EXAMINATION = "clinical_examination"
    MARKER = "marker"  # mammogram after a procedure, to see where the tissue marker lies
    OUTSIDE_REVIEW = "outside_review"  # pictures made elsewhere, read here


MAMMOGRAMS = frozenset({ExaminationKind.SCREENING, ExaminationKind.TECHNICAL_REPEAT, ExaminationKind.DIAGNOSTIC})
"""Pictures whose report states the density of the breasts."""


class FindingKind(StrEnum):
    """Why a breast is looked at more closely. `UNNAMED`: the breast was assessed, the finding was not coded."""

    ASYMMETRY = "asymmetry"
    FOCAL_ASYMMETRY = "focal_asymmetry"
    GLOBAL_ASYMMETRY = "global_asymmetry"
    DEVELOPING_ASYMMETRY = "developing_asymmetry"
    MASS = "mass"
    CALCIFICATIONS = "calcifications"
    DISTORTION = "distortion"
    NODE = "node"  # in the armpit or the breast
    SKIN = "skin"
    NIPPLE = "nipple"
    TECHNICAL = "technical"
    CLINICAL = "clinical"
    UNNAMED = "unnamed"


class Recommendation(StrEnum):
    """What the reader advises next."""

    ROUTINE = "routine"
    SHORT_INTERVAL = "short_interval"
    MORE_IMAGING = "more_imaging"
    PRIORS = "priors"
    BIOPSY = "biopsy"
    SURGICAL_CONSULT = "surgical_consult"


class Tissue(StrEnum):
    """What a pathologist found in a specimen. B1 to B5 of the United Kingdom map onto these, through no scale.

    Source of the list: workup.md section 5; UK B categories are from memory and not shown as law.
    """

    INSUFFICIENT = "insufficient"  # nothing that could be read
    NORMAL_TISSUE = "normal_tissue"  # B1: explained only where it fits the finding
    BENIGN = "benign"  # B2
    HIGH_RISK = "high_risk"  # B3: uncertain potential; the lesion says more
    SUSPICIOUS_TISSUE = "suspicious_tissue"  # B4
    MALIGNANT = "malignant"  # B5


class Sampling(StrEnum):
    """How tissue is taken."""

    CORE = "core"
    VACUUM = "vacuum"
    FINE_NEEDLE = "fine_needle"
    ASPIRATION = "aspiration"
    EXCISION = "excision"
    SKIN = "skin"


class Plan(StrEnum):
    """What was decided where tissue gave no settled answer, or none could be taken. Each owes its own next thing."""

    REPEAT_BIOPSY = "repeat_biopsy"
    EXCISION = "excision"
    MORE_IMAGING = "more_imaging"
    SHORT_INTERVAL = "short_interval"
    ROUTINE = "routine"


class NeedsPerson(StrEnum):
    """Why a signed report is not yet a result: a radiologist has to confirm the assessment first."""

    NO_CATEGORY = "no_category"
    MORE_THAN_ONE_CATEGORY = "more_than_one_category"
    CONTRADICTION = "contradiction"
    ONLY_IN_PROSE = "only_in_prose"
    BARE_ZERO = "bare_zero"
    UNREAD_DOCUMENT = "unread_document"
    UNKNOWN_STATUS = "unknown_status"


class Role(StrEnum):
    """Who owns what is owed. `SYSTEM` is the software: the background worker asks for its due loops like anyone."""

    SYSTEM = "system"
    FRONT_DESK = "front_desk"
    TECHNOLOGIST = "technologist"
    RADIOLOGIST = "radiologist"
    NAVIGATOR = "navigator"
    PATHOLOGY_COORDINATOR = "pathology_coordinator"
    NURSE = "nurse"
    CLINICIAN = "clinician"
    LEAD = "lead"
    MANAGER = "manager"


URGENCY: dict[Assessment, int] = {
    Assessment.HIGHLY_SUGGESTIVE: 0,
    Assessment.SUSPICIOUS: 1,
    Assessment.KNOWN_MALIGNANCY: 2,
    Assessment.INCOMPLETE_IMAGING: 3,
    Assessment.PROBABLY_BENIGN: 4,
    Assessment.INCOMPLETE_PRIORS: 5,
    Assessment.POST_PROCEDURE_MARKER: 6,
    Assessment.BENIGN: 7,
    Assessment.NEGATIVE: 8,
}
"""Which of two assessments a person acts on first; smaller is sooner. An order of work, not of severity."""

SUSPECT = frozenset({Assessment.SUSPICIOUS, Assessment.HIGHLY_SUGGESTIVE})
CALM = frozenset({Assessment.NEGATIVE, Assessment.BENIGN})
