"""The main journeys in a real browser: on a narrow phone, without JavaScript, for everyone, and on paper."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page

from closerlook.pathway.terms import Assessment, FindingKind
from closerlook.people.models import Patient
from closerlook.portal import links
from tests.her_page.conftest import last_code
from tests.her_page.told import Told
from tests.letters.story import LEFT
from tests.servers import AccessibilityCheck

PHONE = {"width": 320, "height": 700}
OpenPage = Callable[..., Page]


@pytest.fixture
def now_is_now(told: Told) -> Told:
    """Her story, told so that it has just happened: the server in the other thread reads the real clock."""
    from django.utils import timezone

    told.now = timezone.now()
    return told


def enter(page: Page, server: str, olsen: Patient, told: Told) -> None:
    url = links.issue(olsen, told.now, olsen.site).removeprefix("http://testserver")
    page.goto(server + url)
    page.get_by_label("Month").select_option("5")
    page.get_by_label("Day").fill("3")
    page.get_by_label("Year").fill("1968")
    page.get_by_role("button", name="Open my page").click()


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth")


def test_a_woman_asked_back_confirms_her_visit_on_a_phone_without_javascript(
    open_page: OpenPage, axe: AccessibilityCheck, server: str, olsen: Patient, now_is_now: Told
) -> None:
    told = now_is_now
    told.called_back(reasons=(FindingKind.CALCIFICATIONS,), ultrasound=True, answer_same_day=True).booked()
    page = open_page(viewport=PHONE, java_script_enabled=False)
    enter(page, server, olsen, told)
    assert page.get_by_role("heading", level=1).inner_text().startswith("You have been asked back for more pictures")
    page.get_by_role("button", name="Yes, I will come").click()
    assert page.get_by_text("You have told us that you will come.").is_visible()
    assert told.look().episode.visit.confirmed_by_her
    page.get_by_role("button", name="Leave this page").click()
    assert page.get_by_role("heading", level=1).inner_text() == "You have left your page."


def test_a_result_is_opened_with_a_code_and_every_page_on_the_way_is_for_everyone(
    open_page: OpenPage, axe: AccessibilityCheck, server: str, olsen: Patient, now_is_now: Told
) -> None:
    told = now_is_now
    told.called_back(ultrasound=True).worked_up((LEFT, Assessment.SUSPICIOUS))
    page = open_page(viewport=PHONE)
    enter(page, server, olsen, told)
    for look in (axe, fits):
        look(page)
    page.get_by_role("button", name="Send a code to my phone").click()
    for look in (axe, fits):
        look(page)
    page.get_by_label("The code from the text").fill(last_code())
    page.get_by_role("button", name="Go on").click()
    assert (
        page.get_by_role("heading", level=1).inner_text().replace("\n", " ")
        == "How would you like to hear your result?"
    )
    for look in (axe, fits):
        look(page)
    page.get_by_role("button", name="Open it here now").click()
    assert "tissue sample" in page.get_by_role("heading", level=1).inner_text()
    for look in (axe, fits):
        look(page)
    page.get_by_role("link", name="Your result as a letter").click()
    assert page.get_by_text("Dear Marta Olsen,").is_visible()
    axe(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_being_asked_back_is_for_everyone(
    open_page: OpenPage, axe: AccessibilityCheck, server: str, olsen: Patient, now_is_now: Told, scheme: str
) -> None:
    now_is_now.called_back(reasons=(FindingKind.MASS,), ultrasound=True).booked()
    page = open_page(viewport=PHONE, color_scheme=scheme)
    enter(page, server, olsen, now_is_now)
    axe(page)
    fits(page)


def test_a_wrong_date_and_a_missing_one_are_said_for_everyone(
    open_page: OpenPage, axe: AccessibilityCheck, server: str, olsen: Patient, now_is_now: Told
) -> None:
    Patient.objects.filter(pk=olsen.pk).update(birth_date=date(1970, 1, 1))
    page = open_page(viewport=PHONE)
    enter(page, server, olsen, now_is_now)
    assert page.get_by_text("That did not open the page.").is_visible()
    axe(page)
    page.get_by_role("button", name="Open my page").click()
    assert page.get_by_text("3 things to put right").is_visible()
    axe(page)
    fits(page)


def test_her_page_prints_without_buttons(
    open_page: OpenPage, server: str, olsen: Patient, now_is_now: Told, page_errors: Any
) -> None:
    now_is_now.called_back(reasons=(FindingKind.MASS,), ultrasound=True).booked()
    page = open_page()
    enter(page, server, olsen, now_is_now)
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Yes, I will come").is_visible()
    assert page.get_by_text("This is not a diagnosis.").is_visible()


def test_she_chooses_arabic_with_the_keyboard_and_without_javascript(
    open_page: OpenPage, axe: AccessibilityCheck, server: str, olsen: Patient, now_is_now: Told
) -> None:
    now_is_now.called_back(reasons=(FindingKind.MASS,), ultrasound=True).booked()
    page = open_page(viewport=PHONE, java_script_enabled=False)
    enter(page, server, olsen, now_is_now)
    page.locator(".languages summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "العربية"
    page.keyboard.press("Enter")
    page.wait_for_url("**/my/?language=ar")
    assert page.get_by_role("heading", level=1).inner_text().startswith("نطلب منك العودة")
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.goto(server + "/my/")
    assert page.locator("html").get_attribute("lang") == "ar"


@pytest.mark.parametrize("language", ["es", "ar", "fr"])
def test_being_asked_back_is_for_everyone_in_every_language(
    open_page: OpenPage, axe: AccessibilityCheck, server: str, olsen: Patient, now_is_now: Told, language: str
) -> None:
    now_is_now.called_back(reasons=(FindingKind.MASS,), ultrasound=True).booked()
    page = open_page(viewport=PHONE)
    enter(page, server, olsen, now_is_now)
    page.goto(f"{server}/my/?language={language}")
    page.locator(".languages summary").click()
    axe(page)
    fits(page)
