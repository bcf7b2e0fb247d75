"""How pages are looked at here: on a narrow phone, blown up, by keyboard alone, and on paper."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page, Response

from tests.quality import paper

PHONE = {"width": 320, "height": 700}
BLOWN_UP = {"width": 320, "height": 256}
"""What a window of 1280 by 1024 shows at 400 %."""
BYTES, REQUESTS = 60_000, 4
SHEETS, MORE_SHEETS = 2, 3
"""Sheets of paper at the most: as her page stands, and with all of it opened by her."""

_OUTSIDE = """() => [...document.querySelectorAll('body *')].filter(one => {
  const box = one.getBoundingClientRect()
  return one.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}) && box.width > 1 && box.height > 1
    && (box.right > innerWidth + 1 || box.left < -1)
}).map(one => one.outerHTML.slice(0, 120))"""
_CONTROLS = """() => {
  const all = [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select, textarea')]
  const chosen = one => document.querySelector(`input[name="${one.name}"]:checked`)
    ?? document.querySelector(`input[name="${one.name}"]`)  // the arrow keys move on within a group
  const seen = all.filter(one => one.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})
    && (one.type !== 'radio' || one === chosen(one)))
  seen.forEach((one, n) => one.dataset.nth = n)
  return seen.length
}"""
_FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one)
  const across = box.left >= -1 && box.right <= innerWidth + 1
  const middle = [Math.max(box.left, 0) + 3, Math.max(box.top, 0) + Math.min(box.height, innerHeight) / 2]
  const top = document.elementFromPoint(...middle)
  return {
    nth: Number(one.dataset.nth ?? -1), html: one.outerHTML.slice(0, 120), y: box.top + scrollY, x: box.left,
    height: box.height, outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, across,
    seen: box.bottom > 0 && box.top < innerHeight && top !== null && (one.contains(top) || top.contains(one)),
  }
}"""


@contextmanager
def weighed(page: Page) -> Iterator[list[Response]]:
    """Collect what a page asks for while it loads; afterwards hold it to the budget of a slow telephone."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        if not answer.url.startswith("data:"):
            answers.append(answer)

    page.on("response", note)
    yield answers
    page.remove_listener("response", note)
    asked = [answer.url for answer in answers]
    assert len(asked) <= REQUESTS, asked
    assert bytes_of(answers) <= BYTES, {answer.url: len(answer.body()) for answer in answers if answer.ok}


def bytes_of(answers: list[Response]) -> int:
    """What a page and its style weigh before anything is packed."""
    return sum(len(answer.body()) for answer in answers if answer.ok)


def fits(page: Page) -> None:
    """Fail where anything reaches past the edge of the window, or the page can be pushed sideways."""
    page.wait_for_load_state()  # a page that was just asked for has nothing in it at first
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    outside = page.evaluate(_OUTSIDE)
    assert not outside, outside


def opened(page: Page) -> None:
    """Open all that can be opened on the page."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def walked(page: Page) -> None:
    """Go through the page with the Tab key: each control in reading order, seen, marked, and none left out."""
    page.wait_for_load_state()
    there = page.evaluate(_CONTROLS)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    met: list[dict[str, Any]] = []
    for nth in range(there):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUSED)
        assert found["nth"] == nth, (page.url, found)
        assert found["outlined"], found
        assert found["across"], found
        assert found["seen"], found
        met.append(found)
    body = [one for one in met if not one["html"].startswith('<a class="skip"')]
    for first, then in pairwise(body):
        assert then["y"] > first["y"] - max(first["height"], then["height"]), (first["html"], then["html"])


def printed(page: Page, sheets: int = SHEETS) -> str:
    """Print the page, hold it to so many sheets, and return its words without spaces."""
    pdf = page.pdf(format="A4")
    assert 1 <= paper.sheets(pdf) <= sheets, paper.sheets(pdf)
    return paper.words(pdf)
