"""Whom to ring now, and in what order: one line for each person, for all that is to be said to her in one call.

You are here because someone stands too far down, or in the wrong caller's list. What is owed comes from the open loops
alone, and nobody is left out of them: who cannot be rung at this hour stands at the end and says until when.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils import timezone
from msgspec import Struct
from msgspec.structs import replace

from closerlook.desk import owed, telling
from closerlook.desk.here import Here, at_work
from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import CLINICAL, may
from closerlook.pathway.loops import Loop
from closerlook.pathway.terms import Role
from closerlook.people import sites
from closerlook.people.models import Patient
from closerlook.record.models import Event, OpenLoop
from closerlook.record.protocols import ever_owned

TELLING = frozenset({"tell_result", "tell_change", "ring_after_seen", "tell_diagnosis"})
CALLS = TELLING | {"book_call_back", "reach_her", "call_her", "nurse_call"}
"""What is done by ringing her. A rung of the ladder that is no call, such as a letter, is not."""
GRAVE = frozenset({"ring_after_seen", "tell_diagnosis"})
NEEDS: dict[str, type[st.Step]] = {
    **dict.fromkeys(TELLING, st.TellResult),
    "tell_diagnosis": st.TellDiagnosis,
    "book_call_back": st.BookVisit,
    "reach_her": st.RecordContact,
    "call_her": st.RecordSpoken,
    "nurse_call": st.RecordDecline,
}
"""The step that who rings about a kind must be allowed to take."""
WORKS_FOR: dict[str, frozenset[str]] = {
    Role.NAVIGATOR: frozenset({Role.NAVIGATOR}),
    Role.FRONT_DESK: frozenset({Role.NAVIGATOR, Role.FRONT_DESK}),
    Role.NURSE: frozenset({Role.NURSE, Role.NAVIGATOR}),
    Role.CLINICIAN: frozenset({Role.CLINICIAN}),
    Role.RADIOLOGIST: frozenset({Role.CLINICIAN, Role.RADIOLOGIST}),
}
"""Whose calls each role makes: their own, and those of whom they help."""
AS_SHE_WISHES = "as_she_wishes"
Present = dict[str | None, tuple[str, ...]]
"""Who works at the site, by sign-in, with their roles; what carries the name of anybody else is as good as nobody's."""
MOST_SHOWN = 60
AT_ONCE, MOST_BATCHES = 100, 60
"""How many people are put together at once, and how often at the most: who waits for an hour is looked past."""
REST = timedelta(hours=1)
"""Calls closer together count as one try; she is rung again after it."""
BEST_TIMES: dict[str, tuple[time, time]] = {
    "morning": (time(0), time(12)),
    "midday": (time(11), time(14)),
    "afternoon": (time(13), time(23, 59)),
}
"""What she chose on her page, as hours at the site."""


class Tried(Struct, frozen=True):
    """What the log says of reaching her: the last call, when she was spoken with, how often she was tried, the hour she
    named, and when she was handed on.
    """

    last_at: datetime | None = None
    spoken_at: datetime | None = None
    times: int = 0
    call_at: datetime | None = None
    best_time: str = ""
    handed_to: str = ""
    handed_at: datetime | None = None


class Line(Struct, frozen=True):
    """One person in the queue. `waits_until`: she is not to be rung before; None where she can be rung now."""

    patient: str
    kinds: tuple[str, ...]
    about: str
    due_at: datetime
    late_at: datetime
    urgent: bool
    assignee: str
    tried: Tried
    waits_until: datetime | None = None
    name: str = ""
    speaks: str = ""
    safe_contact: bool = False
    held_by: str = ""
    held_since: datetime | None = None


class Queue(Struct, frozen=True):
    """Whom a caller may ring, first in front. `more`: others come after these, and were not put together now."""

    lines: list[Line]
    more: bool

    def without(self, patient: str) -> "Queue":
        return Queue([line for line in self.lines if line.patient != patient], self.more)


