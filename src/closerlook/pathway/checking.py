"""Run the search over protocols and scenes, side by side, and say what it saw.

The zone is of no matter to what can happen; every protocol is searched in UTC.
"""

import gc
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from typing import Any

from closerlook.pathway import events as ev
from closerlook.pathway.check import Found, check
from closerlook.pathway.loops import KINDS
from closerlook.pathway.protocol import load, shipped
from closerlook.pathway.scenes import SCENES

Task = tuple[str, str]
BOUNDED = (
    "one finding and two specimens, or two findings with one specimen each",
    "a screening examination, its repeat, and two work-up examinations",
    "two later reports of a result; one piece of news of other kinds, two where a scene says so",
    "two rounds of hers, one after the other",
    "calls counted to the ladder's end; visits missed counted to what the protocol offers",
    "regions at rest are worked at once; each moves freely in a scene of its own",
    "merging, wishes, entering in error and history are left to the random walks of the tests",
)
"""What the search does not go beyond."""


def tasks(names: Sequence[str] = (), scenes: Sequence[str] = ()) -> list[Task]:
    """Return what to search, the longest first."""
    chosen = [name for name in BY_SIZE if not scenes or name in scenes]
    return [(protocol, scene) for scene in chosen for protocol in names or shipped()]


LARGEST = ("reaching", "work_up", "elsewhere", "pairs_in_tissue", "tissue", "telling", "tissue_again")
BY_SIZE = (*(s for s in LARGEST if s in SCENES), *(s for s in SCENES if s not in LARGEST))


def searched(found: Sequence[Task], workers: int = 2) -> Iterator[Found]:
    """Yield what each search saw, as they end."""
    if workers < 2:
        yield from map(_one, found)
        return
    with get_context("spawn").Pool(workers, maxtasksperchild=6) as pool:
        yield from pool.imap_unordered(_one, found)


def _one(task: Task) -> Found:
    """Search one scene. Nothing in a search refers back to itself: looking for such cycles would cost a tenth of it."""
    name, scene = task
    gc.disable()
    return check(scene, load(name, zone="UTC", kinds=frozenset(KINDS)))


def report(found: Sequence[Found]) -> dict[str, Any]:
    """Return a document of what was seen, what was bounded, and every fault."""
    met = frozenset().union(*(f.kinds for f in found)) if found else frozenset()
    made = frozenset().union(*(f.facts for f in found)) if found else frozenset()
    return {
        "proved": bool(found) and all(f.complete and not f.faults for f in found),
        "states": sum(f.states for f in found),
        "transitions": sum(f.transitions for f in found),
        "scenes": [
            {
                "protocol": f.protocol,
                "scene": f.scene,
                "about": SCENES[f.scene].about,
                "states": f.states,
                "transitions": f.transitions,
                "complete": f.complete,
                "faults": [str(fault) for fault in f.faults],
            }
            for f in sorted(found, key=lambda f: (f.protocol, list(SCENES).index(f.scene)))
        ],
        "kinds_never_owed": sorted(set(KINDS) - met),
        "facts_never_made": sorted({fact.__name__ for fact in ev.PATIENT_FACTS} - made),
        "bounded": list(BOUNDED),
    }


def in_words(found: dict[str, Any]) -> str:
    """Return the report for a terminal."""
    lines = [f"{s['protocol']:3} {s['scene']:18} {s['states']:7,} states {s['transitions']:9,} transitions"
             + ("" if s["complete"] else "  NOT SEARCHED TO THE END") for s in found["scenes"]]  # fmt: skip
    lines += ["", *(fault for s in found["scenes"] for fault in s["faults"])]
    lines += [f"All: {found['states']:,} states, {found['transitions']:,} transitions."]
    if found["kinds_never_owed"]:
        lines.append(f"Never owed in this search: {', '.join(found['kinds_never_owed'])}.")
    lines += ["Bounded to:", *(f"  {bound}" for bound in found["bounded"])]
    lines.append("Every promise holds." if found["proved"] else "NOT PROVED.")
    return "\n".join(lines)
