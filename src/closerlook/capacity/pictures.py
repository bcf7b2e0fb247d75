"""What changes do, drawn: the share answered by each day, as the unit is and with each change."""

from collections.abc import Sequence

from closerlook.capacity.study import GROUPS, Compared, Simulated
from closerlook.capacity.words import answer, change, waits
from closerlook.plots import Curve, curves

NOW = "as it is"
CHANGED = "with the change"
LONGEST = 38
"""Characters of a label that fit beside its line."""


def answered_by_day(
    before: Simulated, changes: Sequence[Compared], group: str = "called_back", *, stand_alone: bool = False
) -> str:
    """Return an SVG of the share answered by each day; an empty text where there is nobody in the group.

    Raises ValueError for more changes than one picture can tell apart (three).
    """
    labels = [CHANGED] if len(changes) == 1 else [_short(change(one.before.unit, one.after.unit)) for one in changes]
    drawn = [(NOW, before), *zip(labels, (one.after for one in changes), strict=True)]
    lines = [_curve(label, one, group) for label, one in drawn if group in one.curves]
    if not lines:
        return ""
    said = [answer(one, group) for one in changes] or [waits(before, group)]
    return curves(
        lines,
        title="Days to an answer" + "".join(f"; {change(one.before.unit, one.after.unit)}" for one in changes),
        description=" ".join([*said, *(_told(line) for line in lines)]),
        across="days from examination to answer",
        up=f"Answered, of {GROUPS[group]}",
        stand_alone=stand_alone,
    )


def _curve(label: str, one: Simulated, group: str) -> Curve:
    curve = one.curves[group]
    return Curve(label, curve.value, curve.low, curve.high)


def _told(line: Curve) -> str:
    days = ", ".join(f"{line.value[day] * 100:.0f} % by day {day}" for day in (2, 7, 15, 30))
    return f"Answered {line.label}: {days}."


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"
