"""Two readers, apart: when two opinions agree, when a third person is asked, and what their result is.

You are here when an examination is read twice. Two opinions are not a result: it becomes one when the time to think
again has run out, or when a third reader or a panel decides.
"""

from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway.events import Reading
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import ReadingRegion
from closerlook.pathway.results import advice, assessments, merged
from closerlook.pathway.terms import CALM, FindingKind, ReportStatus


def readings(region: ReadingRegion, protocol: Protocol) -> list[Reading]:
    """Return the opinions that count: two people's, or one and a computer's where the protocol says so."""
    found = [o.reading for o in region.opinions]
    return found + [a.reading for a in region.ai] if protocol.ai_counts else found


def standing(region: ReadingRegion, protocol: Protocol) -> str:
    """Return "few" while a reader is missing, then "agree" or "differ"."""
    found = readings(region, protocol)
    if len(found) < 2 or not region.opinions:
        return "few"
    if len({opinion(r) for r in found}) > 1:
        return "differ"
    asks = opinion(found[0])[0] != "normal"
    return "differ" if asks and protocol.arbitrate == "any_recall" else "agree"


def opinion(reading: Reading) -> tuple[object, ...]:
    """Return what an opinion amounts to: normal, the same pictures again (and of what), or recall (and of which side).

    Two technical recalls that name other places differ (UK-R8); so do two recalls of other breasts.
    """
    if assessments(reading) <= CALM and advice(reading) is None:
        return ("normal",)
    asked = {s.side for s in reading.sides if s.assessment not in CALM}
    coded = [f for f in reading.findings if f.side in asked or f.side is None]
    if coded and all(f.kind is FindingKind.TECHNICAL for f in coded):
        return ("technical", frozenset((f.side, f.place) for f in coded))
    return ("recall", frozenset(asked))


def agreed(region: ReadingRegion, protocol: Protocol) -> Reading:
    """Return the result of agreeing opinions: each breast at what is more urgent, every finding of both."""
    first, second, *others = readings(region, protocol)
    for other in (second, *others):
        first = merged(first, replace(other, findings=_named_apart(first, other)))
    return replace(first, status=ReportStatus.FINAL)


def _named_apart(first: Reading, other: Reading) -> tuple[ev.Finding, ...]:
    """The second reader's findings that the first did not name: of one kind and side they are the same."""
    known = {(f.kind, f.side) for f in first.findings}
    return tuple(f for f in other.findings if (f.kind, f.side) not in known)
