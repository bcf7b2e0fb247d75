"""Fractions as numbers of women, and the sum that tells one population from two."""

from decimal import ROUND_HALF_UP, Decimal
from math import floor

from msgspec.structs import replace

from closerlook.evidence.answers import Frequency, Group

IDENTITY_TOLERANCE = 0.03
"""Rates printed with two or three digits agree to within 3 per cent; more than that is another population."""
TWICE_PER_HUNDRED = 0.02
WIDE_INTERVAL = 0.10


def identity_holds(recall: float, ppv1: float, detection_per_1000: float) -> bool:
    """Whether called back x cancer in those called back = cancers found, as it does within one population."""
    return abs(recall * ppv1 * 1000 - detection_per_1000) <= IDENTITY_TOLERANCE * detection_per_1000


def frequency(value: float, *, low: float | None = None, high: float | None = None) -> Frequency:
    """Return `value` as so many women of 100.

    Of 1000 below 2 of 100, where whole women of 100 would be too coarse. Of 10 where the interval is wider than ten
    of 100: then single women of 100 would be more exact than the study. Halves round up; never to nobody.
    """
    of = 1000 if value < TWICE_PER_HUNDRED else 100
    if low is not None and high is not None and high - low > WIDE_INTERVAL and value >= WIDE_INTERVAL:
        of = 10
    count = _rounded(value * of)
    return Frequency(max(count, 1), of, fewer=count == 0)


def _rounded(value: float) -> int:
    return int(Decimal(repr(round(value, 9))).quantize(Decimal(1), ROUND_HALF_UP))


def whole_women(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the groups with counts that add up to 100: whole women first, then the largest remainders."""
    counts = [floor(round(group.share * 100, 6)) for group in groups]
    left = [round(group.share * 100 - count, 6) for group, count in zip(groups, counts, strict=True)]
    largest = sorted(range(len(groups)), key=lambda place: (-left[place], -place))  # of equals, the one with cancer
    for place in largest[: 100 - sum(counts)]:
        counts[place] += 1
    if counts[-1] == 0:  # a woman with cancer is always drawn
        counts[counts.index(max(counts))] -= 1
        counts[-1] = 1
    return tuple(replace(group, count=count) for group, count in zip(groups, counts, strict=True))
