"""A patient's state without its clocks, names and counts that change nothing: what the search tells apart.

You are here to understand what the proof looks at. Two patients with one control may take the same steps and owe the
same kinds of things; a property test holds that, so that the search over controls speaks for the code.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import msgspec

from closerlook.pathway import events as ev
from closerlook.pathway.events import Reading
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import A_DAY, Episode, Exam, FindingState, Patient, Specimen, Visit, VisitStage

Names = dict[str, str]
A_STEP = timedelta(hours=27)
"""How long the search waits between two steps: what is still to come is so for as many steps."""
_encode = msgspec.msgpack.Encoder().encode


def digest(patient: Patient, protocol: Protocol, now: datetime) -> bytes:
    """Return sixteen bytes that stand for a control."""
    return hashlib.blake2b(_encode(control(patient, protocol, now)), digest_size=16).digest()


def control(patient: Patient, protocol: Protocol, now: datetime) -> tuple[Any, ...]:
    """Return the control of a patient whose last fact was at `now`. Counters stop where they change nothing more."""
    p = patient
    return (
        p.version > 0,
        p.call_requested,
        p.requests,
        p.died_on is not None,
        p.next_due is not None,
        p.invitations_ended,
        p.merged_into is not None,
        len(p.absorbed),
        (sorted(p.around.not_by), p.wishes.tell_first_until is not None),
        p.anatomy,
        [(c.reviewed is not None, c.care_ended) for c in p.cancers.values()],
        [(v.months, list(p.episodes).index(v.episode)) for v in p.dated.values() if v.episode in p.episodes],
        [_episode(p, e, protocol, now) for e in p.episodes.values()],
    )


def _episode(patient: Patient, e: Episode, protocol: Protocol, now: datetime) -> tuple[Any, ...]:
    if not e.exams and (e.ended is not None or patient.died_on is not None):
        return _unseen(e, protocol, now)
    exams = list(e.exams)
    names = _names(e)
    return (
        e.reason,
        e.due_on is not None,
        e.answers is not None,
        e.id in patient.treating,
        e.id in patient.came_for,
        e.history_reviewed,
        e.followed_up,
        e.invitation is not None,
        e.invited,
        e.ended,
        e.settled.outcome if e.settled else None,
        e.paused.reason if e.paused else None,
        e.replan,
        is_stale(e, protocol, now),
        e.refusals,
        _contact(e, protocol),
        (e.priors.known is not None, e.priors.requested is not None, e.priors.received, e.priors.unavailable),
        (e.elsewhere.claimed is not None, e.elsewhere.asked is not None, e.elsewhere.acknowledged),
        (e.referral.team is not None, e.referral.first_visit_on is not None, e.referral.attended),
        _plan(e, exams),
        [(purpose, _visit(purpose, v, protocol, now)) for purpose, v in sorted(e.visits.items())],
        [_exam(x, names) for x in e.exams.values()],
        [(n, m) for n, x in enumerate(e.exams.values()) for m, y in enumerate(e.exams.values()) if x.follows(y)],
        [(n, m) for n, x in enumerate(e.exams.values()) for m, y in enumerate(e.exams.values()) if _read_first(x, y)],
        _waiting_order(e),
        [_finding(e, f, names) for f in e.findings.values()],
        [_specimen(s, names) for s in e.specimens.values()],
        [(s.what, s.side, s.answered) for s in e.symptoms.values()],
        sorted(e.incidentals.values()),
        protocol.hash == e.protocol,
    )


def _read_first(x: Exam, y: Exam) -> bool:
    first, second = x.reading.said_at, y.reading.said_at
    return x.is_workup and first is not None and second is not None and first < second


def _waiting_order(e: Episode) -> list[tuple[int, int]]:
    """Which pairs `_would_be_first` holds for; none where no change waits."""
    exams = list(enumerate(e.exams.values()))
    if all(x.reading.pending is None for _, x in exams):
        return []
    return [(n, m) for n, x in exams for m, y in exams if _would_be_first(x, y)]


def _would_be_first(x: Exam, y: Exam) -> bool:
    """As `_read_first`, once the change that waits at either is confirmed."""
    if x.reading.pending is None and y.reading.pending is None:
        return False
    first, second = ((z.reading.pending and z.reading.pending.reported_at) or z.reading.said_at for z in (x, y))
    return x.is_workup and first is not None and second is not None and first < second


def _unseen(e: Episode, protocol: Protocol, now: datetime) -> tuple[Any, ...]:
    """A round that ended before she was seen: how often she was invited changes nothing any more, a symptom may."""
    booked = [(purpose, v) for purpose, v in sorted(e.visits.items()) if v.stage is VisitStage.BOOKED]
    return (
        e.reason,
        e.ended,
        e.settled.outcome if e.settled else None,
        e.paused.reason if e.paused else None,
        e.answers is not None,
        e.contact.said_no,
        e.refusals,
        [(purpose, _visit(purpose, v, protocol, now)) for purpose, v in booked],
        [(s.what, s.side, s.answered) for s in e.symptoms.values()],
        sorted(e.incidentals.values()),
    )


def is_stale(e: Episode, protocol: Protocol, now: datetime) -> bool:
    """Whether her last pictures are so old, by the next step, that a round resumed has its plan looked at again."""
    last = max((x.performed_at for x in e.exams.values() if not x.not_hers), default=now)
    return now + A_STEP - last > timedelta(days=protocol.stale_after_days)


def _names(e: Episode) -> Names:
    """Call every examination and finding by its place, so that equal rounds look equal whatever their numbers."""
    names = {exam: f"x{n}" for n, exam in enumerate(e.exams)}
    known = [f for x in e.exams.values() for r in _readings(x) for f in r.findings]
    for finding in (*e.findings, *(f.id for f in known)):
        if finding not in names:
            exam = next((x for x in e.exams if finding.startswith(f"{x}.")), None)
            names[finding] = f"{names[exam]}{finding[len(exam) :]}" if exam else f"f{len(names)}"
    return names


def _readings(x: Exam) -> list[Reading]:
    region = x.reading
    found = [r for r in (region.preliminary, region.report, region.pending) if r is not None]
    return found + [o.reading for o in region.opinions] + [a.reading for a in region.ai]


def _said(reading: Reading | None, names: Names) -> Any:
    if reading is None:
        return None
    certain = reading.status.is_signed and not reading.needs_person  # then words and kind of report change nothing more
    return (
        "signed" if reading.status.is_signed else reading.status,
        reading.reported_at is not None,
        reading.sides,
        reading.density,
        [(names[f.id], f.kind, f.side, f.place, f.assessment) for f in reading.findings],
        reading.recommendation,
        reading.needs_person,
        reading.suspicious_words and not certain,
    )


def _exam(x: Exam, names: Names) -> tuple[Any, ...]:
    r, t = x.reading, x.telling
    return (
        x.kind,
        x.sides,
        x.provider is not None,
        x.history,
        x.not_hers,
        None if x.incomplete is None else x.incomplete.missing,
        x.outside is not None,
        None if x.completed is None else (x.completed[0].missing, names.get(x.completed[1], "gone")),
        [_said(said, names) for said in (r.preliminary, r.report, r.pending)],
        [(o.reader, _said(o.reading, names)) for o in r.opinions],
        [_said(a.reading, names) for a in r.ai],
        (r.placed is not None, r.withdrawn, r.held is not None, r.unplaced, r.grave),
        (t.hear_by_on is not None, t.summary_file is not None, t.summary_sent, t.provider_file is not None),
        (t.provider_told, t.told, t.seen, t.confirmed, t.change, t.old_report, t.reached_her),
    )


def _finding(e: Episode, f: FindingState, names: Names) -> tuple[Any, ...]:
    exams = list(enumerate(e.exams.values()))
    since = [n for n, x in exams if f.tissue_at is not None and f.tissue_at > x.performed_at]
    decided = f.decided_at
    known = [n for n, x in exams if decided and x.reading.said_at and x.reading.said_at <= decided]
    waiting = [(n, x.reading.pending.reported_at) for n, x in exams if decided and x.reading.pending]
    overtaken = [n for n, at in waiting if decided and at and at <= decided]  # once confirmed it counts as known
    return (
        names[f.id],
        names.get(f.exam, "gone"),
        f.kind,
        f.side,
        f.place,
        f.assessment,
        f.status,
        f.stated,
        f.planned,
        [names.get(x, "gone") for x in f.examined_by],
        [names.get(x, "gone") for x in f.asked_of],
        f.answered_by and names.get(f.answered_by, "gone"),
        f.advice,
        f.plan,
        None if f.tissue_at is None else since,
        None if f.decided_at is None else (known, overtaken),
    )


def _specimen(s: Specimen, names: Names) -> tuple[Any, ...]:
    return (
        names.get(s.finding, "gone"),
        s.tissue,
        s.lesion,
        s.concordant,
        s.follow_up,
        s.told,
        s.provider_told,
        s.was_told and not s.told,
    )


def _visit(purpose: ev.Purpose, v: Visit, protocol: Protocol, now: datetime) -> tuple[Any, ...]:
    most = {ev.Purpose.SCREENING: protocol.screening_visits, ev.Purpose.BIOPSY: 1}.get(purpose, 0)
    to_come = 0 if v.starts_at is None else max(0, -((now + A_DAY - v.starts_at) // A_STEP))
    return (v.stage, v.confirmed_by_her, v.reminded, min(v.missed, most), to_come)


def _contact(e: Episode, protocol: Protocol) -> tuple[Any, ...]:
    contact = e.contact
    calls = sum(rung.after is None for rung in protocol.ladder) + 1
    rungs = {rung.channel for rung in protocol.ladder if rung.after is not None}
    used = sorted({a.channel for a in contact.attempts} & rungs)
    end = contact.calls >= calls and len(used) == len(rungs)  # who tried last counts for whoever calls her lost
    return (min(contact.calls, calls), used, contact.reached, contact.said_no, contact.last_by if end else None)


def _plan(e: Episode, exams: list[str]) -> Any:
    plan = e.plan
    if plan is None:
        return None
    at = exams.index(plan.exam) if plan.exam in exams else -1
    return (at, plan.sides, plan.reasons, plan.views, plan.ultrasound, plan.answer_same_day, plan.also, plan.technical)
