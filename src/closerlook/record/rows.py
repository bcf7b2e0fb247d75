"""The stored rows of what is owed and claimed, refreshed by difference in the step's own transaction."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.db import IntegrityError

from closerlook.pathway.deciding import Refused
from closerlook.pathway.loops import Loop
from closerlook.pathway.terms import Role
from closerlook.record.log import moment, utc

T = TypeVar("T")
AT_ONCE = 200  # SQLite nests conditions a thousand deep at most
KEY = ("stream", "kind", "subject", "opened_seq")
FIELDS = (
    "stream", "kind", "subject", "opened_seq", "episode", "owner", "assignee", "visible_from", "due_at", "late_at",
    "rule", "legal", "urgent", "escalate_at", "rung", "escalated_to", "about", "cover", "site",
)  # fmt: skip
_MOMENTS = frozenset({"visible_from", "due_at", "late_at", "escalate_at"})
_INSERT = f"INSERT INTO record_openloop ({','.join(FIELDS)}, attempts, trouble) VALUES "
_VALUES = "(" + ",".join(["%s"] * len(FIELDS)) + ",0,'')"
_WHERE_KEY = " AND ".join(f"{name} = %s" for name in KEY)
_SET = ",".join(f"{name} = %s" for name in FIELDS[4:])


def stored(cursor: Any, stream: str) -> list[Loop]:
    """Return the loops as the database holds them."""
    cursor.execute(f"SELECT {','.join(FIELDS)} FROM record_openloop WHERE stream = %s", [stream])
    return [_loop(row) for row in cursor.fetchall()]


def stored_of(cursor: Any, streams: Sequence[str]) -> dict[str, list[Loop]]:
    """Return, by stream, the loops of some streams; AT_ONCE at the most."""
    if not streams:
        return {}
    marks = ",".join(["%s"] * len(streams))
    cursor.execute(f"SELECT {','.join(FIELDS)} FROM record_openloop WHERE stream IN ({marks})", list(streams))
    return _by_stream(cursor.fetchall())


def stored_between(cursor: Any, first: str, last: str) -> dict[str, list[Loop]]:
    """Return, by stream, the loops of a stretch of streams, both ends included."""
    cursor.execute(f"SELECT {','.join(FIELDS)} FROM record_openloop WHERE stream BETWEEN %s AND %s", [first, last])
    return _by_stream(cursor.fetchall())


def _by_stream(rows: Iterable[Sequence[Any]]) -> dict[str, list[Loop]]:
    found: dict[str, list[Loop]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(_loop(row))
    return found


def claims_between(cursor: Any, first: str, last: str) -> dict[str, set[tuple[str, str]]]:
    """Return, by stream, what a stretch of streams has claimed, both ends included."""
    cursor.execute("SELECT stream, kind, value FROM record_claim WHERE stream BETWEEN %s AND %s", [first, last])
    found: dict[str, set[tuple[str, str]]] = {}
    for stream, kind, value in cursor.fetchall():
        found.setdefault(stream, set()).add((kind, value))
    return found


def refresh(cursor: Any, before: Sequence[Loop], after: Sequence[Loop]) -> None:
    """Write the difference: what closed is deleted, what opened inserted, what moved updated; leases stay."""
    old = {_key(loop): loop for loop in before}
    new = {_key(loop): loop for loop in after}
    for gone in portions([key for key in old if key not in new]):
        cursor.execute(
            "DELETE FROM record_openloop WHERE " + " OR ".join([f"({_WHERE_KEY})"] * len(gone)),
            [part for key in gone for part in key],
        )
    for opened in portions([loop for key, loop in new.items() if key not in old]):
        cursor.execute(
            _INSERT + ",".join([_VALUES] * len(opened)), [value for loop in opened for value in _values(loop)]
        )
    for key, loop in new.items():
        if key in old and old[key] != loop:
            cursor.execute(
                f"UPDATE record_openloop SET {_SET} WHERE {_WHERE_KEY}",
                [*_values(loop)[4:], *key],
            )


def portions(rows: list[T]) -> Iterator[list[T]]:
    """Yield rows a few at a time: a statement takes only so many."""
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def refresh_claims(
    cursor: Any, stream: str, before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]
) -> None:
    """Write what has become unique and free what no longer is. Raises Refused where another stream holds it."""
    old, new = set(before), set(after)
    for kind, value in old - new:
        cursor.execute("DELETE FROM record_claim WHERE kind = %s AND value = %s AND stream = %s", [kind, value, stream])
    for kind, value in new - old:
        try:
            cursor.execute("INSERT INTO record_claim (kind, value, stream) VALUES (%s, %s, %s)", [kind, value, stream])
        except IntegrityError as error:
            raise claimed_already(kind) from error


def claimed_already(kind: str) -> Refused:
    """Return why something that must be unique cannot be had a second time."""
    return Refused(TAKEN[kind])


TAKEN = {
    "accession": "This accession number belongs to another patient's examination. Check the identity.",
    "slot": "Someone has just taken this time. Choose another.",
}
"""For each kind of claim, what is said to who comes second."""


def _key(loop: Loop) -> tuple[str, str, str, int]:
    return (loop.stream, loop.kind, loop.subject, loop.opened_seq)


def _values(loop: Loop) -> list[Any]:
    return [moment(getattr(loop, name)) if name in _MOMENTS else _plain(getattr(loop, name)) for name in FIELDS]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Role) else value


def _loop(row: Sequence[Any]) -> Loop:
    values = dict(zip(FIELDS, row, strict=True))
    for name in _MOMENTS:
        values[name] = utc(values[name])
    values["owner"] = Role(values["owner"])
    values["legal"], values["urgent"] = bool(values["legal"]), bool(values["urgent"])
    return Loop(**values)
