"""Who works at the unit, and what a test does with them: sit down, look, click, and have every page checked."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.servers.basehttp import WSGIRequestHandler
from playwright.sync_api import Page, expect

from closerlook.exchange.inbox import Result
from closerlook.exchange.models import Message
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Kind
from closerlook.pathway.regions import Patient as State
from closerlook.people.models import Identifier, Patient
from closerlook.record import door
from tests.feeds.messages import oru, send
from tests.servers import AccessibilityCheck

PASSWORD = "calm-and-plain-words"
PEOPLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "desk": ("Dana Whitfield", ("front_desk",)),
    "technologist": ("Tom Baker", ("technologist",)),
    "radiologist": ("Eva Lindqvist", ("clinician", "radiologist")),
    "navigator": ("Ana Ruiz", ("navigator",)),
    "nurse": ("Ruth Osei", ("clinician", "nurse")),
    "manager": ("Max Ferrara", ("lead", "manager")),
    "pathology": ("Pia Lund", ("pathology_coordinator",)),
}
OFFICES: dict[str, tuple[str, tuple[str, ...]]] = {
    "administrator": ("Ida Berg", ("administrator",)),
    "auditor": ("Otto Fuchs", ("auditor",)),
    "provider": ("Nora Hill", ("provider",)),
}
"""Who works no loop: they look after the house, or look in from outside."""
STAFF = PEOPLE | OFFICES
ELSEWHERE = "harbor"
"""The other site. A colleague there signs in as `navigator.harbor`."""
HERS = ("Olsen", "Marta", "MR100", "1968", "555-0199", "Harbour")
"""What would give her away in an address or a log."""
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:")


def actor(username: str) -> Actor:
    return Actor(Kind.STAFF, username, PEOPLE[username][1])


class QuietHandler(WSGIRequestHandler):
    """Answers in silence; `asked` holds every line that a server would log."""

    asked: list[str] = []

    def log_message(self, format: str, *args: Any) -> None:
        QuietHandler.asked.append(format % args)


class Unit:
    """The clock of the unit, and its record as a test looks at it."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._steps = 0

    def report(self, control_id: str = "M1", **said: Any) -> str:
        """Let a report arrive now; returns the patient's id ("" where it was set aside)."""
        return str(self._arrive(oru(control_id, **said))["patient"] or "")

    def aside(self, data: bytes) -> Message:
        """Let something arrive that is set aside, and return it."""
        found = self._arrive(data)
        assert found["outcome"] == "set_aside", found
        return Message.objects.get(pk=found["message"])

    def _arrive(self, data: bytes) -> Result:
        (found,) = send(data, at=self.now)
        self.now += timedelta(minutes=1)
        return found

    def take(self, patient: str, who: str, step: st.Step) -> State:
        self._steps += 1
        key = f"test:{self._steps}"
        return door.take(step, stream=patient, actor=actor(who), key=key, now=self.now).history.patient

    def state(self, patient: str) -> State:
        return door.look(patient).patient

    def owes(self, patient: str) -> list[str]:
        return sorted(loop.kind for loop in door.look(patient).loops)

    def patient(self, number: str = "MR100") -> Patient:
        return Identifier.objects.get(value=number).patient


class Desk:
    """People at the desk, each in a browser of their own. Every page they come to is checked."""

    def __init__(self, unit: Unit, address: str, open_page: Callable[..., Page], axe: AccessibilityCheck) -> None:
        self.unit, self.address, self._open, self._axe = unit, address, open_page, axe
        self.scripted = True

    def open(self, path: str = "/", **options: Any) -> Page:
        """Open a page without signing in."""
        if not self.scripted:
            options["java_script_enabled"] = False
        page = self._open(**options)
        page.goto(self.address + path)
        self.check(page)
        return page

    def sit(self, username: str, path: str = "/", **options: Any) -> Page:
        """Sign someone in through the form and go where they wanted to go."""
        page = self.open(path, **options)
        page.get_by_label("Name").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        self.check(page)
        return page

    def go(self, page: Page, name: str, role: Any = "link", nth: int = 0) -> Page:
        """Follow a link (or press a button) by its words."""
        page.get_by_role(role, name=name).nth(nth).click()
        self.check(page)
        return page

    def press(self, page: Page, name: str, nth: int = 0) -> Page:
        return self.go(page, name, "button", nth)

    def row(self, page: Page, words: str, link: str) -> Page:
        """Follow the link of the row of a list that has these words."""
        page.get_by_role("row").filter(has_text=words).get_by_role("link", name=link).first.click()
        self.check(page)
        return page

    def check(self, page: Page) -> None:
        """Hold every page to what all pages promise, once it is there."""
        page.wait_for_load_state()
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert not INLINE.findall(page.content()), page.url
        assert not [word for word in HERS if word in page.url], page.url
        assert not [word for word in HERS if word in page.title()], page.title()
        if self.scripted:
            self._axe(page)
