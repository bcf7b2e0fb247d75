"""Which measure of the model is held against which published row, country by country: data/targets.toml."""

import tomllib
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from msgspec import Struct

NEAR = 0.10
"""A measure is near where it is at most so far, relatively, from what was published."""


class Role(StrEnum):
    """What agreement would say; data/targets.toml tells them apart."""

    FITTED = "fitted"
    GIVEN = "given"
    CHECKED = "checked"
    CONTEXT = "context"
    PREDICTED = "predicted"


class Target(Struct, frozen=True, forbid_unknown_fields=True):
    """One measure and its rows. `near` is relative, for a difference in points of 1; `why` explains a misfit."""

    measure: str
    words: str
    rows: tuple[str, ...]
    role: Role
    formula: str = ""
    near: float = NEAR
    why: str = ""


class Prediction(Struct, frozen=True, forbid_unknown_fields=True):
    """A share of women after ten years of screening, of these ages and density at the start."""

    words: str
    row: str
    what: str
    every_months: int
    ages: tuple[int, int] = (40, 79)
    density: str | None = None
    why: str = ""


@cache
def targets(country: str) -> tuple[Target, ...]:
    """Return what a country's model is held against."""
    return msgspec.convert(_file()[country], tuple[Target, ...])


@cache
def predictions() -> tuple[Prediction, ...]:
    """Return what the United States model predicts of ten years."""
    return msgspec.convert(_file()["prediction"], tuple[Prediction, ...])


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "data" / "targets.toml").read_text(encoding="utf-8"))
