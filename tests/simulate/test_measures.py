"""What is measured: against closed forms, and against the same counted in the plainest way."""

import math
from datetime import date, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closerlook.pathway.terms import Density, FindingKind, Tissue
from closerlook.simulate.cumulative import cumulative
from closerlook.simulate.measures import (
    SHARES,
    adds_up,
    difference,
    estimate,
    measures,
    middle_of,
    ratio,
    wilson,
)
from closerlook.simulate.outcomes import Outcome, alone
from closerlook.simulate.sources import COUNTRIES

ON = date(2024, 5, 6)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    """Draw a round that could be: a cancer found only in a woman called back, tissue only where it was advised."""
    recalled = draw(st.booleans())
    worked_up = recalled and draw(st.booleans())
    advised = worked_up and draw(st.booleans())
    biopsied = advised and draw(st.booleans())
    cancer = recalled and draw(st.booleans())
    days = draw(st.integers(1, 60))
    return Outcome(
        woman=draw(st.integers(0, 9)),
        on=ON,
        age=draw(st.integers(40, 79)),
        first=draw(st.booleans()),
        density=draw(st.sampled_from([None, *Density])),
        reader="Reader 1",
        recalled=recalled,
        technical=draw(st.booleans()),
        kinds=(draw(st.sampled_from(list(FindingKind))),) if recalled else (),
        worked_up=worked_up,
        short_interval=worked_up and not advised and draw(st.booleans()),
        biopsy_advised=advised,
        biopsied=biopsied,
        tissue=Tissue.MALIGNANT if cancer and biopsied else Tissue.BENIGN if biopsied else None,
        cancer=cancer,
        in_situ=cancer and draw(st.booleans()),
        interval_cancer=not cancer and draw(st.booleans()),
        next_on=draw(st.sampled_from([None, ON + timedelta(days=400), ON + timedelta(days=1200)])),
        days_to_work_up=days if worked_up else None,
        days_to_biopsy=days + 5 if biopsied else None,
    )


def _plain(rounds: list[Outcome]) -> dict[str, tuple[int, int]]:
    """Return numerator and n of the main measures, counted list by list."""
    recalled = [o for o in rounds if o.recalled]
    cancers = [o for o in rounds if o.cancer]
    calm = [o for o in rounds if not o.recalled and not o.interval_cancer]
    soon = [o for o in calm if o.next_on and (o.next_on - o.on).days <= 913]
    fifties = [o for o in rounds if 50 <= o.age <= 59]
    return {
        "recall": (len(recalled), len(rounds)),
        "recall_first": (sum(o.first for o in recalled), sum(o.first for o in rounds)),
        "recall_50_59": (sum(o.recalled for o in fifties), len(fifties)),
        "detection": (len(cancers), len(rounds)),
        "ppv1": (sum(o.cancer for o in recalled), len(recalled)),
        "ppv2": (sum(o.cancer and o.biopsy_advised for o in rounds), sum(o.biopsy_advised for o in rounds)),
        "ppv3": (sum(o.cancer and o.biopsied for o in rounds), sum(o.biopsied for o in rounds)),
        "sensitivity": (len(cancers), sum(o.cancer or o.interval_cancer for o in rounds)),
        "biopsy_share": (sum(o.biopsied for o in recalled), len(recalled)),
        "short_interval_share": (sum(o.short_interval for o in recalled), len(recalled)),
        "fp_biopsy_share": (
            sum(o.biopsy_advised for o in recalled if not o.cancer),
            sum(not o.cancer for o in recalled),
        ),
        "return_after_negative": (len(soon), len(calm)),
        "ppv1_mass": (
            sum(o.cancer for o in recalled if FindingKind.MASS in o.kinds),
            sum(FindingKind.MASS in o.kinds for o in recalled),
        ),
    }


