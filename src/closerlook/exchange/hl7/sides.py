"""Which breast a mention of a category is about, from the words around it in its own sentence.

A side is taken only where it stands right there; a heading or a finding two sentences away gives none.
"""

import re

from closerlook.pathway.terms import Laterality

_SIDE = re.compile(
    r"(?P<left>\b(?:[Ll]eft|LEFT|L[Tt]|lt)\b|\bL\b(?=\s*(?:[:=)–-]|$)))"
    r"|(?P<right>\b(?:[Rr]ight|RIGHT|R[Tt]|rt)\b|\bR\b(?=\s*(?:[:=)–-]|$)))"
    r"|(?P<both>\b(?:[Bb]oth|BOTH|[Bb]ilateral\w*|BILATERAL\w*)\b)"
)
_TRADEMARK = re.compile(r"(RADS?)\s*\(R\)", re.IGNORECASE)
_AFTER = re.compile(
    r"\s*(?:\((?!\s*(?i:left|right|both|bilateral|lt|rt|l|r)\b)[^)]{0,60}\))?[\s,:(–-]*(?:[A-Za-z]+\s+(?=(?:on|in|for)\b)){0,2}(?:(?:on|in|for|of)\s+)?(?:the\s+|her\s+)?"
)


class Around:
    """The words around one mention: before it (from the sentence or the mention before), inside it and after it."""

    def __init__(self, before: str, inside: str, after: str) -> None:
        self.before, self.after = before, after
        self.inside = _TRADEMARK.sub(r"\1", inside)

    @property
    def leads(self) -> bool:
        """True if a side stands before the number: then every side in this sentence leads its number."""
        return bool(_SIDE.search(self.before) or _SIDE.search(self.inside))

    def side(self, *, leads: bool) -> Laterality | None:
        """Return the side, None if none, both, or more than one candidate."""
        inside = _named(self.inside)
        if inside:
            return _only(inside)
        before = _named(self.before)
        if leads and before:
            return _only(before)
        start = _AFTER.match(self.after)
        following = _SIDE.match(self.after, start.end() if start else 0)
        return _only({str(following.lastgroup)}) if following else None


def _named(text: str) -> set[str]:
    return {str(match.lastgroup) for match in _SIDE.finditer(text)}


def _only(names: set[str]) -> Laterality | None:
    if names == {"left"}:
        return Laterality.LEFT
    return Laterality.RIGHT if names == {"right"} else None


def names_a_side(text: str) -> bool:
    """True if `text` names left, right or both."""
    return bool(_SIDE.search(text))
