"""Her chance of breast cancer in the years to come, by the published BCRAT (Gail) model; whole populations at once.

You are here to list who may be offered more than routine screening, or to plan a programme. The figures are of a woman
of her age and answers in the United States population, before any mammogram is looked at. So this must never be used

- for a woman who was called back, has a lump or a finding: it is not her chance given what was seen;
- as "so many times the average": the model's relative risk is against the woman of lowest risk. What stands beside her
  figure is the average woman of her group and age over the same years, as a figure of its own;
- to stop or put off screening, or for whoever the model refuses (`refused` says who, why, and what would help).

Method, rates and recoding, with their sources: data/bcrat.toml. Rates are constant within five-year bands, and her
relative risk changes at 50 only. So the published sum over one-year steps, with a shorter first and last step where her
age is not a whole number, is the same as one step for each band, which is what is computed here.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Small = NDArray[np.int8]
Flags = NDArray[np.bool_]

YES, NO, NO_BIRTH, UNKNOWN = 1, 0, 98, 99
"""How answers are coded, as in the published tool; `NO_BIRTH` is an age at first birth."""

YOUNGEST, OLDEST, HORIZON = 35, 85, 90
"""Ages the model is for, and the end of its rates. Only 85 itself has five years left then, hence `OLDEST`."""

NO_AGE = 125
"""From here on a number is no age."""

BANDS, BAND_YEARS, FIRST_AGE, CHANGE_AGE = 14, 5, 20, 50
WOMEN_AT_ONCE = 1 << 15
"""Women worked on together: their answers fit in a core's own cache."""

LIMITS = {"menarche_age": (5, 25), "first_birth_age": (8, 60), "biopsies": (0, 50), "relatives": (0, 50)}
"""Answers outside these are taken for slips of the hand. The model has no such limits; they are ours."""


class OtherTool(NamedTuple):
    """A model that is not computed here, where its makers offer it, and why it is not."""

    name: str
    link: str
    why: str


NOT_COMPUTED_HERE = (
    OtherTool(
        "Tyrer-Cuzick (IBIS)",
        "https://ems-trials.org/riskevaluator/",
        "Its makers license the program, and its constants are not published in full, so it cannot be computed here.",
    ),
    OtherTool(
        "BOADICEA (CanRisk)",
        "https://www.canrisk.org/",
        "It is offered as a service of its makers and needs a whole family tree, so it cannot be computed here.",
    ),
    OtherTool(
        "BCSC risk calculator",
        "https://tools.bcsc-scc.org/BC5yearRisk/calculator.htm",
        "It needs breast density and constants that we have no open copy of, so it cannot be computed here.",
    ),
)


# ---------------------------------------------------------------- constants


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One group's constants; rates (bands,), a woman-year; see data/bcrat.toml."""

    name: str
    incidence: tuple[float, ...]
    competing: tuple[float, ...]
    incidence_average: tuple[float, ...]
    competing_average: tuple[float, ...]
    one_minus_ar: tuple[float, ...]
    log_rr: tuple[float, float, float, float, float, float]


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All constants, as they stand in the file."""

    format: int
    atypical_hyperplasia: dict[str, float]
    group: dict[str, Group]


def _model() -> Model:
    text = (resources.files(__package__) / "data" / "bcrat.toml").read_text(encoding="utf-8")
    found = msgspec.convert(tomllib.loads(text), Model)
    for key, group in found.group.items():
        rates = (group.incidence, group.competing, group.incidence_average, group.competing_average)
        if any(len(rate) != BANDS for rate in rates) or len(group.one_minus_ar) not in (1, 2):
            raise AssertionError(f"bcrat.toml, group.{key}: {BANDS} rates of each kind, one or two factors")
    return found


MODEL = _model()
GROUPS: tuple[str, ...] = tuple(MODEL.group)
"""The names of the groups; a woman's `group` is an index into them."""

HISPANIC = frozenset({"hispanic_us_born", "hispanic_foreign_born"})
ASIAN_OR_PACIFIC = frozenset(
    {"chinese", "japanese", "filipino", "hawaiian", "pacific_islander", "other_asian"}
)  # fmt: skip


# ---------------------------------------------------------------- the women


