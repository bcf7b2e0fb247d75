"""Who is at the desk: every page asks this first."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from msgspec import Struct

from closerlook.desk import access, looks
from closerlook.desk.access import Shows
from closerlook.exchange.ledger import Ledger, ledger
from closerlook.exchange.models import Message, MessageOutcome
from closerlook.pathway.deciding import may
from closerlook.pathway.events import Actor, Kind
from closerlook.pathway.steps import Step
from closerlook.people.models import Patient, Site, Staff, TrustedSender
from closerlook.people.roles import WORKING
from closerlook.record.models import OpenLoop

P = ParamSpec("P")
NOT_YOURS = "This page is not for your role. Ask the manager, who may do it or give you the role."
OF_ANOTHER_SITE = "This record is not your site's. Open it from the search, and say why you need it."
NO_ROLE = "This account has no role here. Ask the manager to give it one."


class Here(Struct, frozen=True):
    """A member of staff at work: as an actor, by name, at a site, at a moment."""

    actor: Actor
    name: str
    site: Site
    now: datetime
    staff: Staff

    @property
    def roles(self) -> tuple[str, ...]:
        return self.actor.roles


def staff_only(
    view: Callable[Concatenate[HttpRequest, Here, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in whom the table of `access` lets in, and hand them to the view; times on the page are the site's.

    A record of another site opens to who gives a reason. What was shown is written down before it goes out.
    """

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("desk:sign_in"))
        staff = Staff.objects.select_related("site", "user").filter(user_id=request.user.pk).first()
        if staff is None or not staff.role_set:
            raise PermissionDenied(NO_ROLE)
        here = Here(
            Actor(Kind.STAFF, staff.user.username, staff.role_set), staff.name, staff.site, timezone.now(), staff
        )
        route = str(request.resolver_match.url_name) if request.resolver_match else ""
        if not access.comes_in(route, here.roles):
            raise PermissionDenied(NOT_YOURS)
        about = _about(route, here, kwargs)
        with timezone.override(staff.site.zone):
            for one in about:
                if not access.is_theirs(staff, one, here.now):
                    return _outside(request, here, one)
            answer = view(request, here, *args, **kwargs)
        if about and not 300 <= answer.status_code < 400:
            for one in about:
                looks.note(staff, here.now, route, one)
        elif access.ROUTES[route].shows is Shows.MESSAGE and answer.status_code < 300:
            looks.listed(staff, here.now, route, [str(kwargs["message_id"])])  # nobody knows yet whose it is
        return answer

    return inner


def _about(route: str, here: Here, kwargs: dict[str, Any]) -> tuple[str, ...]:
    """Return whose data an address shows, nobody where it is nobody's or not known yet."""
    match access.ROUTES[route].shows:
        case Shows.PATIENT:
            patient = str(kwargs["patient_id"])
            if not Patient.objects.filter(pk=patient).exists():
                raise Http404("There is no such patient here.")
            return (patient,)
        case Shows.MESSAGE:
            message = str(kwargs["message_id"])
            patients = access.patients_of(message)
            if not patients and access.site_of_sender(message) not in ("", here.site.slug):
                raise PermissionDenied(OF_ANOTHER_SITE)
            return patients
    return ()


def _outside(request: HttpRequest, here: Here, patient: str) -> HttpResponse:
    """Answer who asked for a record that is not their site's: say why they need it, or nothing is shown."""
    if request.method == "GET" and access.comes_in("glass", here.roles):
        return redirect("desk:glass", patient)
    raise PermissionDenied(OF_ANOTHER_SITE)


NAV = (
    ("home", "Owed"),
    ("calls", "Calls"),
    ("reading", "Reading"),
    ("day", "Visits"),
    ("boards", "Boards"),
    ("post", "To post"),
    ("inbox", "Set aside"),
    ("manage", "Unit"),
    ("staff", "Staff"),
    ("patients", "Patients"),
)
"""The menu: routes and their words, in order. Each is shown to whom the table of `access` lets in."""
COUNTED = 500
"""Nobody needs to know how far beyond this a list goes, and counting it would cost every look at a page."""


