"""A day without the software: the list to print beforehand, and entering afterwards what was done on paper.

A list is kept as it was printed. Afterwards each of its lines has to be one of three: closed in the record since,
still owed and not touched on paper, or to be entered now. Only then is the list reconciled.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.contrib import messages as flash
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from msgspec import Struct

from closerlook.desk import looks, offers, telling, words
from closerlook.desk.here import Here, frame, staff_only
from closerlook.desk.owed import common, for_people
from closerlook.desk.papers import PaperLine, PaperList
from closerlook.desk.tables import Column, csv_of, table, wants_file
from closerlook.pathway.closing import STEPS_FOR
from closerlook.pathway.events import Channel, ContactRoute, Wishes
from closerlook.pathway.loops import KINDS
from closerlook.people.models import Patient
from closerlook.record import door
from closerlook.record.models import OpenLoop

DAYS = (1, 3, 7)
AT_MOST = 2_000
"""Lines of a list at the most; a longer one says that it is cut."""


class Line(Struct, frozen=True):
    """One person's matter as it is printed."""

    stream: str
    owner: str
    due_at: datetime
    late: bool
    what: str
    about: str
    name: str
    born: date
    number: str
    phone: str
    heed: str


COLUMNS = (
    Column("owner", "By", lambda one: one.owner),
    Column("due", "Due", lambda one: one.due_at),
    Column("what", "Owed", lambda one: one.what),
    Column("about", "About", lambda one: one.about),
    Column("name", "Patient", lambda one: one.name),
    Column("born", "Born", lambda one: one.born),
    Column("number", "Number", lambda one: one.number),
    Column("phone", "Phone", lambda one: one.phone),
    Column("heed", "Heed", lambda one: one.heed),
)


@staff_only
def downtime(request: HttpRequest, here: Here) -> HttpResponse:
    """The lists made before; POST makes a new one and shows it for print."""
    if request.method == "POST":
        days = int(days) if (days := request.POST.get("days", "")) in map(str, DAYS) else DAYS[1]
        return redirect("desk:paper", make(here, days).pk)
    lists = PaperList.objects.filter(site=here.site.slug).order_by("-made_at")[:50]
    waiting = _lines_waiting([one.pk for one in lists])
    context = {"lists": [(one, waiting.get(one.pk, 0)) for one in lists], "days": DAYS}
    return render(request, "desk/downtime.html", frame(here, "manage") | context)


def make(here: Here, days: int) -> PaperList:
    """Keep a list of all that is owed by people here and due within so many days, as of now.

    Of the software's own share what is late or in trouble, as on their worklists.
    """
    until = here.now + timedelta(days=days)
    owed = for_people(until).filter(Q(site=here.site.slug) | common(here), due_at__lt=until)
    with transaction.atomic():
        made = PaperList.objects.create(made_at=here.now, made_by=here.actor.id, site=here.site.slug, days=days)
        PaperLine.objects.bulk_create(
            PaperLine(paper=made, stream=row.stream, kind=row.kind, subject=row.subject, opened_seq=row.opened_seq,
                      owner=row.owner, due_at=row.due_at)
            for row in owed.order_by("due_at", "stream", "kind", "subject")[:AT_MOST]
        )  # fmt: skip
    return made


