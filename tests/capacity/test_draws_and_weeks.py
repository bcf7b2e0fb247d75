"""Chance in streams that nothing shifts, and a week in which one more session moves no other."""

from math import inf
from statistics import NormalDist

import numpy as np
import pytest

from closerlook.capacity import week
from closerlook.capacity.draws import ROUNDS, Draws, Source, failures_before_success, poisson
from closerlook.capacity.estimates import estimate, paired, t_quantile


def test_more_women_leave_those_before_them_as_they_are() -> None:
    draws = Draws(1, 0, days=50)
    few, many = draws.of_women(Source.REACHED, 10, ROUNDS), draws.of_women(Source.REACHED, 30, ROUNDS)
    assert np.array_equal(few, many[:10])


def test_every_source_seed_and_replication_has_a_stream_of_its_own() -> None:
    drawn = [Draws(seed, n, 20).of_women(source, 20) for seed in (1, 2) for n in (0, 1) for source in Source]
    assert len({one.tobytes() for one in drawn}) == 4 * len(Source)
    flat = np.array([one.ravel() for one in drawn])
    assert np.abs(np.corrcoef(flat) - np.eye(len(flat))).max() < 0.25  # 400 numbers each, 1326 pairs: 5 standard errors


def test_later_rounds_go_on_by_woman() -> None:
    draws = Draws(1, 0, 20)
    assert draws.later(Source.REACHED, 3, 4, 7) == draws.later(Source.REACHED, 3, 4, 7)
    assert len({draws.later(Source.REACHED, w, d, r) for w in range(3) for d in range(3) for r in range(7, 10)}) == 27


def test_counts_are_poisson_and_a_higher_mean_never_gives_fewer() -> None:
    uniform = np.random.default_rng(1).random(40_000)
    counts = poisson(uniform, 40.0)
    assert counts.mean() == pytest.approx(40, abs=3 * (40 / 40_000) ** 0.5)
    assert counts.var() == pytest.approx(40, rel=0.03)
    assert (poisson(uniform, 41.0) >= counts).all()
    assert poisson(uniform, 0).sum() == 0
    assert poisson(np.array([0.0, 1 - 1e-16]), 150.0).max() < 400


def test_failures_are_geometric_and_a_better_chance_never_gives_more() -> None:
    uniform = np.random.default_rng(1).random(20_000)
    half = [failures_before_success(u, 0.5) for u in uniform]
    assert np.mean(half) == pytest.approx(1, abs=0.05)
    assert all(failures_before_success(u, 0.6) <= f for u, f in zip(uniform, half, strict=True))
    assert failures_before_success(0.9, 1) == 0
    assert failures_before_success(0.0, 0) == inf


def test_one_more_session_moves_none() -> None:
    for count in range(25):
        before, after = week.sessions_in(count), week.sessions_in(count + 1)
        assert sum(before) == count
        assert all(b <= a for b, a in zip(before, after, strict=True))
    assert week.sessions_in(10) == (1,) * 10


def test_working_days_pass_over_weekends() -> None:
    friday = 4 + 15 / 24
    assert week.working_days_later(friday, 1) == 7 + 15 / 24
    assert week.working_days_later(friday, 0) == friday
    assert week.working_days_later(friday, 6) == 14 + 15 / 24
    assert week.working_days_later(5.5, 1) == 7 + 9 / 24
    assert week.next_day(friday) == 7 + 9 / 24
    assert week.next_half(friday) == 7 + 9 / 24
    assert week.next_half(0.4) == 13 / 24
    assert week.begins(13) == 7 + 1 + 13 / 24


def test_notice_is_counted_in_working_days() -> None:
    friday_noon = 4.5
    assert week.half_from(friday_noon, 0) == 9  # Friday afternoon
    assert week.half_from(4.9, 0) == 10
    assert week.half_from(friday_noon, 1) == 10  # Monday morning
    assert week.half_from(friday_noon, 5) == 18
    assert all(week.begins(week.half_from(m / 7, 0)) >= m / 7 for m in range(100))


@pytest.mark.parametrize(
    ("freedom", "known"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (7, 2.365), (9, 2.262), (19, 2.093), (60, 2.000)],
)
def test_students_t_is_that_of_the_tables(freedom: int, known: float) -> None:
    assert t_quantile(freedom) == pytest.approx(known, rel=0.005)


def test_the_interval_is_that_of_students_t() -> None:
    found = estimate([1.0, 2.0, 3.0, 4.0])
    assert found.told == pytest.approx((2.5, 2.5 - 3.182 * 1.29099 / 2, 2.5 + 3.182 * 1.29099 / 2), rel=0.006)
    assert estimate([1.0, inf]).told is None
    assert estimate([]).told is None
    assert estimate([3.0]).told == (3, 3, 3)
    assert paired([1, 2], [2, 3]).told == (1, 1, 1)
    assert paired([1, 2], [2, inf]).told is None
    assert paired([1, 2], []).told is None
    assert t_quantile(10_000) == pytest.approx(NormalDist().inv_cdf(0.975), abs=0.001)
