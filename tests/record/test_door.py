"""The one door: a step happens once, whole, or not at all."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import Channel
from closerlook.pathway.terms import Assessment
from closerlook.record import door, verify
from closerlook.record.models import Claim, Event, Head, OpenLoop, Taken
from tests.record.steps import FEED, NAVIGATOR, RADIOLOGIST, plan, report
from tests.stores import NOW

P = "p22222222222222"


def faults() -> list[str]:
    return [fault.what for fault in verify.verify()]


def test_a_step_writes_facts_loops_claims_and_head_together(record: str) -> None:
    answer = door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    assert [r.event.__class__.__name__ for r in answer.new] == ["RoundOpened", "ExaminationPerformed", "Read"]
    assert Event.objects.filter(stream=P).count() == 3
    kinds = set(OpenLoop.objects.filter(stream=P).values_list("kind", flat=True))
    assert {"plan_call_back", "tell_result", "send_summary", "tell_provider", "resolve_abnormal"} <= kinds
    assert Claim.objects.get(stream=P).value == "RIVERIS|RIVERSIDE|A1"
    head = Head.objects.get(stream=P)
    assert (head.version, head.place) == (3, "open: call-back to plan")
    assert faults() == []


def test_the_same_key_again_changes_nothing_and_gives_the_first_answer(record: str) -> None:
    first = door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    again = door.take(report(Assessment.SUSPICIOUS, accession="A2"), stream=P, actor=FEED, key="k1", now=NOW)
    assert again.repeated
    assert again.history.hash == first.history.hash
    assert Event.objects.count() == 3


def test_a_refused_step_leaves_nothing_behind(record: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    with pytest.raises(Refused, match="role"):
        door.take(plan(), stream=P, actor=NAVIGATOR, key="k2", now=NOW)
    assert Event.objects.count() == 3
    assert not Taken.objects.filter(key="k2").exists()


def test_who_saw_an_older_version_is_told_and_nothing_happens(record: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    door.take(plan(), stream=P, actor=RADIOLOGIST, key="k2", seen=3, now=NOW)
    told = st.TellResult(exam="e1.x2", channel=Channel.PHONE)
    with pytest.raises(door.StaleHistory):
        door.take(told, stream=P, actor=NAVIGATOR, key="k3", seen=3, now=NOW)
    assert Head.objects.get(stream=P).version == 4


def test_an_accession_of_another_patient_is_refused(record: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    with pytest.raises(Refused, match="another patient"):
        door.take(report(), stream="p33333333333333", actor=FEED, key="k1", now=NOW)
    assert not Event.objects.filter(stream="p33333333333333").exists()
    assert faults() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record_event SET body = '{}'",
        "DELETE FROM record_event",
        "UPDATE record_event SET seq = 9 WHERE seq = 1",
    ],
)
def test_the_database_itself_refuses_to_change_events(record: str, statement: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    with pytest.raises(DatabaseError, match="never"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert faults() == []


def test_postgresql_refuses_to_empty_the_log(postgres_record_url: str, record: str) -> None:
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="never"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE record_event")


def test_a_lease_survives_a_step_that_does_not_concern_its_loop(record: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    OpenLoop.objects.filter(kind="send_summary").update(lease_until=NOW + timedelta(minutes=5), worker="w1", attempts=2)
    door.take(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
    kept = OpenLoop.objects.get(kind="send_summary")
    assert (kept.worker, kept.attempts) == ("w1", 2)


def test_several_steps_in_one_transaction_are_decided_one_after_the_other(record: str) -> None:
    with transaction.atomic(durable=True):
        door.take_within(report(), stream=P, actor=FEED, key="k1", now=NOW)
        door.take_within(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
    assert Head.objects.get(stream=P).place == "open: call-back to book"
    assert faults() == []


def test_what_was_rolled_back_is_not_remembered(record: str) -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    with transaction.atomic(durable=True):
        door.take_within(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
        transaction.set_rollback(True)
    assert door.look(P).state.version == 3
    door.take(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
    assert faults() == []
