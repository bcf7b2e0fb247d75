"""What must always hold, looked for by random walks through the pathway; see `walks` for how they go."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as hs
from hypothesis.strategies import DataObject

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import MAY, Refused
from closerlook.pathway.loops import Loop, open_loops
from closerlook.pathway.regions import FindingStatus, Patient
from closerlook.pathway.terms import SUSPECT, ExaminationKind
from closerlook.pathway.terms import Assessment as A
from tests.pathway.story import CLINICIAN, FRONT_DESK, HOUR, NAVIGATOR, RADIOLOGIST, TECHNOLOGIST, Story, sides
from tests.pathway.walks import MAKERS, MESSAGE_STEPS, Walk

STEPS = 30
# Without the phase that explains: it walks each failing story hundreds of times more.
walking = settings(
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def walked(data: DataObject, steps: int = STEPS, each: Callable[[Walk, Patient], None] | None = None) -> Walk:
    walk = Walk(lambda choices: data.draw(hs.sampled_from(choices)))
    for _ in range(data.draw(hs.integers(1, steps))):
        before = walk.her.patient
        taken = len(walk.taken)
        walk.go()
        if len(walk.taken) > taken:
            note(f"{walk.taken[-1][1].id}: {walk.taken[-1][0]}  ->  {walk.her.facts()[before.version :]}")
        if each is not None:
            each(walk, before)
    return walk


def test_walks_can_take_every_step() -> None:
    assert set(MAKERS) == set(MAY) - MESSAGE_STEPS


@walking
@given(hs.data())
def test_no_woman_waits_on_nobody(data: DataObject) -> None:
    """Promises 1 and 9 and the fold: `Story.check` holds them after every step of the walk."""
    walked(data)


@walking
@given(hs.data())
def test_the_same_click_twice_changes_nothing(data: DataObject) -> None:
    """Promise 9. An attempt to reach her is a new attempt each time: the door's key knows the same click."""
    walk = walked(data)
    if not walk.taken:
        return
    step, by = walk.taken[-1]
    if isinstance(step, st.RecordContact | st.EnterInError):
        return
    walk.her.now = walk.taken_at
    found = walk.her.again(step, by)
    assert found == [], f"{step} again"


@walking
@given(hs.data())
def test_no_clock_decides_what_is_owed(data: DataObject) -> None:
    her = walked(data).her
    loops = her.loops
    her.wait(timedelta(days=400))
    assert her.loops == loops
    assert open_loops(her.patient, her.protocols, default=her.protocol) == loops


@walking
@given(hs.data())
def test_nothing_is_told_before_it_is_signed(data: DataObject) -> None:
    """Promise 4. What is told, shown or sent is told of a signed result that stands at that moment."""

    def told_only_results(walk: Walk, before: Patient) -> None:
        for record in walk.her.log[before.version :]:
            if isinstance(record.event, ev.ResultTold | ev.ResultSeen | ev.SummarySent | ev.ProviderTold | ev.Sending):
                found = before.exam(record.event.exam)
                assert found is not None
                assert found[1].result is not None or found[1].telling.change

    walked(data, each=told_only_results)


@walking
@given(hs.data())
def test_booking_moving_and_coming_never_move_the_clock_of_the_answer(data: DataObject) -> None:
    """Promise 11."""
    hers = (ev.Booked, ev.Moved, ev.Cancelled, ev.Missed, ev.Attended, ev.Sending, ev.SummarySent, ev.ContactAttempted)

    def clocks(walk: Walk, patient: Patient) -> dict[tuple[str, str], tuple[object, object]]:
        loops = open_loops(patient, walk.her.protocols, default=walk.her.protocol)
        kinds = ("resolve_abnormal", "attend_call_back", "assess_workup", "get_priors")
        return {(x.kind, x.subject): (x.due_at, x.late_at) for x in loops if x.kind in kinds}

    def unmoved(walk: Walk, before: Patient) -> None:
        new = [r.event for r in walk.her.log[before.version :]]
        if new and all(isinstance(e, hers) for e in new):
            assert clocks(walk, walk.her.patient) == clocks(walk, before)

    walked(data, each=unmoved)


