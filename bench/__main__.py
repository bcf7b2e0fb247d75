"""Measure ratios on this machine: `make bench`. Absolute times mean little on a shared one; the ratios held.

Each figure pairs the product with the plainest thing that does the same writing or reading, in turn, in one run, and
gives the median over the pairs. Writes bench/results.json beside the table.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ["CLOSERLOOK_DATA_DIR"] = tempfile.mkdtemp(prefix="closerlook-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "closerlook.settings")

import django

django.setup()

from bench import capacity, folding, messages, pages, risk, simulating, writing  # noqa: E402
from bench.measure import Figure  # noqa: E402


def main() -> None:
    """Run every benchmark and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes: a look, not a measurement")
    groups = {
        "folding": folding.run,
        "risk": risk.run,
        "capacity": capacity.run,
        "writing": writing.run,
        "messages": messages.run,
        "pages": pages.run,
        "simulating": simulating.run,
    }
    parser.add_argument("--only", choices=tuple(groups), help="one group")
    options = parser.parse_args()
    figures: list[Figure] = []
    for name, run in groups.items():
        if options.only in (None, name):
            print(f"… {name}", file=sys.stderr)
            figures += run(quick=options.quick)
    width = max(len(f.what) for f in figures)
    for f in figures:
        print(f"{f.what:<{width}}  {f.value:>10,.2f} {f.unit:<14} aim {f.aim:<8} {f.spread}")
    if not options.only and not options.quick:
        found = [{"what": f.what, "value": f.value, "unit": f.unit, "aim": f.aim, "spread": f.spread} for f in figures]
        Path(__file__).with_name("results.json").write_text(json.dumps(found, indent=2) + "\n")


main()
