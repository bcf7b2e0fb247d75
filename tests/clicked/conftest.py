"""The unit of the desk's tests, for the courses that are walked through it."""

from tests.desk.conftest import address, sessions_last, unit

__all__ = ["address", "sessions_last", "unit"]
