"""Read the number of a category out of running text: 0 to 6, 4A to 4C, "II", "four", and no measures or dates."""

import re
from collections.abc import Iterator

import msgspec

_TOKEN = re.compile(r"(?:cat|no|nr)\.|\d+[A-Za-z]*|[A-Za-z]+|[^\sA-Za-z\d]", re.IGNORECASE)
_GOES_ON = re.compile(r"\.\d|:\d|/\d{1,2}/\d|\d")
_SCALE_END = re.compile(r"\s*(?:-|–|to|through|thru)\s*([56])(?![\dA-Za-z])")
_SUFFIX = re.compile(r"[ -]?\(?([ABC])\b(?=\s*(?:[^\sA-Za-z\d]|$))")
_MOST_FILLING_WORDS = 14


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FILLER = _set(
    "is was of as a an the assessment category cat cat. class classification code score grade level final overall"
    " number no no. nr. result results remains assigned atlas edition 5th 4th 6th fifth fourth th v mammography"
    " mammographic mammogram breast left right lt rt l r bilateral both for to at in on status impression value equals"
    " tm acr side based combined bi rads birads today now your her this exam examination study"
    " : = - – — # ® ™ ( ) [ ] * _ / \" ' “ ” ‐ ‑"
)
_DENSITY = _set("density densities composition tissue type parenchymal fibroglandular")
_WORDS = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6"}
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "IVA": "4A", "IVB": "4B", "IVC": "4C"}
_UNITS = _set(
    "cm mm mg ml month months mo year years yr yrs week weeks day days o view views image images x × % th st nd rd of"
    " hour hours oclock"
)
_RANGE = _set("- – — / to through thru or and vs versus")
_CHAIN = _set(", and & / for on in the of is side breast category cat : - – — = ( ) left right lt rt l r while with")
_SIDES = _set("left right lt rt l r")


class Number(msgspec.Struct, frozen=True):
    """A category's number and where it stands. `rejected`: part of a whole scale ("0 to 6"), which states nothing."""

    label: str
    start: int
    end: int
    density_named: bool = False
    rads_named: bool = False
    category_named: bool = False
    rejected: bool = False


def number_after(text: str, at: int) -> Number | None:
    """Return the number that a mark ending at `at` leads to, over a few filling words; None if none.

    A density letter, any other word, a measure ("2 cm"), a date or a decimal ends the walk.
    """
    seen: set[str] = set()
    for count, token in enumerate(_TOKEN.finditer(text, at)):
        label = _label(text, token)
        if label is not None:
            end = _suffix_end(text, token, label)
            if _is_measure(text, end):
                return None
            if len(label) == 1 and label == "4" and end != token.end():
                label = f"4{text[end - 1].upper()}"
            scale = _closes_scale(text, label, end)
            return Number(
                label=label,
                start=token.start(),
                end=scale or end,
                density_named=bool(seen & _DENSITY),
                rads_named=bool(seen & {"rads", "birads"}),
                category_named=bool(seen & {"category", "cat", "cat."}),
                rejected=bool(scale),
            )
        word = token[0].lower()
        if (
            count >= _MOST_FILLING_WORDS
            or (word not in _FILLER and word not in _DENSITY)
            or token[0] in ("A", "B", "C", "D")
        ):
            return None
        seen.add(word)
    return None


def range_after(text: str, number: Number) -> Iterator[Number]:
    """Yield the further numbers of "4 or 5", "1/2" and "2, 3 and 4": each counts, so that a person is asked."""
    if number.rejected:
        return
    last = number
    while True:
        tokens = _tokens(text, last.end, 2)
        if len(tokens) < 2 or (tokens[0][0].lower() not in _RANGE and tokens[0][0] != ","):
            return
        label = _label(text, tokens[1])
        if label is None or _is_measure(text, tokens[1].end()):
            return
        following = _tokens(text, tokens[1].end(), 1)
        if (
            tokens[0][0] == ","
            and following
            and following[0][0].isalpha()
            and following[0][0].lower() not in ("and", "or")
        ):
            return
        last = msgspec.structs.replace(number, label=label, start=tokens[1].start(), end=tokens[1].end())
        yield last


def sided_numbers_after(text: str, number: Number) -> Iterator[Number]:
    """Yield the numbers of further sides in "BI-RADS 2 on the right and 4 on the left"."""
    last: Number | None = None if number.rejected else number
    while last:
        last = _sided_number(text, last)
        if last:
            yield last


def _sided_number(text: str, number: Number) -> Number | None:
    sided = False
    for token in _tokens(text, number.end, 12):
        label = _label(text, token)
        if label is not None:
            following = _tokens(text, token.end(), 1)
            ends = not following or not following[0][0].isalnum() or following[0][0].lower() in _CHAIN
            if not sided or not ends or _is_measure(text, token.end()):
                return None
            return msgspec.structs.replace(number, label=label, start=token.start(), end=token.end())
        word = token[0].lower()
        if word not in _CHAIN:
            return None
        sided = sided or word in _SIDES
    return None


def _tokens(text: str, at: int, count: int) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    for token in _TOKEN.finditer(text, at):
        if len(found) == count:
            break
        found.append(token)
    return found


def _label(text: str, token: re.Match[str]) -> str | None:
    word = token[0]
    digits = re.fullmatch(r"([0-6])([A-Ca-c]?)", word)
    if digits:
        return digits[1] + digits[2].upper() if digits[1] == "4" else digits[1]
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    roman = word if len(word) == 1 else word.upper()
    if roman not in _ROMAN or not (word.isupper() or word.islower() or word[:-1].isupper()):
        return None
    if len(word) == 1:  # "I" is a pronoun and "V" a version unless nothing, or no word, follows
        following = _tokens(text, token.end(), 1)
        if following and following[0][0].isalpha():
            return None
    return _ROMAN[roman]


def _suffix_end(text: str, token: re.Match[str], label: str) -> int:
    """Return where the number ends: "4 A." is 4A, "4 A biopsy" is 4."""
    if label != "4":
        return token.end()
    suffix = _SUFFIX.match(text, token.end())
    return suffix.end() if suffix else token.end()


def _is_measure(text: str, end: int) -> bool:
    if _GOES_ON.match(text, end):
        return True
    following = [token[0].lower() for token in _tokens(text, end, 2)]
    if following[:1] and following[0] in _UNITS:
        return True
    return len(following) == 2 and following[0] in ("-", "–") and following[1] in _UNITS


def _closes_scale(text: str, label: str, end: int) -> int:
    """Return where "0-6" or "1 through 5" ends, 0 if this is no whole scale."""
    match = _SCALE_END.match(text, end)
    return match.end() if match and label in ("0", "1") else 0
