"""Who looked: every page about her is written down, the rows stay, and a record of another site wants a reason."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from closerlook.desk import details, looks
from closerlook.pathway import steps as st
from closerlook.people.models import Look, Patient
from tests.desk.people import ELSEWHERE, Desk, Unit
from tests.feeds.messages import CALLED_LEFT, NORMAL, oru, send

Sit = Callable[[str], Client]
WHY = "She is here today with a lump, and asks about her last pictures."


@pytest.fixture
def patient(house: Unit) -> str:
    return house.report(coded=CALLED_LEFT)


def test_a_page_about_her_is_written_down_with_who_when_and_where(house: Unit, patient: str, sit: Sit) -> None:
    sit("navigator").get(f"/patient/{patient}/")
    (row,) = Look.objects.all()
    assert (row.who, row.page, row.patient, row.looked_at) == ("navigator", "patient", patient, house.now)


def test_a_list_that_names_her_is_written_down_too(house: Unit, patient: str, sit: Sit) -> None:
    sit("navigator").get("/")
    sit("navigator").get("/boards/amended/")
    pages = {look.page for look in looks.of_patient(patient, house.now - timedelta(days=1))}
    assert pages == {"home"}  # nobody is on the third list


def test_what_was_refused_is_no_look(house: Unit, patient: str, sit: Sit) -> None:
    assert sit(f"navigator.{ELSEWHERE}").get(f"/patient/{patient}/").status_code == 302
    assert sit("auditor").get(f"/patient/{patient}/").status_code == 403
    assert not Look.objects.exists()


def test_nobody_changes_a_row_or_takes_it_away(house: Unit, patient: str, sit: Sit) -> None:
    sit("navigator").get(f"/patient/{patient}/")
    for statement in ("UPDATE people_look SET who = 'nobody'", "DELETE FROM people_look"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Look.objects.get().who == "navigator"


def test_nothing_is_shown_where_the_look_cannot_be_written(house: Unit, patient: str, sit: Sit) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TRIGGER full BEFORE INSERT ON people_look BEGIN SELECT RAISE(ABORT, 'full'); END")
    client = sit("navigator")
    client.raise_request_exception = False
    answer = client.get(f"/patient/{patient}/")
    assert answer.status_code == 500
    assert "Olsen" not in answer.content.decode()


def test_a_record_of_another_site_opens_to_who_gives_a_reason(desk: Desk, house: Unit, patient: str, sit: Sit) -> None:
    # Given a navigator of another site, to whom she comes today
    page = desk.sit(f"navigator.{ELSEWHERE}", f"/patient/{patient}/")
    # Then nothing of her is shown before a reason is given
    assert "Olsen" not in page.content()
    desk.press(page, "Open her record")
    assert page.get_by_text("Write why you need it.").first.is_visible()
    # When she says why
    page.get_by_label("Why do you need her record?").fill(WHY)
    desk.press(page, "Open her record")
    assert page.get_by_role("heading", name="Marta Olsen").is_visible()
    # Then the manager of her site reads who it was and why
    page = desk.sit("manager", f"/patient/{patient}/looks/")
    assert page.get_by_text(WHY).is_visible()
    assert page.get_by_text("Ana Ruiz (Harbor Clinic)").first.is_visible()
    # And the day after, the record is closed to her again
    house.now += timedelta(days=1)
    assert sit(f"navigator.{ELSEWHERE}").get(f"/patient/{patient}/").status_code == 302


def test_a_look_elsewhere_reaches_the_report_of_her_own_site(house: Unit, patient: str, sit: Sit) -> None:
    sit(f"nurse.{ELSEWHERE}").post(f"/patient/{patient}/open/", {"reason": WHY})
    page = sit("manager").get("/looks/?glass=1").content.decode()
    assert WHY.partition(",")[0] in page


def test_who_is_named_for_her_round_opens_her_record_wherever_they_work(house: Unit, patient: str, sit: Sit) -> None:
    house.take(patient, "manager", st.AssignOwner(episode="e1", owner=f"navigator.{ELSEWHERE}"))
    client = sit(f"navigator.{ELSEWHERE}")
    assert "M. Olsen" in client.get("/").content.decode()
    assert client.get(f"/patient/{patient}/").status_code == 200


def test_a_reason_for_a_day_does_not_become_care_for_ever(house: Unit, patient: str, sit: Sit) -> None:
    # Given two colleagues of another site, who opened her record with a reason
    for who in ("navigator", "nurse"):
        sit(f"{who}.{ELSEWHERE}").post(f"/patient/{patient}/open/", {"reason": WHY})
    client = sit(f"navigator.{ELSEWHERE}")

    # When one names herself, or the other, for her round: in a step, as cover, at a pause, at the end of a call
    def sent(path: str, **given: str) -> str:
        page = client.get(path).content.decode()
        hidden = dict(re.findall(r'name="(seen|key)" value="([^"]*)"', page))
        return unescape(client.post(path, hidden | given).content.decode())

    step, call = f"/patient/{patient}/do/AssignOwner/?subject=e1", f"/calls/{patient}/"
    for name in (f"navigator.{ELSEWHERE}", f"nurse.{ELSEWHERE}"):
        assert "cannot be named here" in sent(step, owner=name)
        assert "cannot be named here" in sent(step, owner="navigator", cover=name)
        assert "cannot be named here" in sent(call, outcome="handed", owner=name)
        moved = {"outcome": "moved", "review_on": "2027-10-01", "sure": "on"}
        assert "cannot be named here" in sent(call, reviewer=name, **moved)
    # Then her round is in nobody's care by name, and a day later the record is closed to both
    assert house.state(patient).episodes["e1"].owner is None
    assert house.state(patient).episodes["e1"].paused is None
    # But who works at her own site can be named
    sent(step, owner="navigator")
    assert house.state(patient).episodes["e1"].owner == "navigator"
    house.now += timedelta(days=1)
    for who in ("navigator", "nurse"):
        assert sit(f"{who}.{ELSEWHERE}").get(f"/patient/{patient}/").status_code == 302


def test_a_search_names_patients_of_ones_own_site_alone(house: Unit, patient: str, sit: Sit) -> None:
    row = Patient.objects.get(pk=patient)
    client = sit(f"desk.{ELSEWHERE}")
    assert "Marta" not in client.post("/find/", {"q": "Olsen"}).content.decode()
    # Who knows her number and birth date finds that there is a record, and may open it with a reason
    asked = f"{row.identifiers.get().value} {row.birth_date.isoformat()}"
    answer = client.post("/find/", {"q": asked})
    assert answer.status_code == 200
    assert "Marta" not in answer.content.decode()
    assert f"/patient/{patient}/open/" in answer.content.decode()


def test_whoever_is_named_beside_her_as_perhaps_the_same_person_was_looked_at_too(
    house: Unit, patient: str, sit: Sit
) -> None:
    row = Patient.objects.get(pk=patient)
    twin = Patient.objects.create(
        family=row.family, given="Twin", birth_date=row.birth_date, site=row.site, created_at=house.now
    )
    assert "Twin" in sit("navigator").get(f"/patient/{patient}/").content.decode()
    (look,) = looks.of_patient(twin.id, house.now - timedelta(days=1))
    assert (look.who, look.page) == ("navigator", "patient")


def test_a_reason_given_for_one_record_names_nobody_else_of_that_site(house: Unit, patient: str, sit: Sit) -> None:
    # Given two records that may be of one person, and a colleague of another site who opened the first with a reason
    row = Patient.objects.get(pk=patient)
    twin = Patient.objects.create(
        family=row.family, given="Twin", birth_date=row.birth_date, site=row.site, created_at=house.now
    )
    house.take(twin.id, "desk", st.Enrol())
    nurse = sit(f"nurse.{ELSEWHERE}")
    nurse.post(f"/patient/{patient}/open/", {"reason": WHY})
    # Then her page does not name the second, and nobody looked at it
    assert "Twin" not in nurse.get(f"/patient/{patient}/").content.decode()
    assert not looks.of_patient(twin.id, house.now - timedelta(days=1))
    # And names it where a reason was given for the second too
    nurse.post(f"/patient/{twin.id}/open/", {"reason": WHY})
    assert "Twin" in nurse.get(f"/patient/{patient}/").content.decode()


def test_an_auditor_reads_that_a_reason_was_given_and_not_whom_it_names(house: Unit, patient: str, sit: Sit) -> None:
    sit(f"nurse.{ELSEWHERE}").post(f"/patient/{patient}/open/", {"reason": "Marta Olsen is here today with a lump"})
    page = sit("manager").get("/looks/?glass=1").content.decode()
    assert "Marta Olsen is here" in page
    page = (
        sit("auditor").get("/looks/?glass=1").content.decode() + sit("auditor").get("/looks/?file=csv").content.decode()
    )
    assert "Olsen" not in page


def test_a_message_about_two_people_is_a_look_at_both_and_wants_a_reason_for_each(house: Unit, sit: Sit) -> None:
    # Given one message with the reports of two people
    second = oru("M1", number="MR2", name="Berg^Lena", accession="A2", born="19600101", coded=NORMAL)
    (done,) = send(oru("M1", coded=NORMAL) + second.partition(b"\r")[2], at=house.now)
    house.now += timedelta(minutes=1)
    path, first = f"/set-aside/{done['message']}/", str(done["patient"])
    other = Patient.objects.exclude(pk=first).get().id
    # When someone of their site looks at it, then it is a look at each
    assert "Berg" in sit("technologist").get(path).content.decode()
    for one in (first, other):
        (look,) = looks.of_patient(one, house.now - timedelta(days=1))
        assert (look.who, look.page) == ("technologist", "message")
    # And a colleague of another site gives a reason for each of them before it is shown
    nurse = sit(f"nurse.{ELSEWHERE}")
    for one in (first, other):
        assert nurse.get(path)["Location"] == f"/patient/{one}/open/"
        nurse.post(f"/patient/{one}/open/", {"reason": WHY})
    assert nurse.get(path).status_code == 200


def test_what_a_message_says_of_one_person_stands_beside_no_other(house: Unit, sit: Sit) -> None:
    second = oru("M1", number="MR2", name="Berg^Lena", accession="A2", born="19600101", text="IMPRESSION: Hers alone.")
    first = oru("M1", coded=CALLED_LEFT, text="IMPRESSION: Of Olsen.")
    send(first + second.partition(b"\r")[2], at=house.now)
    house.now += timedelta(minutes=1)
    for number, own, others in (("MR100", "Of Olsen.", "Hers alone."), ("MR2", "Hers alone.", "Of Olsen.")):
        her = house.patient(number).id
        exam = next(iter(house.state(her).episodes["e1"].exams))
        page = sit("nurse").get(f"/patient/{her}/do/TellResult/?subject={exam}").content.decode()
        assert own in page
        assert others not in page


def test_another_sites_record_is_not_merged_or_filed_into_unseen(house: Unit, patient: str, sit: Sit) -> None:
    # Given a record of the other site, and a message set aside
    there = Patient.objects.create(
        family="Berg", given="Lena", birth_date="1970-01-01", site_id=ELSEWHERE, created_at=house.now
    )
    house.take(there.id, "desk", st.Enrol())
    message = house.aside(b"MSH|^~\\&|RIVERIS|RIVERSIDE|A|B|2026").id
    # When the manager gives a record of this site up for it, or the front desk files the message there
    form = sit("manager").get(f"/patient/{patient}/do/MergeInto/").content.decode()
    hidden = dict(re.findall(r'name="(seen|key)" value="([^"]*)"', form))
    page = sit("manager").post(f"/patient/{patient}/do/MergeInto/", hidden | {"survivor": there.id}).content.decode()
    filed = (
        sit("desk").post(f"/set-aside/{message}/", {"what": "file", "place": there.id}, follow=True).content.decode()
    )
    # Then both are told to open it first, and nothing is recorded
    assert "another site's" in unescape(page)
    assert "another site's record" in unescape(filed)
    assert house.state(patient).merged_into is None


def test_a_common_name_names_five_and_reads_no_further(house: Unit, sit: Sit) -> None:
    patient = house.report("M1")
    row = Patient.objects.get(pk=patient)
    same = {"family": row.family, "given": row.given, "birth_date": row.birth_date, "site": row.site}
    Patient.objects.bulk_create(Patient(id=f"twin{n:03}", created_at=house.now, **same) for n in range(60))
    client = sit("desk")
    with CaptureQueriesContext(connection) as asked:
        page = client.get(f"/patient/{patient}/").content.decode()
    assert page.count("Look at the other record") == 5
    assert [one["sql"] for one in asked if "birth_date" in one["sql"] and f"LIMIT {details.TWINS}" in one["sql"]]
