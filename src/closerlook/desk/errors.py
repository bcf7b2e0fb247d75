"""Pages for when something is not there, not allowed or broken: plain, calm, and with a way on."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say plainly why a page is not for this account."""
    return _plain(request, 403, "Not for this account", str(exception) or "This page is not for your role.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say plainly that there is nothing here."""
    # Django's own exception lists every address it tried; only sentences of ours are for people.
    ours = isinstance(exception, Http404) and exception.args and isinstance(exception.args[0], str)
    sentence = str(exception) if ours else "The address may be wrong or old."
    return _plain(request, 404, "There is nothing here", sentence)


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say plainly that a request made no sense."""
    del exception  # it may quote what was sent
    return _plain(request, 400, "This could not be read", "Go back, look at what you entered, and send it again.")


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its token: it was open too long, or came from elsewhere. Nothing was recorded."""
    del reason
    sentence = "The page was open for too long, or cookies are off. Nothing was recorded. Open the page again."
    return _plain(request, 403, "This form has expired", sentence)


def too_many(request: HttpRequest, sentence: str) -> HttpResponse:
    """Say that something was asked for too often, and from when it may be again."""
    return _plain(request, 429, "Too many in a short time", sentence)


def broken(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours. Asks neither session nor database: they may be what is broken."""
    del request
    sentence = "The fault is ours, and it is in the log. Go back and try again; if it stays, tell the manager."
    with translation.override("en"):  # these words are English, wherever they are shown
        page = render_to_string("desk/plain.html", {"heading": "Something went wrong here", "sentence": sentence})
    return HttpResponse(page, status=500)


def _plain(request: HttpRequest, status: int, heading: str, sentence: str) -> HttpResponse:
    """Show a plain page. Who is signed in gets a way on; a patient on her page gets no link to the desk."""
    context = {"heading": heading, "sentence": sentence}
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and not request.path.startswith("/my/"):
        context |= {"home": reverse("desk:home"), "sign_out": reverse("desk:sign_out")}
    with translation.override("en"):
        return render(request, "desk/plain.html", context, status=status)
