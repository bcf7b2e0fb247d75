"""Retired shapes of facts are read as today's, through every version between, and lose nothing on the way."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from closerlook.desk import owed
from closerlook.pathway import events as ev
from closerlook.pathway import upcasters
from closerlook.pathway.events import TAGS, UnknownEvent, decode, encode, tag_of, tags_of
from closerlook.pathway.upcasters import UPCASTERS, Fields, next_tag, tag_in, upcast
from closerlook.record import door, log, verify
from closerlook.record.models import Event, Head
from tests.long_life import stored
from tests.long_life.conftest import OLDER, OLDEST, SEEDED
from tests.record.steps import FEED, report
from tests.stores import NOW

SPELLED_OTHERWISE: dict[str, frozenset[str]] = {}
"""By retired tag: fields whose value an upcaster writes in another way, or leaves out because it never said anything.

What is here is not looked for in the newer fact: say in the upcaster's docstring why nothing is lost.
"""

P = "p22222222222222"
BOOKED = ev.Booked(
    occurred_at=datetime(2019, 5, 1, 9, tzinfo=UTC),
    episode="e1",
    starts_at=datetime(2019, 5, 4, 10, 30, tzinfo=UTC),
    place="Room 2",
)


def leaves(value: Any) -> set[str]:
    """Return every plain value in a body, however deep."""
    if isinstance(value, dict):
        return {leaf for inner in value.values() for leaf in leaves(inner)}
    if isinstance(value, list):
        return {leaf for inner in value for leaf in leaves(inner)}
    return set() if value is None else {str(value)}


def lost(body: bytes, spelled: frozenset[str] = frozenset()) -> set[str]:
    """Return the fields of a retired body whose values the fact it is read as no longer holds.

    What an upcaster gives that the fact has no field for is lost too: reading passes over it in silence.
    """
    before: Fields = msgspec.json.decode(body)
    given: Fields = msgspec.json.decode(upcast(body))
    kept: Fields = msgspec.json.decode(encode(decode(body)))
    held = leaves({k: v for k, v in kept.items() if k != "type"})
    gone = {k for k, v in before.items() if k != "type" and k not in spelled and not leaves(v) <= held}
    return gone | {k for k, v in given.items() if k not in kept and not leaves(v) <= held}


# ---------------------------------------------------------------- the table as it is


def test_every_chain_ends_at_a_fact_of_today() -> None:
    for tag in UPCASTERS:
        assert tag not in TAGS, f"{tag} is retired and current at once"
        while tag in UPCASTERS:
            tag = next_tag(tag)  # noqa: PLW2901  walking the chain is the point
        assert tag in TAGS, f"the chain ends at {tag}, which no fact is stored as"


@pytest.mark.parametrize("version", stored.VERSIONS)
def test_every_kind_of_fact_an_older_version_stored_is_read_and_loses_nothing(version: str) -> None:
    for body in stored.examples(version):
        tag = tag_in(body)
        if tag in TAGS:
            # Fields that came since have defaults, which are not written: the bytes are the same.
            assert encode(decode(body)) == body
        else:
            assert lost(body, SPELLED_OTHERWISE.get(tag, frozenset())) == set(), tag


def test_the_examples_fill_every_field_and_name_every_kind_of_fact() -> None:
    frozen = {tag_in(body) for body in stored.examples("v0.1.0")}
    logged = {x.type for lines in stored.streams("v0.1.0").values() for x in lines}
    assert logged == frozen, "every kind of fact stands in a log of the corpus"


# ---------------------------------------------------------------- with versions made up


@pytest.mark.usefixtures("seeded")
def test_a_retired_fact_is_read_as_todays_through_every_version_between() -> None:
    assert decode(OLDER) == BOOKED
    assert decode(OLDEST) == BOOKED
    assert tag_of(decode(OLDEST)) == "Booked.1"
    assert tags_of(ev.Booked) == ["Booked.1", "Booked.-1", "Booked.0"]
    assert tags_of(ev.Moved) == ["Moved.1"]
    assert lost(OLDER) == set()
    assert lost(OLDEST, frozenset({"day", "hour"})) == set(), "written as one moment"


@pytest.mark.usefixtures("seeded")
def test_what_is_current_is_left_as_it_is() -> None:
    body = encode(BOOKED)
    assert upcast(body) is body
    assert upcast(b"not json") == b"not json"


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda f: {**{k: v for k, v in f.items() if k not in ("at", "where")}, "starts_at": f["at"], "place": "?"},
         "where"),
        (lambda f: {**f, "starts_at": f["at"], "place": "?", "palce": f["where"]}, "where"),
        (lambda f: {**f, "starts_at": f["at"], "place": f["where"], "episode": "e2"}, "episode"),
    ],
    ids=["leaves it out", "misspells its new name", "writes over it"],
)  # fmt: skip
def test_an_upcaster_that_loses_a_field_is_caught(monkeypatch: pytest.MonkeyPatch, change: Any, field: str) -> None:
    monkeypatch.setitem(upcasters.UPCASTERS, "Booked.0", change)
    assert field in lost(OLDER)


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(
    "body",
    [
        b'{"type":"Booked.-2","occurred_at":"2019-05-01T09:00:00Z"}',
        b'{"type":"Booked.2","occurred_at":"2019-05-01T09:00:00Z"}',
        b'{"type":"Cured.1","occurred_at":"2019-05-01T09:00:00Z"}',
        OLDEST.replace(b'"room"', b'"chamber"'),
        OLDER.replace(b'"where"', b'"nowhere"'),
        OLDER[:-1],
        b'["Booked.0"]',
    ],
)
def test_a_tag_nobody_knows_or_a_broken_retired_body_stops(body: bytes) -> None:
    with pytest.raises(UnknownEvent, match="Install the version that wrote it"):
        decode(body)


@pytest.mark.parametrize("old", [OLDEST, OLDER])
@pytest.mark.usefixtures("seeded")
def test_a_retired_fact_stands_in_the_log_as_it_was_stored(sqlite_record: str, old: bytes) -> None:
    first = door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    door._cache.drop(P)
    append_as_stored(old, first.history)
    assert verify.unknown_facts() == []
    list(verify.rebuild())
    assert list(verify.verify()) == []
    assert door.look(P).records[-1].event == BOOKED
    assert door.look(P).patient.episodes["e1"].visit.place == "Room 2"
    row = Event.objects.filter(stream=P).latest("seq")
    assert (row.type, row.body) == (tag_in(old), old.decode())
    door.take(report(accession="A2"), stream=P, actor=FEED, key="k2", now=NOW)
    assert list(verify.verify()) == [], "a log goes on after a retired fact"


@pytest.mark.usefixtures("seeded")
def test_attempts_stored_under_a_retired_tag_count_on_the_worklist(
    sqlite_record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(upcasters.UPCASTERS, "ContactAttempted.0", lambda f: {**f, "channel": f["by"]})
    first = door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    old = (
        b'{"type":"ContactAttempted.0","occurred_at":"2019-05-01T09:00:00Z","episode":"e1","by":"text",'
        b'"outcome":"sent"}'
    )
    append_as_stored(old, first.history)
    assert owed._attempts({P}) == {(P, "e1"): 1}


def append_as_stored(body: bytes, history: door.History) -> None:
    """Append a fact as an older version would have."""
    last = history.records[-1]
    seq = last.seq + 1
    record = ev.Recorded(seq, seq, NOW, last.protocol, BOOKED, FEED)
    (row,) = log.rows_of(P, history.hash, [record])
    sealed = log.seal(history.hash, P, record, tag_in(body), body.decode(), row[5])
    Event.objects.create(
        stream=P, seq=seq, step=seq, type=tag_in(body), body=body.decode(), actor=row[5], protocol=last.protocol,
        recorded_at=NOW, hash=sealed,
    )  # fmt: skip
    Head.objects.filter(stream=P).update(version=seq, hash=sealed)


@pytest.mark.usefixtures("seeded")
def test_without_its_upcaster_a_retired_fact_is_named(sqlite_record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    append_as_stored(OLDER, first.history)
    for tag in SEEDED:
        monkeypatch.delitem(upcasters.UPCASTERS, tag)
    assert verify.unknown_facts() == ["Booked.0"]
    assert any("Booked.0" in fault.what for fault in verify.verify())
