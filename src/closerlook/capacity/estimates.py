"""A mean over replications with its 95 % interval, by Student's t: replications are independent of one another."""

from collections.abc import Sequence
from statistics import NormalDist, fmean, stdev

import numpy as np
from msgspec import Struct

LEVEL = 0.95


class Estimate(Struct, frozen=True):
    """A figure and its interval. All None where some replication had no such figure (not answered by then)."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def told(self) -> tuple[float, float, float] | None:
        """The three, where there are any."""
        if self.value is None or self.low is None or self.high is None:
            return None
        return self.value, self.low, self.high


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean of one value for each replication with its interval."""
    if not len(values) or not np.isfinite(values).all():
        return Estimate()
    mean = fmean(values)
    if len(values) == 1:
        return Estimate(mean, mean, mean)
    half = t_quantile(len(values) - 1) * stdev(values) / len(values) ** 0.5
    return Estimate(mean, mean - half, mean + half)


def paired(before: Sequence[float], after: Sequence[float]) -> Estimate:
    """Return after minus before, replication by replication: both had the same women with the same luck.

    All None where one of the two has no such figure.
    """
    if len(before) != len(after) or not (np.isfinite(before).all() and np.isfinite(after).all()):
        return Estimate()
    return estimate([b - a for a, b in zip(before, after, strict=True)])


def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """Return the two-sided quantile of Student's t, to 0.5 % from 3 degrees of freedom on.

    Source: Abramowitz and Stegun, 26.7.5 (the expansion of Cornish and Fisher); 1 and 2 degrees exactly.
    """
    p = 0.5 + level / 2
    if freedom == 1:
        return float(np.tan(np.pi * (p - 0.5)))
    if freedom == 2:
        return float((2 * p - 1) * np.sqrt(2 / (1 - (2 * p - 1) ** 2)))
    z = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(z + sum(term / freedom ** (n + 1) for n, term in enumerate(terms)))
