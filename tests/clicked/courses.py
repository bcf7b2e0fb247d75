"""The courses of the pathway, found in tests/courses and told once more while somebody takes notes.

You are here because a course is not found or not told: each is a function of a `tests/courses/test_*.py` whose only
arguments are those of its own `parametrize`.
"""

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.protocol import Protocol
from tests import courses
from tests.pathway.story import Story


class Course(Struct, frozen=True):
    """One course by its name, with the arguments it is told with."""

    module: str
    name: str
    given: dict[str, Any]

    def __str__(self) -> str:
        said = "-".join(str(value) for value in self.given.values() if isinstance(value, str))
        return f"{self.module}: {self.name}{f' ({said})' if said else ''}"


class Told(Struct, frozen=True):
    """A step as a story took it: by whom, when, under which rules, and the facts it made."""

    step: st.Step
    by: ev.Actor
    now: datetime
    protocol: Protocol
    facts: tuple[ev.Event, ...]


class Tale(Struct, frozen=True):
    """One story of a course: how it ended, and every step on the way there."""

    story: Story
    steps: list[Told]


def every_course() -> list[Course]:
    """Return each course of the pathway, a parametrised one once for each of its parameters."""
    folder = Path(str(courses.__file__)).parent
    found = []
    for file in sorted(folder.glob("test_*.py")):
        module = import_module(f"{courses.__name__}.{file.stem}")
        for name, function in vars(module).items():
            if name.startswith("test_"):
                found += [Course(file.stem, name, given) for given in _given(function)]
    return found


def _given(function: Any) -> Iterator[dict[str, Any]]:
    """Return the arguments a test is run with, as its `parametrize` marks say."""
    marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
    for rows in product(*(mark.args[1] for mark in marks)):
        given: dict[str, Any] = {}
        for mark, row in zip(marks, rows, strict=True):
            stated = mark.args[0]
            names = [name.strip() for name in stated.split(",")] if isinstance(stated, str) else stated
            given |= dict(zip(names, row if len(names) > 1 else [row], strict=True))
        yield given


def told(course: Course) -> list[Tale]:
    """Tell a course and return its stories. A step that was refused took no place in its story, and has none here."""
    tales: dict[int, Tale] = {}
    take = Story._taken

    def taken(self: Story, step: st.Step, by: ev.Actor) -> list[ev.Event]:
        facts = take(self, step, by)
        tale = tales.setdefault(id(self), Tale(self, []))
        tale.steps.append(Told(step, by, self.now, self.protocol, tuple(facts)))
        return facts

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Story, "_taken", taken)
        getattr(import_module(f"{courses.__name__}.{course.module}"), course.name)(**course.given)
    return list(tales.values())
