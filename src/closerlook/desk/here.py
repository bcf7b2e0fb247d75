"""Who is at the desk: every page asks this first."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from msgspec import Struct

from closerlook.exchange.ledger import Ledger, ledger
from closerlook.exchange.models import Message, MessageOutcome
from closerlook.pathway.deciding import may
from closerlook.pathway.events import Actor, Kind
from closerlook.pathway.steps import Step
from closerlook.pathway.terms import Role
from closerlook.people.models import Site, Staff
from closerlook.record.models import OpenLoop

P = ParamSpec("P")
PLANNERS = frozenset({Role.MANAGER, Role.LEAD})
NO_ROLE = "This account has no role here. Ask the manager to give it one."


class Here(Struct, frozen=True):
    """A member of staff at work: as an actor, by name, at a site, at a moment."""

    actor: Actor
    name: str
    site: Site
    now: datetime

    @property
    def roles(self) -> tuple[str, ...]:
        return self.actor.roles


def staff_only(
    view: Callable[Concatenate[HttpRequest, Here, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let only signed-in staff in, and hand them to the view; times on the page are the site's."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("desk:sign_in"))
        staff = Staff.objects.select_related("site", "user").filter(user_id=request.user.pk).first()
        if staff is None or not staff.role_set:
            raise PermissionDenied(NO_ROLE)
        here = Here(Actor(Kind.STAFF, staff.user.username, staff.role_set), staff.name, staff.site, timezone.now())
        with timezone.override(staff.site.zone):
            return view(request, here, *args, **kwargs)

    return inner


def frame(here: Here, place: str) -> dict[str, Any]:
    """Return what every page of the desk shows around its content. `place` names the page in the menu."""
    waiting = Message.objects.filter(outcome=MessageOutcome.SET_ASIDE).count()
    to_post = OpenLoop.objects.filter(kind="post_document").count()
    items: tuple[tuple[str, str, str, int | None], ...] = (
        ("home", "Owed", reverse("desk:home"), None),
        ("post", "To post", reverse("desk:post"), to_post),
        ("inbox", "Set aside", reverse("desk:inbox"), waiting),
        ("ledger", "Ledger", reverse("desk:ledger"), None),
    )
    if may_plan(here):
        items = (*items, ("capacity", "Capacity", reverse("desk:capacity"), None))
    return {
        "nav": [{"label": label, "href": href, "here": name == place, "count": n} for name, label, href, n in items],
        "user_name": here.name,
        "user_role": ", ".join(role.replace("_", " ") for role in here.roles),
        "sign_out_url": reverse("desk:sign_out"),
        "search_url": reverse("desk:find"),
        "site": here.site,
        "zone": here.site.zone,
        "today": timezone.localdate(here.now),
    }


def may_plan(here: Here) -> bool:
    """Whether someone plans the unit's sessions: the manager and the lead."""
    return not PLANNERS.isdisjoint(here.roles)


def names_of_staff() -> dict[str, str]:
    """Return everyone who works here by sign-in name: "Ana Ruiz, navigator"."""
    found = Staff.objects.select_related("user").order_by("name")
    return {s.user.username: f"{s.name}, {' and '.join(s.role_set).replace('_', ' ')}" for s in found}


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
