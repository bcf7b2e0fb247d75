"""The plan proposed beside a category 0: from the reasons on the form, as published, for the radiologist to edit."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from msgspec import Struct

from closerlook.desk import words
from closerlook.desk.fields import Target
from closerlook.evidence import workup
from closerlook.look.places import Place, place_at
from closerlook.pathway.regions import AS_SCREENING
from closerlook.pathway.terms import Assessment, FindingKind, Laterality

MEDIAL = frozenset({Place.INNER, Place.UPPER_INNER, Place.LOWER_INNER})
LATERAL = frozenset({Place.OUTER, Place.UPPER_OUTER, Place.LOWER_OUTER, Place.AXILLARY_TAIL})


class Asking(Struct, frozen=True):
    """What a filled form asks further pictures for: of which breasts, why, and near which edge."""

    sides: tuple[Laterality, ...]
    reasons: tuple[FindingKind, ...]
    implant: bool = False
    edge: str = ""

    @property
    def mark(self) -> str:
        """What the proposal depends on, as a short text: a plan shown for something else is shown anew."""
        return "|".join((",".join(self.sides), ",".join(self.reasons), self.edge))

    def proposal(self) -> workup.Proposal:
        return workup.propose(self.reasons, implant=self.implant, edge=self.edge)


def asked_by(data: Mapping[str, Any], target: Target) -> Asking:
    """Return what a form as it stands asks further pictures for; no sides where it asks for none."""
    if "reasons" in data or "sides" in data:
        return _asked_outright(data, target)
    asks = {Assessment.INCOMPLETE_IMAGING.value}
    if target.exam is not None and target.exam.kind in AS_SCREENING:
        asks.add(Assessment.PROBABLY_BENIGN.value)  # a 3 on screening pictures is worked up, not watched
    sides = tuple(side for side in Laterality if data.get(f"side_{side}") in asks)
    named = [data.get(f"kind_{side}") for side in sides]
    reasons = tuple(dict.fromkeys(FindingKind(kind) for kind in named if kind in set(FindingKind)))
    implant = not set(sides).isdisjoint(target.patient.anatomy.implants)
    return Asking(sides, reasons, implant, _edge(data, sides) if data.get("edge") else "")


def _asked_outright(data: Mapping[str, Any], target: Target) -> Asking:
    """Return what the form of a plan alone asks for: its breasts and its reasons."""
    sides = tuple(side for side in Laterality if side in _all(data, "sides"))
    reasons = tuple(kind for kind in FindingKind if kind in _all(data, "reasons"))
    implant = not set(sides).isdisjoint(target.patient.anatomy.implants)
    return Asking(sides, reasons, implant, "unknown" if data.get("edge") else "")


def _all(data: Mapping[str, Any], name: str) -> list[Any]:
    return data.getlist(name) if isinstance(data, QueryDict) else list(data.get(name) or ())


def _edge(data: Mapping[str, Any], sides: tuple[Laterality, ...]) -> str:
    found = {
        place_at(side, int(hour)) for side in sides if (hour := str(data.get(f"clock_{side}") or "")) in HOURS
    }  # fmt: skip
    if found and found <= MEDIAL:
        return "medial"
    return "lateral" if found and found <= LATERAL else "unknown"


HOURS = frozenset(str(hour) for hour in range(1, 13))


def said(proposal: workup.Proposal) -> list[tuple[str, str]]:
    """Return a proposal in words, as (reason, note with its sources and how sure they are)."""
    lines = []
    for row in proposal.rows:
        sure = "verified" if row.verified else "not verified"
        lines.append((_reason(row.reason), f"{row.note} (source {', '.join(row.source)}; {sure})"))
    lines += [(_reason(reason), "No plan is on file for this reason: choose the views.") for reason in proposal.unknown]
    if proposal.then:
        lines.append(("Then, if it is still open", ", ".join(words.VIEWS[view] for view in proposal.then)))
    return lines


def sources(proposal: workup.Proposal) -> list[tuple[str, str]]:
    """Return where a proposal comes from, as (key, address)."""
    known = workup.everything().sources
    return [(key, known[key]) for key in dict.fromkeys(key for row in proposal.rows for key in row.source)]


def _reason(name: str) -> str:
    found = words.FINDINGS[FindingKind(name)] if name in set(FindingKind) else name.replace("_", ", ")
    return found[:1].upper() + found[1:]
