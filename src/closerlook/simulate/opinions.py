"""What readers see and say of made-up women: at screening, at the work-up, at a short-interval visit, in tissue.

`visible` draws what there is to be seen this time; `screened` is one reader's opinion of it, so two readers of one
screen are given the same `visible`. Everything a reader thinks is a chance from log-odds: the tumour's or the shadow's,
the reader's own, and how conspicuous the spot happens to be.
"""

import math
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from random import Random
from statistics import NormalDist
from typing import NamedTuple

from msgspec import Struct

from closerlook.pathway.terms import Assessment, Density, FindingKind, Laterality, Suspicion, Tissue
from closerlook.simulate.disease import KINDS, Tumour, calling, detectable, logistic
from closerlook.simulate.parameters import Parameters, WorkUp
from closerlook.simulate.population import DENSITIES, Woman, density_of

PLACES = ("upper_outer", "upper_inner", "lower_outer", "lower_inner", "behind_nipple")
PLACE_STEPS = (0.45, 0.62, 0.78, 0.90)
"""Most tissue, and most of what is seen, lies in the upper outer part; an assumption of this software."""
SIDES = (Laterality.LEFT, Laterality.RIGHT)
SUSPICIONS = (Suspicion.LOW, Suspicion.MODERATE, Suspicion.HIGH, None)
"""The order of the shares of suspicion; None is highly suggestive, which has no letter."""
LAST_VISIT_MONTHS = 24
"""After two years without change a finding is benign."""
STANDARD = NormalDist()
GOLDEN = (math.sqrt(5) - 1) / 2
"""Its multiples fall evenly between whole numbers, in an order that has nothing to do with their own."""
AT_WORK_UP = 0.5
"""How much of a reader's own leaning at screening is left with more pictures; an assumption of this software."""


class Truth(StrEnum):
    """What is behind a spot."""

    NOTHING = "nothing"
    BENIGN = "benign"
    HIGH_RISK = "high_risk"
    CANCER = "cancer"


class Reader(Struct, frozen=True):
    """One reader: how much more readily than the average harmless things are called, and cancers (log-odds)."""

    name: str
    recall_log_odds: float
    sensitivity_log_odds: float


class Spot(Struct, frozen=True):
    """One thing that pictures show. `conspicuity` is a standard normal score, the same for every reader."""

    side: Laterality
    kind: FindingKind
    place: str | None
    truth: Truth
    tumour: Tumour | None = None
    conspicuity: float = 0.0


class Opinion(Struct, frozen=True):
    """What one reader says of one screen. `spots` are called; with `awaits_priors` older pictures are asked for first.

    `technical`: the pictures are not good enough and nothing else is said. `suspicious`: said to be so at screening,
    without a work-up. `benign`: where nothing is called, something harmless is named (category 2 rather than 1).
    """

    density: Density
    spots: tuple[Spot, ...] = ()
    technical: bool = False
    awaits_priors: bool = False
    benign: bool = False
    suspicious: bool = False


class Answer(Struct, frozen=True):
    """What the work-up says of one spot. `suspicion` is stated with `SUSPICIOUS` only."""

    assessment: Assessment
    suspicion: Suspicion | None = None

    @property
    def advises_biopsy(self) -> bool:
        return self.assessment in (Assessment.SUSPICIOUS, Assessment.HIGHLY_SUGGESTIVE)


class Sample(NamedTuple):
    """What the pathologist found. `lesion`: a high-risk one; not `concordant`: it does not explain what was seen."""

    tissue: Tissue
    lesion: str | None = None
    concordant: bool = True


def readers(seed: int, count: int, parameters: Parameters) -> tuple[Reader, ...]:
    """Return `count` readers who differ from one another by chance; each is the same whatever the count."""
    found = []
    for number in range(count):
        dice = Random(f"reader {seed} {number}")  # noqa: S311  made-up people, not secrets
        found.append(_reader(number, dice.gauss(), dice.gauss(), parameters))
    return tuple(found)


def all_readers(count: int, parameters: Parameters) -> tuple[Reader, ...]:
    """Return `count` readers spread evenly over how readers differ: who they are adds no chance to a measure."""
    return tuple(
        _reader(n, STANDARD.inv_cdf((n + 0.5) / count), STANDARD.inv_cdf((n * GOLDEN + 0.5) % 1), parameters)
        for n in range(count)
    )


