"""Every state of her page, and every letter, is wholly in each language that we ship."""

import re
from functools import cache

import pytest
from django.conf import settings
from django.utils import translation

from closerlook.letters.words import DENSE, NOT_DENSE
from closerlook.portal import wishes
from closerlook.portal.parts import State
from tests.look.html import Page
from tests.words.pages import TRANSLATED, everything, rendered_by, text_messages

PARTS = [*State, "around", "beside", "public", "letters"]
OURS = re.compile(
    r"Riverside Breast Clinic|Riverside Clinic, 2nd floor|Hill Street surgeons|Lakeside (?:Center|Imaging)|Ana Ruiz"
    r"|Marta Olsen|Ruth|Closer Look|14 Quay Street|22 Harbour Road|Riverside, NY 10001|Monday to Friday, 8:00 to 17:00"
    r"|https?://\S+|Austria|Canada|^No$|BCSC risk calculator"
)
"""What a page says in the clinic's own words, or of a person."""
LATIN = re.compile(r"[A-Za-z]{2,}")
OWN_NAMES = {*(name for _tag, name in wishes.LANGUAGES), *(name for _tag, name in settings.LANGUAGES)}
"""A language is named in itself, so that whoever reads it finds it."""
ABBREVIATED = re.compile(
    r"\b[A-Z][A-Za-z]*[A-Z]\w*\b|\bGail\b|National Cancer Institute|Tyrer-Cuzick|American Cancer Society|BreastScreen"
    r"|Breast Screening Programme|Australia"
)
"""Names of guidelines, models and those who make them, which stay as they are known."""


class Reader(Page):
    """The texts of a page outside of what is marked as English."""

    def __init__(self, html: str) -> None:
        self.english, self.by_law = 0, False
        self.texts: set[str] = set()
        self.verbatim: list[str] = []
        super().__init__(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag != "html" and not self.english and dict(attrs).get("lang") == "en":
            self.english, self.by_law = len(self.open), tag == "p"

    def handle_endtag(self, tag: str) -> None:
        if len(self.open) == self.english:
            self.english = 0
        super().handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        super().handle_data(data)
        if self.open and self.open[-1] == "script":
            return
        said = " ".join(OURS.sub("", re.sub("[\u2066-\u2069]", "", data)).split())
        if self.english and self.by_law:
            self.verbatim.append(" ".join(data.split()))
        elif said and not self.english:
            self.texts.add(said)


def rendered(part: str, language: str) -> dict[str, Reader]:
    with translation.override(language):
        return {name: Reader(render()) for name, render in rendered_by(part).items()}


@cache
def english() -> frozenset[str]:
    with translation.override("en"):
        return frozenset(text for render in everything().values() for text in Reader(render()).texts)


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("part", PARTS)
def test_no_english_is_left(part: str, language: str) -> None:
    for name, page in rendered(part, language).items():
        assert page.faults == []
        left = {text for text in page.texts & english() if LATIN.search(text)} - OWN_NAMES
        left = {text for text in left if LATIN.search(ABBREVIATED.sub("", text))}
        assert left == set(), f"{name} in {language}"
        if language == "ar":  # another script shows even what never went through a catalogue
            latin = {text for text in page.texts - OWN_NAMES if LATIN.search(ABBREVIATED.sub("", text))}
            assert latin == set(), name


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_page_says_its_language_and_direction_and_that_it_is_a_draft(language: str) -> None:
    with translation.override(language):
        drafted = translation.gettext(
            "This translation has not been checked by a doctor or nurse yet. An interpreter costs you nothing: ring us."
        )
        public = translation.gettext("This translation has not been checked by a doctor or nurse yet.")
        without_an_account = rendered_by("public")
        for name, render in everything().items():
            page = Page(render())
            if html := page.all("html"):
                assert html[0]["lang"] == language, name
                assert html[0]["dir"] == ("rtl" if language == "ar" else "ltr"), name
            said = public if name in without_an_account else drafted
            assert page.text.count(" ".join(said.split())) == 1, name


def test_english_is_no_translation() -> None:
    with translation.override("en"):
        assert all("translation" not in Page(render()).text for render in everything().values())


@pytest.mark.parametrize("language", ["en", *TRANSLATED])
def test_the_statements_of_the_law_stand_in_english_word_for_word(language: str) -> None:
    found = rendered("letters", language) | rendered(State.NORMAL, language)
    said = [text for page in found.values() for text in page.verbatim]
    assert set(said) == {DENSE, NOT_DENSE}
    with translation.override(language):
        follows = translation.gettext(DENSE)
        for page in found.values():
            if DENSE in page.verbatim and language != "en":
                assert follows in page.texts
                assert follows != DENSE


def test_numbers_and_names_keep_their_order_in_arabic() -> None:
    with translation.override("ar"):
        for render in everything().values():
            html = render()
            for shown in re.finditer(r"555[ \u00a0]0100", html):
                before = html[: shown.start()]
                assert before.endswith(("\u2066", '<bdi dir="ltr">')), html[shown.start() - 60 : shown.end()]


@pytest.mark.parametrize(("language", "longest"), [("en", 160), ("es", 160), ("fr", 160), ("ar", 134)])
def test_a_text_message_is_short_and_says_nothing(language: str, longest: int) -> None:
    with translation.override(language):
        for body in text_messages():
            assert len(body) <= longest
            assert not re.search(r"\u2066|\u00a0", body)
        assert "123456" in text_messages()[1]
