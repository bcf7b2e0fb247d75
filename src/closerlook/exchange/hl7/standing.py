"""Whether a category that prose mentions is this report's own: stated, doubtful, or plainly something else.

A doubtful mention is never taken as the assessment, and never simply ignored either: if it differs from what is stated,
a person is asked. Only plain patterns (an earlier category, a density, a negation) are set aside without a word.
"""

import re
from enum import Enum, auto

_RATED = (
    r"(?:assessed|classified|categori[sz]ed|rated|graded|called|read|reported|assigned|given|coded|labell?ed|scored"
    r"|described|interpreted)"
)
_LINK = r"(?:\s+(?:as|an?|the|to be|with))*\s*[(:]?\s*$"
_RESET = re.compile(r"\b(?:now|currently|today|current|presently|but|however)\b", re.IGNORECASE)
_EARLIER = (
    rf"\b(?:previously|formerly|earlier|originally|initially)\s+(?:been\s+)?{_RATED}{_LINK}",
    rf"\b(?:prior|previous|earlier|last|outside|comparison)\s+(?:[\w/,-]+\s+){{0,6}}?(?:was|were|showed|had)(?:\s+{_RATED})?{_LINK}",
    r"\b(?:previously|formerly|prior|previous|earlier|old|history of|h/o)\s*(?:an?\s+)?[(:]?\s*$",
)
_NEGATED = (r"\b(?:not|rather than|instead of|never|nor)\s+(?:an?\s+|as\s+(?:an?\s+)?|classified as\s+|meet\w*\s+)?$",)
_CONDITIONAL = (
    r"\b(?:would|could|might|may)\s+(?:then\s+|also\s+)?"
    r"(?:be|become|warrant|represent|constitute|have been|upgrade\w*)\b[^,.]{0,30}$",
    r"\b(?:if|should)\b.{0,200}\b(?:would|could|might|may|will)\b[^.]{0,40}$",
)
_ELSE_BEFORE = re.compile("|".join((*_EARLIER, *_NEGATED, *_CONDITIONAL)), re.IGNORECASE)
_ELSE_AFTER = re.compile(
    r"^\W{0,3}(?:\w+\s+){0,2}?(?:on|in|at|from|by|per)\s+(?:the\s+|her\s+|an?\s+)?"
    r"(?:prior|previous|outside|earlier|last|comparison)\b"
    r"|^\W{0,2}(?:on|in|from|dated)\s+(?:\w+\s+){0,2}(?:[\d/-]*)(?:19|20)\d\d\b"
    r"|^\s*(?:lesions?|findings?|assessments?|categor\w+)?\s*"
    r"(?:means|denotes|refers to|is defined|stands for|have an?|has an?)\b",
    re.IGNORECASE,
)
_CHANGED_FROM = re.compile(r"\bfrom\s+(?:an?\s+)?$", re.IGNORECASE)
_CHANGED_TO = re.compile(r"^[\s\w()]{0,30}?\bto\b", re.IGNORECASE)
_DOUBT_BEFORE = re.compile(
    r"\b(?:prior|previous\w*|former\w*|earlier|originally|initially|compar\w+|outside|history"
    r"|last (?:year|exam\w*|mammo\w*)|(?:19|20)\d\d|if|unless|would|could|might|pending|provisional\w*|tentative\w*"
    r"|example|e\.g)\b"
    r"|\b(?:no|not|cannot|without|exclud\w*|rule out|less than|neither|should|whether)\b(?:\s+\w+){0,3}\s*$",
    re.IGNORECASE,
)
_DOUBT_AFTER = re.compile(
    r"^[\s,)]{0,3}(?:\?|(?:if|pending|provided|assuming|until|when)\b"
    r"|(?:was|is|previously|formerly)? ?(?:previously|formerly|last year)\b)",
    re.IGNORECASE,
)
_DENSITY_ADJACENT = re.compile(
    r"\b(?:densit(?:y|ies)|composition|parenchym\w*|tissue)[\s:,(=–-]*"
    r"(?:(?:is|was|of|as|an?|the|category|class|grade|type|ACR|by|per|according to)\b[\s:(–-]*)*$",
    re.IGNORECASE,
)
_DENSITY_NEAR = re.compile(r"\b(?:densit(?:y|ies)|composition|dense)\b", re.IGNORECASE)
_DENSITY_GLOSS = re.compile(
    r"^[\s:,(\[=–—-]{1,6}(?:the breasts? (?:is|are) )?"
    r"(?:heterogeneous|scattered|extremely dense|almost entirely|fatty\b|entirely|dense\b|densit)",
    re.IGNORECASE,
)
_NEVER_DENSITY = frozenset({"0", "5", "6", "4A", "4B", "4C"})
"""Older reports number densities from 1 to 4, so these can only be assessments."""


class Standing(Enum):
    """What a mention is worth."""

    STATED = auto()
    DOUBTFUL = auto()
    ELSE = auto()  # an earlier category, a density, a condition, an explanation


def standing(before: str, after: str, label: str, *, density_named: bool, gloss_agrees: bool) -> Standing:
    """Judge one mention by its sentence: `before` ends where the mention begins, `after` begins where it ends.

    `density_named` says that a word such as "density" stands inside the mention itself ("BI-RADS density 3");
    `gloss_agrees` that the words behind the number are those of its category ("BI-RADS 1, negative").
    """
    resets = list(_RESET.finditer(before))
    recent = before[resets[-1].end() :] if resets else before
    density = _density(before, after, label, density_named=density_named, gloss_agrees=gloss_agrees)
    if density is not Standing.STATED:
        return density
    if _ELSE_BEFORE.search(recent) or _ELSE_AFTER.search(after):
        return Standing.ELSE
    if _CHANGED_FROM.search(recent) and _CHANGED_TO.search(after):
        return Standing.ELSE
    if _DOUBT_BEFORE.search(recent) or _DOUBT_AFTER.search(after):
        return Standing.DOUBTFUL
    return Standing.STATED


def _density(before: str, after: str, label: str, *, density_named: bool, gloss_agrees: bool) -> Standing:
    if label in _NEVER_DENSITY:
        return Standing.STATED
    adjacent = density_named or bool(_DENSITY_ADJACENT.search(before))
    if adjacent:
        return Standing.DOUBTFUL if gloss_agrees else Standing.ELSE
    if _DENSITY_GLOSS.search(after):
        return Standing.DOUBTFUL
    if _DENSITY_NEAR.search(before) and not gloss_agrees:
        return Standing.DOUBTFUL
    return Standing.STATED
