"""Every number of the made-up programme, each with where it comes from: data/us.toml and data/uk.toml.

You are here because you change a number; how its source is written, and checked, is in sources.py.
"""

from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import Any

import msgspec
from msgspec import Struct

from closerlook.simulate.sources import ParametersError, given


class Shares(Struct, frozen=True):
    """Several things and how often each is met; the shares are made to add up to one."""

    names: tuple[str, ...]
    shares: tuple[float, ...]
    steps: tuple[float, ...]

    @classmethod
    def of(cls, shares: dict[str, float]) -> "Shares":
        total = sum(shares.values())
        each = tuple(share / total for share in shares.values())
        return cls(tuple(shares), each, tuple(accumulate(each)))

    def at(self, chance: float) -> str:
        """Return what stands at `chance`, from 0 to below 1."""
        return self.names[min(bisect_right(self.steps, chance), len(self.names) - 1)]


class People(Struct, frozen=True, forbid_unknown_fields=True):
    """Who the women are. Shares are of women coming to be screened."""

    age_from: tuple[float, ...]  # lower ends of the age bands, years
    age_share: tuple[float, ...]
    age_to: float  # first age that is no longer in the last band
    relatives_share: tuple[float, ...]  # one, two, three or more first-degree relatives with breast cancer
    screened_before_from: float  # share already screened before, at the first age of `age_from`
    screened_before_a_year: float  # and how much it rises with every year of age
    screened_before_most: float
    lapsed: float  # of those screened before: the last screen lies `lapsed_months` further back
    lapsed_months: float
    priors_elsewhere: float  # of those screened before: pictures lie somewhere else
    no_phone: float
    distance_km_median: float
    distance_km_spread: float  # standard deviation of the logarithm
    symptom: float  # share that tells of a symptom at screening
    men: float  # share of men when they are asked for
    dense_knots: tuple[float, ...]  # ages
    dense_score: tuple[float, ...]  # at these ages, the standard normal score above which a breast is dense (c or d)
    fatty_below: float  # density a lies so far below that score
    very_dense_above: float  # density d lies so far above it


class Disease(Struct, frozen=True, forbid_unknown_fields=True):
    """What grows. Incidence by age and group: evidence/data/bcrat.toml, times `incidence_scale`."""

    incidence_scale: float
    incidence_a_year: float  # change of its logarithm with every year of age, beside what the table has
    relatives_rr: tuple[float, ...]  # none, one, two, three or more
    density_rr: tuple[float, ...]  # a, b, c, d
    in_situ: float  # share of tumours that are in situ while they can be found only on pictures
    in_situ_stretch: float  # and how much longer they stay so
    sojourn_ages: tuple[float, ...]
    sojourn_years: tuple[float, ...]  # mean time between being detectable and being felt, at these ages


class Reading(Struct, frozen=True, forbid_unknown_fields=True):
    """What is seen and called. Log-odds are added up and made a chance by the logistic function."""

    shadows: float  # harmless things worth a second look, a screen, in a woman of average density at `shadow_age`
    shadow_age: float
    shadows_a_year: float  # change of the logarithm with every year of age
    shadows_by_density: tuple[float, ...]  # factor for a, b, c, d
    busy_spread: float  # between women of one age and density: standard deviation of the logarithm
    conspicuity: float  # between spots: standard deviation of the log-odds of being called
    call_shadow: float  # log-odds that the average reader calls one, with earlier pictures beside it
    no_priors: float  # added where there are none
    call_tumour: float  # log-odds that the average reader calls a tumour half-way through its time
    growth: float  # added from its first day to its last
    density_hides: tuple[float, ...]  # added for a, b, c, d
    readers_recall_spread: float  # between readers: standard deviation of the log-odds
    readers_sensitivity_spread: float
    readers_together: float  # correlation of the two
    density_misread: float  # share of density letters off by one step
    technical: float
    awaits_priors: float  # of calls in a woman whose pictures lie elsewhere: asked for first, and nothing else yet
    suspicious_tumour: float  # of calls, stated suspicious at screening
    suspicious_shadow: float
    benign_words: float  # of calm readings, those that name something harmless (category 2)
    shadow_benign: float  # of harmless things seen, those with a benign lesion behind them
    shadow_high_risk: float  # and with a lesion of uncertain potential
    shadow_kinds: Shares  # by FindingKind
    tumour_kinds: Shares  # the same times `kind_ppv` of the file: the chance of cancer by kind, against a mass


