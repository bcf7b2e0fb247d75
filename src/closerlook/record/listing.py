"""What the command line and the desk list: what is owed, compared with a clock, and one patient's record."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from msgspec import Struct, to_builtins

from closerlook.pathway.events import tag_of
from closerlook.pathway.stages import place
from closerlook.people import sites
from closerlook.record import door
from closerlook.record.models import Head, OpenLoop


class Listed(Struct, frozen=True):
    """Something owed, as a list shows it. `standing` is late, today or next; `due_on` a local date."""

    standing: str
    due_on: date
    owner: str
    kind: str
    stream: str
    subject: str
    opened_seq: int
    episode: str | None
    due_at: datetime
    late_at: datetime
    rule: str
    legal: bool
    urgent: bool
    assignee: str | None
    escalated_to: str | None
    about: str


def listed(row: OpenLoop, now: datetime) -> Listed:
    """Return a stored loop as a list shows it at `now`."""
    calendar = sites.protocol().calendar
    due_on = calendar.on(row.due_at)
    standing = "late" if row.due_at < now else "today" if due_on == calendar.on(now) else "next"
    return Listed(
        standing, due_on, row.owner, row.kind, row.stream, row.subject, row.opened_seq, row.episode, row.due_at,
        row.late_at, row.rule, row.legal, row.urgent, row.assignee, row.escalated_to, row.about,
    )  # fmt: skip


def loops(now: datetime, *, owner: str | None = None, overdue: bool = False) -> Iterator[Listed]:
    """Yield what is owed and visible at `now`, oldest due first, however much it is."""
    rows = OpenLoop.objects.filter(visible_from__lte=now).order_by("due_at", "stream", "kind", "subject", "opened_seq")
    if owner:
        rows = rows.filter(owner=owner)
    if overdue:
        rows = rows.filter(due_at__lt=now)
    for row in rows.iterator(chunk_size=1_000):
        yield listed(row, now)


def patient(patient_id: str) -> dict[str, Any] | None:
    """Return one patient's facts, state and loops as plain values; None where there is no such log."""
    if not Head.objects.filter(stream=patient_id, kind="patient").exists():
        return None
    history = door.look(patient_id)
    facts = [
        {
            "seq": r.seq,
            "recorded_at": r.recorded_at,
            "type": tag_of(r.event),
            "actor": f"{r.actor.kind} {r.actor.id}",
            "protocol": r.protocol,
            "fact": to_builtins(r.event),
        }
        for r in history.records
    ]
    state = history.patient
    return {
        "patient": patient_id,
        "version": state.version,
        "place": place(state),
        "episodes": to_builtins(state.episodes),
        "next_due": to_builtins(state.next_due),
        "facts": facts,
        "loops": list(history.loops),
    }
