"""The shape of every fact is frozen: what old logs hold cannot be taken away, renamed or read otherwise unnoticed."""

import re
from collections.abc import Callable

import pytest

from closerlook.pathway.events import TAGS
from closerlook.pathway.upcasters import UPCASTERS
from tests.long_life.shapes import FROZEN, Shapes, broken, read, shapes, text_of

SHAPES = read(FROZEN.read_text(encoding="utf-8"))


def test_every_fact_has_a_version() -> None:
    for tag in TAGS | UPCASTERS.keys():
        assert re.fullmatch(r"[A-Z][A-Za-z]+\.[1-9]\d*", tag), f"{tag} has no version: write for example Booked.1"


def test_no_fact_has_changed_under_its_version() -> None:
    found = broken(SHAPES, shapes(), frozenset(UPCASTERS))
    assert not found, "\n".join(found)


def test_the_text_comes_back_as_it_went_in() -> None:
    assert read(text_of(shapes())) == shapes()


def changed(name: str, **fields: str | None) -> Shapes:
    """Today's shapes with some fields of one fact declared otherwise, or (None) not any more."""
    now = {**SHAPES[name], **fields}
    return {**SHAPES, name: {k: v for k, v in now.items() if v is not None}}


def without(name: str) -> Shapes:
    return {k: v for k, v in SHAPES.items() if k != name}


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (lambda: changed("Booked.1", place=None), ["Booked.1 has lost place", "the next version", "upcaster"]),
        (lambda: changed("Booked.1", place=None, where="str"), ["lost place", "where is new", "default"]),
        (lambda: changed("Booked.1", starts_at="date"), ["Booked.1.starts_at was 'datetime' and is 'date'"]),
        (lambda: changed("Booked.1", room="str"), ["Booked.1.room is new", "give it a default"]),
        (lambda: changed("ReportAmended.1", supersedes="bool = False"), ["supersedes was 'bool = True'"]),
        (lambda: changed("ReportAmended.1", supersedes="bool"), ["supersedes was 'bool = True'"]),
        (lambda: changed("Finding", side=None), ["Finding has lost side", "every fact", "that holds Finding"]),
        (lambda: changed("Channel", **{'"text"': None}), ['Channel has lost "text"']),
        (lambda: changed("Row", legal="bool = True"), ["Row.legal was", "PROTOCOL_FORMAT"]),
        (lambda: without("Booked.1"), ["Booked.1 is in old logs", "add an upcaster"]),
    ],
)
def test_what_old_logs_would_not_survive_is_named_with_its_mend(now: Callable[[], Shapes], says: list[str]) -> None:
    found = " ".join(broken(SHAPES, now(), frozenset()))
    for words in says:
        assert words in found


@pytest.mark.parametrize(
    "now",
    [
        changed("Booked.1", room="str | None = None"),
        changed("Finding", size_mm="int | None = None"),
        changed("Channel", **{'"pigeon"': "a word"}),
        {**SHAPES, "Slept.1": {"occurred_at": "datetime"}},
    ],
    ids=["field with a default", "field of a part", "word", "fact"],
)
def test_what_old_logs_survive_may_be_added(now: Shapes) -> None:
    assert broken(SHAPES, now, frozenset()) == []


def test_a_retired_fact_may_have_another_shape() -> None:
    newer = {**without("Booked.1"), "Booked.2": {"occurred_at": "datetime", "where": "str"}}
    assert broken(SHAPES, newer, frozenset({"Booked.1"})) == []
