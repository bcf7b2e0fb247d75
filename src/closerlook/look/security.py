"""What every answer says to the browser about its own safety."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; connect-src 'self'; manifest-src 'self'"
)


class NoNul:
    """Refuse an address with a NUL in it: no database takes one, and no page of ours asks for one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or any("\0" in value for name in request.GET for value in request.GET.getlist(name)):
            return HttpResponse("This address could not be read.", status=400, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class ContentPolicy:
    """Allow nothing but our own files: no inline script or style, no frame, no form to elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if settings.HTTPS:  # whether or not a proxy says so of this request: over http a browser ignores it
            response.headers.setdefault("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}")
        if not request.path.startswith("/static/"):
            # A page about a person must not stay in a shared computer's cache.
            response.headers.setdefault("Cache-Control", "no-store")
        return response
