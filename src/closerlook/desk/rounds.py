"""One round, whole: where it stands, what is owed and what closes it, what she knows, and the log behind each line."""

from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from closerlook.desk import chronicle, telling, words
from closerlook.desk.here import Here, frame, names_of_staff, patient_row, staff_only
from closerlook.desk.tables import Column, file_of, table, wants_file
from closerlook.pathway.events import Event, Recorded, encode, tag_of
from closerlook.pathway.patient import in_force
from closerlook.pathway.regions import Episode, Exam
from closerlook.record import door

STORY = (
    Column("number", "Number", lambda fact: fact["seq"], "number"),
    Column("when", "When", lambda fact: fact["at"]),
    Column("what", "What", lambda fact: fact["said"]),
    Column("by", "By", lambda fact: fact["by"]),
)
"""The columns of a story, of a round or of all she has."""


@staff_only
def page(request: HttpRequest, here: Here, patient_id: str, episode_id: str) -> HttpResponse:
    """One round of one patient."""
    row = patient_row(patient_id)
    history = door.look(patient_id)
    state = history.patient
    episode = state.episodes.get(episode_id)
    if episode is None:
        raise Http404("She has no such round.")
    names, hidden = names_of_staff(), chronicle.blinded(state, here.actor)
    story = lines_of(history, episode, names, hidden)
    if wants_file(request):
        return file_of(request, "round", STORY, story)
    context = {
        "patient": row,
        "one": chronicle.round_of(episode, history, hidden, names),
        "group": telling.group_of(episode, history, here, names),
        "knows": [_known(exam, row.id) for exam in episode.exams.values() if not exam.not_hers],
        "calls": [_call(attempt, names, history) for attempt in reversed(episode.contact.attempts)],
        "table": table(request, STORY, story),
        "others": [e for e in state.episodes if e != episode_id],
    }
    return render(request, "desk/round.html", frame(here, "patient") | context)


def lines_of(
    history: door.History, episode: Episode, names: dict[str, str], hidden: frozenset[str]
) -> list[dict[str, Any]]:
    """Return the facts of one round, the latest first, each with its row of the log."""
    mine = {r.seq for r in history.records if _is_of(r.event, episode)}
    logged = {r.seq: r for r in history.records}
    return [
        fact | {"log": [] if fact["apart"] else logged_of(logged[fact["seq"]])}
        for fact in chronicle.story(history.records, names, hidden)
        if fact["seq"] in mine
    ]


def _is_of(event: Event, episode: Episode) -> bool:
    """Whether a fact belongs to a round: it names the round, or an examination, finding or specimen of it."""
    if getattr(event, "episode", None) == episode.id:
        return True
    named = {getattr(event, name, None) for name in ("exam", "finding", "specimen", "symptom")} - {None}
    return bool(named & {*episode.exams, *episode.findings, *episode.specimens, *episode.symptoms})


def logged_of(record: Recorded) -> list[tuple[str, str]]:
    """Return a row of the log as it is stored: kind, fact, who, when, and under which rules."""
    body = msgspec.json.format(encode(record.event), indent=1).decode()
    actor = record.actor
    return [
        ("Kind of fact", tag_of(record.event)),
        ("Recorded", words.moment(record.recorded_at)),
        ("By", f"{actor.kind} {actor.id}".strip() + (f", as {' and '.join(actor.roles)}" if actor.roles else "")),
        ("Rules", record.protocol[:16]),
        ("Stored", body),
    ]


def _known(exam: Exam, patient_id: str) -> dict[str, Any]:
    """Return what she and her provider know of one examination, and the papers about it."""
    told = exam.telling
    her = [
        ("spoken with", told.told),
        ("opened it on her page", told.seen),
        ("letter posted", told.summary_sent),
        ("letter printed", told.summary_file is not None and not told.summary_sent),
        ("to be told of a change", told.change),
    ]
    papers = [(label, reverse("desk:letter", args=[patient_id, exam.id, name])) for label, name, file in (
        ("Summary", "summary", told.summary_file), ("Report for her provider", "provider_report", told.provider_file),
    ) if file]  # fmt: skip
    message = exam.reading.report.message if exam.reading.report else None
    if message:
        papers.append(("Message", reverse("desk:message", args=[message])))
    return {
        "what": f"{words.EXAMINATIONS[exam.kind]}, {words.day(exam.performed_at)}",
        "her": ", ".join(word for word, so in her if so) or "nothing yet",
        "provider": "told" if told.provider_told else "not told yet",
        "hear_by": told.hear_by_on,
        "papers": papers,
    }


def _call(attempt: Any, names: dict[str, str], history: door.History) -> dict[str, Any]:
    """Return one attempt to reach her; who made it stands in the log."""
    by = next((r.actor for r in reversed(history.records) if r.event == attempt), None)
    return {
        "at": attempt.occurred_at,
        "how": words.plain(attempt.channel),
        "outcome": words.plain(attempt.outcome),
        "by": names.get(by.id, by.id) if by else "",
        "gone": not any(r.event == attempt for r in in_force(history.records)),
    }
