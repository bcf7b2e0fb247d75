"""The reading room as a test sees it: women who were examined, and readers who ask for a case."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.test import Client

from closerlook.desk.here import Here
from closerlook.desk.reading import handing
from closerlook.desk.reading.models import HandOut
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Kind
from closerlook.pathway.regions import Exam
from closerlook.pathway.terms import ExaminationKind, Laterality
from closerlook.people import sites
from closerlook.people.models import Patient, Staff
from closerlook.record import door
from tests.desk.people import Unit

READERS = {"radiologist": "Eva Lindqvist", "reader2": "Noor Haddad", "reader3": "Bram Visser"}
BOTH = (Laterality.LEFT, Laterality.RIGHT)
FEED = Actor(Kind.FEED, "RIVERIS|RIVERSIDE")


class Room:
    """Women examined and not read yet, and the readers of a unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.count = 0

    def examined(self, hours_ago: float = 3, site: str = "main", **said: Any) -> tuple[str, str]:
        """Let a woman be examined; returns (patient, examination)."""
        self.count += 1
        family = f"Woman{self.count}"
        row = Patient.objects.create(
            family=family, given="Test", birth_date="1968-05-03", site=sites.site(site), created_at=self.unit.now
        )
        examination = st.Examination(
            **{
                "kind": ExaminationKind.SCREENING,
                "performed_at": self.unit.now - timedelta(hours=hours_ago),
                "sides": BOTH,
                "accession": f"RIVERIS|RIVERSIDE|ACC{self.count:04}",
                **said,
            }
        )
        step = st.TakeExamination(examination=examination, site=site)
        answer = door.take(
            step, stream=row.id, actor=FEED, key=f"x{self.count}", now=examination.performed_at, site=site
        )
        exam = next(iter(answer.history.patient.episodes["e1"].exams))
        return row.id, exam

    def here(self, username: str) -> Here:
        """Someone at the desk now, as a page knows them."""
        staff = Staff.objects.select_related("site", "user").get(user__username=username)
        actor = Actor(Kind.STAFF, username, staff.role_set)
        return Here(actor, staff.name, staff.site, self.unit.now, staff)

    def handed(self, username: str, listing: str = "reading", size: int = 25) -> HandOut | None:
        """Let a reader ask for a case; gives what they are handed."""
        here = self.here(username)
        return handing.following(here, handing.begin(here, listing, size))

    def exam(self, patient: str, exam: str) -> Exam:
        found = self.unit.state(patient).exam(exam)
        assert found is not None
        return found[1]

    def release(self, username: str) -> None:
        handing.stop(self.here(username))


class Reader:
    """A reader without a browser: `reader.begins()`, `reader.says("normal")`; `page` is what they see."""

    def __init__(self, room: Room, client: Client) -> None:
        self.room, self.client = room, client
        self.at, self.page = "/reading/", ""

    def begins(self, listing: str = "reading", size: int = 25) -> "Reader":
        return self._went(self.client.post("/reading/", {"do": "begin", "listing": listing, "size": size}, follow=True))

    def opens(self, address: str) -> "Reader":
        return self._went(self.client.get(address, follow=True))

    def says(self, do: str, *, at: str = "", waited_s: float = 5, **data: Any) -> "Reader":
        """Send the form as it stands, with these answers, some seconds after it was shown; the density is b."""
        self.room.unit.now += timedelta(seconds=waited_s)
        hidden = dict(re.findall(r'<input type="hidden" name="(seen|key|planned_for)" value="([^"]*)"', self.page))
        return self._went(self.client.post(at or self.at, {**hidden, "do": do, "density": "b", **data}, follow=True))

    def _went(self, answer: Any) -> "Reader":
        assert answer.status_code == 200, (answer.status_code, answer.content[:2000])
        self.at = answer.redirect_chain[-1][0] if answer.redirect_chain else self.at
        self.page = unescape(answer.content.decode())
        return self
