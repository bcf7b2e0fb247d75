"""The programme: one person or more for every course, told; and as many more as are asked for, simulated."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count

from closerlook.accounts.marks import mark_demonstration
from closerlook.demonstration import feed, standing_stories, stories, tissue_stories
from closerlook.demonstration.people import people
from closerlook.demonstration.stage import Stage
from closerlook.pathway.events import Purpose
from closerlook.people import settings_of_site, sites
from closerlook.people.models import Patient, Provider, Site, Staff
from closerlook.people.roles import Office
from closerlook.portal import links
from closerlook.portal.models import NotebookShared
from closerlook.simulate.doorways import ThroughDoor
from closerlook.simulate.programme import STAFF, programme, signed_here, unit
from closerlook.visits import rooms

PASSWORD = "closer-look-demo"  # noqa: S105  printed at start, for the demonstration only
NAME = "Riverside Breast Clinic"
NEW = "Breast Clinic"  # what `init` calls a unit before it says who it is
YEARS = 2
LIVE_FOR = timedelta(days=400)
LINKS_FOR = timedelta(days=120)
"""Since so long the unit prints links to their pages into patients' letters."""
OFFICES = {Office.ADMINISTRATOR: "Ida Berg", Office.AUDITOR: "Otto Fuchs", Office.PROVIDER: "A referring doctor"}
SIGN_INS = "Sign in as {} with the password {}".format(
    ", ".join([*(worker.username for worker in STAFF), *OFFICES]), PASSWORD
)
DAYS = 365 * YEARS
PRINTERS = 2 if (os.cpu_count() or 1) > 1 else 0
ALL = (*stories.ALL, *tissue_stories.ALL, *standing_stories.ALL)
HOW_MANY = len(ALL)


def is_unfinished() -> bool:
    """Whether a demonstration is being made with this data folder, or was stopped half-way."""
    return _marker().exists()


def is_somebodys() -> bool:
    """Whether a unit of its own was set up here: its name and rules are not to be written over."""
    return Site.objects.exclude(name__in=(NAME, NEW)).exists() or Staff.objects.exists()


def _marker() -> Path:
    return Path(settings.DATA_DIR) / "demonstration-unfinished"


def her_page(now: datetime) -> str:
    """Return where one of the made-up people finds her page, and when she was born: to see what a patient sees."""
    shared = NotebookShared.objects.select_related("patient__site").order_by("pk").first()
    if shared is None:
        return ""
    her, born = shared.patient, shared.patient.birth_date
    return f"A patient's page: {links.issue(her, now, her.site)} (born {born:%B} {born.day}, {born.year})"


def length(patients: int) -> int:
    """Return how many times `fill` says that it has come further."""
    return HOW_MANY + (DAYS if patients > HOW_MANY else 0)


def fill(
    *, now: datetime, seed: int, patients: int = HOW_MANY, progress: Callable[[int], None] = lambda _: None
) -> None:
    """Play every course so that it stands at `now` as its story says, then a simulated programme up to `now`.

    There are `HOW_MANY` told stories, of a few people fewer; the other patients are simulated, over two years.
    """
    _marker().touch()
    mark_demonstration(now)
    _site(now)
    cast = people(seed)
    for n, story in enumerate(ALL):
        stage = Stage(cast[n], n, _afternoon(now))
        story(stage)
        stage.rest(now)
        progress(1)
    if patients > HOW_MANY:
        _simulate(now, seed, patients - Patient.objects.count(), progress)
    for worker in STAFF:
        settings_of_site.staff(worker.username, worker.name, worker.roles, PASSWORD)
    _offices()
    _marker().unlink()


def _offices() -> None:
    """Sign-ins for who works no loop; the doctor is one to whom patients of the stories belong."""
    for office, name in OFFICES.items():
        settings_of_site.staff(office, name, (office,), PASSWORD)
    doctor = Provider.objects.annotate(patients=Count("patient")).order_by("-patients", "id").first()
    if doctor is not None:
        Staff.objects.filter(user__username=Office.PROVIDER).update(provider=doctor, name=str(doctor))


def _simulate(now: datetime, seed: int, women: int, progress: Callable[[int], None]) -> None:
    first = now.date() - timedelta(days=DAYS)
    here = unit(
        sites.protocol(),
        country="us",
        women=women,
        years=YEARS,
        place=f"{NAME}, second floor",
        senders=(feed.CODED,),
        live_from=(now - LIVE_FOR).date(),
        pages_from=now - LINKS_FOR,
    )
    with ThroughDoor(printers=PRINTERS, links_from=now - LINKS_FOR) as doorway:
        run = programme(here, doorway, seed=seed, women=women, first=first, last=now, deliver=signed_here)
        run.run(progress=progress)


def _site(now: datetime) -> None:
    Site.objects.update_or_create(
        slug="main",
        defaults={
            "name": NAME,
            "address": "14 Mill Street\nRiverside, MO 61111",
            "phone": "555-0140",
            "zone": "America/Chicago",
            "live_from": (now - LIVE_FOR).date(),
            "protocol": "us",
            "contact_name": "Ana Ruiz, nurse navigator",
            "contact_hours": "Monday to Friday, 8:00 to 17:00",
        },
    )
    settings_of_site.change({}, ("RIVERIS|RIVERSIDE",))
    if not rooms.rooms_of(sites.site("main")):
        _rooms((now - LIVE_FOR).date())


MORNING, AFTERNOON = (time(8, 0), time(12, 0)), (time(13, 0), time(16, 30))


def _rooms(first: date) -> None:
    """Three rooms, so that there are free times to choose from. The people of the stories book without them."""
    here = sites.site("main")
    both = rooms.add(here, "Second floor, room 1", (Purpose.PICTURES,), ultrasound=True)
    pictures = rooms.add(here, "Second floor, room 2", (Purpose.PICTURES, Purpose.SCREENING), slot_minutes=20)
    tissue = rooms.add(here, "Second floor, room 3", (Purpose.BIOPSY,), ultrasound=True, slot_minutes=60)
    for room in (both, pictures, tissue):
        rooms.open_week(room, (MORNING, AFTERNOON), first=first)


def _afternoon(now: datetime) -> datetime:
    """Return half past two at the unit on the last working day that is over, so that stories end before `now`."""
    zone = ZoneInfo("America/Chicago")
    day: date = now.astimezone(zone).date()
    if now < datetime.combine(day, time(17, 30), zone):
        day -= timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return datetime.combine(day, time(14, 30), zone).astimezone(UTC)
