"""Chance, in streams: one for each source of randomness, and in each a place of her own for every woman.

Two runs with the same seed meet the same women, who have the same luck, whatever is changed in the unit: one more
session moves no draw, and more examinations a day add women after those who were there. So the difference of two runs
is the difference of the units (common random numbers).
"""

from enum import IntEnum
from math import exp, floor, inf, lgamma, log, log1p

import numpy as np
from numpy.typing import NDArray

Uniform = NDArray[np.float64]
ROUNDS = 6
"""Draws kept ready for each woman where one source may ask again and again; later ones are drawn when asked for."""


class Source(IntEnum):
    """What is left to chance. The numbers are keys of streams: never use one again for something else."""

    ARRIVALS = 1
    MOMENT = 2
    CALLED_BACK = 3
    READING = 4
    THIRD_READING = 5
    ULTRASOUND = 6
    BIOPSY = 7
    SAME_VISIT = 8
    MISSES_VISIT = 9
    MISSES_BIOPSY = 10
    REACHED = 11
    LABORATORY = 12
    TOLD_SAME_DAY = 13


class Draws:
    """The chance of one replication over `days` working days. Equal arguments give equal draws."""

    def __init__(self, seed: int, replication: int, days: int) -> None:
        self._key = (seed, replication)
        self._days = days
        self._kept: dict[Source, Uniform] = {}

    def of_days(self, source: Source) -> Uniform:
        """Return one number for each working day."""
        return self._generator(source).random(self._days)

    def of_women(self, source: Source, women: int, rounds: int = 1) -> Uniform:
        """Return numbers by (woman of the day, working day, round). More women leave those before them as they are."""
        return self._generator(source).random((women, self._days, rounds))

    def later(self, source: Source, woman: int, day: int, round_: int) -> float:
        """Return one more number for one woman, beyond the rounds kept ready."""
        return float(self._generator(source, woman, day, round_).random())

    def _generator(self, *key: int) -> np.random.Generator:
        return np.random.Generator(np.random.Philox(np.random.SeedSequence([*self._key, *key])))


def poisson(uniform: Uniform, mean: float) -> NDArray[np.int64]:
    """Return Poisson counts by inversion: a higher mean never gives fewer."""
    if mean == 0:
        return np.zeros(len(uniform), dtype=np.int64)
    most = floor(mean + 12 * mean**0.5 + 20)
    chances = [exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(most)]
    return np.searchsorted(np.cumsum(chances), uniform).astype(np.int64)


def failures_before_success(uniform: float, chance: float) -> float:
    """Return how often it fails before it works, by inversion: a better chance never gives more.

    inf where it never works.
    """
    if chance >= 1:
        return 0
    if chance <= 0:
        return inf
    return floor(log1p(-uniform) / log1p(-chance))
