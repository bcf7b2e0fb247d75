"""What grows in a woman: when a tumour could be seen on pictures, and when it would surface by itself.

A tumour surfaces (`felt_on`) by the incidence of her age and group (evidence/data/bcrat.toml), times what relatives and
dense tissue add; the time before, in which only pictures show it, has an exponential distribution with a mean that
grows with age. Each breast is on its own.
"""

import math
from bisect import bisect_right
from datetime import date, timedelta
from functools import cache
from itertools import accumulate, pairwise
from random import Random
from statistics import NormalDist
from typing import TYPE_CHECKING

from msgspec import Struct

from closerlook.evidence.risk import BAND_YEARS, FIRST_AGE, MODEL
from closerlook.pathway.terms import FindingKind, Laterality
from closerlook.simulate.parameters import Disease, Parameters, load

if TYPE_CHECKING:
    from closerlook.simulate.population import Woman

YEAR = 365.25
OLDEST = 100
"""Years; nothing is drawn beyond, and from 90 on the last published rate stands."""
TILT_AGE = 60
"""Years; where `incidence_a_year` changes nothing."""
TWO_READERS = 1.35
"""What two readers and a third miss is what one misses, to this power: below 2, as they miss the same ones."""
LONGEST = 15.0
"""Years a tumour can be seen before it is felt, at most."""
KINDS = {kind.value: kind for kind in FindingKind}


class Tumour(Struct, frozen=True):
    """One cancer: `seen_from` pictures could show it, `felt_on` it would surface by itself if never found."""

    side: Laterality
    kind: FindingKind
    seen_from: date
    felt_on: date
    in_situ: bool


def detectable(woman: "Woman", on: date) -> tuple[Tumour, ...]:
    """Return the tumours that pictures of that day could show."""
    return tuple(t for t in woman.tumours if t.seen_from <= on < t.felt_on)


def declared(woman: "Woman", since: date, until: date) -> Tumour | None:
    """Return the first tumour that surfaces by itself after `since`, at the latest on `until`."""
    found = [t for t in woman.tumours if since < t.felt_on <= until]
    return min(found, key=lambda t: t.felt_on) if found else None


def calling(tumour: Tumour, on: date, density: int, parameters: Parameters) -> float:
    """Return the log-odds that the average reader calls a tumour of average conspicuity: it grows, density hides it."""
    reading = parameters.reading
    lived = (on - tumour.seen_from).days / (tumour.felt_on - tumour.seen_from).days
    return reading.call_tumour + reading.growth * (lived - 0.5) + reading.density_hides[density]


def average_sensitivity(tumour: Tumour, on: date, parameters: Parameters) -> float:
    """Return the chance that a screen on that day calls it, over conspicuity and readers, at average density.

    The logistic function of a normal score, averaged: its mean divided by sqrt(1 + variance / 2.89), closely enough.
    """
    reading = parameters.reading
    one = 1 + (reading.conspicuity**2 + reading.readers_sensitivity_spread**2) / 2.89
    lived = (on - tumour.seen_from).days / (tumour.felt_on - tumour.seen_from).days
    odds = reading.call_tumour + reading.growth * (lived - 0.5)
    chance = logistic(odds / math.sqrt(one))
    return chance if parameters.schedule.readers < 2 else 1 - (1 - chance) ** TWO_READERS


def logistic(odds: float) -> float:
    """Return the chance that has these log-odds."""
    return 1 / (1 + math.exp(-odds))


