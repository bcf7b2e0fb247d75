"""What has to hold after a soak: proved, added up, nothing doubled or left hanging, and as without any fault."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q
from tests.simulate import standing

from bench.soak.plan import Plan
from bench.soak.systems import System
from closerlook.exchange import intake, ledger
from closerlook.exchange.models import Arrival, Message, MessageOutcome
from closerlook.pathway.events import Kind
from closerlook.people.models import Patient
from closerlook.record import door, verify
from closerlook.record.models import Event, OpenLoop


def check(system: System, place: Path, now: datetime) -> None:
    """Raise AssertionError unless the record of a soaked system proves itself. `place` holds all that came in."""
    assert system.run("verify") == 0, "verify found a fault"
    assert system.run("ledger") == 0, "the ledger does not agree"
    with system.here():
        assert [f"{f.stream}: {f.what}" for f in verify.verify()] == []
        books = ledger.ledger(now)
        assert books.mismatches == ()
        assert sum(books.places.values()) == books.patients == Patient.objects.count()
        _nothing_vanished(place)
        _nothing_doubled(system)
        _nothing_hangs(now)


def _nothing_vanished(place: Path) -> None:
    came = {one.digest for file in intake.files([place]) for one in intake.incoming(file)}
    kept = set(Message.objects.values_list("digest", flat=True))
    assert came == kept, f"{len(came - kept)} messages vanished, {len(kept - came)} came from nowhere"
    assert not Message.objects.filter(outcome=MessageOutcome.RECEIVED).exists(), "something was never looked at"
    first = Arrival.objects.filter(repeated=False)
    assert first.count() == first.values("message").distinct().count() == Message.objects.count()


def _nothing_doubled(system: System) -> None:
    """A letter is written again only after somebody did something; each that is noted lies in the outbox, whole."""
    for stream in Event.objects.filter(type__startswith="Sending").values_list("stream", flat=True).distinct():
        since: dict[tuple[str, str], int] = {}
        others = 0
        for record in door.look(stream).records:
            others += record.actor.kind is not Kind.WORKER
            event = record.event
            file, document, exam = (getattr(event, name, None) for name in ("file", "document", "exam"))
            if file is None or document is None or exam is None:
                continue
            assert since.get((exam, document)) != others, f"{stream}: {document} of {exam} was written twice"
            since[exam, document] = others
            found = list((system.folder / "outbox-on-disk").rglob(file))
            assert found, f"{stream}: {file} is not in the outbox"


def _nothing_hangs(now: datetime) -> None:
    """No lease outlives the longest wait a worker gives itself (two hours); nothing due is left to the software."""
    far = OpenLoop.objects.filter(lease_until__gt=now + timedelta(hours=2))
    assert not far.exists(), f"leased for ever: {list(far.values_list('kind', 'subject'))[:5]}"
    trouble = OpenLoop.objects.exclude(trouble="").values_list("kind", "trouble")
    assert not list(trouble), f"in trouble still: {list(trouble)[:5]}"
    left = OpenLoop.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now), owner="system")
    kinds = Counter(left.filter(visible_from__lte=now).values_list("kind", flat=True))
    assert not kinds, f"due, and nobody works it: {dict(kinds)}"


def same(soaked: System, plain: System) -> int:
    """Raise AssertionError unless everyone stands in both where she stands in the other; return how many they are."""
    with plain.here():
        expected, places = standing.everyone(moments=False), standing.places()
    with soaked.here():
        found, found_places = standing.everyone(moments=False), standing.places()
    assert found.keys() == expected.keys()
    other = [f"{n} {what}: {found[n][what]} instead of {hers[what]}" for n, hers in expected.items()
             for what in hers if found[n][what] != hers[what]]  # fmt: skip
    assert not other, f"{len(other)} differ from the run without faults: " + "\n".join(other[:5])
    assert found_places == places
    return len(found)


def counted(plan: Plan, system: System) -> Counter[str]:
    """Return what the record holds, for the table."""
    with system.here():
        return Counter(
            {
                "messages sent": plan.messages,
                "messages and pieces that came in": Arrival.objects.count(),
                "facts": Event.objects.count(),
                "women": Patient.objects.count(),
            }
        )
