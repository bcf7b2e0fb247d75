"""A receipt of a proof: for each stream its last fact and the hash that seals it. To be kept outside the database.

You are here because nothing inside a database can show that somebody took a whole log out of it with everything beside
it, or rewrote one from its first fact. A receipt kept elsewhere can: every line of it has to be in the log for ever.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import connection

from closerlook.record import log
from closerlook.record.verify import Fault

AT_ONCE = 500
MEND = "Facts that were proved once are gone. Restore the backup that belongs to the receipt, and compare."


class NotAReceipt(ValueError):
    """The file is none; the message says which line."""


def line(stream: str, seq: int, hash_: str) -> str:
    """Return a stream's line."""
    return f"{stream} {seq} {hash_}\n"


def lost(receipt: Iterable[str]) -> Iterator[Fault]:
    """Yield a fault for each stream that no longer holds what the receipt says. Raises NotAReceipt."""
    left = enumerate(receipt, 1)
    with log.snapshot(), connection.cursor() as cursor:
        while page := [_entry(number, text) for number, text in islice(left, AT_ONCE)]:
            cursor.execute(
                "SELECT stream, seq, hash FROM record_event WHERE (stream, seq) IN (VALUES "
                + ",".join(["(%s,%s)"] * len(page))
                + ")",
                [part for entry in page for part in entry[:2]],
            )
            standing = {tuple(row) for row in cursor.fetchall()}
            for entry in page:
                if entry not in standing:
                    what = f"the receipt has {entry[1]} facts of it, and they are gone or others stand there"
                    yield Fault(entry[0], what, MEND)


def _entry(number: int, text: str) -> tuple[str, int, str]:
    parts = text.split()
    if len(parts) != 3 or not parts[1].isdigit() or len(parts[2]) != len(log.GENESIS):
        raise NotAReceipt(f"line {number} is not a line of a receipt")
    return parts[0], int(parts[1]), parts[2]
