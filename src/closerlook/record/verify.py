"""Prove that the record is whole: chains unbroken, rows equal to what the log folds to, promises kept.

Constant memory: one stream at a time. Nothing is changed here; `rebuild` writes rows anew after an upgrade.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from msgspec import Struct

from closerlook.pathway.events import TAGS, Recorded, UnknownEvent
from closerlook.pathway.loops import Loop, claims, episode_matters
from closerlook.pathway.regions import Patient
from closerlook.pathway.upcasters import UPCASTERS, tag_in
from closerlook.people import sites
from closerlook.record import door, log, rows
from closerlook.record.models import Claim, Event, Head, OpenLoop
from closerlook.record.protocols import KNOWN

Progress = Callable[[int], None]


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


def unknown_facts() -> list[str]:
    """Return the kinds of fact in the log that this version does not know; with any, it must not start."""
    found = Event.objects.order_by().values_list("type", flat=True).distinct()
    return sorted(set(found) - TAGS - UPCASTERS.keys())


def streams() -> Iterator[str]:
    """Yield every stream that has a fact or a head, in order, a page at a time."""
    last = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT stream FROM record_event WHERE stream > %s AND seq = 1 "
                "UNION SELECT stream FROM record_head WHERE stream > %s ORDER BY 1 LIMIT 500",
                [last, last],
            )
            page = [row[0] for row in cursor.fetchall()]
        yield from page
        if not page:
            return
        last = page[-1]


def verify(progress: Progress = lambda _: None) -> Iterator[Fault]:
    """Yield every fault found."""
    for tag in unknown_facts():
        yield Fault("", f"facts of an unknown kind: {tag}", "Install the version that wrote them.")
    for stream in streams():
        yield from _stream(stream)
        progress(1)
    yield from _orphans()


def _stream(stream: str) -> Iterator[Fault]:
    try:
        records, stored = log.load(stream)
    except UnknownEvent as error:
        yield Fault(stream, str(error), "Install the version that wrote it.")
        return
    head = Head.objects.filter(stream=stream).first()
    yield from _chain(stream, records, stored, head)
    protocol = sites.protocol()
    try:
        state = door.folded(stream, records, protocol)
    except (AssertionError, KeyError, UnknownEvent) as error:
        yield Fault(stream, f"the log cannot be folded: {error}", "Report this; the log itself is kept.")
        return
    if head is not None:
        yield from _head(stream, state, head)
    yield from _rows(stream, door.owed(state, protocol))
    if isinstance(state, Patient):
        yield from _claims(stream, state)
        yield from _promises(stream, state)


def _chain(stream: str, records: list[Recorded], stored: list[tuple[Any, ...]], head: Head | None) -> Iterator[Fault]:
    mend = "Someone changed the database by hand. Restore a backup and compare."
    before = log.GENESIS
    for place, (record, row) in enumerate(zip(records, stored, strict=True), 1):
        if record.seq != place:
            yield Fault(stream, f"fact {place} is missing", mend)
            return
        if row[2] != tag_in(row[3]):
            yield Fault(stream, f"fact {place} is filed under {row[2]}", mend)
        before = log.seal(before, stream, record, row[2], row[3], row[4])
        if before != row[7]:
            yield Fault(stream, f"the chain is broken at fact {place}", mend)
            return
    if head is None:
        yield Fault(stream, "the stream has no head", mend)
    elif (head.version, head.hash) != (len(records), before):
        yield Fault(stream, f"the head says {head.version} facts, the log has {len(records)}, or another hash", mend)


def _head(stream: str, state: Any, head: Head) -> Iterator[Fault]:
    next_due: date | None = state.next_due.due_on if isinstance(state, Patient) and state.next_due else None
    if head.place != door.where(state) or head.next_due_on != next_due:
        yield Fault(stream, f"the ledger has her at '{head.place}', the log at '{door.where(state)}'", REBUILD)


REBUILD = "Run: closerlook init (it rebuilds the rows from the log and reports what changed)."


def _rows(stream: str, expected: list[Loop]) -> Iterator[Fault]:
    with connection.cursor() as cursor:
        found = rows.stored(cursor, stream)
    for change in _differences(stream, found, expected):
        yield Fault(stream, f"what is owed differs: {change.kind} {change.subject} should be {change.how}", REBUILD)


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


def _claims(stream: str, state: Patient) -> Iterator[Fault]:
    found = set(Claim.objects.filter(stream=stream).values_list("kind", "value"))
    if found != set(claims(state)):
        yield Fault(stream, "its claims to unique numbers differ from the log", REBUILD)


def _promises(stream: str, state: Patient) -> Iterator[Fault]:
    mend = "Report this at once: a patient may be waiting on nobody."
    for episode in state.episodes.values():
        owed = [k for k in state.owed if k[0] == episode.id]
        if episode.settled is None and not owed:
            yield Fault(stream, f"round {episode.id} is not settled and owes nothing", mend)
        if episode.settled is not None and owed:
            yield Fault(stream, f"round {episode.id} is settled and owes {owed[0][1]}", mend)
        if episode.settled is not None and episode_matters(
            episode, KNOWN[episode.protocol], dead=state.died_on is not None
        ):
            yield Fault(stream, f"round {episode.id} is settled but something is owed", mend)


def _orphans() -> Iterator[Fault]:
    for model in (OpenLoop, Claim):
        lost = model.objects.exclude(stream__in=Head.objects.values("stream")).values_list("stream", flat=True)
        for stream in lost.distinct()[:100]:
            yield Fault(stream, f"{model._meta.verbose_name} without a log", REBUILD)


def rebuild(progress: Progress = lambda _: None) -> Iterator[Change]:
    """Write every stream's rows anew from its log; yield what that opened, moved or closed."""
    protocol = sites.protocol()
    for stream in streams():
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            records, _ = log.load(stream)
            state = door.folded(stream, records, protocol)
            found, expected = rows.stored(cursor, stream), door.owed(state, protocol)
            changes = list(_differences(stream, found, expected))
            rows.refresh(cursor, found, expected)
            if isinstance(state, Patient):
                held = Claim.objects.filter(stream=stream).values_list("kind", "value")
                rows.refresh_claims(cursor, stream, list(held), claims(state))
            next_due = state.next_due.due_on if isinstance(state, Patient) and state.next_due else None
            Head.objects.filter(stream=stream).update(place=door.where(state), next_due_on=next_due)
        yield from changes
        progress(1)


def as_of(stream: str, moment: datetime) -> Patient | None:
    """Return a patient as her log stood at a past moment, None where she had no fact yet."""
    records = [r for r in log.load(stream)[0] if r.recorded_at <= moment]
    if not records or door.is_message(stream):
        return None
    state = door.folded(stream, records, sites.protocol())
    return state if isinstance(state, Patient) else None
