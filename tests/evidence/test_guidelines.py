"""Guideline rows are kept for good, each with what it rests on, and nothing from memory is taken for a rule."""

import hashlib
import re
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from closerlook.evidence import guidelines
from closerlook.evidence.guidelines import (
    AGES_NOT_READ,
    BODIES,
    FIRST_BY_AGE,
    INTERVAL_NOT_READ,
    OTHER_INTERVALS,
    SPEAKS_OF,
    STANDINGS,
    GuidelineError,
    Row,
    Speaks,
    Standing,
    explain,
    parse,
    rows,
)

SHIPPED = Path(__file__).with_name("shipped_rows.txt")
"""Every row ever shipped, with the hash of what it said. Lines are added; none is ever changed or taken out."""

ROW = """
schema = 1
[[guideline]]
id = "uspstf-2024-average"
body = "USPSTF"
country = "US"
version = "2024-04-30"
risk_group = "average"
start_age = 40
stop_age = 74
interval_months = 24
modality = ["mammography"]
strength = "B"
stop_rule = ""
notes = ""
quote = "every other year"
url = "https://example.org"
evidence = "primary"
"""


def digest(row: Row) -> str:
    return hashlib.sha256(msgspec.json.encode(row, order="deterministic")).hexdigest()


def test_no_row_was_edited_and_none_was_taken_out_since_it_was_shipped() -> None:
    shipped = dict(line.split() for line in SHIPPED.read_text().splitlines())
    now = {row.id: digest(row) for row in rows()}
    assert {row_id for row_id in shipped if now.get(row_id) != shipped[row_id]} == set(), (
        "a shipped row is never edited: put it back as it was, and add the later version beside it under its own id"
    )
    assert set(now) == set(shipped), "a new row: add its id and hash to shipped_rows.txt"


def test_ids_are_unique_and_every_table_names_rows_that_are_there() -> None:
    ids = [row.id for row in rows()]
    assert len(ids) == len(set(ids))
    assert set(SPEAKS_OF) == set(ids)
    assert {*INTERVAL_NOT_READ, *AGES_NOT_READ, *OTHER_INTERVALS, *FIRST_BY_AGE} <= set(ids)
    assert {row.strength for row in rows()} == set(STANDINGS)
    assert {row.body for row in rows()} == {heading for body in BODIES.values() for heading in body.headings}


def test_every_row_that_speaks_has_words_it_rests_on_and_where_they_stand() -> None:
    for row in rows():
        assert row.evidence == "memory" or (row.quote and row.url), row.id


def test_whatever_a_note_says_is_from_memory_or_assumed_is_not_used() -> None:
    noted = {row.id for row in rows() if re.search(r"from memory|\(memory\)|assumed", row.notes)}
    assert noted == INTERVAL_NOT_READ | set(AGES_NOT_READ)
    for row in rows():
        if row.id in INTERVAL_NOT_READ:
            assert row.months is None
        assert not [way for way in row.read_modality if "memory" in way]


def test_a_row_from_memory_is_never_used() -> None:
    (row,) = guidelines.of("ctfphc")
    assert row.evidence == "memory"
    assert not guidelines.usable(row, allow_secondary=True)


def test_secondary_rows_are_used_only_where_asked_for() -> None:
    secondary = [row for row in rows() if row.evidence == "secondary"]
    assert secondary
    assert not any(guidelines.usable(row, allow_secondary=False) for row in secondary)
    assert all(guidelines.usable(row, allow_secondary=True) for row in secondary)


def test_the_routine_rows_of_a_body_do_not_overlap_in_age() -> None:
    for name in BODIES:
        for version in guidelines.versions(name):
            found = guidelines.routine(name, version)
            for row, later in pairwise(found):
                assert row.stop_age
                assert row.stop_age < later.start_age, (row.id, later.id)


def test_a_choice_of_intervals_holds_the_interval_of_the_row() -> None:
    months = {row.id: row.months for row in rows()}
    for row_id, (shortest, longest) in OTHER_INTERVALS.items():
        assert (months[row_id] or 0) in (shortest, longest)


