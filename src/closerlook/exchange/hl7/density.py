"""Breast composition as stated: a letter, or one of the four sentences. Never an assessment, whatever it is called.

"BI-RADS category C" is a density. Source: 21 CFR 900.12(c)(1)(vi).
"""

import re

from closerlook.pathway.terms import Density

from .observations import Observation
from .sections import running
from .wording import DENSITY_CODES

_NAMED = re.compile(r"\bdensit|\bcomposition\b|\bfibroglandular\b|\bparenchymal pattern", re.IGNORECASE)
_SENTENCES = (
    (Density.A, re.compile(r"(?<!not )\b(?:almost )?entirely (?:fat(?:ty)?\b|replaced by fat)", re.IGNORECASE)),
    (Density.B, re.compile(r"(?<!not )\bscattered (?:areas of )?fibro-?glandular", re.IGNORECASE)),
    (Density.C, re.compile(r"(?<!not )\bheterogeneously dense", re.IGNORECASE)),
    (Density.D, re.compile(r"(?<!not )\bextremely dense", re.IGNORECASE)),
)
_FILL = (
    r"(?:(?:breast|tissue|density|composition|category|cat\.?|class|type|grade|level|is|of|as)\b[\s:=(–-]{0,9}){0,8}"
)
_LETTER = re.compile(
    rf"(?i:\b(?:BI-?RADS|ACR))[®™\s:(–-]{{0,9}}(?i:{_FILL})(?P<a>[A-D])\b(?![\s-]*\d)"
    rf"|(?i:\b(?:BI-?RADS|ACR))[®™\s:(–-]{{0,9}}(?i:{_FILL})(?P<b>[b-d])\b(?!\s*\d)"
    rf"|(?i:\b(?:density|composition))[\s:,(=–-]{{0,9}}(?i:(?:BI-?RADS|ACR)[®\s:-]{{0,9}})?(?i:{_FILL})"
    r"(?P<c>[A-Da-d])\b(?!\s*[a-z0-9])"
)


def is_density(observation: Observation) -> bool:
    """True if a coded value is about composition: by its name, or by a code that means nothing else."""
    if any(part in DENSITY_CODES for code in observation.codes for part in code):
        return True
    return bool(_NAMED.search(observation.name)) and density_of(observation) is not None


def density_of(observation: Observation) -> Density | None:
    """Return the density one coded value states, None if none or more than one."""
    found: set[Density] = set()
    for code in observation.codes:
        found |= {DENSITY_CODES[part] for part in code if part in DENSITY_CODES}
        for part in code:
            letter = re.match(
                r"(?:(?:BI-?RADS|ACR)[\s:-]*)?(?:category |type |density )?([A-Da-d])\b(?!\s*[a-z]{2})", part
            )
            found |= {Density(letter[1].lower())} if letter else set()
        found |= {density for density, pattern in _SENTENCES if pattern.search(" ".join(code))}
    return found.pop() if len(found) == 1 else None


def density_in(prose: str) -> tuple[Density | None, str]:
    """Return the density stated in prose and the phrase that states it; (None, "") if none, or if two disagree."""
    text = running(prose).replace("\n", " ")
    found: dict[Density, str] = {}
    for match in _LETTER.finditer(text):
        letter = match["a"] or match["b"] or match["c"]
        found.setdefault(Density(letter.lower()), match[0].strip())
    for density, pattern in _SENTENCES:
        sentence = pattern.search(text)
        if sentence:
            found.setdefault(density, text[max(0, sentence.start() - 30) : sentence.end() + 20].strip())
    return next(iter(found.items())) if len(found) == 1 else (None, "")
