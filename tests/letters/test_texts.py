"""A text says that there is a message, or a code; never what it is about, and never more than fits one text."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from closerlook.letters import texts
from closerlook.people.models import Site
from tests.letters.database import riverside
from tests.letters.story import START


def written(outbox: Path, name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((outbox / "texts" / name).read_text())
    return found


def test_a_text_names_the_clinic_and_the_number_and_nothing_else(outbox: Path, site: Site) -> None:
    text = written(outbox, texts.put("555 0199", site=site, now=START))
    assert text["body"] == "You have a message from Riverside Breast Clinic. Ring 555 0100."
    assert text["to"] == "555 0199"


def test_a_code_comes_with_the_clinic_and_how_long_it_works(outbox: Path, site: Site) -> None:
    body = written(outbox, texts.put("555 0199", site=site, now=START, code="123456"))["body"]
    assert body.startswith("123456 is your code for your page at Riverside Breast Clinic.")
    assert "10 minutes" in body


@pytest.mark.parametrize("code", [None, "123456"])
def test_a_long_name_still_fits_one_text(outbox: Path, code: str | None) -> None:
    site = riverside(name="The Very Long Name of a Breast Centre " * 6)
    body = written(outbox, texts.put("555 0199", site=site, now=START, code=code))["body"]
    assert len(body) <= 160
    assert (code or "555 0100") in body


def test_the_same_text_later_is_another_file(outbox: Path, site: Site) -> None:
    first = texts.put("555 0199", site=site, now=START)
    assert texts.put("555 0199", site=site, now=START) == first
    assert texts.put("555 0199", site=site, now=START + timedelta(minutes=1)) != first
