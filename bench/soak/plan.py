"""What comes in, in which files, and what goes wrong meanwhile: all of it from one seed.

You are here to add a kind of fault. Faults of messages change `Portion.files`; a fault of the machine is a name in
`MACHINE`, which `running` carries out while that portion is taken.
"""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway.loops import KINDS
from closerlook.pathway.protocol import load
from closerlook.pathway.terms import ReportStatus
from closerlook.simulate.doorways import Alone
from closerlook.simulate.engine import Case, Engine
from closerlook.simulate.feeds import message, row, table
from closerlook.simulate.programme import at_once, programme, unit
from closerlook.simulate.sending import Sent

MACHINE = (
    "ingest killed",
    "two ingest at once",
    "worker killed",
    "database away",
    "outbox unwritable",
    "clock forward",
    "ingest killed twice",
    "clock back",
)
"""What may happen to the machine while a portion is taken; in turn, in an order of the seed's."""
FIRST = date(2024, 1, 1)
IN_A_FILE = 30


class Item(Struct, frozen=True):
    """One message: when it is sent, what it is about, and its bytes; a line of a list keeps its cells."""

    at: datetime
    accession: str
    body: bytes = b""
    cells: dict[str, str] = {}
    keeps_place: bool = False


class Portion(Struct):
    """Files that come in together, in name order, and what happens to the machine meanwhile."""

    files: dict[str, bytes]
    fault: str = ""


class Plan(Struct):
    """A feed with its faults, and the same feed without any. `faults` counts them by kind."""

    seed: int
    women: int
    years: float
    messages: int
    portions: list[Portion]
    clean: dict[str, bytes]
    faults: Counter[str]


def plan(seed: int, *, women: int, years: float, portions: int) -> Plan:
    """Return a plan. Equal arguments give equal plans."""
    dice = random.Random(f"soak:{seed}")
    items = feed(seed, women=women, years=years)
    faults: Counter[str] = Counter()
    came = sorted(_disturbed(items, dice, faults), key=lambda item: item.at)
    size = -(-len(came) // portions)
    found = [Portion(_files(came[n : n + size], f"{n:06}")) for n in range(0, len(came), size)]
    _cut(found, dice, faults)
    kinds: list[str] = []
    for portion in found:
        kinds = kinds or dice.sample(MACHINE, len(MACHINE))
        portion.fault = kinds.pop()
        faults[portion.fault] += 1
    return Plan(seed, women, years, len(items), found, _files(items, "clean"), faults)


def feed(seed: int, *, women: int, years: float) -> list[Item]:
    """Return all that is sent in a programme of the United States, in order; it is played in memory."""
    found: list[Item] = []
    reports: Counter[str] = Counter()

    def deliver(e: Engine, case: Case, sent: Sent) -> None:
        at_once(e, case, sent)
        amended = sent.status is ReportStatus.CORRECTED
        if sent.reported_at is None:
            found.append(Item(e.now, sent.accession, cells=row(sent, case.woman)))
        else:
            found.append(Item(e.now, sent.accession, message(sent, case.woman, f"C{len(found):07}")))
            reports[sent.accession] += 1
        found[-1] = replace(found[-1], keeps_place=amended)

    protocol = load("us", zone="America/Chicago", kinds=frozenset(KINDS))
    made = unit(protocol, country="us", women=women, years=years, place="Clinic")
    last = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=round(years * 365))
    programme(made, Alone(protocol), seed=seed, women=women, first=FIRST, last=last, deliver=deliver).run()
    # What one report says after another is a matter of order: those keep theirs, as one sender's line does.
    return [replace(item, keeps_place=reports[item.accession] > 1) for item in found]


def _disturbed(items: list[Item], dice: random.Random, faults: Counter[str]) -> list[Item]:
    """Return what comes in, each with the moment it does: some again, some late, some out of order."""
    came = []
    for item in items:
        chance = dice.random()
        moved = item
        if not item.keeps_place and chance < 0.10:
            moved = replace(item, at=item.at + timedelta(hours=6 * dice.random()))
            faults["out of order within hours"] += 1
        elif not item.keeps_place and chance < 0.14:
            moved = replace(item, at=item.at + timedelta(days=1 + 5 * dice.random()))
            faults["days late"] += 1
        came.append(moved)
        if dice.random() < 0.08:
            came.append(replace(moved, at=moved.at + timedelta(days=10 * dice.random() ** 3)))
            faults["came again"] += 1
    return came


def _files(items: list[Item], name: str) -> dict[str, bytes]:
    """Return the files a site would leave: a list of examinations, then the reports of the same hours, and so on."""
    found: dict[str, bytes] = {}
    for n in range(0, len(items), IN_A_FILE):
        some = items[n : n + IN_A_FILE]
        done = [item.cells for item in some if item.cells]
        if done:
            found[f"{name}-{n:06}-1.csv"] = table(done)
        reported = b"".join(item.body for item in some)
        if reported:
            found[f"{name}-{n:06}-2.hl7"] = reported
    return found


def _cut(portions: list[Portion], dice: random.Random, faults: Counter[str]) -> None:
    """Cut some files in two, at any byte; whoever sent one sends it whole with the next portion."""
    again: dict[str, bytes] = {}
    for portion in portions:
        whole = again
        again = {}
        for name, body in list(portion.files.items()):
            if dice.random() < 0.15:
                portion.files[name] = body[: dice.randrange(1, len(body))]
                again[f"again-{name}"] = body
                faults["cut in two and sent again"] += 1
        portion.files |= whole
    portions[-1].files |= {f"z-{name}": body for name, body in again.items()}