def test_a_row_is_explained_by_its_version_its_words_and_where_they_stand() -> None:
    (sentence,) = explain(("uspstf-2024-average",))
    assert sentence.startswith("USPSTF 2024-04-30 (uspstf-2024-average): ")
    assert "every 24 months" in sentence
    assert '"all women get screened' in sentence
    assert "https://uspreventiveservicestaskforce.org" in sentence
    (unread,) = explain(("ecibc-70-74",))
    assert "no interval stated by a source we read" in unread
    with pytest.raises(GuidelineError, match="there is no row 'uspstf-1999'"):
        explain(("uspstf-1999",))


def test_a_later_version_stands_beside_the_old_one_and_both_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    old = next(row for row in rows() if row.id == "uspstf-2024-average")
    new = msgspec.structs.replace(old, id="uspstf-2030-average", version="2030-01-01", start_age=45)
    monkeypatch.setitem(SPEAKS_OF, new.id, frozenset({Speaks.ROUTINE}))
    both = (*rows(), new)
    monkeypatch.setattr(guidelines, "rows", lambda: both)
    assert guidelines.versions("uspstf") == ("2024-04-30", "2030-01-01")
    assert [row.id for row in guidelines.routine("uspstf", None)] == ["uspstf-2030-average"]
    assert [row.id for row in guidelines.routine("uspstf", "2024-04-30")] == [
        "uspstf-2024-average",
        "uspstf-2024-75plus",
    ]
    assert "USPSTF 2024-04-30" in explain(("uspstf-2024-average",))[0]


def test_an_unknown_body_or_version_lists_those_there_are() -> None:
    with pytest.raises(GuidelineError, match=r"no guideline body 'who'\. Choose one of: uspstf, acs"):
        guidelines.body("who")
    with pytest.raises(GuidelineError, match=r"USPSTF has no version '2016' here\. Its versions: 2024-04-30"):
        guidelines.routine("uspstf", "2016")


def test_the_example_of_a_row_is_taken() -> None:
    (row,) = parse(ROW, "rows.toml")
    assert (row.id, row.standing, row.months) == ("uspstf-2024-average", Standing.RECOMMENDED, 24)


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        ("start_age = 40", 'start_age = "40"', "row 1 (uspstf-2024-average), start_age: Expected `int`, got `str`"),
        ("start_age = 40", "start_age = 80", "row 1 (uspstf-2024-average), stop_age: 74; write the last age"),
        ("start_age = 40", "start_age = -1", "start_age: -1; write an age in years"),
        ("start_age = 40\n", "", "start_age: Object missing required field `start_age`"),
        ("interval_months = 24", "interval_months = 2.5", "interval_months: Expected `int`"),
        ("interval_months = 24", "interval_months = 240", "interval_months: 240; write months"),
        ('"primary"', '"hearsay"', "evidence: Invalid enum value 'hearsay'"),
        ('quote = "every other year"', 'quote = ""', "quote: ''; give the words it rests on"),
        ('url = "https://example.org"', 'url = ""', "url: ''; say where they stand"),
        ('strength = "B"', 'strength = "Z"', "strength: 'Z'; say in STANDINGS"),
        ('body = "USPSTF"', 'body = "Someone"', "body: 'Someone'; name it in BODIES"),
        ('id = "uspstf-2024-average"', 'id = "New_Row"', "id: 'New_Row'; write small letters"),
        ('id = "uspstf-2024-average"', 'id = "new-row"', "id: 'new-row'; say in SPEAKS_OF"),
        ('version = "2024-04-30"', 'version = " "', "version: ' '; say which version"),
        ('["mammography"]', "[]", "modality: (); write at least one"),
        ('notes = ""', 'notes = ""\nremark = ""', "remark: Object contains unknown field `remark`"),
        ("schema = 1", "schema = 2", "rows.toml: write schema = 1"),
        ("schema = 1", "schema = ", "rows.toml: not TOML"),
    ],
)
def test_a_faulty_row_is_named_with_file_row_field_and_mend(change: str, to: str, says: str) -> None:
    assert change in ROW
    with pytest.raises(GuidelineError) as error:
        parse(ROW.replace(change, to), "rows.toml")
    assert str(error.value).startswith("rows.toml")
    assert says in str(error.value)


def test_an_id_used_twice_is_named() -> None:
    with pytest.raises(GuidelineError, match=r"row 2 \(uspstf-2024-average\), id: used before"):
        parse(ROW + ROW.replace("schema = 1", ""), "rows.toml")
