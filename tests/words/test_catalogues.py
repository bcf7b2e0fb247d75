"""Every word a patient reads is in every catalogue, whole, and says honestly who has checked it."""

import ast
import importlib.util
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings
from django.utils import translation

from closerlook.people import languages
from tests.words.pages import SHIPPED, TRANSLATED

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def words() -> ModuleType:
    spec = importlib.util.spec_from_file_location("words", ROOT / "scripts" / "words.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_the_catalogues_are_current_and_whole(
    words: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["words.py", "--check"])
    assert words.main() == 0, capsys.readouterr().out


def test_the_catalogues_are_those_of_the_settings(words: ModuleType) -> None:
    assert set(words.LANGUAGES) == {tag for tag, _name in settings.LANGUAGES} == set(SHIPPED)


def test_every_entry_says_how_far_it_was_reviewed(words: ModuleType) -> None:
    template = words.gathered()
    for tag in SHIPPED:
        entries = [entry for entry in words.brought_up(tag, template) if entry.id]
        assert len(entries) > 400
        assert {words.state_of(entry) for entry in entries} == {"drafted"}, "nobody has checked any of them yet"


def test_the_pages_read_the_same_states() -> None:
    counted = tomllib.loads((settings.LOCALE_PATHS[0] / "review.toml").read_text())
    assert set(counted) == set(SHIPPED)
    assert all(languages.is_drafted(tag) for tag in TRANSLATED)
    assert not languages.is_drafted("en")


@pytest.mark.parametrize(
    ("string", "fault"),
    [
        ("", "not translated"),
        ("Llame", "other placeholders"),
        ("Llame al %(fone)s", "other placeholders"),
        ("<b>Llame</b> al %(phone)s", "other tags"),
    ],
)
def test_a_wrong_translation_is_found(words: ModuleType, string: str, fault: str) -> None:
    catalog = words.Catalog(locale="es")
    catalog.add("Ring %(phone)s", string, user_comments=["review: drafted"])
    assert [line for line in words.faults("es", catalog) if fault in line]


@pytest.mark.parametrize("comments", [[], ["review: fine"], ["review: drafted", "review: clinician 2026-11-22"]])
def test_an_entry_without_one_clear_state_is_found(words: ModuleType, comments: list[str]) -> None:
    catalog = words.Catalog(locale="es")
    catalog.add("Yes", "Sí", user_comments=comments)
    assert any("review state" in line for line in words.faults("es", catalog))


def test_a_changed_sentence_is_drafted_again(words: ModuleType) -> None:
    template = words.Catalog()
    template.add("A sentence that nobody wrote before.")
    entry = words.brought_up("es", template).get("A sentence that nobody wrote before.")
    assert words.state_of(entry) == "drafted"
    assert not entry.string


def test_no_word_is_fixed_in_one_language_when_a_module_loads() -> None:
    """A call of `gettext` outside a function runs once, in whatever language was active then."""
    found = [f"{path.name}:{line}" for path in _modules() for line in _at_import(ast.parse(path.read_text()))]
    assert found == []


def _modules() -> Iterator[Path]:
    for package in ("letters", "look", "people", "portal"):
        yield from (ROOT / "src" / "closerlook" / package).rglob("*.py")


def _at_import(module: ast.Module) -> Iterator[int]:
    lazy_as_underscore = "gettext_lazy as _" in ast.unparse(module)
    waiting: list[ast.AST] = list(module.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in {"gettext", "ngettext", "pgettext", "npgettext"} or (name == "_" and not lazy_as_underscore):
                yield node.lineno
        waiting += ast.iter_child_nodes(node)


@pytest.mark.parametrize(("tag", "month"), [("es", "noviembre"), ("fr", "novembre"), ("ar", "نوفمبر")])
def test_days_are_named_in_each_language_with_western_digits(tag: str, month: str) -> None:
    from datetime import UTC, datetime

    from closerlook.look.words import born_words, moment_words

    when = datetime(2026, 11, 24, 10, 20, tzinfo=UTC)
    with translation.override(tag):
        said = moment_words(when, "UTC", when.date())
        assert month in said
        assert month in born_words(when.date())
        assert "24" in said
        assert not {character for character in said if character.isdigit()} - set("0123456789")
