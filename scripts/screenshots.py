"""Take the pictures of docs/reference/her-page.md: `python -m scripts.screenshots`; with --measure, weigh the pages.

Each state is a made-up woman's story, told through the real door into a database that is thrown away, and looked at in
Chromium as on a telephone 360 wide.
"""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

if __name__ == "__main__":
    os.environ["CLOSERLOOK_DATA_DIR"] = tempfile.mkdtemp(prefix="closerlook-pictures-")
    os.environ["CLOSERLOOK_SECRET_KEY"] = "seals sessions that end with this program"  # noqa: S105
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps a loop in this thread
    for name in ("CLOSERLOOK_DATABASE_URL", "CLOSERLOOK_PROTOCOL"):
        os.environ.pop(name, None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "closerlook.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from tests.her_page import test_states  # noqa: E402
from tests.her_page.conftest import serving  # noqa: E402
from tests.letters.database import riverside  # noqa: E402
from tests.letters.story import Story  # noqa: E402
from tests.quality import paper, shown  # noqa: E402
from tests.quality.looking import bytes_of, weighed  # noqa: E402
from tests.servers import launch_chromium  # noqa: E402

from closerlook.pathway.terms import Assessment, Density, FindingKind  # noqa: E402
from closerlook.people import sites  # noqa: E402
from closerlook.people.models import Provider, Site  # noqa: E402
from closerlook.portal.parts import State  # noqa: E402

FOLDER = Path(__file__).parent.parent / "docs/images/her-page"
WIDE, HIGH = 360, 1400


def _booked() -> Story:
    story = shown.begin().called_back(
        reasons=(FindingKind.CALCIFICATIONS,), views=("magnification",), answer_same_day=True
    )
    return story.booked(days=2 + 21 / 24 + 20 / 60 / 24)


PICTURES: dict[str, Callable[[], Story]] = {
    "called-back": _booked,
    "waiting": lambda: shown.begin().examined(),
    "normal-dense": lambda: shown.begin().report(Assessment.NEGATIVE, density=Density.C).sent(),
    "result-ready": test_states.STORIES[State.READY][2],
    "biopsy-advised": test_states.STORIES[State.SAMPLE][0],
    "waiting-for-pathology": lambda: shown.begin().sampled(),
    "cancer-found": test_states.referred,
    "invited": lambda: shown.begin().invited(),
}
"""What is told of her. All of them gave the code of a text."""


def main() -> None:
    with _clinic() as site, serving() as address, sync_playwright() as playwright:
        chromium = launch_chromium(playwright)
        measure = "--measure" in sys.argv[1:]
        stories = PICTURES
        if measure:
            print("| Page | HTML and style | Requests | Sheets |\n|---|---:|---:|---:|")
            stories = {state: told[0] for state, told in test_states.STORIES.items()}
        for name, story in stories.items():
            her = shown.tell(story, site)
            context = chromium.new_context(
                viewport={"width": WIDE, "height": HIGH}, device_scale_factor=1.5, reduced_motion="reduce"
            )
            page = context.new_page()
            with mock.patch.object(timezone, "now", _at(her.now)):
                shown.let_in(context, address, shown.session(her, her.now))
                if measure:
                    print(_weigh(name, page, address))
                else:
                    page.goto(f"{address}/my/")
                    print(_keep(name, page.screenshot()))
            context.close()
        chromium.close()


def _weigh(name: str, page: Page, address: str) -> str:
    with weighed(page) as answers:
        page.goto(f"{address}/my/")
    sheets = paper.sheets(page.pdf(format="A4"))
    return f"| {name.replace('_', ' ')} | {bytes_of(answers) / 1000:.1f} kB | {len(answers)} | {sheets} |"


def _keep(name: str, png: bytes) -> str:
    """Keep a picture in few colours: it is text on paper."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{name}.png"
    Image.open(io.BytesIO(png)).convert("RGB").quantize(32).save(file, optimize=True)
    return f"{file.name}: {file.stat().st_size / 1000:.0f} kB"


def _at(moment: datetime) -> object:
    return lambda: moment + timedelta(minutes=5)


@contextmanager
def _clinic() -> Iterator[Site]:
    folder = Path(os.environ["CLOSERLOOK_DATA_DIR"])
    (folder / "static").mkdir()
    try:
        call_command("migrate", verbosity=0)
        sites.forget()
        site = riverside()
        site.save()
        Provider.objects.create(id="A|d1", family="Lind", given="Eva")
        with override_settings(STATIC_ROOT=folder / "static", ALLOWED_HOSTS=["127.0.0.1"]):
            yield site
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
