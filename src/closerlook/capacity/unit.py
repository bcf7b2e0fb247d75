"""One unit over some months, woman by woman: examined, read, called back, reached, seen, answered.

A pure function of assumptions, plan and seed. `run` gives one replication; `study` repeats and compares.
"""

from collections.abc import Callable, Generator, Sequence
from itertools import count

import numpy as np
import simpy
from msgspec import Struct
from numpy.typing import NDArray

from closerlook.capacity.assumptions import Assumptions
from closerlook.capacity.draws import ROUNDS, Draws, Source, failures_before_success, poisson
from closerlook.capacity.queues import Book, Counted, Desk, Line, Window, earliest
from closerlook.capacity.week import (
    BEGINS,
    HALVES,
    SESSION,
    begins,
    half_from,
    next_day,
    next_half,
    sessions_in,
    working_days_later,
)  # fmt: skip

Path = Generator[simpy.Event, None, None]
MINUTE = 1 / (24 * 60)
HOURS_OF_A_PERSON = 8.0
EXAMINED_FOR = 8 / 24
"""Screening goes on for eight hours from the morning's beginning. Days."""
VISIT = 1.5 / 24
"""From the beginning of a visit to its end, when she may hear the answer. Days; an assumption."""


class Plan(Struct, frozen=True):
    """How long is simulated, in weeks. Women examined in the window of `weeks` are followed `drain` weeks more at most.

    The warm-up is long because a tight queue takes months to find its level from empty; see docs/reference/capacity.md.
    """

    warm_up: int = 26
    weeks: int = 26
    drain: int = 26

    @property
    def window(self) -> Window:
        return Window(7.0 * self.warm_up, 7.0 * (self.warm_up + self.weeks))

    @property
    def end(self) -> float:
        return 7.0 * (self.warm_up + self.weeks + self.drain)


class Resource(Struct, frozen=True):
    """One queue in the window. `used`: part of the offered time or places that was taken, None for none."""

    line: Counted
    used: float | None


class Run(Struct, frozen=True):
    """One replication: of every woman examined in the window, days to her answer, and every queue.

    `elapsed`: (women,) days from examination to answer, inf where she had none when the simulation ended.
    `dates`: (women,) the same in dates of the calendar. `called_back`: (women,) whether she was. `ultrasound`: (women,)
    whether she was, and needs ultrasound. `women_days`: days simulated, of all women together.
    """

    elapsed: NDArray[np.float64]
    dates: NDArray[np.float64]
    called_back: NDArray[np.bool_]
    ultrasound: NDArray[np.bool_]
    resources: dict[str, Resource]
    women_days: float


def run(assumptions: Assumptions, plan: Plan, *, seed: int, replication: int) -> Run:
    """Return one replication. Asserts Little's law in every queue."""
    return _Simulation(assumptions, plan, seed, replication).run()


