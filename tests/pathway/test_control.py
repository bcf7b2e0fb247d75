"""Two patients who look alike to the search may take the same steps and owe the same kinds of things, now and after.

You are here because the search tells states apart by `control` alone. States are collected from random histories, put
side by side where their controls are equal, and everything anyone may try is tried on both.

What still differs between two of one control, and why it is of no matter:

- a try that leaves her as she looks (the same team named anew, a wait explained once more, a pause looked at again) may
  be offered, make a fact or be refused in one and not in the other: it leads nowhere new;
- a wish to be told first ends with a day; the search knows no wishes, so who has one is left out here;
- how many days are left until a plan is stale is not counted, only whether they have run out: who is near that day
  is left out here.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace

from closerlook.pathway.check import BEGINS
from closerlook.pathway.control import A_STEP, control, digest, is_stale
from closerlook.pathway.deciding import Refused, after, decide, recorded
from closerlook.pathway.events import Recorded
from closerlook.pathway.finishing import between, ways
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Patient
from closerlook.pathway.scenes import SCENES
from closerlook.pathway.trying import A_WHILE, MENU, Here, Try
from tests.pathway.story import PROTOCOLS, UK, US
from tests.pathway.walks import Walk

State = tuple[Patient, tuple[Recorded, ...], datetime]
Outcome = tuple[tuple[str, ...], bytes, tuple[str, ...]]
"""What a try came to: the facts' names, the control and the kinds owed after it."""
STEPS = 25
MOST_ALIKE = 4


def owed(patient: Patient) -> tuple[str, ...]:
    """Return the kinds owed or held by a pause, each as often as it is."""
    return tuple(sorted(kind for _, kind, _ in (*patient.owed, *patient.suspended)))


def taken(t: Try, state: State, protocol: Protocol) -> tuple[Outcome | None, State]:
    """Return what a try comes to, None where it is refused or changes nothing."""
    patient, log, _ = state
    try:
        events = decide(t.step, patient, log, PROTOCOLS, default=protocol, actor=t.actor, now=t.at)
    except Refused:
        return None, state
    if not events:
        return None, state
    new = tuple(recorded(events, patient, protocol, t.actor, t.at))
    then = after(patient, log, new, PROTOCOLS)
    names = tuple(type(e).__name__ for e in events)
    return (names, digest(then, protocol, t.at), owed(then)), (then, (*log, *new), t.at)


def tries(state: State, protocol: Protocol) -> list[Try]:
    """Return everything of the whole menu, and every step of the way home."""
    here = Here(state[0], protocol, state[2])
    return [t for group in (*MENU.values(), ways, between) for t in group(here)]


def outcomes(state: State, protocol: Protocol) -> list[tuple[str, Outcome]]:
    """Return each try that leads somewhere else, with what it comes to."""
    same = digest(state[0], protocol, state[2])
    found = [(t.label, taken(t, state, protocol)[0]) for t in tries(state, protocol)]
    return [(label, came) for label, came in found if came is not None and came[1] != same]


# ---------------------------------------------------------------- random histories


def within_a_scene(rng: Random, protocol: Protocol) -> Iterator[State]:
    """Walk where a scene begins, among its tries and now and then others of the menu."""
    scene = rng.choice(list(SCENES.values()))
    names = [*scene.groups, *scene.at_rest]
    state: State = (Patient("p1"), (), BEGINS)
    for label in rng.choice(scene.starts):
        state = taken(next(t for t in tries(state, protocol) if t.label == label), state, protocol)[1]
    yield state
    for _ in range(STEPS):
        here = Here(state[0], protocol, state[2])
        menu = [t for name in names for t in MENU[name](here)]
        for t in rng.sample(menu, min(6, len(menu))):
            came, state = taken(t, state, protocol)
            if came is not None:
                yield state
                break
        if rng.random() < 0.1:
            names.append(rng.choice(list(MENU)))


def anywhere(rng: Random, protocol: Protocol) -> Iterator[State]:
    """Walk as the random walks do: late, twice, out of order, and refused."""
    walk = Walk(rng.choice, protocol)
    for _ in range(STEPS // 2):
        walk.go()
        if walk.her.patient.episodes and walk.her.patient.wishes.tell_first_until is None:
            yield walk.her.patient, tuple(walk.her.log), walk.her.now


def grows_stale(state: State, protocol: Protocol) -> bool:
    """Whether her plan grows stale in the next days, by a visit, or with her newest pictures withdrawn: the one clock
    that is not counted in steps."""
    patient, _, now = state
    visits = [v.starts_at for e in patient.episodes.values() for v in e.visits.values() if v.starts_at is not None]
    days = (now, max(now, *visits, now) + timedelta(days=10))
    for e in patient.episodes.values():
        only = [replace(e, exams={x.id: x}) for x in e.exams.values()]
        if len({is_stale(one, protocol, day) for one in (e, *only) for day in days}) > 1:
            return True
    return False


def alike(seed: int, protocol: Protocol, walks: int) -> list[tuple[State, State]]:
    """Return pairs of states of one control that came about differently."""
    rng = Random(seed)  # the same histories every time
    known: dict[bytes, list[State]] = defaultdict(list)
    for n in range(walks):
        for state in (within_a_scene if n % 5 else anywhere)(rng, protocol):
            if grows_stale(state, protocol):
                continue
            bucket = known[digest(state[0], protocol, state[2])]
            if len(bucket) < MOST_ALIKE:
                bucket.append(state)
    return [(first, other) for first, *others in known.values() for other in others]


@pytest.mark.parametrize("protocol", [US, UK], ids=lambda p: p.name)
@pytest.mark.parametrize("seed", range(3))
def test_who_looks_alike_may_do_the_same_and_looks_alike_after_it(seed: int, protocol: Protocol) -> None:
    pairs = alike(seed, protocol, walks=60)
    assert len(pairs) > 50
    for one, other in pairs:
        assert owed(one[0]) == owed(other[0])
        assert outcomes(one, protocol) == outcomes(other, protocol)


def test_equal_controls_have_equal_digests() -> None:
    """Nothing in a control is written in an order of its own."""
    for one, other in alike(9, US, walks=60):
        assert control(one[0], US, one[2]) == control(other[0], US, other[2])


def test_the_step_that_visits_are_counted_in_is_the_search_s_own() -> None:
    assert A_STEP == A_WHILE == timedelta(hours=27)
