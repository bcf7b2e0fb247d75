"""Her page serves whoever opens it: on a small telephone, blown up, by keyboard, from the right, on paper."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from closerlook.people.models import Site
from closerlook.portal.models import Note, Relative
from closerlook.portal.parts import State
from tests.her_page.conftest import Now
from tests.quality import shown
from tests.quality.looking import BLOWN_UP, MORE_SHEETS, PHONE, fits, opened, printed, walked, weighed
from tests.servers import AccessibilityCheck

OpenPage = Callable[..., Page]
OTHERS = (
    "notebook/", "support/", "support/breathing/", "share/", "wishes/", "round/{episode}/not-today/",
    "round/{episode}/change/", "round/{episode}/older-pictures/",
)  # fmt: skip
LONG = "Could you please explain Hochgeschwindigkeitsuntersuchungsergebniszusammenfassung-und-mehr to me?"


@pytest.fixture
def look_at(open_page: OpenPage, server: str, site: Site, at: Now) -> Callable[..., tuple[Page, shown.Shown]]:
    """Open her page in this state on a phone: `look_at(State.BOOKED)`; takes what `open_page` takes."""

    def look_at_(state: State, *, coded: bool = True, **options: object) -> tuple[Page, shown.Shown]:
        her = shown.told(state, site)
        at(her.now)
        page = open_page(**{"viewport": PHONE, "reduced_motion": "reduce", **options})
        shown.let_in(page.context, server, shown.session(her, her.now, coded=coded))
        with weighed(page):
            page.goto(f"{server}/my/")
        assert page.get_by_role("heading", level=1).count() == 1
        return page, her

    return look_at_


LookAt = Callable[..., tuple[Page, shown.Shown]]


@pytest.mark.parametrize("state", State)
def test_every_state_of_her_page_is_for_everyone(look_at: LookAt, axe: AccessibilityCheck, state: State) -> None:
    # On a narrow phone it is light, and nothing has to be pushed aside
    page, _ = look_at(state)
    fits(page)
    # On paper it takes two sheets at the most
    printed(page)
    # Blown up four times, the Tab key alone reaches all of it in the order in which it is read
    page.set_viewport_size(BLOWN_UP)  # type: ignore[arg-type]
    walked(page)
    # And so it is with everything open
    opened(page)
    fits(page)
    axe(page)
    printed(page, MORE_SHEETS)


@pytest.mark.parametrize("path", OTHERS)
def test_each_page_beside_hers_is_for_everyone(
    look_at: LookAt, axe: AccessibilityCheck, server: str, path: str
) -> None:
    page, her = look_at(State.BOOKED, color_scheme="dark")
    for words in ("Will it hurt?", LONG):
        Note.objects.create(patient=her.row, kind="question", words=words, written_at=her.now)
    Relative.objects.create(patient=her.row, relation="mother", cancer="breast", age=44, written_at=her.now)
    with weighed(page):
        page.goto(f"{server}/my/{path.format(episode=her.episode.id)}")
    fits(page)
    printed(page)
    page.set_viewport_size(BLOWN_UP)  # type: ignore[arg-type]
    walked(page)
    opened(page)
    fits(page)
    axe(page)


def test_what_she_shares_is_for_everyone(
    look_at: LookAt, axe: AccessibilityCheck, server: str, open_page: OpenPage, site: Site
) -> None:
    # Given a link to all of it, made on her phone
    page, _ = look_at(State.NORMAL)
    page.goto(f"{server}/my/share/")
    page.get_by_label("For whom?").fill("Ruth")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Make the link").click()
    address, number = page.locator("strong.address").inner_text(), page.locator("strong bdi").nth(1).inner_text()
    fits(page)
    axe(page)
    # When her sister opens it
    sister = open_page(viewport=BLOWN_UP, reduced_motion="reduce")
    sister.goto(address.replace("http://testserver", server))
    walked(sister)
    axe(sister)
    sister.get_by_role("textbox").fill(number)
    sister.get_by_role("button").last.click()
    # Then it is for everyone, too
    assert "shares this with you" in sister.get_by_role("heading", level=1).inner_text()
    fits(sister)
    walked(sister)
    axe(sister)
    printed(sister)


@pytest.mark.parametrize("state", [State.READY, State.BOOKED, State.NORMAL, State.CANCER])
def test_her_page_reads_from_the_right_too(look_at: LookAt, server: str, state: State) -> None:
    page, _ = look_at(state, coded=state is not State.READY)
    for path in ("", "notebook/", "wishes/"):
        page.goto(f"{server}/my/{path}?language=ar")
        assert page.locator("html").get_attribute("dir") == "rtl"
        page.set_viewport_size(BLOWN_UP)  # type: ignore[arg-type]
        walked(page)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        opened(page)
        fits(page)


def test_before_her_code_a_result_waits_for_everyone(look_at: LookAt, axe: AccessibilityCheck, server: str) -> None:
    page, _ = look_at(State.READY, coded=False, viewport=BLOWN_UP)
    walked(page)
    axe(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Send a code to my phone").press("Enter")
    fits(page)
    walked(page)
    axe(page)


def test_a_word_is_explained_by_a_key_and_put_away_by_a_key(look_at: LookAt) -> None:
    page, _ = look_at(State.NORMAL)
    term = page.locator("button.term").first
    term.focus()
    meaning = page.locator(f"#{term.get_attribute('popovertarget')}")
    assert not meaning.is_visible()
    page.keyboard.press("Enter")
    assert meaning.is_visible()
    fits(page)
    page.keyboard.press("Escape")
    assert not meaning.is_visible()
    assert page.evaluate("document.activeElement.className") == "term"


@pytest.mark.parametrize(("motion", "moves"), [("reduce", "none"), ("no-preference", "breath")])
def test_the_circle_of_breath_stands_still_for_who_wants_no_motion(
    look_at: LookAt, server: str, motion: str, moves: str
) -> None:
    page, _ = look_at(State.BOOKED, reduced_motion=motion)
    page.goto(f"{server}/my/support/breathing/")
    assert page.locator(".breath span").evaluate("one => getComputedStyle(one).animationName") == moves


def test_paper_holds_what_she_opened_and_no_empty_promise_of_more(look_at: LookAt) -> None:
    page, _ = look_at(State.BOOKED)
    closed = printed(page)
    assert "Seethenumbers" not in closed
    assert "Addittomycalendar" not in closed
    assert "Thisisnotadiagnosis." in closed
    assert "555" in closed
    page.get_by_text("See the numbers").click()
    held = printed(page, MORE_SHEETS)
    assert "Nobodycansaywhatissoforoneperson." in held
    assert "Wherethesenumberscomefrom" in held
