"""What closes each kind of loop: opened by a small history, closed by its owner or a role its row names."""

import re
from collections.abc import Callable

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.closing import CLOSED_BY, OPENED_BY, STEPS_FOR
from closerlook.pathway.deciding import may
from closerlook.pathway.loops import KINDS, NEEDS_HER
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, NeedsPerson, Plan, ReportStatus, Role, Sampling, Tissue
from tests.pathway.story import (
    BOTH,
    CLINICIAN,
    COORDINATOR,
    DAY,
    FIRST_READER,
    FRONT_DESK,
    HERSELF,
    LEFT,
    MANAGER,
    MONDAY,
    NAVIGATOR,
    NURSE,
    RADIOLOGIST,
    SECOND_READER,
    STAFF,
    TECHNOLOGIST,
    THIRD_READER,
    UK,
    US,
    WORKER,
    Story,
    called_back,
    diagnosed,
    reported_tissue,
    sides,
    to_sample,
    worked_up,
)

X, F = "e1.x2", "e1.x2.left"
SCREENING = ev.Purpose.SCREENING
DAY_TO_COME = US.calendar.on(MONDAY + 60 * DAY)


# ---------------------------------------------------------------- what closes each kind


Closing = Callable[[], tuple[Story, st.Step, ev.Actor]]


def _reported(left: A, kind: ExaminationKind = ExaminationKind.SCREENING) -> Story:
    her = Story()
    her.reported(left, kind=kind)
    return her


def _unread(status: ReportStatus | None = None, *needs: NeedsPerson) -> Story:
    her = Story()
    exam = her.examined()
    if status is not None:
        her.report(exam, her.reading((), status, needs_person=needs))
    return her


def _waiting_change() -> Story:
    her = _reported(A.INCOMPLETE_IMAGING)
    her.amended(X, A.BENIGN)
    return her


def _changed() -> Story:
    her = _reported(A.NEGATIVE)
    her.posted(X)
    her.amended(X, A.INCOMPLETE_IMAGING)
    return her


def _seen() -> Story:
    her = _reported(A.SUSPICIOUS)
    her.take(st.OpenResult(exam=X), HERSELF)
    return her


def _printed() -> Story:
    her = _reported(A.NEGATIVE)
    her.take(st.PrepareDocument(exam=X, document=ev.Document.SUMMARY, file="f"), WORKER)
    return her


COPIES, NOTES = ev.Request


def _asks(what: ev.Request) -> st.AskFor:
    return st.AskFor(what=what)


def _said(step: st.Step, by: ev.Actor) -> Story:
    her = called_back()
    her.take(step, by)
    return her


def _climbed() -> Story:
    her = _reported(A.INCOMPLETE_IMAGING)
    return her.posted(X).climbed()


def _watched() -> Story:
    her = worked_up(A.PROBABLY_BENIGN)
    her.answered(her.finding, her.exam.id, A.PROBABLY_BENIGN)
    return her.wait(180 * DAY)


def _old() -> Story:
    her = Story()
    her.reported(A.INCOMPLETE_IMAGING, history=True)
    return her


def _answer(her: Story) -> tuple[Story, st.Step, ev.Actor]:
    answers = (ev.FindingAnswer(her.finding, A.BENIGN),)
    return her, st.AssessWorkup(exam=her.exam.id, answers=answers), RADIOLOGIST


def _symptom() -> tuple[Story, st.Step, ev.Actor]:
    her = _said(st.ReportSymptom(episode="e1", what="lump"), HERSELF)
    return her, st.AnswerSymptom(symptom=her.loop("answer_symptom").subject, answer="cyst"), RADIOLOGIST


def _came(her: Story) -> tuple[Story, st.Step, ev.Actor]:
    x = her.examination(ExaminationKind.DIAGNOSTIC, BOTH)
    return her, st.TakeExamination(examination=x, site="main", episode="e1"), TECHNOLOGIST


def _came_again(her: Story) -> tuple[Story, st.Step, ev.Actor]:
    x = her.examination(ExaminationKind.SCREENING, (LEFT,))
    return her, st.TakeExamination(examination=x, site="main", episode="e1"), TECHNOLOGIST