@dataclass(frozen=True, eq=False)
class Women:
    """Answers of n women, each array (n,).

    age: years, also parts of years. group: index into `GROUPS`. menarche_age: years or `UNKNOWN`. first_birth_age:
    years, `NO_BIRTH` or `UNKNOWN`. biopsies, relatives: counts or `UNKNOWN`; relatives are mother, sisters and
    daughters with breast cancer. hyperplasia: `YES`, `NO` or `UNKNOWN`. The last three, where given: true where she has
    had breast cancer, DCIS or LCIS; where a gene change or syndrome is known; where her chest was irradiated.

    Answers are kept as int8, with -1 for anything that is no whole number from 0 to 99. Raises ValueError where the
    arrays do not fit together or hold no numbers.
    """

    age: Floats
    group: Small
    menarche_age: Small
    first_birth_age: Small
    biopsies: Small
    hyperplasia: Small
    relatives: Small
    earlier_cancer: Flags | None = None
    known_mutation: Flags | None = None
    chest_radiotherapy: Flags | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            given = getattr(self, field.name)
            if given is None:
                continue
            array = np.asarray(given)
            if array.ndim != 1 or array.dtype.kind not in "iufb":
                raise ValueError(f"{field.name}: one row of numbers is wanted, a number for each woman")
            if field.name == "age":
                array = array.astype(np.float64, copy=False)
            else:
                array = _yes(array, field.name) if field.name in OUTSIDE else _small(array)
            object.__setattr__(self, field.name, array)
        lengths = {field.name: len(a) for field in fields(self) if (a := getattr(self, field.name)) is not None}
        if odd := [name for name, length in lengths.items() if length != lengths["age"]]:
            raise ValueError(f"{odd[0]}: {lengths[odd[0]]} answers for {lengths['age']} women; give one for each")

    @classmethod
    def of(cls, **answers: ArrayLike) -> "Women":
        """Return women from lists or arrays of any number type."""
        return cls(**{name: np.asarray(given) for name, given in answers.items()})

    def __len__(self) -> int:
        return len(self.age)

    def part(self, which: slice | NDArray[np.intp]) -> "Women":
        """Return some of the women."""
        found = object.__new__(Women)  # what was checked once fits in every part
        for name in NAMES:
            given = getattr(self, name)
            object.__setattr__(found, name, None if given is None else given[which])
        return found


NAMES = tuple(field.name for field in fields(Women))
OUTSIDE = ("earlier_cancer", "known_mutation", "chest_radiotherapy")


def _yes(values: NDArray[Any], name: str) -> Flags:
    if not np.isin(values, (YES, NO, UNKNOWN)).all():
        raise ValueError(f"{name}: write true or false, or YES, NO or UNKNOWN, for each woman")
    found: Flags = values == YES
    return found


def _small(values: NDArray[Any]) -> Small:
    if values.dtype == np.int8:
        return values
    if values.dtype == np.bool_:
        return values.astype(np.int8)
    if values.dtype.kind in "iu":
        narrow = values.astype(np.int8)  # wraps; what it changes was out of range
        return np.where(narrow == values, narrow, np.int8(-1))
    fits = (values >= 0) & (values <= UNKNOWN)
    narrow = np.where(fits, values, -1).astype(np.int8)
    return np.where(narrow == values, narrow, np.int8(-1))


# ---------------------------------------------------------------- who is refused


class Reason(NamedTuple):
    """Why a woman is refused: the field, what is wrong with it, and what would mend it."""

    code: str
    field: str
    sentence: str

    @property
    def not_for_her(self) -> bool:
        """Whether the answers may well be right, and the model is not for her; else an answer wants mending."""
        return self.code.startswith("not_for_")


def _limits(field: str) -> str:
    low, high = LIMITS[field]
    return f"{low} to {high}, or not known"


