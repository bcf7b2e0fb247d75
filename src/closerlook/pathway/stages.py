"""Where a patient stands in the ledger: in exactly one place, by her most urgent round."""

from closerlook.pathway.regions import Episode, Patient, VisitStage

# The first kind that is owed names the stage: what a person must act on soonest stands first.
STAGES: tuple[tuple[str, frozenset[str]], ...] = (
    ("biopsy to arrange", frozenset({"arrange_biopsy"})),
    ("change to confirm", frozenset({"confirm_change"})),
    ("report to confirm", frozenset({"confirm_assessment", "complete_assessment", "place_report"})),
    ("work-up to assess", frozenset({"assess_workup"})),
    ("call-back to plan", frozenset({"plan_call_back"})),
    ("call-back to book", frozenset({"book_call_back"})),
    ("call-back to attend", frozenset({"attend_call_back"})),
    ("waiting for earlier pictures", frozenset({"get_priors"})),
    ("symptom to answer", frozenset({"answer_symptom"})),
    ("to be told", frozenset({"tell_change", "tell_result", "ring_after_seen", "nurse_call"})),
    ("to be read", frozenset({"read", "await_final", "explain_wait"})),
    ("letters to send", frozenset({"send_summary", "tell_provider", "post_document"})),
    ("history to sign off", frozenset({"review_history"})),
)
OTHER = "in work"
ALL_PLACES = (
    "known, no round",
    *(f"open: {name}" for name, _ in STAGES),
    f"open: {OTHER}",
    "open: call-back booked",
    "paused: declined",
    "paused: lost",
    "paused: moved_away",
    "settled",
    "settled: surveillance",
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
    open_rounds = [e for e in patient.episodes.values() if e.settled is None and e.paused is None]
    if open_rounds:
        stages = [stage(patient, episode) for episode in open_rounds]
        order = [name for name, _ in STAGES]
        return "open: " + min(stages, key=lambda name: order.index(name) if name in order else 6.5)
    paused = [e.paused for e in patient.episodes.values() if e.settled is None and e.paused is not None]
    if paused:
        return f"paused: {paused[0].reason}"
    if patient.died_on is not None:
        return "left: died"
    if patient.dated:
        return "settled: surveillance"
    return "settled" if patient.episodes else "known, no round"
