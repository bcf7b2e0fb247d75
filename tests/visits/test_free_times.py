"""Free times: what the rooms give, less what is taken, closed, too soon, or not made for this visit."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway.events import Purpose
from closerlook.pathway.slots import starts_of
from closerlook.pathway.terms import ExaminationKind
from closerlook.people.models import Site
from closerlook.people.sites import forget, site
from closerlook.visits import rooms, times
from tests.stores import NOW
from tests.visits.rooms import FIRST, booking, called_back, room, take

ZONE = ZoneInfo("America/Chicago")
DAY = timedelta(days=1)
PICTURES = Purpose.PICTURES


def free(now: datetime = NOW, days: int = 1, **asked: bool) -> list[str]:
    found = times.free(site(), PICTURES, now=now, until=now + days * DAY, **asked)
    return [f"{one.starts_at.astimezone(ZONE):%d %H:%M}" for one in found]


def test_a_room_gives_its_hours_in_even_parts_after_its_notice(sqlite_record: str) -> None:
    room(notice_hours=2)  # it is nine in the morning of Monday 2 November
    assert free() == ["02 11:00", "02 11:30", "03 09:00"]
    assert free(days=2)[2:5] == ["03 09:00", "03 09:30", "03 10:00"]


def test_no_room_gives_no_time(sqlite_record: str) -> None:
    assert free() == []
    assert times.rooms_for(site(), PICTURES) == []


def test_a_day_off_a_weekend_and_a_closed_day_give_none(sqlite_record: str) -> None:
    here = room()
    rooms.close_day(here, date(2026, 11, 24), "service of the machine")
    days = {line[:2] for line in free(datetime(2026, 11, 20, 22, tzinfo=UTC), days=8)}
    assert days == {"23", "25", "27"}, "21 and 22 are a weekend, 24 is closed, 26 is Thanksgiving"
    rooms.reopen_day(here, date(2026, 11, 24))
    assert "24" in {line[:2] for line in free(datetime(2026, 11, 20, 22, tzinfo=UTC), days=8)}


def test_a_time_taken_is_not_free_and_a_longer_one_reaches_into_the_next(sqlite_record: str) -> None:
    here = room(notice_hours=0)
    called_back("p1", "1")
    take("p1", booking(here, datetime(2026, 11, 3, 15, 30, tzinfo=UTC)), "b")
    assert [line for line in free(days=2) if line.startswith("03")] == [
        "03 09:00", "03 10:00", "03 10:30", "03 11:00", "03 11:30",
    ]  # fmt: skip
    rooms.change(here, slot_minutes=60)
    assert [line for line in free(days=2) if line.startswith("03")] == ["03 11:00"], "09:30 to 10:30 is hers"


def test_a_room_is_asked_for_what_it_can_do(sqlite_record: str) -> None:
    room("With ultrasound", ultrasound=True)
    room("Pictures alone", slot_minutes=60)
    room("Tissue", (Purpose.BIOPSY,))
    both = times.free(site(), PICTURES, now=NOW, until=NOW + 2 * DAY)
    assert {one.place for one in both} == {"With ultrasound", "Pictures alone"}
    assert {one.place for one in times.free(site(), PICTURES, now=NOW, ultrasound=True)} == {"With ultrasound"}
    assert {one.place for one in times.free(site(), Purpose.BIOPSY, now=NOW)} == {"Tissue"}
    assert times.free(site(), Purpose.RESULTS, now=NOW) == []


def test_the_hour_that_comes_twice_is_two_times_and_the_one_leapt_over_is_none(sqlite_record: str) -> None:
    here = rooms.add(site(), "Night", (PICTURES,), slot_minutes=30, notice_hours=0)
    rooms.open_session(here, 6, time(0, 30), time(3, 30), first=FIRST)
    back, ahead = date(2026, 11, 1), date(2026, 3, 8)
    of = {day: times._of_day(here, day, ZONE, timedelta(minutes=30)) for day in (back, ahead)}
    assert [f"{t.astimezone(ZONE):%H:%M}" for t in of[back]] == [
        "00:30", "01:00", "01:30", "01:00", "01:30", "02:00", "02:30", "03:00",
    ]  # fmt: skip
    assert [f"{t.astimezone(ZONE):%H:%M}" for t in of[ahead]] == ["00:30", "01:00", "01:30", "03:00"]
    assert len(set(of[back])) == len(of[back])


def test_the_hour_on_the_wall_stays_when_clocks_change(sqlite_record: str) -> None:
    room()
    assert {line[3:] for line in free(datetime(2026, 3, 5, 22, tzinfo=UTC), days=6)} == {
        "09:00", "09:30", "10:00", "10:30", "11:00", "11:30",
    }  # fmt: skip


def test_a_slot_names_its_moment(sqlite_record: str) -> None:
    room()
    for one in times.free(site(), PICTURES, now=NOW):
        assert starts_of(one.slot) == one.starts_at


def test_another_sites_rooms_are_not_given(sqlite_record: str) -> None:
    room()
    other = Site.objects.create(slug="other", name="Hill", address="x", phone="555", zone="America/Chicago")
    forget()
    assert times.free(other, PICTURES, now=NOW) == []


def test_two_visits_to_choose_from_lie_on_two_days(sqlite_record: str) -> None:
    room()
    first, second = times.two_earliest(times.free(site(), PICTURES, now=NOW), "America/Chicago")
    assert (first.starts_at, second.starts_at) == (
        datetime(2026, 11, 3, 15, tzinfo=UTC),
        datetime(2026, 11, 4, 15, tzinfo=UTC),
    )
    assert times.two_earliest([], "America/Chicago") == []


@pytest.mark.parametrize(
    ("plan", "needs", "apart"),
    [
        ({}, False, []),
        ({"ultrasound": True}, True, []),
        ({"also": (ExaminationKind.ULTRASOUND,)}, True, []),
        ({"also": (ExaminationKind.MRI,)}, False, [ExaminationKind.MRI]),
    ],
)
def test_the_whole_plan_is_held_or_said_to_be_apart(plan: dict, needs: bool, apart: list) -> None:  # type: ignore[type-arg]
    decided = ev.CallBackDecided(occurred_at=NOW, episode="e1", exam="e1.x2", **plan)
    assert times.needs_ultrasound(decided) is needs
    assert times.beside(decided) == apart
    assert not times.needs_ultrasound(None)
