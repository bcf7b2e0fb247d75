"""A round and its log as pages of the desk tell them, and which lines a reader may not see yet.

You are here to change what is said of a round, or because a second reader saw the first one's opinion.
"""

import re
from datetime import timedelta
from typing import Any

from closerlook.desk import density, words
from closerlook.exchange.models import Message
from closerlook.look.drawing import Mark
from closerlook.pathway.deciding.reading_twice import is_read_twice
from closerlook.pathway.events import Actor, AIRead, Kind, Opinion, Reading, Recorded
from closerlook.pathway.opinions import standing
from closerlook.pathway.patient import in_force
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Episode, Exam, Specimen
from closerlook.pathway.regions import Patient as State
from closerlook.pathway.stages import stage
from closerlook.pathway.terms import ExaminationKind, Recommendation
from closerlook.record import door
from closerlook.record.protocols import KNOWN

CLOCK = re.compile(r"\b(1[0-2]|[1-9])\s*o.?clock", re.IGNORECASE)
ACTED: dict[Kind, str] = {
    Kind.PATIENT: "she herself",
    Kind.PROXY: "someone for her",
    Kind.WORKER: "the software",
    Kind.SIMULATOR: "a simulation",
}


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
    found = [f"{names.get(o.reader, o.reader)}: {opinion(o.reading)}" for o in region.opinions]
    return found + [f"Computer reading, {a.system}: {opinion(a.reading)}" for a in region.ai]


# ---------------------------------------------------------------- rounds and story


def title(episode: Episode, state: State) -> str:
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
        "title": title(episode, history.patient),
        "settled": episode.settled is not None,
        "exams": [_exam(x, episode, hidden, names) for x in episode.exams.values()],
        "findings": [f"{words.finding(f)}: {words.stands(f)}" for f in findings if not f.side],
        "said_no": episode.contact.said_no and episode.settled is None,
        "visits": [(words.VISITS[purpose], visit) for purpose, visit in episode.visits.items()],
        "specimens": [_specimen(s, episode) for s in episode.specimens.values()],
        "lines": _lines(episode, names),
        "marks": [Mark(side=f.side, clock=clock_of(f.place), note=words.marked(f)) for f in findings if f.side],
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


def clock_of(place: str | None) -> int | None:
    """Return the hour that a place in the breast is named by, "2 o'clock"; None where it is named otherwise."""
    found = CLOCK.search(place or "")
    return int(found.group(1)) if found else None


def _exam(exam: Exam, episode: Episode, hidden: frozenset[str], names: dict[str, str]) -> dict[str, Any]:
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
        "density": words.DENSITIES[report.density] if report and report.density else "",
        "no_density": density.is_missing(exam, episode, KNOWN[episode.protocol]),
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


# ---------------------------------------------------------------- what lies before who decides


def reports(exam: Exam, patient: str, hidden: frozenset[str], names: dict[str, str]) -> list[tuple[str, str]]:
    """Return what was said of an examination, with each report's words; opinions of two only when both are given."""
    region, found = exam.reading, list[tuple[str, str]]()
    if region.report is None and exam.id not in hidden:
        found += [(f"{names.get(o.reader, o.reader)}: {opinion(o.reading)}", "") for o in region.opinions]
        found += [(f"Computer reading, {a.system}: {opinion(a.reading)}", "") for a in region.ai]
    for title, reading in (("Signed report", region.report), ("Amended report", region.pending),
                           ("Preliminary report", region.preliminary)):  # fmt: skip
        if reading is None:
            continue
        message = Message.objects.filter(pk=reading.message).first() if reading.message else None
        doubts = f" ({', '.join(words.plain(why) for why in reading.needs_person)})" if reading.needs_person else ""
        found.append((f"{title}: {opinion(reading)}{doubts}", message.prose_about(patient, exam.id) if message else ""))
    return found


def speaks_of_something(exam: Exam) -> bool:
    """Whether a report of an examination, in its words or its code, speaks of something to act on."""
    region = exam.reading
    said = [r for r in (region.report, region.preliminary, region.pending) if r is not None]
    return any(r.suspicious_words or r.recommendation not in (None, Recommendation.ROUTINE) for r in said)


def missing(exam: Exam) -> str:
    """Return which pictures are missing and why, "" where none are: "Left breast: she felt faint"."""
    if exam.incomplete is None:
        return ""
    which = f"{' and '.join(exam.incomplete.missing)} breast: " if exam.incomplete.missing else ""
    said = which + words.plain(exam.incomplete.reason)
    return said[:1].upper() + said[1:]


def planned_and_not_done(episode: Episode) -> list[str]:
    """Return the examinations of a call-back's plan of which none is recorded since it was made."""
    plan = episode.plan
    if plan is None:
        return []
    planned = [*([ExaminationKind.ULTRASOUND] if plan.ultrasound else []), *plan.also]
    done = {x.kind for x in episode.exams.values() if x.performed_at >= plan.occurred_at and not x.not_hers}
    return [words.EXAMINATIONS[kind] for kind in planned if kind not in done]


def opinion(reading: Reading) -> str:
    coded = [words.finding(f) for f in reading.findings]
    dense = [f"density {words.DENSITIES[reading.density]}"] if reading.density else []
    return "; ".join([words.assessed(reading.sides), *coded, *dense])
