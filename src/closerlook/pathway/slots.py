"""The name of one time in one room: what a visit claims, so that no two people can take it.

It holds the moment in UTC, so that the hour that comes twice when clocks go back is two times, not one.
"""

from datetime import UTC, datetime

_MOMENT = "%Y-%m-%dT%H:%MZ"


def slot_of(room: str, starts_at: datetime) -> str:
    """Return the slot of a room at an aware moment, such as "main-us@2026-11-24T16:20Z"."""
    return f"{room}@{starts_at.astimezone(UTC).strftime(_MOMENT)}"


def room_of(slot: str) -> str:
    """Return the room of a slot."""
    return slot.rpartition("@")[0]


def starts_of(slot: str) -> datetime:
    """Return when a slot begins, in UTC. Raises ValueError for what is no slot."""
    return datetime.strptime(slot.rpartition("@")[2], _MOMENT).replace(tzinfo=UTC)


def is_of(slot: str, starts_at: datetime) -> bool:
    """Whether a slot names a room and begins at this very moment."""
    try:
        return bool(room_of(slot)) and starts_of(slot) == starts_at
    except ValueError:
        return False
