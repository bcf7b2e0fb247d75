"""What a patient's page at the desk shows, put together from her log, what she owes and who she is."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language_info
from msgspec import Struct
from msgspec.structs import replace

from closerlook.desk import offers, words, wrote
from closerlook.desk.fields import Target
from closerlook.desk.here import Here, names_of_staff
from closerlook.evidence.due import age_on
from closerlook.exchange.models import Message
from closerlook.look.drawing import Mark
from closerlook.pathway import steps as st
from closerlook.pathway.closing import CLOSED_BY, STEPS_FOR
from closerlook.pathway.deciding.reading_twice import is_read_twice
from closerlook.pathway.events import (
    Actor,
    AIRead,
    CallRequested,
    ContactRoute,
    Document,
    Kind,
    Opinion,
    Purpose,
    Reading,
    Recorded,
)
from closerlook.pathway.loops import KINDS, Loop
from closerlook.pathway.opinions import standing
from closerlook.pathway.patient import in_force
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Episode, Exam, Specimen
from closerlook.pathway.regions import Patient as State
from closerlook.pathway.stages import place, stage
from closerlook.people import languages
from closerlook.people.models import Patient
from closerlook.record import door
from closerlook.record.protocols import KNOWN

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
    hidden = blinded(state, here.actor)
    rounds = [round_of(episode, history, hidden, names) for episode in reversed(list(state.episodes.values()))]
    about = about_subject(state, "", here.now)
    return {
        "patient": row,
        "state": state,
        "place": place(state),
        "age": age_on(row.birth_date, timezone.localdate(here.now)),
        "speaks": language_of(row.language),
        "numbers": ", ".join(i.value for i in row.identifiers.all()),
        "groups": _groups(history, here, names),
        "rounds": [r for r in rounds if not r["settled"]],
        "settled": [r for r in rounds if r["settled"]],
        "known": known_of(state),
        "contact_only": state.wishes.route in (ContactRoute.SHELTER, ContactRoute.CUSTODY),
        "invitations": _invitations(state),
        "merged_into": state.merged_into,
        "absorbed": state.absorbed,
        "story": story(history.records, names, hidden),
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
        title=_title(episode, history.patient) if episode else "Beyond any round",
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
    found = _specimen_said(target)
    if target.exam is None:
        return found
    region = target.exam.reading
    hidden = blinded(target.patient, Actor(Kind.STAFF, target.me))
    if region.report is None and target.exam.id not in hidden:
        found += [(f"{target.staff.get(o.reader, o.reader)}: {_opinion(o.reading)}", "") for o in region.opinions]
        found += [(f"Computer reading, {a.system}: {_opinion(a.reading)}", "") for a in region.ai]
    for title, reading in (("Signed report", region.report), ("Amended report", region.pending),
                           ("Preliminary report", region.preliminary)):  # fmt: skip
        if reading is None:
            continue
        message = Message.objects.filter(pk=reading.message).first() if reading.message else None
        stated = _opinion(reading)
        if reading.needs_person:
            stated += " (" + ", ".join(words.plain(reason) for reason in reading.needs_person) + ")"
        found.append((f"{title}: {stated}", message.prose if message else ""))
    return found


def _opinion(reading: Reading) -> str:
    coded = [words.finding(f) for f in reading.findings]
    return "; ".join([words.assessed(reading.sides), *coded])


def _specimen_said(target: Target) -> list[tuple[str, str]]:
    """Return what the specimens say that a step is about: the one named, or those of the finding named."""
    if target.episode is None:
        return []
    mine = [s for s in target.episode.specimens.values() if target.subject in (s.id, s.finding)]
    return [(f"{words.specimen(s, target.episode)}: {words.shown(s)}", "") for s in mine]


# ---------------------------------------------------------------- two readers, apart


def blinded(state: State, actor: Actor) -> frozenset[str]:
    """Return the examinations whose first reading must not be seen yet: two are asked for, apart, and one has read.

    Only who has read it sees what they said themselves. With the second reading, both are there to be seen.
    """
    return frozenset(
        exam.id
        for episode in state.episodes.values()
        for exam in episode.exams.values()
        if _is_apart(exam, KNOWN[episode.protocol]) and actor.id not in {o.reader for o in exam.reading.opinions}
    )


def _is_apart(exam: Exam, rules: Protocol) -> bool:
    region = exam.reading
    return bool(
        is_read_twice(exam, rules) and rules.blind and region.report is None and standing(region, rules) == "few"
    )


def _readers(exam: Exam, hidden: frozenset[str], names: dict[str, str]) -> list[str]:
    """Return what is known of readings that are not a result yet."""
    region = exam.reading
    if region.report is not None or not (region.opinions or region.ai):
        return []
    if exam.id in hidden:
        return ["One of two has read it."] if region.opinions else ["A computer has read it."]
    found = [f"{names.get(o.reader, o.reader)}: {_opinion(o.reading)}" for o in region.opinions]
    return found + [f"Computer reading, {a.system}: {_opinion(a.reading)}" for a in region.ai]


# ---------------------------------------------------------------- rounds and story


def _title(episode: Episode, state: State) -> str:
    first = episode.first_exam
    began = f" of {words.day(first.performed_at)}" if first else ""
    if first is None and episode.due_on is not None:
        began = f" due {words.day(episode.due_on)}"
    return f"{words.plain(episode.reason).capitalize()} round{began}: {_standing(episode, state)}"


def _standing(episode: Episode, state: State) -> str:
    if episode.settled is not None:
        return f"settled, {words.SETTLED[episode.settled.outcome]}"
    if episode.paused is not None:
        return f"paused, {words.plain(episode.paused.reason)}; looked at again on {words.day(episode.paused.review_on)}"
    return stage(state, episode)


def round_of(episode: Episode, history: door.History, hidden: frozenset[str], names: dict[str, str]) -> dict[str, Any]:
    findings = list(episode.findings.values())
    return {
        "id": episode.id,
        "title": _title(episode, history.patient),
        "settled": episode.settled is not None,
        "exams": [_exam(x, hidden, names) for x in episode.exams.values()],
        "findings": [f"{words.finding(f)}: {words.stands(f)}" for f in findings if not f.side],
        "said_no": episode.contact.said_no and episode.settled is None,
        "visits": [(words.VISITS[purpose], visit) for purpose, visit in episode.visits.items()],
        "specimens": [_specimen(s, episode) for s in episode.specimens.values()],
        "lines": _lines(episode, names),
        "marks": [Mark(side=f.side, clock=_clock(f.place), note=words.marked(f)) for f in findings if f.side],
    }


def _specimen(s: Specimen, episode: Episode) -> dict[str, str]:
    found = episode.findings.get(s.finding)
    fits = {None: "not said yet", True: "explains the finding", False: "does not explain it"}[s.concordant]
    return {
        "finding": words.finding(found) if found else "finding not known any more",
        "method": words.SAMPLINGS[s.method] + (", marker left" if s.marker else ""),
        "taken": words.day(s.taken_at),
        "tissue": (words.TISSUES[s.tissue] + (f", {s.lesion}" if s.lesion else "")) if s.tissue else "waited for",
        "fits": fits if s.tissue else "",
        "told": _who_knows(s),
    }


def _who_knows(s: Specimen) -> str:
    if s.tissue is None:
        return ""
    her = "she was told" if s.told else "she was told something else before" if s.was_told else "she is not told yet"
    return f"{her}; {'her provider knows' if s.provider_told else 'her provider is not told yet'}"


def _lines(episode: Episode, names: dict[str, str]) -> list[tuple[str, str]]:
    """Return what else stands in a round, as (what, in words)."""
    found: list[tuple[str, str]] = []
    if episode.owner:
        cover = f", cover {names.get(episode.cover, episode.cover)}" if episode.cover else ""
        found.append(("Looked after by", f"{names.get(episode.owner, episode.owner)}{cover}"))
    if episode.due_on is not None and not episode.examined:
        went = "went" if episode.invited else "printed, not posted yet" if episode.invitation else "not written yet"
        found.append(("Invitation", went))
    found += [("Referred to", _way_to_team(episode))] if episode.referral.team else []
    elsewhere = episode.elsewhere
    if elsewhere.asked:
        found.append(
            ("Care elsewhere", f"{elsewhere.asked}, {'has her' if elsewhere.acknowledged else 'asked, no answer yet'}")
        )
    if elsewhere.claimed:
        found.append(("Said to be done elsewhere", f"{elsewhere.claimed}; the result is fetched"))
    found += [("Outside the breast", f"{what}; to be passed on") for what in episode.incidentals.values()]
    found += [("Refusal to be confirmed in writing to", words.ADDRESSEES[to]) for to in episode.refusals]
    priors = episode.priors
    if priors.known or priors.requested:
        came = (
            "here"
            if priors.received
            else "cannot be had"
            if priors.unavailable
            else ("asked for" if priors.requested else "not asked for yet")
        )
        found.append(("Earlier pictures", f"{priors.requested or priors.known}, {came}"))
    return found


def _way_to_team(episode: Episode) -> str:
    way = episode.referral
    parts = [way.team or ""]
    if way.attended:
        parts.append("seen there")
    elif way.first_visit_on is not None:
        parts.append(f"first visit {words.day(way.first_visit_on)}")
    else:
        parts.append("no day yet")
    if way.missed:
        parts.append("one visit missed" if way.missed == 1 else f"{way.missed} visits missed")
    return ", ".join(parts)


def _clock(place: str | None) -> int | None:
    found = CLOCK.search(place or "")
    return int(found.group(1)) if found else None


def _exam(exam: Exam, hidden: frozenset[str], names: dict[str, str]) -> dict[str, Any]:
    report = exam.reading.report
    held, incomplete = exam.reading.held, exam.incomplete
    return {
        "id": exam.id,
        "what": words.EXAMINATIONS[exam.kind],
        "sides": " and ".join(exam.sides) or "side not stated",
        "at": exam.performed_at,
        "assessed": words.assessed(report.sides) if report else "not signed yet",
        "certain": exam.result is not None or report is None,
        "not_hers": exam.not_hers,
        "readers": _readers(exam, hidden, names),
        "held": f"{held.reason}; {names.get(held.release_by, held.release_by)} looks again" if held else "",
        "incomplete": f"{' and '.join(incomplete.missing)} {incomplete.reason}".strip() if incomplete else "",
        "outside": exam.outside or "",
        "pending": words.assessed(exam.reading.pending.sides) if exam.reading.pending else "",
        "message": report.message if report else None,
        "summary": exam.telling.summary_file is not None,
        "provider": exam.telling.provider_file is not None,
    }


def story(
    records: tuple[Recorded, ...], names: dict[str, str], hidden: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """Return her facts, the latest first, with those that were entered in error marked, never left out.

    Of the examinations in `hidden` it says that someone has read them, not who and what.
    """
    standing = {r.seq for r in in_force(records)}
    return [
        {
            "seq": r.seq,
            "at": r.event.occurred_at,
            "recorded_at": r.recorded_at if r.recorded_at - r.event.occurred_at >= timedelta(minutes=1) else None,
            "said": APART if (apart := _hides(r, hidden)) else words.said(r.event),
            "apart": apart,
            "by": "" if apart else by_whom(r.actor, names),
            "gone": r.seq not in standing,
        }
        for r in reversed(records)
    ]


APART = "Read; what was seen is shown once two have read it."


def _hides(record: Recorded, hidden: frozenset[str]) -> bool:
    return isinstance(record.event, Opinion | AIRead) and record.event.exam in hidden


def by_whom(actor: Actor, names: dict[str, str]) -> str:
    if actor.kind is Kind.STAFF:
        return names.get(actor.id, actor.id)
    return ACTED.get(actor.kind) or f"{actor.kind} {actor.id}"
