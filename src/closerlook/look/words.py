"""Dates, times and lengths of time in plain words, in the language that is active.

Read this when a page or a letter names a day. The clock is an argument here; only `jinja.py` looks at it.
Names of days and months come from Django's own translations. What a translator decides is the pattern, in the
letters of Django's `date` filter (`l` weekday, `j` day, `E` month as it stands in a date, `Y` year).
"""

from datetime import date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import get_language_bidi, gettext, ngettext, pgettext

LEFT_TO_RIGHT, AS_ITSELF, END = "\u2066", "\u2068", "\u2069"  # isolates of Unicode, for text without markup


def ltr(text: str) -> str:
    """Return a number that people dial or type, kept in its order within a sentence that runs from right to left."""
    return f"{LEFT_TO_RIGHT}{text}{END}" if text and get_language_bidi() else text


def isolated(text: str) -> str:
    """Return a name or a place in whatever script it has, kept apart from a sentence that runs from right to left."""
    return f"{AS_ITSELF}{text}{END}" if text and get_language_bidi() else text


def zone_of(zone: tzinfo | str) -> tzinfo:
    """Return the zone itself, whether a site gave it or its name."""
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def local(moment: datetime, zone: tzinfo | str) -> datetime:
    """Return an aware moment on the clock of a place. Raises ValueError for a naive one, which has no place."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a zone cannot be put in words. Give an aware datetime.")
    return moment.astimezone(zone_of(zone))


def local_day(value: date | datetime, zone: tzinfo | str) -> date:
    """Return the day a moment falls on at a place; a date is already a day there and stays as it is."""
    return local(value, zone).date() if isinstance(value, datetime) else value


def date_words(value: date | datetime, zone: tzinfo | str, today: date) -> str:
    """Return "Tuesday 24 November", with the year unless it is this year."""
    day = local_day(value, zone)
    if day.year == today.year:
        return dateformat.format(day, pgettext("pattern of a day in this year", "l j E"))
    return dateformat.format(day, pgettext("pattern of a day in another year", "l j E Y"))


def born_words(value: date) -> str:
    """Return a day that identifies somebody, without its weekday and always with its year: "3 May 1968"."""
    return dateformat.format(value, pgettext("pattern of a date of birth", "j E Y"))


def month_words(value: date) -> str:
    """Return a month with its year: "March 2024"."""
    return dateformat.format(value, pgettext("pattern of a month", "E Y"))


def time_words(value: time | datetime, zone: tzinfo | str) -> str:
    """Return "10:20"; a bare `time` is already on the clock of the place."""
    clock = local(value, zone).time() if isinstance(value, datetime) else value
    return dateformat.time_format(clock, pgettext("pattern of a time of day", "H:i"))


def moment_words(value: datetime, zone: tzinfo | str, today: date) -> str:
    """Return "Tuesday 24 November, 10:20"."""
    words = {"day": date_words(value, zone, today), "time": time_words(value, zone)}
    return gettext("%(day)s, %(time)s") % words


def relative_days(value: date | datetime, zone: tzinfo | str, today: date) -> str:
    """Return how far off something owed is: "in 2 days", "tomorrow", "today", "3 days late"."""
    days = (local_day(value, zone) - today).days
    if days < 0:
        return ngettext("%(count)d day late", "%(count)d days late", -days) % {"count": -days}
    return _ahead(days)


def days_since(value: date | datetime, zone: tzinfo | str, today: date) -> str:
    """Return how long ago something happened, where nobody is late: "3 days ago", "yesterday", "today"."""
    days = (today - local_day(value, zone)).days
    if days == 1:
        return gettext("yesterday")
    if days > 1:
        return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}
    return _ahead(-days)


def due_tone(value: date | datetime, zone: tzinfo | str, today: date) -> str:
    """Return the tone of something due on a day, for `tag`: "late", "today" or "calm"."""
    day = local_day(value, zone)
    if day < today:
        return "late"
    return "today" if day == today else "calm"


def _ahead(days: int) -> str:
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("tomorrow")
    return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}
