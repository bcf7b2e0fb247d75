"""The small stream of a programme matter: a whole caseload handed over, one round at a time.

One parent loop stays open until every round of it has its new owner or has ended; each round is handed over by a step
in its patient's own log.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused, check_may
from closerlook.pathway.deciding.context import text
from closerlook.pathway.events import Actor, CaseloadRound, Event, Recorded
from closerlook.pathway.loops import Loop
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Reach
from closerlook.pathway.small_streams import escalated, only_loop


class HandOver(Struct, frozen=True):
    """Where a hand-over stands. `left`: rounds that have not been handed over yet."""

    id: str
    version: int = 0
    opened_seq: int = 0
    opened_at: datetime | None = None
    leaves: str = ""
    takes: str = ""
    cover: str | None = None
    left: tuple[CaseloadRound, ...] = ()
    reach: Reach | None = None

    @property
    def is_open(self) -> bool:
        return bool(self.left)


def fold_programme(stream: str, records: Sequence[Recorded]) -> HandOver:
    """Return where a programme matter stands."""
    state = HandOver(stream)
    for record in records:
        state = replace(_evolve(state, record), version=record.seq)
    return state


def _evolve(state: HandOver, record: Recorded) -> HandOver:
    match record.event:
        case ev.HandOverBegun() as e:
            return HandOver(
                state.id,
                opened_seq=record.seq,
                opened_at=record.recorded_at,
                leaves=e.leaves,
                takes=e.takes,
                cover=e.cover,
                left=e.rounds,
            )
        case ev.RoundHandedOver() as e:
            done = CaseloadRound(e.patient, e.episode)
            return replace(state, left=tuple(r for r in state.left if r != done))
        case ev.Escalated(rung=rung, to=to):
            return replace(state, reach=Reach(rung, to, record.recorded_at))
        case _:
            raise ev.UnknownEvent(f"{type(record.event).__name__} does not belong in a programme matter's stream")


def decide_programme(step: st.Step, state: HandOver, protocol: Protocol, *, actor: Actor, now: datetime) -> list[Event]:
    """Return the facts of a step on a programme matter's stream. Raises Refused."""
    check_may(step, actor)
    match step:
        case st.BeginHandOver():
            return _begun(step, state, now)
        case st.RecordHandedOver(patient=patient, episode=episode, settled=settled):
            if CaseloadRound(patient, episode) not in state.left:
                return []
            return [ev.RoundHandedOver(occurred_at=now, patient=patient, episode=episode, settled=settled)]
        case st.Escalate(opened_seq=opened_seq):
            return escalated(programme_loops(state, protocol), opened_seq, protocol, now)
        case _:
            raise Refused("This step is not for a caseload.")


def _begun(step: st.BeginHandOver, state: HandOver, now: datetime) -> list[Event]:
    if state.version:
        return []
    leaves, takes = text(step.leaves, "name of who leaves"), text(step.takes, "name of who takes over")
    if leaves == takes:
        raise Refused("A caseload goes from one person to another.")
    rounds = tuple(dict.fromkeys(step.rounds))
    if not rounds:
        raise Refused("Nobody's round is in this person's care; there is nothing to hand over.")
    return [ev.HandOverBegun(occurred_at=now, leaves=leaves, takes=takes, rounds=rounds, cover=step.cover)]


def programme_loops(state: HandOver, protocol: Protocol) -> list[Loop]:
    """Return the one loop a hand-over owes while rounds are left, or none."""
    if not state.is_open or state.opened_at is None:
        return []
    return [
        only_loop(
            state.id,
            "hand_over",
            protocol,
            opened_seq=state.opened_seq,
            opened_at=state.opened_at,
            reach=state.reach,
            about=f"{len(state.left)} rounds",
        )
    ]
