"""One run of the model alone for one country, with everything that the report of it says."""

from msgspec import Struct

from closerlook.simulate.calibration import Row, Verdict, compare, predict
from closerlook.simulate.measures import Estimate, adds_up, measures
from closerlook.simulate.outcomes import alone
from closerlook.simulate.played import measured

PREDICTED_SHARE = 10
"""Women looked at for a ten-year prediction: one for so many of the run, as each makes many rounds."""


class Run(Struct, frozen=True):
    """What was measured: `rows` against published figures, `predictions` of ten years (United States only)."""

    country: str
    women: int
    seed: int
    years: float
    identity: bool
    recall: Estimate
    ppv1: Estimate
    detection: Estimate
    rows: list[Row]
    predictions: list[Row]
    through_pathway: list[Row] = []
    screens_through_pathway: int = 0

    @property
    def misfits(self) -> list[Row]:
        return [row for row in (*self.rows, *self.predictions) if row.verdict is Verdict.MISFIT]


def run(country: str, women: int, seed: int, years: float, through_pathway: int = 0) -> Run:
    """Return the model of a country measured and compared; and so many women played through the pathway as well."""
    found = measures(alone(seed, women, country, years))
    played = measured(country, through_pathway, seed) if through_pathway else {}
    return Run(
        country=country,
        women=women,
        seed=seed,
        years=years,
        identity=adds_up(found),
        recall=found["recall"],
        ppv1=found["ppv1"],
        detection=found["detection"],
        rows=compare(found, country),
        through_pathway=[row for row in compare(played, country) if row.simulated is not None and row.simulated.n],
        screens_through_pathway=played["recall"].n if played else 0,
        predictions=predict(seed, women // PREDICTED_SHARE) if country == "us" else [],
    )