AGAIN, CLINICIAN = "look at both again.", "ask a clinician."
REASONS: tuple[Reason, ...] = (
    Reason("age", "age", "Her age is missing, or no age; give it in years, for example 52."),
    Reason("not_for_her_age", "age", f"The model is for women from {YOUNGEST} to {OLDEST}, and not for her age."),
    Reason("group", "group", f"The group is not known; use one of {', '.join(GROUPS)}."),
    Reason("menarche_age", "menarche_age", f"Age at first period is in full years, {_limits('menarche_age')}."),
    Reason("first_birth_age", "first_birth_age", f"Age at first birth is in full years, {_limits('first_birth_age')}."),
    Reason("biopsies", "biopsies", f"The number of biopsies is a whole number, {_limits('biopsies')}."),
    Reason("relatives", "relatives", f"Relatives with breast cancer are a whole number, {_limits('relatives')}."),
    Reason("hyperplasia", "hyperplasia", "Atypical hyperplasia is yes, no or not known."),
    Reason("menarche_after_age", "menarche_age", f"Her first period is put at an age she has not reached; {AGAIN}"),
    Reason("birth_after_age", "first_birth_age", f"Her first birth is put at an age she has not reached; {AGAIN}"),
    Reason("menarche_after_birth", "menarche_age", f"Her first period is put after her first birth; {AGAIN}"),
    Reason(
        "hyperplasia_no_biopsy",
        "hyperplasia",
        "Atypical hyperplasia is found in a biopsy, and none is counted; give their number, or leave it open.",
    ),
    Reason("not_for_earlier_cancer", "earlier_cancer", f"Not for women who have had cancer, DCIS or LCIS; {CLINICIAN}"),
    Reason("not_for_mutation", "known_mutation", f"Not where a gene change or syndrome is known; {CLINICIAN}"),
    Reason("not_for_radiotherapy", "chest_radiotherapy", f"Not where the chest has been irradiated; {CLINICIAN}"),
)
"""Bit i of what `refused` gives stands for REASONS[i]."""


def refused(women: Women) -> NDArray[np.uint32]:
    """Return for each woman the reasons why she is refused, (n,), 0 for none; `reasons` puts one into words."""
    found = np.zeros(len(women), np.uint32)
    for bit, wrong in enumerate(_wrong(women)):
        found |= wrong.astype(np.uint32) << np.uint32(bit)
    return found


def reasons(bits: int) -> tuple[Reason, ...]:
    """Return the reasons that a number from `refused` stands for."""
    return tuple(reason for n, reason in enumerate(REASONS) if bits >> n & 1)


def _wrong(w: Women) -> Iterator[Flags]:
    """Give where each of REASONS holds, in their order, each (n,)."""
    none = np.zeros(len(w), np.bool_)
    has_age = (w.age >= 0) & (w.age < NO_AGE)  # false also for what is not a number
    yield ~has_age
    yield has_age & ((w.age < YOUNGEST) | (w.age > OLDEST))
    yield (w.group < 0) | (w.group >= len(GROUPS))
    yield _outside(w.menarche_age, "menarche_age")
    yield _outside(w.first_birth_age, "first_birth_age") & (w.first_birth_age != NO_BIRTH)
    yield _outside(w.biopsies, "biopsies")
    yield _outside(w.relatives, "relatives")
    yield (w.hyperplasia != YES) & (w.hyperplasia != NO) & (w.hyperplasia != UNKNOWN)
    years = np.where(has_age, w.age, NO_AGE).astype(np.int8)  # at her last birthday: no answer can be above it
    yield _within(w.menarche_age, "menarche_age") & (w.menarche_age > years)
    yield _within(w.first_birth_age, "first_birth_age") & (w.first_birth_age > years)
    both = _within(w.menarche_age, "menarche_age") & _within(w.first_birth_age, "first_birth_age")
    yield both & (w.menarche_age > w.first_birth_age)
    yield (w.hyperplasia == YES) & ((w.biopsies == 0) | (w.biopsies == UNKNOWN))
    for given in (w.earlier_cancer, w.known_mutation, w.chest_radiotherapy):
        yield none if given is None else given


def _within(answers: Small, field: str) -> Flags:
    low, high = LIMITS[field]
    return (answers >= low) & (answers <= high)


def _outside(answers: Small, field: str) -> Flags:
    outside: Flags = ~_within(answers, field) & (answers != UNKNOWN)
    return outside


# ---------------------------------------------------------------- her categories and her relative risk

STEPS = (3, 3, 5, 3, 3)
"""How many categories: first period, biopsies, first birth, relatives, hyperplasia. The same for every group."""
COMBINATIONS = 3 * 3 * 5 * 3 * 3


