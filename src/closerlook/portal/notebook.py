"""Her notebook: questions, worries, family, what to tell the clinic, notes after a visit. Hers until she shares it.

Nobody reads it before that, and the page says so: what cannot wait belongs on the telephone. Sharing it opens a loop,
so that somebody does read it, and the reader's name stands in her log.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from closerlook.pathway import steps as st
from closerlook.pathway.events import Request
from closerlook.people.models import Patient
from closerlook.portal import family, recording, suggestions
from closerlook.portal.acting import note_look, page_of, show, state_of, taken, things_changed
from closerlook.portal.models import Note, NotebookShared, Relative
from closerlook.portal.visitor import Visitor, for_visitors, posted

MOST, LONGEST = 60, 500
A_CLICK = timedelta(seconds=10)
"""Within it the same words again are a second click."""
KINDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "question": (_("Questions you want to ask"), _("Write a question")),
    "worry": (_("What worries you"), _("Write what worries you")),
    "medicine": (_("Medicines you take"), _("Write a medicine, and what it is for")),
    "body": (_("Implants, operations, and what else to know"), _("Write what we should know")),
    "after": (_("Notes from your visit"), _("Write what you were told")),
}
"""The parts of the notebook, in its order: heading, and what the field asks for."""


class NoteForm(forms.Form):
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in KINDS], widget=forms.HiddenInput)
    words = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("Write something first."),
            "max_length": _("Please use fewer words: 500 letters at most. You can add another note."),
        },
    )


class RelativeForm(forms.Form):
    relation = forms.ChoiceField(label=_("Who?"), choices=[(r.value, said) for r, said in family.RELATIONS.items()])
    cancer = forms.ChoiceField(
        label=_("What did they have?"), choices=[(c.value, said) for c, said in family.CANCERS.items()]
    )
    age = forms.IntegerField(
        label=_("How old were they when it was found?"),
        help_text=_("Leave it empty if you do not know."),
        required=False,
        min_value=0,
        max_value=120,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": _("Write the age as a number, such as 52."),
            "min_value": _("Write an age from 0 to 120."),
            "max_value": _("Write an age from 0 to 120."),
        },
    )


def notes_of(patient: Patient) -> list[tuple[str, list[Note]]]:
    """Return what stands in her notebook, part by part in its order, empty parts too."""
    found = Note.objects.filter(patient=patient, removed_at=None).order_by("pk")
    return [(kind, [note for note in found if note.kind == kind]) for kind in KINDS]


def family_of(patient: Patient) -> list[Relative]:
    return list(Relative.objects.filter(patient=patient, removed_at=None).order_by("pk"))


def shared_since(patient: Patient) -> NotebookShared | None:
    """Return the sharing that stands: the unit may read her notebook; None where it may not."""
    return NotebookShared.objects.filter(patient=patient, ended_at=None).order_by("-pk").first()


def drawn(relatives: list[Relative]) -> family.Tree | None:
    return family.tree((family.Relation(r.relation), family.Cancer(r.cancer), r.age) for r in relatives)


def said(relatives: list[Relative]) -> list[tuple[int, str]]:
    """Return each relative's id and sentence."""
    return [(r.pk, family.said(family.Relation(r.relation), family.Cancer(r.cancer), r.age)) for r in relatives]


def _shown(request: HttpRequest, who: Visitor, *, status: int = 200, **forms_: Any) -> HttpResponse:
    relatives = family_of(who.patient)
    state = state_of(who)
    page = page_of(who, state)
    note_look(who, state, "notebook")
    mine = {note.words for _kind, notes in notes_of(who.patient) for note in notes}
    offered = [str(q) for q in suggestions.questions(page.main.state)]
    return show(
        request, who, "portal/notebook.html", status=status,
        parts=[(kind, *KINDS[kind], notes) for kind, notes in notes_of(who.patient)],
        offered=[q for q in offered if q not in mine], relatives=said(relatives), tree=drawn(relatives),
        shared=shared_since(who.patient), recording=recording.words(who.site.address_lines),
        visit=page.main.visit, **{"note_form": None, "relative_form": RelativeForm(), **forms_},
    )  # fmt: skip


