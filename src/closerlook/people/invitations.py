"""When her next screening is due, from what the programme's rules say of age and interval and what her log says of her.

You are here when someone is invited on the wrong day, or not at all. The pathway never computes a due day; it owes that
one be set (`set_next_due`), and the worker asks here.
"""

from datetime import date

from msgspec import Struct

from closerlook.evidence.due import age_on, birthday, cited
from closerlook.evidence.guidelines import Row, body
from closerlook.pathway import steps as st
from closerlook.pathway.calendar import add_months
from closerlook.pathway.events import EndedFor, SettledAs
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import AS_SCREENING, Episode
from closerlook.pathway.regions import Patient as State
from closerlook.people.models import Patient

SCREENED = "her screening of"
"""How a reason begins that counts from pictures that were taken."""
GUIDELINE = {"us": "uspstf", "uk": "nhsbsp", "eu": "ecibc"}
"""The guideline body that stands beside each shipped protocol; a programme's own protocol has none, and cites none.

It is no field of the protocol: it moves no day, and the hashes of protocols in stored logs stay what they are.
"""


def next_step(state: State, row: Patient, protocol: Protocol, today: date) -> st.SetNextDue | st.EndInvitations:
    """Return the step that sets her next day, or that ends her invitations because the programme is not for her."""
    if row.sex.upper() == "M":
        return st.EndInvitations(reason=EndedFor.NOT_ELIGIBLE, proof="the programme invites women")
    if len(state.anatomy.absent) == 2:
        return st.EndInvitations(reason=EndedFor.NO_BREAST_TISSUE, proof="no breast tissue to screen")
    first = add_months(row.birth_date, 12 * protocol.invite_from_age)
    last = _last(state, protocol)
    due_on, why = _due(last, protocol, today, first)
    if age_on(row.birth_date, due_on) > protocol.invite_to_age:
        return st.EndInvitations(
            reason=EndedFor.AGE, proof=f"older than {protocol.invite_to_age} when she would be due"
        )
    return st.SetNextDue(due_on=due_on, why=why + _beside(state, protocol, row.birth_date, due_on, last))


class Reason(Struct, frozen=True):
    """Why her next screening is due on its day. `months` after `last`, or at the age `from_age` where she had none.

    `row` is the guideline's row for that day, None where none may be cited; `other_months` is its own interval where it
    differs, `agrees` whether it gives the same day.
    """

    months: int
    last: date | None
    from_age: int
    row: Row | None
    agrees: bool
    other_months: int | None


def reason(state: State, row: Patient, protocol: Protocol, today: date) -> Reason | None:
    """Return why her day stands where it stands; None where it is not the programme's rule that set it."""
    step = next_step(state, row, protocol, today)
    due = state.next_due
    if due is None or not isinstance(step, st.SetNextDue) or step.due_on != due.due_on:
        return None
    name, last = GUIDELINE.get(protocol.name), _last(state, protocol)
    first = add_months(row.birth_date, 12 * protocol.invite_from_age)
    counted = last is not None and add_months(last[0], protocol.screening_months) == due.due_on
    if counted and last is not None and not last[1].startswith(SCREENED):
        return None  # counted from an invitation she did not follow: nothing that she would call her last screening
    if not counted and due.due_on != first:
        return None
    cited_row = cited(row.birth_date, due.due_on, name) if name is not None and not _had_cancer(state) else None
    other = _other_rule(cited_row, protocol, row.birth_date, due.due_on, last) if cited_row else ""
    return Reason(
        months=protocol.screening_months,
        last=last[0] if last and counted else None,
        from_age=protocol.invite_from_age,
        row=cited_row,
        agrees=cited_row is not None and not other,
        other_months=cited_row.months if cited_row is not None and other and counted else None,
    )


def _last(state: State, protocol: Protocol) -> tuple[date, str] | None:
    """The latest day that her next one is counted from, and what it was; None where there is none."""
    return max((found for e in state.episodes.values() for found in _counted_from(e, protocol)), default=None)


def _due(last: tuple[date, str] | None, protocol: Protocol, today: date, first: date) -> tuple[date, str]:
    months = protocol.screening_months
    if last is not None:
        day, words = last
        return max(add_months(day, months), first), f"{months} months after {words} {day}"
    if first > today:
        return first, f"first invited at {protocol.invite_from_age}"
    return today, "never screened here, and of the age to be invited"


def _beside(state: State, protocol: Protocol, born_on: date, due_on: date, last: tuple[date, str] | None) -> str:
    """What the reason adds: the guideline's row where it gives the same day, both rules where they differ."""
    name = GUIDELINE.get(protocol.name)
    if name is None:
        return ""
    ours = f", by the rules of protocol {protocol.name} {protocol.version}"
    if _had_cancer(state):
        return f"{ours}; {body(name).name} does not speak of women who have had breast cancer"
    row = cited(born_on, due_on, name)
    if row is None:
        return f"{ours}; no row of {body(name).name} that may be cited speaks of that day"
    other = _other_rule(row, protocol, born_on, due_on, last)
    return f"{ours}; {row.cite} says {other}" if other else f"; {row.cite}"


def _had_cancer(state: State) -> bool:
    settled = (episode.settled for episode in state.episodes.values())
    return bool(state.cancers) or any(one is not None and one.outcome is SettledAs.CANCER for one in settled)


def _other_rule(row: Row, protocol: Protocol, born_on: date, due_on: date, last: tuple[date, str] | None) -> str:
    """What the guideline's row says where it would give another day than `due_on`; "" where it gives the same."""
    begins = birthday(born_on, row.start_age)
    if last is None:
        by_age = due_on == birthday(born_on, protocol.invite_from_age)
        return f"from the age of {row.start_age}" if by_age and begins != due_on else ""
    if row.months is None:
        return "yes to screening, and states no interval that we have read"
    return "" if max(add_months(last[0], row.months), begins) == due_on else f"every {row.months} months"


def _counted_from(episode: Episode, protocol: Protocol) -> list[tuple[date, str]]:
    """The day a round's next one is counted from: the screening, or the day she was due where she was not screened."""
    if episode.settled is not None and episode.settled.screened_on is not None:
        return [(episode.settled.screened_on, SCREENED)]
    made = [x.performed_at for x in episode.exams.values() if x.kind in AS_SCREENING and not x.not_hers]
    if made:  # paused, or seen and not settled: she was screened all the same
        return [(protocol.calendar.on(max(made)), SCREENED)]
    return [(episode.due_on, "she was due on")] if episode.due_on is not None else []
