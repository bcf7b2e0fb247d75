"""What has been published about screening, call-backs and what follows: data/published.toml as typed rows.

You are here to look a figure up, or because you added one. Which rows may be shown to a woman is decided here
(`shown_to_her`); which of them answers her question is decided in `chances`. Caveats by number: data/README.md.
"""

import re
import tomllib
from collections import Counter
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec
from msgspec import Struct

COMMON = ("country", "age_low", "age_high", "screen", "density", "modality", "finding", "prior_images")
"""What every row says of its population; a further key narrows it to a group no general answer may borrow from."""


class FiguresError(Exception):
    """The file of figures is wrong; the message names row, field and mend."""


class Kind(StrEnum):
    OBSERVED = "observed"
    STANDARD = "standard"
    DEFINITION = "definition"
    ESTIMATE = "estimate"


class Evidence(StrEnum):
    PRIMARY = "primary"
    REPOST = "repost"
    SECONDARY = "secondary"
    DERIVED = "derived"


class Unit(StrEnum):
    FRACTION = "fraction"
    PER_1000 = "per_1000"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"
    RATIO = "ratio"
    PER_1000_PERSON_YEARS = "per_1000_person_years"
    PER_100K_PERSON_YEARS = "per_100k_person_years"
    STAI6_SCORE = "stai6_score"


