"""For every kind of thing owed, the plain step that would close it: the way home from wherever she is.

You are here to add a kind's own way home. The search walks these from every state it meets, so that a state from which
nobody could bring her to a settled answer is found, whatever else the scene leaves at rest.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.events import Purpose
from closerlook.pathway.regions import NO_VISIT_YET, Episode, Exam, VisitStage
from closerlook.pathway.terms import Assessment, ExaminationKind, Laterality, Plan, Sampling, Tissue
from closerlook.pathway.trying import (
    BOTH,
    CLINICIAN,
    COORDINATOR,
    DAY,
    FRONT_DESK,
    HOUR,
    LEFT,
    NAVIGATOR,
    RADIOLOGIST,
    RIGHT,
    SECOND,
    TECHNOLOGIST,
    THIRD,
    WORKER,
    Here,
    Try,
    pictures,
)

Way = Callable[[Here, Episode, str], Try | None]
A = Assessment


def ways(here: Here) -> Iterator[Try]:
    """Yield, for what is owed now, the step that closes it or leads there; what stands in the way of others first."""
    patient = here.patient
    owed = {(kind, subject): patient.episodes.get(episode or "") for episode, kind, subject in patient.owed}
    for kind, way in WAYS.items():
        for (owed_kind, subject), episode in owed.items():
            if owed_kind != kind or (episode is None and kind not in BESIDE):
                continue
            found = way(here, episode or NOBODY, subject)
            if found is not None:
                yield found


def between(here: Here) -> Iterator[Try]:
    """Yield the step that closes each thing owed to her while no round of hers is open."""
    later = here.protocol.calendar.on(here.soon) + 365 * DAY
    for _, kind, subject in here.patient.owed:
        match kind:
            case "set_next_due":
                yield _try("her next screening is set", st.SetNextDue(due_on=later, why="guideline"), WORKER, here)
            case "invite":
                yield _try("the round she is due for begins", st.OpenRound(site="main"), WORKER, here)
            case "surveillance_visit":
                step = st.OpenRound(site="main", answers=subject)
                yield _try("the round for the dated visit begins", step, NAVIGATOR, here)
            case "ask_treatment_end":
                end = st.EndTreatment(episode=subject, next_due_on=later, why="after treatment")
                yield _try("her treatment has ended", end, NAVIGATOR, here)
            case "ask_care_end":
                care = st.EndCare(cancer=subject, next_due_on=later, why="after treatment")
                yield _try("her care elsewhere has ended", care, NAVIGATOR, here)
            case "review_interval_cancer":
                review = st.ReviewIntervalCancer(cancer=subject, outcome="not seen then")
                yield _try("the earlier screening is reviewed", review, RADIOLOGIST, here)


NOBODY = Episode("", datetime.min.replace(tzinfo=UTC), "", "", ev.RoundReason.OTHER)
BESIDE = frozenset({"call_her", "send_copies", "read_notes"})
"""Kinds owed to her beside any round that the way home passes; the others lie beyond it."""


def _try(label: str, step: st.Step, actor: ev.Actor, here: Here, days: int = 0) -> Try:
    return Try(label, step, actor, here.soon + days * DAY)


def _met(what: ev.Request) -> st.RecordMet:
    return st.RecordMet(what=what, proof="done")


def _exam(episode: Episode, subject: str) -> Exam | None:
    return episode.exams.get(subject.partition(":")[0])


def _calm(exam: Exam | None) -> tuple[ev.SideAssessment, ...]:
    """Every breast that was looked at, or asked about before, is normal."""
    looked = (exam.sides if exam is not None else ()) or BOTH
    asked = tuple(s.side for s in exam.reading.report.sides if s.side) if exam and exam.reading.report else ()
    pending = tuple(s.side for s in exam.reading.pending.sides if s.side) if exam and exam.reading.pending else ()
    return tuple(ev.SideAssessment(A.NEGATIVE, side) for side in BOTH if side in (*looked, *asked, *pending))


def _read(here: Here, episode: Episode, subject: str) -> Try | None:
    exam = _exam(episode, subject)
    readers = {o.reader for o in exam.reading.opinions} if exam else set()
    reader = SECOND if RADIOLOGIST.id in readers else RADIOLOGIST
    step = st.RecordReading(exam=subject, sides=_calm(exam), with_priors=True)
    return _try("read: normal", step, reader, here)


def _changed(here: Here, episode: Episode, subject: str) -> Try | None:
    step = st.ConfirmChange(exam=subject, accepted=True, sides=_calm(_exam(episode, subject)))
    return _try("the change is decided: normal", step, RADIOLOGIST, here)


def _finding_exam(episode: Episode) -> str:
    return next((f.exam for f in episode.open_findings()), "")


def _visit(episode: Episode, purpose: Purpose) -> VisitStage:
    return episode.visits.get(purpose, NO_VISIT_YET).stage


def _attend(here: Here, episode: Episode, _subject: str) -> Try | None:
    """Book, come, and be looked at: both breasts, so that every finding is looked at."""
    if not episode.open_findings():
        return None
    stage = _visit(episode, Purpose.PICTURES)
    if stage is VisitStage.BOOKED:
        starts_at = episode.visits[Purpose.PICTURES].starts_at
        at = max(here.soon, (starts_at or here.soon) + HOUR)
        return Try("she comes", st.RecordAttended(episode=episode.id), TECHNOLOGIST, at)
    technical = any(f.kind == "technical" for f in episode.open_findings())
    kind = ExaminationKind.SCREENING if technical else ExaminationKind.DIAGNOSTIC
    take = st.TakeExamination(examination=pictures(here, kind), site=episode.site, episode=episode.id)
    return _try("further pictures of both breasts", take, TECHNOLOGIST, here)


def _book(purpose: Purpose) -> Way:
    def book(here: Here, episode: Episode, _subject: str) -> Try | None:
        if _visit(episode, purpose) is not VisitStage.NONE:
            return None
        step = st.BookVisit(episode=episode.id, starts_at=here.soon + 3 * DAY, place="Hill", purpose=purpose)
        return _try("a visit is booked", step, NAVIGATOR, here)

    return book


def _assess(here: Here, episode: Episode, subject: str) -> Try | None:
    exam = _exam(episode, subject)
    if exam is None:
        return None
    waiting = [f for f in episode.open_findings() if f.awaits(exam.id)]
    grave = _grave(exam)
    answers = tuple(
        ev.FindingAnswer(f.id, A.SUSPICIOUS if f.side in grave or (f.side is None and grave) else A.BENIGN)
        for f in waiting
    )
    if not answers:
        return None
    return _try("every finding is answered", st.AssessWorkup(exam=exam.id, answers=answers), RADIOLOGIST, here)


def _grave(exam: Exam) -> set[Laterality | None]:
    """The breasts that these pictures' own report calls suspicious, or asks more of: they are answered no calmer."""
    if exam.result is None:
        return set()
    calm = (A.NEGATIVE, A.BENIGN)
    found = {s.side for s in exam.result.sides if s.assessment not in calm}
    return found | ({LEFT, RIGHT} if None in found else set())


