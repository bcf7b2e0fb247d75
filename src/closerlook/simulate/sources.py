"""Where a number of the model comes from, and whether the published rows say the same.

A number has one of

- `row` or `rows`: ids in evidence/data/published.toml, with a `formula` where it is not the row's own value;
- `source`: "assumption of this software", or "fitted: so that <measure> meets <row>".

A formula is arithmetic over `a`, `b`, `c` … (the rows in their order, as fractions, a rate per 1000 divided by 1000),
`a_low`, `a_high`, `a_n` (their interval and number of women) and the functions log, exp, logit and probit; several, for
a list of numbers, are set apart by semicolons.
"""

import ast
import math
import operator
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from statistics import NormalDist
from string import ascii_lowercase
from typing import Any

import msgspec
from msgspec import Struct

from closerlook.evidence.published import Row, Unit, figures

ASSUMED = "assumption of this software"
FITTED = "fitted: so that "
COUNTRIES = ("us", "uk")


class ParametersError(ValueError):
    """A file of parameters is wrong; the message names file, section, parameter and mend."""


class Given(Struct, frozen=True, forbid_unknown_fields=True):
    """One parameter as its file states it: a number or a list, and where it comes from."""

    value: float | list[float]
    row: str = ""
    rows: tuple[str, ...] = ()
    formula: str = ""
    source: str = ""
    note: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.row,) if self.row else self.rows

    @property
    def is_published(self) -> bool:
        return bool(self.ids)


def given(country: str) -> Iterator[tuple[str, str, Given]]:
    """Yield section, name ("kind.mass" for one of several) and what the file gives, in its order."""
    if country not in COUNTRIES:
        raise ParametersError(f"There is no model of {country!r}: choose us or uk.")
    for section, names in _file(country).items():
        for name, entry in names.items():
            many = {name: entry} if "value" in entry else {f"{name}.{key}": one for key, one in entry.items()}
            for full, one in many.items():
                try:
                    yield section, full, msgspec.convert(one, Given)
                except msgspec.ValidationError as error:
                    raise ParametersError(f"data/{country}.toml, {section}.{full}: {error}") from error


@cache
def _file(country: str) -> dict[str, dict[str, Any]]:
    text = (resources.files(__package__) / "data" / f"{country}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


# ---------------------------------------------------------------- against the published rows


def published_value(entry: Given) -> float | list[float]:
    """Return what the rows of `entry` say its value is. Raises KeyError where a row is not there."""
    rows = [figures()[row_id] for row_id in entry.ids]
    if not entry.formula:
        return [_fraction(row) for row in rows] if isinstance(entry.value, list) else _fraction(rows[0])
    names: dict[str, float] = {}
    for letter, row in zip(ascii_lowercase, rows, strict=False):
        names[letter] = _fraction(row)
        for what in ("low", "high", "n"):
            found = getattr(row, what)
            if found is not None:
                names[f"{letter}_{what}"] = float(found)
    parts = entry.formula.split(";")
    values = [worked_out(part, names) for part in parts]
    return values if isinstance(entry.value, list) else values[0]


def _fraction(row: Row) -> float:
    return row.value / 1000 if row.unit is Unit.PER_1000 else row.value


_SIGNS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "log": math.log,
    "exp": math.exp,
    "logit": lambda p: math.log(p / (1 - p)),
    "probit": NormalDist().inv_cdf,
}


def worked_out(formula: str, names: dict[str, float]) -> float:
    """Return the value of an arithmetic formula. Raises ParametersError for anything else than arithmetic."""
    return _value(ast.parse(formula.strip(), mode="eval").body, names)


def _value(node: ast.expr, names: dict[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
            return _SIGNS[type(op)](_value(left, names), _value(right, names))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(argument, names))
        case _:
            raise ParametersError(
                f"{ast.unparse(node)!r} is no arithmetic over the rows: write numbers, a, b, + - * /."
            )
