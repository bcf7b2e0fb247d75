"""The figures a simulation starts from, each with where it comes from; read from TOML, checked, and changed.

A figure names the id of its row in the evidence's published figures, or says that it is an assumption of this software.
"""

import re
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from closerlook.capacity.fields import FIELDS, Field
from closerlook.evidence.published import figures

COUNTRIES = ("US", "UK")
ASSUMED = "assumption of this software"
CHOSEN = "your choice"
OBSERVED = "your log"
PUBLISHED = "published"


class AssumptionError(ValueError):
    """A figure cannot be used. `field` is its name; the message names field, limit and mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Assumptions(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit in figures; `fields.FIELDS` says what each is, in which unit, and between which limits."""

    exams_per_day: float
    recall_share: float
    readings_per_exam: float
    third_reading_share: float
    reading_sessions: float
    reading_minutes: float
    navigator_hours: float
    call_minutes: float
    reached_share: float
    attempts_per_day: float
    notice_days: float
    mammography_sessions: float
    mammography_slots: float
    ultrasound_share: float
    ultrasound_sessions: float
    ultrasound_slots: float
    attends: float
    biopsy_share: float
    biopsy_same_visit: float
    biopsy_sessions: float
    biopsy_slots: float
    biopsy_notice_days: float
    laboratory_days: float
    told_same_day: float
    telling_days: float
    letter_days: float


class Origin(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a figure comes from: `row` is the id of a published figure, `note` what a reader should know of it."""

    source: str = ASSUMED
    row: str = ""
    note: str = ""


class Unit(Struct, frozen=True):
    """Assumptions, and where each comes from."""

    assumptions: Assumptions
    origins: dict[str, Origin]


class Given(Struct, frozen=True, forbid_unknown_fields=True):
    """One figure as a file has it."""

    value: float
    source: Literal["published", "assumption of this software", "your log", "your choice"]
    row: str = ""
    note: str = ""


def checked(**values: float) -> Assumptions:
    """Return assumptions within their limits. Raises AssumptionError for the first that is not."""
    for name in FIELDS:
        if name not in values:
            raise AssumptionError(name, f"{name}: there is no value for it; give one.")
        check(FIELDS[name], values[name])
    return Assumptions(**values)


def check(field: Field, value: float) -> None:
    """Raise AssumptionError where a value is outside the limits of its field."""
    if not field.low <= value <= field.high:  # refuses what is not a number too
        about = ", as a part of 1 (0.08 for 8 of 100)" if field.share else f" {field.unit}"
        raise AssumptionError(
            field.name,
            f"{field.name}: {value:g} is outside {field.low:g} to {field.high:g}{about}; choose within these.",
        )
    if field.whole and value != int(value):
        raise AssumptionError(field.name, f"{field.name}: {value:g} has a part; write a whole number of {field.unit}.")


@cache
def defaults(country: str) -> Unit:
    """Return the shipped assumptions for a country."""
    if country not in COUNTRIES:
        raise AssumptionError("country", f"There are no assumptions for {country!r}. Choose {' or '.join(COUNTRIES)}.")
    name = f"data/{country.lower()}.toml"
    return parse((resources.files(__package__) / name).read_text(encoding="utf-8"), where=name)


def load(file: Path) -> Unit:
    """Return the assumptions of a file."""
    try:
        return parse(file.read_text(encoding="utf-8"), where=str(file))
    except UnicodeDecodeError as error:
        raise AssumptionError("file", f"{file}: this is not text in UTF-8.") from error


def parse(text: str, *, where: str) -> Unit:
    """Return the assumptions in a TOML text. A file may leave figures out if it names a country to take them from."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AssumptionError("file", f"{where}: not TOML: {error}") from error
    if raw.pop("format", None) != 1:
        raise AssumptionError("file", f"{where}: write format = 1 at the top.")
    base = raw.pop("start_from", None)
    start = defaults(base) if base is not None else None
    values = msgspec.structs.asdict(start.assumptions) if start else {}
    origins = dict(start.origins) if start else {}
    for name, table in raw.items():
        given = _given(name, table, where)
        values[name] = given.value
        origins[name] = Origin(given.source, given.row, given.note)
    try:
        return Unit(checked(**values), origins)
    except AssumptionError as error:
        raise AssumptionError(error.field, f"{where}, {error}") from error


def _given(name: str, table: Any, where: str) -> Given:
    if name not in FIELDS:
        raise AssumptionError(name, f"{where}: there is no figure called {name!r}; choose from {', '.join(FIELDS)}.")
    if isinstance(table, int | float):
        return Given(value=float(table), source="your choice")
    try:
        given = msgspec.convert(table, Given)
    except msgspec.ValidationError as error:
        raise AssumptionError(name, f"{where}, {name}: {error}.") from error
    if (given.source == PUBLISHED) != bool(given.row):
        raise AssumptionError(name, f"{where}, {name}: a published figure names its row, and no other does.")
    if given.row and given.row not in figures():
        raise AssumptionError(name, f"{where}, {name}: there is no published figure {given.row!r}; see published.toml.")
    if given.row and figures()[given.row].value != given.value:
        printed = figures()[given.row].value
        raise AssumptionError(name, f"{where}, {name}: its row says {printed:g}; write that, or give another source.")
    return given


CHANGE = re.compile(r"\s*([a-z_]+)\s*(\+=|-=|=|\+|-)\s*([0-9.]+)\s*")


def changed(unit: Unit, *changes: str) -> Unit:
    """Return the unit with changes such as "ultrasound_sessions+1" or "recall_share=0.08", one after the other."""
    values, origins = msgspec.structs.asdict(unit.assumptions), dict(unit.origins)
    for change in changes:
        found = CHANGE.fullmatch(change)
        if found is None or found[1] not in FIELDS:
            raise AssumptionError(
                "change",
                f"{change!r} is no change. Write a figure and what becomes of it, such as ultrasound_sessions+1 or "
                f"recall_share=0.08; the figures are {', '.join(FIELDS)}.",
            )
        name, sign, text = found.groups()
        try:
            by = float(text)
        except ValueError:
            raise AssumptionError(name, f"{change!r}: {text!r} is not a number.") from None
        was = values[name]
        values[name] = by if sign == "=" else round(was + by if "+" in sign else was - by, 9)
        if values[name] != was:
            origins[name] = Origin(CHOSEN)
    return Unit(checked(**values), origins)
