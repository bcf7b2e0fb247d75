"""Taking back: a call, within a minute, by who recorded it; and a reading, with the result that was made of it."""

from datetime import timedelta

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.loops import claims
from closerlook.pathway.patient import in_force
from closerlook.pathway.slots import slot_of
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import Density
from tests.pathway.story import (
    DAY,
    FIRST_READER,
    FRONT_DESK,
    HERSELF,
    MANAGER,
    MONDAY,
    NAVIGATOR,
    NURSE,
    SECOND_READER,
    THIRD_READER,
    UK,
    US,
    WORKER,
    Story,
    called_back,
    sides,
    staff,
)  # fmt: skip

SECOND = timedelta(seconds=1)
IDA = staff("navigator", "u-ida")
NO_ANSWER = st.RecordContact(episode="e1", channel=ev.Channel.PHONE, outcome=ev.Outcome.NO_ANSWER)


def planned() -> Story:
    """Called back and planned; nobody has spoken with her."""
    her = Story()
    return her.planned(her.reported(A.INCOMPLETE_IMAGING))


def back(her: Story, *steps: st.Step) -> st.TakeBack:
    """Take steps, and return what takes them back."""
    first = len(her.log) + 1
    for step in steps:
        her.take(step, NAVIGATOR, SECOND)
    return st.TakeBack(seqs=tuple(range(first, len(her.log) + 1)), reason="a slip")


def visit(her: Story) -> st.BookVisit:
    at = MONDAY + 9 * DAY
    return st.BookVisit(episode="e1", starts_at=at, place="Room 1", slot=slot_of("main-room-1", at))


def test_a_call_taken_back_leaves_everything_as_it_was() -> None:
    her = planned()
    before, owed = her.patient, her.loops
    exam = her.exam.id
    step = back(her, st.TellResult(exam=exam, channel=ev.Channel.PHONE), visit(her))
    assert ("slot", "main-room-1@2026-11-11T15:00Z") in claims(her.patient)
    assert her.take(step, NAVIGATOR, 40 * SECOND) == ["EnteredInError"]
    assert her.loops == owed, "owed since when it was, with its first clocks"
    assert claims(her.patient) == claims(before), "the time of the room is free again"
    assert her.patient.episodes == before.episodes
    assert her.take(step, NAVIGATOR, SECOND) == [], "once more changes nothing"


@pytest.mark.parametrize(
    "step",
    [
        st.RecordNoToday(episode="e1"),
        st.AskForCall(call_at=MONDAY + 3 * DAY),
        st.RecordMovedAway(episode="e1", review_on=(MONDAY + 60 * DAY).date(), reviewer="u-nurse"),
        st.RecordDeath(died_on=MONDAY.date()),
        st.AssignOwner(episode="e1", owner="u-nurse", note="asks about her medicines"),
        st.NoteBarrier(barrier=ev.Barrier.COST),
        NO_ANSWER,
    ],
    ids=lambda step: type(step).__name__,
)
def test_each_end_of_a_call_can_be_taken_back(step: st.Step) -> None:
    her = planned()
    before, owed = her.patient.episodes, her.loops
    assert her.take(back(her, step), NAVIGATOR, SECOND) == ["EnteredInError"]
    assert (her.patient.episodes, her.loops) == (before, owed)


def test_what_settled_with_it_is_open_again() -> None:
    her = planned()
    step = back(her, st.RecordDeath(died_on=MONDAY.date()))
    her.take(step, NAVIGATOR, SECOND)
    assert her.patient.died_on is None
    assert "book_call_back" in her.kinds


@pytest.mark.parametrize(
    ("by", "wait", "says"),
    [
        (IDA, SECOND, "Someone else recorded this"),
        (NAVIGATOR, 71 * SECOND, "more than a minute ago"),
        (NURSE, SECOND, "Someone else recorded this"),
    ],
)
def test_it_is_their_own_and_within_the_minute(by: ev.Actor, wait: timedelta, says: str) -> None:
    her = planned()
    step = back(her, NO_ANSWER)
    with pytest.raises(Refused, match=says):
        her.take(step, by, wait)


@pytest.mark.parametrize(
    ("since", "by"),
    [
        (NO_ANSWER, IDA),
        (st.AskForCall(), HERSELF),
        (st.PrepareDocument(exam="e1.x2", document=ev.Document.SUMMARY, file="f"), WORKER),
        (NO_ANSWER, NAVIGATOR),
    ],
    ids=["a colleague", "herself", "the software", "they themselves"],
)
def test_nothing_is_taken_back_once_something_was_done_since(since: st.Step, by: ev.Actor) -> None:
    her = planned()
    step = back(her, NO_ANSWER)
    her.take(since, by, SECOND)
    with pytest.raises(Refused, match="Something has been recorded since"):
        her.take(step, NAVIGATOR, SECOND)


def test_only_what_a_call_leaves_is_taken_back() -> None:
    her = planned()
    step = back(her, st.RequestPriors(episode="e1", source="Hill"))
    with pytest.raises(Refused, match="more than a call"):
        her.take(step, NAVIGATOR, SECOND)
    with pytest.raises(Refused, match="Name facts of her log"):
        her.take(st.TakeBack(seqs=(999,), reason="x"), NAVIGATOR, SECOND)
    with pytest.raises(Refused, match="Name facts of her log"):
        her.take(st.TakeBack(seqs=(), reason="x"), NAVIGATOR, SECOND)


# ---------------------------------------------------------------- the other facts of a call


