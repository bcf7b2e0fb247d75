"""What she does herself: comes or does not, answers the phone or does not, falls ill between two screenings.

You are here to change how women behave. Chances come from the parameters and from who she is; nothing here knows what
the unit has recorded beyond what she was told.
"""

import math
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, Outcome, Purpose
from closerlook.pathway.regions import Episode, Visit, VisitStage
from closerlook.pathway.terms import ExaminationKind, Laterality, Role
from closerlook.simulate import disease
from closerlook.simulate.engine import A_DAY, Case, Engine
from closerlook.simulate.roster import Worker
from closerlook.simulate.sending import Sent

BOTH = (Laterality.LEFT, Laterality.RIGHT)
SYMPTOMS = ("a lump", "pain in one place", "discharge from the nipple", "a dimple in the skin", "a change of shape")


def begins(e: Engine, case: Case, first: date) -> None:
    """Say when and how she comes into the programme."""
    span = (e.last.date() - first).days
    if e.unit.parameters.country == "uk":
        # Invited every three years: in a shorter run some women are not due.
        due_on = first + timedelta(days=case.dice.randrange(36 * 30))
        e.at(_morning(e, first), lambda: known(e, case, due_on))
    else:
        day = first + timedelta(days=case.dice.randrange(max(span, 1)))
        comes_at, live_from = _at_the_unit(e, case, day), e.unit.live_from
        if live_from is not None and e.protocol.calendar.on(comes_at) < live_from:
            e.at(_morning(e, live_from), lambda: comes_over(e, case, comes_at))
        else:
            e.at(comes_at, lambda: walks_in(e, case))
    lives(e, case, first)


def lives(e: Engine, case: Case, first: date) -> None:
    """Let her life go on beside the programme: she may die of something else, at a day like any other."""
    years = (e.last.date() - first).days / 365.25
    hazard = disease.mortality(case.woman, first, e.p)
    if case.dice.random() < 1 - math.exp(-hazard * years):
        died_on = first + timedelta(days=case.dice.random() * years * 365.25)
        e.at(_morning(e, died_on + timedelta(days=20)), lambda: dies(e, case, died_on))


def _morning(e: Engine, day: date) -> datetime:
    return e.hours.open_at(e.protocol.calendar.start_of(day))


def _at_the_unit(e: Engine, case: Case, day: date) -> datetime:
    opens = e.hours.open_at(e.protocol.calendar.start_of(day))
    return opens + timedelta(minutes=5 * case.dice.randrange(90))


# ---------------------------------------------------------------- screening


def known(e: Engine, case: Case, due_on: date) -> None:
    """The programme knows her and when she is due."""
    if case.gone:
        return
    case.stream = e.doorway.enter(case.woman, e.now)
    desk = e.roster.anyone(Role.FRONT_DESK).actor
    e.take(case, st.Enrol(), desk)
    step = st.SetNextDue(due_on=due_on, why="taken over from the programme's call list")
    e.take(case, step, desk)


def walks_in(e: Engine, case: Case) -> None:
    """She comes for the first time: the machine knows her before the unit does."""
    if case.gone:
        return
    case.stream = e.doorway.enter(case.woman, e.now)
    is_screened(e, case)


def comes_over(e: Engine, case: Case, screened_at: datetime) -> None:
    """Her last screening comes over from the older system, read."""
    if case.gone and case.died_on is not None and case.died_on < screened_at.date():
        return
    case.stream = e.doorway.enter(case.woman, e.now)
    case.rounds += 1
    case.screened_on = e.protocol.calendar.on(screened_at)
    e.reads_history(e, case, screened_at)
    may_fall_ill(e, case)


def is_screened(e: Engine, case: Case) -> None:
    """Pictures of both breasts are made, and the machine says so."""
    if case.gone:
        return
    case.rounds += 1
    case.screened_on = e.protocol.calendar.on(e.now)
    sent = Sent(
        number=case.woman.number,
        accession=e.accession(case),
        kind=ExaminationKind.SCREENING,
        looked_at=BOTH,
        performed_at=e.now.replace(microsecond=0),
        provider=case.provider,
        sender=case.sender,
    )
    e.send(case, sent)
    if case.woman.symptom and case.rounds == 1:
        tells_of_a_symptom(e, case)
    may_fall_ill(e, case)


