"""The programme: one person or more for every course, played through inbox, door and worker on past days."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from closerlook.demonstration import standing_stories, stories, tissue_stories
from closerlook.demonstration.people import people
from closerlook.demonstration.stage import Stage
from closerlook.people import settings_of_site
from closerlook.people.models import Site, Staff
from closerlook.portal import links
from closerlook.portal.models import NotebookShared

PASSWORD = "closer-look-demo"  # noqa: S105  printed at start, for the demonstration only
STAFF = (
    ("desk", "Dana Whitfield", ("front_desk",)),
    ("technologist", "Tom Baker", ("technologist",)),
    ("radiologist", "Eva Lindqvist", ("radiologist", "clinician")),
    ("navigator", "Ana Ruiz", ("navigator",)),
    ("nurse", "Ruth Osei", ("nurse", "clinician")),
    ("pathology", "Paula Berg", ("pathology_coordinator",)),
    ("manager", "Max Ferrara", ("lead", "manager")),
)
SIGN_INS = "Sign in as {} with the password {}".format(", ".join(name for name, _, _ in STAFF), PASSWORD)
ALL = (*stories.ALL, *tissue_stories.ALL, *standing_stories.ALL)
HOW_MANY = len(ALL)


def is_demonstration() -> bool:
    """Whether the people here are the made-up ones, with the password everyone may know."""
    return Staff.objects.filter(user__username="navigator", name="Ana Ruiz").exists()


def her_page(now: datetime) -> str:
    """Return where one of the made-up people finds her page, and when she was born: to see what a patient sees."""
    shared = NotebookShared.objects.select_related("patient__site").order_by("pk").first()
    if shared is None:
        return ""
    her, born = shared.patient, shared.patient.birth_date
    return f"A patient's page: {links.issue(her, now, her.site)} (born {born:%B} {born.day}, {born.year})"


def fill(*, now: datetime, seed: int, progress: Callable[[int], None] = lambda _: None) -> None:
    """Play every course so that it stands at `now` as its story says."""
    _site(now)
    for username, name, roles in STAFF:
        settings_of_site.staff(username, name, roles, PASSWORD)
    cast = people(seed)
    for n, story in enumerate(ALL):
        stage = Stage(cast[n], n, _morning(now))
        story(stage)
        stage.rest(now)
        progress(1)


def _site(now: datetime) -> None:
    Site.objects.update_or_create(
        slug="main",
        defaults={
            "name": "Riverside Breast Clinic",
            "address": "14 Mill Street\nRiverside, MO 61111",
            "phone": "555-0140",
            "zone": "America/Chicago",
            "live_from": (now - timedelta(days=400)).date(),
            "protocol": "us",
            "contact_name": "Ana Ruiz, nurse navigator",
            "contact_hours": "Monday to Friday, 8:00 to 17:00",
        },
    )
    settings_of_site.change({}, ("RIVERIS|RIVERSIDE",))


def _morning(now: datetime) -> datetime:
    """Return ten o'clock at the unit on the last working day that has begun, so that stories end before `now`."""
    zone = ZoneInfo("America/Chicago")
    day: date = now.astimezone(zone).date()
    if now < datetime.combine(day, time(10), zone):
        day -= timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return datetime.combine(day, time(10), zone).astimezone(UTC)
