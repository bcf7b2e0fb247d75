"""Every address of her pages: closed to whoever gave no birth date, and to whoever only has a shared link."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from closerlook.portal.models import Look
from closerlook.portal.urls import urlpatterns
from tests.her_page.test_sharing import make, opened
from tests.her_page.told import Told

Enter = Callable[..., Client]
OPEN = {"birth_date": 200, "leave": 302, "shared": 200, "shared_link": 302, "link": 302}
"""What answers before anybody is known: it says nothing of anyone."""
VALUES: dict[str, Any] = {
    "exam": "e1.x2", "episode": "e1", "what": "note", "number": 1, "name": "breathing",
    "token": "abcd-efgh-jkmn-pqrs-tuvw",
}  # fmt: skip


def address(pattern: Any) -> str:
    names = (
        pattern.pattern.converters or {"token": None} if "token" in str(pattern.pattern) else pattern.pattern.converters
    )
    path = "/my/" + str(pattern.pattern).lstrip("^").rstrip("$")
    for name in names:
        for shape in (f"<str:{name}>", f"<int:{name}>", f"(?P<{name}>[0-9A-Za-z-]{{16,64}})"):
            path = path.replace(shape, str(VALUES[name]))
    return path


BEHIND = [p for p in urlpatterns if p.name not in OPEN]


@pytest.mark.parametrize("pattern", BEHIND, ids=lambda p: p.name)
def test_no_page_of_hers_opens_unknown_or_through_a_shared_link(enter: Enter, told: Told, pattern: Any) -> None:
    told.called_back().booked()
    other = opened(*make(enter(), "visit", "reason", "notes"))
    before = (told.look().patient.version, Look.objects.exclude(link=None).count())
    for client in (Client(), other):
        for ask in (client.get, client.post):
            answer = ask(address(pattern))
            assert answer.status_code in (302, 405), address(pattern)
            if answer.status_code == 302:
                assert answer.headers["Location"] in (
                    "/my/birth-date/",
                    "/my/",
                )  # "/my/" asks for the birth date itself
    assert (told.look().patient.version, Look.objects.exclude(link=None).count()) == before


@pytest.mark.parametrize("pattern", [p for p in urlpatterns if p.name in OPEN], ids=lambda p: p.name)
def test_what_answers_to_anyone_says_nothing_of_anyone(told: Told, pattern: Any) -> None:
    told.called_back()
    answer = Client().get(address(pattern))
    assert answer.status_code == OPEN[str(pattern.name)]
    assert "Olsen" not in answer.content.decode()


def test_each_page_that_shows_something_of_hers_is_noted(enter: Enter, told: Told) -> None:
    told.called_back()
    her = enter()
    for path, shown in (("notebook/", "notebook"), ("wishes/", "wishes"), ("share/", "sharing")):
        her.get(f"/my/{path}")
        assert Look.objects.order_by("-pk")[0].shown == shown


def test_nothing_of_hers_is_kept_by_a_browser_or_a_go_between(enter: Enter, told: Told) -> None:
    told.called_back().booked()
    her = enter()
    for path in ("", "notebook/", "wishes/", "share/", "support/", "round/e1/visit.ics", "round/e1/not-today/"):
        assert her.get(f"/my/{path}").headers["Cache-Control"] == "no-store", path
