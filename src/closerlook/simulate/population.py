"""Made-up women, one at a time: any woman by her number, the same every time and whoever was asked for before.

You are here to populate a programme, or because a woman needs one more trait. Each has her own stream of chance, from
`seed` and her `number`; add a trait at the end of `woman`, and all earlier traits of every woman stay as they were.
"""

import math
import tomllib
from bisect import bisect_right
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib import resources
from itertools import accumulate
from random import Random
from statistics import NormalDist
from typing import Any, Literal

from msgspec import Struct

from closerlook.pathway.terms import Density
from closerlook.simulate.disease import YEAR, Tumour, average_sensitivity, between, tumours
from closerlook.simulate.parameters import Parameters, People

DENSITIES = tuple(Density)
STREAMS = 8
"""Streams of chance a woman has: 0 is who she is, 1 what happens in the model alone; the others are free."""
GIVEN_TO_MEN = "Albert Arthur Carlos Daniel David Edward Frank George Henry Jack James John Luis Martin Omar Paul Peter"
STANDARD = NormalDist()
CUT = 2048
"""Steps of a table of chances."""


class Woman(Struct, frozen=True):
    """One woman as she is. `busy`: how much harmless shadow her breasts show against others of her age and density.

    `answers_phone`, `attends`, `returns` and `declines` are her own chances, from 0 to 1: that a call reaches her, that
    she comes to a visit, comes back to screening, declines what is advised. `last_screen` is before the programme's
    first day; None where she was never screened. `priors` elsewhere: the unit has no earlier pictures to compare with.
    """

    number: int
    family: str
    given: str
    sex: Literal["F", "M"]
    birth_date: date
    language: str
    ethnicity: str
    relatives: int
    phone: str
    address: str
    distance_km: float
    has_priors: Literal["here", "elsewhere", "none"]
    screened_before: bool
    last_screen: date | None
    interval_months: int
    dense_by: float
    density_age: tuple[tuple[float, ...], tuple[float, ...], float, float]
    busy: float
    symptom: bool
    tumours: tuple[Tumour, ...]
    answers_phone: float
    attends: float
    returns: float
    declines: float

    def age_at(self, on: date) -> float:
        """Return her age in years and parts of years."""
        return (on - self.birth_date).days / YEAR

    def density_at(self, on: date) -> Density:
        """Return her density on a day: it falls as she grows older."""
        return DENSITIES[density_of(self.dense_by, self.age_at(on), self.density_age)]


def density_of(dense_by: float, age: float, how: tuple[tuple[float, ...], tuple[float, ...], float, float]) -> int:
    """Return 0 (a) to 3 (d) for a standard normal score and an age."""
    knots, scores, fatty_below, very_dense_above = how
    above = dense_by - between(knots, scores, age)
    if above >= 0:
        return 3 if above >= very_dense_above else 2
    return 1 if above >= -fatty_below else 0


def stream(seed: int, number: int, which: int) -> Random:
    """Return a woman's own stream of chance."""
    return Random(((seed << 40) + number) * STREAMS + which)  # noqa: S311  made-up people, not secrets


def woman(seed: int, number: int, parameters: Parameters, on: date, *, men: bool = False) -> Woman:
    """Return the woman with this number as she is on `on`, the first day of the programme. `number` from 0, below 2^40.

    With `men`, a small share are men: only to try what the programme does with them; their figures are not modelled.
    """
    dice = stream(seed, number, 0)
    chance = dice.random
    people, behaviour, schedule = parameters.people, parameters.behaviour, parameters.schedule
    origin = peoples(parameters.country).at(chance())
    family = origin.family[int(chance() * len(origin.family))]
    given = origin.given[int(chance() * len(origin.given))]
    language = origin.language if chance() < origin.speaks else "en"
    age = _age(people, chance(), chance())
    born = on - timedelta(days=int(age * YEAR))
    relatives = _relatives(people, chance())
    where = places(parameters.country)
    phone = "" if chance() < people.no_phone else where.phone(chance())
    address = where.address(chance(), chance(), chance())
    distance = people.distance_km_median * math.exp(people.distance_km_spread * STANDARD.inv_cdf(_inside(chance())))
    before = people.screened_before_from + people.screened_before_a_year * (age - people.age_from[0])
    screened_before = chance() < min(before, people.screened_before_most)
    months = int(schedule.months[bisect_right(steps(schedule.share), chance())])
    since = chance() * months + (people.lapsed_months if chance() < people.lapsed else 0)
    elsewhere = chance() < people.priors_elsewhere
    last_screen = on - timedelta(days=int(since * YEAR / 12)) if screened_before else None
    dense_by = STANDARD.inv_cdf(_inside(chance()))
    how = (people.dense_knots, people.dense_score, people.fatty_below, people.very_dense_above)
    spread = parameters.reading.busy_spread
    busy = math.exp(spread * STANDARD.inv_cdf(_inside(chance())) - spread * spread / 2)
    symptom = chance() < people.symptom
    alike = behaviour.alike
    own = [
        own_chance(mean, alike, chance())
        for mean in (behaviour.answers_phone, behaviour.attends, behaviour.returns, behaviour.declines)
    ]
    is_man = chance() < people.men and men  # drawn for all, so that asking for men changes no woman
    growing = tumours(dice, parameters, origin.group, born, on, relatives, density_of(dense_by, age, how))
    if last_screen is not None and growing:
        growing = tuple(t for t in growing if not _found_before(t, last_screen, months, parameters, chance()))
    return Woman(
        number=number,
        family=family,
        given=where.mans_name(chance()) if is_man else given,
        sex="M" if is_man else "F",
        birth_date=born,
        language=language,
        ethnicity=origin.group,
        relatives=relatives,
        phone=phone,
        address=address,
        distance_km=round(distance, 1),
        has_priors="none" if not screened_before else "elsewhere" if elsewhere else "here",
        screened_before=screened_before,
        last_screen=last_screen,
        interval_months=months,
        dense_by=dense_by,
        density_age=how,
        busy=busy,
        symptom=symptom,
        tumours=growing,
        answers_phone=own[0],
        attends=own[1],
        returns=own[2],
        declines=own[3],
    )


