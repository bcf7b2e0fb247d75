"""Lists of what is owed: a page at a time, the urgent in front, with a bounded number of queries."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from msgspec import Struct

from closerlook.desk import offers, words
from closerlook.desk.here import Here
from closerlook.pathway.closing import STEPS_FOR
from closerlook.pathway.deciding import LEADING, may
from closerlook.pathway.events import ContactAttempted, EnteredInError, decode
from closerlook.pathway.loops import KINDS
from closerlook.people import sites
from closerlook.people.models import Patient
from closerlook.record import door
from closerlook.record.models import Event, OpenLoop

PAGE = 50
NEXT_DAYS = timedelta(days=3)
READ_HERE = frozenset(
    {"confirm_assessment", "confirm_change", "complete_assessment", "place_report", "plan_call_back", "assess_workup"}
)
"""What one click opens as a form, with the report's words beside it."""
REACHING = frozenset({"tell_result", "ring_after_seen", "book_call_back", "tell_change", "confirm_lost"})
"""Where a list says how often she was tried."""


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
    action: str
    legal: bool


def visible(now: datetime) -> QuerySet[OpenLoop]:
    """Return what people owe and can work on now; of the software's own share what is late or in trouble."""
    return OpenLoop.objects.filter(visible_from__lte=now).exclude(owner="system", escalated_to=None, trouble="")


def whose(rows: QuerySet[OpenLoop], here: Here, who: str) -> QuerySet[OpenLoop]:
    """Narrow to mine (mine by name, by role with nobody's name on it, or told to me), my team's, or one role's."""
    to_me = Q(escalated_to__in=here.roles)
    if not LEADING.isdisjoint(here.roles):
        to_me |= Q(owner="system") & ~Q(trouble="")
    match who:
        case "mine":
            return rows.filter(Q(assignee=here.actor.id) | Q(owner__in=here.roles, assignee=None) | to_me)
        case "team":
            return rows.filter(Q(assignee=here.actor.id) | Q(owner__in=here.roles) | to_me)
        case "" | "everyone":
            return rows
    return rows.filter(owner=who)


def narrowed(rows: QuerySet[OpenLoop], here: Here, when: str, kind: str) -> QuerySet[OpenLoop]:
    """Narrow to late, today or the next three days, and to one kind."""
    ends = _end_of_today(here)
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    match when:
        case "late":
            return rows.filter(due_at__lt=here.now)
        case "today":
            return rows.filter(due_at__gte=here.now, due_at__lte=ends)
        case "next":
            return rows.filter(due_at__gt=ends, due_at__lte=ends + NEXT_DAYS)
    return rows


def counts(rows: QuerySet[OpenLoop], here: Here) -> dict[str, int]:
    """Return how much is late, due today, due in the next three days, and all that is owed."""
    ends = _end_of_today(here)
    return rows.aggregate(
        late=Count("kind", filter=Q(due_at__lt=here.now)),
        today=Count("kind", filter=Q(due_at__gte=here.now, due_at__lte=ends)),
        next=Count("kind", filter=Q(due_at__gt=ends, due_at__lte=ends + NEXT_DAYS)),
        all=Count("kind"),
    )


def _end_of_today(here: Here) -> datetime:
    calendar = sites.protocol().calendar
    return calendar.end_of(calendar.on(here.now))


# ---------------------------------------------------------------- a page of the list

ORDER = ("due_at", "stream", "kind", "subject", "opened_seq")


def page(rows: QuerySet[OpenLoop], here: Here, after: str = "") -> tuple[list[Row], str]:
    """Return one page of a worklist and the mark of the next ("" at the end). Keyset: a deep page costs no more.

    What is urgent and due by tonight stands in front of everything else; both parts go by due time.
    """
    part, _, mark = after.partition("~")
    pressing = Q(urgent=True, due_at__lte=_end_of_today(here))
    found: list[OpenLoop] = []
    if part != "rest":
        found = _slice(rows.filter(pressing), mark, PAGE + 1)
        mark = ""
    first = len(found)
    if first <= PAGE:
        found += _slice(rows.exclude(pressing), mark, PAGE + 1 - first)
    if len(found) <= PAGE:
        return lines(found, here), ""
    last = found[PAGE - 1]
    part = "urgent" if first >= PAGE else "rest"
    return lines(found[:PAGE], here), "~".join(
        (part, last.due_at.isoformat(), last.stream, last.kind, last.subject, str(last.opened_seq))
    )


