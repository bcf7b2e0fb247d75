"""Dates and times as people say them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from closerlook.look import words

NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2026, 11, 22)


def test_a_day_is_named_with_its_weekday() -> None:
    assert words.date_words(date(2026, 11, 24), NEW_YORK, TODAY) == "Tuesday 24 November"


@pytest.mark.parametrize(
    ("day", "said"), [(date(2027, 1, 4), "Monday 4 January 2027"), (date(2025, 12, 31), "Wednesday 31 December 2025")]
)
def test_the_year_is_said_when_it_is_another(day: date, said: str) -> None:
    assert words.date_words(day, NEW_YORK, TODAY) == said


def test_the_day_is_the_one_at_the_place() -> None:
    late_evening = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
    assert words.moment_words(late_evening, "America/New_York", TODAY) == "Tuesday 24 November, 21:30"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="Give an aware datetime"):
        words.date_words(datetime(2026, 11, 24, 10, 20), NEW_YORK, TODAY)  # noqa: DTZ001


def test_a_bare_time_is_already_local() -> None:
    assert words.time_words(time(10, 20), NEW_YORK) == "10:20"


@pytest.mark.parametrize(
    ("days", "said"),
    [(-3, "3 days late"), (-1, "1 day late"), (0, "today"), (1, "tomorrow"), (2, "in 2 days"), (40, "in 40 days")],
)
def test_what_is_owed_is_late_today_or_ahead(days: int, said: str) -> None:
    assert words.relative_days(TODAY + timedelta(days), NEW_YORK, TODAY) == said


@pytest.mark.parametrize(
    ("days", "said"), [(-3, "3 days ago"), (-1, "yesterday"), (0, "today"), (1, "tomorrow"), (5, "in 5 days")]
)
def test_what_happened_is_never_called_late(days: int, said: str) -> None:
    assert words.days_since(TODAY + timedelta(days), NEW_YORK, TODAY) == said


@pytest.mark.parametrize(("days", "tone"), [(-1, "late"), (0, "today"), (1, "calm")])
def test_the_tone_follows_the_day(days: int, tone: str) -> None:
    assert words.due_tone(TODAY + timedelta(days), NEW_YORK, TODAY) == tone


def test_names_of_days_and_months_follow_the_active_language() -> None:
    with translation.override("es"):
        assert words.date_words(date(2026, 11, 24), NEW_YORK, TODAY).lower() == "martes 24 de noviembre"
