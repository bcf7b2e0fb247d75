"""What was examined: whether it is a breast examination, of which kind, of which side.

Codes are looked for inside local codes too ("BHC77067"), and words in descriptions. Source: CPT and HCPCS procedure
codes; LOINC codes of the CMS125 mammography value set.
"""

import re

from closerlook.pathway.terms import ExaminationKind, Laterality

from .grammar import Segment

_SCREENING, _DIAGNOSTIC = ExaminationKind.SCREENING, ExaminationKind.DIAGNOSTIC
_ULTRASOUND, _MRI = ExaminationKind.ULTRASOUND, ExaminationKind.MRI
_LEFT, _RIGHT = (Laterality.LEFT,), (Laterality.RIGHT,)
BOTH = (Laterality.RIGHT, Laterality.LEFT)

_CODES: dict[str, tuple[ExaminationKind, tuple[Laterality, ...]]] = {
    "77067": (_SCREENING, BOTH),
    "77063": (_SCREENING, BOTH),
    "77057": (_SCREENING, BOTH),
    "G0202": (_SCREENING, BOTH),
    "77066": (_DIAGNOSTIC, BOTH),
    "77065": (_DIAGNOSTIC, ()),
    "77062": (_DIAGNOSTIC, BOTH),
    "77061": (_DIAGNOSTIC, ()),
    "G0279": (_DIAGNOSTIC, ()),
    "77056": (_DIAGNOSTIC, BOTH),
    "77055": (_DIAGNOSTIC, ()),
    "G0204": (_DIAGNOSTIC, BOTH),
    "G0206": (_DIAGNOSTIC, ()),
    "76641": (_ULTRASOUND, ()),
    "76642": (_ULTRASOUND, ()),
    "76645": (_ULTRASOUND, ()),
    "77046": (_MRI, ()),
    "77047": (_MRI, BOTH),
    "77048": (_MRI, ()),
    "77049": (_MRI, BOTH),
    "24606-6": (_SCREENING, ()),
    "26175-0": (_SCREENING, BOTH),
    "26176-8": (_SCREENING, _LEFT),
    "26177-6": (_SCREENING, _RIGHT),
    "72142-3": (_SCREENING, BOTH),
    "24605-8": (_DIAGNOSTIC, ()),
    "24604-1": (_DIAGNOSTIC, ()),
    "26346-7": (_DIAGNOSTIC, BOTH),
    "26347-5": (_DIAGNOSTIC, _LEFT),
    "26348-3": (_DIAGNOSTIC, _RIGHT),
    "72137-3": (_DIAGNOSTIC, _RIGHT),
    "72138-1": (_DIAGNOSTIC, _LEFT),
    "72139-9": (_DIAGNOSTIC, BOTH),
    "37551-9": (_DIAGNOSTIC, ()),
    "37542-8": (_DIAGNOSTIC, ()),
}
_CODE = re.compile(r"(?<!\d)(?:" + "|".join(re.escape(code) for code in _CODES) + r")(?!\d)", re.IGNORECASE)

_BREAST = re.compile(
    r"\bmamm(?!ill)|\bmamogra|\bbreast|\bDBT\b|tomosynth|(?<!\d )(?<!\d)\bMG\b|BI-?RADS", re.IGNORECASE
)
_MAMMOGRAM = re.compile(r"\bmammo|\bmamm\b|\bmamogra|\bDBT\b|tomosynth|\bMG\b", re.IGNORECASE)
_MARKER = re.compile(
    r"\b(?:post|after)\b[\s-]*(?:procedure|biopsy|clip|marker|bx)\b"
    r"|\b(?:clip|marker)s?\b[\s-]*(?:placement|film|image|mamm|confirmation)",
    re.IGNORECASE,
)
_PROCEDURE = re.compile(
    r"\bbiops|\bbx\b|\baspirat|\blocali[sz]ation\b|\bneedle\b|\bguid(?:ed|ance)\b|(?<!\d)1908[1-6](?!\d)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:chest|thorax|lung|abd\w*|pelvi\w*|spine|head|brain|neck|knee|hip|hand|foot|ankle|shoulder|bone)\b",
    re.IGNORECASE,
)
_OUTSIDE = re.compile(r"(?<!\d)76140(?!\d)|\boutside\b|second opinion|\boverread|\bover-read", re.IGNORECASE)
_WORDS = (
    (_DIAGNOSTIC, re.compile(r"\bdiag|\bdx\b|\bwork-?up\b|\bspot\b|\bmagnif|\badditional views", re.IGNORECASE)),
    (_SCREENING, re.compile(r"\bscreen|\bscrn?\b", re.IGNORECASE)),
)
_US = re.compile(r"\bultraso|\bsonogra|\bUS\b|\becho\b", re.IGNORECASE)
_MR = re.compile(r"\bMRI?\b|\bmagnetic resonance", re.IGNORECASE)

