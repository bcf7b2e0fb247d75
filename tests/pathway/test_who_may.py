"""Who may take which step: every step against every role and kind of actor; and messages set aside."""

from datetime import UTC, datetime

import pytest
from msgspec import Struct

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import MAY, Refused, may
from closerlook.pathway.messages import SetAside, decide_message, fold_message, message_loops
from closerlook.pathway.programme import HandOver, decide_programme, fold_programme, programme_loops
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, Plan, ReportStatus, Sampling, Tissue
from tests.pathway.story import (
    DAY,
    EVERYONE,
    FEED,
    FRONT_DESK,
    LEFT,
    MANAGER,
    MONDAY,
    RADIOLOGIST,
    US,
    WORKER,
    called_back,
    sides,
)

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
X = "e1.x2"


def all_steps() -> set[type[st.Step]]:
    return {
        step
        for step in vars(st).values()
        if isinstance(step, type) and issubclass(step, st.Step) and step is not st.Step
    }


# ---------------------------------------------------------------- MAY


RADIOLOGISTS = {"radiologist"}
DOCTORS = {"radiologist", "clinician"}
CARERS = {"navigator", "nurse", "clinician", "radiologist"}
DESK_STAFF = CARERS | {"front_desk"}
LEADERS = {"lead", "manager"}
WHO: dict[type[st.Step], set[str]] = {
    st.Enrol: DESK_STAFF | {"feed"},
    st.TakeExamination: {"technologist", "front_desk", "radiologist", "feed"},
    st.TakeReport: {"radiologist", "front_desk", "feed"},
    st.RecordReading: RADIOLOGISTS,
    st.ConfirmAssessment: RADIOLOGISTS,
    st.PlaceReport: RADIOLOGISTS,
    st.ConfirmChange: RADIOLOGISTS,
    st.WithdrawReport: RADIOLOGISTS | LEADERS,
    st.ExplainWait: DESK_STAFF,
    st.PrepareDocument: {"worker", "front_desk"},
    st.RecordPosted: DESK_STAFF | LEADERS | {"worker"},
    st.RecordReturned: DESK_STAFF | LEADERS,
    st.TellResult: CARERS,
    st.OpenResult: {"patient", "proxy"},
    st.OpenHerPage: {"patient", "proxy"},
    st.DecideCallBack: RADIOLOGISTS,
    st.RecordContact: DESK_STAFF | LEADERS,
    st.RecordNoToday: DESK_STAFF | {"patient", "proxy"},
    st.RecordDecline: {"nurse", "clinician", "radiologist"},
    st.RecordChangedMind: DESK_STAFF | {"patient", "proxy"},
    st.RecordMovedAway: DESK_STAFF,
    st.BookVisit: DESK_STAFF,
    st.MoveVisit: DESK_STAFF,
    st.ConfirmVisit: {"patient", "proxy"},
    st.CancelVisit: DESK_STAFF,
    st.RecordMissed: DESK_STAFF | {"technologist"},
    st.RecordAttended: DESK_STAFF | {"technologist"},
    st.AssessWorkup: RADIOLOGISTS,
    st.RequestPriors: DESK_STAFF,
    st.ReceivePriors: DESK_STAFF,
    st.RecordNoPriors: DESK_STAFF,
    st.ReportSymptom: DESK_STAFF | {"technologist", "patient", "proxy"},
    st.AnswerSymptom: RADIOLOGISTS,
    st.AskForCall: DESK_STAFF | {"patient", "proxy"},
    st.RecordCallTried: DESK_STAFF,
    st.NoteBarrier: DESK_STAFF,
    st.TakeBack: DESK_STAFF,  # their own, within a minute
    st.RecordSpoken: DESK_STAFF,
    st.AskFor: DESK_STAFF | {"patient", "proxy"},
    st.RecordMet: DESK_STAFF,
    st.ConfirmLost: {"radiologist", "clinician", "lead", "manager"},
    st.ReviewPause: CARERS | LEADERS,
    st.Resume: DESK_STAFF | LEADERS,
    st.ReviewHistory: RADIOLOGISTS,
    st.AssignOwner: DESK_STAFF | LEADERS | {"worker"},
    st.Escalate: {"worker"},
    st.RecordDeath: DESK_STAFF | LEADERS,
    st.SetNextDue: DESK_STAFF | LEADERS | {"worker"},
    st.EnterInError: {"radiologist", "clinician", "lead", "manager"},
    st.OpenRound: DESK_STAFF | {"worker"},
    st.PrepareInvitation: {"worker", "front_desk"},
    st.RecordInvited: DESK_STAFF | LEADERS | {"worker"},
    st.RecordReminded: DESK_STAFF | {"worker"},
    st.RecordNotScreened: DESK_STAFF | LEADERS,
    st.DeferScreening: DESK_STAFF,
    st.EndInvitations: DESK_STAFF | LEADERS | {"worker"},
    st.ResumeInvitations: DESK_STAFF | LEADERS | {"patient"},
    st.RecordIncomplete: {"technologist", "radiologist"},
    st.AcceptExamination: RADIOLOGISTS,
    st.TakeAIRead: RADIOLOGISTS | {"feed"},
    st.DeferReading: RADIOLOGISTS,
    st.ReleaseReading: RADIOLOGISTS | LEADERS,
    st.Arbitrate: RADIOLOGISTS,
    st.FinaliseReading: RADIOLOGISTS | {"worker"},
    st.KnowPriors: DESK_STAFF | {"technologist", "patient", "proxy"},
    st.PlaceWithdrawn: RADIOLOGISTS | LEADERS | {"front_desk"},
    st.RecordIncidental: DOCTORS,
    st.PassOnIncidental: CARERS,
    st.RecordBiopsy: DOCTORS | {"technologist"},
    st.RecordNoTissue: DOCTORS,
    st.RecordNotPossible: DOCTORS,
    st.RecordPathology: DOCTORS | {"pathology_coordinator", "feed"},
    st.DecideConcordance: RADIOLOGISTS,
    st.PlanNext: RADIOLOGISTS,
    st.TellDiagnosis: DOCTORS,  # a diagnosis is told by a clinician
    st.TellProviderDiagnosis: CARERS | {"pathology_coordinator"},
    st.Refer: CARERS,
    st.RecordAccepted: CARERS,
    st.RecordFirstVisit: CARERS,
    st.EndTreatment: CARERS,
    st.RecordRefusalWritten: DESK_STAFF | LEADERS,
    st.ClaimOutside: DESK_STAFF,
    st.MoveCare: CARERS,
    st.AcknowledgeCare: CARERS,
    st.TakeCareBack: CARERS | LEADERS,
    st.TakeOutsideResult: DESK_STAFF,
    st.MoveToProtocol: LEADERS,
    st.SetWishes: DESK_STAFF | {"patient"},
    st.RecordAnatomy: DESK_STAFF | {"technologist"},
    st.RecordIntervalCancer: DOCTORS | LEADERS,
    st.ReviewIntervalCancer: RADIOLOGISTS,
    st.EndCare: CARERS,
    st.MergeInto: LEADERS,
    st.Absorb: LEADERS,
    st.Unmerge: LEADERS,
    st.BeginHandOver: LEADERS,
    st.RecordHandedOver: LEADERS | {"worker"},
    st.SetMessageAside: DESK_STAFF | LEADERS | {"feed", "worker"},
    st.FileMessage: DESK_STAFF | LEADERS | {"feed", "worker"},
    st.DiscardMessage: DESK_STAFF | LEADERS,
}
DAY_TO_COME = US.calendar.on(MONDAY + 60 * DAY)
EXAMPLES: dict[type[st.Step], st.Step] = {
    type(step): step
    for step in (
        st.Enrol(),
        st.TakeExamination(examination=st.Examination(ExaminationKind.MRI, MONDAY), site="main"),
        st.TakeReport(
            reading=ev.Reading(ReportStatus.FINAL), examination=st.Examination(ExaminationKind.MRI, MONDAY), site="main"
        ),
        st.RecordReading(exam=X, sides=sides(A.NEGATIVE, A.NEGATIVE)),
        st.ConfirmAssessment(exam=X, sides=sides(A.NEGATIVE, A.NEGATIVE)),
        st.PlaceReport(exam=X, outcome="elsewhere"),
        st.ConfirmChange(exam=X, accepted=True),
        st.WithdrawReport(exam=X, reason="not hers", examination_hers=True),
        st.ExplainWait(exam=X, hear_by_on=DAY_TO_COME),
        st.PrepareDocument(exam=X, document=ev.Document.SUMMARY, file="f"),
        st.RecordPosted(exam=X, document=ev.Document.SUMMARY, proof="posted"),
        st.RecordReturned(exam=X, reason="unknown"),
        st.TellResult(exam=X, channel=ev.Channel.PHONE),
        st.OpenResult(exam=X),
        st.OpenHerPage(),
        st.DecideCallBack(exam=X),
        st.RecordContact(episode="e1", channel=ev.Channel.PHONE, outcome=ev.Outcome.REACHED),
        st.RecordNoToday(episode="e1"),
        st.RecordDecline(episode="e1", what="pictures", review_on=DAY_TO_COME, reviewer="u1"),
        st.RecordChangedMind(episode="e1"),
        st.RecordMovedAway(episode="e1", review_on=DAY_TO_COME, reviewer="u1"),
        st.BookVisit(episode="e1", starts_at=MONDAY + 9 * DAY, place="Hill"),
        st.MoveVisit(episode="e1", starts_at=MONDAY + 9 * DAY, place="Hill"),
        st.ConfirmVisit(episode="e1"),
        st.CancelVisit(episode="e1", by_her=True),
        st.RecordMissed(episode="e1"),
        st.RecordAttended(episode="e1"),
        st.AssessWorkup(exam=X, answers=()),
        st.RequestPriors(episode="e1", source="Elsewhere"),
        st.ReceivePriors(episode="e1", source="Elsewhere"),
        st.RecordNoPriors(episode="e1", reason="lost"),
        st.ReportSymptom(episode="e1", what="lump"),
        st.AnswerSymptom(symptom="e1.y1", answer="cyst"),
        st.AskForCall(),
        st.RecordCallTried(outcome=ev.Outcome.NO_ANSWER),
        st.NoteBarrier(barrier=ev.Barrier.COST),
        st.TakeBack(seqs=(1,), reason="wrong"),
        st.RecordSpoken(channel=ev.Channel.PHONE),
        st.AskFor(what=ev.Request.COPIES),
        st.RecordMet(what=ev.Request.COPIES, proof="posted"),
        st.ConfirmLost(episode="e1", everything_tried=True, review_on=DAY_TO_COME, reviewer="u1"),
        st.ReviewPause(episode="e1", review_on=DAY_TO_COME, note="n"),
        st.Resume(episode="e1"),
        st.ReviewHistory(episode="e1", follow_up=False, note="n"),
        st.AssignOwner(episode="e1", owner="u1"),
        st.Escalate(kind="read", subject=X, opened_seq=1),
        st.RecordDeath(died_on=US.calendar.on(MONDAY)),
        st.SetNextDue(due_on=DAY_TO_COME, why="guideline"),
        st.EnterInError(seqs=(1,), reason="wrong"),
        st.OpenRound(site="main"),
        st.PrepareInvitation(episode="e1", file="f"),
        st.RecordInvited(episode="e1", proof="posted"),
        st.RecordReminded(episode="e1", channel=ev.Channel.TEXT),
        st.RecordNotScreened(episode="e1", proof="posted"),
        st.DeferScreening(episode="e1", until=DAY_TO_COME, reason="pregnant"),
        st.EndInvitations(reason=ev.EndedFor.OPTED_OUT, proof="letter"),
        st.ResumeInvitations(),
        st.RecordIncomplete(exam=X, reason="she felt faint", missing=(LEFT,)),
        st.AcceptExamination(exam=X, reason="the best to be had"),
        st.TakeAIRead(exam=X, reading=ev.Reading(ReportStatus.FINAL), system="ai"),
        st.DeferReading(exam=X, reason="older pictures", release_by="u1"),
        st.ReleaseReading(exam=X),
        st.Arbitrate(exam=X, sides=sides(A.NEGATIVE, A.NEGATIVE)),
        st.FinaliseReading(exam=X),
        st.KnowPriors(episode="e1", source="Elsewhere"),
        st.PlaceWithdrawn(exam=X, outcome="filed where it belongs"),
        st.RecordIncidental(episode="e1", what="node in the armpit"),
        st.PassOnIncidental(incidental="e1.i9", to="her doctor", proof="rang"),
        st.RecordBiopsy(finding=f"{X}.left", method=Sampling.CORE),
        st.RecordNoTissue(finding=f"{X}.left", why="a cyst, aspirated"),
        st.RecordNotPossible(finding=f"{X}.left", why="too deep", plan=Plan.EXCISION),
        st.RecordPathology(specimen="e1.t9", tissue=Tissue.BENIGN),
        st.DecideConcordance(specimen="e1.t9", concordant=True),
        st.PlanNext(finding=f"{X}.left", plan=Plan.EXCISION),
        st.TellDiagnosis(specimen="e1.t9", channel=ev.Channel.IN_PERSON),
        st.TellProviderDiagnosis(specimen="e1.t9", proof="letter"),
        st.Refer(episode="e1", team="Hill surgeons"),
        st.RecordAccepted(episode="e1", first_visit_on=DAY_TO_COME),
        st.RecordFirstVisit(episode="e1", came=True),
        st.EndTreatment(episode="e1", next_due_on=DAY_TO_COME, why="yearly"),
        st.RecordRefusalWritten(episode="e1", to=ev.Addressee.HER, proof="posted"),
        st.ClaimOutside(episode="e1", source="Elsewhere"),
        st.MoveCare(episode="e1", to="Elsewhere"),
        st.AcknowledgeCare(episode="e1", proof="letter"),
        st.TakeCareBack(episode="e1", reason="not known there"),
        st.TakeOutsideResult(
            episode="e1", source="Elsewhere", examination=st.Examination(ExaminationKind.ULTRASOUND, MONDAY)
        ),
        st.MoveToProtocol(episode="e1", reason="new rules"),
        st.SetWishes(wishes=ev.Wishes(interpreter="pl")),
        st.RecordAnatomy(anatomy=ev.Anatomy(absent=(LEFT,))),
        st.RecordIntervalCancer(found_on=US.calendar.on(MONDAY)),
        st.ReviewIntervalCancer(cancer="p1.c9", outcome="not to be seen"),
        st.EndCare(cancer="p1.c9", next_due_on=DAY_TO_COME, why="yearly"),
        st.MergeInto(survivor="p2"),
        st.Absorb(retired="p2"),
        st.Unmerge(other="p2"),
        st.BeginHandOver(leaves="u1", takes="u2", rounds=(ev.CaseloadRound("p1", "e1"),)),
        st.RecordHandedOver(patient="p1", episode="e1", settled=False),
        st.SetMessageAside(reason="unknown"),
        st.FileMessage(patient="p1"),
        st.DiscardMessage(reason="a test"),
    )
}
MESSAGE_STEPS = (st.SetMessageAside, st.FileMessage, st.DiscardMessage)
PROGRAMME_STEPS = (st.BeginHandOver, st.RecordHandedOver)


