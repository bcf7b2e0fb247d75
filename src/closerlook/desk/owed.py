"""Lists of what is owed: a page at a time, oldest due first, with a bounded number of queries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from msgspec import Struct

from closerlook.desk import words
from closerlook.desk.here import Here
from closerlook.pathway.loops import KINDS
from closerlook.people.models import Patient
from closerlook.record import door
from closerlook.record.models import OpenLoop

PAGE = 50


class Row(Struct, frozen=True):
    """One line of a worklist."""

    tone: str
    word: str
    what: str
    patient: str
    about: str
    due_at: datetime
    so_far: str
    href: str
    legal: bool


def visible(now: datetime) -> QuerySet[OpenLoop]:
    """Return what people owe and can work on now; the software's own share stands apart."""
    return OpenLoop.objects.filter(visible_from__lte=now).exclude(owner="system", escalated_to=None)


def whose(rows: QuerySet[OpenLoop], here: Here, who: str) -> QuerySet[OpenLoop]:
    """Narrow to what is mine (by name, role or because it was escalated to me), or to one role's, or leave all."""
    if who == "mine":
        return rows.filter(
            Q(assignee=here.actor.id) | Q(owner__in=here.roles, assignee=None) | Q(escalated_to__in=here.roles)
        )
    if who and who != "everyone":
        return rows.filter(owner=who)
    return rows


def narrowed(rows: QuerySet[OpenLoop], here: Here, when: str, kind: str) -> QuerySet[OpenLoop]:
    """Narrow to late, today or next, and to one kind."""
    ends = _end_of_today(here)
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    match when:
        case "late":
            return rows.filter(due_at__lt=here.now)
        case "today":
            return rows.filter(due_at__gte=here.now, due_at__lte=ends)
        case "next":
            return rows.filter(due_at__gt=ends)
    return rows


def counts(rows: QuerySet[OpenLoop], here: Here) -> dict[str, int]:
    """Return how much is late, due today, and due in the next three days."""
    ends = _end_of_today(here)
    return rows.aggregate(
        late=Count("kind", filter=Q(due_at__lt=here.now)),
        today=Count("kind", filter=Q(due_at__gte=here.now, due_at__lte=ends)),
        next=Count("kind", filter=Q(due_at__gt=ends, due_at__lte=ends + timedelta(days=3))),
    )


def _end_of_today(here: Here) -> datetime:
    from closerlook.people import sites

    calendar = sites.protocol().calendar
    return calendar.end_of(calendar.on(here.now))


def page(rows: QuerySet[OpenLoop], here: Here, after: str = "") -> tuple[list[Row], str]:
    """Return one page of a worklist and the mark of the next ("" at the end). Keyset: a deep page costs no more."""
    rows = rows.order_by("due_at", "stream", "kind", "subject", "opened_seq")
    if after:
        rows = rows.filter(_beyond(after))
    found = list(rows[: PAGE + 1])
    more = _mark(found[PAGE - 1]) if len(found) > PAGE else ""
    return lines(found[:PAGE], here), more


def _mark(loop: OpenLoop) -> str:
    return f"{loop.due_at.isoformat()}~{loop.stream}~{loop.kind}~{loop.subject}"


def _beyond(mark: str) -> Q:
    due, stream, kind, subject = [*mark.split("~"), "", "", "", ""][:4]
    try:
        due_at = datetime.fromisoformat(due)
    except ValueError:
        return Q()
    return Q(due_at__gt=due_at) | (
        Q(due_at=due_at)
        & (Q(stream__gt=stream) | Q(stream=stream, kind__gt=kind) | Q(stream=stream, kind=kind, subject__gt=subject))
    )


def lines(loops: Sequence[OpenLoop], here: Here) -> list[Row]:
    """Return stored loops as lines, with names and what each is about; two queries however many there are."""
    names = {p.id: p for p in Patient.objects.filter(id__in={loop.stream for loop in loops})}
    return [_line(loop, names.get(loop.stream), here) for loop in loops]


def _line(loop: OpenLoop, patient: Patient | None, here: Here) -> Row:
    late, today = loop.due_at < here.now, loop.due_at <= _end_of_today(here)
    message = door.is_message(loop.stream)
    return Row(
        tone="late" if late else "today" if today else "calm",
        word="Late" if late else "Today" if today else "Next",
        what=KINDS[loop.kind],
        patient=_short_name(patient) if patient else "Message" if message else loop.stream,
        about=_about(loop),
        due_at=loop.due_at,
        so_far=_so_far(loop),
        href=reverse("desk:message", args=[loop.stream]) if message else reverse("desk:patient", args=[loop.stream]),
        legal=loop.legal,
    )


def _short_name(patient: Patient) -> str:
    return f"{patient.given[:1]}. {patient.family}" if patient.given else patient.family


def _about(loop: OpenLoop) -> str:
    if loop.kind == "post_document":
        return words.plain(loop.subject.partition(":")[2])
    return "urgent" if loop.urgent else ""


def _so_far(loop: OpenLoop) -> str:
    parts = []
    if loop.escalated_to:
        parts.append(f"{words.plain(loop.escalated_to)} told")
    if loop.assignee:
        parts.append(f"with {loop.assignee}")
    if loop.trouble:
        parts.append(f"trouble: {loop.trouble}")
    return ", ".join(parts) or words.plain(loop.owner)


def to_post(here: Here) -> list[dict[str, Any]]:
    """Return what lies printed and waits for the post, oldest first."""
    found = OpenLoop.objects.filter(kind="post_document").order_by("due_at", "stream")[:200]
    names = {p.id: p for p in Patient.objects.select_related("provider").filter(id__in={x.stream for x in found})}
    return [
        {
            "value": f"{x.stream}/{x.subject}",
            "patient": names[x.stream],
            "document": "Written summary" if x.subject.endswith(":summary") else "Report for her provider",
            "due_at": x.due_at,
            "late": x.due_at < here.now,
            "href": reverse("desk:letter", args=[x.stream, *x.subject.split(":")]),
        }
        for x in found
        if x.stream in names
    ]
