"""Prove that the record is whole: chains unbroken, rows equal to what the log folds to, promises kept.

You are here to check the whole log, or to write its rows anew after an upgrade (`rebuild`). Everything goes through
`_batches`: the log in its own order, and beside each stream what is stored about it, in memory that does not grow.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec
from django.db import connection, transaction
from msgspec import Struct

from closerlook.pathway.events import TAGS, Recorded, UnknownEvent
from closerlook.pathway.loops import Loop, claims, episode_matters
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Patient
from closerlook.pathway.upcasters import UPCASTERS, tag_in
from closerlook.people import sites
from closerlook.record import door, log, rows
from closerlook.record.models import Event, Head, ProtocolVersion
from closerlook.record.protocols import KNOWN, keep
from closerlook.record.streams import State

Progress = Callable[[int], None]
BY_HAND = "Someone changed the database by hand. Restore a backup and compare."
REBUILD = "Run: closerlook init (it rebuilds the rows from the log and reports what changed)."


class Fault(Struct, frozen=True):
    """Something that is not as it must be: where, what, and what to do."""

    stream: str
    what: str
    mend: str


class Change(Struct, frozen=True):
    """A row that an upgrade opened, moved or closed."""

    stream: str
    kind: str
    subject: str
    how: str


class Stored(Struct, frozen=True):
    """One stream as the database holds it: its rows of the log, and what is kept beside it."""

    stream: str
    rows: list[tuple[Any, ...]]
    head: Head | None
    loops: list[Loop]
    claims: set[tuple[str, str]]


def unknown_facts() -> list[str]:
    """Return the kinds of fact in the log that this version does not know; with any, it must not start."""
    found = Event.objects.order_by().values_list("type", flat=True).distinct()
    return sorted(set(found) - TAGS - UPCASTERS.keys())


def _batches() -> Iterator[list[Stored]]:
    """Yield every stream that has a fact, some hundreds at a time."""
    for batch in log.batches():
        first, last = batch[0][0], batch[-1][0]
        heads = {head.stream: head for head in Head.objects.filter(stream__range=(first, last))}
        with connection.cursor() as cursor:
            loops, claimed = rows.stored_between(cursor, first, last), rows.claims_between(cursor, first, last)
        yield [
            Stored(stream, its, heads.get(stream), loops.get(stream, []), claimed.get(stream, set()))
            for stream, its in batch
        ]


# ---------------------------------------------------------------- what is wrong


def verify(
    progress: Progress = lambda _: None, note: Callable[[str, int, str], object] = lambda *_: None
) -> Iterator[Fault]:
    """Yield every fault found, as the database stood when the reading began.

    `note` is called for each stream with its last fact and the hash that seals it.
    """
    protocol = sites.protocol()
    keep(protocol, str(connection.settings_dict["NAME"]))  # nothing can be written once the reading has begun
    with log.snapshot():
        kept = set()
        for version in ProtocolVersion.objects.all():
            kept.add(version.hash)
            if hashlib.sha256(version.body.encode()).hexdigest() != version.hash:
                yield Fault("", f"the stored protocol {version.name} {version.hash[:12]} was changed", BY_HAND)
        for batch in _batches():
            for stored in batch:
                yield from _stream(stored, protocol, kept)
                note(stored.stream, stored.rows[-1][0], stored.rows[-1][7])
            progress(len(batch))
        yield from _orphans()


def faults_of(stream: str) -> list[Fault]:
    """Return the faults of one stream, none where there is no such stream."""
    with log.snapshot(), connection.cursor() as cursor:
        _, found = log.load(stream)
        head = Head.objects.filter(stream=stream).first()
        loops, claimed = rows.stored(cursor, stream), rows.claims_between(cursor, stream, stream).get(stream, set())
        if not (found or head or loops or claimed):
            return []
        kept = set(ProtocolVersion.objects.values_list("hash", flat=True))
        return list(_stream(Stored(stream, found, head, loops, claimed), sites.protocol(), kept))


def _stream(stored: Stored, protocol: Protocol, kept: set[str]) -> Iterator[Fault]:
    stream = stored.stream
    for tag in {row[2] for row in stored.rows} - TAGS - UPCASTERS.keys():
        yield Fault(stream, f"facts of an unknown kind: {tag}", "Install the version that wrote them.")
    for missing in {row[5] for row in stored.rows} - kept:
        yield Fault(stream, f"the protocol {missing[:12]} it was decided under is not stored", BY_HAND)
    try:
        records = [log.record_of(row) for row in stored.rows]
    except UnknownEvent as error:
        yield Fault(stream, str(error), "Install the version that wrote it.")
        return
    except (ValueError, msgspec.MsgspecError) as error:
        yield Fault(stream, f"a stored fact cannot be read: {error}", BY_HAND)
        return
    yield from _chain(stored, records)
    try:
        state = door.folded(stream, records, protocol)
        owed = door.owed(state, protocol)
    except (AssertionError, KeyError, UnknownEvent, msgspec.MsgspecError) as error:
        yield Fault(stream, f"the log cannot be folded: {error}", "Report this; the log itself is kept.")
        return
    yield from _beside(stored, state, owed)
    if isinstance(state, Patient):
        yield from _promises(stream, state)


def _chain(stored: Stored, records: Sequence[Recorded]) -> Iterator[Fault]:
    stream, head, before = stored.stream, stored.head, log.GENESIS
    for place, (record, row) in enumerate(zip(records, stored.rows, strict=True), 1):
        if record.seq != place:
            yield Fault(stream, f"fact {place} is missing", BY_HAND)
            return
        if row[2] != tag_in(row[3]):
            yield Fault(stream, f"fact {place} is filed under {row[2]}", BY_HAND)
        before = log.seal(before, stream, record, row[2], row[3], row[4])
        if before != row[7]:
            yield Fault(stream, f"the chain is broken at fact {place}", BY_HAND)
            return
    if head is None:
        yield Fault(stream, "the stream has no head", BY_HAND)
    elif (head.version, head.hash) != (len(records), before):
        what = f"the head says {head.version} facts, the log has {len(records)}, or another hash"
        yield Fault(stream, what, BY_HAND)


def _beside(stored: Stored, state: State, owed: list[Loop]) -> Iterator[Fault]:
    """Compare what is stored beside the log with what the log says."""
    stream, head = stored.stream, stored.head
    if head is not None and (head.place, head.next_due_on) != (door.where(state), _next_due(state)):
        yield Fault(stream, f"the ledger has her at '{head.place}', the log at '{door.where(state)}'", REBUILD)
    for change in _differences(stream, stored.loops, owed):
        yield Fault(stream, f"what is owed differs: {change.kind} {change.subject} should be {change.how}", REBUILD)
    if stored.claims != _claimed(state):
        yield Fault(stream, "its claims to unique numbers differ from the log", REBUILD)


def _next_due(state: State) -> date | None:
    return state.next_due.due_on if isinstance(state, Patient) and state.next_due else None


def _claimed(state: State) -> set[tuple[str, str]]:
    return set(claims(state)) if isinstance(state, Patient) else set()


def _differences(stream: str, found: list[Loop], expected: list[Loop]) -> Iterator[Change]:
    old = {(x.kind, x.subject, x.opened_seq): x for x in found}
    new = {(x.kind, x.subject, x.opened_seq): x for x in expected}
    for key in old.keys() - new.keys():
        yield Change(stream, key[0], key[1], "closed")
    for key in new.keys() - old.keys():
        yield Change(stream, key[0], key[1], "opened")
    for key in new.keys() & old.keys():
        if old[key] != new[key]:
            yield Change(stream, key[0], key[1], "moved")


def _promises(stream: str, state: Patient) -> Iterator[Fault]:
    mend = "Report this at once: a patient may be waiting on nobody."
    for episode in state.episodes.values():
        owed = [k for k in state.owed if k[0] == episode.id]
        if episode.settled is None and not owed:
            yield Fault(stream, f"round {episode.id} is not settled and owes nothing", mend)
        if episode.settled is not None and owed:
            yield Fault(stream, f"round {episode.id} is settled and owes {owed[0][1]}", mend)
        if episode.settled is not None and episode_matters(episode, KNOWN[episode.protocol], state.around):
            yield Fault(stream, f"round {episode.id} is settled but something is owed", mend)


ORPHANS = (
    ("record_head", "record_event", "it has a head and no facts", BY_HAND),
    ("record_openloop", "record_head", "something is owed without a log", REBUILD),
    ("record_claim", "record_head", "a unique number is claimed without a log", REBUILD),
    ("record_taken", "record_head", "steps were taken in it, and its log is gone", BY_HAND),
)
"""A table, where each of its streams has to be as well, and what is wrong where one is not."""


def _orphans() -> Iterator[Fault]:
    for table, home, what, mend in ORPHANS:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT DISTINCT stream FROM {table} x "
                f"WHERE NOT EXISTS (SELECT 1 FROM {home} h WHERE h.stream = x.stream) LIMIT 100"
            )
            lost = cursor.fetchall()
        for (stream,) in lost:
            yield Fault(stream, what, mend)


# ---------------------------------------------------------------- after an upgrade


def rebuild(progress: Progress = lambda _: None) -> Iterator[Change]:
    """Write anew the rows of every stream that its log says otherwise of; yield what that opened, moved or closed."""
    protocol = sites.protocol()
    for batch in _batches():
        for stored in batch:
            state = door.folded(stored.stream, [log.record_of(row) for row in stored.rows], protocol)
            if any(_beside(stored, state, door.owed(state, protocol))):
                yield from _rebuilt(stored.stream, protocol)
        progress(len(batch))


def _rebuilt(stream: str, protocol: Protocol) -> list[Change]:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        Head.objects.select_for_update().filter(stream=stream).first()  # as the door does: nobody moves it meanwhile
        records, _ = log.load(stream)
        state = door.folded(stream, records, protocol)
        found, expected = rows.stored(cursor, stream), door.owed(state, protocol)
        rows.refresh(cursor, found, expected)
        held = rows.claims_between(cursor, stream, stream).get(stream, set())
        rows.refresh_claims(cursor, stream, held, _claimed(state))
        Head.objects.filter(stream=stream).update(place=door.where(state), next_due_on=_next_due(state))
        return list(_differences(stream, found, expected))
