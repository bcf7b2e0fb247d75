"""What a step's form asks for: one maker for each field of a step, in the words of the desk.

You are here when a step asks for something no other step asked for: give that field a maker in `MAKERS`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from types import UnionType
from typing import Any, get_args

from django import forms
from django.utils import timezone

from closerlook.desk import density, giving, offers, words
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.sampling import INSTEAD
from closerlook.pathway.events import Addressee, Channel, Document, How, Outcome, Request, RoundReason, SettledAs
from closerlook.pathway.regions import LENGTH_OF_A_ROUND, WORKUP, FindingState, Specimen
from closerlook.pathway.terms import (
    Assessment,
    ExaminationKind,
    FindingKind,
    Laterality,
    Plan,
    Recommendation,
    Suspicion,
    Tissue,
)
from closerlook.pathway.tissue import TAKES_NONE, latest
from closerlook.people.models import Identifier, Patient, Site

CHOICES = [("", "Choose"), *((a.value, words.ASSESSMENTS[a]) for a in Assessment)]
WITH_GRADES = [
    *CHOICES,
    *((f"{Assessment.SUSPICIOUS}:{s.value}", f"{s.value} Suspicious") for s in Suspicion),
]
ANSWERS = [
    choice for choice in CHOICES if choice[0] not in (Assessment.POST_PROCEDURE_MARKER, Assessment.INCOMPLETE_PRIORS)
]
WORK_UP = tuple(kind for kind in ExaminationKind if kind in WORKUP)
YES_NO = [("yes", "Yes"), ("no", "No")]
MISSING: dict[type[forms.Field], str] = {
    forms.DateTimeField: "Give a day and a time.",
    forms.DateField: "Give a day.",
    forms.ChoiceField: "Choose one.",
    forms.MultipleChoiceField: "Choose at least one.",
    forms.CharField: "Fill this in.",
    density.DensityField: "Say the density of the breasts: the report and her letter have to state it.",
}
"""What is said where nothing was entered; a field of its own says its own."""
Fields = dict[str, forms.Field]


class RecordField(forms.CharField):
    """Another record, by its id or her number; what is asked for is looked up at once."""

    def clean(self, value: Any) -> str:
        asked = str(super().clean(value)).strip()
        found = set(Patient.objects.filter(pk=asked).values_list("pk", flat=True))
        found |= set(Identifier.objects.filter(value__iexact=asked).values_list("patient_id", flat=True))
        if len(found) != 1:
            none = "There is no such record here." if not found else "More than one record has this number."
            raise forms.ValidationError(f"{none} Write the record id that stands at the foot of her page.")
        return str(found.pop())


MISSING[RecordField] = "Write the record id that stands at the foot of her page."


class Target(offers.About, frozen=True, kw_only=True):
    """What a form is about, with what its choices are made of."""

    site: Site
    record: str
    me: str
    staff: dict[str, str] = {}
    colleagues: dict[str, str] | None = None
    releasers: frozenset[str] | None = None
    reviewers: frozenset[str] | None = None
    facts: tuple[tuple[int, str], ...] = ()
    issuer: str = ""
    doctors: dict[str, str] = {}

    @property
    def findings(self) -> list[FindingState]:
        """The open findings that the examination in question can answer."""
        if self.episode is None or self.exam is None:
            return self.episode.open_findings() if self.episode else []
        exam, exams = self.exam, self.episode.exams
        found = [f for f in self.episode.open_findings() if not exam.sides or exam.covers(f.side)]
        return [f for f in found if f.exam not in exams or exam.follows(exams[f.exam])]

    def siblings(self, finding: FindingState) -> list[FindingState]:
        """The other findings of the same breast, of which one may prove to be part."""
        found = self.episode.findings.values() if self.episode else ()
        return [f for f in found if f.id != finding.id and f.side is finding.side]

    @property
    def specimen(self) -> Specimen | None:
        """The specimen that this is about, None where none is named."""
        return self.episode.specimens.get(self.subject) if self.episode else None

    @property
    def awaited(self) -> bool:
        """Whether the round in question waits for a screening examination, or for the rest of one."""
        if self.episode is None or self.episode.settled is not None:
            return self.comes_after_all
        return not self.episode.examined or any(self.retaken)

    @property
    def comes_after_all(self) -> bool:
        """Whether its round was closed because she had not come: she is examined in it while it is not too old."""
        if self.episode is None or self.episode.settled is None or self.episode.examined:
            return False
        missed = self.episode.settled.outcome is SettledAs.NOT_SCREENED
        return missed and self.now - self.episode.opened_at <= LENGTH_OF_A_ROUND

    @property
    def retaken(self) -> list[bool]:
        """Whether pictures have to be made again: some are missing, or were not good enough."""
        if self.episode is None:
            return []
        technical = [f.kind is FindingKind.TECHNICAL for f in self.episode.open_findings()]
        return technical + [x.incomplete is not None for x in self.episode.exams.values()]

    @property
    def surveillance(self) -> str:
        """The dated visit that this is about, "" for none."""
        return self.subject if self.subject in self.patient.dated else ""

    @property
    def opens_a_round(self) -> bool:
        """Whether pictures taken now begin a round of their own."""
        settled = self.episode is None or self.episode.settled is not None
        return bool(self.surveillance) or (settled and not self.comes_after_all)


Maker = Callable[[Target], Fields]


# ---------------------------------------------------------------- kinds of field


def moment(label: str, initial: Any = None, *, required: bool = True) -> forms.Field:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    wrong = {"invalid": "Write the day and time as 2026-11-24 10:20."}
    return forms.DateTimeField(
        label=label, widget=widget, input_formats=formats, error_messages=wrong, initial=initial, required=required
    )


def day(label: str, ahead: int | None = None, *, initial: Any = None, required: bool = True) -> forms.Field:
    initial = timezone.localdate() + timedelta(days=ahead) if ahead else initial
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    wrong = {"invalid": "Write the day as 2026-11-24."}
    return forms.DateField(label=label, widget=widget, initial=initial, error_messages=wrong, required=required)


def choose(
    label: str, choices: Iterable[tuple[str, str]], *, empty: str = "Choose", required: bool = True, help_text: str = ""
) -> forms.Field:
    """A list to choose from, with nothing chosen beforehand."""
    listed = [("", empty), *choices]
    return forms.ChoiceField(label=label, choices=listed, required=required, help_text=help_text)


def said_as(label: str, said: Mapping[Any, str], initial: str | None = None) -> forms.Field:
    """One of a closed list in the desk's words; `initial` only where it is what stands already."""
    choices = [(kind.value, word[:1].upper() + word[1:]) for kind, word in said.items()]
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, initial=initial)


