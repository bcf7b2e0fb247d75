"""What the people of a simulated unit share: whose round and examination it is, what is owed, and some waits."""

import math
from datetime import datetime, timedelta

from closerlook.pathway.loops import Loop
from closerlook.pathway.regions import Episode, Exam
from closerlook.pathway.terms import Assessment as A
from closerlook.simulate.engine import Case, Engine

Again = datetime | None
AN_HOUR = timedelta(hours=1)
LOOK_LATER = timedelta(days=2)
POSTED = "posted, first class"
CALM = (A.NEGATIVE, A.BENIGN)


def round_of(e: Engine, case: Case, loop: Loop) -> Episode:
    assert loop.episode is not None  # noqa: S101  the caller's kinds belong to a round
    return e.look(case).episodes[loop.episode]


def exam_of(e: Engine, case: Case, loop: Loop) -> Exam:
    found = e.look(case).exam(loop.subject.partition(":")[0])
    assert found is not None  # noqa: S101  its loop is open
    return found[1]


def is_owed(e: Engine, case: Case, kind: str, episode: str) -> bool:
    return any(key[0] == episode and key[1] == kind for key in e.look(case).owed)


def days_until(case: Case, median: float, spread: float) -> float:
    return median * math.exp(spread * case.dice.gauss(0, 1))


def number_of(exam: Exam) -> str:
    return (exam.accession or "").rpartition("|")[2]
