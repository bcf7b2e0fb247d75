"""Whom she can ring: the surest number first, nothing for facilities, no hours that nobody read."""

import re

import pytest

from closerlook.evidence import resources
from closerlook.evidence.resources import ResourcesError, Verified, crisis_line, everything, helplines, parse

GOOD = """
[[resource]]
id = "us-one"
country = "US"
name = "One"
phone = "1-800-555-0100"
url = "https://example.org"
hours_seen = ""
languages = ["en", "es (to check)"]
before_diagnosis = true
verified = "own"
quote = "ring us"
seen = "https://example.org/ring"
"""


@pytest.mark.parametrize("country", resources.countries())
@pytest.mark.parametrize("diagnosed", [False, True])
def test_the_surest_numbers_stand_first(country: str, diagnosed: bool) -> None:
    sure = [tuple(Verified).index(row.verified) for row in helplines(country, diagnosed=diagnosed)]
    assert sure == sorted(sure)
    assert sure


@pytest.mark.parametrize("country", resources.countries())
def test_before_a_diagnosis_nobody_is_sent_to_a_line_for_people_with_cancer(country: str) -> None:
    assert all(row.before_diagnosis for row in helplines(country))
    assert {row.id for row in helplines(country)} <= {row.id for row in helplines(country, diagnosed=True)}


def test_a_line_for_people_with_cancer_is_named_to_them() -> None:
    assert "us-lbbc" in {row.id for row in helplines("US", diagnosed=True)}


def test_a_line_for_facilities_is_shown_to_no_patient() -> None:
    for country in resources.countries():
        assert "us-mqsa-complaint" not in {row.id for row in helplines(country, diagnosed=True)}


def test_the_line_for_the_worst_moment_stands_apart() -> None:
    assert {country: line.id for country in resources.countries() if (line := crisis_line(country))} == {
        "US": "us-988",
        "GB": "uk-shout",
    }
    assert not {"us-988", "uk-shout"} & {row.id for c in resources.countries() for row in helplines(c)}


def test_the_united_kingdom_has_its_numbers_by_any_of_its_names() -> None:
    assert helplines("UK") == helplines("GB") == helplines("UK-WAL") != ()
    assert crisis_line("UK-ENG") == crisis_line("GB")


def test_a_country_without_a_number_on_file_has_none() -> None:
    assert helplines("FR") == ()
    assert crisis_line("FR") is None


def test_every_named_exception_is_a_row() -> None:
    assert {*resources.CRISIS, *resources.FOR_FACILITIES} <= set(everything())


def test_a_language_still_to_be_checked_is_not_promised() -> None:
    assert everything()["us-komen"].speaks == ("en",)


@pytest.mark.parametrize(("row_id", "dialled"), [("us-acs", "18002272345"), ("uk-shout", ""), ("us-force", "")])
def test_a_phone_dials_only_what_is_a_number(row_id: str, dialled: str) -> None:
    assert everything()[row_id].dials == dialled


@pytest.mark.parametrize(
    ("was", "is_now", "said"),
    [
        ('country = "US"', 'country = "Utopia"', "row us-one, field country: write two capital letters"),
        ('url = "https://example.org"', 'url = "http://example.org"', "row us-one, field url"),
        ('quote = "ring us"', 'quote = ""', "row us-one, field quote, seen"),
        ('verified = "own"', 'verified = "rumour"', "row us-one: Invalid enum value"),
        ('name = "One"', "", "missing required field `name`"),
        ("[[resource]]", "[[resource", "not TOML"),
    ],
)
def test_a_wrong_file_says_where_and_how_to_mend_it(was: str, is_now: str, said: str) -> None:
    with pytest.raises(ResourcesError, match=re.escape(said)):
        parse(GOOD.replace(was, is_now), where="resources.toml")


def test_an_id_used_twice_is_refused() -> None:
    with pytest.raises(ResourcesError, match="us-one: the id is used twice"):
        parse(GOOD * 2, where="resources.toml")
