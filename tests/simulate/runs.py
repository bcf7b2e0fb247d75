"""Small programmes for tests: a unit, its protocol, and a run on the pathway alone."""

from datetime import UTC, date, datetime

from closerlook.pathway.protocol import Protocol
from closerlook.people import sites
from closerlook.simulate.doorways import Alone, Doorway
from closerlook.simulate.engine import Engine
from closerlook.simulate.programme import programme, unit

FIRST, LAST = date(2024, 11, 18), datetime(2026, 11, 20, 16, tzinfo=UTC)
ZONES = {"us": "America/Chicago", "uk": "Europe/London"}


def rules(country: str) -> Protocol:
    return sites.compiled(country, ZONES[country])


def engine(
    doorway: Doorway, country: str, women: int, *, seed: int = 1, last: datetime = LAST, live_from: date | None = None
) -> Engine:
    here = unit(rules(country), country=country, women=women, years=2, place="first floor", live_from=live_from)
    return programme(here, doorway, seed=seed, women=women, first=FIRST, last=last)


def played(country: str, women: int, *, seed: int = 1, live_from: date | None = None) -> tuple[Engine, Alone]:
    """Return a programme of two years on the pathway alone, played to its end."""
    doorway = Alone(rules(country))
    run = engine(doorway, country, women, seed=seed, live_from=live_from)
    run.run()
    return run, doorway
