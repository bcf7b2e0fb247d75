"""A status word is never taken for more than it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closerlook.exchange.hl7.status import combined, status_of
from closerlook.pathway.terms import ReportStatus


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("F", ReportStatus.FINAL),
        ("f", ReportStatus.FINAL),
        ("Final", ReportStatus.FINAL),
        ("FINAL REPORT", ReportStatus.FINAL),
        ("P", ReportStatus.PRELIMINARY),
        ("Prelim", ReportStatus.PRELIMINARY),
        ("Preliminary", ReportStatus.PRELIMINARY),
        ("Wet Read", ReportStatus.PRELIMINARY),
        ("A", ReportStatus.PRELIMINARY),
        ("R", ReportStatus.PRELIMINARY),
        ("S", ReportStatus.PRELIMINARY),
        ("I", ReportStatus.PRELIMINARY),
        ("unsigned", ReportStatus.PRELIMINARY),
        ("Preliminary corrected", ReportStatus.PRELIMINARY),
        ("C", ReportStatus.CORRECTED),
        ("Corrected", ReportStatus.CORRECTED),
        ("Amended", ReportStatus.CORRECTED),
        ("Addendum", ReportStatus.ADDENDUM),
        ("Final Addendum", ReportStatus.ADDENDUM),
        ("Awaiting final", ReportStatus.UNKNOWN),
        ("Not final", ReportStatus.UNKNOWN),
        ("ZZ", ReportStatus.UNKNOWN),
        ("", ReportStatus.UNKNOWN),
    ],
)
def test_a_status_word_is_signed_only_if_every_word_is_known(word: str, status: ReportStatus) -> None:
    assert status_of(word) is status


@given(st.text(max_size=30))
def test_an_unknown_status_is_never_signed(word: str) -> None:
    assert not combined([word, "zz", "F"]).is_signed
