"""Finding a patient. What was asked for comes in the body of the request: no address, history or log ever holds it."""

from datetime import date, datetime

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from closerlook.desk.here import Here, frame, staff_only
from closerlook.people.models import Patient

AT_MOST = 30
DAYS = ("%Y-%m-%d", "%Y%m%d", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y")


@staff_only
def find(request: HttpRequest, here: Here) -> HttpResponse:
    """Patients by name, number or birth date; straight to her page where there is one."""
    asked = request.POST.get("q", "").strip()[:200]
    found = matching(asked) if asked else []
    if len(found) == 1:
        return redirect("desk:patient", found[0].id)
    context = {"asked": asked, "found": found[:AT_MOST], "more": len(found) > AT_MOST, "search_value": asked}
    return render(request, "desk/find.html", frame(here, "find") | context)


def matching(asked: str) -> list[Patient]:
    """Return whom the words fit: every word has to fit the name, a number or the birth date of the same person."""
    words = asked.replace(",", " ").split()
    born = _day(" ".join(words))
    which = Q(birth_date=born) if born else Q()
    if not born:
        for word in words:
            which &= _fits(word)
    found = Patient.objects.filter(which).distinct().order_by("family", "given", "birth_date")
    return list(found[: AT_MOST + 1]) if words else []


def _fits(word: str) -> Q:
    fits = Q(family__istartswith=word) | Q(given__istartswith=word) | Q(middle__istartswith=word)
    fits |= Q(family__icontains=f" {word}") | Q(family__icontains=f"-{word}")
    fits |= Q(identifiers__value__iexact=word) | Q(id=word)
    born = _day(word)
    return fits | Q(birth_date=born) if born else fits


def _day(asked: str) -> date | None:
    for pattern in DAYS:
        try:
            return datetime.strptime(asked, pattern).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None