# ---------------------------------------------------------------- where she comes from


class Origin(Struct, frozen=True):
    """One people: its group in the incidence tables, its names, and the language that `speaks` of its women want."""

    group: str
    family: tuple[str, ...]
    given: tuple[str, ...]
    language: str
    speaks: float


class Origins(Struct, frozen=True):
    """The peoples of a country and how often each is met."""

    each: tuple[Origin, ...]
    steps: tuple[float, ...]

    def at(self, chance: float) -> Origin:
        return self.each[min(bisect_right(self.steps, chance), len(self.each) - 1)]


class Places(Struct, frozen=True):
    """Where made-up women live, and numbers that no telephone has."""

    country: str
    towns: tuple[str, ...]
    streets: tuple[str, ...]
    men: tuple[str, ...]

    def address(self, house: float, street: float, town: float) -> str:
        """Return an address as an HL7 feed writes it."""
        road = self.streets[int(street * len(self.streets))]
        land = "USA" if self.country == "us" else "GBR"
        return f"{1 + int(house * 180)} {road}^^{self.towns[int(town * len(self.towns))]}^{land}"

    def phone(self, chance: float) -> str:
        """Return a number set aside for fiction: 555-01 in the United States, Ofcom's drama numbers in the UK."""
        if self.country == "us":
            digits = int(chance * 100_000)
            return f"(555) 01{digits // 10_000}-{digits % 10_000:04d}"
        return f"07700 900{int(chance * 1000):03d}"

    def mans_name(self, chance: float) -> str:
        return self.men[int(chance * len(self.men))]


@cache
def peoples(country: str) -> Origins:
    """Return the peoples of a country."""
    found, names = _file()[country], _file()["names"]
    each = tuple(
        Origin(
            group=one["group"],
            family=tuple(names[one["names"]]["family"].split()),
            given=tuple(names[one["names"]]["given"].split()),
            language=one.get("language", "en"),
            speaks=one.get("speaks", 0.0),
        )
        for one in found
    )
    total = sum(one["share"] for one in found)
    return Origins(each, tuple(accumulate(one["share"] / total for one in found)))


@cache
def places(country: str) -> Places:
    """Return the towns and streets of a country."""
    found = _file()
    streets = tuple(found["streets"][country].split("|"))
    return Places(country, tuple(found["towns"][country]), streets, tuple(GIVEN_TO_MEN.split()))


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "data" / "peoples.toml").read_text(encoding="utf-8"))


# ---------------------------------------------------------------- her traits, each from one chance between 0 and 1


@cache
def steps(shares: tuple[float, ...]) -> tuple[float, ...]:
    """Return the summed shares without the last, to look a chance up in."""
    return tuple(accumulate(shares))[:-1]


def _inside(chance: float) -> float:
    return chance or 1e-12  # the one value in 2^53 that a normal score cannot be had for


def _age(people: People, chance: float, within: float) -> float:
    band = bisect_right(steps(people.age_share), chance)
    ends = (*people.age_from, people.age_to)
    return ends[band] + within * (ends[band + 1] - ends[band])


def _relatives(people: People, chance: float) -> int:
    for count in (3, 2, 1):
        chance -= people.relatives_share[count - 1]
        if chance < 0:
            return count
    return 0


def own_chance(mean: float, alike: float, chance: float) -> float:
    """Return what stands at `chance` in a Beta distribution with this mean, whose two parameters add up to `alike`."""
    return _beta(mean, alike)[int(chance * CUT)]


@lru_cache(maxsize=256)
def _beta(mean: float, alike: float) -> tuple[float, ...]:
    """Return the middles of `CUT` equal parts of a Beta distribution, found on a fine grid.

    Where the density has no end at 0 (its first parameter is below one) the grid is laid in x to the power of it, which
    takes that end away; at 1 it is turned round. `alike` is 2 at least, so that only one end can be so.
    """
    a, b = mean * alike, (1 - mean) * alike
    if b < a:
        return tuple(1 - x for x in reversed(_beta(1 - mean, alike)))
    fine, power = 16 * CUT, min(a, 1.0)
    at = [((i + 0.5) / fine) ** (1 / power) for i in range(fine)]
    sums = list(accumulate(x ** (a - power) * (1 - x) ** (b - 1) for x in at))
    return tuple(at[bisect_right(sums, (i + 0.5) / CUT * sums[-1])] for i in range(CUT))


def _found_before(tumour: Tumour, last_screen: date, months: int, parameters: Parameters, chance: float) -> bool:
    """Whether one of her earlier screens, every `months` up to the last, has found it: then it is no longer there."""
    missed, on = 1.0, last_screen
    while on >= tumour.seen_from:
        missed *= 1 - average_sensitivity(tumour, on, parameters)
        on -= timedelta(days=int(months * YEAR / 12))
    return chance >= missed
