"""A course walked through the desk: whoever is staff in it takes their steps by their forms, all others by the door."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone
from msgspec import Struct

from closerlook.desk import offers
from closerlook.desk.doing import target_of
from closerlook.desk.forms import StepForm
from closerlook.desk.here import Here
from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused, decide
from closerlook.pathway.loops import Loop
from closerlook.pathway.regions import Patient as State
from closerlook.people import sites
from closerlook.people.models import Patient, Provider, Site, Staff, TrustedSender
from closerlook.record import door
from closerlook.record.protocols import KNOWN
from tests.clicked.answering import Answers, answers, completed
from tests.clicked.courses import Course, Tale, Told
from tests.clicked.people import Person
from tests.desk.people import Unit

OTHERS = frozenset({"other", "survivor", "retired"})
COLLEAGUES = dict.fromkeys(("reviewer", "owner", "cover", "leaves"), "navigator") | {"release_by": "radiologist"}
"""The fields of a step that name a colleague, with a role for one who does nothing else in the story."""
HAND_OVER = "A whole caseload is handed over on a page of its own."
NOT_ON_THE_FORM: dict[tuple[str, type[st.Step]], str] = {
    ("test_her_round_has_a_name_who_looks_after_it", st.AssignOwner): HAND_OVER,
    ("test_a_navigator_leaves_and_her_caseload_is_handed_over", st.AssignOwner): HAND_OVER,
    ("test_the_reading_she_was_to_release_goes_with_the_caseload", st.AssignOwner): HAND_OVER,
    ("test_in_a_shelter_nothing_is_sent_home", st.RecordPosted): "The desk posts and faxes what was printed before.",
    ("test_two_examinations_code_two_findings_alike", st.TakeExamination): (
        "Another screening examination in a round that waits for none comes in by feed."
    ),
}
"""What no form of the desk asks for: in which course, which step, and why. Whatever the form can say is said there."""


class Way(Struct, frozen=True):
    """A link on her page, with how to fill in the form behind it."""

    address: str
    answers: Answers


class Walk:
    """One story of a course, walked with one patient of the unit by the people who see to her."""

    def __init__(self, course: Course, number: int, tale: Tale, unit: Unit, come: Callable[[str], Person]) -> None:
        self.course, self.tale, self.unit, self.come = course, tale, unit, come
        self.patient = "p1" if number == 1 else f"p1-{number}"
        self.people: dict[str, Person] = {}
        # Two patients of one course have pictures of their own.
        numbers = range(1, len(tale.steps) + 1) if number > 1 else ()
        self.names = {f"RIS|{n}": f"RIS|{number}-{n}" for n in numbers}
        self.unsaid = {step for name, step in NOT_ON_THE_FORM if name == course.name}
        self.protocol = tale.steps[0].protocol

    # ---------------------------------------------------------------- who is there

    def prepare(self) -> None:
        """Enter the patient, whoever else has a record, and everyone who is staff in the story."""
        Site.objects.update(zone=self.protocol.calendar.zone)
        sites.forget()
        site = sites.site()
        TrustedSender.objects.get_or_create(sender="RIS", defaults={"site": site})
        doctor, _ = Provider.objects.get_or_create(id="dr-1", defaults={"family": "Moreau", "given": "Claire"})
        others = {getattr(t.step, name) for t in self.tale.steps for name in OTHERS if hasattr(t.step, name)}
        for one in (self.patient, *sorted(others)):
            who = {"family": "Weber", "given": one, "birth_date": "1970-03-01", "provider": doctor}
            Patient.objects.get_or_create(id=one, defaults={**who, "site": site, "created_at": self.unit.now})
        for username, roles in self._staff().items():
            user, new = User.objects.get_or_create(username=username)
            if new:
                Staff.objects.create(user=user, site=site, roles=",".join(roles), name=username)

    def _staff(self) -> dict[str, tuple[str, ...]]:
        """Return everyone whom the story names, with their roles: those of a colleague who takes no step are usual."""
        found: dict[str, tuple[str, ...]] = {}
        for field, role in COLLEAGUES.items():
            found |= {name: (role,) for t in self.tale.steps if (name := getattr(t.step, field, None))}
        return found | {t.by.id: t.by.roles for t in self.tale.steps if t.by.kind is ev.Kind.STAFF}

    # ---------------------------------------------------------------- taking every step

    def go(self) -> None:
        """Take every step of the story in its order, each at its moment and under its rules."""
        self.prepare()
        for n, told in enumerate(self.tale.steps, 1):
            self.unit.now, self.protocol = told.now, told.protocol
            before = door.look(self.patient).state.version
            step = renamed(told.step, self.names)
            by_form = told.by.kind is ev.Kind.STAFF and type(step) not in offers.ELSEWHERE
            if not (by_form and self.click(told, step)):
                key = f"story:{n}"
                door.take(step, stream=self.patient, actor=told.by, key=key, now=told.now)
            self.compare(told, before)
        self.finish()

    def click(self, told: Told, step: st.Step) -> bool:
        """Let somebody take a step from a link on her page; False where a step is not for the desk's forms."""
        person = self.people.get(told.by.id) or self.people.setdefault(told.by.id, self.come(told.by.id))
        person.sign_in()
        shown = dict.fromkeys(address for address, kind in person.look(self.patient) if kind == type(step).__name__)
        way, against = self._way_of(list(shown), step, told)
        if way is None and (not told.facts or type(step) in self.unsaid):
            self.unsaid.discard(type(step))
            return False  # what would change nothing need not be offered
        who = f"{self.course}: {type(step).__name__} by {told.by.id} ({', '.join(told.by.roles)})"
        assert shown, f"{who} is not offered on her page."
        assert way is not None, f"{who} cannot be said on its form: {step}. {against}"
        said = person.record(way.address, way.answers)
        expected = "Recorded: " if told.facts else "Nothing new was recorded"
        assert said.startswith(expected), f"{who}, at {way.address} with {way.answers}: {said}"
        return True

    def _way_of(self, addresses: list[str], step: st.Step, told: Told) -> tuple[Way | None, list[str]]:
        """Return the first link that leads to just this step, and what stands against those before it."""
        against: list[str] = []
        for address in addresses:
            found = self._way(address, step, told)
            if isinstance(found, Way):
                return found, against
            against.append(found)
        return None, against

    def _way(self, address: str, step: st.Step, told: Told) -> Way | str:
        """Return how to fill in the form behind a link so that it asks for just this step; else what stands against it.

        The facts that it would make are the measure: a form may well put its step in other words.
        """
        history = door.look(self.patient)
        staff = Staff.objects.select_related("site", "user").get(user__username=told.by.id)
        here = Here(told.by, staff.name, staff.site, told.now, staff)
        with timezone.override(staff.site.zone):
            target = target_of(history, RequestFactory().get(address), here)
            empty = StepForm(type(step), target)
            asked = completed(step, empty)
            filled = answers(asked, empty)
            form = StepForm(type(step), target, data=as_posted(filled))
            if not form.is_valid():
                return f"{address}: {form.errors.as_text()}"
            wanted, made = (self._decided(one, history, told) for one in (asked, form.made()))
        found = different(wanted, made)
        return f"{address}: {found}" if found else Way(address, filled)

    def _decided(self, step: st.Step, history: door.History, told: Told) -> Any:
        """Return the facts that a step would make now, or why it is refused."""
        state, records = history.patient, history.records
        try:
            return plain(decide(step, state, records, KNOWN, default=self.protocol, actor=told.by, now=told.now))
        except Refused as why:
            return str(why)

    # ---------------------------------------------------------------- what the record says

    def compare(self, told: Told, before: int) -> None:
        """Hold the facts recorded just now to those of the story; learn the names that findings have here."""
        theirs = plain([renamed(fact, self.names) for fact in told.facts])
        ours = plain([r.event for r in door.look(self.patient).records[before:]])
        self.names |= {a: b for path, a, b in unlike(theirs, ours) if is_a_name(path)}
        found = different(theirs, ours)
        assert not found, f"{self.course}: {told.step} by {told.by.id} was recorded otherwise: {found}"

    def finish(self) -> None:
        """Hold the record to the story: every fact, every round's end, and what is owed by whom, and when."""
        history, story = door.look(self.patient), self.tale.story
        assert [type(r.event) for r in history.records] == [type(r.event) for r in story.log]
        assert ends(history.patient) == ends(story.patient)
        assert owed(history.loops, {}) == owed(story.loops, self.names)
        assert not self.unsaid, f"{self.course}: {self.unsaid} can be said on a form after all: take it off the list."


