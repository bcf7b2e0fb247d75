"""Write the reference pages that come from the code, so that they cannot lie: `python scripts/reference_pages.py`.

With --check it writes nothing and ends with 1 where a page is not what the code says.
"""

import sys
from pathlib import Path

from closerlook.pathway.calendar import Clock
from closerlook.pathway.closing import CLOSED_BY, OPENED_BY, STEPS_FOR
from closerlook.pathway.deciding import MAY
from closerlook.pathway.loops import KINDS
from closerlook.pathway.patient import TOUCHES
from closerlook.pathway.protocol import Protocol, Row, load

DOCS = Path(__file__).parent.parent / "docs" / "reference"
UNITS = {"d": "day", "wd": "working day", "wh": "working hour", "mo": "month"}


def clock(found: Clock) -> str:
    """Return a clock in words."""
    unit = UNITS[found.unit] + ("" if found.count == 1 else "s")
    length = f"{found.count} {unit}" if found.count else "that day"
    return length if found.anchor == "opened" else f"{length} from {found.anchor.replace('_', ' ')}"


def row(found: Row) -> str:
    when = f" ({found.variant.replace('_', ' ')})" if found.variant else ""
    late = " or ".join(clock(c) for c in found.late)
    law = " **by law**" if found.legal else ""
    owner = found.owner.value.replace("_", " ")
    cells = (f"{found.kind}{when}", KINDS[found.kind], owner, clock(found.due), f"{late}{law}", found.rule)
    return f"| {' | '.join(cells)} |"


def loops(protocol: Protocol) -> str:
    """Return the loop table."""
    lines = [
        "# The loop table",
        "",
        f"Made from the code and the protocol `{protocol.name}` by `scripts/reference_pages.py`; do not edit. Clocks",
        "run from the moment a loop opens unless they say otherwise. A rule id cites the clause; *site default* is the",
        "unit's own choice.",
        "",
        "| kind | in words | owner | due | late | rule |",
        "|---|---|---|---|---|---|",
        *(row(found) for kind in KINDS for found in protocol.rows if found.kind == kind),
        "",
        "## What opens and closes each",
        "",
        "| kind | opens on | what would close it | steps that staff take |",
        "|---|---|---|---|",
        *(
            f"| {kind} | {OPENED_BY[kind]} | {CLOSED_BY[kind]} "
            f"| {', '.join(s.__name__ for s in STEPS_FOR[kind]) or '(none yet)'} |"
            for kind in KINDS
        ),
        "",
        "## Who may take which step",
        "",
        "| step | what it does | who |",
        "|---|---|---|",
        *(
            f"| {step.__name__} | {(step.__doc__ or '').strip().splitlines()[0]} "
            f"| {', '.join(sorted(str(who) for who in allowed))} |"
            for step, allowed in MAY.items()
        ),
        "",
        "## Which fact moves which region of the state",
        "",
        "| fact | regions |",
        "|---|---|",
        *(f"| {fact.__name__} | {', '.join(sorted(regions)) or '-'} |" for fact, regions in TOUCHES.items()),
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    protocol = load("us", zone="America/New_York", kinds=frozenset(KINDS))
    page, text = DOCS / "loops.md", loops(protocol)
    if "--check" in sys.argv:
        return int(not page.exists() or page.read_text(encoding="utf-8") != text)
    page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
