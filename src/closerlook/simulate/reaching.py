"""Reaching her: calls, texts and letters, what is said, a time for her visit, her no, and whoever is lost."""

from datetime import timedelta

from closerlook.pathway import steps as st
from closerlook.pathway.events import (
    Channel,
    Outcome,
    Purpose,
)
from closerlook.pathway.loops import Loop
from closerlook.pathway.regions import Episode, Exam, FindingStatus, VisitStage
from closerlook.pathway.terms import (
    SUSPECT,
    Role,
)
from closerlook.simulate import herself
from closerlook.simulate.common import AN_HOUR, Again, days_until, is_owed, round_of
from closerlook.simulate.engine import A_DAY, Case, Engine
from closerlook.simulate.roster import Worker


def tell_result(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """Ring her about her result, once it is known what is to be done."""
    episode = round_of(e, case, loop)
    if is_owed(e, case, "plan_call_back", episode.id):
        return e.now + AN_HOUR
    if episode.contact.attempts and not episode.contact.reached:
        return e.now + 3 * A_DAY  # the ladder goes on by itself
    if ring(e, case, episode, who):
        speak(e, case, episode.id, who)
    return None


def ring(e: Engine, case: Case, episode: Episode, who: Worker) -> bool:
    outcome = herself.answers(case)
    if outcome is Outcome.REACHED:
        return True
    e.take(case, st.RecordContact(episode=episode.id, channel=Channel.PHONE, outcome=outcome), who.actor)
    return False


def speak(e: Engine, case: Case, episode_id: str, who: Worker) -> None:
    """She is on the phone: her result, then a time for her visit, or a no."""
    for exam in list(e.look(case).episodes[episode_id].exams.values()):
        told = {kind for _, kind, subject in e.look(case).owed if subject.partition(":")[0] == exam.id}
        if told & {"tell_result", "tell_change", "ring_after_seen"}:
            e.take(case, st.TellResult(exam=exam.id, channel=Channel.PHONE), _may_tell(e, exam, who).actor)
    wants = is_owed(e, case, "book_call_back", episode_id) or is_owed(e, case, "reach_her", episode_id)
    if not wants:
        return
    if case.dice.random() < e.p.behaviour.declines_today:
        e.take(case, st.RecordNoToday(episode=episode_id), who.actor)
        return
    books(e, case, episode_id, who)


def _may_tell(e: Engine, exam: Exam, who: Worker) -> Worker:
    """A suspicious result is for a clinician to tell."""
    grave = exam.result is not None and exam.result.assessments & SUSPECT
    return e.roster.anyone(Role.CLINICIAN) if grave and Role.CLINICIAN not in who.roles else who


OF_THE_UNIT = {Purpose.PICTURES: 4.0, Purpose.BIOPSY: 2.5}
"""Days of a wait that the unit itself takes: until it has read, rung, and holds that clinic. The rest suits her."""
LONGEST_NOTICE = 28.0
"""Days: nobody is given a later first day."""


def books(e: Engine, case: Case, episode_id: str, who: Worker) -> None:
    episode = e.look(case).episodes[episode_id]
    days = e.p.days
    for purpose, status, median, spread in (
        (Purpose.PICTURES, FindingStatus.OPEN, days.work_up, days.work_up_spread),
        (Purpose.BIOPSY, FindingStatus.BIOPSY, days.biopsy, days.biopsy_spread),
    ):
        visit = episode.visits.get(purpose)
        if any(f.status is status for f in episode.findings.values()) and (
            visit is None or visit.stage is VisitStage.NONE
        ):
            notice = timedelta(days=min(days_until(case, median, spread) - OF_THE_UNIT[purpose], LONGEST_NOTICE))
            herself.give_a_time(e, case, who, episode_id, purpose, e.now + max(notice, timedelta(hours=18)))


def reach_her(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """The next rung: a call, a text, a letter."""
    episode = round_of(e, case, loop)
    if is_owed(e, case, "plan_call_back", episode.id):
        return e.now + AN_HOUR
    rung = loop.subject.partition(":")[2]
    channel = _channel(rung)
    if channel is Channel.PHONE:
        if ring(e, case, episode, who):
            speak(e, case, episode.id, who)
        return None
    nowhere = channel is Channel.TEXT and not case.woman.phone
    outcome = Outcome.WRONG_NUMBER if nowhere else Outcome.SENT
    e.take(case, st.RecordContact(episode=episode.id, channel=channel, outcome=outcome), who.actor)
    if nowhere:
        return None
    herself.has_got(e, case, episode.id, channel)
    return None


def _channel(rung: str) -> Channel:
    if rung.startswith("text"):
        return Channel.TEXT
    if "certified" in rung or "signed" in rung:
        return Channel.CERTIFIED_LETTER
    return Channel.LETTER if rung.startswith("letter") else Channel.PHONE


def she_rings(e: Engine, case: Case, episode_id: str, who: Worker) -> None:
    """She rings the number in the letter."""
    episode = e.look(case).episodes.get(episode_id)
    if episode is None or episode.settled is not None or case.gone:
        return
    if not episode.contact.reached:
        step = st.RecordContact(episode=episode_id, channel=Channel.PHONE, outcome=Outcome.REACHED)
        e.take(case, step, who.actor)
    speak(e, case, episode_id, who)


def book(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """Ring her for a time, where nobody has yet."""
    episode = round_of(e, case, loop)
    if is_owed(e, case, "tell_result", episode.id) or is_owed(e, case, "nurse_call", episode.id):
        return e.now + A_DAY  # the same call
    if not ring(e, case, episode, who):
        return e.now + A_DAY
    speak(e, case, episode.id, who)
    return None


def nurse_call(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """A nurse asks why, explains, and takes her answer."""
    episode = round_of(e, case, loop)
    if herself.answers(case) is not Outcome.REACHED:
        return e.now + A_DAY
    for exam in episode.exams.values():
        if is_owed(e, case, "tell_result", episode.id) and exam.result is not None:
            e.take(case, st.TellResult(exam=exam.id, channel=Channel.PHONE), who.actor)
    if not case.intends or case.dice.random() < min(0.9, case.woman.declines * 8):
        review = (e.now + timedelta(days=60)).date()
        what = "a biopsy" if episode.is_suspect else "the check" if episode.is_awaited else "further pictures"
        step = st.RecordDecline(episode=episode.id, what=what, review_on=review, reviewer=who.username)
        e.take(case, step, who.actor)
        return None
    e.take(case, st.RecordChangedMind(episode=episode.id), who.actor)
    books(e, case, episode.id, who)
    return None


def confirm_lost(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    review = (e.now + timedelta(days=60)).date()
    step = st.ConfirmLost(
        episode=loop.episode or "", everything_tried=True, review_on=review, reviewer=_reviewer(e, case, loop)
    )
    e.take(case, step, who.actor)
    return None


def _reviewer(e: Engine, case: Case, loop: Loop) -> str:
    role = Role.RADIOLOGIST if round_of(e, case, loop).is_suspect else Role.NAVIGATOR
    return e.roster.anyone(role).username


def review_pause(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    """Look again: somebody who was lost or said no may be found, or may want it now."""
    episode = round_of(e, case, loop)
    if episode.paused is not None and case.dice.random() < 0.35 and episode.paused.reason != "moved_away":
        e.take(case, st.Resume(episode=episode.id), navigator_or(e, who).actor)
        return None
    step = st.ReviewPause(episode=episode.id, review_on=(e.now + timedelta(days=90)).date(), note="no change")
    e.take(case, step, who.actor)
    return None


def navigator_or(e: Engine, who: Worker) -> Worker:
    return who if Role.NAVIGATOR in who.roles else e.roster.anyone(Role.NAVIGATOR)


def explain_wait(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    step = st.ExplainWait(exam=loop.subject.partition(":")[0], hear_by_on=(e.now + timedelta(days=5)).date())
    e.take(case, step, who.actor)
    return None


def call_her(e: Engine, case: Case, _loop: Loop, who: Worker) -> Again:
    if herself.answers(case) is not Outcome.REACHED:
        return e.now + timedelta(hours=5)
    e.take(case, st.RecordSpoken(channel=Channel.PHONE), who.actor)
    return None


def tell_change(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
    episode = round_of(e, case, loop)
    if not case.woman.phone:
        step = st.RecordContact(episode=episode.id, channel=Channel.LETTER, outcome=Outcome.SENT)
        e.take(case, step, who.actor)
        herself.has_got(e, case, episode.id, Channel.LETTER)
        return e.now + timedelta(days=10)
    if not ring(e, case, episode, who):
        return e.now + A_DAY
    speak(e, case, episode.id, who)
    return None
