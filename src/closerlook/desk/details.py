"""A patient's own details: how she is reached and in which language, what stood there before, and who may be her twin.

Identity is not in the log: a change is a row of its own, with who made it, when, and what stood there before.
"""

import hashlib
from datetime import date
from itertools import islice
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from closerlook.desk import access
from closerlook.desk.access import TALKING
from closerlook.desk.here import Here, frame, names_of_staff, patient_row, staff_only
from closerlook.desk.tables import Column, file_of, table, wants_file
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, EndedFor, Kind, NextDueSet
from closerlook.pathway.patient import in_force
from closerlook.pathway.regions import Patient as State
from closerlook.people import invitations, languages, sites
from closerlook.people.models import DetailsChanged, Patient
from closerlook.portal.digits import digits_of
from closerlook.record import door

LABELS = {
    "given": "Given name", "middle": "Middle name", "family": "Family name", "birth_date": "Birth date",
    "phone": "Phone", "address": "Address", "language": "Language", "safe_contact": "Safe contact",
}  # fmt: skip
OLDEST = 120
LONGEST_NUMBER = 20
"""Digits of a telephone number: 15 by E.164, with what is dialled before it."""
TWINS = 25
"""So many records are looked at for one that may be of the same person; a common name reads no further."""
COLUMNS = (
    Column("when", "When", lambda one: one.changed_at),
    Column("field", "What", lambda one: LABELS.get(one.field, one.field)),
    Column("before", "Stood there before", lambda one: one.before),
    Column("by", "Changed by", lambda one: one.by),
)


class DetailsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who she is and how she is reached."""

    was = forms.CharField(widget=forms.HiddenInput)
    birth_date = forms.DateField(label="Birth date", widget=forms.DateInput(attrs={"type": "date"}))

    class Meta:
        model = Patient
        fields = tuple(LABELS)
        labels = LABELS
        help_texts = {
            "language": "As es, Spanish or spa.",
            "safe_contact": "How she may be reached safely, in a sentence; it stands in red wherever she is rung.",
        }
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def clean_birth_date(self) -> date:
        born_on: date = self.cleaned_data["birth_date"]
        today = timezone.localdate()
        if not today.replace(year=today.year - OLDEST, day=1) <= born_on <= today:
            raise forms.ValidationError("Nobody who lives was born on this day. Look at the year.")
        return born_on

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"].strip()
        if phone and not 7 <= len(digits_of(phone)) <= LONGEST_NUMBER:
            raise forms.ValidationError("Write the whole number, with its area code, or leave it empty.")
        return phone

    def clean_language(self) -> str:
        language: str = self.cleaned_data["language"].strip()
        if language and not languages.tag_of(language):
            raise forms.ValidationError("This language is not known here. Write its name in English, or its code.")
        return language


@staff_only
def page(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """Her details and their history; who speaks with her may put them right."""
    row = patient_row(patient_id)
    may_change = not TALKING.isdisjoint(here.roles)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied("Your role may not change her details. Ask the front desk.")
        form = DetailsForm(request.POST, instance=Patient.objects.get(pk=patient_id))
        if form.is_valid() and _kept(form, row, here):
            flash.success(request, "Her details are kept. What stood there before stays below.")
            return redirect("desk:details", patient_id)
    else:
        form = DetailsForm(instance=row, initial={"was": _standing(row)})
    names = names_of_staff()
    changes = [_named(one, names) for one in DetailsChanged.objects.filter(patient=row).order_by("-pk")]
    if wants_file(request):
        return file_of(request, "details-changed", COLUMNS, changes)
    context = {"patient": row, "form": form, "may_change": may_change, "table": table(request, COLUMNS, changes)}
    return render(request, "desk/details.html", frame(here, "patient") | context)


def _named(one: DetailsChanged, names: dict[str, str]) -> Any:
    one.by = names.get(one.changed_by, one.changed_by)  # type: ignore[attr-defined]
    return one


def _standing(row: Patient) -> str:
    """Return a seal of what stands now, to tell whether somebody was faster."""
    said = "\x1f".join(str(getattr(row, name)) for name in LABELS)
    return hashlib.sha256(said.encode()).hexdigest()


def _kept(form: DetailsForm, row: Patient, here: Here) -> bool:
    """Write what changed, with what stood there before; refuse where somebody changed it meanwhile."""
    with transaction.atomic():
        now = Patient.objects.select_for_update().get(pk=row.pk)
        if form.cleaned_data["was"] != _standing(now):
            form.add_error(None, "Someone has changed her details since you opened this. Leave it and open it again.")
            return False
        changed = [name for name in LABELS if getattr(now, name) != form.cleaned_data[name]]
        for name in changed:
            DetailsChanged.objects.create(
                patient=now, changed_at=here.now, changed_by=here.actor.id, field=name, before=str(getattr(now, name))
            )
            setattr(now, name, form.cleaned_data[name])
        if changed:
            now.save(update_fields=changed)
        if "birth_date" in changed:
            _due_again(now, here)
    return True


def _due_again(row: Patient, here: Here) -> None:
    """Count her next screening again, now that her birth date is another; a day that a person set stays theirs."""
    history = door.look(row.id)
    state, protocol = history.patient, sites.protocol(row.site.slug)
    if state.died_on is not None or state.merged_into is not None:
        return
    if state.invitations_ended is EndedFor.AGE:
        step: st.Step = st.ResumeInvitations()  # and the worker counts again
        actor = here.actor
    elif state.next_due is not None and not state.around.in_care and _by_itself(history):
        step = invitations.next_step(state, row, protocol, protocol.calendar.on(here.now))
        actor = Actor(Kind.WORKER, "worker")
    else:
        return
    key = f"birth-date:{row.birth_date}:{history.state.version}"
    door.take_within(step, stream=row.id, actor=actor, key=key, now=here.now, site=row.site.slug)


def _by_itself(history: door.History) -> bool:
    """Whether the software set the day of her next screening."""
    last = next((r for r in reversed(in_force(history.records)) if isinstance(r.event, NextDueSet)), None)
    return last is not None and last.actor.kind is not Kind.STAFF


def maybe_same(row: Patient, state: State, here: Here) -> list[tuple[Patient, str]]:
    """Return other records that may be of the same person, each with why; five at the most, none of another site's."""
    if state.merged_into is not None:
        return []
    same_name = Q(family__iexact=row.family, given__iexact=row.given)
    which = Q(birth_date=row.birth_date) & (Q(family__iexact=row.family) | Q(given__iexact=row.given))
    if row.phone:
        which |= Q(phone=row.phone) & same_name
    found = Patient.objects.filter(which, site=row.site).exclude(pk__in=[row.pk, *state.absorbed]).order_by("pk")
    theirs = (one for one in found[:TWINS] if access.is_theirs(here.staff, one.pk, here.now))
    return [(one, _why(one, row)) for one in islice(theirs, 5)]


def _why(one: Patient, row: Patient) -> str:
    parts = [
        word
        for word, same in (
            ("birth date", one.birth_date == row.birth_date),
            ("family name", one.family.casefold() == row.family.casefold()),
            ("given name", one.given.casefold() == row.given.casefold()),
            ("phone", bool(row.phone) and one.phone == row.phone),
        )
        if same
    ]
    return f"the same {' and '.join([', '.join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]}"
