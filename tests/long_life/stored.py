"""Old logs as they were stored, and what they amounted to then: how they are written, and how they are read back.

A folder of the corpus (tests/corpus/v0.1.0) is written once, by the version it is named after, and never again:
`streams/` has one file for each log, a line for each row of the table; `protocols/` the bodies they were decided under;
`stood.jsonl` what each log folded to; `examples.jsonl` one body of every kind of fact with every field filled.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from closerlook.pathway.events import Recorded
from closerlook.pathway.loops import Loop, claims
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Patient
from closerlook.record import door, log

CORPUS = Path(__file__).parent.parent / "corpus"
VERSIONS = sorted(folder.name for folder in CORPUS.glob("v*"))


class Line(Struct, frozen=True):
    """One row of the log. `body` and `actor` are the very bytes that were stored and hashed."""

    seq: int
    step: int
    type: str
    recorded_at: datetime
    protocol: str
    hash: str
    actor: msgspec.Raw
    body: msgspec.Raw

    @property
    def row(self) -> tuple[Any, ...]:
        """As the database gives it (`log.COLUMNS`)."""
        body, actor = bytes(self.body).decode(), bytes(self.actor).decode()
        return (self.seq, self.step, self.type, body, actor, self.protocol, self.recorded_at, self.hash)


def line(row: Sequence[Any]) -> Line:
    """Return a row of `log.COLUMNS` as a line."""
    seq, step, tag, body, actor, protocol, recorded_at, sealed = row
    raw = msgspec.Raw
    return Line(seq, step, tag, log.utc(recorded_at), protocol, sealed, raw(actor.encode()), raw(body.encode()))


class Owed(Struct, frozen=True, order=True):
    """Something that was owed: its key, and its clocks."""

    episode: str | None
    kind: str
    subject: str
    opened_seq: int
    due_at: datetime
    late_at: datetime

    @property
    def key(self) -> tuple[str | None, str, str, int]:
        return (self.episode, self.kind, self.subject, self.opened_seq)


class Round(Struct, frozen=True, omit_defaults=True):
    """What one round had come to. `findings` by id: status and assessment."""

    settled: str | None = None
    paused: str | None = None
    findings: dict[str, tuple[str, str]] = {}


class Stood(Struct, frozen=True, omit_defaults=True):
    """What a log folded to when it was stored."""

    name: str
    stream: str
    place: str
    rounds: dict[str, Round] = {}
    owed: tuple[Owed, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    next_due_on: date | None = None
    died_on: date | None = None


def stood(name: str, state: Any, loops: Sequence[Loop]) -> Stood:
    """Return what a folded log amounts to, in the words that are stored."""
    owed = (Owed(x.episode, x.kind, x.subject, x.opened_seq, x.due_at, x.late_at) for x in loops)
    found = Stood(name, state.id, door.where(state), owed=tuple(sorted(owed, key=lambda x: str(x.key))))
    if not isinstance(state, Patient):
        return found
    rounds = {
        e.id: Round(
            e.settled.outcome.value if e.settled else None,
            e.paused.reason.value if e.paused else None,
            {f.id: (f.status.value, f.assessment.value) for f in e.findings.values()},
        )
        for e in state.episodes.values()
    }
    next_due_on = state.next_due.due_on if state.next_due else None
    mine = tuple(sorted(claims(state)))
    return msgspec.structs.replace(found, rounds=rounds, claims=mine, next_due_on=next_due_on, died_on=state.died_on)


# ---------------------------------------------------------------- one folder


def streams(version: str) -> dict[str, list[Line]]:
    """Return every stored log of a version, by name."""
    files = sorted((CORPUS / version / "streams").glob("*.jsonl"))
    return {file.stem: [msgspec.json.decode(text, type=Line) for text in _lines(file)] for file in files}


def all_stood(version: str) -> list[Stood]:
    return [msgspec.json.decode(text, type=Stood) for text in _lines(CORPUS / version / "stood.jsonl")]


def examples(version: str) -> list[bytes]:
    """Return one stored body of every kind of fact, with every field filled."""
    return _lines(CORPUS / version / "examples.jsonl")


def protocols(version: str) -> dict[str, bytes]:
    """Return the bodies of the protocols that the logs were decided under, by their hash."""
    return {file.stem: file.read_bytes() for file in sorted((CORPUS / version / "protocols").glob("*.json"))}


def _lines(file: Path) -> list[bytes]:
    return [text for text in file.read_bytes().split(b"\n") if text]


def write(
    version: str,
    logs: Mapping[str, Sequence[Line]],
    stand: Sequence[Stood],
    bodies: Sequence[bytes],
    decided_by: Mapping[str, Protocol],
) -> None:
    """Write a version's folder. What is there already is never written over."""
    folder = CORPUS / version
    for part in ("streams", "protocols"):
        (folder / part).mkdir(parents=True)
    for name, lines in logs.items():
        _write(folder / "streams" / f"{name}.jsonl", [msgspec.json.encode(x) for x in lines])
    _write(folder / "stood.jsonl", [msgspec.json.encode(x) for x in stand])
    _write(folder / "examples.jsonl", bodies)
    for key, protocol in decided_by.items():
        (folder / "protocols" / f"{key}.json").write_bytes(protocol.encoded)


def _write(file: Path, lines: Sequence[bytes]) -> None:
    file.write_bytes(b"".join(text + b"\n" for text in lines))


def records(lines: Sequence[Line]) -> list[Recorded]:
    """Return stored rows as the records they hold, as the log reads them."""
    return [log.record_of(x.row) for x in lines]
