"""Where she stands: in whose care, a cancer found elsewhere, her death, and the rules her round goes by."""

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.programme import decide_programme, fold_programme, programme_loops
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import Laterality, Tissue
from tests.courses.course import LETTER, SCREENING, owed, seen_by_team
from tests.pathway.story import (
    CLINICIAN,
    DAY,
    EU,
    FRONT_DESK,
    LEAD,
    LEFT,
    MANAGER,
    NAVIGATOR,
    NURSE,
    RADIOLOGIST,
    UK,
    US,
    WORKER,
    Story,
    called_back,
    diagnosed,
    reported_tissue,
)


def test_a_cancer_found_between_two_screenings() -> None:
    """Her last screening was normal. Fourteen months later a surgeon elsewhere finds a cancer in her left breast.
    Invitations stop, so that nobody invites a woman in treatment to screening; a radiologist looks at her last pictures
    again and says what was to be seen; and when her treatment has ended, the day of her next pictures is set."""
    her = Story()
    her.posted(her.reported(A.NEGATIVE))
    her.due(365).wait(425 * DAY)
    her.take(st.RecordIntervalCancer(found_on=her.day(-20), side=LEFT), CLINICIAN)
    assert owed(her) == {"radiologist: review_interval_cancer"}
    with pytest.raises(Refused, match="not invited at present"):
        her.take(st.SetNextDue(due_on=her.day(90), why="guideline"), WORKER)
    (cancer,) = her.patient.cancers
    her.take(st.ReviewIntervalCancer(cancer=cancer, outcome="not to be seen then"), RADIOLOGIST)
    assert owed(her) == {"navigator: ask_care_end"}
    her.wait(300 * DAY)
    her.take(st.EndCare(cancer=cancer, next_due_on=her.day(60), why="a year after treatment"), NAVIGATOR)
    assert owed(her) == {"system: invite"}


def test_a_cancer_found_elsewhere_ends_the_round_she_was_invited_to() -> None:
    """She has an invitation, and has not come, when a cancer found elsewhere becomes known. Her round ends; nobody
    writes to her about a missed screening."""
    her = Story().due().begun().invited()
    her.take(st.RecordIntervalCancer(found_on=her.day(-9)), CLINICIAN)
    assert her.outcome is ev.SettledAs.ENDED
    assert owed(her) == {"radiologist: review_interval_cancer"}


def test_a_cancer_found_elsewhere_cancels_the_visit_she_had() -> None:
    """The same, but she has a time. It is to be cancelled: she is not reminded of a screening while she is treated."""
    her = Story().due().begun().invited().booked(14, SCREENING)
    her.take(st.RecordIntervalCancer(found_on=her.day(-9)), CLINICIAN)
    assert owed(her) == {"radiologist: review_interval_cancer", "navigator: cancel_visit"}


def test_the_invitation_that_went_out_while_her_cancer_was_found_ends_with_it() -> None:
    """Her cancer was found, and while she waits for the team's first visit the day of her next screening came: a round
    began, and an invitation went out. The team sees her. She is in treatment now, and the round that waits for her to
    come for screening ends with that: no round is left open that nobody looks after."""
    her, _ = diagnosed()
    her.referred().due(10).begun().invited()
    her.take(st.RecordFirstVisit(episode="e1", came=True), NAVIGATOR, 6 * DAY)
    assert her.outcome is ev.SettledAs.CANCER
    assert owed(her) == {"navigator: ask_treatment_end"}
    assert her.round.settled is not None


def test_she_died_and_it_was_another_woman_of_that_name() -> None:
    """A message says that she has died. What was owed to her closes; a letter to a dead woman's family is the last
    thing anyone wants to send. Five days later it proves to have been another woman of that name. All is owed again,
    with its first clocks, as if nothing had happened."""
    her = called_back()
    before = her.loops
    her.take(st.RecordDeath(died_on=her.day()), NURSE)
    assert her.outcome is ev.SettledAs.DIED
    assert owed(her) == set()
    died = her.facts().index("Died") + 1
    her.take(st.EnterInError(seqs=(died,), reason="another woman of that name"), LEAD, 5 * DAY)
    assert her.loops == before


def test_she_died_while_her_tissue_was_away() -> None:
    """She has died before the pathologist's report came. Nothing is owed to her. The report is still fetched and
    weighed, and her doctor hears of it: what was found may matter to her daughters."""
    her, specimen = reported_tissue(Tissue.SUSPICIOUS_TISSUE)
    her.take(st.RecordDeath(died_on=her.day()), CLINICIAN)
    assert owed(her) == {"radiologist: decide_concordance"}
    her.pathology(specimen, Tissue.MALIGNANT).weighed(specimen)
    assert owed(her) == {"navigator: tell_provider_diagnosis"}
    her.take(st.TellProviderDiagnosis(specimen=specimen, proof="letter"), NAVIGATOR)
    assert her.outcome is ev.SettledAs.DIED


def test_a_suspicious_result_and_a_death_recorded_by_the_front_desk() -> None:
    """Her result is suspicious, and someone at the desk hears that she has died. A physician makes sure: a mistake here
    would hide a cancer."""
    her = Story()
    her.reported(A.SUSPICIOUS)
    with pytest.raises(Refused, match="after making sure"):
        her.take(st.RecordDeath(died_on=her.day()), FRONT_DESK)


