"""What is owed: by whom, by when, and since when; computed from the state, stored nowhere else as truth.

You are here to add a loop kind or to learn why one is open. `matters` says what is owed (no clock, no figures);
the protocol's row says who owns it and when it is due; `open_loops` puts the two together. `fold` keeps, for each
thing owed, the first fact of the unbroken stretch in which it is owed, which makes its key.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway.calendar import Clock
from closerlook.pathway.closing import CLOSED_BY as CLOSED_BY
from closerlook.pathway.closing import STEPS_FOR as STEPS_FOR
from closerlook.pathway.events import Recorded
from closerlook.pathway.patient import evolve, in_force
from closerlook.pathway.protocol import Protocol, Row
from closerlook.pathway.regions import (
    PLACED_BY_HAND,
    DatedVisit,
    Episode,
    Exam,
    FindingStatus,
    Key,
    Opened,
    Patient,
    VisitStage,
)
from closerlook.pathway.results import TOLD_IN_PERSON
from closerlook.pathway.terms import CALM, SUSPECT, Assessment, ExaminationKind, Role

Protocols = Mapping[str, Protocol]

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
    "answer_symptom": "Answer the symptom she told of",
    "assess_workup": "Say what the further pictures answer",
    "resolve_abnormal": "Bring the call-back to a settled answer",
    "arrange_biopsy": "Arrange the biopsy",
    "surveillance_visit": "See her for the short-interval check",
    "confirm_change": "Confirm the amended report",
    "tell_change": "Tell her that the earlier letter was wrong",
    "review_pause": "Review the pause",
    "review_history": "Sign off a round from before the start",
    "resolve_message": "Find out whose message this is",
}
"""Every kind of thing owed, as a worklist says it."""

NEEDS_HER = frozenset(
    {
        "tell_result", "ring_after_seen", "book_call_back", "attend_call_back", "reach_her", "confirm_lost",
        "nurse_call", "call_her", "answer_symptom", "resolve_abnormal", "arrange_biopsy", "tell_change",
        "explain_wait", "surveillance_visit",
    }
)  # fmt: skip
"""What needs her to come or answer: a pause suspends these and nothing else."""

AFTER_DEATH = frozenset({"read", "await_final", "confirm_assessment", "confirm_change", "tell_provider"})
"""What is still owed to her provider and the record when she has died; nothing is owed to her."""


class Matter(NamedTuple):
    """Something owed, before any clock: its kind, what it is about, which row of the protocol, and what it hangs on."""

    kind: str
    subject: str
    variant: str = ""
    exam: Exam | None = None
    dated: DatedVisit | None = None


class Loop(Struct, frozen=True):
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


# ---------------------------------------------------------------- what is owed


def matters(patient: Patient, protocols: Protocols) -> Iterator[tuple[str | None, Matter]]:
    """Yield what is owed as (episode id or None, matter)."""
    for episode in patient.episodes.values():
        if episode.settled is None:
            for matter in episode_matters(episode, protocols[episode.protocol], dead=patient.died_on is not None):
                yield episode.id, matter
    if patient.died_on is None:
        if patient.call_requested:
            yield None, Matter("call_her", patient.id)
        for visit in patient.dated.values():
            yield None, Matter("surveillance_visit", visit.id, dated=visit)


def episode_matters(episode: Episode, protocol: Protocol, *, dead: bool = False) -> list[Matter]:
    """Return what one episode owes, as if it were not settled. An empty list is what settles it."""
    found = list(_all_matters(episode, protocol))
    if dead:
        found = [m for m in found if m.kind in AFTER_DEATH or (m.kind == "post_document" and "provider" in m.subject)]
    elif episode.paused is not None:
        found = [m for m in found if m.kind not in NEEDS_HER]
        found.append(Matter("review_pause", "pause", _suspicious(episode.is_suspect)))
    return found


def _all_matters(episode: Episode, protocol: Protocol) -> Iterator[Matter]:
    if episode.is_history:
        if any(not x.result or not x.result.assessments <= CALM for x in episode.exams.values()):
            yield Matter("review_history", "history")
        return
    told: list[Matter] = []
    for exam in episode.exams.values():
        if exam.not_hers:
            if exam.telling.change:
                told.append(Matter("tell_change", exam.id, exam=exam))
        elif not exam.history:
            yield from _reading_matters(episode, exam)
            if exam.result is not None:
                yield from _document_matters(exam)
                told += _spoken_matters(episode, exam, protocol)
    yield from told
    yield from _work_up_matters(episode)
    book = any(f.planned and not f.examined for f in episode.open_findings()) and episode.visit.stage is VisitStage.NONE
    if book:
        yield Matter("book_call_back", "call_back")
    if (told or book) and not episode.contact.reached:
        yield from _ladder(episode, protocol)
    if episode.contact.said_no:
        yield Matter("nurse_call", "no_today")
    for symptom in episode.symptoms.values():
        if not symptom.answered:
            yield Matter("answer_symptom", symptom.id)


def _suspicious(suspect: object) -> str:
    return "suspicious" if suspect else ""


def _reading_matters(episode: Episode, exam: Exam) -> Iterator[Matter]:
    region = exam.reading
    result = region.result
    if region.report is None:
        if not (exam.is_workup and episode.open_findings()):  # a work-up examination is read by assess_workup
            yield Matter("read", exam.id, exam=exam)
        if region.preliminary is not None:
            yield Matter("await_final", exam.id, _suspicious(region.preliminary.suspicious_words), exam)
    elif result is None:
        yield Matter("confirm_assessment", exam.id, _suspicious(region.report.suspicious_words), exam)
    if result is None and exam.telling.hear_by_on is not None:
        yield Matter("explain_wait", exam.id, exam=exam)
    if region.pending is not None:
        urgent = region.pending.suspicious_words or region.pending.assessments & SUSPECT
        yield Matter("confirm_change", exam.id, _suspicious(urgent), exam)
    if result is not None and region.placed is None and _needs_placing(exam):
        yield Matter("place_report", exam.id, exam=exam)
    if result is not None and Assessment.INCOMPLETE_PRIORS in result.assessments:
        yield Matter("get_priors", exam.id, exam=exam)
    if exam.not_hers is False and region.withdrawn and exam.telling.change:
        yield Matter("tell_change", exam.id, exam=exam)


def _needs_placing(exam: Exam) -> bool:
    by_hand = exam.kind in (ExaminationKind.MARKER, ExaminationKind.OUTSIDE_REVIEW)
    return by_hand or bool(exam.result and exam.result.assessments & PLACED_BY_HAND)


def _document_matters(exam: Exam) -> Iterator[Matter]:
    assert exam.result is not None  # noqa: S101  asked only of examinations with a result
    suspect = bool(exam.result.assessments & SUSPECT)
    telling = exam.telling
    if not telling.summary_sent and exam.kind is not ExaminationKind.OUTSIDE_REVIEW:
        variant = "" if not suspect else "suspicious_told" if telling.told else "suspicious"
        yield Matter("send_summary", exam.id, variant, exam)
        if telling.summary_file is not None:
            yield Matter("post_document", f"{exam.id}:{ev.Document.SUMMARY}", exam=exam)
    if not telling.provider_told:
        yield Matter("tell_provider", exam.id, _suspicious(suspect), exam)
        if telling.provider_file is not None:
            yield Matter("post_document", f"{exam.id}:{ev.Document.PROVIDER_REPORT}", exam=exam)


def _spoken_matters(episode: Episode, exam: Exam, protocol: Protocol) -> Iterator[Matter]:
    assert exam.result is not None  # noqa: S101  asked only of examinations with a result
    assessments = exam.result.assessments
    suspect = assessments & SUSPECT
    if exam.telling.change:
        yield Matter("tell_change", exam.id, _suspicious(suspect), exam)
        return
    if exam.telling.told or not assessments & TOLD_IN_PERSON:
        return
    only_more_pictures = assessments & TOLD_IN_PERSON == {Assessment.INCOMPLETE_IMAGING}
    if only_more_pictures and protocol.told_by_confirmed_visit and episode.visit.confirmed_by_her:
        return
    yield Matter("tell_result", exam.id, _suspicious(suspect), exam)
    if suspect and exam.telling.seen:
        yield Matter("ring_after_seen", exam.id, exam=exam)


def _work_up_matters(episode: Episode) -> Iterator[Matter]:
    open_findings = episode.open_findings()
    for exam in episode.exams.values():
        mine = [f for f in open_findings if f.exam == exam.id and not f.planned]
        if any(f.assessment is Assessment.PROBABLY_BENIGN for f in mine):
            yield Matter("complete_assessment", exam.id, exam=exam)
        if any(f.assessment is Assessment.INCOMPLETE_IMAGING for f in mine):
            yield Matter("plan_call_back", exam.id, exam=exam)
        if exam.is_workup and any(_waits_for(f.exam, f.examined, f.answered_by, exam) for f in open_findings):
            yield Matter("assess_workup", exam.id, exam=exam)
    if any(not f.examined for f in open_findings):
        yield Matter("attend_call_back", "call_back")
    waits_for_priors = any(
        x.result and Assessment.INCOMPLETE_PRIORS in x.result.assessments for x in episode.exams.values()
    )
    unanswered = [f for f in episode.findings.values() if f.status in (FindingStatus.OPEN, FindingStatus.BIOPSY)]
    if unanswered or waits_for_priors:
        yield Matter("resolve_abnormal", episode.id)
    for finding in unanswered:
        if finding.status is FindingStatus.BIOPSY:
            yield Matter("arrange_biopsy", finding.id)


def _waits_for(found_in: str, examined: bool, answered_by: str | None, exam: Exam) -> bool:
    """Whether a finding waits for the radiologist to say what `exam` answers. Unstated sides ask for every finding."""
    if exam.id in (found_in, answered_by):
        return False
    return examined or not exam.sides


def _ladder(episode: Episode, protocol: Protocol) -> Iterator[Matter]:
    """The rungs of the contact ladder that are not tried yet, or the second person's look when all are."""
    attempts = [a.channel for a in episode.contact.attempts]
    phoned = attempts.count(ev.Channel.PHONE)
    left = 0
    for place, rung in enumerate(r for r in protocol.ladder if r.after is None):
        if phoned < place + 2:  # the first call is the matter itself
            left += 1
            if phoned == place + 1:
                yield Matter("reach_her", rung.name)
    for rung in protocol.ladder:
        if rung.after is not None and rung.channel not in attempts:
            left += 1
            yield Matter("reach_her", rung.name, rung.name)
    if left == 0 and all(x.telling.provider_told for x in episode.exams.values() if x.result is not None):
        yield Matter("confirm_lost", "ladder", _suspicious(episode.is_suspect))