def _reader(number: int, one: float, other: float, parameters: Parameters) -> Reader:
    reading, together = parameters.reading, parameters.reading.readers_together
    return Reader(
        f"Reader {number + 1}",
        reading.readers_recall_spread * one,
        reading.readers_sensitivity_spread * (together * one + math.sqrt(1 - together**2) * other),
    )


# ---------------------------------------------------------------- the screen


def visible(woman: Woman, on: date, parameters: Parameters, dice: Random) -> tuple[Spot, ...]:
    """Return everything this screen could be recalled for: tumours, and shadows that are harmless."""
    reading, chance = parameters.reading, dice.random
    age = woman.age_at(on)
    density = density_of(woman.dense_by, age, woman.density_age)
    mean = reading.shadows * woman.busy * reading.shadows_by_density[density]
    mean *= math.exp(reading.shadows_a_year * (age - reading.shadow_age))
    spots = tuple(_of_tumour(t, dice) for t in detectable(woman, on)) if woman.tumours else ()
    left, none = chance(), math.exp(-mean)  # a Poisson number of shadows: as many factors as stay above exp(-mean)
    while left > none:
        kind = KINDS[reading.shadow_kinds.at(chance())]
        which = chance()
        truth = (
            Truth.HIGH_RISK
            if which < reading.shadow_high_risk
            else Truth.BENIGN
            if which < reading.shadow_high_risk + reading.shadow_benign
            else Truth.NOTHING
        )
        spots = (*spots, Spot(SIDES[chance() < 0.5], kind, _place(chance()), truth, None, dice.gauss()))
        left *= chance()
    return spots


def screened(
    seen: Sequence[Spot],
    woman: Woman,
    on: date,
    first: bool,
    priors: bool,
    reader: Reader,
    parameters: Parameters,
    dice: Random,
) -> Opinion:
    """Return what one reader says of what is there to be `seen`. `priors`: earlier pictures lie beside these."""
    reading, chance = parameters.reading, dice.random
    density = density_of(woman.dense_by, woman.age_at(on), woman.density_age)
    stated = _density_as_read(density, reading.density_misread, dice)
    if chance() < reading.technical:
        return Opinion(stated, technical=True)
    alone = 0.0 if priors and not first else reading.no_priors
    called = tuple(
        spot for spot in seen if chance() < logistic(_log_odds(spot, on, density, alone, reader, parameters))
    )
    if not called:
        return Opinion(stated, benign=chance() < reading.benign_words)
    waits = not first and not priors and woman.has_priors == "elsewhere" and chance() < reading.awaits_priors
    grave = any(
        chance() < (reading.suspicious_tumour if spot.truth is Truth.CANCER else reading.suspicious_shadow)
        for spot in called
    )
    return Opinion(stated, called, awaits_priors=waits and not grave, suspicious=grave)


def _log_odds(spot: Spot, on: date, density: int, alone: float, reader: Reader, parameters: Parameters) -> float:
    seen = parameters.reading.conspicuity * spot.conspicuity
    if spot.tumour is not None:
        return calling(spot.tumour, on, density, parameters) + reader.sensitivity_log_odds + seen
    return parameters.reading.call_shadow + reader.recall_log_odds + alone + seen


def arbitrated(first: Opinion, second: Opinion, third: Opinion) -> tuple[Spot, ...]:
    """Return what two readers call together, and of what they differ about, what the third calls as well."""
    both = [spot for spot in first.spots if spot in second.spots]
    either = [*first.spots, *(spot for spot in second.spots if spot not in first.spots)]
    return tuple(spot for spot in either if spot in both or spot in third.spots)


def _of_tumour(tumour: Tumour, dice: Random) -> Spot:
    return Spot(tumour.side, tumour.kind, _place(dice.random()), Truth.CANCER, tumour, dice.gauss())


def _place(chance: float) -> str:
    for place, step in zip(PLACES, PLACE_STEPS, strict=False):
        if chance < step:
            return place
    return PLACES[-1]


def _density_as_read(density: int, misread: float, dice: Random) -> Density:
    if dice.random() < misread:
        density = min(max(density + (1 if dice.random() < 0.5 else -1), 0), 3)
    return DENSITIES[density]


