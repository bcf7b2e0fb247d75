"""Lists of women as CSV, in and out, for the risk model: line by line, in memory that does not grow with the list.

You are here when a column is added, or when a list is refused. A faulty header stops (`ListError`); a faulty row is
refused in its own words and the rest go on: whoever is in the list comes out of it, with figures or with the reason.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

import numpy as np

from closerlook.evidence.risk import (
    GROUPS,
    NO,
    NO_BIRTH,
    OUTSIDE,
    UNKNOWN,
    YES,
    Floats,
    Risks,
    Women,
    reasons,
    refused,
    risk,
)

COLUMNS = (
    "id",
    "age",
    "group",
    "age_at_menarche",
    "age_at_first_birth",
    "biopsies",
    "atypical_hyperplasia",
    "relatives",
)
OPTIONAL = OUTSIDE
MAY_BE_OPEN = ("group", "age_at_menarche", "age_at_first_birth", "biopsies", "relatives")
"""Columns in which an empty cell counts as the answer of lowest risk, or as a group that is not known."""
"""Columns a list may have beside: yes where the model is not for her (`risk.Women`)."""

FIGURES = ("five_year", "ten_year", "to_90", "average_five_year", "average_to_90")
WRITTEN = ("id", *FIGURES, "refused")
ROWS_AT_ONCE = 8_192
LONGEST_LINE = 65_536
"""Bytes; a longer line is no row."""

COLUMN_OF = {"menarche_age": "age_at_menarche", "first_birth_age": "age_at_first_birth",
             "hyperplasia": "atypical_hyperplasia"}  # fmt: skip
"""What a list calls the fields of `Women` that it calls otherwise."""

NOTHING_LIKE_IT = 97
"""Stands for any number that no answer can be: a written 98 or 99 must not be taken for `NO_BIRTH` or `UNKNOWN`."""

_CELLS = re.compile(r'(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*')
_AGE = re.compile(r"\d{1,3}(\.\d+)?", re.ASCII)
_COUNT = re.compile(r"-?\d+", re.ASCII)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ListError(Exception):
    """The list as a whole cannot be read; the message names file, line, column and mend."""


@dataclass
class Tally:
    """What became of the rows, while the list is read."""

    rows: int = 0
    refused: int = 0
    like_formulas: int = 0
    """Ids that a spreadsheet would take for a formula."""


# ---------------------------------------------------------------- one answer


def _age(text: str) -> float:
    if text and not _AGE.fullmatch(text):
        raise ValueError("is no age; write years, for example 52 or 52.5")
    return float(text) if text else np.nan


def _group(text: str) -> int:
    if not text:
        return GROUPS.index("other_or_unknown")
    if text not in GROUPS:
        raise ValueError(f"is no group; write one of {', '.join(GROUPS)}, or nothing where it is not known")
    return GROUPS.index(text)


def _count(text: str) -> int:
    if not text:
        return UNKNOWN
    if not _COUNT.fullmatch(text):
        raise ValueError("is no whole number; write one, or nothing where it is not known")
    number = int(text[:6])
    return number if 0 <= number < NOTHING_LIKE_IT else NOTHING_LIKE_IT


def _first_birth(text: str) -> int:
    if text == "none":
        return NO_BIRTH
    try:
        return _count(text)
    except ValueError:
        raise ValueError("is no age; write whole years, none for no birth, or nothing where it is not known") from None


def _yes_or_no(text: str) -> int:
    found = {"yes": YES, "no": NO, "unknown": UNKNOWN, "": UNKNOWN}.get(text)
    if found is None:
        raise ValueError("is neither yes, no nor unknown; write one of them")
    return found


READ: dict[str, Callable[[str], float]] = {
    "age": _age,
    "group": _group,
    "age_at_menarche": _count,
    "age_at_first_birth": _first_birth,
    "biopsies": _count,
    "atypical_hyperplasia": _yes_or_no,
    "relatives": _count,
    **dict.fromkeys(OPTIONAL, _yes_or_no),
}


@dataclass
class _Column:
    """One column's answers as numbers; each different text is read once."""

    name: str
    known: dict[str, float] = field(default_factory=dict)

    def read(self, text: str) -> float:
        number = self.known.get(text)
        if number is None:
            try:
                number = READ[self.name](text.strip().lower())
            except ValueError as error:
                raise ValueError(f"{self.name}: {_shown(text)} {error}") from None
            if len(self.known) < 4_096:
                self.known[text] = number
        return number


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")


