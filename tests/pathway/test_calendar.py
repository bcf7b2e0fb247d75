"""Working days, local dates and clocks: holidays, weekends, summer time, evenings, month ends."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as hs

from closerlook.pathway.calendar import Calendar, Clock, add_months, public_holidays
from tests.pathway.story import US

NEW_YORK = US.calendar
ANYWHERE = hs.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=hs.just(UTC))  # noqa: DTZ001
CLOCKS = hs.builds(Clock, hs.integers(0, 40), hs.sampled_from(["d", "wd", "wh", "mo"]), hs.just("opened"))
ZONES = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia", "Asia/Kolkata"]


def at(*parts: int) -> datetime:
    """A moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def after(text: str, moment: datetime, calendar: Calendar = NEW_YORK) -> datetime:
    return calendar.after(moment, Clock.parse(text))


def days(text: str, day: date) -> date:
    noon = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
    return NEW_YORK.on(after(text, noon))


def test_a_clock_is_read_from_words() -> None:
    assert Clock.parse("30 d from examination") == Clock(30, "d", "examination")
    assert Clock.parse(" 1 wd ") == Clock(1, "wd", "opened")
    for wrong in ("", "soon", "1", "1 week", "1 d from birth", "-1 d", "1.5 d", "1 d from"):
        with pytest.raises(ValueError, match=r"clock|moment"):
            Clock.parse(wrong)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1 wd", date(2026, 11, 2), date(2026, 11, 3)),  # Monday
        ("1 wd", date(2026, 11, 6), date(2026, 11, 9)),  # Friday
        ("0 wd", date(2026, 11, 7), date(2026, 11, 9)),  # Saturday: the next working day
        ("1 wd", date(2026, 11, 7), date(2026, 11, 9)),  # Saturday: Monday is the first
        ("2 wd", date(2026, 11, 7), date(2026, 11, 10)),  # Saturday: Tuesday the second
        ("3 wd", date(2026, 11, 8), date(2026, 11, 12)),  # Sunday; Wednesday is Veterans Day
        ("1 wd", date(2026, 11, 25), date(2026, 11, 27)),  # over Thanksgiving
        ("1 wd", date(2026, 12, 24), date(2026, 12, 28)),  # over Christmas, a Friday
        ("2 wd", date(2026, 12, 31), date(2027, 1, 5)),  # over New Year's Day, a Friday
        ("5 wd", date(2026, 6, 29), date(2026, 7, 7)),  # 4 July is a Saturday, kept on Friday the 3rd
        ("14 d", date(2026, 11, 2), date(2026, 11, 16)),
        ("0 d", date(2026, 11, 7), date(2026, 11, 7)),
        ("1 mo", date(2027, 1, 31), date(2027, 2, 28)),
        ("6 mo", date(2026, 8, 31), date(2027, 2, 28)),
    ],
)
def test_days_are_counted_as_people_count_them(text: str, start: date, end: date) -> None:
    assert days(text, start) == end


def test_an_evening_in_utc_belongs_to_the_local_day() -> None:
    late = at(2026, 11, 3, 3)  # Monday, 22:00 in New York
    assert NEW_YORK.on(late) == date(2026, 11, 2)
    assert after("1 d", late) == NEW_YORK.end_of(date(2026, 11, 3)) == at(2026, 11, 4, 4, 59, 59)


def test_a_day_ends_at_its_last_local_second_in_summer_and_in_winter() -> None:
    assert NEW_YORK.end_of(date(2026, 7, 1)) == at(2026, 7, 2, 3, 59, 59)
    assert NEW_YORK.end_of(date(2026, 12, 1)) == at(2026, 12, 2, 4, 59, 59)
    assert NEW_YORK.end_of(date(2026, 11, 1)) - NEW_YORK.start_of(date(2026, 11, 1)) == timedelta(hours=25, seconds=-1)
    assert NEW_YORK.end_of(date(2026, 3, 8)) - NEW_YORK.start_of(date(2026, 3, 8)) == timedelta(hours=23, seconds=-1)


