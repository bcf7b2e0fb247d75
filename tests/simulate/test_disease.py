"""What grows: as often as the tables say, visible before it is felt, and gone where an earlier screen found it."""

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from closerlook.evidence.risk import GROUPS
from closerlook.pathway.terms import FindingKind, Laterality
from closerlook.simulate.disease import (
    YEAR,
    Tumour,
    age_at,
    average_sensitivity,
    between,
    calling,
    declared,
    detectable,
    mortality,
    summed,
    up_to,
)
from closerlook.simulate.parameters import load
from closerlook.simulate.population import woman

ON = date(2025, 1, 1)
HER = woman(1, 0, load("us"), ON)
TUMOUR = Tumour(Laterality.LEFT, FindingKind.MASS, date(2025, 1, 1), date(2028, 1, 1), False)


@given(group=st.sampled_from(GROUPS), age=st.floats(20.5, 99.5))
def test_the_age_at_a_summed_incidence_is_the_age_it_was_summed_to(group: str, age: float) -> None:
    table = summed(group, "us")
    found = age_at(table, up_to(table, age))
    assert found is not None
    assert found == pytest.approx(age, abs=1e-6)


def test_beyond_the_oldest_age_nothing_surfaces() -> None:
    table = summed("white", "us")
    assert age_at(table, table[-1]) is None


def test_as_many_cancers_surface_as_the_incidence_says() -> None:
    """Women never screened, ten years, against the sum over women of their own ages and groups."""
    parameters = load("us")
    parameters = replace(parameters, people=replace(parameters.people, screened_before_most=0.0))
    found, expected = 0, 0.0
    for number in range(30_000):
        her = woman(7, number, parameters, ON)
        table = summed(her.ethnicity, "us")
        age = her.age_at(ON)
        expected += up_to(table, min(age + 10, 99)) - up_to(table, age)
        found += sum(t.felt_on <= ON + timedelta(days=int(10 * YEAR)) for t in her.tumours)
    assert found == pytest.approx(expected, abs=4 * math.sqrt(expected))


def test_a_tumour_is_detectable_from_its_first_day_until_it_is_felt() -> None:
    her = replace(HER, tumours=(TUMOUR,))
    day = timedelta(days=1)
    assert detectable(her, TUMOUR.seen_from) == (TUMOUR,)
    assert detectable(her, TUMOUR.felt_on - day) == (TUMOUR,)
    assert detectable(her, TUMOUR.seen_from - day) == ()
    assert detectable(her, TUMOUR.felt_on) == ()


def test_a_cancer_surfaces_once_between_two_screens() -> None:
    her = replace(HER, tumours=(TUMOUR,))
    day = timedelta(days=1)
    assert declared(her, TUMOUR.felt_on - day, TUMOUR.felt_on) is TUMOUR
    assert declared(her, TUMOUR.felt_on, TUMOUR.felt_on + day) is None
    sooner = replace(TUMOUR, felt_on=TUMOUR.felt_on - 30 * day)
    assert declared(replace(her, tumours=(TUMOUR, sooner)), ON, date(2030, 1, 1)) is sooner


def test_a_tumour_is_called_more_readily_as_it_grows_and_less_in_dense_tissue() -> None:
    parameters = load("us")
    days = [TUMOUR.seen_from + timedelta(days=step) for step in (0, 300, 600, 900)]
    odds = [calling(TUMOUR, day, 1, parameters) for day in days]
    assert odds == sorted(odds)
    by_density = [calling(TUMOUR, ON, density, parameters) for density in range(4)]
    assert by_density == sorted(by_density, reverse=True)


def test_the_average_over_spots_and_readers_is_near_the_plain_one() -> None:
    """`average_sensitivity` uses a closed form; here the same by adding up normal scores."""
    parameters, day = load("us"), TUMOUR.seen_from + timedelta(days=500)
    reading = parameters.reading
    spread = math.hypot(reading.conspicuity, reading.readers_sensitivity_spread)
    middle = calling(TUMOUR, day, 1, parameters) - reading.density_hides[1]
    scores = [-5 + step / 100 for step in range(1001)]
    weights = [math.exp(-z * z / 2) for z in scores]
    plain = sum(w / (1 + math.exp(-middle - spread * z)) for w, z in zip(weights, scores, strict=True)) / sum(weights)
    assert average_sensitivity(TUMOUR, day, parameters) == pytest.approx(plain, abs=0.01)


def test_two_readers_and_a_third_miss_what_the_power_of_one_says() -> None:
    """Two agree, or the third decides: the chance of two among three, added up over how conspicuous a spot is."""
    parameters, day = load("uk"), TUMOUR.seen_from + timedelta(days=500)
    reading = parameters.reading
    middle = calling(TUMOUR, day, 1, parameters) - reading.density_hides[1]
    scores = [-5 + step / 25 for step in range(251)]
    weights = [math.exp(-z * z / 2) for z in scores]

    def over(spread: float, at: float, power: bool) -> float:
        found = 0.0
        for weight, z in zip(weights, scores, strict=True):
            one = (
                1 / (1 + math.exp(-at - spread * z))
                if not power
                else over(reading.readers_sensitivity_spread, at + spread * z, False)
            )
            found += weight * (one * one * (3 - 2 * one) if power else one)
        return found / sum(weights)

    plain = over(reading.conspicuity, middle, True)
    assert average_sensitivity(TUMOUR, day, parameters) == pytest.approx(plain, abs=0.01)


def test_women_screened_before_carry_fewer_tumours_that_a_screen_could_show() -> None:
    parameters = load("us")
    never = replace(parameters, people=replace(parameters.people, screened_before_most=0.0))
    before, without = (
        sum(bool(detectable(woman(2, number, p, ON), ON)) for number in range(20_000)) for p in (parameters, never)
    )
    assert before < without


def test_straight_lines_between_knots() -> None:
    knots, values = (40.0, 50.0, 60.0), (1.0, 3.0, 2.0)
    assert [between(knots, values, at) for at in (30, 40, 45, 50, 55, 60, 90)] == [1, 1, 2, 3, 2.5, 2, 2]


def test_older_women_die_more_often() -> None:
    parameters = load("us")
    old, young = replace(HER, birth_date=date(1945, 1, 1)), replace(HER, birth_date=date(1980, 1, 1))
    assert 0 < mortality(young, ON, parameters) < mortality(old, ON, parameters) < 0.1
