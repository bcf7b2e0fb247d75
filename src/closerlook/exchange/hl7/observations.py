"""The OBX and NTE segments under one OBR: the prose in order, the coded values, and what could not be read.

Nothing is skipped silently: an attachment, a pointer or a withdrawn line leaves a sentence in `unread`.
"""

import re
from collections.abc import Callable

import msgspec

from .grammar import Segment, unescape
from .status import is_withdrawn

_TEXT_TYPES = frozenset({"TX", "FT", "ST", ""})
_BASE64 = re.compile(r"[A-Za-z0-9+/]+")

_SECTIONS = {  # OBX-3 code or its suffix after "&" -> heading; "" leaves the text as it is
    "GDT": "",
    "IMP": "IMPRESSION",
    "ADT": "ADDENDUM",
    "TCM": "COMMENT",
    "REC": "RECOMMENDATION",
    "59776-5": "FINDINGS",
    "19005-8": "IMPRESSION",
    "18783-1": "RECOMMENDATION",
    "18785-6": "INDICATION",
    "11329-0": "HISTORY",
    "18834-2": "COMPARISON",
    "55107-7": "ADDENDUM",
}
_WORDED_SECTIONS = ("ADDENDUM", "IMPRESSION", "FINDINGS", "RECOMMENDATION", "INDICATION", "HISTORY", "COMPARISON")
_HEADED = re.compile(r"\W*([A-Za-z][A-Za-z /&-]{2,40}?)[ \t]*(?::|\n|\Z)")
_BODY = "REPORT"  # heading put where an addendum stops and the older text goes on without a heading of its own


class Observation(msgspec.Struct, frozen=True):
    """One OBX that holds a value: `kind` is OBX-2, `name` OBX-3 in words, `site` OBX-4 and OBX-20.

    `codes` holds, for each repetition, its components 1, 2, 4, 5 and 9: identifiers and texts, no coding systems, since
    the L of `BIRADS1^Negative^L` means "local code" and not the left breast. `text` is OBX-5 as lines.
    """

    place: str
    kind: str
    name: str
    site: str
    codes: tuple[tuple[str, ...], ...]
    text: str


class Observations(msgspec.Struct, frozen=True):
    """What stands under one OBR.

    `text` is everything in order, for a person; `prose` is the same without the values that `claimed` took, for the
    search. `documents` counts attachments and pointers that were not read; `withdrawn` says that every OBX was.
    """

    text: str
    prose: str
    claimed: tuple[Observation, ...]
    unread: tuple[str, ...]
    statuses: tuple[str, ...]
    documents: int
    withdrawn: bool
    addendum: bool


def observe(segments: list[Segment], claims: Callable[[Observation], bool]) -> Observations:
    """Read the OBX and NTE segments among `segments`; `claims` says which values are coded assessments or densities."""
    gathered = _Gathered(claims)
    for segment in segments:
        if segment.name == "NTE":
            gathered.add(_lines(segment, 3))
        elif segment.name == "OBX":
            gathered.take(segment)
    gathered.unread.extend(_cut(segments))
    return gathered.result()


class _Gathered:
    def __init__(self, claims: Callable[[Observation], bool]) -> None:
        self.claims = claims
        self.text: list[str] = []
        self.prose: list[str] = []
        self.claimed: list[Observation] = []
        self.unread: list[str] = []
        self.statuses: list[str] = []
        self.documents = self.withdrawn = self.live = 0
        self.heading, self.addendum = "", False

    def add(self, lines: list[str]) -> None:
        self.text.extend(lines)
        self.prose.extend(lines)

    def take(self, segment: Segment) -> None:
        if is_withdrawn(segment.value(11)):
            self.withdrawn += 1
            self.unread.append(f"{place(segment)} was withdrawn by the sender and was not read.")
            return
        self.live += 1
        self.statuses.append(segment.value(11))
        document = _document(segment)
        if document:
            self.documents += 1
            self.unread.append(f"{place(segment)} {document}")
            return
        observation = _observation(segment)
        if self.claims(observation):
            self.claimed.append(observation)
            self.text.append(f"{observation.name}: {observation.text}")
        elif segment.value(2).upper() in _TEXT_TYPES:
            self.add_section(segment)
        elif observation.text.strip():
            self.add([f"{observation.name}: {' '.join(word for code in observation.codes for word in code if word)}"])

    def add_section(self, segment: Segment) -> None:
        section, body = _section(segment), _lines(segment, 5)
        if section is None and self.heading:  # an unknown OBX-3 does not go on with the history or the addendum
            self.add(["", f"{_BODY}:"])
            self.heading = ""
        elif section is not None and section != self.heading:
            self.add(_heading_lines(section, self.heading, body))
            self.heading = section
        self.addendum = self.addendum or self.heading == "ADDENDUM"
        # A long OBX is a paragraph of its own; one OBX a line is running text.
        self.add([*body, ""] if len(body) > 1 else body)

    def result(self) -> Observations:
        return Observations(
            text=_tidy(self.text),
            prose=_tidy(self.prose),
            claimed=tuple(self.claimed),
            unread=tuple(self.unread),
            statuses=tuple(self.statuses),
            documents=self.documents,
            withdrawn=bool(self.withdrawn and not self.live),
            addendum=self.addendum,
        )


