"""Her next screening: when, why then, and by which guideline."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client, override_settings

from closerlook.evidence import guidelines
from closerlook.pathway import steps as st
from closerlook.pathway.events import Purpose
from closerlook.pathway.terms import Assessment
from closerlook.people import invitations, sites
from closerlook.people.models import Patient
from closerlook.portal.due_again import why_due
from tests.her_page.told import Told

Enter = Callable[..., Client]


@pytest.fixture
def screened(told: Told) -> Told:
    told.report(Assessment.NEGATIVE)
    told.sent()
    return told


def set_by_rule(told: Told, row: Patient) -> date:
    step = invitations.next_step(told.look().patient, row, sites.protocol(), told.now.date())
    assert isinstance(step, st.SetNextDue)
    told.take(step)
    return step.due_on


def test_the_day_the_programmes_rule_and_a_guideline_that_differs_are_said(
    screened: Told, enter: Enter, olsen: Patient
) -> None:
    due_on = set_by_rule(screened, olsen)
    page = enter().get("/my/").content.decode()
    assert f"{due_on.day} {due_on:%B %Y}" in page
    assert "We count 12 months from your last screening." in page
    row = next(r for r in guidelines.rows() if r.id == "uspstf-2024-average")
    assert f"The guideline of {row.body} ({row.version}) says every {row.interval_months} months." in page


def test_a_guideline_that_agrees_is_said_to(screened: Told, olsen: Patient) -> None:
    with override_settings(PROTOCOL="uk"):
        set_by_rule(screened, olsen)
        said = why_due(screened.patient, olsen, sites.protocol(), screened.now.date())
    assert said[0] == "We count 36 months from your last screening."
    assert said[1].startswith("The guideline of NHSBSP")
    assert said[1].endswith("says the same.")


def test_a_day_set_by_hand_has_no_reason_that_software_knows(screened: Told, olsen: Patient) -> None:
    screened.take(st.SetNextDue(due_on=screened.now.date() + timedelta(days=200), why="agreed with her doctor"))
    assert why_due(screened.patient, olsen, sites.protocol(), screened.now.date()) == ()


def test_the_reason_kept_in_the_log_names_the_guidelines_row_and_version(screened: Told, olsen: Patient) -> None:
    set_by_rule(screened, olsen)
    due = screened.patient.next_due
    assert due is not None
    assert "USPSTF 2024-04-30 (uspstf-2024-average)" in due.why


def test_what_was_never_done_is_not_called_her_last_screening(told: Told, olsen: Patient) -> None:
    """She was invited and did not come: her next day is counted from the one she was due on, and no reason is given."""
    told.invited().visit(Purpose.SCREENING).missed(Purpose.SCREENING)
    said = why_due(told.look().patient, olsen, sites.protocol(), told.now.date())
    assert all("last screening" not in sentence for sentence in said)
