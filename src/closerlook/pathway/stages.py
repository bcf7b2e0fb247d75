"""Where a patient stands in the ledger: in exactly one place, by her most urgent round."""

from closerlook.pathway.events import EndedFor
from closerlook.pathway.regions import Episode, Patient, VisitStage

# The first kind that is owed names the stage: what a person must act on soonest stands first.
STAGES: tuple[tuple[str, frozenset[str]], ...] = (
    ("what follows the tissue to decide", frozenset({"plan_next"})),
    ("diagnosis to tell", frozenset({"tell_diagnosis"})),
    ("on her way to a care team", frozenset({"refer", "accept_referral", "confirm_first_visit"})),
    ("tissue to weigh", frozenset({"decide_concordance"})),
    ("tissue with the pathologist", frozenset({"get_pathology"})),
    ("biopsy to arrange", frozenset({"arrange_biopsy"})),
    ("change to confirm", frozenset({"confirm_change"})),
    ("report to confirm", frozenset({"confirm_assessment", "complete_assessment", "place_report"})),
    ("work-up to assess", frozenset({"assess_workup"})),
    ("call-back to plan", frozenset({"plan_call_back", "replan"})),
    ("call-back to book", frozenset({"book_call_back"})),
    ("call-back to attend", frozenset({"attend_call_back"})),
    ("in care elsewhere", frozenset({"await_acknowledgement", "get_outside_result"})),
    ("waiting for earlier pictures", frozenset({"get_priors"})),
    ("symptom to answer", frozenset({"answer_symptom"})),
    ("to be told", frozenset({"tell_change", "tell_result", "ring_after_seen", "nurse_call"})),
    ("two readings to decide between", frozenset({"arbitrate"})),
    ("reading held", frozenset({"release_reading"})),
    ("pictures to complete", frozenset({"complete_examination"})),
    ("to be read", frozenset({"read", "await_final", "finalise_reading", "explain_wait"})),
    ("something beside the breast to pass on", frozenset({"pass_on_incidental"})),
    ("withdrawn report to place", frozenset({"find_owner"})),
    ("missed, to be written to", frozenset({"close_not_screened"})),
    ("invited, to be booked", frozenset({"book_screening"})),
    ("invited", frozenset({"attend_screening", "send_invitation", "post_invitation"})),
    ("letters to send", frozenset({"send_summary", "tell_provider", "post_document"})),
    ("history to sign off", frozenset({"review_history"})),
)
OTHER = "in work"
ALL_PLACES = (
    "known, no round",
    "not yet due",
    "merged into another record",
    *(f"no invitations: {reason.replace('_', ' ')}" for reason in EndedFor),
    *(f"open: {name}" for name, _ in STAGES),
    f"open: {OTHER}",
    "open: call-back booked",
    "paused: declined",
    "paused: lost",
    "paused: moved_away",
    "settled",
    "settled: surveillance",
    "settled: in treatment",
    "left: died",
)


def stage(patient: Patient, episode: Episode) -> str:
    """Return the stage of an open episode, in words."""
    owed = {kind for episode_id, kind, _ in patient.owed if episode_id == episode.id}
    for name, kinds in STAGES:
        if owed & kinds:
            booked = name == "call-back to attend" and episode.visit.stage is not VisitStage.NONE
            return "call-back booked" if booked else name
    return OTHER


def place(patient: Patient) -> str:
    """Return the one place of the ledger she is in."""
    running = [e for e in patient.episodes.values() if e.settled is None and e.paused is None]
    paused = [e.paused for e in patient.episodes.values() if e.settled is None and e.paused is not None]
    # What a pause holds is more than an invitation that waits beside it.
    open_rounds = [e for e in running if not (paused and e.is_awaited)]
    if open_rounds:
        stages = [stage(patient, episode) for episode in open_rounds]
        order = [name for name, _ in STAGES]
        return "open: " + min(stages, key=lambda name: order.index(name) if name in order else 6.5)
    if paused:
        return f"paused: {paused[0].reason}"
    if patient.died_on is not None:
        return "left: died"
    if patient.merged_into is not None:
        return "merged into another record"
    if patient.around.in_care:
        return "settled: in treatment"
    if patient.dated:
        return "settled: surveillance"
    if patient.invitations_ended is not None:
        return f"no invitations: {patient.invitations_ended.replace('_', ' ')}"
    if patient.episodes:
        return "settled"
    return "not yet due" if patient.next_due is not None else "known, no round"
