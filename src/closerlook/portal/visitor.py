"""Who is looking: the link in the session, whether its date of birth was given, whether a code was.

The session holds a keyed hash of the token and never the token; it forgets after half an hour without a page, because
telephones and computers are shared. The desk keeps a session of its own, in another cookie.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from closerlook.limits import counting
from closerlook.limits.address import address_of, place_of
from closerlook.look import language
from closerlook.pathway.events import Actor, Capacity, ContactRoute, Kind
from closerlook.people.models import Patient, Site
from closerlook.portal import codes, links
from closerlook.portal.models import PersonalLink
from closerlook.record import door

KEPT_AS, SHARED_AS = "portal", "shared"
FORGOTTEN_AFTER = timedelta(minutes=30)
P = ParamSpec("P")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Visitor:
    """Someone who opened a personal link with its date of birth. `coded`: and gave a one-time code since."""

    link: PersonalLink
    patient: Patient
    site: Site
    now: datetime
    coded: bool

    @property
    def actor(self) -> Actor:
        if self.link.proxy:
            return Actor(Kind.PROXY, f"proxy-{self.link.pk}")
        return Actor(Kind.PATIENT, self.patient.pk)


def arrive(request: HttpRequest, token: str) -> None:
    """Keep a link in the session; whoever looked through another one before is signed off."""
    leave(request)
    request.session[KEPT_AS] = {"link": links.hash_of(token)}


def kept_link(request: HttpRequest) -> str | None:
    """Return the hash of the link that was followed in this browser, None where there is none."""
    kept: dict[str, Any] = request.session.get(KEPT_AS) or {}
    return kept.get("link")


def let_in(request: HttpRequest, link: PersonalLink, now: datetime) -> None:
    """Note that the date of birth was right. The session gets a new key: one planted before is worth nothing."""
    request.session.cycle_key()
    request.session[KEPT_AS] = {"link": link.token_hash, "opened": link.pk, "until": _until(now)}


def let_see(request: HttpRequest, link: PersonalLink) -> None:
    """Note that a one-time code was right. It holds for as long as codes would go to the same number."""
    request.session[KEPT_AS] = {**request.session[KEPT_AS], "coded": _where_codes_go(link)}


def _where_codes_go(link: PersonalLink) -> str:
    return salted_hmac("closerlook.portal.coded", codes.number_to_text(link) or "", algorithm="sha256").hexdigest()


def leave(request: HttpRequest) -> None:
    """Forget who looked: the whole session goes. The desk's, in the same browser, is another one."""
    if KEPT_AS in request.session or SHARED_AS in request.session:
        request.session.flush()


def visitor(request: HttpRequest) -> Visitor | None:
    """Return who is looking, None where the date of birth is still to be given or the link has ended since."""
    kept: dict[str, Any] = request.session.get(KEPT_AS) or {}
    now = timezone.now()
    if "opened" not in kept or datetime.fromisoformat(kept["until"]) <= now:
        return None
    link = PersonalLink.objects.select_related("patient__site").filter(pk=kept["opened"]).first()
    if link is None or not links.works(link, now) or not _still_acts(link):
        return None
    request.session[KEPT_AS] = {**kept, "until": _until(now)}
    coded = "coded" in kept and kept["coded"] == _where_codes_go(link)
    return Visitor(link, link.patient, link.patient.site, now, coded)


def guess(request: HttpRequest, now: datetime, look: Callable[[], Found | None]) -> Found | None:
    """Return what `look` finds by a birth date or a number, None where it is wrong.

    None too, without a look, where many wrong ones came from one place: each link counts its own, and this is for
    whoever holds many. The answer is that of a wrong one, so that nobody learns which it was.
    """
    where = place_of(address_of(request))
    if counting.take(counting.HERS, where, now=now) is not None:
        return None
    found = look()
    if found is not None:
        counting.give_back(counting.HERS, where)
    return found


def _still_acts(link: PersonalLink) -> bool:
    """Whether the one who holds a link acts for her still; her own link always stands."""
    if not link.proxy:
        return True
    wishes = door.look(link.patient_id).patient.wishes
    return wishes.route is ContactRoute.PROXY or wishes.capacity is Capacity.PROXY_DECIDES


def _until(now: datetime) -> str:
    return (now + FORGOTTEN_AFTER).isoformat()


def posted(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Take a form; whoever comes by the address bar or a page loaded anew is shown her page, not a blank error."""

    def only_posts(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request = args[0]
        if isinstance(request, HttpRequest) and request.method != "POST":
            return HttpResponseRedirect(reverse("portal:home"))
        return view(*args, **kwargs)

    update_wrapper(only_posts, view)
    return only_posts


def for_visitors(
    view: Callable[Concatenate[HttpRequest, Visitor, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give a view its visitor; without one, ask for the date of birth."""

    def ask_first(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        who = visitor(request)
        if who is None:
            return HttpResponseRedirect(reverse("portal:birth_date"))
        language.settle(request, who.patient.language)  # not before: it would say whose link this is
        closed = door.look(who.patient.pk).patient.died_on is not None
        if closed and request.path != reverse("portal:home"):
            return HttpResponseRedirect(reverse("portal:home"))  # where it says that the page is closed
        return view(request, who, *args, **kwargs)

    update_wrapper(ask_first, view)
    return ask_first
