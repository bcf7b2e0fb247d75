"""What is owed: by whom, by when, and since when; computed from the state, stored nowhere else as truth.

You are here to learn when something is due, or why it opened when it did. `matters` says what is owed (no clock, no
figures); the protocol's row says who owns it and when it is due; `open_loops` puts the two together. `fold` keeps, for
each thing owed, the first fact of the unbroken stretch in which it is owed, which makes its key.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway.calendar import Calendar, Clock
from closerlook.pathway.closing import CLOSED_BY, STEPS_FOR
from closerlook.pathway.events import Recorded
from closerlook.pathway.matters import (
    AFTER_DEATH,
    NEEDS_HER,
    Matter,
    Protocols,
    episode_matters,
    her_matters,
    matters,
    owed_by,
)
from closerlook.pathway.patient import evolve, in_force
from closerlook.pathway.protocol import Protocol, Row
from closerlook.pathway.regions import UNANSWERED, Episode, FindingStatus, Key, Opened, Patient, VisitStage
from closerlook.pathway.terms import FindingKind, Role

__all__ = [
    "AFTER_DEATH", "CLOSED_BY", "KINDS", "NEEDS_HER", "STEPS_FOR", "Loop", "Matter", "Protocols", "advance", "claims",
    "episode_matters", "fold", "matters", "next_escalation", "next_rung", "open_loops",
]  # fmt: skip

KINDS: dict[str, str] = {
    "read": "Read the examination",
    "explain_wait": "Explain the wait",
    "await_final": "Sign the preliminary report",
    "confirm_assessment": "Confirm the assessment",
    "complete_assessment": "Say what a 3 at screening asks for",
    "place_report": "Say where this report belongs",
    "send_summary": "Send her the written summary",
    "post_document": "Post what has been printed",
    "tell_result": "Speak with her about the result",
    "ring_after_seen": "Ring her: she has opened the result",
    "tell_provider": "Send her provider the report",
    "plan_call_back": "Plan the call-back",
    "book_call_back": "Book the call-back",
    "attend_call_back": "Have the further pictures taken",
    "reach_her": "Try again to reach her",
    "confirm_lost": "Confirm that everything was tried",
    "get_priors": "Get the earlier pictures read",
    "nurse_call": "Nurse to call: she said no",
    "call_her": "Ring her: she asked for it",
    "send_copies": "Give her copies of her pictures and reports: she asked for them",
    "read_notes": "Read what she wrote for her visit",
    "answer_symptom": "Answer the symptom she told of",
    "assess_workup": "Say what the further pictures answer",
    "resolve_abnormal": "Bring the call-back to a settled answer",
    "arrange_biopsy": "Arrange the biopsy",
    "surveillance_visit": "See her for the short-interval check",
    "confirm_change": "Confirm the amended report",
    "tell_change": "Tell her that the earlier letter was wrong",
    "review_pause": "Review the pause",
    "review_history": "Sign off a round from before the start",
    "set_next_due": "Set when her next screening is due",
    "invite": "Begin the round she is due for",
    "send_invitation": "Write her invitation",
    "post_invitation": "Post her invitation",
    "book_screening": "Give her a time for screening",
    "attend_screening": "See her for screening",
    "close_not_screened": "Write to her and her provider: not screened",
    "remind": "Remind her of her visit",
    "close_visit": "Say what became of the visit",
    "cancel_visit": "Cancel a visit nothing asks for",
    "complete_examination": "Complete the examination",
    "release_reading": "Look again at the reading that was held",
    "finalise_reading": "Make two agreeing readings a result",
    "arbitrate": "Decide between two readings",
    "find_owner": "Find out whose the withdrawn report is",
    "pass_on_incidental": "Pass on what was found outside the breast",
    "get_pathology": "Get the pathologist's report",
    "decide_concordance": "Say whether the tissue explains the finding",
    "plan_next": "Decide what follows",
    "tell_diagnosis": "Tell her what the tissue showed",
    "tell_provider_diagnosis": "Tell her provider what the tissue showed",
    "refer": "Refer her to a care team",
    "accept_referral": "Get the team's first day for her",
    "confirm_first_visit": "Confirm that she was seen",
    "ask_treatment_end": "Ask whether her treatment has ended",
    "write_refusal": "Confirm her refusal in writing",
    "await_acknowledgement": "Hear that the other side has her",
    "get_outside_result": "Fetch the result from elsewhere",
    "replan": "Look at the plan again",
    "review_interval_cancer": "Review the screening before a cancer found since",
    "ask_care_end": "Ask whether her care elsewhere has ended",
    "hand_over": "Hand the caseload over",
    "resolve_message": "Find out whose message this is",
}
"""Every kind of thing owed, as a worklist says it."""


class Loop(Struct, frozen=True, gc=False):
    """Something owed, with owner and clocks. Its key is (stream, kind, subject, opened_seq); moments are UTC."""

    stream: str
    kind: str
    subject: str
    opened_seq: int
    episode: str | None
    owner: Role
    assignee: str | None
    visible_from: datetime
    due_at: datetime
    late_at: datetime
    rule: str
    legal: bool
    urgent: bool
    escalate_at: datetime
    rung: int
    escalated_to: str | None
    about: str = ""
    cover: str | None = None
    site: str = ""  # whose work it is; "" where no site has her yet


# ---------------------------------------------------------------- since when


def fold(stream: str, records: Sequence[Recorded], protocols: Protocols) -> Patient:
    """Return the patient as all her facts leave her, with what is owed and since when.

    Facts entered in error count for nothing. Facts of one step count as one moment.
    """
    patient = begun = Patient(stream)
    owed: Owed = {}
    held: Owed = {}
    standing = in_force(records)
    last = len(standing) - 1
    for place, record in enumerate(standing):
        patient = evolve(patient, record)
        if place == last or standing[place + 1].step != record.step:
            owed, held = _tracked(begun, patient, owed, held, record, protocols)
            begun = patient
    return replace(patient, owed=owed, suspended=held, version=records[-1].seq if records else 0)


def advance(patient: Patient, records: Sequence[Recorded], protocols: Protocols) -> Patient:
    """Return `patient` after the facts of one more step; equal to folding the whole log again."""
    if not records:
        return patient
    after = patient
    for record in records:
        after = evolve(after, record)
    owed, held = _tracked(patient, after, patient.owed, patient.suspended, records[-1], protocols)
    return replace(after, owed=owed, suspended=held)


Owed = dict[Key, Opened]


def _tracked(
    begun: Patient, patient: Patient, owed: Owed, held: Owed, record: Recorded, protocols: Protocols
) -> tuple[Owed, Owed]:
    """Return what is owed, and what a pause holds back, after the step that led from `begun` to `patient`.

    `owed` and `held` are as before it. Only episodes that the step moved are asked; the others owe the same.
    """
    around = patient.around
    moved = around is not begun.around
    now_owed: Owed = {}
    now_held: Owed = {}
    for episode in patient.episodes.values():
        if not moved and begun.episodes.get(episode.id) is episode:
            now_owed.update((k, v) for k, v in owed.items() if k[0] == episode.id)
            now_held.update((k, v) for k, v in held.items() if k[0] == episode.id)
        elif episode.settled is None:
            asked, waiting = owed_by(episode, protocols[episode.protocol], around)
            for matter in asked:
                key = (episode.id, matter.kind, matter.subject)
                now_owed[key] = owed.get(key) or _opened(record, held.get(key))
            for matter in waiting:
                key = (episode.id, matter.kind, matter.subject)
                now_held[key] = held.get(key) or owed.get(key) or _opened(record, None)
    if patient.version:
        for matter in her_matters(patient):
            mine = (None, matter.kind, matter.subject)
            now_owed[mine] = owed.get(mine) or _opened(record, None)
    return now_owed, now_held


def _opened(record: Recorded, held: Opened | None) -> Opened:
    """Something new is owed since `record`; what a pause held back has its first clock again."""
    return Opened(record.step, record.recorded_at, held.first_at if held is not None else record.recorded_at)


# ---------------------------------------------------------------- by whom and by when


def open_loops(patient: Patient, protocols: Protocols, *, default: Protocol) -> list[Loop]:
    """Return everything owed, with owner and clocks. Pure and timeless: only facts change it.

    `default` is the protocol for what belongs to no episode.
    """
    loops = []
    for episode_id, matter in matters(patient, protocols):
        episode = patient.episodes.get(episode_id) if episode_id else None
        home = episode or (patient.episodes.get(matter.dated.episode) if matter.dated else None)
        protocol = protocols[home.protocol] if home else default
        opened = patient.owed[episode_id, matter.kind, matter.subject]
        loops.append(_loop(patient, episode, matter, opened, protocol))
    return loops


def _loop(patient: Patient, episode: Episode | None, matter: Matter, opened: Opened, protocol: Protocol) -> Loop:
    row = protocol.row(matter.kind, matter.variant)
    due, late = _clocks(row, episode, matter, opened, protocol.calendar)
    episode_id = episode.id if episode is not None else None
    reach = patient.escalated.get((episode_id, matter.kind, matter.subject, opened.seq)) if patient.escalated else None
    return Loop(
        patient.id,
        matter.kind,
        matter.subject,
        opened.seq,
        episode_id,
        row.owner,
        _assignee(episode, matter),
        _visible(row, episode, matter, opened, protocol.calendar),
        due,
        late,
        row.rule,
        row.legal,
        matter.variant.startswith("suspicious") or matter.kind in URGENT,
        next_escalation(row, late, opened, reach.at if reach else None, protocol),
        reach.rung if reach else 0,
        reach.to if reach else None,
        _about(episode, matter),
        episode.cover if episode is not None else None,
        _site(patient, episode),
    )


def _site(patient: Patient, episode: Episode | None) -> str:
    """Return the site of the round, or of her latest one for what belongs to none."""
    if episode is None:
        episode = next(reversed(patient.episodes.values()), None)
    return episode.site if episode is not None else ""


def _about(episode: Episode | None, matter: Matter) -> str:
    """What it is about in two or three words of the field: the finding that waits, else the examination."""
    if episode is None:
        return ""
    waiting = (f for f in episode.findings.values() if f.status in WAITS)
    finding = episode.findings.get(matter.subject) or next(waiting, None)
    if finding is not None:
        kind = "finding" if finding.kind is FindingKind.UNNAMED else finding.kind.value.replace("_", " ")
        return f"{finding.side.value} {kind}" if finding.side else kind
    exam = matter.exam or episode.first_exam
    return exam.kind.value.replace("_", " ") if exam is not None else ""


WAITS = UNANSWERED | {FindingStatus.MALIGNANT}
URGENT = frozenset({"ring_after_seen", "arrange_biopsy", "plan_next", "tell_diagnosis", "refer", "accept_referral"})
ONE_WORKING_DAY = Clock(1, "wd", "opened")


def _clocks(
    row: Row, episode: Episode | None, matter: Matter, opened: Opened, calendar: Calendar
) -> tuple[datetime, datetime]:
    """Return when it is due and when it is late."""
    due, *others = [
        moment
        for anchor, clocks in row.clocks
        for moment in calendar.run_out(_start(anchor, episode, matter, opened), clocks)
    ]
    late = min(others)
    if due < opened.first_at:  # nothing is due before it opens; what opened late has one working day
        return calendar.after(opened.first_at, ONE_WORKING_DAY), late
    # Two clocks of the same moment: the second never runs out before the first.
    return due, due if late < due and row.from_opening else late


def _visible(row: Row, episode: Episode | None, matter: Matter, opened: Opened, calendar: Calendar) -> datetime:
    if row.visible is None:
        return opened.at
    visible = calendar.run_out(_start(row.visible.anchor, episode, matter, opened), (row.visible,))[0]
    if row.visible.unit != "wh":  # shown from the morning of that day
        visible = calendar.start_of(calendar.on(visible))
    return max(visible, opened.at)


def _assignee(episode: Episode | None, matter: Matter) -> str | None:
    if episode is None:
        return None
    if matter.kind == "review_pause" and episode.paused is not None:
        return episode.paused.reviewer
    if matter.kind == "release_reading" and matter.exam is not None and matter.exam.reading.held is not None:
        return matter.exam.reading.held.release_by
    return episode.owner


def _start(anchor: str, episode: Episode | None, matter: Matter, opened: Opened) -> datetime | date:
    """The moment or local day that a clock is counted from; the opening, where what it names is not known."""
    start: datetime | date | None = None
    exam = matter.exam
    match anchor:
        case "opened":
            pass
        case "screening" if episode:
            first = episode.first_exam
            start = first.performed_at if first is not None else None
        case "examination" if exam:
            start = exam.performed_at
        case "reading" if exam:
            start = exam.reading.read_at
        case "initial_report" if exam:
            start = exam.reading.initial_at
        case "hear_by" if exam:
            start = exam.telling.hear_by_on
        case "review" if episode and episode.paused:
            start = episode.paused.review_on
        case "surveillance" if matter.dated:
            start = matter.dated.due_on
        case "surveillance" | "next_due" | "visit" | "first_visit" | "settled":
            start = matter.on
    return start or opened.first_at


def next_escalation(row: Row, late: datetime, opened: Opened, last: datetime | None, protocol: Protocol) -> datetime:
    """Return when the next rung is told: at `late` (before it where a law sets it), then every working day."""
    first = max(late - timedelta(days=row.warn_days) if row.warn_days else late, opened.at)
    return first if last is None else max(first, protocol.calendar.after(last, ONE_WORKING_DAY))


def next_rung(loop: Loop, protocol: Protocol) -> str:
    """Return the role that hears next that `loop` is late; the top repeats."""
    chain: Sequence[str] = protocol.escalation[loop.owner]
    return chain[min(loop.rung, len(chain) - 1)]


def claims(patient: Patient) -> Iterable[tuple[str, str]]:
    """Return what must be unique among all patients, as (kind, value); written in the same transaction.

    A visit keeps its time of a room until it is moved, cancelled, missed or over. Where she has died it keeps it too:
    a death entered in error brings her visit back whole.
    """
    numbers = [
        ("accession", exam.accession)
        for episode in patient.episodes.values()
        for exam in episode.exams.values()
        if exam.accession and not exam.not_hers
    ]
    times = [
        ("slot", visit.slot)
        for episode in patient.episodes.values()
        for visit in episode.visits.values()
        if visit.slot and visit.stage is not VisitStage.NONE
    ]
    return numbers + times
