"""Reads a page for its numbers: where each stands, and whether a published row, or a helpline on file, says it."""

import re
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser

from closerlook.evidence.published import Row, figure
from closerlook.evidence.resources import everything

NO_FIGURES = re.compile(r"\b[23]D\b|\bHL7 version 2\b")
"""Digits that are part of a name."""
VOID = {"br", "hr", "img", "input", "link", "meta"}


class Numbers(HTMLParser):
    """`stray` has every number that nothing vouches for, with the words around it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inside: list[tuple[str, dict[str, str]]] = []
        self.said: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.inside.append((tag, {name: value or "" for name, value in attrs}))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        return None

    def handle_endtag(self, tag: str) -> None:
        self.inside.pop()

    def handle_data(self, data: str) -> None:
        for name in ("data-rows", "data-source", "data-resource", "data-model"):
            for _tag, attrs in reversed(self.inside):
                if name in attrs:
                    self.said.append((name, attrs[name], data))
                    return
        self.said.append(("", "", data))

    @property
    def stray(self) -> list[str]:
        return [f"{words.strip()!r} ({ids})" for kind, ids, words in self.said if not _vouched(kind, ids, words)]

    @property
    def rows(self) -> set[str]:
        return {row for kind, ids, _ in self.said if kind in ("data-rows", "data-source") for row in ids.split()}

    @property
    def words(self) -> str:
        return " ".join(" ".join(words for _, _, words in self.said).split())


def _vouched(kind: str, ids: str, words: str) -> bool:
    found = {int(number) for number in re.findall(r"\d+", NO_FIGURES.sub("", words))}
    if not found:
        return True
    match kind:
        case "data-model":  # the bounds and the constants of the model itself; tests/evidence holds them
            return ids == "bcrat"
        case "data-rows":
            return found <= allowed([figure(row) for row in ids.split()])
        case "data-source":
            return words.strip() in {figure(row).citation for row in ids.split()}
        case "data-resource":
            line = everything()[ids]
            return words.strip(" ,·\n") in (line.name, line.phone) or line.hours_seen in words
        case _:
            return False


def allowed(rows: list[Row]) -> set[int]:
    """Return every number that a sentence or a picture about `rows` may say, computed from their values anew."""
    found = {10, 100, 1000}
    for row in rows:
        ages = (row.population.age_low, row.population.age_high)
        found |= {age for age in ages if age is not None} | {int(year) for year in re.findall(r"\d{4}", row.years)}
        for of in (10, 100, 1000):
            found |= {_women(row.value, of), of - _women(row.value, of)}
    by = {row.quantity: row.value for row in rows}
    if {"biopsy_share_of_recalled", "ppv1", "ppv3"} <= by.keys():
        harmless = by["biopsy_share_of_recalled"] * (1 - by["ppv3"])
        found |= {_women(harmless, 100), _women(1 - harmless - by["ppv1"], 100)}
    return found


def _women(share: float, of: int) -> int:
    return int(Decimal(str(round(share * of, 9))).quantize(Decimal(1), ROUND_HALF_UP))
