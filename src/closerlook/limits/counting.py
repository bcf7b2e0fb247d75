"""Every limit and its figures, and counting against one.

You are here because someone is locked out, or guesses. A try is counted before it is looked at and given back where it
was right, so that many at once, in any number of processes, never get more than the limit allows.

The figures are ours. A secret of twelve characters that may be guessed 480 times a day is not found; somebody who
mistypes waits a quarter of an hour; and whoever tries wrong on purpose closes one name from one place, not the unit.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from msgspec import Struct

from closerlook.limits.models import Tried


class Limit(Struct, frozen=True):
    """At most so many tries within a time, then closed for a while."""

    name: str
    most: int
    within: timedelta
    closed_for: timedelta


_QUARTER, _HOUR = timedelta(minutes=15), timedelta(hours=1)
NAME_FROM_PLACE = Limit("sign-in name from one address", 5, _QUARTER, _QUARTER)
PLACE = Limit("sign-in from one address", 30, _QUARTER, _QUARTER)
"""Not for a name that lately signed in from there: one guesser must not close a unit behind one address."""
NAME = Limit("sign-in name from anywhere", 30, _HOUR, _HOUR)
"""Not where the name lately signed in from: a guesser elsewhere must not keep its owner out."""
SECOND_FACTOR = Limit("second factor of an account", 5, _QUARTER, _QUARTER)
AGAIN = Limit("who signs again", 5, _QUARTER, _QUARTER)
SEARCH = Limit("searches of one person", 150, timedelta(minutes=10), timedelta(minutes=5))
"""A busy front desk searches some 30 times in ten minutes; whoever copies the register needs far more."""
HERS = Limit("a patient's birth date or number from one address", 30, _QUARTER, _QUARTER)
"""Beside the five tries of each link: for who holds many links. A clinic's patients may share an address."""
KEPT = timedelta(days=1)


def take(limit: Limit, *who: str, now: datetime) -> datetime | None:
    """Count a try. Returns None if it may be looked at, or until when it is closed."""
    key = _key(limit, who)
    with transaction.atomic():
        row = Tried.objects.select_for_update().filter(pk=key).first() or _begun(key, now)
        if row.until is not None and row.until > now:
            return row.until
        if row.until is not None or now - row.since >= limit.within or row.since > now:
            row.count, row.since, row.until = 0, now, None
        row.count += 1
        if row.count > limit.most:
            row.until = now + limit.closed_for
        row.save()
        return row.until


def give_back(limit: Limit, *who: str) -> None:
    """Take back one try that was right."""
    Tried.objects.filter(pk=_key(limit, who), count__gt=0, until=None).update(count=F("count") - 1)


def clear(limit: Limit, *who: str) -> None:
    """Forget every try: they proved who they are."""
    Tried.objects.filter(pk=_key(limit, who)).delete()


def _begun(key: str, now: datetime) -> Tried:
    Tried.objects.filter(since__lt=now - KEPT).delete()  # whoever tries something new sweeps away what is long over
    try:
        with transaction.atomic():
            return Tried.objects.create(pk=key, count=0, since=now)
    except IntegrityError:  # another process began it at the same moment
        return Tried.objects.select_for_update().get(pk=key)


def _key(limit: Limit, who: tuple[str, ...]) -> str:
    return salted_hmac("closerlook.limits", "\n".join((limit.name, *who)), algorithm="sha256").hexdigest()
