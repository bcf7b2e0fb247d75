"""Handing out: one case at a time to one reader, and no opinion of a case to two.

What keeps two apart is the database's own uniqueness (`models.HandOut`). A hand-out is committed first and looked at
again afterwards: whatever was signed in between is seen then.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from closerlook.desk.here import Here
from closerlook.desk.reading.models import Batch, Ending, HandOut
from closerlook.desk.reading.waiting import KINDS, LISTS, Waiting, opinion_for, waiting
from closerlook.record import door
from closerlook.record.models import OpenLoop

IDLE = timedelta(minutes=30)
"""So long a case stays with a reader who does not touch it; a site default."""
LARGEST = 25
"""Examinations in one batch, at most; a site default."""


def batch_of(reader: str) -> Batch | None:
    """Return a reader's open batch."""
    return Batch.objects.filter(reader=reader, ended_at=None).first()


def begin(here: Here, listing: str, size: int) -> Batch:
    """Return the reader's open batch, a new one where there is none."""
    try:
        with transaction.atomic():
            return Batch.objects.create(
                reader=here.actor.id, site=here.site.slug, listing=listing, size=size, begun_at=here.now
            )
    except IntegrityError:
        return Batch.objects.get(reader=here.actor.id, ended_at=None)


def done(batch: Batch) -> int:
    """Return how many cases of a batch are done with."""
    return batch.handed.filter(ending__in=(Ending.SIGNED, Ending.HELD)).count()


def current(here: Here) -> HandOut | None:
    """Return the case in this reader's hands, if it is still theirs to read."""
    mine = HandOut.objects.filter(reader=here.actor.id, ended_at=None).first()
    if mine is None or _stands(mine, here.actor.id):
        return mine
    end(mine, Ending.GONE, here.now)
    return None


def following(here: Here, batch: Batch) -> HandOut | None:
    """Return the reader's case: the one they have, else the next of the batch; None where none is left for them."""
    expire(here.now)
    mine = current(here)
    if mine is not None or done(batch) >= batch.size:
        return mine
    passed = set(batch.handed.filter(ending=Ending.GIVEN_BACK).values_list("stream", "exam"))
    for one in _in_order(here, batch):
        found = hand(here, one.stream, one.exam, one.kind, batch) if (one.stream, one.exam) not in passed else None
        if found is not None:
            return found
    return None


def _in_order(here: Here, batch: Batch) -> list[Waiting]:
    """Return what waits, at the end what this reader has signed already: of most of it somebody else is asked."""
    mine = HandOut.objects.filter(reader=here.actor.id, ending=Ending.SIGNED, site=here.site.slug)
    signed = set(mine.values_list("stream", "exam"))
    found = waiting(here.site.slug, LISTS[batch.listing].kinds, here.now)
    return sorted(found, key=lambda one: (one.stream, one.exam) in signed)  # in each part the order stays


def hand(here: Here, stream: str, exam: str, kind: str, batch: Batch | None) -> HandOut | None:
    """Hand one case to a reader; None where it is not theirs to have. Who holds a case already keeps that one."""
    others = HandOut.objects.filter(stream=stream, exam=exam, ended_at=None).exclude(reader=here.actor.id)
    taken = frozenset(others.values_list("opinion", flat=True))
    opinion = opinion_for(door.look(stream).patient, kind, exam, here.actor.id, taken)
    if opinion is None:
        return None
    try:
        with transaction.atomic():
            mine = HandOut.objects.create(
                batch=batch, stream=stream, exam=exam, opinion=opinion, kind=kind, reader=here.actor.id,
                site=here.site.slug, handed_at=here.now, held_until=here.now + IDLE,
            )  # fmt: skip
    except IntegrityError:
        return current(here)  # someone else was faster, or this reader asked twice
    if _stands(mine, here.actor.id):
        return mine
    mine.delete()  # read in another way in that very moment: it was never anybody's
    return None


def claim(here: Here, stream: str, exam: str) -> HandOut | None:
    """Hand a reader the very case they ask for, if it waits at their site and nobody has it."""
    expire(here.now)
    kinds = OpenLoop.objects.filter(
        stream=stream, subject=exam, kind__in=KINDS, site=here.site.slug, visible_from__lte=here.now
    ).values_list("kind", flat=True)
    for kind in sorted(kinds, key=KINDS.index):
        found = hand(here, stream, exam, kind, batch_of(here.actor.id))
        if found is not None:
            return found if (found.stream, found.exam) == (stream, exam) else None
    return None


def resume(here: Here, stream: str, exam: str) -> HandOut | None:
    """Hand a case back to who had it until it lapsed, where nobody else has it now: who went to lunch goes on."""
    before = HandOut.objects.filter(reader=here.actor.id, stream=stream, exam=exam, ending=Ending.EXPIRED).last()
    mine = claim(here, stream, exam) if before is not None else None
    if mine is not None and before is not None:
        mine.shown_at = before.shown_at
    return mine


def _stands(mine: HandOut, reader: str) -> bool:
    """Whether what was handed out is still owed, and this opinion of it not given."""
    others = HandOut.objects.filter(stream=mine.stream, exam=mine.exam, ended_at=None).exclude(pk=mine.pk)
    taken = frozenset(others.values_list("opinion", flat=True))
    return opinion_for(door.look(mine.stream).patient, mine.kind, mine.exam, reader, taken) is not None


def touch(mine: HandOut, now: datetime) -> None:
    """Note that a reader is at a case."""
    mine.held_until = now + IDLE
    mine.shown_at = mine.shown_at or now
    HandOut.objects.filter(pk=mine.pk, ended_at=None).update(held_until=mine.held_until, shown_at=mine.shown_at)


def end(mine: HandOut, how: Ending, now: datetime, *, seqs: tuple[int, ...] = (), acknowledged: str = "") -> bool:
    """End a hand-out; False where it had ended already."""
    said = {"seqs": " ".join(map(str, seqs)), "acknowledged": acknowledged}
    return bool(HandOut.objects.filter(pk=mine.pk, ended_at=None).update(ended_at=now, ending=how, **said))


def expire(now: datetime) -> None:
    """Let go of every case that nobody has touched for too long."""
    HandOut.objects.filter(ended_at=None, held_until__lt=now).update(ended_at=now, ending=Ending.EXPIRED)


def stop(here: Here) -> None:
    """End a reader's batch and give back what they hold."""
    HandOut.objects.filter(reader=here.actor.id, ended_at=None).update(ended_at=here.now, ending=Ending.GIVEN_BACK)
    Batch.objects.filter(reader=here.actor.id, ended_at=None).update(ended_at=here.now)


def last_signed(reader: str, since: datetime) -> HandOut | None:
    """Return what a reader signed last since a moment."""
    return (
        HandOut.objects.filter(reader=reader, ending=Ending.SIGNED, ended_at__gte=since).order_by("-ended_at").first()
    )
