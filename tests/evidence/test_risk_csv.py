"""A list of women goes in and comes out whole: with figures, or with the line, the column and the mend."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from closerlook.evidence.risk import GROUPS, NO_BIRTH, UNKNOWN, Women, risk
from closerlook.evidence.risk_lists import (
    COLUMNS,
    FIGURES,
    LONGEST_LINE,
    ROWS_AT_ONCE,
    WRITTEN,
    ListError,
    Tally,
    lines,
    table,
)
from tests.command_line.processes import run, said
from tests.evidence.people import random_answers

HEADER = ",".join(COLUMNS)
GOOD = "a,52,white,12,24,0,,0"


def answered(
    *rows: str | bytes, header: str = HEADER, end: bytes = b"\n", tally: Tally | None = None
) -> list[dict[str, str]]:
    coded = [row.encode() if isinstance(row, str) else row for row in (header, *rows)]
    text = "".join(table([row + end for row in coded], "women.csv", tally))
    return list(csv.DictReader(io.StringIO(text)))


def refusal(row: str | bytes) -> str:
    """Why one row is refused; the good one after it goes on all the same."""
    first, second = answered(row, GOOD)
    assert not any(first[name] for name in FIGURES)
    assert second["five_year"]
    assert not second["refused"]
    return first["refused"]


def stopped(header: str | bytes, *rows: bytes) -> str:
    with pytest.raises(ListError) as error:
        table([header.encode() if isinstance(header, str) else header, *rows], "women.csv")
    return str(error.value)


def test_the_figures_are_those_of_the_model_to_the_last_digit() -> None:
    answers = random_answers(200, seed=5, whole_ages=False)
    wanted = risk(Women.of(**answers))

    def cell(name: str, at: int) -> str:
        value = answers[name][at]
        if name == "age":
            return repr(float(value))
        if name == "group":
            return GROUPS[int(value)]
        if name == "hyperplasia":
            return {1: "yes", 0: "no", UNKNOWN: "unknown"}[int(value)]
        return {NO_BIRTH: "none", UNKNOWN: ""}.get(int(value), str(int(value)))

    rows = [",".join([f"w{at}", *(cell(name, at) for name in answers)]) for at in range(200)]
    found = answered(*rows)
    for name in FIGURES:
        figures = [float(row[name]) if row[name] else np.nan for row in found]
        np.testing.assert_array_equal(figures, getattr(wanted, name))


def test_columns_may_stand_in_any_order_and_the_three_more_may_be_there() -> None:
    names = [*reversed(COLUMNS), "chest_radiotherapy"]
    values = [*reversed(GOOD.split(",")), "yes"]
    (row,) = answered(",".join(values), header=",".join(names))
    assert row["id"] == "a"
    assert "chest_radiotherapy: Not where the chest" in row["refused"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_byte_order_mark_either_line_end_and_blank_lines_are_taken(end: bytes) -> None:
    (row,) = answered("", GOOD, "  ", "", header="\ufeff" + HEADER, end=end)
    assert row["id"] == "a"
    assert not row["refused"]


def test_answers_left_empty_are_not_known_and_case_and_blanks_do_not_matter() -> None:
    full, empty = answered("a,52, White ,,NONE,,Unknown,", "b,52,,,none,,,")
    assert [full[name] for name in FIGURES] == [empty[name] for name in FIGURES]
    assert full["five_year"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("x,30,white,12,24,0,,0", "women.csv, line 2, age: The model is for women from 35 to 85"),
        ("x,,white,12,24,0,,0", "line 2, age: Her age is missing"),
        ("x,fifty,white,12,24,0,,0", "line 2, age: 'fifty' is no age; write years"),
        ("x,nan,white,12,24,0,,0", "line 2, age: 'nan' is no age"),
        ("x,٥٢,white,12,24,0,,0", "line 2, age: '٥٢' is no age"),
        ("x,1e2,white,12,24,0,,0", "line 2, age: '1e2' is no age"),
        ("x,52,martian,12,24,0,,0", "line 2, group: 'martian' is no group; write one of white"),
        ("x,52,white,12.5,24,0,,0", "line 2, age_at_menarche: '12.5' is no whole number"),
        ("x,52,white,12,never,0,,0", "line 2, age_at_first_birth: 'never' is no age; write whole years, none"),
        ("x,52,white,12,60,0,,0", "line 2, age_at_first_birth: Her first birth is put at an age she has not reached"),
        ("x,52,white,12,24,-1,,0", "line 2, biopsies: The number of biopsies is a whole number, 0 to 50"),
        ("x,52,white,12,24,99,,0", "line 2, biopsies: The number of biopsies is a whole number, 0 to 50"),
        ("x,52,white,12,98,0,,0", "line 2, age_at_first_birth: Age at first birth is in full years"),
        ("x,52,white,12,24,0,,99999999999999999999", "line 2, relatives: Relatives with breast cancer"),
        ("x,52,white,12,24,0,perhaps,0", "line 2, atypical_hyperplasia: 'perhaps' is neither yes, no nor unknown"),
        ("x,52,white,12,24,0,yes,0", "line 2, atypical_hyperplasia: Atypical hyperplasia is found in a biopsy"),
        ("x,52,white", "line 2, 3 cells, and the header has 8 (from age_at_menarche on)"),
        (GOOD + ",7", "line 2, 9 cells, and the header has 8"),
        ('x,"52,white,12,24,0,,0', "line 2, column 2: a quotation mark is left open"),
        (b"x,52,wei\xdf,12,24,0,,0", "line 2, column 3: not UTF-8; save the list as UTF-8"),
        (b"x,5\x002,white,12,24,0,,0", "line 2, column 2: a zero byte"),
        ("x," + "9" * (LONGEST_LINE + 1), "line 2, column 1: longer than 65,536 bytes"),
    ],
)  # fmt: skip
def test_a_bad_row_is_refused_with_line_column_and_mend_and_the_rest_go_on(row: str | bytes, says: str) -> None:
    assert says in refusal(row)


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    said = refusal("x,30,white,12,24,-1,,-1")
    assert said.count("women.csv, line 2") == 1
    assert all(name in said for name in ("age:", "biopsies:", "relatives:"))


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("", "women.csv, line 1: the list is empty. Begin with a line of column names: id,age"),
        ("\n\n", "the list is empty"),
        ("\ufeff\n", "the list is empty"),
        (HEADER.replace(",", ";"), "column 1: the columns are parted by semicolons. Save the list with commas."),
        (HEADER.replace(",", "\t"), "parted by tabs"),
        (HEADER + ",colour", "line 1, column 9: 'colour' is no column of such a list. Use only: id, age"),
        (HEADER + ",age", "line 1, column 9: age is there twice. Keep one of the two."),
        (HEADER + ",", "line 1, column 9: '' is no column"),
        (HEADER.replace("relatives", "id"), "line 1, column 8: id is there twice"),
        ("id,age", "line 1: group, age_at_menarche, age_at_first_birth, biopsies, atypical_hyperplasia, "),
        (HEADER + "\rb,52\r", "lines end with CR alone"),
        (HEADER.encode("utf-16"), "line 1, column 1: this is UTF-16. Save the list as UTF-8."),
        (b"id,\xe4ge\n", "line 1, column 2: not UTF-8"),
        (f'"{HEADER}', "line 1, column 1: a quotation mark is left open"),
    ],
)  # fmt: skip
def test_a_bad_header_stops_before_anything_is_written(header: str | bytes, says: str) -> None:
    assert says in stopped(header)


def test_ids_come_back_as_they_were_also_where_they_look_like_formulas() -> None:
    tally = Tally()
    ids = ["=1+1", "+4", "-4", "@a", 'say ""x""', "a, b", " padded ", "Ås"]
    rows = [f'"{name}",52,white,12,24,0,,0' for name in ids]
    found = answered(*rows, tally=tally)
    assert [row["id"] for row in found] == [name.replace('""', '"') for name in ids]
    assert (tally.rows, tally.refused, tally.like_formulas) == (8, 0, 4)


def test_nothing_that_we_say_ourselves_begins_like_a_formula() -> None:
    assert refusal("x,=1+1,white,12,24,0,,0").startswith("women.csv, line 2, age: '=1+1' is no age")


@given(some.lists(some.binary(max_size=60).filter(lambda row: not {10, 13} & set(row)), max_size=20))
def test_whatever_the_rows_hold_each_comes_out_once(rows: list[bytes]) -> None:
    tally = Tally()
    found = answered(*rows, tally=tally)
    assert len(found) == tally.rows == sum(bool(row.strip()) for row in rows)
    assert all(bool(row["refused"]) is not bool(row["five_year"]) for row in found)


def test_a_long_list_is_read_as_it_is_answered() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield HEADER.encode() + b"\n"
        while True:
            taken += 1
            yield GOOD.encode() + b"\n"

    parts = table(endless(), "women.csv")
    assert next(parts).startswith("id,")
    assert next(parts).count("\n") == ROWS_AT_ONCE
    assert taken == ROWS_AT_ONCE


def test_a_line_without_an_end_is_not_kept_in_memory() -> None:
    stream = io.BytesIO(b"id\n" + b"x" * (5 * LONGEST_LINE) + b"\nlast")
    assert [len(line) for line in lines(stream)] == [3, LONGEST_LINE + 1, 4]


# ---------------------------------------------------------------- from the command line


def test_the_command_writes_csv_on_stdout_alone_and_counts_on_stderr(tmp_path: Path) -> None:
    source = tmp_path / "women.csv"
    source.write_text(f"{HEADER}\n{GOOD}\nyoung,30,white,12,24,0,,0\n=b,52,,,,,,\n")
    done = run(tmp_path, "risk", "--csv", str(source))
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert done.returncode == 3
    assert tuple(rows[0]) == WRITTEN
    assert [bool(row["refused"]) for row in rows] == [False, True, False]
    assert rows[1]["refused"].startswith(f"{source}, line 3, age:")
    assert "3 rows, 1 refused" in done.stderr
    assert "1 ids begin like a formula" in done.stderr


def test_a_bad_header_ends_the_command_with_2_and_nothing_on_stdout(tmp_path: Path) -> None:
    source = tmp_path / "women.csv"
    source.write_text("id;age\n")
    done = run(tmp_path, "risk", "--csv", str(source))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{source}, line 1, column 1: the columns are parted by semicolons" in done.stderr


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "risk", "--csv", str(tmp_path / "none.csv"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.csv" in done.stderr


def test_one_person_by_options(tmp_path: Path) -> None:
    done = run(tmp_path, "risk", "--age", "52", "--group", "white", "--age-at-menarche", "12",
               "--age-at-first-birth", "24", "--biopsies", "0", "--relatives", "0", "--json")  # fmt: skip
    found = said(done)
    assert done.returncode == 0
    (row,) = answered(GOOD)
    assert {name: repr(found[name]) for name in FIGURES} == {name: row[name] for name in FIGURES}
    assert found["refused"] == []
    assert "not her chance" in found["note"]
    assert len(found["not_computed_here"]) == 3
    words = run(tmp_path, "risk", "--age", "52").stdout
    assert "of 100 of her age and group" in words
    assert "times" not in words


def test_one_person_who_is_refused_hears_why_and_who_else_computes(tmp_path: Path) -> None:
    done = run(tmp_path, "risk", "--age", "52", "--known-mutation", "yes")
    assert done.returncode == 3
    assert "known_mutation: Not where a gene change or syndrome is known" in done.stdout
    assert "canrisk.org" in done.stdout
    wrong = run(tmp_path, "risk", "--age", "old")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "age: 'old' is no age" in wrong.stderr
