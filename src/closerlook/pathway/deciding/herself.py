"""What is hers beside any one round: symptoms, calls she asks for, her death, her next screening."""

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.context import Context, Refused, resumed, text
from closerlook.pathway.events import Event, Kind


def symptom(step: st.ReportSymptom, c: Context) -> list[Event]:
    c.alive()
    episode = c.episode(step.episode)
    name = f"{episode.id}.y{c.next_seq}"
    what = text(step.what, "symptom")
    if any((s.what, s.side, s.answered) == (what, step.side, False) for s in episode.symptoms.values()):
        return resumed(episode, c)
    return [
        *resumed(episode, c),
        ev.SymptomReported(occurred_at=c.now, episode=episode.id, symptom=name, what=what, side=step.side),
    ]


def answer_symptom(step: st.AnswerSymptom, c: Context) -> list[Event]:
    episode = c.episode(step.symptom.partition(".")[0])
    told = episode.symptoms.get(step.symptom)
    if told is None or told.answered:
        raise Refused("This symptom is answered already, or was never told.")
    answer = text(step.answer, "answer")
    return [ev.SymptomAnswered(occurred_at=c.now, episode=episode.id, symptom=told.id, answer=answer)]


def open_her_page(_step: st.OpenHerPage, c: Context) -> list[Event]:
    """Who was lost is found. Who has refused may look without being chased: she says so if she wants to go on."""
    if c.patient.died_on is not None:
        return []
    lost = [e for e in c.patient.episodes.values() if e.paused is not None and e.paused.reason is ev.PauseReason.LOST]
    return [event for e in lost for event in resumed(e, c)]


def ask_for_call(step: st.AskForCall, c: Context) -> list[Event]:
    c.alive()
    going_on = [event for e in c.patient.episodes.values() for event in resumed(e, c)]
    if c.patient.call_requested:
        return going_on
    return [*going_on, ev.CallRequested(occurred_at=c.now, best_time=step.best_time)]


def spoken(step: st.RecordSpoken, c: Context) -> list[Event]:
    if not c.patient.call_requested:
        raise Refused("She has not asked to be rung, or someone has rung her already.")
    if step.channel not in (ev.Channel.PHONE, ev.Channel.IN_PERSON):
        raise Refused("She asked to speak with someone: by phone or in person.")
    return [ev.SpokenWith(occurred_at=c.now, channel=step.channel)]


def died(step: st.RecordDeath, c: Context) -> list[Event]:
    if c.patient.died_on is not None:
        return []
    if step.died_on > c.default.calendar.on(c.now):
        raise Refused("That day has not come.")
    if c.actor.kind is Kind.STAFF and not c.is_clinical and any(e.is_suspect for e in c.patient.episodes.values()):
        raise Refused("Her result is suspicious: a radiologist, nurse or physician records this, after making sure.")
    return [ev.Died(occurred_at=c.now, died_on=step.died_on)]


def next_due(step: st.SetNextDue, c: Context) -> list[Event]:
    known = c.patient.next_due
    if known is not None and (known.due_on, known.why) == (step.due_on, step.why):
        return []
    return [ev.NextDueSet(occurred_at=c.now, due_on=step.due_on, why=step.why)]
