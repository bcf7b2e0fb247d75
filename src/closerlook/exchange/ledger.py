"""Where everyone is: each patient in exactly one place, each message accounted for; the sums must agree."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.db.models import Count
from msgspec import Struct

from closerlook.exchange.models import Arrival, Message, MessageOutcome
from closerlook.pathway.stages import place
from closerlook.people.models import Patient
from closerlook.record.models import Head
from closerlook.record.verify import as_of as patient_as_of

CANNOT_SEE = (
    "A feed of reports alone cannot show a mammogram that nobody read: send the list of examinations too.",
    "What was set aside is in nobody's log until a person has filed it.",
)
NOWHERE = "known, no round"


class Feed(Struct, frozen=True):
    """What one sender sent, and what became of it."""

    sender: str
    came_in: int
    repeated: int
    taken: int
    set_aside: int
    discarded: int
    waiting: int


class Ledger(Struct, frozen=True):
    """The whole programme at one moment. `mismatches` are sentences; with any, someone may be lost."""

    as_of: datetime
    patients: int
    places: dict[str, int]
    feeds: tuple[Feed, ...]
    mismatches: tuple[str, ...]
    cannot_see: tuple[str, ...] = CANNOT_SEE

    @property
    def agrees(self) -> bool:
        return not self.mismatches


def ledger(now: datetime) -> Ledger:
    """Return where everyone is now, from the stored rows; `verify` holds those to the log."""
    counted = Head.objects.filter(kind="patient").values_list("place").annotate(n=Count("stream"))
    places: Counter[str] = Counter(dict(counted))
    unknown = Patient.objects.exclude(id__in=Head.objects.filter(kind="patient").values("stream")).count()
    if unknown:
        places[NOWHERE] += unknown
    total = Patient.objects.count()
    strangers = Head.objects.filter(kind="patient").exclude(stream__in=Patient.objects.values("id")).count()
    sent = feeds()
    return Ledger(
        now, total, dict(sorted(places.items())), sent, (*_mismatches(total, places, strangers, sent), *_vanished())
    )


def ledger_as_of(moment: datetime, progress: Callable[[int], None] = lambda _: None) -> Ledger:
    """Return where everyone was at a past moment, from the log alone."""
    places: Counter[str] = Counter()
    known = Patient.objects.filter(created_at__lte=moment).order_by("id").values_list("id", flat=True)
    total = 0
    for stream in known.iterator(chunk_size=500):
        total += 1
        state = patient_as_of(stream, moment)
        places[place(state) if state is not None else NOWHERE] += 1
        progress(1)
    return Ledger(moment, total, dict(sorted(places.items())), (), _mismatches(total, places, 0, ()))


def feeds() -> tuple[Feed, ...]:
    """Return, for each sender, what came in and what became of it."""
    repeats = dict(
        Arrival.objects.filter(repeated=True).values_list("message__sender").annotate(n=Count("id")).order_by()
    )
    arrivals = dict(Arrival.objects.values_list("message__sender").annotate(n=Count("id")).order_by())
    became: dict[str, Counter[str]] = {}
    counted = Message.objects.values_list("sender", "outcome").annotate(n=Count("id")).order_by("sender")
    for sender, outcome, number in counted:
        became.setdefault(sender, Counter())[outcome] = number
    return tuple(
        Feed(
            sender=sender,
            came_in=arrivals.get(sender, 0),
            repeated=repeats.get(sender, 0),
            taken=counts[MessageOutcome.TAKEN],
            set_aside=counts[MessageOutcome.SET_ASIDE],
            discarded=counts[MessageOutcome.DISCARDED],
            waiting=counts[MessageOutcome.RECEIVED],
        )
        for sender, counts in became.items()
    )


def _mismatches(total: int, places: Counter[str], strangers: int, from_feeds: tuple[Feed, ...]) -> tuple[str, ...]:
    found = []
    if sum(places.values()) != total:
        found.append(f"The places add up to {sum(places.values())}, but {total} patients were entered.")
    if strangers:
        found.append(f"{strangers} logs belong to nobody who was ever entered.")
    for feed in from_feeds:
        became = feed.repeated + feed.taken + feed.set_aside + feed.discarded + feed.waiting
        if became != feed.came_in:
            found.append(f"{feed.sender or 'An unnamed sender'}: {feed.came_in} came in, {became} are accounted for.")
    return tuple(found)


def _vanished() -> tuple[str, ...]:
    """Messages that were filed or set aside and whose log is not there any more."""
    logs = Head.objects.values("stream")
    taken = Message.objects.filter(outcome=MessageOutcome.TAKEN).exclude(patient__in=logs).count()
    aside = Message.objects.filter(outcome=MessageOutcome.SET_ASIDE).exclude(id__in=logs).count()
    found = ((taken, "taken"), (aside, "set aside"))
    return tuple(f"{number} messages were {what}, but no log knows of them." for number, what in found if number)