class _Simulation:
    def __init__(self, assumptions: Assumptions, plan: Plan, seed: int, replication: int) -> None:
        self.a, self.plan = assumptions, plan
        self.env = simpy.Environment()
        window = plan.window
        self.readers, self.navigators = Desk(self.env, window), Desk(self.env, window)
        self.mammography = self._book(assumptions.mammography_sessions, assumptions.mammography_slots)
        self.ultrasound = self._book(assumptions.ultrasound_sessions, assumptions.ultrasound_slots)
        self.biopsy = self._book(assumptions.biopsy_sessions, assumptions.biopsy_slots)
        self.laboratory, self.on_the_way = Line(window), Line(window)
        self._draw(Draws(seed, replication, (plan.warm_up + plan.weeks + plan.drain) * 5))
        self.answered = np.full(len(self.examined), np.inf)
        self.all_answered = self.env.event()

    def _book(self, sessions: float, slots: float) -> Book:
        return Book([n * int(slots) for n in sessions_in(int(sessions))], self.plan.window, begins)

    def _draw(self, draws: Draws) -> None:
        """Draw every woman and her luck. Women are kept in the order of their examinations."""
        a, self.draws = self.a, draws
        counts = poisson(draws.of_days(Source.ARRIVALS), a.exams_per_day)
        most = int(counts.max(initial=0))
        self.nth, self.day = np.nonzero(np.arange(most)[:, None] < counts[None, :])
        moments = draws.of_women(Source.MOMENT, most)[self.nth, self.day, 0] * EXAMINED_FOR
        examined = (self.day // 5 * 7 + self.day % 5) + BEGINS[0] + moments
        order = np.argsort(examined, kind="stable")
        self.nth, self.day, self.examined = self.nth[order], self.day[order], examined[order]

        def luck(source: Source) -> NDArray[np.float64]:
            found: NDArray[np.float64] = draws.of_women(source, most)[self.nth, self.day, 0]
            return found

        self.called_back = luck(Source.CALLED_BACK) < a.recall_share
        self.needs_ultrasound = self.called_back & (luck(Source.ULTRASOUND) < a.ultrasound_share)
        self.third = luck(Source.THIRD_READING) < a.third_reading_share
        self.reading = (luck(Source.READING) + 0.5) * a.reading_minutes * MINUTE
        self.luck = {source: luck(source) for source in Source if source >= Source.BIOPSY}
        self.reached = draws.of_women(Source.REACHED, most, ROUNDS)[self.nth, self.day]

    # ------------------------------------------------------------ running

    def run(self) -> Run:
        env, window = self.env, self.plan.window
        inside = (self.examined >= window.begin) & (self.examined < window.end)
        self.first, self.last = (int(n) for n in np.searchsorted(self.examined, [window.begin, window.end]))
        self.owed = int(inside.sum())
        env.process(self._examinations())
        env.process(self._reading_sessions())
        env.process(self._navigator_hours())
        env.run(until=window.end)
        if self.owed:
            env.run(until=env.any_of([self.all_answered, env.timeout(self.plan.end - env.now)]))
        elapsed = self.answered[inside] - self.examined[inside]
        dates = np.floor(self.answered[inside]) - np.floor(self.examined[inside])
        days = float(np.minimum(self.answered, env.now).sum() - np.minimum(self.examined, env.now).sum())
        return Run(elapsed, dates, self.called_back[inside], self.needs_ultrasound[inside], self._resources(), days)

    def _resources(self) -> dict[str, Resource]:
        now = self.env.now
        found = {
            name: Resource(desk.line.close(now), desk.busy / desk.offered if desk.offered else None)
            for name, desk in (("readers", self.readers), ("navigators", self.navigators))
        }
        for name, book in (
            ("mammography", self.mammography), ("ultrasound", self.ultrasound), ("biopsy", self.biopsy),
        ):  # fmt: skip
            used, offered = book.used()
            found[name] = Resource(book.line.close(now), used / offered if offered else None)
        found["laboratory"] = Resource(self.laboratory.close(now), None)
        found["on_the_way"] = Resource(self.on_the_way.close(now), None)
        return found

    def _examinations(self) -> Path:
        env, read = self.env, self._read
        for woman, moment in enumerate(self.examined.tolist()):
            yield env.timeout(moment - env.now)
            read(woman, 1)

    def _reading_sessions(self) -> Path:
        at_once = sessions_in(int(self.a.reading_sessions))
        for half in count():
            if at_once[half % HALVES]:
                yield self.env.timeout(begins(half) - self.env.now)
                for _ in range(at_once[half % HALVES]):
                    self.env.process(self.readers.session(self.env.now + SESSION))
            elif not any(at_once):
                return

    def _navigator_hours(self) -> Path:
        """Let the hours of each day stand half in the morning and half in the afternoon, eight hours to a person."""
        hours = self.a.navigator_hours
        people = -int(-hours // HOURS_OF_A_PERSON)
        for half in count():
            if not people:
                return
            yield self.env.timeout(begins(half) - self.env.now)
            for _ in range(people):
                self.env.process(self.navigators.session(self.env.now + hours / people / 48))

    # ------------------------------------------------------------ one woman

    def _read(self, woman: int, reading: int) -> None:
        """Put her pictures in line for a reading; what comes next follows when it is done."""
        self.readers.join(float(self.reading[woman]), lambda: self._was_read(woman, reading))

    def _was_read(self, woman: int, reading: int) -> None:
        needed = int(self.a.readings_per_exam) + bool(self.third[woman])
        if reading < needed:
            self._read(woman, reading + 1)
        elif self.called_back[woman]:
            self.env.process(self._call_back(woman))
        else:
            self._answer(woman, working_days_later(self.env.now, self.a.letter_days))

    def _call_back(self, woman: int) -> Path:
        a, env, on_the_way = self.a, self.env, self.on_the_way
        ticket = on_the_way.enter(env.now)
        rounds = count()
        books = [self.mammography]
        if self.needs_ultrasound[woman]:
            books.append(self.ultrasound)
        yield from self._reach(woman, next(rounds))
        yield from self._visit(woman, books, a.notice_days, Source.MISSES_VISIT, rounds)
        tissue = self.luck[Source.BIOPSY][woman] < a.biopsy_share
        if tissue:
            if self.luck[Source.SAME_VISIT][woman] >= a.biopsy_same_visit:
                yield from self._visit(woman, [self.biopsy], a.biopsy_notice_days, Source.MISSES_BIOPSY, rounds)
            yield from self._laboratory(woman)
        if tissue or self.luck[Source.TOLD_SAME_DAY][woman] >= a.told_same_day:
            yield env.timeout(working_days_later(env.now, a.telling_days) - env.now)
        on_the_way.leave(ticket, env.now)
        self._answer(woman, env.now)

    def _reach(self, woman: int, round_: int) -> Path:
        """Ring her until she is reached; after an attempt in vain, again in the next half-day or on the next day."""
        a, env = self.a, self.env
        again: Callable[[float], float] = next_half if a.attempts_per_day == 2 else next_day
        left = failures_before_success(self._luck_of_round(woman, round_), a.reached_share)
        while True:
            done = env.event()
            self.navigators.join(a.call_minutes * MINUTE, done.succeed)
            yield done
            if left <= 0:
                return
            left -= 1
            yield env.timeout(again(env.now) - env.now)

    def _luck_of_round(self, woman: int, round_: int) -> float:
        if round_ < ROUNDS:
            return float(self.reached[woman, round_])
        return self.draws.later(Source.REACHED, int(self.nth[woman]), int(self.day[woman]), round_)

    def _visit(self, woman: int, books: Sequence[Book], notice: float, source: Source, rounds: "count[int]") -> Path:
        """Book the earliest visit that has a place in every book, until she comes to one. A missed place is lost."""
        env = self.env
        misses = failures_before_success(float(self.luck[source][woman]), self.a.attends)
        while True:
            half = earliest(books, half_from(env.now, notice))
            tickets = [book.line.enter(env.now) for book in books]
            if half is None:
                yield env.event()  # there is no such session in this unit: she waits
                return
            places = [book.take(half) for book in books]
            part = places[-1] / books[-1].places[half % HALVES]
            yield env.timeout(begins(half) + part * SESSION - env.now)
            for book, ticket in zip(books, tickets, strict=True):
                book.line.leave(ticket, env.now)
            if misses <= 0:
                yield env.timeout(VISIT)
                return
            misses -= 1
            yield env.timeout(next_half(env.now) - env.now)
            yield from self._reach(woman, next(rounds))

    def _laboratory(self, woman: int) -> Path:
        days = round(self.a.laboratory_days * (0.5 + float(self.luck[Source.LABORATORY][woman])))
        ticket = self.laboratory.enter(self.env.now)
        yield self.env.timeout(working_days_later(self.env.now, days) - self.env.now)
        self.laboratory.leave(ticket, self.env.now)

    def _answer(self, woman: int, moment: float) -> None:
        self.answered[woman] = moment
        if self.first <= woman < self.last:
            self.owed -= 1
            if not self.owed:
                self.all_answered.succeed()
