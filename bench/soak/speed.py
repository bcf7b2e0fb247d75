"""How many women-years a minute: in bulk through the door, step by step, message by message through the inbox.

    python -m bench.soak.speed --women 200 --years 2 [--profile]

Each runs in this process on an empty record; one woman in the programme for one year is a woman-year. With `--profile`
the functions that took longest are listed; that run is slower and its rate is not given.
"""

import argparse
import cProfile
import os
import pstats
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

os.environ["CLOSERLOOK_DATA_DIR"] = tempfile.mkdtemp(prefix="closerlook-speed-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "closerlook.settings")

import django

django.setup()

from tests.servers import Postgres, running_postgres  # noqa: E402

from bench.soak.systems import System  # noqa: E402
from closerlook.people import sites  # noqa: E402
from closerlook.record.models import Event  # noqa: E402
from closerlook.simulate.delivering import Post  # noqa: E402
from closerlook.simulate.doorways import ThroughDoor  # noqa: E402
from closerlook.simulate.programme import at_once, programme, unit  # noqa: E402

WAYS = ("in bulk", "in bulk, one printing process", "step by step", "message by message")
FIRST = date(2024, 1, 1)


def main() -> None:
    """Measure every way on both engines and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak.speed", description=__doc__)
    parser.add_argument("--women", type=int, default=200)
    parser.add_argument("--years", type=float, default=2.0)
    parser.add_argument("--profile", action="store_true")
    o = parser.parse_args()
    root = Path(os.environ["CLOSERLOOK_DATA_DIR"])
    with running_postgres() as server:
        for peer in (None, server):
            for n, way in enumerate(WAYS):
                measure(root / f"{n}-{peer is None}", way, o.women, o.years, peer, profiled=o.profile)
    shutil.rmtree(root)


def measure(folder: Path, way: str, women: int, years: float, server: Postgres | None, *, profiled: bool) -> None:
    """Play one programme and print its line."""
    system = System(folder, server)
    os.environ |= {"CLOSERLOOK_DATABASE_URL": system.url, "CLOSERLOOK_DATA_DIR": str(folder)}  # for who prints
    last = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=round(years * 365))
    with system.here():
        made = unit(sites.protocol(), country="us", women=women, years=years, place="Clinic")
        post = Post()
        bulk, printers = way.startswith("in bulk"), int(way.endswith("printing process"))
        deliver = post.deliver if way == "message by message" else at_once
        begun = time.perf_counter()
        with ThroughDoor(in_bulk=bulk, printers=printers) as doorway, _looked_at(profiled):
            programme(made, doorway, seed=1, women=women, first=FIRST, last=last, deliver=deliver).run()
        seconds = time.perf_counter() - begun
        facts, steps = Event.objects.count(), doorway.steps + post.messages
    rate = "" if profiled else f"{women * years / seconds * 60:>8,.0f} women-years a minute"
    print(f"{system.engine:<11} {way:<31} {seconds:>6.1f} s {steps:>7,} steps {facts:>7,} facts {rate}", flush=True)


@contextmanager
def _looked_at(profiled: bool) -> Iterator[None]:
    if not profiled:
        yield
        return
    profile = cProfile.Profile()
    with profile:
        yield
    pstats.Stats(profile, stream=sys.stdout).sort_stats("cumulative").print_stats(r"closerlook|sqlite3|psycopg", 25)


if __name__ == "__main__":  # the printing process imports this module again
    main()