def names(label: str, help_text: str, *, required: bool = False) -> forms.Field:
    """Names of people, one a line."""
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=600, widget=widget, help_text=help_text, required=required)


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


def _request(known: Sequence[Request]) -> forms.Field:
    choices = [(what.value, words.REQUESTS[what].capitalize()) for what in known]
    only = known[0].value if len(known) == 1 else None
    return forms.ChoiceField(label="What she asked for", choices=choices, widget=forms.RadioSelect, initial=only)


NOT_TO_BE_NAMED = (
    "This person cannot be named here. Choose somebody from the list: a record of another site that you opened with a "
    "reason is given to who works at that site."
)


def colleague(label: str, target: Target, *, required: bool = True, only: frozenset[str] | None = None) -> forms.Field:
    """Someone who works here: a name that nobody signs in with would look after nobody. `only`: who may do it."""
    at_work = target.staff if target.colleagues is None else target.colleagues
    known = {name: shown for name, shown in at_work.items() if only is None or name in only}
    choices = [("", "Choose" if required else "Nobody"), *known.items()]
    mine = target.me if required and target.me in known else ""
    said = {"invalid_choice": NOT_TO_BE_NAMED}
    return forms.ChoiceField(label=label, choices=choices, required=required, initial=mine, error_messages=said)


