"""The one door: everything that changes a record goes through `take`, whoever asks.

A page, a message, the worker, the command line: each hands in a step with a key of its own. In one durable transaction
the door loads the log, decides, appends, and refreshes what is owed and claimed; or it changes nothing.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
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

    def room(self, size: int) -> None:
        """Keep at least `size` from now on."""
        self._size = max(self._size, size)

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
    held = _bulk.get()
    if held is not None:
        return held.take(step, stream=stream, actor=actor, key=key, now=now, seen=seen, site=site)
    return take_all((step,), stream=stream, actor=actor, key=key, now=now, seen=seen, site=site)


def take_all(
    steps: Sequence[st.Step],
    *,
    stream: str,
    actor: Actor,
    key: str,
    now: datetime,
    seen: int | None = None,
    site: str | None = None,
) -> Answer:
    """Take several steps of one stream, one after the other, in one transaction: all of them, or none.

    `seen` is what the record was before the first. Raises as `take` does, at the first that is refused.
    """
    never_in_bulk()
    for last in range(TRIES - 1, -1, -1):
        try:
            with transaction.atomic(durable=True):
                return _each(steps, stream=stream, actor=actor, key=key, now=now, seen=seen, site=site)
        except IntegrityError:
            _cache.drop(stream)  # rows may have been rebuilt under an unchanged log
            if not last:
                raise
        except OperationalError as error:
            if not last or not may_try_again(error):
                raise
    raise AssertionError("the loop above returns or raises")


def _each(
    steps: Sequence[st.Step], *, stream: str, actor: Actor, key: str, now: datetime, seen: int | None, site: str | None
) -> Answer:
    """Take each step under a key of its own; the first keeps the key as it is, so that one alone is as ever."""
    answers = [
        take_within(
            step,
            stream=stream,
            actor=actor,
            key=f"{key}+{n}" if n else key,
            now=now,
            seen=None if n else seen,
            site=site,
        )
        for n, step in enumerate(steps)
    ]
    new = tuple(record for answer in answers for record in answer.new)
    return Answer(answers[-1].history, new, answers[0].repeated)


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
    never_in_bulk()
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


def was_taken(stream: str, key: str) -> bool:
    """Whether a step was taken under this key: a page that is asked once more shows what follows, not a fault."""
    with connection.cursor() as cursor:
        return _taken(cursor, stream, key)


def look(stream: str) -> History:
    """Return a stream as it stands now, for pages that show it."""
    held = _bulk.get()
    if held is not None:
        return held.look(stream)
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


def look_at(streams: Iterable[str]) -> dict[str, History]:
    """Return some streams as they stand now, all of one moment, for a page that lists them: `look` of each at once."""
    never_in_bulk()
    asked, found = sorted(set(streams)), {}
    protocol = sites.protocol()
    keep(protocol, _database())
    with log.snapshot(), connection.cursor() as cursor:
        for some in rows.portions(asked):
            marks = ",".join(["%s"] * len(some))
            cursor.execute(f"SELECT stream, hash FROM record_head WHERE stream IN ({marks})", some)
            heads = dict(cursor.fetchall())
            kept = {s: h for s in some if s in heads and (h := _cache.get(s, heads[s])) is not None}
            wanted = [s for s in some if s not in kept and s in heads]
            facts, loops = log.load_all(wanted), rows.stored_of(cursor, wanted)
            for s in some:
                found[s] = kept.get(s) or _folded_history(s, facts.get(s, []), loops.get(s, []), heads, protocol)
    for s in asked:
        _cache.put(found[s])
    return found


def _folded_history(
    stream: str, records: list[Recorded], loops: list[Loop], heads: dict[str, str], protocol: Protocol
) -> History:
    if not records:
        return History(stream, (), kind_of(stream).state(stream), (), log.GENESIS)
    return History(stream, tuple(records), folded(stream, records, protocol), tuple(loops), heads[stream])


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
    after_it, stored = _followed(history, new, protocol)
    log.insert(cursor, stored)
    if isinstance(history.state, Patient):
        rows.refresh_claims(cursor, history.stream, claims(history.state), claims(after_it.patient))
    rows.refresh(cursor, history.loops, after_it.loops)
    _move_heads(cursor, [(history, after_it)])
    return after_it


def _followed(history: History, new: list[Recorded], protocol: Protocol) -> tuple[History, list[tuple[Any, ...]]]:
    """Return the stream after `new` facts, and the rows they are stored as. Nothing is written."""
    stream = history.stream
    stored = log.rows_of(stream, history.hash, new)
    records = (*history.records, *new)
    state: State
    if isinstance(history.state, Patient):
        state = after(history.state, history.records, new, KNOWN)
    else:
        state = kind_of(stream).fold(stream, records)
    return History(stream, records, state, tuple(owed(state, protocol)), str(stored[-1][-1])), stored


def _move_heads(cursor: Any, moved: Sequence[tuple[History, History]]) -> None:
    """Move the heads of streams, each from what it was to what it is. Raises IntegrityError if someone was faster."""
    begun = [(*_head_of(now), now.stream, kind_of(now.stream).name) for was, now in moved if not was.state.version]
    if begun:
        cursor.executemany(
            "INSERT INTO record_head (version, hash, place, next_due_on, changed_at, stream, kind) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            begun,
        )
    went_on = [(*_head_of(now), now.stream, was.state.version) for was, now in moved if was.state.version]
    if went_on:
        cursor.executemany(
            "UPDATE record_head SET version = %s, hash = %s, place = %s, next_due_on = %s, changed_at = %s "
            "WHERE stream = %s AND version = %s",
            went_on,
        )
        if cursor.rowcount != len(went_on):
            raise IntegrityError(f"{went_on[0][-2]}, or another of {len(went_on)}, moved on meanwhile")


def _head_of(history: History) -> tuple[Any, ...]:
    state = history.state
    next_due = state.next_due.due_on if isinstance(state, Patient) and state.next_due else None
    return state.version, history.hash, where(state), next_due, log.moment(history.records[-1].recorded_at)


# ---------------------------------------------------------------- many steps in one transaction


class _Held(Struct):
    """A stream in bulk: as it was stored, as it stands, its rows that wait to be written, and the keys it has taken."""

    stored: History
    history: History
    rows: list[tuple[Any, ...]] = []
    keys: dict[str, int] = {}
    fresh: list[tuple[str, str, int, Any]] = []


class _Bulk:
    """Steps decided one by one on the newest history, as ever; their rows wait for the end of the transaction."""

    def __init__(self, keep: int) -> None:
        self._held: dict[str, _Held] = {}
        self._claimed: dict[tuple[str, str], str | None] = {}
        self._keep = keep
        self._thread = threading.get_ident()

    def take(
        self, step: st.Step, *, stream: str, actor: Actor, key: str, now: datetime, seen: int | None, site: str | None
    ) -> Answer:
        self._check_place()
        protocol = sites.protocol(site or getattr(step, "site", None))
        keep(protocol, _database())
        held = self._of(stream, protocol)
        if key in held.keys:
            return Answer(held.history, repeated=True)
        _check_seen(seen, held.history)
        new = _decided(step, held.history, protocol, actor, now)
        if new:
            after_it, stored = _followed(held.history, new, protocol)
            self._claim(stream, held.history.state, after_it.state)
            held.history = after_it
            held.rows += stored
        version = held.history.state.version
        held.keys[key] = version
        held.fresh.append((stream, key, version, log.moment(now)))
        return Answer(held.history, tuple(new))

    def look(self, stream: str) -> History:
        self._check_place()
        held = self._held.get(stream)
        return held.history if held is not None else self._of(stream, sites.protocol()).history

    def _check_place(self) -> None:
        """Refuse a transaction of the caller's own inside, which could undo half of what is held, and other threads."""
        if self._thread != threading.get_ident():
            raise RuntimeError("A bulk of steps belongs to the thread that began it.")
        if connection.savepoint_ids:
            raise RuntimeError("No step is taken in a transaction of your own inside a bulk of steps.")

    def _claim(self, stream: str, before: State, now: State) -> None:
        """Refuse at once what another stream holds, in the database or in this bulk."""
        if not isinstance(now, Patient) or not isinstance(before, Patient):
            return
        old, new = set(claims(before)), set(claims(now))
        for claim in new - old:
            holder = self._holder(claim)
            if holder not in (None, stream):
                raise rows.claimed_already(claim[0])
        self._claimed.update(dict.fromkeys(old - new))
        self._claimed.update(dict.fromkeys(new - old, stream))

    def _holder(self, claim: tuple[str, str]) -> str | None:
        if claim not in self._claimed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT stream FROM record_claim WHERE kind = %s AND value = %s", claim)
                found = cursor.fetchone()
            self._claimed[claim] = found[0] if found else None
        return self._claimed[claim]

    def _of(self, stream: str, protocol: Protocol) -> _Held:
        held = self._held.get(stream)
        if held is None:
            with connection.cursor() as cursor:
                history = _history(cursor, stream, _seen_head(cursor, stream), protocol)
                cursor.execute("SELECT key, version FROM record_taken WHERE stream = %s", [stream])
                keys = dict(cursor.fetchall()) if history.state.version else {}
            held = self._held[stream] = _Held(history, history, [], keys, [])
        return held

    def write(self) -> None:
        """Write what has happened: every fact, and of what is owed and claimed the difference over all of it."""
        moved = [held for held in self._held.values() if held.rows]
        claimed = [
            (held.history.stream, set(claims(held.stored.patient)), set(claims(held.history.patient)))
            for held in moved
            if isinstance(held.stored.state, Patient)
        ]
        with connection.cursor() as cursor:
            for stored in _portions([row for held in moved for row in held.rows]):
                log.insert(cursor, stored)
            for stream, was, now in claimed:  # what was let go first: another may have taken it since
                rows.refresh_claims(cursor, stream, was, was & now)
            for stream, was, now in claimed:
                rows.refresh_claims(cursor, stream, was & now, now)
            rows.refresh(
                cursor,
                [loop for held in moved for loop in held.stored.loops],
                [loop for held in moved for loop in held.history.loops],
            )
            _move_heads(cursor, [(held.stored, held.history) for held in moved])
            taken = [row for held in self._held.values() for row in held.fresh]
            if taken:
                cursor.executemany(
                    "INSERT INTO record_taken (stream, key, version, taken_at) VALUES (%s, %s, %s, %s)", taken
                )

    def remember(self) -> None:
        """Keep what is now stored, so that the next transaction need not read it again."""
        _cache.room(self._keep)
        for held in self._held.values():
            _cache.put(held.history)

    def forget(self) -> None:
        """Nothing of it was stored; what was remembered of these streams may be wrong as well."""
        for stream in self._held:
            _cache.drop(stream)


