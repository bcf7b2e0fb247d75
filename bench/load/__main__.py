"""Fifty staff at work at once on this machine: `python -m bench.load [--people 50] [--seconds 60]`.

A system of its own is set up in a folder that is thrown away, filled with the demonstration and served as `make run`
does; Locust plays the staff from a process of its own. They sign in one a second before the counting begins: a password
costs the server half a second on purpose. Prints, for each page, how long it took. Locust and the server share this
machine's cores: the figures are of both.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.load.serving import served

COLUMNS = ("Request Count", "Failure Count", "50%", "95%", "99%")


def main() -> None:
    """Set up, play, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="how many work at once")
    parser.add_argument("--seconds", type=int, default=60, help="for how long, once all have signed in")
    parser.add_argument("--patients", type=int, default=1_000, help="of the demonstration")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="closerlook-load-") as folder:
        data, out = Path(folder) / "data", Path(folder) / "load"
        with served(data, options.patients) as address:
            command = [sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("staff.py")), "--headless",
                       "--host", address, "-u", str(options.people), "-r", "1",
                       "-t", f"{options.people + options.seconds}s",
                       "--reset-stats", "--csv", str(out), "--only-summary", "--loglevel", "ERROR"]  # fmt: skip
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        with open(f"{out}_stats.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        with open(f"{out}_failures.csv", encoding="utf-8") as file:
            failures = list(csv.DictReader(file))
    print(
        f"{options.people} people, {options.seconds} s, {os.cpu_count()} cores shared with those who ask; milliseconds"
    )
    print(f"{'':<30}{'asked':>8}{'failed':>8}{'half':>8}{'95 %':>8}{'99 %':>8}")
    for row in rows:
        print(f"{row['Name']:<30}" + "".join(f"{row[column]:>8}" for column in COLUMNS))
    total = next(row for row in rows if row["Name"] == "Aggregated")
    print(f"{float(total['Requests/s']):.1f} pages a second")
    for failure in failures:
        print(f"FAILED {failure['Name']}: {failure['Error']} ({failure['Occurrences']})")
    sys.exit(1 if int(total["Failure Count"]) else 0)


if __name__ == "__main__":
    main()
