"""Assessments that a sender states as a coded or single value, one OBX each, in the shapes real feeds use.

A value is taken only if it says one category and nothing else; whatever does not is left for a person, by name.
"""

import re

import msgspec

from closerlook.pathway.terms import Assessment, Laterality

from .density import is_density
from .observations import Observation
from .procedure import sides_in
from .prose import mentions
from .report import SideAssessment
from .standing import Standing
from .wording import (
    ASSESSMENT_CODES,
    IMAGING_CODES,
    LABELS,
    WORDED,
    category_of,
    suspicion_of,
    which_incomplete,
    worded,
    words_only,
)

_NAMED = re.compile(
    r"(?<![A-Za-z])BI[\s_-]?RADS|\bassessment[\s_]*(?:category|code)|\b(?:final|overall|breast)[\s_]+assessment\b|\bRDE1586\b"
    r"|\b146611000146107\b|\bACR[\s_]*category",
    re.IGNORECASE,
)
_NOT_THIS_READING = re.compile(
    r"\b(?:prior|previous|comparison|history|historical|outside|old|AI|CAD|algorithm|risk|fall|clinical|quality|expected"
    r"|resident|preliminary|provisional|first|second|trainee|after|follow-?up)\b",
    re.IGNORECASE,
)
"""Words in the name of a value that make it somebody else's, another day's or another kind of assessment."""
_ABOUT_DENSITY = re.compile(r"densit|composition|fibroglandular|parenchym|tissue|pattern", re.IGNORECASE)
_CODED_KINDS = frozenset({"CE", "CWE", "CNE", "CF", "IS", "ID", "NM", "SN"})
_VALUE = re.compile(
    r"(?:(?:ACR|BI[\s_-]?RADS®?|category|cat\.?|assessment)[\s:_#-]*){0,4}"
    r"(?P<label>[0-6](?:[ -]?[ABCabc](?![A-Za-z]))?|IV[ABC]?|V?I{1,3}|V)"
    r"(?P<rest>\s*[-–—:=.,(/;]\s*.*|\s+[^\d\s].*)?",
    re.IGNORECASE | re.DOTALL,
)
_RADS_VALUE = re.compile(r"(?:ACR[\s-]*)?BI[\s_-]?RADS®?[\s:_-]*(?:category\s*)?[0-6][ABCabc]?\b", re.IGNORECASE)
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6"}
_SECOND_NUMBER = re.compile(r"\s*(?:[-–—/,;]|or|to|and)\s*[0-6](?![\d.])|\s*\.\d", re.IGNORECASE)
_ANY_NUMBER = re.compile(
    r"(?<![\w.])[0-6][A-Ca-c]?(?![\w.]\w)(?!\s*-?\s*(?:cm|mm|mo|month|year|yr|week|view))", re.IGNORECASE
)
_NOT_STATED = frozenset(
    ("", "n/a", "na", "none", "not applicable", "see report", "see text", "unknown", "not stated", "-", "pending")
)
_LONGEST = 160  # characters; a longer value is prose under the heading of an assessment


class Coded(msgspec.Struct, frozen=True):
    """What the coded values say. `clash`: one value names two categories. `unread` names values not understood."""

    assessments: tuple[SideAssessment, ...]
    clash: bool
    unread: tuple[str, ...]


class _Part(msgspec.Struct, frozen=True):
    label: str
    category: Assessment | None


def claims(observation: Observation) -> bool:
    """True if this OBX is a coded density or a coded assessment, readable or not; everything else is prose."""
    return is_density(observation) or is_assessment(observation)


def is_assessment(observation: Observation) -> bool:
    """True if OBX-3 says "assessment category" in any spelling and OBX-5 is short, or if OBX-5 is a coded category."""
    if is_density(observation) or _ABOUT_DENSITY.search(observation.name):
        return False
    parts = [part for code in observation.codes for part in code if part]
    if any(part.upper() in ASSESSMENT_CODES for part in parts):
        return True
    if observation.kind in _CODED_KINDS and any(_RADS_VALUE.match(part) for part in parts):
        return True
    return bool(_NAMED.search(observation.name)) and len(observation.text) <= _LONGEST


def read_coded(observations: tuple[Observation, ...]) -> Coded:
    """Return the assessments of all coded values that `is_assessment` accepts, in order."""
    found: list[SideAssessment] = []
    clash, unread = False, []
    for observation in observations:
        if not is_assessment(observation):
            continue
        if _NOT_THIS_READING.search(re.sub(r"[_-]+", " ", observation.name)):
            unread.append(f"{observation.place} holds an assessment that is not this reading's own.")
            continue
        read = _read(observation)
        found.extend(read)
        clash = clash or len(
            {(a.side, a.label[:1] or LABELS.get(a.category or Assessment.INCOMPLETE_IMAGING)) for a in read}
        ) > len({a.side for a in read})
        if not read and observation.text.strip().lower() not in _NOT_STATED:
            unread.append(f"{observation.place} holds an assessment that was not understood.")
    return Coded(tuple(found), clash, tuple(unread))


