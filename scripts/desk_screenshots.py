"""Take the pictures of docs/reference/desk.md: `python -m scripts.desk_screenshots`.

A demonstration is set up in a folder that is thrown away and served; six pages are looked at as who uses them most.
"""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.load.serving import PASSWORD, served
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from tests.servers import launch_chromium

FOLDER = Path(__file__).parent.parent / "docs/images/desk"
WIDE, HIGH = 1280, 900


def _owed(page: Page, address: str) -> None:
    page.goto(f"{address}/")


def _call(page: Page, address: str) -> None:
    page.goto(f"{address}/calls/")
    page.get_by_role("button", name="Ring the first").click()


def _reading(page: Page, address: str) -> None:
    page.goto(f"{address}/reading/")
    page.get_by_role("button", name="Begin a batch: readings").click()
    page.wait_for_load_state()
    page.wait_for_timeout(2_000)  # a key or a button pressed at once is not taken
    page.get_by_role("button", name="Call back").click()


def _board(page: Page, address: str) -> None:
    page.goto(f"{address}/boards/tissue/")


def _patient(page: Page, address: str) -> None:
    page.goto(f"{address}/boards/tissue/")
    page.get_by_role("main").locator("th a").first.click()


def _unit(page: Page, address: str) -> None:
    page.goto(f"{address}/unit/")


PICTURES: dict[str, tuple[str, Callable[[Page, str], None]]] = {
    "owed": ("navigator", _owed),
    "call": ("navigator", _call),
    "reading": ("radiologist", _reading),
    "tissue": ("radiologist", _board),
    "patient": ("nurse", _patient),
    "unit": ("manager", _unit),
}


def take(browser: Browser, address: str, name: str) -> None:
    """Sign somebody in, go to one page and keep its picture, small."""
    who, go = PICTURES[name]
    page = browser.new_context(viewport={"width": WIDE, "height": HIGH}).new_page()
    page.goto(f"{address}/sign-in/")
    page.get_by_label("Name").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    go(page, address)
    page.wait_for_load_state()
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(FOLDER / f"{name}.png", optimize=True)
    print(f"{name}: {(FOLDER / f'{name}.png').stat().st_size // 1024} kB")
    page.context.close()


def main() -> None:
    """Take all six."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="closerlook-pictures-") as folder,
        served(Path(folder) / "data", 600) as address,
        sync_playwright() as playwright,
    ):
        browser = launch_chromium(playwright)
        for name in PICTURES:
            take(browser, address, name)
        browser.close()


if __name__ == "__main__":
    main()
