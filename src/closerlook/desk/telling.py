"""What a patient's page at the desk shows, put together from her log, what she owes and who she is."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language_info
from msgspec import Struct
from msgspec.structs import replace

from closerlook.desk import offers, words
from closerlook.desk.fields import Target
from closerlook.desk.here import Here, names_of_staff
from closerlook.exchange.models import Message
from closerlook.look.drawing import Mark
from closerlook.pathway import steps as st
from closerlook.pathway.closing import CLOSED_BY, STEPS_FOR
from closerlook.pathway.events import Actor, Document, Kind, Recorded
from closerlook.pathway.loops import KINDS, Loop
from closerlook.pathway.patient import in_force
from closerlook.pathway.regions import Episode, Exam
from closerlook.pathway.regions import Patient as State
from closerlook.pathway.stages import place, stage
from closerlook.people.models import Patient
from closerlook.record import door

CLOCK = re.compile(r"\b(1[0-2]|[1-9])\s*o.?clock", re.IGNORECASE)
ACTED: dict[Kind, str] = {
    Kind.PATIENT: "she herself",
    Kind.PROXY: "someone for her",
    Kind.WORKER: "the software",
    Kind.SIMULATOR: "a simulation",
}


class Matter(Struct, frozen=True):
    """Something owed, as her page shows it. `mine`: I am the one who owes it."""

    what: str
    about: str
    owner: str
    due_at: datetime
    late_at: datetime
    late: bool
    urgent: bool
    rule: str
    legal: bool
    told: str
    closed_by: str
    visible_from: datetime
    mine: bool
    steps: list[dict[str, str]]
    button: dict[str, str] | None = None


class Group(Struct, frozen=True):
    """What is owed in one round (or beyond any), the most urgent first."""

    title: str
    ladder: str
    mine: list[Matter]
    others: list[Matter]
    later: list[Matter]


def patient_page(row: Patient, history: door.History, here: Here) -> dict[str, Any]:
    """Return the context of a patient's page."""
    state = history.patient
    names = names_of_staff()
    rounds = [_round(episode, history) for episode in reversed(list(state.episodes.values()))]
    about = about_subject(state, "", here.now)
    return {
        "patient": row,
        "state": state,
        "place": place(state),
        "age": _age(row, here),
        "speaks": _language(row.language),
        "numbers": ", ".join(i.value for i in row.identifiers.all()),
        "groups": _groups(history, here, names),
        "rounds": [r for r in rounds if not r["settled"]],
        "settled": [r for r in rounds if r["settled"]],
        "story": story(history.records, names),
        "about_her": _links(offers.offered(offers.ABOUT_HER, about, here.actor), row.id),
        "about_record": _links(offers.offered(offers.ABOUT_THE_RECORD, about, here.actor), row.id),
        "inbox": Message.objects.filter(patient=row.id).order_by("-received_at").defer("content", "prose")[:30],
    }


def _age(row: Patient, here: Here) -> int:
    today = here.now.date()
    return today.year - row.birth_date.year - ((today.month, today.day) < (row.birth_date.month, row.birth_date.day))


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name"]) if code else ""
    except KeyError:
        return code


# ---------------------------------------------------------------- what is owed


def _groups(history: door.History, here: Here, names: dict[str, str]) -> list[Group]:
    """Return what is owed by round, the round with the most urgent matter first."""
    found: dict[str | None, list[Matter]] = {}
    for loop in sorted(history.loops, key=lambda x: (not x.urgent, x.due_at)):
        found.setdefault(loop.episode, []).append(_matter(loop, history, here, names))
    return [_group(history.patient.episodes.get(key or ""), matters, history, here) for key, matters in found.items()]


def _group(episode: Episode | None, matters: list[Matter], history: door.History, here: Here) -> Group:
    now = [m for m in matters if m.visible_from <= here.now]
    mine = [m for m in now if m.mine] or [m for m in now if m.steps]  # who owes nothing here may still help
    return Group(
        title=_title(episode, history.patient) if episode else "Beyond any round",
        ladder=_ladder(episode, history.loops, here) if episode else "",
        mine=_with_buttons(mine),
        others=[m for m in now if m not in mine],
        later=[m for m in matters if m.visible_from > here.now],
    )


