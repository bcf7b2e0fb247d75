"""From which address a request comes."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the address a request comes from, "" where it cannot be said.

    Behind proxies it is the entry that the outermost of them (settings.PROXIES) wrote; what stands before it in the
    header was written by whoever asked, and is not believed.
    """
    passed = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    behind: int = settings.PROXIES
    found = passed[-behind] if behind and len(passed) >= behind else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(found))
    except ValueError:
        return ""
