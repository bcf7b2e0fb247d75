"""Fill a database with a long log, cheaply and honestly, then measure what reads all of it.

    python -m bench.million --events 100000 1000000 [--postgres]

The sample programme is played once through the real door. Its streams are then copied under new ids, with every chain
sealed anew, until the log is long enough. Then `verify`, `ledger` and `ledger --as-of` run as commands, each in a
process of its own; the time and the peak memory of each are printed. With `--into URL` it only fills that database.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

COMMANDS = (["verify", "--json"], ["ledger", "--json"], ["ledger", "--json", "--as-of"], ["loops", "--json"])
RUN = [sys.executable, "-c", "from closerlook.cli import main; main()"]
TABLES = ("people_patient", "record_event", "record_head", "record_openloop", "record_claim", "record_taken",
          "exchange_message", "exchange_arrival")  # fmt: skip
AT_ONCE = 40
Row = tuple[Any, ...]
Names = dict[str, str]


# ---------------------------------------------------------------- filling


def fill(events: int) -> int:
    """Fill the empty database of the settings until its log has `events` facts or a few more; return how many."""
    from django.core.management import call_command
    from django.db import connection, transaction

    from closerlook import demonstration

    call_command("migrate", verbosity=0)
    demonstration.fill(now=datetime.now(UTC), seed=1)
    columns = {table: _columns(table) for table in TABLES}
    with connection.cursor() as cursor:
        originals = {table: _rows(cursor, table, columns[table]) for table in TABLES}
        copier = Copier(columns, originals)
        each = len(originals["record_event"])
        copies = max(0, -(-events // each) - 1)
        for first in range(0, copies, AT_ONCE):
            with transaction.atomic():
                for table, rows in copier.copies(range(first, min(first + AT_ONCE, copies))).items():
                    _write(cursor, table, columns[table], rows)
            print(f"\r{(first + AT_ONCE) * each:,} facts", end="", file=sys.stderr)
        print(file=sys.stderr)
        cursor.execute("ANALYZE")
    return each * (copies + 1)


def _columns(table: str) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        found = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    return [name for name in found if (table, name) != ("exchange_arrival", "id")]


def _rows(cursor: Any, table: str, columns: list[str]) -> list[Row]:
    order = "stream, seq" if table == "record_event" else "1"
    cursor.execute(f"SELECT {','.join(columns)} FROM {table} ORDER BY {order}")
    return [tuple(row) for row in cursor.fetchall()]


def _write(cursor: Any, table: str, columns: list[str], rows: list[Row]) -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {table} ({','.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ",".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})", rows)


class Copier:
    """Copies every row under new ids: of streams, messages and claimed numbers, wherever they stand in a text."""

    def __init__(self, columns: dict[str, list[str]], originals: dict[str, list[Row]]) -> None:
        self._at = {table: {name: n for n, name in enumerate(names)} for table, names in columns.items()}
        ids = {row[0] for table in ("people_patient", "exchange_message") for row in originals[table]}
        ids |= {row[self._at["record_head"]["stream"]] for row in originals["record_head"]}
        self._ids = sorted(ids)
        self._claims = sorted({row[self._at["record_claim"]["value"]] for row in originals["record_claim"]})
        longest_first = sorted([*self._ids, *self._claims], key=len, reverse=True)
        self._names = re.compile("(" + "|".join(re.escape(name) for name in longest_first) + ")")
        self._pieces = {t: [[self._cut(v) for v in row] for row in rows] for t, rows in originals.items()}
        self._records = self._decoded(originals["record_event"])

    def _cut(self, value: Any) -> Any:
        """Return a text as pieces of which every second is a name; anything else as it is."""
        found = self._names.split(value) if isinstance(value, str) else []
        return found if len(found) > 1 else value

    def _decoded(self, rows: list[Row]) -> list[Any]:
        from closerlook.record import log

        at = self._at["record_event"]
        return [log.record_of([row[at[name]] for name in log.COLUMNS.split(", ")]) for row in rows]

    def copies(self, numbers: range) -> dict[str, list[Row]]:
        """Return the rows of some copies, by table."""
        found: dict[str, list[Row]] = {table: [] for table in TABLES}
        for number in numbers:
            names = {name: f"{name[0]}{number:07}{name[1:8]}" for name in self._ids}
            names |= {name: f"{name}x{number}" for name in self._claims}
            for table in TABLES:
                found[table] += self._table(table, names, number, found)
        return found

    def _table(self, table: str, names: Names, number: int, others: dict[str, list[Row]]) -> list[Row]:
        rows = [[_renamed(value, names) for value in row] for row in self._pieces[table]]
        at = self._at[table]
        if table == "record_event":
            self._sealed(rows)
        elif table == "record_head":
            event = self._at["record_event"]
            last = {row[event["stream"]]: row[event["hash"]] for row in others["record_event"]}
            for row in rows:
                row[at["hash"]] = last[row[at["stream"]]]
        elif table == "exchange_message":
            for row in rows:
                content = bytes(row[at["content"]]) + f"\rZCL|{number}".encode()
                row[at["content"]] = content
                row[at["digest"]] = _digest(content)
        return [tuple(row) for row in rows]

    def _sealed(self, rows: list[list[Any]]) -> None:
        from closerlook.record import log

        at = self._at["record_event"]
        stream, seq, tag, body, actor, seal = (at[x] for x in ("stream", "seq", "type", "body", "actor", "hash"))
        before = log.GENESIS
        for row, record in zip(rows, self._records, strict=True):
            before = log.GENESIS if row[seq] == 1 else before
            before = log.seal(before, row[stream], record, row[tag], row[body], row[actor])
            row[seal] = before


def _renamed(value: Any, names: Names) -> Any:
    if not isinstance(value, list):
        return value
    return "".join(piece if n % 2 == 0 else names[piece] for n, piece in enumerate(value))


def _digest(content: bytes) -> str:
    from closerlook.exchange.hl7.framing import normalised

    return hashlib.sha256(normalised(content)).hexdigest()


# ---------------------------------------------------------------- measuring


def measure(url: str, events: int) -> None:
    """Fill a database in a process of its own, run each command on it, and print what each took."""
    environment = os.environ | {"CLOSERLOOK_DATABASE_URL": url}
    subprocess.run(
        [sys.executable, "-m", "bench.million", "--into", url, "--events", str(events)], env=environment, check=True
    )
    for command in COMMANDS:
        past = [f"{datetime.now(UTC) - timedelta(days=14):%Y-%m-%d}"] if command[-1] == "--as-of" else []
        begun = time.perf_counter()
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen([*RUN, *command, *past], env=environment, stdout=out)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds, memory = time.perf_counter() - begun, used.ru_maxrss / 1024
        engine = url.partition(":")[0]
        print(f"{engine:<10} {events:>9,} facts  {' '.join(command):<22} exit {process.returncode}  "
              f"{seconds:>7.1f} s  {memory:>6.0f} MB at the peak", flush=True)  # fmt: skip


@contextmanager
def _databases(*, postgres: bool) -> Iterator[Callable[[int], str]]:
    with tempfile.TemporaryDirectory(prefix="closerlook-bench-") as folder:
        if not postgres:
            yield lambda events: f"sqlite:///{Path(folder) / f'{events}.sqlite3'}"
            return
        from tests.servers import running_postgres

        with running_postgres() as running:
            yield lambda events: running.create_database(f"facts_{events}")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.million", description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[100_000, 1_000_000], help="how many facts")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--into", metavar="URL", help="only fill this empty database, and leave it")
    options = parser.parse_args(arguments)
    os.environ["DJANGO_SETTINGS_MODULE"] = "closerlook.settings"
    if options.into:
        os.environ["CLOSERLOOK_DATABASE_URL"] = options.into
        import django

        django.setup()
        print(f"{fill(options.events[0]):,} facts are in it")
        return
    os.environ["CLOSERLOOK_DATA_DIR"] = tempfile.mkdtemp(prefix="closerlook-bench-")
    with _databases(postgres=options.postgres) as address:
        for events in options.events:
            measure(address(events), events)


if __name__ == "__main__":
    main(sys.argv[1:])
