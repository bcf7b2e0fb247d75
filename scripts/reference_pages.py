"""Write the reference pages that come from the code, so that they cannot lie: `python scripts/reference_pages.py`.

With --check it writes nothing and ends with 1 where a page or a picture is not what the code says.
"""

import ast
import os
import sys
import tempfile
from itertools import zip_longest
from pathlib import Path

import django
from django.apps import apps as django_apps

from closerlook.capacity.assumptions import COUNTRIES, defaults
from closerlook.capacity.fields import FIELDS, said
from closerlook.evidence.published import figures
from closerlook.pathway.calendar import Clock
from closerlook.pathway.closing import CLOSED_BY, OPENED_BY, STEPS_FOR
from closerlook.pathway.deciding import MAY
from closerlook.pathway.loops import KINDS
from closerlook.pathway.patient import TOUCHES
from closerlook.pathway.picture import (
    FROM_OUTSIDE,
    LEADS,
    MILESTONES,
    PLACES,
    draw,
    in_words,
    late_in_words,
    owner_in_words,
    rule_in_words,
    words,
)
from closerlook.pathway.protocol import GROUPS, Protocol, Row, load

DOCS = Path(__file__).parent.parent / "docs" / "reference"
COURSES = Path(__file__).parent.parent / "tests" / "courses"
ZONES = {"us": "America/New_York", "uk": "Europe/London", "eu": "Europe/Dublin"}
"""The shipped protocols, in the order of the columns."""


def row(found: Row) -> str:
    when = f" ({found.variant.replace('_', ' ')})" if found.variant else ""
    law = " **by law**" if found.legal else ""
    clocks = (in_words(found.due), f"{late_in_words(found)}{law}")
    cells = (f"{found.kind}{when}", KINDS[found.kind], owner_in_words(found.owner), *clocks, found.rule)
    return f"| {' | '.join(cells)} |"


def loops(protocol: Protocol) -> str:
    """Return the loop table."""
    lines = [
        "# The loop table",
        "",
        f"Made from the code and the protocol `{protocol.name}` by `scripts/reference_pages.py`; do not edit. Clocks",
        "run from the moment a loop opens unless they say otherwise. A rule id cites the clause; *site default* is the",
        "unit's own choice. [The path](pathway.md) shows all shipped protocols side by side, and a picture.",
        "",
        "| kind | in words | owner | due | late | rule |",
        "|---|---|---|---|---|---|",
        *(row(found) for kind in KINDS for found in protocol.rows if found.kind == kind),
        "",
        "## What opens and closes each",
        "",
        "| kind | opens on | what would close it | steps that staff take |",
        "|---|---|---|---|",
        *(
            f"| {kind} | {OPENED_BY[kind]} | {CLOSED_BY[kind]} "
            f"| {', '.join(s.__name__ for s in STEPS_FOR[kind]) or '(none yet)'} |"
            for kind in KINDS
        ),
        "",
        "## Who may take which step",
        "",
        "| step | what it does | who |",
        "|---|---|---|",
        *(
            f"| {step.__name__} | {(step.__doc__ or '').strip().splitlines()[0]} "
            f"| {', '.join(sorted(str(who) for who in allowed))} |"
            for step, allowed in MAY.items()
        ),
        "",
        "## Which fact moves which region of the state",
        "",
        "| fact | regions |",
        "|---|---|",
        *(f"| {fact.__name__} | {', '.join(sorted(regions)) or '-'} |" for fact, regions in TOUCHES.items()),
        "",
    ]
    return "\n".join(lines)


