"""Fold a typical patient's log and compute what is owed: pure, one core."""

import tempfile
from pathlib import Path

from tests.record.steps import DESK
from tests.stores import NOW

from bench.measure import Figure, rate, seconds, sqlite
from bench.writing import course
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Document, Kind
from closerlook.pathway.loops import fold, open_loops
from closerlook.people import sites
from closerlook.record import door
from closerlook.record.protocols import KNOWN

STREAM = "p22222222222222"


def run(*, quick: bool) -> list[Figure]:
    """Return folds with loops a second, of twelve facts with one open call-back."""
    rounds, each = (3, 500) if quick else (9, 4_000)
    with tempfile.TemporaryDirectory() as folder, sqlite(Path(folder), "fold"):
        records = _records()
        protocol = sites.protocol()
        known = {key: KNOWN[key] for key in {r.protocol for r in records} | {protocol.hash}}

        def one_round() -> None:
            for _ in range(each):
                open_loops(fold(STREAM, records, known), known, default=protocol)

        one_round()
        return [
            rate(
                f"Fold and loops of a typical patient ({len(records)} facts)",
                "≥ 20,000",
                [each / seconds(one_round) for _ in range(rounds)],
            )
        ]


def _records() -> list:  # type: ignore[type-arg]
    worker = Actor(Kind.WORKER, "worker")
    for n, (actor, step) in enumerate(course(1)):
        door.take(step, stream=STREAM, actor=actor, key=f"k{n}", now=NOW)
    for document in Document:
        door.take(st.PrepareDocument(exam="e1.x2", document=document, file="f"), stream=STREAM, actor=worker,
                  key=f"p{document}", now=NOW)  # fmt: skip
        door.take(st.RecordPosted(exam="e1.x2", document=document, proof="posted"), stream=STREAM, actor=DESK,
                  key=f"s{document}", now=NOW)  # fmt: skip
    starts_at = NOW.replace(day=5)
    door.take(
        st.BookVisit(episode="e1", starts_at=starts_at, place="Riverside"), stream=STREAM, actor=DESK, key="b", now=NOW
    )
    return list(door.look(STREAM).records)
