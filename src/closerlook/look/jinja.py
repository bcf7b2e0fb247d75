"""The Jinja environment of every page; settings name it as `environment` of Django's Jinja2 backend.

Templates of this package are found whatever directories the settings list, so a page can always begin with
`{% extends "look/desk_page.html" %}`.
"""

from collections.abc import Callable
from datetime import date, tzinfo
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import jinja2
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, get_language_bidi, gettext, ngettext, npgettext, pgettext

from closerlook.look import words
from closerlook.people import languages

TEMPLATES = Path(__file__).parent / "templates"

Zone = tzinfo | str
When = TypeVar("When", bound=date)


def environment(**options: Any) -> jinja2.Environment:
    """Return the environment for `options` as Django's backend passes them.

    Escaping and the refusal of unknown names are not optional: what the backend asks for there is left aside.
    """
    for settled_here in ("autoescape", "undefined", "trim_blocks", "lstrip_blocks"):
        options.pop(settled_here, None)
    env = jinja2.Environment(
        loader=_with_our_templates(options.pop("loader", None)),
        extensions=[*options.pop("extensions", ()), "jinja2.ext.i18n"],
        autoescape=True,
        undefined=jinja2.StrictUndefined,  # a name mistyped on a page is a fault, not a blank
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    _translate(env)
    env.globals.update(static=static, url=url, language=_language, direction=_direction)
    env.globals.update(translation_is_drafted=_drafted)
    env.filters.update(FILTERS)
    return env


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """Return the address of a named page."""
    return reverse(name, args=args, kwargs=kwargs)


def grouped(value: int) -> str:
    """Return a whole number with its thousands set apart, as the active language does: "3,012"."""
    return number_format(value, decimal_pos=0, use_l10n=True, force_grouping=True)


def query(values: dict[str, str]) -> str:
    """Return `values` as the part of an address after the question mark, without the empty ones."""
    return urlencode({name: value for name, value in values.items() if value})


def _with_our_templates(loader: jinja2.BaseLoader | None) -> jinja2.BaseLoader:
    ours = jinja2.FileSystemLoader(TEMPLATES)
    return ours if loader is None else jinja2.ChoiceLoader([loader, ours])


def _translate(env: jinja2.Environment) -> None:
    # Django's functions look up the active language at each call, so one environment serves every language.
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )


def _language() -> str:
    return get_language() or "en"


def _direction() -> str:
    return "rtl" if get_language_bidi() else "ltr"


def _drafted() -> bool:
    return languages.is_drafted(_language())


def _by_the_clock(say: Callable[[When, Zone, date], str]) -> Callable[..., str]:
    """Return `say` as a filter that takes today at the place from the clock, unless the page names a day."""

    def filter_(value: When, zone: Zone, today: date | None = None) -> str:
        return say(value, zone, today or words.local_day(timezone.now(), zone))

    return filter_


FILTERS: dict[str, Callable[..., str]] = {
    "date_words": _by_the_clock(words.date_words),
    "relative_days": _by_the_clock(words.relative_days),
    "days_since": _by_the_clock(words.days_since),
    "due_tone": _by_the_clock(words.due_tone),
    "moment_words": _by_the_clock(words.moment_words),
    "time_words": words.time_words,
    "born_words": words.born_words,
    "grouped": grouped,
    "query": query,
}
