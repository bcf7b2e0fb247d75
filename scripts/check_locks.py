"""Hold the locked requirements to what setting up relies on. `make lint` runs this.

Every pin of run.txt is in dev.txt too, so one .venv serves both; every pin carries hashes; and neither file names a
registry, because a hospital installs from whichever mirror it trusts.
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
Pins = dict[str, list[str]]


def read_pins(text: str) -> Pins:
    """Return each pin (`name==version`) with its hashes. Markers may differ: what dev adds can widen one."""
    pins: Pins = {}
    pin = ""
    for line in text.splitlines():
        words = line.strip().removesuffix("\\").strip()
        if words.startswith("--hash="):
            pins[pin].append(words)
        elif words and not words.startswith("#"):
            pin = words.partition(";")[0].strip()
            pins[pin] = []
    return pins


def faults(run: str, dev: str, build_requires: list[str], build_in: str) -> list[str]:
    """Return a sentence for everything that would break setting up; an empty list is good."""
    found = []
    pins = {"run.txt": read_pins(run), "dev.txt": read_pins(dev)}
    found += [f"{pin} is in run.txt but not in dev.txt" for pin in pins["run.txt"].keys() - pins["dev.txt"].keys()]
    for name, locked in pins.items():
        found += [f"{pin} has no hash in {name}" for pin, hashes in locked.items() if not hashes]
        found += [f"{pin} in {name} is not one exact version" for pin in locked if "==" not in pin]
    found += [f"{name} names an address" for name, text in (("run.txt", run), ("dev.txt", dev)) if "://" in text]
    asked = [line for line in build_in.splitlines() if line and not line.startswith("#")]
    if asked != build_requires:
        found.append(f"build.in asks for {asked}, pyproject.toml builds with {build_requires}")
    return found


def main() -> int:
    folder = ROOT / "requirements"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run, dev, build_in = ((folder / name).read_text(encoding="utf-8") for name in ("run.txt", "dev.txt", "build.in"))
    found = faults(run, dev, project["build-system"]["requires"], build_in)
    for fault in sorted(found):
        print(f"requirements: {fault}. `make lock` writes both files anew.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
