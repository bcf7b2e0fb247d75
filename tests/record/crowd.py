"""A crowd: threads in two processes, with connections and caches of their own, who take steps at the same moment."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from msgspec import Struct

from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor

PROCESSES, THREADS = 2, 4
LARGEST = PROCESSES * THREADS
PATIENCE = 120
"""Seconds until someone who has not come back counts as lost; a round takes milliseconds."""


class Move(Struct, frozen=True):
    """One step that someone is about to take."""

    stream: str
    actor: Actor
    step: st.Step
    key: str
    now: datetime
    seen: int | None = None

    def __str__(self) -> str:
        who = f"{self.actor.kind} {self.actor.id}"
        return f"{self.stream} {who} key={self.key} seen={self.seen} {self.step}"


class Told(Struct, frozen=True):
    """What someone was told: done, repeated, stale, refused, or (never) a raw fault; and the facts of their step."""

    how: str
    said: str = ""
    version: int = 0
    new: tuple[tuple[int, str], ...] = ()


class Crowd:
    """Eight people at most; `act` lets them go at once and returns what each was told, in the order of the moves."""

    def __init__(self, pipes: Sequence[Connection]) -> None:
        self._pipes = pipes

    def act(self, moves: Sequence[Move]) -> list[Told]:
        hands: list[Move | None] = [*moves, *[None] * (LARGEST - len(moves))]
        for n, pipe in enumerate(self._pipes):
            pipe.send(hands[n::PROCESSES])
        found: list[Told | None] = [None] * LARGEST
        for n, pipe in enumerate(self._pipes):
            assert pipe.poll(PATIENCE), "someone never came back: a deadlock, or a wake-up that was lost"
            found[n::PROCESSES] = pipe.recv()
        return [told for told in found if told is not None]


@contextmanager
def crowd(url: str) -> Iterator[Crowd]:
    """A crowd at work on the record at `url`."""
    spawn = multiprocessing.get_context("spawn")  # a fork would take along the connections of this process
    barrier = spawn.Barrier(LARGEST)
    ends = [spawn.Pipe() for _ in range(PROCESSES)]
    people = [spawn.Process(target=_serve, args=(url, theirs, barrier), daemon=True) for _, theirs in ends]
    for process in people:
        process.start()
    try:
        yield Crowd([ours for ours, _ in ends])
    finally:
        for ours, _ in ends:
            ours.send(None)
        for process in people:
            process.join(10)
            process.kill()
            process.join()
            process.close()
        for pair in ends:
            for end in pair:
                end.close()


def _serve(url: str, pipe: Connection, barrier: Any) -> None:
    """Be one process of the crowd until told to go home."""
    import django

    django.setup()
    from tests.stores import using

    def one(move: Move | None) -> Told | None:
        barrier.wait(PATIENCE)
        return None if move is None else _take(move)

    with using(url), ThreadPoolExecutor(THREADS) as pool:
        while (moves := pipe.recv()) is not None:
            pipe.send(list(pool.map(one, moves)))


def _take(move: Move) -> Told:
    from closerlook.pathway.deciding import Refused
    from closerlook.pathway.events import tag_of
    from closerlook.record import door

    try:
        answer = door.take(move.step, stream=move.stream, actor=move.actor, key=move.key, now=move.now, seen=move.seen)
    except Refused as why:
        return Told("refused", str(why))
    except door.StaleHistory as why:
        return Told("stale", str(why))
    except BaseException as why:  # noqa: BLE001  whatever it is, nobody should have been told it
        return Told("fault", f"{type(why).__name__}: {why}")
    new = tuple((r.seq, tag_of(r.event).partition(".")[0]) for r in answer.new)
    return Told("repeated" if answer.repeated else "done", "", answer.history.state.version, new)
