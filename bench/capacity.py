"""A unit simulated: days of women's waits for each second of ours, and the same line of readers written out plainly.

The plain way is a loop over arrivals with a heap of free servers, which can do nothing but that one queue.
"""

import heapq
from functools import partial

import numpy as np
from tests.capacity import closed_forms as known

from bench.measure import Figure, paired, rate, seconds
from closerlook.capacity import unit
from closerlook.capacity.assumptions import defaults
from closerlook.capacity.unit import Plan

SERVERS, LOAD = 3, 0.85


def run(*, quick: bool) -> list[Figure]:
    """Return women's days a second, replications a second, and one queue against the plainest way."""
    rounds, women = (3, 5_000) if quick else (9, 50_000)
    days, runs, pairs = [], [], []
    for n in range(rounds + 1):
        found: list[float] = []
        took = seconds(partial(_simulated, n, found))
        ours = seconds(partial(known.desk, SERVERS, LOAD, known.exponential, women=women, seed=n))
        plain = seconds(partial(plain_desk, women, n))
        if n:
            days.append(found[0] / took)
            runs.append(1 / took)
            pairs.append((ours, plain))
    return [
        rate("Women's days of a unit of 40 examinations a day", "-", days),
        rate("Replications of that unit, a year and what is left of it", "≥ 4", runs),
        paired("A line with three readers, event by event ÷ in a plain loop", "-", pairs),
    ]


def plain_desk(women: int, seed: int) -> float:
    """Return the mean wait in M/M/c by the recursion of Kiefer and Wolfowitz, on the draws that `desk` makes."""
    random = np.random.default_rng(seed)
    arrivals = np.cumsum(random.exponential(1 / (SERVERS * LOAD), women)).tolist()
    works = known.exponential(random, women).tolist()
    free, waited = [0.0] * SERVERS, 0.0
    for moment, work in zip(arrivals, works, strict=True):
        begin = max(moment, heapq.heappop(free))
        waited += begin - moment
        heapq.heappush(free, begin + work)
    return waited / women


def _simulated(replication: int, found: list[float]) -> None:
    found.append(unit.run(defaults("US").assumptions, Plan(), seed=1, replication=replication).women_days)
