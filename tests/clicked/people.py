"""How somebody at the desk goes about it: follow a link that a page shows, fill in the form there, press its button."""

import re
from collections.abc import Callable
from html import unescape

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Locator, Page

from tests.clicked.answering import Answers

LINK = re.compile(r'href="(/patient/[^"]+/do/(\w+)/[^"]*)"')
NOTICE = re.compile(r"(Recorded: [^<]*|Nothing new was recorded[^<]*)")
FAULTS = re.compile(r'<section class="notice late" role="alert".*?</section>', re.DOTALL)
TAGS = re.compile(r"<[^>]+>")


def cookie(username: str) -> str:
    """Sign someone in, as of now, and return the cookie of the session. The sign-in page has tests of its own."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


class Person:
    """Somebody who is signed in, with a browser of their own."""

    def __init__(self, username: str, address: str, open_page: Callable[..., Page]) -> None:
        self.username, self.address, self.page = username, address, open_page()

    def sign_in(self) -> None:
        """Come to the desk: the last session may be long over."""
        session = {"name": settings.SESSION_COOKIE_NAME, "value": cookie(self.username), "url": self.address}
        self.page.context.add_cookies([session])  # type: ignore[list-item]

    def look(self, patient: str) -> list[tuple[str, str]]:
        """Open her page; return the address and the step of each link to a form, from the top."""
        self.page.goto(f"{self.address}/patient/{patient}/")
        return [(unescape(address), step) for address, step in LINK.findall(self.page.content())]

    def record(self, address: str, answers: Answers) -> str:
        """Follow a link of the page, fill in the form and press its button; return what the desk says to that."""
        link = self.page.locator(f'main a[href="{address}"]').first
        folded = link.locator("xpath=ancestor::details[not(@open)]/summary")
        for summary in folded.all():
            summary.click()
        link.click()
        for name, said in answers.items():
            fill(self.page.locator(f'main form [name="{name}"]'), said)
        self.page.get_by_role("button", name=re.compile("^Record: ")).click()
        return said_in(self.page.content())


def fill(controls: Locator, said: list[str]) -> None:
    """Put an answer into a control, or the boxes and dots of one name, as its kind asks for."""
    kind = controls.first.evaluate("one => one.type")
    match kind:
        case "radio":
            for one in said:
                if one:
                    controls.and_(controls.page.locator(f'[value="{one}"]')).check()
        case "checkbox":
            for box in controls.all():
                box.set_checked((box.get_attribute("value") or "on") in said)
        case "select-one":
            controls.select_option(said[0])
        case _:
            controls.fill(said[0])


def said_in(page: str) -> str:
    """Return what the desk says to a form: what it recorded, that nothing was new, or what is to be put right."""
    found = NOTICE.search(page)
    if found:
        return unescape(found.group())
    faults = FAULTS.search(page)
    words = TAGS.sub(" ", faults.group() if faults else page)
    return " ".join(unescape(words).split())
