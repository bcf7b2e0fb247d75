"""What can be asked of the published figures, and what comes back: the types that `chances` speaks in."""

import re
from enum import StrEnum

from msgspec import Struct

from closerlook.evidence.published import FINDINGS, Evidence


class QuestionError(ValueError):
    """A value that cannot be; `field` names it and the message says what can be."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


SCREENS, DENSITIES, MODALITIES = ("first", "subsequent"), ("a", "b", "c", "d"), ("dm", "dbt")
ALIASES = {"GB": "UK", "GB-ENG": "UK-ENG", "GB-WLS": "UK-WAL", "USA": "US"}
YOUNGEST, OLDEST = 18, 120


class Question(Struct, frozen=True):
    """Whom to look for. None: not known, or not said. Raises QuestionError for what cannot be.

    `country` is two letters (US, UK or GB, NL …), or UK-ENG and UK-WAL for the two parts with figures of their own.
    """

    country: str
    age: int | None = None
    screen: str | None = None
    density: str | None = None
    finding: str | None = None
    modality: str | None = None
    prior_images: bool | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z]{2}(-[A-Z]{3})?|USA", self.country) or self.country == "EU":
            raise QuestionError("country", f"{self.country!r} is no country: write two letters, such as US, UK or NL.")
        if self.age is not None and not YOUNGEST <= self.age <= OLDEST:
            raise QuestionError("age", f"{self.age} is not an age to ask for: write years, {YOUNGEST} to {OLDEST}.")
        for name, choices in CHOICES.items():
            given = getattr(self, name)
            if given is not None and given not in choices:
                raise QuestionError(name, f"{given!r} is not a {name}: choose one of {', '.join(choices)}.")

    @property
    def land(self) -> str:
        """The country as the figures name it."""
        return ALIASES.get(self.country, self.country)


CHOICES: dict[str, tuple[str, ...]] = {
    "screen": SCREENS,
    "density": DENSITIES,
    "finding": FINDINGS,
    "modality": MODALITIES,
}


class Point(StrEnum):
    """What can be asked. The first is of women screened, the last of women who had a biopsy, the others of women
    called back."""

    CALLED_BACK = "called_back"
    EXTRA_PICTURES_ONLY = "extra_pictures_only"
    SHORT_INTERVAL = "short_interval"
    BIOPSY = "biopsy"
    CANCER = "cancer"
    CANCER_IF_BIOPSY = "cancer_if_biopsy"


class Differs(StrEnum):
    """How she differs from the women of a row, or what is particular about them."""

    YOUNGER = "younger"
    OLDER = "older"
    OTHER_SCREEN = "other_screen"
    OTHER_MODALITY = "other_modality"
    OTHER_PRIORS = "other_priors"
    OTHER_REASON = "other_reason"
    AGES_NOT_STATED = "ages_not_stated"
    WIDE_AGES = "wide_ages"
    ALL_SCREENS = "all_screens"
    ALL_DENSITIES = "all_densities"
    ALL_FINDINGS = "all_findings"
    ALL_MODALITIES = "all_modalities"
    ALL_PRIORS = "all_priors"
    FILM_ERA = "film_era"
    ONE_CENTRE = "one_centre"
    FEW_READERS = "few_readers"
    ONE_REGION = "one_region"
    ONE_NATION = "one_nation"
    TRIAL = "trial"
    SELECTED = "selected"
    HISTORICAL = "historical"
    AGE_TRIAL = "age_trial"
    EACH_BIOPSY_AFTER_CALL_BACK = "each_biopsy_after_call_back"
    OTHER_STUDY = "other_study"


class Frequency(Struct, frozen=True):
    """A natural frequency: about `count` of `of`; with `fewer`, fewer than that."""

    count: int
    of: int
    fewer: bool = False


class Whom(Struct, frozen=True):
    """The women a row describes; "any" and None where it does not narrow them."""

    country: str
    age_low: int | None
    age_high: int | None
    screen: str
    density: str
    modality: str
    finding: str


class Figure(Struct, frozen=True):
    """One published figure as it may be shown. `general`: about more women than those like her.

    `low` and `high` are fractions, and `interval` says what they are; None where the source gives none.
    """

    rows: tuple[str, ...]
    value: float
    frequency: Frequency
    whom: Whom
    differs: tuple[Differs, ...]
    general: bool
    evidence: Evidence
    citation: str
    url: str
    doi: str = ""
    years: str = ""
    low: float | None = None
    high: float | None = None
    interval: str = ""
    formula: str = ""
    n: int | None = None


class Why(StrEnum):
    """Why there is no figure."""

    NO_ROW = "no_row"
    NOT_READ_AT_SOURCE = "not_read_at_source"
    NOT_ONE_POPULATION = "not_one_population"
    DOES_NOT_DESCRIBE_HER = "does_not_describe_her"
    DOES_NOT_ADD_UP = "does_not_add_up"
    TOO_FEW_TO_DRAW = "too_few_to_draw"


class NoFigure(Struct, frozen=True, tag=True):
    """There is none, and `why`. `nearest` is about other women, and is to be named so."""

    why: Why
    nearest: Figure | None = None


class Answered(Struct, frozen=True):
    """One point: its figures, the best first (further ones where she left open what they differ in), or none."""

    point: Point
    figures: tuple[Figure, ...] = ()
    none: NoFigure | None = None


class Answer(Struct, frozen=True):
    """Every point of one question."""

    question: Question
    points: tuple[Answered, ...]

    def __getitem__(self, point: Point) -> Answered:
        return next(one for one in self.points if one.point is point)


class GroupKind(StrEnum):
    EXTRA_PICTURES_ONLY = "extra_pictures_only"
    SHORT_INTERVAL = "short_interval"
    NO_BIOPSY = "no_biopsy"
    NO_CANCER = "no_cancer"
    BIOPSY_NO_CANCER = "biopsy_no_cancer"
    CANCER = "cancer"


class Group(Struct, frozen=True):
    """Some of 100 women called back. `share` is the fraction before rounding."""

    kind: GroupKind
    count: int
    share: float
    rows: tuple[str, ...]
    formula: str


class Of100(Struct, frozen=True, tag=True):
    """100 women called back, each in one group; the counts add up to 100."""

    groups: tuple[Group, ...]
    source: Figure
