"""Digits as she typed them, in whatever script her keyboard writes: ٤ is 4."""

import unicodedata


def digits_of(typed: str) -> str:
    """Return the digits of a text as 0 to 9, without anything else."""
    found = (unicodedata.digit(character, None) for character in typed)
    return "".join(str(digit) for digit in found if digit is not None)
