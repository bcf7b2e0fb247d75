"""Whom she can ring: helplines and crisis lines by country, from data/resources.toml.

You are here for the numbers on her page. A number that its own organisation or a government prints comes first; hours
are shown only where they were read; what is for facilities, not for patients, is left out.
"""

import re
import tomllib
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from msgspec import Struct


class ResourcesError(Exception):
    """The file of resources is wrong; the message names row, field and mend."""


class Verified(StrEnum):
    """Where the number was read: the organisation's own page, a government's, a directory's. Best first."""

    OWN = "own"
    OFFICIAL = "official"
    THIRD_PARTY = "third_party"


CRISIS = ("us-988", "uk-shout")
"""For the worst moment; kept apart from the helplines about breasts and cancer."""
FOR_FACILITIES = ("us-mqsa-complaint",)
TO_CHECK = "(to check)"


class Resource(Struct, frozen=True, forbid_unknown_fields=True):
    """One service. `before_diagnosis`: it is for someone who has only been called back, too."""

    id: str
    country: str
    name: str
    url: str
    languages: tuple[str, ...]
    before_diagnosis: bool
    verified: Verified
    quote: str
    seen: str
    phone: str = ""
    phone_words: str = ""
    email: str = ""
    hours_seen: str = ""

    @property
    def speaks(self) -> tuple[str, ...]:
        """The languages that were read to be spoken there; one still to be checked is not promised."""
        return tuple(language for language in self.languages if TO_CHECK not in language)

    @property
    def dials(self) -> str:
        """The digits that a phone dials; empty where there is no number to ring (a text line, a web page)."""
        return "" if re.search(r"[a-z]", self.phone) else re.sub(r"\D", "", self.phone)


def helplines(country: str, *, diagnosed: bool = False) -> tuple[Resource, ...]:
    """Return the services of `country`, the surest numbers first.

    Those only for people with a diagnosis are left out unless she was told one (`diagnosed`).
    """
    mine = [
        row
        for row in everything().values()
        if row.country == _two_letters(country)
        and row.id not in (*CRISIS, *FOR_FACILITIES)
        and (diagnosed or row.before_diagnosis)
    ]
    return tuple(sorted(mine, key=lambda row: tuple(Verified).index(row.verified)))


def crisis_line(country: str) -> Resource | None:
    """Return the line for the worst moment in `country`; None where none is on file."""
    mine = (row for row in everything().values() if row.country == _two_letters(country))
    return next((row for row in mine if row.id in CRISIS), None)


def countries() -> tuple[str, ...]:
    """Return the countries that have a service on file."""
    return tuple(dict.fromkeys(row.country for row in everything().values()))


def _two_letters(country: str) -> str:
    return "GB" if country.startswith("UK") else country


@cache
def everything() -> dict[str, Resource]:
    """Return every row by its id."""
    text = (resources.files(__package__) / "data/resources.toml").read_text(encoding="utf-8")
    return parse(text, where="data/resources.toml")


def parse(text: str, *, where: str) -> dict[str, Resource]:
    """Return the rows of a file by id. Raises ResourcesError naming row, field and mend."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ResourcesError(f"{where}: not TOML: {error}") from error
    rows: dict[str, Resource] = {}
    for place, table in enumerate(raw.get("resource", ()), 1):
        row = _row(table, place, where)
        if row.id in rows:
            raise ResourcesError(f"{where}, row {row.id}: the id is used twice; give the later row one of its own.")
        rows[row.id] = row
    return rows


def _row(table: dict[str, Any], place: int, where: str) -> Resource:
    name = f"{where}, row {table.get('id') or f'number {place}'}"
    try:
        row = msgspec.convert(table, Resource)
    except msgspec.ValidationError as error:
        raise ResourcesError(f"{name}: {error}; see another row for an example.") from error
    if not re.fullmatch(r"[A-Z]{2}", row.country):
        raise ResourcesError(f"{name}, field country: write two capital letters, such as US or GB.")
    if not row.url.startswith("https://"):
        raise ResourcesError(f"{name}, field url: give an address that begins with https://.")
    if not row.quote or not row.seen:
        raise ResourcesError(f"{name}, field quote, seen: give the words read and where they stand.")
    return row
