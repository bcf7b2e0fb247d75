"""Draw what the simulated queues give beside what is known exactly: `python -m scripts.capacity_proof`.

Writes docs/images/capacity-proof.svg. Each row is one setting with a closed form; tests/capacity holds the same to
three standard errors.
"""

from pathlib import Path
from statistics import fmean

from tests.capacity import closed_forms as known

from closerlook.capacity.estimates import estimate
from closerlook.plots import Interval, Row, intervals

FILE = Path(__file__).parent.parent / "docs" / "images" / "capacity-proof.svg"
WOMEN, REPLICATIONS = 20_000, 20


def rows() -> list[Row]:
    """Return each setting with the simulated mean wait ÷ the exact one (which is in mean service times)."""
    found = []
    for servers, load in ((1, 0.5), (2, 0.7), (3, 0.85), (8, 0.8)):
        runs = [known.desk(servers, load, known.exponential, women=WOMEN, seed=n)[0] for n in range(REPLICATIONS)]
        found.append(row(f"M/M/{servers}, load {load}", known.mean_wait_mmc(servers, load), runs))
    for name, service, variation in (
        ("equal", known.deterministic, 0.0),
        ("very unequal", known.hyperexponential, 3.0),
    ):
        runs = [known.desk(1, 0.7, service, women=WOMEN, seed=n)[0] for n in range(REPLICATIONS)]
        found.append(row(f"M/G/1, load 0.7, {name} times", known.mean_wait_mg1(0.7, variation), runs))
    for load in (0.5, 0.9):
        runs = [known.book(load, women=WOMEN, seed=n)[0] for n in range(REPLICATIONS)]
        found.append(row(f"One slot at a time, load {load}", known.mean_wait_slotted(load), runs))
    return found


def row(label: str, exact: float, runs: list[list[float]]) -> Row:
    value, low, high = estimate([fmean(waits) for waits in runs]).told or (0.0, 0.0, 0.0)
    return Row(f"{label}: exactly {exact:.3f}", (Interval(value / exact, low / exact, high / exact),))


if __name__ == "__main__":
    svg = intervals(
        rows(),
        ["simulated ÷ exact"],
        title="Mean wait, simulated, as a part of what is known exactly",
        across="simulated ÷ exact, with 95 % interval",
        line_at=1,
        stand_alone=True,
    )
    FILE.write_text(svg, encoding="utf-8")
