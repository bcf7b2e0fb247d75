"""The call-back desk: whom to ring, one person at a time, a key for each way a call can end, a minute to undo it."""

import secrets
from typing import Any

from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from closerlook.desk import chronicle, giving, looks
from closerlook.desk.calling import leases, outcomes, person, undoing
from closerlook.desk.calling.form import CallForm
from closerlook.desk.calling.outcomes import Call, End
from closerlook.desk.calling.queue import MOST_SHOWN, Queue, may_tell, queue, shown
from closerlook.desk.doing import check_death
from closerlook.desk.here import Here, frame, names_of_staff, patient_row, staff_only, to_be_named
from closerlook.desk.tables import number_of
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import Barrier, Purpose
from closerlook.pathway.loops import KINDS
from closerlook.people.models import Patient, Staff
from closerlook.record import door
from closerlook.visits.times import Time

FASTER = "Someone was faster. Nothing of yours was recorded. Since you opened her:"
NOBODY = "Nobody is to be rung now."
NOBODY_IN_FRONT = "Nobody in front can be rung by you now. More is owed: see the list of what is owed."
BARRIER = "barrier"
MOST_SINCE = 6


@never_cache
@staff_only
def calls(request: HttpRequest, here: Here) -> HttpResponse:
    """Show whom to ring; asked to (POST), open the first whom nobody else has open."""
    found = queue(here)
    if request.method == "POST":
        return _next(request, here, found)
    return render(
        request,
        "desk/calls.html",
        frame(here, "calls") | _queue(request, here, found, "") | undoing.offered(request, here),
    )


def _next(request: HttpRequest, here: Here, found: Queue) -> HttpResponse:
    """Open the next one for this caller: two who ask at one moment get two people."""
    leases.give_all_back(here.actor.id)
    for line in found.lines:
        if line.waits_until is None and leases.take(line.patient, here.actor.id, here.now) is None:
            return redirect("desk:call", line.patient)
    if not any(line.waits_until is None for line in found.lines):
        flash.info(request, NOBODY_IN_FRONT if found.more else NOBODY)
    else:
        flash.info(request, "Everyone who can be rung now is open with a colleague.")
    return redirect("desk:calls")


def _queue(request: HttpRequest, here: Here, found: Queue, current: str) -> dict[str, Any]:
    """Return the queue as a page shows it, with whom it names written down."""
    lines = found.lines
    place = next((n for n, line in enumerate(lines) if line.patient == current), 0)
    start = max(0, min(place - 5, len(lines) - MOST_SHOWN)) if place >= MOST_SHOWN else 0
    near = lines[start : start + MOST_SHOWN]
    held = leases.open_with([line.patient for line in near], here.now)
    others = {patient: one for patient, one in held.items() if one.who != here.actor.id}
    looks.listed(here.staff, here.now, "calls", [line.patient for line in near])
    done = undoing.done_today(request, here)
    return {
        "lines": shown(near, others, names_of_staff()),
        "kinds": KINDS,
        "people": len(lines),
        "more": len(lines) - len(near),
        "beyond": found.more,
        "done": done,
        "number": done + 1,
        "of": done + len(lines),
        "waiting": sum(line.waits_until is not None for line in lines),
        "current": current,
        "now": here.now,
    }


# ---------------------------------------------------------------- one person


