"""A simulation as one document for `--json`, and as lines for a person."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict

from closerlook.capacity.assumptions import Unit
from closerlook.capacity.estimates import Estimate
from closerlook.capacity.fields import FIELDS, said
from closerlook.capacity.observed import Observed
from closerlook.capacity.study import GROUPS, Compared, Simulated
from closerlook.capacity.unit import Plan
from closerlook.capacity.words import IN_DAYS, MEASURES, RESOURCE_WORDS, answer, change, number, shown, waits, warnings


def document(
    before: Simulated, changes: Sequence[Compared], *, seed: int, plan: Plan, observed: Observed | None
) -> dict[str, Any]:
    """Return everything that was found, and what it was found from."""
    return {
        "seed": seed,
        "replications": before.replications,
        "plan": asdict(plan),
        "assumptions": assumptions(before.unit),
        "observed": None if observed is None else _observed(observed),
        "before": _simulated(before),
        "changes": [
            {
                "change": change(one.before.unit, one.after.unit),
                "answer": answer(one),
                "after": _simulated(one.after),
                "differences": one.differences,
            }
            for one in changes
        ],
    }


def assumptions(unit: Unit) -> list[dict[str, Any]]:
    """Return every figure with its words and where it comes from."""
    return [
        {
            "name": name,
            "words": field.words,
            "unit": field.unit,
            "value": getattr(unit.assumptions, name),
            **asdict(unit.origins[name]),
        }
        for name, field in FIELDS.items()
    ]


def _simulated(one: Simulated) -> dict[str, Any]:
    return {
        "women": one.women,
        "groups": one.groups,
        "queues": one.queues,
        "growing": one.growing,
        "warnings": warnings(one),
    }


def _observed(found: Observed) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__struct_fields__ if name != "unit"}


def in_words(before: Simulated, changes: Sequence[Compared], observed: Observed | None) -> str:
    """Return the same for a person: the answer first, then the table, then what to mind."""
    lines = [answer(one) for one in changes] or [waits(before)]
    for group, words in GROUPS.items():
        if any(before.values[group].values()):
            lines += ["", f"{words[0].upper()}{words[1:]}", *_rows(before, changes, group)]
    lines += ["", f"{'Queues, as it is':<32} {'waiting':>9} {'days':>7} {'used':>7} {'load':>7}"]
    for name, queue in before.queues.items():
        used = "" if queue.used is None or queue.used.value is None else f"{queue.used.value * 100:.0f} %"
        load = "" if queue.load is None else f"{queue.load:.2f}"
        length, waited = (number(one.value or 0) for one in (queue.length, queue.waited))
        lines.append(f"{RESOURCE_WORDS[name]:<32} {length:>9} {waited:>7} {used:>7} {load:>7}")
    minded = list(
        dict.fromkeys(sentence for one in (before, *(c.after for c in changes)) for sentence in warnings(one))
    )
    if minded:
        lines += ["", "Mind:", *(f"  {sentence}" for sentence in minded)]
    lines += ["", "Assumed:", *(f"  {_assumed(before.unit, name)}" for name in FIELDS)]
    if observed is not None:
        lines += ["", *observed_in_words(observed)]
    return "\n".join(lines)


def _rows(before: Simulated, changes: Sequence[Compared], group: str) -> list[str]:
    heads = [
        "as it is",
        *(f"change {n}" if len(changes) > 1 else "with the change" for n in range(1, len(changes) + 1)),
    ]
    lines = [f"{'':<40} " + "  ".join(f"{head:>24}" for head in heads)]
    for measure, words in MEASURES.items():
        cells = [shown(measure, before.groups[group][measure])]
        cells += [shown(measure, one.after.groups[group].get(measure, Estimate())) for one in changes]
        unit = " (days)" if measure in IN_DAYS else ""
        lines.append(f"{words + unit:<40} " + "  ".join(f"{cell:>24}" for cell in cells))
    return lines


def _assumed(unit: Unit, name: str) -> str:
    field, origin = FIELDS[name], unit.origins[name]
    where = origin.row or origin.source
    note = f": {origin.note}" if origin.note else ""
    value = getattr(unit.assumptions, name)
    return f"{name} = {value:g} ({field.words}; {said(field, value)}; {where}{note})"


def observed_in_words(found: Observed) -> list[str]:
    """Return what the log told and what it could not."""
    patients = f"{found.patients:,} patient{'' if found.patients == 1 else 's'}"
    lines = [f"From your log: {patients}, {found.working_days} working days."]
    if found.days_to_reading is not None:
        lines.append(f"Half of the examinations were read within {number(found.days_to_reading)} days.")
    if any(found.visits_per_week.values()):
        kept = ", ".join(f"{kind} {number(visits)}" for kind, visits in found.visits_per_week.items())
        lines.append(f"Visits kept each week: {kept}. What you offer is at least that; how much more, no log can tell.")
    lines += [
        f"Too few in your log ({count}), default kept: {FIELDS[name].words.lower()}." for name, count in found.too_few
    ]
    lines.append(
        "Not in your log, default kept: " + "; ".join(FIELDS[name].words.lower() for name in found.not_in_log) + "."
    )
    return lines