def _fetched(her: Story) -> tuple[Story, st.Step, ev.Actor]:
    x = her.examination(ExaminationKind.ULTRASOUND, (LEFT,))
    return her, st.TakeOutsideResult(episode="e1", source="Valley", examination=x), NAVIGATOR


def _came_back(her: Story) -> tuple[Story, st.Step, ev.Actor]:
    x = her.examination(ExaminationKind.DIAGNOSTIC, (LEFT,))
    return her, st.TakeExamination(examination=x, site="main", answers="e1.s6"), TECHNOLOGIST


def _unplanned() -> Story:
    her = _reported(A.INCOMPLETE_IMAGING)
    return her.planned(X)


READ = st.RecordReading(exam=X, sides=sides(A.NEGATIVE, A.NEGATIVE))
TELL = st.TellResult(exam=X, channel=ev.Channel.PHONE)
PLAN = st.DecideCallBack(exam=X)
BOOK = st.BookVisit(episode="e1", starts_at=MONDAY + 30 * DAY, place="Hill")
POST = st.RecordPosted(exam=X, document=ev.Document.SUMMARY, proof="posted")
LOST = st.ConfirmLost(episode="e1", everything_tried=True, review_on=DAY_TO_COME, reviewer="u1")

POSTED, TEAM = "posted, first class", "Hill breast surgeons"


def _known() -> Story:
    her = Story()
    her.take(st.Enrol(), FRONT_DESK)
    return her


def _printed_invitation() -> Story:
    her = _begun()
    her.take(st.PrepareInvitation(episode="e3", file="f"), WORKER)
    return her


def _due() -> Story:
    return Story().due()


def _begun(*, invited: bool = False) -> Story:
    her = _due().begun()
    return her.invited() if invited else her


def _offered(times: int) -> Story:
    """She was invited and missed every visit but the last, which stands booked."""
    her = _begun(invited=True)
    for time in range(times):
        her.booked(7, SCREENING)
        if time < times - 1:
            her.missed(8, SCREENING)
    return her


def _not_needed() -> Story:
    """Her call-back was withdrawn by a reading with the older pictures; her visit stands booked."""
    her = called_back()
    her.take(st.RecordReading(exam=X, sides=sides(A.NEGATIVE, A.NEGATIVE), with_priors=True), RADIOLOGIST)
    return her


def _gap() -> Story:
    her = _unread()
    her.take(st.RecordIncomplete(exam=X, reason="she felt faint", missing=(LEFT,)), TECHNOLOGIST)
    return her


def _held() -> Story:
    her = _unread()
    her.take(st.DeferReading(exam=X, reason="older pictures", release_by="u-radiologist"), RADIOLOGIST)
    return her


def _read_twice(second: A) -> Story:
    her = Story(protocol=UK)
    exam = her.examined()
    for reader, left in ((FIRST_READER, A.NEGATIVE), (SECOND_READER, second)):
        her.take(st.RecordReading(exam=exam, sides=sides(left, A.NEGATIVE)), reader)
    return her.wait(DAY)


def _withdrawn() -> Story:
    her = _reported(A.NEGATIVE)
    her.take(st.WithdrawReport(exam=X, reason="not hers", examination_hers=True), RADIOLOGIST)
    return her


def _incidental() -> tuple[Story, st.Step, ev.Actor]:
    her = _reported(A.NEGATIVE)
    her.take(st.RecordIncidental(episode="e1", what="node in the armpit"), RADIOLOGIST)
    name = her.loop("pass_on_incidental").subject
    return her, st.PassOnIncidental(incidental=name, to="her doctor", proof="rang"), NAVIGATOR


def _tissue_away() -> tuple[Story, st.Step, ev.Actor]:
    her = to_sample()
    return her, st.RecordPathology(specimen=her.sampled(), tissue=Tissue.BENIGN), COORDINATOR


def _weighed(tissue: Tissue) -> tuple[Story, st.Step, ev.Actor]:
    her, specimen = reported_tissue(tissue)
    return her, st.DecideConcordance(specimen=specimen, concordant=True), RADIOLOGIST


def _undecided() -> tuple[Story, st.Step, ev.Actor]:
    her, _ = reported_tissue(Tissue.INSUFFICIENT)
    finding = her.loop("plan_next").subject
    return her, st.PlanNext(finding=finding, plan=Plan.REPEAT_BIOPSY), RADIOLOGIST


