"""The answer in sentences: what a change does, and what to mind."""

from math import isinf

from closerlook.capacity.assumptions import Unit
from closerlook.capacity.estimates import Estimate
from closerlook.capacity.fields import FIELDS, said
from closerlook.capacity.load import RESOURCES, loads, unusable_ultrasound
from closerlook.capacity.study import GROUPS, WITHIN, Compared, Simulated

MEASURES = {
    "median": "Half have their answer within",
    "p90": "Nine of ten have it within",
    "mean": "Mean days to an answer",
    **{f"within_{days}": f"Answered within {days} days" for days in WITHIN},
    "unanswered": "Not answered when the simulation ended",
}
IN_DAYS = ("median", "p90", "mean")
RESOURCE_WORDS = RESOURCES | {"laboratory": "Laboratory", "on_the_way": "Called back, not yet answered"}
SMALLEST = 0.05
"""A difference in days that is not worth a sentence: it would be printed as 0.0."""
MORE = {1: "One", 2: "Two", 3: "Three", 4: "Four", 5: "Five"}


def number(value: float) -> str:
    """Return a number to one place, with a true minus and no "-0.0"."""
    text = f"{value:.1f}"
    text = "0.0" if text == "-0.0" else text
    return text.replace("-", "−")


def shown(measure: str, found: Estimate, *, difference: bool = False) -> str:
    """Return an estimate with its interval: "9.1 (8.4 to 9.8)", "62.0 % (60.0 to 64.0)", "4.7 points (2.9 to 6.6)"."""
    if found.told is None:
        return "not by the end"
    value, low, high = found.told
    if measure in IN_DAYS:
        return f"{number(value)} ({number(low)} to {number(high)})"
    unit = "points" if difference else "%"
    return f"{number(value * 100)} {unit} ({number(low * 100)} to {number(high * 100)})"


def change(before: Unit, after: Unit) -> str:
    """Return what was changed: "One more ultrasound session a week"."""
    parts = []
    for name, field in FIELDS.items():
        was, now = getattr(before.assumptions, name), getattr(after.assumptions, name)
        by = now - was
        if by and name.endswith("_sessions") and abs(by) in MORE:
            what = field.words.removesuffix(" a week").lower()
            what = what.removesuffix("s") if abs(by) == 1 else what
            parts.append(f"{MORE[int(abs(by))].lower()} {'more' if by > 0 else 'fewer'} {what} a week")
        elif by:
            parts.append(f"{field.words.lower()} {said(field, now)} instead of {said(field, was)}")
    text = " and ".join(parts) or "nothing changed"
    return text[0].upper() + text[1:]


def answer(found: Compared, group: str = "called_back") -> str:
    """Return in one sentence, or a few, what the change does to the median wait of a group."""
    what = change(found.before.unit, found.after.unit)
    if not any(found.before.values[group].values()):
        return f"{what}: in this simulation there are no {GROUPS[group]}, so there is no wait to compare."
    growing = [word for word, one in (("before", found.before), ("after", found.after)) if one.growing]
    if growing:
        return f"{what}: {_growing(found)}"
    if found.before.unit.assumptions == found.after.unit.assumptions:
        return f"Nothing was changed. {waits(found.before, group)}"
    return f"{what}: {_moves(found, group)}"


def _growing(found: Compared) -> str:
    before, after = found.before.growing, found.after.growing
    if before and not after:
        return (
            f"as the unit is, the queue for {_names(before)} grows week by week, and there is no steady wait. "
            f"With the change it holds: {_lower(waits(found.after, 'called_back'))}"
        )
    if after and not before:
        return f"the queue for {_names(after)} would grow week by week, and there would be no steady wait."
    return (
        f"it is not enough, or not in the right place. The queue for {_names(after)} grows week by week with the "
        "change too, so there is no steady wait to compare."
    )


def _moves(found: Compared, group: str) -> str:
    difference = found.differences[group]["median"].told
    before, after = found.before.groups[group]["median"].told, found.after.groups[group]["median"].told
    if difference is None or before is None or after is None:
        return f"so many {GROUPS[group]} have no answer when the simulation ends that there is no median to compare."
    by, low, high = difference
    interval = f"difference {number(by)}, 95 % interval {number(low)} to {number(high)}"
    if low <= 0 <= high or abs(by) < SMALLEST:
        return (
            f"no difference that this simulation can tell. The median wait for an answer of {GROUPS[group]} is "
            f"{number(before[0])} days before and {number(after[0])} after ({interval})."
        )
    verb = "falls" if by < 0 else "rises"
    return (
        f"the median wait for an answer of {GROUPS[group]} {verb} from {number(before[0])} days to {number(after[0])} "
        f"({interval})."
    )


def waits(one: Simulated, group: str = "called_back") -> str:
    """Return how long a group waits, in a sentence."""
    median, p90 = one.groups[group]["median"].told, one.groups[group]["p90"].told
    if not any(one.values[group].values()):
        return f"There are no {GROUPS[group]} in this simulation."
    if median is None:
        return f"Half or more of the {GROUPS[group]} have no answer when the simulation ends."
    tenth = f", nine of ten within {number(p90[0])}" if p90 else "; more than one of ten has none when it ends"
    return f"Half of the {GROUPS[group]} have their answer within {number(median[0])} days{tenth}."


def warnings(one: Simulated) -> list[str]:
    """Return what has to be minded before the figures are used."""
    a, found = one.unit.assumptions, []
    asked = loads(a)
    for name, load in asked.items():
        ratio, queue, word = load.of_capacity, one.queues[name], RESOURCES[name]
        if isinf(ratio):
            found.append(
                f"{word}: there is none, and {load.asked:.1f} {load.unit} a week are needed. Nobody gets past it."
            )
        elif ratio >= 1:
            needed = f"{word}: {load.asked:.1f} {load.unit} a week are needed and {load.offered:.1f} are there."
            if queue.growth.low is not None and queue.growth.low > 0:
                found.append(
                    f"{needed} The queue grows week by week ({_by(queue.growth)}), so there is no steady wait: the "
                    "days shown depend on how long is simulated."
                )
            else:
                found.append(
                    f"{needed} Here the queue did not surely grow, as work that is begun is finished after hours. Do "
                    "not count on that: the days shown are too few."
                )
        elif queue.grows:
            found.append(
                f"{word}: its queue still grew in the months counted ({_by(queue.growth)}), although its load is "
                f"{ratio:.2f}. The days shown are too few."
            )
        elif ratio > 0.95:
            found.append(
                f"{word}: {ratio * 100:.0f} % of it is needed. So near to full, a queue takes longer than the warm-up "
                "to find its level: the days shown may be too few."
            )
    if unusable_ultrasound(a):
        found.append(
            f"{unusable_ultrasound(a):g} ultrasound slots a week stand where there is no diagnostic mammography for "
            "them. In this model both are one visit, so these slots help nobody: add diagnostic mammography there."
        )
    lost = one.groups["everyone"]["unanswered"].value
    if lost:
        found.append(f"{lost * 100:.1f} % of all women examined had no answer when the simulation ended.")
    return found


def _by(growth: Estimate) -> str:
    return f"by about {number(growth.value or 0)} women a week"


def _names(resources: list[str]) -> str:
    names = [RESOURCES[name].lower() for name in resources]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
