"""Carry a plan out: portion by portion through `closerlook ingest`, two workers beside it, and the planned harm."""

import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connection

from bench.soak.plan import Plan, Portion
from bench.soak.systems import RUN, System
from closerlook import worker
from closerlook.exchange import inbox
from closerlook.exchange.filing import Decision
from closerlook.exchange.models import Arrival, Message, MessageOutcome
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Document, Kind
from closerlook.record import door
from closerlook.record.models import Event, OpenLoop
from closerlook.simulate.delivering import OPEN_ROUND

DESK = Actor(Kind.STAFF, "desk", ("front_desk",))
CLOCK = [RUN[0], "-m", "bench.soak.clock"]
A_DAY = 86_400
ENDED_WELL = (0, 3)
Times = dict[str, float]


@contextmanager
def timed(times: Times, what: str) -> Iterator[None]:
    begun = time.perf_counter()
    try:
        yield
    finally:
        times[what] = times.get(what, 0.0) + time.perf_counter() - begun


class Run:
    """One plan on one system. `seen` counts what happened beyond the plan, such as workers that ended by themselves."""

    def __init__(self, plan: Plan, system: System, folder: Path, times: Times) -> None:
        self.plan, self.system, self.folder, self.times = plan, system, folder, times
        self.dice = random.Random(f"running:{plan.seed}")
        self.seen: Counter[str] = Counter()

    def disturbed(self) -> None:
        """Take the feed with its faults. Raises AssertionError where a process does not end as it should."""
        try:
            for n, portion in enumerate(self.plan.portions):
                self.seen["workers that ended by themselves"] += self.system.keep_workers(2)
                with timed(self.times, "ingest, with faults"):
                    self._taken(n, portion)
            self.seen["workers that ended by themselves"] += self.system.keep_workers(2)
        finally:
            self.system.stop()

    def plain(self) -> None:
        """Take the same feed without faults, by one process."""
        with timed(self.times, "ingest, without"):
            place = _left(self.folder / "clean", self.plan.clean)
            assert self.system.run("ingest", str(place)) in ENDED_WELL

    def _taken(self, n: int, portion: Portion) -> None:
        place = _left(self.folder / f"{n:03}", portion.files)
        match portion.fault:
            case "two ingest at once":
                both = [self._ingest(place) for _ in range(2)]
                for process in both:
                    self._ended(process, place)
            case "ingest killed" | "ingest killed twice":
                for _ in range(2 if portion.fault.endswith("twice") else 1):
                    process = self._under_way(place)
                    self.seen["ingest was still at work when it was killed"] += process.poll() is None
                    process.kill()
                    process.wait()
                self._ended(self._ingest(place), place)
            case "worker killed":
                process = self._under_way(place)
                self.system.kill_a_worker()
                self._ended(process, place)
            case "database away":
                process = self._under_way(place)
                self.seen["ingest was still at work when the database went"] += process.poll() is None
                self.system.away(0.3 + self.dice.random())
                self._ended(process, place)
            case "outbox unwritable":
                with self.system.outbox_unwritable():
                    self._ended(self._ingest(place), place)
            case _:
                process = self._ingest(place)
                seconds = (3 if portion.fault == "clock forward" else -2) * A_DAY
                self.system.run(str(seconds), program=CLOCK)
                self._ended(process, place)

    def _ingest(self, place: Path) -> subprocess.Popen[bytes]:
        return self.system.start("ingest", str(place))

    def _under_way(self, place: Path) -> subprocess.Popen[bytes]:
        """Return an ingest of which something has arrived already: whatever moment is hit then must be survived."""
        with self.system.here():
            before = Arrival.objects.count()
            process = self._ingest(place)
            while process.poll() is None and Arrival.objects.count() == before:
                time.sleep(0.02)  # between two questions
            connection.close()
        time.sleep(0.8 * self.dice.random() ** 2)
        return process

    def _ended(self, process: subprocess.Popen[bytes], place: Path) -> None:
        """Wait for an ingest; where the database went away under it, it says so with 2 and is run again."""
        code = process.wait(300)
        for _ in range(4):
            if code in ENDED_WELL:
                return
            self.seen[f"ingest ended with {code}, and was run again"] += 1
            assert code == 2, (code, (self.system.folder / "errors").read_text()[-2000:])
            code = self.system.run("ingest", str(place))
        assert code in ENDED_WELL, (self.system.folder / "errors").read_text()[-2000:]


def _left(place: Path, files: dict[str, bytes]) -> Path:
    place.mkdir(parents=True)
    for name, body in files.items():
        (place / name).write_bytes(body)
    return place


# ---------------------------------------------------------------- afterwards


def finish(system: System, now: datetime, times: Times) -> Counter[str]:
    """Do what people and the worker have left, at one moment: resolve what was set aside, write letters, post them."""
    became: Counter[str] = Counter()
    with system.here():
        became["letters and reports written meanwhile"] = Event.objects.filter(type="Sending.1").count()
        with timed(times, "set aside, resolved"):
            _resolve(now, became)
        posted = 1
        while posted:
            with timed(times, "worker's share"):
                _until_nothing(lambda: worker.once(now))
            with timed(times, "posting"):
                posted = _post(now)
        connection.close()
    return became


def _resolve(now: datetime, became: Counter[str]) -> None:
    """Resolve as the front desk would: by the rules once what was missing is there; a cut one is discarded."""
    while True:
        left = list(Message.objects.filter(outcome=MessageOutcome.SET_ASIDE).order_by("received_at", "id"))
        done = 0
        for message in left:
            if message.reason in OPEN_ROUND or message.reason == "control_id_reused":
                reused = message.reason == "control_id_reused"
                decision = Decision(same_control_id=True, by=DESK) if reused else None
                filed = inbox.process(message.id, now=now, decision=decision)
                if filed.outcome == MessageOutcome.TAKEN:
                    became[f"{message.reason}, then taken"] += 1
                    done += 1
        if not done:
            break
    for message in Message.objects.filter(outcome=MessageOutcome.SET_ASIDE).exclude(reason__in=OPEN_ROUND):
        became[f"{message.reason}, discarded"] += 1
        inbox.discard(message.id, reason="sent again whole", actor=DESK, key=f"discard:{message.id}", now=now)


def _until_nothing(do: Callable[[], int]) -> None:
    for _ in range(10_000):
        if not do():
            return
    raise AssertionError("the worker never comes to an end")


def _post(now: datetime) -> int:
    """Post what lies ready; return how much."""
    posted = 0
    for loop in OpenLoop.objects.filter(kind="post_document").order_by("stream", "subject"):
        exam, _, document = loop.subject.partition(":")
        step = st.RecordPosted(exam=exam, document=Document(document), proof="posted, first class")
        key = f"posted:{loop.subject}:{loop.opened_seq}"
        posted += bool(door.take(step, stream=loop.stream, actor=DESK, key=key, now=now).new)
    for loop in OpenLoop.objects.filter(kind="post_invitation").order_by("stream", "subject"):
        invited = st.RecordInvited(episode=loop.subject, proof="posted, first class")
        key = f"invited:{loop.subject}:{loop.opened_seq}"
        posted += bool(door.take(invited, stream=loop.stream, actor=DESK, key=key, now=now).new)
    return posted
