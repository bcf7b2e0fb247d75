"""Cut the prose of a report into its sections, and sections into sentences.

A category under "HISTORY" or "COMPARISON" is an earlier one; under "ADDENDUM" it is the newest. So every search for a
category needs to know the section it is in.
"""

import re
from bisect import bisect_right
from enum import StrEnum

import msgspec


class Part(StrEnum):
    """What a section is about, as far as the search for a category needs to know."""

    BODY = "body"
    EARLIER = "earlier"  # history, indication, comparison, an older report
    LEGEND = "legend"  # an explanation of the categories
    ADDENDUM = "addendum"


class Section(msgspec.Struct, frozen=True):
    """One section as running text: lines are joined by blanks, and a blank line is one LF."""

    part: Part
    text: str


_EARLIER = (
    r"(?:CLINICAL |PATIENT |BREAST |RELEVANT |PERTINENT )?(?:HISTORY|INFORMATION|DATA|INDICATIONS?)|INDICATIONS?"
    r"|REASON FOR (?:EXAM(?:INATION)?|STUDY|VISIT|TEST)|COMPARISONS?(?: STUDIES| EXAMS?)?"
    r"|(?:PRIOR|PREVIOUS|OUTSIDE) (?:REPORTS?|STUDIES|STUDY|EXAMS?|EXAMINATIONS?|MAMMOGRAMS?|IMAGING|IMPRESSION)"
)
_LEGEND = (
    r"(?:ACR )?(?:BI-?RADS|ASSESSMENT)[® ]*(?:ASSESSMENT )?(?:CATEGORIES|CATEGORY LEGEND|LEGEND|KEY|SCALE"
    r"|DEFINITIONS|CODES)|LEGEND|KEY|KEY TO CATEGORIES"
)
_ADDENDUM = r"ADDEND(?:UM|A)(?:[ \t]*(?:#|NO\.?)?[ \t]*\d{1,2})?|LATE ENTRY"
_BODY = (
    r"EXAM(?:INATION)?(?: PERFORMED)?|PROCEDURES?|STUDY|TECHNIQUE|FINDINGS(?: AND IMPRESSION)?"
    r"|(?:ORIGINAL |FINAL |BODY OF )?REPORT|ORIGINAL (?:FINDINGS|IMPRESSION)|BREAST (?:DENSITY|COMPOSITION)"
    r"|TISSUE DENSITY"
)
_CLOSING = (
    r"(?:FINAL |OVERALL )?(?:IMPRESSIONS?|ASSESSMENT(?: CATEGORY)?|CONCLUSIONS?|BI-?RADS)|RECOMMENDATIONS?|COMMENTS?"
    r"|MANAGEMENT|SUMMARY|OPINION|DIAGNOSIS|NOTE"
)
_NAMES = (
    f"(?P<addendum>{_ADDENDUM})|(?P<legend>{_LEGEND})|(?P<earlier>{_EARLIER})|(?P<closing>{_CLOSING})|(?P<body>{_BODY})"
)
_HEADING = re.compile(
    rf"^[ \t*#>-]*(?:\d{{1,2}}[.)][ \t]*)?(?:{_NAMES})[ \t*]{{0,9}}"
    r"(?:\([^)\n]{0,60}\)|(?:DATED|BY|ON)?[ \t]{0,9}[\d/.-]{4,12})?[ \t*]{0,9}(?::|=|[*]+|$)",
    re.IGNORECASE | re.MULTILINE,
)
_INLINE = re.compile(rf"(?<=[.;)][ \t])(?:{_NAMES})[ \t]?:")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_SENTENCE_END = re.compile(r"(?<=[.!?;])(?<!\bcat\.)(?<!\bno\.)(?<!\bdr\.)(?<!\bvs\.)\s+|\n", re.IGNORECASE)


def sections(text: str) -> list[Section]:
    """Return the sections of `text` in order; text before the first heading is body.

    A heading of its own line or before a colon starts a section. A section on earlier things or a legend ends at a
    blank line too, since what follows may well be the report itself. An addendum goes on until a heading of a report
    begins.
    """
    starts = sorted(
        [(match.start(), _part_of(match), match.end()) for match in _HEADING.finditer(text) if _is_heading(match[0])]
        + [(match.start(), _part_of(match), match.end()) for match in _INLINE.finditer(text)]
    )
    found: list[Section] = []
    part, begin = Part.BODY, 0
    for start, named, after in starts:
        if start < begin:
            continue
        found.extend(_sections(part, text[begin:start]))
        part = Part.ADDENDUM if named is None and part is Part.ADDENDUM else named or Part.BODY
        begin = after if part in (Part.EARLIER, Part.LEGEND) else start
    found.extend(_sections(part, text[begin:]))
    return found


def _is_heading(line: str) -> bool:
    # Without a colon only capitals count: wrapped prose can leave the word "comparison" alone on a line.
    return line.rstrip()[-1:] in (":", "=", "*") or line.isupper()


def _part_of(match: re.Match[str]) -> Part | None:
    """Return the part a heading starts; None for a closing heading, which an addendum may have of its own."""
    if match["closing"]:
        return None
    if match["addendum"]:
        return Part.ADDENDUM
    return Part.LEGEND if match["legend"] else Part.EARLIER if match["earlier"] else Part.BODY


def _sections(part: Part, text: str) -> list[Section]:
    if not text.strip():
        return []
    if part in (Part.EARLIER, Part.LEGEND):
        blank = _BLANK_LINE.search(text, len(text) - len(text.lstrip()))
        if blank and text[blank.end() :].strip():
            return [Section(part, running(text[: blank.start()])), Section(Part.BODY, running(text[blank.end() :]))]
    return [Section(part, running(text))]


def running(text: str) -> str:
    """Return `text` with lines joined, so that a phrase broken over two lines is whole; a blank line is one LF."""
    return "\n".join(" ".join(part.split()) for part in _BLANK_LINE.split(text) if part.strip())


class Sentences:
    """Where the sentences of one running text begin and end."""

    def __init__(self, text: str) -> None:
        self._ends = [match.end() for match in _SENTENCE_END.finditer(text)]
        self._length = len(text)

    def bounds(self, at: int) -> tuple[int, int]:
        """Return start and end of the sentence around position `at`."""
        n = bisect_right(self._ends, at)
        start = self._ends[n - 1] if n else 0
        return start, self._ends[n] if n < len(self._ends) else self._length

    def number(self, at: int) -> int:
        """Return which sentence holds position `at`, from 0."""
        return bisect_right(self._ends, at)


def each_sentence(text: str) -> list[str]:
    """Return the sentences of running text, semicolons ending one too."""
    return [sentence for sentence in _SENTENCE_END.split(text) if sentence and sentence.strip()]