def _combination(w: Women) -> NDArray[np.int16]:
    """Return which combination of categories she has, (n,), 0 to COMBINATIONS - 1, where she is not refused."""
    menarche = (w.menarche_age < 14).view(np.int8) + (w.menarche_age < 12).view(np.int8)
    births = w.first_birth_age
    birth = sum(((births >= at).view(np.int8) for at in (20, 25, 30)), np.zeros(len(w), np.int8))
    birth += (birth == 3).view(np.int8)  # 30 and over is 4: 3 is no birth
    birth -= (births == NO_BIRTH).view(np.int8)
    birth[births == UNKNOWN] = 0
    taken = _counted(w.biopsies)
    atypical = (w.hyperplasia == YES).view(np.int8) + np.int8(2) * (w.hyperplasia == NO).view(np.int8)
    atypical *= (taken > 0).view(np.int8)  # "no" without a biopsy says nothing: nobody looked
    found = menarche.astype(np.int16)
    for number, category in zip(STEPS[1:], (taken, birth, _counted(w.relatives), atypical), strict=True):
        found = found * np.int16(number) + category
    return found


def _counted(answers: Small) -> Small:
    """Return 0, 1, and 2 for more; 0 where it is not known."""
    counted: Small = (answers > 0).view(np.int8) + (answers > 1).view(np.int8)
    counted *= (answers != UNKNOWN).view(np.int8)
    return counted


@lru_cache(maxsize=1)
def _relative_risks() -> tuple[Floats, Floats]:
    """Return the relative risk of each group and combination below 50 and from 50 on, each (groups, combinations)."""
    axes = np.unravel_index(np.arange(COMBINATIONS), STEPS)
    menarche, biopsies, birth, relatives, atypical = (np.asarray(axis) for axis in axes)
    factors = MODEL.atypical_hyperplasia
    factor = np.array([factors["unknown"], factors["yes"], factors["no"]])[atypical]
    young, old = np.empty((2, len(GROUPS), COMBINATIONS))
    for at, (name, group) in enumerate(MODEL.group.items()):
        b = group.log_rr
        men, took, bore, kin = menarche, biopsies, np.array([0, 1, 2, 2, 3])[birth], relatives
        if name == "black":
            men = np.minimum(men, 1)
        if name in HISPANIC:
            took, bore = np.minimum(took, 1), np.array([0, 1, 1, 2, 2])[birth]
        if name in HISPANIC | ASIAN_OR_PACIFIC:
            kin = np.minimum(kin, 1)
        log = men * b[0] + took * b[1] + bore * b[2] + kin * b[3] + bore * kin * b[5]
        young[at] = np.exp(log) * factor
        old[at] = np.exp(log + took * b[4]) * factor
    return young, old


# ---------------------------------------------------------------- absolute risk


def _rates(which: str) -> Floats:
    """Return a rate of every group and band, (groups, bands)."""
    return np.array([getattr(group, which) for group in MODEL.group.values()])


class _Hazards(NamedTuple):
    """Yearly rates, breast cancer without her relative risk, and death of other causes: each (bands, groups)."""

    cancer: Floats
    other: Floats


@lru_cache(maxsize=1)
def _hazards() -> tuple[_Hazards, _Hazards]:
    """Return the rates that her relative risk multiplies, and those of the average woman."""
    young = np.array([group.one_minus_ar[0] for group in MODEL.group.values()])
    old = np.array([group.one_minus_ar[-1] for group in MODEL.group.values()])
    incidence = _rates("incidence").T
    from_change = np.arange(BANDS)[:, None] >= (CHANGE_AGE - FIRST_AGE) // BAND_YEARS
    hers = _Hazards(incidence * np.where(from_change, old, young), _rates("competing").T)
    return hers, _Hazards(_rates("incidence_average").T, _rates("competing_average").T)


def _absolute(rates: _Hazards, group: NDArray[Any], young: Floats, old: Floats, start: Floats, end: Floats) -> Floats:
    """Return the chance of breast cancer between two ages, (n,); NaN where `end` is beyond the rates.

    `young` and `old` multiply the rate of breast cancer below 50 and from 50 on. A band counts for as much of it as
    lies between the ages: h1 / (h1 + h2) × (chance to come so far) × (1 - exp(-(h1 + h2) × years)).
    """
    found, gone = np.zeros((2, len(start)))
    for band in range(BANDS):
        begins = FIRST_AGE + band * BAND_YEARS
        years = np.minimum(end, begins + BAND_YEARS) - np.maximum(start, begins)
        years = np.maximum(years, 0.0)
        cancer = rates.cancer[band][group] * (old if begins >= CHANGE_AGE else young)
        either = cancer + rates.other[band][group]
        found += cancer / either * np.exp(-gone) * -np.expm1(-either * years)
        gone += either * years
    return np.where(end <= HORIZON, found, np.nan)


