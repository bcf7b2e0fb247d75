"""What a reader signed last: named on the next case, with a way back to it."""

from datetime import timedelta

from msgspec import Struct

from closerlook.desk import words
from closerlook.desk.here import Here
from closerlook.desk.reading import handing
from closerlook.desk.reading.models import Ending, HandOut
from closerlook.pathway.events import AssessmentConfirmed, Reading, WorkupAssessed
from closerlook.pathway.regions import Exam
from closerlook.pathway.terms import Assessment, Laterality
from closerlook.record import door

LATELY = timedelta(hours=8)
SHOWN_OF_ACCESSION = 3


class Last(Struct, frozen=True):
    """What was signed last, without a name: its words, and where it is opened again."""

    said: str
    stream: str
    exam: str


def line(here: Here, mine: HandOut | None) -> Last | None:
    """Return what this reader signed last, None where that is long ago or the very case in their hands."""
    signed = handing.last_signed(here.actor.id, here.now - LATELY)
    if signed is None or (mine is not None and (signed.stream, signed.exam) == (mine.stream, mine.exam)):
        return None
    history = door.look(signed.stream)
    found = history.patient.exam(signed.exam)
    if found is None:
        return None
    exam = found[1]
    parts = [words.EXAMINATIONS[exam.kind].lower(), words.day(exam.performed_at)]
    number = (exam.accession or "").rpartition("|")[2]
    said = f"{_said(signed, history, exam)}, {parts[0]} {parts[1]}"
    if number:
        said += f", accession ending {number[-SHOWN_OF_ACCESSION:]}"
    return Last(said, signed.stream, signed.exam)


def signed_here(here: Here, stream: str, exam: str) -> HandOut | None:
    """Return what this reader signed of a case lately and did not take back."""
    mine = HandOut.objects.filter(reader=here.actor.id, stream=stream, exam=exam, ending=Ending.SIGNED)
    return mine.filter(ended_at__gte=here.now - LATELY).order_by("-ended_at").first()


def _said(signed: HandOut, history: door.History, exam: Exam) -> str:
    seqs = {int(seq) for seq in signed.seqs.split()}
    facts = [r.event for r in history.records if r.seq in seqs]
    reading = next((found for fact in facts if isinstance(found := getattr(fact, "reading", None), Reading)), None)
    if reading is not None:
        return calm(reading, exam) or words.assessed(reading.sides)
    confirmed = next((fact for fact in facts if isinstance(fact, AssessmentConfirmed)), None)
    if confirmed is not None:
        return words.assessed(confirmed.sides)
    answered = next((fact for fact in facts if isinstance(fact, WorkupAssessed)), None)
    if answered is not None:
        return ", ".join(words.ASSESSMENTS[a.assessment] for a in answered.answers) or "work-up answered"
    return "call-back planned" if facts else "nothing new"


def calm(reading: Reading, exam: Exam) -> str:
    """Return "normal, both breasts" where one word says it all, else ""."""
    said = {Assessment.NEGATIVE: "normal", Assessment.BENIGN: "benign"}
    only = {s.assessment for s in reading.sides}
    word = said.get(next(iter(only))) if len(only) == 1 and None not in only else None  # type: ignore[arg-type]
    if word is None:
        return ""
    sides = {s.side for s in reading.sides} - {None}
    return f"{word}, {'both breasts' if sides == set(Laterality) else ' and '.join(map(str, sides or exam.sides))}"
