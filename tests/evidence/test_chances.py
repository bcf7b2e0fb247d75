"""Of women like her: one country, one population, nothing stretched, and every count computes from its rows."""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace

from closerlook.evidence import chances, choosing, published
from closerlook.evidence.answers import (
    CHOICES,
    Answer,
    Differs,
    Figure,
    Frequency,
    Group,
    GroupKind,
    NoFigure,
    Of100,
    Point,
    Question,
    QuestionError,
    Why,
)
from closerlook.evidence.chances import answer, of_100_called_back
from closerlook.evidence.choosing import MISFITS, QUANTITIES, may_stand_together
from closerlook.evidence.counting import IDENTITY_TOLERANCE, frequency, identity_holds, whole_women
from closerlook.evidence.published import Row, figure, figures, shown_to_her

COUNTRIES = ("US", "UK", "UK-ENG", "UK-WAL", "NL", "NO", "IT", "AT", "AU", "CA", "DE")
SYSTEM = {"UK-ENG": "UK", "UK-WAL": "UK"}
questions = some.builds(
    Question,
    country=some.sampled_from(COUNTRIES),
    age=some.none() | some.integers(18, 120),
    prior_images=some.none() | some.booleans(),
    **{name: some.none() | some.sampled_from(choices) for name, choices in CHOICES.items()},
)


def every_combination() -> Iterator[Question]:
    for country in COUNTRIES:
        for screen, density, finding, modality in product(*((None, *choices) for choices in CHOICES.values())):
            yield Question(country, screen=screen, density=density, finding=finding, modality=modality)


@cache
def answers() -> tuple[Answer, ...]:
    return tuple(answer(question) for question in every_combination())


def every_figure(found: Answer) -> list[Figure]:
    nearest = [point.none.nearest for point in found.points if point.none and point.none.nearest]
    return [*(one for point in found.points for one in point.figures), *nearest]


def rows_of(found: Answer) -> list[Row]:
    return [figure(row) for one in every_figure(found) for row in one.rows]


