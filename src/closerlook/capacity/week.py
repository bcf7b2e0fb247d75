"""The week of a unit: working days of two halves, in which sessions stand.

A moment is a number of calendar days since a Monday at midnight. A half-day has a number of its own: ten a week, Monday
morning first. Public holidays are left out: a plan for capacity is about usual weeks.
"""

from math import floor

HALVES = 10
"""Half-days in a week."""
SESSION_HOURS = 4.0
"""Length of a session: half a working day. An assumption of this software."""
SESSION = SESSION_HOURS / 24
BEGINS = (9 / 24, 13 / 24)
"""When the morning and the afternoon begin, as parts of a day."""
FILLED_IN_ORDER = (2, 6, 0, 4, 8, 7, 3, 1, 5, 9)
"""The half-days that sessions take, first to last: Tuesday and Thursday morning, the other mornings, then afternoons.

The order is fixed, so that one more session adds a half-day and moves none. After ten a second room opens.
"""


def sessions_in(count: int) -> tuple[int, ...]:
    """Return how many of `count` sessions a week stand in each half-day."""
    found = [0] * HALVES
    for n in range(count):
        found[FILLED_IN_ORDER[n % HALVES]] += 1
    return tuple(found)


def begins(half: int) -> float:
    """Return the moment when a half-day begins."""
    week, part = divmod(half, HALVES)
    return 7 * week + part // 2 + BEGINS[part % 2]


def day_of(working_day: int) -> int:
    """Return the calendar day of the nth working day, both from 0."""
    return working_day // 5 * 7 + working_day % 5


def working_days_later(moment: float, count: float) -> float:
    """Return the same time of day, `count` working days later (rounded). Counted from a Saturday, 1 is Monday."""
    day = floor(moment)
    week, weekday = divmod(day, 7)
    if weekday >= 5:
        return float(day_of(5 * week + 4 + max(1, round(count)))) + BEGINS[0]
    return day_of(5 * week + weekday + round(count)) + moment - day


def half_from(moment: float, notice: float) -> int:
    """Return the first half-day that begins at or after `moment` and at least `notice` working days later."""
    day = floor(working_days_later(moment, notice))
    week, weekday = divmod(day, 7)
    half = week * HALVES + 2 * weekday
    if round(notice) == 0:
        while begins(half) < moment:
            half += 1
    return half


def next_half(moment: float) -> float:
    """Return when the next half-day begins, after `moment`."""
    day = floor(moment)
    if day % 7 < 5:
        for start in BEGINS:
            if day + start > moment:
                return day + start
    return floor(working_days_later(moment, 1)) + BEGINS[0]


def next_day(moment: float) -> float:
    """Return when the next working day begins."""
    return floor(working_days_later(moment, 1)) + BEGINS[0]
