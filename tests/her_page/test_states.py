"""Every state that the pathway can reach has words on her page, and no word comes too soon."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.events import Finding, FindingAnswer, ReportAmended
from closerlook.pathway.terms import (
    Assessment,
    Density,
    ExaminationKind,
    FindingKind,
    NeedsPerson,
    Recommendation,
    ReportStatus,
)
from closerlook.portal.parts import State
from tests.her_page.reading import COMFORT, GRAVE, THIRD_PERSON, page, said
from tests.letters.story import LEFT, RIGHT, Story

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
    State.TALK_FIRST: (graver_than_what_stands,),
    State.SAMPLE: (
        lambda: planned().worked_up((LEFT, A.SUSPICIOUS)).told(),
        lambda: planned().worked_up((LEFT, A.HIGHLY_SUGGESTIVE)).opened(),
        lambda: Story().report((LEFT, A.SUSPICIOUS), (RIGHT, A.INCOMPLETE_IMAGING)).told(),
        lambda: Story().report(A.NEGATIVE, recommendation=Recommendation.BIOPSY).opened(),
    ),
    State.PAUSED: (
        lambda: planned().paused("declined"),
        lambda: planned().paused("moved"),
        lambda: planned().sent().lost(),
    ),
    State.TO_PLAN: (
        Story().called_back,
        lambda: Story().report((LEFT, A.PROBABLY_BENIGN)).opened(),
        lambda: Story().report((None, A.INCOMPLETE_IMAGING)),
    ),
    State.TO_BOOK: (planned,),
    State.MISSED: (lambda: missed(planned().booked()),),
    State.BOOKED: (lambda: planned().booked(),),
    State.VISIT_PAST: (lambda: planned().booked(days=0.05).take(st.AskForCall(), wait=timedelta(days=1)),),
    State.SAID_NO: (lambda: said_no(planned()),),
    State.CAME: (lambda: came(planned().booked()),),
    State.EXAMINED: (lambda: planned().booked().examined(DIAGNOSTIC, sides=(LEFT,)),),
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
