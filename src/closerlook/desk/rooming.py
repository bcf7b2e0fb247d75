"""The unit's rooms: what can be done there, when they give times, and the days they do not."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from closerlook.desk import looks, words
from closerlook.desk.access import WORKING
from closerlook.desk.day import who_comes
from closerlook.desk.here import Here, frame, staff_only
from closerlook.desk.tables import Column, file_of, number_of, table, wants_file
from closerlook.pathway.events import Purpose
from closerlook.people import sites
from closerlook.people.models import Patient
from closerlook.visits import rooms as setting_up
from closerlook.visits.models import Room
from closerlook.visits.rooms import WrongRoom

FARTHEST = 730
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SESSIONS = (
    Column("day", "Day", lambda one: one.weekday),
    Column("hours", "Hours", lambda one: f"{one.opens:%H:%M}–{one.closes:%H:%M}"),
    Column("from", "From", lambda one: one.valid_from),
    Column("until", "Until", lambda one: one.valid_until),
)


def done_in(room: Room) -> str:
    """Return what is done in a room, in words."""
    parts = [words.VISITS[purpose] for purpose in Purpose if purpose in room.does]
    return ", ".join([*parts, *(["with ultrasound"] if room.ultrasound else [])])


def opening(room: Room) -> str:
    """Return on which weekdays a room gives times from today on."""
    today = timezone.localdate()
    days = {s.weekday for s in room.sessions.all() if s.valid_until is None or s.valid_until >= today}
    return ", ".join(WEEKDAYS[day] for day in sorted(days)) or "never"


COLUMNS = (
    Column("name", "Room", lambda room: room.name),
    Column("does", "What is done there", done_in),
    Column("minutes", "Minutes a visit", lambda room: room.slot_minutes, "number"),
    Column("open", "Open", opening),
)


class RoomForm(forms.Form):
    """A room of the unit."""

    name = forms.CharField(label="Name, as her letter says it", max_length=120)
    purposes = forms.MultipleChoiceField(
        label="What is done there", choices=[(p.value, words.VISITS[p]) for p in Purpose],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    ultrasound = forms.BooleanField(label="There is ultrasound, for the same visit", required=False)
    slot_minutes = forms.IntegerField(label="Minutes a visit", initial=30, min_value=5, max_value=240)
    notice_hours = forms.IntegerField(label="Hours of notice at least", initial=4, min_value=0, max_value=336)


class SessionForm(forms.Form):
    """Hours in which a room gives times, on one weekday or several."""

    weekdays = forms.TypedMultipleChoiceField(
        label="Days", choices=list(enumerate(WEEKDAYS)), coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one day."},
    )  # fmt: skip
    opens = forms.TimeField(label="Opens", widget=forms.TimeInput(attrs={"type": "time"}))
    closes = forms.TimeField(label="Closes", widget=forms.TimeInput(attrs={"type": "time"}))
    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"}))


class ClosedForm(forms.Form):
    """A day on which a room gives no times."""

    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="Why", max_length=120)

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if abs((day - timezone.localdate()).days) > FARTHEST:
            raise forms.ValidationError("Choose a day within the next two years.")
        return day


@staff_only
def rooms(request: HttpRequest, here: Here) -> HttpResponse:
    """The rooms of the site, and adding one."""
    form = RoomForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            room = setting_up.add(here.site, data.pop("name"), [Purpose(p) for p in data.pop("purposes")], **data)
        except WrongRoom as why:
            form.add_error(None, str(why))
        else:
            flash.success(request, f"{room.name} is added. Say now when it is open.")
            return redirect("desk:room", room.slug)
    found = setting_up.rooms_of(here.site)
    if wants_file(request):
        return file_of(request, "rooms", COLUMNS, found)
    context = {
        "form": form, "table": table(request, COLUMNS, found), "done_in": done_in, "opening": opening,
    }  # fmt: skip
    return render(request, "desk/rooms.html", frame(here, "manage") | context)


@staff_only
def room(request: HttpRequest, here: Here, slug: str) -> HttpResponse:
    """One room: what it is, when it gives times, the days it does not."""
    found = Room.objects.filter(pk=slug, site=here.site).first()
    if found is None:
        raise Http404("There is no such room at this site.")
    which = request.POST.get("which", "")
    shown = {"name": found.name, "purposes": sorted(found.does), "ultrasound": found.ultrasound,
             "slot_minutes": found.slot_minutes, "notice_hours": found.notice_hours}  # fmt: skip
    today = timezone.localdate(here.now)
    fresh = {"first": today, "weekdays": [] if found.sessions.exists() else setting_up.WORKING_WEEK}
    given: dict[str, Any] = {
        "change": RoomForm(request.POST if which == "change" else None, initial=shown),
        "session": SessionForm(request.POST if which == "session" else None, initial=fresh),
        "closed": ClosedForm(request.POST if which == "closed" else None),
    }
    if request.method == "POST" and _done(request, here, found, given, today):
        return redirect("desk:room", slug)
    sessions = list(found.sessions.order_by("weekday", "opens"))
    if wants_file(request):
        return file_of(request, "sessions", SESSIONS, sessions)
    context = given | {
        "room": found,
        "table": table(request, SESSIONS, sessions),
        "weekdays": WEEKDAYS,
        "days": found.closed_days.filter(day__gte=today).order_by("day"),
    }
    return render(request, "desk/room.html", frame(here, "manage") | context)


def _done(request: HttpRequest, here: Here, found: Room, given: dict[str, Any], today: date) -> bool:
    """Do what one of the forms asks for; else say on the form why not."""
    which = request.POST.get("which", "")
    if which == "end":
        session = found.sessions.filter(pk=number_of(request.POST.get("session", ""))).first()
        if session is not None:
            setting_up.end_session(session, today)
            flash.success(request, "It gives times until tonight and no longer. Visits that stand keep their times.")
        return True
    if which == "reopen":
        for one in found.closed_days.filter(day__gte=today):
            if one.day.isoformat() == request.POST.get("day", ""):
                setting_up.reopen_day(found, one.day)
        return True
    form = given.get(which)
    if form is None or not form.is_valid():
        return False
    data = dict(form.cleaned_data)
    try:
        match which:
            case "change":
                setting_up.change(found, **data | {"purposes": [Purpose(p) for p in data["purposes"]]})
                flash.success(request, "Kept, from now on.")
            case "session":
                setting_up.open_week(found, [(data.pop("opens"), data.pop("closes"))], data.pop("weekdays"), **data)
                flash.success(request, "It gives times in these hours now.")
            case "closed":
                _say_whose(request, here, setting_up.close_day(found, data["day"], data["reason"]), data["day"], found)
    except WrongRoom as why:
        form.add_error(None, str(why))
        return False
    return True


def _say_whose(request: HttpRequest, here: Here, standing: list[setting_up.Taken], day: date, found: Room) -> None:
    """Say whose visits stand on a day that was closed, and how many name no room: each is to be moved with her."""
    if WORKING.isdisjoint(here.roles):
        flash.warning(request, f"Closed. {len(standing)} visits stand on that day; the desk moves them with her.")
        return
    names = {p.id: p.name for p in Patient.objects.filter(pk__in=[one.patient for one in standing])}
    looks.listed(here.staff, here.now, "room", names)
    calendar = sites.protocol(here.site.slug).calendar
    coming = who_comes(here, calendar.start_of(day), calendar.end_of(day))
    purposes = {words.VISITS[purpose] for purpose in found.does}
    others = sum(one.purpose in purposes and one.stream not in names for one in coming)
    if others:
        flash.warning(request, f"{others} more visits of that day may be meant for this room: they were booked without "
                               "one. Look through Visits of that day, and move them with her.")  # fmt: skip
    if not standing:
        flash.success(request, "Closed. No visit stands in this room on that day.")
        return
    said = "; ".join(f"{timezone.localtime(one.starts_at):%H:%M} {names.get(one.patient, '')}" for one in standing)
    flash.warning(request, f"Closed. These visits stand on that day and are to be moved: {said}.")
