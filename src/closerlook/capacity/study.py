"""A unit simulated again and again, and two units side by side with the same women in both.

`simulate` answers "how long does she wait here?", `compare` "what if?". Days are from examination to answer; shares
"within n days" count dates of the calendar, as people and rules do.
"""

from collections.abc import Callable

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from closerlook.capacity.assumptions import Unit
from closerlook.capacity.estimates import Estimate, estimate, paired
from closerlook.capacity.load import loads
from closerlook.capacity.unit import Plan, Run, run

GROUPS: dict[str, str] = {
    "called_back": "women called back",
    "ultrasound": "women called back who need ultrasound",
    "everyone": "women examined",
}
WITHIN = (2, 7, 15, 60)
"""Days within which an answer is counted."""
DAYS_DRAWN = 60
Values = list[float]
Days = NDArray[np.float64]


def _quantile(part: float) -> Callable[[Days, Days], float]:
    return lambda elapsed, _: float(np.quantile(elapsed, part, method="inverted_cdf"))


def _within(days: int) -> Callable[[Days, Days], float]:
    return lambda _, dates: float((dates <= days).mean())


MEASURES: dict[str, Callable[[Days, Days], float]] = {
    "median": _quantile(0.5),
    "p90": _quantile(0.9),
    "mean": lambda elapsed, _: float(elapsed.mean()),
    **{f"within_{days}": _within(days) for days in WITHIN},
    "unanswered": lambda elapsed, _: float(np.isinf(elapsed).mean()),
}
"""What is said of a group: days for the first three, parts of 1 for the others. An unanswered woman waits for ever."""


class Queue(Struct, frozen=True):
    """One queue over replications. `length`: women waiting on average; `waited`: mean days of a stay; `used`: 0 to 1.

    `load` is what is asked of it by arithmetic, None for what has no limit. `grows`: there is no steady wait, and
    `growth` is by how many women a week it grew in the window.
    """

    length: Estimate
    waited: Estimate
    used: Estimate | None
    load: float | None
    grows: bool
    growth: Estimate


class Curve(Struct, frozen=True):
    """Share answered by each date, 0 to `DAYS_DRAWN` days after the examination, with an interval for each."""

    value: list[float]
    low: list[float]
    high: list[float]


class Simulated(Struct, frozen=True):
    """What came of one unit. `values` keeps each replication's figure, by group and measure, for pairing."""

    unit: Unit
    replications: int
    women: int
    groups: dict[str, dict[str, Estimate]]
    curves: dict[str, Curve]
    queues: dict[str, Queue]
    values: dict[str, dict[str, Values]]

    @property
    def growing(self) -> list[str]:
        """The resources whose queue grows without end."""
        return [name for name, queue in self.queues.items() if queue.grows]


class Compared(Struct, frozen=True):
    """One unit beside another; `differences` are after minus before, with paired intervals."""

    before: Simulated
    after: Simulated
    differences: dict[str, dict[str, Estimate]]


def simulate(unit: Unit, *, seed: int = 1, replications: int = 20, plan: Plan | None = None) -> Simulated:
    """Return what comes of a unit, from `replications` independent runs."""
    plan = plan or Plan()
    runs = [run(unit.assumptions, plan, seed=seed, replication=n) for n in range(replications)]
    values = {group: _values(runs, group) for group in GROUPS}
    return Simulated(
        unit,
        replications,
        sum(len(one.elapsed) for one in runs),
        {group: {name: estimate(found) for name, found in by.items()} for group, by in values.items()},
        {group: _curve(runs, group) for group in GROUPS if values[group]["mean"]},
        _queues(unit, runs, plan),
        values,
    )


def compare(before: Simulated, after: Simulated) -> Compared:
    """Return the difference that a change makes. Both have to come from the same seed, plan and replications."""
    pairs = {
        group: {name: paired(found, after.values[group][name]) for name, found in by.items()}
        for group, by in before.values.items()
    }
    return Compared(before, after, pairs)


def _of(one: Run, group: str) -> NDArray[np.bool_]:
    return {
        "everyone": np.ones(len(one.elapsed), dtype=bool),
        "called_back": one.called_back,
        "ultrasound": one.ultrasound,
    }[group]


def _values(runs: list[Run], group: str) -> dict[str, Values]:
    """Return each replication's figures; none at all where some replication had nobody in the group."""
    members = [_of(one, group) for one in runs]
    if not all(some.any() for some in members):
        return {name: [] for name in MEASURES}
    return {
        name: [measure(one.elapsed[some], one.dates[some]) for one, some in zip(runs, members, strict=True)]
        for name, measure in MEASURES.items()
    }


def _curve(runs: list[Run], group: str) -> Curve:
    shares = np.array(
        [[(one.dates[_of(one, group)] <= day).mean() for day in range(DAYS_DRAWN + 1)] for one in runs], dtype=float
    )
    points = [estimate(column.tolist()).told or (0.0, 0.0, 0.0) for column in shares.T]
    return Curve(
        [value for value, _, _ in points],
        [max(0.0, low) for _, low, _ in points],
        [min(1.0, high) for _, _, high in points],
    )


SEEN_TO_GROW = 0.25
"""By what part the second half of the window has to be longer than the first, surely, for a queue to be called growing
although its load is below 1. Source: chosen; large against chance in steady units, small against a real backlog."""


def _queues(unit: Unit, runs: list[Run], plan: Plan) -> dict[str, Queue]:
    """Return every queue. Where one has more to do than it can, those beside it are not called growing."""
    asked = {name: load.of_capacity for name, load in loads(unit.assumptions).items()}
    too_much = any(load >= 1 for load in asked.values())
    found = {}
    for name in runs[0].resources:
        lines = [one.resources[name].line for one in runs]
        used = [one.resources[name].used for one in runs]
        growth = estimate([(line.second_half - line.first_half) / (plan.weeks / 2) for line in lines])
        first_half = sum(line.first_half for line in lines) / len(lines)
        load = asked.get(name)
        found[name] = Queue(
            estimate([line.length for line in lines]),
            estimate([line.waited for line in lines]),
            None if None in used else estimate([one for one in used if one is not None]),
            load,
            load is not None and (load >= 1 if too_much else seen_to_grow(growth, first_half, plan.weeks / 2)),
            growth,
        )
    return found


def seen_to_grow(growth: Estimate, first_half: float, weeks: float) -> bool:
    """Whether a queue of mean length `first_half` surely grew by `growth` women a week over so many weeks."""
    return (growth.low or 0.0) * weeks > max(1.0, SEEN_TO_GROW * first_half)
