"""What is owed, before any clock: from the state alone.

You are here to add a kind of thing owed, or to learn why one is. `owed_by` is asked after every step, so each part says
early that it has nothing to say. Who owns a matter and when it is due is the protocol's row: see `loops`.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from msgspec import Struct

from closerlook.pathway import events as ev
from closerlook.pathway.opinions import standing
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import (
    AS_SCREENING,
    NO_VISIT_YET,
    NOT_THE_FIRST,
    NOWHERE,
    UNANSWERED,
    Circumstances,
    DatedVisit,
    Episode,
    Exam,
    FindingState,
    FindingStatus,
    Patient,
    Specimen,
    VisitStage,
)
from closerlook.pathway.results import Gist
from closerlook.pathway.terms import SUSPECT, Assessment, ExaminationKind, Plan, Recommendation, Tissue

Protocols = Mapping[str, Protocol]

NEEDS_HER = frozenset(
    {
        "tell_result", "ring_after_seen", "book_call_back", "attend_call_back", "reach_her", "confirm_lost",
        "nurse_call", "call_her", "answer_symptom", "resolve_abnormal", "arrange_biopsy", "tell_change",
        "explain_wait", "surveillance_visit", "tell_diagnosis", "refer", "accept_referral", "confirm_first_visit",
        "book_screening", "attend_screening", "close_not_screened", "remind", "complete_examination", "replan",
    }
)  # fmt: skip
"""What needs her to come or answer: a pause suspends these and nothing else."""

AFTER_DEATH = frozenset(
    {
        "read", "await_final", "arbitrate", "finalise_reading", "release_reading", "confirm_assessment",
        "confirm_change", "tell_provider", "get_pathology", "decide_concordance", "tell_provider_diagnosis",
        "find_owner",
    }
)  # fmt: skip
"""What is still owed to her provider and the record when she has died; nothing is owed to her."""

# Members by names of their own: asked for in the innermost loop of every fold.
OPEN, BIOPSY = FindingStatus.OPEN, FindingStatus.BIOPSY
UNDECIDED, MALIGNANT = FindingStatus.UNDECIDED, FindingStatus.MALIGNANT
RESOLVED, WATCHED = FindingStatus.RESOLVED, FindingStatus.SURVEILLANCE
MORE_PICTURES, PROBABLY_BENIGN = Assessment.INCOMPLETE_IMAGING, Assessment.PROBABLY_BENIGN
NO_VISIT, BOOKED, OUTSIDE = VisitStage.NONE, VisitStage.BOOKED, ExaminationKind.OUTSIDE_REVIEW
NOTHING_SPECIAL = Circumstances()
SUSPICIOUS = "suspicious"


class Matter(Struct, frozen=True, gc=False):
    """Something owed: its kind, what it is about, which row of the protocol, and what its clocks hang on.

    `subject` names it within the patient's stream: an id ("e1.x2"), with a detail after a colon where it needs one.
    `on` is the one day or moment that its clocks count from, where its kind has such a one (a visit, a due day).
    """

    kind: str
    subject: str
    variant: str = ""
    exam: Exam | None = None
    dated: DatedVisit | None = None
    on: datetime | date | None = None


def matters(patient: Patient, protocols: Protocols) -> Iterator[tuple[str | None, Matter]]:
    """Yield what is owed as (episode id or None, matter)."""
    for episode in patient.episodes.values():
        if episode.settled is None:
            for matter in episode_matters(episode, protocols[episode.protocol], patient.around):
                yield episode.id, matter
    for matter in her_matters(patient):
        yield None, matter


ANSWERS = {ev.Request.COPIES: "send_copies", ev.Request.NOTES: "read_notes"}
"""What is owed to her for each thing she can ask for."""


def her_matters(patient: Patient) -> list[Matter]:
    """Return what is owed to her beside any round."""
    if patient.died_on is not None:
        return []
    found: list[Matter] = []
    for visit in patient.dated.values():
        found.append(Matter("surveillance_visit", visit.id, "", None, visit))
    if patient.call_requested:
        found.append(Matter("call_her", patient.id))
    found += [Matter(ANSWERS[what], patient.id) for what in patient.requests]
    if patient.treating or patient.cancers:
        _care_matters(found, patient)
    invited = patient.invitations_ended is None and patient.merged_into is None and not patient.around.in_care
    if invited and patient.version:
        # Nobody is forgotten before she is seen: she has a day, a round, or a recorded reason for neither.
        if patient.next_due is not None:
            due_on = patient.next_due.due_on
            found.append(Matter("invite", f"{patient.id}:{due_on}", on=due_on))
        elif not _is_in_a_round(patient):
            found.append(Matter("set_next_due", patient.id))
    return found


def _care_matters(found: list[Matter], patient: Patient) -> None:
    for episode, since in patient.treating.items():
        found.append(Matter("ask_treatment_end", episode, on=since))
    for cancer in patient.cancers.values():
        if cancer.reviewed is None:
            found.append(Matter("review_interval_cancer", cancer.id))
        elif not cancer.care_ended:
            found.append(Matter("ask_care_end", cancer.id, on=cancer.known_at))


def _is_in_a_round(patient: Patient) -> bool:
    return any(e.settled is None and e.paused is None for e in patient.episodes.values())


def episode_matters(episode: Episode, protocol: Protocol, around: Circumstances = NOTHING_SPECIAL) -> list[Matter]:
    """Return what one episode owes, as if it were not settled. An empty list is what settles it."""
    return owed_by(episode, protocol, around)[0]


def owed_by(episode: Episode, protocol: Protocol, around: Circumstances) -> tuple[list[Matter], list[Matter]]:
    """Return what an episode owes, and what a pause holds back. `around`: what is true of her beside it."""
    found = _all_matters(episode, protocol, around)
    if around.dead:
        return [m for m in found if m.kind in AFTER_DEATH or _is_her_providers(m)], []
    if episode.paused is None:
        return found, []
    review = Matter("review_pause", f"{episode.id}:{episode.paused.review_on}", _suspicious(episode.is_suspect))
    owed = [m for m in found if m.kind not in NEEDS_HER]
    return [*owed, review], [m for m in found if m.kind in NEEDS_HER]


def _is_her_providers(matter: Matter) -> bool:
    return matter.kind == "post_document" and matter.subject.endswith(ev.Document.PROVIDER_REPORT)


def _all_matters(episode: Episode, protocol: Protocol, around: Circumstances) -> list[Matter]:
    found: list[Matter] = []
    if episode.visits:
        _visit_matters(found, episode, around)
    told: list[Matter] = []
    waiting, grave = _unanswered(episode)
    book = False
    if episode.due_on is not None and not episode.examined:
        book = _awaited_matters(found, episode, protocol, around)
    old = False
    for exam in episode.exams.values():
        old |= _of_an_examination(found, told, episode, exam, waiting, protocol)
    found += told
    if not (old and _history_matters(found, episode)):
        if waiting or grave or _awaits_priors(episode):
            book = _work_up_matters(found, episode, waiting, grave=grave) or book
        if episode.specimens or episode.referral.team is not None:
            told += _tissue_matters(found, episode, protocol)
        if (told or book) and not episode.contact.reached:
            _ladder(found, episode, protocol, around)
    if (
        episode.symptoms or episode.contact.said_no or episode.elsewhere is not NOWHERE
        or episode.refusals or episode.incidentals or episode.replan
    ):  # fmt: skip
        _beside_matters(found, episode)
    return found


def _unanswered(episode: Episode) -> tuple[list[FindingState], bool]:
    """Return the open findings, and whether any other is on its way through tissue."""
    waiting: list[FindingState] = []
    grave = False
    for f in episode.findings.values():
        if f.status is OPEN:
            waiting.append(f)
        elif f.status is not RESOLVED and f.status is not WATCHED:
            grave = True
    return waiting, grave


def _of_an_examination(
    found: list[Matter],
    told: list[Matter],
    episode: Episode,
    exam: Exam,
    waiting: list[FindingState],
    protocol: Protocol,
) -> bool:
    """Add what one examination owes; say whether it is from before the site went live."""
    if exam.reading.unplaced:
        found.append(Matter("find_owner", exam.id, _suspicious(exam.reading.grave), exam))
    if exam.not_hers:
        if exam.telling.change:
            told.append(Matter("tell_change", exam.id, "", exam))
        return False
    if exam.history:
        _old_matters(found, told, episode, exam)
        return True
    _exam_matters(found, told, exam, waiting, protocol)
    return False


def _beside_matters(found: list[Matter], episode: Episode) -> None:
    """What stands beside the reading and the findings, each for itself."""
    if episode.contact.said_no:
        found.append(Matter("nurse_call", episode.id))
    for symptom in episode.symptoms.values():
        if not symptom.answered:
            found.append(Matter("answer_symptom", symptom.id))
    for incidental in episode.incidentals:
        found.append(Matter("pass_on_incidental", incidental))
    for to in episode.refusals:
        found.append(Matter("write_refusal", f"{episode.id}:{to}"))
    if episode.elsewhere.asked is not None and not episode.elsewhere.acknowledged:
        found.append(Matter("await_acknowledgement", episode.id))
    if episode.elsewhere.claimed is not None or episode.elsewhere.acknowledged:
        found.append(Matter("get_outside_result", episode.id))
    if episode.replan and any(f.status is OPEN for f in episode.findings.values()):
        found.append(Matter("replan", episode.id))


def _suspicious(suspect: object) -> str:
    return SUSPICIOUS if suspect else ""


# ---------------------------------------------------------------- before the examination


def _awaited_matters(found: list[Matter], episode: Episode, protocol: Protocol, around: Circumstances) -> bool:
    """Add what a round owes that began because she was due; say whether she has to be reached to book."""
    watched = episode.answers is not None
    if episode.ended is not None or (around.uninvited and not watched):
        return False
    variant = "surveillance" if watched else ""
    visit = episode.visits.get(ev.Purpose.SCREENING, NO_VISIT_YET)
    if not episode.invited:
        found.append(Matter("send_invitation", episode.id))
        if episode.invitation is not None:
            found.append(Matter("post_invitation", episode.id))
    found.append(Matter("attend_screening", episode.id, variant, on=episode.due_on))
    if visit.stage is not NO_VISIT:
        return False
    if not watched and visit.missed >= protocol.screening_visits:
        found.append(Matter("close_not_screened", episode.id))
        return False
    found.append(Matter("book_screening", episode.id, variant, on=episode.due_on))
    return watched


def _visit_matters(found: list[Matter], episode: Episode, around: Circumstances) -> None:
    """A visit that stands booked: she is reminded, its outcome is recorded, and nobody comes for nothing."""
    for purpose, visit in episode.visits.items():
        if visit.stage is not BOOKED or visit.starts_at is None:
            continue
        subject = f"{episode.id}:{purpose}"
        if not asks_for(episode, purpose, around):
            found.append(Matter("cancel_visit", subject, on=visit.starts_at))
            continue
        if not visit.reminded:
            found.append(Matter("remind", subject, on=visit.starts_at))
        found.append(Matter("close_visit", subject, on=visit.starts_at))


def asks_for(episode: Episode, purpose: ev.Purpose, around: Circumstances) -> bool:
    """Whether anything in the round still asks for a visit of this purpose."""
    statuses = {f.status for f in episode.findings.values()}
    match purpose:
        case ev.Purpose.SCREENING:
            invited = episode.ended is None and (episode.answers is not None or not around.uninvited)
            return _incomplete(episode) if episode.examined else invited
        case ev.Purpose.PICTURES:
            return OPEN in statuses
        case ev.Purpose.BIOPSY:
            return BIOPSY in statuses
        case ev.Purpose.RESULTS:
            return any(not s.told for s in episode.specimens.values())


def _incomplete(episode: Episode) -> bool:
    return any(x.incomplete is not None and not x.not_hers for x in episode.exams.values())


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
    if exam.incomplete is not None:
        found.append(Matter("complete_examination", exam.id, "", exam))
    if exam.reading.pending is not None:
        _change_matter(found, exam)
    if gist is None:
        _unread_matters(found, told, exam, waiting, protocol)
        return
    if (gist.by_hand or exam.kind in NOT_THE_FIRST) and exam.reading.placed is None:
        found.append(Matter("place_report", exam.id, "", exam))
    if gist.awaits_priors:
        found.append(Matter("get_priors", exam.id, "", exam))
    if not (telling.summary_sent and telling.provider_told):
        _document_matters(found, exam, gist)
    if telling.change or (gist.in_person and not telling.told):
        _spoken_matters(told, exam, gist, protocol)


def _unread_matters(
    found: list[Matter], told: list[Matter], exam: Exam, waiting: list[FindingState], protocol: Protocol
) -> None:
    region = exam.reading
    if region.report is not None:
        found.append(Matter("confirm_assessment", exam.id, _suspicious(region.report.suspicious_words), exam))
    else:
        # A work-up examination that a finding waits for is read by answering it: assess_workup.
        if region.held is not None or not (exam.is_workup and any(f.awaits(exam.id) for f in waiting)):
            found.append(Matter(_next_reading(exam, protocol), exam.id, "", exam))
        if region.preliminary is not None:
            found.append(Matter("await_final", exam.id, _suspicious(region.preliminary.suspicious_words), exam))
    if exam.telling.hear_by_on is not None:
        found.append(Matter("explain_wait", f"{exam.id}:{exam.telling.hear_by_on}", "", exam))
    if exam.telling.change:
        told.append(Matter("tell_change", exam.id, "", exam))


def _next_reading(exam: Exam, protocol: Protocol) -> str:
    """What an examination without a signed report owes next: who reads, holds, decides between two, or concludes."""
    region = exam.reading
    if region.held is not None:
        return "release_reading"
    if protocol.reading == "single" or exam.kind not in AS_SCREENING:
        return "read"
    return {"few": "read", "agree": "finalise_reading", "differ": "arbitrate"}[standing(region, protocol)]


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


def _work_up_matters(found: list[Matter], episode: Episode, waiting: list[FindingState], *, grave: bool) -> bool:
    """Add what the findings owe, and a result that waits for older pictures; say whether she has to be reached."""
    moved = episode.elsewhere.acknowledged
    biopsies = [f for f in episode.findings.values() if f.status is BIOPSY] if grave and not moved else []
    if not waiting:
        if _awaits_priors(episode) or any(f.status in UNANSWERED for f in episode.findings.values()):
            found.append(Matter("resolve_abnormal", episode.id))
            found += [Matter("arrange_biopsy", f.id, _way(f)) for f in biopsies]
        return bool(biopsies) and _missed_biopsy(episode)
    attend = book = False
    for f in waiting:
        if not f.examined_by:
            attend = attend or f.planned or f.assessment is MORE_PICTURES or f.advice is Recommendation.MORE_IMAGING
            book = book or f.planned
        if f.examined_by or f.asked_of or not f.planned:
            _radiologist_matters(found, episode, f)
    found.append(Matter("resolve_abnormal", episode.id))
    found += [Matter("arrange_biopsy", f.id, _way(f)) for f in biopsies]
    if moved:
        return False
    if attend:
        found.append(Matter("attend_call_back", episode.id))
    if book and episode.visit.stage is NO_VISIT:
        found.append(Matter("book_call_back", episode.id))
        return True
    return bool(biopsies) and _missed_biopsy(episode)


def _way(f: FindingState) -> str:
    """The protocol's row for getting tissue: once more, or by an operation, where that was decided."""
    return {Plan.REPEAT_BIOPSY: "repeat", Plan.EXCISION: "excision"}.get(f.plan, "") if f.plan else ""


