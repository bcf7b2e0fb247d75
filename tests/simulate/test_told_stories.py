"""The told stories of the demonstration happen when a unit works, whenever it is made, and never after now."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from closerlook import demonstration
from closerlook.people.models import Patient
from closerlook.record.models import Event

ZONE = ZoneInfo("America/Chicago")
MOMENTS = ("2026-11-18T15:00:00+00:00", "2026-11-22T20:00:00+00:00", "2027-03-15T13:05:00+00:00")
"""A Wednesday morning, a Sunday afternoon, and the Monday morning after the clocks went forward."""


@pytest.mark.parametrize("now", MOMENTS)
def test_stories_are_told_in_working_hours_and_end_before_now(sqlite_record: str, now: str) -> None:
    moment = datetime.fromisoformat(now)
    demonstration.fill(now=moment, seed=1)
    odd = []
    for event in Event.objects.all():
        local = event.recorded_at.astimezone(ZONE)
        by_staff = json.loads(event.actor)["kind"] == "staff"
        if event.recorded_at > moment or (by_staff and not _works(local)):
            odd.append((event.stream, event.type, f"{local:%a %d %H:%M}"))
        starts_at = json.loads(event.body).get("starts_at")
        if starts_at and not _works(datetime.fromisoformat(starts_at.replace("Z", "+00:00")).astimezone(ZONE)):
            odd.append((event.stream, "visit", starts_at))
    assert odd == []
    names = [(p.family, p.given, p.birth_date) for p in Patient.objects.all()]
    assert len({(family, given) for family, given, _ in names}) >= len(names) - 4  # a merged pair, and the like


def _works(local: datetime) -> bool:
    return local.weekday() <= 4 and 8 <= local.hour < 18
