"""Her visit in her calendar, a change she tells of, older pictures, and saying no today."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import vobject
from django.test import Client
from ical.calendar_stream import IcsCalendarStream

from closerlook.pathway import steps as st
from closerlook.pathway.events import ContactRoute, Kind, Wishes
from closerlook.pathway.terms import Assessment, Laterality
from closerlook.people.models import Patient
from closerlook.portal.models import PersonalLink
from closerlook.record import door
from tests.her_page.conftest import last_code
from tests.her_page.told import Told

Enter = Callable[..., Client]


def test_two_other_readers_find_her_visit_in_the_calendar_file(enter: Enter, told: Told) -> None:
    told.called_back().booked()
    answer = enter().get("/my/round/e1/visit.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    body = answer.content.decode()
    starts = told.look().episode.visit.starts_at
    event = vobject.readOne(body).vevent
    assert event.dtstart.value == starts
    assert event.valarm.trigger.value == timedelta(days=-1)
    [other] = IcsCalendarStream.calendar_from_ics(body).events
    assert other.start == starts
    assert other.uid == event.uid.value
    assert "BEGIN:VTIMEZONE" in body


def test_the_calendar_file_says_where_and_when_and_nothing_of_why(enter: Enter, told: Told) -> None:
    told.called_back().booked()
    body = enter().get("/my/round/e1/visit.ics").content.decode().lower()
    for word in ("mammogram", "ultrasound", "asked back", "picture", "olsen", "biops", "sample", "result"):
        assert word not in body


def test_a_visit_given_another_time_replaces_the_first_in_her_calendar(enter: Enter, told: Told) -> None:
    told.called_back().booked(days=3)
    first = vobject.readOne(enter().get("/my/round/e1/visit.ics").content.decode()).vevent
    told.take(st.MoveVisit(episode="e1", starts_at=told.now + timedelta(days=5), place="Riverside"))
    second = vobject.readOne(enter().get("/my/round/e1/visit.ics").content.decode()).vevent
    assert first.uid.value == second.uid.value
    assert int(second.sequence.value) > int(first.sequence.value)
    assert second.dtstart.value > first.dtstart.value


@pytest.mark.parametrize("round_", ["e1", "e2", "nothing"])
def test_there_is_no_calendar_file_without_a_visit(enter: Enter, told: Told, round_: str) -> None:
    told.called_back()
    assert enter().get(f"/my/round/{round_}/visit.ics").status_code == 404


def test_saying_no_today_is_read_first_and_asks_a_nurse_to_ring(enter: Enter, told: Told) -> None:
    told.called_back()
    her = enter()
    page = her.get("/my/round/e1/not-today/").content.decode()
    assert "What it means to wait" in page
    assert not told.look().episode.contact.said_no
    her.post("/my/round/e1/not-today/")
    assert told.look().episode.contact.said_no
    assert told.episode.paused is None
    assert told.episode.refusals == ()
    assert ("nurse_call", "e1") in {(key[1], key[2]) for key in told.patient.owed}


def test_a_normal_round_offers_no_way_to_say_no(enter: Enter, told: Told) -> None:
    told.examined().report((None, Assessment.NEGATIVE))
    assert enter().get("/my/round/e1/not-today/").status_code == 404


def test_a_change_she_tells_of_is_owed_an_answer(enter: Enter, told: Told) -> None:
    told.called_back()
    her = enter()
    assert her.post("/my/round/e1/change/", {"side": "left"}).status_code == 422
    her.post("/my/round/e1/change/", {"what": "lump", "side": "left"})
    [symptom] = told.look().episode.symptoms.values()
    assert (symptom.what, symptom.side) == ("lump", Laterality.LEFT)
    assert "answer_symptom" in {key[1] for key in told.patient.owed}


def test_where_her_older_pictures_are_is_noted_only_with_her_permission(enter: Enter, told: Told) -> None:
    told.called_back()
    her = enter()
    assert her.post("/my/round/e1/older-pictures/", {"source": "Hill Clinic"}).status_code == 422
    assert told.look().episode.priors.known is None
    her.post("/my/round/e1/older-pictures/", {"source": "Hill Clinic", "may_ask": "on"})
    assert told.look().episode.priors.known == "Hill Clinic"
    assert "Hill Clinic" in her.get("/my/round/e1/older-pictures/").content.decode()


def test_a_proxy_acts_as_a_proxy_for_as_long_as_it_is_one(enter: Enter, told: Told, olsen: Patient) -> None:
    told.called_back().booked()
    told.take(st.SetWishes(wishes=Wishes(route=ContactRoute.PROXY)))
    her = enter()
    PersonalLink.objects.update(proxy="Eva Olsen", phone="555 010 0188")
    assert "You are here for Marta Olsen." in her.get("/my/").content.decode()
    her.post("/my/call/", {"best_time": "any"})
    assert door.look(told.stream).records[-1].actor.kind is Kind.PROXY
    her.post("/my/round/e1/change/", {"what": "lump", "side": "left"})
    assert told.look().episode.symptoms
    her.post("/my/code/send/")
    her.post("/my/code/", {"code": last_code()})
    her.post("/my/wishes/details/", {"phone": "555 666 6666", "address": "Elsewhere"})
    olsen.refresh_from_db()
    assert olsen.phone == "555 0199"
    told.take(st.SetWishes(wishes=Wishes()))
    assert her.get("/my/").status_code == 302


def test_a_no_is_answered_and_not_asked_for_again(enter: Enter, told: Told) -> None:
    told.called_back().booked()
    her = enter()
    her.post("/my/round/e1/not-today/")
    page = her.get("/my/").content.decode()
    assert "You told us: not now. A nurse will ring you" in page
    assert "Yes, I will come" not in page
    assert "not-today" not in page
