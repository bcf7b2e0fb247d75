"""Proving again who one is before signing something that counts: a reading, a concordance, a change.

You are here to ask for it in a view: `if (asked := sign_again(request)) is not None: return asked`. What was being sent
is kept in the session and given back to the same person at the same address by `brought_back`; nothing is sent by
itself, so that a signature is always a press of the button by whoever proved who they are.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone

from closerlook.accounts.standing import standing

FRESH = timedelta(minutes=30)
ROUTE = "account_reauthenticate"
KEPT_AS = "kept_forms"
KEPT_FOR = timedelta(minutes=15)
MOST = 5
BRINGS_BACK = frozenset({"step", "reading_case", "site", "staff_add", "staff_one"})
"""Routes whose view asks `brought_back`: what is sent to them when the session is over already is kept too."""


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session proved within the last half hour who is at it."""
    held = standing(request)
    return held is not None and timezone.now() - held.identified < FRESH


def sign_again(request: HttpRequest) -> HttpResponse | None:
    """Return None where this session proved lately who is at it, else the way to prove it, and back to here."""
    if is_fresh(request):
        if request.method == "POST":
            forget(request)
        return None
    put(request, _with_this(request))
    then = request.get_full_path()
    return HttpResponseRedirect(f"{reverse(ROUTE)}?{urlencode({'next': then})}")


def brought_back(request: HttpRequest) -> QueryDict | None:
    """Return what the same person was sending to this address a moment ago, None where there is nothing.

    It stays until it is sent or a quarter of an hour is over: a page that is asked for twice shows it twice.
    """
    one = _kept(request).get(request.get_full_path())
    if one is None or one["by"] != request.user.pk:
        return None
    fields = QueryDict(mutable=True)
    for name, values in one["fields"].items():
        fields.setlist(name, values)
    return fields


def is_kept(request: HttpRequest, address: str) -> bool:
    """Whether something waits for an address."""
    return address in _kept(request)


def kept_of(request: HttpRequest) -> dict[str, Any]:
    """Return what is kept in the session, with what is being sent now where its page can bring it back."""
    match = request.resolver_match
    brings_back = match is not None and match.url_name in BRINGS_BACK
    return _with_this(request) if brings_back else _kept(request)


def _with_this(request: HttpRequest) -> dict[str, Any]:
    kept = _kept(request)
    fields = {name: request.POST.getlist(name) for name in request.POST if name != "csrfmiddlewaretoken"}
    if fields:
        until = (timezone.now() + KEPT_FOR).isoformat()
        kept = {**kept, request.get_full_path(): {"by": request.user.pk, "until": until, "fields": fields}}
    return dict(list(kept.items())[-MOST:])


def put(request: HttpRequest, kept: dict[str, Any]) -> None:
    """Keep it in the session. Where nobody is signed in any more, the session itself goes with it."""
    if kept:
        request.session[KEPT_AS] = kept
        if not request.user.is_authenticated:
            request.session.set_expiry(KEPT_FOR)


def forget(request: HttpRequest) -> None:
    """Forget what was kept for this address: it was sent."""
    kept = _kept(request)
    if request.get_full_path() in kept:
        request.session[KEPT_AS] = {k: v for k, v in kept.items() if k != request.get_full_path()}


def _kept(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    found: dict[str, Any] = request.session.get(KEPT_AS) or {}
    return {where: one for where, one in found.items() if datetime.fromisoformat(one["until"]) >= now}
