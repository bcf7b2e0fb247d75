"""What a patient's page at the desk shows, put together from her log, what she owes and who she is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language_info
from msgspec import Struct
from msgspec.structs import replace

from closerlook.desk import chronicle, offers, words, wrote
from closerlook.desk.fields import Target
from closerlook.desk.here import Here, names_of_staff
from closerlook.evidence.due import age_on
from closerlook.exchange.models import Message
from closerlook.pathway import steps as st
from closerlook.pathway.closing import CLOSED_BY, STEPS_FOR
from closerlook.pathway.events import (
    Actor,
    CallRequested,
    ContactRoute,
    Document,
    Kind,
    Outcome,
    Purpose,
)
from closerlook.pathway.loops import KINDS, Loop
from closerlook.pathway.regions import Episode, Exam
from closerlook.pathway.regions import Patient as State
from closerlook.pathway.stages import place
from closerlook.people import languages
from closerlook.people.models import DetailsChanged, Patient
from closerlook.record import door


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
    hidden = chronicle.blinded(state, here.actor)
    rounds = [
        chronicle.round_of(episode, history, hidden, names) for episode in reversed(list(state.episodes.values()))
    ]
    about = about_subject(state, "", here.now)
    return {
        "patient": row,
        "state": state,
        "place": words.plain(place(state)),
        "age": age_on(row.birth_date, timezone.localdate(here.now)),
        "speaks": language_of(row.language),
        "wrong_since": wrong_since(row, state),
        "numbers": ", ".join(i.value for i in row.identifiers.all()),
        "groups": _groups(history, here, names),
        "rounds": [r for r in rounds if not r["settled"]],
        "settled": [r for r in rounds if r["settled"]],
        "known": known_of(state),
        "contact_only": state.wishes.route in (ContactRoute.SHELTER, ContactRoute.CUSTODY),
        "invitations": _invitations(state),
        "merged_into": state.merged_into,
        "absorbed": state.absorbed,
        "story": chronicle.story(history.records, names, hidden),
        "about_her": _links(offers.offered(offers.ABOUT_HER, about, here.actor), row.id),
        "about_record": _links(offers.offered(offers.ABOUT_THE_RECORD, about, here.actor), row.id),
        "written": wrote.written(row),
        "inbox": Message.objects.filter(patient=row.id).order_by("-received_at").defer("content", "prose")[:30],
    }


def known_of(state: State) -> list[str]:
    """Return what she asked for, what is known of her body and what makes it hard for her, a short sentence each."""
    return [*words.wishes(state.wishes), *words.anatomy(state.anatomy), *words.barriers(state.barriers)]


def _invitations(state: State) -> str:
    """Return why she is not invited, "" where she is."""
    if state.invitations_ended is not None:
        return f"not invited any more: {words.ENDED_FOR[state.invitations_ended]}"
    if state.around.in_care:
        return "not invited while she is treated"
    return ""


def wrong_since(row: Patient, state: State) -> datetime | None:
    """Return since when her number is known to be wrong; None where it is not, or was changed since."""
    tried = [a for e in state.episodes.values() for a in e.contact.attempts if a.outcome is Outcome.WRONG_NUMBER]
    at = max((a.occurred_at for a in tried), default=None)
    changed = DetailsChanged.objects.filter(patient=row, field="phone", changed_at__gte=at) if at else None
    return None if changed is None or changed.exists() else at


def language_of(code: str) -> str:
    try:
        return str(get_language_info(languages.tag_of(code) or code)["name"]) if code else ""
    except KeyError:
        return code


# ---------------------------------------------------------------- what is owed


def _groups(history: door.History, here: Here, names: dict[str, str]) -> list[Group]:
    """Return what is owed by round, the round with the most urgent matter first."""
    found: dict[str | None, list[Matter]] = {}
    for loop in sorted(history.loops, key=lambda x: (not x.urgent, x.due_at)):
        found.setdefault(loop.episode, []).append(_matter(loop, history, here, names))
    return [_group(history.patient.episodes.get(key or ""), matters, history, here) for key, matters in found.items()]


def group_of(episode: Episode, history: door.History, here: Here, names: dict[str, str]) -> Group | None:
    """Return what is owed in one round, None where nothing is."""
    loops = sorted((x for x in history.loops if x.episode == episode.id), key=lambda x: (not x.urgent, x.due_at))
    matters = [_matter(loop, history, here, names) for loop in loops]
    return _group(episode, matters, history, here) if matters else None


def _group(episode: Episode | None, matters: list[Matter], history: door.History, here: Here) -> Group:
    now = [m for m in matters if m.visible_from <= here.now]
    mine = [m for m in now if m.mine] or [m for m in now if m.steps]  # who owes nothing here may still help
    return Group(
        title=chronicle.title(episode, history.patient) if episode else "Beyond any round",
        ladder=ladder_of(episode, history.loops, here) if episode else "",
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


DETAIL_OF: dict[str, str] = {
    "send_summary": Document.SUMMARY,
    "tell_provider": Document.PROVIDER_REPORT,
    "book_screening": Purpose.SCREENING,
    "attend_screening": Purpose.SCREENING,
    "close_not_screened": Purpose.SCREENING,
    "book_call_back": Purpose.PICTURES,
    "attend_call_back": Purpose.PICTURES,
    "arrange_biopsy": Purpose.BIOPSY,
}
"""What a kind of thing owed says of its document or visit beyond its subject."""


def _matter(loop: Loop, history: door.History, here: Here, names: dict[str, str]) -> Matter:
    about = about_subject(history.patient, subject_of(loop), here.now)
    held = loop.assignee == here.actor.id or (loop.assignee is None and loop.owner in here.roles)
    steps = offers.offered(STEPS_FOR[loop.kind], about, here.actor)
    return Matter(
        what=KINDS[loop.kind],
        about=said_about(history, loop) or _about(loop, about),
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


def said_about(history: door.History, loop: Loop) -> str:
    """Return what she said that the call she asked for is about."""
    if loop.kind != "call_her":
        return ""
    asked = [r.event.best_time for r in history.records if isinstance(r.event, CallRequested)]
    return asked[-1] or "" if asked else ""


def _about(loop: Loop, about: offers.About) -> str:
    if loop.kind == "reach_her":
        return words.rung(loop.subject)
    if loop.kind == "post_document":
        return words.plain(loop.subject.partition(":")[2])
    named = words.named(about.patient, loop.subject)
    return named or words.detail(loop.subject) or loop.about or about_words(about, loop.subject)


def about_words(about: offers.About, subject: str) -> str:
    """Return what something is about: what of hers its subject names, else the round's findings; and which visit."""
    found = words.named(about.patient, offers.parted(subject)[0]) or words.about(about.episode, about.exam)
    return ", ".join(part for part in (found, words.detail(f":{about.detail}")) if part)


