"""Words, numbers and codes that state an assessment category or a density: tables and plain look-ups.

Source: 21 CFR 900.12(c)(1)(iv)-(vi) for the words, with the older synonyms FDA counts as equal; SNOMED CT and DICOM
CID 6027 and CID 6000 for the codes. BI-RADS is a trademark of the American College of Radiology.
"""

import re

from closerlook.pathway.terms import Assessment, Density, Suspicion

NUMBERED = {
    "1": Assessment.NEGATIVE,
    "2": Assessment.BENIGN,
    "3": Assessment.PROBABLY_BENIGN,
    "4": Assessment.SUSPICIOUS,
    "5": Assessment.HIGHLY_SUGGESTIVE,
    "6": Assessment.KNOWN_MALIGNANCY,
}
"""Zero is not here: it is two categories, and the words say which."""

LABELS = {
    **{category: number for number, category in NUMBERED.items()},
    Assessment.INCOMPLETE_IMAGING: "0",
    Assessment.INCOMPLETE_PRIORS: "0",
    Assessment.POST_PROCEDURE_MARKER: "",
}

ASSESSMENT_CODES = {
    "397138000": "0",
    "397140005": "1",
    "397141009": "2",
    "397143007": "3",
    "397144001": "4",
    "397145000": "5",
    "6111000179101": "6",
    "II.AC.A": "0",
    "II.AC.B.1": "1",
    "II.AC.B.2": "2",
    "II.AC.B.3": "3",
    "II.AC.B.4": "4",
    "II.AC.B.5": "5",
    "MA.II.A.5.4A": "4A",
    "MA.II.A.5.4B": "4B",
    "MA.II.A.5.4C": "4C",
    "MA.II.A.5.6": "6",
}
IMAGING_CODES = frozenset({"397138000", "II.AC.A"})
"""Both codes for zero are defined as "need additional imaging evaluation"; the numeral alone is not."""

DENSITY_CODES = {
    "129716005": Density.A,
    "129717001": Density.B,
    "129718006": Density.C,
    "129719003": Density.D,
}

_IMAGING = (
    r"additional imaging|additional (?:\w+ )?(?:views?|evaluation|work-?up)|further (?:imaging|evaluation|work-?up)"
)
_PRIORS = r"(?:prior|previous|old|outside) (?:\w+ )?(?:mammogra\w+|exam\w*|studies|study|films?|images|imaging)"
_NEED = r"(?:needs?|needed|requires?|required|await\w*|pending|obtain\w*|request\w*|retriev\w*|until|upon receipt)"
_WANTS_IMAGING = re.compile(
    rf"{_IMAGING}|diagnostic (?:mammogra|evaluation|imaging|views|work)|spot|magnification|\bultraso|\bcall[- ]?back"
    r"|\brecall(?:ed)?\b",
    re.IGNORECASE,
)
_WANTS_PRIORS = re.compile(rf"{_NEED}[^.]{{0,60}}{_PRIORS}|{_PRIORS}[^.]{{0,60}}{_NEED}", re.IGNORECASE)
_FINDING = r"(?:[ ](?:findings?|finding\(s\)|abnormality|assessment|mammogram))?"
_PHRASES: tuple[tuple[Assessment | None, str], ...] = (
    (Assessment.POST_PROCEDURE_MARKER, r"post[- ]?procedure mammograms? for marker placement"),
    (
        None,
        r"(?:incomplete\W+)?needs?:? additional imaging evaluation (?:and/or|and|or) prior mammograms?"
        r"(?: for comparison)?",
    ),
    (
        Assessment.INCOMPLETE_IMAGING,
        rf"(?:incomplete\W+(?:assessment\W+)?)?needs?:? (?:{_IMAGING})(?: evaluation)?",
    ),
    (
        Assessment.INCOMPLETE_PRIORS,
        rf"(?:incomplete\W+(?:assessment\W+)?)?needs?:? {_PRIORS}(?: for comparison)?",
    ),
    (None, r"incomplete(?: assessment)?"),
    (
        Assessment.HIGHLY_SUGGESTIVE,
        r"highly suggestive (?:of|for) malignancy(?:\W+appropriate action should be taken)?",
    ),
    (Assessment.KNOWN_MALIGNANCY, r"known[- ](?:biopsy[- ]?proven )?malignancy|known biopsy[- ]proven cancer"),
    (
        Assessment.PROBABLY_BENIGN,
        rf"probably benign{_FINDING}"
        r"(?:\W+(?:initial )?short[- ](?:interval|term) follow[- ]?up(?: is)?(?: suggested)?)?",
    ),
    (
        Assessment.SUSPICIOUS,
        rf"suspicious{_FINDING}(?: for malignancy)?(?:\W+(?:tissue diagnosis|biopsy should be considered))?",
    ),
    (Assessment.BENIGN, rf"benign{_FINDING}"),
    (Assessment.NEGATIVE, rf"negative{_FINDING}"),
)
WORDED = re.compile("|".join(f"(?P<p{n}>{phrase})" for n, (_, phrase) in enumerate(_PHRASES)), re.IGNORECASE)


def worded(match: re.Match[str]) -> Assessment | None:
    """Return the category of a `WORDED` match; None for an incomplete that does not say which."""
    return _PHRASES[int(str(match.lastgroup)[1:])][0]


def words_only(text: str) -> tuple[bool, Assessment | None]:
    """Return (True, category) if `text` is nothing but the words of one category, else (False, None)."""
    match = WORDED.fullmatch(text.strip(" .:;-–—[]()*"))
    return (True, worded(match)) if match else (False, None)


def which_incomplete(text: str) -> Assessment | None:
    """Return which of the two incompletes the words mean, None if neither or both."""
    imaging, priors = bool(_WANTS_IMAGING.search(text)), bool(_WANTS_PRIORS.search(text))
    if imaging == priors:
        return None
    return Assessment.INCOMPLETE_IMAGING if imaging else Assessment.INCOMPLETE_PRIORS


def category_of(label: str, words: str) -> Assessment | None:
    """Return the category of a number; `words` near it say which zero is meant, None is a zero that does not say."""
    return which_incomplete(words) if label == "0" else NUMBERED[label[0]]


def suspicion_of(label: str) -> Suspicion | None:
    return Suspicion(label) if len(label) == 2 else None