@require_safe
@for_visitors
def notebook(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Show her notebook."""
    return _shown(request, who)


@posted
@for_visitors
def add(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Add a note. The same words twice are one note: a double click adds nothing."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _shown(request, who, status=422, note_form=form)
    kind, words = form.cleaned_data["kind"], form.cleaned_data["words"]
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=who.patient.pk)
        mine = Note.objects.filter(patient=who.patient, removed_at=None)
        if mine.count() >= MOST:
            form.add_error("words", _("Your notebook is full. Remove a note before you add one."))
            return _shown(request, who, status=422, note_form=form)
        new = not mine.filter(kind=kind, words=words).exists()
        if new:
            Note.objects.create(patient=who.patient, kind=kind, words=words, written_at=who.now)
    return _added(who, kind, new=new)


@posted
@for_visitors
def add_relative(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Add someone of her family."""
    form = RelativeForm(request.POST)
    if not form.is_valid():
        return _shown(request, who, status=422, relative_form=form)
    said = {name: form.cleaned_data[name] for name in ("relation", "cancer", "age")}
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=who.patient.pk)
        mine = Relative.objects.filter(patient=who.patient, removed_at=None)
        if mine.count() >= MOST:
            form.add_error(None, _("Your notebook is full. Remove a note before you add one."))
            return _shown(request, who, status=422, relative_form=form)
        last = mine.order_by("-pk").first()
        again = last is not None and last.written_at > who.now - A_CLICK and said == {n: getattr(last, n) for n in said}
        if not again:  # two sisters may have had the same; two clicks are one
            Relative.objects.create(patient=who.patient, written_at=who.now, **said)
    return _added(who, "family", new=not again)


@posted
@for_visitors
def remove(_request: HttpRequest, who: Visitor, what: str, number: int) -> HttpResponse:
    """Remove a note or a relative: for good, unless the unit may have read it; then it is kept, marked."""
    model = Note if what == "note" else Relative
    row = model.objects.filter(pk=number, patient=who.patient, removed_at=None).first()
    if row is not None:
        read = NotebookShared.objects.filter(patient=who.patient).exclude(ended_at__lt=row.written_at).exists()
        if read:
            model.objects.filter(pk=row.pk).update(removed_at=who.now)
        else:
            row.delete()
    part = row.kind if isinstance(row, Note) else "family"
    return HttpResponseRedirect(f"{reverse('portal:notebook')}#{part}")


@posted
@for_visitors
def share(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Let the unit read her notebook. That somebody reads it is owed from now on."""
    if shared_since(who.patient) is not None:
        return HttpResponseRedirect(reverse("portal:notebook"))
    if not taken(who, st.AskFor(what=Request.NOTES), "share-notes"):  # first: what is shared is owed a reader already
        return things_changed(request)
    NotebookShared.objects.create(patient=who.patient, shared_at=who.now)
    return HttpResponseRedirect(reverse("portal:notebook"))


@posted
@for_visitors
def unshare(_request: HttpRequest, who: Visitor) -> HttpResponse:
    """End the unit's reading. What it has read it has read; the page says so."""
    NotebookShared.objects.filter(patient=who.patient, ended_at=None).update(ended_at=who.now)
    return HttpResponseRedirect(reverse("portal:notebook"))


def _added(who: Visitor, part: str, *, new: bool) -> HttpResponse:
    """Show the notebook where she was. What she adds once it is shared is owed a reader again."""
    if new and shared_since(who.patient) is not None:
        taken(who, st.AskFor(what=Request.NOTES), f"more-notes:{who.now.timestamp()}")
    return HttpResponseRedirect(f"{reverse('portal:notebook')}#{part}")