@pytest.fixture
def with_rows(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the figures be others for one test."""

    def use(*rows: Row) -> None:
        found = {row.id: row for row in rows}
        monkeypatch.setattr(published, "figures", lambda: found)
        monkeypatch.setattr(choosing, "figures", lambda: found)
        monkeypatch.setattr(choosing, "shown", lambda: rows)
        monkeypatch.setattr(chances, "figure", lambda row_id: found[row_id])

    return use


# ---------------------------------------------------------------- what may never happen


def test_there_are_all_combinations() -> None:
    assert len(answers()) == len(COUNTRIES) * 3 * 5 * 9 * 3


def test_no_answer_mixes_countries() -> None:
    for found in answers():
        lands = {row.population.country for row in rows_of(found)}
        asked = SYSTEM.get(found.question.country, found.question.country)
        assert {SYSTEM.get(land, land) for land in lands} <= {asked}
        assert not {"UK-ENG", "UK-WAL"} <= lands


def test_every_row_may_be_shown() -> None:
    assert all(shown_to_her(row) for found in answers() for row in rows_of(found))


def test_every_row_is_of_the_quantity_that_the_point_asks_for() -> None:
    """Caveats 2, 5, 9, 10, 11: false positives, follow-up, waits, lost women and returns answer none of the points."""
    for found in answers():
        for point in found.points:
            shown = [*point.figures, *([point.none.nearest] if point.none and point.none.nearest else [])]
            assert all(figure(one.rows[0]).quantity in QUANTITIES[point.point] for one in shown)
    assert not any("false_positive" in quantity for wanted in QUANTITIES.values() for quantity in wanted)


def test_every_count_computes_from_its_row() -> None:
    for found in answers():
        for one in every_figure(found):
            row, seen = figure(one.rows[0]), one.frequency
            assert (one.value, one.low, one.high) == (row.value, row.low, row.high)
            exact = Decimal(str(row.value)) * seen.of
            assert seen.count == max(1, int(exact.quantize(Decimal(1), ROUND_HALF_UP)))


def test_a_figure_that_does_not_describe_her_is_only_ever_named_as_the_nearest() -> None:
    for found in answers():
        for point in found.points:
            assert bool(point.figures) != bool(point.none)
            assert not any(MISFITS.intersection(one.differs) for one in point.figures)
            if point.none and point.none.nearest:
                assert point.none.nearest.general


@given(questions)
def test_ages_outside_a_row_are_said(asked: Question) -> None:
    for one in every_figure(answer(asked)):
        low, high = one.whom.age_low, one.whom.age_high
        outside = asked.age is not None and (
            (low is not None and asked.age < low) or (high is not None and asked.age > high)
        )
        assert outside == bool({Differs.YOUNGER, Differs.OLDER}.intersection(one.differs))


@given(questions)
def test_what_she_said_and_a_row_does_not_is_said(asked: Question) -> None:
    said = {"density": Differs.ALL_DENSITIES, "screen": Differs.ALL_SCREENS}
    for one in every_figure(answer(asked)):
        for name, code in said.items():
            if getattr(asked, name) is not None and getattr(one.whom, name) == "any":
                assert code in one.differs
        if asked.finding is not None and one.whom.finding == "any":
            assert {Differs.ALL_FINDINGS, Differs.OTHER_REASON} & set(one.differs)


def test_a_share_with_cancer_adds_up_with_the_call_backs_beside_it() -> None:
    for found in answers():
        recall, cancer = found[Point.CALLED_BACK], found[Point.CANCER]
        if recall.figures and cancer.figures:
            assert may_stand_together(figure(recall.figures[0].rows[0]), figure(cancer.figures[0].rows[0]))


# ---------------------------------------------------------------- the caveats that a row could break


def test_densities_of_another_scale_never_answer() -> None:
    """Caveat 13: Volpara grades are not BI-RADS."""
    assert not any(row.population.density.startswith("vdg") for found in answers() for row in rows_of(found))
    of_density_d = answer(Question("IT", age=50, screen="first", density="d"))[Point.CALLED_BACK].figures[0]
    assert Differs.ALL_DENSITIES in of_density_d.differs


def test_film_days_are_said_and_never_stand_for_digital_pictures() -> None:
    """Caveat 3."""
    for found in answers():
        for one in every_figure(found):
            row = figure(one.rows[0])
            film = row.population.modality == "film" or (row.last_year or 9999) <= 2008
            assert film == (Differs.FILM_ERA in one.differs)
            if film and found.question.modality:
                assert Differs.OTHER_MODALITY in one.differs


def test_a_late_first_screening_in_america_is_not_every_first_screening() -> None:
    """Caveat 4: first-ever screens at 50-59 are a selected group."""
    used = {row.id for found in answers() for row in rows_of(found)}
    used |= {row.id for age in range(40, 80) for row in rows_of(answer(Question("US", age=age, screen="first")))}
    assert not any(row.startswith("us-bcsc-baseline-") for row in used)


def test_levels_by_finding_of_one_registry_never_answer() -> None:
    """Caveat 6. The share for one-view asymmetry is the later one, 1.7 %, not 3.6 %."""
    found = answer(Question("US", finding="one_view_asymmetry", modality="dbt"))[Point.CANCER].figures
    assert [one.rows for one in found] == [("us-one-view-asymmetry-ppv1-dbt",)]
    assert found[0].frequency == Frequency(17, 1000)


def test_a_finding_without_a_share_of_its_own_gets_the_general_one_named_so() -> None:
    found = answer(Question("US", finding="calcifications", modality="dbt"))[Point.CANCER].figures[0]
    assert Differs.ALL_FINDINGS in found.differs
    assert found.general


def test_single_centres_say_so() -> None:
    for found in answers():
        for one in every_figure(found):
            noted = re.search(r"one (urban )?academic|one screening unit|one service", figure(one.rows[0]).note)
            assert not noted or Differs.ONE_CENTRE in one.differs


def test_england_says_that_younger_and_older_women_came_from_a_trial() -> None:
    """Caveat 15."""
    found = answer(Question("UK", age=47, screen="first"))[Point.CALLED_BACK].figures[0]
    assert found.rows == ("uk-england-2013-14-recall-45-49",)
    assert {Differs.AGE_TRIAL, Differs.ALL_SCREENS, Differs.ONE_NATION} <= set(found.differs)


def test_every_note_of_a_row_in_use_was_read() -> None:
    """A row whose note is new has to be looked at: does it need a code of how she differs?"""
    used = {figure(one.rows[0]).note for found in answers() for one in every_figure(found)}
    used |= {
        row.note for country in COUNTRIES for age in range(20, 90) for row in rows_of(answer(Question(country, age)))
    }
    england = (
        "ages 45-49 and over-70s are in the age-extension arms; the last band may include women of 70; "
        "mix of first and later screens"
    )
    assert used <= {
        "", "crude", "n is screens", "one screening unit", "film era; one service",
        "share of all recalled (abnormal) screens with cancer; n is all screens",
        "biopsies per recall; assumes each biopsy follows a recall",
        "first 10 years of the programme; years approximate",
        "Volpara grade, not radiologist BI-RADS; women 49-54",
        "second round; Volpara grade; women 49-54 at first round",
        "low-recall programme; 51% in the film period",
        england, f"cancers per woman referred for assessment; {england}",
    }  # fmt: skip


# ---------------------------------------------------------------- recall x PPV1 = detection


@pytest.mark.parametrize(
    "cancers", [row for row in published.shown() if row.quantity == "ppv1"], ids=lambda row: row.id
)
def test_within_one_population_the_three_rates_add_up(cancers: Row) -> None:
    cohort = choosing.cohort_of(cancers)
    if {"recall_rate", "cancer_detection_rate"} <= set(cohort):
        assert identity_holds(cohort["recall_rate"].value, cancers.value, cohort["cancer_detection_rate"].value)


def test_rates_of_two_populations_do_not_add_up() -> None:
    assert identity_holds(0.089, 0.059, 5.3)
    assert not identity_holds(0.089, 0.1933, 8.24)  # American call-backs beside an English share with cancer
    assert not identity_holds(0.204, 0.059, 8.8)  # late first screenings beside everyone's share


def test_the_tolerance_is_what_rounding_can_do() -> None:
    assert identity_holds(0.1, 0.05, 5 * (1 + IDENTITY_TOLERANCE * 0.9))
    assert not identity_holds(0.1, 0.05, 5 * (1 + IDENTITY_TOLERANCE * 1.2))


def test_a_combination_that_does_not_add_up_is_not_offered(with_rows: Any) -> None:
    recall, cancer, found = (figure(f"us-multisite-dbt-2014-2020-{quantity}") for quantity in ("recall", "ppv1", "cdr"))
    with_rows(recall, cancer, found)
    assert answer(Question("US"))[Point.CANCER].figures
    with_rows(recall, replace(cancer, value=0.2, low=None, high=None), found)
    refused = answer(Question("US"))
    assert refused[Point.CALLED_BACK].figures
    assert refused[Point.CANCER].none == NoFigure(Why.DOES_NOT_ADD_UP)
    assert of_100_called_back(Question("US")) == NoFigure(Why.DOES_NOT_ADD_UP)


def test_a_share_from_elsewhere_is_held_to_the_same_sum(with_rows: Any) -> None:
    recall, found = figure("no-recall-first"), figure("no-cdr-first")
    elsewhere = replace(figure("no-recall-first"), id="no-x", quantity="ppv1", citation="Another study")
    with_rows(recall, found, replace(elsewhere, value=0.139))
    assert answer(Question("NO", screen="first"))[Point.CANCER].figures
    with_rows(recall, found, replace(elsewhere, value=0.28))
    assert answer(Question("NO", screen="first"))[Point.CANCER].none == NoFigure(Why.DOES_NOT_ADD_UP)


# ---------------------------------------------------------------- what each country has


@pytest.mark.parametrize(
    ("country", "has"),
    [
        ("US", {Point.CALLED_BACK, Point.SHORT_INTERVAL, Point.BIOPSY, Point.CANCER, Point.CANCER_IF_BIOPSY}),
        ("UK", {Point.CALLED_BACK, Point.CANCER}),
        ("UK-WAL", {Point.CALLED_BACK, Point.CANCER}),
        ("NL", {Point.CALLED_BACK, Point.CANCER}),
        ("NO", {Point.CALLED_BACK}),
        ("IT", {Point.CALLED_BACK}),
        ("AT", {Point.CALLED_BACK}),
        ("AU", {Point.CALLED_BACK}),
        ("CA", set()),
        ("DE", set()),
    ],
)
def test_a_point_without_a_row_is_said_to_have_none(country: str, has: set[Point]) -> None:
    found = answer(Question(country))
    assert {point.point for point in found.points if point.figures} == has


def test_extra_pictures_only_is_not_made_up_of_two_studies() -> None:
    assert answer(Question("US"))[Point.EXTRA_PICTURES_ONLY].none == NoFigure(Why.NOT_ONE_POPULATION)


def test_what_was_only_seen_second_hand_is_said_to_be() -> None:
    assert answer(Question("CA"))[Point.BIOPSY].none == NoFigure(Why.NOT_READ_AT_SOURCE)


def test_a_dutch_biopsy_share_of_the_nineties_is_only_named_as_the_nearest() -> None:
    none = answer(Question("NL"))[Point.BIOPSY].none
    assert none is not None
    assert none.nearest is not None
    assert Differs.HISTORICAL in none.nearest.differs


def test_a_repeat_for_a_blurred_picture_is_not_an_ordinary_call_back() -> None:
    american = answer(Question("US", finding="technical"))[Point.CANCER]
    assert american.none is not None
    assert american.none.why is Why.DOES_NOT_DESCRIBE_HER
    assert answer(Question("UK", finding="technical"))[Point.CANCER].figures[0].frequency == Frequency(2, 1000)


def test_a_woman_younger_than_every_row_is_told_so() -> None:
    none = answer(Question("US", age=30, modality="dbt"))[Point.BIOPSY].none
    assert none is not None
    assert none.nearest is not None
    assert Differs.YOUNGER in none.nearest.differs


def test_what_she_left_open_is_answered_both_ways() -> None:
    pair = answer(Question("US"))[Point.CANCER].figures
    assert [one.whom.modality for one in pair] == ["dbt", "dm"]
    assert [one.whom.modality for one in answer(Question("US", modality="dm"))[Point.CANCER].figures] == ["dm"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"country": "EU"}, "country"),
        ({"country": "us"}, "country"),
        ({"country": "US", "age": 12}, "age"),
        ({"country": "US", "age": 200}, "age"),
        ({"country": "US", "density": "vdg4"}, "density"),
        ({"country": "US", "screen": "third"}, "screen"),
        ({"country": "US", "finding": "lump"}, "finding"),
        ({"country": "US", "modality": "film"}, "modality"),
    ],
)
def test_what_cannot_be_is_refused_by_name(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(QuestionError) as error:
        Question(**wrong)
    assert error.value.field == field


def test_britain_is_found_by_either_name() -> None:
    assert answer(Question("GB")).points == answer(Question("UK")).points


# ---------------------------------------------------------------- counting


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (0.059, Frequency(6, 100)),
        (0.017, Frequency(17, 1000)),
        (0.02, Frequency(2, 100)),
        (0.0016, Frequency(2, 1000)),
        (0.0003, Frequency(1, 1000, fewer=True)),
        (0.175, Frequency(18, 100)),
        (1.0, Frequency(100, 100)),
    ],
)
def test_a_fraction_becomes_whole_women(value: float, seen: Frequency) -> None:
    assert frequency(value) == seen


def test_a_wide_interval_is_counted_in_tens() -> None:
    assert frequency(0.31, low=0.22, high=0.42) == Frequency(3, 10)


@given(some.floats(0.0001, 1))
def test_a_count_is_never_nobody_and_never_far_off(value: float) -> None:
    seen = frequency(value)
    assert 1 <= seen.count <= seen.of
    assert seen.fewer or abs(seen.count / seen.of - value) <= 0.5 / seen.of + 1e-9


# ---------------------------------------------------------------- 100 women called back


def drawn(**asked: Any) -> dict[GroupKind, int]:
    found = of_100_called_back(Question(**asked))
    assert isinstance(found, Of100)
    return {group.kind: group.count for group in found.groups}


def test_american_figures_of_one_study_give_three_groups() -> None:
    three = {GroupKind.NO_BIOPSY: 80, GroupKind.BIOPSY_NO_CANCER: 14, GroupKind.CANCER: 6}
    assert drawn(country="US", modality="dbt") == three
    two_d = {GroupKind.NO_BIOPSY: 86, GroupKind.BIOPSY_NO_CANCER: 10, GroupKind.CANCER: 4}
    assert drawn(country="US", modality="dm") == two_d


def test_english_figures_give_two() -> None:
    assert drawn(country="UK", age=52) == {GroupKind.NO_CANCER: 88, GroupKind.CANCER: 12}


def test_biopsies_that_do_not_fit_the_cancers_are_left_out(with_rows: Any) -> None:
    names = ("recall", "ppv1", "cdr", "ppv3", "biopsy-share-of-recalled")
    rows = [figure(f"us-multisite-dbt-2014-2020-{name}") for name in names]
    with_rows(*rows)
    assert GroupKind.BIOPSY_NO_CANCER in drawn(country="US")
    with_rows(*rows[:-1], replace(rows[-1], value=0.4))
    assert set(drawn(country="US")) == {GroupKind.NO_CANCER, GroupKind.CANCER}


def test_one_population_that_has_all_four_is_drawn_in_four(with_rows: Any) -> None:
    names = ("recall", "ppv1", "cdr", "ppv3", "biopsy-share-of-recalled")
    rows = [figure(f"us-multisite-dbt-2014-2020-{name}") for name in names]
    later = replace(rows[0], id="us-x", quantity="short_interval_share_of_recalled", value=0.15, low=None, high=None)
    with_rows(*rows, later)
    assert drawn(country="US") == {
        GroupKind.EXTRA_PICTURES_ONLY: 65,
        GroupKind.SHORT_INTERVAL: 15,
        GroupKind.BIOPSY_NO_CANCER: 14,
        GroupKind.CANCER: 6,
    }


def test_fewer_than_half_a_woman_is_not_drawn_as_one() -> None:
    found = of_100_called_back(Question("UK", finding="technical"))
    assert isinstance(found, NoFigure)
    assert found.why is Why.TOO_FEW_TO_DRAW


@pytest.mark.parametrize("question", [Question(c, age) for c in COUNTRIES for age in (None, *range(30, 90, 4))])
def test_every_picture_counts_a_hundred_women_from_one_population(question: Question) -> None:
    found = of_100_called_back(question)
    if isinstance(found, NoFigure):
        return
    assert sum(group.count for group in found.groups) == 100
    assert all(abs(group.count - group.share * 100) < 1 for group in found.groups)
    rows = [figure(row) for group in found.groups for row in group.rows]
    assert len({(row.citation, row.years, row.population) for row in rows}) == 1
    values = {row.quantity: row.value for row in rows}
    for group in found.groups:
        assert group.share == pytest.approx(_computed(group.formula, values))


def _computed(formula: str, values: dict[str, float]) -> float:
    """Compute a picture's formula anew."""
    names = {"ppv1": "ppv1", "ppv3": "ppv3", "short interval": "short_interval_share_of_recalled"}
    said = formula.replace(" x ", " * ").replace("biopsy", str(values.get("biopsy_share_of_recalled")))
    for name, quantity in names.items():
        said = said.replace(name, str(values.get(quantity)))
    assert re.fullmatch(r"[\d.+\-*() ]+", said), said
    return float(eval(said))


def test_the_picture_and_the_sentence_agree() -> None:
    for question in every_combination():
        found = of_100_called_back(question)
        if isinstance(found, Of100) and found.source.frequency.of == 100:
            assert found.groups[-1].count == found.source.frequency.count


@given(some.lists(some.floats(0.0, 1.0), min_size=1, max_size=4).filter(lambda shares: sum(shares) > 0.01))
def test_whole_women_always_add_up_and_one_with_cancer_is_always_drawn(shares: list[float]) -> None:
    total = sum(shares)
    kinds = [GroupKind.NO_CANCER] * (len(shares) - 1) + [GroupKind.CANCER]
    parts = [Group(kind, 0, share / total, (), "") for kind, share in zip(kinds, shares, strict=True)]
    found = whole_women(tuple(parts))
    assert sum(group.count for group in found) == 100
    assert found[-1].count >= 1
    assert all(group.count >= 0 for group in found)


def test_the_same_question_has_the_same_answer() -> None:
    assert answer(Question("US", 47, "first", "c")) == answer(Question("US", 47, "first", "c"))
    assert set(figures()) >= {row for one in every_figure(answer(Question("US"))) for row in one.rows}


# ---------------------------------------------------------------- on the command line


def chance(*arguments: str) -> Any:
    from click.testing import CliRunner

    from closerlook.cli import cli

    return CliRunner().invoke(cli, ["chance", *arguments])


def test_the_command_says_it_in_words_with_source_and_row() -> None:
    done = chance("--country", "us", "--modality", "dbt", "--finding", "calcifications")
    assert done.exit_code == 0
    for said in (
        "Of 100 women called back, about 6 had cancer.",
        "Conant",
        "us-multisite-dbt-2014-2020-ppv1",
        "   80  ",
    ):
        assert said in done.output


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_command_answers_for_every_country(country: str) -> None:
    assert chance("--country", country, "--age", "72").exit_code == 0


def test_the_command_prints_one_document() -> None:
    import json

    done = json.loads(chance("--country", "UK", "--age", "52", "--prior-images", "no", "--json").output)
    assert done["answer"]["question"]["prior_images"] is False
    assert [group["count"] for group in done["of_100_called_back"]["groups"]] == [88, 12]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--country", "US", "--age", "200"), "--age: 200 is not an age"),
        (("--country", "Utopia"), "--country: 'UTOPIA' is no country"),
        (("--country", "US", "--finding", "lump"), "--finding: 'lump' is not a finding: choose one of mass"),
        ((), "--country"),
    ],
)
def test_the_command_says_what_cannot_be_asked(arguments: tuple[str, ...], said: str) -> None:
    done = chance(*arguments)
    assert done.exit_code == 2
    assert said in done.output
