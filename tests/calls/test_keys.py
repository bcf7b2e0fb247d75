"""One key each: what a call leaves in her record, all of it or nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, ContactRoute, Outcome, Wishes
from closerlook.people.models import Patient
from closerlook.record.models import Claim
from tests.calls.calling import Caller, called_back, facts, in_words, records
from tests.desk.people import Unit
from tests.feeds.messages import NORMAL
from tests.visits.rooms import room

Calls = Callable[..., Caller]


@pytest.fixture
def rooms(unit: Unit) -> None:
    room("Second floor, room 1", ultrasound=True)


def pressed(her: str, caller: Caller, outcome: str, **data: Any) -> list[str]:
    """Press a key, and return the names of the facts it made."""
    before = caller.unit.state(her).version
    answer = caller.end(her, outcome, **data)
    assert answer.status_code == 302, in_words(answer.content.decode())
    return facts(her, before)


def test_1_tells_and_books_in_one(unit: Unit, caller: Calls, rooms: None) -> None:
    her = called_back(unit)
    ana = caller()
    _first, second = ana.slots(her)
    assert pressed(her, ana, "booked", slot=second) == ["ResultTold", "Booked"]
    visit = unit.state(her).episodes["e1"].visit
    assert (visit.slot, visit.place) == (second, "Second floor, room 1")
    assert Claim.objects.get(kind="slot").value == second
    assert not {"tell_result", "book_call_back", "reach_her"} & set(unit.owes(her))


def test_1_books_a_day_and_a_place_in_words_where_no_room_is_set_up(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    ana = caller()
    assert "No free time of a room is known here" in ana.words(her)
    assert pressed(her, ana, "booked", starts_at=ana.hour(days=2), place="Hill Street") == ["ResultTold", "Booked"]
    assert unit.state(her).episodes["e1"].visit.place == "Hill Street"


def test_2_tells_once_and_leaves_the_booking_owed(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    assert pressed(her, caller(), "told") == ["ResultTold"]
    assert "book_call_back" in unit.owes(her)
    assert pressed(her, caller(), "told") == ["ContactAttempted"], "told before: now she was reached about the booking"


def test_3_is_a_call_at_her_hour(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    at = caller().hour(hours=5)
    assert pressed(her, caller(), "later", call_at=at) == ["CallRequested"]
    assert "call_her" in unit.owes(her)
    assert not unit.state(her).episodes["e1"].contact.reached, "to be rung again is not yet to be told"


@pytest.mark.parametrize("outcome", ["voicemail", "no_answer", "wrong_number"])
def test_4_5_and_6_are_attempts_and_no_contact(unit: Unit, caller: Calls, outcome: str) -> None:
    her = called_back(unit)
    assert pressed(her, caller(), outcome) == ["ContactAttempted"]
    attempt = unit.state(her).episodes["e1"].contact.attempts[-1]
    assert (attempt.channel, attempt.outcome) == (Channel.PHONE, Outcome(outcome))
    assert {"tell_result", "book_call_back", "reach_her"} <= set(unit.owes(her))


def test_7_tells_and_opens_a_nurses_call(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    assert pressed(her, caller(), "no_today") == ["SaidNoToday"]
    assert "nurse_call" in unit.owes(her)
    assert her not in caller().queue(), "the nurse rings her now"
    assert her in caller("nurse").queue()


def test_8_asks_first_and_settles_what_is_owed_to_her(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    ana = caller()
    answer = ana.end(her, "died", died_on="2026-11-02")
    assert answer.status_code == 422
    assert "Make sure first" in in_words(answer.content.decode())
    assert pressed(her, ana, "died", died_on="2026-11-02", sure="on")[0] == "Died"
    assert her not in ana.queue()


def test_9_pauses_with_a_day_and_a_name(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    ana = caller()
    assert ana.end(her, "moved", reviewer="nurse").status_code == 422
    assert "Paused" in pressed(her, ana, "moved", review_on="2026-12-01", reviewer="nurse")
    paused = unit.state(her).episodes["e1"].paused
    assert paused is not None
    assert (paused.reason, paused.reviewer) == (ev.PauseReason.MOVED_AWAY, "nurse")


def test_0_hands_her_to_a_nurse_with_a_word(unit: Unit, caller: Calls) -> None:
    called_back(unit, 1)
    her = called_back(unit, 2)
    ana, nurse = caller(), caller("nurse")
    assert pressed(her, ana, "handed", owner="nurse", note="asks about her medicines") == ["OwnerChanged"]
    assert nurse.queue()[0] == her, "handed to me stands in front"
    assert "Ana Ruiz, navigator to Ruth Osei, clinician and nurse: asks about her medicines" in nurse.words(her)
    assert her not in ana.queue()


def test_who_was_handed_on_is_the_colleagues_for_the_day(unit: Unit, caller: Calls, second: str) -> None:
    her, other = called_back(unit, 1), called_back(unit, 2)
    unit.now += timedelta(days=9)  # late: everyone's
    ana = caller()
    pressed(her, ana, "handed", owner=second, note="")
    assert ana.queue() == [other, her]
    assert "not before" in ana.words()
    assert caller(second).queue()[0] == her
    unit.now += timedelta(days=1)
    assert "not before" not in caller().words(), "another day, and it is everyone's again"


def test_where_no_number_is_known_nobody_rang(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    Patient.objects.filter(pk=her).update(phone="")
    page = caller().words(her)
    assert "6 no number is known" in page
    assert "5 no answer" not in page
    assert "4 voicemail" not in page


def test_a_correction_that_waits_is_said_before_anything_is_told(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    assert "A corrected report waits" not in caller().words(her)
    same = {"number": "MR200", "name": "Adeyemi^Rosa", "born": "19500110", "accession": "C0"}
    unit.report("C0 corrected", coded=NORMAL, status="C", reported_at=unit.now, **same)
    assert "confirm_change" in unit.owes(her)
    assert "A corrected report waits for a radiologist" in caller().words(her)


def test_a_call_she_asked_for_is_tried_and_made_without_a_round(unit: Unit, caller: Calls) -> None:
    her = unit.report(coded=NORMAL, number="MR300", accession="N1", name="Novak^Olga")
    unit.take(her, "nurse", st.AskForCall(best_time="about her letter"))
    for document in ("summary", "provider_report"):
        exam = next(iter(unit.state(her).episodes["e1"].exams))
        unit.take(her, "desk", st.PrepareDocument(exam=exam, document=ev.Document(document), file=document))
        unit.take(her, "desk", st.RecordPosted(exam=exam, document=ev.Document(document), proof="posted"))
    assert unit.state(her).episodes["e1"].settled
    ana = caller()
    assert "about her letter" in ana.words(her)
    assert pressed(her, ana, "voicemail") == ["CallTried"]
    unit.now += timedelta(hours=2)
    assert "Rung, as she had asked: voicemail." in ana.words(her)
    assert pressed(her, ana, "told") == ["SpokenWith"]
    assert "call_her" not in unit.owes(her)


def test_nothing_is_recorded_as_told_before_she_has_said_who_she_is(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    for outcome in ("told", "no_today", "booked"):
        answer = caller().end(her, outcome, identified="")
        assert answer.status_code == 422
        assert "First make sure who she is" in in_words(answer.content.decode())
    assert "ResultTold" not in facts(her)


def test_a_time_taken_meanwhile_is_said_and_nothing_of_the_call_is_lost(unit: Unit, caller: Calls, rooms: None) -> None:
    one, two = called_back(unit, 1), called_back(unit, 2)
    ana, dana = caller(), caller("navigator")
    slot = ana.slots(one)[0]
    shown = dana.hidden(two)
    assert pressed(one, ana, "booked", slot=slot)
    before = unit.state(two).version
    answer = dana.post(two, shown, "booked", slot=slot)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Someone has just taken this time. Choose another." in page
    assert unit.state(two).version == before, "neither told nor booked: she is still on the phone"
    assert slot not in page.partition("How it ended")[0].replace(f'value="{slot}" checked', "")
    assert 'name="identified" id="id_identified" checked' in page.replace(" required", "")


def test_the_same_click_twice_records_once(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    ana = caller()
    shown = ana.hidden(her)
    assert ana.post(her, shown, "voicemail").status_code == 302
    assert ana.post(her, shown, "voicemail").status_code == 302
    assert facts(her).count("ContactAttempted") == 1


def test_a_barrier_is_noted_and_stays_with_her(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    ana = caller()
    assert pressed(her, ana, "barrier", barrier="transport", arranged="a taxi at nine") == ["BarrierNoted"]
    assert "getting here: a taxi at nine" in ana.words(her)
    assert ana.end(her, "barrier").status_code == 422
    page = in_words(ana.client.get(f"/patient/{her}/").content.decode())
    assert "Hard for her: getting here; arranged: a taxi at nine." in page
    assert "It is hard for her to come, getting here; arranged: a taxi at nine." in page


def test_a_way_she_forbade_is_not_offered(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    Patient.objects.filter(pk=her).update(safe_contact="Ring only her sister, 555-0177")
    unit.take(her, "desk", st.SetWishes(wishes=Wishes(not_by=(Channel.PHONE,), route=ContactRoute.SHELTER)))
    page = caller().words(her)
    assert "Ring only her sister, 555-0177." in page
    assert "Reach her only through the shelter. Never by certified letter or letter or phone." in page
    assert "Do not ring her." in page
    assert "Please ring me back" not in page, "no words for a machine that others hear"
    assert "tel:" not in caller().look(her)
    assert "voicemail" not in page.partition("How it ended")[2].partition("What was tried")[0]
    assert caller().end(her, "voicemail").status_code == 422
    assert "ContactAttempted" not in facts(her)


def test_who_recorded_first_counts_and_the_second_is_told_who(unit: Unit, caller: Calls, second: str) -> None:
    her = called_back(unit)
    ana, ida = caller(), caller(second)
    shown, also = ana.hidden(her), ida.hidden(her)
    assert "Ana Ruiz has her open since 09:0" in ida.words(her)
    assert ana.post(her, shown, "told").status_code == 302
    answer = ida.post(her, also, "voicemail")
    assert answer.status_code == 409
    said = in_words(answer.content.decode())
    assert "Someone was faster. Nothing of yours was recorded." in said
    assert "Ana Ruiz, navigator: Someone spoke with her about the result (phone)." in said
    assert [type(r.event).__name__ for r in records(her) if r.actor.id == second] == []


def test_a_key_that_does_not_fit_is_refused_in_words(unit: Unit, caller: Calls) -> None:
    her = unit.report(coded=NORMAL, number="MR301", accession="N2", name="Novak^Olga")
    assert "There is nothing to ring her about now." in caller().words(her)
    shown = {"seen": str(unit.state(her).version), "key": "k"}
    answer = caller().post(her, shown, "told")
    assert answer.status_code == 422
    assert caller().post(her, shown, "sung").status_code == 404


@pytest.mark.parametrize("seen", ["9" * 6000, "9" * 60, "-1", "\u00b2", ""])
def test_a_version_that_is_no_number_of_ours_is_not_the_one_that_stands(unit: Unit, caller: Calls, seen: str) -> None:
    her = called_back(unit)
    for outcome in ("no_answer", "booked", "barrier"):
        answer = caller().client.post(f"/calls/{her}/", {"outcome": outcome, "key": "k", "seen": seen})
        assert answer.status_code in (409, 422)
    assert "ContactAttempted" not in facts(her)
