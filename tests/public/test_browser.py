"""The public pages in a real browser: on a narrow phone, light and dark, without script, small and quick."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response

from tests.public.conftest import ASKED, PAGES, WRONG
from tests.servers import AccessibilityCheck

PHONE = {"width": 320, "height": 700}
OpenPage = Callable[..., Page]
BYTES, REQUESTS = 60_000, 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", [*PAGES, ASKED[0], ASKED[5], WRONG[0]])
def test_a_page_is_for_everyone_on_a_narrow_phone(
    open_page: OpenPage, axe: AccessibilityCheck, server: str, address: str, scheme: str
) -> None:
    page = open_page(viewport=PHONE, color_scheme=scheme)
    page.goto(server + address)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("address", [*PAGES, *ASKED])
def test_a_page_is_small_and_asks_for_little(open_page: OpenPage, server: str, address: str) -> None:
    page = open_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  Playwright marks what it is given
    page.goto(server + address)
    page.wait_for_load_state("networkidle")
    sent = [answer for answer in answers if not answer.url.startswith("data:")]
    assert len(sent) <= REQUESTS
    assert sum(len(answer.body()) for answer in sent) <= BYTES
    assert page.context.cookies() == []


def test_the_numbers_are_found_without_script(open_page: OpenPage, server: str) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto(server + "chances/")
    page.get_by_label("Where are you screened?").select_option("US")
    page.get_by_label("Your age").fill("47")
    page.get_by_label("What kind of pictures?").select_option("dbt")
    page.get_by_role("button", name="Show the numbers").click()
    assert page.get_by_role("heading", name="What happened to other women").is_visible()
    drawn = page.get_by_role("img", name="80 of 100 have no biopsy and no cancer")
    assert drawn.is_visible()
    assert page.get_by_text("About 94 do not.").is_visible()
    assert page.get_by_label("Your age").input_value() == "47"


@pytest.mark.parametrize("media", [{"forced_colors": "active"}, {"media": "print"}])
def test_the_picture_is_there_in_forced_colours_and_on_paper(
    open_page: OpenPage, server: str, media: dict[str, str]
) -> None:
    page = open_page(viewport=PHONE)
    page.emulate_media(**media)  # type: ignore[arg-type]
    page.goto(server + ASKED[0])
    assert page.get_by_role("img", name="6 of 100 have cancer").is_visible()
    assert page.locator(".key").is_visible()


def test_from_signing_in_one_finds_what_a_call_back_is(open_page: OpenPage, server: str) -> None:
    page = open_page(viewport=PHONE)
    page.goto(server)
    page.get_by_role("link", name="Called back? What it really means").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Called back? What it really means"
