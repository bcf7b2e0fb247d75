"""Logs that older versions wrote are read by this one, amount to what they did, and lose nobody."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway.events import UnknownEvent
from closerlook.pathway.loops import KINDS, Loop, fold, open_loops
from closerlook.pathway.messages import fold_message, message_loops
from closerlook.pathway.protocol import Protocol, completed, decode
from closerlook.record import door, log, verify
from closerlook.record.models import Head, ProtocolVersion
from tests.long_life import stored
from tests.long_life.stored import Line, Stood
from tests.pathway.story import US
from tests.stores import NOW

NEW_SINCE: dict[str, str] = {
    "set_next_due": "nobody is forgotten before she is seen: whoever is known and in no open round has a day set",
    "invite": "a day that was set is kept: the round she is due for begins on it",
    "remind": "a visit that stands booked is reminded of",
    "close_visit": "of a visit that stands booked it is said what became of it",
    "cancel_visit": "nobody comes for nothing: a visit that nothing asks for any more is cancelled",
    "find_owner": "a report withdrawn as another patient's has its owner found",
    "write_refusal": "an informed refusal is confirmed in writing, to her and to her provider",
}
"""Kinds of loop that old logs owe today and did not then: which, and why that is meant. One line each.

A kind that is not here may not appear in an old log; what was owed then may never disappear.
"""

CLOCKS_CHANGED: dict[str, str] = {}
"""Kinds whose due and late moments in old rounds differ from then: which, and why that is meant."""

PLACES_RENAMED: dict[str, str] = {}
"""Places of the ledger that are called otherwise today, or are split further: the old name, and the new one."""

NEXT_DUE_CHANGED: dict[str, str] = {"walk_3": "a screening round uses up the day that was set for it"}
"""Logs, by name, whose next screening is due at another day than it was then: which, and why that is meant."""


class Mended(Struct, frozen=True):
    """What was wrong in an old log and is right today: exactly what goes, what comes, and how findings stand now."""

    why: str
    gone: frozenset[tuple[str, str]]
    come: frozenset[tuple[str, str]] = frozenset()
    findings: dict[str, tuple[str, str]] = {}
    place: str | None = None


SIGNED_BEFORE = "pictures whose report was signed before are not asked about a finding reported since"
MENDED: dict[str, Mended] = {
    "priors": Mended(
        "what follows a wait for earlier pictures corrects nothing, and a normal answer is told by letter alone",
        gone=frozenset(
            {
                ("tell_change", "e1.x2"),
                *(("reach_her", f"e1:{rung}") for rung in ("text", "letter", "certified_letter")),
            }
        ),
        place="open: letters to send",
    ),
    "walk_1": Mended(
        SIGNED_BEFORE,
        gone=frozenset({("assess_workup", "e1.x2"), ("assess_workup", "e1.x12")}),
        come=frozenset({("attend_call_back", "e1"), ("plan_call_back", "e1.x9"), ("plan_call_back", "e1.x2")}),
        findings={"e1.x2.right": ("open", "incomplete_imaging")},
    ),
    "walk_2": Mended(SIGNED_BEFORE, gone=frozenset({("assess_workup", "e1.x2")})),
}
"""Logs, by name, in which something was owed by mistake, or not owed."""
AS_IT_WAS = Mended("", frozenset())

CASES = [(version, found) for version in stored.VERSIONS for found in stored.all_stood(version)]
IDS = [f"{version}-{found.name}" for version, found in CASES]
each_log = pytest.mark.parametrize(("version", "then"), CASES, ids=IDS)
LOGS = {version: stored.streams(version) for version in stored.VERSIONS}
KNOWN = {
    version: {key: completed(decode(body), US) for key, body in stored.protocols(version).items()}
    for version in stored.VERSIONS
}


def folded(then: Stood, lines: list[Line], protocols: Mapping[str, Protocol]) -> tuple[Any, list[Loop]]:
    records = stored.records(lines)
    default = protocols[records[-1].protocol]
    if door.is_message(then.stream):
        message = fold_message(then.stream, records)
        return message, message_loops(message, default)
    patient = fold(then.stream, records, protocols)
    return patient, open_loops(patient, protocols, default=default)


def test_the_corpus_is_whole() -> None:
    assert stored.VERSIONS
    for version in stored.VERSIONS:
        assert {x.name for x in stored.all_stood(version)} == set(LOGS[version])
        named = {x.protocol for lines in LOGS[version].values() for x in lines}
        assert named == set(stored.protocols(version))


@each_log
def test_an_old_log_amounts_to_what_it_did(version: str, then: Stood) -> None:
    state, loops = folded(then, LOGS[version][then.name], KNOWN[version])
    now = stored.stood(then.name, state, loops)
    mended = MENDED.get(then.name, AS_IT_WAS)
    assert now.rounds == {
        name: replace(one, findings={**one.findings, **mended.findings}) if mended.findings else one
        for name, one in then.rounds.items()
    }
    assert now.claims == then.claims
    assert now.died_on == then.died_on
    assert now.next_due_on == then.next_due_on or then.name in NEXT_DUE_CHANGED
    assert now.place == (mended.place or PLACES_RENAMED.get(then.place, then.place))


@each_log
def test_what_was_owed_then_is_owed_today_with_the_same_key_and_clocks(version: str, then: Stood) -> None:
    state, loops = folded(then, LOGS[version][then.name], KNOWN[version])
    before = {x.key: x for x in then.owed}
    now = {x.key: x for x in stored.stood(then.name, state, loops).owed}
    mended = MENDED.get(then.name, AS_IT_WAS)
    gone = before.keys() - now.keys()
    assert {(kind, subject) for _, kind, subject, _ in gone} == mended.gone, "owed then, and nobody owes it today"
    new = {key for key in now.keys() - before.keys() if key[1] not in NEW_SINCE}
    come = {(kind, subject) for _, kind, subject, _ in new}
    assert come == mended.come, "new in an old log: if that is meant, say why in NEW_SINCE"
    before = {key: x for key, x in before.items() if key not in gone}
    moved = [key for key in before if now[key] != before[key] and key[1] not in CLOCKS_CHANGED]
    assert not moved, "due at another moment than then: if that is meant, say why in CLOCKS_CHANGED"


@each_log
def test_the_chain_of_an_old_log_holds_over_the_stored_bytes(version: str, then: Stood) -> None:
    before = log.GENESIS
    for x, record in zip(LOGS[version][then.name], stored.records(LOGS[version][then.name]), strict=True):
        before = log.seal(before, then.stream, record, x.type, bytes(x.body).decode(), bytes(x.actor).decode())
        assert before == x.hash, f"fact {x.seq}"


def test_what_is_allowed_to_differ_is_still_there() -> None:
    assert set(NEW_SINCE) | set(CLOCKS_CHANGED) <= set(KINDS)
    assert set(NEXT_DUE_CHANGED) <= {then.name for _, then in CASES}
    assert set(PLACES_RENAMED) <= {then.place for _, then in CASES}


# ---------------------------------------------------------------- in a database


def put(then: Stood, lines: list[Line]) -> None:
    """Store an old log as it is; the rows computed from it are as yet missing."""
    rows = [(then.stream, *x.row) for x in lines]
    with connection.cursor() as cursor:
        log.insert(cursor, [(*row[:7], log.moment(row[7]), row[8]) for row in rows])
    kind = "message" if door.is_message(then.stream) else "patient"
    Head.objects.create(
        stream=then.stream, version=len(lines), hash=lines[-1].hash, place="", changed_at=NOW, kind=kind
    )


def keep_bodies(version: str) -> None:
    for key, body in stored.protocols(version).items():
        found = decode(body)
        ProtocolVersion.objects.create(
            hash=key, name=found.name, version=found.version, body=body.decode(), first_used_at=NOW
        )


def together(version: str) -> list[Stood]:
    """The logs that lived in one database: the hand-picked ones share a patient's id."""
    return [x for x in stored.all_stood(version) if x.stream not in ("p1", "m1")]


