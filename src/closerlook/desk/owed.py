"""Lists of what is owed: a page at a time, the urgent in front, with a bounded number of queries."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from msgspec import Struct

from closerlook.desk import offers, words
from closerlook.desk.here import COUNTED, Here
from closerlook.desk.tables import Column, number_of
from closerlook.pathway.closing import STEPS_FOR
from closerlook.pathway.deciding import LEADING, may
from closerlook.pathway.events import ContactAttempted, EnteredInError, decode, tags_of
from closerlook.pathway.loops import KINDS
from closerlook.people import sites
from closerlook.people.models import Patient
from closerlook.record import door
from closerlook.record.models import Event, OpenLoop

PAGE = 50
NEXT_DAYS = timedelta(days=3)
READ_HERE = frozenset(
    {
        "confirm_assessment", "confirm_change", "complete_assessment", "place_report", "plan_call_back",
        "assess_workup", "arbitrate", "decide_concordance", "plan_next", "replan",
    }
)  # fmt: skip
"""What one click opens as a form, with the report's words beside it."""
REACHING = frozenset(
    {"tell_result", "ring_after_seen", "book_call_back", "tell_change", "confirm_lost", "tell_diagnosis"}
)
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
    stream: str


COLUMNS = (
    Column("standing", "Due", lambda row: row.word),
    Column("due", "When", lambda row: row.due_at),
    Column("what", "Owed", lambda row: row.what),
    Column("patient", "Patient", lambda row: row.patient),
    Column("about", "About", lambda row: row.about),
    Column("so_far", "So far", lambda row: row.so_far),
)
FILE = 2_000
"""Lines of a file at the most."""

Parts = list[QuerySet[OpenLoop]]
"""A list in parts that share no row. Each part can be read along an index of its own; one query with OR could not."""


def of_site(here: Here) -> QuerySet[OpenLoop]:
    """Return what of the site alone is visible: all that belongs to a patient who ever had a round."""
    return for_people(here.now).filter(site=here.site.slug)


def visible(here: Here) -> Parts:
    """Return what people of the site owe and can work on now, with what is no one site's."""
    return [of_site(here), for_people(here.now).filter(common(here))]


def common(here: Here) -> Q:
    """Return what is no one site's: messages, and who was entered at this site and never had a round."""
    elsewhere = Patient.objects.filter(pk=OuterRef("stream")).exclude(site=here.site)
    return Q(~Exists(elsewhere), site="")


def countable(here: Here) -> Parts:
    """Return the same as one part: what is only counted needs no order, and so no index that ends in one."""
    return [for_people(here.now).filter(Q(site=here.site.slug) | common(here))]


def for_people(moment: datetime) -> QuerySet[OpenLoop]:
    """Return what people can work on by a moment; of the software's own share what is late or in trouble."""
    return OpenLoop.objects.filter(visible_from__lte=moment).exclude(owner="system", escalated_to=None, trouble="")


def whose(parts: Parts, here: Here, who: str) -> Parts:
    """Narrow to mine (mine by name, by role with nobody's name on it, or told to me), my team's, or one role's."""
    match who:
        case "mine":
            by_role = Q(owner__in=here.roles, assignee=None)
        case "team":
            by_role = Q(owner__in=here.roles) & (Q(assignee=None) | ~Q(assignee=here.actor.id))
        case "" | "everyone":
            return parts
        case _:
            return [rows.filter(owner=who) for rows in parts]
    by_name, told = Q(assignee=here.actor.id), Q(escalated_to__in=here.roles)
    wanted = [by_role, told & ~by_name]
    if not LEADING.isdisjoint(here.roles):
        wanted.append(Q(owner="system") & ~Q(trouble="") & ~by_name)
    found: Parts = [for_people(here.now).filter(by_name)] if who == "mine" else [rows.filter(by_name) for rows in parts]
    for rows in parts:
        for place, which in enumerate(wanted):
            part = rows.filter(which)
            for earlier in wanted[:place]:
                part = part.exclude(earlier)
            found.append(part)
    return found


def narrowed(parts: Parts, here: Here, when: str, kind: str) -> Parts:
    """Narrow to late, today or the next three days, and to one kind."""
    ends = end_of_today(here)
    which = Q(kind=kind) if kind in KINDS else Q()
    match when:
        case "late":
            which &= Q(due_at__lt=here.now)
        case "today":
            which &= Q(due_at__gte=here.now, due_at__lte=ends)
        case "next":
            which &= Q(due_at__gt=ends, due_at__lte=ends + NEXT_DAYS)
    return [rows.filter(which) for rows in parts]


def counts(parts: Parts, here: Here) -> dict[str, int]:
    """Return how much is late, due today, due in the next three days, and all that is owed; COUNTED at the most."""
    return {
        name: min(sum(rows[:COUNTED].count() for rows in narrowed(parts, here, when, "")), COUNTED)
        for name, when in (("late", "late"), ("today", "today"), ("next", "next"), ("all", ""))
    }


def end_of_today(here: Here) -> datetime:
    calendar = sites.protocol(here.site.slug).calendar
    return calendar.end_of(calendar.on(here.now))


# ---------------------------------------------------------------- a page of the list

ORDER = ("due_at", "stream", "kind", "subject", "opened_seq")