def _read(observation: Observation) -> list[SideAssessment]:
    side = _side(observation)
    result: list[SideAssessment] = []
    for code in observation.codes:
        parts = [part for part in (_part(text) for text in code if text) if part]
        stated = _agreed(parts, " ".join(code)) if parts and not _many(code) else []
        evidence = f"{observation.name}: {' '.join(text for text in code if text)}"
        result += [_assessment(part, side, evidence) for part in stated]
        if not stated:
            result += _by_prose(" ".join(text for text in code[:2] if text), side, evidence)
    return result


def _part(text: str) -> _Part | None:
    """Return what one component says by itself, None if it is no category."""
    if text.upper() in ASSESSMENT_CODES:
        label = ASSESSMENT_CODES[text.upper()]
        return _Part(label, Assessment.INCOMPLETE_IMAGING if text.upper() in IMAGING_CODES else category_of(label, ""))
    alone, category = words_only(text)
    if alone:
        return _Part("", category) if category else _Part("0", None)
    match = _VALUE.fullmatch(text.strip())
    if not match or _ANY_NUMBER.search(match["rest"] or ""):
        return None  # "R:1 L:4" is two statements, and the search in prose takes them apart
    label = re.sub(r"[ -]", "", match["label"].upper())
    label = _ROMAN.get(label, label) if label[:1] in "IV" else label
    label = f"4{label[-1]}" if label in ("IVA", "IVB", "IVC") else label
    label = label if label[0] == "4" else label[0]
    return _Part(label, category_of(label, match["rest"] or ""))


def _many(code: tuple[str, ...]) -> bool:
    """True if a component goes on with a second number ("4-5", "1 or 2"): no one category is stated."""
    for text in code:
        match = _VALUE.match(text.strip())
        if match and _SECOND_NUMBER.match(text.strip(), match.end("label")):
            return True
    return False


def _agreed(parts: list[_Part], words: str) -> list[_Part]:
    """Return one part if all say the same, else each distinct one, so that a person sees both."""
    by_number: dict[str, _Part] = {}
    for part in (*parts, *_gloss(words)):
        number = part.label[:1] or (LABELS[part.category] if part.category else "0")
        known = by_number.get(number)
        if known is None:
            by_number[number] = part
        else:
            label = max(known.label, part.label, key=len)
            by_number[number] = _Part(
                label, category_of(label, words) if label and label[0] != "0" else known.category or part.category
            )
    zero = by_number.get("0")
    if zero and zero.category is None:
        by_number["0"] = _Part("0", which_incomplete(words))
    return list(by_number.values())


def _gloss(words: str) -> list[_Part]:
    """Return the category of the words behind a number ("2 - Suspicious"), so that a disagreement is seen."""
    match = re.search(r"(?:^|[\s:(–—-])[0-6][ABC]?[\s:=.,(–—-]+", words, re.IGNORECASE)
    stated = WORDED.match(words, match.end()) if match else None
    if not stated:
        return []
    category = worded(stated)
    return [_Part("", category)] if category else []


def _by_prose(text: str, side: Laterality | None, evidence: str) -> list[SideAssessment]:
    found = [mention for mention in mentions(f"BI-RADS: {text}") if mention.standing is Standing.STATED]
    if len(_ANY_NUMBER.findall(text)) > len(found):
        return []  # some number of the value was not understood, so none of it is taken
    return [
        SideAssessment(
            side=mention.side or side,
            category=mention.category,
            label=mention.label,
            suspicion=suspicion_of(mention.label),
            evidence=evidence,
            discrete=True,
        )
        for mention in found
    ]


def _assessment(part: _Part, side: Laterality | None, evidence: str) -> SideAssessment:
    return SideAssessment(
        side=side,
        category=part.category,
        label=part.label,
        suspicion=suspicion_of(part.label),
        evidence=evidence,
        discrete=True,
    )


def _side(observation: Observation) -> Laterality | None:
    """Return the breast that OBX-3, OBX-4, OBX-20 or the words of the value name; None if none or both."""
    values = " ".join(part for code in observation.codes for part in code if len(part) > 2)
    for words in (observation.name, observation.site, values):
        found = sides_in(words)
        if found:
            return found[0] if len(found) == 1 else None
    return None
