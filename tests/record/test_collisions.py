"""A thousand rounds of people and processes who act at the same moment, whatever they want of the record.

RACES_SEED repeats a run that failed (it prints its seed), RACES_ROUNDS sets how many rounds each store sees.
"""

import os
import secrets
from collections import Counter
from collections.abc import Sequence
from random import Random

from closerlook.record import verify
from closerlook.record.models import Head
from tests.record.collisions import Round, Story
from tests.record.crowd import Move, Told, crowd

ROUNDS = int(os.environ.get("RACES_ROUNDS", "1000"))
ROUNDS_OF_ONE = 12


def test_whoever_collides_nothing_happens_twice_and_everyone_is_told(record: str) -> None:
    seed = int(os.environ.get("RACES_SEED") or secrets.randbelow(10**6))
    rng = Random(seed)
    story = Story(rng, 1)
    seen: Counter[str] = Counter()
    with crowd(record) as people:
        for number in range(ROUNDS):
            if story.rounds == ROUNDS_OF_ONE:
                story = Story(rng, story.number + 1)
            round_ = story.next()
            before = versions(round_)
            told = people.act(round_.moves)
            wrong = faults(round_, before, versions(round_), told)
            assert not wrong, in_words(wrong, seed, number, round_, told)
            seen.update(one.how for one in told)
    assert list(verify.verify()) == []
    assert min(seen[how] for how in ("done", "repeated", "stale", "refused")) > ROUNDS / 50, seen


def versions(round_: Round) -> dict[str, int]:
    streams = {move.stream for move in round_.moves}
    return dict.fromkeys(streams, 0) | dict(Head.objects.filter(stream__in=streams).values_list("stream", "version"))


def in_words(wrong: list[str], seed: int, number: int, round_: Round, told: list[Told]) -> str:
    """Say what went wrong, who acted, and how to see it again."""
    lines = [f"RACES_SEED={seed}, round {number} ({round_.name}):", *wrong]
    return "\n".join([*lines, *(f"  {move}\n    -> {said}" for move, said in zip(round_.moves, told, strict=True))])


def faults(round_: Round, before: dict[str, int], after: dict[str, int], told: list[Told]) -> list[str]:
    """Return what one round did that it must not."""
    assert len(told) == len(round_.moves)
    found = [f"someone was told a raw fault: {one.said}" for one in told if one.how == "fault"]
    found += ["someone was refused without a sentence" for one in told if one.how == "refused" and not one.said]
    for stream, version in before.items():
        acts = [(m, t) for m, t in zip(round_.moves, told, strict=True) if m.stream == stream]
        found += _of_stream(acts, version, after[stream])
        found += [f"{stream}: {fault.what}" for fault in verify.faults_of(stream)]
    happened = Counter(fact for one in told for _, fact in one.new)
    for facts in round_.once:
        if sum(happened[fact] for fact in facts.split("+")) > 1:
            found.append(f"{facts} happened more than once")
    if round_.alone and sum(version > 0 for version in after.values()) != 1:
        found.append("what is one patient's came to several, or to none")
    return found


def _of_stream(acts: Sequence[tuple[Move, Told]], before: int, after: int) -> list[str]:
    found = []
    seqs = sorted(seq for _, told in acts for seq, _ in told.new)
    if seqs != list(range(before + 1, after + 1)):
        found.append(f"the log went from {before} to {after}, and people were told of the facts {seqs}")
    for key in {move.key for move, _ in acts}:
        hows = Counter(told.how for move, told in acts if move.key == key)
        if hows["done"] > 1:
            found.append(f"key {key} was taken {hows['done']} times")
        # Who sets no store by what stands may be refused before another's step, and take the same step after it.
        others = any(told.new for move, told in acts if move.key != key)
        before_it = hows["refused"] if others and all(m.seen is None for m, _ in acts if m.key == key) else 0
        if hows["done"] and hows["repeated"] + before_it != hows.total() - 1:
            found.append(f"key {key} was taken, and the same asked again was told {dict(hows)}")
        if hows["repeated"] and not hows["done"]:
            found.append(f"key {key} was repeated and never taken")
    if sum(bool(told.new) for move, told in acts if move.seen is not None) > 1:
        found.append("two who decided on the same page both won")
    for move, told in acts:
        if told.how == "stale" and (move.seen is None or after == before):
            found.append("someone was told that the record had changed, and it had not")
        if told.how == "repeated" and told.version < max(seq for m, t in acts if m.key == move.key
                                                         for seq in (before, *(s for s, _ in t.new))):  # fmt: skip
            found.append("a repeated answer does not show what the first one did")
    return found
