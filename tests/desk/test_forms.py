"""Every step has a form that can be shown, filled in and taken: a table over all of them."""

from datetime import datetime, timedelta
from typing import Any, get_type_hints

import msgspec
import pytest
from django import forms
from django.utils import timezone
from msgspec.structs import replace

from closerlook.desk import fields, offers, words
from closerlook.desk.fields import Target
from closerlook.desk.forms import StepForm
from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.closing import STEPS_FOR
from closerlook.pathway.deciding import MAY
from closerlook.pathway.events import Actor, Kind, Reading, Recorded, RoundReason, SideAssessment
from closerlook.pathway.loops import fold
from closerlook.pathway.regions import DatedVisit, Exam
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, Laterality, ReportStatus, Suspicion
from closerlook.people import sites
from closerlook.people.models import Site
from closerlook.visits import times
from tests.stores import NOW

LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
EVERY_STEP = sorted({*offers.ANY_TIME, *(s for steps in STEPS_FOR.values() for s in steps)}, key=lambda s: s.__name__)
WITH_A_PAGE = [step for step in EVERY_STEP if step not in offers.ELSEWHERE]
SITE = Site(slug="main", name="Riverside Breast Clinic", zone="America/Chicago")


PROTOCOL = sites.compiled("us", SITE.zone)
READING = Reading(
    ReportStatus.FINAL, sides=(SideAssessment(A.INCOMPLETE_IMAGING, LEFT), SideAssessment(A.NEGATIVE, RIGHT))
)
EXAM: dict[str, Any] = {"occurred_at": NOW, "episode": "e1", "exam": "e1.x2"}
FACTS: tuple[ev.Event, ...] = (
    ev.RoundOpened(occurred_at=NOW, episode="e1", site="main", reason=RoundReason.SCREENING),
    ev.ExaminationPerformed(**EXAM, kind=ExaminationKind.SCREENING, sides=(LEFT, RIGHT), accession="R|R|A1"),
    ev.Read(**EXAM, reading=READING),
)


def target(subject: str = "e1.x2", exam: Exam | None = None, dated: DatedVisit | None = None) -> Target:
    """A round with an examination of both breasts and one open finding in the left."""
    feed = Actor(Kind.FEED, "R|R")
    records = [Recorded(n, n, NOW, PROTOCOL.hash, fact, feed) for n, fact in enumerate(FACTS, 1)]
    patient = replace(fold("p1", records, {PROTOCOL.hash: PROTOCOL}), absorbed=("p2", "p3"))
    if dated:
        patient = replace(patient, dated={dated.id: dated})
    return Target(
        patient=patient,
        episode=patient.episodes["e1"],
        exam=exam or patient.episodes["e1"].exams["e1.x2"],
        now=NOW,
        subject=subject,
        site=SITE,
        record="p1",
        me="navigator",
        staff={"navigator": "Ana Ruiz, navigator"},
        facts=((3, "3: Attempt by phone: no answer."),),
        issuer="RIVERIS|RIVERSIDE",
    )


@pytest.fixture(autouse=True)
def _without_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """No form here asks the record anything: the rules are at hand, and another record's id is taken as it is."""
    monkeypatch.setattr(offers, "KNOWN", {PROTOCOL.hash: PROTOCOL})
    monkeypatch.setattr(fields.RecordField, "clean", forms.CharField.clean)
    monkeypatch.setattr(times, "rooms_for", lambda *asked, **more: [])


def filled(form: StepForm) -> dict[str, Any]:
    """Fill a form sensibly: what it proposes, else the first real choice, a day to come, a word."""
    return {name: _answer(name, field) for name, field in form.fields.items()} | {"seen": "7", "key": "k"}


