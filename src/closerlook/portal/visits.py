"""Her visit as a calendar file; a change in her breast, told here; saying no today, after reading what it means.

A page never records an informed refusal: saying no here asks a nurse to ring her, and the round goes on being owed.
"""

import hashlib
from datetime import UTC, timedelta

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from icalendar import Alarm, Calendar, Event

from closerlook.look.words import zone_of
from closerlook.pathway import steps as st
from closerlook.pathway.events import Purpose
from closerlook.pathway.regions import Episode, Patient, VisitStage
from closerlook.pathway.regions import Visit as Booking
from closerlook.pathway.terms import Laterality
from closerlook.portal.acting import note_look, page_of, part_of, show, state_of, take
from closerlook.portal.parts import Part, State
from closerlook.portal.visitor import Visitor, for_visitors

CAN_SAY_NO = frozenset({State.TO_PLAN, State.TO_BOOK, State.BOOKED, State.MISSED, State.VISIT_PAST, State.SAMPLE})
"""Where saying no today makes sense: pictures or a sample are advised, and she has not been seen for them."""


def may_say_no(part: Part, state: Patient) -> bool:
    """Whether her page offers to say no today; said once, a nurse is on her way to the telephone."""
    episode = state.episodes.get(part.episode or "")
    return episode is not None and part.state in CAN_SAY_NO and not episode.contact.said_no


@require_safe
@for_visitors
def calendar(_request: HttpRequest, who: Visitor, episode: str) -> HttpResponse:
    """Give her visit as a file for the calendar of her phone. It names the clinic, and nothing of why."""
    state = state_of(who)
    page = page_of(who, state)
    visit = next((p.visit for p in (page.main, *page.also) if p.episode == episode and p.visit is not None), None)
    known = state.episodes.get(episode)
    if visit is None or known is None:
        raise Http404
    booked = known.visits[visit.purpose]
    body = as_calendar(known, visit.purpose, booked, who)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return answer


def as_calendar(episode: Episode, purpose: Purpose, booked: Booking, who: Visitor) -> bytes:
    """Return a visit as an iCalendar file (RFC 5545): the same visit has the same id, so that a moved one replaces it.

    No end is given: nobody has promised one. Raises Http404 where nothing is booked.
    """
    if booked.starts_at is None or booked.stage is not VisitStage.BOOKED:
        raise Http404
    calendar_ = Calendar()
    calendar_.add("prodid", "-//Closer Look//Her page//EN")
    calendar_.add("version", "2.0")
    calendar_.add("method", "PUBLISH")
    event = Event()
    about = hashlib.sha256(f"{who.patient.pk}:{episode.id}:{purpose}".encode()).hexdigest()[:32]
    event.add("uid", f"{about}@closerlook")
    event.add("dtstamp", who.now.astimezone(UTC))
    event.add("sequence", int(who.now.timestamp()) - 1_700_000_000)  # later files of one visit replace earlier ones
    event.add("dtstart", booked.starts_at.astimezone(zone_of(who.site.zone)))
    event.add("summary", gettext("Visit: %(clinic)s") % {"clinic": who.site.name})
    event.add("location", ", ".join([*([booked.place] if booked.place else []), *who.site.address_lines]))
    event.add("description", gettext("If this time does not suit you, ring us: %(phone)s") % {"phone": who.site.phone})
    event.add("class", "PRIVATE")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", gettext("Visit tomorrow"))
    alarm.add("trigger", timedelta(days=-1))
    event.add_component(alarm)
    calendar_.add_component(event)
    calendar_.add_missing_timezones()
    return bytes(calendar_.to_ical())


# ---------------------------------------------------------------- not today


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def not_today(request: HttpRequest, who: Visitor, episode: str) -> HttpResponse:
    """Say what it means to wait; then note that she says no today, and a nurse rings her."""
    part = part_of(who, episode)
    if part is None or not may_say_no(part, state_of(who)):
        raise Http404
    if request.method == "POST":
        return take(request, who, st.RecordNoToday(episode=episode), f"no-today:{episode}")
    return show(request, who, "portal/not_today.html", part=part, sample=part.state is State.SAMPLE)


# ---------------------------------------------------------------- a change she has noticed

CHANGES: dict[str, object] = {
    "lump": _("A lump, or a place that feels thicker"),
    "skin": _("A change of the skin: dimples, redness, a sore"),
    "nipple": _("A change of the nipple, or something coming out of it"),
    "pain": _("Pain in one place that stays"),
    "shape": _("A change of size or shape"),
    "armpit": _("A lump or swelling in the armpit"),
}


class ChangeForm(forms.Form):
    what = forms.ChoiceField(
        label=_("What have you noticed?"),
        choices=list(CHANGES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what fits best.")},
    )
    side = forms.ChoiceField(
        label=_("Which breast?"),
        choices=[("left", _("The left one")), ("right", _("The right one")), ("", _("Both, or I am not sure"))],
        widget=forms.RadioSelect,
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def change(request: HttpRequest, who: Visitor, episode: str) -> HttpResponse:
    """She tells of a change in her breast: a radiologist owes her an answer to it."""
    known = state_of(who).episodes.get(episode)
    if known is None or known.settled is not None:
        raise Http404
    form = ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        side = Laterality(form.cleaned_data["side"]) if form.cleaned_data["side"] else None
        step = st.ReportSymptom(episode=episode, what=form.cleaned_data["what"], side=side)
        return take(request, who, step, f"change:{episode}:{step.what}:{step.side}")
    return show(request, who, "portal/change.html", form=form, status=422 if form.errors else 200)


# ---------------------------------------------------------------- her older pictures


class OlderForm(forms.Form):
    source = forms.CharField(
        label=_("Which clinic, and in which town?"),
        max_length=120,
        error_messages={"required": _("Write the name of the clinic, or the town.")},
    )
    may_ask = forms.BooleanField(
        label=_("You may ask them for my pictures."),
        error_messages={"required": _("Without your permission we cannot ask for them.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def older(request: HttpRequest, who: Visitor, episode: str) -> HttpResponse:
    """She says where her older pictures are, and allows us to ask for them."""
    state = state_of(who)
    known = state.episodes.get(episode)
    if known is None or known.settled is not None:
        raise Http404
    note_look(who, state, "older pictures")
    form = OlderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        step = st.KnowPriors(episode=episode, source=form.cleaned_data["source"])
        return take(request, who, step, f"older:{episode}")
    status = 422 if form.errors else 200
    return show(request, who, "portal/older.html", form=form, noted=known.priors.known, status=status)
