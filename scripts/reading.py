"""Measure how hard every page and letter is to read, and keep the table in docs/reference/words.md.

`python scripts/reading.py` prints the table and writes it; with --check it writes nothing and ends with 1 where the
page is not current or a text is too hard. What is measured, and how, is in tests/words/measure.py.
"""

import os
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs" / "reference" / "words.md"
BEGIN, END = "<!-- made by scripts/reading.py: do not edit -->", "<!-- end of what scripts/reading.py made -->"


def _set_up() -> None:
    os.environ.setdefault("CLOSERLOOK_DATA_DIR", tempfile.gettempdir())
    os.environ.setdefault("CLOSERLOOK_SECRET_KEY", "only-while-texts-are-measured-it-opens-nothing-anywhere")
    os.environ["DJANGO_SETTINGS_MODULE"] = "closerlook.settings"
    sys.path.insert(0, str(Path(__file__).parent.parent))
    import django

    django.setup()


def hardest(part: str, language: str) -> float:
    """Return the measure of the hardest block among all pages of a part."""
    from django.utils import translation
    from tests.words.measure import blocks_of, grade
    from tests.words.pages import rendered_by

    with translation.override(language):
        blocks = [block for render in rendered_by(part).values() for block in blocks_of(render())]
        measured = [grade(block.text, language) for block in blocks]
    return max(measured) if language in ("en", "ar") else min(measured)


def table() -> tuple[str, bool]:
    """Return the table, and whether every text is within its limit."""
    from tests.words.measure import LIMITS, is_plain

    from closerlook.portal.parts import State

    lines = [
        "| pages and letters | English: grade | Spanish: ease | French: ease | Arabic: words a sentence |",
        "|---|---:|---:|---:|---:|",
        f"| **limit** | at most {LIMITS['en']} | at least {LIMITS['es']} | at least {LIMITS['fr']} "
        f"| at most {LIMITS['ar']} |",
    ]
    plain = True
    named: dict[str, str] = {state: f"her page: {state.replace('_', ' ')}" for state in State}
    named |= {
        "around": "before and after her page",
        "beside": "her other pages",
        "public": "pages without an account",
        "letters": "letters to her",
    }
    for part, name in named.items():
        found = {language: hardest(part, language) for language in ("en", "es", "fr", "ar")}
        plain = plain and all(is_plain(value, language) for language, value in found.items())
        lines.append(f"| {name} | {' | '.join(f'{value:.1f}' for value in found.values())} |")
    return "\n".join(lines), plain


def main() -> int:
    _set_up()
    made, plain = table()
    page = DOCS.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    new = f"{before}{BEGIN}\n\n{made}\n\n{END}{rest.split(END)[1]}"
    if "--check" in sys.argv[1:]:
        if new != page:
            print(f"{DOCS.name} is not current: run scripts/reading.py")
        return int(new != page or not plain)
    print(made)
    DOCS.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