@never_cache
@staff_only
def call(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """Show one person, or record how the call ended and open the next."""
    row = patient_row(patient_id)
    history = door.look(patient_id)
    about = outcomes.call_of(history.patient, history.loops, here)
    held = leases.take(patient_id, here.actor.id, here.now)
    if request.method == "POST":
        return _ended(request, here, row, history, about)
    form = _form(row, about, here, initial={"seen": history.state.version, "key": secrets.token_urlsafe(12)})
    return _page(request, here, row, history, about, form, held=held)


def _form(row: Patient, about: Call, here: Here, **given: Any) -> CallForm:
    staff = to_be_named(here, row.pk)
    return CallForm(here=here, free=_free(about, here), staff=staff, nurses=_nurses(here, staff), **given)


def _free(about: Call, here: Here) -> list[Time] | None:
    episode = about.to_book
    return giving.of_visit(episode, Purpose.PICTURES, here.site, here.now) if episode is not None else None


def _nurses(here: Here, staff: dict[str, str]) -> dict[str, str]:
    """Return the nurses among these by sign-in, without the caller."""
    found = Staff.objects.filter(user__username__in=staff, roles__contains="nurse").select_related("user")
    return {
        s.user.username: staff[s.user.username]
        for s in found
        if "nurse" in s.role_set and s.user.username != here.actor.id
    }


def _page(
    request: HttpRequest,
    here: Here,
    row: Patient,
    history: door.History,
    about: Call,
    form: CallForm,
    *,
    held: Any = None,
    faster: list[str] | None = None,
    ask: str = "",
    status: int = 200,
) -> HttpResponse:
    asked = ask or request.GET.get("ask", "")
    found = person.context(row, history, about, here)
    possible = {end for end, _, _ in found["ends"]}
    names = names_of_staff()
    context = {
        **frame(here, "calls"),
        **found,
        **_queue(request, here, queue(here), row.id),
        **undoing.offered(request, here),
        "form": form,
        "asks_first": outcomes.ASKS_FIRST,
        "ask": End(asked) if asked in possible & outcomes.ASKS_FIRST else None,
        "ask_label": outcomes.LONGER.get(End(asked), "") if asked in set(End) else "",
        "faster": faster or [],
        "faster_said": FASTER,
        "held_by": names.get(held.who, held.who).partition(",")[0] if held is not None else "",
        "held_since": held.since if held is not None else None,
        "to_book": about.to_book is not None,
        "taken": giving.TAKEN,
    }
    return render(request, "desk/call.html", context, status=status)


def _ended(request: HttpRequest, here: Here, row: Patient, history: door.History, about: Call) -> HttpResponse:
    """Record how a call ended, whole or not at all, and open the next person."""
    form = _form(row, about, here, data=request.POST)
    asked = request.POST.get("outcome", "")
    if asked == BARRIER:
        return _barrier(request, here, row, history, about, form)
    if asked not in set(End):
        raise Http404("There is no such key.")
    end = End(asked)
    if door.was_taken(row.id, _key(here, request.POST.get("key", ""))):
        return _next(request, here, queue(here))  # the same click once more
    if _seen(form) != history.state.version:
        return _faster(request, here, row, history, about, _seen(form))
    data = form.answer(end) if end in _possible(about, here) else None
    if data is not None:
        try:
            return _recorded(request, here, row, about, end, data)
        except Refused as why:
            form.add_error(None, str(why))
            form.give(_free(about, here))
        except door.StaleHistory:
            return _faster(request, here, row, door.look(row.id), about, data["seen"])
    elif not form.errors:
        form.add_error(None, "This key is not for this call now. Look at what stands above, and choose another.")
    return _page(request, here, row, history, about, form, ask=asked if end in outcomes.ASKS_FIRST else "", status=422)


def _key(here: Here, key: str) -> str:
    return f"call:{here.actor.id}:{key[:60]}"


def _seen(form: CallForm) -> int:
    """Return the version of her record that the page showed; 0 where it says none."""
    return number_of(str(form.data.get("seen", "")))


def _possible(about: Call, here: Here) -> list[End]:
    return outcomes.possible(about, here, may_tell=may_tell(here, about.loops))


def _faster(
    request: HttpRequest, here: Here, row: Patient, history: door.History, about: Call, seen: int
) -> HttpResponse:
    """Say who recorded what since the page was shown, and show her as she stands now."""
    names = names_of_staff()
    told = chronicle.story(history.records, names, chronicle.blinded(history.patient, here.actor))
    since = [f"{one['by']}: {one['said']}".lstrip(": ") for one in reversed(told) if one["seq"] > seen]
    about = outcomes.call_of(history.patient, history.loops, here)
    form = _form(row, about, here, initial={"seen": history.state.version, "key": secrets.token_urlsafe(12)})
    return _page(request, here, row, history, about, form, faster=since[-MOST_SINCE:], status=409)


def _recorded(
    request: HttpRequest, here: Here, row: Patient, about: Call, end: End, data: dict[str, Any]
) -> HttpResponse:
    taken = outcomes.steps(end, about, here, data)
    for step in taken:
        check_death(step, row)
    answer = door.take_all(
        taken,
        stream=row.id,
        actor=here.actor,
        key=_key(here, data["key"]),
        seen=data["seen"],
        now=here.now,
        site=here.site.slug,
    )
    if answer.new:
        undoing.remember(request, here, row.id, [r.seq for r in answer.new], outcomes.SAID[end])
    elif not answer.repeated:
        flash.info(request, f"Nothing new was recorded ({outcomes.SAID[end]}): it stands already.")
    leases.give_back(row.id, here.actor.id)
    return _next(request, here, queue(here).without(row.id))


def _barrier(
    request: HttpRequest, here: Here, row: Patient, history: door.History, about: Call, form: CallForm
) -> HttpResponse:
    """Note what makes it hard for her; the call goes on."""
    if form.is_valid() and form.cleaned_data["barrier"]:
        data = form.cleaned_data
        step = st.NoteBarrier(barrier=Barrier(data["barrier"]), arranged=data["arranged"])
        try:
            door.take(
                step, stream=row.id, actor=here.actor, key=_key(here, data["key"]) + ":barrier", now=here.now,
                site=here.site.slug,
            )  # fmt: skip
        except Refused as why:
            flash.warning(request, str(why))
        else:
            flash.success(request, "Noted what makes it hard for her.")
        return redirect("desk:call", row.id)
    form.add_error("barrier", "Choose what it is.")
    return _page(request, here, row, history, about, form, status=422)


# ---------------------------------------------------------------- taken back


@never_cache
@staff_only
def undo(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """Take back what was recorded last, within its minute, and open her again."""
    if request.method != "POST":
        return redirect("desk:calls")
    seqs = undoing.of(request, patient_id)
    if not seqs:
        flash.info(request, "There is nothing to undo any more.")
        return redirect("desk:calls")
    step = st.TakeBack(seqs=tuple(seqs), reason="taken back at once by who recorded it")
    key = f"undo:{here.actor.id}:{seqs[0]}-{seqs[-1]}"
    try:
        door.take(step, stream=patient_id, actor=here.actor, key=key, now=here.now, site=here.site.slug)
    except Refused as why:
        flash.error(request, f"It was not undone. {why}")
        return redirect("desk:patient", patient_id)
    undoing.forget(request)
    leases.give_all_back(here.actor.id)
    flash.success(request, "Undone. Nothing of that call stands.")
    return redirect("desk:call", patient_id)