def name_of(step: type[st.Step]) -> str:
    return step.__name__


STEPS: list[type[st.Step]] = sorted(all_steps(), key=name_of)


def test_every_step_says_who_may_take_it() -> None:
    assert set(MAY) == set(WHO) == set(EXAMPLES) == all_steps()


@pytest.mark.parametrize("step", STEPS, ids=name_of)
def test_a_step_is_for_those_named_and_for_nobody_else(step: type[st.Step]) -> None:
    for actor in EVERYONE:
        names = set(actor.roles) or {str(actor.kind)}
        assert may(step, actor) is bool(names & WHO[step]), actor
        refused = _refusal(EXAMPLES[step], actor)
        assert (refused is not None and refused.startswith("Your role may not")) is not may(step, actor), (
            actor,
            refused,
        )
    assert may(step, ev.Actor(ev.Kind.SIMULATOR, "s"))


def _refusal(step: st.Step, actor: ev.Actor) -> str | None:
    try:
        if isinstance(step, MESSAGE_STEPS):
            decide_message(step, SetAside("m1"), US, actor=actor, now=NOW)
        elif isinstance(step, PROGRAMME_STEPS):
            decide_programme(step, HandOver("h1"), US, actor=actor, now=NOW)
        else:
            called_back().decide(step, actor)
    except Refused as why:
        return str(why)
    return None


