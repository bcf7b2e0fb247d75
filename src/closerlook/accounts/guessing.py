"""Closing a name, a place or a factor for a while after too many wrong tries."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from closerlook.accounts.models import Outcome, SignIn
from closerlook.limits import counting
from closerlook.limits.address import address_of, place_of
from closerlook.look.words import time_words
from closerlook.people import sites

KNOWN_FOR = timedelta(days=30)


def begin(request: HttpRequest, name: str) -> datetime | None:
    """Count a try to sign in by name and password. Returns until when it is closed, None if it may be looked at.

    What is counted is what was typed, whether or not somebody has that name: the answer tells nobody which exist.
    """
    name, place, now = name.strip().casefold(), place_of(address_of(request)), timezone.now()
    if not _came_in_lately(name, place, now):
        for limit, who in ((counting.PLACE, place), (counting.NAME, name)):
            if (until := counting.take(limit, who, now=now)) is not None:
                return until
    return counting.take(counting.NAME_FROM_PLACE, name, place, now=now)


def was_right(request: HttpRequest, name: str) -> None:
    """Take back what `begin` counted."""
    name, place = name.strip().casefold(), place_of(address_of(request))
    if not _came_in_lately(name, place, timezone.now()):
        counting.give_back(counting.PLACE, place)
        counting.give_back(counting.NAME, name)
    counting.clear(counting.NAME_FROM_PLACE, name, place)


def closed(until: datetime, what: str) -> ValidationError:
    """Return the sentence for someone who is closed out, with the time at the unit."""
    zone = sites.site().zone
    return ValidationError(f"Too many wrong tries. {what} until {time_words(until + timedelta(minutes=1), zone)}.")


def _came_in_lately(name: str, place: str, now: datetime) -> bool:
    lately = SignIn.objects.filter(who__iexact=name, at__gt=now - KNOWN_FOR, outcome=Outcome.SIGNED_IN)
    return place in map(place_of, lately.values_list("address", flat=True).distinct())
