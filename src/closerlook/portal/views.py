"""Her pages: read a form, take one step, show a page.

Every step goes through `record.door`, with the patient herself as the actor. A step the pathway refuses here means that
something has changed meanwhile, so she is shown how things stand now.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from closerlook.letters import words
from closerlook.letters.documents import born, setting_of
from closerlook.letters.outbox import OutboxFailed
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import Purpose
from closerlook.pathway.regions import Patient as State
from closerlook.people import sites
from closerlook.portal import codes, forms, links, visitor
from closerlook.portal.models import Look
from closerlook.portal.page import her_page
from closerlook.portal.parts import Page
from closerlook.portal.view import Dues
from closerlook.portal.visitor import Visitor, for_visitors
from closerlook.record import door
from closerlook.record.models import OpenLoop


@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Follow a personal link: the token goes no further than this answer, and nothing here says whether it is good."""
    visitor.arrive(request, token)
    return HttpResponseRedirect(reverse("portal:birth_date"))


@require_http_methods(["GET", "HEAD", "POST"])
def birth_date(request: HttpRequest) -> HttpResponse:
    """Ask for the date of birth that belongs to the link."""
    kept = visitor.kept_link(request)
    if kept is None:
        return _before(request, "portal/no_link.html", status=200)
    form = forms.BirthDate(request.POST) if request.method == "POST" else forms.BirthDate()
    refused = False
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        found = links.check(kept, form.cleaned_data["born_on"], now)
        if found is not None:
            visitor.let_in(request, found, now)
            return HttpResponseRedirect(reverse("portal:home"))
        refused, form = True, forms.BirthDate()
    return _before(request, "portal/birth_date.html", form=form, refused=refused, status=403 if refused else 200)


def _before(request: HttpRequest, template: str, *, status: int, **names: Any) -> HttpResponse:
    site = sites.site()  # never the link's own: that would say whose it is
    clinic = {"clinic_name": site.name, "clinic_phone": site.phone, "site": site}
    return render(request, template, {**clinic, **names}, status=status)


