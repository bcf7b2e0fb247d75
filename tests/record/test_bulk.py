"""Many steps in one transaction leave the same record as one by one, or none at all."""

import contextvars
import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import Channel
from closerlook.pathway.terms import Assessment
from closerlook.record import door, verify
from closerlook.record.models import Event, Head, OpenLoop, Taken
from tests.record.steps import FEED, NAVIGATOR, RADIOLOGIST, call, plan, report
from tests.stores import NOW, copied_file, using

P, Q = "p22222222222222", "p33333333333333"
TABLES = ("record_event", "record_head", "record_openloop", "record_claim", "record_taken")


def rows() -> dict[str, list[tuple[object, ...]]]:
    with connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table}")
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def all_of_it() -> None:
    for n, stream in enumerate((P, Q)):
        door.take(report(accession=f"A{n}"), stream=stream, actor=FEED, key="k1", now=NOW)
    door.take(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
    with pytest.raises(Refused):
        door.take(plan(), stream=Q, actor=NAVIGATOR, key="k2", now=NOW)
    for n in range(3):
        door.take(call(), stream=P, actor=NAVIGATOR, key=f"c{n}", now=NOW)
    door.take(report(Assessment.NEGATIVE, accession="A9"), stream=P, actor=FEED, key="k1", now=NOW)  # a repeat
    told = st.TellResult(exam="e1.x2", channel=Channel.PHONE)
    door.take(told, stream=P, actor=NAVIGATOR, key="k4", seen=door.look(P).state.version, now=NOW)


def test_what_is_stored_is_the_same_row_by_row(
    record: str, sqlite_template: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with door.bulk():
        all_of_it()
        assert door.look(P).patient.episodes["e1"].plan is not None
        assert not Event.objects.exists()  # nothing is written before the end
    together = rows()
    assert [fault.what for fault in verify.verify()] == []
    if connection.vendor == "sqlite":
        with using(copied_file(sqlite_template, tmp_path_factory.mktemp("one"))):  # type: ignore[arg-type]
            all_of_it()
            assert rows() == together


def test_a_second_bulk_goes_on_where_the_first_ended(record: str) -> None:
    with door.bulk():
        door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    with door.bulk():
        assert door.take(report(), stream=P, actor=FEED, key="k1", now=NOW).repeated
        door.take(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
    door.take(call(), stream=P, actor=NAVIGATOR, key="k3", now=NOW)
    assert Head.objects.get(stream=P).version == 5
    assert [fault.what for fault in verify.verify()] == []


def broken() -> None:
    raise ZeroDivisionError


def claimed_by_another() -> None:
    door.take(report(), stream=Q, actor=FEED, key="k1", now=NOW)


@pytest.mark.parametrize(("fails", "how"), [(broken, ZeroDivisionError), (claimed_by_another, Refused)])
def test_where_something_fails_nothing_stands(record: str, fails: Callable[[], None], how: type[Exception]) -> None:
    def go() -> None:
        with door.bulk():
            door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
            fails()

    with pytest.raises(how):
        go()
    assert not Event.objects.exists()
    assert not Taken.objects.exists()
    assert door.look(P).state.version == 0
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    assert [fault.what for fault in verify.verify()] == []


def test_a_lease_survives(record: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    OpenLoop.objects.filter(kind="send_summary").update(lease_until=NOW, worker="w1")
    with door.bulk():
        door.take(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
    assert OpenLoop.objects.get(kind="send_summary").worker == "w1"


def test_who_wrote_meanwhile_is_not_overwritten(record: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)

    def go() -> None:
        with door.bulk():
            door.take(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
            Head.objects.filter(stream=P).update(version=9)  # as another process would have

    with pytest.raises(IntegrityError):
        go()
    assert Head.objects.get(stream=P).version == 3
    assert Event.objects.filter(stream=P).count() == 3


def test_bulks_are_not_nested_nor_mixed_with_other_transactions(record: str) -> None:
    with door.bulk():
        with pytest.raises(RuntimeError, match="under way"), door.bulk():
            pass
        with pytest.raises(RuntimeError, match="under way"):
            door.take_within(report(), stream=P, actor=FEED, key="k1", now=NOW)


def test_what_one_patient_lets_go_another_may_have(record: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    with door.bulk():
        door.look(Q)
        not_hers = st.WithdrawReport(exam="e1.x2", reason="another's", examination_hers=False)
        door.take(not_hers, stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
        door.take(report(), stream=Q, actor=FEED, key="k1", now=NOW)
    assert [fault.what for fault in verify.verify()] == []


def test_what_another_holds_is_refused_when_it_is_asked_for(record: str) -> None:
    with door.bulk():
        door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
        with pytest.raises(Refused, match="belongs to another"):
            door.take(report(), stream=Q, actor=FEED, key="k1", now=NOW)
        door.take(report(accession="A2"), stream=Q, actor=FEED, key="k1", now=NOW)
    with door.bulk(), pytest.raises(Refused, match="belongs to another"):
        door.take(report(), stream="p44444444444444", actor=FEED, key="k1", now=NOW)
    assert Head.objects.count() == 2
    assert [fault.what for fault in verify.verify()] == []


def test_a_transaction_of_ones_own_inside_is_refused(record: str) -> None:
    with door.bulk(), transaction.atomic(), pytest.raises(RuntimeError, match="your own"):
        door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    assert not Event.objects.exists()


def test_after_a_failure_the_next_bulk_reads_anew(record: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    OpenLoop.objects.filter(stream=P).delete()  # rebuilt by another program under an unchanged log

    def go() -> None:
        with door.bulk():
            Head.objects.filter(stream=P).update(version=9)
            door.take(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)

    with pytest.raises(IntegrityError):
        go()
    with door.bulk():
        door.take(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
    assert Head.objects.get(stream=P).version == 4


def test_another_thread_stays_out(record: str) -> None:
    told: list[BaseException] = []

    def elsewhere() -> None:
        try:
            door.look(P)
        except RuntimeError as error:
            told.append(error)

    with door.bulk():
        thread = threading.Thread(target=contextvars.copy_context().run, args=(elsewhere,))
        thread.start()
        thread.join()
    assert "thread that began it" in str(told[0])


def test_many_rows_of_every_kind(sqlite_record: str) -> None:
    streams = [f"p{n:014}" for n in range(400)]
    with door.bulk():
        for n, stream in enumerate(streams):
            door.take(report(accession=f"A{n}"), stream=stream, actor=FEED, key="k1", now=NOW)
    with door.bulk():
        for stream in streams:
            door.take(plan(), stream=stream, actor=RADIOLOGIST, key="k2", now=NOW)
    assert Head.objects.filter(place="open: call-back to book").count() == 400
    assert [fault.what for fault in verify.verify()] == []
