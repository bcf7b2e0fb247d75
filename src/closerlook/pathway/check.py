"""The search behind the promises: from where she begins, through everything anyone may try, to a settled answer.

You are here when a promise is to be proved for a protocol, or a counter-example read. Her round is a product of small
regions; searched whole it is too large for any machine, so each `Scene` lets some regions move freely, works the rest
at once (letters are posted, results told), and says so. A promise that fails is shown as the shortest way there.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from closerlook.pathway import events as ev
from closerlook.pathway import promises
from closerlook.pathway.closing import STEPS_FOR
from closerlook.pathway.control import digest
from closerlook.pathway.deciding import Refused, after, decide, recorded
from closerlook.pathway.events import Event, Recorded
from closerlook.pathway.finishing import between, ways
from closerlook.pathway.loops import Loop, open_loops
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Patient
from closerlook.pathway.scenes import SCENES, Scene
from closerlook.pathway.trying import MENU, Here, Try

BEGINS = datetime(2026, 11, 2, 15, tzinfo=UTC)
AVOIDED = (ev.Declined, ev.Died, ev.InvitationsEnded, ev.NotScreened, ev.Deferred)
"""Ways out that the third promise may not lean on; being lost and moving away are `Paused`."""


State = tuple[Patient, tuple[Recorded, ...], datetime]
"""A patient, her log, and the moment of its last fact."""


class Node(Struct):
    """One state met: how it came to be, and until it is worked, what it is."""

    parent: int
    label: str
    patient: Patient | None
    log: tuple[Recorded, ...]
    now: datetime
    news: int
    settled: bool
    owed: frozenset[str]
    loops: list[Loop] = []


class Edge(Struct):
    """One thing done: from where to where, the kinds it closed by a step named for them, whether it is a way out."""

    source: int
    target: int
    closed: frozenset[str]
    way_out: bool


class Fault(Struct, frozen=True):
    """A promise that does not hold, and the shortest way there, in plain words."""

    promise: str
    what: str
    way: tuple[str, ...]

    def __str__(self) -> str:
        steps = "\n".join(f"  {n}. {label}" for n, label in enumerate(self.way, 1))
        return f"{self.promise}: {self.what}\n{steps}"


class Found(Struct, frozen=True):
    """What one search saw."""

    protocol: str
    scene: str
    states: int
    transitions: int
    kinds: frozenset[str]
    facts: frozenset[str]
    complete: bool
    faults: tuple[Fault, ...]


class Search:
    """One scene under one protocol."""

    def __init__(self, scene: Scene, protocol: Protocol, *, most: int = 60_000) -> None:
        self.scene = scene
        self.protocol = protocol
        self.protocols = {protocol.hash: protocol}
        self.most = most
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.seen: dict[bytes, int] = {}
        self.faults: list[Fault] = []
        self.kinds: set[str] = set()
        self.facts: set[str] = set()
        self.met: dict[bytes, int] = {}
        self.homeward: dict[bytes, int] = {}
        self.end = 0
        self.groups = [MENU[name] for name in scene.groups]
        self.resting = [MENU[name] for name in scene.at_rest]

    # ---------------------------------------------------------------- walking

    def run(self, *, first: bool = False) -> Found:
        """Search until nothing new is met. `first`: stop at the first fault."""
        self.nodes.append(Node(-1, "between two rounds", None, (), BEGINS, 0, True, frozenset()))
        for start in self.scene.starts:
            self._begin(start)
        queue = deque(range(1, len(self.nodes)))
        while queue and not (first and self.faults) and len(self.nodes) < self.most:
            index = queue.popleft()
            for new in self._expanded(index):
                queue.append(new)
        complete = not queue
        if complete and not self.faults:
            self.faults += self._ends()
        return Found(
            protocol=self.protocol.name,
            scene=self.scene.name,
            states=len(self.nodes),
            transitions=len(self.edges),
            kinds=frozenset(self.kinds),
            facts=frozenset(self.facts),
            complete=complete,
            faults=tuple(self.faults[:5]),
        )

    def _begin(self, start: Sequence[str]) -> None:
        """Play a scripted beginning: the labels of tries, one after the other."""
        state: State = (Patient("p1"), (), BEGINS)
        way: list[str] = []
        for label in start:
            found = next((t for group in MENU.values() for t in group(self._here(*state)) if t.label == label), None)
            if found is None:
                raise AssertionError(f"{self.scene.name}: nobody can do this at the beginning: {label}")
            events, state = self._taken(found, *state)
            if not events:
                raise AssertionError(f"{self.scene.name}: this changes nothing at the beginning: {label}")
            way.append(label)
        _, state = self._rested(*state)
        self._met(*state, parent=-1, label="; ".join(way) or "nothing is known of her", news=self.scene.news)

    def _here(self, patient: Patient, _log: tuple[Recorded, ...], now: datetime) -> Here:
        return Here(patient, self.protocol, now)

    def _taken(self, t: Try, patient: Patient, log: tuple[Recorded, ...], _now: datetime) -> tuple[list[Event], State]:
        events = decide(t.step, patient, log, self.protocols, default=self.protocol, actor=t.actor, now=t.at)
        if not events:
            return [], (patient, log, _now)
        new = tuple(recorded(events, patient, self.protocol, t.actor, t.at))
        return events, (after(patient, log, new, self.protocols), (*log, *new), t.at)

    def _rested(self, patient: Patient, log: tuple[Recorded, ...], now: datetime) -> tuple[list[Event], State]:
        """Work what stands at rest in this scene until nothing of it is left."""
        state = (patient, log, now)
        done: list[Event] = []
        again = bool(self.resting)
        while again:
            again = False
            for group in self.resting:
                for t in group(self._here(*state)):
                    if t.news:
                        continue
                    try:
                        events, state = self._taken(t, *state)
                    except Refused:
                        continue
                    if events:
                        done += events
                        again = True
                        break
        return done, state

    def _met(
        self, patient: Patient, log: tuple[Recorded, ...], now: datetime, *, parent: int, label: str, news: int
    ) -> tuple[int, bool]:
        """Return the number of a state and whether it is new."""
        control = digest(patient, self.protocol, now)
        key = control + bytes((news,))
        known = self.seen.get(key)
        if known is not None:
            return known, False
        index = len(self.nodes)
        self.seen[key] = index
        self.met.setdefault(control, index)
        self.nodes.append(self._node(parent, label, patient, log, now, news=news))
        self.nodes[index].loops = loops = open_loops(patient, self.protocols, default=self.protocol)
        for promise, what in promises.of_state(patient, log, loops, self.protocol):
            self._fault(promise, what, index)
        return index, True

    def _node(
        self, parent: int, label: str, patient: Patient, log: tuple[Recorded, ...], now: datetime, *, news: int
    ) -> Node:
        owed = frozenset(kind for _, kind, _ in patient.owed)
        self.kinds |= owed
        settled = bool(patient.episodes) and all(e.settled is not None for e in patient.episodes.values())
        return Node(parent, label, patient, log, now, news, settled, owed)

    def _expanded(self, index: int) -> Iterator[int]:
        node = self.nodes[index]
        patient, log, now, news = node.patient, node.log, node.now, node.news
        if patient is None:
            raise AssertionError("a state is worked once")
        node.patient, node.log = None, ()
        here = Here(patient, self.protocol, now)
        loops_before, node.loops = node.loops, []
        for t in (t for group in self.groups for t in group(here)):
            if t.news > news:
                continue
            try:
                events, state = self._taken(t, patient, log, now)
            except Refused:
                continue
            if not events:
                for promise, what in promises.of_nothing(t, patient):
                    self._fault(promise, what, index, t.label)
                continue
            found = promises.of_step(t, events, patient, state[0], log, self.protocol, self.protocols, loops_before)
            more, state = self._rested(*state)
            self.facts.update(type(e).__name__ for e in (*events, *more))
            target, new = self._met(*state, parent=index, label=t.label, news=news - t.news)
            for promise, what in found:
                self._fault(promise, what, index, t.label)
            self.edges.append(self._edge(index, target, t, [*events, *more], patient, state[0]))
            if new:
                yield target
        self._way_home(index, patient, log, now)

    def _way_home(self, index: int, patient: Patient, log: tuple[Recorded, ...], now: datetime) -> None:
        """Add one way from a state to a settled answer, step by step, until it meets one that is known."""
        state = (patient, log, now)
        for _ in range(MOST_STEPS_HOME):
            if not {kind for _, kind, _ in state[0].owed} - RESTS:
                self._beyond(index, *state)
                return
            taken = self._next_home(*state)
            if taken is None:
                return
            t, events, then = taken
            control = digest(then[0], self.protocol, then[2])
            known = self.met.get(control, self.homeward.get(control))
            new = known is None
            if known is None:
                known = self.homeward[control] = len(self.nodes)
                self.nodes.append(self._node(index, t.label, *then, news=0))
            self.edges.append(self._edge(index, known, t, events, state[0], then[0]))
            if not new:
                return
            index, state = known, then

    def _beyond(self, index: int, patient: Patient, log: tuple[Recorded, ...], now: datetime) -> None:
        """What is owed to her between two rounds can be closed in one step; where that leads is another scene's."""
        for t in between(self._here(patient, log, now)):
            try:
                events, then = self._taken(t, patient, log, now)
            except Refused:
                continue
            if events:
                self.edges.append(self._edge(index, self.end, t, events, patient, then[0]))

    def _next_home(
        self, patient: Patient, log: tuple[Recorded, ...], now: datetime
    ) -> tuple[Try, list[Event], State] | None:
        for t in ways(self._here(patient, log, now)):
            try:
                events, then = self._taken(t, patient, log, now)
            except Refused:
                continue
            if events:
                return t, events, then
        return None

    def _edge(self, source: int, target: int, t: Try, events: Sequence[Event], before: Patient, then: Patient) -> Edge:
        step = type(t.step)
        gone = before.owed.keys() - then.owed.keys() - then.suspended.keys()
        closed = frozenset(kind for _, kind, _ in gone if step in STEPS_FOR[kind])
        way_out = any(isinstance(e, (*AVOIDED, ev.Paused)) for e in events)
        return Edge(source, target, closed, way_out)

    def _fault(self, promise: str, what: str, index: int, *more: str) -> None:
        fault = Fault(promise, what, (*self._way(index), *more))
        if all(f.what != what for f in self.faults):
            self.faults.append(fault)

    def _way(self, index: int) -> tuple[str, ...]:
        way: list[str] = []
        while index >= 0:
            way.append(self.nodes[index].label)
            index = self.nodes[index].parent
        return tuple(reversed(way))

    # ---------------------------------------------------------------- what can still be reached

    def _ends(self) -> Iterator[Fault]:
        """Promises 2 and 3: from everywhere the end can be reached, and everything owed can be closed by its people."""
        settled = {n for n, node in enumerate(self.nodes) if node.settled or not node.owed - RESTS}
        lost = self._cannot_reach(settled, lambda e: not e.way_out)
        if lost is not None:
            yield Fault("Promise 3", "from here no settled answer can be reached", self._way(lost))
        for kind in sorted(self.kinds - self.scene.open_ended):
            closing = {e.source for e in self.edges if kind in e.closed}
            here = {n for n, node in enumerate(self.nodes) if kind in node.owed}
            stuck = self._cannot_reach(closing | (set(range(len(self.nodes))) - here), lambda e: True)
            if stuck is not None:
                yield Fault("Promise 2", f"nobody whose step is named can ever close {kind} here", self._way(stuck))

    def _cannot_reach(self, goal: Iterable[int], use: Callable[[Edge], bool]) -> int | None:
        """Return the nearest state from which none of `goal` can be reached, None where all can."""
        back: list[list[int]] = [[] for _ in self.nodes]
        for edge in self.edges:
            if use(edge):
                back[edge.target].append(edge.source)
        reached = set(goal)
        queue = deque(reached)
        while queue:
            for source in back[queue.popleft()]:
                if source not in reached:
                    reached.add(source)
                    queue.append(source)
        return next((n for n in range(len(self.nodes)) if n not in reached), None)


RESTS = frozenset(
    {"set_next_due", "invite", "surveillance_visit", "ask_treatment_end", "ask_care_end", "review_interval_cancer"}
)
"""What may be owed to her while no round of hers is open."""
MOST_STEPS_HOME = 60


def check(scene: str, protocol: Protocol, *, first: bool = False) -> Found:
    """Search one scene under one protocol."""
    return Search(SCENES[scene], protocol).run(first=first)