@require_safe
@for_visitors
def home(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Show her page, and note what stood on it."""
    state = _found(who, _state(who))
    page = _page(who, state)
    Look.objects.create(link=who.link, looked_at=who.now, version=state.version, shown=",".join(page.exams)[:400])
    form = forms.Call()
    changed = request.session.pop("portal_changed", False)
    return _show(request, who, "portal/page.html", page=page, call_form=form, changed=changed)


def _state(who: Visitor) -> State:
    return door.look(who.patient.pk).patient


def _found(who: Visitor, state: State) -> State:
    """Whoever could not be reached and opens her page is in contact: her round goes on."""
    if all(episode.paused is None for episode in state.episodes.values()):
        return state
    key = f"page:{state.version}"
    return door.take(st.OpenHerPage(), stream=who.patient.pk, actor=who.actor, key=key, now=who.now).history.patient


def _page(who: Visitor, state: State) -> Page:
    man = who.patient.sex.upper() == "M"
    return her_page(state, who.site, who.site.zone, who.now, man=man, coded=who.coded, dues=_dues(who))


def _dues(who: Visitor) -> Dues:
    """Return by when what is owed to her is due: a day on her page is one that somebody owes."""
    rows = OpenLoop.objects.filter(stream=who.patient.pk).values_list("kind", "subject", "due_at")
    return {(kind, subject): due_at for kind, subject, due_at in rows}


def _show(request: HttpRequest, who: Visitor, template: str, *, status: int = 200, **names: Any) -> HttpResponse:
    clinic = {"clinic_name": who.site.name, "clinic_phone": who.site.phone, "site": who.site}
    return render(request, template, {**clinic, **names}, status=status)


# ---------------------------------------------------------------- the one-time code


@require_POST
@for_visitors
def send_code(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Text a code to the number on file."""
    try:
        sent = codes.send(who.link, site=who.site, now=who.now)
    except codes.TooManyCodes:
        return _show(request, who, "portal/no_code.html", why="too_many", status=429)
    except OutboxFailed:
        return _show(request, who, "portal/no_code.html", why="failed", status=503)
    if not sent:
        return _show(request, who, "portal/no_code.html", why="no_number")
    return HttpResponseRedirect(reverse("portal:code"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def code(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Ask for the code that was texted."""
    form = forms.Code(request.POST) if request.method == "POST" else forms.Code()
    refused = False
    if request.method == "POST" and form.is_valid():
        if codes.check(who.link, form.cleaned_data["code"], who.now):
            visitor.let_see(request)
            return HttpResponseRedirect(reverse("portal:home"))
        refused, form = True, forms.Code()
    number = codes.number_to_text(who.patient)
    return _show(
        request, who, "portal/code.html", form=form, refused=refused,
        ending=number[-2:] if number else "", status=403 if refused else 200,
    )  # fmt: skip


# ---------------------------------------------------------------- what she does


@require_POST
@for_visitors
def open_result(request: HttpRequest, who: Visitor, exam: str) -> HttpResponse:
    """Open a result that waits behind the choice. Only the one her page offers now can be opened."""
    page = _page(who, _state(who))
    if exam not in {part.opens for part in (page.main, *page.also)}:
        return _things_changed(request)
    return _take(request, who, st.OpenResult(exam=exam), f"open:{exam}")


@require_POST
@for_visitors
def call(request: HttpRequest, who: Visitor) -> HttpResponse:
    """She asks to be rung, perhaps to move a visit."""
    form = forms.Call(request.POST)
    chosen = form.cleaned_data["best_time"] if form.is_valid() else "any"
    about = "to move the visit; " if request.POST.get("about") == "move" else ""
    return _take(request, who, st.AskForCall(best_time=f"{about}best time: {chosen}"), "call")


@require_POST
@for_visitors
def confirm_visit(request: HttpRequest, who: Visitor, episode: str) -> HttpResponse:
    """She says that she will come: to the visit that her page shows for this round."""
    page = _page(who, _state(who))
    shown = next((p.visit for p in (page.main, *page.also) if p.episode == episode and p.visit is not None), None)
    purpose = shown.purpose if shown is not None else Purpose.PICTURES
    return _take(request, who, st.ConfirmVisit(episode=episode, purpose=purpose), f"confirm:{episode}:{purpose}")


@require_POST
@for_visitors
def go_on(request: HttpRequest, who: Visitor, episode: str) -> HttpResponse:
    """She wants to go on with a round that rests."""
    return _take(request, who, st.RecordChangedMind(episode=episode), f"go-on:{episode}")


def _take(request: HttpRequest, who: Visitor, step: st.Step, key: str) -> HttpResponse:
    """Take a step for her and show her page. Clicked twice, the second finds it done.

    The key holds the version of her log: the same step may be right again after something else has happened.
    """
    version = _state(who).version
    try:
        door.take(
            step, stream=who.patient.pk, actor=who.actor, key=f"her-page:{who.link.pk}:{version}:{key}", now=who.now,
            site=who.site.pk,
        )  # fmt: skip
    except Refused:
        return _things_changed(request)
    return HttpResponseRedirect(reverse("portal:home"))


def _things_changed(request: HttpRequest) -> HttpResponse:
    request.session["portal_changed"] = True
    return HttpResponseRedirect(reverse("portal:home"))


@require_safe
@for_visitors
def print_result(request: HttpRequest, who: Visitor, exam: str) -> HttpResponse:
    """Show a result as a letter, in the words of the written summary; only one that is open to her."""
    state = _state(who)
    found = state.exam(exam)
    if found is None or found[1].result is None or exam not in _page(who, state).exams:
        raise Http404
    episode, examination = found
    setting = setting_of(who.site, who.patient, who.now)
    Look.objects.create(link=who.link, looked_at=who.now, version=state.version, shown=exam[:400])
    summary = words.summary(examination, episode, setting)
    return _show(request, who, "letters/summary.html", **_letter(who, summary, setting))


def _letter(who: Visitor, summary: words.Summary, setting: words.Setting) -> dict[str, Any]:
    return {
        "summary": summary,
        "patient": who.patient,
        "born": born(who.patient),
        "letter_date": setting.day(setting.today),
        "clinic_lines": [*who.site.address_lines, who.site.phone],
        "recipient_lines": [who.patient.name, *who.patient.address_lines],
        "paper": "us-letter",
        "link_url": None,
    }


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign her off, and show a page that says nothing."""
    visitor.leave(request)
    return _before(request, "portal/left.html", status=200)
