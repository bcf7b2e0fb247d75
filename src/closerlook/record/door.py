"""The one door: everything that changes a record goes through `take`, whoever asks.

A page, a message, the worker, the command line: each hands in a step with a key of its own. In one durable transaction
the door loads the log, decides, appends, and refreshes what is owed and claimed; or it changes nothing.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from msgspec import Struct

from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused, after
from closerlook.pathway.events import Actor, Recorded
from closerlook.pathway.loops import Loop, claims
from closerlook.pathway.messages import SetAside
from closerlook.pathway.programme import HandOver
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Patient
from closerlook.people import sites
from closerlook.record import log, rows
from closerlook.record.protocols import KNOWN, keep
from closerlook.record.streams import MESSAGE, State, as_recorded, kind_of, kind_of_state

TRIES = 8


class StaleHistory(Exception):
    """Someone was faster: the record has changed since the page was shown."""


class History(Struct, frozen=True):
    """A stream as it stands: its records, what they fold to, what that owes, and the hash that seals it."""

    stream: str
    records: tuple[Recorded, ...]
    state: State
    loops: tuple[Loop, ...]
    hash: str

    @property
    def patient(self) -> Patient:
        if not isinstance(self.state, Patient):
            raise TypeError(f"{self.stream} is no patient's stream")
        return self.state

    @property
    def message(self) -> SetAside:
        if not isinstance(self.state, SetAside):
            raise TypeError(f"{self.stream} is no message's stream")
        return self.state

    @property
    def hand_over(self) -> HandOver:
        if not isinstance(self.state, HandOver):
            raise TypeError(f"{self.stream} is no caseload's stream")
        return self.state


class Answer(Struct, frozen=True):
    """What a step made happen. `repeated`: its key was taken before, and nothing changed this time."""

    history: History
    new: tuple[Recorded, ...] = ()
    repeated: bool = False


class _Cache:
    """Streams folded lately, trusted only while the stored head carries the same hash."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, str], History] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, stream: str, hash_: str) -> History | None:
        with self._lock:
            found = self._kept.get((_database(), stream))
            if found is None or found.hash != hash_:
                return None
            self._kept.move_to_end((_database(), stream))
            return found

    def drop(self, stream: str) -> None:
        with self._lock:
            self._kept.pop((_database(), stream), None)

    def put(self, history: History) -> None:
        with self._lock:
            self._kept[_database(), history.stream] = history
            self._kept.move_to_end((_database(), history.stream))
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)


_cache = _Cache(2_000)


def _database() -> str:
    return str(connection.settings_dict["NAME"])


def take(
    step: st.Step,
    *,
    stream: str,
    actor: Actor,
    key: str,
    now: datetime,
    seen: int | None = None,
    site: str | None = None,
) -> Answer:
    """Record what `step` makes happen and refresh what is owed, or change nothing.

    `stream` is the patient's id, or a message's. A `key` taken before in it returns the first answer. Raises Refused if
    the pathway does not allow it, StaleHistory if `seen` is no longer the latest version; without `seen` (feeds, the
    worker) the step is decided again on the newer history.
    """
    for last in range(TRIES - 1, -1, -1):
        try:
            with transaction.atomic(durable=True):
                return take_within(step, stream=stream, actor=actor, key=key, now=now, seen=seen, site=site)
        except IntegrityError:
            _cache.drop(stream)  # rows may have been rebuilt under an unchanged log
            if not last:
                raise
        except OperationalError as error:
            if not last or not may_try_again(error):
                raise
    raise AssertionError("the loop above returns or raises")


def take_within(
    step: st.Step,
    *,
    stream: str,
    actor: Actor,
    key: str,
    now: datetime,
    seen: int | None = None,
    site: str | None = None,
) -> Answer:
    """Do `take` inside a transaction that the caller opened: for imports that commit several steps at once."""
    protocol = sites.protocol(site or getattr(step, "site", None))
    keep(protocol, _database())
    with connection.cursor() as cursor:
        head = _head(cursor, stream, key)
        history = _history(cursor, stream, head, protocol)
        if head and head[2] is not None:
            return Answer(history, repeated=True)
        try:
            _check_seen(seen, history)
            new = _decided(step, history, protocol, actor, now)
        except (StaleHistory, Refused):
            if _taken(cursor, stream, key):
                return Answer(history, repeated=True)
            raise
        if new:
            history = _append(cursor, history, new, protocol)
        cursor.execute(
            "INSERT INTO record_taken (stream, key, version, taken_at) VALUES (%s, %s, %s, %s)",
            [stream, key, history.state.version, log.moment(now)],
        )
    _cache.put(history)
    return Answer(history, tuple(new))


