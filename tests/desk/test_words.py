"""The desk has words for everything: each fact, each kind of thing owed, each category."""

from datetime import UTC, date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from django.utils import timezone
from msgspec.structs import replace

from closerlook.desk import words
from closerlook.pathway import events as ev
from closerlook.pathway.regions import FindingState, FindingStatus
from closerlook.pathway.terms import (
    Assessment,
    ExaminationKind,
    FindingKind,
    Laterality,
    Plan,
    Recommendation,
    Sampling,
    Tissue,
)

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
PLAIN: dict[Any, Any] = {str: "word", int: 3, bool: True, datetime: NOW, date: NOW.date()}


def some(kind: Any, *, full: bool) -> Any:
    """Return some value of a type; with `full` False nothing where nothing is allowed."""
    options = get_args(kind) if get_origin(kind) is UnionType or isinstance(kind, UnionType) else ()
    if options:
        return some(options[0], full=full) if full or NoneType not in options else None
    if get_origin(kind) is tuple:
        return (some(get_args(kind)[0], full=full),) if full else ()
    if kind in PLAIN:
        return PLAIN[kind]
    if issubclass(kind, StrEnum):
        return next(iter(kind))
    return kind(**{name: some(hint, full=full) for name, hint in get_type_hints(kind).items()})


@pytest.mark.parametrize("full", [True, False], ids=["all stated", "little stated"])
@pytest.mark.parametrize("fact", ev.PATIENT_FACTS, ids=lambda f: f.__name__)
def test_every_fact_is_a_sentence_of_her_story(fact: type[ev.Event], full: bool) -> None:
    said = words.said(some(fact, full=full))
    assert said[0].isupper()
    assert said.endswith(".")
    assert not any(sign in said for sign in ("_", "None", "{", "datetime", "()"))


def test_days_in_a_story_are_in_words() -> None:
    assert words.said(ev.Died(occurred_at=NOW, died_on=date(2026, 11, 5))) == "Died on 5 November 2026."


def test_every_category_examination_and_finding_has_words() -> None:
    assert words.ASSESSMENTS.keys() == set(Assessment)
    assert words.EXAMINATIONS.keys() == set(ExaminationKind)
    assert words.FINDINGS.keys() == set(FindingKind)


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        (words.STATUSES, FindingStatus), (words.HOWS, ev.How), (words.TISSUES, Tissue), (words.SAMPLINGS, Sampling),
        (words.PLANS, Plan), (words.VISITS, ev.Purpose), (words.ENDED_FOR, ev.EndedFor),
        (words.ADDRESSEES, ev.Addressee), (words.CAPACITIES, ev.Capacity), (words.ROUTES, ev.ContactRoute),
        (words.SETTLED, ev.SettledAs), (words.ADVISED, Recommendation),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)  # fmt: skip
def test_every_value_of_a_closed_list_has_words(said: dict[StrEnum, str], kinds: type[StrEnum]) -> None:
    assert said.keys() == set(kinds)
    assert not [word for word in said.values() if "_" in word]


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (ev.Booked, "Biopsy booked for 2 November 2026, 09:00."),
        (ev.Moved, "Biopsy moved to 2 November 2026, 09:00."),
        (ev.Cancelled, "Biopsy cancelled."),
        (ev.Missed, "She did not come: biopsy."),
        (ev.Attended, "She came: biopsy."),
    ],
)
def test_a_visit_says_what_it_is_for(fact: type[ev.Event], said: str) -> None:
    with timezone.override("America/Chicago"):
        made = replace(some(fact, full=False), purpose=ev.Purpose.BIOPSY)
        no = {name: False for name in ("confirmed_by_her", "by_her") if hasattr(made, name)}
        assert words.said(replace(made, **no)) == said


@pytest.mark.parametrize(
    ("kind", "side", "place", "said"),
    [
        (FindingKind.CALCIFICATIONS, Laterality.LEFT, None, "left calcifications"),
        (FindingKind.MASS, Laterality.RIGHT, "2 o'clock", "right mass, 2 o'clock"),
        (FindingKind.UNNAMED, Laterality.LEFT, None, "left breast"),
        (FindingKind.UNNAMED, None, None, "side not stated: finding"),
    ],
)
def test_a_finding_is_said_as_the_reading_room_says_it(
    kind: FindingKind, side: Laterality | None, place: str | None, said: str
) -> None:
    found = replace(some(FindingState, full=False), kind=kind, side=side, place=place)
    assert words.finding(found) == said


def test_the_makers_of_facts_here_make_true_facts() -> None:
    for fact in ev.PATIENT_FACTS:
        made = some(fact, full=True)
        assert ev.decode(ev.encode(made)) == made
        assert isinstance(made, msgspec.Struct)
