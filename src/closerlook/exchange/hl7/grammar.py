"""Segments, fields, components and escapes: python-hl7 cuts, this module hands out plain strings.

You want "PID-5.1" as text. Every value is unescaped here and nowhere else, and an escape that is not known stays in
the text as it came: python-hl7's own `unescape` drops those, and loses the rest of a field after a lone backslash.
Source: HL7 v2.5.1 sections 2.5 to 2.7.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

import hl7
import msgspec

from .report import Unreadable

_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_NULL = '""'  # HL7's explicit null: the sender says that there is no value


class Separators(msgspec.Struct, frozen=True):
    """The five delimiters a message declares in MSH-1 and MSH-2."""

    field: str
    component: str
    repeat: str
    escape: str
    sub: str


class Segment(msgspec.Struct, frozen=True):
    """One segment. `place` counts segments of this name in the message from 1; fields are raw, numbered as in HL7."""

    name: str
    place: int
    fields: tuple[str, ...]
    separators: Separators

    def raw(self, field: int) -> str:
        """Return field `field` as sent, escapes and separators included; "" if absent or the explicit null."""
        value = self.fields[field] if field < len(self.fields) else ""
        return "" if value == _NULL else value

    def repeats(self, field: int) -> list[str]:
        return self.raw(field).split(self.separators.repeat)

    def components(self, field: int, repeat: int = 0) -> list[str]:
        """Return the raw components of one repetition; [""] if absent."""
        repeats = self.repeats(field)
        return (repeats[repeat] if repeat < len(repeats) else "").split(self.separators.component)

    def value(self, field: int, component: int = 1, sub: int = 1, *, repeat: int = 0) -> str:
        """Return one value as text, stripped; all numbers but `repeat` count from 1; "" if absent."""
        if not self.raw(field):
            return ""
        return self.part(self.components(field, repeat), component, sub)

    def part(self, components: list[str], component: int, sub: int = 1) -> str:
        if component > len(components):
            return ""
        subs = components[component - 1].split(self.separators.sub)
        value = subs[sub - 1] if sub <= len(subs) else ""
        return "" if value == _NULL else unescape(value, self.separators).strip()

    def first(self, *fields: int) -> str:
        """Return the first value that is stated among `fields`."""
        return next((value for field in fields if (value := self.value(field))), "")

    def words(self, field: int) -> str:
        """Return codes and descriptions of a coded field as one string, without the names of coding systems.

        In `BIRADS^BI-RADS CATEGORY^L` the L means "local code", and never the left breast.
        """
        raw = self.raw(field)
        if not any(c in raw for c in (self.separators.component, self.separators.repeat, self.separators.sub)):
            return "" if not raw else unescape(raw, self.separators).strip()
        parts = [
            self.part(components, component, sub)
            for components in (self.components(field, n) for n in range(len(self.repeats(field))))
            for component in (1, 2, 4, 5, 9)
            for sub in (1, 2)
        ]
        return " ".join(part for part in parts if part)


def segments(text: str) -> list[Segment]:
    """Return the segments of one message. Raises Unreadable `not_hl7` or `truncated`.

    A line that does not begin like a segment is the rest of the segment before it: some senders leave raw line breaks
    inside OBX-5, and dropping such a line could drop the assessment.
    """
    lines = list(_joined(text.replace("\r\n", "\r").replace("\n", "\r")))
    separators = _separators(lines[0] if lines else "")
    message = hl7.parse("\r".join(lines))
    found: list[Segment] = []
    counts: dict[str, int] = {}
    for segment in message:
        fields = tuple(str(field) for field in segment)
        name = fields[0].strip()
        counts[name] = counts.get(name, 0) + 1
        found.append(Segment(name=name, place=counts[name], fields=fields, separators=separators))
    return found


def _joined(text: str) -> Iterator[str]:
    field, escape = text[3:4], text[6:7]
    if escape in ("", field):
        escape = "\\"
    current = ""
    for line in text.split("\r"):
        if line[3:4] == field and _NAME.match(line):
            if current:
                yield current
            current = line
        elif current.startswith("MSH") or not current:
            current = f"{current}{line}"
        elif line or current.startswith(("OBX", "NTE")):
            current = f"{current}{escape}.br{escape}{line}"
    if current:
        yield current


def _separators(header: str) -> Separators:
    if len(header) < 8 or not header.startswith("MSH"):
        raise Unreadable("not_hl7", "The data does not begin with an MSH segment.")
    field = header[3]
    declared = header[4:].split(field, 1)[0]
    # A sender may declare fewer than four; the rest are the standard's own. Any after the fourth say how to truncate.
    chars = declared[:4] + "^~\\&"[len(declared) :]
    if len({field, *chars}) < 5 or any(c.isalnum() or c.isspace() for c in (field, *chars)):
        raise Unreadable("not_hl7", "MSH-1 and MSH-2 do not name five different separators.")
    return Separators(field=field, component=chars[0], repeat=chars[1], escape=chars[2], sub=chars[3])


def unescape(value: str, separators: Separators) -> str:
    """Return `value` with HL7 escape sequences replaced, line breaks as LF; unknown sequences stay as they are.

    Also undoes a doubled escape (`\\E\\.br\\E\\`), which real senders produce.
    """
    if separators.escape not in value:
        return value
    escape = re.escape(separators.escape)
    known = r"[FSTREHN]|\.(?:br|sp|ce|fi|nf|in|ti|sk)[+-]?\d{0,3}|X(?:[0-9A-Fa-f]{2})+"
    doubled = rf"{escape}E{escape}({known}){escape}E{escape}"
    value = re.sub(doubled, lambda m: f"{separators.escape}{m[1]}{separators.escape}", value, flags=re.I)
    return re.sub(rf"{escape}({known}){escape}", lambda m: _sequence(m[1], separators), value, flags=re.I)


def _sequence(code: str, separators: Separators) -> str:
    plain = {
        "F": separators.field,
        "S": separators.component,
        "T": separators.sub,
        "R": separators.repeat,
        "E": separators.escape,
        "H": "",  # highlighting begins and ends: it carries no words
        "N": "",
    }
    code = code.upper()
    if code in plain:
        return plain[code]
    if code[0] == "X":
        return _hex(bytes.fromhex(code[1:]))
    return "\n" if code[1:3] in ("BR", "SP", "CE") else " "


def _hex(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("iso8859-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def groups(found: list[Segment]) -> list[tuple[Segment | None, Segment | None, list[Segment]]]:
    """Return (PID, ORC, segments from OBR to the next ORC, OBR or PID) for every OBR, in order.

    One ORU may hold several patients, so each OBR goes with the PID above it and never with the first.
    """
    starts = [n for n, segment in enumerate(found) if segment.name in ("PID", "ORC", "OBR")]
    result: list[tuple[Segment | None, Segment | None, list[Segment]]] = []
    patient: Segment | None = None
    order: Segment | None = None
    for start, stop in pairwise([*starts, len(found)]):
        segment = found[start]
        if segment.name == "PID":
            patient, order = segment, None
        elif segment.name == "ORC":
            order = segment
        else:
            result.append((patient, order, found[start:stop]))
            order = None
    return result
