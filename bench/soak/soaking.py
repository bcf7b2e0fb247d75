"""One soak: a plan, a system with faults, one without, and the proof that they end alike."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct
from tests.servers import Postgres

from bench.soak import proof
from bench.soak.plan import plan
from bench.soak.running import Run, Times, finish, timed
from bench.soak.systems import System

LATER = timedelta(days=10)
"""The moment at which people and worker finish, after every wrong clock and every lease."""


class Soaked(Struct):
    """What one or several soaks came to: counts, and seconds by what they went into."""

    engine: str
    soaks: int
    women_years: float
    counts: Counter[str]
    faults: Counter[str]
    times: Times
    seconds: float


def soak(folder: Path, *, seed: int, women: int, years: float, portions: int, server: Postgres | None = None) -> Soaked:
    """Soak one engine with one plan. Raises AssertionError with what does not hold."""
    begun = time.perf_counter()
    times: Times = {}
    with timed(times, "planning"):
        planned = plan(seed, women=women, years=years, portions=portions)
    now = datetime.now(UTC) + LATER
    soaked, plain = System(folder / "soaked", server), System(folder / "plain", server)
    run = Run(planned, soaked, folder / "came-in", times)
    run.disturbed()
    became = finish(soaked, now, times)
    with timed(times, "verify and proof"):
        proof.check(soaked, folder / "came-in", now)
    Run(planned, plain, folder / "came-in-plainly", times).plain()
    finish(plain, now, times)
    with timed(times, "comparing"):
        proof.same(soaked, plain)
    counts = proof.counted(planned, soaked) + run.seen + became
    women_years = women * years
    return Soaked(soaked.engine, 1, women_years, counts, planned.faults, times, time.perf_counter() - begun)


def together(one: Soaked, other: Soaked) -> Soaked:
    """Return two soaks of one engine as one."""
    times = {k: one.times.get(k, 0) + other.times.get(k, 0) for k in one.times | other.times}
    return Soaked(
        one.engine, one.soaks + other.soaks, one.women_years + other.women_years, one.counts + other.counts,
        one.faults + other.faults, times, one.seconds + other.seconds,
    )  # fmt: skip


def in_words(found: Soaked) -> str:
    """Return the table of what was done, and where the time went."""
    lines = [f"{found.engine}: {found.soaks} soaks, {found.women_years:,.0f} women-years, {found.seconds:,.0f} s"]
    for title, rows in (("faults", found.faults), ("counted", found.counts)):
        lines += [f"  {title}", *[f"    {number:>9,}  {what}" for what, number in sorted(rows.items()) if number]]
    lines += ["  seconds", *[f"    {s:>9,.1f}  {what}" for what, s in sorted(found.times.items(), key=lambda t: -t[1])]]
    ingest = found.times.get("ingest, without", 0)
    if ingest:
        rate = found.counts["messages sent"] / ingest
        lines.append(f"  without faults {rate:,.0f} messages a second, starting the process included")
    return "\n".join(lines)
