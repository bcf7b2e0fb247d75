"""Before the examination, and letters: posted, invited, offered a time, reminded, written off as not screened."""

from datetime import timedelta

from closerlook.pathway import steps as st
from closerlook.pathway.events import (
    Channel,
    Document,
    Purpose,
)
from closerlook.pathway.loops import Loop
from closerlook.pathway.terms import Role
from closerlook.simulate import herself
from closerlook.simulate.common import POSTED, Again, is_owed, round_of
from closerlook.simulate.engine import A_DAY, Case, Engine
from closerlook.simulate.reaching import ring
from closerlook.simulate.roster import Worker


def post(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    exam, _, document = loop.subject.partition(":")
    e.take(case, st.RecordPosted(exam=exam, document=Document(document), proof=POSTED), who.actor)
    if document == Document.SUMMARY:
        herself.opens_result(e, case, exam)
        if case.dice.random() < e.p.behaviour.letter_returned:
            e.somebody(Role.FRONT_DESK, 3, lambda who: _comes_back(e, case, exam, who), timedelta(days=9))
    return None


def _comes_back(e: Engine, case: Case, exam: str, who: Worker) -> None:
    e.take(case, st.RecordReturned(exam=exam, reason="moved"), who.actor)


def post_invitation(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    e.take(case, st.RecordInvited(episode=loop.subject, proof=POSTED), who.actor)
    herself.decides(e, case)
    if case.intends:
        wait = timedelta(days=2 + 25 * case.dice.random() ** 2)
        e.at(e.now + wait, lambda: herself.rings_to_book(e, case, loop.subject))
    return None


def offer_a_time(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """She has not rung: write her a time."""
    episode = round_of(e, case, loop)
    if not episode.invited:
        return e.now + A_DAY
    if episode.answers is not None:
        if is_owed(e, case, "nurse_call", episode.id):
            return e.now + A_DAY
        if case.woman.phone and not ring(e, case, episode, who):
            return e.now + A_DAY  # who has no telephone is written a time
        if not case.intends:
            e.take(case, st.RecordNoToday(episode=episode.id), who.actor)
            return None
    due = e.protocol.calendar.start_of(episode.due_on) if episode.due_on else e.now
    herself.give_a_time(e, case, who, episode.id, Purpose.SCREENING, max(e.now + 7 * A_DAY, due))
    return None


def remind(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    episode, _, name = loop.subject.partition(":")
    purpose = Purpose(name or "pictures")
    visit = e.look(case).episodes[episode].visits.get(purpose)
    if visit is None or visit.starts_at is None or visit.starts_at <= e.now:
        return None  # it fell due on days nobody works, and she is there already
    channel = Channel.TEXT if case.woman.phone else Channel.LETTER
    e.take(case, st.RecordReminded(episode=episode, channel=channel, purpose=purpose), who.actor)
    return None


def not_screened(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    e.take(case, st.RecordNotScreened(episode=loop.subject, proof=POSTED), who.actor)
    return None


def cancel(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    episode, _, purpose = loop.subject.partition(":")
    e.take(case, st.CancelVisit(episode=episode, by_her=False, purpose=Purpose(purpose or "pictures")), who.actor)
    return None


def close_visit(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    episode, _, purpose = loop.subject.partition(":")
    found = e.look(case).episodes[episode].visits.get(Purpose(purpose or "pictures"))
    if found is None or found.starts_at is None or found.starts_at > e.now:
        return e.now + A_DAY
    e.take(case, st.RecordMissed(episode=episode, purpose=Purpose(purpose or "pictures")), who.actor)
    return None


def surveillance_visit(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    e.take(case, st.OpenRound(site=e.unit.site, answers=loop.subject), who.actor)
    case.intends = case.dice.random() < e.p.behaviour.comes_to_short_interval
    return None
