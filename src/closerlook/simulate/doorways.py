"""Where a simulated programme acts: through the real door into a database, or on the pathway alone.

You are here to let it act somewhere else. Both decide every step by the same rules; the door also writes, claims,
seals and prints, the pathway alone only folds.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Protocol as Interface

from msgspec import Struct

from closerlook import worker
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused, after, decide, recorded
from closerlook.pathway.events import Actor, Document, Kind, Recorded
from closerlook.pathway.loops import Loop, fold, open_loops
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Patient
from closerlook.people import identity, invitations, sites
from closerlook.people.models import Patient as Row
from closerlook.record import door
from closerlook.simulate import printing
from closerlook.simulate.feeds import AUTHORITY, record_number
from closerlook.simulate.population import Woman

SOFTWARE = Actor(Kind.WORKER, "worker")
PRINTING = timedelta(hours=4)
"""From when a paper is owed to when it lies ready: so long other processes may write it while the run goes on."""
DOCUMENTS = {"send_summary": Document.SUMMARY, "tell_provider": Document.PROVIDER_REPORT}


class Standing(Struct, frozen=True):
    """A patient as she stands after a step."""

    patient: Patient
    loops: tuple[Loop, ...]


class Doorway(Interface):
    """What a simulated programme needs of the system."""

    def enter(self, woman: Woman, now: datetime) -> str:
        """Make her known; return her stream."""

    def take(self, stream: str, step: st.Step, actor: Actor, now: datetime) -> Standing:
        """Take a step. Raises Refused."""

    def software(self, stream: str, loop: Loop, now: datetime) -> Callable[[datetime], Standing]:
        """Begin what the software owes; what is returned ends it, at a moment of its own."""

    def look(self, stream: str) -> Standing:
        """Return her as she stands."""

    def together(self) -> AbstractContextManager[None]:
        """What is done inside is kept together at its end."""


# ---------------------------------------------------------------- the pathway alone


class _Hers(Struct):
    row: Row
    records: list[Recorded]
    patient: Patient
    loops: tuple[Loop, ...] = ()


class Alone:
    """The pathway in memory: no database, no letters, no seals."""

    def __init__(self, protocol: Protocol, site: str = "main") -> None:
        self._protocol = protocol
        self._known = {protocol.hash: protocol}
        self._site = site
        self._hers: dict[str, _Hers] = {}
        self.steps = 0

    def enter(self, woman: Woman, now: datetime) -> str:  # noqa: ARG002  as the door's
        stream = f"p{woman.number:013}"
        row = Row(id=stream, birth_date=woman.birth_date, sex=woman.sex, family=woman.family, given=woman.given)
        self._hers[stream] = _Hers(row, [], fold(stream, [], self._known))
        return stream

    def look(self, stream: str) -> Standing:
        hers = self._hers[stream]
        return Standing(hers.patient, hers.loops)

    def records(self) -> Iterator[tuple[str, list[Recorded]]]:
        """Yield every stream's facts."""
        for stream, hers in self._hers.items():
            yield stream, hers.records

    def take(self, stream: str, step: st.Step, actor: Actor, now: datetime) -> Standing:
        hers = self._hers[stream]
        events = decide(step, hers.patient, hers.records, self._known, default=self._protocol, actor=actor, now=now)
        self.steps += 1
        if events:
            new = recorded(events, hers.patient, self._protocol, actor, now)
            hers.patient = after(hers.patient, hers.records, new, self._known)
            hers.records += new
            hers.loops = tuple(open_loops(hers.patient, self._known, default=self._protocol))
        return Standing(hers.patient, hers.loops)

    def software(self, stream: str, loop: Loop, now: datetime) -> Callable[[datetime], Standing]:
        step, begun = self._software_step(stream, loop, now), self._hers[stream].patient.version

        def done(later: datetime) -> Standing:
            if self._hers[stream].patient.version != begun:
                return self.look(stream)  # her record moved on meanwhile: what is owed now is written anew
            return self.take(stream, step, SOFTWARE, later)

        return done

    def _software_step(self, stream: str, loop: Loop, now: datetime) -> st.Step:
        hers = self._hers[stream]
        match loop.kind:
            case "set_next_due":
                today = self._protocol.calendar.on(now)
                return invitations.next_step(hers.patient, hers.row, self._protocol, today)
            case "invite":
                return st.OpenRound(site=self._site)
            case "send_invitation":
                return st.PrepareInvitation(episode=loop.subject, file=f"invitation-{now:%Y%m%d}.html")
            case "finalise_reading":
                return st.FinaliseReading(exam=loop.subject)
            case "send_summary" | "tell_provider":
                document = DOCUMENTS[loop.kind]
                return st.PrepareDocument(exam=loop.subject, document=document, file=f"{document}-{now:%Y%m%d}.html")
        raise Refused(f"The software does nothing about {loop.kind}.")

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()


