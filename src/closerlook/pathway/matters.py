"""What is owed, before any clock: from the state alone.

You are here to add a kind of thing owed, or to learn why one is. `owed_by` is asked after every step, so each part says
early that it has nothing to say. Who owns a matter and when it is due is the protocol's row: see `loops`.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from closerlook.pathway import events as ev
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import (
    NOT_THE_FIRST,
    DatedVisit,
    Episode,
    Exam,
    FindingState,
    FindingStatus,
    Patient,
    VisitStage,
)
from closerlook.pathway.results import Gist
from closerlook.pathway.terms import SUSPECT, Assessment, ExaminationKind, Recommendation

Protocols = Mapping[str, Protocol]

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

# Members by names of their own: asked for in the innermost loop of every fold.
OPEN, BIOPSY = FindingStatus.OPEN, FindingStatus.BIOPSY
MORE_PICTURES, PROBABLY_BENIGN = Assessment.INCOMPLETE_IMAGING, Assessment.PROBABLY_BENIGN
NO_VISIT, OUTSIDE = VisitStage.NONE, ExaminationKind.OUTSIDE_REVIEW
SUSPICIOUS = "suspicious"


class Matter(Struct, frozen=True, gc=False):
    """Something owed: its kind, what it is about, which row of the protocol, and what its clocks hang on.

    `subject` names it within the patient's stream: an id ("e1.x2"), with a detail after a colon where it needs one.
    """

    kind: str
    subject: str
    variant: str = ""
    exam: Exam | None = None
    dated: DatedVisit | None = None


def matters(patient: Patient, protocols: Protocols) -> Iterator[tuple[str | None, Matter]]:
    """Yield what is owed as (episode id or None, matter)."""
    dead = patient.died_on is not None
    for episode in patient.episodes.values():
        if episode.settled is None:
            for matter in episode_matters(episode, protocols[episode.protocol], dead=dead):
                yield episode.id, matter
    for matter in her_matters(patient):
        yield None, matter


def her_matters(patient: Patient) -> list[Matter]:
    """Return what is owed to her beside any round."""
    if patient.died_on is not None:
        return []
    found = [Matter("surveillance_visit", visit.id, "", None, visit) for visit in patient.dated.values()]
    if patient.call_requested:
        found.append(Matter("call_her", patient.id))
    return found


def episode_matters(episode: Episode, protocol: Protocol, *, dead: bool = False) -> list[Matter]:
    """Return what one episode owes, as if it were not settled. An empty list is what settles it."""
    return owed_by(episode, protocol, dead=dead)[0]


def owed_by(episode: Episode, protocol: Protocol, *, dead: bool) -> tuple[list[Matter], list[Matter]]:
    """Return what an episode owes, and what a pause holds back."""
    found = _all_matters(episode, protocol)
    if dead:
        return [m for m in found if m.kind in AFTER_DEATH or _is_her_providers(m)], []
    if episode.paused is None:
        return found, []
    review = Matter("review_pause", f"{episode.id}:{episode.paused.review_on}", _suspicious(episode.is_suspect))
    owed = [m for m in found if m.kind not in NEEDS_HER]
    return [*owed, review], [m for m in found if m.kind in NEEDS_HER]


def _is_her_providers(matter: Matter) -> bool:
    return matter.kind == "post_document" and matter.subject.endswith(ev.Document.PROVIDER_REPORT)


def _all_matters(episode: Episode, protocol: Protocol) -> list[Matter]:
    found: list[Matter] = []
    told: list[Matter] = []
    waiting = [f for f in episode.findings.values() if f.status is OPEN]
    old = False
    for exam in episode.exams.values():
        if exam.history:
            old = True
            _old_matters(found, told, episode, exam)
        elif not exam.not_hers:
            _exam_matters(found, told, exam, waiting, protocol)
        elif exam.telling.change:
            told.append(Matter("tell_change", exam.id, "", exam))
    found += told
    if not (old and _history_matters(found, episode)):
        book = _work_up_matters(found, episode, waiting)
        if (told or book) and not episode.contact.reached:
            _ladder(found, episode, protocol)
    if episode.contact.said_no:
        found.append(Matter("nurse_call", episode.id))
    for symptom in episode.symptoms.values():
        if not symptom.answered:
            found.append(Matter("answer_symptom", symptom.id))
    return found


def _suspicious(suspect: object) -> str:
    return SUSPICIOUS if suspect else ""


# ---------------------------------------------------------------- before the site went live


def _old_matters(found: list[Matter], told: list[Matter], episode: Episode, exam: Exam) -> None:
    """An old examination is shown and not told, until someone takes it up; news about it waits like any other."""
    if exam.reading.pending is not None:
        _change_matter(found, exam)
    gist = exam.reading.gist
    if not episode.followed_up or gist is None or exam.telling.told:
        return
    if any(f.exam == exam.id and f.status in (OPEN, BIOPSY) for f in episode.findings.values()):
        told.append(Matter("tell_result", exam.id, _suspicious(gist.suspect), exam))


def _history_matters(found: list[Matter], episode: Episode) -> bool:
    """Add the sign-off that old examinations owe; say whether there are only such, so that nothing else is owed yet."""
    if episode.history_reviewed:
        return False
    alone = episode.is_history
    for exam in episode.exams.values():
        gist = exam.reading.gist
        # Beside newer examinations its findings are owed as they are; only what nobody could read is left.
        if exam.history and (gist is None or gist.awaits_priors or (alone and not gist.calm)):
            found.append(Matter("review_history", episode.id))
            break
    return alone


# ---------------------------------------------------------------- reading and writing


def _exam_matters(
    found: list[Matter], told: list[Matter], exam: Exam, waiting: list[FindingState], protocol: Protocol
) -> None:
    gist, telling = exam.reading.gist, exam.telling
    if exam.reading.pending is not None:
        _change_matter(found, exam)
    if gist is None:
        _unread_matters(found, told, exam, waiting)
        return
    if (gist.by_hand or exam.kind in NOT_THE_FIRST) and exam.reading.placed is None:
        found.append(Matter("place_report", exam.id, "", exam))
    if gist.awaits_priors:
        found.append(Matter("get_priors", exam.id, "", exam))
    if not (telling.summary_sent and telling.provider_told):
        _document_matters(found, exam, gist)
    if telling.change or (gist.in_person and not telling.told):
        _spoken_matters(told, exam, gist, protocol)


def _unread_matters(found: list[Matter], told: list[Matter], exam: Exam, waiting: list[FindingState]) -> None:
    region = exam.reading
    if region.report is not None:
        found.append(Matter("confirm_assessment", exam.id, _suspicious(region.report.suspicious_words), exam))
    else:
        # A work-up examination that a finding waits for is read by answering it: assess_workup.
        if not (exam.is_workup and any(f.awaits(exam.id) for f in waiting)):
            found.append(Matter("read", exam.id, "", exam))
        if region.preliminary is not None:
            found.append(Matter("await_final", exam.id, _suspicious(region.preliminary.suspicious_words), exam))
    if exam.telling.hear_by_on is not None:
        found.append(Matter("explain_wait", f"{exam.id}:{exam.telling.hear_by_on}", "", exam))
    if region.withdrawn and exam.telling.change:
        told.append(Matter("tell_change", exam.id, "", exam))


def _change_matter(found: list[Matter], exam: Exam) -> None:
    pending = exam.reading.pending
    urgent = pending is not None and (pending.suspicious_words or pending.assessments & SUSPECT)
    found.append(Matter("confirm_change", exam.id, _suspicious(urgent), exam))


def _document_matters(found: list[Matter], exam: Exam, gist: Gist) -> None:
    telling = exam.telling
    if not telling.summary_sent and exam.kind is not OUTSIDE:
        variant = "" if not gist.suspect else "suspicious_told" if telling.told else SUSPICIOUS
        found.append(Matter("send_summary", exam.id, variant, exam))
        if telling.summary_file is not None:
            found.append(Matter("post_document", f"{exam.id}:{ev.Document.SUMMARY}", "", exam))
    if not telling.provider_told:
        found.append(Matter("tell_provider", exam.id, _suspicious(gist.suspect), exam))
        if telling.provider_file is not None:
            found.append(Matter("post_document", f"{exam.id}:{ev.Document.PROVIDER_REPORT}", "", exam))


def _spoken_matters(told: list[Matter], exam: Exam, gist: Gist, protocol: Protocol) -> None:
    telling = exam.telling
    if telling.change:
        told.append(Matter("tell_change", exam.id, _suspicious(gist.suspect), exam))
    elif not (telling.confirmed and gist.only_more_pictures and protocol.told_by_confirmed_visit):
        told.append(Matter("tell_result", exam.id, _suspicious(gist.suspect), exam))
    if telling.seen and gist.suspect:
        told.append(Matter("ring_after_seen", exam.id, "", exam))


# ---------------------------------------------------------------- working up


def _work_up_matters(found: list[Matter], episode: Episode, waiting: list[FindingState]) -> bool:
    """Add what the findings owe; say whether a call-back is to be booked."""
    biopsies = [f for f in episode.findings.values() if f.status is BIOPSY]
    if not waiting:
        if biopsies or _awaits_priors(episode):
            found.append(Matter("resolve_abnormal", episode.id))
            found += [Matter("arrange_biopsy", f.id) for f in biopsies]
        return False
    attend = book = False
    for f in waiting:
        if not f.examined_by:
            attend = attend or f.planned or f.assessment is MORE_PICTURES or f.advice is Recommendation.MORE_IMAGING
            book = book or f.planned
        if f.examined_by or f.asked_of or not f.planned:
            _radiologist_matters(found, episode, f)
    found.append(Matter("resolve_abnormal", episode.id))
    found += [Matter("arrange_biopsy", f.id) for f in biopsies]
    if attend:
        found.append(Matter("attend_call_back", episode.id))
    if book and episode.visit.stage is NO_VISIT:
        found.append(Matter("book_call_back", episode.id))
        return True
    return False


def _awaits_priors(episode: Episode) -> bool:
    return any(
        x.reading.gist is not None and x.reading.gist.awaits_priors and not x.history for x in episode.exams.values()
    )


def _radiologist_matters(found: list[Matter], episode: Episode, f: FindingState) -> None:
    """Add what a finding asks of the radiologist, once for each examination that it is asked of."""
    owed = [("assess_workup", exam) for exam in (*f.examined_by, *f.asked_of)]
    if not f.planned and not f.examined_by:
        later = f.assessment is PROBABLY_BENIGN or f.advice is Recommendation.SHORT_INTERVAL
        owed.append(("complete_assessment" if later else "plan_call_back", f.exam))
    for kind, subject in owed:
        if not any(m.kind == kind and m.subject == subject for m in found):
            found.append(Matter(kind, subject, "", episode.exams.get(subject)))


def _ladder(found: list[Matter], episode: Episode, protocol: Protocol) -> None:
    """The rungs of the contact ladder that are not tried yet, or the second person's look when all are."""
    contact = episode.contact
    used = {a.channel for a in contact.attempts}
    left = calls = 0
    for rung in protocol.ladder:
        if rung.after is None:  # sequential; the first call is the matter itself
            calls += 1
            if contact.calls <= calls:
                left += 1
                if contact.calls == calls:
                    found.append(Matter("reach_her", f"{episode.id}:{rung.name}"))
        elif rung.channel not in used:
            left += 1
            found.append(Matter("reach_her", f"{episode.id}:{rung.name}", rung.name))
    told = all(x.telling.provider_told for x in episode.exams.values() if x.reading.gist and not x.history)
    if left == 0 and told:
        found.append(Matter("confirm_lost", episode.id, _suspicious(episode.is_suspect)))
