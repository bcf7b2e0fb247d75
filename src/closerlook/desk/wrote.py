"""What a patient wrote in her notebook, in the desk's words: shown to the unit only while she shares it."""

from closerlook.people.models import Patient
from closerlook.portal import notebook
from closerlook.portal.family import Cancer, Relation
from closerlook.portal.models import Relative

PARTS: dict[str, str] = {
    "question": "Questions",
    "worry": "What worries her",
    "medicine": "Medicines",
    "body": "Implants, operations, and what else to know",
    "after": "Her notes after a visit",
}
RELATIONS: dict[Relation, str] = {
    Relation.MOTHERS_MOTHER: "mother's mother",
    Relation.FATHERS_MOTHER: "father's mother",
    Relation.MOTHER: "mother",
    Relation.FATHER: "father",
    Relation.MOTHERS_SISTER: "mother's sister",
    Relation.FATHERS_SISTER: "father's sister",
    Relation.SISTER: "sister",
    Relation.BROTHER: "brother",
    Relation.DAUGHTER: "daughter",
    Relation.SON: "son",
    Relation.OTHER: "other relative",
}
CANCERS: dict[Cancer, str] = {
    Cancer.BREAST: "breast cancer",
    Cancer.OVARY: "ovarian cancer",
    Cancer.BOTH: "breast and ovarian cancer",
    Cancer.NONE: "neither known",
    Cancer.UNKNOWN: "not known",
}


def written(row: Patient) -> list[tuple[str, list[str]]]:
    """Return what she wrote for the unit, part by part; nothing where she does not share it."""
    if notebook.shared_since(row) is None:
        return []
    found = [(PARTS[kind], [note.words for note in notes]) for kind, notes in notebook.notes_of(row)]
    found.append(("Her family, as she tells it", [_relative(r) for r in notebook.family_of(row)]))
    return [(title, words) for title, words in found if words]


def _relative(row: Relative) -> str:
    had = row.cancer in (Cancer.BREAST, Cancer.OVARY, Cancer.BOTH)
    at = f", found at {row.age}" if had and row.age is not None else ""
    return f"{RELATIONS[Relation(row.relation)]}: {CANCERS[Cancer(row.cancer)]}{at}"
