"""Pages of the desk with a million open loops against the same pages with a thousand."""

import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from django.db import connection
from django.test import Client

from bench.measure import Figure, seconds, sqlite
from closerlook.accounts.marks import mark_demonstration
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Kind, Reading, SideAssessment
from closerlook.pathway.terms import Assessment, ExaminationKind, Laterality, ReportStatus
from closerlook.people.models import Patient, Site
from closerlook.people.settings_of_site import staff
from closerlook.record import door
from closerlook.record.models import OpenLoop

REQUESTS = 30
KINDS = (
    ("tell_result", "navigator"), ("book_call_back", "navigator"), ("reach_her", "navigator"),
    ("arrange_biopsy", "navigator"), ("read", "radiologist"), ("post_document", "front_desk"),
    ("nurse_call", "nurse"), ("tell_diagnosis", "clinician"),
)  # fmt: skip
HER = "p00000000000000"
PAGES = {
    "Home": "/",
    "Worklist, everyone's": "/?who=everyone",
    "Call-back desk": "/calls/",
    "Tissue board": "/boards/tissue/",
    "Patient page": f"/patient/{HER}/",
}


def run(*, quick: bool) -> list[Figure]:
    """Return the ratio of medians for each page, requests in turn."""
    large = 100_000 if quick else 1_000_000
    times: dict[tuple[int, str], list[float]] = {}
    for size in (1_000, large):
        with tempfile.TemporaryDirectory() as folder, sqlite(Path(folder), "pages"):
            mark_demonstration(datetime.now(UTC))  # no second factor is asked
            _fill(size)
            staff("ana", "Ana Ruiz", ("navigator", "radiologist"), "a-long-password-1")
            client = Client(headers={"host": "localhost"})
            assert client.login(username="ana", password="a-long-password-1")
            for name, address in PAGES.items():
                assert client.get(address).status_code == 200, address
                times[size, name] = []
            for _ in range(REQUESTS):
                for name, address in PAGES.items():
                    times[size, name].append(seconds(partial(client.get, address)))
            connection.close()
    return [_figure(name, large, median(times[1_000, name]), median(times[large, name])) for name in PAGES]


def _figure(name: str, large: int, small: float, big: float) -> Figure:
    spread = f"({small * 1000:.1f} ms and {big * 1000:.1f} ms)"
    return Figure(f"{name} with {large:,} ÷ with 1,000 open loops", big / small, "times", "≤ 1.3", spread)


def _fill(size: int) -> None:
    """Write loops straight into the table: this measures reading, not deciding. One patient has a real record."""
    now = datetime.now(UTC)
    site = Site.objects.get()
    people = max(200, size // 5)
    patients = [
        Patient(
            id=f"p{n:014}", family=f"Family{n % 900}", given="Given", birth_date="1970-01-01", site=site, created_at=now
        )
        for n in range(people)
    ]
    Patient.objects.bulk_create(patients, batch_size=5_000)
    _record(now)
    batch = []
    for n in range(size):
        kind, owner = KINDS[n % len(KINDS)]
        due = now + timedelta(minutes=(n * 7919) % 20_000 - 6_000)
        batch.append(
            OpenLoop(
                stream=f"p{1 + n % (people - 1):014}", kind=kind, opened_seq=1, episode="e1",
                subject=f"e{n}:call_2" if kind == "reach_her" else f"e1.x{n}",
                owner=owner, site=site.slug, visible_from=now - timedelta(days=9), due_at=due,
                late_at=due + timedelta(days=2), rule="site default", legal=False, urgent=n % 50 == 3,
                escalate_at=due + timedelta(days=2), rung=0,
            )
        )  # fmt: skip
        if len(batch) == 5_000:
            OpenLoop.objects.bulk_create(batch)
            batch = []
    OpenLoop.objects.bulk_create(batch)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _record(now: datetime) -> None:
    """Give one patient a record through the door: she is called back."""
    feed = Actor(Kind.FEED, "bench")
    reading = Reading(
        status=ReportStatus.FINAL,
        reported_at=now,
        sides=(
            SideAssessment(Assessment.INCOMPLETE_IMAGING, Laterality.LEFT),
            SideAssessment(Assessment.NEGATIVE, Laterality.RIGHT),
        ),
    )
    examination = st.Examination(kind=ExaminationKind.SCREENING, performed_at=now - timedelta(hours=2))
    step = st.TakeReport(reading=reading, examination=examination, site=Site.objects.get().slug)
    door.take(step, stream=HER, actor=feed, key="r1", now=now)