_LEFT_WORD = re.compile(r"\b(?:left|lt|l)\b", re.IGNORECASE)
_RIGHT_WORD = re.compile(r"\b(?:right|rt|r)\b", re.IGNORECASE)
_BOTH_WORD = re.compile(r"\b(?:bilat\w*|bil|both)\b", re.IGNORECASE)
_EXAM_LINE = re.compile(
    r"^[ \t]*(?:EXAM(?:INATION)?|PROCEDURE|STUDY)(?: PERFORMED)?[ \t]*:[ \t]*\n?(.{0,200})",
    re.IGNORECASE | re.MULTILINE,
)


def described(obr: Segment) -> str:
    """Return every code and word that says what the order was for: OBR-4 and OBR-44."""
    return f"{obr.words(4)} {obr.words(44)}".replace("_", " ").strip()


def is_breast(obr: Segment, text: str, *, coded_assessment: bool) -> bool:
    """True if this is a breast examination.

    What OBR-4 and OBR-44 say decides, or a coded assessment. Only where they name no region at all do the section
    (OBR-24 "MG"), the body part (OBR-15) and the examination line of the text count.
    """
    named = described(obr)
    if _CODE.search(named) or _BREAST.search(named):
        return True
    if _ELSEWHERE.search(named):
        return coded_assessment
    if obr.value(24).upper() == "MG" or re.search(r"\bbreast\b", obr.raw(15), re.IGNORECASE):
        return True
    return coded_assessment or bool(_BREAST.search(exam_line(text)))


def kind_of(obr: Segment, text: str) -> ExaminationKind | None:
    """Return what was done, or None if neither codes nor words say, or if it was a procedure such as a biopsy.

    A marker film and an outside review go by words: their codes are those of ordinary mammograms, or of any review.
    """
    named = described(obr)
    if not named or not (_CODE.search(named) or _known_words(named)):
        named = f"{named} {exam_line(text)}"
    return _kind_in(named)


def _known_words(words: str) -> bool:
    patterns = (_MARKER, _OUTSIDE, _PROCEDURE, _US, _MR, *(pattern for _, pattern in _WORDS))
    return any(pattern.search(words) for pattern in patterns)


def _kind_in(words: str) -> ExaminationKind | None:
    marker = _MARKER.search(words)
    if marker and _MAMMOGRAM.search(words) and not _PROCEDURE.search(words.replace(marker[0], "")):
        return ExaminationKind.MARKER
    if _OUTSIDE.search(words):
        return ExaminationKind.OUTSIDE_REVIEW
    if _PROCEDURE.search(words):
        return None
    code = _CODE.search(words)
    if code:
        return _CODES[code[0].upper()][0]
    if not _MAMMOGRAM.search(words):
        # "Screening breast ultrasound" is an ultrasound; "diagnostic mammogram and ultrasound" is a mammogram.
        if _MR.search(words):
            return _MRI
        if _US.search(words):
            return _ULTRASOUND
    return next((kind for kind, pattern in _WORDS if pattern.search(words)), None)


def sides_of(obr: Segment, text: str) -> tuple[Laterality, ...]:
    """Return the breasts examined, right first; () if not stated. A word outweighs what a code means by itself."""
    named = described(obr)
    modifiers = f"{obr.words(45)} {obr.words(15)}"
    for words in (f"{named} {modifiers}", exam_line(text)):
        found = sides_in(words)
        if found:
            return found
    code = _CODE.search(named)
    return _CODES[code[0].upper()][1] if code else ()


_RULE_OUT = re.compile(r"\br\s*[/.-]\s*o\b|\brule[\s-]+out\b", re.IGNORECASE)


def sides_in(words: str) -> tuple[Laterality, ...]:
    """Return the sides that short words name ("LT", "Right", "bilateral"), right first; () for none."""
    plain = re.sub(r"[\W_]+", " ", _RULE_OUT.sub(" ", words))
    if _BOTH_WORD.search(plain):
        return BOTH
    right, left = _RIGHT_WORD.search(plain), _LEFT_WORD.search(plain)
    if right and left:
        return BOTH
    return _RIGHT if right else _LEFT if left else ()


def exam_line(text: str) -> str:
    """Return what stands after "EXAMINATION:" in the prose, its first line only; "" if there is none."""
    match = _EXAM_LINE.search(text)
    return match[1] if match else ""