class Population(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a row describes. An absent age is not limited, or not stated; the further keys are named by `narrowed`."""

    country: str
    screen: Literal["first", "subsequent", "any"]
    density: Literal["a", "b", "c", "d", "cd", "any", "vdg1", "vdg2", "vdg3", "vdg4"]
    modality: Literal["dm", "dbt", "film", "any"]
    finding: str
    prior_images: Literal["true", "false", "unknown"]
    age_low: int | None = None
    age_high: int | None = None
    schedule: str = ""
    group: str = ""
    indication: str = ""
    birads: str = ""
    cancer_type: str = ""
    advice: str = ""
    event: str = ""
    level: str = ""
    rule: str = ""
    technical_reason: str = ""

    @property
    def narrowed(self) -> tuple[str, ...]:
        """The keys that narrow it to a special group."""
        return tuple(name for name in self.__struct_fields__ if name not in COMMON and getattr(self, name))


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """One published number with the words that support it. `low` and `high` are what `interval` says they are."""

    id: str
    area: str
    quantity: str
    kind: Kind
    value: float
    unit: Unit
    population: Population
    citation: str
    url: str
    quote: str
    evidence: Evidence
    bound: Literal["min", "max", ""] = ""
    low: float | None = None
    high: float | None = None
    interval: str = ""
    within_days: int | None = None
    n: int | None = None
    years: str = ""
    doi: str = ""
    formula: str = ""
    note: str = ""

    @property
    def last_year(self) -> int | None:
        """The last year of its data; None where the source does not say."""
        return int(self.years[-4:]) if self.years else None


FINDINGS = (
    "mass", "calcifications", "asymmetry", "one_view_asymmetry", "focal_asymmetry", "developing_asymmetry",
    "architectural_distortion", "technical",
)  # fmt: skip

FROM_PRIMARY: dict[str, str] = {
    "us-multisite-dm-2014-2020-biopsy-share-of-recalled": "two primary rows of the same study",
    "us-multisite-dbt-2014-2020-biopsy-share-of-recalled": "two primary rows of the same study",
    "us-penn-dm-birads3-share-of-recalled": "counts printed by the study",
    "us-penn-dbt-birads3-share-of-recalled": "counts printed by the study",
    "us-bcsc-2002-2006-biopsy-recommended-share": "counts printed by the study",
    "nl-south-1997-2016-recall": "counts printed by the study",
    "nl-1990s-biopsy-share-of-recalled-first": "rates printed by the study",
    "nl-1990s-biopsy-share-of-recalled-subsequent": "rates printed by the study",
    "uk-one-unit-ppv1": "counts printed by the study",
    "uk-tommy-cancer-share-of-assessed": "counts printed by the study",
    "uk-technical-recall-cancer-share": "counts printed by the study",
    **{
        f"uk-england-2013-14-{what}-{ages}": "counts printed by the programme"
        for what in ("cdr", "ppv1")
        for ages in ("45-49", "50-54", "55-59", "60-64", "65-69", "all")
    },
    **{
        f"uk-wales-2013-{what}-{ages}": "counts printed by the programme"
        for what in ("cdr", "ppv1")
        for ages in ("50-54", "55-59", "60-64", "65-69", "all")
    },
}
"""The computed rows whose inputs are all primary, each looked at; a computed row that is not here is not shown."""

NOT_YET_READ = re.compile(
    r"us-bcsc-2003-2011-.*|us-bcsc-2005-2017-.*-(rate|share-of-false-positives)|us-ucsf-recall-.*|us-bcsc-dx-2007-2013-ppv"
)
"""Caveat 17: to be read in the paper before it is quoted to women."""
LEVEL_OF_ONE_REGISTRY = re.compile(r"us-sfmr-ppv1-.*|us-sfmr-finding-share-.*")
"""Caveats 6 and 7: two to three times too high as a level; shares that mix screening and diagnostic examinations."""
SPECIAL_PROGRAMME = re.compile(r"us-nbccedp-.*")
"""Caveat 12: low-income, uninsured women; called back more often than others."""


def shown_to_her(row: Row) -> bool:
    """Whether a woman may be shown `row`: something observed, read at its source, and about women in general."""
    return (
        row.kind is Kind.OBSERVED
        and (row.evidence is Evidence.PRIMARY or (row.evidence is Evidence.DERIVED and row.id in FROM_PRIMARY))
        and not row.bound
        and not row.population.narrowed
        and not row.population.density.startswith("vdg")  # caveat 13: Volpara grades are not BI-RADS density
        and not any(rule.fullmatch(row.id) for rule in (NOT_YET_READ, LEVEL_OF_ONE_REGISTRY, SPECIAL_PROGRAMME))
    )


@cache
def figures() -> dict[str, Row]:
    """Return every row by its id."""
    text = (resources.files(__package__) / "data/published.toml").read_text(encoding="utf-8")
    return parse(text, where="data/published.toml")


@cache
def shown() -> tuple[Row, ...]:
    """Return the rows that a woman may be shown."""
    return tuple(row for row in figures().values() if shown_to_her(row))


def figure(row_id: str) -> Row:
    """Return the row with this id; raises KeyError where there is none."""
    return figures()[row_id]


def parse(text: str, *, where: str) -> dict[str, Row]:
    """Return the rows of a file by id. Raises FiguresError naming row, field and mend."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FiguresError(f"{where}: not TOML: {error}") from error
    if raw.get("format") != 1:
        raise FiguresError(f"{where}: format is {raw.get('format')!r}; write format = 1 at the top.")
    rows = tuple(_row(table, place, where) for place, table in enumerate(raw.get("figure", ()), 1))
    again = [row_id for row_id, times in Counter(row.id for row in rows).items() if times > 1]
    if again:
        raise FiguresError(f"{where}, row {again[0]}: the id is used twice; give the later row one of its own.")
    return {row.id: row for row in rows}


def _row(table: dict[str, Any], place: int, where: str) -> Row:
    name = f"{where}, row {table.get('id') or f'number {place}'}"
    try:
        row = msgspec.convert(table, Row)
    except msgspec.ValidationError as error:
        raise FiguresError(f"{name}: {error}; see the list of fields at the top of the file.") from error
    for wrong, field, mend in _faults(row):
        if wrong:
            raise FiguresError(f"{name}, field {field}: {mend}.")
    return row


def _faults(row: Row) -> tuple[tuple[bool, str, str], ...]:
    """Return what could be wrong with a row: whether it is, the field, and the mend."""
    low, high, population = row.low, row.high, row.population
    ages = (population.age_low, population.age_high)
    return (
        (not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.id), "id", "write it in lower case with single hyphens"),
        (not row.quote or len(row.quote) > 200, "quote", "give the words that support it, at most 200 characters"),
        (not row.url.startswith(("http://", "https://")), "url", "give the address where the quoted words stand"),
        (not row.citation, "citation", "name the study or the body"),
        ((low is None) != (high is None), "low, high", "give both or neither"),
        (low is not None and not row.interval, "interval", "say what low and high are"),
        (
            low is not None and high is not None and not low <= row.value <= high,
            "value",
            "it lies outside its own interval; check the three in the source",
        ),
        (not _possible(row), "value", "a fraction lies between 0 and 1, a rate per 1000 between 0 and 1000"),
        ((row.evidence is Evidence.DERIVED) != bool(row.formula), "formula", "a derived row has one, and no other"),
        (bool(row.years) and not re.fullmatch(r"\d{4}(-\d{4})?", row.years), "years", "write 2014 or 2014-2020"),
        (None not in ages and ages[0] > ages[1], "age_low, age_high", "put the younger first"),  # type: ignore[operator]
        (population.finding not in ("any", *FINDINGS), "finding", f"choose any or one of {', '.join(FINDINGS)}"),
    )


def _possible(row: Row) -> bool:
    if row.quantity.endswith("_difference"):
        return -1 <= row.value <= 1
    match row.unit:
        case Unit.FRACTION:
            return 0 <= row.value <= 1
        case Unit.PER_1000:
            return 0 <= row.value <= 1000
        case _:
            return row.value >= 0
