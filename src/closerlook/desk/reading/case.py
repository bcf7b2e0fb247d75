"""What stands on the page of one case: who she is, her history on one line, what was seen before, what holds it up."""

from typing import Any

from django.utils import timezone
from msgspec import Struct

from closerlook.desk import chronicle, offers, words
from closerlook.desk.fields import Target
from closerlook.desk.here import Here
from closerlook.desk.reading import viewer
from closerlook.desk.reading.forms import open_symptoms
from closerlook.evidence.due import age_on
from closerlook.look.drawing import Mark
from closerlook.pathway import steps as st
from closerlook.pathway.events import Opinion
from closerlook.pathway.regions import Episode, Exam, Symptom
from closerlook.pathway.regions import Patient as State
from closerlook.pathway.results import advice
from closerlook.pathway.terms import Laterality, Tissue
from closerlook.people.models import Patient
from closerlook.record import door

UNKNOWN_SIDES = "side not stated"


class Earlier(Struct, frozen=True):
    """What was seen of her before."""

    on: str
    what: str
    said: str


def page_of(row: Patient, history: door.History, target: Target, here: Here) -> dict[str, Any]:
    """Return what the page of a case shows beside its form. Raises TypeError where there is no such examination."""
    state, episode, exam = history.patient, target.episode, target.exam
    if episode is None or exam is None:
        raise TypeError("a case is an examination")
    hidden = chronicle.blinded(state, here.actor)
    apart = exam.id in hidden
    differ = (episode.id, "arbitrate", exam.id) in state.owed and not apart
    return {
        "patient": row,
        "exam": exam,
        "what": words.EXAMINATIONS[exam.kind],
        "facts": facts(row, state, episode, exam),
        "risks": risks(state),
        "numbers": ", ".join(i.value for i in row.identifiers.all()),
        "accession": (exam.accession or "").rpartition("|")[2],
        "earlier": earlier(state, exam, hidden),
        "priors": priors(episode),
        "held": held(exam, target.staff),
        "incomplete": chronicle.missing(exam),
        "not_done": ", ".join(chronicle.planned_and_not_done(episode)) if exam.is_workup else "",
        "symptoms": [symptom_line(s, row.id) for s in open_symptoms(state)],
        "viewer": viewer.link(exam),
        "no_viewer": viewer.why_none(exam),
        "apart": apart and bool(exam.reading.opinions),
        "apart_computer": apart and not exam.reading.opinions,
        "differ": compared(exam, target.staff) if differ else [],
        "evidence": [] if differ else chronicle.reports(exam, target.record, hidden, target.staff),
    }


def facts(row: Patient, state: State, episode: Episode, exam: Exam) -> list[str]:
    """Return her facts for one line: age, why the round, which breasts, what is known of her body, what she asked."""
    age = age_on(row.birth_date, timezone.localdate(exam.performed_at))
    sides = " and ".join(exam.sides) or UNKNOWN_SIDES
    breasts = "both breasts" if set(exam.sides) == set(Laterality) else f"{sides} breast" if exam.sides else sides
    said = [f"{age} at the examination", f"{words.plain(episode.reason)} round", breasts]
    if exam.history:
        said.append("before the start of live work")
    anatomy = [line.rstrip(".") for line in words.anatomy(state.anatomy)]
    return [*said, *anatomy]


def risks(state: State) -> list[str]:
    """Return what is recorded that raises her risk. Her family's history is her own notebook's, and not known here."""
    found = [f"Cancer found outside screening, {words.day(c.found_on)}" for c in state.cancers.values()]
    if state.treating:
        found.append("Treated for breast cancer")
    for e in state.episodes.values():
        for s in e.specimens.values():
            if s.tissue in (Tissue.HIGH_RISK, Tissue.MALIGNANT):
                lesion = f", {s.lesion}" if s.lesion else ""
                found.append(f"Tissue {words.day(s.taken_at)}: {words.TISSUES[s.tissue]}{lesion}")
    return found


