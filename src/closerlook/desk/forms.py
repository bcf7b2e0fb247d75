"""A form for every step, made from the step's own fields, so that a new step has a page at once.

What each field asks, and in which words, stands in `fields`; here a filled form becomes a step.
"""

from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_type_hints

from django import forms
from django.utils import timezone

from closerlook.desk.fields import Target, fields_of
from closerlook.pathway import steps as st
from closerlook.pathway.events import FindingAnswer, RoundReason, SideAssessment
from closerlook.pathway.terms import Assessment, ExaminationKind, FindingKind, Laterality, Suspicion

KNOWN = frozenset({"exam", "episode", "symptom", "site"})
"""What the page knows already."""
NOT_YET = frozenset({"findings", "added"})
"""Coded findings are for the reading room, which draws them."""


class StepForm(forms.Form):
    """A form that becomes a step. `seen` is the version it showed; `key` makes a second click change nothing."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, max_length=60)

    def __init__(self, step: type[st.Step], target: Target, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step, self.target = step, target
        self.asked = {k: v for k, v in get_type_hints(step).items() if k not in KNOWN | NOT_YET}
        for name, hint in self.asked.items():
            self.fields.update(fields_of(step, name, hint, target))

    def made(self) -> st.Step:
        """Return the step that the cleaned form asks for."""
        values = {name: _value(self, name, hint) for name, hint in self.asked.items()}
        return self.step(**{**_given(self.step, self.target), **values})


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
    data, target, step = form.cleaned_data, form.target, form.step
    match name:
        case "sides" if step is not st.DecideCallBack:
            return tuple(_stated(data[k], Laterality(k[5:])) for k in data if k.startswith("side_") and data[k])
        case "sides":
            return tuple(Laterality(side) for side in data["sides"])
        case "reasons":
            return tuple(FindingKind(kind) for kind in data["reasons"])
        case "views":
            return tuple(data["views"])
        case "seqs":
            return tuple(int(seq) for seq in data["seqs"])
        case "answers" if step is st.TakeExamination:
            return target.surveillance or None
        case "answers":
            pairs = ((f, data.get(f"answer_{n}")) for n, f in enumerate(target.findings))
            return tuple(FindingAnswer(f.id, Assessment(value)) for f, value in pairs if value)
        case "reason" if step is st.TakeExamination:
            return RoundReason.SURVEILLANCE if target.surveillance else RoundReason(data.get(name, "screening"))
        case "examination":
            return _examination(data, target)
        case "file":
            return ""  # named when it is written
    return _plain_value(data[name], hint)


def _plain_value(value: Any, hint: Any) -> Any:
    if hint is bool:
        return value == "yes"
    kinds = get_args(hint) or (hint,)
    enum = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum)), None)
    if enum is not None:
        return enum(value) if value else None
    return value or None if NoneType in kinds else value


def _stated(value: str, side: Laterality) -> SideAssessment:
    assessment, _, grade = value.partition(":")
    return SideAssessment(Assessment(assessment), side, Suspicion(grade) if grade else None)


def _examination(data: dict[str, Any], target: Target) -> st.Examination:
    performed_at: datetime = data["performed_at"]
    first = target.episode.first_exam if target.episode else None
    live_from = target.site.live_from
    return st.Examination(
        kind=ExaminationKind(data["kind"]),
        performed_at=performed_at,
        sides=tuple(Laterality(side) for side in data["sides"]),
        accession=f"{target.issuer}|{data['accession']}" if data["accession"] else None,
        provider=first.provider if first else None,
        history=live_from is not None and timezone.localdate(performed_at) < live_from,
    )
