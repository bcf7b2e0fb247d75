"""What is measured of screening rounds, each with its 95 % interval, whoever made the rounds.

Every share is a row of `SHARES`: of which rounds, and which of them count. Then what is made of shares (ratios,
differences) and medians of days. Cumulative false alarms need a long run of their own: `cumulative`.
"""

import math
from collections.abc import Callable, Iterable
from datetime import timedelta
from statistics import median
from typing import Literal

from msgspec import Struct

from closerlook.pathway.terms import Density, FindingKind
from closerlook.simulate.outcomes import Outcome

Z = 1.959964
"""The standard normal score of a 95 % interval."""
RETURNED_WITHIN = timedelta(days=913)
"""Thirty months: within them she has come back to screening (us-bcsc-return-after-true-negative)."""
NEXT_ROUND_WITHIN = timedelta(days=1370)
"""Forty-five months: within them she has come to the next round of a programme that invites every three years."""
DECADES = ((40, 49), (50, 59), (60, 69), (70, 79))
LUSTRA = ((50, 54), (55, 59), (60, 64), (65, 69), (50, 69))
KINDS = (
    FindingKind.MASS, FindingKind.CALCIFICATIONS, FindingKind.ASYMMETRY, FindingKind.FOCAL_ASYMMETRY,
    FindingKind.DEVELOPING_ASYMMETRY, FindingKind.DISTORTION,
)  # fmt: skip

Unit = Literal["fraction", "per_1000", "ratio", "difference", "days"]
Test = Callable[[Outcome], bool]


class Estimate(Struct, frozen=True):
    """One measure of the simulated rounds: `numerator` of `n`, and its 95 % interval. Days are medians."""

    value: float
    low: float
    high: float
    n: int
    numerator: int
    unit: Unit = "fraction"


class Share(Struct, frozen=True):
    """A share: among rounds for which `of` holds, those for which `count` does."""

    name: str
    of: Test
    count: Test
    unit: Unit = "fraction"


def wilson(count: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson's), 0 to 1 where there is nothing to count."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = count / n, Z * Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return 0.0 if count == 0 else middle - half, 1.0 if count == n else middle + half


def estimate(count: int, n: int, unit: Unit = "fraction") -> Estimate:
    """Return a share as an estimate; a rate per 1000 is a share times 1000."""
    times = 1000 if unit == "per_1000" else 1
    low, high = wilson(count, n)
    return Estimate(times * count / n if n else math.nan, times * low, times * high, n, count, unit)


def ratio(upper: Estimate, lower: Estimate) -> Estimate:
    """Return one share against another, its interval from the logarithm (Katz)."""
    value = upper.value / lower.value if lower.numerator else math.nan
    if not upper.numerator or not lower.numerator:
        return Estimate(value, 0.0, math.inf, upper.n, upper.numerator, "ratio")
    error = math.sqrt(1 / upper.numerator - 1 / upper.n + 1 / lower.numerator - 1 / lower.n)
    return Estimate(value, value * math.exp(-Z * error), value * math.exp(Z * error), upper.n, upper.numerator, "ratio")


def difference(one: Estimate, other: Estimate) -> Estimate:
    """Return one share less another, its interval from those of both (Newcombe)."""
    value = one.value - other.value
    down = math.hypot(one.value - one.low, other.high - other.value)
    up = math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value, value - down, value + up, one.n, one.numerator, "difference")


def middle_of(days: list[int]) -> Estimate:
    """Return a median with its interval from the order of the values, or NaN where there are none."""
    n = len(days)
    if n == 0:
        return Estimate(math.nan, 0.0, math.inf, 0, 0, "days")
    ordered, half = sorted(days), Z * math.sqrt(n) / 2
    low, high = max(0, math.floor(n / 2 - half)), min(n - 1, math.ceil(n / 2 + half))
    return Estimate(float(median(ordered)), float(ordered[low]), float(ordered[high]), n, n, "days")


# ---------------------------------------------------------------- the shares


def _anyone(_o: Outcome) -> bool:
    return True


def _recalled(o: Outcome) -> bool:
    return o.recalled


def _cancer(o: Outcome) -> bool:
    return o.cancer


def _false_alarm(o: Outcome) -> bool:
    return o.recalled and not o.cancer


def _all_cancers(o: Outcome) -> bool:
    return o.cancer or o.interval_cancer


def _returned(o: Outcome) -> bool:
    return o.next_on is not None and o.next_on - o.on <= RETURNED_WITHIN


def _aged(low: int, high: int) -> Test:
    return lambda o: low <= o.age <= high


def _dense(density: Density) -> Test:
    return lambda o: o.density is density


def _shows(kind: FindingKind) -> Test:
    return lambda o: o.recalled and kind in o.kinds


def _both(one: Test, other: Test) -> Test:
    return lambda o: one(o) and other(o)


