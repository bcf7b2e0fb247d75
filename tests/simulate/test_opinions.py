"""What readers see and say of made-up women."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from closerlook.pathway.terms import Assessment, Density, FindingKind, Laterality, Suspicion, Tissue
from closerlook.simulate.disease import Tumour
from closerlook.simulate.opinions import (
    Opinion,
    Reader,
    Spot,
    Truth,
    all_readers,
    arbitrated,
    followed,
    readers,
    sampled,
    screened,
    visible,
    worked_up,
)
from closerlook.simulate.parameters import load
from closerlook.simulate.population import woman

ON = date(2025, 6, 1)
US = load("us")
AVERAGE = Reader("Reader", 0.0, 0.0)
HER = replace(woman(1, 0, US, ON), tumours=(), relatives=0, has_priors="here")
TUMOUR = Tumour(Laterality.LEFT, FindingKind.MASS, date(2024, 6, 1), date(2027, 6, 1), False)
CANCER = Spot(Laterality.LEFT, FindingKind.MASS, "upper_outer", Truth.CANCER, TUMOUR)
SHADOWS = [
    Spot(Laterality.RIGHT, FindingKind.ASYMMETRY, "upper_outer", truth)
    for truth in (Truth.NOTHING, Truth.BENIGN, Truth.HIGH_RISK)
]
MANY = 4000


def _called(spot: Spot, reader: Reader, *, first: bool = False, priors: bool = True) -> float:
    dice = Random(3)
    said = [screened((spot,), HER, ON, first, priors, reader, US, dice) for _ in range(MANY)]
    return sum(spot in opinion.spots for opinion in said) / MANY


def test_readers_are_the_same_whatever_their_number_and_differ_from_one_another() -> None:
    staff = readers(1, 200, US)
    assert readers(1, 5, US) == staff[:5]
    assert readers(2, 5, US) != staff[:5]
    mean = sum(reader.recall_log_odds for reader in staff) / 200
    spread = (sum((reader.recall_log_odds - mean) ** 2 for reader in staff) / 199) ** 0.5
    assert spread == pytest.approx(US.reading.readers_recall_spread, rel=0.2)


def test_readers_spread_evenly_have_the_same_spread_and_no_chance() -> None:
    staff = all_readers(200, US)
    recall = [reader.recall_log_odds for reader in staff]
    sharp = [reader.sensitivity_log_odds for reader in staff]
    assert sum(recall) == pytest.approx(0, abs=1e-6)
    assert sum(sharp) / 200 == pytest.approx(0, abs=0.01)
    assert (sum(x * x for x in recall) / 200) ** 0.5 == pytest.approx(US.reading.readers_recall_spread, rel=0.03)
    assert (sum(x * x for x in sharp) / 200) ** 0.5 == pytest.approx(US.reading.readers_sensitivity_spread, rel=0.05)
    together = sum(x * y for x, y in zip(recall, sharp, strict=True)) / 200
    spreads = US.reading.readers_recall_spread * US.reading.readers_sensitivity_spread
    assert together / spreads == pytest.approx(US.reading.readers_together, abs=0.08)


@given(number=st.integers(0, 10_000), seed=st.integers(0, 1000))
def test_two_readers_of_one_screen_call_only_what_is_there(number: int, seed: int) -> None:
    her = woman(1, number, US, ON)
    dice = Random(seed)
    seen = visible(her, ON, US, dice)
    one, other = (screened(seen, her, ON, False, True, reader, US, dice) for reader in readers(1, 2, US))
    assert set(one.spots) | set(other.spots) <= set(seen)
    assert not (one.technical and one.spots)
    assert all((spot.truth is Truth.CANCER) == (spot.tumour is not None) for spot in seen)


@given(
    called=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=6),
)
def test_arbitration_keeps_what_both_called_and_takes_nothing_neither_did(
    called: list[tuple[bool, bool, bool]],
) -> None:
    spots = [replace(SHADOWS[0], conspicuity=float(place)) for place in range(len(called))]
    opinions = [
        Opinion(Density.B, tuple(spot for spot, who in zip(spots, called, strict=True) if who[reader]))
        for reader in range(3)
    ]
    stands = set(arbitrated(*opinions))
    one, other, third = (set(opinion.spots) for opinion in opinions)
    assert stands == (one & other) | ((one ^ other) & third)


def test_earlier_pictures_halve_the_odds_of_a_false_alarm() -> None:
    with_priors, without = _called(SHADOWS[0], AVERAGE), _called(SHADOWS[0], AVERAGE, priors=False)
    odds = with_priors / (1 - with_priors) / (without / (1 - without))
    assert odds == pytest.approx(0.5, abs=0.1)
    assert _called(SHADOWS[0], AVERAGE, first=True) == without


def test_a_reader_who_calls_more_calls_more_and_a_keener_one_finds_more() -> None:
    assert _called(SHADOWS[0], Reader("keen", 1.0, 0.0)) > _called(SHADOWS[0], AVERAGE)
    assert _called(CANCER, Reader("sharp", 0.0, 1.0)) > _called(CANCER, AVERAGE)


def test_a_spot_is_as_conspicuous_to_one_reader_as_to_the_other() -> None:
    faint, plain = replace(CANCER, conspicuity=-2.0), replace(CANCER, conspicuity=2.0)
    assert _called(faint, AVERAGE) + 0.3 < _called(plain, AVERAGE)


def test_pictures_are_made_again_as_often_as_published() -> None:
    dice = Random(1)
    said = [screened((), HER, ON, False, True, AVERAGE, US, dice) for _ in range(30_000)]
    again = sum(opinion.technical for opinion in said) / len(said)
    assert again == pytest.approx(US.reading.technical, abs=0.0015)
    assert {opinion.density for opinion in said} >= {HER.density_at(ON)}


def test_priors_are_asked_for_only_where_they_lie_elsewhere() -> None:
    elsewhere = replace(HER, has_priors="elsewhere")
    dice = Random(2)
    asked = [
        screened((replace(CANCER, conspicuity=3.0),), her, ON, False, priors, AVERAGE, US, dice).awaits_priors
        for her, priors in ((elsewhere, False), (HER, True))
        for _ in range(500)
    ]
    assert any(asked[:500])
    assert not any(asked[500:])


def test_more_shadows_lie_in_denser_and_in_busier_breasts() -> None:
    def shadows(dense_by: float, busy: float) -> int:
        her, dice = replace(HER, dense_by=dense_by, busy=busy), Random(4)
        return sum(len(visible(her, ON, US, dice)) for _ in range(2000))

    assert shadows(-3.0, 1.0) < shadows(0.0, 1.0) < shadows(3.0, 1.0)
    assert shadows(0.0, 2.0) == pytest.approx(2 * shadows(0.0, 1.0), rel=0.15)


def test_the_work_up_finds_a_cancer_as_often_as_published() -> None:
    dice = Random(5)
    answers = [worked_up(HER, CANCER, ON, AVERAGE, US, dice) for _ in range(MANY)]
    found = sum(answer.advises_biopsy for answer in answers) / MANY
    assert found == pytest.approx(0.919, abs=0.02)
    assert all((answer.suspicion is not None) == (answer.assessment is Assessment.SUSPICIOUS) for answer in answers)


def test_a_cancer_that_is_felt_by_then_is_never_called_calm() -> None:
    dice, late = Random(6), TUMOUR.felt_on
    assert all(worked_up(HER, CANCER, late, AVERAGE, US, dice).advises_biopsy for _ in range(300))
    assert all(followed(HER, CANCER, 6, late, US, dice).advises_biopsy for _ in range(300))


def test_each_letter_of_suspicion_keeps_the_likelihood_it_is_meant_for() -> None:
    """Published limits: 4A 2-10, 4B 10-50, 4C 50-95, 5 from 95 of 100; a quarter of those advised have cancer."""
    tumour, shadow = US.work_up.tumour_suspicion, US.work_up.shadow_suspicion
    likelihood = [0.256 * t / (0.256 * t + 0.744 * s) for t, s in zip(tumour, shadow, strict=True)]
    for value, low, high in zip(likelihood, (0.02, 0.10, 0.50, 0.95), (0.10, 0.50, 0.95, 1.0), strict=True):
        assert low <= value <= high


@pytest.mark.parametrize("spot", [CANCER, *SHADOWS], ids=lambda spot: spot.truth.value)
def test_follow_up_ends_after_two_years(spot: Spot) -> None:
    dice = Random(7)
    answers = [followed(HER, spot, 24, ON, US, dice) for _ in range(500)]
    assert all(answer.assessment is not Assessment.PROBABLY_BENIGN for answer in answers)


def test_tissue_tells_what_is_there_nearly_always() -> None:
    dice = Random(8)
    found = Counter(sampled(HER, CANCER, US, dice).tissue for _ in range(MANY))
    assert found[Tissue.MALIGNANT] / MANY == pytest.approx(0.933, abs=0.02)
    assert found[Tissue.INSUFFICIENT] > 0
    assert found[Tissue.SUSPICIOUS_TISSUE] > 0


def test_harmless_spots_are_never_malignant_and_high_risk_lesions_have_names() -> None:
    dice = Random(9)
    for spot in SHADOWS:
        for sample in (sampled(HER, spot, US, dice) for _ in range(1500)):
            assert sample.tissue not in (Tissue.MALIGNANT, Tissue.SUSPICIOUS_TISSUE)
            assert (sample.lesion is not None) == (sample.tissue is Tissue.HIGH_RISK)
            assert sample.concordant or sample.tissue is not Tissue.HIGH_RISK


def test_discordant_tissue_is_rare_and_occurs() -> None:
    dice = Random(10)
    share = sum(not sampled(HER, SHADOWS[1], US, dice).concordant for _ in range(MANY)) / MANY
    assert 0.02 < share < 0.05


def test_tissue_may_be_taken_at_once_where_much_cancer_runs_in_the_family() -> None:
    def advised(relatives: int) -> int:
        dice, her = Random(11), replace(HER, relatives=relatives)
        answers = [worked_up(her, SHADOWS[0], ON, AVERAGE, US, dice) for _ in range(MANY)]
        return sum(answer.suspicion is Suspicion.LOW for answer in answers)

    assert advised(2) > advised(0)
