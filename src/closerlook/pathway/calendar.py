"""Working days, local dates and the clocks written in a protocol ("7 d from reading", "1 wd", "2 wh").

Due dates are local dates: a clock of days ends at the last second of a local day; one of working hours at a moment.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, cast
from zoneinfo import ZoneInfo

import holidays
from msgspec import Struct

Unit = Literal["d", "wd", "wh", "mo"]
ANCHORS = frozenset(
    {
        "opened",
        "examination",
        "reading",
        "initial_report",
        "screening",
        "hear_by",
        "review",
        "surveillance",
        "next_due",
        "visit",
        "first_visit",
        "settled",
    }
)
_CLOCK = re.compile(r"^\s*(-?\d+)\s*(d|wd|wh|mo)(?:\s+from\s+([a-z_]+))?\s*$")
_LAST_SECOND = time(23, 59, 59)


class Clock(Struct, frozen=True):
    """A length of time and the moment it is counted from."""

    count: int
    unit: Unit
    anchor: str

    @classmethod
    def parse(cls, text: str) -> "Clock":
        """Read "30 d from examination". Raises ValueError with the mend."""
        found = _CLOCK.match(text)
        if not found:
            raise ValueError(f'{text!r} is not a clock; write for example "1 wd" or "30 d from examination"')
        anchor = found[3] or "opened"
        if anchor not in ANCHORS:
            raise ValueError(
                f"{anchor!r} in {text!r} is no moment a clock can start from; use {', '.join(sorted(ANCHORS))}"
            )
        count = int(found[1])
        if count < 0 and (found[2] != "d" or anchor == "opened"):
            raise ValueError(f'{text!r} counts back: write days before a known moment, for example "-2 d from visit"')
        return cls(count, cast(Unit, found[2]), anchor)


class Calendar(Struct, frozen=True):
    """One site's working days: `weekend` as Monday=0, `days_off` public holidays, `opens` and `closes` local hours."""

    zone: str
    weekend: tuple[int, ...] = (5, 6)
    days_off: frozenset[date] = frozenset()
    opens: int = 8
    closes: int = 17

    def on(self, moment: datetime) -> date:
        """Return the local date of an aware moment."""
        return _on(self.zone, moment)

    def is_working(self, day: date) -> bool:
        return day.weekday() not in self.weekend and day not in self.days_off

    def end_of(self, day: date) -> datetime:
        """Return the last second of a local day, in UTC."""
        return _end_of(self.zone, day)

    def start_of(self, day: date) -> datetime:
        """Return the first moment of a local day, in UTC."""
        return _end_of(self.zone, day - timedelta(days=1)) + timedelta(seconds=1)

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`; for 0 the day itself, or the next working day."""
        if count == 0:
            while not self.is_working(day):
                day += timedelta(days=1)
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def after(self, moment: datetime, clock: Clock) -> datetime:
        """Return when `clock`, started at `moment`, runs out (UTC)."""
        return self.run_out(moment, (clock,))[0]

    def run_out(self, start: datetime | date, clocks: Sequence[Clock]) -> list[datetime]:
        """Return when each of `clocks`, started at one moment or on one local day, runs out (UTC)."""
        if not isinstance(start, datetime):
            return [self.after_day(start, clock) for clock in clocks]
        # Local date first, then add days: in UTC an evening reading can belong to the next day.
        day = _on(self.zone, start)
        return [
            self._after_hours(start, clock.count) if clock.unit == "wh" else self.after_day(day, clock)
            for clock in clocks
        ]

    def after_day(self, day: date, clock: Clock) -> datetime:
        """Return when `clock`, started on a local day, runs out (UTC)."""
        if clock.unit == "d":
            return _end_of(self.zone, day + timedelta(days=clock.count))
        if clock.unit == "wd":
            return _end_of(self.zone, self.add_working_days(day, clock.count))
        if clock.unit == "mo":
            return _end_of(self.zone, add_months(day, clock.count))
        return self._after_hours(self.start_of(day), clock.count)

    def _after_hours(self, moment: datetime, hours: int) -> datetime:
        local = moment.astimezone(_zone(self.zone))
        left = timedelta(hours=hours)
        while True:
            opens = datetime.combine(local.date(), time(self.opens), local.tzinfo)
            closes = datetime.combine(local.date(), time(self.closes), local.tzinfo)
            if self.is_working(local.date()) and local < closes:
                begin = max(local, opens)
                if begin + left <= closes:
                    return (begin + left).astimezone(UTC)
                left -= closes - begin
            local = datetime.combine(local.date() + timedelta(days=1), time(self.opens), local.tzinfo)


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or that month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=65_536)
def _on(zone: str, moment: datetime) -> date:
    return moment.astimezone(_zone(zone)).date()


@lru_cache(maxsize=16_384)
def _end_of(zone: str, day: date) -> datetime:
    # Where clocks go back at midnight the last second comes twice; the day ends with the second.
    return datetime.combine(day, _LAST_SECOND, _zone(zone)).replace(fold=1).astimezone(UTC)


def public_holidays(country: str, years: Iterable[int]) -> frozenset[date]:
    """Return the public holidays of a country or "GB-ENG" style part of one. Raises ValueError for an unknown one."""
    name, _, part = country.partition("-")
    try:
        found = holidays.country_holidays(name, subdiv=part or None, years=list(years))
    except NotImplementedError as error:
        raise ValueError(f"holidays: {country!r} is not a country or part the calendar knows") from error
    return frozenset(found)
