"""The unit's own figures, read from the whole log: what `capacity.observed` needs and may not fetch itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from closerlook.capacity.assumptions import Unit, defaults
from closerlook.capacity.observed import Observed, observe
from closerlook.pathway.events import Recorded
from closerlook.people import sites
from closerlook.record import log
from closerlook.record.streams import PATIENT

SIX_MONTHS = 182
"""How many days are looked at where nobody says otherwise."""


def histories() -> Iterator[list[Recorded]]:
    """Yield every patient's records at one moment, in memory that does not grow."""
    with log.snapshot():
        for batch in log.batches():
            for stream, rows in batch:
                if stream.startswith(PATIENT.letter):
                    yield [log.record_of(row) for row in rows]


def observed(now: datetime, *, days: int = SIX_MONTHS, start: Unit | None = None) -> Observed:
    """Return the unit as its log has it over the `days` before today. Raises ValueError for no working day."""
    protocol = sites.protocol()
    until = protocol.calendar.on(now)
    start = start or defaults(country_of(protocol.name))
    return observe(
        histories(), since=until - timedelta(days=days), until=until, calendar=protocol.calendar, start=start
    )


def country_of(protocol: str) -> str:
    """Return whose shipped assumptions fit a protocol: of the United States unless it is of the UK."""
    return "UK" if protocol.lower().startswith("uk") else "US"
