"""The worklist page with a million open loops against the same page with a thousand."""

import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from django.db import connection
from django.test import Client

from bench.measure import Figure, seconds, sqlite
from closerlook.people.models import Patient, Site
from closerlook.people.settings_of_site import staff
from closerlook.record.models import OpenLoop

REQUESTS = 40
OWNERS = ("navigator", "radiologist", "front_desk", "nurse", "clinician")


def run(*, quick: bool) -> list[Figure]:
    """Return the ratio of medians, requests in turn."""
    large = 100_000 if quick else 1_000_000
    times: dict[int, list[float]] = {}
    for size in (1_000, large):
        with tempfile.TemporaryDirectory() as folder, sqlite(Path(folder), "pages"):
            _fill(size)
            staff("ana", "Ana Ruiz", ("navigator",), "a-long-password-1")
            client = Client(headers={"host": "localhost"})
            assert client.login(username="ana", password="a-long-password-1")
            for address in ("/", "/?who=everyone"):
                client.get(address)
            times[size] = [
                seconds(partial(client.get, address)) for _ in range(REQUESTS) for address in ("/", "/?who=everyone")
            ]
            connection.close()
    ratio = median(times[large]) / median(times[1_000])
    spread = f"({median(times[1_000]) * 1000:.1f} ms and {median(times[large]) * 1000:.1f} ms)"
    return [Figure(f"Worklist page with {large:,} ÷ with 1,000 open loops", ratio, "times", "≤ 1.3", spread)]


def _fill(size: int) -> None:
    """Write loops straight into the table: this measures reading, not deciding."""
    now = datetime.now(UTC)
    site = Site.objects.get()
    patients = [
        Patient(id=f"p{n:08}", family=f"Family{n}", given="Given", birth_date="1970-01-01", site=site, created_at=now)
        for n in range(min(size, 2_000))
    ]
    Patient.objects.bulk_create(patients, batch_size=2_000)
    batch = []
    for n in range(size):
        due = now + timedelta(minutes=(n * 7919) % 20_000 - 6_000)
        batch.append(
            OpenLoop(
                stream=f"p{n % 2_000:08}",
                kind="book_call_back",
                subject=f"s{n}",
                opened_seq=1,
                episode="e1",
                owner=OWNERS[n % len(OWNERS)],
                visible_from=now - timedelta(days=9),
                due_at=due,
                late_at=due + timedelta(days=2),
                rule="site default",
                legal=False,
                urgent=False,
                escalate_at=due + timedelta(days=2),
                rung=0,
            )
        )
        if len(batch) == 5_000:
            OpenLoop.objects.bulk_create(batch)
            batch = []
    OpenLoop.objects.bulk_create(batch)
