"""Tables of the desk: each can be filtered, sorted, turned page by page, and taken along as a file.

You are here to show a list. Name its columns, hand in the rows, show `Table` with `look.listing`. What a million rows
could be is not listed here but read along an index (`owed`); it shares the file (`csv_of`).
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from msgspec import Struct

from closerlook.look.jinja import query

PAGE = 50
AT_MOST = 5_000
"""Rows that are sorted in memory; a list that may be longer says so and is read along an index instead."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Column(Struct, frozen=True):
    """One column: its name in an address, its head, and what a row holds in it. `kind` "number" aligns it."""

    name: str
    label: str
    value: Callable[[Any], Any]
    kind: str = ""


class Head(Struct, frozen=True):
    """The head of a column on the page: where a click sorts, and how it is sorted now ("" where it is not)."""

    label: str
    kind: str
    href: str
    sorted: str


class Table(Struct, frozen=True):
    """One page of a list as `look.listing` shows it."""

    name: str
    heads: tuple[Head, ...]
    rows: Sequence[Any]
    total: int
    words: str
    first: int
    before: str
    after: str
    file: str
    kept: dict[str, str]


def table(
    request: HttpRequest, columns: Sequence[Column], rows: Iterable[Any], page: int = PAGE, name: str = ""
) -> Table:
    """Return the page of `rows` that the address asks for: `q` filters, `sort` (`-` in front: downwards), `from`.

    Every word of `q` has to stand in one of the columns. Where a page shows two tables, each has a `name`, which stands
    in front of these.
    """
    asks = {what: f"{name}{what}" for what in ("q", "sort", "from", "file")}
    words = request.GET.get(asks["q"], "").strip()[:100]
    sort, first = request.GET.get(asks["sort"], ""), number_of(request.GET.get(asks["from"], ""))
    found = [row for row in rows if _fits(row, columns, words)]
    by = next((c for c in columns if c.name == sort.lstrip("-")), None)
    if by is not None:
        found.sort(key=lambda row: _sortable(by.value(row)), reverse=sort.startswith("-"))
    kept = {k: str(v) for k, v in request.GET.items() if k not in asks.values()}
    base = kept | {asks["q"]: words, asks["sort"]: sort}
    first = first if first < len(found) else 0
    last = first + page
    return Table(
        name=name,
        heads=tuple(_head(c, sort, base, asks["sort"]) for c in columns),
        rows=found[first:last],
        total=len(found),
        words=words,
        first=first,
        before=_href(base | {asks["from"]: str(max(first - page, 0))}) if first else "",
        after=_href(base | {asks["from"]: str(last)}) if last < len(found) else "",
        file=_href(base | {asks["file"]: "csv"}),
        kept=kept | ({asks["sort"]: sort} if sort else {}),
    )


def wants_file(request: HttpRequest, name: str = "") -> bool:
    """Whether the address asks for the whole list as a file."""
    return request.GET.get(f"{name}file") == "csv"


def file_of(
    request: HttpRequest, what: str, columns: Sequence[Column], rows: Iterable[Any], name: str = ""
) -> HttpResponse:
    """Return the list, filtered and sorted as the address asks, as a file. `what` names what it lists, nobody in it."""
    return csv_of(what, columns, table(request, columns, rows, AT_MOST, name).rows)


def csv_of(name: str, columns: Sequence[Column], rows: Iterable[Any]) -> HttpResponse:
    """Return rows as a CSV file that a spreadsheet opens as text: nothing in it is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(column.label for column in columns)
    writer.writerows([_safe(_plain(column.value(row))) for column in columns] for row in rows)
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    day = timezone.localdate().isoformat()
    answer["Content-Disposition"] = f'attachment; filename="closer-look-{name}-{day}.csv"'
    return answer


def number_of(asked: str) -> int:
    """Return a number that came with an address or a form; 0 where it is none, or longer than any of ours."""
    return int(asked) if asked.isdecimal() and len(asked) < 10 else 0


def _fits(row: Any, columns: Sequence[Column], words: str) -> bool:
    said = " ".join(_plain(c.value(row)) for c in columns).casefold() if words else ""
    return all(word in said for word in words.casefold().split())


def _sortable(value: Any) -> tuple[bool, Any]:
    """Return what puts values of one column in order: nothing comes last, words go by letters."""
    return (value is None or value == "", value.casefold() if isinstance(value, str) else value or 0)


def _head(column: Column, sort: str, base: dict[str, str], key: str) -> Head:
    mine, down = sort.lstrip("-") == column.name, sort.startswith("-")
    asked = f"-{column.name}" if mine and not down else column.name
    state = ("descending" if down else "ascending") if mine else ""
    return Head(column.label, column.kind, _href(base | {key: asked}), state)


def _href(values: dict[str, str]) -> str:
    return f"?{query(values)}"


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _safe(value: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    number = value.lstrip("+-").replace(".", "", 1).isdecimal()
    risky = value.startswith(FORMULA) or value.lstrip().startswith(FORMULA)
    return f"'{value}" if risky and not number else value
