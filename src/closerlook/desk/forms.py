"""A form for every step, made from the step's own fields, so that a new step has a page at once.

You are here when a step asks for something no other step asked for: give that field a maker in `MAKERS`.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_type_hints

from django import forms
from msgspec import Struct

from closerlook.desk import words
from closerlook.pathway import steps as st
from closerlook.pathway.events import (
    Channel,
    Document,
    FindingAnswer,
    Outcome,
    SideAssessment,
)
from closerlook.pathway.regions import Episode, Exam, Patient
from closerlook.pathway.terms import Assessment, Density, ExaminationKind, FindingKind, Laterality, Suspicion

VIEWS = (
    ("SPOT", "Spot compression"), ("MAG", "Magnification"), ("ML", "True lateral (ML)"), ("LM", "True lateral (LM)"),
    ("XCCL", "Exaggerated CC, lateral"), ("XCCM", "Exaggerated CC, medial"), ("RL", "Rolled"), ("TAN", "Tangential"),
    ("CV", "Cleavage"), ("DBT", "Tomosynthesis"), ("REP", "Repeat of the same view"),
)  # fmt: skip
CHOICES = [("", "Choose"), *((a.value, words.ASSESSMENTS[a]) for a in Assessment)]
WITH_GRADES = [
    *CHOICES,
    *((f"{Assessment.SUSPICIOUS}:{s.value}", f"{s.value} Suspicious") for s in Suspicion),
]
YES_NO = [("yes", "Yes"), ("no", "No")]
Makers = dict[str, forms.Field]


class Target(Struct, frozen=True):
    """What a form is about: a patient, and the round, examination or symptom in question."""

    patient: Patient
    episode: Episode | None
    exam: Exam | None
    subject: str
    site: str
    me: str


class StepForm(forms.Form):
    """A form that becomes a step. `seen` is the version it showed; `key` makes a second click change nothing."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, max_length=60)

    def __init__(self, step: type[st.Step], target: Target, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step, self.target = step, target
        self.asked = _asked(step)
        for name, hint in self.asked.items():
            self.fields.update(_fields(step, name, hint, target))

    def made(self) -> st.Step:
        """Return the step that the cleaned form asks for."""
        values = {name: _value(self.step, name, hint, self) for name, hint in self.asked.items()}
        return self.step(**{**_given(self.step, self.target), **values})


_TARGETS = ("exam", "episode", "symptom", "site")


def _asked(step: type[st.Step]) -> dict[str, Any]:
    """Return the fields that a person fills in."""
    skipped = {"findings", "added", "reason", "answers"} if step is st.TakeExamination else {"findings", "added"}
    return {k: v for k, v in get_type_hints(step).items() if k not in _TARGETS and k not in skipped}


def _given(step: type[st.Step], target: Target) -> dict[str, Any]:
    """Return the fields that the page already knows."""
    known: dict[str, Any] = {
        "exam": target.exam.id if target.exam else "",
        "episode": target.episode.id if target.episode else None,
        "symptom": target.subject,
        "site": target.site,
    }
    return {name: known[name] for name in get_type_hints(step) if name in known}


# ---------------------------------------------------------------- fields


def _sides(target: Target) -> Makers:
    examined = target.exam.sides if target.exam and target.exam.sides else tuple(Laterality)
    known = target.exam.reading.pending or target.exam.reading.report if target.exam else None
    said = {s.side: s.assessment for s in known.sides} if known else {}
    return {
        f"side_{side}": forms.ChoiceField(
            label=f"{side.capitalize()} breast",
            choices=WITH_GRADES,
            required=target.episode is None or side in examined,
            initial=said.get(side, said.get(None)),
        )
        for side in Laterality
        if side in examined
    }


def _answers(target: Target) -> Makers:
    found = target.episode.open_findings() if target.episode else []
    return {
        f"answer_{n}": forms.ChoiceField(
            label=words.finding(f).capitalize(),
            choices=CHOICES[:7] + CHOICES[8:9],
            required=len(found) == 1,
            help_text="Leave empty what these pictures did not look at." if len(found) > 1 else "",
        )
        for n, f in enumerate(found)
    }


def _call_back_sides(target: Target) -> Makers:
    asking = {f.side for f in target.episode.open_findings()} if target.episode else set()
    return {
        "sides": forms.MultipleChoiceField(
            label="Which breast",
            choices=[(s.value, s.capitalize()) for s in Laterality],
            widget=forms.CheckboxSelectMultiple,
            initial=[side for side in asking if side],
        )
    }


def _examination(target: Target) -> Makers:
    kinds = [(k.value, words.EXAMINATIONS[k]) for k in (ExaminationKind.DIAGNOSTIC, ExaminationKind.ULTRASOUND,
             ExaminationKind.MRI)]  # fmt: skip
    return {
        "kind": forms.ChoiceField(label="What was done", choices=kinds, widget=forms.RadioSelect),
        "performed_at": _moment("When"),
        **_call_back_sides(target),
    }


def _moment(label: str) -> forms.Field:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


def _day(label: str, ahead: int | None = None) -> forms.Field:
    initial = date.today() + timedelta(days=ahead) if ahead else None  # noqa: DTZ011  a proposal, in the site's zone
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=initial
    )