def test_thirty_days_over_the_change_of_the_clocks_are_thirty_local_days() -> None:
    assert after("30 d", at(2026, 10, 20, 16)) == at(2026, 11, 20, 4, 59, 59)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (at(2026, 11, 2, 15), at(2026, 11, 2, 17)),  # Monday 10:00: 12:00
        (at(2026, 11, 2, 21), at(2026, 11, 3, 14)),  # Monday 16:00: one hour today, one tomorrow from 8
        (at(2026, 11, 2, 20), at(2026, 11, 2, 22)),  # Monday 15:00: at closing time
        (at(2026, 11, 2, 23), at(2026, 11, 3, 15)),  # Monday 18:00, closed: Tuesday 10:00
        (at(2026, 11, 3, 3), at(2026, 11, 3, 15)),  # Monday 22:00, Tuesday in UTC
        (at(2026, 11, 6, 21, 30), at(2026, 11, 9, 14, 30)),  # Friday 16:30: Monday 9:30
        (at(2026, 11, 7, 15), at(2026, 11, 9, 15)),  # Saturday: Monday 10:00
        (at(2026, 11, 2, 9), at(2026, 11, 2, 15)),  # Monday 4:00, before opening: 10:00
        (at(2026, 10, 30, 20, 30), at(2026, 11, 2, 13, 30)),  # Friday 16:30 in summer, Monday 8:30 in winter time
    ],
)
def test_two_working_hours_run_while_the_unit_is_open(start: datetime, end: datetime) -> None:
    hours = Clock.parse("2 wh") if start != at(2026, 10, 30, 20, 30) else Clock.parse("1 wh")
    assert NEW_YORK.after(start, hours) == end


def test_a_month_later_is_the_same_day_or_the_months_last() -> None:
    assert add_months(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert add_months(date(2026, 3, 31), 6) == date(2026, 9, 30)
    assert add_months(date(2026, 11, 5), 24) == date(2028, 11, 5)
    assert add_months(date(2028, 2, 29), 12) == date(2029, 2, 28)


def test_a_clock_from_a_local_day_and_one_from_a_moment_of_that_day_agree() -> None:
    day = date(2026, 11, 2)
    for text in ("0 d", "3 d", "2 wd", "1 mo"):
        clock = Clock.parse(text)
        assert NEW_YORK.run_out(day, (clock,)) == NEW_YORK.run_out(at(2026, 11, 2, 17), (clock,))
    assert NEW_YORK.run_out(day, (Clock.parse("2 wh"),)) == [at(2026, 11, 2, 15)]


def test_public_holidays_are_known_by_country_and_part() -> None:
    assert date(2026, 11, 26) in public_holidays("US", [2026])
    assert date(2026, 8, 31) in public_holidays("GB-ENG", [2026])
    with pytest.raises(ValueError, match="Atlantis"):
        public_holidays("Atlantis", [2026])


@given(ANYWHERE, CLOCKS, hs.sampled_from(ZONES))
def test_no_clock_runs_backwards(moment: datetime, clock: Clock, zone: str) -> None:
    calendar = Calendar(zone, days_off=NEW_YORK.days_off)
    out = calendar.after(moment, clock)
    assert out >= moment
    assert out.tzinfo is UTC
    longer = Clock(clock.count + 1, clock.unit, clock.anchor)
    assert calendar.after(moment, longer) > out or clock.unit == "mo" or (clock.unit, clock.count) == ("wd", 0)


@given(hs.dates(date(2020, 1, 1), date(2035, 1, 1)), hs.sampled_from(ZONES))
def test_every_moment_lies_in_its_own_local_day(day: date, zone: str) -> None:
    calendar = Calendar(zone)
    start, end = calendar.start_of(day), calendar.end_of(day)
    assert end == calendar.start_of(day + timedelta(days=1)) - timedelta(seconds=1)
    if start <= end:  # an island once left a whole day out
        assert calendar.on(start) == calendar.on(end) == day


@given(hs.dates(date(2020, 1, 1), date(2035, 1, 1)), hs.integers(0, 30))
def test_working_days_count_working_days(day: date, count: int) -> None:
    out = NEW_YORK.add_working_days(day, count)
    assert NEW_YORK.is_working(out)
    passed = sum(NEW_YORK.is_working(day + timedelta(days=n)) for n in range(1, (out - day).days + 1))
    assert passed == count or (count == 0 and not NEW_YORK.is_working(day) and passed == 1)
