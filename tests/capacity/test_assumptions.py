"""Every assumption says where it comes from, and what cannot be used is refused with its name, limit and mend."""

import tomllib
from importlib import resources
from pathlib import Path

import msgspec
import pytest

import closerlook.capacity
from closerlook.capacity.assumptions import ASSUMED, CHOSEN, PUBLISHED, AssumptionError, changed, defaults, load, parse
from closerlook.capacity.fields import FIELDS, said
from closerlook.capacity.load import loads, unusable_ultrasound
from closerlook.evidence.published import Kind, figure

COUNTRIES = ("US", "UK")


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_figure_has_a_source_that_says_the_same(country: str) -> None:
    unit = defaults(country)
    assert list(unit.origins) == list(FIELDS) == list(unit.assumptions.__struct_fields__)
    published = {name: origin for name, origin in unit.origins.items() if origin.source == PUBLISHED}
    assert published
    for name, origin in published.items():
        row = figure(origin.row)
        assert row.value == getattr(unit.assumptions, name), name
        assert row.kind is Kind.OBSERVED
        assert row.population.country.startswith(country)
    assert all(origin.source == ASSUMED for name, origin in unit.origins.items() if name not in published)


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_files_are_read_by_hand_too(country: str) -> None:
    text = (resources.files(closerlook.capacity) / f"data/{country.lower()}.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    assert {name: table["value"] for name, table in raw.items() if name != "format"} == msgspec.structs.asdict(
        defaults(country).assumptions
    )


def test_ultrasound_is_the_tight_place_of_the_default_unit() -> None:
    ratios = {name: load.of_capacity for name, load in loads(defaults("US").assumptions).items()}
    assert 0.85 < ratios["ultrasound"] < 0.95
    assert max(ratios, key=ratios.__getitem__) == "ultrasound"
    assert all(load.of_capacity < 0.9 for load in loads(defaults("UK").assumptions).values())


def test_a_change_is_read_as_it_is_written() -> None:
    unit = defaults("US")
    assert changed(unit, "ultrasound_sessions+1").assumptions.ultrasound_sessions == 4
    assert changed(unit, "ultrasound_sessions += 2").assumptions.ultrasound_sessions == 5
    assert changed(unit, "ultrasound_sessions-1", "ultrasound_sessions-1").assumptions.ultrasound_sessions == 1
    both = changed(unit, "recall_share=0.1", "attends=0.92")
    assert (both.assumptions.recall_share, both.origins["recall_share"].source) == (0.1, CHOSEN)
    assert both.origins["attends"].source == ASSUMED  # set to what it was
    assert unit.assumptions.ultrasound_sessions == 3


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ("recall_share=0.51", "recall_share", "0.51 is outside 0 to 0.5, as a part of 1"),
        ("recall_share-0.2", "recall_share", "outside 0 to 0.5"),
        ("ultrasound_slots=2.5", "ultrasound_slots", "write a whole number of slots"),
        ("exams_per_day=1000000", "exams_per_day", "outside 0 to 150 women"),
        ("attends=0", "attends", "outside 0.1 to 1"),
        ("attends=1.2.3", "attends", "is not a number"),
        ("ultrasound", "change", "such as ultrasound_sessions+1"),
        ("sessions+1", "change", "the figures are exams_per_day"),
        ("attends=nan", "change", "is no change"),
        ("", "change", "is no change"),
    ],
)
def test_a_change_that_cannot_be_is_refused(change: str, field: str, words: str) -> None:
    with pytest.raises(AssumptionError) as error:
        changed(defaults("US"), change)
    assert error.value.field == field
    assert words in str(error.value)


def test_a_file_may_say_only_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(
        'format = 1\nstart_from = "UK"\nexams_per_day = 60\n[attends]\nvalue = 0.9\nsource = "your choice"\n'
    )
    unit = load(file)
    assert (unit.assumptions.exams_per_day, unit.assumptions.attends) == (60, 0.9)
    assert unit.assumptions.readings_per_exam == 2
    assert unit.origins["exams_per_day"].source == CHOSEN


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format =", "not TOML"),
        ("exams_per_day = 3", "write format = 1"),
        ("format = 1\nexams_per_day = 3", "recall_share: there is no value for it; give one"),
        ('format = 1\nstart_from = "FR"', "Choose US or UK"),
        ('format = 1\nstart_from = "US"\nexams = 3', "no figure called 'exams'"),
        ('format = 1\nstart_from = "US"\nexams_per_day = "many"', "exams_per_day: Expected"),
        ('format = 1\nstart_from = "US"\n[exams_per_day]\nvalue = 3', "missing required field `source`"),
        ('format = 1\nstart_from = "US"\n[exams_per_day]\nvalue = 3\nsource = "heard"', "Invalid enum value 'heard'"),
        ('format = 1\nstart_from = "US"\n[recall_share]\nvalue = 0.1\nsource = "published"', "names its row"),
        (
            'format = 1\nstart_from = "US"\n[recall_share]\nvalue = 0.1\nsource = "published"\nrow = "nowhere"',
            "no published figure 'nowhere'",
        ),
        (
            'format = 1\nstart_from = "US"\n[recall_share]\nvalue = 0.1\nsource = "published"\n'
            'row = "us-multisite-dbt-2014-2020-recall"',
            "its row says 0.089",
        ),
        ('format = 1\nstart_from = "US"\nrecall_share = 2', "ours.toml, recall_share: 2 is outside"),
    ],
)
def test_a_file_that_is_wrong_says_where_and_how_to_mend_it(text: str, words: str) -> None:
    with pytest.raises(AssumptionError) as error:
        parse(text, where="ours.toml")
    assert words in str(error.value)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_bytes(b"format = 1 # \xff")
    with pytest.raises(AssumptionError, match="not text in UTF-8"):
        load(file)


def test_values_are_said_as_people_write_them() -> None:
    assert said(FIELDS["recall_share"], 0.089) == "8.9 %"
    assert said(FIELDS["exams_per_day"], 1) == "1 woman"
    assert said(FIELDS["ultrasound_sessions"], 1) == "1 half-day"
    assert said(FIELDS["notice_days"], 2) == "2 working days"


def test_loads_are_plain_sums() -> None:
    unit = changed(defaults("US"), "exams_per_day=20", "recall_share=0.1", "attends=0.5", "ultrasound_share=0.5")
    found = loads(unit.assumptions)
    assert found["mammography"].asked == pytest.approx(20 * 5 * 0.1 / 0.5)
    assert found["ultrasound"].asked == pytest.approx(10)
    assert found["ultrasound"].offered == 12
    assert found["readers"].asked == pytest.approx(20 * 5 * 4 / 60)


def test_ultrasound_without_mammography_beside_it_is_found() -> None:
    unit = changed(defaults("US"), "mammography_sessions=2").assumptions
    assert unusable_ultrasound(unit) == 4
    assert unusable_ultrasound(defaults("US").assumptions) == 0
