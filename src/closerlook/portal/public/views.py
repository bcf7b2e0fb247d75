"""The public pages: the same for everyone, without session, cookie or log, and free to be found and kept.

A page is rendered without its request, so that nothing of the reader can get into it and nothing of her is asked for.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from msgspec import to_builtins

from closerlook.evidence import guidelines, resources
from closerlook.evidence import risk as risk_model
from closerlook.evidence.answers import Point, Question
from closerlook.evidence.due import Due, PersonError
from closerlook.evidence.due import due as guideline_due
from closerlook.look import language
from closerlook.portal.chances import her_numbers
from closerlook.portal.public import due_words, forms, risk_words

View = Callable[[HttpRequest], HttpResponse]
PAGES = ("home", "called_back", "chances", "due", "risk", "helplines", "units")
KEPT_S = 3600
EVERY = (
    Point.CANCER, Point.BIOPSY, Point.CANCER_IF_BIOPSY, Point.SHORT_INTERVAL, Point.CALLED_BACK,
    Point.EXTRA_PICTURES_ONLY,
)  # fmt: skip
LANDS = {
    "US": _("United States"),
    "GB": _("United Kingdom"),
    "CA": _("Canada"),
    "AU": _("Australia"),
    "IE": _("Ireland"),
    "DE": _("Germany"),
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what there is to read."""
    return _page(request, "home")


@require_safe
def called_back(request: HttpRequest) -> HttpResponse:
    """Say what a call-back is, with the figures of two countries, each by itself."""
    asked = (
        (_("In the United States"), Question("US", modality="dbt")),
        (_("In England"), Question("UK-ENG")),
    )
    points = (Point.CALLED_BACK, Point.CANCER)
    return _page(
        request,
        "called_back",
        numbers=lambda: [(str(title), her_numbers(question, points)) for title, question in asked],
    )


@require_safe
def chances(request: HttpRequest) -> HttpResponse:
    """Show published figures for what she chose; what she chose is in the address alone, and is not written down."""
    form = forms.Chances(request.GET) if "country" in request.GET else forms.Chances()
    asked = form.question() if form.is_bound and form.is_valid() else None
    response = _page(request, "chances", form=form, numbers=lambda: asked and her_numbers(asked, EVERY))
    if form.is_bound:
        response.headers["Cache-Control"] = f"private, max-age={KEPT_S}"  # what she chose is for her browser alone
    return response


@csrf_exempt  # no session and no cookie, so nobody to act for: it only answers what it was asked
@require_http_methods(["GET", "HEAD", "POST"])
def due(request: HttpRequest) -> HttpResponse:
    """Say whether she is due by a guideline. Her date of birth is posted: it stands in no address and no log."""
    form = forms.Due(request.POST) if request.method == "POST" else forms.Due()
    found, row = None, None
    if form.is_bound and form.is_valid():
        try:
            found = guideline_due(form.person(), form.cleaned_data["body"], timezone.now().date())
            row = next((r for r in guidelines.rows() if r.id in found.rows), None)
        except PersonError:
            form.add_error(None, _("These dates cannot be. Look at both years again."))
    response = _page(request, "due", form=form, found=lambda: found and _in_her_words(found, row))
    if form.is_bound:
        response.headers["Cache-Control"] = "no-store"
    return response


def _in_her_words(found: Due, row: guidelines.Row | None) -> dict[str, Any]:
    return {"answer": due_words.ANSWERS[found.answer], "steps": due_words.steps(found), "row": row}


@require_safe
def risk(request: HttpRequest) -> HttpResponse:
    """Give the form and the published constants; her own browser computes, and nothing she answers is sent."""
    return _page(
        request,
        "risk",
        constants=risk_constants(),
        groups=risk_words.GROUPS,
        reasons=risk_words.REASONS,
        other=risk_model.NOT_COMPUTED_HERE,
    )


@cache
def risk_constants() -> str:
    """Return the model's constants as JSON for the page's script; the same that `evidence.risk` computes with."""
    return msgspec.json.encode(
        {
            "groups": {name: to_builtins(group) for name, group in risk_model.MODEL.group.items()},
            "hyperplasia": risk_model.MODEL.atypical_hyperplasia,
            "hispanic": sorted(risk_model.HISPANIC),
            "asian": sorted(risk_model.ASIAN_OR_PACIFIC),
            "limits": risk_model.LIMITS,
            "youngest": risk_model.YOUNGEST,
            "oldest": risk_model.OLDEST,
            "horizon": risk_model.HORIZON,
        }
    ).decode()


@require_safe
def helplines(request: HttpRequest) -> HttpResponse:
    """Show whom to ring, country by country."""
    lands = [(LANDS[c], resources.helplines(c), resources.crisis_line(c)) for c in resources.countries()]
    return _page(request, "helplines", lands=lands)


@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """Say to a unit what the software does, and what it does not."""
    return _page(request, "units")


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """Let the public pages be found, and nothing else."""
    lines = ["User-agent: *", f"Allow: {reverse('public:home')}", "Allow: /static/", "Disallow: /"]
    return _answer("\n".join([*lines, f"Sitemap: {address('sitemap')}", ""]), "text/plain; charset=utf-8")


@require_safe
def sitemap(_request: HttpRequest) -> HttpResponse:
    """List the public pages."""
    found = render_to_string("public/sitemap.xml", {"addresses": [address(f"public:{name}") for name in PAGES]})
    return _answer(found, "application/xml; charset=utf-8")


def address(name: str) -> str:
    """Return the address of a page as it is known outside."""
    return f"{settings.PUBLIC_URL}{reverse(name)}"


def _page(request: HttpRequest, name: str, **names: Any) -> HttpResponse:
    """Show a page in the language of its address, else of the browser; no cookie says which."""
    tag, chosen = language.asked_for(request)
    suffix = f"?{language.CHOSEN}={tag}" if chosen else ""
    here = {
        "here": name,
        "canonical": address(f"public:{name}") + suffix,
        "suffix": suffix,
        "chosen": tag if chosen else "",
        "languages": language.choices_of(reverse(f"public:{name}"), tag),
        "alternates": [
            (code, f"{address(f'public:{name}')}?{language.CHOSEN}={code}") for code, _n in settings.LANGUAGES
        ],
    }
    with translation.override(tag):
        made = {key: value() if callable(value) else value for key, value in names.items()}
        response = _answer(render_to_string(f"public/{name}.html", {**made, **here}), "text/html; charset=utf-8")
    response.headers["Content-Language"] = tag
    if not chosen:
        patch_vary_headers(response, ("Accept-Language",))
    return response


def _answer(text: str, kind: str) -> HttpResponse:
    response = HttpResponse(text, content_type=kind)
    response.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
