"""Verify finds what was tampered with, and a rebuild writes the rows anew from the log."""

import msgspec
import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Replace

from closerlook.exchange.ledger import changed_messages
from closerlook.exchange.models import Message
from closerlook.pathway.events import UnknownEvent
from closerlook.record import door, log, receipt, verify
from closerlook.record.models import Claim, Event, Head, OpenLoop, ProtocolVersion
from tests.feeds.messages import oru, send
from tests.record.steps import FEED, NAVIGATOR, RADIOLOGIST, call, plan, report
from tests.stores import NOW

P, Q = "p22222222222222", "p33333333333333"


def fill() -> None:
    door.take(report(), stream=P, actor=FEED, key="k1", now=NOW)
    door.take(plan(), stream=P, actor=RADIOLOGIST, key="k2", now=NOW)
    door.take(report(accession="A2"), stream=Q, actor=FEED, key="k1", now=NOW)


def unprotected(statement: str, values: list[str]) -> None:
    """Change the log behind the triggers' back, as someone with the file in hand could."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for trigger in ("record_event_no_update", "record_event_no_delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        else:
            cursor.execute("ALTER TABLE record_event DISABLE TRIGGER USER")
        cursor.execute(statement, values)


def test_a_whole_record_is_clean(record: str) -> None:
    fill()
    assert list(verify.verify()) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body", '{"type":"Enrolled.1","occurred_at":"2026-11-02T15:00:00Z"}'),
        ("actor", '{"kind":"staff","id":"mallory"}'),
        ("protocol", "0" * 64),
        ("recorded_at", "2020-01-01 00:00:00"),
        ("hash", "f" * 64),
    ],
)
def test_a_changed_field_breaks_the_chain(record: str, column: str, value: str) -> None:
    fill()
    unprotected(f"UPDATE record_event SET {column} = %s WHERE stream = %s AND seq = 2", [value, P])
    found = [fault for fault in verify.verify() if fault.stream == P]
    assert any("chain is broken at fact 2" in fault.what or "folded" in fault.what for fault in found)


def test_a_removed_fact_is_missed(record: str) -> None:
    fill()
    unprotected("DELETE FROM record_event WHERE stream = %s AND seq = 4", [P])
    assert any("the head says 4 facts" in fault.what for fault in verify.verify())
    unprotected("DELETE FROM record_event WHERE stream = %s AND seq = 2", [P])
    assert any("fact 2 is missing" in fault.what for fault in verify.verify())


def test_a_whole_log_removed_with_its_rows_leaves_her_claims_or_ledger_short(record: str) -> None:
    fill()
    unprotected("DELETE FROM record_event WHERE stream = %s", [Q])
    assert any(fault.stream == Q for fault in verify.verify())


def test_a_loop_deleted_by_hand_is_found_and_comes_back(record: str) -> None:
    fill()
    OpenLoop.objects.filter(stream=P, kind="book_call_back").delete()
    OpenLoop.objects.filter(stream=P, kind="tell_result").update(owner="nurse")
    Claim.objects.filter(stream=Q).delete()
    Head.objects.filter(stream=Q).update(place="settled")
    told = [fault.what for fault in verify.verify()]
    assert any("book_call_back" in what and "opened" in what for what in told)
    assert any("tell_result" in what and "moved" in what for what in told)
    assert any("claims" in what for what in told)
    assert any("ledger has her at 'settled'" in what for what in told)
    changes = {(c.kind, c.how) for c in verify.rebuild()}
    assert changes == {("book_call_back", "opened"), ("tell_result", "moved")}
    assert list(verify.verify()) == []


def test_a_fact_of_an_unknown_kind_stops_the_reading_and_is_named(record: str) -> None:
    fill()
    unprotected(
        "UPDATE record_event SET type = 'Teleported.1', body = %s WHERE stream = %s AND seq = 3",
        ['{"type":"Teleported.1","occurred_at":"2026-11-02T15:00:00Z"}', Q],
    )
    assert verify.unknown_facts() == ["Teleported.1"]
    with pytest.raises(UnknownEvent, match="Install the version"):
        log.load(Q)
    assert any("Teleported" in fault.what for fault in verify.verify())


def test_a_stored_protocol_that_was_edited_is_found(record: str) -> None:
    fill()
    assert ProtocolVersion.objects.update(body=Replace("body", Value("US-T1"), Value("US-T9"))) == 1
    assert any("stored protocol" in fault.what and "was changed" in fault.what for fault in verify.verify())
    ProtocolVersion.objects.all().delete()
    assert any("is not stored" in fault.what for fault in verify.verify() if fault.stream == Q)


@pytest.mark.parametrize("kept", ["record_taken", "record_claim", "record_openloop", "record_head"])
def test_a_log_removed_with_all_but_one_of_its_rows_is_missed(record: str, kept: str) -> None:
    fill()
    for table in {"record_event", "record_head", "record_openloop", "record_claim", "record_taken"} - {kept}:
        unprotected(f"DELETE FROM {table} WHERE stream = %s", [Q])
    assert any(fault.stream == Q for fault in verify.verify())


def test_a_receipt_misses_a_log_removed_without_a_trace(record: str) -> None:
    fill()
    lines: list[str] = []
    assert list(verify.verify(note=lambda *stream: lines.append(receipt.line(*stream)))) == []
    door.take(report(accession="A3"), stream="p44444444444444", actor=FEED, key="k1", now=NOW)
    door.take(call(), stream=P, actor=NAVIGATOR, key="k3", now=NOW)
    assert list(receipt.lost(lines)) == []
    for table in ("record_event", "record_head", "record_openloop", "record_claim", "record_taken"):
        unprotected(f"DELETE FROM {table} WHERE stream = %s", [Q])
    assert list(verify.verify()) == []
    assert [fault.stream for fault in receipt.lost(lines)] == [Q]
    with pytest.raises(receipt.NotAReceipt, match="line 2"):
        list(receipt.lost([lines[0], "something else\n"]))


def test_a_message_of_the_inbox_that_was_edited_is_found(record: str) -> None:
    send(oru("M1"), oru("M2", number="MR2", name="Bell^Bea", accession="A2"), b"not a message at all")
    assert list(changed_messages()) == []
    message = Message.objects.get(control_id="M1")
    message.content = bytes(message.content).replace(b"Negative", b"Positive")
    message.save()
    assert list(changed_messages()) == [message.id]


def test_the_stored_text_is_what_was_hashed(record: str) -> None:
    fill()
    for row in Event.objects.all():
        assert msgspec.json.decode(row.body)["type"] == row.type
