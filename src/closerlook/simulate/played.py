"""Programmes played through the pathway, measured as their log shows them: the model with people and days around it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from closerlook.people import sites
from closerlook.simulate.doorways import Alone
from closerlook.simulate.from_log import outcomes
from closerlook.simulate.measures import Estimate, measures
from closerlook.simulate.outcomes import Outcome
from closerlook.simulate.programme import programme, unit

FIRST, LAST = date(2024, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)
ZONE = {"us": "America/Chicago", "uk": "Europe/London"}
OF_A_UNIT = 1_500
"""Women each simulated unit looks after: as many as its staff can."""
CUT_SHORT = ("return_", "interval", "sensitivity", "in_situ", "detection_first")
"""Measures that two years do not show whole, or that a log does not tell."""


def played(country: str, women: int, seed: int) -> Iterator[Outcome]:
    """Yield the rounds of two years, from as many units as so many women need, on the pathway alone."""
    protocol = sites.compiled(country, ZONE[country])
    for begun in range(0, women, OF_A_UNIT):
        of_it = min(OF_A_UNIT, women - begun)
        doorway = Alone(protocol)
        here = unit(protocol, country=country, women=of_it, years=2, place="the clinic")
        run = programme(here, doorway, seed=seed, women=of_it, first=FIRST, last=LAST, numbers_from=begun)
        run.run()
        records = dict(doorway.records())
        for case in run.cases:
            if case.stream:
                yield from outcomes(
                    doorway.look(case.stream).patient,
                    records[case.stream],
                    protocol.calendar,
                    number=case.woman.number,
                    birth_date=case.woman.birth_date,
                    screened_before=case.woman.screened_before,
                    priors_here=case.woman.has_priors == "here",
                    country=country,
                )


def measured(country: str, women: int, seed: int) -> dict[str, Estimate]:
    """Return what the log of such programmes shows, without what two years cut short."""
    found = measures(played(country, women, seed))
    return {name: one for name, one in found.items() if not name.startswith(CUT_SHORT)}
