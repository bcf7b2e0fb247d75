"""What a patient's page at the desk shows, put together from her log, what she owes and who she is."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from closerlook.desk import words
from closerlook.desk.forms import Target
from closerlook.desk.here import Here
from closerlook.exchange.models import Message
from closerlook.look.drawing import Mark
from closerlook.pathway import steps as st
from closerlook.pathway.closing import CLOSED_BY, STEPS_FOR
from closerlook.pathway.deciding import may
from closerlook.pathway.events import tag_of
from closerlook.pathway.loops import KINDS, Loop
from closerlook.pathway.regions import Episode, Exam
from closerlook.pathway.stages import place, stage
from closerlook.people.models import Patient
from closerlook.record import door

ANY_TIME: tuple[type[st.Step], ...] = (
    st.RecordContact, st.RecordNoToday, st.RecordDecline, st.ReportSymptom, st.AskForCall, st.AssignOwner,
    st.TakeExamination, st.RecordReading, st.RecordReturned, st.WithdrawReport, st.RecordMovedAway, st.RecordDeath,
    st.EnterInError,
)  # fmt: skip


def patient_page(row: Patient, history: door.History, here: Here) -> dict[str, Any]:
    """Return the context of a patient's page."""
    state = history.patient
    loops = sorted(history.loops, key=lambda loop: loop.due_at)
    return {
        "patient": row,
        "state": state,
        "place": place(state),
        "facts": _who(row),
        "owed": [_owed(loop, history, here) for loop in loops if loop.visible_from <= here.now],
        "later": [_owed(loop, history, here) for loop in loops if loop.visible_from > here.now],
        "rounds": [_round(episode, history) for episode in reversed(list(state.episodes.values()))],
        "story": [
            {
                "seq": r.seq,
                "at": r.event.occurred_at,
                "recorded_at": r.recorded_at,
                "said": words.said(r.event),
                "by": r.actor.id if r.actor.kind == "staff" else r.actor.kind.value,
                "tag": tag_of(r.event),
            }
            for r in reversed(history.records)
        ],
        "steps": [_link(step, row.id, "") for step in ANY_TIME if may(step, here.actor)],
        "inbox": Message.objects.filter(patient=row.id).order_by("-received_at").defer("content", "prose")[:30],
    }


def _who(row: Patient) -> list[tuple[str, str]]:
    found = [
        ("Born", f"{row.birth_date:%d %B %Y}"),
        ("Numbers", ", ".join(i.value for i in row.identifiers.all())),
        ("Phone", row.phone or "none known"),
        ("Language", row.language or "not stated"),
        ("Provider", str(row.provider) if row.provider else "see her examinations"),
    ]
    if row.safe_contact:
        found.insert(0, ("Safe contact", row.safe_contact))
    return found


def _owed(loop: Loop, history: door.History, here: Here) -> dict[str, Any]:
    state = history.patient
    found = state.exam(loop.subject.partition(":")[0])
    episode = state.episodes.get(loop.episode or "")
    late = loop.due_at < here.now
    return {
        "what": KINDS[loop.kind],
        "about": words.about(episode, found[1] if found else None),
        "owner": words.plain(loop.owner) + (f", {loop.assignee}" if loop.assignee else ""),
        "due_at": loop.due_at,
        "late_at": loop.late_at,
        "late": late,
        "rule": loop.rule,
        "legal": loop.legal,
        "escalated_to": loop.escalated_to,
        "closed_by": CLOSED_BY[loop.kind],
        "visible_from": loop.visible_from,
        "steps": [
            _link(step, history.stream, _subject(loop)) for step in STEPS_FOR[loop.kind] if may(step, here.actor)
        ],
    }


def _subject(loop: Loop) -> str:
    """Return what a step's page is to be about: the loop's own subject where that names one, else its round."""
    names_one = loop.subject.startswith("e") and not loop.subject.startswith("end")
    return loop.subject if names_one else (loop.episode or "")


def _link(step: type[st.Step], patient_id: str, subject: str) -> dict[str, str]:
    href = reverse("desk:step", args=[patient_id, step.__name__])
    query: dict[str, str] = {"subject": subject} if subject else {}
    if ":" in subject:
        query["document"] = subject.partition(":")[2]
    return {"label": words.label(step), "href": f"{href}?{urlencode(query)}" if query else href}


def _round(episode: Episode, history: door.History) -> dict[str, Any]:
    standing = stage(history.patient, episode)
    if episode.settled is not None:
        standing = f"settled: {words.plain(episode.settled.outcome)}"
    elif episode.paused is not None:
        standing = f"paused: {words.plain(episode.paused.reason)}, looked at again {episode.paused.review_on:%d %B %Y}"
    return {
        "id": episode.id,
        "reason": words.plain(episode.reason),
        "standing": standing,
        "owner": episode.owner,
        "exams": [_exam(x) for x in episode.exams.values()],
        "findings": [
            f"{words.finding(f)}: {words.ASSESSMENTS[f.assessment]}, {f.status.value}"
            for f in episode.findings.values()
        ],
        "visit": episode.visit,
        "marks": [Mark(side=f.side, note=words.finding(f)) for f in episode.findings.values() if f.side],
    }


def _exam(exam: Exam) -> dict[str, Any]:
    report = exam.reading.report
    return {
        "id": exam.id,
        "what": words.EXAMINATIONS[exam.kind],
        "sides": " and ".join(exam.sides) or "side not stated",
        "at": exam.performed_at,
        "assessed": words.assessed(report.sides) if report else "not signed yet",
        "certain": exam.result is not None,
        "pending": words.assessed(exam.reading.pending.sides) if exam.reading.pending else "",
        "message": report.message if report else None,
        "summary": exam.telling.summary_file is not None,
        "provider": exam.telling.provider_file is not None,
        "told": exam.telling.told,
        "seen": exam.telling.seen,
    }


def exam_in_question(episode: Episode) -> Exam | None:
    """Return the examination a step is most likely about: one that someone must still be told of, else the latest."""
    exams = [x for x in episode.exams.values() if not x.not_hers]
    untold = [x for x in exams if x.telling.change or (x.result is not None and not x.telling.told)]
    return (untold or exams or [None])[-1]


def evidence(target: Target) -> list[tuple[str, str]]:
    """Return what a person should have before their eyes when deciding: the report's words and where they came from."""
    found: list[tuple[str, str]] = []
    if target.exam is None:
        return found
    region = target.exam.reading
    for title, reading in (("Signed report", region.report), ("Amended report", region.pending),
                           ("Preliminary report", region.preliminary)):  # fmt: skip
        if reading is None:
            continue
        message = Message.objects.filter(pk=reading.message).first() if reading.message else None
        stated = words.assessed(reading.sides)
        if reading.needs_person:
            stated += " (" + ", ".join(words.plain(reason) for reason in reading.needs_person) + ")"
        found.append((f"{title}: {stated}", message.prose if message else ""))
    return found