# ---------------------------------------------------------------- since when


def fold(stream: str, records: Sequence[Recorded], protocols: Protocols) -> Patient:
    """Return the patient as all her facts leave her, with what is owed and since when.

    Facts entered in error count for nothing. Facts of one step count as one moment.
    """
    patient = Patient(stream)
    standing = in_force(records)
    for place, record in enumerate(standing):
        patient = evolve(patient, record)
        following = standing[place + 1] if place + 1 < len(standing) else None
        if following is None or following.step != record.step:
            patient = keep_track(patient, record, protocols)
    if records and patient.version != records[-1].seq:
        patient = replace(patient, version=records[-1].seq)
    return patient


def advance(patient: Patient, records: Sequence[Recorded], protocols: Protocols) -> Patient:
    """Return `patient` after the facts of one more step; equal to folding the whole log again."""
    for record in records:
        patient = evolve(patient, record)
    return keep_track(patient, records[-1], protocols) if records else patient


def keep_track(patient: Patient, record: Recorded, protocols: Protocols) -> Patient:
    """Note what has become owed with `record`, and forget what no longer is."""
    before = patient.owed
    owed: dict[Key, Opened] = {}
    suspended = patient.suspended
    for episode, matter in matters(patient, protocols):
        key = (episode, matter.kind, matter.subject)
        known = before.get(key)
        if known is None:
            earlier = suspended.get(key)
            known = Opened(record.step, record.recorded_at, earlier.first_at if earlier else record.recorded_at)
        owed[key] = known
    gone = before.keys() - owed.keys()
    if gone or suspended:
        paused = {e.id for e in patient.episodes.values() if e.paused is not None}
        suspended = {k: v for k, v in suspended.items() if k[0] in paused}
        suspended.update((k, before[k]) for k in gone if k[0] in paused and k[1] in NEEDS_HER)
    return replace(patient, owed=owed, suspended=suspended)


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
    due = _due(row, episode, matter, opened, protocol)
    late = min(_moment(clock, episode, matter, opened, protocol) for clock in row.late)
    visible = _moment(row.visible, episode, matter, opened, protocol) if row.visible else opened.at
    if row.visible and row.visible.unit != "wh":  # shown from the morning of that day
        visible = protocol.calendar.start_of(protocol.calendar.on(visible))
    reach = patient.escalated.get((episode.id if episode else None, matter.kind, matter.subject, opened.seq))
    return Loop(
        stream=patient.id,
        kind=matter.kind,
        subject=matter.subject,
        opened_seq=opened.seq,
        episode=episode.id if episode else None,
        owner=row.owner,
        assignee=_assignee(episode, matter),
        visible_from=max(visible, opened.at),
        due_at=due,
        late_at=late,
        rule=row.rule,
        legal=row.legal,
        urgent=matter.variant.startswith("suspicious") or matter.kind in ("ring_after_seen", "arrange_biopsy"),
        escalate_at=next_escalation(row, late, opened, reach.at if reach else None, protocol),
        rung=reach.rung if reach else 0,
        escalated_to=reach.to if reach else None,
    )


