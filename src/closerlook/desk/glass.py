"""Breaking the glass: a record of another site opens to who says why, for a working day, and it is written down."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from closerlook.desk import access, looks
from closerlook.desk.here import Here, frame, staff_only
from closerlook.people.models import Patient


class Reason(forms.Form):
    """Why someone needs a record that is not their site's."""

    reason = forms.CharField(
        label="Why do you need her record?",
        help_text="Whoever reviews this later should understand it: she rang here; she is being treated here today.",
        min_length=8,
        max_length=300,
        error_messages={
            "required": "Write why you need it.",
            "min_length": "Write a few words more, so that a colleague understands it later.",
        },
    )


@staff_only
def glass(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """Ask for the reason; show nothing of her before."""
    row = Patient.objects.select_related("site").filter(pk=patient_id).first()
    if row is None:
        raise Http404("There is no such patient here.")
    if access.is_theirs(here.staff, patient_id, here.now):
        return redirect("desk:patient", patient_id)
    form = Reason(request.POST or None)
    if request.method == "POST" and form.is_valid():
        looks.note(here.staff, here.now, "glass", patient_id, form.cleaned_data["reason"])
        return redirect("desk:patient", patient_id)
    return render(request, "desk/glass.html", frame(here, "patient") | {"form": form, "where": row.site.name})
