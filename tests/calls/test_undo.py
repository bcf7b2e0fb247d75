"""A minute to undo: what a call left is gone as if it had never been, and then no more."""

from collections.abc import Callable
from datetime import timedelta

from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, Outcome
from closerlook.record import door, verify
from closerlook.record.models import Claim
from tests.calls.calling import Caller, called_back, facts, in_words
from tests.desk.people import Unit
from tests.visits.rooms import room

Calls = Callable[..., Caller]


def owed(patient: str) -> set[tuple[str, str, int]]:
    return {(x.kind, x.subject, x.opened_seq) for x in door.look(patient).loops}


def test_the_next_page_offers_to_undo_and_all_stands_as_before(unit: Unit, caller: Calls) -> None:
    room("Room 1", ultrasound=True)
    one, two = called_back(unit, 1), called_back(unit, 2)
    ana, before = caller(), owed(one)
    assert ana.end(one, "booked", slot=ana.slots(one)[0])["Location"] == f"/calls/{two}/"
    assert "Recorded for Karin Bauer : reached and booked. Undo" in ana.words(two)
    assert Claim.objects.filter(kind="slot").count() == 1
    answer = ana.undo(one)
    assert answer.redirect_chain[-1][0] == f"/calls/{one}/"  # type: ignore[attr-defined]
    assert "Undone. Nothing of that call stands." in in_words(answer.content.decode())
    assert owed(one) == before, "owed since when it was"
    assert not Claim.objects.filter(kind="slot").exists()
    assert list(verify.verify()) == []
    assert "There is nothing to undo any more." in in_words(ana.undo(one).content.decode())


def test_after_the_minute_it_is_not_offered_and_not_taken(unit: Unit, caller: Calls) -> None:
    one, two = called_back(unit, 1), called_back(unit, 2)
    ana = caller()
    ana.end(one, "voicemail")
    unit.now += timedelta(seconds=61)
    assert "Recorded for" not in ana.words(two)
    unit.now += timedelta(seconds=20)
    said = in_words(ana.undo(one).content.decode())
    assert "It was not undone. This was recorded more than a minute ago." in said
    assert facts(one).count("EnteredInError") == 0


def test_what_a_colleague_did_since_stands(unit: Unit, caller: Calls) -> None:
    one = called_back(unit, 1)
    called_back(unit, 2)
    ana = caller()
    ana.end(one, "no_answer")
    step = st.RecordContact(episode="e1", channel=Channel.PHONE, outcome=Outcome.REACHED)
    unit.take(one, "nurse", step)
    assert "Something has been recorded since." in in_words(ana.undo(one).content.decode())
    assert unit.state(one).episodes["e1"].contact.reached


def test_nobody_undoes_the_call_of_another(unit: Unit, caller: Calls, second: str) -> None:
    one, two = called_back(unit, 1), called_back(unit, 2)
    caller().end(one, "voicemail")
    ida = caller(second)
    assert "Recorded for" not in ida.words(two)
    assert "There is nothing to undo any more." in in_words(ida.undo(one).content.decode())
    assert "EnteredInError" not in facts(one)


def test_the_count_of_the_morning_goes_up_and_back(unit: Unit, caller: Calls) -> None:
    people = [called_back(unit, n) for n in range(3)]
    ana = caller()
    assert "Call 1 of 3" in ana.words(people[0])
    ana.end(people[0], "told")
    ana.end(people[1], "voicemail")
    assert "Call 3 of 5" in ana.words(people[2]), "two done; the first is to be booked, the second rung again"
    ana.undo(people[1])
    assert "Call 2 of 4" in ana.words(people[2])
    assert "Call 1 of 3" in caller().words(people[2]), "each caller counts their own"
