"""What the tests of calls do: people to ring, and someone who rings them through the pages' own forms."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from closerlook.pathway import steps as st
from closerlook.pathway.events import Recorded
from closerlook.pathway.terms import FindingKind, Laterality
from closerlook.people.models import Patient
from closerlook.record import door
from tests.desk.people import Unit
from tests.feeds.messages import CALLED_LEFT

NAMES = (
    "Adeyemi^Rosa", "Bauer^Karin", "Castillo^Elena", "Dahl^Ingrid", "Edwards^Joy", "Farouk^Leila", "Garcia^Maria",
    "Hansen^Olga", "Ito^Hana", "Jensen^Vera", "Kaplan^Grace", "Lopez^Teresa",
)  # fmt: skip
GRAVE = (
    ("BIRADSL^BI-RADS Assessment left^L", "5^Highly suggestive of malignancy^L"),
    ("BIRADSR^BI-RADS Assessment right^L", "1^Negative^L"),
)
HIDDEN = re.compile(r'name="(seen|key)" value="([^"]*)"')
SLOTS = re.compile(r'<input type="radio" name="slot" value="([^"]*)"')


def called_back(unit: Unit, n: int = 0, *, planned: bool = True, language: str = "", **said: Any) -> str:
    """Let the report of someone called back arrive, with its plan; return the patient."""
    name = NAMES[n % len(NAMES)] if n < len(NAMES) else f"{NAMES[n % len(NAMES)].replace('^', f'{n}^')}"
    values = {
        "number": f"MR{200 + n}",
        "name": name,
        "born": f"19{50 + n % 30}0{1 + n % 9}1{n % 9}",
        "accession": f"C{n}",
    }
    patient = unit.report(f"C{n}", coded=CALLED_LEFT, **(values | said))
    if planned:
        plan(unit, patient)
    Patient.objects.filter(pk=patient).update(language=language)
    return patient


def plan(unit: Unit, patient: str, *, ultrasound: bool = True) -> None:
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    unit.take(
        patient,
        "radiologist",
        st.DecideCallBack(
            exam=exam,
            sides=(Laterality.LEFT,),
            reasons=(FindingKind.MASS,),
            ultrasound=ultrasound,
            answer_same_day=True,
        ),
    )


def facts(patient: str, since: int = 0) -> list[str]:
    """Return the names of her facts after a version."""
    return [type(r.event).__name__ for r in records(patient, since)]


def records(patient: str, since: int = 0) -> list[Recorded]:
    return [r for r in door.look(patient).records if r.seq > since]


class Caller:
    """Someone at the call-back desk. Each outcome is the form of the page that was shown."""

    def __init__(self, unit: Unit, client: Client) -> None:
        self.unit, self.client = unit, client

    def look(self, patient: str = "", query: str = "") -> str:
        """Return a page's words and marks: of one person, or of the queue."""
        answer = self.client.get(f"/calls/{patient}/{query}" if patient else "/calls/")
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    def words(self, patient: str = "") -> str:
        return in_words(self.look(patient))

    def queue(self) -> list[str]:
        """Return the patients in the queue, in its order."""
        return re.findall(r'href="/calls/(p\w+)/"', self.look())

    def hidden(self, patient: str) -> dict[str, str]:
        return dict(HIDDEN.findall(self.look(patient)))

    def end(self, patient: str, outcome: str, **data: Any) -> HttpResponse:
        """Press a key on a page just opened."""
        return self.post(patient, self.hidden(patient), outcome, **data)

    def post(self, patient: str, hidden: dict[str, str], outcome: str, **data: Any) -> HttpResponse:
        told = {"identified": "on"} if outcome in ("booked", "told", "no_today") else {}
        answer: Any = self.client.post(f"/calls/{patient}/", hidden | told | {"outcome": outcome} | data)
        self.unit.now += timedelta(seconds=5)
        return answer  # type: ignore[no-any-return]

    def slots(self, patient: str) -> list[str]:
        return SLOTS.findall(self.look(patient))

    def undo(self, patient: str) -> HttpResponse:
        answer: Any = self.client.post(f"/calls/{patient}/undo/", follow=True)
        return answer  # type: ignore[no-any-return]

    def hour(self, **ahead: float) -> str:
        return (timezone.localtime(self.unit.now) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M")


def in_words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())