@walking
@given(hs.data())
def test_a_finding_closes_only_by_an_examination_of_its_side_or_by_its_own_report(data: DataObject) -> None:
    """Promise 10."""

    def closed_rightly(walk: Walk, before: Patient) -> None:
        for episode in walk.her.patient.episodes.values():
            known = before.episodes[episode.id].findings if episode.id in before.episodes else {}
            for f in known.values():
                now = episode.findings.get(f.id)
                if f.status not in OWED or (now is not None and now.status in OWED):
                    continue
                new = [r.event for r in walk.her.log[before.version :]]
                assert any(isinstance(e, CLOSING) for e in new), f"{f.id} closed by {new}"
                assert not all(isinstance(e, ev.Read | ev.ReportAmended) and e.exam != f.exam for e in new)
                if now is not None and now.answered_by is not None and now.answered_by != f.answered_by:
                    exam = episode.exams[now.answered_by]
                    assert not exam.sides or exam.covers(f.side)

    walked(data, each=closed_rightly)


CLOSING = (
    ev.WorkupAssessed,
    ev.ChangeConfirmed,
    ev.ReportAmended,
    ev.ReportWithdrawn,
    ev.HistoryReviewed,
    ev.EnteredInError,
    ev.AssessmentConfirmed,
    ev.Read,
)
OWED = (FindingStatus.OPEN, FindingStatus.BIOPSY)


@walking
@given(hs.data())
def test_a_settled_round_has_no_result_that_asks_for_more(data: DataObject) -> None:
    """Promise 10: a suspicious or incomplete result in a settled round has an answer from pictures made since."""
    her = walked(data, 40).her
    for episode in her.patient.episodes.values():
        if episode.settled is None or episode.settled.outcome in (ev.SettledAs.DIED, ev.SettledAs.HISTORY):
            continue
        for exam in episode.exams.values():
            if exam.not_hers or exam.history or exam.result is None or episode.history_reviewed:
                continue
            assert not exam.result.assessments & {A.INCOMPLETE_PRIORS}
            for stated in exam.result.sides:
                if stated.assessment in (*SUSPECT, A.INCOMPLETE_IMAGING):
                    found = [f for f in episode.findings.values() if stated.side in (f.side, None) or f.side is None]
                    assert any(f.answered_by is not None for f in found), (exam.id, stated)


@walking
@given(hs.data())
def test_only_a_radiologists_word_takes_a_suspicious_result_away(data: DataObject) -> None:
    """Promise 8: what a feed sends, or anyone but a radiologist or clinician does, never makes a round less urgent."""

    def stays(walk: Walk, before: Patient) -> None:
        if not walk.taken or walk.taken[-1][1] in (RADIOLOGIST, CLINICIAN):
            return
        new = walk.her.log[before.version :]
        if any(isinstance(r.event, ev.ReportWithdrawn | ev.EnteredInError) for r in new):
            return
        for episode in before.episodes.values():
            assert walk.her.patient.episodes[episode.id].is_suspect or not episode.is_suspect

    walked(data, each=stays)


@walking
@given(hs.data())
def test_from_wherever_the_walk_ends_her_round_can_still_settle(data: DataObject) -> None:
    """Promise 3, without declining, being lost, moving or dying; what asks for tissue is the gap, and stays open."""
    her = walked(data).her
    if her.patient.died_on is not None:
        return
    for _ in range(60):
        loops = [x for x in her.loops if x.kind not in ("surveillance_visit", "arrange_biopsy")]
        if not any(work(her, loop) for loop in loops):
            break
    kinds = her.kinds - {"surveillance_visit"}
    assert not kinds or "arrange_biopsy" in kinds, her.loops
    if "arrange_biopsy" in kinds:
        assert kinds <= {"arrange_biopsy", "resolve_abnormal"}


