"""What to write into a form so that it asks for a certain step: the way back from `desk.forms`.

You are here because a step has a new field. One that is a plain value needs nothing; one that `forms.READ` makes of
several answers has its way back in `ANSWERS`.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from msgspec.structs import replace

from closerlook.desk.forms import StepForm
from closerlook.pathway import steps as st
from closerlook.pathway.events import Anatomy, Finding, FindingAnswer, SideAssessment, Wishes
from closerlook.pathway.terms import Density, ExaminationKind, FindingKind, Laterality

Answers = dict[str, list[str]]
"""The name of each control and what is chosen or written there; [] for nothing chosen, [""] for nothing written."""
MADE_SURE = ("sure", "despite")
"""What is ticked where a form asks once more: whoever is in a story means what they say."""


def answers(step: st.Step, form: StepForm) -> Answers:
    """Return how to fill in `form` so that it makes `step`, as far as it asks for it."""
    found: Answers = {}
    for name in form.asked:
        value = getattr(step, name)
        back = ANSWERS.get((type(step), name)) or ANSWERS.get((None, name)) or _plain
        found |= {control: said for control, said in back(value, form, name).items() if control in form.fields}
    ticked = {name: ["on"] for name in MADE_SURE if name in form.fields}
    return {name: [""] for name in form.fields if name not in (*found, "seen", "key")} | ticked | found


def completed(step: st.Step, form: StepForm) -> st.Step:
    """Return the step as the desk asks for it: what a story may leave open, and pictures made again as such."""
    match step:
        case st.RecordReading() | st.ConfirmAssessment() | st.Arbitrate() if form.fields["density"].required:
            return replace(step, density=step.density or Density.B)
        case st.DecideCallBack():
            proposed = tuple(Laterality(side) for side in form.fields["sides"].initial)
            return replace(step, sides=step.sides or proposed, reasons=step.reasons or (FindingKind.ASYMMETRY,))
        case st.TakeExamination(examination=x) if x.kind is ExaminationKind.SCREENING:
            choices: Any = form.fields["kind"]
            if ExaminationKind.TECHNICAL_REPEAT in [value for value, _ in choices.choices]:
                return replace(step, examination=replace(x, kind=ExaminationKind.TECHNICAL_REPEAT))
    return step


def _plain(value: Any, form: StepForm, name: str) -> Answers:
    return {name: _said(value)}


def _said(value: Any) -> list[str]:
    match value:
        case None | FindingKind.UNNAMED:
            return [""]
        case bool():
            return ["yes" if value else "no"]
        case datetime():
            return [timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")]
        case date():
            return [value.isoformat()]
        case tuple():
            return [str(one) for one in value]
    return [str(value)]


def _lines(value: tuple[str, ...], form: StepForm, name: str) -> Answers:
    return {name: ["\n".join(value)]}


def _stated(sides: tuple[SideAssessment, ...], form: StepForm, name: str) -> Answers:
    return {
        f"side_{said.side}": [f"{said.assessment}:{said.suspicion}" if said.suspicion else str(said.assessment)]
        for said in sides
    }


def _answered(given: tuple[FindingAnswer, ...], form: StepForm, name: str) -> Answers:
    asked = [f.id for f in form.target.findings]
    found: Answers = {}
    for one in given:
        if one.finding in asked:
            n = asked.index(one.finding)
            found |= {f"answer_{n}": [str(one.assessment)], f"how_{n}": _said(one.how), f"part_{n}": _said(one.other)}
    return found


def _added(added: tuple[Finding, ...], form: StepForm, name: str) -> Answers:
    found: Answers = {}
    for one in added[:1]:
        found = {
            "added_assessment": _said(one.assessment),
            "added_side": _said(one.side),
            "added_kind": _said(one.kind),
            "added_place": _said(one.place),
        }
    return found


def _seen(findings: tuple[Finding, ...], form: StepForm, name: str) -> Answers:
    found: Answers = {}
    for one in findings:
        found |= {f"kind_{one.side}": _said(one.kind), f"place_{one.side}": _said(one.place)}
    return found


def _examination(x: st.Examination, form: StepForm, name: str) -> Answers:
    number = x.accession.rpartition("|")[2] if x.accession else ""
    return {
        "kind": [str(x.kind)],
        "performed_at": _said(x.performed_at),
        "sides": _said(x.sides),
        "accession": [number],
        "doctor": _said(x.provider),
    }


def _wishes(wishes: Wishes, form: StepForm, name: str) -> Answers:
    return {field: _said(getattr(wishes, field)) for field in Wishes.__struct_fields__}


def _anatomy(anatomy: Anatomy, form: StepForm, name: str) -> Answers:
    return {field: _said(getattr(anatomy, field)) for field in Anatomy.__struct_fields__}


ANSWERS: dict[tuple[type[st.Step] | None, str], Callable[[Any, StepForm, str], Answers]] = {
    (None, "sides"): _stated,
    (st.DecideCallBack, "sides"): _plain,
    (None, "answers"): lambda value, form, name: {},
    (st.AssessWorkup, "answers"): _answered,
    (None, "added"): _added,
    (None, "findings"): _seen,
    (None, "examination"): _examination,
    (None, "wishes"): _wishes,
    (None, "anatomy"): _anatomy,
    (None, "panel"): _lines,
    (None, "conference"): _lines,
}
