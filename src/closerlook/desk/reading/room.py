"""The reading room's first page: how many wait and since when, a batch begun or gone on with, who holds what."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from msgspec import Struct

from closerlook.desk import access, words
from closerlook.desk.here import NOT_YOURS, Here, frame, names_of_staff, staff_only
from closerlook.desk.reading import handing
from closerlook.desk.reading.models import Batch, HandOut
from closerlook.desk.reading.waiting import LISTS, waiting
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import may
from closerlook.pathway.loops import KINDS
from closerlook.record import door
from closerlook.record.models import OpenLoop

NOTHING_LEFT = "Nothing is left here for you just now. What still waits is with another reader, or waits for one."
SHOWN = 25
"""Lines of a list on the first page, at most."""


class Begin(forms.Form):
    """How many to read in one sitting, and from which list."""

    listing = forms.ChoiceField(choices=[(name, one.label) for name, one in LISTS.items()])
    size = forms.IntegerField(min_value=1, max_value=handing.LARGEST)


class Waits(Struct, frozen=True):
    """How much of one list waits: cases, of them those in front, the oldest, and how many of each kind."""

    name: str
    label: str
    cases: int
    first: int
    oldest: datetime | None
    kinds: list[tuple[str, int]]


@staff_only
def room(request: HttpRequest, here: Here) -> HttpResponse:
    """Show what waits; begin a batch, go on with it, stop."""
    reads = may(st.RecordReading, here.actor)
    if request.method == "POST":
        if not reads:
            raise PermissionDenied(NOT_YOURS)
        return _done(request, here)
    batch = handing.batch_of(here.actor.id)
    leads = not access.LEADING.isdisjoint(here.roles)
    names = names_of_staff()
    context: dict[str, Any] = {
        "reads": reads,
        "lists": [_waits(name, here) for name in LISTS],
        "batch": batch,
        "done": handing.done(batch) if batch else 0,
        "listing": LISTS[batch.listing].label if batch else "",
        "largest": handing.LARGEST,
        "held": _held(here, names),
        "leads": leads,
        "hands": _hands(here, names) if leads else [],
    }
    return render(request, "desk/reading_room.html", frame(here, "reading") | context)


def _done(request: HttpRequest, here: Here) -> HttpResponse:
    match request.POST.get("do"):
        case "begin":
            form = Begin(request.POST)
            if not form.is_valid():
                flash.error(request, f"Choose how many you want to read: 1 to {handing.LARGEST}.")
                return redirect("desk:reading")
            handing.begin(here, form.cleaned_data["listing"], form.cleaned_data["size"])
        case "stop":
            handing.stop(here)
            flash.info(request, "Stopped. What you had open was given back.")
            return redirect("desk:reading")
    return onward(request, here)


def onward(request: HttpRequest, here: Here) -> HttpResponse:
    """Lead a reader to their next case, or back to the room where the batch is at its end."""
    batch = handing.batch_of(here.actor.id)
    found = handing.following(here, batch) if batch else handing.current(here)
    if found is not None:
        return redirect("desk:reading_case", found.stream, found.exam)
    if batch is not None:
        count = handing.done(batch)
        handing.stop(here)
        flash.success(request, f"Your batch is at its end: {count} of {batch.size}.")
        if count < batch.size:
            flash.info(request, NOTHING_LEFT)
    return redirect("desk:reading")


def progress(batch: Batch | None) -> str:
    """Return which case of the batch this is, "" without one: "7 of 25"."""
    return f"{handing.done(batch) + 1} of {batch.size}" if batch else ""


def _waits(name: str, here: Here) -> Waits:
    listing = LISTS[name]
    rows = waiting(here.site.slug, listing.kinds, here.now)
    cases: dict[tuple[str, str], tuple[str, bool]] = {}
    for one in rows:
        cases.setdefault((one.stream, one.exam), (one.kind, one.first))
    counted = [(KINDS[kind], sum(k == kind for k, _ in cases.values())) for kind in listing.kinds]
    return Waits(
        name=name,
        label=listing.label,
        cases=len(cases),
        first=sum(first for _, first in cases.values()),
        oldest=min((one.due_at for one in rows), default=None),
        kinds=[(label, count) for label, count in counted if count],
    )


def _held(here: Here, names: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """Return the readings on hold, as (what, why and who looks again, patient id, examination); no name among them."""
    rows = OpenLoop.objects.filter(site=here.site.slug, kind="release_reading").order_by("due_at")[:SHOWN]
    lines = []
    for loop in rows:
        found = door.look(loop.stream).patient.exam(loop.subject)
        if found is not None and found[1].reading.held is not None:
            exam, why = found[1], found[1].reading.held
            who = names.get(why.release_by, why.release_by)
            what = f"{words.EXAMINATIONS[exam.kind]}, {words.day(exam.performed_at)}"
            lines.append((what, f"{why.reason}; {who} looks again", loop.stream, exam.id))
    return lines


def _hands(here: Here, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return who holds what just now, for who leads; without the names of patients."""
    rows = HandOut.objects.filter(site=here.site.slug, ended_at=None).select_related("batch").order_by("handed_at")
    return [
        {
            "reader": names.get(one.reader, one.reader),
            "what": KINDS[one.kind],
            "progress": progress(one.batch),
            "since": timezone.localtime(one.handed_at),
            "until": timezone.localtime(one.held_until),
            "lapsed": one.held_until < here.now,
            "stream": one.stream,
        }
        for one in rows
    ]