def mortality(woman: "Woman", on: date, parameters: Parameters) -> float:
    """Return her chance to die of something else within a year (the competing rates of bcrat.toml, for her group)."""
    rates = MODEL.group[woman.ethnicity].competing_average
    band = int((woman.age_at(on) - FIRST_AGE) // BAND_YEARS)
    return parameters.behaviour.dies_factor * rates[min(max(band, 0), len(rates) - 1)]


# ---------------------------------------------------------------- drawing


@cache
def summed(group: str, country: str) -> tuple[float, ...]:
    """Return the summed incidence of a group up to each age from 20 to 100, in cancers a woman."""
    bands, disease = MODEL.group[group].incidence_average, load(country).disease
    return (
        0.0,
        *accumulate(
            bands[min((age - FIRST_AGE) // BAND_YEARS, len(bands) - 1)]
            * disease.incidence_scale
            * math.exp(disease.incidence_a_year * (age - TILT_AGE))
            for age in range(FIRST_AGE, OLDEST)
        ),
    )


def up_to(table: tuple[float, ...], age: float) -> float:
    """Return the summed incidence up to an age in years and parts of years."""
    whole = min(max(int(age), FIRST_AGE), OLDEST - 1)
    place = whole - FIRST_AGE
    return table[place] + (age - whole) * (table[place + 1] - table[place])


def age_at(table: tuple[float, ...], total: float) -> float | None:
    """Return the age at which the summed incidence reaches `total`; None beyond the oldest age."""
    if total >= table[-1]:
        return None
    place = bisect_right(table, total) - 1
    return FIRST_AGE + place + (total - table[place]) / (table[place + 1] - table[place])


def sojourn_mean(disease: Disease, age: float) -> float:
    """Return the mean time in years between being detectable and being felt, at the age of being felt."""
    return between(disease.sojourn_ages, disease.sojourn_years, age)


def between(knots: tuple[float, ...], values: tuple[float, ...], at: float) -> float:
    """Return the value at `at` on straight lines between the knots, level outside them."""
    if at <= knots[0]:
        return values[0]
    for (left, right), (low, high) in zip(pairwise(knots), pairwise(values), strict=True):
        if at < right:
            return low + (high - low) * (at - left) / (right - left)
    return values[-1]


def tumours(
    dice: Random, parameters: Parameters, group: str, born: date, on: date, relatives: int, density: int
) -> tuple[Tumour, ...]:
    """Return what will have surfaced after `on`, had nobody looked. `density`: 0 to 3."""
    disease = parameters.disease
    risk = disease.relatives_rr[min(relatives, 3)] * disease.density_rr[density]
    age = (on - born).days / YEAR
    risk /= average_risk(parameters.country, int(age))
    table = summed(group, parameters.country)
    start = up_to(table, age)
    found: tuple[Tumour, ...] = ()
    for side in Laterality:
        felt = age_at(table, start - 2 * math.log(1 - dice.random()) / risk)
        if felt is not None:
            found = (*found, _tumour(dice, parameters, side, felt, born))
    return found


def _tumour(dice: Random, parameters: Parameters, side: Laterality, felt: float, born: date) -> Tumour:
    disease = parameters.disease
    in_situ = dice.random() < disease.in_situ
    years = -math.log(1 - dice.random()) * sojourn_mean(disease, felt) * (disease.in_situ_stretch if in_situ else 1)
    kind = KINDS[parameters.reading.tumour_kinds.at(dice.random())]
    felt_on = born + timedelta(days=int(felt * YEAR) + 1)
    seen_from = felt_on - timedelta(days=int(min(years, LONGEST) * YEAR) + 1)
    return Tumour(side, kind, seen_from, felt_on, in_situ)


@cache
def average_risk(country: str, age: int) -> float:
    """Return the mean of both relative risks together over women of that age: the published rates are those of all."""
    parameters = load(country)
    people, disease = parameters.people, parameters.disease
    mean = 1 + sum(share * (rr - 1) for share, rr in zip(people.relatives_share, disease.relatives_rr[1:], strict=True))
    dense = between(people.dense_knots, people.dense_score, age)
    below = [NormalDist().cdf(x) for x in (dense - people.fatty_below, dense, dense + people.very_dense_above)]
    shares = [high - low for low, high in pairwise([0.0, *below, 1.0])]
    return mean * sum(share * rr for share, rr in zip(shares, disease.density_rr, strict=True))
