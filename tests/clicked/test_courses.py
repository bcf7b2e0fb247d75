"""Every course of the pathway, walked through the desk by the people whose steps they are."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from closerlook.desk import offers
from closerlook.pathway.events import Kind
from closerlook.people import sites
from tests.clicked.courses import Course, every_course, told
from tests.clicked.people import ByHand, InBrowser, Person
from tests.clicked.walking import Walk, ends
from tests.desk.people import Unit

COURSES = every_course()
IN_BROWSER = frozenset(
    {
        "test_a_screening_in_the_united_kingdom_has_its_own_clocks",
        "test_put_off_because_she_is_pregnant",
        "test_she_moves_her_visit_herself_and_confirms_it",
        "test_the_record_that_survives_knows_which_one_it_took_in",
        "test_two_records_of_one_woman_are_merged_and_taken_apart_again",
        "test_a_cyst_was_emptied_and_no_tissue_is_needed",
        "test_a_node_in_her_armpit_is_passed_on",
        "test_her_visit_here_is_cancelled_when_pictures_from_elsewhere_have_answered_it",
        "test_she_declines_the_work_up_and_later_changes_her_mind",
        "test_she_moved_away_before_her_work_up",
        "test_she_says_no_at_the_telephone_and_a_nurse_rings_her",
        "test_she_tells_of_a_lump_at_her_screening",
        "test_something_is_seen_after_her_round_was_settled",
        "test_the_other_unit_does_not_know_her",
        "test_a_man_with_a_lump",
        "test_her_daughter_decides_with_her",
        "test_implants",
        "test_in_a_shelter_nothing_is_sent_home",
        "test_what_she_wrote_for_her_visit_is_read_and_copies_go_to_her",
        "test_a_reading_is_held_until_someone_by_name_lets_it_go_on",
        "test_a_report_that_was_another_womans",
        "test_an_amendment_that_takes_away_waits_for_a_radiologist",
        "test_earlier_pictures_are_awaited_and_read",
        "test_the_earlier_pictures_cannot_be_had",
        "test_they_disagree_and_a_panel_calls_her_back",
        "test_a_cancer_found_between_two_screenings",
        "test_a_round_from_before_the_start_is_taken_up",
        "test_her_letter_came_back",
        "test_her_round_goes_on_under_the_rules_that_are_in_force_now",
        "test_she_died_and_it_was_another_woman_of_that_name",
        "test_she_died_while_her_tissue_was_away",
        "test_the_invitation_that_went_out_while_her_cancer_was_found_ends_with_it",
        "test_the_reading_she_was_to_release_goes_with_the_caseload",
        "test_a_biopsy_showed_benign_tissue_that_explains_the_pictures",
        "test_cancer_from_the_word_to_the_team_to_the_end_of_treatment",
        "test_no_needle_can_reach_it",
        "test_she_declines_her_treatment",
        "test_tissue_of_uncertain_kind_owes_a_recorded_decision",
    }
)
"""Courses that together have every step that any role takes in any course, and every end of a round. The others are
walked by the same links and forms without a browser, which takes a tenth of the time."""


def walk(course: Course, unit: Unit, come: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch) -> None:
    for number, tale in enumerate(told(course), 1):
        one = Walk(course, number, tale, unit, come)
        monkeypatch.setattr(sites, "compiled", lambda name, zone, one=one: one.protocol)
        one.go()


@pytest.mark.parametrize("course", [c for c in COURSES if c.name in IN_BROWSER], ids=str)
def test_a_course_is_walked_through_the_desk_in_a_browser(
    course: Course, unit: Unit, address: str, open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    walk(course, unit, lambda who: InBrowser(who, address, open_page), monkeypatch)


@pytest.mark.parametrize("course", [c for c in COURSES if c.name not in IN_BROWSER], ids=str)
def test_a_course_is_walked_through_the_desk_page_by_page(
    course: Course, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk(course, unit, ByHand, monkeypatch)


def test_every_step_of_every_role_and_every_end_is_walked_in_a_browser() -> None:
    passed = {course.name: turns(course) for course in COURSES}
    assert passed.keys() >= IN_BROWSER, "a course was renamed: rename it in IN_BROWSER too"
    clicked = set().union(*(passed[name] for name in IN_BROWSER))
    missing = {turn: name for name, found in passed.items() for turn in found - clicked}
    assert not missing, f"add to IN_BROWSER one course for each: {missing}"


def turns(course: Course) -> set[str]:
    """Return what people of the desk do in a course, each as "role: step", and how its rounds end."""
    tales = told(course)
    by_staff = [t for tale in tales for t in tale.steps if t.by.kind is Kind.STAFF]
    by_form = [t for t in by_staff if type(t.step) not in offers.ELSEWHERE]
    steps = {f"{' and '.join(t.by.roles)}: {type(t.step).__name__}" for t in by_form}
    return steps | {end for tale in tales for end in ends(tale.story.patient).values()}
