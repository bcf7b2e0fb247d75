"""Every state of her page as a server shows it: a person for each, told through the real door, and her session."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib import import_module
from itertools import count
from typing import Any
from unittest import mock

from django.conf import settings
from msgspec.structs import replace
from playwright.sync_api import BrowserContext

from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor
from closerlook.people.models import Patient, Site
from closerlook.portal import links, visitor
from closerlook.portal.models import PersonalLink
from closerlook.portal.parts import State
from closerlook.record import door
from tests.her_page import test_states
from tests.her_page.told import TOLD, Told
from tests.letters.story import Story

_numbers = count(1)


class Shown(Told):
    """A story of somebody of her own."""

    def __init__(self, site: Site, since: datetime = TOLD) -> None:
        self.number = number = next(_numbers)
        self.row = Patient.objects.create(
            id=f"p{number:013}", family="Olsen", given="Marta", birth_date=date(1968, 5, 3), sex="F",
            phone="555 010 0199", address="22 Harbour Road\nRiverside, NY 10001", site=site, created_at=TOLD,
        )  # fmt: skip
        super().__init__(self.row.pk)
        self.now = since

    def take(self, step: st.Step, *, by: Actor | None = None, wait: timedelta = timedelta(hours=1)) -> "Shown":
        if isinstance(step, st.MergeInto):
            step = st.MergeInto(survivor=Shown(self.row.site).take(st.Enrol()).stream)
        if isinstance(step, st.TakeReport | st.TakeExamination) and step.examination and step.examination.accession:
            own = f"{step.examination.accession}.{self.number}"
            step = replace(step, examination=replace(step.examination, accession=own))
        super().take(step, by=by, wait=wait)
        self.log = list(door.look(self.stream).records)
        return self


def begin() -> Story:
    """Begin a story of your own: one for `tell`."""
    made: Callable[[], Story] = vars(test_states)["Story"]
    return made()


def tell(story: Callable[[], Story], site: Site, since: datetime = TOLD) -> Shown:
    """Tell one of `test_states.STORIES` through the real door."""

    def made() -> Shown:
        return Shown(site, since)

    with mock.patch.object(test_states, "Story", made):
        found = made() if story is Story else story()
    assert isinstance(found, Shown)
    return found


def told(state: State, site: Site, *, since: datetime = TOLD, which: int = 0) -> Shown:
    """Tell a story that brings her to this state."""
    return tell(test_states.STORIES[state][which], site, since)


def session(her: Shown, now: datetime, *, coded: bool = True) -> str:
    """Return the key of a session in which she has opened her link and, where `coded`, given a code."""
    links.issue(her.row, now, her.row.site)
    link = PersonalLink.objects.filter(patient=her.row).latest("pk")
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    until = (now + visitor.FORGOTTEN_AFTER).isoformat()
    store[visitor.KEPT_AS] = {"link": link.token_hash, "opened": link.pk, "until": until, "coded": coded}
    store.create()
    return str(store.session_key)


def let_in(context: BrowserContext, address: str, key: str) -> None:
    """Give a browser her session."""
    context.add_cookies([{"name": settings.HER_COOKIE_NAME, "value": key, "url": address}])
