"""How a call can end, one key each, and the steps that each end takes through the door: all of them, or none.

A conversation is recorded once: telling her a result or booking with her says by itself that she was reached.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from closerlook.desk.calling.queue import TELLING, called
from closerlook.desk.here import Here
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import CARING, may
from closerlook.pathway.deciding.standing import is_untold
from closerlook.pathway.events import Channel, ContactRoute, Outcome, Purpose
from closerlook.pathway.loops import Loop
from closerlook.pathway.regions import NO_VISIT_YET, Episode, Patient, VisitStage
from closerlook.pathway.terms import Role
from closerlook.record.protocols import KNOWN

PHONE = Channel.PHONE


class End(StrEnum):
    """How a call ended. The order is that of the keys: 1 to 9, and 0."""

    BOOKED = "booked"
    TOLD = "told"
    LATER = "later"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    NO_TODAY = "no_today"
    DIED = "died"
    MOVED = "moved"
    HANDED = "handed"


KEYS: dict[End, str] = {end: str(n % 10) for n, end in enumerate(End, 1)}
LABELS: dict[End, str] = {
    End.BOOKED: "reached, booked",
    End.TOLD: "reached",
    End.LATER: "call at …",
    End.VOICEMAIL: "voicemail",
    End.NO_ANSWER: "no answer",
    End.WRONG_NUMBER: "wrong number",
    End.NO_TODAY: "says no today",
    End.DIED: "died",
    End.MOVED: "moved",
    End.HANDED: "nurse or colleague",
}
LONGER: dict[End, str] = {
    End.DIED: "She has died",
    End.MOVED: "She has moved away",
    End.HANDED: "Hand her to a nurse or a colleague",
}
"""How the pages are headed that ask for more."""
SAID: dict[End, str] = {
    End.BOOKED: "reached and booked",
    End.TOLD: "reached, not booked",
    End.LATER: "to be rung at the hour she named",
    End.VOICEMAIL: "voicemail",
    End.NO_ANSWER: "no answer",
    End.WRONG_NUMBER: "wrong number",
    End.NO_TODAY: "says no today; a nurse rings her",
    End.DIED: "has died",
    End.MOVED: "has moved away",
    End.HANDED: "handed over",
}
TRIED: dict[End, Outcome] = {
    End.VOICEMAIL: Outcome.VOICEMAIL,
    End.NO_ANSWER: Outcome.NO_ANSWER,
    End.WRONG_NUMBER: Outcome.WRONG_NUMBER,
}
SPEAKING = frozenset({End.BOOKED, End.TOLD, End.NO_TODAY})
"""Ends in which she was told something: who she is was made sure of before."""
ASKS_FIRST = frozenset({End.DIED, End.MOVED, End.HANDED})
"""Ends that ask for more on a page of their own before anything is recorded."""


class Call(Struct, frozen=True):
    """What one call is about: her state, and the calls that are owed to her now."""

    state: Patient
    loops: tuple[Loop, ...]

    @property
    def rounds(self) -> list[Episode]:
        """The rounds that something is to be said about, that first which is booked."""
        order = sorted(self.loops, key=lambda x: (x.kind != "book_call_back", x.due_at))
        found = dict.fromkeys(x.episode for x in order if x.episode is not None)
        return [self.state.episodes[name] for name in found]

    @property
    def to_book(self) -> Episode | None:
        """The round whose further pictures are to be booked with her; None where nothing is."""
        owed = {x.episode for x in self.loops if x.kind in ("book_call_back", "nurse_call")}
        for episode in self.rounds:
            waits = any(f.planned and not f.examined for f in episode.open_findings())
            visit = episode.visits.get(Purpose.PICTURES, NO_VISIT_YET)
            if episode.id in owed and waits and visit.stage is VisitStage.NONE:
                return episode
        return None

    def kinds(self) -> set[str]:
        return {x.kind for x in self.loops}


def call_of(state: Patient, loops: Iterable[Loop], here: Here) -> Call:
    """Return what can be said to her in a call now."""
    return Call(state, tuple(x for x in called(loops, here) if x.visible_from <= here.now))


def possible(call: Call, here: Here, *, may_tell: bool) -> list[End]:
    """Return the ends that this call can have for this caller, in the order of the keys."""
    return [end for end in End if _fits(end, call, here, may_tell=may_tell)]


def _fits(end: End, call: Call, here: Here, *, may_tell: bool) -> bool:
    rounds, rings = call.rounds, PHONE not in call.state.around.not_by
    match end:
        case _ if not call.loops or call.state.died_on is not None:
            return False
        case End.BOOKED:
            return rings and may_tell and call.to_book is not None
        case End.TOLD:
            return rings and may_tell
        case End.NO_TODAY:
            asked = [e for e in rounds if not e.contact.said_no and e.paused is None and e.open_findings()]
            return rings and may_tell and bool(asked)
        case End.MOVED:
            going = [e for e in rounds if e.paused is None]
            seen = any(not (e.is_awaited and e.answers is None) for e in going)
            return seen and (not CARING.isdisjoint(here.roles) or not any(is_untold(call.state, e) for e in going))
        case End.VOICEMAIL:
            return rings and call.state.wishes.route is ContactRoute.HERSELF
        case End.HANDED:
            return bool(rounds) and may(st.AssignOwner, here.actor)
        case End.DIED:
            return True
    return rings


def steps(end: End, call: Call, here: Here, data: dict[str, Any]) -> list[st.Step]:
    """Return what a call that ended so makes of the record. `data` is the checked form."""
    match end:
        case End.BOOKED if call.to_book is not None:
            return [*_told(call), *_spoken(call), _booked(call.to_book, data)]
        case End.TOLD:
            return _reached(call, here)
        case End.LATER:
            return [st.AskForCall(call_at=data["call_at"])]
        case End.VOICEMAIL | End.NO_ANSWER | End.WRONG_NUMBER:
            return _tried(call, TRIED[end])
        case End.NO_TODAY:
            asked = [e.id for e in call.rounds if not e.contact.said_no and e.paused is None and e.open_findings()]
            return [*_spoken(call), *(st.RecordNoToday(episode=e) for e in asked)]  # she may not have let it be said
        case End.DIED:
            return [st.RecordDeath(died_on=data["died_on"])]
        case End.MOVED:
            return [
                st.RecordMovedAway(episode=e.id, review_on=data["review_on"], reviewer=data["reviewer"])
                for e in call.rounds
                if e.paused is None
            ]
        case End.HANDED:
            note = data.get("note") or None
            return [st.AssignOwner(episode=e.id, owner=data["owner"], cover=e.cover, note=note) for e in call.rounds]
    return []


def _told(call: Call) -> list[st.Step]:
    """Each result once, whatever kinds of call are owed about it."""
    exams = dict.fromkeys(x.subject for x in call.loops if x.kind in TELLING and x.kind != "tell_diagnosis")
    pieces = [x for x in call.loops if x.kind == "tell_diagnosis" and _by_phone(call, x)]
    told: list[st.Step] = [st.TellResult(exam=exam, channel=PHONE) for exam in exams]
    return told + [st.TellDiagnosis(specimen=x.subject, channel=PHONE) for x in pieces]


def _by_phone(call: Call, loop: Loop) -> bool:
    """Whether the protocol of the round lets this be told on the telephone."""
    return PHONE in KNOWN[call.state.episodes[loop.episode or ""].protocol].tell_diagnosis_by


def _spoken(call: Call) -> list[st.Step]:
    return [st.RecordSpoken(channel=PHONE)] if call.state.call_requested else []


def _booked(episode: Episode, data: dict[str, Any]) -> st.Step:
    return st.BookVisit(
        episode=episode.id,
        starts_at=data["starts_at"],
        place=data["place"],
        slot=data["slot"],
        purpose=Purpose.PICTURES,
    )


def _reached(call: Call, here: Here) -> list[st.Step]:
    """Told, or only spoken with: of each round it is recorded once that she was reached."""
    found = [*_told(call), *_spoken(call)]
    told = {x.episode for x in call.loops if x.kind in TELLING and (x.kind != "tell_diagnosis" or _by_phone(call, x))}
    for episode in call.rounds:
        if episode.contact.said_no and not {Role.NURSE, Role.CLINICIAN}.isdisjoint(here.roles):
            found.append(st.RecordChangedMind(episode=episode.id))
        elif episode.id not in told:
            found.append(st.RecordContact(episode=episode.id, channel=PHONE, outcome=Outcome.REACHED))
    return found


def _tried(call: Call, outcome: Outcome) -> list[st.Step]:
    rounds: Sequence[Episode] = call.rounds
    if not rounds:
        return [st.RecordCallTried(outcome=outcome)]
    return [st.RecordContact(episode=e.id, channel=PHONE, outcome=outcome) for e in rounds]