def _shares() -> tuple[Share, ...]:
    first, later = (lambda o: o.first), (lambda o: not o.first)
    with_priors, without = (lambda o: o.priors), (lambda o: not o.priors)
    fp_imaging = lambda o: _false_alarm(o) and not o.short_interval and not o.biopsy_advised  # noqa: E731
    fp_short = lambda o: _false_alarm(o) and o.short_interval  # noqa: E731
    fp_biopsy = lambda o: _false_alarm(o) and o.biopsy_advised  # noqa: E731
    quiet = lambda o: not o.recalled and not o.interval_cancer  # noqa: E731
    found = [
        Share("recall", _anyone, _recalled),
        Share("recall_first", first, _recalled),
        Share("recall_later", later, _recalled),
        Share("recall_with_priors", with_priors, _recalled),
        Share("recall_without_priors", without, _recalled),
        Share("false_positive_first", first, _false_alarm),
        Share("false_positive_later", later, _false_alarm),
        Share("false_positive", _anyone, _false_alarm),
        Share("specificity", lambda o: not _all_cancers(o), lambda o: not o.recalled),
        Share("technical", _anyone, lambda o: o.technical),
        Share("detection", _anyone, _cancer, "per_1000"),
        Share("detection_first", first, _cancer, "per_1000"),
        Share("detection_later", later, _cancer, "per_1000"),
        Share("in_situ_share", _cancer, lambda o: o.in_situ),
        Share("sensitivity", _all_cancers, _cancer),
        Share("interval", _anyone, lambda o: o.interval_cancer, "per_1000"),
        Share("ppv1", _recalled, _cancer),
        Share("ppv2", lambda o: o.biopsy_advised, _cancer),
        Share("ppv3", lambda o: o.biopsied, _cancer),
        Share("biopsy_rate", _anyone, lambda o: o.biopsied, "per_1000"),
        Share("biopsy_share", _recalled, lambda o: o.biopsied),
        Share("biopsy_advised_share", _recalled, lambda o: o.biopsy_advised),
        Share("biopsy_done_of_advised", lambda o: o.biopsy_advised, lambda o: o.biopsied),
        Share("short_interval_share", _recalled, lambda o: o.short_interval),
        Share("worked_up_share", _recalled, lambda o: o.worked_up),
        Share("fp_imaging_only_share", _false_alarm, fp_imaging),
        Share("fp_short_interval_share", _false_alarm, fp_short),
        Share("fp_biopsy_share", _false_alarm, fp_biopsy),
        Share("return_after_negative", quiet, _returned),
        Share("return_next_round", quiet, lambda o: o.next_on is not None and o.next_on - o.on <= NEXT_ROUND_WITHIN),
        Share("return_after_fp_imaging", fp_imaging, _returned),
        Share("return_after_fp_short_interval", fp_short, _returned),
        Share("return_after_fp_biopsy", fp_biopsy, _returned),
        Share("dense_share", lambda o: o.density is not None, lambda o: o.density in (Density.C, Density.D)),
        Share("asymmetry_recall", _anyone, _shows(FindingKind.ASYMMETRY)),
    ]
    for low, high in (*DECADES, *LUSTRA):
        aged = _aged(low, high)
        found += [
            Share(f"recall_{low}_{high}", aged, _recalled),
            Share(f"detection_{low}_{high}", aged, _cancer, "per_1000"),
            Share(f"ppv1_{low}_{high}", _both(aged, _recalled), _cancer),
        ]
    found += [Share(f"recall_density_{density.value}", _dense(density), _recalled) for density in Density]
    for kind in KINDS:
        found += [
            Share(f"finding_{kind.value}", lambda o: bool(o.kinds), _shows(kind)),
            Share(f"ppv1_{kind.value}", _shows(kind), _cancer),
        ]
    return tuple(found)


SHARES = _shares()


def measures(outcomes: Iterable[Outcome]) -> dict[str, Estimate]:
    """Return every measure by its name; one whose rounds do not occur has n = 0 and the value NaN."""
    of, count = [0] * len(SHARES), [0] * len(SHARES)
    tests = [(place, share.of, share.count) for place, share in enumerate(SHARES)]
    to_work_up, to_biopsy, between = [], [], []
    for outcome in outcomes:
        for place, belongs, counts in tests:
            if belongs(outcome):
                of[place] += 1
                if counts(outcome):
                    count[place] += 1
        if outcome.days_to_work_up is not None:
            to_work_up.append(outcome.days_to_work_up)
        if outcome.days_to_biopsy is not None:
            to_biopsy.append(outcome.days_to_biopsy)
            if outcome.days_to_work_up is not None:
                between.append(outcome.days_to_biopsy - outcome.days_to_work_up)
    found = {share.name: estimate(count[place], of[place], share.unit) for place, share in enumerate(SHARES)}
    found["days_to_work_up"] = middle_of(to_work_up)
    found["days_to_biopsy"] = middle_of(to_biopsy)
    found["days_work_up_to_biopsy"] = middle_of(between)
    return found | _compared(found)


def _compared(found: dict[str, Estimate]) -> dict[str, Estimate]:
    mass = found["ppv1_mass"]
    return {
        "false_positive_first_vs_later": ratio(found["false_positive_first"], found["false_positive_later"]),
        "recall_density_d_vs_b": ratio(found["recall_density_d"], found["recall_density_b"]),
        "recall_density_a_vs_b": ratio(found["recall_density_a"], found["recall_density_b"]),
        "recall_density_c_vs_b": ratio(found["recall_density_c"], found["recall_density_b"]),
        **{f"ppv1_{k.value}_vs_mass": ratio(found[f"ppv1_{k.value}"], mass) for k in KINDS[1:]},
        **{
            f"return_change_{kind}": difference(found[f"return_after_{kind}"], found["return_after_negative"])
            for kind in ("fp_imaging", "fp_short_interval", "fp_biopsy")
        },
    }


def adds_up(found: dict[str, Estimate]) -> bool:
    """Whether recall x PPV1 = detection holds in counts: the same screens, the same recalled, the same cancers."""
    recall, ppv1, detection = found["recall"], found["ppv1"], found["detection"]
    return recall.numerator == ppv1.n and ppv1.numerator == detection.numerator and recall.n == detection.n
