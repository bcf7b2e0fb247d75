"""Free times, computed from rooms, their sessions and what is claimed; and the visits that hold a whole plan.

Nothing is held while somebody chooses: whoever records first has the time, and the other is told at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from msgspec import Struct

from closerlook.pathway.calendar import Calendar
from closerlook.pathway.events import CallBackDecided, Purpose
from closerlook.pathway.slots import slot_of
from closerlook.pathway.terms import ExaminationKind
from closerlook.people import sites
from closerlook.people.models import Site
from closerlook.visits.models import Room, Session
from closerlook.visits.rooms import Taken, taken_in

AHEAD = timedelta(days=42)
"""How far free times are looked for, unless the page says otherwise; site default."""
MOST = 400


class Time(Struct, frozen=True, order=True):
    """A free time: when, where as her letter will say it, and the slot that booking it claims."""

    starts_at: datetime
    slot: str
    place: str


def rooms_for(site: Site, purpose: Purpose, *, ultrasound: bool = False) -> list[Room]:
    """Return the rooms of a site in which such a visit can be given."""
    found = Room.objects.filter(site=site).prefetch_related("sessions", "closed_days").order_by("slug")
    return [room for room in found if purpose in room.does and (room.ultrasound or not ultrasound)]


def free(
    site: Site, purpose: Purpose, *, now: datetime, ultrasound: bool = False, until: datetime | None = None
) -> list[Time]:
    """Return the free times for a visit from `now` on, each room's notice kept, the earliest first; MOST at the most.

    Where two rooms are free at one moment, both are there. A day that is no working day of the site's protocol, or on
    which a room is closed, gives none.
    """
    rooms = rooms_for(site, purpose, ultrasound=ultrasound)
    last = until or now + AHEAD
    calendar = sites.protocol(site.slug).calendar
    longest = timedelta(minutes=max((room.slot_minutes for room in rooms), default=0))
    taken = taken_in((room.slug for room in rooms), now - longest, last + longest)
    found = [time_ for room in rooms for time_ in _of_room(room, site, calendar, now, last, taken[room.slug])]
    return sorted(found)[:MOST]


def _of_room(
    room: Room, site: Site, calendar: Calendar, now: datetime, last: datetime, taken: Sequence[Taken]
) -> Iterator[Time]:
    length = timedelta(minutes=room.slot_minutes)
    first = now + timedelta(hours=room.notice_hours)
    closed = {one.day for one in room.closed_days.all()}
    day = calendar.on(first)
    while calendar.start_of(day) <= last:
        if calendar.is_working(day) and day not in closed:
            for starts_at in _of_day(room, day, ZoneInfo(site.zone), length):
                # A visit given when times were longer or shorter may reach into this one.
                free_ = all(abs(one.starts_at - starts_at) >= length for one in taken)
                if free_ and first <= starts_at <= last:
                    yield Time(starts_at, slot_of(room.slug, starts_at), room.name)
        day += timedelta(days=1)


def _of_day(room: Room, day: date, zone: ZoneInfo, length: timedelta) -> list[datetime]:
    """Return when visits begin on a day, in UTC. An hour that clocks leap over is none; one that comes twice is two."""
    open_then = [session for session in room.sessions.all() if _is_on(session, day)]
    return sorted({start for session in open_then for start in _of_session(session, day, zone, length)})


def _is_on(session: Session, day: date) -> bool:
    over = session.valid_until is not None and day > session.valid_until
    return session.weekday == day.weekday() and session.valid_from <= day and not over


def _of_session(session: Session, day: date, zone: ZoneInfo, length: timedelta) -> Iterator[datetime]:
    # Counted in UTC from the opening: on the night clocks change, hours on the wall are not hours that pass.
    start, end = _utc(day, session.opens, zone), _utc(day, session.closes, zone)
    while start + length <= end:
        yield start
        start += length


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


# ---------------------------------------------------------------- what holds a plan


def needs_ultrasound(plan: CallBackDecided | None) -> bool:
    """Whether the plan asks for ultrasound in the same visit."""
    return plan is not None and (plan.ultrasound or ExaminationKind.ULTRASOUND in plan.also)


BESIDE = frozenset({ExaminationKind.MRI, ExaminationKind.CONTRAST_MAMMOGRAPHY})


def beside(plan: CallBackDecided | None) -> list[ExaminationKind]:
    """Return what a plan asks for that no room here says it can do: it is arranged apart."""
    return [kind for kind in plan.also if kind in BESIDE] if plan is not None else []


def two_earliest(times: Iterable[Time], zone: str) -> list[Time]:
    """Return the earliest time and the earliest on another day: two on one morning are no choice for her."""
    days = groupby(sorted(times), key=lambda one: one.starts_at.astimezone(ZoneInfo(zone)).date())
    return [next(of_day) for _day, of_day in days][:2]
