"""Messages that were set aside: why, what they say, whose they may be; file them, try again, or discard them."""

from typing import Any

from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from closerlook.desk import words
from closerlook.desk.here import Here, frame, staff_only
from closerlook.exchange import inbox
from closerlook.exchange.filing import Decision
from closerlook.exchange.models import Message, MessageOutcome
from closerlook.pathway.deciding import DESK, LEADING, Refused
from closerlook.people.models import Patient
from closerlook.record import door

PAGE = 50


@staff_only
def messages(request: HttpRequest, here: Here) -> HttpResponse:
    """What was set aside, oldest first, the grave ones in front."""
    found = Message.objects.filter(outcome=MessageOutcome.SET_ASIDE).order_by("received_at").defer("content", "prose")
    return render(request, "desk/inbox.html", frame(here, "inbox") | {"found": found[:PAGE], "count": found.count()})


@staff_only
def message(request: HttpRequest, here: Here, message_id: str) -> HttpResponse:
    """One message, whole, and what can be done with it."""
    found = Message.objects.filter(pk=message_id).first()
    if found is None:
        raise Http404("There is no such message.")
    if request.method == "POST":
        return _decided(request, here, found)
    state = door.look(found.id).message
    context = {
        "message": found,
        "state": state,
        "offered": _offered(state.offered),
        "reason": words.plain(found.reason),
        "raw": bytes(found.content[:20_000]).decode("utf-8", errors="replace").replace("\r", "\n"),
        "may": not (DESK | LEADING).isdisjoint(here.roles),
    }
    return render(request, "desk/message.html", frame(here, "inbox") | context)


def _offered(offered: tuple[str, ...]) -> list[dict[str, Any]]:
    found = []
    for one in offered:
        patient_id, _, episode_id = one.partition("/")
        row = Patient.objects.filter(pk=patient_id).first()
        if row is None:
            continue
        episode = door.look(patient_id).patient.episodes.get(episode_id)
        about = words.about(episode, None) if episode else ""
        first = episode.first_exam if episode else None
        found.append({"value": one, "patient": row, "episode": episode, "about": about, "first": first})
    return found


def _decided(request: HttpRequest, here: Here, found: Message) -> HttpResponse:
    if (DESK | LEADING).isdisjoint(here.roles):
        flash.error(request, "Your role may not decide about messages. Ask the front desk.")
        return redirect("desk:message", found.id)
    what = request.POST.get("what", "")
    try:
        if what == "discard":
            reason = request.POST.get("reason", "")
            inbox.discard(found.id, reason=reason, actor=here.actor, key=f"discard:{found.id}", now=here.now)
            flash.success(request, "The message is discarded, and kept.")
            return redirect("desk:inbox")
        done = inbox.process(found.id, now=here.now, decision=_decision(what, request.POST.get("place", ""), here))
    except (Refused, ValueError) as why:
        flash.error(request, str(why))
        return redirect("desk:message", found.id)
    if done.outcome == MessageOutcome.TAKEN:
        flash.success(request, "The message is in her record now.")
        return redirect("desk:patient", done.patient)
    flash.error(request, f"Still set aside: {done.sentence}")
    return redirect("desk:message", found.id)


def _decision(what: str, place: str, here: Here) -> Decision | None:
    patient_id, _, episode_id = place.partition("/")
    match what:
        case "again":
            return None
        case "new_patient":
            return Decision(new_patient=True, by=here.actor)
        case "file" if patient_id:
            if not Patient.objects.filter(pk=patient_id).exists():
                raise ValueError("There is no such patient. Copy the id from her page.")
            return Decision(patient=patient_id, episode=episode_id or None, by=here.actor)
        case "new_round" if patient_id:
            return Decision(patient=patient_id, new_round=True, by=here.actor)
        case "accept":
            return Decision(by=here.actor, same_control_id=True)
    raise ValueError("Choose what to do with the message.")