def _answer(name: str, field: forms.Field) -> Any:
    if field.initial:
        return [*field.initial] if isinstance(field, forms.MultipleChoiceField) else _proposed(field)
    if isinstance(field, forms.MultipleChoiceField):
        return [_first(field)]
    if isinstance(field, forms.ChoiceField):
        return _first(field)
    soon: datetime = timezone.localtime(NOW) + timedelta(days=20)
    if isinstance(field.widget, forms.Textarea):
        return "Eva Lindqvist\nRuth Osei"
    if name in ("died_on", "found_on", "performed_at"):
        soon -= timedelta(days=25)
    if isinstance(field, forms.DateTimeField):
        return soon.strftime("%Y-%m-%dT%H:%M")
    return soon.strftime("%Y-%m-%d") if isinstance(field, forms.DateField) else "a word"


def _proposed(field: forms.Field) -> Any:
    dated = isinstance(field, forms.DateField | forms.DateTimeField)
    return field.widget.format_value(field.initial) if dated else field.initial


def _first(field: forms.ChoiceField) -> str:
    choices: Any = field.choices
    groups = [said if isinstance(said, list | tuple) else [(value, said)] for value, said in choices]
    return next(str(value) for group in groups for value, _ in group if value)


@pytest.mark.parametrize("step", WITH_A_PAGE, ids=lambda s: s.__name__)
def test_a_form_filled_in_makes_the_step(step: type[st.Step]) -> None:
    empty = StepForm(step, target(), initial={"seen": 7, "key": "k"})
    assert all(field.label for field in empty.visible_fields())
    form = StepForm(step, target(), data=filled(empty))
    assert form.is_valid(), form.errors
    made = form.made()
    assert type(made) is step
    # Every value has the type that the step declares: a wrong one would reach the log.
    assert msgspec.convert(msgspec.to_builtins(made), step) == made
    for name, hint in get_type_hints(step).items():
        assert hint is not str or isinstance(getattr(made, name), str), name


@pytest.mark.parametrize("step", WITH_A_PAGE, ids=lambda s: s.__name__)
def test_a_form_left_empty_asks_for_what_it_needs_in_words(step: type[st.Step]) -> None:
    form = StepForm(step, target(), data={"seen": "7", "key": "k"})
    for name, errors in form.errors.items():
        assert errors[0] in fields.MISSING.values(), name


@pytest.mark.parametrize("step", WITH_A_PAGE, ids=lambda s: s.__name__)
def test_a_form_needs_the_version_it_showed(step: type[st.Step]) -> None:
    empty = StepForm(step, target())
    form = StepForm(step, target(), data=filled(empty) | {"seen": "", "key": ""})
    assert {"seen", "key"} <= form.errors.keys()


def test_a_step_without_a_form_says_where_it_is_done() -> None:
    assert not {s.__name__ for s in EVERY_STEP if s in offers.ELSEWHERE} & offers.STEPS.keys()
    assert all(reason.endswith(".") for reason in offers.ELSEWHERE.values())
    assert set(WITH_A_PAGE) == set(offers.STEPS.values())


def test_a_field_nobody_knows_to_ask_for_is_a_fault() -> None:
    with pytest.raises(AssertionError, match="add a maker"):
        fields.fields_of(st.RecordContact, "weight", float, target())


@pytest.mark.parametrize("step", WITH_A_PAGE, ids=lambda s: s.__name__)
def test_every_step_has_a_button_and_says_what_it_is_for(step: type[st.Step]) -> None:
    assert step in words.BUTTONS
    purpose = words.purpose(step)
    assert purpose.endswith(".")
    assert "`" not in purpose
    assert "None" not in purpose
    assert step in MAY


def test_nothing_that_states_an_assessment_is_chosen_beforehand() -> None:
    for step in (st.RecordReading, st.ConfirmAssessment, st.ConfirmChange, st.AssessWorkup):
        form = StepForm(step, target())
        assert [f.initial for name, f in form.fields.items() if name.startswith(("side_", "answer_"))] == [None] * len(
            [name for name in form.fields if name.startswith(("side_", "answer_"))]
        )