def tells_of_a_symptom(e: Engine, case: Case) -> None:
    episode = open_round(e, case)
    if episode is None:
        return
    side = case.dice.choice(BOTH)
    step = st.ReportSymptom(episode=episode.id, what=case.dice.choice(SYMPTOMS), side=side)
    e.take(case, step, e.roster.anyone(Role.TECHNOLOGIST).actor)


def decides(e: Engine, case: Case) -> None:
    """She is invited: will she come, and how long does she wait?"""
    b = e.p.behaviour
    if e.unit.parameters.country == "uk":
        first = not case.woman.screened_before and case.rounds == 0
        chance = b.uptake_first if first else b.uptake_later
    else:
        chance = case.woman.returns + case.shift
    case.intends = case.dice.random() < chance


def rings_to_book(e: Engine, case: Case, episode_id: str) -> None:
    """She rings and is given a time for her screening."""

    def booked(worker: Worker) -> None:
        episode = e.look(case).episodes[episode_id]
        if not episode.is_awaited or _stage(episode, Purpose.SCREENING) is VisitStage.BOOKED:
            return
        due = e.protocol.calendar.start_of(episode.due_on) if episode.due_on else e.now
        give_a_time(e, case, worker, episode_id, Purpose.SCREENING, max(e.now + A_DAY, due - timedelta(days=7)))

    e.somebody(Role.FRONT_DESK, 4, booked, timedelta(0))


# ---------------------------------------------------------------- visits


def give_a_time(e: Engine, case: Case, worker: Worker, episode: str, purpose: Purpose, not_before: datetime) -> None:
    """Book the first free place with her, and let the day come."""
    starts_at, place = e.diary.give(purpose, not_before)
    e.take(case, st.BookVisit(episode=episode, starts_at=starts_at, place=place, purpose=purpose), worker.actor)
    comes(e, case, episode, purpose, starts_at)
    if case.dice.random() < e.p.behaviour.moves_visit:
        before = starts_at - timedelta(days=1 + 2 * case.dice.random())
        e.at(before, lambda: asks_to_move(e, case, episode, purpose, starts_at))
    elif case.dice.random() < 0.3 and e.has_page:
        e.at(_when_she_has_time(e, case, 1), lambda: confirms(e, case, episode, purpose))


def _when_she_has_time(e: Engine, case: Case, days: int) -> datetime:
    """Return a moment between seven in the morning and ten at night, on one of the next days."""
    day = e.protocol.calendar.on(e.now) + timedelta(days=1 + int(days * case.dice.random()))
    return e.protocol.calendar.start_of(day) + timedelta(hours=7 + 15 * case.dice.random())


def comes(e: Engine, case: Case, episode: str, purpose: Purpose, starts_at: datetime) -> None:
    e.at(starts_at, lambda: day_of_visit(e, case, episode, purpose, starts_at))


def asks_to_move(e: Engine, case: Case, episode: str, purpose: Purpose, was: datetime) -> None:
    def moved(worker: Worker) -> None:
        visit = _booked(e, case, episode, purpose)
        if visit is None or visit.starts_at != was:
            return
        starts_at, place = e.diary.give(purpose, max(e.now, was) + timedelta(hours=3))
        e.take(case, st.MoveVisit(episode=episode, starts_at=starts_at, place=place, purpose=purpose), worker.actor)
        comes(e, case, episode, purpose, starts_at)

    if _booked(e, case, episode, purpose) is not None:
        e.somebody(Role.FRONT_DESK, 4, moved, timedelta(0))


def confirms(e: Engine, case: Case, episode: str, purpose: Purpose) -> None:
    if _booked(e, case, episode, purpose) is not None and not case.gone:
        e.she(case, st.ConfirmVisit(episode=episode, purpose=purpose))


def day_of_visit(e: Engine, case: Case, episode_id: str, purpose: Purpose, starts_at: datetime) -> None:
    """The hour has come: she is there, or she is not."""
    visit = _booked(e, case, episode_id, purpose)
    if visit is None or visit.starts_at != starts_at or case.gone:
        return
    if not _will_come(e, case, purpose):
        e.at(starts_at + timedelta(hours=2), lambda: _missed(e, case, episode_id, purpose, starts_at))
        return
    e.take(case, st.RecordAttended(episode=episode_id, purpose=purpose), e.roster.anyone(Role.TECHNOLOGIST).actor)
    screening = purpose is Purpose.SCREENING and e.look(case).episodes[episode_id].answers is None
    do = is_screened if screening else lambda e, case: e.arrivals[purpose](e, case, episode_id)
    e.at(e.now + timedelta(minutes=15), lambda: do(e, case))


