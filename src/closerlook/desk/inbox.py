"""Messages that were set aside: why, what they say, whose they may be; file them, try again, or discard them."""

import json
from datetime import datetime
from typing import Any

from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from closerlook.desk import access, looks, words
from closerlook.desk.here import Here, frame, set_aside, staff_only
from closerlook.desk.tables import AT_MOST, Column, file_of, table, wants_file
from closerlook.exchange import inbox
from closerlook.exchange.filing import Decision
from closerlook.exchange.hl7.framing import split
from closerlook.exchange.hl7.parse import read_reports
from closerlook.exchange.hl7.report import Unreadable
from closerlook.exchange.models import Message, MessageFormat, MessageOutcome
from closerlook.pathway.deciding import DESK, LEADING, Refused
from closerlook.pathway.terms import Role
from closerlook.people import sites
from closerlook.people.models import Patient
from closerlook.record import door
from closerlook.record.models import OpenLoop

COLUMNS = (
    Column("came", "Came", lambda one: one.received_at),
    Column("why", "Why", lambda one: ("Suspicious words. " if one.grave else "") + one.sentence),
    Column("from", "From", lambda one: one.sender or "not stated"),
)
LONGEST_REASON = 200
TOO_LATE = "Someone has decided about this message meanwhile. Nothing more was done."


@staff_only
def messages(request: HttpRequest, here: Here) -> HttpResponse:
    """What was set aside: the grave ones in front, then the oldest first."""
    grave = OpenLoop.objects.filter(stream=OuterRef("pk"), urgent=True)
    aside = set_aside(here).annotate(grave=Exists(grave))
    found = list(aside.order_by("-grave", "received_at", "id").defer("content", "prose")[:AT_MOST])
    if wants_file(request):
        return file_of(request, "set-aside", COLUMNS, found)
    context = {"table": table(request, COLUMNS, found), "count": aside.count(), "full": len(found) == AT_MOST}
    return render(request, "desk/inbox.html", frame(here, "inbox") | context)


@staff_only
def message(request: HttpRequest, here: Here, message_id: str) -> HttpResponse:
    """One message, whole, and what can be done with it."""
    found = Message.objects.filter(pk=message_id).first()
    if found is None:
        raise Http404("There is no such message.")
    may_decide = not (DESK | LEADING).isdisjoint(here.roles)
    if request.method == "POST":
        if not may_decide:
            raise PermissionDenied("Your role may not decide about messages. Ask the front desk.")
        return _decided(request, here, found)
    state = door.look(found.id).message
    offered = _offered(state.offered, here)
    looks.listed(here.staff, here.now, "message", [one["patient"].id for one in offered])
    context = {
        "message": found,
        "grave": state.suspicious_words,
        "stated": _stated(found),
        "offered": offered,
        "reason": words.plain(found.reason),
        "longest_reason": LONGEST_REASON,
        "raw": bytes(found.content[:20_000]).decode("utf-8", errors="replace").replace("\r", "\n"),
        "may": may_decide,
        "may_discard": may_decide
        and (not state.suspicious_words or Role.RADIOLOGIST in here.roles)
        and inbox.may_discard(found, here.actor),
    }
    return render(request, "desk/message.html", frame(here, "inbox") | context)


def _stated(found: Message) -> list[tuple[str, str]]:
    """Return whose a message says it is and what was done, for the eye that compares it with a record."""
    said = [
        (name, str(found.said.get(key) or "")) for name, key in (("Examination", "kind"), ("Accession", "accession"))
    ]
    done = str(found.said.get("performed_at") or "")
    if done:
        said.insert(1, ("Performed", _day(done)))
    return [(name, value) for name, value in (*_person(found), *said) if value]


def _day(stated: str) -> str:
    """Return a stated moment's day in words; as it was written where it is no moment."""
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError:
        return stated
    return words.day(moment if moment.tzinfo else timezone.make_aware(moment))