# ---------------------------------------------------------------- fields that depend on the record


def _report(target: Target) -> Fields:
    """Which report: chosen by a person where there is more than one, so that the wrong one is not taken by default."""
    reports = {
        x.id: f"{words.EXAMINATIONS[x.kind]}, {words.day(x.performed_at)}: {words.assessed(said.sides)}"
        for e in target.patient.episodes.values()
        for x in e.exams.values()
        if (said := x.reading.report or x.reading.preliminary) is not None and not x.not_hers
    }
    only = next(iter(reports)) if len(reports) == 1 else ""
    choices = [("", "Choose"), *reports.items()]
    return {"exam": forms.ChoiceField(label="Which report", choices=choices, initial=only)}


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
    """For each open finding its assessment, and how it was answered where the category alone does not say."""
    found = target.findings
    fields: Fields = {}
    for n, f in enumerate(found):
        name = words.finding(f)[:1].upper() + words.finding(f)[1:]
        fields[f"answer_{n}"] = forms.ChoiceField(
            label=name,
            choices=ANSWERS,
            required=len(found) == 1,
            help_text="Leave empty what these pictures did not look at." if len(found) > 1 else "",
        )
        hows = [(how.value, said) for how, said in words.HOWS.items()]
        siblings = [(x.id, words.finding(x)) for x in target.siblings(f)]
        if not siblings:
            hows = [(how, said) for how, said in hows if how != How.PART_OF_ANOTHER]
        how = "How it was answered" if len(found) == 1 else f"{name}: how it was answered"
        fields[f"how_{n}"] = choose(how, hows, empty="As its category says", required=False)
        if siblings:
            fields[f"part_{n}"] = choose(
                "Part of which" if len(found) == 1 else f"{name}: part of which",
                siblings,
                empty="Of none",
                required=False,
            )
    return fields


def _added(target: Target) -> Fields:
    """One finding more, which these pictures show and nobody had seen before."""
    examined = target.exam.sides if target.exam and target.exam.sides else tuple(Laterality)
    sides = [(s.value, s.capitalize()) for s in Laterality if s in examined]
    return {
        "added_assessment": choose("A finding not known yet: assessment", ANSWERS[1:], empty="None", required=False),
        "added_side": choose("Its breast", sides, empty="Not stated", required=False),
        "added_kind": choose("What it is", REASONS, empty="Not named", required=False),
        "added_place": text("Where it lies", "Clock or quadrant.", required=False),
    }


def _seen(target: Target) -> Fields:
    """One coded finding for each breast examined."""
    examined = target.exam.sides if target.exam and target.exam.sides else tuple(Laterality)
    fields: Fields = {}
    for side in (s for s in Laterality if s in examined):
        fields[f"kind_{side}"] = choose(f"What is seen, {side}", REASONS, empty="Not named", required=False)
        fields[f"place_{side}"] = text(f"Where, {side}", "Clock or quadrant.", required=False)
    return fields


def _breasts(target: Target) -> Fields:
    absent = target.patient.anatomy.absent
    asking = [f.side.value for f in target.episode.open_findings() if f.side] if target.episode else []
    here = [s for s in Laterality if s not in absent]
    if target.awaited or (target.opens_a_round and not asking):
        asking = [s.value for s in here]
    asked = list(dict.fromkeys(asking))
    return {"sides": many("Which breast", [(s.value, s.capitalize()) for s in here], asked, required=True)}


def _examination(target: Target) -> Fields:
    kinds: tuple[ExaminationKind, ...] = WORK_UP
    if target.opens_a_round or (target.awaited and not any(target.retaken)):
        kinds = (ExaminationKind.SCREENING, *WORK_UP)
    elif any(target.retaken):
        kinds = (ExaminationKind.TECHNICAL_REPEAT, *WORK_UP)
    return _made_there(target, kinds)


