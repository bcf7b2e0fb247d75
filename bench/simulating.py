"""A simulated programme on the pathway alone, through the door in bulk, and step by step: rounds a second."""

import cProfile
import pstats
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from django.conf import settings
from tests.simulate import runs
from tests.stores import using

from bench.measure import Figure, migrated, postgres, rate, seconds, sqlite
from closerlook.people.models import Site
from closerlook.record.models import Event
from closerlook.simulate.doorways import Alone, Doorway, ThroughDoor

PARTS = ("pathway", "record", "letters", "people", "portal", "exchange", "look", "simulate", "worker")


def run(*, quick: bool) -> list[Figure]:
    """Return rounds a second of one core: the pathway alone, bulk on both engines, and one transaction a step."""
    rounds, women = (2, 60) if quick else (5, 200)
    figures = [rate("Screening rounds simulated on the pathway alone", "-", _alone(women * 4, rounds))]
    with tempfile.TemporaryDirectory() as folder:
        for what, in_bulk, many in (("in bulk", True, women), ("one transaction a step", False, women // 3)):
            found = []
            for n in range(rounds):
                with sqlite(Path(folder), f"{what}{n}"):
                    found.append(_rounds_a_second(ThroughDoor(in_bulk=in_bulk), many))
            figures.append(rate(f"SQLite: rounds simulated through the door, {what}, letters too", "-", found))
        figures += _where_time_goes(Path(folder), women)
    with postgres() as server:
        found = []
        for n in range(rounds):
            with using(migrated(server, f"simulated{n}")):
                found.append(_rounds_a_second(ThroughDoor(), women))
        figures.append(rate("PostgreSQL: rounds simulated through the door, in bulk, letters too", "-", found))
    return figures


def _alone(women: int, rounds: int) -> list[float]:
    return [_rounds_a_second(Alone(runs.rules("us")), women) for _ in range(rounds)]


def _rounds_a_second(doorway: Doorway, women: int) -> float:
    if isinstance(doorway, ThroughDoor):
        Site.objects.update(live_from=None)
        shutil.rmtree(Path(settings.DATA_DIR) / "outbox", ignore_errors=True)
    engine = runs.engine(doorway, "us", women)
    took = seconds(engine.run)
    screened = sum(case.rounds for case in engine.cases)
    return screened / took


def _where_time_goes(folder: Path, women: int) -> list[Figure]:
    """Return each part's share of the processor's time, in bulk."""
    profile = cProfile.Profile()
    with sqlite(folder, "profiled"), ThroughDoor() as doorway:
        Site.objects.update(live_from=None)
        engine = runs.engine(doorway, "us", women)
        profile.enable()
        engine.run()
        profile.disable()
        facts = Event.objects.count()
    spent: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        part = file.partition("/closerlook/")[2].partition("/")[0].removesuffix(".py")
        if part in PARTS:
            spent[part] += own
        elif "qrcode" in file:
            spent["codes for phones"] += own
        elif "django/db" in file or "sqlite" in file:
            spent["database"] += own
        else:
            spent["the rest of Python and libraries"] += own
    total = sum(spent.values())
    shares = [
        Figure(f"  of that time: {name}", 100 * own / total, "% of it", "-", "") for name, own in spent.most_common(8)
    ]
    return [Figure("Facts a simulated woman in two years", facts / women, "facts", "-", ""), *shares]