def _knows() -> tuple[Story, st.Step, ev.Actor]:
    her, specimen = reported_tissue(Tissue.MALIGNANT)
    return her, st.TellDiagnosis(specimen=specimen, channel=ev.Channel.PHONE), CLINICIAN


def _doctor_knows() -> tuple[Story, st.Step, ev.Actor]:
    her, specimen = reported_tissue(Tissue.MALIGNANT)
    return her, st.TellProviderDiagnosis(specimen=specimen, proof="rang"), NAVIGATOR


def _with_team(*, seen: bool = False) -> Story:
    her, _ = diagnosed()
    her.referred(TEAM)
    if seen:
        her.take(st.RecordFirstVisit(episode="e1", came=True), NAVIGATOR, 6 * DAY)
    return her


def _accepted() -> tuple[Story, st.Step, ev.Actor]:
    her, _ = diagnosed()
    her.take(st.Refer(episode="e1", team=TEAM), NAVIGATOR)
    return her, st.RecordAccepted(episode="e1", first_visit_on=her.day(5)), NAVIGATOR


def _old_plan() -> Story:
    her = called_back().declined().wait(120 * DAY)
    her.take(st.RecordChangedMind(episode="e1"), HERSELF)
    return her


def _cancer_elsewhere(*, reviewed: bool = False) -> tuple[Story, str]:
    her = _reported(A.NEGATIVE)
    her.take(st.RecordIntervalCancer(found_on=her.day(-1)), CLINICIAN)
    (cancer,) = her.patient.cancers
    if reviewed:
        her.take(st.ReviewIntervalCancer(cancer=cancer, outcome="not to be seen then"), RADIOLOGIST)
    return her, cancer


def _reviewed() -> tuple[Story, st.Step, ev.Actor]:
    her, cancer = _cancer_elsewhere()
    return her, st.ReviewIntervalCancer(cancer=cancer, outcome="not to be seen then"), RADIOLOGIST


def _care_ended() -> tuple[Story, st.Step, ev.Actor]:
    her, cancer = _cancer_elsewhere(reviewed=True)
    return her, st.EndCare(cancer=cancer, next_due_on=DAY_TO_COME, why="yearly after treatment"), NAVIGATOR


SCREENED = st.TakeExamination(examination=Story().examination(at=MONDAY + 9 * DAY), site="main")