def subject_of(loop: Loop) -> str:
    """Return what a step's page is to be about: the loop's own subject where that names one, else its round."""
    named, detail = offers.parted(loop.subject)
    if loop.kind in DETAIL_OF:
        return f"{named}:{DETAIL_OF[loop.kind]}"
    if named == loop.stream:
        return loop.episode or ""
    return f"{named}:{detail}" if detail else named


def ladder_of(episode: Episode, loops: Iterable[Loop], here: Here) -> str:
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
    name, detail = offers.parted(subject)
    episode = _round_of(state, name)
    if episode is None:
        rounds = list(reversed(state.episodes.values()))
        episode = next((e for e in rounds if e.settled is None), rounds[0] if rounds else None)
    exam = episode.exams.get(name) if episode else None
    if exam is None and episode is not None:
        exam = exam_in_question(episode)
    paper = next((d for d in Document if d in (document, detail)), "")
    return offers.About(patient=state, episode=episode, exam=exam, now=now, document=paper, subject=name, detail=detail)


def _round_of(state: State, name: str) -> Episode | None:
    """Return the round that a name belongs to: its own, or that of a finding named by a feed."""
    found = state.episodes.get(name.partition(".")[0])
    return found or next((e for e in state.episodes.values() if name in e.findings), None)


def exam_in_question(episode: Episode) -> Exam | None:
    """Return the examination a step is most likely about: one that someone must still be told of, else the latest."""
    exams = [x for x in episode.exams.values() if not x.not_hers]
    untold = [x for x in exams if x.telling.change or (x.result is not None and not x.telling.told)]
    found = untold or exams
    return found[-1] if found else None


def evidence(target: Target) -> list[tuple[str, str]]:
    """Return what a person should have before their eyes when deciding: the report's words and where they came from."""
    exam, episode = target.exam, target.episode
    found = _specimen_said(target)
    if exam is None:
        return found
    if gone := chronicle.missing(exam):
        found.append((f"Pictures are missing. {gone}", ""))
    if episode is not None and exam.is_workup and (left := chronicle.planned_and_not_done(episode)):
        found.append((f"Planned and not recorded: {', '.join(left)}", ""))
    hidden = chronicle.blinded(target.patient, Actor(Kind.STAFF, target.me))
    return found + chronicle.reports(exam, target.record, hidden, target.staff)


def _specimen_said(target: Target) -> list[tuple[str, str]]:
    """Return what the specimens say that a step is about: the one named, or those of the finding named."""
    if target.episode is None:
        return []
    mine = [s for s in target.episode.specimens.values() if target.subject in (s.id, s.finding)]
    return [(f"{words.specimen(s, target.episode)}: {words.shown(s)}", "") for s in mine]
