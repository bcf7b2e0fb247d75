"""The model against published figures: the main ones hold, no country is mixed with another, and misfits are named."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from closerlook.evidence.published import figures
from closerlook.simulate.calibration import Verdict, compare, predict, verdict_of
from closerlook.simulate.commands import calibration
from closerlook.simulate.measures import Estimate, adds_up, estimate, measures
from closerlook.simulate.outcomes import alone
from closerlook.simulate.reporting import written
from closerlook.simulate.sources import COUNTRIES
from closerlook.simulate.targets import Role, predictions, targets

SEED, WOMEN = 20, 60_000
"""Women of another seed than those the numbers were chosen with."""


@pytest.fixture(scope="module")
def united_states() -> dict[str, Estimate]:
    return measures(alone(SEED, WOMEN, "us", 2))


@pytest.fixture(scope="module")
def england() -> dict[str, Estimate]:
    return measures(alone(SEED, WOMEN, "uk", 3))


@pytest.mark.parametrize(
    ("measure", "row", "off"),
    [
        ("recall", "us-multisite-dbt-2014-2020-recall", 0.06),
        ("detection", "us-multisite-dbt-2014-2020-cdr", 0.15),
        ("ppv1", "us-multisite-dbt-2014-2020-ppv1", 0.15),
        ("ppv3", "us-multisite-dbt-2014-2020-ppv3", 0.15),
        ("biopsy_share", "us-multisite-dbt-2014-2020-biopsy-share-of-recalled", 0.10),
        ("biopsy_rate", "us-multisite-dbt-2014-2020-biopsy-rate", 0.10),
        ("sensitivity", "us-bcsc-dm-2007-2013-sensitivity", 0.06),
        ("short_interval_share", "us-penn-dbt-birads3-share-of-recalled", 0.10),
    ],
)
def test_the_united_states_model_meets_its_main_figures(
    united_states: dict[str, Estimate], measure: str, row: str, off: float
) -> None:
    """Some 85,000 screens and 450 cancers: chance alone moves what counts cancers by 5 % (one standard error)."""
    assert united_states[measure].value == pytest.approx(figures()[row].value, rel=off)


@pytest.mark.parametrize(
    ("measure", "row", "off"),
    [
        *((f"recall_{a}_{b}", f"uk-england-2013-14-recall-{a}-{b}", 0.15) for a, b in ((50, 54), (60, 64), (65, 69))),
        ("detection_50_69", "uk-england-2016-17-cdr", 0.15),
        ("interval", "uk-nhsbsp-2005-2008-interval", 0.20),
    ],
)
def test_the_english_model_meets_its_main_figures(
    england: dict[str, Estimate], measure: str, row: str, off: float
) -> None:
    assert england[measure].value == pytest.approx(figures()[row].value, rel=off)


def test_the_identity_holds_in_both_countries(united_states: dict[str, Estimate], england: dict[str, Estimate]) -> None:
    assert adds_up(united_states)
    assert adds_up(england)


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_target_has_rows_of_its_own_country_only(country: str) -> None:
    for target in targets(country):
        assert target.rows
        assert all(figures()[row].population.country.lower().startswith(country) for row in target.rows)
        assert target.role in (Role.FITTED, Role.GIVEN, Role.CHECKED, Role.CONTEXT)


def test_a_row_of_another_country_is_refused() -> None:
    with pytest.raises(KeyError):
        compare({}, "fr")


def test_every_measure_that_is_held_against_a_row_is_measured(
    united_states: dict[str, Estimate], england: dict[str, Estimate]
) -> None:
    for country, found in (("us", united_states), ("uk", england)):
        assert {target.measure for target in targets(country)} <= set(found)
        rows = compare(found, country)
        assert len(rows) == len(targets(country))
        assert not any(row.verdict is Verdict.UNMEASURED for row in rows)


def test_each_misfit_is_named_and_gives_a_reason(united_states: dict[str, Estimate]) -> None:
    off = {name: Estimate(900, 900, 900, 1, 1, one.unit) for name, one in united_states.items()}
    rows = [row for row in compare(off, "us") if row.role is not Role.CONTEXT]
    misfits = [row for row in rows if row.verdict is Verdict.MISFIT]
    assert len(misfits) == len(rows)
    assert all(row.sentence.startswith(row.words) and row.sentence.endswith(".") for row in misfits)


def test_what_was_not_measured_is_not_judged() -> None:
    assert {row.verdict for row in compare({}, "uk")} == {Verdict.UNMEASURED, Verdict.CONTEXT}


@pytest.mark.parametrize(
    ("simulated", "low", "high", "verdict"),
    [
        (estimate(100, 1000), 0.09, 0.11, Verdict.WITHIN),  # inside the published interval
        (estimate(85, 1000), None, None, Verdict.WITHIN),  # the published value is inside ours
        (estimate(10_800, 100_000), None, None, Verdict.NEAR),
        (estimate(12_000, 100_000), None, None, Verdict.MISFIT),
        (estimate(8_000, 100_000), 0.099, 0.101, Verdict.MISFIT),
    ],
)
def test_a_verdict_follows_from_intervals_and_tolerance(
    simulated: Estimate, low: float | None, high: float | None, verdict: Verdict
) -> None:
    assert verdict_of(simulated, 0.1, low, high, 0.10) is verdict


def test_an_interval_over_units_is_no_confidence_interval() -> None:
    assert verdict_of(estimate(20_000, 100_000), 0.1, 0.0, 0.5, 0.1, narrow=False) is Verdict.MISFIT


def test_ten_years_are_predicted_for_every_row() -> None:
    rows = predict(1, 300)
    assert [row.rows[0] for row in rows] == [one.row for one in predictions()]
    assert {row.role for row in rows} == {Role.PREDICTED}


def test_no_prediction_was_fitted() -> None:
    held = {row for country in COUNTRIES for target in targets(country) for row in target.rows}
    assert held.isdisjoint(one.row for one in predictions())


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.0891, "fraction", "8.91 %"),
        (5.34, "per_1000", "5.34"),
        (-0.019, "difference", "−1.9 points"),
        (None, "ratio", "–"),
    ],
)
def test_figures_are_written_as_a_reader_expects(value: float | None, unit: str, words: str) -> None:
    assert written(value, unit) == words  # type: ignore[arg-type]


def test_the_command_writes_a_page_with_its_pictures_and_one_json_document(tmp_path: Path) -> None:
    said = CliRunner().invoke(calibration, ["--women", "2000", "--json", "--write", str(tmp_path)])
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert [one["country"] for one in found] == list(COUNTRIES)
    page = (tmp_path / "calibration.md").read_text(encoding="utf-8")
    pictures = sorted(path.name for path in tmp_path.glob("*.svg"))
    assert pictures
    assert all(f"]({name})" in page for name in pictures)
    assert "It holds" in page
    assert "What is not calibrated" in page
    assert page == _again(tmp_path / "again")


def _again(folder: Path) -> str:
    CliRunner().invoke(calibration, ["--women", "2000", "--write", str(folder)])
    return (folder / "calibration.md").read_text(encoding="utf-8")


def test_the_command_speaks_in_lines_too() -> None:
    said = CliRunner().invoke(calibration, ["--women", "1000", "--country", "uk", "--through-pathway", "0"])
    assert said.exit_code == 0
    assert "recall x PPV1 = detection in counts: holds" in said.output
    assert "United States" not in said.output
