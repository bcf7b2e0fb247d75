"""A time of a room is one person's: whoever comes second is told, and keeps what she had."""

from datetime import UTC, datetime, timedelta

import pytest

from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import Actor, Barrier, Kind
from closerlook.pathway.slots import slot_of
from closerlook.record import door, verify
from closerlook.record.models import Claim
from tests.record.crowd import Move, crowd
from tests.record.steps import NAVIGATOR, RADIOLOGIST
from tests.stores import NOW
from tests.visits.rooms import booking, called_back, moving, room, take

TAKEN = "Someone has just taken this time. Choose another."
ONE, TWO = "p22222222222222", "p33333333333333"
AT = datetime(2026, 11, 4, 15, tzinfo=UTC)
ROUNDS = 20


def claimed() -> dict[str, str]:
    return dict(Claim.objects.filter(kind="slot").values_list("value", "stream"))


def test_of_two_who_take_one_time_in_two_processes_one_has_it(record: str) -> None:
    here = room()
    for n in range(ROUNDS):
        for side in "ab":
            called_back(f"p{side}{n}", f"{side}{n}")
    with crowd(record) as people:
        for n in range(ROUNDS):
            at = AT + n * timedelta(minutes=30)
            told = people.act(
                [Move(f"p{side}{n}", NAVIGATOR, booking(here, at), f"b{n}", NOW, seen=4) for side in "ab"]
            )
            assert sorted(t.how for t in told) == ["done", "refused"], (n, told)
            loser = next(t for t in told if t.how == "refused")
            assert loser.said == TAKEN
    assert len(claimed()) == ROUNDS
    assert list(verify.verify()) == []


def test_of_two_who_move_to_one_time_the_second_keeps_the_time_she_had(record: str) -> None:
    here = room()
    for n in range(ROUNDS):
        for m, side in enumerate("ab"):
            called_back(f"p{side}{n}", f"{side}{n}")
            take(f"p{side}{n}", booking(here, AT + timedelta(days=7 * m, minutes=30 * n)), "first")
    with crowd(record) as people:
        for n in range(ROUNDS):
            at = AT + timedelta(days=14, minutes=30 * n)
            told = people.act([Move(f"p{side}{n}", NAVIGATOR, moving(here, at), f"m{n}", NOW) for side in "ab"])
            assert sorted(t.how for t in told) == ["done", "refused"], (n, told)
            lost = "ab"[[t.how for t in told].index("refused")]
            visit = door.look(f"p{lost}{n}").patient.episodes["e1"].visit
            assert visit.starts_at == AT + timedelta(days=7 * "ab".index(lost), minutes=30 * n)
            assert claimed()[str(visit.slot)] == f"p{lost}{n}"
    assert len(claimed()) == 2 * ROUNDS
    assert list(verify.verify()) == []


def test_two_who_swap_their_times_at_once_end_with_a_time_each(record: str) -> None:
    here, later = room(), AT + timedelta(hours=1)
    for n in range(ROUNDS):
        at, other = AT + timedelta(days=n), later + timedelta(days=n)
        for side, when in zip("ab", (at, other), strict=True):
            called_back(f"p{side}{n}", f"{side}{n}")
            take(f"p{side}{n}", booking(here, when), "first")
    with crowd(record) as people:
        for n in range(ROUNDS):
            at, other = AT + timedelta(days=n), later + timedelta(days=n)
            told = people.act(
                [
                    Move(f"pa{n}", NAVIGATOR, moving(here, other), f"m{n}", NOW),
                    Move(f"pb{n}", NAVIGATOR, moving(here, at), f"m{n}", NOW),
                ]
            )
            assert {(t.how, t.said) for t in told} == {("refused", TAKEN)}, "each has what the other wants"
    assert len(claimed()) == 2 * ROUNDS
    assert list(verify.verify()) == []


