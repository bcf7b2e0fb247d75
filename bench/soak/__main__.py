"""`make soak`: soak both engines in turn, each time with another seed, until the minutes are over.

Stops at the first thing that does not hold, says which seed showed it, and keeps that folder.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

os.environ["CLOSERLOOK_DATA_DIR"] = tempfile.mkdtemp(prefix="closerlook-soak-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "closerlook.settings")

import django

django.setup()

from tests.servers import running_postgres  # noqa: E402

from bench.soak.soaking import Soaked, in_words, soak, together  # noqa: E402


def main() -> None:
    """Soak until the time is over; print what was done on each engine."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("SOAK_MINUTES") or 15))
    parser.add_argument("--women", type=int, default=int(os.environ.get("SOAK_WOMEN") or 150), help="in each soak")
    parser.add_argument("--years", type=float, default=2.0)
    parser.add_argument("--portions", type=int, default=8, help="how often a fault of the machine, in each soak")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("sqlite", "postgres"))
    o = parser.parse_args()
    root = Path(os.environ["CLOSERLOOK_DATA_DIR"])
    until, seed, found = time.monotonic() + o.minutes * 60, o.seed, dict[str, Soaked]()
    try:
        with running_postgres() as server:
            while not found or time.monotonic() < until:
                for engine in ("sqlite", "postgres") if o.only is None else (o.only,):
                    folder = root / f"{engine}-{seed}"
                    peer = server if engine == "postgres" else None
                    try:
                        one = soak(folder, seed=seed, women=o.women, years=o.years, portions=o.portions, server=peer)
                    except BaseException:
                        print(f"seed {seed} on {engine} (--seed {seed} --only {engine}); see {folder}", file=sys.stderr)
                        raise
                    found[engine] = together(found[engine], one) if engine in found else one
                    shutil.rmtree(folder)
                    print(f"… {engine}, seed {seed}: {one.seconds:.0f} s", file=sys.stderr)
                seed += 1
    finally:
        for soaked in found.values():
            print(in_words(soaked))
    shutil.rmtree(root)


main()