def test_an_hour_she_names_is_kept_and_another_takes_its_place() -> None:
    her = called_back()
    at = MONDAY + 5 * DAY
    assert her.take(st.AskForCall(call_at=at), FRONT_DESK) == ["CallRequested"]
    opened = her.loop("call_her").opened_seq
    assert her.take(st.AskForCall(call_at=at), FRONT_DESK) == []
    assert her.take(st.AskForCall(call_at=at + DAY), FRONT_DESK) == ["CallRequested"]
    assert (her.patient.call_at, her.loop("call_her").opened_seq) == (at + DAY, opened), "owed since she asked first"
    for wrong in (her.now - DAY, her.now + 40 * DAY):
        with pytest.raises(Refused, match="within four weeks"):
            her.take(st.AskForCall(call_at=wrong), FRONT_DESK)
    her.take(st.RecordSpoken(channel=ev.Channel.PHONE), NAVIGATOR)
    assert her.patient.call_at is None


def test_a_call_that_does_not_reach_her_leaves_it_owed() -> None:
    her = called_back()
    with pytest.raises(Refused, match="has not asked"):
        her.take(st.RecordCallTried(outcome=ev.Outcome.NO_ANSWER), NAVIGATOR)
    her.take(st.AskForCall(), HERSELF)
    for _ in range(2):
        assert her.take(st.RecordCallTried(outcome=ev.Outcome.VOICEMAIL), NAVIGATOR) == ["CallTried"]
    assert "call_her" in her.kinds
    assert len(her.patient.calls_tried) == 2
    for wrong in (ev.Outcome.REACHED, ev.Outcome.SENT):
        with pytest.raises(Refused, match="how the call ended"):
            her.take(st.RecordCallTried(outcome=wrong), NAVIGATOR)


def test_a_barrier_opens_nothing_and_its_arrangement_can_change() -> None:
    her = called_back()
    owed = her.loops
    assert her.take(st.NoteBarrier(barrier=ev.Barrier.TRANSPORT), NAVIGATOR) == ["BarrierNoted"]
    assert her.take(st.NoteBarrier(barrier=ev.Barrier.TRANSPORT, arranged="a taxi"), NAVIGATOR) == ["BarrierNoted"]
    assert her.take(st.NoteBarrier(barrier=ev.Barrier.TRANSPORT, arranged=" a taxi "), NAVIGATOR) == []
    assert her.loops == owed
    assert her.patient.barriers == {ev.Barrier.TRANSPORT: "a taxi"}


def test_a_word_goes_with_a_hand_over() -> None:
    her = called_back()
    step = st.AssignOwner(episode="e1", owner="u-nurse", note="rings after five")
    assert her.take(step, NAVIGATOR) == ["OwnerChanged"]
    assert her.take(step, NAVIGATOR) == []
    assert her.take(st.AssignOwner(episode="e1", owner="u-nurse", note="new number"), NAVIGATOR) == ["OwnerChanged"]
    assert her.take(st.AssignOwner(episode="e1", owner="u-nurse"), NAVIGATOR) == []


# ---------------------------------------------------------------- a reading that became a result


def examined() -> Story:
    her = Story(protocol=UK)
    her.examined()
    return her


def read_twice() -> Story:
    her = examined()
    for reader in (FIRST_READER, SECOND_READER):
        her.take(reading(her), reader)
    her.take(st.FinaliseReading(exam=her.exam.id), WORKER, 3 * DAY)
    return her


def reading(her: Story, left: A = A.NEGATIVE) -> st.RecordReading:
    return st.RecordReading(exam=her.exam.id, sides=sides(left, A.NEGATIVE), density=Density.B)


def taken_back(her: Story, fact: type[ev.Event], by: ev.Actor = FIRST_READER, nth: int = 0) -> list[str]:
    """Take one fact of this kind back; return the kinds of those that are left."""
    seq = [r.seq for r in her.log if isinstance(r.event, fact)][nth]
    her.take(st.EnterInError(seqs=(seq,), reason="a slip"), by)
    return [type(r.event).__name__ for r in in_force(her.log)]


def test_what_a_later_report_changed_does_not_go_from_under_it() -> None:
    her = read_twice()
    her.take(reading(her, A.INCOMPLETE_IMAGING), SECOND_READER)
    assert "plan_call_back" in her.kinds
    with pytest.raises(Refused, match="Take that one back first"):
        taken_back(her, ev.Opinion)
    assert "plan_call_back" in her.kinds


def test_an_opinion_that_was_replaced_takes_no_result_along() -> None:
    her = examined()
    for said, reader in ((A.BENIGN, FIRST_READER), (A.NEGATIVE, FIRST_READER), (A.NEGATIVE, SECOND_READER)):
        her.take(reading(her, said), reader)
    her.take(st.FinaliseReading(exam=her.exam.id), WORKER, 3 * DAY)
    assert "Read" in taken_back(her, ev.Opinion)
    assert "Read" not in taken_back(her, ev.Opinion, nth=1)


def test_a_reading_that_someone_signed_alone_stays() -> None:
    her = examined()
    her.take(reading(her), FIRST_READER)
    her.protocol = US
    her.take(st.MoveToProtocol(episode="e1", reason="we read once now"), MANAGER)
    her.take(reading(her, A.SUSPICIOUS), SECOND_READER)
    assert "Read" in taken_back(her, ev.Opinion)


def test_a_decision_between_two_takes_its_result_along() -> None:
    her = examined()
    her.take(reading(her), FIRST_READER)
    her.take(reading(her, A.INCOMPLETE_IMAGING), SECOND_READER)
    decision = st.Arbitrate(exam=her.exam.id, sides=sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), density=Density.B)
    her.take(decision, THIRD_READER)
    assert not {"Read", "Arbitrated"} & set(taken_back(her, ev.Arbitrated, THIRD_READER))
    assert "arbitrate" in her.kinds