# ---------------------------------------------------------------- what follows


def worked_up(woman: Woman, spot: Spot, on: date, reader: Reader, parameters: Parameters, dice: Random) -> Answer:
    """Return what more pictures on that day make of a spot."""
    work_up, chance = parameters.work_up, dice.random
    if spot.tumour is not None:
        found = spot.tumour.felt_on <= on or chance() < leaning(work_up.tumour_suspected, reader.sensitivity_log_odds)
        if found:
            return _suspicious(work_up.tumour_suspicion, chance())
        return Answer(Assessment.PROBABLY_BENIGN) if chance() < work_up.tumour_watched else _calm(work_up, chance())
    advised = work_up.biopsy * work_up.biopsy_weight[spot.kind] * work_up.biopsy_by_truth[spot.truth]
    if chance() < leaning(min(advised, 0.95), reader.recall_log_odds):
        return _suspicious(work_up.shadow_suspicion, chance())
    if chance() < leaning(work_up.watched, reader.recall_log_odds):
        at_once = woman.relatives > 1 and chance() < work_up.at_once_in_family
        return Answer(Assessment.SUSPICIOUS, Suspicion.LOW) if at_once else Answer(Assessment.PROBABLY_BENIGN)
    return _calm(work_up, chance())


def leaning(chance: float, log_odds: float) -> float:
    """Return a chance as a reader of these log-odds has it at a work-up."""
    if not 0 < chance < 1:
        return chance
    return logistic(math.log(chance / (1 - chance)) + AT_WORK_UP * log_odds)


def followed(woman: Woman, spot: Spot, months: int, on: date, parameters: Parameters, dice: Random) -> Answer:  # noqa: ARG001  asked for alike
    """Return what pictures `months` after the work-up make of a spot that was probably benign."""
    work_up, chance = parameters.work_up, dice.random
    if spot.tumour is not None:
        if spot.tumour.felt_on <= on or chance() < work_up.followed_tumour_suspected:
            return _suspicious(work_up.tumour_suspicion, chance())
    elif chance() < work_up.followed_harmless_suspected:
        return _suspicious(work_up.shadow_suspicion, chance())
    if months >= LAST_VISIT_MONTHS or chance() < work_up.followed_calm:
        return Answer(Assessment.BENIGN)
    return Answer(Assessment.PROBABLY_BENIGN)


def sampled(woman: Woman, spot: Spot, parameters: Parameters, dice: Random) -> Sample:  # noqa: ARG001  asked for alike
    """Return what one needle biopsy of a spot finds; so far the same for every woman."""
    tissue, chance = parameters.tissue, dice.random
    if chance() < tissue.insufficient:
        return Sample(Tissue.INSUFFICIENT, concordant=False)
    if spot.truth is Truth.CANCER:
        which = chance()
        if which < tissue.tumour_missed:
            return Sample(Tissue.BENIGN, concordant=chance() >= tissue.missed_discordant)
        if which < tissue.tumour_missed + tissue.tumour_uncertain:
            return Sample(Tissue.SUSPICIOUS_TISSUE)
        if which < tissue.tumour_missed + tissue.tumour_uncertain + tissue.tumour_high_risk:
            return Sample(Tissue.HIGH_RISK, tissue.lesions.at(chance()))
        return Sample(Tissue.MALIGNANT)
    if spot.truth is Truth.HIGH_RISK:
        return Sample(Tissue.HIGH_RISK, tissue.lesions.at(chance()))
    normal = spot.truth is Truth.NOTHING and chance() < tissue.nothing_normal
    found = Tissue.NORMAL_TISSUE if normal else Tissue.BENIGN
    return Sample(found, concordant=chance() >= tissue.benign_discordant)


def _suspicious(shares: Sequence[float], chance: float) -> Answer:
    for share, suspicion in zip(shares, SUSPICIONS, strict=True):
        chance -= share
        if chance < 0 and suspicion is not None:
            return Answer(Assessment.SUSPICIOUS, suspicion)
    return Answer(Assessment.HIGHLY_SUGGESTIVE)


def _calm(work_up: WorkUp, chance: float) -> Answer:
    return Answer(Assessment.BENIGN if chance < work_up.benign_words else Assessment.NEGATIVE)
