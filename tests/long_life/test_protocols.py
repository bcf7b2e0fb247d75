"""Protocols that older versions stored: read under the hash they have always had, whatever was added since."""

import hashlib
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from closerlook.pathway import protocol, upcasters
from closerlook.pathway.loops import KINDS, fold, open_loops
from closerlook.pathway.protocol import Protocol, completed, decode
from closerlook.record import door, protocols, verify
from closerlook.record.models import ProtocolVersion
from tests.long_life import stored
from tests.long_life.test_corpus import LOGS, keep_bodies, put, together
from tests.pathway.story import US, called_back

BODIES = [(v, key, body) for v in stored.VERSIONS for key, body in stored.protocols(v).items()]
each_body = pytest.mark.parametrize(("version", "key", "body"), BODIES, ids=[f"{v}-{key[:8]}" for v, key, _ in BODIES])


@each_body
def test_an_old_protocol_keeps_the_hash_and_the_bytes_it_was_stored_with(version: str, key: str, body: bytes) -> None:
    found = decode(body)
    assert found.hash == key == hashlib.sha256(body).hexdigest()
    assert found.encoded == body


def older(**added: Any) -> bytes:
    """A body that an older version could have stored: spaced otherwise, so that encoding it anew gives another."""
    return msgspec.json.format(msgspec.json.encode({**msgspec.json.decode(US.encoded), **added}), indent=1)


def test_the_hash_is_that_of_the_stored_bytes_and_not_of_todays_encoding() -> None:
    body = older()
    assert decode(body) == US
    assert decode(body).hash == hashlib.sha256(body).hexdigest() != US.hash


def test_the_same_rules_keep_their_hash_when_a_field_with_a_default_is_added() -> None:
    class Later(Protocol, frozen=True, omit_defaults=True, dict=True):
        readings: int = 1

    values = {name: getattr(US, name) for name in US.__struct_fields__}
    assert Later(**values).hash == US.hash
    assert Later(**values, readings=2).hash != US.hash


def test_a_body_of_a_retired_format_goes_through_its_upcasters(monkeypatch: pytest.MonkeyPatch) -> None:
    body = msgspec.json.decode(US.encoded)
    body["months"] = body.pop("surveillance_months")
    monkeypatch.setattr(upcasters, "PROTOCOL_FORMAT", 3)
    steps: dict[int, upcasters.Upcaster] = {
        1: lambda b: {**b, "checks": b["months"]},
        2: lambda b: {**b, "surveillance_months": b["checks"]},
    }
    monkeypatch.setattr(upcasters, "PROTOCOL_UPCASTERS", steps)
    stored_body = msgspec.json.encode(body)
    found = decode(stored_body)
    assert found == US
    assert found.hash == hashlib.sha256(stored_body).hexdigest()
    monkeypatch.setattr(protocol, "PROTOCOL_FORMAT", 3)
    today = replace(US)
    assert msgspec.json.decode(today.encoded)["format"] == 3
    assert today.hash != US.hash
    assert decode(today.encoded) == US


def test_every_retired_format_has_an_upcaster() -> None:
    assert set(upcasters.PROTOCOL_UPCASTERS) == set(range(1, upcasters.PROTOCOL_FORMAT))


def before_it_knew(kind: str) -> Protocol:
    """A protocol of the days before the pathway knew a kind, as it was stored."""
    body = msgspec.json.decode(US.encoded)
    body["rows"] = [row for row in body["rows"] if row["kind"] != kind]
    return decode(msgspec.json.encode(body))


def test_a_kind_that_came_later_is_owed_by_todays_row_and_the_rest_by_the_old_ones() -> None:
    then = before_it_knew("book_call_back")
    assert ("book_call_back", "") not in then.table
    whole = completed(then, US)
    assert whole.hash == then.hash != US.hash
    assert whole.table["book_call_back", ""] == US.table["book_call_back", ""]
    assert [row for row in whole.rows if row.kind != "book_call_back"] == list(then.rows)
    assert completed(US, US) is US
    log = [replace(r, protocol=then.hash) for r in called_back().log[:-1]]
    known = {then.hash: whole}
    assert "book_call_back" in {x.kind for x in open_loops(fold("p1", log, known), known, default=US)}


def test_the_record_reads_an_old_protocol_by_its_stored_hash(
    sqlite_record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kept in ("_known", "_completed"):
        monkeypatch.setattr(protocols, kept, {})
    then = before_it_knew("nurse_call")
    ProtocolVersion.objects.create(
        hash=then.hash, name="us", version="0", body=then.encoded.decode(), first_used_at="2020-01-01T00:00:00Z"
    )
    found = protocols.KNOWN[then.hash]
    assert found.hash == then.hash
    assert {row.kind for row in found.rows} == set(KINDS)
    assert protocols.KNOWN[then.hash] is found
    with pytest.raises(KeyError):
        protocols.KNOWN["0" * 64]


def test_an_old_round_goes_on_at_the_door_under_its_old_protocol(sqlite_record: str) -> None:
    version = stored.VERSIONS[0]
    keep_bodies(version)
    then = next(x for x in together(version) if x.name.endswith("_called_back"))
    put(then, LOGS[version][then.name])
    list(verify.rebuild())
    assert door.look(then.stream).patient.episodes["e1"].protocol in stored.protocols(version)
    assert list(verify.verify()) == []