@dataclass(frozen=True, eq=False)
class Risks:
    """Chances from 0 to 1, each (n,), NaN where she is refused, and where ten years pass the age of 90."""

    five_year: Floats
    ten_year: Floats
    to_90: Floats
    average_five_year: Floats
    average_ten_year: Floats
    average_to_90: Floats


def risk(women: Women) -> Risks:
    """Return her chance of invasive breast cancer within five and ten years and to 90, beside her group's average.

    The average woman of her group and age stands beside it so that a figure is not read alone; the two are never to be
    divided. Whole ages are looked up in a table of all possible answers; others are integrated one by one (`exactly`).
    """
    six = np.empty((6, len(women)))
    for begin in range(0, len(women), WOMEN_AT_ONCE):
        part = slice(begin, begin + WOMEN_AT_ONCE)
        _fill(women.part(part), six[:, part])
    return Risks(*six)


def _fill(w: Women, six: Floats) -> None:
    out = np.zeros(len(w), np.bool_)
    for wrong in _wrong(w):
        out |= wrong
    table, average = _tables()
    age = np.where(out, YOUNGEST, w.age)
    whole = age.astype(np.int32)
    group = np.where(out, 0, w.group).astype(np.int32)
    place = group * np.int32(AGES) + (whole - np.int32(YOUNGEST))
    row = place * np.int32(COMBINATIONS) + _combination(w)
    row[out] = len(table[0]) - 1
    place[out] = len(average[0]) - 1
    for at in range(3):
        table[at].take(row, out=six[at], mode="clip")
        average[at].take(place, out=six[3 + at], mode="clip")
    partly = np.flatnonzero(age != whole)
    if len(partly):
        six[:, partly] = _each(w.part(partly))


def exactly(women: Women) -> Risks:
    """Return what `risk` returns, integrated for each woman by herself: slower, and the same."""
    out = np.zeros(len(women), np.bool_)
    for wrong in _wrong(women):
        out |= wrong
    six = np.full((6, len(women)), np.nan)
    kept = np.flatnonzero(~out)
    six[:, kept] = _each(women.part(kept))
    return Risks(*six)


def _each(w: Women) -> Floats:
    """Return the six chances, (6, n), of women who are not refused."""
    young, old = (of[w.group, _combination(w)] for of in _relative_risks())
    hers, average = _hazards()
    alike = np.ones(len(w))
    ends = (w.age + 5, w.age + 10, np.full(len(w), float(HORIZON)))
    return np.stack(
        [_absolute(hers, w.group, young, old, w.age, end) for end in ends]
        + [_absolute(average, w.group, alike, alike, w.age, end) for end in ends]
    )


AGES = OLDEST - YOUNGEST + 1


@lru_cache(maxsize=1)
def _tables() -> tuple[list[Floats], list[Floats]]:
    """Return the chances of every group, whole age and combination, and the average of every group and whole age.

    Three of each (five years, ten years, to 90), flat; the last entry is NaN, for those refused. 5.5 MB.
    """
    young, old = _relative_risks()
    hers, average = _hazards()
    group, age, combination = (x.ravel() for x in np.indices((len(GROUPS), AGES, COMBINATIONS), dtype=np.int32))
    group_alone, age_alone = (x.ravel() for x in np.indices((len(GROUPS), AGES), dtype=np.int32))
    alike = np.ones(len(group_alone))
    table, beside = [], []
    for years in (5, 10, None):
        start, start_alone = (of.astype(np.float64) + YOUNGEST for of in (age, age_alone))
        end = np.full(len(start), float(HORIZON)) if years is None else start + years
        end_alone = np.full(len(start_alone), float(HORIZON)) if years is None else start_alone + years
        one = _absolute(hers, group, young[group, combination], old[group, combination], start, end)
        table.append(np.append(one, np.nan))
        beside.append(np.append(_absolute(average, group_alone, alike, alike, start_alone, end_alone), np.nan))
    return table, beside
