"""A programme to look around in: made-up people, taken through the real door."""

from closerlook.demonstration.programme import (
    HOW_MANY,
    SIGN_INS,
    fill,
    her_page,
    is_somebodys,
    is_unfinished,
    length,
)

__all__ = ["HOW_MANY", "SIGN_INS", "fill", "her_page", "is_somebodys", "is_unfinished", "length"]
