"""The kinds of stream there are: a patient's, a message's, a programme matter's; what folds, decides and owes in each.

You are here to add a kind of stream. Its id begins with a letter of its own, and everything the door and `verify` need
to know of it stands in one row of `KINDS`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from closerlook.pathway import steps as st
from closerlook.pathway.deciding import decide, recorded
from closerlook.pathway.events import Actor, Event, Recorded
from closerlook.pathway.loops import Loop, fold, open_loops
from closerlook.pathway.messages import SetAside, decide_message, fold_message, message_loops
from closerlook.pathway.programme import HandOver, decide_programme, fold_programme, programme_loops
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Patient
from closerlook.pathway.stages import place
from closerlook.record.protocols import KNOWN

State = Patient | SetAside | HandOver


class StreamKind(Struct, frozen=True):
    """One kind of stream. `letter` begins its ids."""

    name: str
    letter: str
    state: type
    fold: Callable[[str, Sequence[Recorded]], Any]
    decide: Callable[[st.Step, Any, Sequence[Recorded], Protocol, Actor, datetime], list[Event]]
    loops: Callable[[Any, Protocol], list[Loop]]
    where: Callable[[Any], str]


def _message_place(state: SetAside) -> str:
    return "waiting" if state.is_open else "filed" if state.filed_with else "discarded"


PATIENT = StreamKind(
    name="patient",
    letter="p",
    state=Patient,
    fold=lambda stream, records: fold(stream, records, KNOWN),
    decide=lambda step, state, records, protocol, actor, now: decide(
        step, state, records, KNOWN, default=protocol, actor=actor, now=now
    ),
    loops=lambda state, protocol: open_loops(state, KNOWN, default=protocol),
    where=place,
)
MESSAGE = StreamKind(
    name="message",
    letter="m",
    state=SetAside,
    fold=fold_message,
    decide=lambda step, state, records, protocol, actor, now: decide_message(
        step, state, protocol, actor=actor, now=now
    ),
    loops=message_loops,
    where=_message_place,
)
PROGRAMME = StreamKind(
    name="programme",
    letter="h",
    state=HandOver,
    fold=fold_programme,
    decide=lambda step, state, records, protocol, actor, now: decide_programme(
        step, state, protocol, actor=actor, now=now
    ),
    loops=programme_loops,
    where=lambda state: "handing over" if state.is_open else "handed over",
)
KINDS = (MESSAGE, PROGRAMME)
"""Every kind with a letter of its own; whatever begins with none of them is a patient's."""


def kind_of(stream: str) -> StreamKind:
    """Return the kind of a stream; its id says so."""
    return next((kind for kind in KINDS if stream.startswith(kind.letter)), PATIENT)


def kind_of_state(state: State) -> StreamKind:
    return next((kind for kind in KINDS if isinstance(state, kind.state)), PATIENT)


def as_recorded(
    events: Sequence[Event], state: State, protocol: Protocol, actor: Actor, now: datetime
) -> list[Recorded]:
    """Return facts as they will stand in the log of `state`'s stream."""
    if isinstance(state, Patient):
        return recorded(events, state, protocol, actor, now)
    first = state.version + 1
    return [Recorded(first + n, first, now, protocol.hash, event, actor) for n, event in enumerate(events)]
