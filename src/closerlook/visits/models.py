"""Rooms and when they are open. No row for a single time: free times are computed, taken ones are the record's claims.

Each field is marked personal or not in `PERSONAL`; nothing here is about a patient.
"""

from django.db import models

from closerlook.pathway.events import Purpose
from closerlook.people.models import Site


class Room(models.Model):
    """A room in which visits are given, and what can be done there. `name` is the place as her letter says it."""

    slug = models.SlugField(primary_key=True, max_length=60)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=120)
    purposes = models.CharField(max_length=80, help_text="Comma separated, as in pathway.events.Purpose.")
    ultrasound = models.BooleanField(default=False)
    slot_minutes = models.PositiveSmallIntegerField(default=30)
    notice_hours = models.PositiveSmallIntegerField(default=4)

    def __str__(self) -> str:
        return self.slug

    @property
    def does(self) -> frozenset[Purpose]:
        return frozenset(Purpose(purpose) for purpose in self.purposes.split(",") if purpose)


class Session(models.Model):
    """Hours of one weekday (Monday is 0) in which a room gives times, at the site's clock; both days included."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="sessions")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["room", "weekday"], name="session_room_weekday")]

    def __str__(self) -> str:
        return f"{self.room_id} {self.weekday} {self.opens:%H:%M}"


class ClosedDay(models.Model):
    """A day on which a room gives no times, and why: a service of the machine, a conference."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="closed_days")
    day = models.DateField()
    reason = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "day"], name="closed_once")]

    def __str__(self) -> str:
        return f"{self.room_id} {self.day}"


PERSONAL: dict[str, bool] = {
    "Room.slug": False, "Room.site": False, "Room.name": False, "Room.purposes": False, "Room.ultrasound": False,
    "Room.slot_minutes": False, "Room.notice_hours": False,
    "Session.id": False, "Session.room": False, "Session.weekday": False, "Session.opens": False,
    "Session.closes": False, "Session.valid_from": False, "Session.valid_until": False,
    "ClosedDay.id": False, "ClosedDay.room": False, "ClosedDay.day": False, "ClosedDay.reason": False,
}  # fmt: skip