def look(stream: str) -> History:
    """Return a stream as it stands now, for pages that show it."""
    protocol = sites.protocol()
    keep(protocol, _database())
    with connection.cursor() as cursor:
        head = _seen_head(cursor, stream)
        history = _cache.get(stream, head[1]) if head else None
        if history is None:
            with log.snapshot():  # someone may write between two of these: what is shown has to be of one moment
                history = _history(cursor, stream, _seen_head(cursor, stream), protocol)
    _cache.put(history)
    return history


def _seen_head(cursor: Any, stream: str) -> tuple[int, str, int | None] | None:
    cursor.execute("SELECT version, hash, NULL FROM record_head WHERE stream = %s", [stream])
    found: tuple[int, str, int | None] | None = cursor.fetchone()
    return found


def _head(cursor: Any, stream: str, key: str) -> tuple[int, str, int | None] | None:
    lock = " FOR UPDATE OF h" if connection.vendor == "postgresql" else ""
    cursor.execute(
        "SELECT h.version, h.hash, t.version FROM record_head h "
        "LEFT JOIN record_taken t ON t.stream = h.stream AND t.key = %s WHERE h.stream = %s" + lock,
        [key, stream],
    )
    found: tuple[int, str, int | None] | None = cursor.fetchone()
    return found


def _taken(cursor: Any, stream: str, key: str) -> bool:
    """Whether `key` was taken while PostgreSQL waited for the head: after a wait it reads that row anew, no other."""
    cursor.execute("SELECT 1 FROM record_taken WHERE stream = %s AND key = %s", [stream, key])
    return cursor.fetchone() is not None


def _check_seen(seen: int | None, history: History) -> None:
    if seen is not None and seen != history.state.version:
        raise StaleHistory("Someone has changed this record since you opened it. Look at it again, then decide.")


def _history(cursor: Any, stream: str, head: tuple[int, str, int | None] | None, protocol: Protocol) -> History:
    if head is None:
        return History(stream, (), kind_of(stream).state(stream), (), log.GENESIS)
    found = _cache.get(stream, head[1])
    if found is not None:
        return found
    records, _ = log.load(stream)
    return History(
        stream, tuple(records), folded(stream, records, protocol), tuple(rows.stored(cursor, stream)), head[1]
    )


def is_message(stream: str) -> bool:
    """Whether a stream is a message's: its id says so."""
    return kind_of(stream) is MESSAGE


def folded(stream: str, records: Sequence[Recorded], protocol: Protocol) -> State:
    """Return what a stream's records amount to."""
    keep(protocol, _database())
    found: State = kind_of(stream).fold(stream, records)
    return found


def owed(state: State, protocol: Protocol) -> list[Loop]:
    """Return what a stream owes. `protocol` is for what belongs to no round."""
    return kind_of_state(state).loops(state, protocol)


def where(state: State) -> str:
    """Return a stream's place in the ledger."""
    return kind_of_state(state).where(state)


def _decided(step: st.Step, history: History, protocol: Protocol, actor: Actor, now: datetime) -> list[Recorded]:
    events = kind_of(history.stream).decide(step, history.state, history.records, protocol, actor, now)
    return as_recorded(events, history.state, protocol, actor, now)


def _append(cursor: Any, history: History, new: list[Recorded], protocol: Protocol) -> History:
    stream = history.stream
    stored = log.rows_of(stream, history.hash, new)
    log.insert(cursor, stored)
    records = (*history.records, *new)
    state: State
    if isinstance(history.state, Patient):
        state = after(history.state, history.records, new, KNOWN)
        rows.refresh_claims(cursor, stream, claims(history.state), claims(state))
    else:
        state = kind_of(stream).fold(stream, records)
    loops = tuple(owed(state, protocol))
    rows.refresh(cursor, history.loops, loops)
    _move_head(cursor, history, state, str(stored[-1][-1]), new[-1].recorded_at)
    return History(stream, records, state, loops, str(stored[-1][-1]))


def _move_head(cursor: Any, before: History, state: State, hash_: str, now: datetime) -> None:
    next_due = state.next_due.due_on if isinstance(state, Patient) and state.next_due else None
    kind = kind_of(before.stream).name
    values = [state.version, hash_, where(state), next_due, log.moment(now)]
    if before.state.version == 0:
        cursor.execute(
            "INSERT INTO record_head (version, hash, place, next_due_on, changed_at, stream, kind) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [*values, before.stream, kind],
        )
        return
    cursor.execute(
        "UPDATE record_head SET version = %s, hash = %s, place = %s, next_due_on = %s, changed_at = %s "
        "WHERE stream = %s AND version = %s",
        [*values, before.stream, before.state.version],
    )
    if cursor.rowcount != 1:
        raise IntegrityError(f"{before.stream} moved on meanwhile")


def may_try_again(error: DatabaseError) -> bool:
    """Whether to begin anew: someone was faster, or the database asks for it (deadlock, a lock held too long)."""
    if isinstance(error, IntegrityError):
        return True
    state = getattr(error.__cause__, "sqlstate", None)
    return state in ("40001", "40P01", "55P03") or "database is locked" in str(error)
