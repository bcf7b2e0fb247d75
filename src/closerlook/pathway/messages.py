"""The small stream of a message that could not be filed, so that it owes a loop like everything else."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused, check_may
from closerlook.pathway.events import Actor, Event, Kind, Recorded
from closerlook.pathway.loops import Loop
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Reach
from closerlook.pathway.small_streams import escalated, only_loop
from closerlook.pathway.terms import Role


class SetAside(Struct, frozen=True):
    """A message's state: open while a person has to look at it."""

    id: str
    version: int = 0
    opened_seq: int = 0
    opened_at: datetime | None = None
    reason: str | None = None
    suspicious_words: bool = False
    offered: tuple[str, ...] = ()
    filed_with: str | None = None
    discarded: str | None = None
    reach: Reach | None = None

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.filed_with is None and self.discarded is None


def fold_message(stream: str, records: Sequence[Recorded]) -> SetAside:
    """Return where a message stands. Set aside again after it was resolved, it is owed anew."""
    state = SetAside(stream)
    for record in records:
        state = replace(_evolve(state, record), version=record.seq)
    return state


def _evolve(state: SetAside, record: Recorded) -> SetAside:
    match record.event:
        case ev.MessageSetAside() as e:
            # While it waits, another reason is the same matter: its clock runs on, and no reason hushes its words.
            begun = state if state.is_open else SetAside(state.id, opened_seq=record.seq, opened_at=record.recorded_at)
            words = begun.suspicious_words or e.suspicious_words
            return replace(begun, reason=e.reason, suspicious_words=words, offered=e.offered)
        case ev.MessageFiled(patient=patient):
            return replace(state, filed_with=patient)
        case ev.MessageDiscarded(reason=reason):
            return replace(state, discarded=reason)
        case ev.Escalated(rung=rung, to=to):
            return replace(state, reach=Reach(rung, to, record.recorded_at))
        case _:
            raise ev.UnknownEvent(f"{type(record.event).__name__} does not belong in a message's stream")


def decide_message(step: st.Step, state: SetAside, protocol: Protocol, *, actor: Actor, now: datetime) -> list[Event]:
    """Return the facts of a step on a message's stream. Raises Refused."""
    check_may(step, actor)
    match step:
        case st.SetMessageAside():
            louder = step.suspicious_words and not state.suspicious_words
            if state.is_open and (state.reason, state.offered) == (step.reason, step.offered) and not louder:
                return []
            return [
                ev.MessageSetAside(
                    occurred_at=now, reason=step.reason, suspicious_words=step.suspicious_words, offered=step.offered
                )
            ]
        case st.FileMessage():
            return [ev.MessageFiled(occurred_at=now, patient=step.patient)] if state.is_open else []
        case st.DiscardMessage():
            return _discard(step, state, actor, now)
        case st.Escalate(opened_seq=opened_seq):
            return escalated(message_loops(state, protocol), opened_seq, protocol, now)
        case _:
            raise Refused("This step is not for a message.")


def _discard(step: st.DiscardMessage, state: SetAside, actor: Actor, now: datetime) -> list[Event]:
    if not state.is_open:
        raise Refused("This message is not waiting any more.")
    if state.suspicious_words and actor.kind is Kind.STAFF and Role.RADIOLOGIST not in actor.roles:
        raise Refused("This message says something suspicious: a radiologist decides about it.")
    if not step.reason.strip():
        raise Refused("Say why this message is nobody's result here.")
    return [ev.MessageDiscarded(occurred_at=now, reason=step.reason.strip())]


def message_loops(state: SetAside, protocol: Protocol) -> list[Loop]:
    """Return the one loop a message set aside owes, or none."""
    if not state.is_open or state.opened_at is None:
        return []
    return [
        only_loop(
            state.id,
            "resolve_message",
            protocol,
            opened_seq=state.opened_seq,
            opened_at=state.opened_at,
            reach=state.reach,
            suspicious=state.suspicious_words,
        )
    ]
