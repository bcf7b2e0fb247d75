"""Whether she is due, when and why: each body's rules, the switches between them, and what no guideline decides."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from closerlook.evidence import due as reasoning
from closerlook.evidence import guidelines
from closerlook.evidence.due import (
    SENTENCES,
    Answer,
    Due,
    Person,
    PersonError,
    add_months,
    age_on,
    birthday,
    cited,
    due,
    in_words,
    measure,
)
from closerlook.evidence.guidelines import BODIES, GuidelineError, Standing
from closerlook.pathway import calendar
from tests.command_line.processes import run, said

TODAY = date(2026, 11, 22)
UP_TO_DATE_BODIES = ("uspstf", "acs", "acog", "nhsbsp", "ecibc", "eusobi", "breastscreen-australia")


def of(body: str, born: date, *last: date, today: date = TODAY, secondary: bool = False, **facts: Any) -> Due:
    return due(Person(born_on=born, screened_on=last, **facts), body, today, allow_secondary=secondary)


def codes(found: Due) -> list[str]:
    return [step.code for step in found.steps]


# ---------------------------------------------------------------- days


def test_who_was_born_on_29_february_has_her_birthday_on_the_28th_in_other_years() -> None:
    born = date(1984, 2, 29)
    assert birthday(born, 41) == date(2025, 2, 28)
    assert birthday(born, 44) == date(2028, 2, 29)
    assert (age_on(born, date(2025, 2, 27)), age_on(born, date(2025, 2, 28))) == (40, 41)
    assert of("uspstf", date(1988, 2, 29)).due_on == date(2028, 2, 29)
    assert of("nhsbsp", born, today=date(2034, 2, 27)).is_due is False
    assert of("nhsbsp", born, today=date(2034, 2, 28)).is_due is True


@given(some.dates(date(1900, 1, 1), date(2050, 1, 1)), some.integers(0, 1_200))
def test_months_are_counted_as_the_pathway_counts_them(day: date, months: int) -> None:
    assert add_months(day, months) == calendar.add_months(day, months)


@given(some.dates(date(1900, 1, 1), date(2026, 1, 1)), some.integers(0, 110))
def test_an_age_is_reached_on_its_birthday_and_not_the_day_before(born: date, age: int) -> None:
    on = birthday(born, age)
    assert age_on(born, on) == age
    if age:
        assert age_on(born, on - timedelta(days=1)) == age - 1


# ---------------------------------------------------------------- body by body


def test_uspstf_is_every_two_years_from_40_to_74() -> None:
    found = of("uspstf", date(1975, 3, 2), date(2024, 5, 1))
    assert (found.answer, found.is_due, found.due_on) == (Answer.DUE, True, date(2026, 5, 1))
    assert (found.interval_months, found.rows) == (24, ("uspstf-2024-average",))
    assert (found.from_on, found.until_on) == (date(2015, 3, 2), date(2050, 3, 1))
    assert (found.certainty, found.version, found.standing) == ("primary", "2024-04-30", Standing.RECOMMENDED)
    assert found.modality == ("digital mammography", "DBT")
    assert of("uspstf", date(1975, 3, 2), date(2025, 5, 1)).due_on == date(2027, 5, 1)
    young = of("uspstf", date(1990, 7, 4))
    assert (young.answer, young.is_due, young.due_on) == (Answer.NOT_DUE, False, date(2030, 7, 4))


def test_she_is_due_on_the_day_itself_and_not_the_day_before() -> None:
    last = date(2024, 11, 22)
    assert of("uspstf", date(1970, 1, 1), last, today=date(2026, 11, 21)).is_due is False
    assert of("uspstf", date(1970, 1, 1), last, today=date(2026, 11, 22)).is_due is True


def test_of_several_screenings_the_latest_counts_in_any_order() -> None:
    assert of("uspstf", date(1970, 1, 1), date(2022, 1, 1), date(2025, 6, 1), date(2024, 1, 1)).due_on == date(
        2027, 6, 1
    )


def test_a_screening_before_the_ages_begin_makes_her_due_when_they_do_or_when_its_interval_ends() -> None:
    assert of("uspstf", date(1988, 1, 10), date(2020, 1, 1)).due_on == date(2028, 1, 10)
    assert of("uspstf", date(1987, 1, 10), date(2026, 6, 1)).due_on == date(2028, 6, 1)


def test_uspstf_after_74_is_neither_yes_nor_no() -> None:
    born = date(1950, 3, 2)
    unasked = of("uspstf", born, date(2023, 5, 1))
    assert (unasked.answer, unasked.is_due, unasked.due_on) == (Answer.NO_ROUTINE, None, None)
    assert "row_not_used" in codes(unasked)
    asked = of("uspstf", born, date(2023, 5, 1), secondary=True)
    assert (asked.answer, asked.is_due, asked.due_on) == (Answer.INSUFFICIENT, None, None)
    assert (asked.rows, asked.certainty) == (("uspstf-2024-75plus",), "secondary")
    assert "secondary" in codes(asked)


def test_uspstf_ends_with_her_75th_birthday() -> None:
    born = date(1951, 11, 23)
    assert of("uspstf", born, today=date(2026, 11, 22)).is_due is True
    assert of("uspstf", born, today=date(2026, 11, 23)).answer is Answer.NO_ROUTINE


def test_an_interval_that_runs_past_the_last_age_leaves_no_day() -> None:
    found = of("uspstf", date(1952, 3, 2), date(2025, 12, 1))
    assert (found.answer, found.is_due, found.due_on) == (Answer.NOT_DUE, False, None)
    assert {"passes_last_age", "none_after"} <= set(codes(found))


def test_acs_is_an_option_at_40_yearly_from_45_and_every_two_years_from_55() -> None:
    option = of("acs", date(1984, 5, 1))
    assert (option.answer, option.is_due, option.due_on) == (Answer.OPTION, None, date(2024, 5, 1))
    assert "recommended_from" in codes(option)
    yearly = of("acs", date(1978, 5, 1), date(2025, 10, 1))
    assert (yearly.answer, yearly.due_on, yearly.interval_months) == (Answer.DUE, date(2026, 10, 1), 12)
    two = of("acs", date(1968, 5, 1), date(2025, 10, 1))
    assert (two.answer, two.due_on, two.interval_months) == (Answer.NOT_DUE, date(2027, 10, 1), 24)
    assert "interval_choice" in codes(two)
    assert of("acs", date(1932, 5, 1), date(2020, 1, 1)).is_due is True


def test_the_interval_switches_with_the_row_in_force_on_the_day() -> None:
    born = date(1971, 12, 29)
    found = of("acs", born, date(2026, 2, 1))
    assert (found.due_on, found.rows) == (date(2028, 2, 1), ("acs-2015-55plus",))
    assert "passes_last_age" in codes(found)
    earlier = of("acs", born, date(2025, 12, 1))
    assert (earlier.due_on, earlier.rows) == (date(2026, 12, 1), ("acs-2015-45-54",))
    at_45 = of("acs", date(1981, 12, 1), date(2026, 3, 1))
    assert (at_45.due_on, at_45.rows) == (date(2027, 3, 1), ("acs-2015-45-54",))


def test_acog_is_yearly_and_says_that_two_years_are_hers_to_choose() -> None:
    found = of("acog", date(1980, 1, 1), date(2025, 10, 1))
    assert (found.due_on, found.interval_months) == (date(2026, 10, 1), 12)
    choice = next(step for step in found.steps if step.code == "interval_choice")
    assert (choice.values["shortest"], choice.values["longest"]) == (12, 24)


def test_nhsbsp_is_every_three_years_from_50_up_to_the_71st_birthday() -> None:
    first = of("nhsbsp", date(1975, 5, 5))
    assert (first.answer, first.due_on, first.until_on) == (Answer.DUE, date(2025, 5, 5), date(2046, 5, 4))
    by = next(step for step in first.steps if step.code == "first_by")
    assert by.values == {"age": 53, "day": date(2028, 5, 5)}
    assert (first.certainty, first.interval_months) == ("official", 36)
    later = of("nhsbsp", date(1970, 5, 5), date(2024, 5, 5))
    assert (later.due_on, "first_by" in codes(later)) == (date(2027, 5, 5), False)
    assert of("nhsbsp", date(1955, 11, 23), today=TODAY).is_due is True  # 71 tomorrow
    assert of("nhsbsp", date(1955, 11, 22), today=TODAY).answer is Answer.ON_REQUEST


def test_nhsbsp_from_71_is_on_request_every_three_years() -> None:
    found = of("nhsbsp", date(1950, 1, 1), date(2022, 6, 1))
    assert (found.answer, found.is_due, found.due_on) == (Answer.ON_REQUEST, None, date(2025, 6, 1))
    assert of("nhsbsp", date(1950, 1, 1), date(2025, 6, 1)).due_on == date(2028, 6, 1)


def test_ecibc_suggests_at_45_and_recommends_from_50() -> None:
    suggested = of("ecibc", date(1980, 1, 1))
    assert (suggested.is_due, suggested.standing) == (True, Standing.SUGGESTED)
    assert "interval_choice" in codes(suggested)
    assert of("ecibc", date(1970, 1, 1), date(2025, 1, 1)).due_on == date(2027, 1, 1)


def test_an_interval_that_we_have_not_read_gives_no_day() -> None:
    now = of("ecibc", date(1955, 1, 1), date(2023, 1, 1))
    assert (now.answer, now.is_due, now.due_on) == (Answer.INTERVAL_NOT_READ, None, None)
    assert in_words(now.steps[-1]) == "Row ecibc-70-74: interval not stated by a source we read."
    soon = of("ecibc", date(1957, 1, 29), date(2026, 2, 1))
    assert (soon.answer, soon.is_due, soon.due_on, soon.interval_months) == (Answer.NOT_DUE, False, None, 24)
    never = of("ecibc", date(1955, 1, 1))
    assert (never.is_due, never.due_on, never.interval_months) == (True, date(2025, 1, 1), None)
    assert "interval_not_read" in codes(never)


def test_ages_that_a_row_knows_from_memory_only_are_said_to_be_unknown() -> None:
    young, old = (of("breastscreen-australia", born) for born in (date(1984, 1, 1), date(1948, 1, 1)))
    assert "ages_not_read" in codes(young)
    assert "ages_not_read" in codes(old)
    assert (old.answer, old.is_due) == (Answer.NO_ROUTINE, None)
    assert "ages_not_read" not in codes(of("breastscreen-australia", date(1970, 1, 1)))


# ---------------------------------------------------------------- evidence


def test_a_body_known_from_memory_only_is_never_answered_by() -> None:
    for secondary in (False, True):
        found = of("ctfphc", date(1970, 1, 1), secondary=secondary)
        assert (found.answer, found.is_due, found.rows, found.certainty) == (Answer.NOT_ANSWERED, None, (), "none")


def test_what_only_others_quote_is_used_where_asked_for_and_said_so() -> None:
    assert of("nccn", date(1970, 1, 1)).answer is Answer.NOT_ANSWERED
    found = of("nccn", date(1970, 1, 1), secondary=True)
    assert (found.is_due, found.certainty, found.modality) == (True, "secondary", ("mammography",))
    assert "secondary" in codes(found)


@given(
    some.sampled_from(sorted(BODIES)),
    some.dates(date(1921, 1, 1), TODAY),
    some.lists(some.integers(0, 20_000), max_size=3),
    some.booleans(),
)
def test_every_answer_is_whole_whoever_is_asked_about(body: str, born: date, ago: list[int], secondary: bool) -> None:
    last = tuple(day for days in ago if (day := TODAY - timedelta(days=days)) >= born)
    found = of(body, born, *last, secondary=secondary)
    by_id = {row.id: row for row in guidelines.rows()}
    used = [by_id[row] for row in found.rows]
    assert all(guidelines.usable(row, allow_secondary=secondary) for row in used)
    assert (found.certainty == "secondary") is any(row.evidence == "secondary" for row in used)
    assert (found.is_due is None) is (found.answer not in (Answer.DUE, Answer.NOT_DUE, Answer.NOT_SCREENED))
    if found.is_due:
        assert found.due_on is not None
        assert found.due_on <= TODAY
    if found.due_on is not None and found.answer is Answer.NOT_DUE:
        assert found.due_on > TODAY
        assert of(body, born, *last, today=found.due_on, secondary=secondary).answer is not Answer.NOT_DUE
    if found.due_on is not None:
        assert found.from_on is not None
        assert found.from_on <= found.due_on
        assert found.until_on is None or found.due_on <= found.until_on
    assert all(in_words(step) for step in found.steps)


@given(some.sampled_from(UP_TO_DATE_BODIES), some.dates(date(1945, 1, 1), date(1990, 1, 1)), some.integers(1, 5_000))
def test_a_later_screening_never_makes_her_due_sooner(body: str, born: date, apart: int) -> None:
    last = date(2026, 1, 1)
    sooner, later = of(body, born, last - timedelta(days=apart)), of(body, born, last)
    if sooner.due_on and later.due_on:
        assert sooner.due_on <= later.due_on
    assert not (later.is_due and sooner.is_due is False)


# ---------------------------------------------------------------- whom a guideline does not speak of


@pytest.mark.parametrize("fact", ["prior_cancer", "known_mutation", "chest_radiation"])
@pytest.mark.parametrize("body", ["uspstf", "acs", "nhsbsp", "ecibc", "acog"])
def test_women_at_another_kind_of_risk_are_for_a_clinician(body: str, fact: str) -> None:
    facts: dict[str, Any] = {fact: True}
    found = of(body, date(1975, 1, 1), date(2020, 1, 1), **facts)
    assert (found.answer, found.is_due, found.due_on, found.rows) == (Answer.NOT_ANSWERED, None, None, ())
    assert codes(found)[-1] == "clinician_decides"
    assert fact.replace("_", " ") in " ".join(map(in_words, found.steps))


def test_the_row_that_would_speak_of_her_is_named_with_its_evidence() -> None:
    unasked = of("acs", date(1990, 1, 1), known_mutation=True)
    assert ("would_speak_secondary", "acs-high-risk") in [(step.code, step.values.get("row")) for step in unasked.steps]
    asked = of("acs", date(1990, 1, 1), known_mutation=True, secondary=True)
    assert ("would_speak", "acs-high-risk") in [(step.code, step.values.get("row")) for step in asked.steps]
    assert asked.is_due is None


def test_each_body_leaves_out_whom_its_own_words_leave_out() -> None:
    assert of("uspstf", date(1975, 1, 1), high_risk_lesion=True).answer is Answer.NOT_ANSWERED
    assert of("uspstf", date(1975, 1, 1), high_lifetime_risk=True).is_due is True
    assert of("acs", date(1975, 1, 1), high_lifetime_risk=True).answer is Answer.NOT_ANSWERED
    assert of("nhsbsp", date(1975, 1, 1), high_lifetime_risk=True).is_due is True


def test_family_history_and_density_move_no_date_and_are_spoken_of() -> None:
    plain = of("uspstf", date(1975, 1, 1), date(2025, 5, 1))
    noted = of("uspstf", date(1975, 1, 1), date(2025, 5, 1), family_history=True, dense=True)
    assert noted.due_on == plain.due_on
    assert {"dense", "family_history_included"} <= set(codes(noted))


def test_who_has_no_breast_tissue_or_has_died_is_not_screened() -> None:
    assert of("uspstf", date(1975, 1, 1), both_breasts_absent=True).answer is Answer.NOT_SCREENED
    died = of("uspstf", date(1975, 1, 1), died_on=date(2026, 1, 1))
    assert (died.answer, died.is_due) == (Answer.NOT_SCREENED, False)


def test_a_symptom_is_for_a_clinician_now() -> None:
    assert of("uspstf", date(1975, 1, 1), symptoms=True).answer is Answer.NOT_ANSWERED


def test_guidelines_speak_of_women_and_persons_assigned_female_at_birth() -> None:
    assert of("uspstf", date(1975, 1, 1), assigned_female=False).answer is Answer.NOT_ANSWERED
    unknown = of("uspstf", date(1975, 1, 1), assigned_female=None)
    assert unknown.is_due is True
    assert "sex_not_known" in codes(unknown)


@pytest.mark.parametrize(
    ("person", "says"),
    [
        (Person(born_on=date(2027, 1, 1)), "born_on: 2027-01-01 has not come yet"),
        (Person(born_on=date(1875, 1, 1)), "born_on: 1875-01-01 would make her older than 125"),
        (
            Person(born_on=date(1970, 1, 1), screened_on=(date(2026, 11, 23),)),
            "2026-11-23 has not come yet",
        ),
        (
            Person(born_on=date(1970, 1, 1), screened_on=(date(1969, 1, 1),)),
            "1969-01-01 is before she was",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_field_and_mend(person: Person, says: str) -> None:
    with pytest.raises(PersonError, match=says):
        due(person, "uspstf", TODAY)


def test_an_unknown_body_or_version_is_refused() -> None:
    with pytest.raises(GuidelineError, match="Choose one of: uspstf, acs"):
        of("who", date(1970, 1, 1))
    with pytest.raises(GuidelineError, match="Its versions: 2015"):
        due(Person(born_on=date(1970, 1, 1)), "acs", TODAY, version="2031")


# ---------------------------------------------------------------- steps


def test_the_steps_tell_the_decision_in_order() -> None:
    assert codes(of("uspstf", date(1975, 3, 2), date(2024, 5, 1))) == ["asked", "age", "last", "row", "interval", "due"]


def test_every_step_has_one_sentence_and_every_sentence_a_step() -> None:
    source = Path(reasoning.__file__).read_text(encoding="utf-8").partition("SENTENCES: dict")[0]
    said_by_answers = {answer.value for answer in set(reasoning.ANSWERS.values())}
    for code in SENTENCES:
        assert f'"{code}"' in source or code in said_by_answers, code
    assert said_by_answers | set(reasoning.THEN.values()) <= set(SENTENCES)


def test_the_row_of_a_day_is_one_that_we_read_ourselves() -> None:
    row = cited(date(1975, 3, 2), date(2026, 5, 1), "uspstf")
    assert row is not None
    assert row.cite == "USPSTF 2024-04-30 (uspstf-2024-average)"
    assert cited(date(1945, 3, 2), date(2026, 5, 1), "uspstf") is None


# ---------------------------------------------------------------- up to date


def test_she_is_up_to_date_until_the_day_she_is_due() -> None:
    person = Person(born_on=date(1970, 1, 1), screened_on=(date(2024, 6, 1),))
    last_day = measure(person, "uspstf", date(2026, 5, 31))
    assert (last_day.counted, last_day.up_to_date, last_day.until_on) == (True, True, date(2026, 5, 31))
    assert measure(person, "uspstf", date(2026, 6, 1)).up_to_date is False
    assert measure(person, "uspstf", date(2026, 8, 30), tolerance_days=91).up_to_date is True
    assert measure(person, "uspstf", date(2026, 8, 31), tolerance_days=91).up_to_date is False
    assert measure(Person(born_on=date(1970, 1, 1)), "uspstf", TODAY).up_to_date is False


def test_where_the_body_leaves_a_choice_the_longest_interval_counts() -> None:
    person = Person(born_on=date(1970, 1, 1), screened_on=(date(2025, 6, 1),))
    assert measure(person, "acog", TODAY).up_to_date is True


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"both_breasts_absent": True}, "no_breasts"),
        ({"died_on": date(2026, 1, 1)}, "died"),
        ({"prior_cancer": True}, "clinician_decides"),
        ({"born_on": date(2000, 1, 1)}, "not_of_these_ages"),
        ({"born_on": date(1940, 1, 1)}, "not_of_these_ages"),
        ({"born_on": date(1985, 12, 1)}, "not_yet_a_whole_interval"),
    ],
)
def test_who_is_left_out_of_the_measure_is_not_counted_and_the_reason_said(facts: dict[str, Any], reason: str) -> None:
    found = measure(Person(**{"born_on": date(1970, 1, 1), **facts}), "uspstf", TODAY)
    assert (found.counted, found.up_to_date, found.reason) == (False, None, reason)


def test_an_option_is_not_counted() -> None:
    assert measure(Person(born_on=date(1983, 1, 1)), "acs", TODAY).reason == "not_of_these_ages"


def test_an_interval_that_we_have_not_read_is_not_counted() -> None:
    assert measure(Person(born_on=date(1955, 1, 1)), "ecibc", TODAY).reason == "interval_not_stated"


def test_in_the_united_kingdom_it_is_coverage_at_53_to_70_within_36_months() -> None:
    def found(born: date, *last: date) -> tuple[bool, bool | None, str]:
        one = measure(Person(born_on=born, screened_on=last), "nhsbsp", TODAY)
        return one.counted, one.up_to_date, one.rule

    assert found(date(1973, 11, 22), date(2023, 11, 23)) == (True, True, "UK-S2")
    assert found(date(1973, 11, 22), date(2023, 11, 22)) == (True, False, "UK-S2")
    assert found(date(1973, 11, 23)) == (False, None, "")  # 53 tomorrow
    assert found(date(1955, 11, 23)) == (True, False, "UK-S2")  # still 70
    assert found(date(1955, 11, 22)) == (False, None, "")


# ---------------------------------------------------------------- from the command line


def test_the_command_tells_its_reasons_step_by_step(tmp_path: Path) -> None:
    done = run(
        tmp_path, "due", "--body", "uspstf", "--born", "1975-03-02", "--last", "2024-05-01", "--as-of", "2026-11-22"
    )
    assert done.returncode == 0
    told = done.stdout.splitlines()
    assert told[0] == "Asked of USPSTF, 2024-04-30, for 2026-11-22."
    assert told[-2] == "Due since 2026-05-01."
    assert told[-1].startswith("Source: USPSTF 2024-04-30 (uspstf-2024-average)")


def test_the_command_gives_one_json_document(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "due",
        "--body",
        "ACS",
        "--born",
        "1990-01-01",
        "--risk",
        "mutation",
        "--as-of",
        "2026-11-22",
        "--json",
    )
    found = said(done)
    assert (found["body"], found["answer"], found["is_due"]) == ("acs", "not_answered", None)
    assert {"code": "clinician_decides", "values": {}, "sentence": "A clinician decides with her."} in found["steps"]


def test_an_unknown_body_is_answered_with_the_list(tmp_path: Path) -> None:
    done = run(tmp_path, "due", "--body", "who", "--born", "1975-03-02")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Choose one of: uspstf, acs, acr" in done.stderr
    early = run(tmp_path, "due", "--body", "uspstf", "--born", "1975-03-02", "--last", "2975-03-02")
    assert early.returncode == 2
    assert "has not come yet" in early.stderr
