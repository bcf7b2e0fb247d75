"""Signing a case: the reading, the plan that goes with it, and the end of the hand-out, all of them or none."""

from datetime import datetime

from django.db import IntegrityError, OperationalError, transaction

from closerlook.desk.here import Here
from closerlook.desk.reading import handing
from closerlook.desk.reading.models import Ending, HandOut
from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.record import door

TRIES = 5
BESIDE = (ev.Opinion, ev.AIRead, ev.Escalated)
"""Facts that change nothing for who reads: what another says apart, and that something is late."""


class NotYours(Exception):
    """The case is not in this reader's hands any more."""


def sign(here: Here, mine: HandOut, steps: list[st.Step], *, key: str, seen: int, acknowledged: str = "") -> None:
    """Record `steps` about a case, in their order, and end its hand-out; nothing at all where one of them is refused.

    A `key` that was taken before changes nothing. Raises Refused, door.StaleHistory where her record says something
    new to the reader since version `seen`, and NotYours.
    """
    for left in range(TRIES - 1, -1, -1):
        try:
            with transaction.atomic(durable=True):
                return _within(here, mine, steps, key=key, seen=seen, acknowledged=acknowledged)
        except door.StaleHistory:
            if not left or not _only_beside(mine, seen):
                raise
            seen = door.look(mine.stream).state.version
        except (IntegrityError, OperationalError) as error:
            if not left or not door.may_try_again(error):
                raise
    raise AssertionError("the loop above returns or raises")


def _within(here: Here, mine: HandOut, steps: list[st.Step], *, key: str, seen: int, acknowledged: str) -> None:
    seqs: list[int] = []
    repeated = False
    for n, step in enumerate(steps):
        answer = door.take_within(
            step,
            stream=mine.stream,
            actor=here.actor,
            key=f"reading:{here.actor.id}:{key}:{n}",
            seen=seen if n == 0 else None,
            now=here.now,
            site=here.site.slug,
        )
        repeated |= answer.repeated
        seqs += [r.seq for r in answer.new]
    how = Ending.HELD if isinstance(steps[0], st.DeferReading) else Ending.SIGNED
    ended = handing.end(mine, how, here.now, seqs=tuple(seqs), acknowledged=acknowledged)
    if not ended and not repeated:
        raise NotYours


def _only_beside(mine: HandOut, seen: int) -> bool:
    """Whether nothing but another's opinion came since: two who read at once do not hold each other up."""
    new = [r for r in door.look(mine.stream).records if r.seq > seen]
    return bool(new) and all(isinstance(r.event, BESIDE) for r in new)


def take_back(here: Here, signed: HandOut, reason: str, *, key: str, now: datetime) -> None:
    """Take back what was signed, as entered in error. Raises Refused where she or her provider was told of it."""
    step = st.EnterInError(seqs=tuple(int(seq) for seq in signed.seqs.split()), reason=reason)
    with transaction.atomic(durable=True):
        door.take_within(
            step,
            stream=signed.stream,
            actor=here.actor,
            key=f"reading:{here.actor.id}:{key}",
            now=now,
            site=here.site.slug,
        )
        HandOut.objects.filter(pk=signed.pk, ending=Ending.SIGNED).update(ending=Ending.TAKEN_BACK)
