"""Which results stand behind a code and a choice, and which she may read with her link and date of birth alone.

You are here because a result was shown too soon, or too late. Behind the code is all that follows the first asking
back: results of work-up examinations and whatever is more than "normal", "more pictures" or "older pictures". Each asks
"open it now, or hear it from a person", a harmless one too: a question put for bad news alone would tell the news.
"""

from datetime import date

from closerlook.letters import results
from closerlook.letters.sentences import SAMPLES, Means
from closerlook.pathway.regions import Episode, Exam, Patient
from closerlook.pathway.terms import SUSPECT, Recommendation

_PLAIN = frozenset({Means.NORMAL, Means.HARMLESS, Means.MORE_PICTURES, Means.OLDER_PICTURES})
_GRAVE = frozenset({Recommendation.BIOPSY, Recommendation.SURGICAL_CONSULT})


def needs_code(exam: Exam, episode: Episode) -> bool:
    """Whether this result is shown only after a one-time code."""
    if exam.result is None:
        return False
    told = {what for what, _which in results.said(exam, episode)}
    return exam.is_workup or not told <= _PLAIN or exam.result.recommendation in _GRAVE


def is_open(exam: Exam, episode: Episode, *, coded: bool) -> bool:
    """Whether she may read this result now: it needs no code, or she gave one and was told or chose to open it."""
    if speak_first(exam, episode):
        return False
    return not needs_code(exam, episode) or (coded and (exam.telling.told or exam.telling.seen))


def speak_first(exam: Exam, episode: Episode) -> bool:
    """Whether a radiologist's answer to a finding is graver than the report of these pictures.

    What she was told or opened was the report, so nothing says that she knows: a person speaks with her first.
    """
    result = exam.result
    if result is None:
        return False
    stated = result.assessments | {f.assessment for f in result.findings}
    return any(what in SAMPLES for what, _which in results.said(exam, episode)) and not stated & SUSPECT


def is_wished_first(exam: Exam, patient: Patient, today: date) -> bool:
    """Whether she asked that a person tells her this result before her page shows it, and nobody has yet."""
    until = patient.wishes.tell_first_until
    gist = exam.reading.gist
    return until is not None and today <= until and gist is not None and gist.in_person and not exam.telling.told
