"""How long it holds that someone signed in: a session ends when it was left alone, when the day is over, when the
account is closed or changed, and when its owner or an administrator says so.

The desk's session and hers are two, in two cookies: what one does never touches the other, in one browser too. The
desk's is not sent along by other sites at all; hers has to be, because she comes from her mail.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from http.cookies import Morsel
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from closerlook.accounts import again
from closerlook.accounts.marks import is_demonstration
from closerlook.accounts.models import Account
from closerlook.accounts.standing import Standing, account, standing, write

IDLE = timedelta(minutes=30)
DAY = timedelta(hours=10)
WRITTEN_EVERY = timedelta(minutes=1)
"""A session's last moment is written down so often, and not at each page: two pages at once do not collide."""
HERS = "/my/"
OPEN = frozenset({"account_login", "account_logout", "mfa_login_webauthn", "sign_in", "sign_out"})
"""Routes that ask nothing of who is signed in."""
FOR_NOBODY = OPEN | {"mfa_authenticate", "with_provider", "openid_connect_callback", "robots", "sitemap"}
"""Routes for whom nobody knows yet."""
SETTING_UP = frozenset({"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes"})
"""Routes on which someone without a second factor gets one."""
FIRST_PASSWORD = "account_change_password"  # noqa: S105  a route
CHANGES_FACTORS = frozenset(
    {
        "mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn", "mfa_remove_webauthn",
        "mfa_generate_recovery_codes", "mfa_view_recovery_codes",
    }
)  # fmt: skip
"""Routes that show or change what proves who someone is: they ask again first."""


class Sessions(SessionMiddleware):
    """Django's own sessions, with a cookie of its own for her pages."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path.startswith(HERS):
            cookies = {k: v for k, v in request.COOKIES.items() if k != settings.SESSION_COOKIE_NAME}
            if settings.HER_COOKIE_NAME in cookies:
                cookies[settings.SESSION_COOKIE_NAME] = cookies[settings.HER_COOKIE_NAME]
            request.COOKIES = cookies  # what follows knows one name only
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        if request.path.startswith(HERS) and settings.SESSION_COOKIE_NAME in response.cookies:
            made: Morsel[str] = response.cookies.pop(settings.SESSION_COOKIE_NAME)
            response.cookies[settings.HER_COOKIE_NAME] = made.value
            response.cookies[settings.HER_COOKIE_NAME].update(made)
            response.cookies[settings.HER_COOKIE_NAME]["samesite"] = "Lax"
        return response


def sign_in_address(why: str, then: str = "") -> str:
    """Return where to sign in, with why one has to, and where to go on."""
    return f"{reverse('account_login')}?{urlencode({k: v for k, v in (('next', then), ('why', why)) if v})}"


class Doorkeeper:
    """Ends sessions whose time is over, and lets nobody past a password or a second factor that is still to be set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.namespaces[:1] in (["portal"], ["public"]):
            return None
        route = match.url_name or ""
        if not request.user.is_authenticated:
            return self._unknown(request, route)
        held = standing(request)
        if held is None:  # signed in by an older version of this software
            return _over(request, "ended", route)
        known = account(request.user)
        now = timezone.now()
        why = _why_over(held, known, now)
        if why:
            return _over(request, why, route)
        if now - held.seen >= WRITTEN_EVERY:
            held.seen = now
            write(request, held)
        return None if route in OPEN else self._first(request, route, held, known)

    def _unknown(self, request: HttpRequest, route: str) -> HttpResponse | None:
        """Whose session is gone, or whose account was closed, reads so. Nobody unknown reaches a page of allauth's."""
        if route in FOR_NOBODY:
            return None
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and "account_login" not in request.session:
            return HttpResponseRedirect(sign_in_address("ended", request.get_full_path()))
        if route.startswith(("account_", "mfa_")):
            return HttpResponseRedirect(sign_in_address("", request.get_full_path()))
        return None

    def _first(self, request: HttpRequest, route: str, held: Standing, known: Account) -> HttpResponse | None:
        if known.initial_until is not None:
            return None if route == FIRST_PASSWORD else _set_up(request, held, FIRST_PASSWORD)
        if not held.strong and not is_demonstration() and route not in SETTING_UP | {FIRST_PASSWORD, again.ROUTE}:
            return _set_up(request, held, "mfa_index")
        return again.sign_again(request) if route in CHANGES_FACTORS else None


def _why_over(held: Standing, known: Account, now: datetime) -> str:
    if known.ended != held.ended:
        return "ended"
    if now - held.since >= DAY:
        return "day"
    return "idle" if now - held.seen >= IDLE else ""


def _over(request: HttpRequest, why: str, route: str) -> HttpResponse:
    """Sign out. What was being sent is kept for the same person, and given back where it can be."""
    kept = again.kept_of(request)
    auth.logout(request)
    again.put(request, kept)
    return HttpResponseRedirect(sign_in_address(why, "" if route in OPEN else request.get_full_path()))


def _set_up(request: HttpRequest, held: Standing, route: str) -> HttpResponse:
    if request.method == "GET" and not held.asked_for:
        held.asked_for = request.get_full_path()
        write(request, held)
    return HttpResponseRedirect(reverse(route))
