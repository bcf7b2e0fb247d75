"""Called back: what further pictures answer, one look or several, and what is done elsewhere."""

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, FindingKind, Laterality
from tests.courses.course import (
    BIOPSY,
    DIAGNOSTIC,
    LETTER,
    MRI,
    TOLD,
    ULTRASOUND,
    answer,
    looked_at,
    lost,
    owed,
)
from tests.pathway.story import (
    BOTH,
    CLINICIAN,
    DAY,
    FRONT_DESK,
    HERSELF,
    LEFT,
    MANAGER,
    NAVIGATOR,
    NURSE,
    RADIOLOGIST,
    RIGHT,
    TECHNOLOGIST,
    WORKER,
    Story,
    called_back,
    sides,
    to_sample,
    worked_up,
)


def test_called_back_for_an_ultrasound_and_it_was_a_cyst() -> None:
    """Something was seen in her left breast. She is rung the next day, has a visit within the week, and the ultrasound
    shows a cyst. That evening her round is settled, and the day of her next screening is to be set."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    assert {"radiologist: plan_call_back", "navigator: tell_result", "navigator: resolve_abnormal"} <= owed(her)
    her.take(st.DecideCallBack(exam=exam, sides=(LEFT,), ultrasound=True, answer_same_day=True), RADIOLOGIST)
    assert "navigator: book_call_back" in owed(her)
    her.told(exam, NAVIGATOR).posted(exam).booked(4).came(4)
    finding = her.finding
    seen = looked_at(her, ULTRASOUND, A.BENIGN, days=0)
    assert owed(her) == {"radiologist: assess_workup", "navigator: resolve_abnormal"}
    answer(her, seen, ev.FindingAnswer(finding, A.BENIGN, ev.How.BENIGN_CAUSE))
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP
    assert owed(her) == {"system: set_next_due"}


def test_the_pictures_alone_say_too_little_and_she_is_looked_at_twice() -> None:
    """The further views leave it open: an ultrasound is asked for as well. Her round goes on, with the clock it has had
    since her screening, and the ultrasound answers it."""
    her = called_back()
    late = her.loop("resolve_abnormal").late_at
    finding = her.finding
    views = looked_at(her, DIAGNOSTIC, A.INCOMPLETE_IMAGING)
    answer(her, views, ev.FindingAnswer(finding, A.INCOMPLETE_IMAGING))
    assert {"radiologist: plan_call_back", "navigator: attend_call_back"} <= owed(her)
    her.take(st.DecideCallBack(exam=views, sides=(LEFT,), also=(ULTRASOUND,)), RADIOLOGIST)
    assert her.loop("resolve_abnormal").late_at == late
    seen = looked_at(her, ULTRASOUND, A.NEGATIVE)
    answer(her, seen, ev.FindingAnswer(finding, A.NEGATIVE, ev.How.NOT_SEEN_AGAIN))
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP


def test_a_second_finding_is_added_at_the_work_up() -> None:
    """Where she was called back, nothing is to be seen again. Beside it the ultrasound shows a small mass that nobody
    had seen before. The first finding is answered; the new one owes a biopsy, and keeps her round open."""
    her = called_back()
    first = her.finding
    seen = looked_at(her, ULTRASOUND, A.SUSPICIOUS)
    mass = ev.Finding("f-new", FindingKind.MASS, LEFT, "2 o'clock", A.SUSPICIOUS)
    answer(her, seen, ev.FindingAnswer(first, A.NEGATIVE, ev.How.NOT_SEEN_AGAIN), added=(mass,))
    assert her.episode.findings[first].how is ev.How.NOT_SEEN_AGAIN
    assert [x.subject for x in her.loops if x.kind == "arrange_biopsy"] == ["f-new"]


def test_the_side_is_named_after_the_wrong_breast_was_looked_at() -> None:
    """Her report names no side. The left breast is looked at first; then the radiologist says that the right one was
    meant. Pictures of the right breast are owed now: those of the left cannot answer it."""
    her = Story()
    exam = her.examined()
    her.report(exam, her.reading((ev.SideAssessment(A.INCOMPLETE_IMAGING),)))
    her.examined(ULTRASOUND, (LEFT,), episode="e1")
    her.planned(exam, RIGHT)
    assert "navigator: attend_call_back" in owed(her)
    assert "radiologist: assess_workup" not in owed(her)


def test_two_findings_proved_to_be_one() -> None:
    """A mass and an asymmetry of the same breast were seen. The further views show that the asymmetry is the edge of
    the mass. It is answered as part of the other, which a finding of the other breast could never be."""
    her = Story()
    exam = her.examined()
    mass = ev.Finding("f-mass", FindingKind.MASS, LEFT, "2 o'clock", A.INCOMPLETE_IMAGING)
    edge = ev.Finding("f-edge", FindingKind.ASYMMETRY, LEFT, "upper outer", A.INCOMPLETE_IMAGING)
    other = ev.Finding("f-right", FindingKind.ASYMMETRY, RIGHT, "upper outer", A.INCOMPLETE_IMAGING)
    stated = sides(A.INCOMPLETE_IMAGING, A.INCOMPLETE_IMAGING)
    her.report(exam, her.reading(stated, findings=(mass, edge, other)))
    her.told(exam).posted(exam).planned(exam).booked()
    seen = looked_at(her, DIAGNOSTIC, A.BENIGN, BOTH)
    wrong = ev.FindingAnswer("f-right", A.BENIGN, ev.How.PART_OF_ANOTHER, "f-mass")
    with pytest.raises(Refused, match="same breast"):
        answer(her, seen, wrong)
    answer(
        her,
        seen,
        ev.FindingAnswer("f-mass", A.BENIGN, ev.How.BENIGN_CAUSE),
        ev.FindingAnswer("f-edge", A.BENIGN, ev.How.PART_OF_ANOTHER, "f-mass"),
        ev.FindingAnswer("f-right", A.NEGATIVE, ev.How.NOT_SEEN_AGAIN),
    )
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        (ExaminationKind.MRI, BOTH),
        (ExaminationKind.CONTRAST_MAMMOGRAPHY, BOTH),
        (ExaminationKind.CLINICAL_EXAMINATION, (LEFT,)),
        (ExaminationKind.ULTRASOUND, (LEFT,)),
    ],
)
def test_every_kind_of_second_look_can_answer(kind: ExaminationKind, seen: tuple[Laterality, ...]) -> None:
    """After views that leave it open, she is looked at by magnetic resonance, by a mammogram with contrast, by hand, or
    by a second ultrasound. Each of them answers the finding of a breast that it looked at, and settles her round."""
    her = called_back()
    finding = her.finding
    first = looked_at(her, DIAGNOSTIC, A.INCOMPLETE_IMAGING)
    answer(her, first, ev.FindingAnswer(finding, A.INCOMPLETE_IMAGING))
    her.take(st.DecideCallBack(exam=first, sides=(LEFT,), also=(kind,)), RADIOLOGIST)
    second = looked_at(her, kind, A.BENIGN, seen)
    answer(her, second, ev.FindingAnswer(finding, A.BENIGN))
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP


def test_magnetic_resonance_shows_more_and_a_second_look_by_ultrasound_finds_it() -> None:
    """Magnetic resonance shows a second spot in the same breast. An ultrasound looks for it a second time, finds it,
    and it is benign."""
    her = called_back()
    first = her.finding
    seen = looked_at(her, MRI, A.INCOMPLETE_IMAGING, BOTH)
    spot = ev.Finding("f-spot", FindingKind.MASS, LEFT, "8 o'clock", A.INCOMPLETE_IMAGING)
    answer(her, seen, ev.FindingAnswer(first, A.BENIGN), added=(spot,))
    assert "navigator: attend_call_back" in owed(her)
    her.take(st.DecideCallBack(exam=seen, sides=(LEFT,), also=(ULTRASOUND,)), RADIOLOGIST)
    again = looked_at(her, ULTRASOUND, A.BENIGN)
    answer(her, again, ev.FindingAnswer(spot.id, A.BENIGN))
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP


def test_a_cyst_was_emptied_and_no_tissue_is_needed() -> None:
    """A biopsy was advised. At her visit the needle empties a cyst, and it is gone. A radiologist says that no tissue
    is needed, and her round is settled."""
    her = to_sample()
    her.booked(4, BIOPSY)
    (finding,) = her.episode.findings
    her.wait(4 * DAY)
    her.take(st.RecordNoTissue(finding=finding, why="emptied by needle, not seen afterwards"), RADIOLOGIST)
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP
    assert owed(her) == {"system: set_next_due"}


# ---------------------------------------------------------------- coming, not coming


def test_she_missed_her_visit_and_is_reached_again() -> None:
    """She did not come. Nothing is closed by that: another visit is owed at once, and she is rung, texted and written
    to until she is reached. The day by which she must have an answer stays what it was."""
    her = called_back()
    clocks = her.loop("resolve_abnormal").late_at
    her.missed(4)
    assert {"navigator: book_call_back", "navigator: reach_her", "navigator: attend_call_back"} <= owed(her)
    her.attempted().attempted()
    reached = st.RecordContact(episode="e1", channel=ev.Channel.PHONE, outcome=ev.Outcome.REACHED)
    her.take(reached, NAVIGATOR)
    assert "navigator: reach_her" not in owed(her)
    her.booked(3)
    assert her.loop("resolve_abnormal").late_at == clocks


def test_lost_after_the_whole_ladder_and_a_second_person_and_then_she_opens_her_page() -> None:
    """Three calls, a text, a letter and a certified letter: nobody reached her, and her doctor knows. A second person,
    who did not make the last attempt, confirms that everything was tried. She is not given up: someone by name looks
    again on a day. Weeks later she opens her page, and her round goes on with its first clocks."""
    her = Story()
    her.posted(her.reported(A.INCOMPLETE_IMAGING)).climbed()
    assert "manager: confirm_lost" in owed(her)
    with pytest.raises(Refused, match="Your role"):
        lost(her, NAVIGATOR)
    late = her.loop("resolve_abnormal").late_at
    lost(her)
    assert owed(her) == {"navigator: review_pause", "radiologist: plan_call_back", "system: set_next_due"}
    her.wait(20 * DAY)
    assert her.take(st.OpenHerPage(), HERSELF) == ["Resumed"]
    assert her.loop("resolve_abnormal").late_at == late
    assert "navigator: tell_result" in owed(her)


def test_she_says_no_at_the_telephone_and_a_nurse_rings_her() -> None:
    """She tells the clerk that she will not come. A clerk takes no refusal: nothing is paused, and a nurse rings her
    the next day. They speak, and she books a visit."""
    her = called_back()
    her.take(st.CancelVisit(episode="e1", by_her=True), NAVIGATOR)
    her.take(st.RecordNoToday(episode="e1"), FRONT_DESK)
    assert {"nurse: nurse_call", "navigator: resolve_abnormal"} <= owed(her)
    step = st.RecordDecline(episode="e1", what="pictures", review_on=her.day(60), reviewer="u-navigator")
    with pytest.raises(Refused, match="Your role"):
        her.take(step, FRONT_DESK)
    her.booked(6)
    assert "nurse: nurse_call" not in owed(her)


def test_she_declines_the_work_up_and_later_changes_her_mind() -> None:
    """A nurse explains what the further pictures are for and what it means not to have them. She declines. That is
    confirmed in writing to her and to her doctor, and someone by name looks at it again in three months. After four she
    rings: her pictures are so old by then that a radiologist looks at the plan anew."""
    her = called_back()
    her.take(st.CancelVisit(episode="e1", by_her=True), NAVIGATOR)
    her.take(
        st.RecordDecline(episode="e1", what="further pictures", review_on=her.day(90), reviewer="u-navigator"), NURSE
    )
    assert owed(her) == {"front_desk: write_refusal", "navigator: review_pause", "system: set_next_due"}
    for to in ev.Addressee:
        her.take(st.RecordRefusalWritten(episode="e1", to=to, proof=LETTER), FRONT_DESK)
    assert owed(her) == {"navigator: review_pause", "system: set_next_due"}
    her.wait(95 * DAY)
    her.take(st.ReviewPause(episode="e1", review_on=her.day(90), note="rang; not now"), NAVIGATOR)
    her.wait(30 * DAY)
    assert her.take(st.RecordChangedMind(episode="e1"), HERSELF) == ["Resumed", "ChangedMind"]
    assert "radiologist: replan" in owed(her)
    her.planned("e1.x2").booked()
    assert "radiologist: replan" not in owed(her)


# ---------------------------------------------------------------- elsewhere


def test_her_care_moves_elsewhere_and_their_result_is_fetched_and_assessed() -> None:
    """She wants her further pictures near her daughter. The other unit is asked; until it says that it has her, she is
    ours and is chased by us. Then its result is fetched, and a radiologist here says what it answers."""
    her = called_back()
    finding = her.finding
    her.take(st.MoveCare(episode="e1", to="Valley breast unit"), NAVIGATOR)
    assert {"navigator: await_acknowledgement", "navigator: attend_call_back"} <= owed(her)
    her.take(st.AcknowledgeCare(episode="e1", proof=TOLD), NAVIGATOR, 2 * DAY)
    assert {"navigator: get_outside_result", "navigator: resolve_abnormal"} <= owed(her)
    assert "navigator: attend_call_back" not in owed(her)
    x = her.examination(ULTRASOUND, (LEFT,), at=her.now + 5 * DAY)
    her.wait(9 * DAY)
    her.take(st.TakeOutsideResult(episode="e1", source="Valley breast unit", examination=x), FRONT_DESK)
    assert "radiologist: assess_workup" in owed(her)
    assert her.exam.outside == "Valley breast unit"
    answer(her, her.exam.id, ev.FindingAnswer(finding, A.BENIGN))
    her.posted(her.exam.id).freed()
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP


def test_her_visit_here_is_cancelled_when_pictures_from_elsewhere_have_answered_it() -> None:
    """She has a day here in three weeks. Meanwhile the pictures are made elsewhere, and answer everything. Her visit
    here is to be cancelled: else she comes for nothing, and her time is lost to another."""
    her = called_back()
    finding = her.finding
    her.take(st.MoveVisit(episode="e1", starts_at=her.now + 20 * DAY, place="Riverside"), NAVIGATOR)
    her.take(st.ClaimOutside(episode="e1", source="Valley"), NAVIGATOR)
    x = her.examination(ULTRASOUND, (LEFT,), at=her.now + DAY)
    her.take(st.TakeOutsideResult(episode="e1", source="Valley", examination=x), FRONT_DESK, 2 * DAY)
    answer(her, her.exam.id, ev.FindingAnswer(finding, A.BENIGN))
    assert "navigator: cancel_visit" in owed(her)


def test_the_other_unit_does_not_know_her() -> None:
    """She was to go elsewhere, and there nobody knows of her. She is ours again, and owed what she was owed before."""
    her = called_back()
    before = owed(her)
    her.take(st.MoveCare(episode="e1", to="Valley breast unit"), NAVIGATOR)
    her.take(st.AcknowledgeCare(episode="e1", proof=TOLD), NAVIGATOR)
    her.take(st.TakeCareBack(episode="e1", reason="never came there"), NAVIGATOR, 20 * DAY)
    assert owed(her) == before


def test_she_says_that_it_was_done_elsewhere_and_there_is_no_document() -> None:
    """She says that she had an ultrasound elsewhere and all was well. A claim closes nothing: the document is asked
    for, and she is chased as before. There is none, and she comes to us after all."""
    her = called_back()
    before = owed(her)
    her.take(st.ClaimOutside(episode="e1", source="Valley, in May"), NAVIGATOR)
    assert owed(her) == before | {"navigator: get_outside_result"}
    her.take(st.TakeCareBack(episode="e1", reason="Valley has nothing of her"), NAVIGATOR)
    assert owed(her) == before


def test_the_outside_pictures_were_filed_before_their_document() -> None:
    """She says that it was done at Valley. Its pictures come over the feed first; then the document is here. With it
    the result has been fetched, and only its answer is still owed."""
    her = called_back()
    her.take(st.ClaimOutside(episode="e1", source="Valley"), NAVIGATOR)
    x = her.examination(ULTRASOUND, (LEFT,))
    her.take(st.TakeExamination(examination=x, site="main", episode="e1"), TECHNOLOGIST)
    her.take(st.TakeOutsideResult(episode="e1", source="Valley", examination=x), FRONT_DESK)
    assert "navigator: get_outside_result" not in owed(her)
    assert "radiologist: assess_workup" in owed(her)


def test_she_moved_away_before_her_work_up() -> None:
    """She has moved to another country. Her round is paused, not settled, and someone by name finds out on a day who
    looks after her there."""
    her = called_back()
    her.take(st.CancelVisit(episode="e1", by_her=True), NAVIGATOR)
    her.take(st.RecordMovedAway(episode="e1", review_on=her.day(30), reviewer="u-navigator"), NAVIGATOR)
    assert her.loop("review_pause").assignee == "u-navigator"
    assert her.outcome is None
    her.take(st.EndInvitations(reason=ev.EndedFor.MOVED_AWAY, proof="letter to the new address"), FRONT_DESK)
    assert owed(her) == {"navigator: review_pause"}


# ---------------------------------------------------------------- beside the breast, and what she tells


def test_a_node_in_her_armpit_is_passed_on() -> None:
    """Her breasts are normal. The radiologist sees an enlarged node in the armpit, which is for her doctor to look
    into. Her round stays open until someone has said that they look after it."""
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.take(st.RecordIncidental(episode="e1", what="enlarged node in the left armpit"), RADIOLOGIST)
    her.posted(exam)
    assert owed(her) == {"navigator: pass_on_incidental"}
    name = her.loop("pass_on_incidental").subject
    her.take(st.PassOnIncidental(incidental=name, to="her doctor", proof=TOLD), NAVIGATOR)
    assert her.outcome is ev.SettledAs.NORMAL


def test_something_is_seen_after_her_round_was_settled() -> None:
    """A second look at old pictures shows calcium in an artery. Her round was settled; it opens for this, and closes
    again once it is passed on."""
    her = Story()
    her.posted(her.reported(A.NEGATIVE)).wait(30 * DAY)
    assert her.take(st.RecordIncidental(episode="e1", what="calcium in an artery"), CLINICIAN)[-1] == "Reopened"
    (name,) = her.episode.incidentals
    her.take(st.PassOnIncidental(incidental=name, to="her doctor", proof=TOLD), NAVIGATOR)
    assert her.outcome is ev.SettledAs.NORMAL


def test_she_tells_of_a_lump_at_her_screening() -> None:
    """At her screening she tells the technologist of a lump. Her mammogram is normal. That does not answer the lump: a
    radiologist has to, and an ultrasound is made for it."""
    her = Story()
    exam = her.examined()
    her.take(st.ReportSymptom(episode="e1", what="lump", side=LEFT), TECHNOLOGIST)
    her.take(st.RecordReading(exam=exam, sides=sides(A.NEGATIVE, A.NEGATIVE)), RADIOLOGIST)
    her.posted(exam)
    assert owed(her) == {"radiologist: answer_symptom"}
    seen = her.reported(A.BENIGN, None, kind=ULTRASOUND, looked_at=(LEFT,), episode="e1")
    her.posted(seen)
    assert owed(her) == {"radiologist: answer_symptom"}
    (lump,) = her.episode.symptoms
    her.take(st.AnswerSymptom(symptom=lump, answer="a lipoma, seen at ultrasound"), RADIOLOGIST)
    assert her.outcome is ev.SettledAs.NORMAL


def test_a_three_at_screening_asks_for_the_work_up_and_never_for_a_six_month_wait() -> None:
    """The screening report says "probably benign". That is not for a screening to say: its reader is asked for the
    work-up, and only after that may she be watched."""
    her = Story()
    exam = her.reported(A.PROBABLY_BENIGN)
    assert "radiologist: complete_assessment" in owed(her)
    assert her.patient.dated == {}
    her.told(exam).posted(exam).planned(exam).booked()
    finding = her.finding
    seen = looked_at(her, DIAGNOSTIC, A.PROBABLY_BENIGN)
    answer(her, seen, ev.FindingAnswer(finding, A.PROBABLY_BENIGN))
    assert her.outcome is ev.SettledAs.SURVEILLANCE


def test_what_is_late_is_carried_up_until_it_is_done() -> None:
    """Nobody has planned her call-back by the second day. Her navigator's lead hears of it, then the manager, and so on
    each working day until the plan is made."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    heard = []
    for _ in range(3):
        her.wait(4 * DAY)
        late = her.loop("plan_call_back")
        her.take(
            st.Escalate(kind=late.kind, subject=late.subject, opened_seq=late.opened_seq, episode=late.episode), WORKER
        )
        heard.append(her.loop("plan_call_back").escalated_to)
    assert heard == ["lead", "manager", "manager"]
    her.planned(exam)
    assert "radiologist: plan_call_back" not in owed(her)


def test_her_round_has_a_name_who_looks_after_it() -> None:
    """A navigator takes her on by name, with a cover for holidays. Everything owed in her round is on that list; when
    the navigator leaves, her round goes to the one who takes over, and so does the pause that was to be looked at
    again."""
    her = worked_up(A.BENIGN)
    her.take(st.AssignOwner(episode="e1", owner="u-anna", cover="u-berta"), MANAGER)
    assert {(x.assignee, x.cover) for x in her.loops if x.episode == "e1"} == {("u-anna", "u-berta")}
    her.take(st.RecordDecline(episode="e1", what="more", review_on=her.day(60), reviewer="u-anna"), CLINICIAN)
    her.take(st.AssignOwner(episode="e1", owner="u-clara", leaves="u-anna"), MANAGER)
    assert {x.assignee for x in her.loops if x.episode == "e1"} == {"u-clara"}