def test_a_navigator_leaves_and_her_caseload_is_handed_over() -> None:
    """A navigator leaves the unit with two women in her care. Her manager hands the caseload to another navigator: each
    round by a step in that woman's own record, while one loop of the programme stays open until the last has its new
    owner, or has ended meanwhile."""
    anna = called_back()
    anna.take(st.AssignOwner(episode="e1", owner="u-leaves", cover="u-cover"), MANAGER)
    rounds = (ev.CaseloadRound("p1", "e1"), ev.CaseloadRound("p2", "e1"))
    log: list[ev.Recorded] = []

    def hand_over(step: st.Step) -> set[str]:
        state = fold_programme("h1", log)
        facts = decide_programme(step, state, US, actor=MANAGER, now=anna.now)
        log.extend(ev.Recorded(len(log) + 1, len(log) + 1, anna.now, US.hash, fact, MANAGER) for fact in facts)
        return {f"{x.owner}: {x.kind}" for x in programme_loops(fold_programme("h1", log), US)}

    begun = st.BeginHandOver(leaves="u-leaves", takes="u-takes", rounds=rounds)
    assert hand_over(begun) == {"manager: hand_over"}
    anna.take(st.AssignOwner(episode="e1", owner="u-takes", leaves="u-leaves"), MANAGER)
    assert {x.assignee for x in anna.loops} == {"u-takes"}
    assert hand_over(st.RecordHandedOver(patient="p1", episode="e1", settled=False)) == {"manager: hand_over"}
    assert hand_over(st.RecordHandedOver(patient="p2", episode="e1", settled=True)) == set()


def test_the_reading_she_was_to_release_goes_with_the_caseload() -> None:
    """A radiologist held a reading and was to look again, and then left. Whoever takes over is the one who looks
    again: nothing waits for somebody who is gone."""
    her = Story()
    exam = her.examined()
    her.take(st.DeferReading(exam=exam, reason="older pictures", release_by="u-leaves"), RADIOLOGIST)
    her.take(st.AssignOwner(episode="e1", owner="u-takes", leaves="u-leaves"), MANAGER)
    assert her.loop("release_reading").assignee == "u-takes"


def test_her_round_goes_on_under_the_rules_that_are_in_force_now() -> None:
    """Her round began under one protocol; the unit has since taken up another. Her round keeps its own until someone
    decides that it goes on by the new one. Then the new rules say who owes what and when; what she was told, and when
    it was owed first, stays."""
    her = Story(protocol=UK)
    exam = her.examined()
    first = her.loop("read")
    her.protocol = EU
    assert her.loop("read") == first, "until then it goes by its own"
    her.take(st.MoveToProtocol(episode="e1", reason="the unit has joined another programme"), MANAGER)
    assert her.episode.protocol == EU.hash
    moved = her.loop("read", exam)
    assert moved.opened_seq == first.opened_seq
    assert moved.late_at > first.late_at
    assert her.take(st.MoveToProtocol(episode="e1", reason="again"), MANAGER) == []


def test_a_round_under_one_reader_goes_on_under_two() -> None:
    """In the unit of one reader her pictures were not read yet when it joined a programme of two. From then on one
    reading is one of two."""
    her = Story(protocol=US)
    exam = her.examined()
    her.protocol = UK
    her.take(st.MoveToProtocol(episode="e1", reason="the unit has joined the programme"), MANAGER)
    her.take(st.RecordReading(exam=exam, sides=NORMAL), RADIOLOGIST)
    assert "radiologist: read" in owed(her)
    assert her.exam.result is None


NORMAL = tuple(ev.SideAssessment(A.NEGATIVE, side) for side in Laterality)


def test_a_cancer_settled_before_and_a_new_round_after_treatment() -> None:
    """Two years after her cancer she is invited again, and her screening is normal. Her earlier round stays settled as
    cancer; the new one is settled as normal."""
    her, _ = diagnosed()
    her.referred()
    seen_by_team(her)
    her.wait(300 * DAY)
    her.take(st.EndTreatment(episode="e1", next_due_on=her.day(300), why="after treatment"), NAVIGATOR)
    her.wait(280 * DAY).begun().booked(14, SCREENING).invited().came(14, SCREENING)
    exam = her.examined(episode=her.round.id)
    her.take(st.RecordReading(exam=exam, sides=NORMAL), RADIOLOGIST)
    her.posted(exam)
    assert [e.settled.outcome for e in her.patient.episodes.values() if e.settled] == [
        ev.SettledAs.CANCER,
        ev.SettledAs.NORMAL,
    ]
    assert owed(her) == {"system: set_next_due"}


def test_a_round_from_before_the_start_is_taken_up() -> None:
    """Her call-back of two years ago was loaded as history, and nobody knows what became of it. It owes nothing but one
    look; the radiologist takes it up, and from then on it is owed like any other."""
    her = Story()
    her.reported(A.INCOMPLETE_IMAGING, history=True)
    assert owed(her) == {"radiologist: review_history"}
    her.take(st.ReviewHistory(episode="e1", follow_up=True, note="no further pictures found"), RADIOLOGIST)
    assert {"navigator: tell_result", "radiologist: plan_call_back"} <= owed(her)


def test_her_letter_came_back() -> None:
    """Her letter comes back from an address she has left. It is owed again, and her round with it."""
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.posted(exam)
    back = st.RecordReturned(exam=exam, reason="moved, address unknown")
    assert her.take(back, FRONT_DESK, 9 * DAY) == ["SummaryReturned", "Reopened"]
    assert owed(her) == {"system: send_summary"}
    her.take(st.PrepareDocument(exam=exam, document=ev.Document.SUMMARY, file="again"), WORKER)
    her.take(st.RecordPosted(exam=exam, document=ev.Document.SUMMARY, proof=LETTER), FRONT_DESK)
    assert her.outcome is ev.SettledAs.NORMAL