def owed(loops: Sequence[Loop], names: dict[str, str]) -> list[tuple[str, ...]]:
    """Return what is owed: by whom, what, about what, and by when."""
    return sorted(
        (x.owner, x.assignee or "", x.kind, names.get(x.subject, x.subject), str(x.due_at), str(x.late_at))
        for x in loops
    )


def ends(patient: State) -> dict[str, str]:
    """Return how each settled round ended."""
    return {e.id: str(e.settled.outcome) for e in patient.episodes.values() if e.settled is not None}


def plain(value: Any) -> Any:
    """Return a value as maps, lists, words and moments; one moment equals itself in every zone."""
    return msgspec.to_builtins(value, builtin_types=(datetime,))


def as_posted(said: Answers) -> QueryDict:
    """Return what a browser would send for these answers."""
    found = QueryDict("seen=0&key=k", mutable=True)
    for name, values in said.items():
        if values != [""]:
            found.setlist(name, values)
    return found


def renamed(one: Any, names: dict[str, str]) -> Any:
    """Return a step or a fact with the names that findings have in the record."""
    return msgspec.convert(_with(plain(one), names), type(one)) if names else one


def _with(value: Any, names: dict[str, str]) -> Any:
    match value:
        case dict():
            return {key: _with(one, names) for key, one in value.items()}
        case list() | tuple():
            return [_with(one, names) for one in value]
        case str():
            return names.get(value, value)
    return value


def unlike(a: Any, b: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Return where two values differ: the place, and what each holds there."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted({*a, *b}):
            yield from unlike(a.get(key), b.get(key), f"{path}.{key}")
    elif isinstance(a, list | tuple) and isinstance(b, list | tuple) and len(a) == len(b):
        for n, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from unlike(one, other, f"{path}.{n}")
    elif a != b:
        yield path, a, b


def is_a_name(path: str) -> bool:
    """Whether a place holds the name of a finding, which whoever enters it makes up."""
    return path.endswith(".id") and (".added." in path or ".findings." in path)


def is_asked_besides(path: str, story: Any) -> bool:
    """Whether the desk asks for what the story leaves open: of which breast, why, and how dense the breasts are."""
    return story is None and path.endswith((".sides", ".reasons", ".density"))


def different(a: Any, b: Any) -> list[tuple[str, Any, Any]]:
    """Return where what was recorded says something else than the story."""
    return [x for x in unlike(a, b) if not is_a_name(x[0]) and not is_asked_besides(x[0], x[1])]