def queue(here: Here) -> Queue:
    """Return whom this caller may ring, whom to ring first in front; those who wait for their hour at the end.

    People are put together from the front of three lists, along an index: who asked or was named, who is urgent, and
    the others. Each is followed until more than are shown can be rung now, so that none of them hides another. All that
    is owed to a person is read then, so that nobody is judged by half of it.
    """
    lines: list[Line] = []
    seen: set[str] = set()
    present, more = at_work(here.site), False
    for parts in _fronts(here):
        batches, rung_now = _people(parts, seen), 0
        for streams in islice(batches, MOST_BATCHES):
            found = _lines(streams, here, present)
            rung_now += sum(line.waits_until is None for line in found)
            lines += found
            if rung_now > MOST_SHOWN:
                break
        more |= next(batches, None) is not None
    return Queue(sorted(lines, key=lambda line: _rank(line, here)), more)


def _lines(streams: list[str], here: Here, present: Present) -> list[Line]:
    """Return a line for each of these people whom this caller rings."""
    rows = OpenLoop.objects.filter(stream__in=streams, kind__in=CALLS, visible_from__lte=here.now)
    people = _by_person(called(rows.order_by("stream", "-urgent", "due_at"), here))
    mine = {patient: rows for patient, rows in people.items() if is_for(here, rows, present)}
    tried = tried_of(mine)
    return [_line(patient, rows, tried.get(patient, Tried()), here) for patient, rows in mine.items()]


def shown(lines: Sequence[Line], held: dict[str, Any], names_of_staff: dict[str, str]) -> list[Line]:
    """Return lines with names and what to know before ringing, and with who has whom open; only these are asked for."""
    people = {row.id: row for row in Patient.objects.filter(pk__in=[line.patient for line in lines])}
    return [
        replace(
            line,
            name=row.name if row else line.patient,
            speaks=telling.language_of(row.language) if row and not row.language.startswith("en") else "",
            safe_contact=bool(row and row.safe_contact),
            held_by=names_of_staff.get(one.who, one.who).partition(",")[0] if one else "",
            held_since=one.since if one else None,
        )
        for line, row, one in ((line, people.get(line.patient), held.get(line.patient)) for line in lines)
    ]


def _fronts(here: Here) -> Iterator[owed.Parts]:
    """Yield the loops of whom this caller may ring, in parts that share no order.

    First who named an hour and who has this caller's name on her, however much is due before; then the urgent, then the
    others.
    """
    kinds = [kind for kind in CALLS if may(NEEDS[kind], here.actor)]
    calls = OpenLoop.objects.filter(_is_call(here), kind__in=kinds, visible_from__lte=here.now)
    if CLINICAL.isdisjoint(here.roles):  # what is grave is never theirs to tell: nobody is put together for it
        calls = calls.exclude(Q(kind__in=GRAVE) | Q(kind__in=TELLING, urgent=True))
    named = [calls.filter(assignee=here.actor.id), calls.filter(cover=here.actor.id)]
    parts = [*_owned(calls, here), *named]
    calls_of_hers = calls.filter(kind="call_her")
    asked = [_few(calls_of_hers, here), calls_of_hers.filter(owed.common(here))]
    yield [*asked, *named]
    for urgent in (True, False):
        yield [part.filter(urgent=urgent) for part in parts]


def _is_call(here: Here) -> Q:
    """Return what `called` keeps, for the database: of the ladder only the rungs by telephone."""
    rungs = Q(subject__endswith=f":{AS_SHE_WISHES}") | Q(subject__contains=":call")
    for rung in _by_phone(here):
        rungs |= Q(subject__endswith=f":{rung}")
    return ~Q(kind="reach_her") | rungs


def _owned(calls: QuerySet[OpenLoop], here: Here) -> owed.Parts:
    """Return, a part for each owner and site, the calls that this caller's roles make, and those they were told of."""
    roles = {owner for role in here.roles for owner in WORKS_FOR.get(role, frozenset())}
    owners = roles & ever_owned(CALLS)  # who owes no call may owe very much else: that is not looked through
    told = calls.filter(escalated_to__in=here.roles)
    of_owners = [
        rows.filter(owner=owner)
        for rows in (calls.filter(site=here.site.slug), calls.filter(owed.common(here)))
        for owner in sorted(owners)
    ]
    return [*of_owners, _few(told, here), told.filter(owed.common(here))]


def _few(rows: QuerySet[OpenLoop], here: Here) -> QuerySet[OpenLoop]:
    """Narrow to the site so that no index of the site leads: what is rare is found by what makes it rare."""
    return rows.annotate(whose=Concat("site", Value(""))).filter(whose=here.site.slug)


