"""Digits of every keyboard are read, and no log holds the key to a page."""

import logging

import pytest

from closerlook.portal.digits import digits_of
from closerlook.portal.quiet_logs import WithoutTokens

TOKEN = "abcd-efgh-jkmn-pqrs-tuvw"


@pytest.mark.parametrize("typed", ["123 456", "١٢٣٤٥٦", "۱۲۳۴۵۶", " 1-2-3-4-5-6 ", "１２３４５６"])
def test_a_code_may_be_typed_on_any_keyboard(typed: str) -> None:
    assert digits_of(typed) == "123456"


@pytest.mark.parametrize("path", [f"/my/{TOKEN}/", f"/my/shared/{TOKEN}/"])
def test_no_log_holds_the_token_of_a_link(path: str) -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "Internal Server Error: %s", (path,), None)
    assert WithoutTokens().filter(record)
    assert TOKEN not in record.getMessage()
    assert path.removesuffix(f"{TOKEN}/") in record.getMessage()
