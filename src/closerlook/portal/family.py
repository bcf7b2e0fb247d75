"""Her family as she tells it: who had a cancer of the breast or the ovary, drawn as a simple tree.

You are here to change which relatives can be named or how the tree looks. No names are kept: "your mother's sister" is
enough for a risk clinic to begin with. The drawing is 640 wide; its words stand in a list beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Cancer(StrEnum):
    BREAST = "breast"
    OVARY = "ovary"
    BOTH = "both"
    NONE = "none"
    UNKNOWN = "unknown"


class Relation(StrEnum):
    """Whom she may name. The row of the tree they stand in is in `ROW`."""

    MOTHERS_MOTHER = "mothers_mother"
    FATHERS_MOTHER = "fathers_mother"
    MOTHER = "mother"
    FATHER = "father"
    MOTHERS_SISTER = "mothers_sister"
    FATHERS_SISTER = "fathers_sister"
    SISTER = "sister"
    BROTHER = "brother"
    DAUGHTER = "daughter"
    SON = "son"
    OTHER = "other"


RELATIONS: dict[Relation, str | Promise] = {
    Relation.MOTHERS_MOTHER: _("your mother’s mother"),
    Relation.FATHERS_MOTHER: _("your father’s mother"),
    Relation.MOTHER: _("your mother"),
    Relation.FATHER: _("your father"),
    Relation.MOTHERS_SISTER: _("a sister of your mother"),
    Relation.FATHERS_SISTER: _("a sister of your father"),
    Relation.SISTER: _("your sister"),
    Relation.BROTHER: _("your brother"),
    Relation.DAUGHTER: _("your daughter"),
    Relation.SON: _("your son"),
    Relation.OTHER: _("someone else of your family"),
}
CANCERS: dict[Cancer, str | Promise] = {
    Cancer.BREAST: _("breast cancer"),
    Cancer.OVARY: _("cancer of the ovary"),
    Cancer.BOTH: _("breast cancer and cancer of the ovary"),
    Cancer.NONE: _("neither, as far as you know"),
    Cancer.UNKNOWN: _("you do not know"),
}
ROW: dict[Relation, int] = {
    Relation.MOTHERS_MOTHER: 0,
    Relation.FATHERS_MOTHER: 0,
    Relation.MOTHERS_SISTER: 1,
    Relation.MOTHER: 1,
    Relation.FATHER: 1,
    Relation.FATHERS_SISTER: 1,
    Relation.SISTER: 2,
    Relation.BROTHER: 2,
    Relation.OTHER: 2,
    Relation.DAUGHTER: 3,
    Relation.SON: 3,
}
_ORDER = list(RELATIONS)
_MEN = frozenset({Relation.FATHER, Relation.BROTHER, Relation.SON})
WIDTH, STEP = 640, 92


@dataclass(frozen=True)
class Member:
    """One figure of the tree: where it stands, how it is drawn, and its words."""

    x: float
    y: float
    man: bool
    marked: bool
    herself: bool
    label: str
    words: str


@dataclass(frozen=True)
class Tree:
    """The drawing: its height, its figures, and the line between each two rows that are there."""

    height: int
    members: tuple[Member, ...]
    lines: tuple[tuple[float, float], ...]


def said(relation: Relation, cancer: Cancer, age: int | None) -> str:
    """Return one relative in a sentence: "your mother: breast cancer, found at 52"."""
    who, what = str(RELATIONS[relation]), str(CANCERS[cancer])
    if age is None or cancer in (Cancer.NONE, Cancer.UNKNOWN):
        return gettext("%(who)s: %(what)s") % {"who": who, "what": what}
    return gettext("%(who)s: %(what)s, found at %(age)d") % {"who": who, "what": what, "age": age}


def tree(relatives: Iterable[tuple[Relation, Cancer, int | None]]) -> Tree | None:
    """Return the drawing of a family, row by row with her in the third; None where nobody was named."""
    rows: dict[int, list[tuple[Relation | None, Cancer, int | None]]] = {2: [(None, Cancer.UNKNOWN, None)]}
    for relation, cancer, age in sorted(relatives, key=lambda r: _ORDER.index(r[0])):
        rows.setdefault(ROW[relation], []).append((relation, cancer, age))
    if sum(len(row) for row in rows.values()) == 1:
        return None
    members: list[Member] = []
    for level, number in enumerate(sorted(rows)):
        row = rows[number]
        members += [
            _member(one, WIDTH * (place + 1) / (len(row) + 1), 34 + level * STEP) for place, one in enumerate(row)
        ]
    lines = tuple((56.0 + level * STEP, 12.0 + (level + 1) * STEP) for level in range(len(rows) - 1))
    return Tree(len(rows) * STEP + 10, tuple(members), lines)


def _member(one: tuple[Relation | None, Cancer, int | None], x: float, y: float) -> Member:
    relation, cancer, age = one
    if relation is None:
        return Member(x, y, man=False, marked=False, herself=True, label=gettext("you"), words="")
    marked = cancer in (Cancer.BREAST, Cancer.OVARY, Cancer.BOTH)
    label = str(age) if marked and age is not None else ""
    return Member(
        round(x, 1),
        y,
        man=relation in _MEN,
        marked=marked,
        herself=False,
        label=label,
        words=said(relation, cancer, age),
    )