def _outside(target: Target) -> Fields:
    return _made_there(target, WORK_UP)


def _made_there(target: Target, kinds: Iterable[ExaminationKind]) -> Fields:
    choices = [(k.value, words.EXAMINATIONS[k]) for k in kinds]
    return {
        "kind": forms.ChoiceField(label="What was done", choices=choices, widget=forms.RadioSelect),
        "performed_at": moment("When", timezone.localtime(target.now)),
        **_breasts(target),
        "accession": text("Accession number", "With it, the report finds these pictures by itself.", required=False),
        **_doctor(target),
    }


def _doctor(target: Target) -> Fields:
    """Who gets the report of these pictures: of her doctors the one whom this round's pictures name, or the first."""
    if not target.doctors:
        return {}
    first = target.episode.first_exam if target.episode and not target.opens_a_round else None
    label, none = "Her doctor, who gets the report", "None: it goes to her"
    named = choose(label, target.doctors.items(), empty=none, required=False)
    named.initial = first.provider if first else next(iter(target.doctors))
    return {"doctor": named}


def _thing(step: type[st.Step], name: str, label: str) -> Maker:
    """Ask which finding, specimen or the like is meant, unless the loop that led here has named it."""

    def made(target: Target) -> Fields:
        found = offers.things(step, target)
        known = target.subject in found or not found
        return {} if known else {name: choose(label, found.items())}

    return made


def _purpose(step: type[st.Step]) -> Maker:
    """Ask what a visit is for, unless only one can be meant."""

    def made(target: Target) -> Fields:
        found = offers.purposes(step, target)
        return {} if len(found) < 2 else {"purpose": said_as("Which visit", {p: words.VISITS[p] for p in found})}

    return made


def _tried_by(target: Target) -> Fields:
    """How she was tried; a way she does not want says so, for an attempt is recorded as it was."""
    unwanted = [words.plain(way) for way in target.patient.wishes.not_by]
    field = one_of("How", Channel)
    field.help_text = f"She asked not to be contacted by {' or '.join(unwanted)}." if unwanted else ""
    return {"channel": field}


def _diagnosis_by(target: Target) -> Fields:
    rules = target.rules
    ways = [way for way in SPOKEN if rules is None or way in rules.tell_diagnosis_by]
    return {"channel": one_of("How", ways)}


def _follow_up(target: Target) -> Fields:
    """What follows matters only where the tissue is benign: then a person chooses it."""
    piece = target.specimen
    if piece is not None and piece.tissue not in (Tissue.BENIGN, Tissue.NORMAL_TISSUE):
        return {}
    label = "What follows, where it is benign and explains the finding"
    return {"follow_up": said_as(label, {plan: words.PLANS[plan] for plan in Plan if plan in TAKES_NONE})}


def _instead(target: Target) -> Fields:
    sampled = target.episode is not None and latest(target.episode, target.subject) is not None
    plans = [plan for plan in Plan if plan in INSTEAD and not (sampled and plan is Plan.MORE_IMAGING)]
    return {"plan": said_as("What is done instead", {plan: words.PLANS[plan] for plan in plans})}


def _addressee(target: Target) -> Fields:
    found = offers.refused_to(target)
    return (
        {} if len(found) == 1 else {"to": said_as("To whom", {to: words.ADDRESSEES[to] for to in found or Addressee})}
    )


def _panel(target: Target) -> Fields:
    opinions = target.exam.reading.opinions if target.exam else ()
    mine = target.me in {o.reader for o in opinions}
    hint = "You are one of the two who read it: name the panel, one a line." if mine else "One a line, for a panel."
    return {"panel": names("Who decided together", hint, required=mine)}