@staff_only
def paper(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One list: to print, to take along, and afterwards to reconcile."""
    found = PaperList.objects.filter(pk=number, site=here.site.slug).first()
    if found is None:
        raise Http404("There is no such list at this site.")
    if request.method == "POST":
        _reconcile(request, here, found)
        return redirect("desk:paper", found.pk)
    kept = list(found.lines.order_by("owner", "due_at", "stream", "kind", "subject"))
    streams = {line.stream for line in kept}
    people = {p.id: p for p in Patient.objects.filter(id__in=streams).prefetch_related("identifiers")}
    histories = door.look_at(streams & people.keys())
    printed = [_printed(line, people.get(line.stream), histories.get(line.stream), here) for line in kept]
    if wants_file(request):
        looks.listed(here.staff, here.now, "paper list, file", streams & people.keys())
        return csv_of("paper-list", COLUMNS, printed)
    looks.listed(here.staff, here.now, "paper list", streams & people.keys())
    after = _after(kept, histories, here)
    context = {
        "paper": found,
        "cut": len(kept) == AT_MOST,
        "printed": printed,
        "table": table(request, COLUMNS, printed, page=AT_MOST),
        "after": [one for one in after if one["waits"]],
        "closed": sum(not one["waits"] and not one["untouched"] for one in after),
        "untouched": sum(bool(one["untouched"]) for one in after),
        "people": people,
    }
    return render(request, "desk/paper.html", frame(here, "manage") | context)


def _printed(line: PaperLine, patient: Patient | None, history: door.History | None, here: Here) -> Line:
    about = ""
    heed: list[str] = []
    if history is not None:
        its = telling.about_subject(history.patient, line.subject, here.now)
        about = telling.about_words(its, line.subject)
        heed = telling.known_of(history.patient)
    if patient is not None and patient.safe_contact:
        heed = [f"Safe contact: {patient.safe_contact}", *heed]
    return Line(
        stream=line.stream,
        owner=words.owner(line.owner),
        due_at=line.due_at,
        late=line.due_at < here.now,
        what=KINDS[line.kind],
        about=about,
        name=patient.name if patient else "a message set aside",
        born=patient.birth_date if patient else date.min,
        number=", ".join(i.value for i in patient.identifiers.all()) if patient else "",
        phone=_number(patient, history),
        heed=" ".join(heed),
    )


def _number(patient: Patient | None, history: door.History | None) -> str:
    """Return her number, unless she is not to be rung on it: what to heed says how she is reached then."""
    if patient is None:
        return ""
    wishes = history.patient.wishes if history is not None else Wishes()
    closed = Channel.PHONE in wishes.not_by or wishes.route is not ContactRoute.HERSELF
    return "not to be rung" if closed else patient.phone


def _key(line: PaperLine | OpenLoop) -> tuple[str, str, str, int]:
    return (line.stream, line.kind, line.subject, line.opened_seq)


def _still_owed(lines: Sequence[PaperLine]) -> set[tuple[str, str, str, int]]:
    streams = sorted({line.stream for line in lines})
    found: set[tuple[str, str, str, int]] = set()
    for start in range(0, len(streams), 500):
        rows = OpenLoop.objects.filter(stream__in=streams[start : start + 500])
        found |= {_key(row) for row in rows.only("stream", "kind", "subject", "opened_seq")}
    return found


def _lines_waiting(numbers: Sequence[int]) -> dict[int, int]:
    """Return, for each list not reconciled, how many lines are still owed and were not said to be untouched."""
    lines = list(PaperLine.objects.filter(paper__in=numbers, paper__reconciled_at=None, untouched_by=""))
    owed = _still_owed(lines)
    found: dict[int, int] = {}
    for line in lines:
        found[line.paper_id] = found.get(line.paper_id, 0) + (_key(line) in owed)
    return found


def _after(lines: Sequence[PaperLine], histories: dict[str, door.History], here: Here) -> list[dict[str, object]]:
    """Return what became of each line since it was printed, with the forms that enter what was done on paper."""
    owed = _still_owed(lines)
    found: list[dict[str, object]] = []
    for line in lines:
        open_now = _key(line) in owed
        steps: list[dict[str, str]] = []
        history = histories.get(line.stream)
        if open_now and history is not None:
            about = telling.about_subject(history.patient, line.subject, here.now)
            steps = [
                telling.link(step, line.stream, line.subject)
                for step in offers.offered(STEPS_FOR[line.kind], about, here.actor)
            ]
        elif open_now:
            steps = [{"label": "Look at the message", "href": reverse("desk:message", args=[line.stream])}]
        found.append(
            {"line": line, "what": KINDS[line.kind], "owner": words.owner(line.owner), "steps": steps,
             "waits": open_now and not line.untouched_by, "untouched": line.untouched_by if open_now else ""}
        )  # fmt: skip
    return found


def _reconcile(request: HttpRequest, here: Here, found: PaperList) -> None:
    """Mark the ticked lines as not touched on paper; with nothing left, close the list."""
    ticked = [int(one) for one in request.POST.getlist("untouched") if one.isdecimal() and len(one) < 12]
    with transaction.atomic():
        found.lines.filter(Q(pk__in=ticked), untouched_by="").update(untouched_by=here.actor.id)
        waiting = _lines_waiting([found.pk]).get(found.pk, 0)
        if waiting == 0 and found.reconciled_at is None:
            PaperList.objects.filter(pk=found.pk).update(reconciled_at=here.now, reconciled_by=here.actor.id)
    if waiting:
        flash.info(request, f"Kept. {waiting} lines are still to be entered, or to be ticked as not touched.")
    else:
        flash.success(request, "Reconciled: every line is closed in the record, or nobody touched it on paper.")