def _specimen(step: Callable[[str], st.Step], label: str, actor: ev.Actor) -> Way:
    return lambda here, episode, subject: _try(label, step(subject), actor, here)


def _plan_next(here: Here, _episode: Episode, subject: str) -> Try | None:
    step = st.PlanNext(finding=subject, plan=Plan.ROUTINE, conference=("dr-1", "dr-2"))
    return _try("a conference takes no more tissue", step, RADIOLOGIST, here)


def _arrange(here: Here, _episode: Episode, subject: str) -> Try | None:
    step = st.RecordBiopsy(finding=subject, method=Sampling.CORE)
    return _try("tissue is taken", step, RADIOLOGIST, here)


def _close_visit(here: Here, episode: Episode, subject: str) -> Try | None:
    purpose = Purpose(subject.partition(":")[2])
    visit = episode.visits[purpose]
    at = max(here.soon, (visit.starts_at or here.soon) + HOUR)
    return Try("she comes", st.RecordAttended(episode=episode.id, purpose=purpose), TECHNOLOGIST, at)


def _screen(here: Here, episode: Episode, _subject: str) -> Try | None:
    kind = ExaminationKind.DIAGNOSTIC if episode.answers else ExaminationKind.SCREENING
    take = st.TakeExamination(examination=pictures(here, kind), site=episode.site, episode=episode.id)
    return _try("she is examined", take, TECHNOLOGIST, here)