def pathway(protocols: list[Protocol]) -> str:
    """Return the path, stage by stage, with the protocols side by side."""
    names = ", ".join(f"`{protocol.name}`" for protocol in protocols)
    lines = [
        "# The path",
        "",
        f"Made from the code and the protocols {names} by `scripts/reference_pages.py`; do not edit. It shows every",
        "kind of thing the system can owe a woman or her provider, what opens and closes it, who owns it and by when.",
        "Clocks run from the moment a thing is owed unless they name another. A rule id cites what asks for it; *site",
        "default* is the programme's own choice; *memory … (unverified)* is still to be checked and never law; **by",
        "law** is marked where a law sets the limit. What a setting rests on stands beside it in the protocol's file.",
        "",
        *(f"- [Picture of `{p.name}`](pathway-{p.name}.svg)" for p in protocols),
        "",
        "[![The path under the us protocol; the tables below say the same in words](pathway-us.svg)](pathway-us.svg)",
        "",
        "Draw your own protocol: `closerlook pathway draw --protocol mine.toml mine.svg`.",
        "",
        "## The settings",
        "",
        f"| setting | {' | '.join(p.name for p in protocols)} |",
        f"|---|{'---|' * len(protocols)}",
        *(
            f"| [{group}] {key} | {' | '.join(setting(getattr(p, field)) for p in protocols)} |"
            for group, keys in GROUPS.items()
            for key, (field, _) in keys.items()
        ),
        "",
        "How she is reached after the first call:",
        "",
        *(f"- `{p.name}`: {'; '.join(rung_in_words(p, n) for n in range(len(p.ladder)))}" for p in protocols),
    ]
    for stage, kinds in PLACES.items():
        lines += ["", f"## {stage}"]
        for kind in kinds:
            lines += milestone(kind) if kind in MILESTONES else section(kind, protocols)
    return "\n".join([*lines, "", *unverified(protocols), ""])


def setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Clock):
        return in_words(value)
    return ", ".join(str(one).replace("_", " ") for one in (value if isinstance(value, tuple) else (value,)))


def rung_in_words(protocol: Protocol, n: int) -> str:
    rung = protocol.ladder[n]
    when = f"after {in_words(rung.after)}" if rung.after is not None else "after the attempt before it"
    only = f", only for {' and '.join(rung.only)}".replace("_", "-") if rung.only else ""
    return f"{rung.name.replace('_', ' ')} ({when}{only})"


def leads_to(name: str) -> list[str]:
    """Return what may be owed next, in words."""
    targets = dict.fromkeys(target for source, _, found in LEADS if source == name for target in found)
    return [words(target) for target in targets]


def milestone(name: str) -> list[str]:
    return ["", f"### {MILESTONES[name]}", "", f"Nothing is owed here. Leads to: {'; '.join(leads_to(name))}."]


def section(kind: str, protocols: list[Protocol]) -> list[str]:
    """Return one kind: its words, then its rows, the protocols side by side."""
    news = " It opens on news rather than on the step before." if kind in FROM_OUTSIDE else ""
    then = f"- Leads to: {'; '.join(leads_to(kind))}." if leads_to(kind) else "- Leads to nothing further by itself."
    columns = [[cell(found) for found in p.rows if found.kind == kind] for p in protocols]
    return [
        "",
        f"### {KINDS[kind]} (`{kind}`)",
        "",
        f"- Opens: {OPENED_BY[kind]}{news}",
        f"- Closes: {CLOSED_BY[kind]}",
        f"- Steps: {', '.join(step.__name__ for step in STEPS_FOR[kind])}.",
        then,
        "",
        f"| {' | '.join(p.name for p in protocols)} |",
        f"|{'---|' * len(protocols)}",
        *(f"| {' | '.join(cells)} |" for cells in zip_longest(*columns, fillvalue="")),
    ]


def cell(found: Row) -> str:
    when = f"*{found.variant.replace('_', ' ')}:* " if found.variant else ""
    shown = f"shown {in_words(found.visible)}, " if found.visible is not None else ""
    rule = rule_in_words(found).replace("by law", "**by law**")
    clocks = f"{shown}due {in_words(found.due)}, late {late_in_words(found)}"
    return f"{when}{owner_in_words(found.owner)}; {clocks}; {rule}"


def unverified(protocols: list[Protocol]) -> list[str]:
    """Return the rows that are from memory, so that someone can check them."""
    found = [
        f"- `{p.name}`, {one.kind}{f' ({one.variant})' if one.variant else ''}: {late_in_words(one)}; {one.rule}"
        for p in protocols
        for one in p.rows
        if one.source == "memory"
    ]
    return ["## From memory, still to be checked", "", *(found or ["Nothing."])]


