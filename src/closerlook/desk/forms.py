"""A form for every step, made from the step's own fields, so that a new step has a page at once.

What each field asks, and in which words, stands in `fields`; here a filled form becomes a step.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_type_hints

from django import forms
from django.utils import timezone

from closerlook.desk import chronicle, giving, offers
from closerlook.desk.fields import GIVING, MAKERS, Target, fields_of
from closerlook.pathway import steps as st
from closerlook.pathway.events import (
    Anatomy,
    Capacity,
    Channel,
    ContactRoute,
    Finding,
    FindingAnswer,
    How,
    Purpose,
    RoundReason,
    SideAssessment,
    Wishes,
)
from closerlook.pathway.terms import (
    CALM,
    Assessment,
    ExaminationKind,
    FindingKind,
    Laterality,
    Recommendation,
    Suspicion,
)

KNOWN = frozenset({"exam", "episode", "symptom", "site"})
"""What the page knows already."""
OPINIONS: tuple[type[st.Step], ...] = (st.RecordReading, st.ConfirmAssessment, st.Arbitrate)
"""Steps that say of each breast what is seen."""
AGAINST = "A report beside this speaks of something to act on. Read it again; if you say otherwise, tick that you do."
LEFT_OUT = object()
"""A field that nobody is asked for here: the step's own default stands."""


class StepForm(forms.Form):
    """A form that becomes a step. `seen` is the version it showed; `key` makes a second click change nothing."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, max_length=60)

    def __init__(self, step: type[st.Step], target: Target, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step, self.target = step, target
        self.asked = {k: v for k, v in get_type_hints(step).items() if k not in KNOWN or (step, k) in MAKERS}
        for name, hint in self.asked.items():
            self.fields.update(fields_of(step, name, hint, target))
        if step in GIVING:
            self.order_fields(["purpose", "slot"])
        if step in (st.MergeInto, st.Absorb):
            self.fields["sure"] = forms.BooleanField(
                label="I made sure that they are one person, even where name or birth date differ", required=False
            )
        if step in OPINIONS and target.exam is not None and chronicle.speaks_of_something(target.exam):
            self.fields["despite"] = forms.BooleanField(
                label="I have read the report beside this, and I say otherwise", required=False
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "despite" in self.fields and not cleaned.get("despite") and _is_calm(cleaned):
            self.add_error("despite", AGAINST)
        if self.step in GIVING:
            giving.check(self, giving.offer(self.step, self.target, self.target.site), cleaned)
        return cleaned

    def made(self) -> st.Step:
        """Return the step that the cleaned form asks for."""
        values = {name: _value(self, name, hint) for name, hint in self.asked.items()}
        stated = {name: value for name, value in values.items() if value is not LEFT_OUT}
        return self.step(**{**_given(self.step, self.target), **stated})


def _is_calm(data: dict[str, Any]) -> bool:
    said = {value for name, value in data.items() if name.startswith("side_") and value}
    return bool(said) and said <= CALM and data.get("recommendation") in ("", None, Recommendation.ROUTINE)


def _given(step: type[st.Step], target: Target) -> dict[str, Any]:
    """Return the fields that the page already knows."""
    episode = target.episode.id if target.episode else None
    if step is st.TakeExamination and target.opens_a_round:
        episode = None
    known: dict[str, Any] = {
        "exam": target.exam.id if target.exam else "",
        "episode": episode,
        "symptom": target.subject,
        "site": target.site.slug,
    }
    return {name: known[name] for name in get_type_hints(step) if name in known}


def _value(form: StepForm, name: str, hint: Any) -> Any:
    read = READ.get((form.step, name)) or READ.get((None, name))
    if read is not None:
        return read(form.cleaned_data, form.target)
    return _plain_value(form.cleaned_data[name], hint) if name in form.fields else _implied(form, name)


def _implied(form: StepForm, name: str) -> Any:
    """Return what the page implies without asking: the loop's own subject, or the only one it can be."""
    target, step = form.target, form.step
    match name:
        case "purpose":
            found = offers.purposes(step, target)
            stated = [Purpose(target.detail)] if target.detail in set(Purpose) else []
            return next(iter(found or stated), LEFT_OUT)
        case "to":
            return next(iter(offers.refused_to(target)), LEFT_OUT)
        case "other":
            return next(iter(offers.others(target)), LEFT_OUT)
        case "finding" | "specimen" | "incidental" | "cancer":
            return target.subject
    return LEFT_OUT


def _plain_value(value: Any, hint: Any) -> Any:
    if hint is bool:
        return value == "yes"
    kinds = get_args(hint) or (hint,)
    enum = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum)), None)
    if enum is not None:
        return enum(value) if value else None
    return value or None if NoneType in kinds else value


def _breasts(sides: list[str]) -> tuple[Laterality, ...]:
    return tuple(side for side in Laterality if side in sides)


def _lines(said: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in said.splitlines() if line.strip())


def _wishes(data: dict[str, Any]) -> Wishes:
    return Wishes(
        not_by=tuple(way for way in Channel if way in data["not_by"]),
        tell_first_until=data["tell_first_until"],
        interpreter=data["interpreter"].strip() or None,
        route=ContactRoute(data["route"]),
        capacity=Capacity(data["capacity"]),
    )


