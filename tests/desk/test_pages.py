"""What every page promises: safe for the browser, kept by no cache, plain when something is wrong, quick."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from closerlook.desk import errors, telling
from closerlook.pathway import steps as st
from closerlook.people.models import Patient
from closerlook.people.sites import site
from closerlook.record.models import OpenLoop
from tests.desk.people import HERS, INLINE, Unit
from tests.feeds.messages import CALLED_LEFT

Sit = Callable[[str], Client]


@pytest.fixture
def patient(unit: Unit, letters: Callable[[], int]) -> str:
    found = unit.report(coded=CALLED_LEFT)
    letters()
    return found


def pages(unit: Unit, patient: str) -> list[str]:
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    steps = [f"/patient/{patient}/do/{name}/" for name in ("DecideCallBack", "EnterInError", "RecordDeath")]
    letter = f"/patient/{patient}/letter/{exam}/summary/"
    return ["/", "/find/", "/post/", "/set-aside/", "/ledger/", f"/patient/{patient}/", letter, *steps, "/nowhere/"]


def test_every_page_is_safe_and_leaves_nothing_behind(unit: Unit, patient: str, sit: Sit) -> None:
    for path in pages(unit, patient):
        answer = sit("radiologist").get(path)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Frame-Options"] == "DENY"
        page = answer.content.decode()
        assert not INLINE.findall(page), path
        if "/letter/" not in path:
            title = page.partition("<title>")[2].partition("</title>")[0]
            assert not [word for word in HERS if word in title], path


def test_no_link_on_any_page_holds_who_she_is(unit: Unit, patient: str, sit: Sit) -> None:
    import re

    for path in pages(unit, patient):
        for address in re.findall(r'(?:href|action)="([^"]*)"', sit("radiologist").get(path).content.decode()):
            assert not [word for word in HERS if word in address], (path, address)


# ---------------------------------------------------------------- when something is wrong


@pytest.mark.parametrize(
    "path",
    ["/patient/nobody/", "/patient/{0}/do/NoStep/", "/patient/{0}/do/TakeReport/", "/set-aside/nothing/", "/nowhere/",
     "/patient/{0}/letter/e1.x9/summary/", "/patient/{0}/letter/{1}/other/", "/patient/nobody/letter/e1.x2/summary/",
     "/patient/{0}/letter/e9/summary/"],
)  # fmt: skip
def test_what_is_not_there_is_said_plainly(unit: Unit, patient: str, sit: Sit, path: str) -> None:
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    answer = sit("navigator").get(path.format(patient, exam))
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "There is nothing here" in page
    assert "Go to what is owed" in page
    assert "tried" not in page


def test_a_message_is_no_patient(unit: Unit, sit: Sit) -> None:
    message = unit.aside(b"MSH|^~\\&|RIVERIS|RIVERSIDE|A|B|2026").id
    for path in (f"/patient/{message}/", f"/patient/{message}/letter/e1.x1/summary/"):
        assert sit("desk").get(path).status_code == 404


def test_a_fault_of_ours_is_a_calm_page(
    unit: Unit, patient: str, sit: Sit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(telling, "patient_page", broken)
    client = sit("navigator")
    client.raise_request_exception = False
    answer = client.get(f"/patient/{patient}/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()
    assert "on purpose" not in answer.content.decode()


def test_what_makes_no_sense_is_said_plainly() -> None:
    answer = errors.not_understood(RequestFactory().get("/"), ValueError("her name"))
    assert (answer.status_code, b"her name" in answer.content) == (400, False)


def test_a_stranger_gets_no_way_into_the_desk_from_an_error(unit: Unit) -> None:
    for path in ("/nowhere/", "/my/nowhere/at/all/"):
        assert b"what is owed" not in Client().get(path).content


# ---------------------------------------------------------------- quick at any size


def many(count: int, start: int = 0) -> None:
    """Put more patients, each with a few things owed, straight into the tables that lists are read from."""
    now = datetime(2026, 11, 2, 8, tzinfo=UTC)
    found = [
        Patient(id=f"pmany{n}", family="Many", given=f"N{n}", birth_date=date(1970, 1, 1), site=site(), created_at=now)
        for n in range(start, start + count)
    ]
    Patient.objects.bulk_create(found)
    kinds = (("tell_result", "e1.x2"), ("post_document", "e1.x2:summary"), ("confirm_assessment", "e1.x2"))
    OpenLoop.objects.bulk_create(
        OpenLoop(
            stream=p.id, kind=kind, subject=subject, opened_seq=3, episode="e1", owner="navigator", visible_from=now,
            due_at=now + timedelta(hours=n), late_at=now + timedelta(days=9), rule="site default", legal=False,
            urgent=n % 5 == 0, escalate_at=now + timedelta(days=9), rung=0,
        )
        for n, p in enumerate(found) for kind, subject in kinds
    )  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "/?who=everyone",
        "/?who=team&when=late",
        "/?who=everyone&order=newest",
        "/post/",
        "/set-aside/",
        "/ledger/",
        "/boards/amended/",
        "/boards/pauses/",
        "/visits/",
    ],
)
def test_a_longer_list_asks_no_more_of_the_database(unit: Unit, patient: str, sit: Sit, path: str) -> None:
    client = sit("navigator")
    many(1)
    unit.report("X", sender="OTHER|X", born="")
    client.get(path)  # what is kept for a while is kept from here on
    few = _queries(client, path)
    many(200, start=1)
    for n in range(60):
        unit.report(f"X{n}", sender=f"OTHER{n % 3}|X", number=f"MR{n}", born="")
    assert _queries(client, path) == few
    assert few <= 36  # my team's list is read in three parts, each along an index


def test_a_longer_queue_of_calls_asks_no_more_of_the_database(unit: Unit, patient: str, sit: Sit) -> None:
    client = sit("navigator")
    many(600)
    client.get("/calls/")
    few = _queries(client, "/calls/")
    many(600, start=600)
    assert _queries(client, "/calls/") == few
    assert few <= 50  # a part for each owner and site, put together a hundred people at a time
    assert "people to ring, and more after them" in client.get("/calls/").content.decode()


def test_a_longer_story_asks_no_more_of_the_database(unit: Unit, patient: str, sit: Sit) -> None:
    client, path = sit("navigator"), f"/patient/{patient}/"
    client.get(path)
    few = _queries(client, path)
    for n in range(30):
        unit.take(patient, "nurse", st.ReportSymptom(episode="e1", what=f"symptom {n}"))
    client.get(path)
    assert _queries(client, path) == few
    assert few <= 20


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer: HttpResponse = client.get(path)  # type: ignore[assignment]
    assert answer.status_code == 200
    return len(asked)
