"""What is asked in the reading room: the desk's own step forms, with what reading adds to them.

A place is asked as clock, distance and depth and becomes the finding's place; beside a category 0 stands the plan.
"""

from collections.abc import Mapping
from typing import Any

from django import forms

from closerlook.desk import words
from closerlook.desk.fields import WORK_UP, Target, choose, many, yes_no
from closerlook.desk.forms import StepForm
from closerlook.desk.offers import is_one_of_two
from closerlook.desk.reading.plan import HOURS, Asking, asked_by
from closerlook.look.drawing import Mark
from closerlook.pathway import steps as st
from closerlook.pathway.regions import Patient, Symptom
from closerlook.pathway.terms import Assessment, ExaminationKind, FindingKind, Laterality

DEPTHS = {"anterior": "anterior", "middle": "middle", "posterior": "posterior"}
FARTHEST_CM = 25
NOT_SEEN = "Tick that you have seen it. Nothing is signed before."
NO_REASON = "Say what is seen: it is why she is asked back."
NO_PLAN = "Choose at least one view, an ultrasound or another examination, so that the call-back can be booked."
LOOK_AT_THE_PLAN = (
    "Nothing is signed yet. Further pictures are asked for: here is the plan proposed. Edit it, then sign."
)


def open_symptoms(patient: Patient) -> list[Symptom]:
    """Return what she told of and nobody has answered."""
    rounds = (e for e in patient.episodes.values() if e.settled is None)
    return [s for e in rounds for s in e.symptoms.values() if not s.answered]


def symptom_field(symptom: Symptom) -> str:
    return f"symptom_{symptom.id.replace('.', '-')}"


class ReadingForm(StepForm):
    """A step's form that is not taken before each symptom she reported was ticked as seen."""

    def __init__(self, step: type[st.Step], target: Target, **kwargs: Any) -> None:
        super().__init__(step, target, **kwargs)
        self.symptoms = open_symptoms(target.patient)
        for symptom in self.symptoms:
            side = f", {symptom.side}" if symptom.side else ""
            self.fields[symptom_field(symptom)] = forms.BooleanField(
                label=f"I have seen that she reported: {symptom.what}{side}", error_messages={"required": NOT_SEEN}
            )

    @property
    def symptom_names(self) -> list[str]:
        return [symptom_field(symptom) for symptom in self.symptoms]

    @property
    def acknowledged(self) -> str:
        """The symptoms that were ticked, by id."""
        return " ".join(symptom.id for symptom in self.symptoms)

    plans = False
    """Whether a plan is shown for what the form says, and signed with it."""

    @property
    def asking(self) -> Asking:
        """What the form asks further pictures for, as it was sent."""
        return asked_by(self.data, self.target)

    def steps(self) -> list[st.Step]:
        """Return what is recorded together."""
        return [self.made()]


class OpinionForm(ReadingForm):
    """What a reader says of a case: each breast, what is seen and where, and the plan beside a category 0.

    An opinion that is one of two has no plan yet: what is asked of her is known once both have read.
    """

    def __init__(self, step: type[st.Step], target: Target, **kwargs: Any) -> None:
        super().__init__(step, target, **kwargs)
        self.one_of_two = step is st.RecordReading and is_one_of_two(target)
        self.plans = not self.one_of_two and target.patient.died_on is None
        self.breasts = [side for side in Laterality if f"side_{side}" in self.fields]
        if "with_priors" in self.fields:
            self.fields["with_priors"] = forms.BooleanField(label="I compared earlier pictures", required=False)
        for side in self.breasts:
            self.fields[f"side_{side}"].label = f"Assessment, {side}"
            self.fields[f"place_{side}"].label = f"Or in words, {side}"
            self.fields.update(_place(side))
        if self.plans:
            self.fields.update(_plan(target))

    def clean_with_priors(self) -> str:
        return "yes" if self.cleaned_data["with_priors"] else "no"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for side in self.breasts:
            data[f"place_{side}"] = placed(data, side)
        for side in self.asking.sides:
            if not data.get(f"kind_{side}"):
                self.add_error(f"kind_{side}", NO_REASON)
        if self.asking.sides and self.plans:
            self._check_plan(data)
        return data

    def _check_plan(self, data: dict[str, Any]) -> None:
        if not self.asking.reasons:
            return  # why she is asked back comes first, and is asked for already
        if self.data.get("planned_for") != self.asking.mark:
            self.add_error(None, LOOK_AT_THE_PLAN)
            return
        for name in ("ultrasound", "answer_same_day"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, "Choose one.")
        if not (data.get("views") or data.get("also") or data.get("ultrasound") == "yes"):
            self.add_error("views", NO_PLAN)

    def steps(self) -> list[st.Step]:
        """Return the reading, and with it the plan where further pictures are asked for."""
        reading, asking, data = self.made(), self.asking, self.cleaned_data
        if not (asking.sides and self.plans):
            return [reading]
        plan = st.DecideCallBack(
            exam=self.target.exam.id if self.target.exam else "",
            sides=asking.sides,
            reasons=asking.reasons,
            views=tuple(data["views"]),
            ultrasound=data["ultrasound"] == "yes",
            answer_same_day=data["answer_same_day"] == "yes",
            also=tuple(ExaminationKind(kind) for kind in data["also"]),
            technical=set(asking.reasons) == {FindingKind.TECHNICAL},
        )
        return [reading, plan]


