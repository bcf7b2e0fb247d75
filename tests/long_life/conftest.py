"""Facts that were stored once under tags that are retired now, made up for these tests."""

import pytest

from closerlook.pathway import upcasters
from closerlook.pathway.upcasters import Fields, Upcaster


def _booked_minus_one(fields: Fields) -> Fields:
    """A day and an hour become a moment; the room was a part of its own."""
    kept = {k: v for k, v in fields.items() if k not in ("day", "hour", "room")}
    return {**kept, "at": f"{fields['day']}T{fields['hour']}:00Z", "where": fields["room"]}


def _booked_zero(fields: Fields) -> Fields:
    names = {"at": "starts_at", "where": "place"}
    return {names.get(k, k): v for k, v in fields.items()}


SEEDED: dict[str, Upcaster] = {"Booked.-1": _booked_minus_one, "Booked.0": _booked_zero}
OLDEST = (
    b'{"type":"Booked.-1","occurred_at":"2019-05-01T09:00:00Z","episode":"e1","day":"2019-05-04","hour":"10:30",'
    b'"room":"Room 2"}'
)
OLDER = (
    b'{"type":"Booked.0","occurred_at":"2019-05-01T09:00:00Z","episode":"e1","at":"2019-05-04T10:30:00Z",'
    b'"where":"Room 2"}'
)


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two versions of a booking from before the first one."""
    for tag, upcaster in SEEDED.items():
        monkeypatch.setitem(upcasters.UPCASTERS, tag, upcaster)
