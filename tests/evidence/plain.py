"""The risk model once more, one woman at a time and one year at a time, straight from the header of bcrat.toml.

It shares nothing with the product but the file of constants: what is fast has to give what is plain.
"""

import math
import tomllib
from pathlib import Path
from typing import Any

CONSTANTS: dict[str, Any] = tomllib.loads(Path("src/closerlook/evidence/data/bcrat.toml").read_text())
NAMES = list(CONSTANTS["group"])
UNKNOWN, NO_BIRTH = 99, 98


def chance(group: str, start: float, end: float, rr_young: float, rr_old: float, *, average: bool = False) -> float:
    """The sum over one-year steps; the first and the last are as long as the ages leave of them."""
    row = CONSTANTS["group"][group]
    h1s = row["incidence_average" if average else "incidence"]
    h2s = row["competing_average" if average else "competing"]
    factors = [1.0] if average else row["one_minus_ar"]
    total, survived = 0.0, 1.0
    for year in range(math.floor(start), math.ceil(end)):
        length = min(end, year + 1) - max(start, year)
        band = (year - 20) // 5
        h1 = h1s[band] * (factors[0] if year < 50 else factors[-1])
        rr = rr_young if year < 50 else rr_old
        both = h1 * rr + h2s[band]
        total += h1 * rr / both * survived * (1 - math.exp(-both * length))
        survived *= math.exp(-both * length)
    return total


def relative_risks(
    group: str, menarche: int, first: int, biopsies: int, atypical: int, relatives: int
) -> tuple[float, float]:
    hispanic = group.startswith("hispanic")
    asian = group in ("chinese", "japanese", "filipino", "hawaiian", "pacific_islander", "other_asian")
    if menarche == UNKNOWN or menarche >= 14:
        m = 0
    elif menarche >= 12 or group == "black":
        m = 1
    else:
        m = 2
    b = 0 if biopsies in (0, UNKNOWN) else min(biopsies, 1 if hispanic else 2)
    if hispanic:
        f = 0 if first == UNKNOWN or first < 20 else 2 if first >= 30 else 1
    elif first == NO_BIRTH:
        f = 2
    else:
        f = 0 if first == UNKNOWN or first < 20 else 1 if first < 25 else 2 if first < 30 else 3
    r = 0 if relatives in (0, UNKNOWN) else min(relatives, 1 if hispanic or asian else 2)
    c = CONSTANTS["group"][group]["log_rr"]
    young = c[0] * m + c[1] * b + c[2] * f + c[3] * r + c[5] * f * r
    old = young + c[4] * b
    kinds = CONSTANTS["atypical_hyperplasia"]
    factor = 1.0 if b == 0 else {1: kinds["yes"], 0: kinds["no"], UNKNOWN: kinds["unknown"]}[atypical]
    return math.exp(young) * factor, math.exp(old) * factor


def figures(
    age: float, group: int, menarche: int, first: int, biopsies: int, atypical: int, relatives: int
) -> list[float]:
    """Five years, ten years, to 90, and the same of the average woman; NaN beyond 90."""
    name = NAMES[group]
    rr = relative_risks(name, menarche, first, biopsies, atypical, relatives)
    ends = (age + 5, age + 10, 90.0)
    hers = [chance(name, age, end, *rr) if end <= 90 else math.nan for end in ends]
    return hers + [chance(name, age, end, 1.0, 1.0, average=True) if end <= 90 else math.nan for end in ends]
