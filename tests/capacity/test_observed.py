"""A unit's own figures come from its log, and what a log cannot tell is listed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from closerlook.capacity.assumptions import ASSUMED, OBSERVED, defaults
from closerlook.capacity.document import observed_in_words
from closerlook.capacity.fields import FIELDS
from closerlook.capacity.load import loads
from closerlook.capacity.observed import FEWEST, Observed, observe
from closerlook.pathway import events as ev
from closerlook.pathway.calendar import Calendar
from closerlook.pathway.events import Actor, Event, Kind, Reading, Recorded, SideAssessment
from closerlook.pathway.terms import Assessment, ExaminationKind, ReportStatus, Sampling, Tissue

CALENDAR = Calendar("America/New_York")
FIRST = datetime(2026, 1, 5, 15, tzinfo=UTC)  # a Monday
SINCE, UNTIL = date(2026, 1, 5), date(2026, 3, 30)  # twelve weeks
ME = Actor(Kind.SIMULATOR, "test")
E, X = "e1", "e1.x1"


def records(*events: Event) -> list[Recorded]:
    return [Recorded(n, n, event.occurred_at, "", event, ME) for n, event in enumerate(events, 1)]


def reading(assessment: Assessment, status: ReportStatus = ReportStatus.FINAL) -> Reading:
    return Reading(status=status, sides=(SideAssessment(assessment),))


def screened(at: datetime, assessment: Assessment, days: float = 2) -> list[Event]:
    return [
        ev.ExaminationPerformed(occurred_at=at, episode=E, exam=X, kind=ExaminationKind.SCREENING),
        ev.Read(occurred_at=at + timedelta(hours=3), episode=E, exam=X,
                reading=reading(assessment, ReportStatus.PRELIMINARY)),
        ev.Read(occurred_at=at + timedelta(days=days), episode=E, exam=X, reading=reading(assessment)),
        ev.SummarySent(occurred_at=at + timedelta(days=days, hours=48), episode=E, exam=X, proof="posted"),
    ]  # fmt: skip


def worked_up(at: datetime, *, ultrasound: bool, biopsy: bool) -> list[Event]:
    visit = at + timedelta(days=9)
    found: list[Event] = [
        ev.ContactAttempted(occurred_at=at, episode=E, channel=ev.Channel.PHONE, outcome=ev.Outcome.VOICEMAIL),
        ev.ContactAttempted(occurred_at=visit, episode=E, channel=ev.Channel.PHONE, outcome=ev.Outcome.REACHED),
        ev.ContactAttempted(occurred_at=visit, episode=E, channel=ev.Channel.LETTER, outcome=ev.Outcome.SENT),
        ev.ExaminationPerformed(occurred_at=visit, episode=E, exam="e1.x2", kind=ExaminationKind.DIAGNOSTIC),
        ev.Attended(occurred_at=visit, episode=E),
    ]
    if ultrasound:
        found.append(ev.ExaminationPerformed(
            occurred_at=visit, episode=E, exam="e1.x3", kind=ExaminationKind.ULTRASOUND))  # fmt: skip
    if biopsy:
        taken = visit + timedelta(days=7)
        found += [
            ev.BiopsyDone(occurred_at=taken, episode=E, specimen="e1.t1", finding="f1", method=Sampling.CORE),
            ev.PathologyReported(
                occurred_at=taken + timedelta(days=5), episode=E, specimen="e1.t1", tissue=Tissue.BENIGN
            ),
        ]
    return found


def unit() -> Iterator[list[Recorded]]:
    """Four women a day for twelve weeks; every fourth called back; of these half ultrasound, a quarter biopsy."""
    number = count()
    for week in range(12):
        for day in range(5):
            for _ in range(4):
                n, at = next(number), FIRST + timedelta(days=7 * week + day)
                back = n % 4 == 0
                events = screened(at, Assessment.INCOMPLETE_IMAGING if back else Assessment.NEGATIVE)
                if back:
                    events += worked_up(at + timedelta(days=2), ultrasound=n % 8 == 0, biopsy=n % 16 == 0)
                    if n % 40 == 0:
                        events.append(ev.Missed(occurred_at=at + timedelta(days=5), episode=E))
                yield records(*events)


@pytest.fixture(scope="module")
def found() -> Observed:
    return observe(unit(), since=SINCE, until=UNTIL, calendar=CALENDAR, start=defaults("US"))


def test_what_the_log_shows_is_taken_from_it(found: Observed) -> None:
    a = found.unit.assumptions
    assert (found.patients, found.working_days) == (240, 60)
    assert a.exams_per_day == 4
    assert a.recall_share == 0.25
    assert a.ultrasound_share == pytest.approx(0.5, abs=0.03)
    assert a.biopsy_share == pytest.approx(0.25, abs=0.03)
    assert a.reached_share == pytest.approx(0.5, abs=0.1)
    assert 0.85 < a.attends < 0.95
    assert a.readings_per_exam == 1
    assert found.days_to_reading == 2
    assert a.letter_days == 1  # 48 hours later; fewer working days over a weekend
    assert found.unit.origins["recall_share"].source == OBSERVED
    assert found.unit.origins["recall_share"].note == "240 observations"


def test_sessions_are_the_fewest_that_hold_the_visits(found: Observed) -> None:
    assert found.visits_per_week["mammography"] == pytest.approx(54 / 12, abs=0.6)
    a = found.unit.assumptions
    assert (a.mammography_sessions, a.ultrasound_sessions) == (2, 1)
    assert "you may offer more" in found.unit.origins["mammography_sessions"].note
    assert all(load.of_capacity < 1 for load in loads(a).values())


def test_what_no_log_can_tell_keeps_its_default_and_is_listed(found: Observed) -> None:
    for name in ("reading_minutes", "reading_sessions", "navigator_hours", "call_minutes", "mammography_slots"):
        assert name in found.not_in_log
        assert found.unit.origins[name].source == ASSUMED
    told = {one.name for one in found.seen} | {name for name, _ in found.too_few} | set(found.not_in_log)
    assert told | {"mammography_sessions", "ultrasound_sessions", "biopsy_sessions"} == set(FIELDS)
    said = "\n".join(observed_in_words(found))
    assert "Not in your log, default kept: reading sessions a week; time for one reading" in said
    assert "What you offer is at least that" in said


def test_too_few_observations_keep_the_default(found: Observed) -> None:
    few = dict(found.too_few)
    assert few["laboratory_days"] < FEWEST
    assert found.unit.assumptions.laboratory_days == defaults("US").assumptions.laboratory_days
    assert f"Too few in your log ({few['laboratory_days']}), default kept: the laboratory takes" in "\n".join(
        observed_in_words(found)
    )


def test_an_empty_log_keeps_everything(found: Observed) -> None:
    nothing = observe([], since=SINCE, until=UNTIL, calendar=CALENDAR, start=defaults("UK"))
    assert nothing.unit.assumptions == defaults("UK").assumptions
    assert (nothing.seen, nothing.days_to_reading) == ((), None)
    assert observed_in_words(nothing)


def test_a_window_without_a_working_day_is_refused() -> None:
    with pytest.raises(ValueError, match="no working day"):
        observe([], since=date(2026, 1, 10), until=date(2026, 1, 12), calendar=CALENDAR, start=defaults("US"))


def test_what_was_entered_in_error_history_or_elsewhere_does_not_count() -> None:
    at = FIRST
    wrong = records(
        *screened(at, Assessment.INCOMPLETE_IMAGING),
        ev.EnteredInError(occurred_at=at + timedelta(days=3), seqs=(1, 2, 3, 4), reason="not hers"),
    )
    history = records(
        ev.ExaminationPerformed(occurred_at=at, episode=E, exam=X, kind=ExaminationKind.SCREENING, history=True)
    )
    outside = records(
        ev.ExaminationPerformed(occurred_at=at, episode=E, exam=X, kind=ExaminationKind.DIAGNOSTIC, outside=True)
    )
    before = records(*screened(at - timedelta(days=30), Assessment.NEGATIVE))
    found = observe(
        [wrong, history, outside, before], since=SINCE, until=UNTIL, calendar=CALENDAR, start=defaults("US")
    )
    assert dict(found.too_few)["exams_per_day"] == 0
    assert found.visits_per_week == {"mammography": 0, "ultrasound": 0, "biopsy": 0}


def test_two_readings_and_a_technical_repeat_are_understood() -> None:
    def read_twice(n: int) -> list[Recorded]:
        at = FIRST + timedelta(days=n % 5)
        opinion = [
            ev.Opinion(occurred_at=at, episode=E, exam=X, reading=reading(Assessment.NEGATIVE), reader=who)
            for who in ("a", "b")
        ]
        third = ev.Arbitrated(occurred_at=at, episode=E, exam=X, reading=reading(Assessment.NEGATIVE), reader="c")
        repeat = ev.CallBackDecided(occurred_at=at, episode=E, exam=X, technical=True)
        exam, *rest = screened(at, Assessment.NEGATIVE)
        return records(exam, *opinion, *([third] if n % 10 == 0 else []), *rest, repeat)

    found = observe(
        (read_twice(n) for n in range(40)), since=SINCE, until=UNTIL, calendar=CALENDAR, start=defaults("US")
    )
    a = found.unit.assumptions
    assert (a.readings_per_exam, a.third_reading_share, a.recall_share) == (2, 0.1, 0)
