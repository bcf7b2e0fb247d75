"""The form that books: free times where rooms are set up, a day and a place in words where none is."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from closerlook.pathway import steps as st
from closerlook.pathway.events import Purpose
from closerlook.people.sites import site
from closerlook.record.models import Claim
from closerlook.visits import rooms
from tests.calls.calling import HIDDEN, called_back, in_words
from tests.desk import conftest as desks
from tests.desk.people import Unit
from tests.visits.rooms import room

unit, sit, sessions_last = desks.unit, desks.sit, desks.sessions_last
Sit = Callable[[str], Client]


def at(patient: str, step: str = "BookVisit") -> str:
    return f"/patient/{patient}/do/{step}/?subject=e1:pictures"


def book(client: Client, patient: str, step: str = "BookVisit", **data: str) -> tuple[int, str]:
    page = client.get(at(patient, step)).content.decode()
    answer = client.post(at(patient, step), dict(HIDDEN.findall(page)) | data)
    return answer.status_code, in_words(answer.content.decode())


def offered(client: Client, patient: str) -> list[str]:
    return re.findall(r'<option value="(main-[^"]+)"', client.get(at(patient)).content.decode())


def test_free_times_are_offered_and_one_is_taken_with_its_room(unit: Unit, sit: Sit) -> None:
    room("Second floor, room 1", ultrasound=True)
    room("Without ultrasound")
    her, ana = called_back(unit), sit("navigator")
    times = offered(ana, her)
    assert times
    assert all(slot.startswith("main-second-floor-room-1@") for slot in times), "the plan asks for ultrasound"
    assert "Day and time" not in in_words(ana.get(at(her)).content.decode())
    assert book(ana, her, slot=times[0])[0] == 302
    visit = unit.state(her).episodes["e1"].visit
    assert (visit.slot, visit.place) == (times[0], "Second floor, room 1")
    assert times[0] not in offered(ana, called_back(unit, 1))
    assert book(ana, her, "MoveVisit", slot=times[3])[0] == 302
    assert list(Claim.objects.filter(kind="slot").values_list("value", flat=True)) == [times[3]]


def test_a_time_taken_meanwhile_is_said_on_the_form(unit: Unit, sit: Sit) -> None:
    room("Room 1", ultrasound=True)
    one, two, ana = called_back(unit, 1), called_back(unit, 2), sit("navigator")
    slot = offered(ana, one)[0]
    book(ana, one, slot=slot)
    status, said = book(ana, two, slot=slot)
    assert (status, "Someone has just taken this time. Choose another." in said) == (200, True)
    assert book(ana, two)[1].count("Choose one.") >= 1
    assert unit.state(two).episodes["e1"].visits == {}


def test_without_rooms_a_day_and_a_place_are_written(unit: Unit, sit: Sit) -> None:
    room("For tissue", (Purpose.BIOPSY,))
    her, ana = called_back(unit), sit("navigator")
    assert offered(ana, her) == []
    when = (unit.now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert book(ana, her, starts_at=when, place="Hill Street")[0] == 302
    assert unit.state(her).episodes["e1"].visit.slot is None


def test_where_nothing_is_free_a_time_agreed_elsewhere_can_be_written(unit: Unit, sit: Sit) -> None:
    here = rooms.add(site(), "Never open", (Purpose.PICTURES,), ultrasound=True)
    her, ana = called_back(unit), sit("navigator")
    assert here.sessions.count() == 0
    status, said = book(ana, her)
    assert status == 200
    assert "No time is free in the next weeks." in said
    assert "Give a day and a time." in said
    when = (unit.now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert book(ana, her, starts_at=when, place="Hill Street")[0] == 302


def test_a_room_serves_only_the_visit_it_is_for(unit: Unit, sit: Sit) -> None:
    room("Pictures", ultrasound=True)
    room("Screening", (Purpose.SCREENING,))
    her, ana = called_back(unit), sit("navigator")
    exam = next(iter(unit.state(her).episodes["e1"].exams))
    unit.take(her, "technologist", st.RecordIncomplete(exam=exam, reason="she felt faint"))
    path = f"/patient/{her}/do/BookVisit/?subject=e1"
    page = ana.get(path).content.decode()
    assert "Screening visit: Tuesday 3 November" in page
    assert "Visit for further pictures: Tuesday 3 November" in page
    slot = "main-screening@2026-11-03T15:00Z"
    wrong = ana.post(path, dict(HIDDEN.findall(page)) | {"slot": slot, "purpose": "pictures"})
    assert "This room is not for such a visit." in in_words(wrong.content.decode())
    right = ana.post(path, dict(HIDDEN.findall(page)) | {"slot": slot, "purpose": "screening"})
    assert right.status_code == 302
    assert unit.state(her).episodes["e1"].visits[Purpose.SCREENING].slot == slot


@pytest.mark.parametrize("who", ["desk", "nurse"])
def test_whoever_books_is_offered_the_same(unit: Unit, sit: Sit, who: str) -> None:
    room("Room 1", ultrasound=True)
    her = called_back(unit)
    assert offered(sit(who), her) == offered(sit("navigator"), her)
