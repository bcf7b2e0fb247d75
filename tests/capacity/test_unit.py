"""A unit, simulated: nobody is dropped, the same women come again, and the extremes are said plainly."""

from functools import cache
from statistics import stdev

import msgspec
import numpy as np
import pytest

from closerlook.capacity import words
from closerlook.capacity.assumptions import Unit, changed, defaults
from closerlook.capacity.estimates import Estimate
from closerlook.capacity.load import RESOURCES, loads
from closerlook.capacity.study import Compared, Simulated, compare, seen_to_grow, simulate
from closerlook.capacity.unit import Plan, Run, run

SHORT = Plan(warm_up=13, weeks=13, drain=13)


def us(*changes: str) -> Unit:
    return changed(defaults("US"), *changes)


@cache
def simulated(*changes: str, country: str = "US", replications: int = 6, seed: int = 1) -> Simulated:
    return simulate(changed(defaults(country), *changes), seed=seed, replications=replications, plan=SHORT)


def with_change(*changes: str, base: tuple[str, ...] = ()) -> Compared:
    return compare(simulated(*base), simulated(*base, *changes))


UNITS = {
    "US": us(),
    "UK": defaults("UK"),
    "tight": us("ultrasound_sessions=2"),
    "missed": us("attends=0.5", "reached_share=0.2", "attempts_per_day=2"),
    "tissue": us("biopsy_share=1", "biopsy_sessions=1"),
    "nobody": us("recall_share=0"),
    "no navigator": us("navigator_hours=0"),
    "no reader": us("reading_sessions=0"),
}


@pytest.mark.parametrize("name", UNITS)
def test_littles_law_holds_in_every_queue_of_every_unit(name: str) -> None:
    one = run(UNITS[name].assumptions, SHORT, seed=3, replication=0)
    for queue, resource in one.resources.items():
        line = resource.line
        arrivals_a_day = line.stays / SHORT.window.days
        assert line.length == pytest.approx(arrivals_a_day * line.waited, rel=1e-9), queue
        assert line.length == pytest.approx((line.first_half + line.second_half) / 2, rel=1e-9), queue


@pytest.mark.parametrize("name", UNITS)
def test_nobody_is_dropped(name: str) -> None:
    one = run(UNITS[name].assumptions, SHORT, seed=3, replication=0)
    examined = run(us("recall_share=0").assumptions, SHORT, seed=3, replication=0)
    if UNITS[name].assumptions.exams_per_day == 40:
        assert len(one.elapsed) == len(examined.elapsed)
    assert len(one.elapsed) == len(one.dates) == len(one.called_back)
    assert (one.elapsed > 0).all()
    assert (np.isinf(one.elapsed) == np.isinf(one.dates)).all()
    assert (one.called_back | ~one.ultrasound).all()


def same(one: Run, other: Run) -> bool:
    return np.array_equal(one.elapsed, other.elapsed) and one.resources == other.resources


def test_equal_arguments_give_equal_answers() -> None:
    a = us().assumptions
    one = run(a, SHORT, seed=1, replication=2)
    assert same(one, run(a, SHORT, seed=1, replication=2))
    assert not same(one, run(a, SHORT, seed=1, replication=3))
    assert not same(one, run(a, SHORT, seed=2, replication=2))


def test_a_change_meets_the_same_women_with_the_same_luck() -> None:
    before = run(us().assumptions, SHORT, seed=1, replication=0)
    for change in ("ultrasound_sessions+1", "navigator_hours+3", "attends=0.7", "reading_minutes=2"):
        after = run(us(change).assumptions, SHORT, seed=1, replication=0)
        assert np.array_equal(before.called_back, after.called_back), change
        assert np.array_equal(before.ultrasound, after.ultrasound), change
    fewer = run(us("recall_share=0.05").assumptions, SHORT, seed=1, replication=0)
    assert (before.called_back | ~fewer.called_back).all()
    assert fewer.called_back.sum() < before.called_back.sum()


def test_the_same_women_make_the_difference_clearer() -> None:
    before, after = simulated(replications=10), simulated("ultrasound_sessions+1", replications=10)
    others = simulated("ultrasound_sessions+1", replications=10, seed=2)
    for group in ("called_back", "ultrasound"):
        was = before.values[group]["mean"]
        together = stdev(b - a for a, b in zip(was, after.values[group]["mean"], strict=True))
        apart = stdev(b - a for a, b in zip(was, others.values[group]["mean"], strict=True))
        assert together < 0.8 * apart


@pytest.mark.parametrize("kind", ["ultrasound", "mammography", "biopsy", "reading"])
def test_one_more_session_never_makes_the_wait_longer(kind: str) -> None:
    for base in ((), ("exams_per_day=35", "attends=0.85")):
        difference = with_change(f"{kind}_sessions+1", base=base).differences["called_back"]["mean"].told
        assert difference is not None
        value, low, _ = difference
        assert low <= 0
        assert value < 0.1


def test_one_more_ultrasound_session_shortens_the_wait_for_it() -> None:
    found = with_change("ultrasound_sessions+1")
    difference = found.differences["ultrasound"]["mean"].told
    assert difference is not None
    assert difference[2] < 0
    assert "One more ultrasound session a week: the median wait" in words.answer(found)


