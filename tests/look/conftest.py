"""The environment that renders pages, with English active and addresses of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation

from closerlook.look.jinja import environment

Render = Callable[..., str]


@pytest.fixture(autouse=True)
def _plain_settings() -> Iterator[None]:
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with (
        override_settings(ROOT_URLCONF="tests.look.urls", STATIC_URL="/static/", STORAGES=plain),
        translation.override("en"),
    ):
        yield


@pytest.fixture
def render() -> Render:
    """Return a function that renders template source, in which the macros are `look`, with the given names."""

    def render_(source: str, **names: Any) -> str:
        env = environment()
        if "{% extends" not in source:
            source = '{% import "look/macros.html" as look %}' + source
        return env.from_string(source).render(**names)

    return render_
