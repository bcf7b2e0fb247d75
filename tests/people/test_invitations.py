"""Her next due day follows the programme's rules; its reason names the guideline in force, so that the log says why."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from closerlook.evidence.guidelines import explain
from closerlook.pathway import steps as st
from closerlook.pathway.events import EndedFor, RoundReason, Settled, SettledAs
from closerlook.pathway.loops import KINDS
from closerlook.pathway.protocol import Protocol, load, shipped
from closerlook.pathway.regions import Episode, IntervalCancer
from closerlook.pathway.regions import Patient as State
from closerlook.people.invitations import GUIDELINE, next_step
from closerlook.people.models import Patient

THEN = datetime(2026, 1, 1, tzinfo=UTC)
TODAY = date(2026, 11, 22)
PROTOCOLS = {name: load(name, zone="UTC", kinds=frozenset(KINDS)) for name in shipped()}
NEVER = "never screened here, and of the age to be invited"
EVERY_TWO_YEARS = replace(PROTOCOLS["us"], screening_months=24)


def screened(on: date, outcome: SettledAs = SettledAs.NORMAL) -> State:
    settled = Settled(occurred_at=THEN, episode="e1", outcome=outcome, screened_on=on)
    one = Episode("e1", opened_at=THEN, protocol="us", site="main", reason=RoundReason.SCREENING, settled=settled)
    return State(id="p1", episodes={"e1": one})


def set_for(protocol: Protocol, born: date, state: State | None = None) -> st.SetNextDue:
    step = next_step(state or State(id="p1"), Patient(id="p1", birth_date=born), protocol, TODAY)
    assert isinstance(step, st.SetNextDue)
    return step


def test_every_shipped_protocol_has_a_guideline_beside_it() -> None:
    assert set(GUIDELINE) == set(shipped())


def test_where_both_give_the_same_day_the_reason_names_row_and_version() -> None:
    step = set_for(EVERY_TWO_YEARS, date(1975, 3, 2), screened(date(2025, 3, 2)))
    assert step.due_on == date(2027, 3, 2)
    assert step.why == "24 months after her screening of 2025-03-02; USPSTF 2024-04-30 (uspstf-2024-average)"
    assert explain(("uspstf-2024-average",))  # and it can be looked up


def test_where_they_differ_the_programme_decides_and_both_are_said() -> None:
    step = set_for(PROTOCOLS["us"], date(1975, 3, 2), screened(date(2026, 3, 2)))
    assert step.due_on == date(2027, 3, 2)
    assert step.why == (
        "12 months after her screening of 2026-03-02, by the rules of protocol us 2; "
        "USPSTF 2024-04-30 (uspstf-2024-average) says every 24 months"
    )


@pytest.mark.parametrize(
    ("name", "born", "why"),
    [
        ("us", date(1990, 7, 4), "first invited at 40; USPSTF 2024-04-30 (uspstf-2024-average)"),
        ("uk", date(1980, 2, 29), "first invited at 50; NHSBSP 2025-01-06 page (nhsbsp-routine)"),
        ("eu", date(1980, 1, 1), "first invited at 50; ECIBC JRC page (ecibc-50-69)"),
        ("us", date(1970, 1, 1), f"{NEVER}; USPSTF 2024-04-30 (uspstf-2024-average)"),
    ],
)
def test_a_first_invitation_names_the_row_of_her_age(name: str, born: date, why: str) -> None:
    assert set_for(PROTOCOLS[name], born).why == why


@pytest.mark.parametrize(("name", "row"), [("uk", "nhsbsp-routine"), ("eu", "ecibc-50-69")])
def test_the_uk_and_eu_protocols_keep_the_interval_of_their_guideline(name: str, row: str) -> None:
    assert set_for(PROTOCOLS[name], date(1970, 1, 1), screened(date(2025, 3, 2))).why.endswith(f"({row})")


def test_a_programme_that_begins_later_than_the_guideline_says_both() -> None:
    later = replace(PROTOCOLS["us"], invite_from_age=45)
    assert set_for(later, date(1985, 1, 1)).why.endswith("(uspstf-2024-average) says from the age of 40")


def test_a_day_of_which_no_row_speaks_cites_none() -> None:
    longer = replace(PROTOCOLS["us"], invite_to_age=80)
    why = set_for(longer, date(1951, 1, 1), screened(date(2026, 3, 2))).why
    assert why.endswith("by the rules of protocol us 2; no row of USPSTF that may be cited speaks of that day")


def test_an_interval_that_was_not_read_is_not_cited_as_one() -> None:
    longer = replace(PROTOCOLS["eu"], invite_to_age=74)
    why = set_for(longer, date(1956, 1, 1), screened(date(2025, 3, 2))).why
    assert why.endswith("(ecibc-70-74) says yes to screening, and states no interval that we have read")


def test_after_breast_cancer_no_routine_row_is_cited() -> None:
    after = screened(date(2026, 3, 2), SettledAs.CANCER)
    known = State(id="p1", cancers={"c": IntervalCancer("c", TODAY, THEN, care_ended=True)})
    for state in (after, known):
        assert "USPSTF does not speak of women who have had" in set_for(PROTOCOLS["us"], date(1975, 3, 2), state).why


def test_a_programmes_own_protocol_cites_nothing() -> None:
    own = replace(PROTOCOLS["us"], name="valley")
    assert (
        set_for(own, date(1975, 3, 2), screened(date(2026, 3, 2))).why == "12 months after her screening of 2026-03-02"
    )


def test_the_guideline_never_moves_the_day() -> None:
    for name, protocol in PROTOCOLS.items():
        own = replace(protocol, name="valley")
        for born in (date(1956, 2, 29), date(1970, 1, 1), date(1990, 6, 1)):
            for state in (State(id="p1"), screened(date(2025, 3, 2))):
                row = Patient(id="p1", birth_date=born)
                ours, theirs = next_step(state, row, protocol, TODAY), next_step(state, row, own, TODAY)
                assert type(ours) is type(theirs), name
                assert getattr(ours, "due_on", None) == getattr(theirs, "due_on", None)


def test_it_ends_for_whoever_the_programme_is_not_for() -> None:
    step = next_step(State(id="p1"), Patient(id="p1", birth_date=date(1970, 1, 1), sex="M"), PROTOCOLS["us"], TODAY)
    assert isinstance(step, st.EndInvitations)
    assert step.reason is EndedFor.NOT_ELIGIBLE
    old = next_step(State(id="p1"), Patient(id="p1", birth_date=date(1940, 1, 1)), PROTOCOLS["us"], TODAY)
    assert isinstance(old, st.EndInvitations)
    assert old.reason is EndedFor.AGE
