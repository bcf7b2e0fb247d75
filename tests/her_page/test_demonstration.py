"""Everyone of the sample programme has a page that renders, with and without a code, and none says too much."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from closerlook import demonstration
from closerlook.demonstration import programme
from closerlook.pathway.stages import place
from closerlook.people.models import Patient
from closerlook.portal import codes, links
from closerlook.portal.models import PersonalLink
from closerlook.portal.page import her_page
from closerlook.portal.parts import State
from closerlook.record import door
from closerlook.record.models import OpenLoop
from tests.her_page.conftest import Now, last_code
from tests.her_page.reading import THIRD_PERSON, TISSUE, said
from tests.look.html import Page

NOW = datetime(2026, 11, 20, 20, tzinfo=UTC)
RARE = frozenset(
    {State.TAKEN_BACK, State.MISSED, State.VISIT_PAST, State.SCREENING_PAST, State.SCREENING_CAME, State.CAME}
    | {State.NOT_SCREENED, State.ADVISED, State.SYMPTOM, State.KNOWN, State.CHECK_LATER, State.EXAMINED}
    | {State.SCREENING_MISSED, State.ELSEWHERE}
)
"""States that may be passed too quickly to be somebody's in the sample; `test_states` tells a story of each."""


@pytest.fixture
def everyone(database: None, at: Now) -> list[Patient]:
    at(NOW)
    demonstration.fill(now=NOW, seed=1)
    return list(Patient.objects.select_related("site").order_by("pk"))


def test_everyone_has_a_page(everyone: list[Patient]) -> None:
    met: set[State] = set()
    places: set[str] = set()
    assert len(everyone) > demonstration.HOW_MANY - 5
    for patient in everyone:
        state = door.look(patient.pk).patient
        places.add(place(state))
        rows = OpenLoop.objects.filter(stream=patient.pk).values_list("kind", "subject", "due_at")
        dues = {(kind, subject): due_at for kind, subject, due_at in rows}
        knows = any(s.told or s.was_told for e in state.episodes.values() for s in e.specimens.values())
        for coded in (False, True):
            found = her_page(state, patient.site, patient.site.zone, NOW, coded=coded, dues=dues)
            words = said(found)
            met |= {part.state for part in (found.main, *found.also)}
            assert found.main.heading
            assert found.main.lead or found.closed, found.main
            assert not THIRD_PERSON.search(words), words
            assert (knows and coded) or not TISSUE.search(words), words
    assert set(State) - met <= RARE
    assert len(places) > 25, sorted(places)


def test_everyones_page_is_whole(everyone: list[Patient]) -> None:
    for patient in everyone:
        page = Page(_entered(patient).get("/my/").content.decode())
        assert page.faults == [], page.text
        assert page.text


def _entered(patient: Patient) -> Client:
    """Open a patient's link, with a code too where one may be texted to them."""
    client = Client()
    client.get(links.issue(patient, NOW, patient.site).removeprefix("http://testserver"))
    born = patient.birth_date
    client.post("/my/birth-date/", {"day": str(born.day), "month": str(born.month), "year": str(born.year)})
    client.post("/my/code/send/")
    if codes.number_to_text(PersonalLink.objects.filter(patient=patient).latest("pk")):
        entered = client.post("/my/code/", {"code": last_code()})
        assert entered.status_code == 302, entered.content.decode()
    return client


def test_every_story_says_in_one_sentence_what_it_shows() -> None:
    for story in programme.ALL:
        assert story.__doc__
        assert story.__doc__.strip().endswith(".")
        assert "\n" not in story.__doc__.strip()