def _assignee(episode: Episode | None, matter: Matter) -> str | None:
    if episode is None:
        return None
    if matter.kind == "review_pause" and episode.paused is not None:
        return episode.paused.reviewer
    return episode.owner


def _due(row: Row, episode: Episode | None, matter: Matter, opened: Opened, protocol: Protocol) -> datetime:
    due = _moment(row.due, episode, matter, opened, protocol)
    if row.due.anchor == "opened":
        return due
    # Nothing is due before it opens; what opened late has one working day.
    return max(due, protocol.calendar.after(opened.first_at, ONE_WORKING_DAY)) if due < opened.first_at else due


ONE_WORKING_DAY = Clock(1, "wd", "opened")


def _moment(clock: Clock, episode: Episode | None, matter: Matter, opened: Opened, protocol: Protocol) -> datetime:
    start: datetime | date | None = opened.first_at
    exam = matter.exam
    match clock.anchor:
        case "examination" if exam:
            start = exam.performed_at
        case "reading" if exam:
            start = exam.reading.read_at
        case "initial_report" if exam:
            start = exam.reading.initial_at
        case "screening" if episode and episode.first_exam:
            start = episode.first_exam.performed_at
        case "hear_by" if exam:
            start = exam.telling.hear_by_on
        case "review" if episode and episode.paused:
            start = episode.paused.review_on
        case "surveillance" if matter.dated:
            start = matter.dated.due_on
    if start is None:
        start = opened.first_at
    if not isinstance(start, datetime):
        start = protocol.calendar.start_of(start)
    return protocol.calendar.after(start, clock)


def next_escalation(row: Row, late: datetime, opened: Opened, last: datetime | None, protocol: Protocol) -> datetime:
    """Return when the next rung is told: at `late` (before it where a law sets it), then every working day."""
    if last is not None:
        return protocol.calendar.after(last, ONE_WORKING_DAY)
    return max(late - timedelta(days=row.warn_days), opened.at)


def next_rung(loop: Loop, protocol: Protocol) -> str:
    """Return the role that hears next that `loop` is late; the top repeats."""
    chain: Sequence[str] = protocol.escalation[loop.owner]
    return chain[min(loop.rung, len(chain) - 1)]


def claims(patient: Patient) -> Iterable[tuple[str, str]]:
    """Return what must be unique among all patients, as (kind, value); written in the same transaction."""
    return [
        ("accession", exam.accession)
        for episode in patient.episodes.values()
        for exam in episode.exams.values()
        if exam.accession and not exam.not_hers
    ]
