"""The manager's question: what would one more session a week do to how long women wait for an answer?

The simulation itself is in `closerlook.capacity`; here is its form, what is kept so that a page answers at once, and
who may ask. Nothing is recorded and nobody's record is changed.
"""

import time
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import forms
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from closerlook.capacity import words
from closerlook.capacity.assumptions import CHOSEN, AssumptionError, Assumptions, Origin, Unit, changed, defaults
from closerlook.capacity.document import observed_in_words
from closerlook.capacity.fields import FIELDS, Field, Group, said
from closerlook.capacity.load import events_a_week
from closerlook.capacity.observed import Observed
from closerlook.capacity.pictures import answered_by_day
from closerlook.capacity.study import GROUPS, Compared, Simulated, compare, simulate
from closerlook.capacity.unit import Plan
from closerlook.desk.here import Here, frame, staff_only
from closerlook.evidence.published import figures
from closerlook.people import sites
from closerlook.record import observing

PUBLISHED, LOG = "published", "log"
CHANGES = {
    "ultrasound_sessions+1": "one more ultrasound session a week",
    "mammography_sessions+1": "one more diagnostic mammography session a week",
    "mammography_sessions+1,ultrasound_sessions+1": "one more session a week of both, mammography and ultrasound",
    "biopsy_sessions+1": "one more biopsy session a week",
    "reading_sessions+1": "one more reading session a week",
    "navigator_hours+1": "one more hour for calling, each working day",
    "attempts_per_day=2": "a second attempt to reach her on the same day",
    "ultrasound_sessions-1": "one ultrasound session a week fewer",
    "mammography_sessions-1": "one diagnostic mammography session a week fewer",
    "reading_sessions-1": "one reading session a week fewer",
}
SEED = 1
PLANS = ((Plan(drain=13), 8), (Plan(drain=13), 5), (Plan(13, 13, 13), 5), (Plan(10, 10, 8), 5))
"""How long and how often to simulate, the most first; the first that costs no more than `ENOUGH` is taken."""
ENOUGH = 450_000
"""Events that one unit may cost, so that the page answers in about two seconds."""
SECONDS_KEPT = 600.0
_log_kept: dict[str, tuple[float, Observed]] = {}
SHOWN = ("median", "p90", "mean", "within_2", "within_7", "within_15", "within_60", "unanswered")