def _wishes(target: Target) -> Fields:
    now = target.patient.wishes
    ways = [(way.value, words.plain(way.value).capitalize()) for way in Channel]
    return {
        "not_by": many("Never contact her by", ways, [way.value for way in now.not_by]),
        "route": said_as("She is reached through", words.ROUTES, now.route.value),
        "capacity": said_as("Who decides", words.CAPACITIES, now.capacity.value),
        "interpreter": text(
            "Interpreter for", "The language, or sign language.", now.interpreter or "", required=False
        ),
        "tell_first_until": day(
            "Tell her before her page shows a result, until", initial=now.tell_first_until, required=False
        ),
    }


def _anatomy(target: Target) -> Fields:
    now = target.patient.anatomy
    sides = [(s.value, s.capitalize()) for s in Laterality]
    return {
        "absent": many("Breast removed", sides, [s.value for s in now.absent]),
        "implants": many("Implant", sides, [s.value for s in now.implants]),
    }


def _merged_with(target: Target) -> Fields:
    found = offers.others(target)
    return {} if len(found) == 1 else {"other": choose("Which record", [(name, name) for name in found])}


def _other_record(name: str) -> Maker:
    hint = "Its record id, as at the foot of its page, or her number there."
    return lambda t: {name: RecordField(label="The other record", max_length=60, help_text=hint)}


def _known_by(_: Target) -> Fields:
    return {"proof": text("How that is known", "Who said so, and when.")}


def _source(target: Target) -> Fields:
    known = target.episode.elsewhere if target.episode else None
    where = (known.claimed or known.asked or "") if known else ""
    return {"source": text("Where it was done", initial=where)}


def _reason(target: Target) -> Fields:
    asked = target.opens_a_round and not target.surveillance
    kinds = [r for r in RoundReason if r is not RoundReason.SURVEILLANCE]
    return {"reason": one_of("Why she came: this begins a round", kinds)} if asked else {}


def _slot(step: type[st.Step]) -> Maker:
    return lambda target: giving.times_field(giving.offer(step, target, target.site))


def _written(step: type[st.Step], name: str) -> Maker:
    """A day or a place in words, where no time of a room can be had; beside times to choose from, it may stay empty."""

    def made(target: Target) -> Fields:
        found = giving.offer(step, target, target.site)
        if not giving.is_written(found):
            return {}
        needed = all(free is None for free in found.values())
        if name == "starts_at":
            return {name: moment("Day and time", required=needed)}
        return {name: text("Place", initial=target.site.name if needed else "", required=needed)}

    return made


def _posted(target: Target) -> Fields:
    return {"document": one_of("What was posted", Document, target.document or None)}


# ---------------------------------------------------------------- a maker for every field