# ---------------------------------------------------------------- through the door


class ThroughDoor:
    """The real door of the database that is set up here; the software's share by the worker's own hand.

    `in_bulk`: what is done `together` is one transaction, else every step is one. `printers`: so many processes of
    their own write letters meanwhile; 0 writes them here. Before `links_from` letters have no link to her page, as of a
    unit that had no pages yet. Use it in a `with`.
    """

    def __init__(self, *, in_bulk: bool = True, printers: int = 0, links_from: datetime | None = None) -> None:
        self._in_bulk = in_bulk
        self._links_from = links_from
        self._rows: dict[str, Row] = {}
        self._printers = (
            ProcessPoolExecutor(printers, get_context("spawn"), initializer=printing.begin) if printers else None
        )
        self.steps = 0

    def __enter__(self) -> "ThroughDoor":
        return self

    def __exit__(self, *_: object) -> None:
        if self._printers is not None:
            self._printers.shutdown(cancel_futures=True)

    def enter(self, woman: Woman, now: datetime) -> str:
        stated = identity.Stated(
            numbers=((AUTHORITY, record_number(woman.number)),),
            family=woman.family,
            given=woman.given,
            birth_date=woman.birth_date,
            sex=woman.sex,
            phone=woman.phone,
            address=_lines(woman.address),
            language=woman.language,
        )
        row = identity.enter(stated, site=sites.site(), now=now)
        self._rows[row.pk] = row
        return row.pk

    def take(self, stream: str, step: st.Step, actor: Actor, now: datetime) -> Standing:
        self.steps += 1
        history = door.look(stream)
        key = f"simulated:{history.state.version}:{self.steps}:{type(step).__name__}:{actor.id}"
        return _standing(door.take(step, stream=stream, actor=actor, key=key, now=now).history)

    def software(self, stream: str, loop: Loop, now: datetime) -> Callable[[datetime], Standing]:
        self.steps += 1
        with_link = self._links_from is None or now >= self._links_from
        ready = now + PRINTING
        paper = worker.paper(loop, self._rows[stream], ready, with_link=with_link) if loop.kind in DOCUMENTS else None
        if paper is None:
            worker.do(loop, now, self._rows[stream])
            return lambda _: self.look(stream)
        begun = self._printers.submit(paper.written) if self._printers is not None else None

        def lies_ready(later: datetime) -> Standing:
            file = begun.result() if begun is not None else paper.written()
            with suppress(door.StaleHistory):  # her record moved on meanwhile: what is owed now is written anew
                worker.lies_ready(paper, file, later)
            return self.look(stream)

        return lies_ready

    def look(self, stream: str) -> Standing:
        return _standing(door.look(stream))

    def together(self) -> AbstractContextManager[None]:
        return door.bulk() if self._in_bulk else nullcontext()


def _lines(address: str) -> str:
    """Return an address as the inbox keeps it: the street, the place, the country."""
    street, other, city, state, code, country, *_ = [*address.split("^"), *[""] * 6]
    place = " ".join(part for part in (city, state, code) if part)
    return "\n".join(line for line in (street, other, place, country) if line)


def _standing(history: door.History) -> Standing:
    return Standing(history.patient, history.loops)
