"""The gallery of every macro in a real browser: accessible, and never wider than the screen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import translation
from playwright.sync_api import Page

import closerlook.look
from closerlook.look.jinja import environment
from tests.look.test_macros import CallForm
from tests.look.test_pages import GALLERY
from tests.servers import AccessibilityCheck

CSS = Path(closerlook.look.__file__).parent / "static/look/closer-look.css"


def gallery(language: str) -> str:
    """Return the gallery with its style sheet inside, as nothing serves files here."""
    with translation.override(language):
        html = environment().get_template("look/gallery.html").render(GALLERY | {"form": CallForm({})})
    return html.replace(
        '<link rel="stylesheet" href="/static/look/closer-look.css">', f"<style>{CSS.read_text()}</style>"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_everyone_can_use_it(
    open_page: Callable[..., Page], axe: AccessibilityCheck, scheme: str, language: str
) -> None:
    page = open_page(color_scheme=scheme)
    page.set_content(gallery(language))
    axe(page)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_it_fits_narrow_screens_and_four_times_the_size(open_page: Callable[..., Page], language: str) -> None:
    for width in (320, 390, 768, 1280):  # 320 is a wide screen at 400 %
        page = open_page(viewport={"width": width, "height": 800})
        page.set_content(gallery(language))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