def _people(parts: owed.Parts, seen: set[str]) -> Iterator[list[str]]:
    """Yield the people of these parts by due time, whom `seen` does not hold yet."""
    mark, batch = "", []
    while True:
        rows = owed.slice_of(parts, mark, AT_ONCE)
        for row in rows:
            if row.stream not in seen:
                seen.add(row.stream)
                batch.append(row.stream)
        if len(batch) >= AT_ONCE or (batch and len(rows) < AT_ONCE):
            yield batch
            batch = []
        if len(rows) < AT_ONCE:
            return
        mark = owed.mark_of(rows[-1])


Owed = TypeVar("Owed", OpenLoop, Loop)


def called(loops: Iterable[Owed], here: Here) -> Iterator[Owed]:
    """Return the loops that are calls: of the ladder only the rungs by telephone."""
    rungs = {*_by_phone(here), AS_SHE_WISHES}
    for loop in loops:
        name = loop.subject.rpartition(":")[2]
        if loop.kind in CALLS and (loop.kind != "reach_her" or name in rungs or name.startswith("call")):
            yield loop


def _by_phone(here: Here) -> set[str]:
    return {rung.name for rung in sites.protocol(here.site.slug).ladder if rung.channel == ev.Channel.PHONE}


def _by_person(rows: Iterable[OpenLoop]) -> dict[str, list[OpenLoop]]:
    people: dict[str, list[OpenLoop]] = {}
    for row in rows:
        people.setdefault(row.stream, []).append(row)
    return people


def is_for(here: Here, rows: Sequence[OpenLoop | Loop], present: Present) -> bool:
    """Whether this caller rings her: something is theirs, and what has to be told they may tell.

    Who has said no is rung by a nurse, about everything.
    """
    refused = any(row.kind == "nurse_call" and not _may(here, row) for row in rows)
    mine = any(_may(here, row) and _is_mine(here, row, present) for row in rows)
    return mine and not refused and may_tell(here, rows)


def may_tell(here: Here, rows: Iterable[OpenLoop | Loop]) -> bool:
    """Whether this caller may tell her all that is to be told: what is suspicious is for a clinician."""
    return all(_may(here, row) for row in rows if row.kind in TELLING)


def _may(here: Here, row: OpenLoop | Loop) -> bool:
    return _could(here.actor, row)


def _could(actor: ev.Actor, row: OpenLoop | Loop) -> bool:
    grave = row.kind in GRAVE or (row.kind in TELLING and row.urgent)
    return may(NEEDS[row.kind], actor) and (not grave or not CLINICAL.isdisjoint(actor.roles))


def _is_held(row: OpenLoop | Loop, present: Present) -> bool:
    """Whether somebody by name makes this call: one who works here, and may make it."""
    return row.assignee in present and _could(ev.Actor(ev.Kind.STAFF, row.assignee or "", present[row.assignee]), row)


def _is_mine(here: Here, row: OpenLoop | Loop, present: Present) -> bool:
    if here.actor.id in (row.assignee, row.cover) or row.escalated_to in here.roles:
        return True
    ours = any(row.owner in WORKS_FOR.get(role, frozenset()) for role in here.roles)
    return ours and (not _is_held(row, present) or row.due_at < here.now)  # what is late is everyone's


def _line(patient: str, rows: Sequence[OpenLoop], tried: Tried, here: Here) -> Line:
    first = min(rows, key=lambda row: (not row.urgent, row.due_at))
    late_at = min(row.late_at for row in rows)
    asked = any(row.kind == "call_her" for row in rows)
    return Line(
        patient=patient,
        kinds=tuple(dict.fromkeys(row.kind for row in sorted(rows, key=lambda row: (not row.urgent, row.due_at)))),
        about=next((row.about for row in rows if row.about), ""),
        due_at=min(row.due_at for row in rows),
        late_at=late_at,
        urgent=first.urgent,
        assignee=next((row.assignee for row in rows if row.assignee), "") or "",
        tried=tried,
        waits_until=_waits_until(tried, here, overdue=late_at <= here.now, asked=asked, urgent=first.urgent),
    )