def one(answers: dict[str, str]) -> Women:
    """Return one woman from answers as text, by column name. Raises ValueError naming the column and the mend."""
    return _women([{name: _Column(name).read(answers.get(name, "")) for name in READ}])


def _women(rows: list[dict[str, float]]) -> Women:
    def answers(name: str) -> list[float]:
        return [row[COLUMN_OF.get(name, name)] for row in rows]

    given = {name: np.array(answers(name)) for name in Women.__dataclass_fields__ if name not in OUTSIDE}
    return Women.of(**given, **{name: np.array(answers(name)) == YES for name in OUTSIDE})


# ---------------------------------------------------------------- a list


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """Give the lines of a file opened for bytes; of one that is too long only as much as shows that it is."""
    while line := stream.readline(LONGEST_LINE + 1):
        rest = line
        while rest and not rest.endswith(b"\n") and len(rest) > LONGEST_LINE:
            rest = stream.readline(LONGEST_LINE + 1)
        yield line


def table(lines: Iterable[bytes], where: str, tally: Tally | None = None) -> Iterator[str]:
    """Give the CSV lines of the answer, header first, in the order of the list. `where` names the list in errors.

    `lines` end with LF or CRLF, as a file opened for bytes gives them. Raises ListError for a header that cannot be
    used, before anything is given. An id is given back as it came, also where a spreadsheet would take it for a
    formula: whoever joins on it must find her again. `tally` counts such ids, for a word to the person who asked.
    """
    tally = tally if tally is not None else Tally()
    numbered = enumerate(lines, 1)
    names = _header(numbered, where)
    return _answers(numbered, names, where, tally)


def _answers(numbered: Iterator[tuple[int, bytes]], names: list[str], where: str, tally: Tally) -> Iterator[str]:
    yield ",".join(WRITTEN) + "\n"
    columns = [None if name == "id" else _Column(name) for name in names]
    blank = dict.fromkeys(set(OPTIONAL) - set(names), float(UNKNOWN))
    rows = (
        _row(number, line, names, columns, blank, where)
        for number, line in numbered
        if line.strip()
    )  # fmt: skip
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        yield _written(chunk, where, tally)


@dataclass
class _Row:
    """One line: her id, and either her answers or why they could not be read."""

    line: int
    id: str
    answers: dict[str, float] | None
    fault: str = ""


def _row(
    number: int, line: bytes, names: list[str], columns: list[_Column | None], blank: dict[str, float], where: str
) -> _Row:
    her_id = ""
    try:
        cells = _cells(line)
        if "id" in names[: len(cells)]:
            her_id = cells[names.index("id")]
        if len(cells) != len(names):
            missing = f" (from {names[len(cells)]} on)" if len(cells) < len(names) else ""
            raise ValueError(f"{len(cells)} cells, and the header has {len(names)}{missing}; write a cell for each")
        answers = dict(blank)
        for name, column, text in zip(names, columns, cells, strict=True):
            if column is not None:
                answers[name] = column.read(text)
    except ValueError as error:
        return _Row(number, her_id, None, f"{where}, line {number}, {error}")
    return _Row(number, her_id, answers)


