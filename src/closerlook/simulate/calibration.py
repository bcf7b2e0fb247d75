"""Holds measures against published rows: what is within, what is near, what misfits and why, and never two countries.

A measure is within where it lies inside the published interval or the published value inside the simulated one; near
where it is inside the tolerance that its target states; else a misfit, and a sentence says what the likely reason is.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from closerlook.evidence.published import Row as Published
from closerlook.evidence.published import figures
from closerlook.simulate.cumulative import cumulative
from closerlook.simulate.measures import Estimate
from closerlook.simulate.sources import Given, published_value
from closerlook.simulate.targets import Prediction, Role, Target, predictions, targets


class Verdict(StrEnum):
    WITHIN = "within"
    NEAR = "near"
    MISFIT = "misfit"
    CONTEXT = "context"
    UNMEASURED = "not measured"


class Row(Struct, frozen=True):
    """One line of the comparison. `published`, `low` and `high` are in the unit of `simulated`; None: no interval."""

    measure: str
    words: str
    role: Role
    simulated: Estimate | None
    rows: tuple[str, ...]
    published: float
    low: float | None
    high: float | None
    interval: str
    population: str
    verdict: Verdict
    sentence: str = ""
    near: float = 0.1
    """How far off, as a part of the published value (of 1, for a difference), still counts as near."""


def compare(found: Mapping[str, Estimate], country: str) -> list[Row]:
    """Return one row for every target of a country. Raises AssertionError where a target's row is another country's."""
    return [_row(target, found.get(target.measure), country) for target in targets(country)]


def predict(seed: int, women: int) -> list[Row]:
    """Return the false alarms of ten years beside what was published; some 0.1 ms a woman and prediction."""
    runs: dict[tuple[int, tuple[int, int], str | None], dict[str, Estimate]] = {}
    rows = []
    for one in predictions():
        key = (one.every_months, one.ages, one.density)
        if key not in runs:
            runs[key] = cumulative(seed, women, "us", one.every_months, ages=one.ages, density=one.density)
        rows.append(_predicted(one, runs[key][one.what]))
    return rows


def _row(target: Target, simulated: Estimate | None, country: str) -> Row:
    published = [figures()[row_id] for row_id in target.rows]
    for source in published:
        if not source.population.country.lower().startswith(country):
            raise AssertionError(f"{source.id} is of {source.population.country}, and the model of {country}")
    scale = 1000 if simulated and simulated.unit == "per_1000" else 1  # rows come as fractions
    value = published_value(Given(0.0, rows=target.rows, formula=target.formula))
    assert isinstance(value, float)  # noqa: S101  a list comes of a list only
    only = published[0] if not target.formula else None  # the interval of a row says nothing of a formula
    row = Row(
        measure=target.measure,
        words=target.words,
        role=target.role,
        simulated=simulated,
        rows=target.rows,
        published=value * scale,
        low=only.low if only else None,
        high=only.high if only else None,
        interval=only.interval if only else "",
        population=population_of(published),
        verdict=Verdict.CONTEXT,
    )
    return row if target.role is Role.CONTEXT else _judged(row, target.near, target.why)


def _predicted(one: Prediction, simulated: Estimate) -> Row:
    target = Target(f"{one.what}_after_10_years", one.words, (one.row,), Role.PREDICTED, why=one.why)
    return _row(target, simulated, "us")


def _judged(row: Row, near: float, why: str) -> Row:
    if row.simulated is None or row.simulated.n == 0:
        return replace(row, verdict=Verdict.UNMEASURED)
    verdict = verdict_of(row.simulated, row.published, row.low, row.high, near, narrow=row.interval.startswith("95"))
    if verdict is not Verdict.MISFIT:
        return replace(row, verdict=verdict, near=near)
    side = "above" if row.simulated.value > row.published else "below"
    because = f"likely because {why}" if why else "no reason is known yet"
    return replace(row, verdict=verdict, sentence=f"{row.words}: {side} what was published; {because}.")


def verdict_of(
    simulated: Estimate, published: float, low: float | None, high: float | None, near: float, *, narrow: bool = True
) -> Verdict:
    """Return how a measure stands to a published value. An interval that is no confidence interval does not count."""
    inside = narrow and low is not None and high is not None and low <= simulated.value <= high
    if inside or simulated.low <= published <= simulated.high:
        return Verdict.WITHIN
    away = abs(simulated.value - published)
    allowed = near if simulated.unit == "difference" else near * abs(published)
    return Verdict.NEAR if away <= allowed else Verdict.MISFIT


def population_of(rows: Sequence[Published]) -> str:
    """Return in words whom rows of one study describe: the ages of all, the rest as in the first."""
    first = rows[0].population
    youngest = min((row.population.age_low or 0 for row in rows), default=0)
    oldest = max((row.population.age_high or 0 for row in rows), default=0)
    ages = f"{youngest or ''}-{oldest or ''}" if youngest or oldest else ""
    parts = [first.country, ages, first.modality if first.modality != "any" else "", rows[0].years]
    parts += [f"{first.screen} screen" if first.screen != "any" and len(rows) == 1 else "", first.group, first.schedule]
    return ", ".join(part for part in parts if part)
