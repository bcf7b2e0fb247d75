"""Readers who ask at the same moment, in threads and in processes, on both databases: no opinion goes to two."""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection

import pytest
from django.contrib.auth.models import User

from closerlook.desk.reading import handing, signing
from closerlook.desk.reading.models import Batch, Ending, HandOut
from closerlook.pathway import steps as st
from closerlook.pathway.events import SideAssessment
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import Laterality
from closerlook.people import sites
from closerlook.people.models import Site, Staff
from closerlook.record import door, verify
from tests.desk.people import Unit
from tests.reading_room.apart import asking, at_once
from tests.reading_room.room import Room
from tests.stores import NOW

READERS = [f"reader{n}" for n in range(6)]
CASES = 4
PATIENCE_S = 120


@pytest.fixture
def crowded(record: str) -> Room:
    """More readers than cases, on each database in turn."""
    for name in READERS:
        Staff.objects.create(user=User.objects.create_user(name), site=sites.site(), roles="radiologist", name=name)
    room = Room(Unit(NOW))
    for n in range(CASES):
        room.examined(hours_ago=3 + n)
    return room


def asks(room: Room, name: str) -> Callable[[], tuple[str, int] | None]:
    def ask() -> tuple[str, int] | None:
        found = room.handed(name)
        return (found.stream, found.opinion) if found else None

    return ask


def test_readers_who_ask_at_once_never_share_a_case(crowded: Room) -> None:
    found = at_once([asks(crowded, name) for name in READERS])
    had = [one for one in found if one is not None]
    assert len(had) == len(set(had)) == CASES
    assert HandOut.objects.filter(ended_at=None).count() == CASES


def test_read_twice_two_have_each_case_and_no_more(crowded: Room) -> None:
    Site.objects.update(protocol="uk")
    sites.forget()
    for n in range(2):
        crowded.examined(hours_ago=10 + n)  # rounds of today's rules
    found = at_once([asks(crowded, name) for name in READERS])
    had = [one for one in found if one is not None]
    assert len(had) == len(set(had)) == len(READERS)
    assert max(Counter(stream for stream, _ in had).values()) <= 2


def test_one_reader_who_asks_twice_at_once_has_one_case(crowded: Room) -> None:
    found = at_once([asks(crowded, READERS[0])] * 5)
    assert len(set(found)) == 1
    assert HandOut.objects.filter(ended_at=None).count() == 1
    assert Batch.objects.count() == 1


def test_readers_in_two_processes_never_share_a_case(crowded: Room, record: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    workers = []
    for names in (READERS[:3], READERS[3:]):
        ours, theirs = spawn.Pipe()
        worker = spawn.Process(target=asking, args=(record, names, theirs), daemon=True)
        worker.start()
        pipes.append(ours)
        workers.append(worker)
    try:
        for pipe in pipes:
            assert pipe.poll(PATIENCE_S), "a process did not come up"
            assert pipe.recv() == "ready"
        for pipe in pipes:
            pipe.send("go")
        found = []
        for pipe in pipes:
            assert pipe.poll(PATIENCE_S), "a process never came back"
            found += pipe.recv()
    finally:
        for worker in workers:
            worker.join(PATIENCE_S)
            worker.kill()
    had = [one for one in found if one is not None]
    assert len(had) == len(set(had)) == CASES


def test_a_lapsed_case_goes_to_one_of_those_who_ask(crowded: Room) -> None:
    holders = [name for name in READERS if crowded.handed(name)]
    late = crowded.unit.now + handing.IDLE + timedelta(minutes=1)
    crowded.unit.now = late
    others = [name for name in READERS if name not in holders]
    found = at_once([asks(crowded, name) for name in others])
    assert len({one for one in found if one}) == len(others)
    live = HandOut.objects.filter(ended_at=None).values_list("stream", "exam", "opinion")
    assert len(live) == len(set(live))


def test_a_reading_and_its_plan_sent_many_times_at_once_stand_once(crowded: Room) -> None:
    mine = crowded.handed(READERS[0])
    assert mine is not None
    sides = (SideAssessment(A.INCOMPLETE_IMAGING, Laterality.LEFT), SideAssessment(A.NEGATIVE, Laterality.RIGHT))
    steps: list[st.Step] = [
        st.RecordReading(exam=mine.exam, sides=sides),
        st.DecideCallBack(exam=mine.exam, sides=(Laterality.LEFT,), views=("SPOT",)),
    ]
    here, seen = crowded.here(READERS[0]), crowded.unit.state(mine.stream).version
    at_once([lambda: signing.sign(here, mine, steps, key="once", seen=seen)] * 5)
    facts = [type(r.event).__name__ for r in door.look(mine.stream).records]
    assert (facts.count("Read"), facts.count("CallBackDecided")) == (1, 1)
    assert HandOut.objects.get(pk=mine.pk).ending == Ending.SIGNED
    assert list(verify.verify()) == []


def test_two_opinions_signed_at_once_both_count(crowded: Room) -> None:
    Site.objects.update(protocol="uk")
    sites.forget()
    patient, exam = crowded.examined(hours_ago=90)
    hands = [crowded.handed(name) for name in READERS[:2]]
    seen = crowded.unit.state(patient).version
    normal = tuple(SideAssessment(A.NEGATIVE, side) for side in Laterality)

    def signs(name: str, mine: HandOut) -> Callable[[], None]:
        step = st.RecordReading(exam=exam, sides=normal)
        return lambda: signing.sign(crowded.here(name), mine, [step], key=name, seen=seen)

    at_once([signs(name, mine) for name, mine in zip(READERS, hands, strict=False) if mine is not None])
    assert {o.reader for o in crowded.exam(patient, exam).reading.opinions} == set(READERS[:2])
    assert list(verify.verify()) == []