def test_a_role_named_like_a_feed_opens_no_door_meant_for_one() -> None:
    assert not may(st.Escalate, ev.Actor(ev.Kind.STAFF, "u", ("worker", "feed", "patient")))
    assert not may(st.OpenResult, ev.Actor(ev.Kind.STAFF, "u", ("patient",)))


def test_a_message_step_is_refused_on_a_patients_stream_and_the_other_way_round() -> None:
    with pytest.raises(Refused, match="not for a patient's record"):
        called_back().decide(st.DiscardMessage(reason="x"), FRONT_DESK)
    with pytest.raises(Refused, match="not for a message"):
        decide_message(st.AskForCall(), SetAside("m1"), US, actor=FRONT_DESK, now=NOW)


def test_a_message_set_aside_is_owed_until_it_is_filed_or_discarded() -> None:
    for step in (st.FileMessage(patient="p1"), st.DiscardMessage(reason="another clinic's")):
        aside = decide_message(st.SetMessageAside(reason="no_birth_date"), SetAside("m1"), US, actor=FEED, now=NOW)
        state = fold_message("m1", [ev.Recorded(1, 1, NOW, US.hash, aside[0], FEED)])
        assert [loop.kind for loop in message_loops(state, US)] == ["resolve_message"]
        done = decide_message(step, state, US, actor=FRONT_DESK, now=NOW)
        records = [
            ev.Recorded(1, 1, NOW, US.hash, aside[0], FEED),
            ev.Recorded(2, 2, NOW, US.hash, done[0], FRONT_DESK),
        ]
        assert message_loops(fold_message("m1", records), US) == []