@pytest.mark.parametrize(
    "freed",
    [
        st.CancelVisit(episode="e1", by_her=True),
        st.MoveVisit(episode="e1", starts_at=AT + timedelta(days=1), place="Elsewhere"),
    ],
    ids=["cancelled", "moved"],
)
def test_a_time_given_back_can_be_taken(sqlite_record: str, freed: st.Step) -> None:
    here = room()
    for patient in (ONE, TWO):
        called_back(patient, patient)
    take(ONE, booking(here, AT), "b")
    with pytest.raises(Refused, match=TAKEN):
        take(TWO, booking(here, AT), "b")
    take(ONE, freed, "f")
    take(TWO, booking(here, AT), "b2")
    assert claimed() == {slot_of(here.slug, AT): TWO}


def test_a_time_missed_is_free_again(sqlite_record: str) -> None:
    here = room()
    called_back(ONE, "1")
    take(ONE, booking(here, AT), "b")
    door.take(st.RecordMissed(episode="e1"), stream=ONE, actor=NAVIGATOR, key="m", now=AT + timedelta(hours=1))
    assert claimed() == {}


def test_a_visit_she_confirms_keeps_its_time(sqlite_record: str) -> None:
    here = room()
    called_back(ONE, "1")
    take(ONE, booking(here, AT), "b")
    herself = Actor(Kind.PATIENT, ONE)
    door.take(st.ConfirmVisit(episode="e1"), stream=ONE, actor=herself, key="c", now=NOW)
    assert claimed() == {slot_of(here.slug, AT): ONE}


def test_a_death_entered_in_error_brings_the_visit_back_with_its_time(sqlite_record: str) -> None:
    here = room()
    for patient in (ONE, TWO):
        called_back(patient, patient)
    take(ONE, booking(here, AT), "b")
    died = take(ONE, st.RecordDeath(died_on=NOW.date()), "d").new[0].seq
    with pytest.raises(Refused, match=TAKEN):
        take(TWO, booking(here, AT), "b")
    wrong = st.EnterInError(seqs=(died,), reason="another woman of that name")
    door.take(wrong, stream=ONE, actor=RADIOLOGIST, key="e", now=NOW)
    assert door.look(ONE).patient.episodes["e1"].visit.starts_at == AT
    assert claimed() == {slot_of(here.slug, AT): ONE}


def test_a_time_and_a_room_that_do_not_belong_together_are_refused(sqlite_record: str) -> None:
    called_back(ONE, "1")
    for slot in ("main-room-1", "@2026-11-04T15:00Z", "main-room-1@2026-11-04T15:30Z", "main-room-1@tomorrow"):
        with pytest.raises(Refused, match="do not belong together"):
            take(ONE, st.BookVisit(episode="e1", starts_at=AT, place="Room 1", slot=slot), slot)
    assert claimed() == {}


def test_visits_without_a_room_can_share_an_hour(sqlite_record: str) -> None:
    for patient in (ONE, TWO):
        called_back(patient, patient)
        take(patient, st.BookVisit(episode="e1", starts_at=AT, place="Riverside"), "b")
    assert claimed() == {}


def test_several_steps_are_taken_together_or_not_at_all(record: str) -> None:
    here = room()
    for patient in (ONE, TWO):
        called_back(patient, patient)
    take(ONE, booking(here, AT), "b")
    call = st.NoteBarrier(barrier=Barrier.TRANSPORT)
    before = door.look(TWO).patient.version
    with pytest.raises(Refused, match=TAKEN):
        door.take_all((call, booking(here, AT)), stream=TWO, actor=NAVIGATOR, key="k", seen=before, now=NOW)
    assert door.look(TWO).patient.version == before, "nothing of it stands"
    free = booking(here, AT + timedelta(hours=1))
    first = door.take_all((call, free), stream=TWO, actor=NAVIGATOR, key="k", seen=before, now=NOW)
    again = door.take_all((call, free), stream=TWO, actor=NAVIGATOR, key="k", seen=before, now=NOW)
    assert (len(first.new), first.repeated) == (2, False)
    assert (again.new, again.repeated) == ((), True)
    with pytest.raises(door.StaleHistory):
        door.take_all((call, free), stream=TWO, actor=NAVIGATOR, key="other", seen=before, now=NOW)
    assert list(verify.verify()) == []
