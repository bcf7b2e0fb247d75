"""Pairs, medians and the stores that benchmarks run on."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.core.management import call_command
from tests.servers import Postgres, running_postgres
from tests.stores import migrated_file, unit, using


class Figure(NamedTuple):
    """One line of the table."""

    what: str
    value: float
    unit: str
    aim: str
    spread: str


def seconds(job: Callable[[], object]) -> float:
    begun = time.perf_counter()
    job()
    return time.perf_counter() - begun


def paired(what: str, aim: str, pairs: Sequence[tuple[float, float]]) -> Figure:
    """Return the median of plain ÷ ours, each pair (seconds of ours, seconds of plain) for the same work."""
    ratios = sorted(plain / ours for ours, plain in pairs)
    return Figure(what, statistics.median(ratios), "of plain", aim, f"({ratios[0]:.2f} to {ratios[-1]:.2f})")


def rate(what: str, aim: str, per_second: Sequence[float]) -> Figure:
    found = sorted(per_second)
    return Figure(what, statistics.median(found), "a second", aim, f"({found[0]:,.0f} to {found[-1]:,.0f})")


@contextmanager
def sqlite(folder: Path, name: str) -> Iterator[str]:
    """A migrated SQLite record; gives its address."""
    place = folder / name
    place.mkdir(parents=True)
    url = f"sqlite:///{migrated_file(place)}"
    with using(url):
        yield url


@contextmanager
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


def migrated(server: Postgres, name: str) -> str:
    """A migrated PostgreSQL record; gives its address."""
    url = server.create_database(name)
    with using(url):
        call_command("migrate", verbosity=0)
        unit()
    return url
