"""What is hers beside any one round: symptoms, calls she asks for, her death, her next screening."""

from datetime import timedelta

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.calling_back import ENDS
from closerlook.pathway.deciding.context import Context, Refused, resumed, text
from closerlook.pathway.events import Event, Kind

FARTHEST_CALL = timedelta(days=28)
"""A call put off longer is no call: what she is owed runs on meanwhile; site default."""
FARTHEST_DUE = timedelta(days=50 * 366)
"""Before or after this a due day is a slip of the hand: whoever is first invited at 50 may be known at birth."""


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
    if c.patient.call_requested and step.call_at in (None, c.patient.call_at):
        return going_on
    if step.call_at is not None and not c.now < step.call_at <= c.now + FARTHEST_CALL:
        raise Refused("Write an hour that is still to come, within four weeks.")
    asked = ev.CallRequested(occurred_at=c.now, best_time=step.best_time, call_at=step.call_at)
    return [*going_on, asked]


def call_tried(step: st.RecordCallTried, c: Context) -> list[Event]:
    if not c.patient.call_requested:
        raise Refused("She has not asked to be rung, or someone has rung her already.")
    if step.outcome not in ENDS[ev.Channel.PHONE] or step.outcome is ev.Outcome.REACHED:
        raise Refused("Record how the call ended, or that you spoke with her.")
    return [ev.CallTried(occurred_at=c.now, outcome=step.outcome)]


def note_barrier(step: st.NoteBarrier, c: Context) -> list[Event]:
    c.alive()
    arranged = step.arranged.strip()
    if c.patient.barriers.get(step.barrier) == arranged:
        return []
    return [ev.BarrierNoted(occurred_at=c.now, barrier=step.barrier, arranged=arranged)]


def spoken(step: st.RecordSpoken, c: Context) -> list[Event]:
    if not c.patient.call_requested:
        raise Refused("She has not asked to be rung, or someone has rung her already.")
    if step.channel not in (ev.Channel.PHONE, ev.Channel.IN_PERSON):
        raise Refused("She asked to speak with someone: by phone or in person.")
    return [ev.SpokenWith(occurred_at=c.now, channel=step.channel)]


def ask_for(step: st.AskFor, c: Context) -> list[Event]:
    c.alive()
    going_on = [event for e in c.patient.episodes.values() for event in resumed(e, c)]
    if step.what in c.patient.requests and step.what is not ev.Request.NOTES:
        return going_on  # what she wrote anew is news: whoever was about to say "read" has not read it
    return [*going_on, ev.RequestMade(occurred_at=c.now, what=step.what)]


def met(step: st.RecordMet, c: Context) -> list[Event]:
    if step.what not in c.patient.requests:
        raise Refused("She has not asked for this, or it has been done already.")
    return [ev.RequestMet(occurred_at=c.now, what=step.what, proof=text(step.proof, "proof"))]


def died(step: st.RecordDeath, c: Context) -> list[Event]:
    if c.patient.died_on is not None:
        return []
    if step.died_on > c.default.calendar.on(c.now):
        raise Refused("That day has not come.")
    if c.actor.kind is Kind.STAFF and not c.is_clinical and any(e.is_suspect for e in c.patient.episodes.values()):
        raise Refused("Her result is suspicious: a radiologist, nurse or physician records this, after making sure.")
    return [ev.Died(occurred_at=c.now, died_on=step.died_on)]


def next_due(step: st.SetNextDue, c: Context) -> list[Event]:
    c.alive()
    today = c.default.calendar.on(c.now)
    if not today - FARTHEST_DUE <= step.due_on <= today + FARTHEST_DUE:
        raise Refused("That day is more than a lifetime of rounds away. Look at the year again.")
    known = c.patient.next_due
    if known is not None and (known.due_on, known.why) == (step.due_on, step.why):
        return []
    if c.patient.invitations_ended is not None or c.patient.around.in_care or c.patient.merged_into is not None:
        raise Refused("She is not invited at present. Resume that first, or record that her treatment has ended.")
    return [ev.NextDueSet(occurred_at=c.now, due_on=step.due_on, why=step.why)]


def wishes(step: st.SetWishes, c: Context) -> list[Event]:
    c.alive()
    return [] if c.patient.wishes == step.wishes else [ev.WishesSet(occurred_at=c.now, wishes=step.wishes)]


def anatomy(step: st.RecordAnatomy, c: Context) -> list[Event]:
    if c.patient.anatomy == step.anatomy:
        return []
    recorded: list[Event] = [ev.AnatomyRecorded(occurred_at=c.now, anatomy=step.anatomy)]
    put_right = len(c.patient.anatomy.absent) == 2 and len(step.anatomy.absent) < 2
    if put_right and c.patient.invitations_ended is ev.EndedFor.NO_BREAST_TISSUE:
        recorded.append(ev.InvitationsResumed(occurred_at=c.now))
    return recorded


def interval_cancer(step: st.RecordIntervalCancer, c: Context) -> list[Event]:
    if any(x.found_on == step.found_on for x in c.patient.cancers.values()):
        return []
    if step.found_on > c.default.calendar.on(c.now):
        raise Refused("That day has not come.")
    name = f"{c.patient.id}.c{c.next_seq}"
    return [ev.IntervalCancerKnown(occurred_at=c.now, cancer=name, found_on=step.found_on, side=step.side)]


def review_interval_cancer(step: st.ReviewIntervalCancer, c: Context) -> list[Event]:
    c.need("review_interval_cancer", step.cancer)
    outcome = text(step.outcome, "what was to be seen")
    return [ev.IntervalCancerReviewed(occurred_at=c.now, cancer=step.cancer, outcome=outcome)]


def end_care(step: st.EndCare, c: Context) -> list[Event]:
    c.alive()
    known = c.patient.cancers.get(step.cancer)
    if known is None or known.care_ended:
        raise Refused("No care goes on for this, as far as is known here.")
    c.to_come(step.next_due_on)
    return [
        ev.CareEnded(occurred_at=c.now, cancer=known.id),
        ev.NextDueSet(occurred_at=c.now, due_on=step.next_due_on, why=text(step.why, "reason")),
    ]
