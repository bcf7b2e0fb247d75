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


def test_a_fact_holds_neither_names_nor_prose() -> None:
    """Facts name people by our own ids; what is free text is short and written by staff for staff."""
    free = {"reason", "why", "place", "note", "what", "answer", "proof", "outcome", "file", "source", "best_time"}
    for fact in FACTS:
        assert not {"name", "family", "given", "phone", "address", "email"} & set(fact.__struct_fields__)
        for field in msgspec.structs.fields(fact):
            plain: Any = field.type
            if plain is str and field.name not in free:
                known = {
                    "episode",
                    "exam",
                    "site",
                    "symptom",
                    "visit",
                    "reviewer",
                    "owner",
                    "kind",
                    "subject",
                    "to",
                    "patient",
                }
                assert field.name in known, f"{fact.__name__}.{field.name}: is this personal?"
