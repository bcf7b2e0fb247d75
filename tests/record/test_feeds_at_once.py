"""Feeds that bring word of the same women at once, in another order: every message is taken."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from closerlook.exchange import inbox
from closerlook.exchange.hl7.framing import split
from closerlook.exchange.ledger import ledger
from closerlook.exchange.models import Message, MessageOutcome
from closerlook.record import verify
from tests.feeds.messages import CALLED_LEFT, NORMAL, oru, send
from tests.record.test_races import at_once
from tests.stores import NOW

WOMEN = 8
FEEDS = 4
TIMES = 3


def test_batches_in_opposite_order_are_all_taken(record: str) -> None:
    send(*[word(0, woman, 0) for woman in range(WOMEN)])
    for time in range(1, TIMES):
        batches = [received(time, feed) for feed in range(FEEDS)]
        answers = at_once(*[take(batch) for batch in batches])
        assert all(isinstance(answer, dict) for answer in answers), answers
    assert Message.objects.exclude(outcome=MessageOutcome.TAKEN).count() == 0
    assert ledger(NOW).agrees
    assert list(verify.verify()) == []


def word(time: int, woman: int, feed: int) -> bytes:
    coded = CALLED_LEFT if time else NORMAL
    return oru(f"M{time}-{woman}-{feed}", number=f"MR{woman}", name=f"Family{woman}^Given", accession=f"A{woman}",
               coded=coded, born="19600101", status="C" if time else "F")  # fmt: skip


def received(time: int, feed: int) -> list[str]:
    """Put one feed's batch into the inbox, every other feed's the other way round; return the ids."""
    women = range(WOMEN) if feed % 2 else reversed(range(WOMEN))
    incoming = [inbox.hl7(next(iter(split(word(time, woman, feed)))), f"feed {feed}") for woman in women]
    return [m.id for m, _ in inbox.receive(incoming, clock=lambda: NOW + timedelta(minutes=time))]


def take(batch: list[str]) -> Callable[[], Any]:
    def job() -> Any:
        try:
            return inbox.process_many(batch, clock=lambda: NOW + timedelta(minutes=30))
        except Exception as why:  # noqa: BLE001  the test says what it was
            return why

    return job