def _complete(here: Here, episode: Episode, _subject: str) -> Try | None:
    take = st.TakeExamination(
        examination=pictures(here, ExaminationKind.SCREENING), site=episode.site, episode=episode.id
    )
    return _try("the missing pictures are made", take, TECHNOLOGIST, here)


def _posted(here: Here, _episode: Episode, subject: str) -> Try | None:
    exam, _, document = subject.partition(":")
    step = st.RecordPosted(exam=exam, document=ev.Document(document), proof="posted")
    return _try("it is posted", step, FRONT_DESK, here)


def _made(document: ev.Document) -> Way:
    return lambda here, episode, subject: _try(
        "it is printed", st.PrepareDocument(exam=subject, document=document, file="anew"), WORKER, here
    )


def _told(here: Here, _episode: Episode, subject: str) -> Try | None:
    return _try("she is told", st.TellResult(exam=subject, channel=ev.Channel.PHONE), CLINICIAN, here)


def _plan(here: Here, episode: Episode, subject: str) -> Try | None:
    exam = subject if subject in episode.exams else _finding_exam(episode)
    return _try("the call-back is planned", st.DecideCallBack(exam=exam, views=("SPOT",)), RADIOLOGIST, here)


def _reach(here: Here, episode: Episode, _subject: str) -> Try | None:
    step = st.RecordContact(episode=episode.id, channel=ev.Channel.PHONE, outcome=ev.Outcome.REACHED)
    return _try("she is reached", step, NAVIGATOR, here)


