"""A caseload handed over: one parent matter with its own stream, and one step in each patient's log.

You are here when someone leaves and their rounds need another name. `begin` finds what carries the name; `go_on` hands
over what is left, may be repeated, and goes on where a crash stopped it.
"""

import secrets
from datetime import datetime

from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import Actor, CaseloadRound
from closerlook.pathway.programme import HandOver
from closerlook.record import door
from closerlook.record.models import OpenLoop


def begin(leaves: str, takes: str, cover: str | None, *, actor: Actor, now: datetime, site: str | None = None) -> str:
    """Begin to hand over every open round in `leaves`' care, at one site if named; return the matter's stream.

    Raises Refused where nothing is in that person's care.
    """
    door.never_in_bulk()
    carried = OpenLoop.objects.filter(assignee=leaves, episode__isnull=False)
    found = (carried if site is None else carried.filter(site=site)).values_list("stream", "episode")
    rounds = tuple(CaseloadRound(stream, episode) for stream, episode in sorted(set(found)) if episode)
    stream = f"h{secrets.token_hex(7)}"
    step = st.BeginHandOver(leaves=leaves, takes=takes, rounds=rounds, cover=cover)
    door.take(step, stream=stream, actor=actor, key="begin", now=now)
    return stream


def go_on(stream: str, actor: Actor, now: datetime) -> int:
    """Hand over the rounds that are left; return how many were. Each is one step of its own, repeated without harm."""
    matter = door.look(stream).hand_over
    for left in matter.left:
        settled = not _handed(left, matter, stream, actor, now)
        step = st.RecordHandedOver(patient=left.patient, episode=left.episode, settled=settled)
        key = f"{left.patient}:{left.episode}"
        door.take(step, stream=stream, actor=actor, key=key, now=now)
    return len(matter.left)


def _handed(left: CaseloadRound, matter: HandOver, stream: str, actor: Actor, now: datetime) -> bool:
    """Name the new owner in the round; False where it ended meanwhile."""
    step = st.AssignOwner(episode=left.episode, owner=matter.takes, cover=matter.cover, leaves=matter.leaves)
    try:
        door.take(step, stream=left.patient, actor=actor, key=f"{stream}:{left.episode}", now=now)
    except Refused:
        episode = door.look(left.patient).patient.episodes.get(left.episode)
        if episode is None or episode.settled is None:
            raise
        return False
    return True