def _with_buttons(matters: list[Matter]) -> list[Matter]:
    """Give each matter its one button: its most usual step, unless a matter above has that button already."""
    found: list[Matter] = []
    shown: set[str] = set()
    for matter in matters:
        button = next((step for step in matter.steps[:1] if step["label"] not in shown), None)
        shown |= {button["label"]} if button else set()
        steps = matter.steps[1:] if button else matter.steps
        found.append(replace(matter, button=button, steps=steps))
    return found


DOCUMENT_OF = {"send_summary": Document.SUMMARY, "tell_provider": Document.PROVIDER_REPORT}


def _matter(loop: Loop, history: door.History, here: Here, names: dict[str, str]) -> Matter:
    about = about_subject(history.patient, subject_of(loop), here.now)
    held = loop.assignee == here.actor.id or (loop.assignee is None and loop.owner in here.roles)
    steps = offers.offered(STEPS_FOR[loop.kind], about, here.actor)
    return Matter(
        what=KINDS[loop.kind],
        about=_about(loop, about),
        owner=names.get(loop.assignee, loop.assignee) if loop.assignee else words.owner(loop.owner),
        due_at=loop.due_at,
        late_at=loop.late_at,
        late=loop.due_at < here.now,
        urgent=loop.urgent,
        rule=loop.rule,
        legal=loop.legal,
        told=words.plain(loop.escalated_to or ""),
        closed_by=CLOSED_BY[loop.kind],
        visible_from=loop.visible_from,
        mine=held or loop.escalated_to in here.roles,
        steps=[link(step, history.stream, subject_of(loop)) for step in steps],
    )


def _about(loop: Loop, about: offers.About) -> str:
    if loop.kind == "reach_her":
        return words.rung(loop.subject)
    if loop.kind == "post_document":
        return words.plain(loop.subject.partition(":")[2])
    symptom = about.episode is not None and loop.subject in about.episode.symptoms
    stored = str(getattr(loop, "about", "") or "")
    return about_words(about, loop.subject) if symptom or not stored else stored


def about_words(about: offers.About, subject: str) -> str:
    """Return what something is about: the symptom or dated visit its subject names, else the round's findings."""
    symptom = about.episode.symptoms.get(subject) if about.episode else None
    if symptom is not None:
        return f"{symptom.what}, {symptom.side}" if symptom.side else symptom.what
    visit = about.patient.dated.get(subject)
    return f"after {visit.months} months" if visit else words.about(about.episode, about.exam)


def subject_of(loop: Loop) -> str:
    """Return what a step's page is to be about: the loop's own subject where that names one, else its round."""
    if loop.kind in DOCUMENT_OF:
        return f"{loop.subject}:{DOCUMENT_OF[loop.kind]}"
    return loop.subject if re.match(r"e\d", loop.subject) else (loop.episode or "")


def _ladder(episode: Episode, loops: Iterable[Loop], here: Here) -> str:
    """Return how often she was tried and what comes next: "3 attempts, the last by phone: no answer; next: …"."""
    tried = episode.contact.attempts
    parts = []
    if tried:
        last = tried[-1]
        count = "1 attempt" if len(tried) == 1 else f"{len(tried)} attempts"
        parts.append(f"{count}, the last by {words.plain(last.channel)}: {words.plain(last.outcome)}")
    rungs = sorted(
        (x for x in loops if x.kind == "reach_her" and x.episode == episode.id), key=lambda x: x.visible_from
    )
    for rung in rungs[:1]:
        when = "now" if rung.visible_from <= here.now else f"from {words.day(rung.visible_from)}"
        parts.append(f"next: {words.rung(rung.subject)}, {when}")
    said = "; ".join(parts)
    return said[:1].upper() + said[1:]


def link(step: type[st.Step], patient_id: str, subject: str) -> dict[str, str]:
    """Return a step as a page links to it."""
    return {"label": words.label(step), "href": offers.link(step, patient_id, subject)}


