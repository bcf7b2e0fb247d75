"""What came of each screening round, one row a round; and rounds of the model alone, without a programme around it.

The programme's own log gives the same rows, so what is measured of one is measured of the other.
"""

import math
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway.terms import Assessment, Density, FindingKind, Tissue
from closerlook.simulate.disease import YEAR, Tumour, declared
from closerlook.simulate.opinions import (
    SUSPICIONS,
    Answer,
    Opinion,
    Reader,
    Spot,
    Truth,
    all_readers,
    arbitrated,
    followed,
    sampled,
    screened,
    visible,
    worked_up,
)
from closerlook.simulate.parameters import Parameters, load
from closerlook.simulate.population import Woman, stream, woman

FIRST_DAY = date(2024, 1, 1)
READERS = 200
"""Readers of the model alone, spread evenly: 40 drawn by chance would move recall by some 7 % from seed to seed."""
SHORT_INTERVAL_MONTHS = (6, 12)
"""Visits after probably benign that fall within a year of the screen."""


class Outcome(Struct, frozen=True):
    """One screening round. `age` in whole years; days count from the screen; None: it did not come to that.

    `cancer` is found because of this screen: at the work-up or the short-interval visits it led to and, where one
    year is counted, whatever surfaces in a woman called back. `interval_cancer` surfaces after a screen that found
    none, within the country's span. `next_on`: when she came to be screened again, None if she did not.
    """

    woman: int
    on: date
    age: int
    first: bool
    density: Density | None
    reader: str | None
    recalled: bool = False
    technical: bool = False
    kinds: tuple[FindingKind, ...] = ()
    worked_up: bool = False
    short_interval: bool = False
    biopsy_advised: bool = False
    biopsied: bool = False
    tissue: Tissue | None = None
    cancer: bool = False
    in_situ: bool = False
    interval_cancer: bool = False
    next_on: date | None = None
    days_to_work_up: int | None = None
    days_to_biopsy: int | None = None
    days_to_answer: int | None = None
    priors: bool = False

    @property
    def false_alarm(self) -> bool:
        """Called back, and no cancer found."""
        return self.recalled and not self.cancer


def alone(
    seed: int, women: int, country: str, years: float, *, on: date = FIRST_DAY, parameters: Parameters | None = None
) -> Iterator[Outcome]:
    """Yield the rounds of `women` in so many years from `on`, woman by woman; the same for the same seed."""
    parameters = parameters or load(country)
    staff = all_readers(READERS, parameters)
    until = on + timedelta(days=int(years * YEAR))
    for number in range(women):
        yield from rounds_of(woman(seed, number, parameters, on), stream(seed, number, 1), staff, parameters, on, until)


def rounds_of(
    her: Woman, dice: Random, staff: tuple[Reader, ...], parameters: Parameters, on: date, until: date
) -> Iterator[Outcome]:
    """Yield one woman's rounds between two days: due by her own interval, until she stops coming or has a cancer."""
    months = timedelta(days=int(her.interval_months * YEAR / 12))
    day = her.last_screen + months if her.last_screen else on
    if day <= on:  # never screened, or lapsed: she comes at any time
        day = on + dice.random() * months
    first, before = not her.screened_before, on
    while day < until:
        if her.tumours and declared(her, before, day):
            return
        outcome = one_round(her, day, first, parameters, staff, dice)
        if not outcome.cancer and dice.random() < return_chance(her, outcome, parameters):
            late = -math.log(1 - dice.random()) * parameters.schedule.late_months
            outcome = replace(outcome, next_on=day + months + timedelta(days=int(late * YEAR / 12)))
        yield outcome
        if outcome.next_on is None:
            return
        first, before, day = False, day, outcome.next_on


def return_chance(her: Woman, outcome: Outcome, parameters: Parameters) -> float:
    """Return the chance that she comes again, by what this round was for her."""
    behaviour = parameters.behaviour
    if not outcome.recalled:
        return her.returns
    if outcome.biopsy_advised:
        return her.returns + behaviour.returns_after_biopsy
    return her.returns + (
        behaviour.returns_after_short_interval if outcome.short_interval else behaviour.returns_after_imaging
    )


def one_round(
    her: Woman, day: date, first: bool, parameters: Parameters, staff: tuple[Reader, ...], dice: Random
) -> Outcome:
    """Return what one screen of hers comes to, if she has not had a cancer before. `next_on` is left open."""
    priors = not first and her.has_priors != "elsewhere"
    opinion, reader, technical = read(her, day, first, priors, parameters, staff, dice)
    age = int(her.age_at(day))
    days = max(1, round(parameters.days.reading))
    window = day + timedelta(days=int(parameters.schedule.interval_cancer_days))
    if not opinion.spots:
        late = bool(her.tumours) and declared(her, day, window) is not None
        return Outcome(
            her.number, day, age, first, opinion.density, reader.name, False, technical,
            interval_cancer=late, days_to_answer=days, priors=priors,
        )  # fmt: skip
    outcome = Outcome(
        her.number, day, age, first, opinion.density, reader.name, True, technical,
        kinds=tuple(dict.fromkeys(spot.kind for spot in opinion.spots)), priors=priors,
    )  # fmt: skip
    if dice.random() < parameters.behaviour.comes_to_work_up:
        outcome = _after_work_up(outcome, her, opinion.spots, reader, parameters, dice, days)
    if not outcome.cancer and her.tumours:
        surfaced = declared(her, day, window)
        if surfaced and parameters.schedule.readers < 2:
            return replace(outcome, cancer=True)
        return replace(outcome, interval_cancer=surfaced is not None)
    return outcome