def _many(label: str, choices: Any, initial: Any = ()) -> forms.Field:
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, choices=choices, widget=widget, required=False, initial=initial)


def _text(label: str, help_text: str = "", initial: str = "", required: bool = True) -> forms.Field:
    return forms.CharField(label=label, max_length=300, help_text=help_text, initial=initial, required=required)


def _yes_no(label: str, help_text: str = "") -> forms.Field:
    return forms.ChoiceField(label=label, choices=YES_NO, widget=forms.RadioSelect, help_text=help_text)


def _one_of(label: str, kind: type[StrEnum], only: tuple[StrEnum, ...] | None = None) -> forms.Field:
    choices = [(m.value, words.plain(m.value).capitalize()) for m in (only or tuple(kind))]
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)


Maker = Callable[[Target], Makers]
MAKERS: dict[tuple[type[st.Step] | None, str], Maker] = {
    (None, "sides"): _sides,
    (st.DecideCallBack, "sides"): _call_back_sides,
    (None, "answers"): _answers,
    (None, "examination"): _examination,
    (None, "reasons"): lambda t: {
        "reasons": _many(
            "Why", [(k.value, words.FINDINGS[k].capitalize()) for k in FindingKind if k is not FindingKind.UNNAMED]
        )
    },
    (None, "views"): lambda t: {"views": _many("Views", VIEWS, ("SPOT", "ML"))},
    (None, "ultrasound"): lambda t: {"ultrasound": _yes_no("Ultrasound in the same visit")},
    (None, "answer_same_day"): lambda t: {"answer_same_day": _yes_no("Will she know that day?")},
    (None, "density"): lambda t: {
        "density": forms.ChoiceField(
            label="Density", choices=[("", "Not stated"), *((d.value, d.value) for d in Density)], required=False
        )
    },
    (None, "with_priors"): lambda t: {"with_priors": _yes_no("Were earlier pictures compared?")},
    (st.TellResult, "channel"): lambda t: {"channel": _one_of("How", Channel, (Channel.PHONE, Channel.IN_PERSON))},
    (st.RecordSpoken, "channel"): lambda t: {"channel": _one_of("How", Channel, (Channel.PHONE, Channel.IN_PERSON))},
    (None, "channel"): lambda t: {"channel": _one_of("How", Channel)},
    (st.RecordContact, "outcome"): lambda t: {"outcome": _one_of("How it ended", Outcome)},
    (None, "outcome"): lambda t: {"outcome": _text("Where it belongs, and what follows")},
    (None, "document"): lambda t: {"document": _one_of("What was posted", Document)},
    (None, "proof"): lambda t: {"proof": _text("How that is known", initial="posted, first class")},
    (None, "accepted"): lambda t: {
        "accepted": _yes_no("Does the amended report stand?", "If not, the earlier one stays in force.")
    },
    (None, "examination_hers"): lambda t: {"examination_hers": _yes_no("Are the pictures hers?")},
    (None, "everything_tried"): lambda t: {"everything_tried": _yes_no("Was everything tried?")},
    (None, "follow_up"): lambda t: {"follow_up": _yes_no("Does it still need following up?")},
    (None, "by_her"): lambda t: {"by_her": _yes_no("Did she ask for it?")},
    (None, "hear_by_on"): lambda t: {"hear_by_on": _day("She will hear by")},
    (None, "review_on"): lambda t: {"review_on": _day("Look at it again on", 30)},
    (None, "died_on"): lambda t: {"died_on": _day("Day of death")},
    (None, "due_on"): lambda t: {"due_on": _day("Due on")},
    (None, "starts_at"): lambda t: {"starts_at": _moment("Day and time")},
    (None, "place"): lambda t: {"place": _text("Place", initial=t.site)},
    (None, "reviewer"): lambda t: {"reviewer": _text("Who looks at it", initial=t.me)},
    (None, "owner"): lambda t: {"owner": _text("Who looks after it", initial=t.me)},
    (None, "cover"): lambda t: {"cover": _text("Who covers", required=False)},
    (None, "best_time"): lambda t: {"best_time": _text("When suits her", required=False)},
    (None, "seqs"): lambda t: {"seqs": _text("Numbers of the facts", "As her story shows them, with commas.")},
    (None, "side"): lambda t: {
        "side": forms.ChoiceField(
            label="Which breast",
            choices=[("", "Not stated"), *((s.value, s.capitalize()) for s in Laterality)],
            required=False,
        )
    },
}


