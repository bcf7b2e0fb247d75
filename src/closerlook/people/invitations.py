"""When her next screening is due, from what the programme's rules say of age and interval and what her log says of her.

You are here when someone is invited on the wrong day, or not at all. The pathway never computes a due day; it owes that
one be set (`set_next_due`), and the worker asks here.
"""

from datetime import date

from closerlook.pathway import steps as st
from closerlook.pathway.calendar import add_months
from closerlook.pathway.events import EndedFor
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import AS_SCREENING, Episode
from closerlook.pathway.regions import Patient as State
from closerlook.people.models import Patient


def next_step(state: State, row: Patient, protocol: Protocol, today: date) -> st.SetNextDue | st.EndInvitations:
    """Return the step that sets her next day, or that ends her invitations because the programme is not for her."""
    if row.sex.upper() == "M":
        return st.EndInvitations(reason=EndedFor.NOT_ELIGIBLE, proof="the programme invites women")
    if len(state.anatomy.absent) == 2:
        return st.EndInvitations(reason=EndedFor.NO_BREAST_TISSUE, proof="no breast tissue to screen")
    first = add_months(row.birth_date, 12 * protocol.invite_from_age)
    due_on, why = _due(state, protocol, today, first)
    if _age(row.birth_date, due_on) > protocol.invite_to_age:
        return st.EndInvitations(
            reason=EndedFor.AGE, proof=f"older than {protocol.invite_to_age} when she would be due"
        )
    return st.SetNextDue(due_on=due_on, why=why)


def _due(state: State, protocol: Protocol, today: date, first: date) -> tuple[date, str]:
    last = max(
        ((day, words) for e in state.episodes.values() for day, words in _counted_from(e, protocol)), default=None
    )
    months = protocol.screening_months
    if last is not None:
        day, words = last
        return max(add_months(day, months), first), f"{months} months after {words} {day}"
    if first > today:
        return first, f"first invited at {protocol.invite_from_age}"
    return today, "never screened here, and of the age to be invited"


def _counted_from(episode: Episode, protocol: Protocol) -> list[tuple[date, str]]:
    """The day a round's next one is counted from: the screening, or the day she was due where she was not screened."""
    if episode.settled is not None and episode.settled.screened_on is not None:
        return [(episode.settled.screened_on, "her screening of")]
    made = [x.performed_at for x in episode.exams.values() if x.kind in AS_SCREENING and not x.not_hers]
    if made:  # paused, or seen and not settled: she was screened all the same
        return [(protocol.calendar.on(max(made)), "her screening of")]
    return [(episode.due_on, "she was due on")] if episode.due_on is not None else []


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
