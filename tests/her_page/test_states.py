"""Every state that the pathway can reach has words on her page, and no word comes too soon."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import Finding, FindingAnswer, ReportAmended
from closerlook.pathway.terms import (
    Assessment,
    Density,
    ExaminationKind,
    FindingKind,
    NeedsPerson,
    Plan,
    Recommendation,
    ReportStatus,
    Tissue,
)
from closerlook.portal.parts import State
from tests.her_page.reading import COMFORT, GRAVE, THIRD_PERSON, TISSUE, page, said
from tests.letters.story import HERSELF, LEFT, RIGHT, UNDER, Story

A = Assessment
DIAGNOSTIC = ExaminationKind.DIAGNOSTIC
# ---------------------------------------------------------------- a story for every state


def withdrawn(story: Story, *, hers: bool) -> Story:
    story.report(A.NEGATIVE).sent()
    return story.take(st.WithdrawReport(exam=story.exam.id, reason="another's", examination_hers=hers))


def graver_answer(*, opened: bool = True) -> Story:
    story = Story().called_back(ultrasound=True)
    story.report((LEFT, A.BENIGN), kind=DIAGNOSTIC, accession="S|2", same_round=True, exam_sides=(LEFT,))
    if opened:
        story.opened()
    finding = story.episode.open_findings()[0]
    return story.take(st.AssessWorkup(exam=story.exam.id, answers=(FindingAnswer(finding.id, A.SUSPICIOUS),)))


def graver_than_what_stands() -> Story:
    """The reading that carried the graver answer was entered in error; the answer itself was not."""
    story = graver_answer(opened=False)
    amended = next(r.seq for r in story.log if isinstance(r.event, ReportAmended))
    return story.take(st.EnterInError(seqs=(amended,), reason="signed twice"))


def came(story: Story) -> Story:
    return story.take(st.RecordAttended(episode=story.episode.id), wait=timedelta(days=3))


def missed(story: Story) -> Story:
    return story.take(st.RecordMissed(episode=story.episode.id), wait=timedelta(days=4))


def said_no(story: Story) -> Story:
    return story.take(st.RecordNoToday(episode=story.episode.id))


def symptom_after_sign_off() -> Story:
    story = withdrawn(Story(), hers=False)
    story.told()
    return story.take(st.ReportSymptom(episode=story.episode.id, what="lump"))


def died(story: Story) -> Story:
    return story.take(st.RecordDeath(died_on=story.now.date()))


def planned() -> Story:
    return Story().called_back(reasons=(FindingKind.MASS,), ultrasound=True)


def cancer_told() -> Story:
    return Story().sampled().pathology(Tissue.MALIGNANT).weighed().diagnosis_told()


def referred(days: int = 5) -> Story:
    story = cancer_told()
    story.take(st.Refer(episode=story.episode.id, team="Hill Street surgeons"))
    return story.take(st.RecordAccepted(episode=story.episode.id, first_visit_on=story.day(days)))


def team_missed() -> Story:
    story = referred()
    return story.take(st.RecordFirstVisit(episode=story.episode.id, came=False), wait=timedelta(days=6))


def in_treatment() -> Story:
    story = referred()
    return story.take(st.RecordFirstVisit(episode=story.episode.id, came=True), wait=timedelta(days=6))


def treated() -> Story:
    story = in_treatment()
    return story.take(st.EndTreatment(episode=story.episode.id, next_due_on=story.day(200), why="after treatment"))


def planned_after(tissue: Tissue, plan: Plan, *, fits: bool = True) -> Story:
    story = Story().sampled().pathology(tissue)
    if tissue is not Tissue.INSUFFICIENT:
        story.weighed(fits=fits)
    story.diagnosis_told()
    finding = list(story.episode.findings)[-1]
    return story.take(st.PlanNext(finding=finding, plan=plan, conference=("dr-1", "dr-2")))


def no_tissue() -> Story:
    story = Story().to_sample()
    finding = list(story.episode.findings)[-1]
    return story.take(st.RecordNoTissue(finding=finding, why="a cyst, emptied"))


def not_possible() -> Story:
    story = Story().to_sample()
    finding = list(story.episode.findings)[-1]
    return story.take(st.RecordNotPossible(finding=finding, why="too deep", plan=Plan.MORE_IMAGING))


def two_findings() -> Story:
    """One place is cancer and told, tissue of the other is still away."""
    story = Story().called_back(ultrasound=True).told().sent()
    story.report((LEFT, A.SUSPICIOUS), kind=DIAGNOSTIC, accession="S|2", same_round=True, exam_sides=(LEFT,))
    other = Finding("f-other", FindingKind.MASS, LEFT, "6 o'clock", A.SUSPICIOUS)
    waiting = story.episode.open_findings()
    answers = tuple(FindingAnswer(f.id, A.SUSPICIOUS) for f in waiting)
    story.take(st.AssessWorkup(exam=story.exam.id, answers=answers, added=(other,))).told().sent()
    story.sampled().pathology(Tissue.MALIGNANT).weighed().diagnosis_told()
    return story.sampled()


def technical() -> Story:
    blurred = Finding("f-blur", FindingKind.TECHNICAL, LEFT, "MLO", A.INCOMPLETE_IMAGING)
    story = Story().report((LEFT, A.INCOMPLETE_IMAGING), (RIGHT, A.NEGATIVE), findings=(blurred,))
    return story.take(st.DecideCallBack(exam=story.exam.id, sides=(LEFT,), views=("MLO",), technical=True))


def incomplete(*, read: bool = False) -> Story:
    story = Story().examined()
    exam = story.exam.id
    story.take(st.RecordIncomplete(exam=exam, reason="she felt faint", missing=(LEFT,)))
    if read:
        both = (ev.SideAssessment(A.NEGATIVE, LEFT), ev.SideAssessment(A.NEGATIVE, RIGHT))
        story.take(st.RecordReading(exam=exam, sides=both))
    return story


def held() -> Story:
    story = Story().examined()
    return story.take(st.DeferReading(exam=story.exam.id, reason="older pictures", release_by="u3"))


def moved(*, acknowledged: bool = True) -> Story:
    story = planned()
    story.take(st.MoveCare(episode=story.episode.id, to="Lakeside Center"))
    if acknowledged:
        story.take(st.AcknowledgeCare(episode=story.episode.id, proof="their letter"))
    return story


def claimed() -> Story:
    story = planned()
    return story.take(st.ClaimOutside(episode=story.episode.id, source="Lakeside Imaging"))


def wished(assessment: Assessment) -> Story:
    story = Story().examined()
    story.take(st.SetWishes(wishes=ev.Wishes(tell_first_until=story.day(10))), by=HERSELF)
    sides = (ev.SideAssessment(assessment, LEFT), ev.SideAssessment(A.NEGATIVE, RIGHT))
    return story.take(st.RecordReading(exam=story.exam.id, sides=sides))


def not_screened() -> Story:
    story = Story().invited()
    for _ in range(2):
        story.visit(SCREENING).missed(SCREENING)
    return story.take(st.RecordNotScreened(episode=story.episode.id, proof="posted"))


def put_off(*, booked: bool = False) -> Story:
    story = Story().invited()
    if booked:
        story.visit(SCREENING, 14)
    return story.take(st.DeferScreening(episode=story.episode.id, until=story.day(200), reason="pregnant"))


def ended(reason: ev.EndedFor) -> Story:
    story = Story().invited()
    return story.take(st.EndInvitations(reason=reason, proof="posted"))


def watched_and_invited() -> Story:
    story = Story().sampled().pathology(Tissue.BENIGN).weighed(follow_up=Plan.SHORT_INTERVAL).diagnosis_told()
    return story.invited(next(iter(story.patient.dated)))


def found_elsewhere() -> Story:
    story = Story().report(A.NEGATIVE).sent()
    return story.take(st.RecordIntervalCancer(found_on=story.now.date(), side=LEFT))


def screening_came() -> Story:
    story = Story().invited().visit(SCREENING)
    return story.take(st.RecordAttended(episode=story.episode.id, purpose=SCREENING), wait=timedelta(days=3))


def merged() -> Story:
    return Story().take(st.Enrol()).take(st.MergeInto(survivor="p9"))


SCREENING, BIOPSY, RESULTS = ev.Purpose.SCREENING, ev.Purpose.BIOPSY, ev.Purpose.RESULTS
UNTOLD: tuple[Callable[[], Story], ...] = (
    lambda: Story().sampled(),
    *(lambda tissue=tissue: Story().sampled().pathology(tissue) for tissue in Tissue),
    *(
        lambda tissue=tissue, fits=fits: Story().sampled().pathology(tissue).weighed(fits=fits)
        for tissue in Tissue
        if tissue is not Tissue.INSUFFICIENT
        for fits in (True, False)
    ),
    lambda: Story().sampled().pathology(Tissue.BENIGN).visit(RESULTS),
)
"""Tissue was taken; whatever it showed, and whatever was said of it among doctors, nobody has told her."""
STORIES: dict[State, tuple[Callable[[], Story], ...]] = {
    State.TAKEN_BACK: (lambda: withdrawn(Story(), hers=True), lambda: withdrawn(Story(), hers=False)),
    State.READY: (
        lambda: planned().worked_up((LEFT, A.BENIGN)),
        lambda: planned().worked_up((LEFT, A.PROBABLY_BENIGN)),
        lambda: planned().worked_up((LEFT, A.SUSPICIOUS)),
        lambda: Story().report(A.HIGHLY_SUGGESTIVE),
        lambda: Story().report(A.KNOWN_MALIGNANCY),
        lambda: Story().report(A.POST_PROCEDURE_MARKER, kind=ExaminationKind.MARKER),
        lambda: Story().report(A.NEGATIVE, recommendation=Recommendation.BIOPSY),
    ),
    State.TALK_FIRST: (
        graver_than_what_stands,
        lambda: wished(A.SUSPICIOUS),
        lambda: wished(A.INCOMPLETE_IMAGING),
        lambda: Story().sampled().pathology(Tissue.BENIGN).weighed().diagnosis_told().pathology(Tissue.MALIGNANT),
        lambda: cancer_told().pathology(Tissue.BENIGN),
    ),
    State.CANCER: (cancer_told, referred, team_missed, two_findings),
    State.IN_CARE: (in_treatment, treated, found_elsewhere),
    State.SAMPLE_AGAIN: (
        lambda: planned_after(Tissue.INSUFFICIENT, Plan.REPEAT_BIOPSY),
        lambda: planned_after(Tissue.BENIGN, Plan.EXCISION, fits=False),
        lambda: planned_after(Tissue.SUSPICIOUS_TISSUE, Plan.EXCISION).visit(BIOPSY),
    ),
    State.TISSUE_OPEN: (
        lambda: Story().sampled().pathology(Tissue.BENIGN).weighed(fits=False).diagnosis_told(),
        lambda: Story().sampled().pathology(Tissue.HIGH_RISK).weighed().diagnosis_told(),
        lambda: Story().sampled().pathology(Tissue.INSUFFICIENT).diagnosis_told(),
        lambda: Story().sampled().pathology(Tissue.SUSPICIOUS_TISSUE).weighed().diagnosis_told(),
    ),
    State.TISSUE_WAITING: UNTOLD,
    State.TISSUE_ANSWERED: (
        lambda: Story().sampled().pathology(Tissue.BENIGN).weighed().diagnosis_told(),
        lambda: Story().sampled().pathology(Tissue.BENIGN).weighed(follow_up=Plan.SHORT_INTERVAL).diagnosis_told(),
        lambda: planned_after(Tissue.HIGH_RISK, Plan.SHORT_INTERVAL).diagnosis_told(),
        lambda: planned_after(Tissue.NORMAL_TISSUE, Plan.ROUTINE, fits=False).diagnosis_told(),
    ),
    State.NO_SAMPLE: (no_tissue,),
    State.ELSEWHERE: (moved,),
    State.INCOMPLETE: (incomplete, lambda: incomplete(read=True), lambda: incomplete().visit(SCREENING)),
    State.HELD: (held,),
    State.INVITED: (lambda: Story().invited(), watched_and_invited),
    State.SCREENING_BOOKED: (lambda: Story().invited().visit(SCREENING),),
    State.SCREENING_PAST: (
        lambda: Story().invited().visit(SCREENING, 0.1).take(st.AskForCall(), wait=timedelta(days=1)),
    ),
    State.SCREENING_MISSED: (lambda: Story().invited().visit(SCREENING).missed(SCREENING),),
    State.SCREENING_CAME: (screening_came,),
    State.NOT_SCREENED: (not_screened,),
    State.PUT_OFF: (put_off, lambda: put_off(booked=True)),
    State.NOT_INVITED: tuple(partial(ended, reason) for reason in ev.EndedFor),
    State.MOVED: (merged,),
    State.SAMPLE: (
        lambda: planned().worked_up((LEFT, A.SUSPICIOUS)).told(),
        lambda: planned().worked_up((LEFT, A.HIGHLY_SUGGESTIVE)).opened(),
        lambda: Story().report((LEFT, A.SUSPICIOUS), (RIGHT, A.INCOMPLETE_IMAGING)).told(),
        lambda: Story().report(A.NEGATIVE, recommendation=Recommendation.BIOPSY).opened(),
        lambda: Story().to_sample().visit(BIOPSY),
        lambda: Story().to_sample().visit(BIOPSY).missed(BIOPSY),
    ),
    State.PAUSED: (
        lambda: planned().paused("declined"),
        lambda: planned().paused("moved"),
        lambda: planned().sent().lost(),
    ),
    State.TO_PLAN: (
        lambda: Story().called_back(),
        lambda: Story().report((LEFT, A.PROBABLY_BENIGN)).opened(),
        not_possible,
        lambda: Story().report((None, A.INCOMPLETE_IMAGING)),
    ),
    State.TO_BOOK: (planned, technical, claimed, lambda: moved(acknowledged=False)),
    State.MISSED: (lambda: missed(planned().booked()),),
    State.BOOKED: (lambda: planned().booked(),),
    State.VISIT_PAST: (lambda: planned().booked(days=0.05).take(st.AskForCall(), wait=timedelta(days=1)),),
    State.SAID_NO: (lambda: said_no(planned()),),
    State.CAME: (lambda: came(planned().booked()),),
    State.EXAMINED: (lambda: planned().examined(DIAGNOSTIC, sides=(LEFT,)),),
    State.OLDER_PICTURES: (lambda: Story().report(A.INCOMPLETE_PRIORS),),
    State.SYMPTOM: (symptom_after_sign_off,),
    State.WAITING: (
        lambda: Story().examined(),
        lambda: Story().report(A.SUSPICIOUS, status=ReportStatus.PRELIMINARY),
        lambda: Story().report(A.SUSPICIOUS, needs_person=(NeedsPerson.ONLY_IN_PROSE,)),
        lambda: Story().report(needs_person=(NeedsPerson.NO_CATEGORY,), suspicious_words=True),
    ),
    State.KNOWN: (
        lambda: Story().report(A.KNOWN_MALIGNANCY).opened(),
        lambda: Story().report(A.POST_PROCEDURE_MARKER, kind=ExaminationKind.MARKER).opened(),
    ),
    State.CHECK_LATER: (lambda: planned().worked_up((LEFT, A.PROBABLY_BENIGN)).told(),),
    State.ADVISED: (lambda: Story().report(A.BENIGN, recommendation=Recommendation.PRIORS),),
    State.NORMAL: (
        lambda: Story().report(A.NEGATIVE),
        lambda: Story().report(A.BENIGN, density=Density.D).sent(),
        lambda: planned().worked_up((LEFT, A.BENIGN)).opened(),
        lambda: Story().report(A.NEGATIVE, kind=ExaminationKind.OUTSIDE_REVIEW),
    ),
    State.HISTORY: (lambda: Story().report(A.INCOMPLETE_IMAGING, history=True),),
    State.NOTHING_YET: (Story, lambda: Story().take(st.Enrol())),
    State.CLOSED: (lambda: died(planned().booked()),),
}


def test_there_is_a_story_for_every_state() -> None:
    assert set(STORIES) == set(State)


@pytest.mark.parametrize(("state", "tell"), [(state, tell) for state, told in STORIES.items() for tell in told])
def test_every_state_has_words(state: State, tell: Callable[[], Story]) -> None:
    story = tell()
    found = page(story, coded=True)
    assert found.main.state is state
    assert found.main.heading
    assert found.contact.phone == "555 0100"
    if state is not State.CLOSED:
        assert found.main.lead
    assert not THIRD_PERSON.search(said(found)), said(found)


@pytest.mark.parametrize("protocol", ["uk", "eu"])
@pytest.mark.parametrize("state", STORIES, ids=lambda state: state.value)
def test_every_state_has_words_under_other_rules(state: State, protocol: str) -> None:
    """The same stories where two read and other clocks run: whatever state that leads to, the page has its words."""
    under = UNDER.set(protocol)
    try:
        for tell in STORIES[state]:
            try:
                story = tell()
            except Refused:
                continue  # these rules do not let it happen
            for coded in (True, False):
                found = page(story, coded=coded)
                assert found.main.heading
                assert found.main.lead or found.closed
                assert not THIRD_PERSON.search(said(found)), said(found)
    finally:
        UNDER.reset(under)


def test_who_has_died_is_not_spoken_of() -> None:
    found = page(died(planned().booked()), coded=True)
    assert found.closed
    assert said(found.main).strip() == "This page is closed."
    assert not found.dates
    assert not found.earlier


# ---------------------------------------------------------------- the first minute of being asked back


def test_the_first_minute_says_all_of_it_in_order() -> None:
    story = Story().called_back(reasons=(FindingKind.CALCIFICATIONS,), views=("magnification",), answer_same_day=True)
    main = page(story.booked()).main
    assert main.heading == "You have been asked back for more pictures of your left breast."
    assert main.lead == ("This is not a diagnosis.",)
    assert main.why == ("Why: small calcium specks that need a magnified view.",)
    assert main.visit is not None
    assert main.visit.when == "Thursday 5 November, 13:00"
    assert main.visit.where == "Riverside Clinic, 2nd floor"
    assert main.visit.can_confirm
    assert main.after_visit == ("You will know the result before you leave.",)
    assert main.reassuring == (
        "Most women who are asked back do not have cancer.",
        "You may bring someone with you.",
    )
    assert [mark.words_for_her for mark in main.marks] == ["your left breast"]
    assert any("Magnified" in sentence for section in main.sections for sentence in section.sentences)


def test_a_man_is_not_told_about_women() -> None:
    assert "women" not in said(page(planned(), man=True))


def test_a_place_in_the_readers_words_is_marked_and_one_not_understood_rings_the_breast() -> None:
    places = {"2 o'clock": (2, None), "upper outer quadrant": (None, "upper_outer"), "somewhere": (None, "whole")}
    for words, (clock, place) in places.items():
        finding = Finding("f1", FindingKind.MASS, LEFT, words, A.INCOMPLETE_IMAGING)
        mark = page(Story().report((LEFT, A.INCOMPLETE_IMAGING), findings=(finding,))).main.marks[0]
        assert mark.clock == clock
        assert place is None or mark.place == place


def test_a_missed_visit_is_nobodys_fault() -> None:
    words = said(page(missed(planned().booked())))
    assert "did not work out" in words
    assert not re.search(r"fail|fault|did not come|no.show", words)


def test_her_visit_is_shown_even_while_a_result_waits_for_its_code() -> None:
    story = planned().worked_up((LEFT, A.INCOMPLETE_IMAGING))
    story.take(st.DecideCallBack(exam=story.exam.id)).booked()
    main = page(story).main
    assert main.state is State.READY
    assert main.visit is not None


# ---------------------------------------------------------------- waiting


def test_she_knows_by_when_she_hears_and_after_that_day_it_is_ours_to_explain() -> None:
    story = Story().examined()
    assert "You should hear from us by Monday 9 November." in said(page(story))
    late = said(page(story, later=timedelta(days=9)))
    assert "You should have heard from us by Monday 9 November. We are sorry." in late


def test_nothing_preliminary_or_unconfirmed_is_told() -> None:
    for tell in STORIES[State.WAITING]:
        for coded in (False, True):
            words = said(page(tell(), coded=coded))
            assert not GRAVE.search(words)
            assert "cancer" not in words


# ---------------------------------------------------------------- what waits behind the code


def test_every_result_after_the_first_asking_back_waits_in_the_same_words() -> None:
    locked = {said(page(tell())) for tell in STORIES[State.READY]}
    assert len(locked) == 1, "words that differ tell the result"
    choosing = {said(page(tell(), coded=True)) for tell in STORIES[State.READY]}
    assert len(choosing) == 1
    assert not GRAVE.search(locked.pop() + choosing.pop())


def test_what_was_opened_with_a_code_is_closed_again_without_one() -> None:
    for state in (State.SAMPLE, State.CHECK_LATER, State.KNOWN):
        for tell in STORIES[state]:
            found = page(tell(), coded=False)
            assert found.main.state is State.READY
            assert found.needs_code
            assert not GRAVE.search(said(found))


def test_a_result_she_opened_herself_brings_a_call() -> None:
    words = said(page(planned().worked_up((LEFT, A.SUSPICIOUS)).opened(), coded=True))
    assert "A doctor or nurse rings you within two working hours." in words
    assert "rings you within" not in said(page(planned().worked_up((LEFT, A.SUSPICIOUS)).opened().told(), coded=True))


def test_nothing_comforts_where_a_sample_is_advised() -> None:
    for tell in STORIES[State.SAMPLE]:
        assert not COMFORT.search(said(page(tell(), coded=True)))


def test_a_graver_answer_than_the_report_is_never_read_first_on_a_page() -> None:
    for coded in (False, True):
        found = page(graver_answer(), coded=coded)
        assert found.main.state is State.READY
        assert not GRAVE.search(said(found))
        assert not COMFORT.search(said(found))


# ---------------------------------------------------------------- what was wrong


def test_a_withdrawn_report_is_gone_at_once() -> None:
    for hers in (True, False):
        words = said(page(withdrawn(Story(), hers=hers), coded=True))
        assert "no sign of cancer" not in words
        assert "What we told you before was wrong." in words


def test_an_amended_result_says_that_the_earlier_letter_was_wrong_and_shows_the_right_one() -> None:
    story = Story().report(A.NEGATIVE).sent()
    story.report((LEFT, A.INCOMPLETE_IMAGING), (RIGHT, A.NEGATIVE))
    main = page(story).main
    assert "The earlier letter was wrong" in main.corrects[0]
    assert main.heading == "You have been asked back for more pictures of your left breast."
    assert page(story.told()).main.corrects == ()


def test_an_amendment_to_a_grave_result_shows_nothing_before_she_chooses() -> None:
    story = Story().report(A.NEGATIVE).sent().report((LEFT, A.SUSPICIOUS), (RIGHT, A.NEGATIVE))
    for coded in (False, True):
        words = said(page(story, coded=coded))
        assert not GRAVE.search(words)
        assert "no sign of cancer" not in words


# ---------------------------------------------------------------- days ahead, and what is over


def test_the_days_ahead_are_told_when_she_is_at_rest() -> None:
    story = Story().report(A.NEGATIVE).sent()
    story.take(st.SetNextDue(due_on=date(2027, 11, 2), why="yearly"))
    assert page(story).dates == ("Your next screening is due on Tuesday 2 November 2027.",)
    assert "was due" in page(story, later=timedelta(days=400)).dates[0]


def test_the_next_check_is_told_behind_the_code_alone() -> None:
    story = planned().worked_up((LEFT, A.PROBABLY_BENIGN)).told().sent()
    first = next(iter(story.episode.exams.values())).id
    story.take(st.TellResult(exam=first, channel=ev.Channel.PHONE))
    for document in ev.Document:
        story.take(st.PrepareDocument(exam=first, document=document, file="f"))
        story.take(st.RecordPosted(exam=first, document=document, proof="posted"))
    assert story.episode.settled is not None
    assert "Your next check is due on" in " ".join(page(story, coded=True).dates)
    assert "check" not in said(page(story))


def test_an_earlier_round_stands_under_the_present_one() -> None:
    story = Story().report(A.NEGATIVE).sent()
    story.report((LEFT, A.INCOMPLETE_IMAGING), accession="S|9")
    found = page(story)
    assert found.main.state is State.TO_PLAN
    assert found.earlier[0].results == ("We saw no sign of cancer in your breasts.",)


def test_two_open_rounds_stand_side_by_side_the_more_urgent_first() -> None:
    story = Story().report(A.NEGATIVE).report((LEFT, A.INCOMPLETE_IMAGING), accession="S|9")
    found = page(story)
    assert found.main.state is State.TO_PLAN
    assert [part.state for part in found.also] == [State.NORMAL]


# ---------------------------------------------------------------- tissue


def test_nothing_names_what_tissue_showed_before_someone_told_her() -> None:
    for tell in (*UNTOLD, *STORIES[State.TALK_FIRST]):
        for coded in (False, True):
            words = said(page(tell(), coded=coded))
            assert not TISSUE.search(words), words
            assert "cancer" not in words.replace("No picture of the breast can rule out cancer", ""), words


def test_the_words_of_waiting_are_the_same_whatever_the_pathologist_wrote() -> None:
    reported = [tell for tell in UNTOLD if any(s.tissue for s in tell().episode.specimens.values())]
    words = {said(page(tell(), coded=True)) for tell in reported if not tell().episode.visits}
    assert len(words) == 1, words


def test_a_day_for_the_answer_is_one_that_somebody_owes() -> None:
    story = Story().sampled()
    assert "We expect the answer from the laboratory by " in said(page(story, coded=True))
    assert "We are sorry" in said(page(story, coded=True, later=timedelta(days=20)))
    assert "laboratory" not in said(page(story.pathology(Tissue.BENIGN), coded=True))


def test_all_about_tissue_stands_behind_the_code() -> None:
    for state in (State.CANCER, State.SAMPLE_AGAIN, State.TISSUE_OPEN, State.TISSUE_WAITING, State.TISSUE_ANSWERED):
        for tell in STORIES[state]:
            found = page(tell())
            assert found.main.state is State.READY
            assert not GRAVE.search(said(found))
            assert "cancer" not in said(found)


def test_nothing_comforts_where_tissue_has_no_calm_answer() -> None:
    for state in (State.CANCER, State.SAMPLE_AGAIN, State.TISSUE_OPEN, State.TISSUE_WAITING):
        for tell in STORIES[state]:
            assert not COMFORT.search(said(page(tell(), coded=True)))
    assert not COMFORT.search(said(page(not_possible(), coded=True)))


def test_her_way_to_a_care_team_has_its_day_and_no_blame() -> None:
    assert "Your care team expects you on" in said(page(referred(), coded=True))
    words = said(page(team_missed(), coded=True))
    assert "did not work out" in words
    assert "Hill Street surgeons" in words
    assert "still being" not in words
    assert "Another place" not in words
    beside = said(page(two_findings(), coded=True))
    assert "The tissue that is being looked at" in beside


def test_who_is_treated_reads_nothing_of_her_next_screening() -> None:
    for tell in (in_treatment, found_elsewhere):
        for coded in (False, True):
            assert "next screening" not in said(page(tell(), coded=coded))


def test_a_repeat_for_technical_reasons_is_no_finding() -> None:
    words = said(page(technical()))
    assert "They were not clear enough to read." in words
    assert "do not have cancer" not in words
    assert "diagnosis" not in words


def test_a_visit_that_nothing_asks_for_is_called_off_on_her_page() -> None:
    words = said(page(put_off(booked=True)))
    assert "You do not need to come to your visit on" in words


def test_that_a_check_is_due_is_told_behind_the_code_alone() -> None:
    story = watched_and_invited()
    assert page(story).main.heading == "It is time for your next pictures."
    assert page(story, coded=True).main.heading.startswith("It is time for the check of your breast")
    assert "tissue" not in said(page(story))


def test_her_own_wish_holds_a_result_back_until_its_day() -> None:
    for assessment in (A.SUSPICIOUS, A.INCOMPLETE_IMAGING):
        story = wished(assessment)
        assert "You asked us to tell you ourselves" in said(page(story, coded=True))
        assert page(story, coded=True, later=timedelta(days=20)).main.state is not State.TALK_FIRST
        assert page(story.told(), coded=True).main.state is not State.TALK_FIRST
    assert page(wished(A.NEGATIVE)).main.state is State.NORMAL
