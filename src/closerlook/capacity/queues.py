"""Queues, event by event: a desk where people work through a line, and a book of visit slots.

The same two stand in the model of a unit (`unit`) and in the tests that hold them to closed forms. Each keeps a `Line`,
which checks Little's law on itself: the integral of its length is the sum of what each woman waited in it.
"""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from itertools import count
from math import inf, isclose

import simpy
from msgspec import Struct

Steps = Generator[simpy.Event, None, None]


class Window(Struct, frozen=True):
    """The stretch of time that is counted: after the warm-up, before the end. In days."""

    begin: float
    end: float

    @property
    def middle(self) -> float:
        return (self.begin + self.end) / 2

    @property
    def days(self) -> float:
        return self.end - self.begin

    def overlap(self, since: float, until: float) -> float:
        """Return how much of a stretch of time lies within."""
        since = since if since > self.begin else self.begin  # not max and min: this is the hot path
        until = until if until < self.end else self.end
        return until - since if until > since else 0.0


class Counted(Struct, frozen=True):
    """What a line was in its window. `length`: time-averaged; `waited`: mean days of each stay within the window.

    `stays` counts everyone in the line in the window, those at both ends too; their time outside it is left out.
    """

    length: float
    first_half: float
    second_half: float
    stays: int
    waited: float
    at_begin: int
    at_end: int


class Line:
    """Who waits somewhere, since when. Counted twice, by length and by woman, and both have to agree."""

    def __init__(self, window: Window) -> None:
        self._window, self._begin, self._end = window, window.begin, window.end
        self._halves = (Window(window.begin, window.middle), Window(window.middle, window.end))
        self._length = 0
        self._changed = 0.0
        self._areas = [0.0, 0.0]
        self._since: dict[int, float] = {}
        self._ticket = count()
        self._waited: list[float] = []
        self._at_begin = self._at_end = 0

    def __len__(self) -> int:
        return self._length

    def enter(self, now: float) -> int:
        """Put someone in; return the ticket with which she leaves."""
        self._count(now)
        self._length += 1
        ticket = next(self._ticket)
        self._since[ticket] = now
        return ticket

    def leave(self, ticket: int, now: float) -> float:
        """Take her out; return how long she was in."""
        self._count(now)
        self._length -= 1
        since = self._since.pop(ticket)
        self._stayed(since, now)
        return now - since

    def _stayed(self, since: float, until: float) -> None:
        if until > self._begin and since < self._end:
            self._waited.append(self._window.overlap(since, until))
            self._at_begin += since <= self._begin
            self._at_end += until >= self._end

    def _count(self, now: float) -> None:
        since, self._changed = self._changed, now
        if self._length and since < now and now > self._begin and since < self._end:
            first, second = self._halves
            if since < first.end:
                self._areas[0] += self._length * first.overlap(since, now)
            if now > first.end:
                self._areas[1] += self._length * second.overlap(since, now)

    def close(self, now: float) -> Counted:
        """Return what it was, once the window has passed. Raises AssertionError where Little's law fails."""
        if now < self._window.end:
            raise AssertionError("the window has not passed")
        self._count(now)
        for since in self._since.values():
            self._stayed(since, now)
        days, area, waited = self._window.days, sum(self._areas), sum(self._waited)
        stays = len(self._waited)
        if not isclose(area, waited, rel_tol=1e-9, abs_tol=1e-9):  # L = lambda W, all three over the window
            raise AssertionError(f"Little's law fails: {area} woman-days by length, {waited} by woman")
        mean = waited / stays if stays else 0.0
        half = days / 2
        return Counted(
            area / days, self._areas[0] / half, self._areas[1] / half, stays, mean, self._at_begin, self._at_end
        )


class Desk:
    """People with limited hours who work through a line, first come first served. Each session is one of them."""

    def __init__(self, env: simpy.Environment, window: Window) -> None:
        self.line = Line(window)
        self.waits: list[float] | None = None
        self._env, self._window = env, window
        self._queue: deque[tuple[int, float, Callable[[], object]]] = deque()
        self._idle: deque[tuple[float, simpy.Event]] = deque()
        self.busy = self.offered = 0.0

    def join(self, work: float, done: Callable[[], object]) -> None:
        """Put a piece of work of so many days at the end of the line; `done` is called when it is finished."""
        self._queue.append((self.line.enter(self._env.now), work, done))
        while self._idle:
            until, wake = self._idle.popleft()
            if until > self._env.now:
                wake.succeed()
                return

    def session(self, until: float = inf) -> Steps:
        """Work from now on. Nothing new is begun after `until`; what was begun is finished."""
        env, queue, window = self._env, self._queue, self._window
        self.offered += window.overlap(env.now, until)
        while env.now < until:
            if not queue:
                wake = env.event()
                self._idle.append((until, wake))
                yield wake
                continue
            ticket, work, done = queue.popleft()
            waited = self.line.leave(ticket, env.now)
            if self.waits is not None:
                self.waits.append(waited)
            self.busy += window.overlap(env.now, min(env.now + work, until))
            yield env.timeout(work)
            done()


class Book:
    """Visit slots in sessions. `places`: how many in each half-day of a week that repeats. Given out, they are gone."""

    def __init__(self, places: Sequence[int], window: Window, begins: Callable[[int], float]) -> None:
        self.line = Line(window)
        self.places, self.begins = tuple(places), begins
        self._taken: dict[int, int] = {}
        self._first = 0
        self._window = window

    def free(self, half: int) -> bool:
        return self._taken.get(half, 0) < self.places[half % len(self.places)]

    def first(self, half: int) -> int:
        """Return the first half-day from `half` on with a place. Asked for in the order of `half`, as time passes."""
        self._first = max(self._first, half)
        while not self.free(self._first):
            self._first += 1
        return self._first

    def take(self, half: int) -> int:
        """Give out a place; return how many were given before it."""
        before = self._taken.get(half, 0)
        self._taken[half] = before + 1
        return before

    def used(self) -> tuple[int, int]:
        """Return the places given out for sessions in the window, and all there were."""
        offered = taken = half = 0
        while self.begins(half) < self._window.end:
            if self.begins(half) >= self._window.begin:
                offered += self.places[half % len(self.places)]
                taken += self._taken.get(half, 0)
            half += 1
        return taken, offered


def earliest(books: Sequence[Book], half: int) -> int | None:
    """Return the first half-day from `half` on with a place in every book; None where there never is one."""
    if not any(all(places) for places in zip(*(book.places for book in books), strict=True)):
        return None
    half = max(book.first(half) for book in books)
    while not all(book.free(half) for book in books):
        half += 1
    return half
