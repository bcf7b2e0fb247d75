"""The way in, her page, and what she does on it: read a form, take one step, show a page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from closerlook.letters import words
from closerlook.letters.documents import born, setting_of
from closerlook.letters.outbox import OutboxFailed
from closerlook.look.glossary import Terms
from closerlook.look.words import ltr
from closerlook.pathway import steps as st
from closerlook.pathway.events import Purpose
from closerlook.pathway.regions import Patient as State
from closerlook.people import languages
from closerlook.portal import codes, forms, links, procedures, visitor, visits
from closerlook.portal.acting import before, note_look, page_of, show, state_of, take, things_changed
from closerlook.portal.numbers import numbers
from closerlook.portal.visitor import Visitor, for_visitors, posted
from closerlook.record import door


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
        return before(request, "portal/no_link.html", status=200)
    form = forms.BirthDate(request.POST) if request.method == "POST" else forms.BirthDate()
    refused = False
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        found = visitor.guess(request, now, lambda: links.check(kept, form.cleaned_data["born_on"], now))
        if found is not None:
            visitor.let_in(request, found, now)
            return HttpResponseRedirect(reverse("portal:home"))
        refused, form = True, forms.BirthDate()
    return before(request, "portal/birth_date.html", form=form, refused=refused, status=403 if refused else 200)


@require_safe
@for_visitors
def home(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Show her page, and note what stood on it."""
    state = _found(who, state_of(who))
    page = page_of(who, state)
    note_look(who, state, ",".join(page.exams))
    form = forms.Call()
    changed = request.session.pop("portal_changed", False)
    parts = [part for part in (page.main, *page.also) if part.episode is not None]
    open_rounds = [p.episode for p in parts if p.episode and state.episodes[p.episode].settled is None]
    return show(
        request, who, "portal/page.html", page=page, call_form=form, changed=changed, terms=Terms(),
        numbers=numbers(page, state, who), procedures=procedures.ALL, can_tell=open_rounds[:1],
        can_say_no=[p.episode for p in parts if visits.may_say_no(p, state)][:1],
    )  # fmt: skip


def _found(who: Visitor, state: State) -> State:
    """Whoever could not be reached and opens her page is in contact: her round goes on."""
    if all(episode.paused is None for episode in state.episodes.values()):
        return state
    key = f"page:{state.version}"
    return door.take(st.OpenHerPage(), stream=who.patient.pk, actor=who.actor, key=key, now=who.now).history.patient


# ---------------------------------------------------------------- the one-time code


@posted
@for_visitors
def send_code(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Text a code to the number on file."""
    try:
        sent = codes.send(who.link, site=who.site, now=who.now)
    except codes.TooManyCodes:
        return show(request, who, "portal/no_code.html", why="too_many", status=429)
    except OutboxFailed:
        return show(request, who, "portal/no_code.html", why="failed", status=503)
    if not sent:
        return show(request, who, "portal/no_code.html", why="no_number")
    request.session["portal_then"] = request.POST.get("then", "")
    return HttpResponseRedirect(reverse("portal:code"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def code(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Ask for the code that was texted."""
    form = forms.Code(request.POST) if request.method == "POST" else forms.Code()
    refused = False
    if request.method == "POST" and form.is_valid():
        if codes.check(who.link, form.cleaned_data["code"], who.now):
            visitor.let_see(request, who.link)
            then = request.session.pop("portal_then", "")
            return HttpResponseRedirect(reverse("portal:wishes" if then == "wishes" else "portal:home"))
        refused, form = True, forms.Code()
    number = codes.number_to_text(who.link)
    return show(
        request, who, "portal/code.html", form=form, refused=refused,
        ending=number[-2:] if number else "", status=403 if refused else 200,
    )  # fmt: skip


# ---------------------------------------------------------------- what she does


@posted
@for_visitors
def open_result(request: HttpRequest, who: Visitor, exam: str) -> HttpResponse:
    """Open a result that waits behind the choice. Only the one her page offers now can be opened."""
    page = page_of(who, state_of(who))
    if exam not in {part.opens for part in (page.main, *page.also)}:
        return things_changed(request)
    return take(request, who, st.OpenResult(exam=exam), f"open:{exam}", noted=False)


ABOUT = {"move": "to move the visit; ", "talk": "to talk, it is hard for her; "}
"""What a call she asks for is about, for whoever rings her."""


@posted
@for_visitors
def call(request: HttpRequest, who: Visitor) -> HttpResponse:
    """She asks to be rung, perhaps to move a visit."""
    form = forms.Call(request.POST)
    chosen = form.cleaned_data["best_time"] if form.is_valid() else "any"
    about = ABOUT.get(request.POST.get("about", ""), "")
    return take(request, who, st.AskForCall(best_time=f"{about}best time: {chosen}"), "call", noted=False)


@posted
@for_visitors
def confirm_visit(request: HttpRequest, who: Visitor, episode: str) -> HttpResponse:
    """She says that she will come: to the visit that her page shows for this round."""
    page = page_of(who, state_of(who))
    shown = next((p.visit for p in (page.main, *page.also) if p.episode == episode and p.visit is not None), None)
    purpose = shown.purpose if shown is not None else Purpose.PICTURES
    return take(
        request, who, st.ConfirmVisit(episode=episode, purpose=purpose), f"confirm:{episode}:{purpose}", noted=False
    )


@posted
@for_visitors
def go_on(request: HttpRequest, who: Visitor, episode: str) -> HttpResponse:
    """She wants to go on with a round that rests."""
    return take(request, who, st.RecordChangedMind(episode=episode), f"go-on:{episode}", noted=False)


@require_safe
@for_visitors
def print_result(request: HttpRequest, who: Visitor, exam: str) -> HttpResponse:
    """Show a result as a letter, in the words of the written summary; only one that is open to her."""
    state = state_of(who)
    found = state.exam(exam)
    if found is None or found[1].result is None or exam not in page_of(who, state).exams:
        raise Http404
    episode, examination = found
    setting = setting_of(who.site, who.patient, who.now)
    note_look(who, state, exam)
    summary = words.summary(examination, episode, setting)
    return show(request, who, "letters/summary.html", **_letter(who, summary, setting))


def _letter(who: Visitor, summary: words.Summary, setting: words.Setting) -> dict[str, Any]:
    return {
        "summary": summary,
        "patient": who.patient,
        "born": born(who.patient),
        "interpreter_lines": languages.interpreter_lines(who.patient.language),
        "letter_date": setting.day(setting.today),
        "clinic_lines": [*who.site.address_lines, ltr(who.site.phone)],
        "recipient_lines": [who.patient.name, *who.patient.address_lines],
        "paper": "us-letter",
        "link_url": None,
    }


@posted
def leave(request: HttpRequest) -> HttpResponse:
    """Sign her off, and show a page that says nothing."""
    visitor.leave(request)
    return before(request, "portal/left.html", status=200)
