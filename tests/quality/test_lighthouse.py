"""Her page and the public ones have nothing that Lighthouse calls a fault of accessibility or of good practice.

Speed and what search engines want are measured and shown beside, and fail nothing: they depend on the machine.
"""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from closerlook.people.models import Site
from closerlook.portal.parts import State
from tests.her_page.conftest import Now
from tests.public.conftest import ASKED, PAGES
from tests.quality import shown
from tests.quality.lighthouse import Asked, Measured, measure

GATED = ("accessibility", "best-practices")
HERS = (State.CANCER, State.NORMAL, State.BOOKED)


def test_no_page_has_a_fault_that_lighthouse_finds(
    site: Site, whole: None, server: str, at: Now, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    # Given three women with their page open, and the pages for everyone
    women = [shown.told(HERS[0], site)]
    for state in HERS[1:]:
        women.append(shown.told(state, site, since=women[-1].now))
    now = women[-1].now
    at(now)
    keys = [shown.session(her, now) for her in women]
    pages = [
        Asked(f"her page, {state}", f"{server}/my/", f"{settings.HER_COOKIE_NAME}={key}")
        for state, key in zip(HERS, keys, strict=True)
    ]
    pages += [Asked(f"about/{page}", f"{server}/about/{page}") for page in (*PAGES, ASKED[0])]
    # When Lighthouse looks at each
    found, written = measure(pages, tmp_path)
    for page in found:
        record_property("measured", f"Lighthouse, {page}")
    # Then it saw those pages, and not the way in
    assert [page.shown for page in found] == [page.url for page in pages]
    # And nothing is wrong with them
    assert not _faults(found)
    # And nothing that was written down opens her page
    assert not [key for key in keys if key in written]
    assert not list(tmp_path.glob("asked*"))


def _faults(found: list[Measured]) -> list[str]:
    return [
        f"{page.name}: {category} {page.scores[category]}: {' | '.join(page.failed[category])}"
        for page in found
        for category in GATED
        if page.scores[category] != 100
    ]