def earlier(state: State, exam: Exam, hidden: frozenset[str]) -> list[Earlier]:
    """Return her other examinations with what was said of them, and her tissue, the latest first."""
    found = []
    for episode in state.episodes.values():
        for x in episode.exams.values():
            if x.id == exam.id or x.not_hers:
                continue
            report = x.reading.report
            said = words.assessed(report.sides) if report and x.id not in hidden else "no signed report"
            if report and report.findings:
                said += "; " + ", ".join(words.finding(f) for f in report.findings)
            found.append((x.performed_at, words.EXAMINATIONS[x.kind], said))
        for s in episode.specimens.values():
            found.append((s.taken_at, words.specimen(s, episode).partition(", taken")[0], words.shown(s)))
    return [Earlier(words.day(at), what, said) for at, what, said in sorted(found, key=lambda f: f[0], reverse=True)]


def priors(episode: Episode) -> str:
    """Return where her earlier pictures are, "" where nobody has heard of any."""
    known = episode.priors
    if known.received:
        return f"Earlier pictures are here: {known.requested or known.known or 'source not stated'}."
    if known.unavailable:
        return "Earlier pictures cannot be had."
    if known.requested:
        return f"Earlier pictures were asked for and are not here yet: {known.requested}."
    return f"Earlier pictures exist and were not asked for yet: {known.known}." if known.known else ""


def held(exam: Exam, names: dict[str, str]) -> str:
    """Return why a reading is held and who looks again, "" where it is not."""
    why = exam.reading.held
    return f"{why.reason}; {names.get(why.release_by, why.release_by)} looks again." if why else ""


def symptom_line(symptom: Symptom, patient_id: str) -> tuple[str, str]:
    """Return (what she told of, where to answer it): ticking it as seen answers nothing."""
    side = f", {symptom.side}" if symptom.side else ""
    return f"{symptom.what}{side}", offers.link(st.AnswerSymptom, patient_id, symptom.id)


# ---------------------------------------------------------------- what others said


class Compared(Struct, frozen=True):
    """One question to which two readers gave an answer each."""

    about: str
    answers: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.answers)) > 1


def compared(exam: Exam, names: dict[str, str]) -> list[Compared]:
    """Return two readings side by side: each breast, what was seen in it, density, what is advised."""
    opinions = exam.reading.opinions
    rows = [Compared("Reader", tuple(names.get(o.reader, o.reader).partition(",")[0] for o in opinions))]
    for side in Laterality:
        if not exam.sides or side in exam.sides:
            rows.append(Compared(f"{side.capitalize()} breast", tuple(_assessed(o, side) for o in opinions)))
            rows.append(Compared(f"Seen, {side}", tuple(_found(o, side) for o in opinions)))
    rows.append(Compared("Density", tuple(o.reading.density or "not stated" for o in opinions)))
    rows.append(Compared("Advised", tuple(_advised(o) for o in opinions)))
    return rows


def _assessed(opinion: Opinion, side: Laterality) -> str:
    found = tuple(s for s in opinion.reading.sides if s.side is side)
    return words.assessed(found).removeprefix(f"{side} ") if found else "not stated"


def _found(opinion: Opinion, side: Laterality) -> str:
    return "; ".join(words.finding(f) for f in opinion.reading.findings if f.side is side) or "nothing named"


def _advised(opinion: Opinion) -> str:
    asked = opinion.reading.recommendation or advice(opinion.reading)
    return words.ADVISED[asked] if asked else "not stated"


def known_marks(target: Target) -> list[Mark]:
    """Return where the findings of the round lie."""
    found = target.episode.findings.values() if target.episode else ()
    return [Mark(side=f.side, clock=chronicle.clock_of(f.place), note=words.marked(f)) for f in found if f.side]


def has_read(target: Target) -> bool:
    """Whether this reader gave one of two readings."""
    return target.exam is not None and target.me in {o.reader for o in target.exam.reading.opinions}
