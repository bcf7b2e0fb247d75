"""Made-up women: the same every time, whoever else is asked for, and as varied as a programme's."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closerlook.evidence.risk import GROUPS
from closerlook.pathway.terms import Density
from closerlook.people.languages import tag_of
from closerlook.simulate.parameters import load
from closerlook.simulate.population import Woman, own_chance, woman
from closerlook.simulate.sources import COUNTRIES

ON = date(2025, 1, 1)
NUMBERS = st.integers(0, 2**40 - 1)


def _some(country: str, many: int, seed: int = 1) -> list[Woman]:
    parameters = load(country)
    return [woman(seed, number, parameters, ON) for number in range(many)]


@given(seed=st.integers(0, 2**31), number=NUMBERS, country=st.sampled_from(COUNTRIES))
def test_the_same_number_is_the_same_woman(seed: int, number: int, country: str) -> None:
    assert woman(seed, number, load(country), ON) == woman(seed, number, load(country), ON)


def test_she_is_the_same_in_any_order_and_in_any_number_of_women() -> None:
    few, many = _some("us", 20), _some("us", 200)
    assert few == many[:20]
    parameters = load("us")
    assert [woman(1, number, parameters, ON) for number in reversed(range(20))] == few[::-1]


def test_another_seed_gives_other_women() -> None:
    assert all(one != other for one, other in zip(_some("us", 50, 1), _some("us", 50, 2), strict=True))


@given(seed=st.integers(0, 100), number=NUMBERS, country=st.sampled_from(COUNTRIES))
def test_every_woman_could_be(seed: int, number: int, country: str) -> None:
    parameters = load(country)
    her = woman(seed, number, parameters, ON)
    people = parameters.people
    assert people.age_from[0] <= her.age_at(ON) <= people.age_to + 0.01
    assert her.ethnicity in GROUPS
    assert tag_of(her.language) == her.language
    assert her.sex == "F"
    assert (her.has_priors == "none") == (not her.screened_before) == (her.last_screen is None)
    assert her.last_screen is None or her.last_screen <= ON
    assert all(0 <= chance <= 1 for chance in (her.answers_phone, her.attends, her.returns, her.declines))
    for tumour in her.tumours:
        assert tumour.seen_from < tumour.felt_on
        assert tumour.felt_on > ON, "what surfaced before the programme is not hers to find"


@given(number=NUMBERS, years=st.integers(0, 40))
def test_her_density_never_rises_as_she_grows_older(number: int, years: int) -> None:
    her = woman(3, number, load("us"), ON)
    order = list(Density)
    later = ON + timedelta(days=366 * years)
    assert order.index(her.density_at(later)) <= order.index(her.density_at(ON))


@pytest.mark.parametrize("country", COUNTRIES)
def test_ages_are_mixed_as_in_the_published_rows(country: str) -> None:
    people, women = load(country).people, _some(country, 8000)
    ends = (*people.age_from, people.age_to + 1)
    for band, share in enumerate(people.age_share):
        found = sum(ends[band] <= her.age_at(ON) < ends[band + 1] for her in women) / len(women)
        assert found == pytest.approx(share, abs=0.02)


def test_density_is_spread_as_in_the_published_rows() -> None:
    """At 57 the share of dense breasts is us-dense-breast-share-40-74, as the knot says."""
    parameters, dense = load("us"), 0
    for number in range(6000):
        her = woman(5, number, parameters, ON)
        dense += her.density_at(her.birth_date + timedelta(days=int(57 * 365.25))) in (Density.C, Density.D)
    assert dense / 6000 == pytest.approx(0.433, abs=0.02)


def test_names_languages_and_homes_are_varied() -> None:
    women = _some("us", 20_000)
    names = Counter((her.family, her.given) for her in women)
    assert len(names) > 12_000
    assert names.most_common(1)[0][1] < 20
    assert len({her.language for her in women}) >= 8
    assert 0.85 < sum(her.language == "en" for her in women) / len(women) < 0.95
    assert 0.01 < sum(her.phone == "" for her in women) / len(women) < 0.06


def test_telephone_numbers_are_set_aside_for_fiction() -> None:
    assert all(her.phone == "" or her.phone.startswith("(555) 01") for her in _some("us", 500))
    assert all(her.phone == "" or her.phone.startswith("07700 900") for her in _some("uk", 500))
    assert all(her.address.count("^") >= 4 for her in _some("uk", 500))


def test_men_come_only_when_asked_for() -> None:
    parameters = load("us")
    women = [woman(1, number, parameters, ON, men=True) for number in range(3000)]
    assert 5 < sum(one.sex == "M" for one in women) < 100
    assert all(one == woman(1, one.number, parameters, ON) for one in women if one.sex == "F")


@pytest.mark.parametrize(("mean", "alike"), [(0.62, 4.0), (0.9, 4.0), (0.02, 4.0), (0.5, 40.0)])
def test_own_chances_have_their_mean_and_differ_between_women(mean: float, alike: float) -> None:
    chances = [own_chance(mean, alike, (step + 0.5) / 2048) for step in range(2048)]
    assert sum(chances) / len(chances) == pytest.approx(mean, abs=0.003)
    variance = sum((chance - mean) ** 2 for chance in chances) / len(chances)
    assert variance == pytest.approx(mean * (1 - mean) / (alike + 1), rel=0.05)
