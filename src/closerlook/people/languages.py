"""Which language somebody reads: from whatever a feed or a person wrote to one tag, and whether we have words in it.

You are here because a language on file was not understood, or to add one. Feeds write ISO 639 codes of two or three
letters, tags with a region ("ES-MX"), HL7 coded fields ("spa^Spanish^HL70296") or names, in any case.
"""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language_info
from msgspec import Struct

_KNOWN: tuple[tuple[str, str, str], ...] = (
    ("am", "amh", "amharic"),
    ("ar", "ara", "arabic|العربية"),
    ("ase", "ase sgn", "american sign language|sign language"),
    ("bn", "ben", "bengali|bangla|বাংলা"),
    ("bs", "bos", "bosnian"),
    ("cs", "ces cze", "czech"),
    ("de", "deu ger", "german|deutsch"),
    ("el", "ell gre", "greek|ελληνικά"),
    ("en", "eng", "english"),
    ("es", "spa", "spanish|castilian|español|espanol|castellano"),
    ("fa", "fas per prs", "persian|farsi|dari|فارسی"),
    ("fr", "fra fre", "french|français|francais"),
    ("gu", "guj", "gujarati"),
    ("he", "heb", "hebrew"),
    ("hi", "hin", "hindi|हिन्दी"),
    ("hmn", "hmn", "hmong"),
    ("hr", "hrv", "croatian"),
    ("ht", "hat", "haitian|haitian creole|kreyòl|kreyol|kreyòl ayisyen"),
    ("hu", "hun", "hungarian"),
    ("hy", "hye arm", "armenian"),
    ("it", "ita", "italian|italiano"),
    ("ja", "jpn", "japanese|日本語"),
    ("km", "khm", "khmer"),
    ("ko", "kor", "korean|한국어"),
    ("ku", "kur", "kurdish"),
    ("lo", "lao", "laotian"),
    ("ne", "nep", "nepali"),
    ("nl", "nld dut", "dutch|nederlands"),
    ("pa", "pan", "punjabi|panjabi"),
    ("pl", "pol", "polish|polski"),
    ("ps", "pus", "pashto"),
    ("pt", "por", "portuguese|português|portugues"),
    ("ro", "ron rum", "romanian"),
    ("ru", "rus", "russian|русский"),
    ("so", "som", "somali|soomaali"),
    ("sr", "srp", "serbian"),
    ("sw", "swa", "swahili|kiswahili"),
    ("ta", "tam", "tamil"),
    ("te", "tel", "telugu"),
    ("th", "tha", "thai"),
    ("ti", "tir", "tigrinya"),
    ("tl", "tgl fil", "tagalog|filipino|pilipino"),
    ("tr", "tur", "turkish|türkçe"),
    ("uk", "ukr", "ukrainian|українська"),
    ("ur", "urd", "urdu|اردو"),
    ("vi", "vie", "vietnamese|tiếng việt"),
    ("yi", "yid", "yiddish"),
    ("zh", "zho chi cmn yue", "chinese|mandarin|cantonese|中文"),
)
"""Tag; the three-letter codes of ISO 639-2 (both kinds) and 639-3; names. The two-letter code is the tag itself."""
_CODES = {code: tag for tag, codes, _names in _KNOWN for code in (tag, *codes.split())}
_NAMES = {name: tag for tag, _codes, names in _KNOWN for name in names.split("|")}
_CODE = re.compile(r"([a-z]{2,3})(?:[-_](?:[a-z0-9]{2,8}))*")
_SAYS_NOTHING = frozenset(
    {"", "unk", "und", "unknown", "other", "none", "declined", "null", "mul", "mis", "zxx", "asku", "nask", "ni", "n/a"}
)
_LINES = Path(__file__).parent / "interpreter_lines.toml"


class Line(Struct, frozen=True):
    """That an interpreter is free, in a language that we have no other words in. `review` as in the catalogues."""

    tag: str
    words: str
    review: str

    @property
    def direction(self) -> str:
        return direction_of(self.tag)


def tag_of(text: str) -> str | None:
    """Return the language tag that `text` means, None where it says none or one that is not known here.

    A region is left aside: "ES-MX" is "es". A code counts only as the whole of a component, so that "no preference"
    is not Norwegian.
    """
    for component in re.split(r"[\^&~|]", text.casefold()):
        found = _one(" ".join(component.split()))
        if found is not None:
            return found
    return None


def _one(said: str) -> str | None:
    if said in _SAYS_NOTHING:
        return None
    if said in _NAMES:
        return _NAMES[said]
    code = _CODE.fullmatch(said)
    if code and code[1] in _CODES:
        return _CODES[code[1]]
    words = [word.strip() for word in re.split(r"[;,/()]|\s+", said) if word.strip()]
    return _NAMES.get(words[0]) if words else None


def shipped(text: str) -> str | None:
    """Return the tag of a language that we have words in, None for every other."""
    tag = tag_of(text)
    return tag if tag in dict(settings.LANGUAGES) else None


def to_write_in(text: str) -> str:
    """Return the language of a letter to somebody with this language on file: hers, else the site's default."""
    return shipped(text) or str(settings.LANGUAGE_CODE)


def interpreter_lines(text: str) -> tuple[Line, ...]:
    """Return that an interpreter is free, in English and in hers, where hers is none that we have words in."""
    if text.strip().casefold() in _SAYS_NOTHING or shipped(text) is not None:
        return ()
    tag = tag_of(text)
    return tuple(line for line in _lines() if line.tag in ("en", tag))


@lru_cache(maxsize=1)
def _lines() -> tuple[Line, ...]:
    found = tomllib.loads(_LINES.read_text(encoding="utf-8"))
    return tuple(Line(tag, **said) for tag, said in found.items())


def direction_of(tag: str) -> str:
    """Return "rtl" or "ltr"."""
    try:
        return "rtl" if get_language_info(tag)["bidi"] else "ltr"
    except KeyError:
        return "ltr"


@lru_cache(maxsize=1)
def _reviews() -> dict[str, dict[str, int]]:
    path = Path(settings.LOCALE_PATHS[0]) / "review.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def is_drafted(tag: str) -> bool:
    """Whether any word of a translation has not been checked by a clinician yet. English is no translation."""
    return tag != "en" and _reviews().get(tag, {}).get("drafted", 1) > 0