SPOKEN = (Channel.PHONE, Channel.IN_PERSON)
GIVING: tuple[type[st.Step], ...] = (st.BookVisit, st.MoveVisit)
"""The steps that give her a time."""
REASONS = [(k.value, words.FINDINGS[k].capitalize()) for k in FindingKind if k is not FindingKind.UNNAMED]
MAKERS: dict[tuple[type[st.Step] | None, str], Maker] = {
    (None, "sides"): _sides,
    (st.ConfirmChange, "sides"): _changed_sides,
    (st.DecideCallBack, "sides"): _breasts,
    (None, "answers"): _answers,
    (None, "added"): _added,
    (None, "findings"): _seen,
    (None, "examination"): _examination,
    (st.TakeOutsideResult, "examination"): _outside,
    (st.TakeOutsideResult, "source"): _source,
    (st.ClaimOutside, "source"): _source,
    (st.OpenRound, "answers"): lambda t: {},
    **{(step, "purpose"): _purpose(step) for step in offers.VISITING},
    (st.RecordBiopsy, "finding"): _thing(st.RecordBiopsy, "finding", "Of which finding"),
    (st.RecordNoTissue, "finding"): _thing(st.RecordNoTissue, "finding", "Which finding"),
    (st.RecordNotPossible, "finding"): _thing(st.RecordNotPossible, "finding", "Which finding"),
    (st.PlanNext, "finding"): _thing(st.PlanNext, "finding", "Which finding"),
    (st.RecordPathology, "specimen"): _thing(st.RecordPathology, "specimen", "Which specimen"),
    (st.DecideConcordance, "specimen"): _thing(st.DecideConcordance, "specimen", "Which specimen"),
    (st.TellDiagnosis, "specimen"): _thing(st.TellDiagnosis, "specimen", "Which specimen"),
    (st.TellProviderDiagnosis, "specimen"): _thing(st.TellProviderDiagnosis, "specimen", "Which specimen"),
    (st.PassOnIncidental, "incidental"): _thing(st.PassOnIncidental, "incidental", "What was found"),
    (st.ReviewIntervalCancer, "cancer"): _thing(st.ReviewIntervalCancer, "cancer", "Which cancer"),
    (st.EndCare, "cancer"): _thing(st.EndCare, "cancer", "Which cancer"),
    (None, "method"): lambda t: {"method": said_as("How it was taken", words.SAMPLINGS)},
    (None, "marker"): lambda t: {"marker": yes_no("Was a marker left?")},
    (None, "tissue"): lambda t: {"tissue": said_as("What the pathologist found", words.TISSUES)},
    (None, "lesion"): lambda t: {"lesion": text("The lesion, in the pathologist's words", required=False)},
    (None, "message"): lambda t: {},
    (None, "concordant"): lambda t: {
        "concordant": yes_no("Does the tissue explain what the pictures show?"),
    },
    (st.DecideConcordance, "follow_up"): _follow_up,
    (st.RecordNotPossible, "plan"): _instead,
    (st.PlanNext, "plan"): lambda t: {
        "plan": said_as("What follows", {p: said for p, said in words.PLANS.items() if p is not Plan.MORE_IMAGING})
    },
    (None, "conference"): lambda t: {
        "conference": names("Who decided together", "One a line. To take no more tissue, two at least.")
    },
    (None, "panel"): _panel,
    (st.EndInvitations, "reason"): lambda t: {"reason": said_as("Why", words.ENDED_FOR)},
    (st.EndInvitations, "proof"): lambda t: {"proof": text("How she was told in writing")},
    (st.RecordRefusalWritten, "to"): _addressee,
    (st.MoveCare, "to"): lambda t: {"to": text("Who is asked to go on with her care")},
    (st.PassOnIncidental, "to"): lambda t: {"to": text("Who looks after it now")},
    (st.RecordFirstVisit, "came"): lambda t: {"came": yes_no("Was she there?")},
    (st.Refer, "team"): lambda t: {"team": text("Which team")},
    (st.PlaceWithdrawn, "outcome"): lambda t: {"outcome": text("Whose it is, and where it went")},
    (st.ReviewIntervalCancer, "outcome"): lambda t: {"outcome": text("What was to be seen then")},
    (None, "release_by"): lambda t: {"release_by": colleague("Who looks again", t, only=t.releasers)},
    (None, "missing"): lambda t: {
        "missing": many("Which breast is not fully shown", [(s.value, s.capitalize()) for s in Laterality])
    },
    (None, "until"): lambda t: {"until": day("Until")},
    (None, "due_on"): lambda t: {"due_on": day("She is due on")},
    (None, "next_due_on"): lambda t: {"next_due_on": day("Her next pictures are due on")},
    (None, "first_visit_on"): lambda t: {"first_visit_on": day("The team expects her on")},
    (None, "found_on"): lambda t: {"found_on": day("Found on")},
    (None, "barrier"): lambda t: {"barrier": said_as("What makes it hard to come", words.BARRIERS)},
    (None, "arranged"): lambda t: {"arranged": text("What was arranged", required=False)},
    (None, "call_at"): lambda t: {"call_at": moment("At which hour", required=False)},
    (None, "note"): lambda t: {"note": text("Note")},
    (st.AssignOwner, "note"): lambda t: {"note": text("A word to whoever takes over", required=False)},
    (None, "wishes"): _wishes,
    (None, "anatomy"): _anatomy,
    (st.MergeInto, "survivor"): _other_record("survivor"),
    (st.Absorb, "retired"): _other_record("retired"),
    (st.Unmerge, "other"): _merged_with,
    (None, "leaves"): lambda t: {},
    (None, "of_being_told"): lambda t: {
        "of_being_told": forms.ChoiceField(
            label="Is it being told what the tissue showed that she refuses?",
            choices=YES_NO,
            widget=forms.RadioSelect,
            initial="no",
            required=False,
        )
    },
    (None, "also"): lambda t: {
        "also": many("Other examinations too", [(k.value, words.EXAMINATIONS[k]) for k in WORK_UP])
    },
    (None, "technical"): lambda t: {
        "technical": forms.ChoiceField(
            label="Only the same pictures again, because they were not good enough?",
            choices=YES_NO,
            widget=forms.RadioSelect,
            initial="no",
            required=False,
        )
    },
    (st.TakeExamination, "reason"): _reason,
    (st.TakeExamination, "answers"): lambda t: {},
    (None, "reasons"): lambda t: {"reasons": many("Why", REASONS, required=True)},
    (None, "views"): lambda t: {"views": many("Views", words.VIEWS.items(), ("SPOT", "ML"))},
    (None, "ultrasound"): lambda t: {"ultrasound": yes_no("Ultrasound in the same visit?")},
    (None, "answer_same_day"): lambda t: {"answer_same_day": yes_no("Will she know that day?")},
    (None, "density"): lambda t: {"density": density.field(t.exam, t.episode, t.rules)},
    (None, "recommendation"): lambda t: {
        "recommendation": forms.ChoiceField(
            label="What the reader advises",
            choices=[("", "Not stated"), *((r.value, words.ADVISED[r]) for r in Recommendation)],
            required=False,
        )
    },
    (None, "with_priors"): lambda t: {"with_priors": yes_no("Were earlier pictures compared?")},
    (st.TellResult, "channel"): lambda t: {"channel": one_of("How", SPOKEN)},
    (st.RecordSpoken, "channel"): lambda t: {"channel": one_of("How", SPOKEN)},
    (st.TellDiagnosis, "channel"): _diagnosis_by,
    (st.AskFor, "what"): lambda t: {"what": _request([r for r in Request if r not in t.patient.requests])},
    (st.RecordMet, "what"): lambda t: {"what": _request(t.patient.requests or list(Request))},
    (st.RecordContact, "channel"): _tried_by,
    (st.RecordReminded, "channel"): lambda t: {
        "channel": one_of("How", [way for way in Channel if way not in t.patient.wishes.not_by])
    },
    (None, "channel"): lambda t: {"channel": one_of("How", Channel)},
    (st.RecordContact, "outcome"): lambda t: {"outcome": one_of("How it ended", Outcome)},
    (None, "outcome"): lambda t: {"outcome": text("Where it belongs, and what follows")},
    (None, "document"): _posted,
    (st.PrepareDocument, "document"): lambda t: {"document": one_of("What to print", Document, t.document or None)},
    (st.PrepareDocument, "file"): lambda t: {},
    **{(step, "proof"): _known_by for step in (st.PassOnIncidental, st.AcknowledgeCare, st.TellProviderDiagnosis)},
    (st.WithdrawReport, "exam"): _report,
    (st.RecordPosted, "proof"): lambda t: {"proof": text("How that is known", initial="posted, first class")},
    (None, "proof"): lambda t: {"proof": text("How that is known", "How it went, and when.")},
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
    **{(step, "slot"): _slot(step) for step in GIVING},
    **{(step, name): _written(step, name) for step in GIVING for name in ("starts_at", "place")},
    (None, "reviewer"): lambda t: {"reviewer": colleague("Who looks at it", t, only=t.reviewers)},
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
