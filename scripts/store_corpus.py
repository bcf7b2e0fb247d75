"""Store the logs that this version writes, for every later version to read: `python -m scripts.store_corpus v0.2.0`.

Plays every course of the demonstration and some longer histories into a database that is thrown away, and writes the
logs with what they fold to into tests/corpus. Run it with each release; a folder that is there is never written again.
"""

import os
import random
import sys
import tempfile
from datetime import UTC, datetime
from unittest import mock

if __name__ == "__main__":
    os.environ["CLOSERLOOK_DATA_DIR"] = tempfile.mkdtemp(prefix="closerlook-corpus-")
    os.environ["CLOSERLOOK_SECRET_KEY"] = "the same links in the same letters, every time"  # noqa: S105  seals nothing that is kept
    for name in ("CLOSERLOOK_DATABASE_URL", "CLOSERLOOK_PROTOCOL"):
        os.environ.pop(name, None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "closerlook.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from tests.long_life import histories, shapes, stored  # noqa: E402
from tests.pathway.story import US  # noqa: E402

from closerlook import demonstration  # noqa: E402
from closerlook.demonstration import stories  # noqa: E402
from closerlook.pathway.events import FACTS, Recorded, encode  # noqa: E402
from closerlook.pathway.loops import fold, open_loops  # noqa: E402
from closerlook.pathway.messages import fold_message, message_loops  # noqa: E402
from closerlook.pathway.protocol import Protocol  # noqa: E402
from closerlook.people import sites  # noqa: E402
from closerlook.record import door, log  # noqa: E402
from closerlook.record.models import Head  # noqa: E402

NOW = datetime(2026, 11, 4, 22, tzinfo=UTC)
Logs = dict[str, list[stored.Line]]


def demonstrated(logs: Logs, stand: list[stored.Stood]) -> Protocol:
    """Play the demonstration; keep each course's streams under its name. Returns the protocol it ran by."""
    call_command("migrate", verbosity=0)
    names: dict[str, str] = {}
    played = iter(enumerate(stories.ALL, 1))

    def name_them(_: int) -> None:
        n, story = next(played)
        new = sorted(set(Head.objects.values_list("stream", flat=True)) - names.keys())
        for stream in new:
            names[stream] = f"demo_{n:02}_{story.__name__}{'_message' if door.is_message(stream) else ''}"

    dice = random.Random(1)  # noqa: S311  ids and links are the same every time, and nobody's
    with mock.patch("secrets.choice", dice.choice):
        demonstration.fill(now=NOW, seed=1, progress=name_them)
    for stream, name in names.items():
        found = door.look(stream)
        logs[name] = [stored.line(row) for row in log.load(stream)[1]]
        stand.append(stored.stood(name, found.state, found.loops))
    return sites.protocol()


def told(logs: Logs, stand: list[stored.Stood]) -> None:
    """Tell the hand-picked histories."""
    for name, tell in histories.ALL.items():
        records = tell().log
        patient = fold("p1", records, {US.hash: US})
        logs[name] = _lines("p1", records)
        stand.append(stored.stood(name, patient, open_loops(patient, {US.hash: US}, default=US)))
    for name, steps in histories.MESSAGES.items():
        records = histories.message(steps)
        message = fold_message("m1", records)
        logs[name] = _lines("m1", records)
        stand.append(stored.stood(name, message, message_loops(message, US)))


def _lines(stream: str, records: list[Recorded]) -> list[stored.Line]:
    return [stored.line(row[1:]) for row in log.rows_of(stream, log.GENESIS, records)]


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    version = sys.argv[1]
    if (stored.CORPUS / version).exists():
        print(f"{version} is stored already, and never stored again.", file=sys.stderr)
        return 1
    logs: Logs = {}
    stand: list[stored.Stood] = []
    ran_by = demonstrated(logs, stand)
    told(logs, stand)
    bodies = [encode(shapes.example(fact)) for fact in FACTS]
    stored.write(version, logs, stand, bodies, {p.hash: p for p in (ran_by, US)})
    frozen = shapes.read(shapes.FROZEN.read_text(encoding="utf-8")) if shapes.FROZEN.exists() else {}
    shapes.FROZEN.write_text(shapes.text_of(shapes.merged(frozen, shapes.shapes())), encoding="utf-8")
    print(f"{len(logs)} logs with {sum(map(len, logs.values()))} facts are stored in {stored.CORPUS / version}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