def page(parts: Parts, here: Here, after: str = "", *, newest: bool = False) -> tuple[list[Row], str]:
    """Return one page of a worklist and the mark of the next ("" at the end). Keyset: a deep page costs no more.

    What is urgent and due by tonight stands in front of everything else; both go by due time. `newest`: all of it by
    due time, the latest first.
    """
    if newest:
        found = slice_of(parts, after, PAGE + 1, newest=True)
        return lines(found[:PAGE], here), mark_of(found[PAGE - 1]) if len(found) > PAGE else ""
    part, _, mark = after.partition("~")
    if row_of(mark) is None:
        part = ""
    tonight = end_of_today(here)
    found = []
    if part != "rest":
        found = slice_of([rows.filter(urgent=True, due_at__lte=tonight) for rows in parts], mark, PAGE + 1)
        mark = ""
    first = len(found)
    if first <= PAGE:
        rest = [rows.filter(Q(urgent=False) | Q(due_at__gt=tonight)) for rows in parts]
        found += slice_of(rest, mark, PAGE + 1 - first)
    if len(found) <= PAGE:
        return lines(found, here), ""
    last = found[PAGE - 1]
    part = "urgent" if first >= PAGE else "rest"
    return lines(found[:PAGE], here), f"{part}~{mark_of(last)}"


def file_of(parts: Parts, here: Here) -> list[Row]:
    """Return the list from its beginning, FILE lines at the most, as it goes into a file."""
    return lines(slice_of(parts, "", FILE), here)


def slice_of(parts: Parts, mark: str, most: int, *, newest: bool = False) -> list[OpenLoop]:
    """Return at most so many rows beyond a mark, by due time: the longest due first, or the latest."""
    order = [f"-{name}" for name in ORDER] if newest else ORDER
    found = [row for rows in parts for row in rows.filter(_beyond(mark, newest)).order_by(*order)[:most]]
    return sorted(found, key=lambda row: tuple(getattr(row, name) for name in ORDER), reverse=newest)[:most]


def mark_of(row: OpenLoop) -> str:
    """Return the mark of the page that follows a row."""
    return "~".join((row.due_at.isoformat(), row.stream, row.kind, row.subject, str(row.opened_seq)))


def row_of(mark: str) -> tuple[Any, ...] | None:
    """Return the row that a mark names, as ORDER has it; None for a mark that makes no sense."""
    try:
        due, stream, kind, subject, seq = mark.split("~")
        moment, number = datetime.fromisoformat(due), number_of(seq)
        known = moment.tzinfo is not None and number > 0
        return (moment.astimezone(UTC), stream, kind, subject, number) if known else None
    except (ValueError, OverflowError):  # a moment at the end of all days has no equal in another zone
        return None


def _beyond(mark: str, newest: bool = False) -> Q:
    """Return what comes after the row a mark names; everything for a mark that makes no sense."""
    values = row_of(mark)
    if values is None:
        return Q()
    beyond = Q()
    for n, name in enumerate(ORDER):
        beyond |= Q(**dict(zip(ORDER[:n], values, strict=False)), **{f"{name}__{'lt' if newest else 'gt'}": values[n]})
    # Said once more in front of the alternatives: an index seeks to this, and scans to none of those.
    return Q(**{f"{ORDER[0]}__{'lte' if newest else 'gte'}": values[0]}) & beyond


def lines(loops: Sequence[OpenLoop], here: Here) -> list[Row]:
    """Return stored loops as lines, with names, attempts and what each is about; as many queries for 1 as for 50."""
    names = {p.id: p for p in Patient.objects.filter(id__in={loop.stream for loop in loops})}
    tried = _attempts({loop.stream for loop in loops if loop.kind in REACHING})
    return [_line(loop, names.get(loop.stream), tried[loop.stream, loop.episode], here) for loop in loops]


def _attempts(streams: set[str]) -> Counter[tuple[str, str | None]]:
    """Return how often someone tried to reach each patient in each round, without what was entered in error."""
    kinds = [tag for fact in (ContactAttempted, EnteredInError) for tag in tags_of(fact)]
    found = Event.objects.filter(stream__in=streams, type__in=kinds).values_list("stream", "seq", "body")
    facts = [(stream, seq, decode(body.encode())) for stream, seq, body in found]
    gone = {(stream, seq) for stream, _, fact in facts if isinstance(fact, EnteredInError) for seq in fact.seqs}
    return Counter(
        (stream, fact.episode)
        for stream, seq, fact in facts
        if isinstance(fact, ContactAttempted) and (stream, seq) not in gone
    )


def _line(loop: OpenLoop, patient: Patient | None, tried: int, here: Here) -> Row:
    late, today = loop.due_at < here.now, loop.due_at <= end_of_today(here)
    message = door.is_message(loop.stream)
    page_of_it = reverse("desk:message" if message else "desk:patient", args=[loop.stream])
    here_now = loop.kind in READ_HERE and may(STEPS_FOR[loop.kind][0], here.actor)
    return Row(
        tone="late" if late else "today" if today else "calm",
        word="Late" if late else "Today" if today else "Next",
        what=KINDS[loop.kind],
        patient=short_name(patient) if patient else "Message" if message else loop.stream,
        about=_about(loop),
        due_at=loop.due_at,
        so_far=_so_far(loop, tried),
        href=offers.link(STEPS_FOR[loop.kind][0], loop.stream, loop.subject) if here_now else page_of_it,
        action="Read" if here_now else "Open",
        legal=loop.legal,
        stream=loop.stream,
    )


def short_name(patient: Patient) -> str:
    return f"{patient.given[:1]}. {patient.family}" if patient.given else patient.family


def _about(loop: OpenLoop) -> str:
    parts = ["urgent"] if loop.urgent else []
    if loop.kind == "reach_her":
        parts.append(words.rung(loop.subject))
    if loop.kind == "post_document":
        parts.append(words.plain(loop.subject.partition(":")[2]))
    about = words.detail(loop.subject) or loop.about
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
