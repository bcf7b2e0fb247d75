"""The desk's pages: what is owed, a patient, the ledger."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from closerlook.desk import access, details, looks, owed, telling, words
from closerlook.desk.here import COUNTED, NAV, Here, books, books_lately, frame, patient_row, staff_only
from closerlook.desk.rounds import STORY
from closerlook.desk.tables import Column, csv_of, file_of, table, wants_file
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import may
from closerlook.pathway.loops import KINDS
from closerlook.pathway.terms import Role
from closerlook.portal import links
from closerlook.record import door


@staff_only
def home(request: HttpRequest, here: Here) -> HttpResponse:
    """What is owed: mine first; late, today, next; and whether everyone is accounted for."""
    if not access.comes_in("post", here.roles):  # an office, or a doctor outside: no work is owed there
        return redirect(next(f"desk:{route}" for route, _ in NAV[1:] if access.comes_in(route, here.roles)))
    who = request.GET.get("who", "mine")
    when, kind = request.GET.get("when", ""), request.GET.get("kind", "")
    rows = owed.whose(owed.visible(here), here, who)
    narrowed = owed.narrowed(rows, here, when, kind)
    if wants_file(request):
        whole = owed.file_of(narrowed, here)
        looks.listed(here.staff, here.now, "home, file", [row.stream for row in whole])
        return csv_of("owed", owed.COLUMNS, whole)
    newest = request.GET.get("order") == "newest"
    listed, more = owed.page(narrowed, here, request.GET.get("after", ""), newest=newest)
    looks.listed(here.staff, here.now, "home", [row.stream for row in listed])
    return render(
        request,
        "desk/home.html",
        frame(here, "home")
        | {
            "counts": owed.counts(owed.whose(owed.countable(here), here, who), here),
            "most": COUNTED,
            "rows": listed,
            "more": more,
            "who": who,
            "when": when,
            "kind": kind,
            "order": "newest" if newest else "",
            "kinds": sorted(KINDS.items(), key=lambda k: k[1]),
            "owners": [(r.value, words.owner(r.value)) for r in Role if r is not Role.LEAD],
            "books": books_lately(here),
        },
    )


@staff_only
def patient(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """One patient: what is owed and what closes it, what may be done now, and what happened."""
    row = patient_row(patient_id)
    history = door.look(patient_id)
    page = telling.patient_page(row, history, here)
    if wants_file(request):
        return file_of(request, "story", STORY, page["story"])
    twins = details.maybe_same(row, history.patient, here)
    looks.listed(here.staff, here.now, "patient", [one.pk for one, _ in twins])
    page |= {
        "table": table(request, STORY, page["story"]),
        "may_link": access.may_link(here.roles),
        "may_see_looks": access.comes_in("looked", here.roles),
        "may_merge": may(st.MergeInto, here.actor) and not history.patient.absorbed,
        "maybe_same": twins,
    }
    return render(request, "desk/patient.html", frame(here, "patient") | page)


@staff_only
def link(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """Make her a new personal link, shown once."""
    row = patient_row(patient_id)
    if not access.may_link(here.roles):
        raise PermissionDenied("Your role may not make a personal link. Ask the front desk.")
    if request.method != "POST":
        return redirect("desk:patient", patient_id)
    context = frame(here, "patient") | {"patient": row, "address": links.issue(row, here.now, here.site)}
    return render(request, "desk/link.html", context)


PLACES = (
    Column("place", "Place", lambda one: one[0]),
    Column("patients", "Patients", lambda one: one[1], "number"),
)
FEEDS = (
    Column("sender", "Sender", lambda one: one.sender or "not stated"),
    Column("came_in", "Came in", lambda one: one.came_in, "number"),
    Column("taken", "Taken", lambda one: one.taken, "number"),
    Column("repeated", "Repeated", lambda one: one.repeated, "number"),
    Column("set_aside", "Set aside", lambda one: one.set_aside, "number"),
    Column("discarded", "Discarded", lambda one: one.discarded, "number"),
    Column("waiting", "Waiting", lambda one: one.waiting, "number"),
)


@staff_only
def ledger(request: HttpRequest, here: Here) -> HttpResponse:
    """Where everyone is, and what came in."""
    found = books(here)
    for name, columns, rows in (("places", PLACES, found.places.items()), ("feeds", FEEDS, found.feeds)):
        if wants_file(request, name):
            return file_of(request, f"ledger-{name}", columns, rows, name)
    context = {
        "books": found,
        "places": table(request, PLACES, found.places.items(), name="places"),
        "feeds": table(request, FEEDS, found.feeds, name="feeds"),
    }
    return render(request, "desk/ledger.html", frame(here, "ledger") | context)
