"""What she asks for on her page: kept, owed where somebody has to act, and safe from who found her letter."""

from collections.abc import Callable

import pytest
from django.test import Client

from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, ContactRoute, Request, Wishes
from closerlook.people.models import DetailsChanged, Patient
from tests.her_page.told import Told

Enter = Callable[..., Client]


@pytest.fixture
def her(enter: Enter, told: Told) -> Client:
    told.called_back()
    return enter()


def test_her_language_and_the_ways_she_does_not_want_are_kept(her: Client, told: Told, olsen: Patient) -> None:
    her.post("/my/wishes/reach/", {"language": "es", "not_by": ["text"]})
    olsen.refresh_from_db()
    assert olsen.language == "es"
    assert told.look().patient.wishes == Wishes(not_by=(Channel.TEXT,))
    assert '<html lang="es"' in her.get("/my/").content.decode()
    her.post("/my/wishes/reach/", {"language": "pl", "not_by": ["text"]})
    assert told.look().patient.wishes == Wishes(not_by=(Channel.TEXT,), interpreter="pl")
    her.post("/my/wishes/reach/", {"language": "fr", "not_by": ["text"]})
    assert told.look().patient.wishes.interpreter is None
    assert [(c.field, c.before) for c in DetailsChanged.objects.order_by("pk")] == [
        ("language", ""),
        ("language", "es"),
        ("language", "pl"),
    ]


def test_one_way_to_reach_her_is_always_left(her: Client, told: Told) -> None:
    answer = her.post("/my/wishes/reach/", {"language": "", "not_by": ["phone", "text", "letter"]})
    assert answer.status_code == 422
    assert "Leave us one way" in answer.content.decode()
    assert told.look().patient.wishes == Wishes()


def test_a_wish_set_elsewhere_survives_one_set_here(her: Client, told: Told) -> None:
    told.take(st.SetWishes(wishes=Wishes(not_by=(Channel.CERTIFIED_LETTER,), interpreter="so")))
    her.post("/my/wishes/reach/", {"language": "", "not_by": ["letter"]})
    found = told.look().patient.wishes
    assert set(found.not_by) == {Channel.CERTIFIED_LETTER, Channel.LETTER}
    assert found.interpreter == "so"


def test_who_found_the_letter_cannot_send_her_codes_to_another_number(her: Client, olsen: Patient) -> None:
    assert "Send a code to my phone" in her.get("/my/wishes/").content.decode()
    her.post("/my/wishes/details/", {"phone": "555 999 0000", "address": "Elsewhere"})
    olsen.refresh_from_db()
    assert olsen.phone == "555 0199"
    assert not DetailsChanged.objects.exists()


def test_after_a_code_she_changes_her_number_and_what_was_there_is_kept(
    enter: Enter, told: Told, olsen: Patient
) -> None:
    told.called_back()
    her = enter(coded=True)
    assert her.post("/my/wishes/details/", {"phone": "12", "address": ""}).status_code == 422
    her.post("/my/wishes/details/", {"phone": "555 999 0000", "address": ""})
    olsen.refresh_from_db()
    assert (olsen.phone, olsen.address_lines[0]) == ("555 999 0000", "22 Harbour Road")
    assert [(c.field, c.before, c.changed_by) for c in DetailsChanged.objects.all()] == [
        ("phone", "555 0199", "patient")
    ]


def test_a_safe_way_to_reach_her_is_changed_by_a_person_alone(enter: Enter, told: Told, olsen: Patient) -> None:
    told.called_back().take(st.SetWishes(wishes=Wishes(route=ContactRoute.SHELTER)))
    her = enter()
    assert "safe way to reach you" in her.get("/my/wishes/").content.decode()
    her.post("/my/wishes/details/", {"phone": "555 999 0000", "address": "Elsewhere"})
    olsen.refresh_from_db()
    assert olsen.phone == "555 0199"


def test_results_wait_for_a_talk_when_she_asks_and_no_longer_when_she_changes_her_mind(
    enter: Enter, told: Told
) -> None:
    told.called_back()
    her = enter(coded=True)
    her.post("/my/wishes/wait/", {"wait": "yes"})
    assert told.look().patient.wishes.tell_first_until is not None
    assert "That holds until" in her.get("/my/wishes/").content.decode()
    her.post("/my/wishes/wait/", {"wait": "no"})
    assert told.look().patient.wishes.tell_first_until is None


def test_copies_she_asks_for_are_owed_once(her: Client, told: Told) -> None:
    her.post("/my/wishes/copies/")
    her.post("/my/wishes/copies/")
    assert told.look().patient.requests == (Request.COPIES,)
    assert "You have asked for copies." in her.get("/my/wishes/").content.decode()


def test_one_wish_after_another_is_kept(her: Client, told: Told) -> None:
    """The first changes nothing, the second does: they are two, whatever the version."""
    her.post("/my/wishes/reach/", {"language": "", "not_by": []})
    her.post("/my/wishes/reach/", {"language": "", "not_by": ["phone"]})
    assert told.look().patient.wishes.not_by == (Channel.PHONE,)


def test_who_found_the_letter_lifts_nothing_she_asked_for(her: Client, told: Told, enter: Enter) -> None:
    told.take(st.SetWishes(wishes=Wishes(not_by=(Channel.PHONE,), tell_first_until=told.day(90))))
    assert her.post("/my/wishes/reach/", {"language": "", "not_by": []}).status_code == 422
    her.post("/my/wishes/wait/", {"wait": "no"})
    found = told.look().patient.wishes
    assert (found.not_by, found.tell_first_until) == ((Channel.PHONE,), told.day(90))
    coded = enter(coded=True)
    coded.post("/my/wishes/reach/", {"language": "", "not_by": []})
    assert told.look().patient.wishes.not_by == ()


def test_a_safe_way_stays_whatever_the_page_sends(her: Client, told: Told) -> None:
    told.take(st.SetWishes(wishes=Wishes(route=ContactRoute.SHELTER, not_by=(Channel.LETTER,))))
    her.post("/my/wishes/reach/", {"language": "fr", "not_by": ["phone", "text"]})
    assert told.look().patient.wishes == Wishes(route=ContactRoute.SHELTER, not_by=(Channel.LETTER,))


def test_where_we_have_no_number_her_letters_stay(her: Client, told: Told, olsen: Patient) -> None:
    Patient.objects.filter(pk=olsen.pk).update(phone="")
    assert her.post("/my/wishes/reach/", {"language": "", "not_by": ["letter"]}).status_code == 422


def test_a_code_counts_no_longer_once_it_would_go_elsewhere(enter: Enter, told: Told, olsen: Patient) -> None:
    told.called_back()
    her = enter(coded=True)
    Patient.objects.filter(pk=olsen.pk).update(safe_contact="only at work")
    her.post("/my/wishes/details/", {"phone": "555 999 0000", "address": ""})
    olsen.refresh_from_db()
    assert olsen.phone == "555 0199"


def test_the_same_address_is_no_change(enter: Enter, told: Told, olsen: Patient) -> None:
    told.called_back()
    her = enter(coded=True)
    her.post("/my/wishes/details/", {"phone": "555 0199", "address": "22 Harbour Road\r\nRiverside, NY 10001\r\n"})
    assert not DetailsChanged.objects.exists()
