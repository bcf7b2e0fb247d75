"""The base pages: sound, safe under a strict content policy, in the active language and direction."""

import re
from datetime import UTC, date, datetime
from types import SimpleNamespace as Item
from typing import Any

import jinja2
import pytest
from django import forms
from django.utils import translation
from markupsafe import Markup

from closerlook.look.drawing import Mark
from closerlook.look.jinja import environment
from closerlook.pathway.terms import Laterality
from tests.look.conftest import Render
from tests.look.html import Page

EXTENDS = '{% extends "look/'
HER = EXTENDS + 'her_page.html" %}{% block title %}Your visit{% endblock %}{% block main %}<h1>Hello</h1>{% endblock %}'
DESK = EXTENDS + 'desk_page.html" %}{% block title %}Today{% endblock %}{% block main %}<h1>Today</h1>{% endblock %}'
LETTER = EXTENDS + 'letter.html" %}{% block title %}Letter{% endblock %}{% block body %}<p>Dear</p>{% endblock %}'

STAFF: dict[str, Any] = {
    "nav": [
        Item(label="Home", href="/", here=True, count=None),
        Item(label="Calls", href="/c", here=False, count=1240),
    ],
    "user_name": "Ana Ruiz",
    "user_role": "nurse navigator",
    "sign_out_url": "/out",
    "search_url": "/find",
}
CLINIC: dict[str, Any] = {
    "clinic_name": "Riverside Breast Clinic",
    "clinic_phone": "555 0100",
    "languages": [
        Item(code="en", name="English", href="?en", here=True),
        Item(code="es", name="Español", href="?es", here=False),
    ],
}
POST: dict[str, Any] = {
    "clinic_name": "Riverside Breast Clinic",
    "clinic_lines": ["14 Quay Street", "Riverside"],
    "recipient_lines": ["M. Olsen", "22 Harbour Road"],
    "letter_date": "Monday 23 November 2026",
    "paper": "us-letter",
}
GALLERY: dict[str, Any] = {
    **STAFF,
    "form": forms.Form({}),
    "marks": [Mark(Laterality.LEFT, clock=2)],
    "her_marks": [Mark(Laterality.LEFT)],
    "zone": "Europe/London",
    "today": date(2026, 11, 22),
    "due": [date(2026, 11, 20 + day) for day in range(4)],
}


def pages(render: Render) -> list[str]:
    gallery = environment().get_template("look/gallery.html").render(GALLERY)
    return [render(HER, **CLINIC), render(DESK, **STAFF), render(LETTER, **POST), gallery]


def test_every_base_page_is_sound(render: Render) -> None:
    assert [Page(html).faults for html in pages(render)] == [[], [], [], []]


def test_nothing_is_inline(render: Render) -> None:
    for html in pages(render):
        assert re.findall(r"<script|<style|\sstyle=|\son\w+=|javascript:", html) == []


def test_a_page_says_its_language_and_direction(render: Render) -> None:
    assert {"lang": "en", "dir": "ltr", "class": "hers"} in Page(render(HER, **CLINIC)).all("html")
    with translation.override("ar"):
        assert {"lang": "ar", "dir": "rtl", "class": "hers"} in Page(render(HER, **CLINIC)).all("html")


def test_the_first_link_skips_to_the_main_part(render: Render) -> None:
    page = Page(render(DESK, **STAFF))
    assert page.all("a")[0]["href"] == "#main"
    assert page.all("main")[0]["id"] == "main"


def test_the_desk_shows_where_one_is_and_how_much_waits(render: Render) -> None:
    page = Page(render(DESK, **STAFF))
    assert [attrs["href"] for attrs in page.all("a") if attrs.get("aria-current") == "page"] == ["/"]
    assert "Calls 1,240" in page.text
    assert "Ana Ruiz , nurse navigator Sign out" in page.text


def test_the_desk_needs_nobody_signed_in(render: Render) -> None:
    assert "Sign out" not in render(DESK)


def test_signing_out_carries_the_token(render: Render) -> None:
    assert 'name="token"' in render(DESK, **STAFF, csrf_input=Markup('<input name="token">'))


def test_messages_are_announced(render: Render) -> None:
    message = Item(level_tag="error")
    page = Page(render(DESK, **STAFF, messages=[message]))
    assert {"class": "message late"} in page.all("p")


def test_a_page_without_a_title_is_a_fault(render: Render) -> None:
    with pytest.raises(jinja2.TemplateRuntimeError, match="title"):
        render('{% extends "look/her_page.html" %}', **CLINIC)


def test_a_name_mistyped_is_a_fault(render: Render) -> None:
    with pytest.raises(jinja2.UndefinedError):
        render("{{ patinet }}")


def test_pages_find_addresses_and_styles(render: Render) -> None:
    assert render("{{ url('patient', number=7) }} {{ url('calls') }}") == "/patients/7/ /calls/"
    assert "/static/look/closer-look.css" in render(HER, **CLINIC)


def test_templates_of_a_caller_come_first() -> None:
    env = environment(
        loader=jinja2.DictLoader({"a.html": EXTENDS + 'her_page.html" %}{% block title %}A{% endblock %}'})
    )
    assert "A · Riverside" in env.get_template("a.html").render(CLINIC)


def test_filters_speak_of_days(render: Render) -> None:
    when = datetime(2026, 11, 24, 10, 20, tzinfo=UTC)
    source = (
        "{{ w | moment_words('UTC', t) }}; {{ w | relative_days('UTC', t) }}; "
        "{{ w | time_words('UTC') }}; {{ w | due_tone('UTC', t) }}"
    )
    assert render(source, w=when, t=date(2026, 11, 22)) == "Tuesday 24 November, 10:20; in 2 days; 10:20; calm"
    assert render("{{ w | relative_days('UTC') }}", w=datetime.now(UTC)) == "today"


def test_words_of_a_page_can_be_translated(render: Render) -> None:
    assert render("{{ _('today') }} {% trans n=2 %}one{% pluralize %}{{ n }} many{% endtrans %}") == "today 2 many"
