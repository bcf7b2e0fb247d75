"""People and processes who act at once: never a double effect, never a deadlock, the loser is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.record import door, verify
from closerlook.record.models import Event, Head
from tests.record.steps import DESK, FEED, NAVIGATOR, RADIOLOGIST, plan, report
from tests.stores import NOW

P = "p22222222222222"
PEOPLE = 6


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs in threads that begin together; return what each gave or raised."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return job()
        except (Refused, door.StaleHistory) as why:
            return why
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_the_same_message_from_many_sides_is_taken_once(record: str) -> None:
    at_once(*[lambda: door.take(report(), stream=P, actor=FEED, key="m1", now=NOW)] * PEOPLE)
    assert Event.objects.filter(stream=P).count() == 3
    assert list(verify.verify()) == []


def test_two_who_decide_on_the_same_page_do_not_both_win(record: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="m1", now=NOW)

    def decide(n: int) -> Callable[[], Any]:
        return lambda: door.take(plan(), stream=P, actor=RADIOLOGIST, key=f"d{n}", seen=3, now=NOW)

    answers = at_once(*[decide(n) for n in range(PEOPLE)])
    assert sum(isinstance(a, door.Answer) for a in answers) == 1
    assert sum(isinstance(a, door.StaleHistory) for a in answers) == PEOPLE - 1
    assert Head.objects.get(stream=P).version == 4


@pytest.mark.parametrize("round_", range(3))
def test_one_visit_is_booked_however_many_book_it(record: str, round_: int) -> None:
    door.take(report(), stream=P, actor=FEED, key="m1", now=NOW)
    door.take(plan(), stream=P, actor=RADIOLOGIST, key="d", now=NOW)
    starts_at = NOW.replace(day=5)

    def book(n: int) -> Callable[[], Any]:
        step = st.BookVisit(episode="e1", starts_at=starts_at, place=f"room {n}")
        return lambda: door.take(step, stream=P, actor=NAVIGATOR if n % 2 else DESK, key=f"b{n}", now=NOW)

    answers = at_once(*[book(n) for n in range(PEOPLE)])
    assert sum(isinstance(a, door.Answer) for a in answers) == 1
    assert all(isinstance(a, Refused) and "booked already" in str(a) for a in answers if not isinstance(a, door.Answer))
    assert Event.objects.filter(stream=P, type="Booked.1").count() == 1
    assert list(verify.verify()) == []


def test_different_steps_at_once_all_count(record: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="m1", now=NOW)

    def attempt(n: int) -> Callable[[], Any]:
        step = st.RecordContact(episode="e1", channel=ev.Channel.PHONE, outcome=ev.Outcome.NO_ANSWER)
        return lambda: door.take(step, stream=P, actor=NAVIGATOR, key=f"c{n}", now=NOW)

    at_once(*[attempt(n) for n in range(PEOPLE)])
    assert Event.objects.filter(stream=P, type="ContactAttempted.1").count() == PEOPLE
    assert list(verify.verify()) == []
