"""What waits in the reading room, the most at risk and the longest due first."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, Value, When
from msgspec import Struct

from closerlook.desk.reading.models import Ending, HandOut
from closerlook.pathway.deciding.reading_twice import is_read_twice
from closerlook.pathway.events import PriorsReceived, PriorsUnavailable, tags_of
from closerlook.pathway.opinions import readings
from closerlook.pathway.regions import Patient as State
from closerlook.record.models import Event, OpenLoop
from closerlook.record.protocols import KNOWN

ARBITRATION = 3
"""The opinion of who decides between two."""
INTERRUPTED = (Ending.GIVEN_BACK, Ending.EXPIRED, Ending.TAKEN_BACK)


class Listing(Struct, frozen=True):
    """One of the room's lists: its words, and the kinds of thing owed in it."""

    label: str
    kinds: tuple[str, ...]


LISTS: dict[str, Listing] = {
    "reading": Listing("Readings", ("read", "arbitrate", "await_final", "confirm_assessment")),
    "work_up": Listing(
        "Work-up answers and plans", ("assess_workup", "plan_call_back", "complete_assessment", "get_priors")
    ),
}
"""Screening pictures that nobody has read come first; what follows a reading is a list of its own."""
KINDS = tuple(kind for listing in LISTS.values() for kind in listing.kinds)


class Waiting(Struct, frozen=True):
    """One thing that waits to be read. `first`: it stands in front of what is only waiting."""

    stream: str
    exam: str
    kind: str
    due_at: datetime
    first: bool


def waiting(site: str, kinds: Sequence[str], now: datetime) -> list[Waiting]:
    """Return what a site's readers can read now, in the order it is handed out.

    In front stands what sounds suspicious, what she reported a symptom beside, whose reading was interrupted, and all
    that is due already: so nothing that waits long is hidden behind what came later. Both parts go by due time.
    """
    of_hers = OpenLoop.objects.filter(stream=OuterRef("stream"), kind="answer_symptom")
    interrupted = HandOut.objects.filter(stream=OuterRef("stream"), exam=OuterRef("subject"), ending__in=INTERRUPTED)
    answered = [tag for fact in (PriorsReceived, PriorsUnavailable) for tag in tags_of(fact)]
    priors = Event.objects.filter(stream=OuterRef("stream"), type__in=answered)
    found = OpenLoop.objects.filter(site=site, kind__in=kinds, visible_from__lte=now)
    found = found.filter(~Q(kind="get_priors") | Exists(priors))
    first = Case(
        When(Q(urgent=True) | Q(due_at__lte=now) | Exists(of_hers) | Exists(interrupted), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    found = found.annotate(first=first).order_by("-first", "due_at", "visible_from", "stream", "subject", "kind")
    rows = found.values_list("stream", "subject", "kind", "due_at", "first")
    return [Waiting(*row) for row in rows]


def opinion_for(state: State, kind: str, exam_id: str, reader: str, taken: frozenset[int]) -> int | None:
    """Return which opinion of a case a reader may be handed, None for none. `taken`: opinions in others' hands."""
    found = state.exam(exam_id)
    if found is None or (found[0].id, kind, exam_id) not in state.owed:
        return None
    episode, exam = found
    region, rules = exam.reading, KNOWN[episode.protocol]
    readers = {o.reader for o in region.opinions}
    if region.held is not None:
        return None  # who is named on it lets it go on first
    if kind == "arbitrate":
        return None if reader in readers or ARBITRATION in taken else ARBITRATION
    if kind == "get_priors" and not (episode.priors.received or episode.priors.unavailable):
        return None
    if kind in ("read", "await_final") and is_read_twice(exam, rules):
        missing = max(2 - len(readings(region, rules)), 0 if readers else 1)
        if reader in readers or missing <= len(taken):
            return None
        return 2 if readers or 1 in taken else 1
    return None if taken else 1
