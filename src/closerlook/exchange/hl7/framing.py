"""Cut bytes into HL7 v2 messages; nothing that came in is ever dropped.

You are reading a file a unit exported, or a buffer from an MLLP socket. Whatever is not a readable message still comes
out as one `Raw` with a `fault`, so that a person can see that something arrived.
Source: HL7 v2.5.1 chapter 2 (segments, batches), HL7 MLLP release 1 (framing bytes VT, FS, CR).
"""

import hashlib
import re
from collections.abc import Iterator

import msgspec

MAX_MESSAGE_BYTES = 5 * 1024 * 1024
"""A longer message gets the fault `too_long`; it is still handed on, for a person."""

_BOM = b"\xef\xbb\xbf"
_BLANK = b"\r\n\t \x0b\x1c"
_MARK = re.compile(
    rb"(?:\A|(?<=[\r\n\x0b\x1c]))[ \t]*(?:\xef\xbb\xbf)?(?P<head>MSH|FHS|BHS|BTS|FTS)(?![A-Za-z0-9])"
    rb"|(?P<end>\x1c(?=[\r\n\x0b]|\Z)|(?<=[\r\n])\x1c)"
    rb"|(?P<begin>(?:\A(?:\xef\xbb\xbf)?|(?<=[\r\n\x1c]))\x0b)"
)
_LINE_END = re.compile(rb"[\r\n]")

