"""A programme at work: an agenda of moments, women who do as they do, and people who work what is owed.

You are here to see how one runs. Nothing is scripted: after each step the engine looks at what is owed to her, and
whoever owns it works it when the unit is open and somebody is free. What they do is in `at_work`; what she does in
`herself`; when, in `roster`; `programme` puts them together. Every step goes through a `doorways.Doorway`.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct

from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import Actor, Kind, Purpose
from closerlook.pathway.loops import Loop
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Patient
from closerlook.pathway.terms import Role
from closerlook.simulate.disease import Tumour
from closerlook.simulate.doorways import DOCUMENTS, PRINTING, SOFTWARE, Doorway, Standing
from closerlook.simulate.opinions import Reader, Spot
from closerlook.simulate.parameters import Parameters
from closerlook.simulate.population import Woman, woman
from closerlook.simulate.roster import Clinic, Diary, Hours, Roster, Worker
from closerlook.simulate.sending import Sent

Key = tuple[str, str, int]
A_DAY = timedelta(days=1)
LOOK_AGAIN = timedelta(days=3)
"""What was worked and is still owed is looked at again after it."""
BY_SOFTWARE = frozenset({"set_next_due", "invite", "send_invitation", "finalise_reading", *DOCUMENTS})


class Unit(Struct, frozen=True, kw_only=True):
    """Where a programme works: its rules, who works there, and when which clinic is held."""

    protocol: Protocol
    parameters: Parameters
    workers: tuple[Worker, ...]
    readers: dict[str, Reader]
    clinics: tuple[Clinic, ...]
    senders: tuple[str, ...]
    providers: tuple[str, ...] = ("PR100", "PR101", "PR102", "PR103")
    site: str = "main"
    live_from: date | None = None
    """What was done before came over from an older system: shown, nothing sent, no clock run."""
    pages_from: datetime | None = None
    """Since when letters carry a link to her page; None: always."""
    prior_sources: tuple[str, ...] = ("Lakeside Imaging", "Hillcrest Radiology", "St Anne's Hospital")
    teams: tuple[str, ...] = ("Riverside Breast Surgery", "Hill Oncology")


class Case(Struct):
    """One woman in the programme: who she is, her stream, and what only the simulation knows of her."""

    woman: Woman
    dice: random.Random
    provider: str | None
    sender: str
    stream: str = ""
    seen: dict[Key, int] = {}
    rounds: int = 0
    visible: dict[str, tuple[Spot, ...]] = {}
    called: dict[str, tuple[Spot, ...]] = {}
    technical: set[str] = set()
    waited: set[str] = set()
    fits: dict[str, bool] = {}
    intends: bool = True
    shift: float = 0.0
    known: set[Tumour] = set()
    gone: bool = False
    died_on: date | None = None
    screened_on: date | None = None
    accessions: int = 0


class Way(Struct, frozen=True):
    """How a kind of thing owed is worked: by which role, for how many minutes, after what wait, and what is done.

    `do` returns when to try again, or None. `never` names those who may not do it.
    """

    do: Callable[["Engine", Case, Loop, Worker], datetime | None]
    minutes: float
    hours: tuple[float, float] = (0.0, 0.0)
    by: Role | None = None
    never: Callable[["Engine", Case, Loop], tuple[str, ...]] = lambda _engine, _case, _loop: ()

    def role(self, loop: Loop) -> Role:
        return self.by or loop.owner

    def wait(self, case: Case) -> timedelta:
        """Return how long it lies before somebody looks: between so many hours, the short ones likelier."""
        least, most = self.hours
        return timedelta(hours=least + (most - least) * case.dice.random() ** 2) if most else timedelta(0)


class Engine:
    """One run. `deliver` takes what machines and the reporting system send."""

    def __init__(
        self,
        unit: Unit,
        doorway: Doorway,
        *,
        ways: dict[str, Way],
        begins: Callable[["Engine", Case, date], None],
        arrivals: Mapping[Purpose, Callable[["Engine", Case, str], None]],
        rings: Callable[["Engine", Case, str, Worker], None],
        reads_history: Callable[["Engine", Case, datetime], None],
        seed: int,
        women: int,
        first: date,
        last: datetime,
        deliver: Callable[["Engine", Case, Sent], None],
        numbers_from: int = 0,
    ) -> None:
        self.unit, self.doorway, self.seed = unit, doorway, seed
        self.ways, self.begins, self.arrivals, self.rings = ways, begins, arrivals, rings
        self.reads_history = reads_history
        self.p, self.protocol = unit.parameters, unit.protocol
        self.now = self.protocol.calendar.start_of(first)
        self.last = last
        hours = Hours(self.protocol.calendar, first, (last + timedelta(days=800)).date())
        self.hours = hours
        self.roster = Roster(unit.workers, hours)
        self.diary = Diary(unit.clinics, hours, self.protocol.calendar.zone)
        self.deliver = deliver
        self.refused: Counter[str] = Counter()
        self._agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._count = 0
        self.cases = [self._case(numbers_from + n, first) for n in range(women)]

    def _case(self, number: int, first: date) -> Case:
        her = woman(self.seed, number, self.p, first)
        dice = random.Random(f"{self.seed}:{number}:life")  # noqa: S311  made-up people, not secrets
        provider = dice.choice(self.unit.providers) if dice.random() < 0.94 else None
        case = Case(her, dice, provider, self.unit.senders[number % len(self.unit.senders)])
        self.begins(self, case, first)
        return case

    # ---------------------------------------------------------------- the agenda

    def at(self, moment: datetime, do: Callable[[], object]) -> None:
        """Let something happen at a moment, now at the earliest."""
        self._count += 1
        heapq.heappush(self._agenda, (max(moment, self.now), self._count, do))

    def days(self) -> Iterator[date]:
        """Play the programme, yielding each local day once it is over, up to `last`."""
        calendar = self.protocol.calendar
        day = calendar.on(self.now)
        while self._agenda and self._agenda[0][0] <= self.last:
            moment = self._agenda[0][0]
            if moment > calendar.end_of(day):
                yield day
                day = calendar.on(moment)
            self.now, _, do = heapq.heappop(self._agenda)
            try:
                do()
            except Refused as why:
                self.refused[f"unasked: {why}"] += 1
        self.now = self.last
        yield day

    def run(self, days_together: int = 7, progress: Callable[[int], None] = lambda _: None) -> None:
        """Play it to its end, so many days kept together in one transaction; `progress` hears of the days played."""
        days = self.days()
        day: date | None = self.protocol.calendar.on(self.now)
        while day is not None:
            begun = day
            with self.doorway.together():
                for _ in range(days_together):
                    day = next(days, None)
                    if day is None:
                        break
            progress(((day or self.protocol.calendar.on(self.last)) - begun).days)

    # ---------------------------------------------------------------- steps

    @property
    def has_page(self) -> bool:
        """Whether a letter of now leads her to a page."""
        return self.unit.pages_from is None or self.now >= self.unit.pages_from

    def look(self, case: Case) -> Patient:
        return self.doorway.look(case.stream).patient

    def take(self, case: Case, step: st.Step, actor: Actor) -> Patient:
        """Take a step for her and see what it makes owed. Raises Refused."""
        standing = self.doorway.take(case.stream, step, actor, self.now)
        self.see(case, standing)
        return standing.patient

    def she(self, case: Case, step: st.Step) -> Patient:
        """Let her take a step on her page."""
        return self.take(case, step, Actor(Kind.PATIENT, case.stream))

    def send(self, case: Case, sent: Sent) -> None:
        """Let a machine or the reporting system send something."""
        self.deliver(self, case, sent)

    def accession(self, case: Case) -> str:
        case.accessions += 1
        return f"A{case.woman.number:07}{case.accessions:02}"

    # ---------------------------------------------------------------- what is owed

    def see(self, case: Case, standing: Standing) -> None:
        """Give whatever is newly owed to whoever owns it."""
        for loop in standing.loops:
            key = (loop.kind, loop.subject, loop.opened_seq)
            if key in case.seen:
                continue
            case.seen[key] = 0
            self.at(loop.escalate_at, lambda key=key: self._late(case, key))  # type: ignore[misc]
            ready = max(loop.visible_from, self.now)
            if loop.kind in BY_SOFTWARE:
                self.at(ready, lambda key=key: self._software(case, key))  # type: ignore[misc]
            elif loop.kind in self.ways:
                wait = self.ways[loop.kind].wait(case)
                self.at(ready + wait, lambda key=key: self._begin(case, key))  # type: ignore[misc]

    def _owed(self, case: Case, key: Key) -> Loop | None:
        for loop in self.doorway.look(case.stream).loops:
            if (loop.kind, loop.subject, loop.opened_seq) == key:
                return loop
        return None

    def _software(self, case: Case, key: Key) -> None:
        loop = self._owed(case, key)
        if loop is None:
            return
        if loop.visible_from > self.now:
            self.at(loop.visible_from, lambda: self._software(case, key))
            return
        waits = ("post_document", f"{loop.subject}:{DOCUMENTS[loop.kind]}") if loop.kind in DOCUMENTS else None
        if waits not in [(x.kind, x.subject) for x in self.doorway.look(case.stream).loops]:
            finish = self.doorway.software(case.stream, loop, self.now)
            if loop.kind in DOCUMENTS:
                self.at(self.now + PRINTING, lambda: self.see(case, finish(self.now)))
            else:
                self.see(case, finish(self.now))
        if self._owed(case, key) is not None:
            self.at(self.now + A_DAY, lambda: self._software(case, key))  # printed, and not posted yet

    def _late(self, case: Case, key: Key) -> None:
        """The next rung hears that it is late."""
        loop = self._owed(case, key)
        if loop is None:
            return
        if loop.escalate_at <= self.now:
            step = st.Escalate(kind=loop.kind, subject=loop.subject, opened_seq=loop.opened_seq, episode=loop.episode)
            self.take(case, step, SOFTWARE)
            loop = self._owed(case, key)
        if loop is not None:
            self.at(loop.escalate_at, lambda: self._late(case, key))

    def _begin(self, case: Case, key: Key) -> None:
        """Somebody takes it up: the next who is free."""
        loop = self._owed(case, key)
        if loop is None:
            return
        if loop.visible_from > self.now:
            self.at(loop.visible_from, lambda: self._begin(case, key))
            return
        way = self.ways[loop.kind]
        done, worker = self.roster.book(way.role(loop), self.now, way.minutes, way.never(self, case, loop))
        self.at(done, lambda: self._do(case, key, worker))

    def _do(self, case: Case, key: Key, worker: Worker) -> None:
        loop = self._owed(case, key)
        if loop is None:
            return  # done meanwhile
        try:
            again = self.ways[loop.kind].do(self, case, loop, worker)
        except Refused as why:
            self.refused[f"{loop.kind} by {worker.username}: {why}"] += 1
            again = self.now + A_DAY
        case.seen[key] += 1
        if self._owed(case, key) is not None:
            self.at(again or self.now + LOOK_AGAIN, lambda: self._begin(case, key))

    def somebody(self, role: Role, minutes: float, do: Callable[[Worker], object], wait: timedelta) -> None:
        """Let somebody do something for her that nothing owed asks for, after a while."""

        def begin() -> None:
            done, worker = self.roster.book(role, self.now, minutes)
            self.at(done, lambda: do(worker))

        self.at(self.now + wait, begin)
