"""Setting up rooms: what is wrong is said with its mend, and nothing a woman was given is lost by it."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from closerlook.pathway.events import Purpose
from closerlook.people.sites import site
from closerlook.visits import rooms
from closerlook.visits.models import Room, Session
from tests.visits.rooms import FIRST, booking, called_back, room, take


def test_a_room_is_added_changed_and_listed(sqlite_record: str) -> None:
    here = room("Second floor, room 1")
    rooms.change(here, name="Third floor", ultrasound=True, purposes=[Purpose.BIOPSY, Purpose.PICTURES])
    (listed,) = rooms.rooms_of(site())
    assert (listed.slug, listed.name, listed.ultrasound) == ("main-second-floor-room-1", "Third floor", True)
    assert listed.does == {Purpose.PICTURES, Purpose.BIOPSY}
    assert listed.sessions.count() == 5


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": " "}, "what the room is called"),
        ({"purposes": ()}, "at least one kind of visit"),
        ({"slot_minutes": 0}, "between 5 and 240 minutes"),
        ({"slot_minutes": 500}, "between 5 and 240 minutes"),
        ({"notice_hours": 10_000}, "336 hours"),
        ({"name": "Room 1"}, "Another room here has this name"),
    ],
)
def test_a_wrong_room_is_refused_with_its_mend(sqlite_record: str, wrong: dict[str, Any], says: str) -> None:
    room("Room 1")
    values: dict[str, Any] = {"name": "Room 2", "purposes": (Purpose.PICTURES,)} | wrong
    with pytest.raises(rooms.WrongRoom, match=says):
        rooms.add(site(), **values)
    assert Room.objects.count() == 1


def test_two_rooms_of_like_names_are_told_apart(sqlite_record: str) -> None:
    assert [room("Röntgen 1").slug, room("Rontgen 1").slug] == ["main-rontgen-1", "main-rontgen-1-2"]


@pytest.mark.parametrize(
    ("weekday", "opens", "closes", "last", "says"),
    [
        (0, time(9), time(9, 10), None, "hold no visit"),
        (0, time(11), time(13), None, "already"),
        (0, time(8), time(20), date(2026, 2, 1), "already"),
        (7, time(13), time(14), None, "day of the week"),
        (5, time(13), time(14), date(2025, 1, 1), "comes before"),
    ],
)
def test_hours_that_cannot_be_are_refused(
    sqlite_record: str, weekday: int, opens: time, closes: time, last: date | None, says: str
) -> None:
    here = room()
    with pytest.raises(rooms.WrongRoom, match=says):
        rooms.open_session(here, weekday, opens, closes, first=FIRST, last=last)
    assert Session.objects.count() == 5


def test_a_session_that_ended_makes_room_for_another(sqlite_record: str) -> None:
    here = room()
    monday = here.sessions.get(weekday=0)
    rooms.end_session(monday, date(2026, 6, 30))
    rooms.open_session(here, 0, time(10), time(14), first=date(2026, 7, 1))
    rooms.end_session(here.sessions.get(weekday=1), date(2025, 1, 1))
    assert sorted(here.sessions.values_list("weekday", flat=True)) == [0, 0, 2, 3, 4]


def test_who_closes_a_day_is_told_whose_visits_stand_on_it(sqlite_record: str) -> None:
    here = room()
    at = datetime(2026, 11, 4, 15, tzinfo=UTC)
    called_back("p1", "1")
    take("p1", booking(here, at), "b")
    assert rooms.close_day(here, date(2026, 11, 4), "no radiographer") == [rooms.Taken("p1", at)]
    assert rooms.close_day(here, date(2026, 11, 5), "conference") == []
    with pytest.raises(rooms.WrongRoom, match="why the room is closed"):
        rooms.close_day(here, date(2026, 11, 6), " ")