def _person(found: Message) -> list[tuple[str, str]]:
    content = bytes(found.content)
    if found.format == MessageFormat.EXAMINATION:
        row: dict[str, str] = json.loads(content)
        name = f"{row.get('given', '')} {row.get('family', '')}".strip()
        return [("Name", name), ("Born", row.get("birth_date", "")), ("Number", row.get("patient_number", ""))]
    raw = next(iter(split(content)), None)
    zone = sites.of_sender(found.sender).zone
    try:
        reports = read_reports(raw, zone=zone, trusted=False) if raw and raw.fault is None else []
    except Unreadable:
        reports = []
    if not reports:
        return []
    patient = reports[0].patient
    return [
        ("Name", " ".join(part for part in (patient.given, patient.middle, patient.family) if part)),
        ("Born", words.day(patient.birth_date) if patient.birth_date else "not stated"),
        ("Number", ", ".join(i.value for i in patient.identifiers)),
    ]


def _offered(offered: tuple[str, ...], here: Here) -> list[dict[str, Any]]:
    """Return the places a message may belong, with enough of each to tell them apart; none of another site's."""
    found: list[dict[str, Any]] = []
    for one in offered:
        patient_id, _, episode_id = one.partition("/")
        row = Patient.objects.filter(pk=patient_id).first()
        if row is None or not access.is_theirs(here.staff, patient_id, here.now):
            continue
        episode = door.look(patient_id).patient.episodes.get(episode_id)
        found.append(
            {
                "value": one,
                "patient": row,
                "numbers": ", ".join(i.value for i in row.identifiers.all()),
                "about": words.about(episode, None) if episode else "",
                "first": episode.first_exam if episode else None,
                "first_of_hers": all(earlier["patient"].id != patient_id for earlier in found),
            }
        )
    return found


def _decided(request: HttpRequest, here: Here, found: Message) -> HttpResponse:
    what, place = request.POST.get("what", ""), request.POST.get("place", "").strip()
    try:
        if found.outcome != MessageOutcome.SET_ASIDE:
            raise ValueError(TOO_LATE)
        if what == "discard":
            reason = request.POST.get("reason", "")
            if len(reason) > LONGEST_REASON:
                raise ValueError(f"Write the reason in {LONGEST_REASON} characters at most. Nothing was discarded.")
            inbox.discard(found.id, reason=reason, actor=here.actor, key=f"discard:{found.id}", now=here.now)
            flash.success(request, "The message is discarded, and kept.")
            return redirect("desk:inbox")
        decision = _decision(what, place, here)
        done = inbox.process(found.id, now=here.now, decision=decision)
    except (Refused, ValueError) as why:
        flash.error(request, str(why))
        return redirect("desk:message", found.id)
    if done.outcome != MessageOutcome.TAKEN:
        flash.error(request, f"Still set aside: {done.sentence}")
        return redirect("desk:message", found.id)
    if decision and decision.patient and done.patient != decision.patient:
        flash.error(request, TOO_LATE)
        return redirect("desk:message", found.id)
    flash.success(request, "The message is in her record now.")
    return redirect("desk:patient", done.patient)


def _decision(what: str, place: str, here: Here) -> Decision | None:
    patient_id, _, episode_id = place.partition("/")
    match what:
        case "again":
            return None
        case "new_patient":
            return Decision(new_patient=True, by=here.actor)
        case "file" if patient_id:
            return Decision(patient=_whose(patient_id, here), episode=episode_id or None, by=here.actor)
        case "new_round" if patient_id:
            return Decision(patient=_whose(patient_id, here), new_round=True, by=here.actor)
        case "accept":
            return Decision(by=here.actor, same_control_id=True)
    raise ValueError("Say whose message it is: write her number." if what == "file" else "Choose what to do with it.")


def _whose(asked: str, here: Here) -> str:
    """Return the one patient that a record id or a number names. Raises ValueError."""
    found = list(Patient.objects.filter(pk=asked)[:1])
    found = found or list(Patient.objects.filter(identifiers__value__iexact=asked).distinct()[:2])
    if len(found) > 1:
        raise ValueError("Two patients have this number. Copy the record id from the page of the right one.")
    if not found:
        raise ValueError("Nobody here has this number. Look at her page, and copy it from there.")
    if not access.is_theirs(here.staff, found[0].id, here.now):
        raise ValueError("This number is of another site's record. Open it from the search, with a reason, first.")
    return found[0].id
