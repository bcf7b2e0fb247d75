"""Two callers at once: each person is open with one of them for a while."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from closerlook.desk.calling.models import OpenCall

LONG_ENOUGH = timedelta(minutes=12)
"""How long a page counts as open after it was last asked for: a long call; site default."""


def open_with(patients: Iterable[str], now: datetime) -> dict[str, OpenCall]:
    """Return who has which of these people open now."""
    return {one.patient: one for one in OpenCall.objects.filter(patient__in=list(patients), until__gt=now)}


def take(patient: str, who: str, now: datetime) -> OpenCall | None:
    """Open someone for `who`, or keep her open; return who else has her, None where nobody has."""
    free = OpenCall.objects.filter(Q(until__lte=now) | Q(who=who), patient=patient)
    mine = OpenCall.objects.filter(patient=patient, who=who, until__gt=now).update(until=now + LONG_ENOUGH)
    if mine or free.update(who=who, since=now, until=now + LONG_ENOUGH):
        return None
    try:
        with transaction.atomic():
            OpenCall.objects.create(patient=patient, who=who, since=now, until=now + LONG_ENOUGH)
    except IntegrityError:  # someone has her, perhaps since this very moment
        return OpenCall.objects.filter(patient=patient).exclude(who=who).first()
    return None


def give_back(patient: str, who: str) -> None:
    OpenCall.objects.filter(patient=patient, who=who).delete()


def give_all_back(who: str, but: str = "") -> None:
    """Let go of everyone this caller has open, but one."""
    OpenCall.objects.filter(who=who).exclude(patient=but).delete()
