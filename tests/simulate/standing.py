"""Where every woman stands, in words that two databases share: by her record number, without ids of their own."""

import re
from typing import Any

from django.apps import apps
from django.db.models import CharField, Max
from django.db.models.functions import Length

from closerlook.exchange.ledger import ledger
from closerlook.pathway.loops import Loop
from closerlook.pathway.regions import Episode, Exam, Patient
from closerlook.people.models import Identifier
from closerlook.record import door
from closerlook.simulate.feeds import AUTHORITY
from tests.stores import NOW

Hers = dict[str, Any]
ID = re.compile(r"e\d+(?:\.[a-z]\d+)*|p[0-9a-z]{14,}")


def places() -> dict[str, int]:
    """Return the ledger's places and counts; they have to add up."""
    found = ledger(NOW)
    assert found.mismatches == ()
    assert sum(found.places.values()) == found.patients
    return found.places


def everyone(*, moments: bool = True) -> dict[str, Hers]:
    """Return how each woman stands, by record number. `moments`: with when what is owed is due and late."""
    numbers = Identifier.objects.filter(authority=AUTHORITY).values_list("value", "patient_id")
    return {value: _hers(door.look(stream), moments=moments) for value, stream in numbers}


def _hers(history: door.History, *, moments: bool) -> Hers:
    patient = history.patient
    names = _names(patient)
    rounds = sorted((_round(e, names) for e in patient.episodes.values()), key=repr)
    return {
        "place": door.where(patient),
        "rounds": rounds,
        "owed": sorted(_owed(loop, names, moments=moments) for loop in history.loops),
        "died": patient.died_on,
        "next": patient.next_due.due_on if patient.next_due and moments else None,
    }


def _names(patient: Patient) -> dict[str, str]:
    """Return names for rounds, examinations and findings that do not depend on the number of a fact."""
    names = {patient.id: "hers"}
    for episode in patient.episodes.values():
        first = min((x.accession or "" for x in episode.exams.values()), default="none")
        names[episode.id] = f"round of {first}"
        names |= {x.id: x.accession or str(x.performed_at) for x in episode.exams.values()}
        for f in episode.findings.values():
            names[f.id] = f"{names.get(f.exam, '')}:{f.side}:{f.kind}"
        for t in episode.specimens.values():
            names[t.id] = f"tissue of {names[t.finding]} {t.taken_at}"
    return names


def _owed(loop: Loop, names: dict[str, str], *, moments: bool) -> tuple[str, ...]:
    subject = ID.sub(lambda found: names.get(found[0], found[0]), loop.subject)
    when = (str(loop.due_at), str(loop.late_at)) if moments else ()
    return (loop.kind, subject, str(loop.owner), *when)


def _round(episode: Episode, names: dict[str, str]) -> tuple[Any, ...]:
    exams = sorted((_exam(x) for x in episode.exams.values()), key=repr)
    findings = sorted((names[f.id], f.status, f.assessment, f.plan or "") for f in episode.findings.values())
    settled = episode.settled.outcome if episode.settled else None
    return (episode.reason, exams, findings, settled, episode.paused.reason if episode.paused else None)


def _exam(exam: Exam) -> tuple[Any, ...]:
    result = exam.result
    said = tuple(sorted((str(s.side), str(s.assessment), str(s.suspicion)) for s in result.sides)) if result else ()
    sides = tuple(sorted(exam.sides))
    return (exam.accession, exam.kind, exam.performed_at, sides, exam.history, said, result and result.density)


def clean() -> None:
    """Raise AssertionError unless the log proves itself, and every text would fit its column on PostgreSQL."""
    from closerlook.record import verify

    assert [f"{f.stream}: {f.what}" for f in verify.verify()] == []
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, CharField) and field.max_length:
                longest = model._default_manager.aggregate(n=Max(Length(field.name)))["n"] or 0
                assert longest <= field.max_length, f"{model.__name__}.{field.name} holds {longest} letters"
