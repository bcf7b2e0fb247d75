"""The person on the line: who to ask for, what must not be done, what is to be said, and what she knows already."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from msgspec import Struct

from closerlook.desk import chronicle, offers, telling, words, wrote
from closerlook.desk.calling import outcomes
from closerlook.desk.calling.outcomes import Call, End
from closerlook.desk.calling.queue import may_tell
from closerlook.desk.doing import just_now
from closerlook.desk.here import Here, names_of_staff
from closerlook.evidence.due import age_on
from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import may
from closerlook.pathway.events import ContactRoute
from closerlook.pathway.loops import KINDS, Loop
from closerlook.pathway.patient import in_force
from closerlook.pathway.regions import Episode
from closerlook.pathway.regions import Patient as State
from closerlook.people import languages
from closerlook.people.models import Patient
from closerlook.portal import spoken
from closerlook.record import door
from closerlook.record.protocols import KNOWN
from closerlook.visits import times

TRIES = (ev.ContactAttempted, ev.CallTried, ev.CallRequested, ev.SpokenWith, ev.SaidNoToday, ev.Missed, ev.Cancelled)
KNOWS = (
    ev.ResultTold, ev.ResultSeen, ev.SummarySent, ev.SummaryReturned, ev.DiagnosisTold, ev.WaitExplained, ev.Booked,
    ev.Moved, ev.Invited, ev.Reminded,
)  # fmt: skip
LATEST = 8
NO_NUMBER = "no number is known"


class Event(Struct, frozen=True):
    """One thing that was tried or that she knows: when, what, and by whom."""

    at: datetime
    said: str
    by: str


class Matter(Struct, frozen=True):
    """One reason to ring her, as the desk says it."""

    what: str
    about: str
    due_at: datetime
    late: bool
    urgent: bool
    owner: str


def context(row: Patient, history: door.History, call: Call, here: Here) -> dict[str, Any]:
    """Return what the page of one call shows of her, beside its form."""
    state, names = history.patient, names_of_staff()
    tells = may_tell(here, call.loops)
    possible = outcomes.possible(call, here, may_tell=tells)
    closed = state.around.not_by
    return {
        "patient": row,
        "numbers": ", ".join(i.value for i in row.identifiers.all()),
        "age": age_on(row.birth_date, timezone.localdate(here.now)),
        "speaks": telling.language_of(row.language),
        "interpreter": state.wishes.interpreter,
        "interpreter_lines": languages.interpreter_lines(row.language),
        "red": red(row, state.wishes, closed),
        "discreet": bool(row.safe_contact) or state.wishes.route is not ContactRoute.HERSELF,
        "own_number": state.wishes.route is ContactRoute.HERSELF,
        "rings": ev.Channel.PHONE not in closed,
        "known": words.anatomy(state.anatomy),
        "matters": [_matter(x, history, names, here) for x in sorted(call.loops, key=_urgent_first)],
        "tells": tells,
        "plan": [line for e in call.rounds if e.plan is not None for line in _plan(e.plan)],
        "beside": [words.EXAMINATIONS[kind] for e in call.rounds for kind in times.beside(e.plan)],
        "may_change": any(x.reading.pending is not None for e in call.rounds for x in e.exams.values()),
        "just_now": just_now([r for r in in_force(history.records) if isinstance(r.event, TRIES + KNOWS)], here),
        "tried": _events(history, TRIES, names)[:LATEST],
        "knows": _events(history, KNOWS, names)[:LATEST],
        "ladder": [said for e in call.rounds if (said := next_tries(e, history.loops, here))],
        "written": wrote.written(row),
        "barriers": [
            words.BARRIERS[kind] + (f": {arranged}" if arranged else "") for kind, arranged in state.barriers.items()
        ],
        "handed": _handed(history, call.rounds, names),
        "ends": _ends(row, call, possible),
        "decline": _decline(call, here),
        "wrong_since": telling.wrong_since(row, state),
        "in_english": _in_english(state, row, call, here, tells),
        "spoken": spoken.script(state, row, here.site, call.loops, caller=here.name, now=here.now, may_tell=tells),
    }


def _in_english(state: State, row: Patient, call: Call, here: Here, tells: bool) -> spoken.Script | None:
    """Return the same words in English, for a caller who does not speak her language; None where they are English."""
    if languages.to_write_in(row.language).startswith("en"):
        return None
    row = Patient.objects.get(pk=row.pk)
    row.language = "en"  # on a copy of the row: nothing is saved
    return spoken.script(state, row, here.site, call.loops, caller=here.name, now=here.now, may_tell=tells)


def _ends(row: Patient, call: Call, possible: list[End]) -> list[tuple[End, str, str]]:
    """Return the ends of a call with their keys and words. Where no number is known, nobody rang: the key says that."""
    found = [(end, outcomes.KEYS[end], label(end, call)) for end in possible]
    if row.phone:
        return found
    unheard = {End.VOICEMAIL, End.NO_ANSWER}
    return [(e, key, NO_NUMBER if e is End.WRONG_NUMBER else said) for e, key, said in found if e not in unheard]


def _plan(plan: ev.CallBackDecided) -> list[str]:
    why = ", ".join(words.FINDINGS[kind] for kind in plan.reasons)
    return [*([f"Because of: {why}."] if why else []), words.said(plan)]


def next_tries(episode: Episode, loops: Iterable[Loop], here: Here) -> str:
    """Return what the ladder has next, should this call not reach her: the next call, and what is not tried by its day.

    "If this call does not reach her: third call; text message from 4 November 2026."
    """
    rungs = [rung for rung in KNOWN[episode.protocol].ladder if rung.after is None]
    left = [words.rung(rung.name) for rung in rungs[episode.contact.calls : episode.contact.calls + 1]]
    timed = {rung.name for rung in KNOWN[episode.protocol].ladder if rung.after is not None}
    waiting = [x for x in loops if x.kind == "reach_her" and x.episode == episode.id]
    for loop in sorted(waiting, key=lambda x: x.visible_from):
        if loop.subject.rpartition(":")[2] in timed:
            when = "now" if loop.visible_from <= here.now else f"from {words.day(loop.visible_from)}"
            left.append(f"{words.rung(loop.subject)} {when}")
    return f"If this call does not reach her: {'; '.join(left)}." if left else ""


def _urgent_first(loop: Loop) -> tuple[bool, datetime]:
    return not loop.urgent, loop.due_at


def label(end: End, call: Call) -> str:
    """Return what a key says, where it depends on whom one rings."""
    if end is End.TOLD:
        kinds = call.kinds()
        if "nurse_call" in kinds:
            return "reached, goes on"
        return "reached, told" if kinds - {"call_her", "reach_her", "book_call_back"} else "reached"
    return outcomes.LABELS[end]


def red(row: Patient, wishes: ev.Wishes, closed: Iterable[ev.Channel]) -> list[str]:
    """Return what must not be done in reaching her, a sentence each."""
    found = [row.safe_contact.rstrip(".") + "."] if row.safe_contact else []
    if wishes.route is not ContactRoute.HERSELF:
        only = " only" if wishes.route in (ContactRoute.SHELTER, ContactRoute.CUSTODY) else ""
        found.append(f"Reach her{only} through {words.ROUTES[wishes.route]}.")
    ways = sorted(words.plain(way) for way in closed)
    if ways:
        found.append(f"Never by {' or '.join(ways)}.")
    if wishes.tell_first_until is not None:
        found.append(
            f"She wants to hear it from us first; her page holds it back until {words.day(wishes.tell_first_until)}."
        )
    if wishes.capacity is not ev.Capacity.DECIDES:
        found.append(f"{words.CAPACITIES[wishes.capacity][:1].upper()}{words.CAPACITIES[wishes.capacity][1:]}.")
    return found


def _matter(loop: Loop, history: door.History, names: dict[str, str], here: Here) -> Matter:
    about = telling.about_subject(history.patient, telling.subject_of(loop), here.now)
    said = telling.said_about(history, loop) or loop.about or telling.about_words(about, loop.subject)
    return Matter(
        what=KINDS[loop.kind],
        about=words.rung(loop.subject) if loop.kind == "reach_her" else said,
        due_at=loop.due_at,
        late=loop.due_at < here.now,
        urgent=loop.urgent,
        owner=names.get(loop.assignee, loop.assignee) if loop.assignee else words.owner(loop.owner),
    )


def _events(history: door.History, kinds: tuple[type[ev.Event], ...], names: dict[str, str]) -> list[Event]:
    """Return facts of some kinds, the latest first, without what was entered in error."""
    return [
        Event(r.event.occurred_at, words.said(r.event), chronicle.by_whom(r.actor, names))
        for r in reversed(in_force(history.records))
        if isinstance(r.event, kinds)
    ]


def _handed(history: door.History, rounds: list[Episode], names: dict[str, str]) -> str:
    """Return the word that came with her when she was handed on last: who by, and what they wrote."""
    mine = {e.id for e in rounds}
    for r in reversed(in_force(history.records)):
        if isinstance(r.event, ev.OwnerChanged) and r.event.episode in mine:
            by = chronicle.by_whom(r.actor, names)
            return f"{by} to {names.get(r.event.owner, r.event.owner)}: {r.event.note}" if r.event.note else ""
    return ""


def _decline(call: Call, here: Here) -> str:
    """Return where an informed refusal is taken, "" where it is not for this caller or nothing can be refused."""
    rounds = [e for e in call.rounds if e.contact.said_no]
    if not rounds or not may(st.RecordDecline, here.actor):
        return ""
    return offers.link(st.RecordDecline, call.state.id, rounds[0].id)
