"""What a step's form asks for: one maker for each field of a step, in the words of the desk.

You are here when a step asks for something no other step asked for: give that field a maker in `MAKERS`.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from enum import StrEnum
from types import UnionType
from typing import Any, get_args

from django import forms
from django.utils import timezone

from closerlook.desk import offers, words
from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, Document, Outcome, RoundReason
from closerlook.pathway.regions import FindingState
from closerlook.pathway.terms import (
    Assessment,
    Density,
    ExaminationKind,
    FindingKind,
    Laterality,
    Recommendation,
    Suspicion,
)
from closerlook.people.models import Site

CHOICES = [("", "Choose"), *((a.value, words.ASSESSMENTS[a]) for a in Assessment)]
WITH_GRADES = [
    *CHOICES,
    *((f"{Assessment.SUSPICIOUS}:{s.value}", f"{s.value} Suspicious") for s in Suspicion),
]
ANSWERS = [
    choice for choice in CHOICES if choice[0] not in (Assessment.POST_PROCEDURE_MARKER, Assessment.INCOMPLETE_PRIORS)
]
WORK_UP = (ExaminationKind.DIAGNOSTIC, ExaminationKind.ULTRASOUND, ExaminationKind.MRI)
YES_NO = [("yes", "Yes"), ("no", "No")]
MISSING: dict[type[forms.Field], str] = {
    forms.DateTimeField: "Give a day and a time.",
    forms.DateField: "Give a day.",
    forms.ChoiceField: "Choose one.",
    forms.MultipleChoiceField: "Choose at least one.",
    forms.CharField: "Fill this in.",
}
Fields = dict[str, forms.Field]


class Target(offers.About, frozen=True, kw_only=True):
    """What a form is about, with what its choices are made of."""

    subject: str
    site: Site
    me: str
    staff: dict[str, str] = {}
    facts: tuple[tuple[int, str], ...] = ()
    issuer: str = ""

    @property
    def findings(self) -> list[FindingState]:
        """The open findings that the examination in question can answer."""
        found = self.episode.open_findings() if self.episode else []
        return [f for f in found if not self.exam or not self.exam.sides or self.exam.covers(f.side)]

    @property
    def surveillance(self) -> str:
        """The dated visit that this is about, "" for none."""
        return self.subject if self.subject in self.patient.dated else ""

    @property
    def opens_a_round(self) -> bool:
        """Whether pictures taken now begin a round of their own."""
        return bool(self.surveillance) or self.episode is None or self.episode.settled is not None


# ---------------------------------------------------------------- kinds of field


def moment(label: str, initial: Any = None) -> forms.Field:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    wrong = {"invalid": "Write the day and time as 2026-11-24 10:20."}
    return forms.DateTimeField(label=label, widget=widget, input_formats=formats, error_messages=wrong, initial=initial)


def day(label: str, ahead: int | None = None) -> forms.Field:
    initial = timezone.localdate() + timedelta(days=ahead) if ahead else None
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    wrong = {"invalid": "Write the day as 2026-11-24."}
    return forms.DateField(label=label, widget=widget, initial=initial, error_messages=wrong)


def many(label: str, choices: Iterable[tuple[Any, str]], initial: Any = (), required: bool = False) -> forms.Field:
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(
        label=label, choices=list(choices), widget=widget, required=required, initial=initial
    )


def text(label: str, help_text: str = "", initial: str = "", required: bool = True) -> forms.Field:
    return forms.CharField(label=label, max_length=300, help_text=help_text, initial=initial, required=required)


def yes_no(label: str, help_text: str = "") -> forms.Field:
    return forms.ChoiceField(label=label, choices=YES_NO, widget=forms.RadioSelect, help_text=help_text)


def one_of(label: str, kinds: Iterable[StrEnum], initial: str | None = None) -> forms.Field:
    choices = [(m.value, words.plain(m.value).capitalize()) for m in kinds]
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, initial=initial)


def colleague(label: str, target: Target, *, required: bool = True) -> forms.Field:
    """Someone who works here: a name that nobody signs in with would look after nobody."""
    choices = [("", "Choose" if required else "Nobody"), *target.staff.items()]
    return forms.ChoiceField(label=label, choices=choices, required=required, initial=target.me if required else "")


# ---------------------------------------------------------------- fields that depend on the record


def _sides(target: Target, *, required: bool = True) -> Fields:
    """One assessment for each breast examined; nothing is chosen beforehand, so that a person states it."""
    examined = target.exam.sides if target.exam and target.exam.sides else tuple(Laterality)
    return {
        f"side_{side}": forms.ChoiceField(label=f"{side.capitalize()} breast", choices=WITH_GRADES, required=required)
        for side in Laterality
        if side in examined
    }


def _changed_sides(target: Target) -> Fields:
    found = _sides(target, required=False)
    for field in found.values():
        field.help_text = "Only where the amended report does not say it surely."
    return found


def _answers(target: Target) -> Fields:
    found = target.findings
    return {
        f"answer_{n}": forms.ChoiceField(
            label=words.finding(f).capitalize(),
            choices=ANSWERS,
            required=len(found) == 1,
            help_text="Leave empty what these pictures did not look at." if len(found) > 1 else "",
        )
        for n, f in enumerate(found)
    }


def _breasts(target: Target) -> Fields:
    asking = [f.side.value for f in target.episode.open_findings() if f.side] if target.episode else []
    return {"sides": many("Which breast", [(s.value, s.capitalize()) for s in Laterality], asking, required=True)}


def _examination(target: Target) -> Fields:
    kinds = (ExaminationKind.SCREENING, *WORK_UP) if target.opens_a_round else WORK_UP
    choices = [(k.value, words.EXAMINATIONS[k]) for k in kinds]
    return {
        "kind": forms.ChoiceField(label="What was done", choices=choices, widget=forms.RadioSelect),
        "performed_at": moment("When", timezone.localtime(target.now)),
        **_breasts(target),
        "accession": text("Accession number", "With it, the report finds these pictures by itself.", required=False),
    }


def _reason(target: Target) -> Fields:
    asked = target.opens_a_round and not target.surveillance
    kinds = [r for r in RoundReason if r is not RoundReason.SURVEILLANCE]
    return {"reason": one_of("Why she came: this begins a round", kinds)} if asked else {}


def _posted(target: Target) -> Fields:
    return {"document": one_of("What was posted", Document, target.document or None)}


# ---------------------------------------------------------------- a maker for every field

SPOKEN = (Channel.PHONE, Channel.IN_PERSON)
REASONS = [(k.value, words.FINDINGS[k].capitalize()) for k in FindingKind if k is not FindingKind.UNNAMED]
Maker = Callable[[Target], Fields]
MAKERS: dict[tuple[type[st.Step] | None, str], Maker] = {
    (None, "sides"): _sides,
    (st.ConfirmChange, "sides"): _changed_sides,
    (st.DecideCallBack, "sides"): _breasts,
    (None, "answers"): _answers,
    (None, "examination"): _examination,
    (st.TakeExamination, "reason"): _reason,
    (st.TakeExamination, "answers"): lambda t: {},
    (None, "reasons"): lambda t: {"reasons": many("Why", REASONS, required=True)},
    (None, "views"): lambda t: {"views": many("Views", words.VIEWS.items(), ("SPOT", "ML"))},
    (None, "ultrasound"): lambda t: {"ultrasound": yes_no("Ultrasound in the same visit?")},
    (None, "answer_same_day"): lambda t: {"answer_same_day": yes_no("Will she know that day?")},
    (None, "density"): lambda t: {
        "density": forms.ChoiceField(
            label="Density", choices=[("", "Not stated"), *((d.value, d.value) for d in Density)], required=False
        )
    },
    (None, "recommendation"): lambda t: {
        "recommendation": forms.ChoiceField(
            label="What the reader advises",
            choices=[("", "Not stated"), *((r.value, words.plain(r.value).capitalize()) for r in Recommendation)],
            required=False,
        )
    },
    (None, "with_priors"): lambda t: {"with_priors": yes_no("Were earlier pictures compared?")},
    (st.TellResult, "channel"): lambda t: {"channel": one_of("How", SPOKEN)},
    (st.RecordSpoken, "channel"): lambda t: {"channel": one_of("How", SPOKEN)},
    (None, "channel"): lambda t: {"channel": one_of("How", Channel)},
    (st.RecordContact, "outcome"): lambda t: {"outcome": one_of("How it ended", Outcome)},
    (None, "outcome"): lambda t: {"outcome": text("Where it belongs, and what follows")},
    (None, "document"): _posted,
    (st.PrepareDocument, "document"): lambda t: {"document": one_of("What to print", Document, t.document or None)},
    (st.PrepareDocument, "file"): lambda t: {},
    (None, "proof"): lambda t: {"proof": text("How that is known", initial="posted, first class")},
    (None, "accepted"): lambda t: {
        "accepted": yes_no("Does the amended report stand?", "If not, the earlier one stays in force.")
    },
    (None, "examination_hers"): lambda t: {"examination_hers": yes_no("Are the pictures hers?")},
    (None, "everything_tried"): lambda t: {"everything_tried": yes_no("Was everything tried?")},
    (None, "follow_up"): lambda t: {"follow_up": yes_no("Does it still need following up?")},
    (None, "by_her"): lambda t: {"by_her": yes_no("Did she ask for it?")},
    (None, "hear_by_on"): lambda t: {"hear_by_on": day("She will hear by")},
    (None, "review_on"): lambda t: {"review_on": day("Look at it again on", 30)},
    (None, "died_on"): lambda t: {"died_on": day("Day of death")},
    (None, "starts_at"): lambda t: {"starts_at": moment("Day and time")},
    (None, "place"): lambda t: {"place": text("Place", initial=t.site.name)},
    (None, "reviewer"): lambda t: {"reviewer": colleague("Who looks at it", t)},
    (None, "owner"): lambda t: {"owner": colleague("Who looks after it", t)},
    (None, "cover"): lambda t: {"cover": colleague("Who covers", t, required=False)},
    (None, "best_time"): lambda t: {"best_time": text("When suits her", required=False)},
    (None, "seqs"): lambda t: {"seqs": many("What never happened", t.facts, required=True)},
    (None, "side"): lambda t: {
        "side": forms.ChoiceField(
            label="Which breast",
            choices=[("", "Not stated"), *((s.value, s.capitalize()) for s in Laterality)],
            required=False,
        )
    },
}


def fields_of(step: type[st.Step], name: str, hint: Any, target: Target) -> Fields:
    """Return the form fields that ask for one field of a step. A field nobody knows to ask for is a fault of ours."""
    maker = MAKERS.get((step, name)) or MAKERS.get((None, name))
    if maker is not None:
        found = maker(target)
    elif hint is str or (isinstance(hint, UnionType) and str in get_args(hint)):
        found = {name: text(words.plain(name).capitalize(), required=hint is str)}
    else:
        raise AssertionError(f"{step.__name__}.{name} has no form field: add a maker")
    for field in found.values():
        field.error_messages["required"] = MISSING[type(field)]
    return found