def test_a_message_with_suspicious_words_is_for_a_radiologist() -> None:
    aside = ev.MessageSetAside(occurred_at=NOW, reason="no_birth_date", suspicious_words=True)
    quiet = ev.MessageSetAside(occurred_at=NOW, reason="two_patients")
    state = fold_message("m1", [ev.Recorded(n, n, NOW, US.hash, e, FEED) for n, e in enumerate((aside, quiet), 1)])
    assert message_loops(state, US)[0].owner == "radiologist", "another reason does not hush the words"
    with pytest.raises(Refused, match="radiologist"):
        decide_message(st.DiscardMessage(reason="x"), state, US, actor=FRONT_DESK, now=NOW)
    assert decide_message(st.DiscardMessage(reason="x"), state, US, actor=RADIOLOGIST, now=NOW)


def test_suspicious_words_that_come_later_are_not_hushed() -> None:
    aside = ev.MessageSetAside(occurred_at=NOW, reason="unreadable")
    state = fold_message("m1", [ev.Recorded(1, 1, NOW, US.hash, aside, FEED)])
    grave = st.SetMessageAside(reason="unreadable", suspicious_words=True)
    assert decide_message(grave, state, US, actor=FEED, now=NOW)


def test_a_fact_of_a_patient_does_not_belong_in_a_messages_stream() -> None:
    died = ev.Died(occurred_at=NOW, died_on=NOW.date())
    with pytest.raises(ev.UnknownEvent, match="does not belong"):
        fold_message("m1", [ev.Recorded(1, 1, NOW, US.hash, died, FEED)])


