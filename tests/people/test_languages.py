"""Whatever stands on file as somebody's language is understood, or honestly not."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from closerlook.people import languages


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("es", "es"), ("ES", "es"), ("spa", "es"), ("SPA", "es"), ("Spanish", "es"), ("SPANISH", "es"), ("ES-MX", "es"),
        ("es_US", "es"), ("Spanish; Castilian", "es"), ("spa^Spanish^HL70296", "es"), ("^Spanish", "es"),
        ("Español", "es"), ("eng", "en"), ("English", "en"), ("en-US", "en"), ("ara", "ar"), ("العربية", "ar"),
        ("fre", "fr"), ("fra", "fr"), ("Français", "fr"), ("fr-CA", "fr"), ("zh-Hant", "zh"), ("chi", "zh"),
        ("Mandarin", "zh"), ("Chinese (Cantonese)", "zh"), ("vie", "vi"), ("tgl", "tl"), ("fil", "tl"),
        ("Haitian Creole", "ht"), ("hat", "ht"), ("Farsi", "fa"), ("per", "fa"), ("American Sign Language", "ase"),
        (" pt-BR ", "pt"),
        ("", None), ("UNK", None), ("und", None), ("Declined", None), ("no preference", None), ("Klingon", None),
        ("xx", None), ("other", None), ("English?no", None), ("12", None),
    ],
)  # fmt: skip
def test_a_language_is_understood_however_it_is_written(text: str, tag: str | None) -> None:
    assert languages.tag_of(text) == tag


@pytest.mark.parametrize(
    ("text", "tag"), [("SPA", "es"), ("ar-EG", "ar"), ("French", "fr"), ("vie", None), ("", None), ("Klingon", None)]
)
def test_a_letter_is_written_in_her_language_where_we_have_words_in_it(text: str, tag: str | None) -> None:
    assert languages.shipped(text) == tag
    assert languages.to_write_in(text) == (tag or "en")


def test_an_interpreter_is_offered_in_her_language_where_we_have_no_other_words_in_it() -> None:
    assert [line.tag for line in languages.interpreter_lines("vie")] == ["en", "vi"]
    assert [line.tag for line in languages.interpreter_lines("Klingon")] == ["en"]
    for nothing in ("", "UNK", "es", "English", "fr-CA"):
        assert languages.interpreter_lines(nothing) == ()
    assert [line.direction for line in languages.interpreter_lines("urd")] == ["ltr", "rtl"]


def test_every_interpreter_line_says_that_it_is_a_draft() -> None:
    found = tomllib.loads(languages._LINES.read_text(encoding="utf-8"))
    assert len(found) >= 13
    assert {said["review"] for said in found.values()} == {"drafted"}
    assert all(languages.tag_of(tag) == tag for tag in found)
    assert {"zh", "vi", "tl", "ko", "ru", "pt", "ht", "pl", "ur", "bn", "fa", "so"} <= set(found)


@given(some.text(max_size=30))
def test_whatever_stands_there_a_letter_has_a_language(text: str) -> None:
    assert languages.to_write_in(text) in ("en", "es", "ar", "fr")
    languages.interpreter_lines(text)