# ---------------------------------------------------------------- findings


def _answers(data: dict[str, Any], target: Target) -> tuple[FindingAnswer, ...]:
    found = []
    for n, f in enumerate(target.findings):
        if data.get(f"answer_{n}"):
            how = How(data[f"how_{n}"]) if data.get(f"how_{n}") else None
            other = data.get(f"part_{n}") or None if how is How.PART_OF_ANOTHER else None
            found.append(FindingAnswer(f.id, Assessment(data[f"answer_{n}"]), how, other))
    return tuple(found)


def _added(data: dict[str, Any], target: Target) -> tuple[Finding, ...]:
    """The finding added; half of one is kept too, so that the pathway says what is missing."""
    names = ("added_kind", "added_side", "added_place", "added_assessment")
    if not any(data[name] for name in names):
        return ()
    kind, side, place, assessment = (data[name] or None for name in names)
    kind = FindingKind(kind) if kind else FindingKind.UNNAMED
    side = Laterality(side) if side else None
    exam, known = (target.exam.id if target.exam else ""), (target.episode.findings if target.episode else {})
    first = f"{exam}.{side or 'unstated'}.{kind}"
    name = first if first not in known else f"{first}.{sum(other.startswith(first) for other in known) + 1}"
    return (Finding(name, kind, side, place, Assessment(assessment) if assessment else None),)


def _seen(data: dict[str, Any], target: Target) -> tuple[Finding, ...]:
    """One finding for each breast for which a kind or a place was given, at what its breast is assessed as."""
    found = []
    for side in Laterality:
        kind, place = data.get(f"kind_{side}"), data.get(f"place_{side}")
        if kind or place:
            coded = FindingKind(kind) if kind else FindingKind.UNNAMED
            stated = data.get(f"side_{side}", "").partition(":")[0]
            assessment = Assessment(stated) if stated else None
            found.append(Finding(_name(target, side, coded), coded, side, place or None, assessment))
    return tuple(found)


def _name(target: Target, side: Laterality, kind: FindingKind) -> str:
    """Return the id of a finding signed here. Signed again it is the same one, not another beside it."""
    exam = target.exam.id if target.exam else ""
    known = [
        f for f in (target.episode.findings.values() if target.episode else ()) if (f.exam, f.side) == (exam, side)
    ]
    same = next((f.id for f in known if f.kind is kind), None)
    return same or (known[0].id if len(known) == 1 else f"{exam}.{side}.{kind}")


def _stated(value: str, side: Laterality) -> SideAssessment:
    assessment, _, grade = value.partition(":")
    return SideAssessment(Assessment(assessment), side, Suspicion(grade) if grade else None)


def _examination(data: dict[str, Any], target: Target) -> st.Examination:
    performed_at: datetime = data["performed_at"]
    live_from = target.site.live_from
    return st.Examination(
        kind=ExaminationKind(data["kind"]),
        performed_at=performed_at,
        sides=tuple(Laterality(side) for side in data["sides"]),
        accession=f"{target.issuer}|{data['accession']}" if data["accession"] else None,
        provider=data.get("doctor") or None,
        history=live_from is not None and timezone.localdate(performed_at) < live_from,
    )


Read = Callable[[dict[str, Any], Target], Any]
READ: dict[tuple[type[st.Step] | None, str], Read] = {
    (None, "sides"): lambda data, t: tuple(
        _stated(data[k], Laterality(k[5:])) for k in data if k.startswith("side_") and data[k]
    ),
    (st.DecideCallBack, "sides"): lambda data, t: _breasts(data["sides"]),
    (None, "missing"): lambda data, t: _breasts(data["missing"]),
    (None, "reasons"): lambda data, t: tuple(FindingKind(kind) for kind in data["reasons"]),
    (None, "views"): lambda data, t: tuple(data["views"]),
    (None, "also"): lambda data, t: tuple(ExaminationKind(kind) for kind in data["also"]),
    (None, "panel"): lambda data, t: _lines(data["panel"]),
    (None, "conference"): lambda data, t: _lines(data["conference"]),
    (None, "seqs"): lambda data, t: tuple(int(seq) for seq in data["seqs"]),
    (st.TakeExamination, "answers"): lambda data, t: t.surveillance or None,
    (st.OpenRound, "answers"): lambda data, t: t.surveillance or None,
    (None, "answers"): _answers,
    (None, "added"): _added,
    (None, "findings"): _seen,
    (st.TakeExamination, "reason"): lambda data, t: (
        RoundReason.SURVEILLANCE if t.surveillance else RoundReason(data.get("reason", "screening"))
    ),
    (None, "examination"): _examination,
    (None, "wishes"): lambda data, t: _wishes(data),
    **{(step, "slot"): lambda data, t: giving.slot(data) for step in GIVING},
    **{(step, "starts_at"): lambda data, t: giving.starts_at(data) for step in GIVING},
    **{(step, "place"): lambda data, t: giving.place(data) for step in GIVING},
    (None, "anatomy"): lambda data, t: Anatomy(absent=_breasts(data["absent"]), implants=_breasts(data["implants"])),
    (None, "file"): lambda data, t: "",  # named when it is written
}
"""How the fields that are more than one plain value become it."""