def _slice(rows: QuerySet[OpenLoop], mark: str, most: int) -> list[OpenLoop]:
    return list(rows.filter(_beyond(mark)).order_by(*ORDER)[:most])


def _beyond(mark: str) -> Q:
    """Return what comes after the row a mark names; everything for a mark that makes no sense."""
    try:
        due, stream, kind, subject, seq = mark.split("~")
        values: tuple[Any, ...] = (datetime.fromisoformat(due), stream, kind, subject, int(seq))
    except ValueError:
        return Q()
    beyond = Q()
    for n, name in enumerate(ORDER):
        beyond |= Q(**dict(zip(ORDER[:n], values, strict=False)), **{f"{name}__gt": values[n]})
    return beyond


def lines(loops: Sequence[OpenLoop], here: Here) -> list[Row]:
    """Return stored loops as lines, with names, attempts and what each is about; as many queries for 1 as for 50."""
    names = {p.id: p for p in Patient.objects.filter(id__in={loop.stream for loop in loops})}
    tried = _attempts({loop.stream for loop in loops if loop.kind in REACHING})
    return [_line(loop, names.get(loop.stream), tried[loop.stream, loop.episode], here) for loop in loops]


def _attempts(streams: set[str]) -> Counter[tuple[str, str | None]]:
    """Return how often someone tried to reach each patient in each round, without what was entered in error."""
    kinds = [str(fact.__struct_config__.tag) for fact in (ContactAttempted, EnteredInError)]
    found = Event.objects.filter(stream__in=streams, type__in=kinds).values_list("stream", "seq", "body")
    facts = [(stream, seq, decode(body.encode())) for stream, seq, body in found]
    gone = {(stream, seq) for stream, _, fact in facts if isinstance(fact, EnteredInError) for seq in fact.seqs}
    return Counter(
        (stream, fact.episode)
        for stream, seq, fact in facts
        if isinstance(fact, ContactAttempted) and (stream, seq) not in gone
    )


def _line(loop: OpenLoop, patient: Patient | None, tried: int, here: Here) -> Row:
    late, today = loop.due_at < here.now, loop.due_at <= _end_of_today(here)
    message = door.is_message(loop.stream)
    page_of_it = reverse("desk:message" if message else "desk:patient", args=[loop.stream])
    here_now = loop.kind in READ_HERE and may(STEPS_FOR[loop.kind][0], here.actor)
    return Row(
        tone="late" if late else "today" if today else "calm",
        word="Late" if late else "Today" if today else "Next",
        what=KINDS[loop.kind],
        patient=_short_name(patient) if patient else "Message" if message else loop.stream,
        about=_about(loop),
        due_at=loop.due_at,
        so_far=_so_far(loop, tried),
        href=offers.link(STEPS_FOR[loop.kind][0], loop.stream, loop.subject) if here_now else page_of_it,
        action="Read" if here_now else "Open",
        legal=loop.legal,
    )


def _short_name(patient: Patient) -> str:
    return f"{patient.given[:1]}. {patient.family}" if patient.given else patient.family


def _about(loop: OpenLoop) -> str:
    parts = ["urgent"] if loop.urgent else []
    if loop.kind == "reach_her":
        parts.append(words.rung(loop.subject))
    if loop.kind == "post_document":
        parts.append(words.plain(loop.subject.partition(":")[2]))
    about = str(getattr(loop, "about", "") or "")
    return ", ".join([*parts, *([about] if about else [])])


def _so_far(loop: OpenLoop, tried: int) -> str:
    parts = []
    if tried and loop.kind in REACHING:
        parts.append("1 attempt" if tried == 1 else f"{tried} attempts")
    if loop.escalated_to:
        parts.append(f"{words.plain(loop.escalated_to)} told")
    if loop.assignee:
        parts.append(f"with {loop.assignee}")
    if loop.trouble:
        parts.append(f"trouble: {loop.trouble}")
    return ", ".join(parts) or words.plain(loop.owner)
