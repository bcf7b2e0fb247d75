"""Setting up rooms: add one, say when it is open, close a day. What is wrong is said as `WrongRoom`, with its mend.

You are here to give a unit its rooms, or to make the page on which a manager does. Nothing here touches a visit that
stands: who closes a day is told whose visits are on it, and moves them with her.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import slugify
from msgspec import Struct

from closerlook.pathway.events import Purpose
from closerlook.pathway.slots import room_of, slot_of, starts_of
from closerlook.people import sites
from closerlook.people.models import Site
from closerlook.record.models import Claim
from closerlook.visits.models import ClosedDay, Room, Session

SHORTEST, LONGEST = 5, 240
MOST_NOTICE = 14 * 24
AHEAD = timedelta(days=730)
WORKING_WEEK = (0, 1, 2, 3, 4)


class WrongRoom(ValueError):
    """A room cannot be set up this way; the message says why and what to do."""


class Taken(Struct, frozen=True):
    """A visit that stands in a room: whose, and when."""

    patient: str
    starts_at: datetime


def rooms_of(site: Site) -> list[Room]:
    """Return a site's rooms with their sessions and closed days, by name."""
    found = Room.objects.filter(site=site).order_by("name", "slug")
    return list(found.prefetch_related("sessions", "closed_days"))


def add(
    site: Site,
    name: str,
    purposes: Iterable[Purpose],
    *,
    ultrasound: bool = False,
    slot_minutes: int = 30,
    notice_hours: int = 4,
) -> Room:
    """Add a room. It gives no time until a session is opened. Raises WrongRoom."""
    room = Room(slug=_slug(site, name), site=site)
    values = {"ultrasound": ultrasound, "slot_minutes": slot_minutes, "notice_hours": notice_hours}
    return _kept(room, {"name": name, "purposes": purposes, **values}, new=True)


def change(room: Room, **values: Any) -> Room:
    """Change what a room is called or can do, from now on; visits that stand keep their times. Raises WrongRoom."""
    if values.get("slot_minutes", room.slot_minutes) != room.slot_minutes:
        today = timezone.now()
        if taken_in((room.slug,), today, today + AHEAD)[room.slug]:
            raise WrongRoom("Visits stand in this room. Add a room for the other length, or wait until they are over.")
    return _kept(room, values, new=False)


def _kept(room: Room, values: dict[str, Any], *, new: bool) -> Room:
    for field, value in values.items():
        match field:
            case "name":
                room.name = value.strip()
            case "purposes":
                room.purposes = ",".join(purpose for purpose in Purpose if purpose in set(value))
            case "ultrasound" | "slot_minutes" | "notice_hours":
                setattr(room, field, value)
            case _:
                raise TypeError(f"A room has no {field}.")
    if not room.name:
        raise WrongRoom("Write what the room is called, as her letter will say it.")
    if not room.purposes:
        raise WrongRoom("Say what can be done in this room: choose at least one kind of visit.")
    if not SHORTEST <= room.slot_minutes <= LONGEST:
        raise WrongRoom(f"Give each visit between {SHORTEST} and {LONGEST} minutes.")
    if not 0 <= room.notice_hours <= MOST_NOTICE:
        raise WrongRoom(f"Give between no notice and {MOST_NOTICE} hours.")
    if Room.objects.filter(site=room.site, name=room.name).exclude(pk=room.pk).exists():
        raise WrongRoom("Another room here has this name. Her letter has to tell them apart.")
    room.save(force_insert=new)
    return room


def _slug(site: Site, name: str) -> str:
    """Return a name of its own for a room; it never changes, because taken times are known by it."""
    first = f"{site.slug}-{slugify(name)[:30]}".rstrip("-")
    taken = set(Room.objects.filter(slug__startswith=first).values_list("slug", flat=True))
    return next(slug for n in range(1, 10_000) if (slug := first if n == 1 else f"{first}-{n}") not in taken)


# ---------------------------------------------------------------- when it is open


def open_session(
    room: Room, weekday: int, opens: time, closes: time, *, first: date, last: date | None = None
) -> Session:
    """Let a room give times in these hours of a weekday (Monday is 0), on both days too. Raises WrongRoom."""
    if not 0 <= weekday <= 6:
        raise WrongRoom("Choose a day of the week.")
    if datetime.combine(first, opens) + timedelta(minutes=room.slot_minutes) > datetime.combine(first, closes):
        raise WrongRoom(f"These hours hold no visit: one takes {room.slot_minutes} minutes in this room.")
    if last is not None and last < first:
        raise WrongRoom("The last day comes before the first.")
    with transaction.atomic():
        Room.objects.select_for_update().get(pk=room.pk)  # two who add at once do not both find the hours empty
        if _meeting(room, weekday, opens, closes, first, last).exists():
            raise WrongRoom("The room is open in some of these hours already. End that session first.")
        return Session.objects.create(
            room=room, weekday=weekday, opens=opens, closes=closes, valid_from=first, valid_until=last
        )


def open_week(
    room: Room,
    hours: Iterable[tuple[time, time]],
    weekdays: Iterable[int] = WORKING_WEEK,
    *,
    first: date,
    last: date | None = None,
) -> list[Session]:
    """Open a room in the same hours on these weekdays (Monday is 0), on all of them or on none. Raises WrongRoom."""
    each = [(weekday, *one) for one in hours for weekday in weekdays]
    with transaction.atomic():
        return [open_session(room, day, opens, closes, first=first, last=last) for day, opens, closes in each]


def _meeting(
    room: Room, weekday: int, opens: time, closes: time, first: date, last: date | None
) -> QuerySet[Session, Session]:
    goes_on = Q(valid_until=None) | Q(valid_until__gte=first)
    found = Session.objects.filter(goes_on, room=room, weekday=weekday, opens__lt=closes, closes__gt=opens)
    return found if last is None else found.filter(valid_from__lte=last)


def end_session(session: Session, last: date) -> None:
    """Let a session end after a day; one that would never have begun is removed."""
    if last < session.valid_from:
        session.delete()
        return
    session.valid_until = last
    session.save(update_fields=["valid_until"])


def close_day(room: Room, day: date, reason: str) -> list[Taken]:
    """Give no more times on a day, and return the visits that stand on it: each is to be moved with her."""
    if not reason.strip():
        raise WrongRoom("Write why the room is closed on that day.")
    ClosedDay.objects.update_or_create(room=room, day=day, defaults={"reason": reason.strip()[:120]})
    return standing(room, day)


def reopen_day(room: Room, day: date) -> None:
    """Give times on a day again."""
    ClosedDay.objects.filter(room=room, day=day).delete()


def standing(room: Room, day: date) -> list[Taken]:
    """Return the visits that stand in a room on a local day, in order."""
    calendar = sites.protocol(room.site_id).calendar
    return taken_in((room.slug,), calendar.start_of(day), calendar.end_of(day))[room.slug]


def taken_in(rooms: Iterable[str], first: datetime, last: datetime) -> dict[str, list[Taken]]:
    """Return, by room, the visits that stand and begin between two moments, in order."""
    found: dict[str, list[Taken]] = {room: [] for room in rooms}
    which = Q(value="")
    for room in found:
        which |= Q(value__gte=slot_of(room, first), value__lte=slot_of(room, last))
    for value, patient in Claim.objects.filter(which, kind="slot").values_list("value", "stream"):
        if (room := room_of(value)) in found:
            found[room].append(Taken(patient, starts_of(value)))
    for there in found.values():
        there.sort(key=lambda one: one.starts_at)
    return found
