"""Sites and the protocol each works under."""

import time
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from closerlook.pathway.loops import KINDS
from closerlook.pathway.protocol import Protocol, load
from closerlook.people.models import Site, TrustedSender


class NoSite(ImproperlyConfigured):
    """The system has no such site; the message says what to do."""


SECONDS_KEPT = 2.0
_kept: dict[tuple[str, str | None], tuple[float, Site]] = {}


def site(slug: str | None = None) -> Site:
    """Return a site, the first where none is named; up to two seconds old. Raises NoSite before `init`."""
    key = (str(connection.settings_dict["NAME"]), slug)
    kept = _kept.get(key)
    if kept is not None and time.monotonic() - kept[0] < SECONDS_KEPT:
        return kept[1]
    found = _site(slug)
    _kept[key] = (time.monotonic(), found)
    return found


def of_sender(sender: str) -> Site:
    """Return the site that a sender's messages come to, the first where the sender is not known."""
    return site(TrustedSender.objects.filter(pk=sender).values_list("site", flat=True).first())


def _site(slug: str | None) -> Site:
    found = Site.objects.filter(slug=slug).first() if slug else Site.objects.order_by("slug").first()
    if found is None:
        raise NoSite(f"There is no site {slug or ''!s}. Run: closerlook init".replace("  ", " "))
    return found


def protocol(slug: str | None = None) -> Protocol:
    """Return the protocol that new rounds of a site begin under (CLOSERLOOK_PROTOCOL before the site's own)."""
    where = site(slug)
    return compiled(settings.PROTOCOL or where.protocol, where.zone)


@lru_cache(maxsize=16)
def compiled(name: str, zone: str) -> Protocol:
    """Return a protocol compiled for a time zone. Raises ProtocolError with file, row and mend."""
    return load(name, zone=zone, kinds=frozenset(KINDS))


def forget() -> None:
    """Read sites anew from now on: one was changed."""
    _kept.clear()
