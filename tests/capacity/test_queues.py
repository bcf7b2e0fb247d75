"""The queue machinery agrees with what is known exactly, and with itself."""

from statistics import fmean

import pytest

from closerlook.capacity.queues import Book, Line, Window, earliest
from tests.capacity import closed_forms as known
from tests.capacity.closed_forms import REPLICATIONS, away

WOMEN = 10_000
MMC = [(1, 0.5), (1, 0.8), (2, 0.7), (3, 0.85), (5, 0.6), (8, 0.8)]


@pytest.mark.parametrize(("servers", "load"), MMC)
def test_a_desk_waits_as_erlang_says(servers: int, load: float) -> None:
    runs = [known.desk(servers, load, known.exponential, women=WOMEN, seed=n)[0] for n in range(REPLICATIONS)]
    assert away([fmean(waits) for waits in runs], known.mean_wait_mmc(servers, load)) < 3
    had_to = [fmean(wait > 0 for wait in waits) for waits in runs]
    assert away(had_to, known.chance_of_waiting(servers, load)) < 3


@pytest.mark.parametrize(
    ("service", "squared_variation"),
    [(known.deterministic, 0.0), (known.hyperexponential, 3.0), (known.exponential, 1.0)],
)
def test_a_desk_of_one_waits_as_pollaczek_and_khinchine_say(service: known.Service, squared_variation: float) -> None:
    runs = [known.desk(1, 0.7, service, women=WOMEN, seed=100 + n)[0] for n in range(REPLICATIONS)]
    assert away([fmean(waits) for waits in runs], known.mean_wait_mg1(0.7, squared_variation)) < 3


@pytest.mark.parametrize("load", [0.5, 0.9])
def test_a_book_of_slots_waits_as_a_slotted_queue_does(load: float) -> None:
    runs = [known.book(load, women=WOMEN, seed=200 + n)[0] for n in range(REPLICATIONS)]
    assert away([fmean(waits) for waits in runs], known.mean_wait_slotted(load)) < 3


def test_the_closed_forms_agree_where_they_meet() -> None:
    assert known.mean_wait_mmc(1, 0.7) == pytest.approx(known.mean_wait_mg1(0.7, 1.0))
    assert known.chance_of_waiting(1, 0.7) == pytest.approx(0.7)
    assert known.chance_of_waiting(2, 0.5) == pytest.approx(1 / 3)  # a known value


def test_length_is_arrivals_times_wait() -> None:
    for counted in (
        known.desk(2, 0.9, known.exponential, women=3_000, seed=1)[1],
        known.book(0.95, women=3_000, seed=1)[1],
    ):
        days = counted.stays * counted.waited / counted.length
        assert counted.length == pytest.approx(counted.stays / days * counted.waited, rel=1e-9)
        assert counted.length > 1


def test_a_line_counts_those_at_both_ends_and_halves() -> None:
    line = Line(Window(10, 20))
    before, across = line.enter(0), line.enter(5)
    line.leave(before, 8)
    line.leave(line.enter(12), 14)
    line.enter(18)
    assert line.leave(across, 25) == 20
    counted = line.close(30)
    assert (counted.stays, counted.at_begin, counted.at_end) == (3, 1, 2)
    assert counted.length == pytest.approx((10 + 2 + 2) / 10)
    assert [counted.first_half, counted.second_half] == pytest.approx([(5 + 2) / 5, (5 + 2) / 5])


def test_a_line_that_lies_is_found() -> None:
    line = Line(Window(0, 10))
    line.enter(1)
    line._length = 2
    with pytest.raises(AssertionError, match="Little's law"):
        line.close(10)


def test_a_visit_is_the_first_half_day_with_room_in_every_book() -> None:
    window = Window(0, 10)
    one, other = Book([1, 1, 0], window, float), Book([0, 2, 1], window, float)
    assert [earliest([one, other], half) for half in (0, 1, 2)] == [1, 1, 4]
    one.take(1)
    assert earliest([one, other], 0) == 4
    assert earliest([one, Book([0, 0, 1], window, float)], 0) is None
