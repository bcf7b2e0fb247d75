"""What a printed page says: how many sheets a PDF made by Chromium has, and which words stand on them."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_MAPPED = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_SHOWN = re.compile(rb"/F(\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj|(T\*|ET|Td|Tm)\b")


def sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def words(pdf: bytes) -> str:
    """Return the words on all sheets, in the order in which they are drawn, without any spaces between."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    letters = {number: _letters(objects, body) for number, body in objects.items() if b"/ToUnicode" in body}
    said: list[str] = []
    for body in objects.values():
        font: dict[int, str] = {}
        for chosen, drawn, _ in _SHOWN.findall(_unpacked(body)):
            if chosen:
                font = letters.get(int(chosen), {})
            codes = [int(drawn[at : at + 4], 16) for at in range(0, len(drawn), 4)]
            said += [font.get(code, "") for code in codes]
    return "".join("".join(said).split())


def _letters(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    """Return which letter each number of a font stands for."""
    reference = re.search(rb"/ToUnicode (\d+) 0 R", font)
    found: dict[int, str] = {}
    for kind, table in _MAPPED.findall(_unpacked(objects[int(reference[1])]) if reference else b""):
        for line in table.splitlines():
            numbers = [value.decode() for value in re.findall(rb"<([0-9A-Fa-f]+)>", line)]
            if kind == b"char" and len(numbers) == 2:
                found[int(numbers[0], 16)] = bytes.fromhex(numbers[1]).decode("utf-16-be")
            elif kind == b"range" and len(numbers) == 3:
                first, last, start = (int(number, 16) for number in numbers)
                found |= {first + n: chr(start + n) for n in range(last - first + 1)}
    return found


def _unpacked(body: bytes) -> bytes:
    stream = _STREAM.search(body)
    if stream is None or b"/Image" in body:
        return b""
    return zlib.decompress(stream[1]) if b"/FlateDecode" in body else stream[1]