def _cells(line: bytes) -> list[str]:
    """Return the cells of one line. Raises ValueError with the column, as far as it is known, and the mend."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"column 1: longer than {LONGEST_LINE:,} bytes; end each row with LF or CRLF")
    try:
        text = line.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        column = line[: error.start].count(b",") + 1
        raise ValueError(f"column {column}: not UTF-8; save the list as UTF-8") from None
    if "\0" in text:
        raise ValueError(
            f"column {text[: text.index(chr(0))].count(',') + 1}: a zero byte; save the list as UTF-8 text"
        )
    if '"' not in text:
        return text.split(",")
    try:
        if not _CELLS.fullmatch(text):  # a mark inside a bare cell: the rest of a row that broke in two
            raise csv.Error
        return next(csv.reader([text], strict=True))
    except csv.Error:
        column = text[: text.index('"')].count(",") + 1
        raise ValueError(
            f"column {column}: a quotation mark is left open or stands inside a cell; a row ends with its line, and a "
            "mark inside a quoted cell is doubled"
        ) from None


def _header(numbered: Iterator[tuple[int, bytes]], where: str) -> list[str]:
    number, line = next(((n, line) for n, line in numbered if line.strip(b"\xef\xbb\xbf\r\n \t")), (1, b""))
    here = f"{where}, line {number}"
    mend = f"Begin with a line of column names: {','.join(COLUMNS)}"
    if not line:
        raise ListError(f"{where}, line 1: the list is empty. {mend}")
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ListError(f"{here}, column 1: this is UTF-16. Save the list as UTF-8.")
    try:
        names = [name.strip() for name in _cells(line.removeprefix(b"\xef\xbb\xbf"))]
    except ValueError as error:
        raise ListError(f"{here}, {error}. {mend}") from None
    if len(names) == 1 and (other := next((mark for mark in (";", "\t") if mark in names[0]), None)):
        shown = "semicolons" if other == ";" else "tabs"
        raise ListError(f"{here}, column 1: the columns are parted by {shown}. Save the list with commas.")
    if "\r" in line.decode().rstrip("\r\n"):
        raise ListError(f"{here}, column 1: its lines end with CR alone. Save the list with LF or CRLF.")
    for at, name in enumerate(names, 1):
        if name not in COLUMNS and name not in OPTIONAL:
            known = ", ".join((*COLUMNS, *OPTIONAL))
            raise ListError(f"{here}, column {at}: {_shown(name)} is no column of such a list. Use only: {known}.")
        if name in names[: at - 1]:
            raise ListError(f"{here}, column {at}: {name} is there twice. Keep one of the two.")
    if missing := [name for name in COLUMNS if name not in names]:
        raise ListError(f"{here}: {', '.join(missing)} missing. Add the column; its cells may be empty. {mend}")
    return names


def _written(chunk: list[_Row], where: str, tally: Tally) -> str:
    """Return the answer for some rows as CSV text."""
    read = [row.answers for row in chunk if row.answers is not None]
    women = _women(read)
    figures, bits = risk(women), refused(women)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    at = 0
    for row in chunk:
        why, cells = row.fault, [""] * len(FIGURES)
        if row.answers is not None:
            why = _why(int(bits[at]), row, where)
            cells = _figures(figures, at)
            at += 1
        writer.writerow((row.id, *cells, why))
        tally.rows += 1
        tally.refused += bool(why)
        tally.like_formulas += row.id.startswith(_FORMULA)
    return out.getvalue()


def _figures(figures: Risks, at: int) -> list[str]:
    found: list[Floats] = [getattr(figures, name) for name in FIGURES]
    return ["" if np.isnan(figure[at]) else repr(float(figure[at])) for figure in found]


def _why(bits: int, row: _Row, where: str) -> str:
    """Return why she is refused, "" where she is not."""
    if not bits:
        return ""
    said = [f"{COLUMN_OF.get(reason.field, reason.field)}: {reason.sentence}" for reason in reasons(bits)]
    return f"{where}, line {row.line}, " + " ".join(said)