def _missed(e: Engine, case: Case, episode: str, purpose: Purpose, starts_at: datetime) -> None:
    visit = _booked(e, case, episode, purpose)
    if visit is not None and visit.starts_at == starts_at:
        step = st.RecordMissed(episode=episode, purpose=purpose)
        e.take(case, step, e.roster.anyone(Role.FRONT_DESK).actor)


def _will_come(e: Engine, case: Case, purpose: Purpose) -> bool:
    if purpose is Purpose.SCREENING and not case.intends:
        return False
    if purpose is Purpose.BIOPSY:
        return case.dice.random() < e.p.behaviour.attends_biopsy
    return case.dice.random() < case.woman.attends


def _booked(e: Engine, case: Case, episode: str, purpose: Purpose) -> Visit | None:
    found = e.look(case).episodes.get(episode)
    if found is None or found.settled is not None:
        return None
    visit = found.visits.get(purpose)
    return visit if visit is not None and visit.stage is VisitStage.BOOKED else None


def _stage(episode: Episode, purpose: Purpose) -> VisitStage:
    visit = episode.visits.get(purpose)
    return visit.stage if visit is not None else VisitStage.NONE


def open_round(e: Engine, case: Case) -> Episode | None:
    """Her latest round that is neither settled nor awaited."""
    for episode in reversed(list(e.look(case).episodes.values())):
        if episode.settled is None and episode.examined:
            return episode
    return None


# ---------------------------------------------------------------- reached, or not


def answers(case: Case) -> Outcome:
    """A call goes out to her."""
    if not case.woman.phone:
        return Outcome.WRONG_NUMBER
    if case.dice.random() < case.woman.answers_phone:
        return Outcome.REACHED
    return Outcome.VOICEMAIL if case.dice.random() < 0.6 else Outcome.NO_ANSWER


def has_got(e: Engine, case: Case, episode_id: str, channel: Channel) -> None:
    """A text or a letter went: she may ring."""
    b = e.p.behaviour
    text = channel is Channel.TEXT
    if case.dice.random() >= (b.answers_text if text else b.answers_letter):
        return
    wait = timedelta(hours=2 + 46 * case.dice.random()) if text else timedelta(days=2 + 5 * case.dice.random())
    e.somebody(Role.NAVIGATOR, 8, lambda who: e.rings(e, case, episode_id, who), wait)


def opens_result(e: Engine, case: Case, exam: str) -> None:
    """She looks at her page after her letter came."""

    def looks() -> None:
        found = e.look(case).exam(exam)
        if found is not None and found[1].result is not None and not case.gone:
            e.she(case, st.OpenResult(exam=exam))

    if case.dice.random() < 0.25 and e.has_page:
        e.at(_when_she_has_time(e, case, 7), looks)


# ---------------------------------------------------------------- what happens to her


def may_fall_ill(e: Engine, case: Case) -> None:
    """Whether a tumour shows itself before she would be screened again."""
    on = case.screened_on or e.protocol.calendar.on(e.now)
    until = on + timedelta(days=30 * (36 if e.unit.parameters.country == "uk" else 14))
    tumour = disease.declared(case.woman, on, until)
    if tumour is None or tumour in case.known:
        return
    rounds = case.rounds

    def found() -> None:
        if tumour in case.known or case.gone or case.rounds != rounds:
            return
        case.known.add(tumour)
        step = st.RecordIntervalCancer(found_on=e.protocol.calendar.on(e.now), side=tumour.side)
        e.somebody(Role.CLINICIAN, 10, lambda who: e.take(case, step, who.actor), timedelta(days=20))

    e.at(datetime.combine(tumour.felt_on, time(18), ZoneInfo("UTC")), found)


def dies(e: Engine, case: Case, died_on: date) -> None:
    """She has died; the unit hears of it if it knows her."""
    case.gone, case.died_on = True, died_on
    if case.stream:
        who = e.roster.anyone(Role.NURSE)
        e.somebody(Role.NURSE, 5, lambda _: e.take(case, st.RecordDeath(died_on=died_on), who.actor), timedelta(0))
