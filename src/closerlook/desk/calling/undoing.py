"""The last call of a caller, for the minute in which it can be taken back; and how many there were today.

The session holds ids and numbers of facts, never a name. The pathway decides what may be taken back (`TakeBack`).
"""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from closerlook.desk import looks
from closerlook.desk.here import Here
from closerlook.people.models import Patient

SHOWN = timedelta(seconds=60)
LAST, DAY = "last_call", "calls_of_today"


def remember(request: HttpRequest, here: Here, patient: str, seqs: list[int], said: str) -> None:
    """Keep what was just recorded, so that it can be taken back."""
    until = (here.now + SHOWN).isoformat()
    request.session[LAST] = {"patient": patient, "seqs": seqs, "said": said, "until": until}
    request.session[DAY] = {"day": str(timezone.localdate(here.now)), "done": done_today(request, here) + 1}


def done_today(request: HttpRequest, here: Here) -> int:
    """Return how many calls this caller has recorded today, in this session."""
    kept = request.session.get(DAY) or {}
    return int(kept["done"]) if kept.get("day") == str(timezone.localdate(here.now)) else 0


def of(request: HttpRequest, patient: str) -> list[int]:
    """Return the facts of the last call, where it was this patient's."""
    kept = request.session.get(LAST) or {}
    return list(kept["seqs"]) if kept.get("patient") == patient else []


def forget(request: HttpRequest) -> None:
    """Nothing is left to take back; the call does not count."""
    request.session.pop(LAST, None)
    if kept := request.session.get(DAY):
        request.session[DAY] = {**kept, "done": max(0, kept["done"] - 1)}


def offered(request: HttpRequest, here: Here) -> dict[str, Any]:
    """Return what a page shows of the last call while it can be undone; the name is looked up and written down."""
    kept = request.session.get(LAST)
    until = datetime.fromisoformat(kept["until"]) if kept else here.now
    row = Patient.objects.filter(pk=kept["patient"]).first() if kept and here.now < until else None
    if kept is None or row is None:
        return {"undo": None}
    looks.listed(here.staff, here.now, "calls", [row.id])
    shown_until = f"{timezone.localtime(until):%H:%M:%S}"
    left = int((until - here.now).total_seconds())
    return {
        "undo": {"patient": row.id, "name": row.name, "said": kept["said"], "until": shown_until, "left": left},
    }