class WorkUp(Struct, frozen=True, forbid_unknown_fields=True):
    """What the call-back finds."""

    tumour_suspected: float  # a tumour is called suspicious or worse
    tumour_watched: float  # of the others: probably benign
    biopsy: float  # share of harmless spots advised a biopsy, before both weights
    biopsy_weight: dict[str, float]  # by kind
    biopsy_by_truth: dict[str, float]  # by what is behind it
    watched: float  # of harmless spots not advised a biopsy: probably benign
    at_once_in_family: float  # of these, sampled at once where two or more relatives had breast cancer
    benign_words: float  # of calm answers: benign rather than negative
    tumour_suspicion: tuple[float, ...]  # 4A, 4B, 4C, 5
    shadow_suspicion: tuple[float, ...]
    followed_tumour_suspected: float  # at a short-interval visit
    followed_harmless_suspected: float
    followed_calm: float  # at a visit before the last: calm already


class Tissues(Struct, frozen=True, forbid_unknown_fields=True):
    """What the pathologist finds, and whether it fits."""

    insufficient: float
    tumour_missed: float  # a tumour sampled beside: benign tissue, and not concordant as a rule
    tumour_uncertain: float  # suspicious tissue only (B4)
    tumour_high_risk: float  # undersampled: a high-risk lesion
    nothing_normal: float  # where nothing is behind a spot: normal tissue (B1), else a benign change
    benign_discordant: float
    missed_discordant: float  # of tumours sampled beside: pictures and tissue are seen not to fit
    lesions: Shares  # among high-risk lesions


class Behaviour(Struct, frozen=True, forbid_unknown_fields=True):
    """What women do. A chance that differs between women has a Beta distribution with its mean here and `alike`."""

    answers_phone: float  # a call reaches her
    answers_text: float
    answers_letter: float
    letter_returned: float
    attends: float  # comes to a visit that she has
    attends_biopsy: float
    moves_visit: float
    declines: float  # declines what is advised, when asked
    declines_today: float
    alike: float  # a + b of the Beta distributions: the smaller, the more women differ
    comes_to_work_up: float  # sooner or later, of women called back
    comes_to_short_interval: float
    done_by_suspicion: tuple[float, ...]  # tissue is taken, of advised 4A, 4B, 4C, 5
    returns: float  # comes back to screening within the interval
    returns_after_imaging: float  # added to it after a false alarm ended by pictures
    returns_after_short_interval: float
    returns_after_biopsy: float
    uptake_first: float  # of invitations
    uptake_later: float
    moves_away_a_year: float
    amended_report: float
    dies_factor: float  # times the mortality of bcrat.toml


class Days(Struct, frozen=True, forbid_unknown_fields=True):
    """Times: medians in days, spreads as the standard deviation of the logarithm."""

    reading: float
    work_up: float  # from the reading
    work_up_spread: float
    biopsy: float  # from the work-up
    biopsy_spread: float
    pathology: float
    pathology_spread: float


class Schedule(Struct, frozen=True, forbid_unknown_fields=True):
    """When she is screened again."""

    months: tuple[float, ...]  # the intervals women keep
    share: tuple[float, ...]
    late_months: float  # mean delay beyond it
    interval_cancer_days: float  # how long after a calm screen a cancer counts as an interval cancer
    readers: float


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """One country's model."""

    country: str
    people: People
    disease: Disease
    reading: Reading
    work_up: WorkUp
    tissue: Tissues
    behaviour: Behaviour
    days: Days
    schedule: Schedule


@cache
def load(country: str) -> Parameters:
    """Return the model of "us" or "uk". Raises ParametersError."""
    sections: dict[str, dict[str, Any]] = {}
    for section, name, entry in given(country):
        place = sections.setdefault(section, {})
        head, _dot, key = name.partition(".")
        if key:
            place.setdefault(head, {})[key] = entry.value
        else:
            place[head] = entry.value
    reading, tissue = sections["reading"], sections["tissue"]
    kinds, ppv = reading["shadow_kinds"], reading.pop("kind_ppv")
    reading["shadow_kinds"] = Shares.of(kinds)
    reading["tumour_kinds"] = Shares.of({kind: share * ppv[kind] for kind, share in kinds.items()})
    tissue["lesions"] = Shares.of(tissue["lesions"])
    try:
        return msgspec.convert({"country": country, **sections}, Parameters)
    except msgspec.ValidationError as error:
        raise ParametersError(f"data/{country}.toml: {error}") from error