def _missed_biopsy(episode: Episode) -> bool:
    """Whether she did not come for her biopsy and has no other day: she has to be reached again."""
    visit = episode.visits.get(ev.Purpose.BIOPSY, NO_VISIT_YET)
    return visit.missed > 0 and visit.stage is NO_VISIT


def _tissue_matters(found: list[Matter], episode: Episode, protocol: Protocol) -> list[Matter]:
    """Add what specimens, their findings and a diagnosis owe; return what someone has to reach her for."""
    told: list[Matter] = []
    for s in episode.specimens.values():
        if s.tissue is None:
            found.append(Matter("get_pathology", s.id))
            continue
        if s.concordant is None and s.tissue is not Tissue.INSUFFICIENT:
            found.append(Matter("decide_concordance", s.id))
        malignant = s.tissue is Tissue.MALIGNANT
        if not s.told and _is_to_tell(s, protocol):
            told.append(Matter("tell_diagnosis", s.id, "malignant" if malignant or s.was_told else ""))
        if not s.provider_told and (malignant or _is_weighed(s)):
            found.append(Matter("tell_provider_diagnosis", s.id))
    found += told
    for f in episode.findings.values():
        if f.status is UNDECIDED:
            found.append(Matter("plan_next", f.id))
    _care_team_matters(found, episode)
    return told


