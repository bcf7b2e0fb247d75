"""A unit's rooms, as the tests of visits set them up: nine to noon on every working day, half an hour each."""

from datetime import date, datetime, time
from typing import Any

from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Kind, Purpose
from closerlook.pathway.slots import slot_of
from closerlook.people.sites import site
from closerlook.record import door
from closerlook.visits import rooms
from closerlook.visits.models import Room
from tests.record.steps import FEED, NAVIGATOR, RADIOLOGIST, plan, report
from tests.stores import NOW

FIRST = date(2026, 1, 1)
HERS = [Actor(Kind.PATIENT, f"p{n}") for n in range(2)]


def room(name: str = "Room 1", purposes: tuple[Purpose, ...] = (Purpose.PICTURES,), **values: Any) -> Room:
    """Return a new room that is open from nine to noon, Monday to Friday."""
    found = rooms.add(site(), name, purposes, **values)
    rooms.open_week(found, ((time(9), time(12)),), first=FIRST)
    return found


def called_back(patient: str, accession: str) -> None:
    """Enter someone who is called back and whose pictures are planned."""
    door.take(report(accession=accession), stream=patient, actor=FEED, key="r", now=NOW)
    door.take(plan(), stream=patient, actor=RADIOLOGIST, key="p", now=NOW)


def booking(where: Room, starts_at: datetime) -> st.BookVisit:
    return st.BookVisit(episode="e1", starts_at=starts_at, place=where.name, slot=slot_of(where.slug, starts_at))


def moving(where: Room, starts_at: datetime) -> st.MoveVisit:
    return st.MoveVisit(episode="e1", starts_at=starts_at, place=where.name, slot=slot_of(where.slug, starts_at))


def take(patient: str, step: st.Step, key: str) -> door.Answer:
    return door.take(step, stream=patient, actor=NAVIGATOR, key=key, now=NOW)
