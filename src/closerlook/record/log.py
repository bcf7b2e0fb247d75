"""Events in and out of the database, and the chain that seals them. Plain SQL: this is the hot path."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from django.db import connection

from closerlook.pathway.events import Actor, Recorded, decode, encode, tag_of

GENESIS = "0" * 64
COLUMNS = "seq, step, type, body, actor, protocol, recorded_at, hash"


def seal(before: str, stream: str, record: Recorded, tag: str, body: str, actor: str) -> str:
    """Return the hash of one row: SHA-256 over the hash before it and every stored field, in hex.

    `tag` is the one it is stored under, which may be older than the one its fact is read as.
    """
    parts = (
        before,
        stream,
        str(record.seq),
        str(record.step),
        tag,
        body,
        actor,
        record.protocol,
        record.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def rows_of(stream: str, before: str, records: Sequence[Recorded]) -> list[tuple[Any, ...]]:
    """Return the rows that `records` are stored as, chained on `before`; the last field is each one's hash."""
    rows = []
    for r in records:
        tag, body, actor = tag_of(r.event), encode(r.event).decode(), _actor_text(r.actor)
        before = seal(before, stream, r, tag, body, actor)
        rows.append((stream, r.seq, r.step, tag, body, actor, r.protocol, moment(r.recorded_at), before))
    return rows


def insert(cursor: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    """Append rows of `rows_of`. A row that is there already raises IntegrityError: someone was faster."""
    row = "(%s,%s,%s,%s,%s,%s,%s,%s,%s)"
    cursor.execute(
        "INSERT INTO record_event (stream,seq,step,type,body,actor,protocol,recorded_at,hash) VALUES "
        + ",".join([row] * len(rows)),
        [value for values in rows for value in values],
    )


def load(stream: str) -> tuple[list[Recorded], list[tuple[Any, ...]]]:
    """Return a stream's records in order, and the rows they came from. Raises UnknownEvent."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM record_event WHERE stream = %s ORDER BY seq", [stream])
        rows = cursor.fetchall()
    return [record_of(row) for row in rows], rows


def load_all(streams: Sequence[str]) -> dict[str, list[Recorded]]:
    """Return, by stream, the records of some streams in order."""
    if not streams:
        return {}
    marks = ",".join(["%s"] * len(streams))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}, stream FROM record_event WHERE stream IN ({marks}) ORDER BY stream, seq", list(streams)
        )
        return {stream: [record_of(row) for row in its] for stream, its in groupby(cursor.fetchall(), itemgetter(-1))}


Batch = list[tuple[str, list[tuple[Any, ...]]]]
"""Whole streams, each with its rows; a row has COLUMNS, then the stream."""


def batches(rows: int = 4_000) -> Iterator[Batch]:
    """Yield the whole log in the database's order, some `rows` facts at a time and never half a stream.

    Holds one batch in memory, however long the log is. Read it inside `snapshot` to see one moment.
    """
    last: tuple[str, int] = ("", 0)
    held: list[tuple[Any, ...]] = []
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {COLUMNS}, stream FROM record_event WHERE (stream, seq) > (%s, %s) "
                "ORDER BY stream, seq LIMIT %s",
                [*last, rows],
            )
            page = cursor.fetchall()
        found = [(stream, list(its)) for stream, its in groupby(held + page, key=itemgetter(-1))]
        if len(page) < rows:
            if found:
                yield found
            return
        last = (page[-1][-1], page[-1][0])
        held = found.pop()[1]  # the next page may hold more of it
        if found:
            yield found


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one moment of the database, while others write on. Nothing may be written inside.

    Inside a transaction it is that transaction's moment.
    """
    with connection.cursor() as cursor:
        if _in_transaction():
            yield
            return
        # Not `atomic`: on SQLite it would take the one place to write for as long as the reading lasts.
        postgres = connection.vendor == "postgresql"
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if postgres else "BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _in_transaction() -> bool:
    raw: Any = connection.connection
    if connection.vendor == "postgresql":
        return bool(raw.info.transaction_status)  # 0: idle
    return bool(raw.in_transaction)


def record_of(row: Sequence[Any]) -> Recorded:
    """Return the record stored in a row of COLUMNS."""
    seq, step, _, body, actor, protocol, recorded_at, *_ = row
    return Recorded(seq, step, utc(recorded_at), protocol, decode(body.encode()), _actor(actor))


@lru_cache(maxsize=4096)
def _actor(text: str) -> Actor:
    return msgspec.json.decode(text.encode(), type=Actor)


@lru_cache(maxsize=4096)
def _actor_text(actor: Actor) -> str:
    return msgspec.json.encode(actor).decode()


def moment(value: datetime | None) -> Any:
    """Return a moment as this database's driver takes it."""
    if value is None or connection.vendor == "postgresql":
        return value
    return _as_sqlite(value)


@lru_cache(maxsize=65_536)
def _as_sqlite(value: datetime) -> str:
    # As Django writes it, so that what it compares and sorts agrees; most moments of a step are due dates seen before.
    return str(value.astimezone(UTC).replace(tzinfo=None))


def utc(value: Any) -> datetime:
    """Return a moment as this database's driver gave it."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    found: datetime = value
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