def _waits_until(tried: Tried, here: Here, *, overdue: bool, asked: bool, urgent: bool) -> datetime | None:
    """Return from when she can be rung; None for now. Who is late beyond all limits waits for no better hour.

    Who was handed to a colleague today is theirs until tomorrow, unless it is urgent.

    An hour she named for today is kept even then, and nobody is rung twice within the hour. Who was spoken with is
    rung again on the next working day.
    """
    waits = [tried.last_at + REST] if tried.last_at is not None else []
    if tried.spoken_at is not None and not overdue:
        waits.append(_next_morning(tried.spoken_at, here))
    handed_at = None if urgent or tried.handed_to == here.actor.id else tried.handed_at
    if handed_at is not None and _is_today(handed_at, here):
        waits.append(_next_morning(handed_at, here))
    if asked and tried.call_at is not None:
        today = timezone.localdate(tried.call_at) == timezone.localdate(here.now)
        waits += [tried.call_at] if today or not overdue else []
    elif asked and not overdue:
        waits += _best(tried.best_time, here.now)
    until = max(waits, default=here.now)
    return until if until > here.now else None


def _next_morning(moment: datetime, here: Here) -> datetime:
    calendar = sites.protocol(here.site.slug).calendar
    day = calendar.add_working_days(calendar.on(moment), 1)
    return datetime.combine(day, time(calendar.opens), timezone.get_current_timezone())


def _best(said: str, now: datetime) -> list[datetime]:
    """Return when the part of the day begins that she chose on her page; nothing where it has begun."""
    hours = next((hours for word, hours in BEST_TIMES.items() if said.endswith(f"best time: {word}")), None)
    if hours is None:
        return []
    local = timezone.localtime(now)
    begins, ends = (local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0) for at in hours)
    if local < begins:
        return [begins]
    return [begins + timedelta(days=1)] if local >= ends else []


def _rank(line: Line, here: Here) -> tuple[Any, ...]:
    """An hour she named that has come; handed to me; urgent; then the longest late, who was never tried before others.

    Who waits stands behind.
    """
    promised = line.tried.call_at is not None and "call_her" in line.kinds
    handed = line.tried.handed_to == here.actor.id and _is_today(line.tried.handed_at, here)
    now = (not promised, not handed, not line.urgent, line.due_at, line.tried.times, line.patient)
    return (line.waits_until is not None, line.waits_until or here.now, *now)


def _is_today(moment: datetime | None, here: Here) -> bool:
    return moment is not None and timezone.localdate(moment) == timezone.localdate(here.now)


# ---------------------------------------------------------------- what the log says of reaching them

OF_REACHING: tuple[type[ev.Event], ...] = (
    ev.ContactAttempted, ev.CallTried, ev.CallRequested, ev.SpokenWith, ev.ResultTold, ev.OwnerChanged,
    ev.EnteredInError,
)  # fmt: skip


def tried_of(patients: Iterable[str]) -> dict[str, Tried]:
    """Return what was tried for each patient, without what was entered in error; one query for a batch of them."""
    tags = [tag for fact in OF_REACHING for tag in ev.tags_of(fact)]
    facts: dict[str, list[tuple[int, datetime, ev.Event]]] = {}
    rows = Event.objects.filter(stream__in=list(patients), type__in=tags).order_by("stream", "seq")
    for stream, seq, body, at in rows.values_list("stream", "seq", "body", "recorded_at"):
        facts.setdefault(stream, []).append((seq, at, ev.decode(body.encode())))
    return {stream: _tried(found) for stream, found in facts.items()}


def _tried(facts: list[tuple[int, datetime, ev.Event]]) -> Tried:
    gone = {seq for _, _, fact in facts if isinstance(fact, ev.EnteredInError) for seq in fact.seqs}
    found = Tried()
    for seq, at, fact in facts:
        if seq in gone:
            continue
        match fact:
            case ev.ContactAttempted(outcome=ev.Outcome.REACHED) | ev.ResultTold():
                found = replace(found, last_at=fact.occurred_at, spoken_at=fact.occurred_at)
            case ev.CallTried() | ev.ContactAttempted(channel=ev.Channel.PHONE):
                found = replace(found, last_at=fact.occurred_at, times=found.times + 1)
            case ev.ContactAttempted():
                found = replace(found, times=found.times + 1)
            case ev.CallRequested():
                found = replace(found, call_at=fact.call_at, best_time=fact.best_time or "")
            case ev.SpokenWith():
                found = replace(found, call_at=None, best_time="", last_at=fact.occurred_at, spoken_at=fact.occurred_at)
            case ev.OwnerChanged():
                found = replace(found, handed_to=fact.owner, handed_at=at)
    return found
