"""A letter is in her language on file where we have words in it; what the law prescribes stays English in it."""

import json
from typing import Any

import pytest
from django.utils import translation

from closerlook.letters import documents, outbox, texts
from closerlook.letters.provider import DENSITY
from closerlook.letters.words import DENSE, NOT_DENSE
from closerlook.pathway.events import Document
from closerlook.pathway.terms import Assessment, Density
from closerlook.people.models import Patient, Site
from tests.letters.database import riverside
from tests.letters.story import Story
from tests.look.html import Page

A = Assessment


@pytest.fixture
def write(olsen: Patient, site: Site) -> Any:
    def write_(
        language: str, document: Document = Document.SUMMARY, density: Density = Density.D, **report: Any
    ) -> Page:
        olsen.language = language
        story = Story().report(A.NEGATIVE, density=density, **report)
        file = documents.write(
            document, patient_row=olsen, episode=story.episode, exam=story.exam, site=site, link_url=None,
            report_text=None, now=story.now,
        )  # fmt: skip
        page = Page(documents.read(file))
        assert page.faults == []
        return page

    return write_


@pytest.mark.parametrize(
    ("language", "tag", "said"),
    [
        ("", "en", "We saw no sign of cancer in your breasts."),
        ("SPA", "es", "No vimos ninguna señal de cáncer en sus mamas."),
        ("Arabic", "ar", "لم نر أي علامة على السرطان في ثدييك."),
        ("fr-CA", "fr", "Nous n’avons vu aucun signe de cancer dans vos seins."),
        ("vie", "en", "We saw no sign of cancer in your breasts."),
    ],
)
def test_a_summary_is_in_her_language_with_the_statement_of_the_law(
    write: Any, language: str, tag: str, said: str
) -> None:
    page = write(language)
    assert page.all("html")[0]["lang"] == tag
    assert said in page.text
    assert DENSE in page.text
    assert {"lang": "en", "dir": "ltr"} in page.all("p")
    assert translation.get_language() == "en"


def test_a_letter_is_the_same_whatever_language_the_worker_happens_to_be_in(write: Any) -> None:
    plain = write("SPA").text
    with translation.override("ar"):
        assert write("SPA").text == plain


def test_a_letter_in_english_for_another_language_offers_an_interpreter_in_it(write: Any) -> None:
    page = write("vie")
    assert "Dịch vụ thông dịch miễn phí." in page.text
    assert {"lang": "vi", "dir": "ltr"} in page.all("p")


@pytest.mark.parametrize("density", Density)
def test_a_report_for_a_provider_is_english_and_its_density_word_for_word(
    write: Any, site: Site, olsen: Patient, database: None, density: Density
) -> None:
    page = write("SPA", Document.PROVIDER_REPORT, density)
    assert page.all("html")[0]["lang"] == "en"
    assert DENSITY[density] in page.text
    assert "Dear" not in page.text
    assert "mama" not in page.text


def test_the_full_report_to_her_is_english_after_her_own_language(write: Any, database: None) -> None:
    page = write("ara", Document.PROVIDER_REPORT, provider=None)
    assert page.all("html")[0]["lang"] == "en"
    assert {"lang": "ar", "dir": "rtl"} in page.all("div")
    assert "لم نر أي علامة على السرطان في ثدييك." in page.text
    assert "We saw no sign" not in page.text
    assert DENSITY[Density.D] in page.text


def test_an_invitation_is_in_her_language(olsen: Patient, site: Site) -> None:
    olsen.language = "spa^Spanish"
    story = Story().invited()
    file = documents.invite(patient_row=olsen, episode=story.episode, site=site, now=story.now)
    page = Page(documents.read(file))
    assert page.all("html")[0]["lang"] == "es"
    assert "Usted decide." in page.text


def test_the_four_sentences_and_two_statements_are_the_regulations() -> None:
    """21 CFR 900.12(c)(1)(vi) and (c)(2)(iii)-(iv), letter for letter."""
    assert list(DENSITY.values()) == [
        "The breasts are almost entirely fatty.",
        "There are scattered areas of fibroglandular density.",
        "The breasts are heterogeneously dense, which may obscure small masses.",
        "The breasts are extremely dense, which lowers the sensitivity of mammography.",
    ]
    start = (
        "Breast tissue can be either dense or not dense. Dense tissue makes it harder to find breast cancer on a "
        "mammogram and also raises the risk of developing breast cancer. Your breast tissue is "
    )
    end = (
        "Talk to your healthcare provider about breast density, risks for breast cancer, and your individual situation."
    )
    more = "In some people with dense tissue, other imaging tests in addition to a mammogram may help find cancers. "
    assert f"{start}not dense. {end}" == NOT_DENSE
    assert f"{start}dense. {more}{end}" == DENSE


@pytest.mark.parametrize(
    ("language", "longest"), [("en", 160), ("es", 160), ("fr", 160), ("ar", texts.LONGEST_UNICODE)]
)
def test_a_text_with_a_long_name_still_fits_and_keeps_its_code(language: str, longest: int, site: Site) -> None:
    long = riverside(name="Centro de Detección Temprana del Cáncer de Mama de la Costa del Río " * 4)
    with translation.override(language):
        body = texts.your_code(long, "123456")
        assert len(body) <= texts.LONGEST_UNICODE  # the name's own letters ask for the wider alphabet
        assert "123456" in body
        assert len(texts.your_code(riverside(name="X" * 300), "123456")) <= longest


def test_a_number_in_an_arabic_text_stays_one_number(site: Site) -> None:
    with translation.override("ar"):
        assert "555-0100" in texts.you_have_a_message(site)
        file = texts.put("1", site=site, now=Story().now)
    assert "555-0100" in json.loads(outbox.read(outbox.TEXTS, file))["body"]
