"""Every number of the model says where it comes from, and the published rows say the same."""

import math
import re
from itertools import pairwise

import pytest

from closerlook.evidence.published import figures
from closerlook.simulate.parameters import Shares, load
from closerlook.simulate.sources import (
    ASSUMED,
    COUNTRIES,
    FITTED,
    Given,
    ParametersError,
    given,
    published_value,
    worked_out,
)

EVERY = [(country, section, name, entry) for country in COUNTRIES for section, name, entry in given(country)]
ROW = re.compile(r"\b(?:us|uk)-[a-z0-9-]+")
OTHER_COUNTRIES = {"us": {"IT"}}
"""The one pattern that no row of the country gives: recall by density, named in the file."""


def _values(value: float | list[float]) -> list[float]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize(("country", "section", "name", "entry"), EVERY)
def test_each_number_has_one_source(country: str, section: str, name: str, entry: Given) -> None:
    assert entry.is_published != bool(entry.source)
    assert entry.is_published or entry.source == ASSUMED or entry.source.startswith(FITTED)


@pytest.mark.parametrize(("country", "section", "name", "entry"), [one for one in EVERY if one[3].is_published])
def test_a_published_number_is_what_its_rows_say(country: str, section: str, name: str, entry: Given) -> None:
    here, there = _values(entry.value), _values(published_value(entry))
    assert len(here) == len(there)
    assert all(math.isclose(x, y, rel_tol=2e-3) for x, y in zip(here, there, strict=True)), there


@pytest.mark.parametrize(("country", "section", "name", "entry"), EVERY)
def test_no_number_is_taken_or_fitted_from_another_country(country: str, section: str, name: str, entry: Given) -> None:
    fitted_to = ROW.findall(entry.source) if entry.source.startswith(FITTED) else []
    assert not entry.source.startswith(FITTED) or fitted_to, "name the row it was fitted to"
    allowed = {"any", *OTHER_COUNTRIES.get(country, set())}
    for row_id in (*entry.ids, *fitted_to):
        where = figures()[row_id].population.country
        assert where in allowed or where.lower().startswith(country), row_id


def test_a_fifth_at_least_of_the_united_states_numbers_stands_on_published_rows() -> None:
    entries = [entry for country, *_, entry in EVERY if country == "us"]
    assert sum(entry.is_published for entry in entries) >= len(entries) / 5


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_model_is_read_whole(country: str) -> None:
    parameters = load(country)
    assert parameters.country == country
    assert math.isclose(sum(parameters.people.age_share), 1, abs_tol=2e-3)
    assert all(low < high for low, high in pairwise(parameters.people.age_from))
    kinds = parameters.reading.shadow_kinds
    assert set(kinds.names) == set(parameters.work_up.biopsy_weight) == set(parameters.reading.tumour_kinds.names)
    for shares in (parameters.work_up.tumour_suspicion, parameters.work_up.shadow_suspicion):
        assert math.isclose(sum(shares), 1)


def test_a_country_without_a_model_is_refused() -> None:
    with pytest.raises(ParametersError, match="choose us or uk"):
        load("fr")


@pytest.mark.parametrize("formula", ["__import__('os')", "a ** 2", "b", "a.n", "log(a, 2)", "'a'"])
def test_a_formula_is_arithmetic_over_its_rows_and_nothing_else(formula: str) -> None:
    with pytest.raises(ParametersError, match="no arithmetic"):
        worked_out(formula, {"a": 1.0})


def test_a_formula_is_worked_out() -> None:
    assert worked_out("-(a - 1) * b_n / 2 + logit(0.5)", {"a": 0.25, "b_n": 8.0}) == pytest.approx(3.0)
    assert worked_out("exp(log(a))", {"a": 0.3}) == pytest.approx(0.3)


def test_shares_are_met_as_often_as_they_say() -> None:
    shares = Shares.of({"often": 3.0, "seldom": 1.0})
    assert shares.shares == (0.75, 0.25)
    assert [shares.at(x) for x in (0.0, 0.7499, 0.7501, 0.999999999)] == ["often", "often", "seldom", "seldom"]
