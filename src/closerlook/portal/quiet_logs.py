"""Keeps the token of a personal link out of our logs.

Django writes the path of a request that failed, and the path of a personal link is its key. Only the first page has it
in its address: it puts the link in her session and sends her on. This covers the case where that page itself fails.
"""

import logging
import re

LOGGERS = ("django.request", "django.security.csrf", "django.server")
_PATH = re.compile(r"(/my/(?:shared/)?)[^/\s?'\"]{12,}")


class WithoutTokens(logging.Filter):
    """Cuts the token out of a record before any handler sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _without(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_without(arg) for arg in record.args)
        return True


def _without(value: object) -> object:
    return _PATH.sub(r"\1…", value) if isinstance(value, str) else value


def keep_quiet() -> None:
    """Put the filter on every logger that Django gives a path to; once."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, WithoutTokens) for known in logger.filters):
            logger.addFilter(WithoutTokens())
