"""Words of the field that her page cannot do without, each explained: on a tap, and while the pointer rests on it.

You are here to add a word. It is marked once in each section, where it first stands, in whatever language the page
speaks: the word itself is translated, so that it is found there too.
"""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup, escape


@dataclass(frozen=True)
class Term:
    id: str
    word: str | Promise
    meaning: str | Promise


TERMS: tuple[Term, ...] = (
    Term("mammogram", _("mammogram"), _("X-ray pictures of the breast. The breast is pressed flat for some seconds.")),
    Term(
        "ultrasound", _("ultrasound"), _("Pictures made with sound. A small handset glides over the skin. No X-rays.")
    ),
    Term("mri", _("MRI"), _("Pictures made with a magnet while you lie in a tube. No X-rays.")),
    Term("sample", _("tissue sample"), _("A very small piece is taken with a needle. The skin is made numb first.")),
    Term("cyst", _("cyst"), _("A small bag of fluid in the breast.")),
    Term("lymph", _("lymph node"), _("A small part of the body’s defence, like a bean. There are many in the armpit.")),
    Term("dense", _("dense"), _("Firm tissue. It shows white in the pictures, so that small things are hard to see.")),
    Term("calcium", _("calcium specks"), _("White dots in the pictures, smaller than a grain of salt.")),
    Term("screening", _("screening"), _("Looking for cancer in people who feel well.")),
    Term("pathologist", _("pathologist"), _("A doctor who looks at tissue under a microscope.")),
)


class Terms:
    """The terms of one page: marks each where it first stands, and remembers which were marked."""

    def __init__(self) -> None:
        self.used: dict[str, Term] = {}

    def mark(self, sentence: str) -> Markup:
        """Return a sentence in which each term that is new to the page is a button that opens its meaning."""
        found: list[tuple[int, int, Term]] = []
        for term in TERMS:
            match = None if term.id in self.used else _pattern(str(term.word)).search(sentence)
            if match is not None and all(match.end() <= start or end <= match.start() for start, end, _t in found):
                found.append((match.start(), match.end(), term))
                self.used[term.id] = term
        out, at = Markup(), 0
        for start, end, term in sorted(found, key=lambda f: f[0]):
            out += escape(sentence[at:start])
            out += _BUTTON.format(term.id, str(term.meaning), sentence[start:end])
            at = end
        return out + escape(sentence[at:])


_BUTTON = Markup('<button type="button" class="term" popovertarget="term-{}" title="{}">{}</button>')


def _pattern(word: str) -> re.Pattern[str]:
    """A term as it stands in a sentence: whole words where the script has them, with a plural's ending."""
    return re.compile(rf"(?<![\w-]){re.escape(word)}(?:s|es)?(?![\w-])", re.IGNORECASE)
