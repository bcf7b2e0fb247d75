"""Files and folders in, whatever their kind: HL7 v2 messages, and lists of examinations as CSV."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from closerlook.exchange.hl7.framing import split
from closerlook.exchange.inbox import Incoming, Progress, Result, hl7, take_all
from closerlook.exchange.models import MessageFormat
from closerlook.exchange.tables import examinations

log = logging.getLogger(__name__)
LOOKS_LIKE_OURS = 2
ENDINGS = frozenset({".hl7", ".txt", ".dat", ".msg", ".oru", ".csv"})


def ingest(
    paths: Iterable[Path], *, clock: Callable[[], datetime], progress: Progress = lambda _: None
) -> Iterator[Result]:
    """Take everything in files and folders, yielding what became of each message, in order.

    Raises OSError naming a file that cannot be read; what was yielded before is in the record.
    """
    for path in files(paths):
        yield from take_all(incoming(path), clock=clock, progress=progress)


def incoming(path: Path) -> Iterator[Incoming]:
    """Yield what a file holds. A .csv that is no list of examinations is kept whole and set aside."""
    data = path.read_bytes()
    if path.suffix.lower() == ".csv":
        try:
            for row in list(examinations.rows(data)):
                source = f"{path}#{row.number}"
                sender = row.fields.get("sender", "")[:200]
                yield Incoming(source, MessageFormat.EXAMINATION, row.content, row.digest, sender)
            return
        except examinations.TableError:
            pass  # read as a message it is set aside whole, with the reason, where a person sees it
    for raw in split(data):
        yield hl7(raw, f"{path}#{raw.index}")


def files(paths: Iterable[Path]) -> list[Path]:
    """Return the files to read: those named, and in folders, in name order, those whose ending says they are ours."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
            found += sorted(p for p in inside if p.suffix.lower() in ENDINGS and not _other_table(p))
        else:
            found.append(path)
    return found


def _other_table(path: Path) -> bool:
    """Whether a .csv beside the messages is clearly no list of examinations: it is left alone, and that is said."""
    if path.suffix.lower() != ".csv":
        return False
    with path.open("rb") as file:
        head = file.readline(4096).decode("utf-8-sig", errors="replace").lower()
    if sum(name in head for name in examinations.NEEDED) >= LOOKS_LIKE_OURS:
        return False
    log.warning("%s has none of the columns of a list of examinations; it was left alone.", path)
    return True


def count(paths: Sequence[Path]) -> int:
    """Return how many messages there are, for a progress bar."""
    return sum(1 for path in files(paths) for _ in incoming(path))
