"""Every list of the desk: filtered, sorted, turned page by page, and taken along as a file that is no formula."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client, RequestFactory

from closerlook.desk import tables
from closerlook.desk.tables import Column
from closerlook.people.models import Look, Patient
from closerlook.record.models import OpenLoop
from tests.desk.people import Unit
from tests.desk.test_pages import many
from tests.feeds.messages import CALLED_LEFT

Sit = Callable[[str], Client]
COLUMNS = (Column("name", "Name", lambda row: row[0]), Column("age", "Age", lambda row: row[1], "number"))
ROWS = [("ada", 41), ("Bea", 9), ("cleo", None), ("Ada Lim", 70)]


def shown(asked: str, rows: list[tuple[str, int | None]] = ROWS, page: int = 50) -> tables.Table:
    return tables.table(RequestFactory().get(f"/?{asked}"), COLUMNS, rows, page=page)


def test_words_sort_as_people_do_and_numbers_as_numbers() -> None:
    assert [row[0] for row in shown("sort=name").rows] == ["ada", "Ada Lim", "Bea", "cleo"]
    assert [row[1] for row in shown("sort=age").rows] == [9, 41, 70, None]
    assert [row[0] for row in shown("sort=-name").rows] == ["cleo", "Bea", "Ada Lim", "ada"]
    assert [head.sorted for head in shown("sort=-age").heads] == ["", "descending"]


def test_every_word_of_the_filter_has_to_stand_in_the_line() -> None:
    assert [row[0] for row in shown("q=ADA").rows] == ["ada", "Ada Lim"]
    assert [row[0] for row in shown("q=ada+70").rows] == ["Ada Lim"]
    assert shown("q=nobody").total == 0


def test_a_page_leads_on_and_back_and_keeps_what_was_asked() -> None:
    first = shown("q=a&sort=name&days=7", page=2)
    assert (len(first.rows), first.total, first.before) == (2, 3, "")
    assert first.after == "?days=7&q=a&sort=name&from=2"
    second = shown("q=a&sort=name&days=7&from=2", page=2)
    assert (len(second.rows), second.after) == (1, "")
    assert shown("from=99").first == 0
    assert shown("from=x").first == 0


def test_a_file_holds_every_line_and_no_formula() -> None:
    columns = (Column("a", "A", lambda row: row[0]), Column("b", "B", lambda row: row[1]))
    rows = [("=HYPERLINK(1)", date(2026, 11, 3)), ("@x", datetime(2026, 11, 3, 9, tzinfo=UTC)), ("-1.5", None)]
    answer = tables.csv_of("things", columns, rows)
    assert answer["Content-Disposition"].startswith('attachment; filename="closer-look-things-20')
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[:2] == ['"A","B"', '"\'=HYPERLINK(1)","2026-11-03"']
    assert lines[2].startswith('"\'@x","2026-11-03 ')
    assert lines[3] == '"-1.5",""'


def test_two_tables_of_a_page_are_sorted_apart(unit: Unit, sit: Sit) -> None:
    unit.report(coded=CALLED_LEFT)
    page = sit("manager").get("/ledger/?placessort=-patients&feedsq=RIVERIS").content.decode()
    assert page.count('aria-sort="descending"') == 1
    assert "RIVERIS|RIVERSIDE" in page
    file = sit("manager").get("/ledger/?feedsfile=csv").content.decode("utf-8-sig")
    assert file.startswith('"Sender","Came in","Taken"')


@pytest.mark.parametrize("path", ["/", "/?who=everyone&order=newest"])
def test_what_is_owed_goes_along_as_a_file_and_that_is_written_down(unit: Unit, sit: Sit, path: str) -> None:
    patient = unit.report(coded=CALLED_LEFT)
    answer = sit("radiologist").get(f"{path}{'&' if '?' in path else '?'}file=csv")
    assert "Plan the call-back" in answer.content.decode()
    assert patient not in answer["Content-Disposition"]
    assert Look.objects.get(page="home, file").shown == f" {patient} "


def test_the_latest_due_come_first_where_asked_and_no_line_is_lost(unit: Unit, sit: Sit) -> None:
    many(120)
    seen: list[str] = []
    path: str | None = "/?who=everyone&order=newest"
    while path:
        page = sit("navigator").get(path)
        text = page.content.decode()
        seen += text.partition("<tbody>")[2].split("<tr>")[1:]
        after = text.partition('class="button quiet" href="')[2].partition('"')[0].replace("&amp;", "&")
        path = f"/{after}" if "after=" in after else None
    whole = sit("navigator").get("/?who=everyone&file=csv").content.decode().splitlines()
    assert len(whole) - 1 == len(seen) == OpenLoop.objects.exclude(owner="system").count() == 360


def test_a_patients_story_goes_along_without_her_name_in_its_name(unit: Unit, sit: Sit) -> None:
    patient = unit.report(coded=CALLED_LEFT)
    answer = sit("navigator").get(f"/patient/{patient}/?file=csv")
    assert Patient.objects.get(pk=patient).family not in answer["Content-Disposition"]
    assert '"Number","When","What","By"' in answer.content.decode("utf-8-sig")
