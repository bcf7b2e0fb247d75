"""The style sheet keeps what it promises: contrast in light and dark, logical directions, nothing loud, and small."""

import re
from itertools import product
from pathlib import Path

import pytest

import closerlook.look

CSS = re.sub(
    r"/\*.*?\*/", "", (Path(closerlook.look.__file__).parent / "static/look/closer-look.css").read_text(), flags=re.S
)
TEXT = ("ink", "quiet", "accent", "late", "today")


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block))


def root_blocks() -> list[str]:
    return re.findall(r":root\s*\{([^}]*)\}", CSS)


SCHEMES = {"light": colours(root_blocks()[0]), "dark": colours(root_blocks()[1])}


def luminance(colour: str) -> float:
    """Return relative luminance. Source: WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_of_contrast_is_the_published_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_both_schemes_declare_the_same_colours() -> None:
    assert SCHEMES["light"].keys() == SCHEMES["dark"].keys()


@pytest.mark.parametrize(("scheme", "text"), [*product(SCHEMES, TEXT)])
def test_text_stands_out_seven_to_one(scheme: str, text: str) -> None:
    assert contrast(SCHEMES[scheme][text], SCHEMES[scheme]["paper"]) >= 7
    assert contrast(SCHEMES[scheme][text], SCHEMES[scheme]["wash"]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_buttons_and_edges_stand_out(scheme: str) -> None:
    named = SCHEMES[scheme]
    assert contrast(named["on-accent"], named["accent"]) >= 7
    assert contrast(named["edge"], named["paper"]) >= 3
    assert contrast(named["accent"], named["paper"]) >= 3


def test_colours_are_declared_in_one_place() -> None:
    rules = re.sub(r":root\s*\{[^}]*\}", "", CSS)
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgb|hsl", rules) == []


def test_directions_are_logical() -> None:
    assert re.findall(r"[\w-]*\b(?:left|right)\b[\w-]*", CSS) == []
    assert re.findall(r"[\s;{-](?:top|bottom)\s*:", CSS) == []
    four = re.findall(r"(?:margin|padding|inset|border-width):\s*[^;\s]+ ([^;\s]+) [^;\s]+ ([^;\s]+);", CSS)
    assert all(right == left for right, left in four)


def test_nothing_is_loud() -> None:
    assert re.findall(r"gradient|box-shadow|text-shadow|drop-shadow|@import|url\(", CSS) == []


def test_nothing_moves_for_whoever_asked_for_stillness() -> None:
    """One animation: the circle of the breathing exercise. Whoever asked for less motion sees it at rest."""
    moving = CSS.split("@media (prefers-reduced-motion: no-preference) {\n  .breath span")
    assert len(moving) == 2
    assert "animation" not in moving[0]
    assert moving[1].count("animation:") == 1


def test_it_is_small() -> None:
    assert len(CSS.encode()) < 20_000
