"""What a referring provider sees: own patients, where each stands, and the papers that were meant for the provider."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from msgspec import Struct

from closerlook.desk import chronicle, looks, words
from closerlook.desk.here import Here, frame, names_of_staff, patient_row, staff_only
from closerlook.desk.tables import AT_MOST, Column, file_of, table, wants_file
from closerlook.pathway.loops import KINDS
from closerlook.pathway.stages import place
from closerlook.people.models import Patient
from closerlook.record import door
from closerlook.record.models import Head


class Mine(Struct, frozen=True):
    """One of a provider's patients."""

    id: str
    name: str
    born: date
    stands: str
    next_due: date | None


COLUMNS = (
    Column("name", "Patient", lambda one: one.name),
    Column("born", "Born", lambda one: one.born),
    Column("stands", "Where she stands", lambda one: one.stands),
    Column("next_due", "Next screening due", lambda one: one.next_due),
)


@staff_only
def patients(request: HttpRequest, here: Here) -> HttpResponse:
    """The provider's own patients: those with something open in front."""
    rows = list(Patient.objects.filter(provider=here.staff.provider_id)[:AT_MOST]) if here.staff.provider_id else []
    heads = {head.stream: head for head in Head.objects.filter(kind="patient", stream__in=[row.id for row in rows])}
    mine = [_mine(row, heads.get(row.id)) for row in rows]
    mine.sort(key=lambda one: (not one.stands.startswith("open"), one.name))
    if wants_file(request):
        looks.listed(here.staff, here.now, "patients, file", [one.id for one in mine])
        return file_of(request, "own-patients", COLUMNS, mine)
    shown = table(request, COLUMNS, mine)
    looks.listed(here.staff, here.now, "patients", [one.id for one in shown.rows])
    context = {"table": shown, "known": here.staff.provider is not None}
    return render(request, "desk/patients.html", frame(here, "patients") | context)


def _mine(row: Patient, head: Head | None) -> Mine:
    return Mine(row.id, row.name, row.birth_date, head.place if head else "not known yet",
                head.next_due_on if head else None)  # fmt: skip


@staff_only
def of_mine(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """One of the provider's patients: where she stands, what was found and said, and what she knows."""
    row = patient_row(patient_id)
    history = door.look(patient_id)
    state = history.patient
    hidden = chronicle.blinded(state, here.actor)
    names = names_of_staff()
    rounds = [
        chronicle.round_of(episode, history, hidden, names) for episode in reversed(list(state.episodes.values()))
    ]
    owed = [
        (KINDS[loop.kind], words.owner(loop.owner), loop.due_at)
        for loop in sorted(history.loops, key=lambda loop: loop.due_at)
        if loop.owner != "system" and loop.visible_from <= here.now
    ]
    context = {"patient": row, "place": words.plain(place(state)), "state": state, "rounds": rounds, "owed": owed}
    return render(request, "desk/of_mine.html", frame(here, "patients") | context)
