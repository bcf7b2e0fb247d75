"""What the unit does about each thing that is owed: read, ring, book, sample, report, tell.

You are here to change who works what, and how long it takes. `WAYS` has a row for every kind of loop that people work;
minutes and waits are assumptions of this software, chances come from the parameters.
"""

from collections.abc import Callable
from datetime import timedelta

from closerlook.pathway import steps as st
from closerlook.pathway.events import (
    Addressee,
    Purpose,
    Request,
)
from closerlook.pathway.loops import Loop
from closerlook.pathway.terms import (
    Role,
)
from closerlook.simulate import inviting, reaching, reading, sampling, working_up
from closerlook.simulate.common import (
    POSTED,
    Again,
)
from closerlook.simulate.engine import Case, Engine, Way
from closerlook.simulate.roster import Worker


def _plain(make: Callable[[Engine, Case, Loop], st.Step]) -> Callable[[Engine, Case, Loop, Worker], Again]:
    """A way that is one step and nothing more."""

    def do(e: Engine, case: Case, loop: Loop, who: Worker) -> Again:
        e.take(case, make(e, case, loop), who.actor)
        return None

    return do


def _refusal_written(_e: Engine, _case: Case, loop: Loop) -> st.Step:
    episode, _, to = loop.subject.partition(":")
    return st.RecordRefusalWritten(episode=episode, to=Addressee(to), proof=POSTED)


def _care_ended(e: Engine, _case: Case, loop: Loop) -> st.Step:
    next_due_on = (e.now + timedelta(days=365)).date()
    return st.EndCare(cancer=loop.subject, next_due_on=next_due_on, why="a mammogram a year after treatment")


ARRIVALS = {
    Purpose.PICTURES: working_up.makes_pictures,
    Purpose.SCREENING: working_up.makes_pictures,
    Purpose.BIOPSY: sampling.takes_tissue,
    Purpose.RESULTS: sampling.tells_results,
}
"""What is done when she comes; for a screening that is a check of something watched."""

RAD, DESK = Role.RADIOLOGIST, Role.FRONT_DESK
WAYS: dict[str, Way] = {
    "read": Way(reading.read, 3, (1, 26), RAD, reading.have_read),
    "await_final": Way(reading.read, 3, (1, 4), RAD),
    "arbitrate": Way(reading.arbitrate, 5, (2, 30), RAD, reading.have_read),
    "confirm_assessment": Way(reading.confirm_assessment, 3, (1, 6), RAD),
    "complete_assessment": Way(reading.plan_call_back, 3, (1, 6), RAD),
    "place_report": Way(reading.place_report, 3, (1, 20), RAD),
    "confirm_change": Way(reading.confirm_change, 3, (1, 6), RAD),
    "plan_call_back": Way(reading.plan_call_back, 2, (0, 3), RAD),
    "replan": Way(reading.plan_call_back, 3, (1, 6), RAD),
    "tell_result": Way(reaching.tell_result, 8, (1, 10)),
    "tell_change": Way(reaching.tell_change, 8, (1, 10)),
    "ring_after_seen": Way(reaching.tell_change, 8, (0, 2)),
    "reach_her": Way(reaching.reach_her, 5, (2, 20)),
    "book_call_back": Way(reaching.book, 6, (4, 20)),
    "nurse_call": Way(reaching.nurse_call, 15, (2, 20)),
    "confirm_lost": Way(reaching.confirm_lost, 5, (8, 48)),
    "review_pause": Way(reaching.review_pause, 5, (8, 72), Role.NURSE),
    "explain_wait": Way(reaching.explain_wait, 4, (1, 8)),
    "call_her": Way(reaching.call_her, 6, (1, 8)),
    "read_notes": Way(_plain(lambda e, c, x: st.RecordMet(what=Request.NOTES, proof="read")), 5, (2, 12)),
    "send_copies": Way(_plain(lambda e, c, x: st.RecordMet(what=Request.COPIES, proof=POSTED)), 8, (8, 60)),
    "get_priors": Way(reading.get_priors, 6, (2, 20)),
    "assess_workup": Way(working_up.assess_workup, 10, (0.5, 1.5), RAD),
    "arrange_biopsy": Way(sampling.arrange_biopsy, 8, (2, 20)),
    "get_pathology": Way(sampling.get_pathology, 4, (4, 8)),
    "decide_concordance": Way(sampling.decide_concordance, 5, (2, 24)),
    "plan_next": Way(sampling.plan_next, 8, (8, 60)),
    "tell_diagnosis": Way(sampling.tell_diagnosis, 15, (1, 20)),
    "tell_provider_diagnosis": Way(
        _plain(lambda e, c, x: st.TellProviderDiagnosis(specimen=x.subject, proof="rang the practice")), 4, (1, 12)
    ),
    "refer": Way(_plain(lambda e, c, x: st.Refer(episode=x.subject, team=c.dice.choice(e.unit.teams))), 10, (1, 12)),
    "accept_referral": Way(sampling.accept_referral, 5, (4, 40)),
    "confirm_first_visit": Way(sampling.confirm_first_visit, 4, (4, 20)),
    "ask_treatment_end": Way(sampling.end_treatment, 6, (10, 900)),
    "surveillance_visit": Way(inviting.surveillance_visit, 3, (1, 40)),
    "post_document": Way(inviting.post, 1, (1, 8)),
    "post_invitation": Way(inviting.post_invitation, 1, (1, 8)),
    "book_screening": Way(inviting.offer_a_time, 3, (100, 220)),
    "close_not_screened": Way(inviting.not_screened, 4, (20, 100)),
    "remind": Way(inviting.remind, 1, (1, 6)),
    "close_visit": Way(inviting.close_visit, 2, (4, 8)),
    "cancel_visit": Way(inviting.cancel, 3, (1, 8)),
    "complete_examination": Way(
        _plain(lambda e, c, x: st.AcceptExamination(exam=x.subject, reason="the best that can be had")), 3, (2, 20), RAD
    ),
    "answer_symptom": Way(
        _plain(lambda e, c, x: st.AnswerSymptom(symptom=x.subject, answer="looked at; nothing of concern")),
        5, (4, 40), RAD,
    ),
    "write_refusal": Way(_plain(_refusal_written), 4, (2, 12)),
    "review_interval_cancer": Way(
        _plain(lambda e, c, x: st.ReviewIntervalCancer(cancer=x.subject, outcome="not to be seen then")), 20, (40, 400)
    ),
    "ask_care_end": Way(_plain(_care_ended), 6, (10, 900)),
    "release_reading": Way(_plain(lambda e, c, x: st.ReleaseReading(exam=x.subject)), 2, (30, 200), RAD),
    "review_history": Way(reading.review_history, 4, (10, 600), RAD),
    "pass_on_incidental": Way(
        _plain(lambda e, c, x: st.PassOnIncidental(incidental=x.subject, to="her doctor", proof="rang")), 5, (2, 20)
    ),
}  # fmt: skip
"""Who works what, and how. Kinds of `engine.BY_SOFTWARE` are the software's; the others are in `NOT_WORKED`."""

NOT_WORKED: dict[str, str] = {
    "resolve_abnormal": "closes with the answer itself",
    "attend_call_back": "closes when she comes",
    "attend_screening": "closes when she comes",
    "find_owner": "no report is withdrawn in a simulation",
    "await_acknowledgement": "nobody goes on elsewhere in a simulation",
    "get_outside_result": "nobody goes on elsewhere in a simulation",
    "hand_over": "no caseload is handed over in a simulation",
    "resolve_message": "no message is set aside in the direct run",
}
"""Kinds that nobody works here, and why; the told stories of the demonstration show them."""
