"""Find the assessment categories that prose mentions: where, for which side, and whether they are stated.

Nothing here decides what a report's assessment is; `category` does. A mention is read by walking the words after a mark
such as "BI-RADS" or "category" until a number comes, so that "BI-RADS® category for the left breast is: 4B" is found
in time linear in the text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from closerlook.pathway.terms import Assessment, Laterality

from .numbers import Number, number_after, range_after, sided_numbers_after
from .sections import Part, Section, Sentences, sections
from .sides import Around, names_a_side
from .standing import Standing, standing
from .wording import LABELS, WORDED, category_of, worded

_MARK = re.compile(
    r"(?P<rads>(?<![A-Za-z])BI[\s_.‐‑–-]{0,2}RADS?(?![A-Za-z]))|(?P<acr>\bACR\b(?=[\s:-]{0,3}cat))"
    r"|(?P<assessment>\bassessment\b)|(?P<category>\bcat(?:egory\b|\.))",
    re.IGNORECASE,
)
_OTHER_RADS = re.compile(r"(?:TI|LI|PI|Lung|C|O|NI|VI|CAD)-?RADS\W{0,4}$", re.IGNORECASE)
_SIDE_COLON = re.compile(
    r"(?:\b(?:[Ll]eft|[Rr]ight|LEFT|RIGHT|LT|RT)(?:\s+[Bb]reast|\s+BREAST)?|\b[LR])\s*(?P<sign>[:=–-]?)\s*"
    r"(?=(?:[Cc]ategory\s*)?[0-6][ABCabc]?\s*(?:[.;,\n]|$))"
)
_GLOSS_START = re.compile(
    r"[\s:,(\[=–—\"'*/-]{1,6}(?:(?:which is|is|are|indicat\w+|mean\w+|represent\w+|consistent with|compatible with|an?"
    r"|the|assessment(?: of)?)\s+){0,3}",
    re.IGNORECASE,
)
_WORDS_MARK = re.compile(
    r"\b(?:assessment(?:\s+category)?|category|BI-?RADS(?:\s+(?:assessment|category)){0,2})(?:\s+(?:is|of))?\s*[:=–—-]?\s*"
    r"|(?:^|(?<=[.;:]\s)|(?<=\n))(?=incomplete\W+needs?)",
    re.IGNORECASE,
)
# "Final assessment: negative" is the reader's category; "clinical assessment: negative" is not.
_OWN_ASSESSMENT = re.compile(
    r"(?:^|[.;:,*\n()–—-]|\b(?:overall|final|mammogra\w+|breasts?|imaging|rads|birads|acr|mqsa|right|left|rt|lt|r|l|and|is))[\s*]*$",
    re.IGNORECASE,
)
_EXPLAINED = (Part.LEGEND, Part.EARLIER)
_WORDS_END = re.compile(r"\s*(?:[.;,\n)(]|$|\s[–—-])")
_LEGEND_ENTRY = re.compile(r"(?<![\d./])([0-6])(?!\d)[\s:=.,()–—\"'-]{0,6}(?:is|means)?\s*")


class Mention(msgspec.Struct, frozen=True):
    """One category that the prose mentions. `clash`: the words behind the number are those of another category."""

    label: str
    category: Assessment | None
    side: Laterality | None
    standing: Standing
    clash: bool
    evidence: str
    part: Part


class _Found(msgspec.Struct, frozen=True):
    start: int
    number: Number
    weak: bool  # "category 4" or "assessment 4" with nothing else that says what is counted
    bare_mark: bool  # the mark is "assessment" alone


def mentions(prose: str) -> list[Mention]:
    """Return every mention of an assessment category in `prose`, in order of its sections; never raises."""
    return [mention for section in sections(prose) for mention in _in_section(section)]


def _in_section(section: Section) -> list[Mention]:
    text, sentences = section.text, Sentences(section.text)
    legends = _legends(text)
    found = list(_numbers(text))
    result: list[Mention] = []
    leads: dict[int, bool] = {}
    for n, here in enumerate(found):
        start, end = sentences.bounds(here.start)
        end = max(end, sentences.bounds(here.number.end - 1)[1])
        since = max(start, found[n - 1].number.end) if n else start
        until = min(end, found[n + 1].start) if n + 1 < len(found) else end
        around = Around(
            text[since : here.start],
            text[here.start : here.number.start],
            text[here.number.end : max(until, here.number.end)],
        )
        sentence = sentences.number(here.start)
        leads.setdefault(sentence, around.leads)
        side = around.side(leads=leads[sentence])
        explained = section.part in _EXPLAINED or _inside(here.number.start, legends)
        mention = _judge(text, here, (start, end), side, part=section.part, explained=explained)
        if mention:
            result.append(mention)
    return [*result, *_worded_mentions(section, sentences, legends)]


def _judge(
    text: str, here: _Found, sentence: tuple[int, int], side: Laterality | None, *, part: Part, explained: bool
) -> Mention | None:
    number = here.number
    gloss, incomplete = _gloss(text, number.end)
    agrees = incomplete and number.label == "0"
    if gloss is not None:
        agrees = LABELS[gloss] == number.label[0]
    before, after = _nearby(text, sentence, here.start, number.end)
    verdict = standing(before, after, number.label, density_named=number.density_named, gloss_agrees=agrees)
    if here.weak and not agrees:
        # "ASSESSMENT: 1. No mass" counts findings; only a number with nothing behind it may be meant as a category.
        paragraph = text.find("\n", number.end)
        if here.bare_mark and text[number.end : paragraph if paragraph >= 0 else None][:200].strip(" .)*"):
            return None
        verdict = Standing.ELSE if verdict is Standing.ELSE else Standing.DOUBTFUL
    if explained:
        verdict = Standing.ELSE
    category = gloss if agrees and gloss else None
    if category is None:
        following = text[sentence[1] : sentence[1] + 160]
        category = category_of(number.label, f"{before[-160:]} {after} {following}")
    return Mention(
        label=number.label,
        category=category,
        side=side,
        standing=verdict,
        clash=gloss is not None and not agrees,
        evidence=_evidence(text, sentence[0], here.start, number.end, sentence[1]),
        part=part,
    )


def _numbers(text: str) -> Iterator[_Found]:
    """Yield every numeral that a mark leads to, once each, in order."""
    last = 0
    marks = sorted(
        [(m.start(), m.end(), str(m.lastgroup)) for m in _MARK.finditer(text)]
        + [(m.start(), m.end(), "side" if m["sign"] else "side alone") for m in _SIDE_COLON.finditer(text)]
    )
    rads = [start for start, _, name in marks if name == "rads"]
    for start, end, name in marks:
        if start < last or (name == "category" and _OTHER_RADS.search(text, max(0, start - 14), start)):
            continue
        if name.startswith("side") and not rads:
            continue
        number = number_after(text, end)
        if number is None:
            continue
        bare = name == "assessment" and not number.category_named
        strong = name in ("rads", "acr", "side") or number.rads_named or (name == "assessment" and not bare)
        for part in (number, *range_after(text, number), *sided_numbers_after(text, number)):
            first = part is number
            if not part.rejected:
                yield _Found(start if first else part.start, part, weak=not strong, bare_mark=bare)
            last = max(last, part.end)


def _gloss(text: str, at: int) -> tuple[Assessment | None, bool]:
    """Return the category whose words follow position `at`, and whether those say "incomplete"."""
    lead = _GLOSS_START.match(text, at)
    match = WORDED.match(text, lead.end()) if lead else None
    if not match:
        return None, False
    category = worded(match)
    return category, category is None or LABELS[category] == "0"


def _worded_mentions(section: Section, sentences: Sentences, legends: list[tuple[int, int]]) -> Iterator[Mention]:
    """Yield categories given in words alone behind a mark: "ASSESSMENT: Benign"."""
    text = section.text
    for mark in _WORDS_MARK.finditer(text):
        match = WORDED.match(text, mark.end())
        start, end = sentences.bounds(mark.start())
        if not match or not _WORDS_END.match(text, match.end()):
            continue
        category = worded(match)
        before, after = _nearby(text, (start, end), mark.start(), match.end())
        if not _OWN_ASSESSMENT.search(before):
            continue
        # "0" here only says that words of a category are never a density.
        verdict = standing(before, after, "0", density_named=False, gloss_agrees=True)
        explained = section.part in _EXPLAINED or _inside(match.start(), legends)
        around = Around(before, mark[0], after)
        yield Mention(
            label="" if category else "0",
            category=category or category_of("0", f"{after} {text[end : end + 160]}"),
            side=around.side(leads=around.leads),
            standing=Standing.ELSE if explained else verdict,
            clash=False,
            evidence=_evidence(text, start, mark.start(), match.end(), end),
            part=section.part,
        )


def _legends(text: str) -> list[tuple[int, int]]:
    """Return the spans that explain categories: three or more in order, each with its own words, and no side named."""
    entries: list[tuple[int, int, int]] = []
    for match in _LEGEND_ENTRY.finditer(text):
        words = WORDED.match(text, match.end())
        if words:
            category = worded(words)
            if (LABELS[category] if category else "0") == match[1]:
                entries.append((int(match[1]), match.start(), words.end()))
    spans: list[tuple[int, int]] = []
    run: list[tuple[int, int, int]] = []
    for entry in [*entries, (-1, len(text) + 1000, 0)]:
        if run and (entry[0] != run[-1][0] + 1 or entry[1] - run[-1][2] > 160):
            span = (run[0][1], run[-1][2])
            if len(run) >= 3 and not names_a_side(text[slice(*span)]):
                spans.append(span)
            run = []
        run.append(entry)
    return spans


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    n = bisect_right(spans, at, key=lambda span: span[0])
    return n > 0 and at < spans[n - 1][1]


def _nearby(text: str, sentence: tuple[int, int], start: int, end: int) -> tuple[str, str]:
    """Return what stands before and after a mention in its sentence, no further than 400 and 200 characters away."""
    return text[max(sentence[0], start - 400) : start], text[end : min(sentence[1], end + 200)]


def _evidence(text: str, sentence: int, start: int, end: int, stop: int) -> str:
    return text[max(sentence, start - 60) : min(stop, end + 60)].strip()
