"""Who is looking: the link in the session, whether its date of birth was given, whether a code was.

The session holds a keyed hash of the token and never the token; it forgets after half an hour without a page, because
telephones and computers are shared. Staff may be signed in in the same browser: only what is kept here is forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from closerlook.pathway.events import Actor, Kind
from closerlook.people.models import Patient, Site
from closerlook.portal import links
from closerlook.portal.models import PersonalLink

KEPT_AS = "portal"
FORGOTTEN_AFTER = timedelta(minutes=30)
P = ParamSpec("P")


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


def let_see(request: HttpRequest) -> None:
    """Note that a one-time code was right."""
    request.session[KEPT_AS] = {**request.session[KEPT_AS], "coded": True}


def leave(request: HttpRequest) -> None:
    """Forget who looked. Where nobody of the staff is signed in, the whole session goes."""
    if request.session.pop(KEPT_AS, None) is not None and "_auth_user_id" not in request.session:
        request.session.flush()


def visitor(request: HttpRequest) -> Visitor | None:
    """Return who is looking, None where the date of birth is still to be given or the link has ended since."""
    kept: dict[str, Any] = request.session.get(KEPT_AS) or {}
    now = timezone.now()
    if "opened" not in kept or datetime.fromisoformat(kept["until"]) <= now:
        return None
    link = PersonalLink.objects.select_related("patient__site").filter(pk=kept["opened"]).first()
    if link is None or not links.works(link, now):
        return None
    request.session[KEPT_AS] = {**kept, "until": _until(now)}
    return Visitor(link, link.patient, link.patient.site, now, bool(kept.get("coded")))


def _until(now: datetime) -> str:
    return (now + FORGOTTEN_AFTER).isoformat()


def for_visitors(
    view: Callable[Concatenate[HttpRequest, Visitor, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give a view its visitor; without one, ask for the date of birth."""

    def ask_first(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        who = visitor(request)
        if who is None:
            return HttpResponseRedirect(reverse("portal:birth_date"))
        return view(request, who, *args, **kwargs)

    update_wrapper(ask_first, view)
    return ask_first
