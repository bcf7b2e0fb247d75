"""A simulated programme: whatever is owed is worked, nobody is stuck, and wherever it acts the same happens."""

from collections import Counter
from datetime import date, datetime, timedelta
from functools import cache

import pytest

from closerlook.pathway.events import Kind, encode
from closerlook.pathway.loops import KINDS, fold, open_loops
from closerlook.pathway.stages import ALL_PLACES, place
from closerlook.people.models import Identifier, Site
from closerlook.record import log, verify
from closerlook.record.models import Event
from closerlook.simulate.at_work import NOT_WORKED, WAYS
from closerlook.simulate.doorways import Alone, ThroughDoor
from closerlook.simulate.engine import BY_SOFTWARE, Engine
from closerlook.simulate.feeds import record_number
from closerlook.simulate.from_log import outcomes
from closerlook.simulate.measures import measures
from closerlook.simulate.outcomes import alone
from tests.simulate import runs

PROGRAMMES = ("us", "uk")
LONGEST_LATE = timedelta(days=150)
"""A simulated woman may be hard to reach, or miss visit after visit; what is later than this nobody works at all."""


@cache
def played(country: str) -> tuple[Engine, Alone]:
    return runs.played(country, 700, live_from=date(2025, 2, 3) if country == "us" else None)


def test_every_kind_of_loop_is_worked_or_said_not_to_be() -> None:
    worked = {*WAYS, *BY_SOFTWARE, *NOT_WORKED}
    assert worked == set(KINDS)
    assert not set(WAYS) & (BY_SOFTWARE | set(NOT_WORKED))


@pytest.mark.parametrize("country", PROGRAMMES)
def test_nothing_owed_lies_unworked_for_months(country: str) -> None:
    run, doorway = played(country)
    late = [
        (case.woman.number, loop.kind, loop.subject, loop.late_at)
        for case in run.cases
        if case.stream
        for loop in doorway.look(case.stream).loops
        if loop.late_at < run.last - LONGEST_LATE
    ]
    assert late == []


@pytest.mark.parametrize("country", PROGRAMMES)
def test_the_pathway_refuses_next_to_nothing_of_what_people_do(country: str) -> None:
    run, doorway = played(country)
    assert sum(run.refused.values()) <= doorway.steps / 2_000, run.refused


@pytest.mark.parametrize("country", PROGRAMMES)
def test_every_woman_is_in_one_place_and_no_open_round_owes_nothing(country: str) -> None:
    run, doorway = played(country)
    places = Counter(place(doorway.look(case.stream).patient) for case in run.cases if case.stream)
    assert set(places) <= set(ALL_PLACES)
    assert any(name.startswith("open") for name in places)
    for case in run.cases:
        if not case.stream:
            continue
        standing = doorway.look(case.stream)
        owing = {loop.episode for loop in standing.loops}
        for episode in standing.patient.episodes.values():
            assert episode.settled is not None or episode.paused is not None or episode.id in owing


@pytest.mark.parametrize("country", PROGRAMMES)
def test_the_state_kept_is_the_fold_of_the_facts(country: str) -> None:
    run, doorway = played(country)
    protocol = run.protocol
    for stream, records in list(doorway.records())[::25]:
        folded = fold(stream, records, {protocol.hash: protocol})
        assert folded == doorway.look(stream).patient
        assert tuple(open_loops(folded, {protocol.hash: protocol}, default=protocol)) == doorway.look(stream).loops


def test_the_same_seed_gives_the_same_facts_and_another_does_not() -> None:
    facts = [[list(records) for _, records in runs.played("us", 25, seed=seed)[1].records()] for seed in (3, 3, 4)]
    assert facts[0] == facts[1]
    assert facts[0] != facts[2]


SHORT = datetime(2025, 10, 1, 16, tzinfo=runs.LAST.tzinfo)


@pytest.mark.parametrize("country", PROGRAMMES)
@pytest.mark.parametrize("in_bulk", [False, True])
def test_through_the_door_the_same_happens_as_on_the_pathway_alone(record: str, country: str, in_bulk: bool) -> None:
    women = 25 if in_bulk else 10
    _set_up(country)
    with ThroughDoor(in_bulk=in_bulk) as doorway:
        through = runs.engine(doorway, country, women, last=SHORT)
        through.run()
    reference = Alone(runs.rules(country))
    plain = runs.engine(reference, country, women, last=SHORT)
    plain.run()
    assert through.refused == plain.refused
    assert [fault.what for fault in verify.verify()] == []
    facts = {number: _facts(records) for number, records in _by_number(plain, reference)}
    stored = {
        number.value: _facts(log.load(number.patient_id)[0]) for number in Identifier.objects.select_related("patient")
    }
    assert stored == facts
    assert Event.objects.count() > 50


def _set_up(country: str) -> None:
    from closerlook.people import sites

    Site.objects.update(protocol=country, zone=runs.ZONES[country], live_from=None)
    sites.forget()


def _by_number(run: Engine, doorway: Alone) -> list[tuple[str, list[object]]]:
    streams = {case.stream: case.woman.number for case in run.cases}
    return [(record_number(streams[stream]), list(records)) for stream, records in doorway.records()]


def _facts(records: object) -> list[tuple[object, ...]]:
    """Facts without what differs by nature: a letter's file is named by its content, a patient's id is drawn."""
    found: list[tuple[object, ...]] = []
    for record in records:  # type: ignore[attr-defined]
        body = encode(record.event)
        if hasattr(record.event, "file"):
            body = type(record.event).__name__.encode()
        who = "herself" if record.actor.kind is Kind.PATIENT else record.actor
        found.append((record.seq, record.step, record.recorded_at, who, body))
    return found


def test_rates_through_the_pathway_are_those_of_the_model() -> None:
    run, doorway = played("us")
    rows = [
        outcome
        for case in run.cases
        if case.stream
        for outcome in outcomes(
            doorway.look(case.stream).patient,
            dict(doorway.records())[case.stream],
            run.protocol.calendar,
            number=case.woman.number,
            birth_date=case.woman.birth_date,
            screened_before=case.woman.screened_before,
            priors_here=case.woman.has_priors == "here",
            country="us",
        )
    ]
    found, model = measures(rows), measures(alone(1, 700, "us", 2))
    for name in ("recall", "detection", "ppv1", "biopsy_rate", "short_interval_share", "dense_share", "technical"):
        mine, its = found[name], model[name]
        assert mine.low <= its.high, (name, mine, its)
        assert its.low <= mine.high, (name, mine, its)
    assert found["recall"].n > 500