# HL7 table 0211, and the spellings senders use beside it. "UNICODE" alone is withdrawn; in files it means UTF-8.
_CHARSETS = {
    "ASCII": "ascii",
    "ISO IR6": "ascii",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "ISO IR192": "utf-8",
    "ISO IR 192": "utf-8",
    "ISO IR100": "iso8859-1",
    "ISO IR 100": "iso8859-1",
    "ISO_IR 100": "iso8859-1",
    "WINDOWS-1252": "cp1252",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    **{f"8859/{n}": f"iso8859-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
    **{f"ISO-8859-{n}": f"iso8859-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
}


class Fault(msgspec.Struct, frozen=True):
    """Why a piece is not a message that can be read.

    `code` is one of `empty`, `not_hl7`, `truncated`, `too_long`, `binary`, `utf16`, `batch_count`; `sentence` is for a
    person and names the byte and line where the piece starts, both counted from the beginning of the data.
    """

    code: str
    sentence: str


class Raw(msgspec.Struct, frozen=True):
    """One message as it came, or one piece that is not a message.

    `index` counts from 1, `start` is the byte of the data where it begins, from 0. `content` is the piece without
    framing, byte for byte. `text` is `content` decoded with `charset`. `digest` is the SHA-256 in hex of `content` with
    line ends as CR and none at the end, so that the same message in a file and over MLLP has one digest.
    """

    index: int
    start: int
    content: bytes
    text: str
    digest: str
    charset: str = "utf-8"
    fault: Fault | None = None


class _Piece(msgspec.Struct, frozen=True):
    kind: str  # MSH, an envelope segment, or "stray"
    start: int
    content: bytes
    cut: bool  # opened by VT, and neither FS nor a line end closes it


def split(data: bytes) -> Iterator[Raw]:
    """Yield every message of `data`, and every other piece with a fault, in order; never raises.

    Understands MLLP framing (whole, partial or none), CR, LF and CRLF, several messages, batch and file envelopes and a
    UTF-8 byte order mark. Envelope segments are not yielded; a batch whose BTS counts another number of messages than
    were found yields one more piece with the fault `batch_count`. Takes time linear in the length of `data`.
    """
    index, in_batch, line, seen_to = 0, 0, 1, 0
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        sentence = "The data is UTF-16 text, from byte 0. Export it as UTF-8 and send it again."
        yield _raw(1, 0, data, Fault("utf16", sentence))
        return
    for piece in _pieces(data):
        if piece.kind == "BHS":
            in_batch = 0
        fault = _fault(piece, in_batch)
        if piece.kind in ("FHS", "BHS", "BTS", "FTS") and fault is None:
            continue
        in_batch += piece.kind == "MSH"
        index += 1
        if fault:
            line += _line_ends(data, seen_to, piece.start)
            seen_to = piece.start
            fault = Fault(fault.code, f"{fault.sentence} It starts at byte {piece.start}, line {line}.")
        yield _raw(index, piece.start, piece.content, fault)
    if not index and _is_blank(data):
        yield _raw(1, 0, data, Fault("empty", "There is nothing in the data: no message, not even a broken one."))


def normalised(content: bytes) -> bytes:
    """Return `content` with every line end as CR and blank segments at its end removed."""
    return content.replace(b"\r\n", b"\r").replace(b"\n", b"\r").rstrip(b"\r\t ")


def decode(content: bytes) -> tuple[str, str]:
    """Return the text of one message and the character set used.

    Tries what MSH-18 names, then UTF-8, then Windows-1252 and ISO-8859-1 (the same for every printable ISO-8859-1
    character). The last never fails, so no report is lost for one accent.
    """
    for name in (*_declared(content), "utf-8", "cp1252"):
        try:
            return content.decode(name), name
        except UnicodeDecodeError:
            continue
    return content.decode("iso8859-1"), "iso8859-1"


def _pieces(data: bytes) -> Iterator[_Piece]:
    kind, start, opened = "stray", 0, False
    for mark in _MARK.finditer(data):
        yield from _piece(data, kind, start, mark.start(), cut=opened and not mark["end"])
        if mark["head"]:
            kind, start = mark["head"].decode("ascii"), mark.start("head")
        else:
            kind, start, opened = "stray", mark.end(), bool(mark["begin"])
    yield from _piece(data, kind, start, len(data), cut=opened)


def _piece(data: bytes, kind: str, start: int, end: int, *, cut: bool) -> Iterator[_Piece]:
    if kind in ("FHS", "BHS", "BTS", "FTS"):
        # An envelope is one segment; what follows it without a header of its own belongs to nobody.
        stop = _LINE_END.search(data, start, end)
        if stop:
            yield _Piece(kind, start, data[start : stop.start()], cut=False)
            yield from _piece(data, "stray", stop.start(), end, cut=False)
            return
    content = data[start:end]
    if kind != "stray" or not _is_blank(content):
        yield _Piece(kind, start, content, cut=cut and content[-1:] not in (b"\r", b"\n"))


def _is_blank(data: bytes) -> bool:
    return not data.replace(_BOM, b"").strip(_BLANK)


def _fault(piece: _Piece, in_batch: int) -> Fault | None:
    content = piece.content
    if piece.kind == "BTS":
        return _batch_fault(content, in_batch)
    if piece.kind in ("FHS", "BHS", "FTS"):
        return None
    if piece.kind == "stray":
        return Fault("not_hl7", f"{len(content)} bytes that do not begin with an MSH segment, so not an HL7 message.")
    if len(content) > MAX_MESSAGE_BYTES:
        limit = MAX_MESSAGE_BYTES // (1024 * 1024)
        return Fault("too_long", f"A message of {len(content)} bytes; at most {limit} MiB are read.")
    nul = content.find(0)
    if nul >= 0:
        return Fault("binary", f"A message with a NUL byte, {nul} bytes into it: binary data, or a damaged file.")
    return _cut_short(piece)


def _batch_fault(content: bytes, in_batch: int) -> Fault | None:
    fields = content.split(content[3:4]) if len(content) > 3 else []
    counted = fields[1].strip().decode("ascii", "replace") if len(fields) > 1 else ""
    if not counted.isascii() or not counted.isdigit() or len(counted) > 9 or int(counted) == in_batch:
        return None
    return Fault("batch_count", f"The batch says it holds {int(counted)} messages, but {in_batch} were found in it.")


def _cut_short(piece: _Piece) -> Fault | None:
    lines = normalised(piece.content).split(b"\r", 1)
    fields = lines[0].split(lines[0][3:4]) if len(lines[0]) > 3 else []
    if len(fields) < 9:
        return Fault("truncated", "A message that ends inside its first segment (MSH): its type is missing.")
    if not fields[8].strip():
        return Fault("truncated", "A message whose first segment (MSH) states no message type (MSH-9).")
    if len(lines) < 2:
        return Fault("truncated", "A message that ends after its first segment (MSH): nothing is reported in it.")
    if piece.cut:
        return Fault("truncated", "A message that stops in mid-segment: its MLLP frame was opened and never closed.")
    return None


def _raw(index: int, start: int, content: bytes, fault: Fault | None) -> Raw:
    text, charset = decode(content)
    digest = hashlib.sha256(normalised(content)).hexdigest()
    return Raw(index=index, start=start, content=content, text=text, digest=digest, charset=charset, fault=fault)


def _declared(content: bytes) -> list[str]:
    if content[:3] != b"MSH" or len(content) < 4:
        return []
    stop = _LINE_END.search(content)
    fields = content[: stop.start() if stop else len(content)].split(content[3:4])
    if len(fields) < 18:
        return []
    repeat = fields[1][1:2] or b"~"
    names = fields[17].split(repeat)
    known = (_CHARSETS.get(name.strip().decode("ascii", "replace").upper()) for name in names)
    return [name for name in known if name]


def _line_ends(data: bytes, start: int, end: int) -> int:
    crs, lfs = data.count(b"\r", start, end), data.count(b"\n", start, end)
    return crs + lfs - data.count(b"\r\n", start, end)