CLOSINGS: dict[str, Closing | None] = {
    "read": lambda: (_unread(), READ, RADIOLOGIST),
    "explain_wait": lambda: (_unread(), st.ExplainWait(exam=X, hear_by_on=DAY_TO_COME), NAVIGATOR),
    "await_final": lambda: (_unread(ReportStatus.PRELIMINARY), READ, RADIOLOGIST),
    "confirm_assessment": lambda: (
        _unread(ReportStatus.FINAL, NeedsPerson.NO_CATEGORY),
        st.ConfirmAssessment(exam=X, sides=sides(A.NEGATIVE, A.NEGATIVE)),
        RADIOLOGIST,
    ),
    "complete_assessment": lambda: (_reported(A.PROBABLY_BENIGN), PLAN, RADIOLOGIST),
    "place_report": lambda: (_reported(A.KNOWN_MALIGNANCY), st.PlaceReport(exam=X, outcome="in care"), RADIOLOGIST),
    "send_summary": lambda: (_printed(), POST, WORKER),
    "post_document": lambda: (_printed(), POST, FRONT_DESK),
    "tell_result": lambda: (_reported(A.INCOMPLETE_IMAGING), TELL, NAVIGATOR),
    "ring_after_seen": lambda: (_seen(), TELL, CLINICIAN),
    "tell_provider": lambda: (
        _reported(A.NEGATIVE),
        st.RecordPosted(exam=X, document=ev.Document.PROVIDER_REPORT, proof="fax"),
        WORKER,
    ),
    "plan_call_back": lambda: (_reported(A.INCOMPLETE_IMAGING), PLAN, RADIOLOGIST),
    "book_call_back": lambda: (_unplanned(), BOOK, NAVIGATOR),
    "attend_call_back": lambda: _came(called_back()),
    "reach_her": lambda: (
        _reported(A.INCOMPLETE_IMAGING),
        st.RecordContact(episode="e1", channel=ev.Channel.PHONE, outcome=ev.Outcome.REACHED),
        NAVIGATOR,
    ),
    "confirm_lost": lambda: (_climbed(), LOST, MANAGER),
    "get_priors": lambda: (_reported(A.INCOMPLETE_PRIORS), READ, RADIOLOGIST),
    "nurse_call": lambda: (
        _said(st.RecordNoToday(episode="e1"), NAVIGATOR),
        st.RecordDecline(episode="e1", what="pictures", review_on=DAY_TO_COME, reviewer="u1"),
        NURSE,
    ),
    "call_her": lambda: (_said(st.AskForCall(), HERSELF), st.RecordSpoken(channel=ev.Channel.PHONE), NAVIGATOR),
    "send_copies": lambda: (_said(_asks(COPIES), HERSELF), st.RecordMet(what=COPIES, proof="posted"), FRONT_DESK),
    "read_notes": lambda: (_said(_asks(NOTES), HERSELF), st.RecordMet(what=NOTES, proof="read"), NAVIGATOR),
    "answer_symptom": _symptom,
    "assess_workup": lambda: _answer(worked_up(A.BENIGN)),
    "resolve_abnormal": lambda: _answer(worked_up(A.BENIGN)),
    "arrange_biopsy": lambda: (to_sample(), st.RecordBiopsy(finding=F, method=Sampling.CORE), RADIOLOGIST),
    "surveillance_visit": lambda: _came_back(_watched()),
    "confirm_change": lambda: (_waiting_change(), st.ConfirmChange(exam=X, accepted=True), RADIOLOGIST),
    "tell_change": lambda: (_changed(), TELL, NAVIGATOR),
    "review_pause": lambda: (
        called_back().declined(),
        st.ReviewPause(episode="e1", review_on=DAY_TO_COME, note="rang"),
        NAVIGATOR,
    ),
    "review_history": lambda: (_old(), st.ReviewHistory(episode="e1", follow_up=False, note="seen"), RADIOLOGIST),
    # Before the examination.
    "set_next_due": lambda: (_known(), st.SetNextDue(due_on=DAY_TO_COME, why="guideline"), WORKER),
    "invite": lambda: (_due(), st.OpenRound(site="main"), WORKER),
    "send_invitation": lambda: (
        _printed_invitation(),
        st.RecordInvited(episode="e3", proof=POSTED),
        WORKER,
    ),
    "post_invitation": lambda: (
        _printed_invitation(),
        st.RecordInvited(episode="e3", proof=POSTED),
        FRONT_DESK,
    ),
    "book_screening": lambda: (
        _begun(),
        st.BookVisit(episode="e3", starts_at=MONDAY + 9 * DAY, place="Hill", purpose=SCREENING),
        FRONT_DESK,
    ),
    "attend_screening": lambda: (_offered(1).wait(8 * DAY), SCREENED, FRONT_DESK),
    "close_not_screened": lambda: (
        _offered(2).missed(8, SCREENING),
        st.RecordNotScreened(episode="e3", proof=POSTED),
        FRONT_DESK,
    ),
    "remind": lambda: (called_back(), st.RecordReminded(episode="e1", channel=ev.Channel.TEXT), FRONT_DESK),
    "close_visit": lambda: (called_back().wait(4 * DAY), st.RecordMissed(episode="e1"), FRONT_DESK),
    "cancel_visit": lambda: (_not_needed(), st.CancelVisit(episode="e1", by_her=False), NAVIGATOR),
    # Examined and read.
    "complete_examination": lambda: _came_again(_gap()),
    "release_reading": lambda: (_held(), st.ReleaseReading(exam=X), RADIOLOGIST),
    "finalise_reading": lambda: (_read_twice(A.NEGATIVE), st.FinaliseReading(exam=X), WORKER),
    "arbitrate": lambda: (
        _read_twice(A.INCOMPLETE_IMAGING),
        st.Arbitrate(exam=X, sides=sides(A.NEGATIVE, A.NEGATIVE)),
        THIRD_READER,
    ),
    "find_owner": lambda: (_withdrawn(), st.PlaceWithdrawn(exam=X, outcome="filed where it belongs"), FRONT_DESK),
    "pass_on_incidental": _incidental,
    # Tissue.
    "get_pathology": _tissue_away,
    "decide_concordance": lambda: _weighed(Tissue.BENIGN),
    "plan_next": _undecided,
    "tell_diagnosis": _knows,
    "tell_provider_diagnosis": _doctor_knows,
    "refer": lambda: (diagnosed()[0], st.Refer(episode="e1", team=TEAM), NAVIGATOR),
    "accept_referral": _accepted,
    "confirm_first_visit": lambda: (
        _with_team().wait(6 * DAY),
        st.RecordFirstVisit(episode="e1", came=True),
        NAVIGATOR,
    ),
    "ask_treatment_end": lambda: (
        _with_team(seen=True),
        st.EndTreatment(episode="e1", next_due_on=DAY_TO_COME, why="yearly after treatment"),
        NAVIGATOR,
    ),
    # Care elsewhere, refusals, other rules.
    "write_refusal": lambda: (
        called_back().declined(),
        st.RecordRefusalWritten(episode="e1", to=ev.Addressee.HER, proof=POSTED),
        FRONT_DESK,
    ),
    "await_acknowledgement": lambda: (
        _said(st.MoveCare(episode="e1", to="Valley"), NAVIGATOR),
        st.AcknowledgeCare(episode="e1", proof="rang"),
        NAVIGATOR,
    ),
    "get_outside_result": lambda: _fetched(_said(st.ClaimOutside(episode="e1", source="Valley"), NAVIGATOR)),
    "replan": lambda: (_old_plan(), PLAN, RADIOLOGIST),
    "review_interval_cancer": _reviewed,
    "ask_care_end": _care_ended,
    "hand_over": None,  # its own stream: see test_who_may
    "resolve_message": None,  # its own stream: see test_who_may
}
OTHER_STREAMS = {"hand_over", "resolve_message"}
CLOSED_BY_OTHERS = {
    # The loops of the navigator, the desk and the software that someone else's evidence closes; they chase it.
    "attend_call_back": "technologist", "resolve_abnormal": "radiologist", "get_priors": "radiologist",
    "surveillance_visit": "technologist", "complete_examination": "technologist",
    "arrange_biopsy": "radiologist",
}  # fmt: skip