@pytest.mark.parametrize("version", stored.VERSIONS)
def test_an_old_database_is_upgraded_and_verifies(record: str, version: str) -> None:
    keep_bodies(version)
    for then in together(version):
        put(then, LOGS[version][then.name])
    assert verify.unknown_facts() == []
    changes = list(verify.rebuild())
    assert {x.how for x in changes} == {"opened"}
    assert list(verify.verify()) == []
    for then in together(version):
        owed = {(x.episode, x.kind, x.subject, x.opened_seq) for x in door.look(then.stream).loops}
        assert {x.key for x in then.owed} <= owed


@pytest.mark.parametrize("version", stored.VERSIONS)
def test_a_byte_changed_in_an_old_log_is_found(sqlite_record: str, version: str) -> None:
    keep_bodies(version)
    then = next(x for x in together(version) if not door.is_message(x.stream))
    lines = LOGS[version][then.name]
    changed = bytes(lines[-1].body).replace(b"2026", b"2025")
    assert changed != bytes(lines[-1].body)
    raw = type(lines[-1].body)(changed)
    last = lines[-1]
    put(then, [*lines[:-1], Line(last.seq, last.step, last.type, last.recorded_at, last.protocol, last.hash, last.actor,
                                 raw)])  # fmt: skip
    assert any(f"chain is broken at fact {last.seq}" in fault.what for fault in verify.verify())


def test_a_log_of_a_later_version_stops_by_name() -> None:
    version = stored.VERSIONS[-1]
    lines = next(iter(LOGS[version].values()))
    tag = lines[0].type.encode()
    later = bytes(lines[0].body).replace(tag, tag.rpartition(b".")[0] + b".99")
    row = list(lines[0].row)
    row[3] = later.decode()
    with pytest.raises(UnknownEvent, match="Install the version that wrote it"):
        log.record_of(row)
