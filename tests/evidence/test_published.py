"""The published figures are what the file says they are, and only what was read at its source reaches a woman."""

import re
from decimal import Decimal
from itertools import pairwise

import pytest

from closerlook.evidence import published
from closerlook.evidence.published import Evidence, FiguresError, Kind, Row, figures, parse, shown_to_her

GOOD = """
format = 1
[[figure]]
id = "us-one"
area = "A"
quantity = "recall_rate"
kind = "observed"
value = 0.1
unit = "fraction"
low = 0.09
high = 0.11
interval = "95% CI"
citation = "A study"
url = "https://example.org/"
quote = "one in ten"
evidence = "primary"
[figure.population]
country = "US"
screen = "any"
density = "any"
modality = "dm"
finding = "any"
prior_images = "unknown"
"""


def computed(row: Row) -> float:
    """Return what the formula of a derived row comes to."""
    sum_ = re.sub(r"per 1000|\(source .*\)", "", row.formula).strip()
    if found := re.fullmatch(r"midpoint of printed (\d+)-(\d+) days", sum_):
        return (int(found[1]) + int(found[2])) / 2
    if found := re.fullmatch(r"([\d.]+) weeks \* 7", sum_):
        return float(found[1]) * 7
    assert re.fullmatch(r"[\d.+\-*/() ]+", sum_), sum_
    return float(eval(sum_))


def test_every_row_is_there_under_its_own_id() -> None:
    assert len(figures()) == 526
    assert all(key == row.id for key, row in figures().items())


def test_a_row_says_what_it_was_read_as() -> None:
    row = published.figure("us-multisite-dbt-2014-2020-ppv1")
    assert (row.value, row.low, row.high, row.last_year) == (0.059, 0.057, 0.06, 2020)


@pytest.mark.parametrize("row", [row for row in figures().values() if row.formula], ids=lambda row: row.id)
def test_every_derived_row_computes_to_its_value(row: Row) -> None:
    printed = -int(Decimal(str(row.value)).as_tuple().exponent)
    assert computed(row) == pytest.approx(row.value, abs=0.501 * 10**-printed)


@pytest.mark.parametrize(
    ("was", "is_now", "said"),
    [
        ('id = "us-one"', 'id = "US one"', "row US one, field id: write it in lower case"),
        ("value = 0.1", "value = 1.2", "field value"),
        ("value = 0.1", "value = 0.2", "row us-one, field value: it lies outside its own interval"),
        ('interval = "95% CI"', "", "field interval: say what low and high are"),
        ("low = 0.09", "", "field low, high: give both or neither"),
        ('quote = "one in ten"', 'quote = ""', "field quote: give the words"),
        ('url = "https://example.org/"', 'url = "example.org"', "field url"),
        ('evidence = "primary"', 'evidence = "derived"', "field formula: a derived row has one"),
        ('evidence = "primary"', 'evidence = "hearsay"', "row us-one: Invalid enum value 'hearsay'"),
        ('finding = "any"', 'finding = "lump"', "field finding: choose any or one of mass"),
        ('citation = "A study"', "", "missing required field `citation`"),
        ('citation = "A study"', 'citation = "A study"\ncolour = "red"', "unknown field `colour`"),
        ("format = 1", "format = 2", "write format = 1"),
        ("format = 1", "format = ", "not TOML"),
    ],
)
def test_a_wrong_file_says_where_and_how_to_mend_it(was: str, is_now: str, said: str) -> None:
    with pytest.raises(FiguresError, match=re.escape(said)):
        parse(GOOD.replace(was, is_now), where="figures.toml")


def test_an_id_used_twice_is_refused() -> None:
    with pytest.raises(FiguresError, match="us-one: the id is used twice"):
        parse(GOOD + GOOD.replace("format = 1", ""), where="figures.toml")


def test_only_what_was_observed_and_read_at_its_source_is_shown() -> None:
    for row in published.shown():
        assert row.kind is Kind.OBSERVED
        assert row.evidence is Evidence.PRIMARY or row.id in published.FROM_PRIMARY
        assert not row.bound


@pytest.mark.parametrize("row_id", published.FROM_PRIMARY)
def test_a_derived_row_is_shown_only_where_its_page_was_read_as_primary(row_id: str) -> None:
    """Its numbers stand on a page of the study or of the programme itself."""
    row = figures()[row_id]
    read_there = {one.url for one in figures().values() if one.evidence is Evidence.PRIMARY}
    own_page = {"pmc.ncbi.nlm.nih.gov", "www.ejcancer.com", "breast-cancer-research.biomedcentral.com"}
    own_page.add("cris.maastrichtuniversity.nl")  # the authors' university
    assert row.evidence is Evidence.DERIVED
    assert row.url in read_there or row.url.split("/")[2] in own_page


def test_a_new_derived_row_is_not_shown_until_somebody_has_looked_at_it() -> None:
    made = GOOD.replace('evidence = "primary"', 'evidence = "derived"\nformula = "1 / 10"')
    assert not shown_to_her(parse(made, where="figures.toml")["us-one"])


@pytest.mark.parametrize(
    ("caveat", "pattern"),
    [
        (6, r"us-sfmr-ppv1-.*"),
        (7, r"us-sfmr-finding-share-.*"),
        (8, r"birads-.*-likelihood-.*"),
        (12, r"us-nbccedp-.*"),
        (13, r"it-florence-.*-vdg.*"),
        (13, r"us-bcsc-rate-after-.*"),
        (14, r"us-seer-incidence-.*"),
        (16, r"uk-nhsbsp-target-.*|eu-guideline-.*|us-criteria-.*"),
        (17, r"us-bcsc-2003-2011-.*"),
        (17, r"us-bcsc-2005-2017-fp-rate"),
        (17, r"us-bcsc-2005-2017-.*-rate|us-bcsc-2005-2017-.*-share-of-false-positives"),
        (17, r"us-ucsf-recall-.*|us-bcsc-dx-2007-2013-ppv"),
    ],
)
def test_what_a_caveat_sets_apart_is_not_shown(caveat: int, pattern: str) -> None:
    found = [row for row in figures().values() if re.fullmatch(pattern, row.id)]
    assert found
    assert [row.id for row in found if shown_to_her(row)] == []


@pytest.mark.parametrize(
    "doi",
    [
        "10.1148/radiol.222499",  # tomosynthesis BCSC 2011-2018, known from memory only
        "10.1001/jama.2014.6095",  # tomosynthesis added, known from memory only
        "10.1148/radiol.2017161519",  # diagnostic digital mammography: not confirmed
    ],
)
def test_what_was_never_confirmed_is_not_data(doi: str) -> None:
    assert [row.id for row in published.shown() if row.doi == doi] == []


def test_the_caveats_are_numbered_one_to_seventeen() -> None:
    """A caveat added to the list has to be looked at here."""
    from importlib import resources

    text = (resources.files("closerlook.evidence") / "data/README.md").read_text(encoding="utf-8")
    caveats = text[text.index("## Caveats") : text.index("## Unverified")]
    numbers = [int(found) for found in re.findall(r"^(\d+)\. ", caveats, flags=re.M)]
    assert numbers[0] == 1
    assert numbers[-1] == 17
    assert all(later == earlier + 1 for earlier, later in pairwise(numbers))