def test_every_kind_of_loop_is_closed_by_something_and_says_by_what() -> None:
    assert (
        set(CLOSINGS)
        == set(KINDS)
        == set(OPENED_BY)
        == set(CLOSED_BY)
        == set(STEPS_FOR)
        == {row.kind for row in US.rows}
    )
    assert set(KINDS) >= NEEDS_HER
    assert {kind for kind, how in CLOSINGS.items() if how is None} == OTHER_STREAMS
    assert all(STEPS_FOR.values())
    assert all(re.fullmatch(r"[A-Z][^.]*\.", sentence) for sentence in CLOSED_BY.values())


@pytest.mark.parametrize("kind", [kind for kind, how in CLOSINGS.items() if how is not None])
def test_a_loop_closes_by_a_step_of_its_owner_or_of_a_role_its_row_names(kind: str) -> None:
    how = CLOSINGS[kind]
    assert how is not None
    her, step, by = how()
    before = [x for x in her.loops if x.kind == kind]
    assert before, f"{kind} is not open: {her.kinds}"
    her.take(step, by)
    first = (kind, before[0].subject, before[0].opened_seq)
    assert first not in {(x.kind, x.subject, x.opened_seq) for x in her.loops}
    owner = before[0].owner
    mine = by.kind is ev.Kind.WORKER if owner is Role.SYSTEM else owner in by.roles
    assert mine or CLOSED_BY_OTHERS[kind] in by.roles
    assert type(step) in STEPS_FOR[kind] or isinstance(step, st.TakeExamination)


@pytest.mark.parametrize("kind", list(KINDS))
def test_staff_can_work_every_loop_and_its_owner_can_take_one_of_its_steps_or_chases_it(kind: str) -> None:
    for step in STEPS_FOR[kind]:
        assert any(may(step, actor) for actor in STAFF), step
    owners = {row.owner for row in US.rows if row.kind == kind} - {Role.SYSTEM}
    for owner in owners:
        actor = ev.Actor(ev.Kind.STAFF, "u", (owner,))
        assert any(may(step, actor) for step in STEPS_FOR[kind]) or kind in CLOSED_BY_OTHERS, (kind, owner)