WAYS: dict[str, Way] = {
    "review_pause": lambda h, e, s: _try("the round goes on", st.Resume(episode=e.id), NAVIGATOR, h),
    "find_owner": lambda h, e, s: _try("its owner is found", st.PlaceWithdrawn(exam=s, outcome="filed"), FRONT_DESK, h),
    "release_reading": lambda h, e, s: _try("the reading goes on", st.ReleaseReading(exam=s), RADIOLOGIST, h),
    "arbitrate": lambda h, e, s: _try(
        "a third reader decides: normal", st.Arbitrate(exam=s, sides=_calm(_exam(e, s))), THIRD, h
    ),
    "finalise_reading": lambda h, e, s: _try("the readings stand", st.FinaliseReading(exam=s), WORKER, h, 4),
    "confirm_assessment": lambda h, e, s: _try(
        "confirmed: normal", st.ConfirmAssessment(exam=s, sides=_calm(_exam(e, s))), RADIOLOGIST, h
    ),
    "confirm_change": _changed,
    "read": _read,
    "await_final": _read,
    "get_priors": _read,
    "place_report": lambda h, e, s: _try("it is placed", st.PlaceReport(exam=s, outcome="in care"), RADIOLOGIST, h),
    "answer_symptom": lambda h, e, s: _try(
        "the symptom is answered", st.AnswerSymptom(symptom=s, answer="cyst"), RADIOLOGIST, h
    ),
    "pass_on_incidental": lambda h, e, s: _try(
        "it is passed on", st.PassOnIncidental(incidental=s, to="her doctor", proof="rang"), NAVIGATOR, h
    ),
    "write_refusal": lambda h, e, s: _try(
        "her refusal is confirmed",
        st.RecordRefusalWritten(episode=e.id, to=ev.Addressee(s.partition(":")[2]), proof="posted"),
        FRONT_DESK,
        h,
    ),
    "nurse_call": lambda h, e, s: _try("she wants to go on", st.RecordChangedMind(episode=e.id), NAVIGATOR, h),
    "send_copies": lambda h, e, s: _try("copies go to her", _met(ev.Request.COPIES), FRONT_DESK, h),
    "read_notes": lambda h, e, s: _try("what she wrote is read", _met(ev.Request.NOTES), NAVIGATOR, h),
    "call_her": lambda h, e, s: _try("she is rung", st.RecordSpoken(channel=ev.Channel.PHONE), NAVIGATOR, h),
    "confirm_lost": _reach,
    "reach_her": _reach,
    "tell_change": _told,
    "ring_after_seen": _told,
    "tell_result": _told,
    "cancel_visit": lambda h, e, s: _try(
        "the visit is cancelled",
        st.CancelVisit(episode=e.id, by_her=False, purpose=Purpose(s.partition(":")[2])),
        NAVIGATOR,
        h,
    ),
    "remind": lambda h, e, s: _try(
        "she is reminded",
        st.RecordReminded(episode=e.id, channel=ev.Channel.TEXT, purpose=Purpose(s.partition(":")[2])),
        FRONT_DESK,
        h,
    ),
    "close_visit": _close_visit,
    "send_invitation": lambda h, e, s: (
        None if e.invitation else _try("printed", st.PrepareInvitation(episode=e.id, file="i"), WORKER, h)
    ),
    "post_invitation": lambda h, e, s: _try("posted", st.RecordInvited(episode=e.id, proof="posted"), FRONT_DESK, h),
    "close_not_screened": _book(Purpose.SCREENING),
    "book_screening": _book(Purpose.SCREENING),
    "attend_screening": _screen,
    "complete_examination": _complete,
    "await_acknowledgement": lambda h, e, s: _try(
        "the other side has her", st.AcknowledgeCare(episode=e.id, proof="letter"), NAVIGATOR, h
    ),
    "get_outside_result": lambda h, e, s: _try(
        "the result is here",
        st.TakeOutsideResult(episode=e.id, source="Hill", examination=pictures(h, ExaminationKind.ULTRASOUND)),
        FRONT_DESK,
        h,
    ),
    "replan": _plan,
    "plan_call_back": _plan,
    "complete_assessment": _plan,
    "book_call_back": _book(Purpose.PICTURES),
    "assess_workup": _assess,
    "attend_call_back": _attend,
    "get_pathology": _specimen(
        lambda s: st.RecordPathology(specimen=s, tissue=Tissue.BENIGN), "the pathologist says benign", COORDINATOR
    ),
    "decide_concordance": _specimen(
        lambda s: st.DecideConcordance(specimen=s, concordant=True), "tissue and pictures agree", RADIOLOGIST
    ),
    "plan_next": _plan_next,
    "arrange_biopsy": _arrange,
    "tell_diagnosis": _specimen(
        lambda s: st.TellDiagnosis(specimen=s, channel=ev.Channel.IN_PERSON), "she is told", CLINICIAN
    ),
    "tell_provider_diagnosis": _specimen(
        lambda s: st.TellProviderDiagnosis(specimen=s, proof="letter"), "her doctor is told", NAVIGATOR
    ),
    "refer": lambda h, e, s: _try("she is referred", st.Refer(episode=e.id, team="surgeons"), NAVIGATOR, h),
    "accept_referral": lambda h, e, s: _try(
        "the team expects her",
        st.RecordAccepted(episode=e.id, first_visit_on=h.protocol.calendar.on(h.soon) + 5 * DAY),
        NAVIGATOR,
        h,
    ),
    "confirm_first_visit": lambda h, e, s: _try(
        "the team has seen her", st.RecordFirstVisit(episode=e.id, came=True), NAVIGATOR, h, 6
    ),
    "post_document": _posted,
    "send_summary": _made(ev.Document.SUMMARY),
    "tell_provider": _made(ev.Document.PROVIDER_REPORT),
    "resolve_abnormal": _attend,
}
"""The way home by kind, in the order they are walked."""