class CapacityForm(forms.Form):
    """What to start from, what to try, and the unit's own figures. A figure left empty is the one started from."""

    start = forms.ChoiceField(
        label="Start from",
        choices=[(PUBLISHED, "published figures and plain assumptions"), (LOG, "our own last 6 months")],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the two."},
    )
    change = forms.ChoiceField(
        label="Try", choices=list(CHANGES.items()), error_messages={"invalid_choice": "Choose one from the list."}
    )

    def __init__(self, data: dict[str, str], unit: Unit) -> None:
        super().__init__(data)
        for name, field in FIELDS.items():
            self.fields[name] = _asked(field, getattr(unit.assumptions, name))

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the figures as they stand on the page."""
        return [(group.value, [self[name] for name, f in FIELDS.items() if f.group is group]) for group in Group]

    def given(self) -> dict[str, float]:
        """Return the figures that were written, in the units of the simulation."""
        return {
            name: value / 100 if FIELDS[name].share else value
            for name in FIELDS
            if (value := getattr(self, "cleaned_data", {}).get(name)) is not None
        }


def _asked(field: Field, value: float) -> forms.FloatField:
    times = 100 if field.share else 1
    unit = "per cent" if field.share else field.unit
    return forms.FloatField(
        label=f"{field.words} ({unit})",
        required=False,
        min_value=field.low * times,
        max_value=field.high * times,
        widget=forms.NumberInput(attrs={"placeholder": f"{value * times:.4g}", "step": "1" if field.whole else "any"}),
        error_messages={
            "invalid": "Write a number, such as 3 or 0.5.",
            "min_value": "Write at least %(limit_value)g.",
            "max_value": "Write %(limit_value)g at most.",
        },
    )


@staff_only
def capacity(request: HttpRequest, here: Here) -> HttpResponse:
    """Show what a change would do; a question asked by address, so that it can be kept as a bookmark."""
    usual = {"start": PUBLISHED, "change": next(iter(CHANGES))}
    asked = usual | {name: str(value) for name, value in request.GET.items() if value}
    observed = _observed_lately(here.now) if asked["start"] == LOG else None
    start = observed.unit if observed else defaults(observing.country_of(sites.protocol(here.site.slug).name))
    form = CapacityForm(asked, start)
    page: dict[str, Any] = {"form": form, "observed": observed_in_words(observed) if observed else []}
    if form.is_valid():
        try:
            page |= _answered(_with(start, form.given()), form.cleaned_data["change"])
        except AssumptionError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return render(request, "desk/capacity.html", frame(here, "capacity") | page)


def _with(start: Unit, given: dict[str, float]) -> Unit:
    unit = changed(start, *(f"{name}={value:.9f}" for name, value in given.items()))
    return Unit(unit.assumptions, start.origins | {name: Origin(CHOSEN) for name in given})


def _answered(unit: Unit, change: str) -> dict[str, Any]:
    """Return what the page shows of one question."""
    after = changed(unit, *change.split(","))
    plan, replications = _plan(unit, after)
    found = compare(*(_simulated(one.assumptions, plan, replications) for one in (unit, after)))
    groups = ["called_back", *(["ultrasound"] if "ultrasound" in change else [])]
    return {
        "answers": [words.answer(found, group) for group in (groups if not _growing(found) else groups[:1])],
        # Made by our own code from numbers and escaped words.
        "picture": mark_safe(answered_by_day(found.before, [found])),  # noqa: S308
        "tables": [_table(found, group) for group in GROUPS if any(found.before.values[group].values())],
        "queues": _queues(found),
        "minded": list(dict.fromkeys(words.warnings(found.before) + words.warnings(found.after))),
        "assumed": [_assumed(unit, field) for field in FIELDS.values()],
        "replications": found.before.replications,
        "women": found.before.women,
        "weeks": plan.weeks,
        "warm_up": plan.warm_up,
    }


def _growing(found: Compared) -> bool:
    return bool(found.before.growing or found.after.growing)


@lru_cache(maxsize=64)
def _simulated(assumptions: Assumptions, plan: Plan, replications: int) -> Simulated:
    return simulate(Unit(assumptions, {}), seed=SEED, replications=replications, plan=plan)


def _plan(*units: Unit) -> tuple[Plan, int]:
    """Return how long and how often to simulate. Raises AssumptionError where a page cannot wait for it."""
    events = max(events_a_week(unit.assumptions) for unit in units)
    for plan, replications in PLANS:
        if events * (plan.warm_up + plan.weeks + plan.drain) * replications <= ENOUGH:
            return plan, replications
    raise AssumptionError(
        "", "So many women and calls take too long for a page. Use fewer, or the command closerlook simulate capacity."
    )


def _observed_lately(now: datetime) -> Observed:
    """Return the unit as its log has it, up to ten minutes old: reading all of a long log is too much for each look."""
    name = str(connection.settings_dict["NAME"])
    kept = _log_kept.get(name)
    if kept is None or time.monotonic() - kept[0] > SECONDS_KEPT:
        kept = _log_kept[name] = (time.monotonic(), observing.observed(now))
    return kept[1]


def _table(found: Compared, group: str) -> dict[str, Any]:
    before, after = found.before.groups[group], found.after.groups[group]
    return {
        "caption": f"{GROUPS[group][0].upper()}{GROUPS[group][1:]}: as it is, and with the change",
        "rows": [
            (
                words.MEASURES[name] + (", days" if name in words.IN_DAYS else ""),
                words.shown(name, before[name]),
                words.shown(name, after[name]),
                words.shown(name, found.differences[group][name], difference=True),
            )
            for name in SHOWN
        ],
    }


def _queues(found: Compared) -> list[tuple[str, str, str, str, str]]:
    rows = []
    for name, before in found.before.queues.items():
        after = found.after.queues[name]
        rows.append(
            (
                words.RESOURCE_WORDS[name],
                _full(before.used.value if before.used else None),
                _full(after.used.value if after.used else None),
                words.number(before.length.value or 0),
                words.number(after.length.value or 0),
            )
        )
    return rows


def _full(used: float | None) -> str:
    return "" if used is None else f"{used * 100:.0f} %"


def _assumed(unit: Unit, field: Field) -> tuple[str, str, str, str]:
    """Return a figure, its value, where it comes from, and the address of its source if it has one."""
    origin = unit.origins[field.name]
    row = figures().get(origin.row)
    where = row.citation if row else origin.source
    return (
        field.words,
        said(field, getattr(unit.assumptions, field.name)),
        f"{where}; {origin.note}" if origin.note else where,
        row.url if row else "",
    )
