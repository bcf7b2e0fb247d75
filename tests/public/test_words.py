"""What her numbers say: of other women, in whole sentences, each with its rows."""

import re
from itertools import product

import pytest

from closerlook.evidence.answers import CHOICES, Differs, GroupKind, Point, Question, Why
from closerlook.evidence.published import figure
from closerlook.pathway.terms import FindingKind
from closerlook.portal import chances
from closerlook.portal.chances import HerNumbers, her_numbers
from closerlook.portal.public import forms
from tests.public.numbers import NO_FIGURES, allowed

AGES = (None, 30, 47, 52, 72, 90)
LANDS = (*dict(forms.COUNTRIES), "CA", "DE")
ALL = [
    Question(land, age, modality=modality, finding=finding)
    for land, age, modality, finding in product(
        LANDS, AGES, (None, "dm", "dbt"), (None, "technical", "one_view_asymmetry", "mass")
    )
]


def sentences(found: HerNumbers) -> list[chances.Said]:
    drawn = (found.drawn_about,) if found.drawn_about else ()
    return [*found.sentences, *found.missing, *drawn, *(whom for source in found.sources for whom in source.whom)]


def test_every_digit_of_every_sentence_resolves_to_its_rows() -> None:
    for question in ALL:
        for said in sentences(her_numbers(question, tuple(Point))):
            found = {int(number) for number in re.findall(r"\d+", NO_FIGURES.sub("", said.words))}
            assert found <= allowed([figure(row) for row in said.rows]), said


def test_the_picture_resolves_too_and_adds_up() -> None:
    for question in ALL:
        found = her_numbers(question)
        if found.drawn:
            assert found.drawn_about is not None
            assert sum(group.count for group in found.drawn) == 100
            assert {group.count for group in found.drawn} <= allowed([figure(row) for row in found.drawn_about.rows])


def test_it_says_of_how_many_women_and_where() -> None:
    found = her_numbers(Question("US", 47, modality="dbt"))
    assert found.sentences[0].words == (
        "Of 100 women called back in the United States after 3D pictures, about 6 have cancer. About 94 do not."
    )
    assert found.rows[0] == "us-multisite-dbt-2014-2020-ppv1"


def test_a_figure_about_other_women_is_never_said_as_hers() -> None:
    found = her_numbers(Question("UK", 72))
    assert found.sentences == ()
    assert found.drawn == ()
    assert "The nearest figure is about other women." in found.missing[0].words
    assert "You are older than these women were." in found.differs


def test_nothing_speaks_of_her_own_chance_or_comforts() -> None:
    for question in ALL:
        found = her_numbers(question, tuple(Point))
        said = " ".join([*(one.words for one in sentences(found)), *found.differs])
        assert not re.search(r"your (?:own )?(?:chance|risk)|worry|harmless|only \d", said, re.IGNORECASE)


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (chances.SAYS, set(Point) - {Point.EXTRA_PICTURES_ONLY}),
        (chances.WHAT, set(Point)),
        (chances.NONE, set(Why) - {Why.TOO_FEW_TO_DRAW}),
        (chances.GROUPS, set(GroupKind)),
        ({**chances.DIFFERS, **chances.TOGETHER}, set(Differs) - {Differs.AGES_NOT_STATED}),
    ],
)
def test_there_are_words_for_every_code(table: dict[object, object], codes: set[object]) -> None:
    assert set(table) == codes


def test_every_place_that_can_be_chosen_or_found_has_words() -> None:
    found = {figure(row).population.country for question in ALL for row in her_numbers(question).rows}
    assert found <= set(chances.PLACES)


def test_one_woman_is_spoken_of_as_one() -> None:
    assert "about 1 has a biopsy" in chances.SAYS[Point.BIOPSY] % {"of": 100, "count": 1, "where": "", "rest": 99}


def test_a_reason_of_hers_is_one_that_the_figures_know() -> None:
    assert set(chances.FINDINGS.values()) <= set(CHOICES["finding"])
    assert chances.FINDINGS[FindingKind.ASYMMETRY] == "one_view_asymmetry"
