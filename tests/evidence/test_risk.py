"""The risk model gives what its publication gives, for everyone it is for, and refuses everyone else with a reason."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from closerlook.evidence import risk as model
from closerlook.evidence.risk import NO, NO_BIRTH, REASONS, UNKNOWN, YES, Risks, Women, exactly, reasons, refused, risk
from tests.evidence import plain
from tests.evidence.people import Answers, random_answers

FIGURES = tuple(Risks.__dataclass_fields__)
TYPICAL = {
    "age": 52.0, "group": 0, "menarche_age": 12, "first_birth_age": 24, "biopsies": 0, "hyperplasia": UNKNOWN,
    "relatives": 0,
}  # fmt: skip


def one(**answers: float) -> Women:
    return Women.of(**{name: [answer] for name, answer in {**TYPICAL, **answers}.items()})


def codes(**answers: float) -> set[str]:
    women = one(**answers)
    found = {reason.code for reason in reasons(int(refused(women)[0]))}
    got = risk(women)
    assert all(np.isnan(getattr(got, name)[0]) for name in FIGURES) is bool(found)
    return found


def differs(answers: Answers, found: Risks) -> float:
    """The largest difference from the plain reference; infinite where one has a figure and the other none."""
    rows = zip(*(answers[name] for name in TYPICAL), strict=True)
    wanted = np.array([plain.figures(float(age), *(int(x) for x in rest)) for age, *rest in rows]).T
    got = np.stack([getattr(found, name) for name in FIGURES])
    if (np.isnan(wanted) != np.isnan(got)).any():
        return math.inf
    return float(np.nanmax(np.abs(wanted - got)))


def test_whole_ages_give_what_the_publication_gives_in_every_group() -> None:
    answers = random_answers(3_300, seed=1)
    assert differs(answers, risk(Women.of(**answers))) < 1e-12


def test_parts_of_years_give_what_the_publication_gives_in_every_group() -> None:
    answers = random_answers(3_300, seed=2, whole_ages=False)
    assert differs(answers, risk(Women.of(**answers))) < 1e-12


def test_the_fast_way_equals_the_slow_way_for_every_answer_there_is() -> None:
    choices = ((8, 12, 13, 14, UNKNOWN), (0, 1, 2, UNKNOWN), (18, 20, 24, 25, 29, 30, NO_BIRTH, UNKNOWN),
               (0, 1, 2, UNKNOWN), (YES, NO, UNKNOWN))  # fmt: skip
    age, group, menarche, biopsies, birth, relatives, atypical = (
        axis.ravel() for axis in np.meshgrid(np.arange(35, 86, 5.0), np.arange(11), *choices)
    )
    women = Women.of(
        age=age, group=group, menarche_age=menarche, first_birth_age=birth, biopsies=biopsies, hyperplasia=atypical,
        relatives=relatives,
    )  # fmt: skip
    fast, slow = risk(women), exactly(women)
    for name in FIGURES:
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name))


def test_one_year_of_one_band_is_the_formula_worked_by_hand() -> None:
    # A white woman of 85 with the lowest answers: one band, one rate, so five years are one step of the formula.
    h1, h2 = 0.004109 * 0.5788413, 0.144908
    wanted = h1 / (h1 + h2) * (1 - math.exp(-5 * (h1 + h2)))
    found = risk(one(age=85, menarche_age=14, first_birth_age=19))
    assert found.five_year[0] == pytest.approx(wanted, abs=1e-15)
    assert found.to_90[0] == pytest.approx(wanted, abs=1e-15)
    average = 0.0040106 / (0.0040106 + 0.1420663) * (1 - math.exp(-5 * (0.0040106 + 0.1420663)))
    assert found.average_five_year[0] == pytest.approx(average, abs=1e-15)


def test_two_bands_worked_by_hand_with_a_relative_risk_that_changes_at_50() -> None:
    # A black woman of 49 with one biopsy, no atypia asked: one year below 50, four from 50 on.
    c = (0.1822121131, -0.1119411682)
    young = 0.00187394 * 0.7294988 * math.exp(c[0])
    old = 0.00241504 * 0.74397137 * math.exp(c[0] + c[1])
    first = young / (young + 0.00448779) * (1 - math.exp(-(young + 0.00448779)))
    rest = old / (old + 0.00632281) * (1 - math.exp(-4 * (old + 0.00632281)))
    wanted = first + math.exp(-(young + 0.00448779)) * rest
    found = risk(one(age=49, group=model.GROUPS.index("black"), menarche_age=15, biopsies=1))
    assert found.five_year[0] == pytest.approx(wanted, abs=1e-15)


@given(some.floats(35, 84.999), some.integers(0, 10), some.integers(0, 4))
def test_a_longer_time_never_has_a_smaller_chance(age: float, group: int, relatives: int) -> None:
    found = risk(one(age=age, group=group, relatives=relatives))
    assert 0 < found.five_year[0] <= found.to_90[0] < 1
    if age <= 80:
        assert found.five_year[0] < found.ten_year[0] <= found.to_90[0]


@given(some.floats(36, 84))
def test_a_part_of_a_year_lies_between_the_whole_ages_around_it_to_90(age: float) -> None:
    below, here, above = (risk(one(age=at)).to_90[0] for at in (math.floor(age), age, math.ceil(age)))
    assert below >= here - 1e-12
    assert here >= above - 1e-12


def test_ten_years_that_pass_90_have_no_figure_and_the_rest_stays() -> None:
    found = risk(one(age=81))
    assert np.isnan(found.ten_year[0])
    assert np.isnan(found.average_ten_year[0])
    assert found.five_year[0] < found.to_90[0]
    assert risk(one(age=80)).ten_year[0] == risk(one(age=80)).to_90[0]


def test_groups_are_recoded_as_published() -> None:
    def to_90(group: str, **answers: float) -> float:
        return float(risk(one(group=model.GROUPS.index(group), **answers)).to_90[0])

    assert to_90("black", menarche_age=11) == to_90("black", menarche_age=12)
    assert to_90("black", first_birth_age=19) == to_90("black", first_birth_age=40)
    assert to_90("hispanic_us_born", menarche_age=11) == to_90("hispanic_us_born", menarche_age=15)
    assert to_90("hispanic_us_born", biopsies=1) == to_90("hispanic_us_born", biopsies=4)
    assert to_90("hispanic_foreign_born", first_birth_age=20) == to_90("hispanic_foreign_born", first_birth_age=29)
    assert to_90("hispanic_foreign_born", first_birth_age=30) == to_90(
        "hispanic_foreign_born", first_birth_age=NO_BIRTH
    )
    assert to_90("chinese", relatives=1) == to_90("chinese", relatives=3)
    assert to_90("white", relatives=1) < to_90("white", relatives=2) == to_90("white", relatives=3)
    assert to_90("white", first_birth_age=27) == to_90("white", first_birth_age=NO_BIRTH)
    assert to_90("white", menarche_age=UNKNOWN) == to_90("white", menarche_age=14)
    assert to_90("other_or_unknown") == to_90("white")


def test_no_atypia_counts_only_where_a_biopsy_was_looked_at() -> None:
    assert risk(one(hyperplasia=NO)).to_90[0] == risk(one(hyperplasia=UNKNOWN)).to_90[0]
    looked = {answer: risk(one(biopsies=1, hyperplasia=answer)).to_90[0] for answer in (NO, UNKNOWN, YES)}
    assert looked[NO] < looked[UNKNOWN] < looked[YES]


@pytest.mark.parametrize("age", [35, 35.0, 50.5, 85])
def test_the_ages_of_the_model_are_taken(age: float) -> None:
    assert codes(age=age) == set()


@pytest.mark.parametrize("age", [34, 34.999, 85.001, 86, 90, 110])
def test_other_ages_are_refused_as_not_for_her(age: float) -> None:
    assert codes(age=age) == {"not_for_her_age"}
    assert reasons(int(refused(one(age=age))[0]))[0].not_for_her


@pytest.mark.parametrize("age", [math.nan, math.inf, -math.inf, -3, 1_000])
def test_what_is_no_age_is_refused(age: float) -> None:
    assert codes(age=age) == {"age"}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"group": -1}, "group"),
        ({"group": 11}, "group"),
        ({"group": 0.5}, "group"),
        ({"biopsies": -1}, "biopsies"),
        ({"biopsies": 1.5}, "biopsies"),
        ({"biopsies": 60}, "biopsies"),
        ({"biopsies": 256}, "biopsies"),
        ({"relatives": -2}, "relatives"),
        ({"relatives": math.nan}, "relatives"),
        ({"relatives": 98}, "relatives"),
        ({"menarche_age": 3}, "menarche_age"),
        ({"menarche_age": 12.5}, "menarche_age"),
        ({"menarche_age": 98}, "menarche_age"),
        ({"first_birth_age": 70, "age": 80}, "first_birth_age"),
        ({"first_birth_age": -18}, "first_birth_age"),
        ({"first_birth_age": 53}, "birth_after_age"),
        ({"first_birth_age": 12, "menarche_age": 13}, "menarche_after_birth"),
        ({"hyperplasia": 2}, "hyperplasia"),
        ({"hyperplasia": YES}, "hyperplasia_no_biopsy"),
        ({"hyperplasia": YES, "biopsies": UNKNOWN}, "hyperplasia_no_biopsy"),
    ],
)
def test_what_cannot_be_is_refused_and_the_field_is_named(answers: dict[str, float], code: str) -> None:
    assert codes(**answers) == {code}
    reason = next(reason for reason in REASONS if reason.code == code)
    assert reason.field in answers or code == "menarche_after_birth"
    assert not reason.not_for_her


def test_an_age_at_which_she_is_still_too_young_for_her_first_period_is_refused() -> None:
    assert "menarche_after_age" in codes(age=12, menarche_age=14, first_birth_age=NO_BIRTH)


@pytest.mark.parametrize("field", ["earlier_cancer", "known_mutation", "chest_radiotherapy"])
def test_the_model_is_not_for_women_at_another_kind_of_risk(field: str) -> None:
    women = Women.of(**{name: [answer] for name, answer in TYPICAL.items()}, **{field: [True]})
    (reason,) = reasons(int(refused(women)[0]))
    assert reason.field == field
    assert reason.not_for_her
    assert np.isnan(risk(women).to_90[0])


def test_one_refused_woman_changes_nothing_for_the_next() -> None:
    answers = random_answers(1_000, seed=3)
    alone = risk(Women.of(**answers)).to_90
    answers["biopsies"][::7] = -1
    found = risk(Women.of(**answers)).to_90
    assert np.isnan(found[::7]).all()
    kept = np.arange(1_000) % 7 != 0
    np.testing.assert_array_equal(found[kept], alone[kept])


def test_more_women_than_are_worked_on_at_once_come_back_in_their_order() -> None:
    count = 2 * model.WOMEN_AT_ONCE + 5
    answers = random_answers(count, seed=4, whole_ages=False)
    answers["age"][::3] = np.floor(answers["age"][::3])
    found = risk(Women.of(**answers))
    for at in (0, 1, model.WOMEN_AT_ONCE - 1, model.WOMEN_AT_ONCE, count - 1):
        alone = risk(Women.of(**{name: row[at : at + 1] for name, row in answers.items()}))
        assert alone.to_90[0] == pytest.approx(found.to_90[at], abs=1e-15)


def test_no_women_are_no_figures() -> None:
    assert len(risk(Women.of(**{name: np.empty(0) for name in TYPICAL})).to_90) == 0


def test_arrays_that_do_not_fit_together_are_named() -> None:
    typical = random_answers(1, seed=6)
    with pytest.raises(ValueError, match="relatives: 2 answers for 1 women"):
        Women.of(**{**typical, "relatives": np.array([0, 1])})
    with pytest.raises(ValueError, match="biopsies: one row of numbers"):
        Women.of(**{**typical, "biopsies": np.array(["one"])})
    with pytest.raises(ValueError, match="earlier_cancer: write true or false"):
        Women.of(**typical, earlier_cancer=[2])


def test_another_kind_of_risk_that_is_not_known_refuses_nobody() -> None:
    typical = random_answers(3, seed=6)
    women = Women.of(**typical, earlier_cancer=[YES, NO, UNKNOWN])
    assert [bool(bits) for bits in refused(women)] == [True, False, False]


def test_the_example_of_the_reference_page_gives_what_the_page_says() -> None:
    page = Path("docs/reference/risk.md").read_text(encoding="utf-8")
    example = page.partition("```python\n")[2].partition("```")[0]
    assert "array([0.00940952, nan])" in example
    there: dict[str, Any] = {}
    exec(example, there)
    np.testing.assert_allclose(risk(there["women"]).five_year, [0.00940952, np.nan], atol=5e-9)


def test_every_reason_is_a_sentence_with_a_code_of_its_own() -> None:
    assert len({reason.code for reason in REASONS}) == len(REASONS)
    assert all(reason.sentence.endswith(".") and reason.field in model.NAMES for reason in REASONS)


def test_nothing_offers_a_multiple_of_the_average() -> None:
    assert not [name for name in vars(model) if "times" in name or "ratio" in name]
    assert not [name for name in FIGURES if "relative" in name]