def place(segment: Segment) -> str:
    """Return "OBX 4": the set id if the sender gave one, else its place in the message."""
    return f"{segment.name} {segment.value(1) or segment.place}"


def _lines(segment: Segment, field: int) -> list[str]:
    repeats = (unescape(part, segment.separators) for part in segment.repeats(field))
    return [line.rstrip() for part in repeats for line in part.split("\n")]


def _heading_lines(section: str, before: str, body: list[str]) -> list[str]:
    """Return the heading to put before a new section, none where the text brings its own."""
    own = _HEADED.match("\n".join(body).lstrip())
    if own and section and section in own[1].upper():
        return [""]
    if section:
        return ["", f"{section}:"]
    return ["", f"{_BODY}:"] if before == "ADDENDUM" else [""] if before else []


def _section(segment: Segment) -> str | None:
    """Return the heading for this OBX, "" for plain report text, None if OBX-3 names no section."""
    codes = [segment.value(3, component, sub) for component in (1, 4) for sub in (1, 2)]
    for code in codes:
        if code.upper() in _SECTIONS:
            return _SECTIONS[code.upper()]
    words = segment.words(3).upper()
    return next((section for section in _WORDED_SECTIONS if section in words), None)


def _document(segment: Segment) -> str:
    """Return what makes this OBX unreadable as text, as the rest of a sentence; "" if it can be read."""
    kind, value = segment.value(2).upper(), segment.raw(5)
    if kind == "RP":
        return "points to a document outside the message that was not read."
    start = unescape(value[:200], segment.separators).lstrip().lower()
    if "jvberi0" in start or (kind == "ED" and "PDF" in " ".join(segment.components(5)[:4]).upper()):
        return "holds a PDF that was not read."
    if start.startswith("{\\rtf"):
        return "holds an RTF document that was not read."
    if kind == "ED":
        return "holds an attachment that was not read."
    if _looks_encoded(value):
        return "holds encoded data that was not read."
    return ""


def _looks_encoded(value: str) -> bool:
    return len(value) > 2000 and max(map(len, _BASE64.findall(value)), default=0) > 1500


def _cut(segments: list[Segment]) -> list[str]:
    """Return a sentence if the last OBX alone ends before its status: a sign that the message was cut short."""
    found = [segment for segment in segments if segment.name == "OBX"]
    if len(found) < 2 or len(found[-1].fields) > 11 or segments[-1] is not found[-1]:
        return []
    if not all(segment.value(11) for segment in found[:-1]):
        return []
    return [f"{place(found[-1])} ends before its status: the message may have been cut short."]


def _observation(segment: Segment) -> Observation:
    repeats = range(len(segment.repeats(5)))
    codes = tuple(
        tuple(segment.part(segment.components(5, n), component) for component in (1, 2, 4, 5, 9)) for n in repeats
    )
    return Observation(
        place=place(segment),
        kind=segment.value(2).upper(),
        name=segment.words(3),
        site=f"{segment.words(4)} {segment.words(20)}".strip(),
        codes=codes,
        text="\n".join(_lines(segment, 5)),
    )


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