# ---------------------------------------------------------------- a caseload handed over

BEGIN = st.BeginHandOver(leaves="u1", takes="u2", rounds=(ev.CaseloadRound("p1", "e1"), ev.CaseloadRound("p2", "e4")))


def handed_over(*steps: st.Step) -> HandOver:
    """A hand-over after these steps, taken one after the other."""
    log: list[ev.Recorded] = []
    for step in steps:
        facts = decide_programme(step, fold_programme("h1", log), US, actor=MANAGER, now=NOW)
        log += [ev.Recorded(len(log) + n, len(log) + 1, NOW, US.hash, e, MANAGER) for n, e in enumerate(facts, 1)]
    return fold_programme("h1", log)


def test_a_hand_over_is_owed_until_the_last_round_has_its_new_owner_or_has_ended() -> None:
    first = st.RecordHandedOver(patient="p1", episode="e1", settled=False)
    last = st.RecordHandedOver(patient="p2", episode="e4", settled=True)
    assert [(x.kind, x.about) for x in programme_loops(handed_over(BEGIN), US)] == [("hand_over", "2 rounds")]
    assert [x.about for x in programme_loops(handed_over(BEGIN, first, first), US)] == ["1 rounds"]
    assert programme_loops(handed_over(BEGIN, first, last), US) == []


def test_a_late_hand_over_is_carried_up() -> None:
    state = handed_over(BEGIN)
    escalate = st.Escalate(kind="hand_over", subject="h1", opened_seq=1)
    assert decide_programme(escalate, state, US, actor=WORKER, now=NOW) == []
    late = NOW + 12 * DAY
    (told,) = decide_programme(escalate, state, US, actor=WORKER, now=late)
    assert isinstance(told, ev.Escalated)
    assert (told.rung, told.to) == (1, "manager")


def test_a_hand_over_goes_from_one_person_to_another_and_is_about_somebody() -> None:
    one = (ev.CaseloadRound("p1", "e1"),)
    for step, why in (
        (st.BeginHandOver(leaves="u1", takes="u1", rounds=one), "from one person to another"),
        (st.BeginHandOver(leaves="u1", takes="u2", rounds=()), "nothing to hand over"),
        (st.BeginHandOver(leaves=" ", takes="u2", rounds=one), "who leaves"),
        (st.AskForCall(), "not for a caseload"),
    ):
        with pytest.raises(Refused, match=why):
            decide_programme(step, HandOver("h1"), US, actor=FRONT, now=NOW)


FRONT = ev.Actor(ev.Kind.STAFF, "u-both", ("manager", "front_desk"))


def test_a_fact_of_a_patient_does_not_belong_in_a_hand_overs_stream() -> None:
    died = ev.Died(occurred_at=NOW, died_on=NOW.date())
    with pytest.raises(ev.UnknownEvent, match="does not belong"):
        fold_programme("h1", [ev.Recorded(1, 1, NOW, US.hash, died, FEED)])


def test_steps_are_frozen_values() -> None:
    assert all(issubclass(step, Struct) and step.__struct_config__.frozen for step in all_steps())