class PlanForm(ReadingForm):
    """The plan of a call-back that was read already."""

    plans = True

    def __init__(self, step: type[st.Step], target: Target, **kwargs: Any) -> None:
        super().__init__(step, target, **kwargs)
        self.fields.update({name: field for name, field in _plan(target).items() if name in ("edge", "planned_for")})
        self.fields["views"].initial = ()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not (data.get("views") or data.get("also") or data.get("ultrasound") == "yes"):
            self.add_error("views", NO_PLAN)
        return data


def _place(side: Laterality) -> dict[str, forms.Field]:
    hours = [(str(hour), f"{hour} o’clock") for hour in (12, *range(1, 12))]
    too_far = f"Write the distance from the nipple in cm, 0 to {FARTHEST_CM}."
    return {
        f"clock_{side}": choose(f"Clock, {side}", hours, empty="Not stated", required=False),
        f"distance_{side}": forms.IntegerField(
            label=f"Cm from the nipple, {side}",
            min_value=0,
            max_value=FARTHEST_CM,
            required=False,
            error_messages={"invalid": too_far, "min_value": too_far, "max_value": too_far},
        ),
        f"depth_{side}": choose(f"Depth, {side}", DEPTHS.items(), empty="Not stated", required=False),
    }


def _plan(target: Target) -> dict[str, forms.Field]:
    del target
    return {
        "edge": forms.BooleanField(label="It lies near the inner or outer edge of the pictures", required=False),
        "views": many("Views", words.VIEWS.items()),
        "ultrasound": _open(yes_no("Ultrasound in the same visit?")),
        "answer_same_day": _open(yes_no("Will she know that day?")),
        "also": many("Other examinations too", [(kind.value, words.EXAMINATIONS[kind]) for kind in WORK_UP]),
        "planned_for": forms.CharField(widget=forms.HiddenInput, max_length=300, required=False),
    }


def _open(field: forms.Field) -> forms.Field:
    """A question that is asked only beside a category 0."""
    field.required = False
    return field


def placed(data: Mapping[str, Any], side: Laterality) -> str:
    """Return a place in words from its parts: "2 o'clock, 4 cm from the nipple, posterior depth"."""
    parts = []
    if data.get(f"clock_{side}"):
        parts.append(f"{data[f'clock_{side}']} o'clock")
    if data.get(f"distance_{side}") is not None:
        parts.append(f"{data[f'distance_{side}']} cm from the nipple")
    if data.get(f"depth_{side}"):
        parts.append(f"{data[f'depth_{side}']} depth")
    if data.get(f"place_{side}"):
        parts.append(str(data[f"place_{side}"]))
    return ", ".join(parts)


DRAWN_CM = 8
"""So far from the nipple the edge of the drawing is taken to lie; a drawing shows no one's size."""


def marks(data: Mapping[str, Any]) -> list[Mark]:
    """Return the places that a form as it stands names."""
    found = []
    for side in Laterality:
        hour, distance = str(data.get(f"clock_{side}") or ""), str(data.get(f"distance_{side}") or "")
        if hour not in HOURS:
            continue
        kind = data.get(f"kind_{side}") or ""
        out = min(int(distance) / DRAWN_CM, 1.2) if distance.isdecimal() and len(distance) < 4 else None
        note = words.FINDINGS[FindingKind(kind)] if kind in set(FindingKind) else ""
        found.append(Mark(side=side, clock=int(hour), out=out, note=note))
    return found


QUICK: dict[str, Assessment] = {"normal": Assessment.NEGATIVE, "benign": Assessment.BENIGN}
"""What one key says of every breast examined."""
