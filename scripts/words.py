"""Take up the words that patients read, in every catalogue: `python scripts/words.py`.

Gathers them from the code and the templates, adds the new ones to each language and drops those that are gone, keeps
what translators wrote, and compiles. With --check it writes nothing and ends with 1 unless every catalogue is current,
whole, marked with its review, and agrees with the English in its placeholders and tags.
"""

import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parent.parent / "src" / "closerlook"
LOCALE = SOURCE / "locale"
TRANSLATED = ("es", "ar", "fr")
LANGUAGES = ("en", *TRANSLATED)
"""English is the source: its catalogue holds no translations, only how far each sentence has been reviewed."""
REVIEW = re.compile(r"review: (drafted|clinician \d{4}-\d{2}-\d{2})")
DRAFTED = "review: drafted"
NOT_HERS = ("letters/provider.py", "letters/templates/letters/provider_report.html", "look/templates/look/gallery.html",
            "look/templates/look/desk_page.html", "look/templates/look/macros/lists.html",
            "portal/templates/public/units.html")  # fmt: skip
"""What only staff and providers read stays English."""
HERS = ("letters", "look", "people", "portal")
"""A package whose pages patients read is named here, and its words are taken up."""
PLURALS = {  # as in Django's own catalogues, which ours are merged with
    "en": (2, "(n != 1)"),
    "es": (3, "(n == 1 ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2)"),
    "fr": (3, "((n == 0 || n == 1) ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2)"),
    "ar": (6, "(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5)"),
}
KEYWORDS = {
    **DEFAULT_KEYWORDS, "gettext_lazy": None, "gettext_noop": None, "ngettext_lazy": (1, 2), "_n": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
# As look/jinja.py sets the environment: the words of a block have to come out here as they do there.
JINJA = {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
HEADER = """# The words that patients read, in {tag}. Kept by scripts/words.py; translations are written here by hand.
# The comment over each entry says how far it was reviewed: "review: drafted" or "review: clinician YYYY-MM-DD"."""


def gathered() -> Catalog:
    """Return every message of the code, the file it stands in and its comment for translators."""
    found = Catalog(charset="utf-8")
    for package in HERS:
        entries = extract_from_dir(
            SOURCE / package, METHODS, {"**.html": JINJA}, KEYWORDS, ["translators:"], strip_comment_tags=True
        )
        for file, _line, message, comments, context in entries:
            where = f"{package}/{Path(file).as_posix()}"
            if where not in NOT_HERS:
                found.add(message, None, [(where, 0)], auto_comments=comments, context=context)
    for entry in found:
        entry.locations = sorted(set(entry.locations))
    return found


def brought_up(tag: str, template: Catalog) -> Catalog:
    """Return the catalogue of a language with the words as they are now; nobody's translation is guessed."""
    path = po_of(tag)
    with open(path, "rb") if path.exists() else io.BytesIO() as file:
        known = read_po(file, locale=tag, charset="utf-8")
    fresh = Catalog(locale=tag, charset="utf-8", header_comment=HEADER.format(tag=tag), fuzzy=False)
    _set_plurals(fresh, tag)
    for entry in template:
        if not entry.id:
            continue
        before = known.get(entry.id, entry.context)
        string = before.string if before and _same_shape(before, entry) else None
        comments = list(before.user_comments) if before else []
        if not any(REVIEW.fullmatch(comment) for comment in comments):
            comments.append(DRAFTED)
        flags = entry.flags | (before.flags & {"fuzzy"} if before else set())
        fresh.add(entry.id, string, entry.locations, flags, entry.auto_comments, comments, context=entry.context)
    return fresh


def _set_plurals(catalog: Catalog, tag: str) -> None:
    number, rule = PLURALS[tag]
    vars(catalog).update(_num_plurals=number, _plural_expr=rule)  # Babel's own rule for a locale may be another


def _same_shape(before: Message, entry: Message) -> bool:
    return isinstance(before.id, str) == isinstance(entry.id, str)


def po_of(tag: str) -> Path:
    return LOCALE / tag / "LC_MESSAGES" / "django.po"


def as_po(catalog: Catalog) -> bytes:
    """Return a catalogue as text. Only what a translator needs is in the head: no dates that change by themselves."""
    written = io.BytesIO()
    write_po(written, catalog, width=110, omit_header=True, include_lineno=False)
    head = "\n".join(
        [
            catalog.header_comment,
            'msgid ""',
            'msgstr ""',
            f'"Language: {catalog.locale}\\n"',
            '"MIME-Version: 1.0\\n"',
            '"Content-Type: text/plain; charset=utf-8\\n"',
            '"Content-Transfer-Encoding: 8bit\\n"',
            f'"Plural-Forms: nplurals={catalog.num_plurals}; plural={catalog.plural_expr};\\n"',
        ]
    )
    return f"{head}\n\n".encode() + written.getvalue().strip(b"\n") + b"\n"


class Bare(Catalog):
    """A catalogue of one language whose head holds no dates and no names: equal words give equal bytes."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", str(self.locale)),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Plural-Forms", f"nplurals={self.num_plurals}; plural={self.plural_expr};"),
        ]


def as_mo(catalog: Catalog) -> bytes:
    """Return a catalogue as Python reads it."""
    plain = Bare(locale=catalog.locale, charset="utf-8", fuzzy=False)
    _set_plurals(plain, str(catalog.locale))
    for entry in catalog:
        if entry.id and not entry.fuzzy:
            plain.add(entry.id, entry.string, context=entry.context)
    written = io.BytesIO()
    write_mo(written, plain)
    return written.getvalue()


def reviewed(catalogs: dict[str, Catalog]) -> str:
    """Return how many entries of each language are in which state, as the pages read it."""
    lines = [
        "# How far the words of each language have been reviewed. Written by scripts/words.py from the catalogues."
    ]
    for tag, catalog in catalogs.items():
        states = Counter(state_of(entry).split()[0] for entry in catalog if entry.id)
        lines += ["", f"[{tag}]", *(f"{state} = {states[state]}" for state in ("drafted", "clinician"))]
    return "\n".join(lines) + "\n"


def state_of(entry: Message) -> str:
    """Return "drafted" or "clinician YYYY-MM-DD"; "unknown" for anything else."""
    found = [match[1] for comment in entry.user_comments if (match := REVIEW.fullmatch(comment))]
    return found[0] if len(found) == 1 else "unknown"


PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
TAG = re.compile(r"<[^>]*>")


def faults(tag: str, catalog: Catalog) -> Iterator[str]:
    """Say what is wrong with each entry of a translation."""
    for entry in catalog:
        if not entry.id:
            continue
        name = f"{tag}: {entry.id[0] if isinstance(entry.id, tuple) else entry.id!r}"
        if state_of(entry) == "unknown":
            yield f"{name} has no review state, or two"
        if entry.fuzzy:
            yield f"{name} is fuzzy"
        if tag not in TRANSLATED:
            continue
        strings = _each(entry.string)
        if not all(strings) or (isinstance(entry.id, tuple) and len(strings) != catalog.num_plurals):
            yield f"{name} is not translated"
            continue
        ids = _each(entry.id)
        for string in strings:
            if Counter(TAG.findall(string)) != Counter(TAG.findall(ids[-1])):
                yield f"{name} has other tags"
            asked, given = (set(PLACEHOLDER.findall(text)) for text in (ids[-1], string))
            # "one day" may leave the figure out; nothing may put in what is not there
            if given - asked or (asked - given and len(strings) == 1):
                yield f"{name} has other placeholders: {' '.join(sorted(given ^ asked))}"


def _each(said: Any) -> list[str]:
    """Return the one form of a message, or all its plural forms."""
    return [form or "" for form in (said if isinstance(said, list | tuple) else [said])]


def main() -> int:
    check = "--check" in sys.argv[1:]
    template = gathered()
    catalogs = {tag: brought_up(tag, template) for tag in LANGUAGES}
    wanted: dict[Path, bytes] = {LOCALE / "review.toml": reviewed(catalogs).encode()}
    for tag, catalog in catalogs.items():
        wanted[po_of(tag)] = as_po(catalog)
        if tag in TRANSLATED:
            wanted[po_of(tag).with_suffix(".mo")] = as_mo(catalog)
    wrong = [fault for tag, catalog in catalogs.items() for fault in faults(tag, catalog)]
    stale = [path for path, content in wanted.items() if not path.exists() or path.read_bytes() != content]
    if not check:
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wanted[path])
    for line in wrong:
        print(line)
    for path in stale:
        print(f"{path.relative_to(LOCALE)} {'is not current: run scripts/words.py' if check else 'written'}")
    print(f"{len(template)} messages, {len(wrong)} to put right")
    return int(check and bool(wrong or stale))


if __name__ == "__main__":
    sys.exit(main())
