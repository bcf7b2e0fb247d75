"""A lease keeps two workers from doing the same, and never keeps a letter from being written."""

from datetime import timedelta

from closerlook import worker
from closerlook.record.models import OpenLoop
from tests.feeds.messages import oru, send
from tests.stores import NOW

TOMORROW = NOW + timedelta(days=1)


def lease(until: timedelta) -> None:
    """Let a worker that died have leased her letter at `NOW` for so long."""
    send(oru())
    assert OpenLoop.objects.filter(kind="send_summary").update(lease_until=TOMORROW + until, worker="elsewhere:1")


def is_written() -> bool:
    worker.once(TOMORROW)
    return OpenLoop.objects.filter(kind="post_document", subject__endswith=":summary").exists()


def test_what_another_works_on_is_let_be(record: str) -> None:
    lease(worker.LEASE)
    assert not is_written()


def test_what_was_in_trouble_waits_its_time(sqlite_record: str) -> None:
    lease(timedelta(minutes=worker.LONGEST_MINUTES))
    assert not is_written()


def test_a_worker_that_died_with_a_wrong_clock_holds_nothing_up(record: str) -> None:
    """A clock a year ahead, and the letter would wait a year: unwritten, and never late for anyone."""
    lease(timedelta(days=365))
    assert is_written()
