"""Her own page, seen from the desk: who holds a link to it, and who looked when.

You are here because a letter went to a wrong address (end her links), because someone acts for her (make a link for
that person), or because she asks who has seen her page.
"""

import re
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from closerlook.desk import access
from closerlook.desk.here import Here, frame, patient_row, staff_only
from closerlook.desk.tables import Column, file_of, table, wants_file
from closerlook.pathway.events import Capacity, ContactRoute
from closerlook.people.models import Patient
from closerlook.portal import links
from closerlook.portal.digits import digits_of
from closerlook.portal.models import Look, PersonalLink, SharedLink
from closerlook.record import door

LATEST = 1_000
COLUMNS = (
    Column("when", "When", lambda one: one["at"]),
    Column("who", "Who", lambda one: one["who"]),
    Column("shown", "What stood on it", lambda one: one["shown"] or "no result"),
)


class ProxyForm(forms.Form):
    """Someone who acts for her. Codes go to their own number."""

    name = forms.CharField(label="Who acts for her", max_length=120)
    phone = forms.CharField(label="Their own phone, for codes", max_length=60)

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"].strip()
        if len(digits_of(phone)) < 7:
            raise forms.ValidationError("Write the whole number, with its area code.")
        return phone


@staff_only
def page(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """Show who holds a link to her page and who looked, end links, and make one for who acts for her."""
    row = patient_row(patient_id)
    if not access.may_link(here.roles):
        raise PermissionDenied("Your role may not see who looked at her page. Ask the front desk.")
    if request.method == "POST" and request.POST.get("end"):
        _end(row, request.POST["end"], here)
        return redirect("desk:her_page", patient_id)
    wishes = door.look(patient_id).patient.wishes
    may_proxy = wishes.route is ContactRoute.PROXY or wishes.capacity is Capacity.PROXY_DECIDES
    form, address = ProxyForm(request.POST or None), None
    if request.method == "POST" and may_proxy and form.is_valid():
        given = form.cleaned_data
        address = links.issue(row, here.now, here.site, proxy=given["name"], phone=given["phone"])
        form = ProxyForm()
    context: dict[str, Any] = {
        "patient": row,
        "links": PersonalLink.objects.filter(patient=row).order_by("-pk")[:LATEST],
        "shared": SharedLink.objects.filter(patient=row).order_by("-pk")[:LATEST],
        "looks": _looks(row),
        "may_proxy": may_proxy,
        "form": form,
        "address": address,
        "now": here.now,
    }
    if wants_file(request):
        return file_of(request, "looks-at-her-page", COLUMNS, context["looks"])
    context["table"] = table(request, COLUMNS, context["looks"])
    status = 422 if form.errors and may_proxy else 200
    return render(request, "desk/her_page.html", frame(here, "patient") | context, status=status)


def _end(row: Patient, which: str, here: Here) -> None:
    """End one link ("link 3", "shared 4") or all of hers ("all")."""
    kind, _, number = which.partition(" ")
    if kind == "all":
        links.revoke(row, here.now)
    elif number.isascii() and number.isdigit() and len(number) < 12:
        model = PersonalLink if kind == "link" else SharedLink
        model.objects.filter(pk=int(number), patient=row, revoked_at=None).update(revoked_at=here.now)
        if kind == "link":  # what was shared through it ends with it
            SharedLink.objects.filter(through=int(number), patient=row, revoked_at=None).update(revoked_at=here.now)


def _looks(row: Patient) -> list[dict[str, Any]]:
    """Return the latest looks at her page, through whichever link, newest first."""
    own = Look.objects.filter(link__patient=row).select_related("link").order_by("-pk")[:LATEST]
    other = Look.objects.filter(shared__patient=row).select_related("shared").order_by("-pk")[:LATEST]
    found = sorted((*own, *other), key=lambda look: look.looked_at, reverse=True)[:LATEST]
    return [{"at": look.looked_at, "who": _who(look), "shown": _in_words(look.shown)} for look in found]


def _in_words(shown: str) -> str:
    """Results are kept by the ids of their examinations, other pages by name."""
    results = len(re.findall(r"\be\d+\.x\d+", shown))
    rest = ", ".join(part for part in shown.split(",") if part and not re.fullmatch(r"e\d+\.x\d+", part))
    return "; ".join(part for part in (f"{results} result{'s' * (results > 1)}" if results else "", rest) if part)


def _who(look: Look) -> str:
    if look.shared is not None:
        return f"{look.shared.name}, with whom she shares it"
    return f"{look.link.proxy}, for her" if look.link is not None and look.link.proxy else "she herself"