_bulk: ContextVar[_Bulk | None] = ContextVar("bulk", default=None)
AT_ONCE = 1_000


@contextmanager
def bulk(keep: int = 20_000) -> Iterator[None]:
    """Take many steps in one durable transaction: all of them stand when it ends, or none.

    Every step is decided on the newest history, as one by one; facts, what is owed, claims and keys are written at the
    end. Until then the tables are older, for everyone: what reads them (lists, a hand-over) has no place inside, and on
    SQLite nobody else can write. Who wrote to one of these streams meanwhile is not overwritten: all of it fails, and
    the caller begins again, as after a deadlock. For imports and simulations, not for pages. `keep` histories are
    remembered from one bulk to the next.
    """
    never_in_bulk()
    held = _Bulk(keep)
    try:
        with transaction.atomic(durable=True):
            token = _bulk.set(held)
            try:
                yield
            finally:
                _bulk.reset(token)
            held.write()
    except BaseException:
        held.forget()
        raise
    held.remember()


def never_in_bulk() -> None:
    """Refuse what reads the tables, or writes to them by itself, while a bulk of steps is under way here."""
    if _bulk.get() is not None:
        raise RuntimeError("A bulk of steps is under way here; end it first.")


def _portions(values: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


def may_try_again(error: DatabaseError) -> bool:
    """Whether to begin anew: someone was faster, or the database asks for it (deadlock, a lock held too long)."""
    if isinstance(error, IntegrityError):
        return True
    state = getattr(error.__cause__, "sqlstate", None)
    return state in ("40001", "40P01", "55P03") or "database is locked" in str(error)
