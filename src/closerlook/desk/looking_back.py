"""Who looked at whom: reports of the looks, by member of staff and by patient. An auditor reads them without a name."""

from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from closerlook.desk import looks
from closerlook.desk.access import OFFICE
from closerlook.desk.here import Here, frame, names_of_staff, staff_only
from closerlook.desk.tables import AT_MOST, Column, file_of, table, wants_file
from closerlook.people.models import Look, Patient

SPANS = {"1": "today and yesterday", "7": "a week", "31": "a month", "366": "a year"}
COLUMNS = (
    Column("when", "When", lambda look: look.looked_at),
    Column("who", "Who", lambda look: look.name),
    Column("page", "Page", lambda look: look.page),
    Column("record", "Record", lambda look: look.record),
    Column("site", "Site", lambda look: look.site),
    Column("reason", "Reason given", lambda look: look.reason),
)


class Line:
    """A look as a report shows it: whom a list named is counted, not listed."""

    def __init__(self, look: Look, names: dict[str, str], here: Here) -> None:
        self.looked_at, self.site = look.looked_at, look.site
        # A reason is a colleague's own words, and may name her: who is to read no name reads that there is one.
        self.reason = look.reason if not OFFICE.isdisjoint(here.roles) or not look.reason else "given"
        self.name = names.get(look.who, look.who)
        self.page = look.page.replace("_", " ")
        self.record = look.patient or f"a list of {len(look.shown.split())}"


@staff_only
def looks_of_staff(request: HttpRequest, here: Here) -> HttpResponse:
    """Every look of the last days: by whom, at which record, on which page, and the reasons given at the glass."""
    span = request.GET.get("days", "7")
    span = span if span in SPANS else "7"
    who = request.GET.get("who", "")
    rows = Look.objects.filter(looked_at__gte=_since(here.now, span)).order_by("-looked_at", "-id")
    hers = Patient.objects.filter(site=here.site.slug).values("id")
    rows = rows.filter(Q(site=here.site.slug) | (Q(patient__in=hers) & ~Q(reason="")))
    if who:
        rows = rows.filter(who=who)
    if request.GET.get("glass"):
        rows = rows.exclude(reason="")
    names = names_of_staff()
    listed = [Line(look, names, here) for look in rows[:AT_MOST]]
    if wants_file(request):
        return file_of(request, "looks", COLUMNS, listed)
    context = {
        "table": table(request, COLUMNS, listed),
        "full": len(listed) == AT_MOST,
        "spans": SPANS,
        "days": span,
        "who": who,
        "glass": bool(request.GET.get("glass")),
        "names": sorted(names.items(), key=lambda one: one[1]),
        "by_person": Counter(line.name for line in listed).most_common(10),
    }
    return render(request, "desk/looks.html", frame(here, "looks") | context)


@staff_only
def looks_at_patient(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """Every look at one patient's data in the last year, for her or for who answers her question."""
    span = request.GET.get("days", "366")
    span = span if span in SPANS else "366"
    names = names_of_staff()
    listed = [Line(look, names, here) for look in looks.of_patient(patient_id, _since(here.now, span))]
    if wants_file(request):
        return file_of(request, "looks-at-one-record", COLUMNS, listed)
    row = Patient.objects.get(pk=patient_id)
    context = {"table": table(request, COLUMNS, listed), "patient": row, "spans": SPANS, "days": span}
    return render(request, "desk/looked.html", frame(here, "looks") | context)


def _since(now: datetime, days: str) -> datetime:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=int(days))