def _fields(step: type[st.Step], name: str, hint: Any, target: Target) -> Makers:
    maker = MAKERS.get((step, name)) or MAKERS.get((None, name))
    if maker is not None:
        return maker(target)
    if hint is str or (isinstance(hint, UnionType) and str in get_args(hint)):
        return {name: _text(words.plain(name).capitalize(), required=hint is str)}
    raise AssertionError(f"{step.__name__}.{name} has no form field: add a maker")


# ---------------------------------------------------------------- values


def _value(step: type[st.Step], name: str, hint: Any, form: StepForm) -> Any:
    data, target = form.cleaned_data, form.target
    match name:
        case "sides" if step is not st.DecideCallBack:
            return tuple(_stated(data[k], Laterality(k[5:])) for k in data if k.startswith("side_") and data[k])
        case "sides":
            return tuple(Laterality(side) for side in data["sides"])
        case "reasons":
            return tuple(FindingKind(kind) for kind in data["reasons"])
        case "views":
            return tuple(data["views"])
        case "answers":
            found = target.episode.open_findings() if target.episode else []
            pairs = ((f, data.get(f"answer_{n}")) for n, f in enumerate(found))
            return tuple(FindingAnswer(f.id, Assessment(value)) for f, value in pairs if value)
        case "examination":
            sides = tuple(Laterality(side) for side in data["sides"])
            moment: datetime = data["performed_at"]
            return st.Examination(kind=ExaminationKind(data["kind"]), performed_at=moment, sides=sides)
        case "seqs":
            return tuple(int(part) for part in str(data["seqs"]).replace(" ", "").split(",") if part.isdigit())
    value = data[name]
    if hint is bool:
        return value == "yes"
    enum = next(
        (kind for kind in (hint, *get_args(hint)) if isinstance(kind, type) and issubclass(kind, StrEnum)), None
    )
    if enum is not None:
        return enum(value) if value else None
    return value or None if type(None) in get_args(hint) else value


def _stated(value: str, side: Laterality) -> SideAssessment:
    assessment, _, grade = value.partition(":")
    return SideAssessment(Assessment(assessment), side, Suspicion(grade) if grade else None)
