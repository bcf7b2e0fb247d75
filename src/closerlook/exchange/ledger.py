"""Where everyone is: each patient in exactly one place, each message accounted for; the sums must agree."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import takewhile

from django.db import connection
from django.db.models import Count, Exists, OuterRef
from msgspec import Struct

from closerlook.exchange.hl7.framing import normalised
from closerlook.exchange.models import Arrival, Message, MessageFormat, MessageOutcome
from closerlook.people import sites
from closerlook.people.models import Patient
from closerlook.record import door, log
from closerlook.record.models import Event, Head
from closerlook.record.protocols import keep

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
    with log.snapshot():
        logs = Head.objects.filter(kind="patient")
        places: Counter[str] = Counter(dict(logs.values_list("place").annotate(n=Count("stream"))))
        unknown = Patient.objects.filter(~Exists(logs.filter(stream=OuterRef("id")))).count()
        if unknown:
            places[NOWHERE] += unknown
        total = Patient.objects.count()
        strangers = logs.filter(~Exists(Patient.objects.filter(id=OuterRef("stream")))).count()
        sent = feeds()
        found = (*_mismatches(total, places, strangers, sent), *_vanished())
    return Ledger(now, total, dict(sorted(places.items())), sent, found)


def ledger_as_of(moment: datetime, progress: Callable[[int], None] = lambda _: None) -> Ledger:
    """Return where everyone was at a past moment, from the log alone; a stream at a time, in memory that stays flat."""
    places: Counter[str] = Counter()
    protocol = sites.protocol()
    keep(protocol, str(connection.settings_dict["NAME"]))  # nothing can be written once the reading has begun
    with log.snapshot():
        known = Patient.objects.filter(created_at__lte=moment)
        total = known.count()
        begun = Event.objects.filter(stream=OuterRef("id"), seq=1, recorded_at__lte=moment)
        unknown = known.filter(~Exists(begun)).count()
        if unknown:
            places[NOWHERE] += unknown
        for batch in log.batches():
            hers = set(known.filter(id__range=(batch[0][0], batch[-1][0])).values_list("id", flat=True))
            for stream, rows in batch:
                records = [log.record_of(row) for row in rows] if stream in hers else []
                records = list(takewhile(lambda r: r.recorded_at <= moment, records))
                if records:
                    state = door.folded(stream, records, protocol)
                    places[door.where(state)] += 1
            progress(len(batch))
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


def changed_messages(progress: Callable[[int], None] = lambda _: None) -> Iterator[str]:
    """Yield the ids of messages whose bytes are not those that arrived, a few at a time."""
    last = ""
    while page := Message.objects.filter(id__gt=last).order_by("id").only(*DIGESTED)[:50]:
        for message in page:
            if message.digest not in _digests(message):
                yield message.id
        last = page[len(page) - 1].id
        progress(len(page))


DIGESTED = ("id", "format", "source", "content", "digest", "fault")


def _digests(message: Message) -> tuple[str, ...]:
    """Return what `inbox` and `tables` could have made of these bytes as the message's digest."""
    content = bytes(message.content)
    if message.format == MessageFormat.EXAMINATION:
        return (hashlib.sha256(b"examination\x1f" + content).hexdigest(),)
    plain = hashlib.sha256(normalised(content)).hexdigest()
    if message.fault != "batch_count":
        return (plain,)
    if len(message.source) == Message._meta.get_field("source").max_length:
        return (message.digest,)  # its source was cut when it was stored: nothing can be said
    return (hashlib.sha256(f"{plain}{message.source}".encode()).hexdigest(),)


def _vanished() -> tuple[str, ...]:
    """Messages that were filed or set aside and whose log is not there any more."""

    def lost(outcome: MessageOutcome, stream: str) -> int:
        logs = Head.objects.filter(stream=OuterRef(stream))
        return Message.objects.filter(~Exists(logs), outcome=outcome).count()

    taken, aside = lost(MessageOutcome.TAKEN, "patient"), lost(MessageOutcome.SET_ASIDE, "id")
    found = ((taken, "taken"), (aside, "set aside"))
    return tuple(f"{number} messages were {what}, but no log knows of them." for number, what in found if number)
