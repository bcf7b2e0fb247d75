"""How hard a text is to read, by a published formula for each language, over a page part or a letter as a whole.

You are here because a text was measured too hard, or to add a page. A formula counts syllables and words: it can show
that a text is hard, and never that it is clear. Left out of the count, by rule: what the law prescribes word for word,
and the clinic's and people's own names, addresses, numbers and hours, which no wording of ours can shorten.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

import textstat

JOINED_BELOW = 40
"""Words. A formula says nothing of a few words, so a short block is measured together with the one before it."""
COUNTED_FROM = 4
"""Words. A heading such as "On the day" is no sentence, and would make everything look easier than it is."""
LIMITS: dict[str, float] = {"en": 6.0, "es": 70.0, "fr": 70.0, "ar": 15.0}
"""English: Flesch-Kincaid grade, at most 6. Spanish: Fernández-Huerta, at least 70, which its scale calls "bastante
fácil" and gives to the sixth grade (70 to 80). French: Flesch's ease with Kandel's and Moles's weights, at least 70,
"fairly easy" on Flesch's scale. Arabic: words a sentence on average, at most 15: a length, and no grade."""
_NAMES = re.compile(
    r"Riverside Breast Clinic|Riverside Clinic, 2nd floor|Hill Street surgeons|Lakeside (?:Center|Imaging)|Ana Ruiz"
    r"|Monday to Friday, 8:00 to 17:00|Marta Olsen|14 Quay Street|22 Harbour Road|Riverside, NY 10001|555 ?01\d\d|https?://\S+"
)
_ISOLATES = re.compile("[\u2066-\u2069]")


@dataclass(frozen=True)
class Block:
    """A stretch of text that is read in one go. `where` says what it is; `days` are the days in words within it."""

    where: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        plain = (_plain(sentence) for sentence in self.sentences)
        return " ".join(_ended(sentence) for sentence in plain if len(sentence.split()) >= COUNTED_FROM)

    @property
    def words(self) -> int:
        return len(self.text.split())


class _Reader(HTMLParser):
    """Takes in the running text of a page, block by block; a heading opens a block.

    Not running text: buttons, labels, the steps of the way, what the drawing says; and, by rule, the law's English.
    """

    RUNNING = frozenset({"h1", "h2", "p", "li", "legend"})
    ASIDE = frozenset({"button", "label", "svg", "select", "ol", "header", "footer", "head", "dl"})
    EMPTY = frozenset({"br", "hr", "img", "input", "link", "meta"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: list[list[str]] = [[]]
        self._open: list[tuple[str, bool]] = []
        self._said: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.EMPTY:
            return
        given = dict(attrs)
        verbatim = tag != "html" and "lang" in given
        aside = tag in self.ASIDE or verbatim or (given.get("class") or "") in ("recipient", "dated", "skip")
        self._open.append((tag, aside or (bool(self._open) and self._open[-1][1])))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.RUNNING and not self._open[-1][1]:
            said, self._said = " ".join("".join(self._said).split()), []
            if tag in ("h1", "h2"):
                self.blocks.append([])
            if said:
                self.blocks[-1].append(said)
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and not self._open[-1][1] and any(tag in self.RUNNING for tag, _aside in self._open):
            self._said.append(data)


def blocks_of(html: str) -> list[Block]:
    """Return the running text of a page or letter: its parts and sections, each as a whole."""
    return joined(Block(block[0], tuple(block)) for block in _Reader(html).blocks if block)


def joined(blocks: Iterable[Block]) -> list[Block]:
    """Put every short block to the one before it, the first one to the one after it."""
    found: list[Block] = []
    for block in blocks:
        if found and (block.words < JOINED_BELOW or found[-1].words < JOINED_BELOW):
            found[-1] = Block(found[-1].where, (*found[-1].sentences, *block.sentences))
        else:
            found.append(block)
    return found


def grade(text: str, language: str) -> float:
    """Return the measure of a text in the language's own formula, one digit after the point."""
    textstat.set_lang(language if language != "ar" else "en")  # for Arabic only words and sentences are counted
    if language == "en":
        return round(float(textstat.flesch_kincaid_grade(text)), 1)
    if language == "es":
        return round(float(textstat.fernandez_huerta(text)), 1)
    if language == "fr":
        return round(float(textstat.flesch_reading_ease(text)), 1)
    sentences = list(sentences_of(text))
    return round(sum(len(s.split()) for s in sentences) / max(len(sentences), 1), 1)


def is_plain(measured: float, language: str) -> bool:
    """Whether a measure is within the language's limit."""
    return measured <= LIMITS[language] if language in ("en", "ar") else measured >= LIMITS[language]


def sentences_of(text: str) -> Iterator[str]:
    """Yield the sentences of a text; a question mark of Arabic ends one too."""
    yield from (found for found in re.split(r"(?<=[.!?؟])\s+", text) if found.strip(".!?؟ "))


def _plain(sentence: str) -> str:
    return re.sub(r"\s+", " ", _NAMES.sub("us", _days_out(_ISOLATES.sub("", sentence)))).strip()


_DAY = re.compile(
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day )?\d{1,2} (?:January|February|March|April|May|June|July|August"
    r"|September|October|November|December)(?: \d{4})?(?:, \d\d:\d\d)?"
)


def _days_out(sentence: str) -> str:
    return _DAY.sub("that day", sentence)


def _ended(sentence: str) -> str:
    """End a heading as a sentence, as the eye does."""
    return sentence if sentence[-1] in ".!?؟" else sentence.rstrip(",:،") + "."
