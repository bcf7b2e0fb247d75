"""What every page behind her link does alike: show a page in the clinic's name, take one step for her, come back.

Every step goes through `record.door`, with the patient or her proxy as the actor. A step the pathway refuses here means
that something has changed meanwhile, so she is shown how things stand now.
"""

import hashlib
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from closerlook.letters.documents import setting_of
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.regions import Patient as State
from closerlook.people import sites
from closerlook.portal.due_again import why_due
from closerlook.portal.models import Look
from closerlook.portal.page import her_page
from closerlook.portal.parts import Page, Part
from closerlook.portal.view import Dues
from closerlook.portal.visitor import Visitor
from closerlook.record import door
from closerlook.record.models import OpenLoop


def state_of(who: Visitor) -> State:
    return door.look(who.patient.pk).patient


def page_of(who: Visitor, state: State) -> Page:
    """Return her page as it stands, with what she gave a code for."""
    man = who.patient.sex.upper() == "M"
    why = why_due(state, who.patient, sites.protocol(who.site.pk), setting_of(who.site, who.patient, who.now).today)
    return her_page(state, who.site, who.site.zone, who.now, man=man, coded=who.coded, dues=_dues(who), why_due=why)


def _dues(who: Visitor) -> Dues:
    """Return by when what is owed to her is due: a day on her page is one that somebody owes."""
    rows = OpenLoop.objects.filter(stream=who.patient.pk).values_list("kind", "subject", "due_at")
    return {(kind, subject): due_at for kind, subject, due_at in rows}


def part_of(who: Visitor, episode: str) -> Part | None:
    """Return what her page says of a round now; None where it does not speak of it."""
    page = page_of(who, state_of(who))
    return next((part for part in (page.main, *page.also) if part.episode == episode), None)


def note_look(who: Visitor, state: State, shown: str) -> None:
    """Keep that she looked, and what stood there: ids of examinations, or the name of the page."""
    Look.objects.create(link=who.link, looked_at=who.now, version=state.version, shown=shown[:400])


def show(request: HttpRequest, who: Visitor, template: str, *, status: int = 200, **names: Any) -> HttpResponse:
    clinic: dict[str, Any] = {
        "clinic_name": who.site.name,
        "clinic_phone": who.site.phone,
        "site": who.site,
        "who": who,
    }
    clinic["noted"] = request.session.pop("portal_noted", False)
    return render(request, template, {**clinic, **names}, status=status)


def before(request: HttpRequest, template: str, *, status: int, **names: Any) -> HttpResponse:
    """Show a page to someone who is not known yet: in the clinic's name, never the link's own site."""
    site = sites.site()
    clinic = {"clinic_name": site.name, "clinic_phone": site.phone, "site": site}
    return render(request, template, {**clinic, **names}, status=status)


def take(
    request: HttpRequest,
    who: Visitor,
    step: st.Step,
    key: str,
    *,
    then: str = "portal:home",
    seen: int | None = None,
    noted: bool = True,
) -> HttpResponse:
    """Take a step for her and show the page `then`; where it cannot be taken, how things stand now.

    `noted`: the page says that it was noted; not where it shows that by itself.
    """
    if not taken(who, step, key, seen=seen):
        return things_changed(request)
    if noted:
        note_kept(request)
    return HttpResponseRedirect(reverse(then))


def taken(who: Visitor, step: st.Step, key: str, *, seen: int | None = None) -> bool:
    """Take a step for her and return True; False where the pathway refuses it. Clicked twice, the second finds it done.

    The key holds the version of her log and the step itself: the same step may be right again after something else has
    happened, and another step is another. One made from what stood at a version names it (`seen`) and is not taken on
    anything newer.
    """
    version = state_of(who).version if seen is None else seen
    about = hashlib.blake2b(msgspec.json.encode(step), digest_size=8).hexdigest()
    try:
        door.take(
            step, stream=who.patient.pk, actor=who.actor, key=f"her-page:{who.link.pk}:{version}:{key}:{about}",
            now=who.now, site=who.site.pk, seen=seen,
        )  # fmt: skip
    except (Refused, door.StaleHistory):
        return False
    return True


def note_kept(request: HttpRequest) -> None:
    """Let the next page of hers say that what she did was noted."""
    request.session["portal_noted"] = True


def things_changed(request: HttpRequest) -> HttpResponse:
    request.session["portal_changed"] = True
    return HttpResponseRedirect(reverse("portal:home"))
