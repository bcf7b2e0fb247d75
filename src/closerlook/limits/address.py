"""From which address a request comes, and which addresses count as one place."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the address a request comes from, "" where it cannot be said. IPv4 written as IPv6 is IPv4.

    Behind proxies it is the entry that the outermost of them (settings.PROXIES) wrote; what stands before it in the
    header was written by whoever asked, and is not believed.
    """
    passed = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    behind: int = settings.PROXIES
    found = passed[-behind] if behind and len(passed) >= behind else request.META.get("REMOTE_ADDR", "")
    read = _read(found)
    return str(read) if read else ""


def place_of(address: str) -> str:
    """Return the place that limits count an address under: of IPv6 its /64, which one household or unit has whole."""
    read = _read(address)
    return str(IPv6Network((int(read), 64), strict=False)) if isinstance(read, IPv6Address) else address


def _read(written: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(written)
    except ValueError:
        return None
    return (found.ipv4_mapped if isinstance(found, IPv6Address) else None) or found
