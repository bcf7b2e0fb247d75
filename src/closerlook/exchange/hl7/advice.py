"""Words that alarm, and what the reader recommends, from prose. Never a category.

`suspicious_words` moves a report forward in a queue of reports that a person has to look at; in doubt it is True.
"""

import re

from closerlook.pathway.terms import Recommendation

from .sections import Part, each_sentence, sections

_ALARM = re.compile(
    r"malignan|\bbiops|tissue sampling|suspicio|sp[ei][ca]ulated|\bconcerning\b|worrisome|carcinoma|\bDCIS\b|\bLCIS\b"
    r"|neoplas|metasta|\bcancer(?! screening)|architectural distortion|irregular mass|highly suggestive",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:no|not|without|negative for|free of|absence of|lack of|denies|nor|neither|unlikely)\b(?:(?!\b(?:but|however|"
    r"although|except|though|with|showing|shows|which|there is|there are)\b).){0,120}$",
    re.IGNORECASE,
)
_SCREENING = re.compile(r"(?:screening|history)\b[^.]{0,40}$", re.IGNORECASE)

_ASK = (
    r"(?:recommend\w*|advis\w+|warrant\w*|necessitat\w+|requir\w+|need(?:ed|s)?|indicated|suggested|request\w*(?! by)"
    r"|should be|obtain)"
)
_REFUSED = re.compile(r"\b(?:no|not|nor|without)\b(?:(?!\b(?:and|but|however|although)\b)[^,;]){0,100}$", re.IGNORECASE)
_UNSURE = re.compile(
    r"\b(?:if|unless|should (?:any|there|new|clinical|she|symptoms)|might|could|in case|consider|optional|supplement\w*"
    r"|may be (?:considered|warranted|helpful|useful|obtained|performed|needed|indicated)|high[- ]risk|should not"
    r"|not (?:delay|deter|preclude|recommended|required|needed|warranted|indicated|necessary)"
    r"|no (?:further|additional|new))\b",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\b(?:\d{1,2}|six|three|twelve|one)[- ]*(?:months?|years?)\b|short[- ](?:interval|term)|annual|yearly|\broutine\b",
    re.IGNORECASE,
)
_NOW_WORDS = re.compile(r"\b(?:additional|further|targeted|magnification|spot|now|today)\b", re.IGNORECASE)
_SHORT = re.compile(r"\b(?:3|4|6|three|four|six)[- ]*months?\b|short[- ](?:interval|term)", re.IGNORECASE)
_WHAT = {
    Recommendation.BIOPSY: (
        r"(?<!post[- ])(?<!prior )(?<!previous )\bbiops(?:y|ies)\b(?![- ]?(?:proven|clip|marker|site|change|scar))"
        r"|tissue (?:sampling|diagnosis)|(?:fine|core)[- ]needle"
    ),
    Recommendation.SURGICAL_CONSULT: (
        r"surgical (?:consult\w*|referral|evaluation|excision)|breast (?:surgeon|specialist)"
    ),
    Recommendation.MORE_IMAGING: (
        r"(?:additional|further|follow-up|targeted|magnification|spot(?: compression)?)[\w ,/]{0,30}"
        r"(?:imaging|views?|evaluation|ultraso\w+|mammogra\w+|investigation|work-?up)"
        r"|diagnostic (?:mammogra\w+|imaging|evaluation|ultraso\w+)|targeted ultraso\w+"
    ),
    Recommendation.PRIORS: (
        r"(?:prior|previous|outside) (?:mammogra\w+|studies|exam\w*|films|images) (?:\w+ ){0,4}"
        r"(?:needed|required|requested|be obtained)"
        r"|(?:obtain|need|request)\w* (?:of )?(?:the )?(?:prior|previous|outside) \w+"
    ),
    Recommendation.SHORT_INTERVAL: (
        r"short[- ](?:interval|term) follow|(?:6|six)[- ]months? follow|follow[- ]?up (?:\w+ ){0,3}in (?:6|six) months"
    ),
    Recommendation.ROUTINE: (
        r"(?:routine|annual|yearly|continued?|regular)[\w ,-]{0,30}(?:screening|mammogra\w+|surveillance|follow-?up)"
        r"|screening (?:mammogra\w+ )?in (?:1|one|12|2|two) (?:year|month)"
    ),
}
_PATTERNS = {what: re.compile(pattern, re.IGNORECASE) for what, pattern in _WHAT.items()}
_ASKED = re.compile(rf"\b{_ASK}\b", re.IGNORECASE)
_PLAIN_LINE = re.compile(r"^\W*(?:recommendations?|management|plan|follow-?up)\s*:", re.IGNORECASE)
_NOW = (Recommendation.BIOPSY, Recommendation.SURGICAL_CONSULT, Recommendation.MORE_IMAGING, Recommendation.PRIORS)


def suspicious_words(prose: str) -> bool:
    """True if any alarming word stands in `prose` without a plain negation before it in its sentence."""
    for section in sections(prose):
        for sentence in each_sentence(section.text):
            for match in _ALARM.finditer(sentence):
                before = sentence[max(0, match.start() - 160) : match.start()]
                screening = match[0].lower() == "cancer" and _SCREENING.search(before)
                if not (_NEGATED.search(before) or screening):
                    return True
    return False


def recommendation(prose: str) -> Recommendation | None:
    """Return the most pressing thing that is plainly asked for; None if nothing is, or only on a condition."""
    found = {what for sentence in _sentences(prose) for what in _in_time(sentence)}
    return next((what for what in _PATTERNS if what in found), None)


def _in_time(sentence: str) -> set[Recommendation]:
    """What a sentence asks for, with pictures on a later day as what they are: a short interval, or routine."""
    asked = _asked_for(sentence)
    if Recommendation.MORE_IMAGING in asked and _LATER.search(sentence) and not _NOW_WORDS.search(sentence):
        later = Recommendation.SHORT_INTERVAL if _SHORT.search(sentence) else Recommendation.ROUTINE
        return (asked - {Recommendation.MORE_IMAGING}) | {later}
    return asked


def asks_for_more_now(prose: str) -> str:
    """Return the sentence that asks for pictures, priors, tissue or a surgeon now; "" if none does.

    A condition ("should symptoms arise"), a refusal ("no further imaging is needed") and a date ("in 6 months") do not.
    """
    for sentence in _sentences(prose):
        if _asked_for(sentence) & set(_NOW) and not _LATER.search(sentence):
            return sentence.strip()
    return ""


def _sentences(prose: str) -> list[str]:
    return [
        sentence
        for section in sections(prose)
        if section.part in (Part.BODY, Part.ADDENDUM)
        for sentence in each_sentence(section.text)
    ]


def _asked_for(sentence: str) -> set[Recommendation]:
    if _UNSURE.search(sentence) or not (_ASKED.search(sentence) or _PLAIN_LINE.search(sentence)):
        return set()
    found = ((what, pattern.search(sentence)) for what, pattern in _PATTERNS.items())
    return {what for what, match in found if match and not _REFUSED.search(sentence[: match.start()])}
