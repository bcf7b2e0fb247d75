"""Bytes become messages, and nothing that came in is lost."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closerlook.exchange.hl7.framing import MAX_MESSAGE_BYTES, split
from tests.reports.feed import FEEDS, MSH, OBR, OBX, PID

ONE = "\r".join((MSH, PID, OBR, OBX)).encode() + b"\r"
PIECES = st.sampled_from(
    [
        b"MSH|^~\\&|",
        b"MSH",
        b"PID|1",
        b"\r",
        b"\n",
        b"\x0b",
        b"\x1c",
        b"\x1c\r",
        b"FHS|",
        b"BTS|2",
        b"\xef\xbb\xbf",
        b"\x00",
        ONE,
    ]
)


@given(st.binary(max_size=400) | st.lists(PIECES | st.binary(max_size=6), max_size=12).map(b"".join))
def test_whatever_arrives_something_comes_out_and_no_byte_of_a_message_is_lost(data: bytes) -> None:
    found = list(split(data))
    assert [raw.index for raw in found] == list(range(1, len(found) + 1))
    at = 0
    for raw in found:
        assert raw.start >= at
        assert not _meaning(data[at : raw.start])
        at = raw.start + len(raw.content)
        assert data[raw.start : at] == raw.content
    assert not _meaning(data[at:])


def _meaning(between: bytes) -> bytes:
    """Return what is left of skipped bytes without framing, blanks and envelope segments."""
    lines = between.replace(b"\xef\xbb\xbf", b"").replace(b"\n", b"\r").split(b"\r")
    kept = (line.strip(b"\x0b\x1c\t ") for line in lines)
    return b"".join(line for line in kept if line[:3] not in (b"FHS", b"BHS", b"BTS", b"FTS"))


@pytest.mark.parametrize(
    "framed",
    [
        b"\x0b" + ONE + b"\x1c\r",
        b"\x0b" + ONE,
        ONE + b"\x1c\r",
        ONE[:-1],
        ONE.replace(b"\r", b"\n"),
        ONE.replace(b"\r", b"\r\n"),
        b"\xef\xbb\xbf" + ONE,
        b"\xef\xbb\xbf\x0b" + ONE + b"\x1c",
        b"\r\n" + ONE + b"\r\n\r\n",
    ],
)
def test_one_message_has_one_digest_however_it_travels(framed: bytes) -> None:
    (raw,) = split(framed)
    assert raw.fault is None
    assert raw.digest == hashlib.sha256(ONE[:-1]).hexdigest()


def test_a_file_of_three_messages_yields_three() -> None:
    assert [raw.content for raw in split(ONE * 3)] == [ONE] * 3


def test_mllp_frames_after_one_another_are_taken_apart() -> None:
    assert [raw.content for raw in split((b"\x0b" + ONE + b"\x1c\r") * 2)] == [ONE, ONE]


def test_a_batch_envelope_is_not_a_message() -> None:
    found = list(split((FEEDS / "batch.hl7").read_bytes()))
    assert [raw.fault for raw in found] == [None, None]


def test_a_batch_that_lost_a_message_says_so() -> None:
    *messages, missing = split(b"BHS|^~\\&|\r" + ONE + b"BTS|2\r")
    assert len(messages) == 1
    assert missing.fault is not None
    assert missing.fault.code == "batch_count"
    assert "holds 2 messages, but 1" in missing.fault.sentence


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"hello", "not_hl7"),
        (b"%PDF-1.4\nbinary", "not_hl7"),
        (b"PID|1||NB1\r", "not_hl7"),
        (b"MS", "not_hl7"),
        (b"MSH", "truncated"),
        (b"MSH|^~\\&|DEMORIS|NORTH", "truncated"),
        (b"MSH|^~\\&|A|B|C|D|20250611||", "truncated"),
        (MSH.encode() + b"\r", "truncated"),
        (b"\x0b" + ONE[:-20], "truncated"),
        (ONE.replace(b"Marta", b"Mar\x00a"), "binary"),
        (ONE.decode().encode("utf-16"), "utf16"),
    ],
)
def test_what_is_not_a_message_comes_out_with_the_reason(data: bytes, code: str) -> None:
    found = list(split(data))
    assert [raw.fault.code for raw in found if raw.fault] == [code]
    assert b"".join(raw.content for raw in found).strip() == data.strip(b"\x0b\r\n ")


def test_a_fault_names_the_byte_and_the_line() -> None:
    _, broken = split(ONE + b"\x1c\rrubbish\r")
    assert broken.fault is not None
    assert f"It starts at byte {len(ONE) + 1}, line 5." in broken.fault.sentence


def test_a_message_that_is_too_long_is_handed_on_with_a_fault() -> None:
    (raw,) = split(ONE + b"OBX|2|TX|x||" + b"a" * MAX_MESSAGE_BYTES)
    assert raw.fault is not None
    assert raw.fault.code == "too_long"
    assert len(raw.content) > MAX_MESSAGE_BYTES


@pytest.mark.parametrize(
    ("declared", "encoding", "used"),
    [
        ("", "utf-8", "utf-8"),
        ("", "iso8859-1", "cp1252"),
        ("8859/1", "iso8859-1", "iso8859-1"),
        ("UNICODE UTF-8", "utf-8", "utf-8"),
        ("UNICODE UTF-8", "iso8859-1", "cp1252"),
        ("ASCII", "utf-8", "utf-8"),
        ("NO SUCH SET", "utf-8", "utf-8"),
    ],
)
def test_an_accent_never_costs_a_message(declared: str, encoding: str, used: str) -> None:
    text = "\r".join((f"{MSH}||||||{declared}", PID.replace("Marta", "Märta"), OBR, OBX))
    (raw,) = split(text.encode(encoding))
    assert raw.fault is None
    assert raw.charset == used
    assert "Märta" in raw.text


def test_bytes_that_are_no_text_in_any_set_still_come_out() -> None:
    (raw,) = split(ONE.replace(b"Marta", b"M\x81\x8d\xff"))
    assert raw.fault is None
    assert raw.charset == "iso8859-1"
