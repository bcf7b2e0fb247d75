"""What must always hold, looked for by random walks through the pathway; see `walks` for how they go."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as hs
from hypothesis.strategies import DataObject

from closerlook.pathway import events as ev
from closerlook.pathway import promises
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import MAY, Refused
from closerlook.pathway.loops import Loop, open_loops
from closerlook.pathway.patient import in_force
from closerlook.pathway.regions import AS_SCREENING, UNANSWERED, Episode, FindingState, FindingStatus, Patient
from closerlook.pathway.terms import SUSPECT, ExaminationKind, Plan, Sampling, Tissue
from closerlook.pathway.terms import Assessment as A
from tests.pathway.story import (
    CLINICIAN,
    COORDINATOR,
    EU,
    FIRST_READER,
    FRONT_DESK,
    HOUR,
    NAVIGATOR,
    RADIOLOGIST,
    SECOND_READER,
    TECHNOLOGIST,
    THIRD_READER,
    UK,
    US,
    Story,
    sides,
)
from tests.pathway.walks import MAKERS, OTHER_STREAMS, Walk

STEPS = 30
# Without the phase that explains: it walks each failing story hundreds of times more.
walking = settings(
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def walked(data: DataObject, steps: int = STEPS, each: Callable[[Walk, Patient], None] | None = None) -> Walk:
    """Walk under one of the shipped protocols, `STEPS` steps at most."""
    protocol = data.draw(hs.sampled_from([US, UK, EU]))
    note(f"protocol {protocol.name}")
    walk = Walk(lambda choices: data.draw(hs.sampled_from(choices)), protocol)
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
    assert set(MAKERS) == set(MAY) - OTHER_STREAMS


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
    if isinstance(step, st.RecordContact | st.RecordCallTried | st.EnterInError):
        return
    if isinstance(step, st.SetNextDue) and walk.her.patient.next_due is None:
        return  # it went with a round, or she is invited no more: the same day asked for once more is another wish
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
    hers = (
        ev.Booked, ev.Moved, ev.Cancelled, ev.Missed, ev.Attended, ev.Reminded, ev.Sending, ev.SummarySent,
        ev.ContactAttempted, ev.Invited, ev.Referred, ev.CareMoved, ev.OutsideClaimed,
    )  # fmt: skip

    def clocks(walk: Walk, patient: Patient) -> dict[tuple[str, str], tuple[object, object]]:
        loops = open_loops(patient, walk.her.protocols, default=walk.her.protocol)
        kinds = ("resolve_abnormal", "attend_call_back", "assess_workup", "get_priors", "get_pathology")
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
    ev.ExaminationPerformed,  # the same views again answer what was only a fault of the pictures
    ev.NoTissueNeeded,
    ev.BiopsyNotPossible,
    ev.PathologyReported,
    ev.ConcordanceDecided,
    ev.NextPlanned,
)
OWED = UNANSWERED


@walking
@given(hs.data())
def test_tissue_ends_with_a_settled_answer_or_a_recorded_decision(data: DataObject) -> None:
    """Promise 5: tissue sent has a report, a report is weighed, and what explains nothing stays open until more tissue
    or a conference."""

    def accounted_for(walk: Walk, _before: Patient) -> None:
        patient = walk.her.patient
        if patient.died_on is not None:
            return
        for episode in patient.episodes.values():
            owed = {(k, s) for e, k, s in {**patient.owed, **patient.suspended} if e == episode.id}
            for piece in episode.specimens.values():
                if piece.tissue is None:
                    assert ("get_pathology", piece.id) in owed
                elif piece.concordant is None and piece.tissue is not Tissue.INSUFFICIENT:
                    assert ("decide_concordance", piece.id) in owed
            for f in episode.findings.values():
                if f.status in (FindingStatus.RESOLVED, FindingStatus.SURVEILLANCE):
                    assert explained(walk, episode, f), f

    walked(data, each=accounted_for)


def explained(walk: Walk, episode: Episode, finding: FindingState) -> bool:
    """Whether the last tissue of a finding, if there is any, lets it be closed."""
    pieces = [s for s in episode.specimens.values() if s.finding == finding.id]
    if not pieces:
        return True
    if any(s.tissue is Tissue.MALIGNANT for s in pieces):
        return False
    last = pieces[-1]
    if last.concordant and last.tissue in (Tissue.BENIGN, Tissue.NORMAL_TISSUE):
        return True
    plans = [e for e in _facts(walk) if isinstance(e, ev.NextPlanned) and e.finding == finding.id]
    decided = bool(plans) and len(set(plans[-1].conference)) >= 2
    return decided or (bool(plans) and last.tissue is Tissue.HIGH_RISK and last.concordant is True)


def _facts(walk: Walk) -> list[ev.Event]:
    return [r.event for r in in_force(walk.her.log)]


@walking
@given(hs.data())
def test_a_cancer_settles_only_when_she_knows_and_a_team_has_seen_her(data: DataObject) -> None:
    """Promise 6."""

    def looked_after(walk: Walk, _before: Patient) -> None:
        if walk.her.patient.died_on is not None:
            return
        for episode in walk.her.patient.episodes.values():
            ours = [f.id for f in episode.findings.values() if f.status is FindingStatus.MALIGNANT]
            if not ours or episode.settled is None or episode.settled.outcome is ev.SettledAs.DIED:
                continue
            assert episode.settled.outcome is ev.SettledAs.CANCER
            assert episode.referral.attended
            pieces = [s for s in episode.specimens.values() if s.tissue is Tissue.MALIGNANT and s.finding in ours]
            assert pieces
            assert all(s.told for s in pieces)

    walked(data, each=looked_after)


@walking
@given(hs.data())
def test_what_the_search_proves_of_every_state_holds_on_every_walk(data: DataObject) -> None:
    """The promises as `promises` asks them of a state: walks come where no scene of the search does."""

    def kept(walk: Walk, _before: Patient) -> None:
        her = walk.her
        broken = list(promises.of_state(her.patient, in_force(her.log), her.loops, her.protocol))
        assert broken == []

    walked(data, each=kept)


@walking
@given(hs.data())
def test_she_is_never_forgotten(data: DataObject) -> None:
    """Whoever is known, alive, not merged and not in care elsewhere has a day, a round that goes on, a recorded end of
    her invitations, or somebody who owes her a day."""

    def asked_for(walk: Walk, _before: Patient) -> None:
        p = walk.her.patient
        if not p.version or p.died_on is not None or p.merged_into is not None or p.around.in_care:
            return
        going_on = any(e.settled is None and e.paused is None for e in p.episodes.values())
        kinds = {loop.kind for loop in walk.her.loops}
        assert going_on or p.invitations_ended is not None or kinds & {"set_next_due", "invite"}
        assert ("invite" in kinds) is (p.next_due is not None and p.invitations_ended is None)

    walked(data, each=asked_for)


@walking
@given(hs.data())
def test_one_of_two_readings_is_never_a_result(data: DataObject) -> None:
    """Promise 4, where the protocol reads twice: what is signed here takes two readers, or a third who decides."""

    def two_of_them(walk: Walk, before: Patient) -> None:
        for record in walk.her.log[before.version :]:
            read = record.event
            if not isinstance(read, ev.Read) or record.actor.kind is ev.Kind.FEED:
                continue
            found = before.exam(read.exam)
            step = walk.taken[-1][0]
            if found is None or isinstance(step, st.TakeReport) or walk.her.protocol.reading == "single":
                continue
            if found[1].kind in AS_SCREENING and walk.her.protocols[found[0].protocol].reading == "double":
                assert len({o.reader for o in found[1].reading.opinions}) >= 2

    walked(data, each=two_of_them)


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
                    assert any(f.answered_by is not None or f.tissue_at is not None for f in found), (exam.id, stated)


@walking
@given(hs.data())
def test_only_a_radiologists_word_takes_a_suspicious_result_away(data: DataObject) -> None:
    """Promise 8: what a feed sends, or anyone but a radiologist or clinician does, never makes a round less urgent."""

    def stays(walk: Walk, before: Patient) -> None:
        if not walk.taken or {"radiologist", "clinician"} & {*walk.taken[-1][1].roles}:
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
    """Promise 3, without declining, being lost, moving or dying."""
    her = walked(data).her
    if her.patient.died_on is not None:
        return
    for _ in range(200):
        loops = [x for x in her.loops if x.kind not in RESTS]
        if not any(work(her, loop) for loop in loops):
            break
    assert her.kinds <= RESTS, her.loops
    assert all(e.settled is not None for e in her.patient.episodes.values())


RESTS = {"surveillance_visit", "set_next_due", "invite", "ask_treatment_end", "ask_care_end"}
"""What may be owed to her while no round of hers is open."""


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


def _read(her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    """Read it; where two have to, the second reader does it after the first."""
    found = her.patient.exam(_exam(loop))
    assert found is not None
    readers = {o.reader for o in found[1].reading.opinions}
    reader = next((r for r in (FIRST_READER, SECOND_READER) if r.id not in readers), RADIOLOGIST)
    if len(readers) >= 2:
        reader = next(r for r in (FIRST_READER, SECOND_READER, RADIOLOGIST) if r.id in readers)
    return st.RecordReading(exam=_exam(loop), sides=CALM_READING), reader


def _decide(_her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    return st.Arbitrate(exam=loop.subject, sides=CALM_READING, panel=BY_TWO), THIRD_READER


def _now(her: Story, loop: Loop) -> None:
    """Wait until the day that a loop is about."""
    her.now = max(her.now, loop.visible_from)


def _finalise(her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    return st.FinaliseReading(exam=loop.subject), FIRST_READER


def _screened(her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    x = her.examination(ExaminationKind.SCREENING)
    return st.TakeExamination(examination=x, site="main", episode=loop.episode), TECHNOLOGIST


def _missed(her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    purpose = ev.Purpose(loop.subject.partition(":")[2])
    return st.CancelVisit(episode=loop.episode or "", by_her=False, purpose=purpose), NAVIGATOR


def _acknowledged(_her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    return st.TakeCareBack(episode=loop.episode or "", reason="not known there"), NAVIGATOR


def _seen(her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    _now(her, loop)
    return st.RecordFirstVisit(episode=loop.episode or "", came=True), NAVIGATOR


def _written(_her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    episode, _, to = loop.subject.partition(":")
    return st.RecordRefusalWritten(episode=episode, to=ev.Addressee(to), proof="posted"), FRONT_DESK


def _sampled(_her: Story, loop: Loop) -> tuple[st.Step, ev.Actor]:
    return st.RecordBiopsy(finding=loop.subject, method=Sampling.CORE), RADIOLOGIST


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
BY_TWO = ("u-reader-1", "u-reader-3")
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
    "send_invitation": lambda _, x: (st.PrepareInvitation(episode=x.subject, file="again"), FRONT_DESK),
    "post_invitation": lambda _, x: (st.RecordInvited(episode=x.subject, proof="posted"), FRONT_DESK),
    "attend_screening": _screened,
    "close_visit": _missed,
    "cancel_visit": _missed,
    "complete_examination": lambda _, x: (st.AcceptExamination(exam=x.subject, reason="the best"), RADIOLOGIST),
    "release_reading": lambda _, x: (st.ReleaseReading(exam=x.subject), RADIOLOGIST),
    "finalise_reading": _finalise,
    "arbitrate": _decide,
    "find_owner": lambda _, x: (st.PlaceWithdrawn(exam=x.subject, outcome="filed where it belongs"), FRONT_DESK),
    "pass_on_incidental": lambda _, x: (
        st.PassOnIncidental(incidental=x.subject, to="her doctor", proof="rang"),
        NAVIGATOR,
    ),
    "arrange_biopsy": _sampled,
    "get_pathology": lambda _, x: (st.RecordPathology(specimen=x.subject, tissue=Tissue.BENIGN), COORDINATOR),
    "decide_concordance": lambda _, x: (st.DecideConcordance(specimen=x.subject, concordant=True), RADIOLOGIST),
    "plan_next": lambda _, x: (
        st.PlanNext(finding=x.subject, plan=Plan.ROUTINE, conference=BY_TWO),
        RADIOLOGIST,
    ),
    "tell_diagnosis": lambda _, x: (
        st.TellDiagnosis(specimen=x.subject, channel=ev.Channel.IN_PERSON),
        CLINICIAN,
    ),
    "tell_provider_diagnosis": lambda _, x: (
        st.TellProviderDiagnosis(specimen=x.subject, proof="letter"),
        NAVIGATOR,
    ),
    "refer": lambda _, x: (st.Refer(episode=x.subject, team="Hill surgeons"), NAVIGATOR),
    "accept_referral": lambda her, x: (
        st.RecordAccepted(episode=x.subject, first_visit_on=her.day(5)),
        NAVIGATOR,
    ),
    "confirm_first_visit": _seen,
    "write_refusal": _written,
    "await_acknowledgement": _acknowledged,
    "get_outside_result": _acknowledged,
    "replan": _come,
    "review_interval_cancer": lambda _, x: (
        st.ReviewIntervalCancer(cancer=x.subject, outcome="not to be seen then"),
        RADIOLOGIST,
    ),
    "assess_workup": _answer,
    "nurse_call": lambda _, x: (st.RecordChangedMind(episode=x.episode or ""), NAVIGATOR),
    "call_her": lambda _, x: (st.RecordSpoken(channel=ev.Channel.PHONE), NAVIGATOR),
    "send_copies": lambda _, x: (st.RecordMet(what=ev.Request.COPIES, proof="posted"), FRONT_DESK),
    "read_notes": lambda _, x: (st.RecordMet(what=ev.Request.NOTES, proof="read"), NAVIGATOR),
    "answer_symptom": lambda _, x: (st.AnswerSymptom(symptom=x.subject, answer="cyst"), RADIOLOGIST),
    "review_pause": lambda _, x: (st.Resume(episode=x.episode or ""), NAVIGATOR),
    "review_history": lambda _, x: (
        st.ReviewHistory(episode=x.episode or "", follow_up=False, note="seen"),
        RADIOLOGIST,
    ),
}
