"""The language of a page that patients read: her choice on the page, hers on file, her browser's, then English.

You are here because a page came in the wrong language. Pages under `settings.HER_PAGES` have a language of hers; all
others, the desk's above all, stay in the default one. A choice is a plain link (`?language=es`) that is kept in a
cookie, so that a page in a language also has an address, and one that works without cookies.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import trans_real
from msgspec import Struct

from closerlook.people import languages

CHOSEN = "language"
"""The name of the choice, in an address and as a cookie. The cookie holds the tag and nothing else."""
KEPT_FOR_SECONDS = 365 * 24 * 3600
_ON_FILE = "_her_language_on_file"
"""Kept on a request whose page is in a language of hers, and what is on file of it ("" where nobody is known)."""


class Choice(Struct, frozen=True):
    """One language to choose, named in itself."""

    code: str
    name: str
    href: str
    here: bool


class HerLanguage:
    """Give each page of hers its language and every other page the default one, and keep what she chose."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(settings.LANGUAGE_CODE):
            response = self.get_response(request)
        if not hasattr(request, _ON_FILE):
            return response
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        asked = _shipped(request.GET.get(CHOSEN))
        if asked is not None:
            keep(response, asked)
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Settle the language before the view runs; `settle` is called again where she turns out to be known."""
        match = request.resolver_match
        if match is not None and set(match.namespaces) & set(settings.HER_PAGES):
            settle(request)


def keep(response: HttpResponse, tag: str) -> None:
    """Keep a choice in the browser: the tag and nothing else."""
    response.set_cookie(CHOSEN, tag, max_age=KEPT_FOR_SECONDS, samesite="Lax", httponly=True, secure=settings.HTTPS)


def settle(request: HttpRequest, on_file: str = "") -> None:
    """Activate the language for this person on this page. `on_file`: what stands in her record, in any spelling."""
    tag = _chosen(request) or languages.shipped(on_file) or _preferred(request) or settings.LANGUAGE_CODE
    translation.activate(tag)
    setattr(request, _ON_FILE, on_file)


def asked_for(request: HttpRequest) -> tuple[str, bool]:
    """Return the language of a page that keeps no cookie, and whether its address names it; else her browser's."""
    named = _shipped(request.GET.get(CHOSEN))
    return (named, True) if named else (_preferred(request) or settings.LANGUAGE_CODE, False)


def choices_of(path: str, here: str) -> list[Choice]:
    """Return the languages to choose from for the page at `path`, of which `here` is shown."""
    return [Choice(tag, str(name), f"{path}?{CHOSEN}={tag}", tag == here) for tag, name in settings.LANGUAGES]


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what every page of hers shows of languages; nothing at the desk. A context processor."""
    if not hasattr(request, _ON_FILE):
        return {}
    lines = languages.interpreter_lines(getattr(request, _ON_FILE))
    return {"languages": choices(request), "interpreter_lines": lines}


def choices(request: HttpRequest) -> list[Choice]:
    """Return the languages to choose from, each with the address of this same page in it."""
    here, path = translation.get_language(), _address(request)
    return [
        Choice(tag, str(name), f"{path}{tag}", tag == here)
        for tag, name in settings.LANGUAGES  # each under its own name: who reads it knows it
    ]


def _address(request: HttpRequest) -> str:
    """Return where a choice leads, up to the tag. The answer to a form has no address: the page before it has."""
    if request.method in ("GET", "HEAD"):
        kept = request.GET.copy()
        kept.pop(CHOSEN, None)
        return f"{request.path}?{kept.urlencode()}{'&' if kept else ''}{CHOSEN}="
    before = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure())
    path = urlsplit(before).path
    return f"{path if ours and not path.startswith('//') else reverse('portal:home')}?{CHOSEN}="


def _chosen(request: HttpRequest) -> str | None:
    return _shipped(request.GET.get(CHOSEN)) or _shipped(request.COOKIES.get(CHOSEN))


def _shipped(tag: str | None) -> str | None:
    return tag if tag in dict(settings.LANGUAGES) else None


def _preferred(request: HttpRequest) -> str | None:
    """Return the first language of her browser's that we have words in."""
    for tag, weight in trans_real.parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        found = languages.shipped(tag)
        if found is not None and weight > 0:
            return found
    return None
