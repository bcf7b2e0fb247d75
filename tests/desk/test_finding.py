"""Finding a patient, without leaving who was looked for in any address or log."""

import logging
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import expect

from closerlook.desk.finding import matching
from tests.desk.people import HERS, Desk, QuietHandler, Unit
from tests.desk.test_owed import here


@pytest.fixture
def three(unit: Unit) -> None:
    """Marta Olsen, Marta Olsen-Diaz and Ana Olsen."""
    unit.report("M1", number="MR100", name="Olsen^Marta", born="19680503", accession="A1")
    unit.report("M2", number="MR200", name="Olsen-Diaz^Marta^Ines", born="19710904", accession="A2")
    unit.report("M3", number="MR300", name="Olsen^Ana", born="19680503", accession="A3")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("olsen", ["MR300", "MR100", "MR200"]),
        ("Marta Olsen", ["MR100", "MR200"]),
        ("Olsen, Ana", ["MR300"]),
        ("diaz", ["MR200"]),
        ("Ines", ["MR200"]),
        ("mr300", ["MR300"]),
        ("1971-09-04", ["MR200"]),
        ("19710904", ["MR200"]),
        ("4 September 1971", ["MR200"]),
        ("Marta 1968-05-03", ["MR100"]),
        ("Marta 1999-01-01", []),
        ("lsen", []),
        ("%", []),
        ("  ", []),
    ],
)
def test_every_word_has_to_fit_the_same_person(three: None, unit: Unit, asked: str, found: list[str]) -> None:
    numbers = [",".join(i.value for i in p.identifiers.all()) for p in matching(asked, here(unit, "desk"))]
    assert numbers == found


def test_one_hit_goes_straight_to_her_page(three: None, sit: Callable[[str], Client], unit: Unit) -> None:
    answer = sit("desk").post("/find/", {"q": "MR300"})
    assert answer["Location"] == f"/patient/{unit.patient('MR300').id}/"


def test_many_hits_are_told_apart_by_birth_date(desk: Desk, three: None) -> None:
    page = desk.sit("desk")
    page.get_by_label("Find a patient").fill("olsen")
    desk.press(page, "Find")
    assert page.url == f"{desk.address}/find/"
    desk.row(page, "4 September 1971", "Open")
    expect(page.get_by_role("heading", level=1)).to_have_text("Marta Ines Olsen-Diaz")


def test_no_hit_says_what_to_try(sit: Callable[[str], Client], unit: Unit) -> None:
    assert "Nobody was found" in sit("desk").post("/find/", {"q": "nobody"}).content.decode()


def test_a_name_in_an_address_finds_nobody(three: None, sit: Callable[[str], Client]) -> None:
    page = sit("desk").get("/find/?q=Olsen").content.decode()
    assert "Marta" not in page


def test_who_was_looked_for_is_in_no_log(desk: Desk, three: None, unit: Unit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    QuietHandler.asked.clear()
    page = desk.sit("desk")
    page.get_by_label("Find a patient").fill("Marta Olsen")
    desk.press(page, "Find")
    page.goto(f"{desk.address}/patient/{unit.patient().id}/do/NoSuchStep/")
    lines = [*QuietHandler.asked, *(r.getMessage() for r in caplog.records if not r.name.startswith("django.db"))]
    assert QuietHandler.asked
    assert not [line for line in lines if any(word in line for word in HERS)]
