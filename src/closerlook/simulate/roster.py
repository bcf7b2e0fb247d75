"""Who works when: people with limited hours, and visits with limited places. Times are aware moments in UTC.

You are here to see why something in a simulated programme waited: for the unit to open, for somebody to be free, or for
a place on a day when that clinic is held.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from closerlook.pathway.calendar import Calendar
from closerlook.pathway.events import Actor, Kind, Purpose
from closerlook.pathway.terms import Role


class Worker(Struct, frozen=True):
    """One member of staff: sign-in name, roles, and the weekdays worked (Monday is 0)."""

    username: str
    name: str
    roles: tuple[str, ...]
    days: tuple[int, ...] = (0, 1, 2, 3, 4)

    @property
    def actor(self) -> Actor:
        return Actor(Kind.STAFF, self.username, tuple(sorted(self.roles)))


class Clinic(Struct, frozen=True):
    """Visits of one purpose: on which weekdays, from which local hour, how many a day, how many minutes each."""

    purpose: Purpose
    place: str
    days: tuple[int, ...]
    hour: int
    places: int
    minutes: int


class Hours:
    """The unit's opening hours over a stretch of days."""

    def __init__(self, calendar: Calendar, first: date, last: date) -> None:
        zone = ZoneInfo(calendar.zone)
        day = first
        self.days: list[date] = []
        self.opens: list[datetime] = []
        self.closes: list[datetime] = []
        while day <= last:
            if calendar.is_working(day):
                self.days.append(day)
                for found, hour in ((self.opens, calendar.opens), (self.closes, calendar.closes)):
                    found.append(datetime.combine(day, time(hour), zone).astimezone(ZoneInfo("UTC")))
            day += timedelta(days=1)

    def open_at(self, moment: datetime, days: Sequence[int] = (0, 1, 2, 3, 4, 5, 6)) -> datetime:
        """Return `moment`, or the next moment the unit is open on one of these weekdays. Raises IndexError beyond."""
        n = bisect_right(self.closes, moment)
        while self.days[n].weekday() not in days:
            n += 1
        return max(moment, self.opens[n])

    def after(self, day: date) -> int:
        """Return the number of the first working day on or after `day`."""
        return bisect_left(self.days, day)


class Roster:
    """Who is free. One thing at a time each, in the order the work is asked for."""

    def __init__(self, workers: Sequence[Worker], hours: Hours) -> None:
        self._hours = hours
        self._free: dict[str, datetime] = {}
        self._by_role: dict[str, list[Worker]] = {}
        for worker in workers:
            for role in worker.roles:
                self._by_role.setdefault(role, []).append(worker)
        self.busy_minutes: dict[str, float] = {}

    def book(self, role: Role, ready: datetime, minutes: float, never: Sequence[str] = ()) -> tuple[datetime, Worker]:
        """Give the next free member of `role` work of so many minutes; return when it is done, and by whom.

        `never`: sign-in names of those who may not do it. Raises LookupError where nobody else has the role.
        """
        workers = [w for w in self._by_role.get(role, []) if w.username not in never]
        if not workers:
            raise LookupError(f"nobody works as {role}, beside {', '.join(never) or 'nobody'}")
        starts = [(self._hours.open_at(max(ready, self._free.get(w.username, ready)), w.days), w) for w in workers]
        at, worker = min(starts, key=lambda s: (s[0], self.busy_minutes.get(s[1].username, 0)))
        done = at + timedelta(minutes=minutes)
        self._free[worker.username] = done
        self.busy_minutes[worker.username] = self.busy_minutes.get(worker.username, 0) + minutes
        return done, worker

    def anyone(self, role: Role) -> Worker:
        return self._by_role[role][0]


class Diary:
    """The places of every clinic, given out in order."""

    def __init__(self, clinics: Sequence[Clinic], hours: Hours, zone: str) -> None:
        self._clinics = {clinic.purpose: clinic for clinic in clinics}
        self._hours = hours
        self._zone = ZoneInfo(zone)
        self._given: dict[tuple[Purpose, date], int] = {}

    def give(self, purpose: Purpose, after: datetime) -> tuple[datetime, str]:
        """Return the first free place that begins later than `after`: when, and where."""
        clinic = self._clinics[purpose]
        n = self._hours.after(after.astimezone(self._zone).date())
        while True:
            day = self._hours.days[n]
            n += 1
            if day.weekday() not in clinic.days:
                continue
            given = self._given.get((purpose, day), 0)
            if given >= clinic.places:
                continue
            starts = datetime.combine(day, time(clinic.hour), self._zone) + timedelta(minutes=given * clinic.minutes)
            starts = starts.astimezone(ZoneInfo("UTC"))
            if starts <= after:
                self._given[purpose, day] = given + 1  # it passes unused
                n -= 1
                continue
            self._given[purpose, day] = given + 1
            return starts, clinic.place
