"""The search behind the promises: it holds for every scene and protocol, and finds every mistake it should.

You are here when a promise fails, a mistake is not found, or the search must go further. `mutants` has the mistakes.
"""

from collections.abc import Iterator, Sequence
from functools import cache

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import promises
from closerlook.pathway.check import BEGINS, Fault, Found, Search, State, check
from closerlook.pathway.checking import BOUNDED, in_words, report, tasks
from closerlook.pathway.deciding import Refused, after, decide, recorded
from closerlook.pathway.loops import KINDS
from closerlook.pathway.protocol import Protocol, load, shipped
from closerlook.pathway.regions import Patient
from closerlook.pathway.scenes import SCENES
from closerlook.pathway.trying import MENU, Here
from tests.pathway.mutants import MUTANTS, Mutant

NEVER_OWED = {
    "review_history": "rounds from before the start are left to the random walks",
    "hand_over": "a caseload's, not a patient's",
    "resolve_message": "a message's, not a patient's",
}
"""Kinds that no scene meets, and why."""

NEVER_MADE = {
    "AnatomyRecorded": "what she has of breasts changes no promise; left to the random walks",
    "Absorbed": "merging is left to the random walks",
    "MergedInto": "merging is left to the random walks",
    "Unmerged": "merging is left to the random walks",
    "EnteredInError": "folds the whole log anew; left to the random walks",
    "BarrierNoted": "a note that changes nothing that is owed",
    "CallTried": "a call that did not reach her leaves the one she asked for owed",
    "Enrolled": "only in scripted beginnings, which are not counted",
    "Escalated": "the clock's, not a person's; changes nothing that is owed",
    "HistoryReviewed": "rounds from before the start are left to the random walks",
    "Moved": "a visit moved is a visit booked for another hour",
    "OwnerChanged": "who owns a round changes nothing that is owed",
    "PriorsKnown": "a note that changes nothing that is owed",
    "PauseReviewed": "another day to look again leaves what is owed as it is",
    "ProtocolMoved": "one protocol in one search",
    "SurveillanceEnded": "rounds that answer a dated visit are left to the courses and random walks",
    "WishesSet": "wishes are left to the random walks",
}
"""Facts that no scene makes, and why."""


@cache
def rules(name: str) -> Protocol:
    return load(name, zone="UTC", kinds=frozenset(KINDS))


@cache
def searched(name: str, scene: str) -> Found:
    return check(scene, rules(name))


@pytest.mark.parametrize(("name", "scene"), tasks(), ids=lambda part: part)
def test_every_promise_holds(name: str, scene: str) -> None:
    found = searched(name, scene)
    assert found.complete, "searched to the end"
    assert not found.faults, "\n\n".join(map(str, found.faults))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_a_mistake_is_found(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.patch(monkeypatch)
    found = check(mutant.scene, rules(mutant.protocol), first=True)
    assert found.faults, f"{mutant.name}: nothing in {mutant.scene} finds it"
    fault = found.faults[0]
    assert fault.promise.startswith("Promise ")
    assert fault.way, "the way there"
    assert all(label.strip() for label in fault.way), "in words"
    assert fault.what in str(fault)


def test_every_mistake_has_a_name_of_its_own() -> None:
    names = [m.name for m in MUTANTS]
    assert len(names) == len(set(names)) >= 36
    assert {m.scene for m in MUTANTS} <= set(SCENES)
    assert {m.protocol for m in MUTANTS} == set(shipped())


def test_the_search_meets_every_kind_and_makes_every_fact() -> None:
    found = [searched("uk", scene) for scene in SCENES]
    assert set(KINDS) - frozenset().union(*(f.kinds for f in found)) == set(NEVER_OWED)
    facts = {fact.__name__ for fact in ev.PATIENT_FACTS}
    assert facts - frozenset().union(*(f.facts for f in found)) == set(NEVER_MADE)


# ---------------------------------------------------------------- the shortest way


def broken(patient: Patient, *_beside: object) -> Iterator[tuple[str, str]]:
    """An artificial promise: she never asks to be rung while a lump of hers is answered."""
    answered = any(s.answered for e in patient.episodes.values() for s in e.symptoms.values())
    if patient.call_requested and answered:
        yield "Promise 0", "both at once"


def test_the_way_to_a_fault_is_the_shortest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "of_state", broken)
    search = Search(SCENES["symptoms"], rules("us"))
    fault = search.run(first=True).faults[0]
    assert len(fault.way) == 1 + len(shortest(search))


def shortest(search: Search) -> Sequence[str]:
    """Return the first way to the artificial fault among all ways of one step, of two, and so on; none is merged."""
    state: State = (Patient("p1"), (), BEGINS)
    state = next(then for label, then in ways_on(state, [*MENU], search) if label == "she is screened")
    ways: list[tuple[Sequence[str], State]] = [((), state)]
    while ways:
        more: list[tuple[Sequence[str], State]] = []
        for way, known in ways:
            if any(broken(known[0])):
                return way
            more += [((*way, label), then) for label, then in ways_on(known, search.scene.groups, search)]
        ways = more
    raise AssertionError("no way leads there")


def ways_on(state: State, groups: Sequence[str], search: Search) -> Iterator[tuple[str, State]]:
    patient, log, now = state
    for t in (t for name in groups for t in MENU[name](Here(patient, search.protocol, now))):
        try:
            events = decide(t.step, patient, log, search.protocols, default=search.protocol, actor=t.actor, now=t.at)
        except Refused:
            continue
        if events:
            new = tuple(recorded(events, patient, search.protocol, t.actor, t.at))
            yield t.label, (after(patient, log, new, search.protocols), (*log, *new), t.at)


# ---------------------------------------------------------------- the report


def test_the_report_says_what_was_bounded() -> None:
    found = report([searched("us", "says_no")])
    assert found["proved"]
    assert found["bounded"] == list(BOUNDED)
    words = in_words(found)
    assert all(bound in words for bound in BOUNDED)
    assert "Every promise holds." in words


def test_what_was_not_searched_to_the_end_proves_nothing() -> None:
    cut = Search(SCENES["says_no"], rules("us"), most=20).run()
    found = report([cut])
    assert not cut.complete
    assert not found["proved"]
    assert "NOT SEARCHED TO THE END" in in_words(found)
    assert "NOT PROVED." in in_words(found)


def test_a_report_of_nothing_proves_nothing() -> None:
    assert not report([])["proved"]


def test_a_fault_is_reported_with_its_way() -> None:
    fault = Fault("Promise 1", "nobody owes it", ("she is screened", "nothing follows"))
    found = Found("us", "says_no", 3, 2, frozenset(), frozenset(), complete=True, faults=(fault,))
    words = in_words(report([found]))
    assert "Promise 1: nobody owes it\n  1. she is screened\n  2. nothing follows" in words
    assert "NOT PROVED." in words
