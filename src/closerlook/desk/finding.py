"""Finding a patient. What was asked for comes in the body of the request: no address, history or log ever holds it."""

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from closerlook.desk import looks
from closerlook.desk.errors import too_many
from closerlook.desk.here import Here, frame, staff_only
from closerlook.desk.words import plain
from closerlook.limits import counting
from closerlook.look.words import time_words
from closerlook.people.models import Patient
from closerlook.portal.digits import digits_of
from closerlook.record.models import Head, OpenLoop

AT_MOST = 30
DAYS = ("%Y-%m-%d", "%Y%m%d", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%d.%m.%Y")
MONTH_FIRST, DAY_FIRST = "%m/%d/%Y", "%d/%m/%Y"


@staff_only
def find(request: HttpRequest, here: Here) -> HttpResponse:
    """Patients of the site by name, number or birth date; straight to her page where there is one.

    Of other sites' it says only that there is a record, to who knows her number and her birth date.
    """
    asked = request.POST.get("q", "").replace("\0", "").strip()[:200]
    if asked and (until := counting.take(counting.SEARCH, here.actor.id, now=here.now)) is not None:
        return too_many(request, f"These were many searches in a short time. Search again at {_clock(until, here)}.")
    found = matching(asked, here) if asked else []
    if len(found) == 1:
        return redirect("desk:patient", found[0].id)
    shown = found[:AT_MOST]
    looks.listed(here.staff, here.now, "find", [one.id for one in shown])
    outside = [] if found or not asked else elsewhere(asked, here)
    heads = Head.objects.filter(stream__in=[one.id for one in shown]).values_list("stream", "place")
    places = {stream: plain(place) for stream, place in heads}
    context = {
        "places": places,
        "asked": asked,
        "found": shown,
        "more": len(found) > AT_MOST,
        "search_value": asked,
        "outside": outside,
    }
    return render(request, "desk/find.html", frame(here, "find") | context)


def _clock(until: datetime, here: Here) -> str:
    return time_words(until + timedelta(minutes=1), here.site.zone)


def matching(asked: str, here: Here) -> list[Patient]:
    """Return whom the words fit: every word has to fit the name, a number or the birth date of the same person."""
    words = asked.replace(",", " ").split()
    born = _day(" ".join(words))
    which = Q(birth_date=born) if born else Q()
    phone = digits_of(asked)
    if not born and len(phone) >= 7 and not any(c.isalpha() for c in asked):
        which = _fits(words[0]) if len(words) == 1 else Q(pk__in=[])
        which |= Q(pk__in=_by_phone(phone, here))
    elif not born:
        for word in words:
            which &= _fits(word)
    found = (
        Patient.objects.filter(_here(here))
        .filter(which)
        .distinct()
        .prefetch_related("identifiers")
        .order_by("family", "given", "birth_date")
    )
    return list(found[: AT_MOST + 1]) if words else []


def _here(here: Here) -> Q:
    """Return who is found at a site: entered there, or with something owed there."""
    return Q(site=here.site) | Q(Exists(OpenLoop.objects.filter(stream=OuterRef("pk"), site=here.site.slug)))


def _by_phone(phone: str, here: Here) -> list[str]:
    """Return whose number ends in these digits, however it was written."""
    near = Patient.objects.filter(site=here.site, phone__contains=phone[-4:]).values_list("pk", "phone")[:2_000]
    return [pk for pk, known in near if digits_of(known).endswith(phone[-10:])]


def elsewhere(asked: str, here: Here) -> list[Patient]:
    """Return whom of another site a whole number and a whole birth date name together."""
    words = asked.replace(",", " ").split()
    days = [day for word in words if (day := _day(word)) is not None]
    if len(words) != 2 or len(days) != 1:
        return []
    number = next(word for word in words if _day(word) is None)
    found = Patient.objects.select_related("site").filter(birth_date=days[0], identifiers__value__iexact=number)
    return list(found.exclude(site=here.site).distinct()[:5])


def _fits(word: str) -> Q:
    fits = Q(family__istartswith=word) | Q(given__istartswith=word) | Q(middle__istartswith=word)
    fits |= Q(family__icontains=f" {word}") | Q(family__icontains=f"-{word}")
    fits |= Q(identifiers__value__iexact=word) | Q(id=word)
    born = _day(word)
    return fits | Q(birth_date=born) if born else fits


def _read(asked: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(asked, pattern).date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return None


def _day(asked: str) -> date | None:
    """Return the day that somebody wrote; None also where 3/4/1982 could be two days."""
    if "/" in asked:
        first, second = (_read(asked, pattern) for pattern in (MONTH_FIRST, DAY_FIRST))
        return first or second if first is None or second is None or first == second else None
    for pattern in DAYS:
        try:
            return datetime.strptime(asked, pattern).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None
