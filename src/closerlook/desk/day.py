"""Who comes on a day: the list of the front desk and the technologist, with what is planned for each."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from msgspec import Struct

from closerlook.desk import looks, offers, telling, words
from closerlook.desk.here import Here, frame, staff_only
from closerlook.desk.tables import AT_MOST, Column, Table, file_of, table, wants_file
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import may
from closerlook.pathway.events import Purpose
from closerlook.pathway.regions import Episode, Visit
from closerlook.people import sites
from closerlook.people.models import Patient
from closerlook.record import door
from closerlook.record.models import OpenLoop

DAYS_AROUND = 366


class Coming(Struct, frozen=True):
    """Someone who is booked on the day."""

    stream: str
    at: datetime
    name: str
    born: date
    purpose: str
    plan: str
    place: str
    heed: str
    steps: tuple[tuple[str, str], ...]


COLUMNS = (
    Column("at", "Time", lambda one: one.at),
    Column("name", "Patient", lambda one: one.name),
    Column("born", "Born", lambda one: one.born),
    Column("purpose", "For", lambda one: one.purpose),
    Column("plan", "Planned", lambda one: one.plan),
    Column("place", "Where", lambda one: one.place),
    Column("heed", "Heed", lambda one: one.heed),
)


@staff_only
def day(request: HttpRequest, here: Here) -> HttpResponse:
    """Who comes on the day asked for (`on=2026-11-24`), today where none is, in the order of their times."""
    calendar = sites.protocol(here.site.slug).calendar
    on = _asked(request.GET.get("on", ""), calendar.on(here.now))
    coming = who_comes(here, calendar.start_of(on), calendar.end_of(on))
    looks.listed(here.staff, here.now, "day", [one.stream for one in coming])
    if wants_file(request):
        return file_of(request, "visits", COLUMNS, coming)
    found: Table = table(request, COLUMNS, coming)
    context = {"table": found, "on": on, "before": on - timedelta(days=1), "after": on + timedelta(days=1)}
    return render(request, "desk/day.html", frame(here, "day") | context)


def _asked(asked: str, today: date) -> date:
    try:
        found = date.fromisoformat(asked)
    except ValueError:
        return today
    return found if abs((found - today).days) <= DAYS_AROUND else today


def who_comes(here: Here, begins: datetime, ends: datetime) -> list[Coming]:
    """Return everyone booked between two moments: each visit owes that someone says what became of it."""
    rows = OpenLoop.objects.filter(kind="close_visit", visible_from__gte=begins, visible_from__lte=ends)
    visits = list(rows.filter(site__in=("", here.site.slug)).order_by("visible_from", "stream")[:AT_MOST])
    streams = {row.stream for row in visits}
    names = {p.id: p for p in Patient.objects.filter(id__in=streams)}
    histories = door.look_at(streams)
    found = [_coming(row, names[row.stream], histories[row.stream], here) for row in visits if row.stream in names]
    return sorted((one for one in found if one is not None), key=lambda one: (one.at, one.name))


def _coming(row: OpenLoop, patient: Patient, history: door.History, here: Here) -> Coming | None:
    state = history.patient
    episode = state.episodes.get(row.episode or "")
    detail = row.subject.partition(":")[2]
    purpose = Purpose(detail) if detail in set(Purpose) else Purpose.PICTURES
    visit = episode.visits.get(purpose) if episode else None
    if episode is None or visit is None or visit.starts_at is None:
        return None
    about = telling.about_subject(state, f"{episode.id}:{purpose}", here.now)
    steps: tuple[type[st.Step], ...] = (
        st.RecordAttended, st.RecordMissed, st.TakeExamination, st.RecordBiopsy, st.MoveVisit,
    )  # fmt: skip
    early = timezone.localdate(visit.starts_at) > timezone.localdate(here.now)
    steps = (st.MoveVisit,) if early else steps  # nobody has come yet
    may_now = [step for step in offers.offered(steps, about, here.actor) if may(step, here.actor)]
    return Coming(
        stream=row.stream,
        at=visit.starts_at,
        name=patient.name,
        born=patient.birth_date,
        purpose=words.VISITS[purpose],
        plan=_plan(episode, purpose),
        place=visit.place or "",
        heed=_heed(patient, state.wishes.interpreter, words.anatomy(state.anatomy), visit),
        steps=tuple((words.label(step), offers.link(step, row.stream, f"{episode.id}:{purpose}")) for step in may_now),
    )


def _plan(episode: Episode, purpose: Purpose) -> str:
    """Return what is to be done: the call-back's plan, or the findings that want tissue."""
    if purpose is Purpose.BIOPSY:
        return "; ".join(words.finding(f) for f in episode.findings.values() if f.status == "biopsy")
    plan = episode.plan
    if plan is None or purpose is not Purpose.PICTURES:
        return ""
    parts = [" and ".join(plan.sides), ", ".join(words.FINDINGS[reason] for reason in plan.reasons),
             ", ".join(words.VIEWS.get(view, view) for view in plan.views)]  # fmt: skip
    parts += ["ultrasound in the same visit"] if plan.ultrasound else []
    parts += ["she hears that day"] if plan.answer_same_day else []
    return "; ".join(part for part in parts if part)


def _heed(patient: Patient, interpreter: str | None, anatomy: Sequence[str], visit: Visit) -> str:
    parts = [f"interpreter: {interpreter}"] if interpreter else []
    parts += [*anatomy, *(["confirmed"] if visit.confirmed_by_her else [])]
    parts += [f"missed before: {visit.missed}"] if visit.missed else []
    parts += ["safe contact: see her page"] if patient.safe_contact else []
    return "; ".join(parts)