def courses() -> str:
    """Return every course as its executed case history tells it."""
    lines = [
        "# Courses",
        "",
        "Made from `tests/courses` by `scripts/reference_pages.py`; do not edit. Each history is a test: told in the",
        "field's words here, executed step by step there, with what is owed to whom at every turn.",
    ]
    for file in sorted(COURSES.glob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        lines += ["", f"## {(ast.get_docstring(tree) or file.stem).splitlines()[0]}"]
        for node in tree.body:
            told = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and told:
                title = node.name.removeprefix("test_").replace("_", " ")
                where = f"../../tests/courses/{file.name}#L{node.lineno}"
                lines += ["", f"**[{title[:1].upper()}{title[1:]}]({where}).** {' '.join(told.split())}"]
    return "\n".join([*lines, ""])


FIGURES = "## The figures\n"
"""The heading below which docs/reference/capacity.md is made from the code."""


def capacity() -> str:
    """Return the page on capacity: its prose as it stands, and the figures that the units start from."""
    page = DOCS / "capacity.md"
    prose = page.read_text(encoding="utf-8").partition(FIGURES)[0] if page.exists() else ""
    units = [defaults(country) for country in COUNTRIES]
    lines = [
        "Made from `capacity/data/*.toml` by `scripts/reference_pages.py`; change it there. A figure without a source",
        "is an assumption of this software.",
        "",
        f"| name | in words | from, to | {' | '.join(COUNTRIES)} | source |",
        f"|---|---|---|{'---|' * len(units)}---|",
    ]
    rows = figures()
    for name, field in FIELDS.items():
        values = [said(field, getattr(unit.assumptions, name)) for unit in units]
        origins = [(country, unit.origins[name]) for country, unit in zip(COUNTRIES, units, strict=True)]
        sources = [f"{country}: [{o.row}]({rows[o.row].url})" if o.row else "" for country, o in origins]
        notes = [f"{country}: {origin.note}" for country, origin in origins if origin.note]
        cells = (f"`{name}`", field.words, f"{field.low:g}, {field.high:g}", *values)
        lines.append(f"| {' | '.join((*cells, '; '.join(filter(None, [*sources, *notes]))))} |")
    return f"{prose}{FIGURES}\n" + "\n".join([*lines, ""])


SHOWS = {"nobody": "nobody's", "list": "a list of its site", "patient": "one patient", "message": "one message"}


def who_may() -> str:
    """Return every address of the desk with who comes in there."""
    if not django_apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "closerlook.settings")
        os.environ.setdefault("CLOSERLOOK_SECRET_KEY", "only while a page is written; it opens nothing anywhere")
        os.environ.setdefault("CLOSERLOOK_DATA_DIR", tempfile.mkdtemp())
        django.setup()
    from closerlook.desk.access import ROUTES
    from closerlook.desk.urls import urlpatterns

    views = {str(pattern.name): pattern for pattern in urlpatterns}
    lines = [
        "# Who may see what at the desk",
        "",
        "Made from the code by `scripts/reference_pages.py`; do not edit. Every address of the desk stands here; a",
        "test finds the one that is missing, and tries each as every role, as a colleague of another site and as a",
        "stranger.",
        "What a role may *record* is the pathway's: [who may take which step](loops.md#who-may-take-which-step).",
        "",
        "| address | what it is | whose data | who comes in |",
        "|---|---|---|---|",
    ]
    for name, found in ROUTES.items():
        pattern = views[name]
        said = (pattern.callback.__doc__ or "").strip().splitlines()[0]
        who = ", ".join(sorted(role.replace("_", " ") for role in found.who))
        lines.append(f"| /{str(pattern.pattern).replace('<str:', '<').replace('<int:', '<')} | {said} "
                     f"| {SHOWS[found.shows]} | {who} |")  # fmt: skip
    return "\n".join([*lines, ""])


def pages() -> dict[Path, str]:
    """Return every page and picture with what it has to say."""
    protocols = [load(name, zone=zone, kinds=frozenset(KINDS)) for name, zone in ZONES.items()]
    return {
        DOCS / "loops.md": loops(protocols[0]),
        DOCS / "pathway.md": pathway(protocols),
        DOCS / "courses.md": courses(),
        DOCS / "capacity.md": capacity(),
        DOCS / "who-may.md": who_may(),
        **{DOCS / f"pathway-{protocol.name}.svg": draw(protocol) for protocol in protocols},
    }


def main() -> int:
    wrong = {
        page: text for page, text in pages().items() if not page.exists() or page.read_text(encoding="utf-8") != text
    }
    if "--check" in sys.argv:
        for page in wrong:
            print(f"{page.name} is not what the code says", file=sys.stderr)
        return int(bool(wrong))
    for page, text in wrong.items():
        page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
