"""Who is at the desk: every page asks this first."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from msgspec import Struct

from closerlook.exchange.ledger import Ledger, ledger
from closerlook.exchange.models import Message, MessageOutcome
from closerlook.pathway.events import Actor, Kind
from closerlook.people.models import Site, Staff
from closerlook.record.models import OpenLoop

P = ParamSpec("P")


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
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("desk:sign_in"))
        staff = Staff.objects.select_related("site", "user").filter(user_id=request.user.pk).first()
        if staff is None or not staff.role_set:
            raise PermissionDenied("This account has no role here. Ask the manager.")
        here = Here(Actor(Kind.STAFF, staff.user.username, staff.role_set), staff.name, staff.site, datetime.now(UTC))
        with timezone.override(staff.site.zone):
            return view(request, here, *args, **kwargs)

    return inner


def frame(here: Here, place: str) -> dict[str, Any]:
    """Return what every page of the desk shows around its content. `place` names the page in the menu."""
    waiting = Message.objects.filter(outcome=MessageOutcome.SET_ASIDE).count()
    to_post = OpenLoop.objects.filter(kind="post_document").count()
    items = (
        ("home", "Owed", reverse("desk:home"), None),
        ("post", "To post", reverse("desk:post"), to_post),
        ("inbox", "Set aside", reverse("desk:inbox"), waiting),
        ("ledger", "Ledger", reverse("desk:ledger"), None),
    )
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


def books(here: Here) -> Ledger:
    """Return the ledger as it stands now."""
    return ledger(here.now)
