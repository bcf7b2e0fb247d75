"""What reads while others write sees one moment: a page, a proof, the books of a past day."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connections

from closerlook.exchange.ledger import ledger, ledger_as_of
from closerlook.people import sites
from closerlook.record import door, log, rows, verify
from closerlook.record.models import Event
from tests.feeds.messages import CALLED_LEFT, NORMAL, oru, send
from tests.record.steps import FEED, RADIOLOGIST, plan, report
from tests.stores import NOW

P, Q = "p22222222222222", "p33333333333333"


def someone_writes() -> None:
    """Take two steps as someone else would, on a connection of their own."""

    def steps() -> None:
        door.take(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
        door.take(report(accession="A2"), stream=Q, actor=FEED, key="k1", now=NOW)
        connections.close_all()

    someone = Thread(target=steps)
    someone.start()
    someone.join()


def interrupted(reading: Callable[..., Any]) -> Callable[..., Any]:
    """Return a reading before which, the first time, someone writes."""
    writes = [someone_writes]

    def read(*arguments: Any) -> Any:
        if writes:
            writes.pop()()
        return reading(*arguments)

    return read


@pytest.mark.parametrize(("module", "name"), [(log, "load"), (rows, "stored")])
def test_a_page_shows_one_moment(record: str, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    monkeypatch.setattr(door, "_cache", door._Cache(0))  # as in a process that has not shown her lately
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    with monkeypatch.context() as meanwhile:
        reading = getattr(module, name)
        meanwhile.setattr(module, name, interrupted(reading))
        seen = door.look(P)
    assert seen.state.version == len(seen.records) == 3
    assert log.rows_of(P, log.GENESIS, seen.records)[-1][-1] == seen.hash
    assert set(seen.loops) == set(door.owed(seen.state, sites.protocol()))
    assert door.look(P).state.version == 4


@pytest.mark.parametrize("name", ["stored_between", "claims_between"])
def test_a_proof_while_people_work_finds_nothing_amiss(record: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(rows, name, interrupted(getattr(rows, name)))
        assert list(verify.verify()) == []
    assert door.look(Q).records
    assert list(verify.verify()) == []


def test_the_log_is_read_in_whole_streams_however_small_the_pages(record: str) -> None:
    for n in range(5):
        door.take(report(accession=f"A{n}"), stream=f"p{n:014}", actor=FEED, key="k", now=NOW)
    whole = [stream for batch in log.batches() for stream in batch]
    assert [stream for stream, _ in whole] == [f"p{n:014}" for n in range(5)]
    for size in range(1, 20):
        assert [stream for batch in log.batches(size) for stream in batch] == whole
    assert sum(len(its) for _, its in whole) == Event.objects.count()


def test_the_books_of_a_past_moment_know_only_what_stood_then(record: str) -> None:
    first = oru("M1", number="MR1", name="Ames^Ann", born="19600101", accession="A1", coded=NORMAL)
    second = oru("M2", number="MR2", name="Bell^Bea", born="19610101", accession="A2", coded=CALLED_LEFT)
    send(first)
    send(second, at=NOW + timedelta(days=2))
    steps: list[int] = []
    then = ledger_as_of(NOW + timedelta(days=1), steps.append)
    assert (then.patients, sum(then.places.values()), then.agrees) == (1, 1, True)
    assert sum(steps) == 2
    now = ledger_as_of(NOW + timedelta(days=3))
    assert (now.places, now.agrees) == (ledger(NOW + timedelta(days=3)).places, True)