def test_a_grade_of_suspicion_reaches_the_step() -> None:
    sent = {"side_left": "suspicious:4B", "side_right": "negative", "with_priors": "no"}
    sent |= {"density": "b", "seen": "7", "key": "k"}
    form = StepForm(st.RecordReading, target(), data=sent)
    assert form.is_valid()
    made = form.made()
    assert isinstance(made, st.RecordReading)
    assert made.sides == (
        SideAssessment(A.SUSPICIOUS, LEFT, Suspicion.MODERATE),
        SideAssessment(A.NEGATIVE, RIGHT),
    )


def test_pictures_taken_for_a_dated_check_begin_its_round() -> None:
    asked = target("e1.s6", dated=DatedVisit("e1.s6", "e1", NOW.date(), 6))
    form = StepForm(st.TakeExamination, asked, data=filled(StepForm(st.TakeExamination, asked)))
    assert form.is_valid()
    made = form.made()
    assert isinstance(made, st.TakeExamination)
    assert (made.episode, made.answers, made.reason) == (None, "e1.s6", RoundReason.SURVEILLANCE)


def test_pictures_taken_in_an_open_round_stay_in_it_and_carry_their_number() -> None:
    form = StepForm(st.TakeExamination, target(), data=filled(StepForm(st.TakeExamination, target())))
    assert form.is_valid()
    made = form.made()
    assert isinstance(made, st.TakeExamination)
    assert (made.episode, made.answers) == ("e1", None)
    assert made.examination.accession == "RIVERIS|RIVERSIDE|a word"


def test_a_round_is_looked_after_by_someone_who_works_here() -> None:
    sent = {"owner": "somebody", "seen": "7", "key": "k"}
    assert "owner" in StepForm(st.AssignOwner, target(), data=sent).errors


DOCTORS = {"NPI|1": "Claire Moreau", "NPI|2": "Ann Stone"}


@pytest.mark.parametrize(("chosen", "provider"), [("NPI|2", "NPI|2"), ("", None)])
def test_the_report_of_pictures_goes_to_the_doctor_who_was_chosen(chosen: str, provider: str | None) -> None:
    asked = replace(target(), doctors=DOCTORS)
    form = StepForm(st.TakeExamination, asked, data=filled(StepForm(st.TakeExamination, asked)) | {"doctor": chosen})
    assert form.is_valid()
    made = form.made()
    assert isinstance(made, st.TakeExamination)
    assert made.examination.provider == provider


def test_pictures_that_begin_a_round_go_to_the_doctor_on_file() -> None:
    asked = replace(target(), episode=None, exam=None, doctors=DOCTORS)
    assert StepForm(st.TakeExamination, asked).fields["doctor"].initial == "NPI|1"


@pytest.mark.parametrize(("days", "episode"), [(179, "e1"), (181, None)])
def test_who_comes_after_all_is_examined_in_the_round_that_was_closed(days: int, episode: str | None) -> None:
    closed = ev.Settled(occurred_at=NOW, episode="e1", outcome=ev.SettledAs.NOT_SCREENED)
    missed = replace(target().patient.episodes["e1"], exams={}, findings={}, settled=closed)
    asked = replace(target("e1"), episode=missed, exam=None, now=missed.opened_at + timedelta(days=days))
    form = StepForm(st.TakeExamination, asked, data=filled(StepForm(st.TakeExamination, asked)))
    assert form.is_valid(), form.errors
    made = form.made()
    assert isinstance(made, st.TakeExamination)
    assert (made.episode, made.examination.kind) == (episode, ExaminationKind.SCREENING)


def test_pictures_answer_only_findings_they_looked_at() -> None:
    right = Exam("e1.x5", ExaminationKind.DIAGNOSTIC, NOW, (RIGHT,))
    assert [name for name in StepForm(st.AssessWorkup, target(exam=right)).fields if name.startswith("answer_")] == []
