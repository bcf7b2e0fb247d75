"""Facts as they are stored: every kind comes back as it went in, and an unknown one stops."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as hs

from closerlook.pathway import events as ev
from closerlook.pathway.events import FACTS, TAGS, Event, UnknownEvent, decode, encode, tag_of

MOMENTS = hs.integers(631_152_000, 2_840_140_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
hs.register_type_strategy(datetime, MOMENTS)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
@given(data=hs.data())
def test_every_kind_of_fact_comes_back_as_it_went_in(fact: type[Event], data: hs.DataObject) -> None:
    event = data.draw(hs.from_type(fact))
    body = encode(event)
    assert decode(body) == event
    assert encode(decode(body)) == body, "the same fact has the same bytes, so that the chain over them holds"
    assert f'"type":"{tag_of(event)}"'.encode() in body


def test_every_fact_has_a_tag_of_its_own_with_a_version() -> None:
    assert len(TAGS) == len(FACTS) == len(set(FACTS))
    for fact in FACTS:
        name, _, version = str(tag_of_type(fact)).rpartition(".")
        assert name == fact.__name__
        assert version.isdigit()
        assert int(version) >= 1


def tag_of_type(fact: type[Event]) -> object:
    return fact.__struct_config__.tag


def test_every_fact_defined_is_listed() -> None:
    defined = {
        x for x in vars(ev).values() if isinstance(x, type) and issubclass(x, Event) and x.__struct_config__.tag
        and x not in (ev.Event, ev.EpisodeEvent, ev.ExamEvent)
    }  # fmt: skip
    assert defined == set(FACTS)


@pytest.mark.parametrize(
    "body",
    [
        b'{"type":"Cured.1","occurred_at":"2026-11-02T15:00:00Z"}',
        b'{"type":"Died.2","occurred_at":"2026-11-02T15:00:00Z","died_on":"2026-11-01"}',
        b'{"occurred_at":"2026-11-02T15:00:00Z"}',
        b'{"type":"Died.1","occurred_at":"2026-11-02T15:00:00Z"}',
        b"not json",
        b"",
    ],
)
def test_a_fact_this_version_does_not_know_stops(body: bytes) -> None:
    with pytest.raises(UnknownEvent):
        decode(body)


SHORT_WORDS = {"reason", "why", "place", "note", "what", "answer", "proof", "outcome", "file", "source", "best_time",
               "arranged"}  # fmt: skip
"""Free text, short and written by staff for staff: a code or a few words of the field, never a report's prose."""
OURS = {
    "episode", "exam", "site", "symptom", "visit", "reviewer", "owner", "kind", "subject", "to", "patient",
    "incidental", "specimen", "finding", "cancer", "survivor", "retired", "other", "reader", "release_by", "protocol",
    "leaves", "takes", "system", "answered_by",
}  # fmt: skip
"""Our own identifiers: of a person here by login, of a record, a specimen, a protocol, a computer system."""
UNITS = {"team"}
"""A named unit that takes her on, never a person in it; so is `to` where her care moves, or who an incidental finding
is passed on to."""


def test_a_fact_holds_neither_names_nor_prose() -> None:
    for fact in FACTS:
        assert not {"name", "family", "given", "phone", "address", "email"} & set(fact.__struct_fields__)
        for field in msgspec.structs.fields(fact):
            plain: Any = field.type
            if plain is str:
                known = SHORT_WORDS | OURS | UNITS
                assert field.name in known, f"{fact.__name__}.{field.name}: is this personal?"


def test_words_that_are_allowed_are_words_that_facts_have() -> None:
    held = {name for fact in FACTS for name in fact.__struct_fields__}
    assert held >= SHORT_WORDS | OURS | UNITS


def test_what_she_asked_for_holds_no_name_no_number_and_no_place() -> None:
    """Her wishes name languages, ways and days; whom to ring, and where, is kept with people and not in the log."""
    assert set(ev.Wishes.__struct_fields__) == {"not_by", "tell_first_until", "interpreter", "route", "capacity"}
    assert set(ev.CaseloadRound.__struct_fields__) == {"patient", "episode"}