def test_the_load_is_what_is_used() -> None:
    for country in ("US", "UK"):
        one = simulated(country=country)
        asked = loads(one.unit.assumptions)
        for name in RESOURCES:
            used = one.queues[name].used
            assert used is not None
            assert used.value == pytest.approx(asked[name].of_capacity, rel=0.12), (country, name)


def test_an_empty_unit_takes_the_shortest_time_there_is() -> None:
    """One woman now and then, and room everywhere: the days are notice, laboratory and telling alone."""
    quiet = us(
        "exams_per_day=2", "attends=1", "reached_share=1", "biopsy_share=0", "told_same_day=1", "notice_days=0",
        "reading_sessions=30", "mammography_sessions=30", "ultrasound_sessions=30", "navigator_hours=40",
        "letter_days=0",
    )  # fmt: skip
    one = simulate(quiet, replications=5, plan=Plan(2, 26, 4))
    wait = one.groups["called_back"]["p90"].value
    assert wait is not None
    assert wait < 4  # at worst over a weekend
    assert one.groups["everyone"]["within_7"].value == 1


def test_a_queue_that_grows_is_said_and_not_given_as_a_steady_wait() -> None:
    found = with_change("ultrasound_sessions-1")
    assert found.after.growing == ["ultrasound"]
    assert "would grow week by week, and there would be no steady wait" in words.answer(found)
    assert "The queue grows week by week" in words.warnings(found.after)[0]
    mended = with_change("ultrasound_sessions+1", base=("ultrasound_sessions=2",))
    assert "With the change it holds: half of the women called back" in words.answer(mended)
    neither = with_change("biopsy_sessions+1", base=("ultrasound_sessions=2",))
    assert "not in the right place" in words.answer(neither)


def test_growth_is_seen_where_the_load_does_not_show_it() -> None:
    """A second net, for what the sums leave out: the second half of the window is surely longer than the first."""
    assert seen_to_grow(Estimate(1.0, 0.8, 1.2), first_half=10, weeks=13)
    assert not seen_to_grow(Estimate(1.0, -0.1, 2.1), first_half=10, weeks=13)  # chance would do as much
    assert not seen_to_grow(Estimate(0.1, 0.08, 0.12), first_half=10, weeks=13)  # sure, and small
    assert not seen_to_grow(Estimate(), first_half=10, weeks=13)


def test_huge_arrivals_are_simulated_and_said() -> None:
    one = simulate(us("exams_per_day=150"), replications=2, plan=Plan(2, 4, 2))
    assert set(one.growing) == {"readers", "navigators", "mammography", "ultrasound", "biopsy"}
    assert one.groups["everyone"]["unanswered"].value
    assert any("had no answer when the simulation ended" in sentence for sentence in words.warnings(one))


@pytest.mark.parametrize(
    ("change", "resource"),
    [
        ("navigator_hours=0", "Calling"),
        ("ultrasound_sessions=0", "Ultrasound"),
        ("mammography_sessions=0", "Diagnostic mammography"),
        ("biopsy_sessions=0", "Biopsy"),
        ("reading_sessions=0", "Reading"),
    ],
)
def test_where_there_is_nobody_nobody_gets_past(change: str, resource: str) -> None:
    one = simulated(change, replications=2)
    assert f"{resource}: there is none, and" in "\n".join(words.warnings(one))
    assert (one.groups["called_back"]["unanswered"].value or 0) > 0
    if change == "navigator_hours=0":
        assert one.groups["called_back"]["unanswered"].value == 1
        assert one.groups["called_back"]["median"].told is None
        assert words.waits(one).startswith("Half or more of the women called back have no answer")


def test_nobody_called_back_is_no_fault() -> None:
    found = with_change("ultrasound_sessions+1", base=("recall_share=0",))
    assert "there are no women called back" in words.answer(found)
    assert "called_back" not in found.before.curves
    assert found.before.groups["everyone"]["within_60"].value == 1


def test_nobody_examined_is_no_fault() -> None:
    one = simulated("exams_per_day=0", replications=2)
    assert one.women == 0
    assert words.waits(one, "everyone") == "There are no women examined in this simulation."
    assert one.growing == []


def test_curves_rise_and_stay_between_nothing_and_all() -> None:
    for curve in simulated().curves.values():
        for values in (curve.value, curve.low, curve.high):
            assert all(0 <= value <= 1 for value in values)
        assert all(a <= b + 1e-12 for a, b in zip(curve.value, curve.value[1:], strict=False))


def test_a_difference_is_said_with_its_interval() -> None:
    same_unit = compare(simulated(), simulated())
    assert words.answer(same_unit).startswith("Nothing was changed.")
    none = with_change("biopsy_sessions+1")
    assert "no difference that this simulation can tell" in words.answer(none)
    assert words.change(us(), us("attends=0.8")) == "Come to a visit that was booked 80 % instead of 92 %"
    assert words.change(us(), us("ultrasound_sessions-2")) == "Two fewer ultrasound sessions a week"
    assert words.number(-0.04) == "0.0"
    assert words.number(-1.5) == "−1.5"


def test_results_are_plain_data() -> None:
    assert msgspec.json.encode(simulated().groups)