def _to_post(here: Here) -> int:
    rows = OpenLoop.objects.filter(kind="post_document", site__in=("", here.site.slug))
    return rows[:COUNTED].count()


def set_aside(here: Here) -> QuerySet[Message]:
    """Return the messages set aside that are this site's to look at: its senders', and those of unknown ones."""
    others = TrustedSender.objects.exclude(site=here.site).values("sender")
    return Message.objects.filter(outcome=MessageOutcome.SET_ASIDE).exclude(sender__in=others)


def _set_aside(here: Here) -> int:
    return set_aside(here)[:COUNTED].count()


COUNTS: dict[str, Callable[[Here], int]] = {"post": _to_post, "inbox": _set_aside}


def frame(here: Here, place: str) -> dict[str, Any]:
    """Return what every page of the desk shows around its content. `place` names the page in the menu."""
    shown = [(route, label) for route, label in NAV if access.comes_in(route, here.roles)]
    return {
        "nav": [
            {
                "label": label,
                "href": reverse(f"desk:{route}"),
                "here": route == place,
                "count": COUNTS[route](here) if route in COUNTS else None,
                "most": COUNTED,
            }
            for route, label in shown
        ],
        "user_name": here.name,
        "user_role": ", ".join(role.replace("_", " ") for role in here.roles),
        "sign_out_url": reverse("desk:sign_out"),
        "account_url": reverse("mfa_index"),
        "search_url": reverse("desk:find") if access.comes_in("find", here.roles) else "",
        "site": here.site,
        "zone": here.site.zone,
        "today": timezone.localdate(here.now),
    }


def patient_row(patient_id: str) -> Patient:
    """Return who a patient is. Raises Http404 for an id that nobody has."""
    row = Patient.objects.select_related("provider").filter(pk=patient_id).first()
    if row is None:
        raise Http404("There is no such patient here.")
    return row


def names_of_staff() -> dict[str, str]:
    """Return everyone who works here by sign-in name: "Ana Ruiz, navigator"."""
    found = Staff.objects.select_related("user").order_by("name")
    return {s.user.username: f"{s.name}, {' and '.join(s.role_set).replace('_', ' ')}" for s in found}


def colleagues(site: Site) -> dict[str, str]:
    """Return who can be given work at a site, by sign-in name: accounts that are open, with a role that owns work."""
    names = names_of_staff()
    return {str(who): names[str(who)] for who in at_work(site)}


def to_be_named(here: Here, patient_id: str) -> dict[str, str]:
    """Return who may be named for work on a record, by sign-in name: colleagues here.

    Whoever opened it with a reason alone names who works at its own site: a name keeps it open beyond the working day.
    """
    if access.has_a_right(here.staff, patient_id):
        return colleagues(here.site)
    hers = Site.objects.filter(slug__in=access.sites_of(patient_id))
    return {who: name for site in hers for who, name in colleagues(site).items()}


def at_work(site: Site) -> dict[str | None, tuple[str, ...]]:
    """Return the roles of everyone who can be given work at a site, by sign-in name."""
    found = Staff.objects.filter(site=site, user__is_active=True).select_related("user")
    return {s.user.username: s.role_set for s in found if not WORKING.isdisjoint(s.role_set)}


def who_may(step: type[Step]) -> frozenset[str]:
    """Return the sign-ins of everyone whose role may take a step."""
    found = Staff.objects.select_related("user")
    return frozenset(s.user.username for s in found if may(step, Actor(Kind.STAFF, s.user.username, s.role_set)))


SECONDS_KEPT = 60.0
_kept: dict[str, tuple[float, Ledger]] = {}


def books(here: Here) -> Ledger:
    """Return the ledger as it stands now."""
    found = ledger(here.now)
    _kept[str(connection.settings_dict["NAME"])] = (time.monotonic(), found)
    return found


def books_lately(here: Here) -> Ledger:
    """Return the ledger, up to a minute old: adding up every message is too much for each look at a worklist."""
    kept = _kept.get(str(connection.settings_dict["NAME"]))
    if kept is not None and time.monotonic() - kept[0] < SECONDS_KEPT:
        return kept[1]
    return books(here)
