"""What is known exactly of some queues, and the product's own queue machinery put in the same settings."""

from collections.abc import Callable, Generator
from math import factorial
from statistics import fmean, stdev

import numpy as np
import simpy

from closerlook.capacity.queues import Book, Counted, Desk, Window, earliest

Steps = Generator[simpy.Event, None, None]
Service = Callable[[np.random.Generator, int], np.ndarray]
REPLICATIONS = 6


def chance_of_waiting(servers: int, load: float) -> float:
    """Erlang's C formula: the chance of having to wait in M/M/c; `load` is that of each server."""
    offered = servers * load
    full = offered**servers / factorial(servers) / (1 - load)
    return full / (sum(offered**k / factorial(k) for k in range(servers)) + full)


def mean_wait_mmc(servers: int, load: float) -> float:
    """Mean wait in M/M/c before service, in mean service times."""
    return chance_of_waiting(servers, load) / (servers * (1 - load))


def mean_wait_mg1(load: float, squared_variation: float) -> float:
    """Pollaczek and Khinchine: mean wait in M/G/1 before service, in mean service times."""
    return load / (1 - load) * (1 + squared_variation) / 2


def mean_wait_slotted(load: float) -> float:
    """Mean wait until the slot begins, in times between slots: one slot at a time, Poisson arrivals.

    That of M/D/1 plus half a slot, as service begins at slot borders only. Source: Bertsekas and Gallager, Data
    Networks, 2nd edition, section 3.5.1 (M/G/1 queues with vacations).
    """
    return load / (2 * (1 - load)) + 0.5


def exponential(random: np.random.Generator, size: int) -> np.ndarray:
    return random.exponential(1.0, size)


def deterministic(random: np.random.Generator, size: int) -> np.ndarray:
    return np.ones(size)


def hyperexponential(random: np.random.Generator, size: int) -> np.ndarray:
    """Mean 1, squared coefficient of variation 3: a fast and a slow exponential with balanced means."""
    slow = 0.5 * (1 - 0.5**0.5)
    often = random.random(size) < 1 - slow
    return np.where(often, random.exponential(0.5 / (1 - slow), size), random.exponential(0.5 / slow, size))


def desk(servers: int, load: float, service: Service, *, women: int, seed: int) -> tuple[list[float], Counted]:
    """Run a desk that never closes; return the waits of those after the first tenth, and what its line counted."""
    random = np.random.default_rng(seed)
    arrivals = np.cumsum(random.exponential(1 / (servers * load), women))
    works = service(random, women)
    env = simpy.Environment()
    found = Desk(env, Window(float(arrivals[women // 10]), float(arrivals[-1])))
    found.waits = []

    def come() -> Steps:
        for moment, work in zip(arrivals.tolist(), works.tolist(), strict=True):
            yield env.timeout(moment - env.now)
            found.join(work, lambda: None)

    env.process(come())
    for _ in range(servers):
        env.process(found.session())
    env.run()
    return found.waits[women // 10 :], found.line.close(env.now)


def book(load: float, *, women: int, seed: int) -> tuple[list[float], Counted]:
    """Run a book with one slot at each whole moment; return the waits until it begins, and what its line counted."""
    random = np.random.default_rng(seed)
    arrivals = np.cumsum(random.exponential(1 / load, women)).tolist()
    env = simpy.Environment()
    found = Book([1], Window(arrivals[women // 10], arrivals[-1]), float)
    waits: list[float] = []

    def one() -> Steps:
        ticket = found.line.enter(env.now)
        half = earliest([found], int(np.ceil(env.now)))
        assert half is not None
        found.take(half)
        yield env.timeout(found.begins(half) - env.now)
        waits.append(found.line.leave(ticket, env.now))

    def come() -> Steps:
        for moment in arrivals:
            yield env.timeout(moment - env.now)
            env.process(one())

    env.process(come())
    env.run()
    return waits[women // 10 :], found.line.close(env.now)


def away(means: list[float], expected: float) -> float:
    """Return how many standard errors the mean of replications is away from what is known."""
    return abs(fmean(means) - expected) / (stdev(means) / float(len(means) ** 0.5))
