"""How far a report has come: HL7 codes and the words senders use instead.

A word that is not in these tables is `UNKNOWN`, which is not signed: nothing follows from such a report until a person
has looked. Source: HL7 tables 0123 (OBR-25) and 0085 (OBX-11), and feeds that send words.
"""

import re
from collections.abc import Iterable

from closerlook.pathway.terms import ReportStatus

_FINAL, _PRELIMINARY = ReportStatus.FINAL, ReportStatus.PRELIMINARY
_CODES = {
    "F": _FINAL,
    "U": _FINAL,  # OBX-11: became final without being sent again
    "C": ReportStatus.CORRECTED,
    "B": ReportStatus.ADDENDUM,  # appended: reviewed, with something added
    "P": _PRELIMINARY,
    "A": _PRELIMINARY,  # some results, not all
    "R": _PRELIMINARY,  # stored, not verified
    "S": _PRELIMINARY,  # OBX-11: partial; OBR-25: scheduled
    "I": _PRELIMINARY,
    "M": _PRELIMINARY,  # corrected, not final
}
WITHDRAWN_CODES = frozenset({"X", "D", "W"})
"""X: cannot be obtained, or order cancelled; D: delete; W: wrong, for example another patient's."""


def _all(words: str, status: ReportStatus) -> dict[str, ReportStatus]:
    return dict.fromkeys(words.split(), status)


_WITHDRAWN = re.compile(
    r"\b(?:cancel\w*|deleted?|retracted|withdrawn|void(?:ed)?|invalidated|wrong|error|discontinued)\b", re.IGNORECASE
)
_WORDS = {
    **_all("final finalized finalised signed verified authenticated approved", _FINAL),
    **_all("prelim preliminary wet wetread draft dictated transcribed unsigned unverified unapproved", _PRELIMINARY),
    **_all("pending partial", _PRELIMINARY),
    **_all("corrected correction amended amendment revised revision", ReportStatus.CORRECTED),
    **_all("addendum addended addenda", ReportStatus.ADDENDUM),
}
_NEUTRAL = {"report", "result", "results", "read", "reading", "status", "the", "electronically"}
_LOWEST_FIRST = (
    ReportStatus.UNKNOWN,
    ReportStatus.PRELIMINARY,
    ReportStatus.CORRECTED,
    ReportStatus.ADDENDUM,
    ReportStatus.FINAL,
)
_BANNER = re.compile(
    r"^[^\w\n]{0,40}(?:preliminary|prelim|wet read|draft|unsigned|not yet signed|unverified)"
    r"(?: (?:report|read|reading|interpretation|result))?[^\w\n]{0,40}$",
    re.IGNORECASE | re.MULTILINE,
)


def status_of(word: str) -> ReportStatus:
    """Return what one status code or phrase means; `UNKNOWN` for "" and for any phrase with an unknown word.

    Every word has to be known: "Final" is signed, "Awaiting final" is not.
    """
    plain = word.strip()
    if plain.upper() in _CODES:
        return _CODES[plain.upper()]
    words = [w for w in re.findall(r"\w+", plain.lower()) if w not in _NEUTRAL]
    if not words or any(w not in _WORDS for w in words):
        return ReportStatus.UNKNOWN
    return min((_WORDS[w] for w in words), key=_LOWEST_FIRST.index)


def is_withdrawn(word: str) -> bool:
    """True if a status says that the result was cancelled, deleted or entered in error."""
    return word.strip().upper() in WITHDRAWN_CODES or bool(_WITHDRAWN.search(word))


def combined(words: Iterable[str]) -> ReportStatus:
    """Return the least advanced of all stated statuses (OBR-25, OBX-11); `UNKNOWN` if none is stated.

    One unknown word among known ones gives `UNKNOWN`: better a person's look than a guess.
    """
    stated = [status_of(word) for word in words if word.strip()]
    return min(stated, key=_LOWEST_FIRST.index, default=ReportStatus.UNKNOWN)


def lowered(status: ReportStatus, text: str) -> ReportStatus:
    """Return `status`, or `UNKNOWN` where a signed status stands over a text with a line such as "Preliminary report".

    Sender and text then disagree, and nobody may act on either. A line that says "Final report" never raises anything.
    """
    return ReportStatus.UNKNOWN if status.is_signed and _BANNER.search(text) else status
