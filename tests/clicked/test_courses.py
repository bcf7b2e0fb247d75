"""Every course of the pathway, walked through the desk by the people whose steps they are."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from closerlook.people import sites
from tests.clicked.courses import Course, every_course, told
from tests.clicked.people import Person
from tests.clicked.walking import Walk
from tests.desk.people import Unit


@pytest.mark.parametrize("course", every_course(), ids=str)
def test_a_course_is_walked_through_the_desk_in_a_browser(
    course: Course, unit: Unit, address: str, open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, tale in enumerate(told(course), 1):
        one = Walk(course, number, tale, unit, lambda who: Person(who, address, open_page))
        monkeypatch.setattr(sites, "compiled", lambda name, zone, one=one: one.protocol)
        one.go()
