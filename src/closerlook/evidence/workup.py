"""What is usually done for each reason of a call-back, from data/workup.toml: a plan for the radiologist to edit.

You are here to change a default plan, or to add a view. Reasons are the values of `pathway.terms.FindingKind`; a reason
without a row proposes nothing and says so. Pure: the same reasons give the same proposal.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
from msgspec import Struct

TECHNICAL = "technical"
IMPLANT = "implant"
EDGES = {"lateral": ("edge_lateral",), "medial": ("edge_medial",), "unknown": ("edge_lateral", "edge_medial")}
Ultrasound = Literal["yes", "if_it_persists", "as_needed", "no"]


class WorkupError(Exception):
    """The file of work-up plans is wrong; the message names row, field and mend."""


class View(Struct, frozen=True, forbid_unknown_fields=True):
    """A view and what it is for. `source` names keys of the file's sources."""

    code: str
    purpose: str
    source: tuple[str, ...]
    verified: bool
    quote: str = ""


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """The default plan for one reason. `then`: if the question is still open. `besides`: added to any reason's plan."""

    reason: str
    views: tuple[str, ...]
    ultrasound: Ultrasound
    note: str
    source: tuple[str, ...]
    verified: bool
    then: tuple[str, ...] = ()
    besides: bool = False
    quote: str = ""


class Watching(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule of watching what is probably benign."""

    id: str
    rule: str
    quote: str
    source: tuple[str, ...]
    verified: bool


class Workup(Struct, frozen=True):
    """The whole file."""

    sources: dict[str, str]
    views: dict[str, View]
    plans: dict[str, Plan]
    watching: tuple[Watching, ...]


class Proposal(Struct, frozen=True):
    """A plan to edit. `ultrasound`: its time is booked with the views. `unknown`: reasons that no row is on file for.

    `rows` are the plans it was put together from, each with its sources and whether they were verified.
    """

    views: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    ultrasound: bool = False
    technical: bool = False
    rows: tuple[Plan, ...] = ()
    unknown: tuple[str, ...] = ()


def propose(reasons: Iterable[str], *, implant: bool = False, edge: str = "") -> Proposal:
    """Return the plan for one visit that answers all `reasons`.

    `implant`: the breast has one. `edge`: the finding lies near the "lateral" or "medial" edge of the pictures, or near
    one that is not known ("unknown"). Pictures that are only to be taken again ask for nothing else.
    """
    asked = tuple(dict.fromkeys(reasons))
    plans = everything().plans
    rows = [plans[reason] for reason in asked if reason in plans and not plans[reason].besides]
    technical = bool(rows) and asked == (TECHNICAL,)
    if asked and not technical:
        rows += [plans[name] for name in EDGES.get(edge, ())] + ([plans[IMPLANT]] if implant else [])
    views = tuple(dict.fromkeys(view for row in rows for view in row.views))
    then = tuple(dict.fromkeys(view for row in rows for view in row.then if view not in views))
    known = {row.reason for row in rows}
    return Proposal(
        views=views,
        then=then,
        ultrasound=any(row.ultrasound in ("yes", "if_it_persists") for row in rows),
        technical=technical,
        rows=tuple(rows),
        unknown=tuple(reason for reason in asked if reason not in known),
    )


@cache
def everything() -> Workup:
    """Return every view, plan and rule."""
    text = (resources.files(__package__) / "data/workup.toml").read_text(encoding="utf-8")
    return parse(text, where="data/workup.toml")


def parse(text: str, *, where: str) -> Workup:
    """Return what a file holds. Raises WorkupError naming row, field and mend."""
    try:
        raw = tomllib.loads(text)
        sources = msgspec.convert(raw["sources"], dict[str, str])
        views = msgspec.convert(raw["view"], tuple[View, ...])
        plans = msgspec.convert(raw["plan"], tuple[Plan, ...])
        watching = msgspec.convert(raw["watching"], tuple[Watching, ...])
    except (tomllib.TOMLDecodeError, KeyError, msgspec.ValidationError) as error:
        raise WorkupError(f"{where}: {error}; see another row for an example.") from error
    found = Workup(sources, {v.code: v for v in views}, {p.reason: p for p in plans}, watching)
    if len(found.views) != len(views) or len(found.plans) != len(plans):
        raise WorkupError(f"{where}: a code or a reason is used twice; keep one row of each.")
    for view in views:
        _check(f"{where}, view {view.code}", view.source, sources, verified=view.verified, quote=view.quote)
    for plan in plans:
        name = f"{where}, plan {plan.reason}"
        _check(name, plan.source, sources, verified=plan.verified, quote=plan.quote)
        for code in (*plan.views, *plan.then):
            if code not in found.views:
                raise WorkupError(f"{name}: no view {code} is on file; add it, or name another.")
    for rule in watching:
        _check(f"{where}, watching {rule.id}", rule.source, sources, verified=rule.verified, quote=rule.quote)
    return found


def _check(name: str, source: tuple[str, ...], sources: dict[str, str], *, verified: bool, quote: str) -> None:
    for key in source:
        if key not in sources:
            raise WorkupError(f"{name}, field source: there is no source {key}; add it to [sources].")
    if verified and not (source and quote):
        raise WorkupError(f"{name}, field verified: what is verified has a source and the words read there.")