def _is_to_tell(s: Specimen, protocol: Protocol) -> bool:
    """Whether she is to hear what this tissue showed: a malignant one at once where the protocol says so."""
    return _is_weighed(s) or (s.tissue is Tissue.MALIGNANT and protocol.diagnosis_after == "pathology")


def _is_weighed(s: Specimen) -> bool:
    return s.concordant is not None or s.tissue is Tissue.INSUFFICIENT


def _care_team_matters(found: list[Matter], episode: Episode) -> None:
    knows = any(s.told and s.tissue is Tissue.MALIGNANT for s in episode.specimens.values())
    ours = any(f.status is MALIGNANT for f in episode.findings.values())
    referral = episode.referral
    if not (knows and ours) or referral.attended:
        return
    if referral.team is None:
        found.append(Matter("refer", episode.id))
    elif referral.first_visit_on is None:
        found.append(Matter("accept_referral", episode.id))
    else:
        found.append(Matter("confirm_first_visit", episode.id, on=referral.first_visit_on))


def _awaits_priors(episode: Episode) -> bool:
    for x in episode.exams.values():
        gist = x.reading.gist
        if gist is not None and gist.awaits_priors and not x.history:
            return True
    return False


def _radiologist_matters(found: list[Matter], episode: Episode, f: FindingState) -> None:
    """Add what a finding asks of the radiologist, once for each examination that it is asked of."""
    owed = [("assess_workup", exam) for exam in (*f.examined_by, *f.asked_of)]
    if not f.planned and not f.examined_by:
        later = f.assessment is PROBABLY_BENIGN or f.advice is Recommendation.SHORT_INTERVAL
        owed.append(("complete_assessment" if later else "plan_call_back", f.exam))
    for kind, subject in owed:
        if not any(m.kind == kind and m.subject == subject for m in found):
            found.append(Matter(kind, subject, "", episode.exams.get(subject)))


def _ladder(found: list[Matter], episode: Episode, protocol: Protocol, around: Circumstances) -> None:
    """The rungs of the contact ladder that are not tried yet, or the second person's look when all are.

    A way she asked not to be reached by is no rung; her wish stands above the ladder.
    """
    contact = episode.contact
    used = {a.channel for a in contact.attempts}
    left = calls = 0
    about = SUSPICIOUS if episode.is_suspect else "call_back"
    possible = [r for r in protocol.ladder if r.channel not in around.not_by and not (r.only and about not in r.only)]
    if not possible and not contact.attempts:
        left = 1
        found.append(Matter("reach_her", f"{episode.id}:as_she_wishes"))
    for rung in possible:
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