@given(st.lists(outcomes(), max_size=40))
def test_the_measures_are_what_plain_counting_gives(rounds: list[Outcome]) -> None:
    found = measures(rounds)
    for name, (count, n) in _plain(rounds).items():
        assert (found[name].numerator, found[name].n) == (count, n), name
        assert math.isnan(found[name].value) if n == 0 else found[name].low <= found[name].value <= found[name].high


@given(st.lists(outcomes(), max_size=40))
def test_recall_times_ppv1_is_detection_in_counts(rounds: list[Outcome]) -> None:
    found = measures(rounds)
    assert adds_up(found)
    if found["recall"].numerator:
        product = found["recall"].value * found["ppv1"].value * 1000
        assert product == pytest.approx(found["detection"].value)


@given(st.lists(outcomes(), min_size=1, max_size=40))
def test_days_are_medians(rounds: list[Outcome]) -> None:
    days = [o.days_to_work_up for o in rounds if o.days_to_work_up is not None]
    found = measures(rounds)["days_to_work_up"]
    assert found.n == len(days)
    assert math.isnan(found.value) if not days else found.value == median(days)


def test_the_interval_is_wilsons() -> None:
    """Published example: 81 of 263 gives 0.2553 to 0.3662 (Newcombe, Stat Med 1998;17:857, method 3)."""
    low, high = wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 20)[0] == 0.0
    assert wilson(20, 20)[1] == 1.0


def test_the_difference_of_two_shares_is_newcombes() -> None:
    """Published example: 56/70 less 48/80 gives 0.0524 to 0.3339 (Newcombe, Stat Med 1998;17:873, method 10)."""
    found = difference(estimate(56, 70), estimate(48, 80))
    assert found.value == pytest.approx(0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


def test_a_ratio_has_its_interval_from_the_logarithm() -> None:
    found = ratio(estimate(30, 100), estimate(20, 100))
    error = math.sqrt(1 / 30 - 1 / 100 + 1 / 20 - 1 / 100)
    assert found.value == pytest.approx(1.5)
    assert found.high == pytest.approx(1.5 * math.exp(1.959964 * error))
    assert ratio(estimate(0, 10), estimate(2, 10)).high == math.inf


def test_a_rate_is_per_thousand() -> None:
    found = estimate(5, 1000, "per_1000")
    assert found.value == 5.0
    assert found.low < 5.0 < found.high < 20


def test_nothing_counted_is_no_figure() -> None:
    assert math.isnan(middle_of([]).value)
    assert all(one.n == 0 for one in measures([]).values())


def test_every_share_has_a_name_of_its_own() -> None:
    assert len({share.name for share in SHARES}) == len(SHARES)


# ---------------------------------------------------------------- rounds of the model alone


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_model_alone_is_repeatable_and_its_rounds_could_be(country: str) -> None:
    rounds = list(alone(4, 1500, country, 3))
    assert rounds == list(alone(4, 1500, country, 3))
    assert list(alone(4, 700, country, 3)) == [o for o in rounds if o.woman < 700]
    assert adds_up(measures(rounds))
    for o in rounds:
        assert o.recalled or not (o.cancer or o.worked_up or o.biopsied or o.kinds)
        assert o.worked_up or not (o.biopsy_advised or o.short_interval)
        assert o.biopsy_advised or not o.biopsied
        assert not (o.cancer and (o.interval_cancer or o.next_on))
        assert (o.tissue is not None) == o.biopsied == (o.days_to_biopsy is not None)
        assert o.next_on is None or o.next_on > o.on


def test_her_second_round_is_not_her_first() -> None:
    seen: set[int] = set()
    for o in alone(4, 2000, "us", 4):
        assert not (o.first and o.woman in seen)
        seen.add(o.woman)


def test_more_women_have_had_a_false_alarm_after_ten_yearly_screens_than_after_five() -> None:
    yearly, other = (cumulative(3, 1200, "us", months) for months in (12, 24))
    for what in ("recall", "short_interval", "biopsy"):
        assert yearly[what].value > other[what].value
    assert yearly["recall"].value > yearly["biopsy"].value