def work(her: Story, loop: Loop) -> bool:
    """Do what closes a loop, as its people would. False where nothing came of it."""
    version = her.patient.version
    how = WORK.get(loop.kind)
    if how is None:
        return False
    step, by = how(her, loop)
    try:
        her.take(step, by, 2 * HOUR)
    except Refused as why:
        note(f"{loop.kind} {loop.subject}: {why}")
        return False
    return her.patient.version > version


def _exam(loop: Loop) -> str:
    return loop.subject.partition(":")[0]


def _read(_her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    return st.RecordReading(exam=_exam(loop), sides=CALM_READING), RADIOLOGIST


def _told(_her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    return st.TellResult(exam=_exam(loop), channel=ev.Channel.PHONE), CLINICIAN


def _plan(_her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    return st.DecideCallBack(exam=_exam(loop)), RADIOLOGIST


def _come(her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    x = her.examination(ExaminationKind.DIAGNOSTIC)
    return st.TakeExamination(examination=x, site="main", episode=loop.episode), TECHNOLOGIST


def _answer(her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    """Answer every finding that awaits these pictures: benign, or as its report says where that asks for more."""
    found = her.patient.exam(loop.subject)
    assert found is not None
    episode, exam = found
    gist = exam.reading.gist
    if gist is not None and (A.INCOMPLETE_IMAGING in gist.assessments or gist.content.advice is not None):
        return _read(her, loop)
    graver = (a for a in (A.SUSPICIOUS, A.HIGHLY_SUGGESTIVE, A.PROBABLY_BENIGN) if gist and a in gist.assessments)
    answer = next(graver, A.BENIGN)
    waiting = [ev.FindingAnswer(f.id, answer) for f in episode.open_findings() if f.awaits(exam.id)]
    return st.AssessWorkup(exam=exam.id, answers=tuple(waiting)), RADIOLOGIST


CALM_READING = sides(A.BENIGN, A.BENIGN)
WORK: dict[str, Callable[[Story, Loop], tuple[st.Step, ev.Actor]]] = {
    "read": _read,
    "await_final": _read,
    "get_priors": _read,
    "confirm_assessment": lambda _, x: (st.ConfirmAssessment(exam=_exam(x), sides=CALM_READING), RADIOLOGIST),
    "confirm_change": lambda _, x: (st.ConfirmChange(exam=_exam(x), accepted=False), RADIOLOGIST),
    "place_report": lambda _, x: (st.PlaceReport(exam=_exam(x), outcome="in care"), RADIOLOGIST),
    "send_summary": lambda _, x: (
        st.PrepareDocument(exam=_exam(x), document=ev.Document.SUMMARY, file="again"),
        FRONT_DESK,
    ),
    "post_document": lambda _, x: (
        st.RecordPosted(exam=_exam(x), document=ev.Document(x.subject.partition(":")[2]), proof="posted"),
        FRONT_DESK,
    ),
    "tell_provider": lambda _, x: (
        st.PrepareDocument(exam=_exam(x), document=ev.Document.PROVIDER_REPORT, file="again"),
        FRONT_DESK,
    ),
    "tell_result": _told,
    "tell_change": _told,
    "ring_after_seen": _told,
    "plan_call_back": _plan,
    "complete_assessment": _plan,
    "attend_call_back": _come,
    "assess_workup": _answer,
    "nurse_call": lambda _, x: (st.RecordChangedMind(episode=x.episode or ""), NAVIGATOR),
    "call_her": lambda _, x: (st.RecordSpoken(channel=ev.Channel.PHONE), NAVIGATOR),
    "answer_symptom": lambda _, x: (st.AnswerSymptom(symptom=x.subject, answer="cyst"), RADIOLOGIST),
    "review_pause": lambda _, x: (st.Resume(episode=x.episode or ""), NAVIGATOR),
    "review_history": lambda _, x: (
        st.ReviewHistory(episode=x.episode or "", follow_up=False, note="seen"),
        RADIOLOGIST,
    ),
}