def read(
    her: Woman,
    day: date,
    first: bool,
    priors: bool,
    parameters: Parameters,
    staff: tuple[Reader, ...],
    dice: Random,
) -> tuple[Opinion, Reader, bool]:
    """Return what stands after everyone who reads has read, the first reader, and whether pictures were made again."""
    seen = visible(her, day, parameters, dice)
    place = int(dice.random() * len(staff))
    reader = staff[place]
    opinion = screened(seen, her, day, first, priors, reader, parameters, dice)
    technical = opinion.technical
    while opinion.technical:
        opinion = screened(seen, her, day, first, priors, reader, parameters, dice)
    if opinion.awaits_priors:  # they came: the same spots beside older pictures
        opinion = screened(opinion.spots, her, day, first, True, reader, parameters, dice)
    if parameters.schedule.readers < 2:
        return opinion, reader, technical
    others = [
        screened(seen, her, day, first, priors, staff[(place + step) % len(staff)], parameters, dice) for step in (1, 2)
    ]
    return replace(opinion, spots=arbitrated(opinion, others[0], others[1])), reader, technical


def _after_work_up(
    outcome: Outcome,
    her: Woman,
    spots: tuple[Spot, ...],
    reader: Reader,
    parameters: Parameters,
    dice: Random,
    read_after: int,
) -> Outcome:
    days = parameters.days
    work_up_days = read_after + _days(days.work_up, days.work_up_spread, dice)
    on = outcome.on + timedelta(days=work_up_days)
    answers = [(spot, worked_up(her, spot, on, reader, parameters, dice)) for spot in spots]
    advised = [(spot, answer) for spot, answer in answers if answer.advises_biopsy]
    watched = [spot for spot, answer in answers if answer.assessment is Assessment.PROBABLY_BENIGN]
    outcome = replace(
        outcome,
        worked_up=True,
        short_interval=bool(watched) and not advised,
        biopsy_advised=bool(advised),
        days_to_work_up=work_up_days,
        days_to_answer=work_up_days,
    )
    taken = [spot for spot, answer in advised if dice.random() < _done(answer, parameters)]
    if taken:
        biopsy_days = work_up_days + _days(days.biopsy, days.biopsy_spread, dice)
        results = [final_tissue(her, spot, parameters, dice) for spot in taken]
        outcome = replace(
            outcome,
            biopsied=True,
            days_to_biopsy=biopsy_days,
            days_to_answer=biopsy_days + _days(days.pathology, days.pathology_spread, dice),
            tissue=max(results, key=list(Tissue).index),
            **_cancer([spot.tumour for spot, result in zip(taken, results, strict=True) if result is Tissue.MALIGNANT]),
        )
    if watched and not outcome.cancer:
        found = [spot.tumour for spot in watched if _found_later(her, spot, on, parameters, dice)]
        outcome = replace(outcome, **_cancer(found))
    return outcome


def _cancer(found: list[Tumour | None]) -> dict[str, bool]:
    tumours = [t for t in found if t is not None]
    return {"cancer": bool(tumours), "in_situ": bool(tumours) and all(t.in_situ for t in tumours)}


def _done(answer: Answer, parameters: Parameters) -> float:
    return parameters.behaviour.done_by_suspicion[SUSPICIONS.index(answer.suspicion)]


def final_tissue(her: Woman, spot: Spot, parameters: Parameters, dice: Random) -> Tissue:
    """Return what tissue says once it was taken as often as it has to be: whatever stays open is cut out."""
    sample = sampled(her, spot, parameters, dice)
    if sample.tissue is Tissue.INSUFFICIENT or not sample.concordant:
        sample = sampled(her, spot, parameters, dice)
    if sample.tissue in (Tissue.HIGH_RISK, Tissue.SUSPICIOUS_TISSUE) and spot.truth is Truth.CANCER:
        return Tissue.MALIGNANT
    return sample.tissue


def _found_later(her: Woman, spot: Spot, on: date, parameters: Parameters, dice: Random) -> bool:
    for months in SHORT_INTERVAL_MONTHS:
        if dice.random() >= parameters.behaviour.comes_to_short_interval:
            return False
        answer = followed(her, spot, months, on + timedelta(days=int(months * YEAR / 12)), parameters, dice)
        if answer.advises_biopsy:
            return final_tissue(her, spot, parameters, dice) is Tissue.MALIGNANT
        if answer.assessment is Assessment.BENIGN:
            return False
    return False


def _days(median: float, spread: float, dice: Random) -> int:
    return round(median * math.exp(spread * dice.gauss()))