def _links(steps: list[type[st.Step]], patient_id: str) -> list[dict[str, str]]:
    return [link(step, patient_id, "") for step in steps]


# ---------------------------------------------------------------- what a step is about


def about_subject(state: State, subject: str, now: datetime, document: str = "") -> offers.About:
    """Return the round and examination that a subject such as "e1.x2", "e1", "e1.x2:summary" or "" names."""
    name, _, named = subject.partition(":")
    episode = state.episodes.get(name.partition(".")[0])
    if episode is None:
        rounds = list(reversed(state.episodes.values()))
        episode = next((e for e in rounds if e.settled is None), rounds[0] if rounds else None)
    exam = episode.exams.get(name) if episode else None
    if exam is None and episode is not None:
        exam = exam_in_question(episode)
    paper = next((d for d in Document if d in (document, named)), "")
    return offers.About(patient=state, episode=episode, exam=exam, now=now, document=paper)


def exam_in_question(episode: Episode) -> Exam | None:
    """Return the examination a step is most likely about: one that someone must still be told of, else the latest."""
    exams = [x for x in episode.exams.values() if not x.not_hers]
    untold = [x for x in exams if x.telling.change or (x.result is not None and not x.telling.told)]
    found = untold or exams
    return found[-1] if found else None


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


# ---------------------------------------------------------------- rounds and story


def _title(episode: Episode, state: State) -> str:
    first = episode.first_exam
    began = f" of {words.day(first.performed_at)}" if first else ""
    return f"{words.plain(episode.reason).capitalize()} round{began}: {_standing(episode, state)}"


def _standing(episode: Episode, state: State) -> str:
    if episode.settled is not None:
        return f"settled, {words.plain(episode.settled.outcome)}"
    if episode.paused is not None:
        return f"paused, {words.plain(episode.paused.reason)}; looked at again on {words.day(episode.paused.review_on)}"
    return stage(state, episode)


def _round(episode: Episode, history: door.History) -> dict[str, Any]:
    findings = list(episode.findings.values())
    return {
        "id": episode.id,
        "title": _title(episode, history.patient),
        "settled": episode.settled is not None,
        "exams": [_exam(x) for x in episode.exams.values()],
        "findings": [f"{words.finding(f)}: {words.stands(f)}" for f in findings if not f.side],
        "visit": episode.visit,
        "marks": [Mark(side=f.side, clock=_clock(f.place), note=words.marked(f)) for f in findings if f.side],
    }


def _clock(place: str | None) -> int | None:
    found = CLOCK.search(place or "")
    return int(found.group(1)) if found else None


def _exam(exam: Exam) -> dict[str, Any]:
    report = exam.reading.report
    return {
        "id": exam.id,
        "what": words.EXAMINATIONS[exam.kind],
        "sides": " and ".join(exam.sides) or "side not stated",
        "at": exam.performed_at,
        "assessed": words.assessed(report.sides) if report else "not signed yet",
        "certain": exam.result is not None or report is None,
        "not_hers": exam.not_hers,
        "pending": words.assessed(exam.reading.pending.sides) if exam.reading.pending else "",
        "message": report.message if report else None,
        "summary": exam.telling.summary_file is not None,
        "provider": exam.telling.provider_file is not None,
    }


def story(records: tuple[Recorded, ...], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return her facts, the latest first, with those that were entered in error marked, never left out."""
    standing = {r.seq for r in in_force(records)}
    return [
        {
            "seq": r.seq,
            "at": r.event.occurred_at,
            "recorded_at": r.recorded_at if r.recorded_at - r.event.occurred_at >= timedelta(minutes=1) else None,
            "said": words.said(r.event),
            "by": _by(r.actor, names),
            "gone": r.seq not in standing,
        }
        for r in reversed(records)
    ]


def _by(actor: Actor, names: dict[str, str]) -> str:
    if actor.kind is Kind.STAFF:
        return names.get(actor.id, actor.id)
    return ACTED.get(actor.kind) or f"{actor.kind} {actor.id}"
