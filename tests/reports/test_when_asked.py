"""Pictures asked for on a later day are no call-back; pictures asked for now are, whatever else the sentence says."""

import pytest

from closerlook.exchange.hl7.advice import recommendation
from closerlook.pathway.terms import Recommendation as R


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("IMPRESSION: BI-RADS 1. Recommend follow-up mammogram in one year.", R.ROUTINE),
        ("IMPRESSION: Annual follow-up mammography is recommended.", R.ROUTINE),
        ("IMPRESSION: BI-RADS 2. Recommend diagnostic mammogram in 6 months.", R.SHORT_INTERVAL),
        ("IMPRESSION: Recommend short-interval follow-up mammogram.", R.SHORT_INTERVAL),
        ("IMPRESSION: Additional views are recommended, then follow-up in 6 months.", R.MORE_IMAGING),
        ("IMPRESSION: Additional views and targeted ultrasound are recommended.", R.MORE_IMAGING),
        ("IMPRESSION: Diagnostic mammogram is recommended.", R.MORE_IMAGING),
    ],
)
def test_when_pictures_are_asked_for(prose: str, expected: R) -> None:
    assert recommendation(prose) is expected
