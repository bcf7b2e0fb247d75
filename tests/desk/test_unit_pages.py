"""The unit's own pages: lateness, rules, handing over, the site's details, her details, and a day without software."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from closerlook.accounts import again
from closerlook.desk.papers import PaperLine, PaperList
from closerlook.pathway import steps as st
from closerlook.pathway.events import Document, EndedFor, Purpose
from closerlook.people import sites
from closerlook.people.models import Changed, DetailsChanged, Patient, Site, Staff
from closerlook.record.models import OpenLoop
from closerlook.visits import rooms
from closerlook.visits.models import Room
from closerlook.visits.times import free
from tests.desk.people import ELSEWHERE, Desk, Unit
from tests.feeds.messages import CALLED_LEFT

Sit = Callable[[str], Client]


@pytest.fixture
def patient(house: Unit) -> str:
    return house.report(coded=CALLED_LEFT)


def main() -> Site:
    """The unit's own site."""
    return Site.objects.exclude(slug=ELSEWHERE).get()


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


# ---------------------------------------------------------------- lateness and rules


def test_the_manager_sees_what_is_late_and_where(house: Unit, patient: str, sit: Sit) -> None:
    house.now += timedelta(days=4)
    page = text(sit("manager"), "/unit/late/?sort=-late")
    late = OpenLoop.objects.filter(due_at__lt=house.now, visible_from__lte=house.now)
    assert "Plan the call-back" in page
    lines = text(sit("manager"), "/unit/late/?file=csv").splitlines()[1:]
    assert sum(int(line.split('","')[3]) for line in lines) == late.count() > 0
    assert "Plan the call-back" not in text(sit(f"manager.{ELSEWHERE}"), "/unit/late/")


def test_the_rules_name_every_deadline_and_where_it_comes_from(unit: Unit, sit: Sit) -> None:
    page = text(sit("manager"), "/unit/rules/?q=summary")
    assert "Send her the written summary" in page
    assert "by law" in page
    assert "MQSA" in page


# ---------------------------------------------------------------- handing over


def test_a_caseload_is_handed_over_by_clicking(
    desk: Desk, house: Unit, patient: str, letters: Callable[[], int]
) -> None:
    # Given a round in the navigator's care
    house.take(patient, "manager", st.AssignOwner(episode="e1", owner="navigator"))
    # When the manager hands it to the nurse
    page = desk.sit("manager", "/unit/hand-over/")
    page.get_by_label("Who leaves").select_option("navigator")
    page.get_by_label("Who takes the rounds").select_option("nurse")
    desk.press(page, "Hand them over")
    assert page.get_by_text("Handing over begun: 1 rounds").is_visible()
    letters()
    # Then it is the nurse's, and nobody's else
    assert house.state(patient).episodes["e1"].owner == "nurse"
    page = desk.sit("manager", "/unit/hand-over/")
    assert page.get_by_role("row").filter(has_text="Ruth Osei").is_visible()


def test_rounds_are_not_handed_to_who_has_them_already(house: Unit, patient: str, sit: Sit) -> None:
    house.take(patient, "manager", st.AssignOwner(episode="e1", owner="navigator"))
    page = sit("manager").post("/unit/hand-over/", {"leaves": "navigator", "takes": "navigator"}).content.decode()
    assert "these rounds are with that person already" in page


def test_rounds_are_not_handed_to_who_may_not_do_what_they_owe(house: Unit, patient: str, sit: Sit) -> None:
    house.take(patient, "manager", st.AssignOwner(episode="e1", owner="radiologist"))
    given = {"leaves": "radiologist", "takes": "technologist"}
    page = sit("manager").post("/unit/hand-over/", given).content.decode()
    assert "Plan the call-back" in page.partition("this person may not")[0]
    assert house.state(patient).episodes["e1"].owner == "radiologist"


def test_the_unit_says_in_whose_name_work_lies_who_is_gone(house: Unit, patient: str, sit: Sit) -> None:
    house.take(patient, "manager", st.AssignOwner(episode="e1", owner="navigator"))
    said = "in the name of someone who is not here any more"
    assert said not in text(sit("manager"), "/unit/")
    User.objects.filter(username="navigator").update(is_active=False)
    assert said in text(sit("manager"), "/unit/")
    account = Staff.objects.get(user__username="navigator")
    page = text(sit("manager"), f"/staff/{account.pk}/")
    assert "in this person’s care by name: 1" in page
    assert "as nobody’s" in page


# ---------------------------------------------------------------- the site


def test_a_change_of_the_site_is_written_down_for_good(house: Unit, sit: Sit) -> None:
    site = main()
    given = {"name": "Riverside", "address": "1 Street\nTown", "phone": "555-0123", "zone": site.zone,
             "protocol": site.protocol, "contact_name": "", "contact_hours": ""}  # fmt: skip
    assert sit("manager").post("/unit/site/", given).status_code == 302
    kept = Changed.objects.get(field="phone")
    assert (kept.who, kept.which, kept.before, kept.after) == ("manager", site.slug, site.phone, "555-0123")
    assert Site.objects.get(pk=ELSEWHERE).phone == "555-0100"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_changed")
    columns = "changed_at, what, which, field, before, after"
    forged = f"REPLACE INTO people_changed (id, who, {columns}) SELECT id, 'nobody', {columns} FROM people_changed"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(forged)
    wrong = sit("manager").post("/unit/site/", given | {"zone": "Mars/Base", "sure": "on"}).content.decode()
    assert "is not a time zone" in wrong


def test_the_rules_of_the_site_are_for_who_leads_and_proves_again_who_they_are(
    house: Unit, sit: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "FRESH", timedelta(minutes=30))
    site = main()
    given = {"name": site.name, "address": site.address, "phone": site.phone, "zone": site.zone, "protocol": "uk",
             "contact_name": "", "contact_hours": ""}  # fmt: skip
    assert "Tick that you mean it." in sit("manager").post("/unit/site/", given).content.decode()
    given["sure"] = "on"
    refused = sit("administrator").post("/unit/site/", given)
    assert "Ask who leads the unit to change them." in refused.content.decode()
    manager = sit("manager")
    house.now += timedelta(minutes=31)
    asked = manager.post("/unit/site/", given)
    assert asked["Location"].startswith(reverse(again.ROUTE))
    assert main().protocol == site.protocol
    assert 'value="uk"' in manager.get("/unit/site/").content.decode()
    assert sit("manager").post("/unit/site/", given).status_code == 302
    assert main().protocol == "uk"
    assert "protocol" in sit("manager").get("/unit/site/").content.decode().partition("What was changed")[2]


def test_saving_one_detail_leaves_the_others_as_they_were(house: Unit, sit: Sit) -> None:
    site = main()
    Site.objects.filter(pk=site.pk).update(address="14 Mill Street\nRiverside, MO 61111")
    sent = "14 Mill Street\r\nRiverside, MO 61111"  # as a browser sends it
    given = {"name": site.name, "address": sent, "phone": "555-0199", "zone": site.zone, "protocol": site.protocol}
    assert sit("manager").post("/unit/site/", given).status_code == 302
    assert main().address == "14 Mill Street\nRiverside, MO 61111"
    assert {one.field for one in Changed.objects.filter(what="site")} == {"phone"}


def test_no_file_of_the_server_is_chosen_on_a_page(house: Unit, sit: Sit) -> None:
    site = main()
    given = {"name": site.name, "address": site.address, "phone": site.phone, "zone": site.zone, "sure": "on"}
    page = sit("manager").post("/unit/site/", given | {"protocol": "/etc/hosts.toml"}).content.decode()
    assert "not one of the available choices" in page


def test_a_number_that_nobody_can_ring_is_no_number(house: Unit, sit: Sit) -> None:
    site = main()
    given = {"name": site.name, "address": site.address, "phone": "1", "zone": site.zone, "protocol": site.protocol}
    assert "with all its digits" in sit("manager").post("/unit/site/", given).content.decode()
    assert main().phone == site.phone


# ---------------------------------------------------------------- her details


def details(row: Patient, **changed: str) -> dict[str, str]:
    names = ("given", "middle", "family", "birth_date", "phone", "address", "language", "safe_contact")
    was = hashlib.sha256("\x1f".join(str(getattr(row, name)) for name in names).encode()).hexdigest()
    return {name: str(getattr(row, name)) for name in names} | {"was": was} | changed


def test_what_stood_there_before_stays_and_who_changed_it(house: Unit, patient: str, sit: Sit) -> None:
    row = Patient.objects.get(pk=patient)
    path = f"/patient/{patient}/details/"
    assert sit("desk").post(path, details(row, phone="555-777-0000", language="es")).status_code == 302
    changes = {one.field: (one.before, one.changed_by) for one in DetailsChanged.objects.filter(patient=row)}
    assert changes == {"phone": (row.phone, "desk"), "language": (row.language, "desk")}
    assert Patient.objects.get(pk=patient).phone == "555-777-0000"
    page = text(sit("desk"), path)
    assert row.phone in page
    assert "Dana Whitfield" in page


def test_a_birth_date_put_right_brings_her_next_screening_with_it(
    house: Unit, sit: Sit, letters: Callable[[], int]
) -> None:
    her = house.report("B1", number="MR70", name="Berg^Ana", born="18680503", accession="B1")
    row = Patient.objects.get(pk=her)
    letters()
    exam = house.state(her).episodes["e1"].first_exam
    assert exam is not None
    for document in Document:
        house.take(her, "desk", st.RecordPosted(exam=exam.id, document=document, proof="posted"))
    letters()
    assert house.state(her).invitations_ended is EndedFor.AGE
    path = f"/patient/{her}/details/"
    said = sit("desk").post(path, details(row, birth_date="2068-05-03")).content.decode()
    assert "Nobody who lives was born on this day" in said
    assert sit("desk").post(path, details(row, birth_date="1968-05-03")).status_code == 302
    letters()
    due = house.state(her).next_due
    assert due is not None
    assert due.due_on.year == house.now.year + 1
    # And where the software set the day, it counts again; a day that a person set stays
    row.refresh_from_db()
    sit("desk").post(path, details(row, birth_date="2000-05-03"))
    due = house.state(her).next_due
    assert due is not None
    assert due.due_on.year == 2040
    house.take(her, "desk", st.SetNextDue(due_on=house.now.date(), why="high risk"))
    row.refresh_from_db()
    sit("desk").post(path, details(row, birth_date="1968-05-03"))
    due = house.state(her).next_due
    assert due is not None
    assert due.why == "high risk"


def test_who_was_slower_overwrites_nothing(house: Unit, patient: str, sit: Sit) -> None:
    row = Patient.objects.get(pk=patient)
    path = f"/patient/{patient}/details/"
    sit("desk").post(path, details(row, phone="555-777-0000"))
    late = sit("navigator").post(path, details(row, phone="555-888-0000")).content.decode()
    assert "Someone has changed her details" in late
    assert Patient.objects.get(pk=patient).phone == "555-777-0000"


def test_half_a_number_and_an_unknown_language_are_refused(house: Unit, patient: str, sit: Sit) -> None:
    row = Patient.objects.get(pk=patient)
    page = sit("desk").post(f"/patient/{patient}/details/", details(row, phone="12", language="klingonish"))
    assert "Write the whole number" in page.content.decode()
    assert "not known here" in page.content.decode()
    page = sit("desk").post(f"/patient/{patient}/details/", details(row, phone="5" * 60))
    assert "Write the whole number" in page.content.decode()
    assert not DetailsChanged.objects.exists()


def test_a_twin_is_pointed_out_and_merged_and_parted_again(desk: Desk, house: Unit, patient: str) -> None:
    # Given a second record of the same name and birth date, entered under another number
    row = Patient.objects.get(pk=patient)
    other = Patient.objects.create(
        family=row.family, given=row.given, birth_date=row.birth_date, site=row.site, created_at=house.now
    )
    house.take(other.id, "desk", st.Enrol())
    page = desk.sit("manager", f"/patient/{other.id}/")
    assert page.get_by_text("the same birth date, family name and given name").is_visible()
    # When the manager gives it up for the first
    desk.go(page, "They are one")
    desk.press(page, "Record:")
    assert house.state(other.id).merged_into == patient
    # Then both pages say so, and no twin is pointed out any more
    page = desk.sit("manager", f"/patient/{patient}/")
    assert page.get_by_text("The same person as").is_visible()
    assert page.get_by_text("Perhaps the same person").count() == 0
    # And it can be taken apart again
    page.goto(f"{desk.address}/patient/{patient}/do/Unmerge/")
    desk.press(page, "Record:")
    assert house.state(other.id).merged_into is None


# ---------------------------------------------------------------- a day without the software


def test_a_list_is_printed_dated_and_reconciled_line_by_line(desk: Desk, house: Unit, patient: str) -> None:
    # Given a list made before the network fails
    page = desk.sit("navigator", "/downtime/")
    desk.press(page, "Make the list as of now")
    paper = PaperList.objects.get()
    assert page.get_by_text("Confidential.").is_visible()
    assert page.get_by_role("row").filter(has_text="Marta Olsen").filter(has_text="555-0199").first.is_visible()
    lines = paper.lines.count()
    # When one thing was done on paper and is entered, and the others were not touched
    exam = next(iter(house.state(patient).episodes["e1"].exams))
    house.now += timedelta(hours=5)
    house.take(patient, "radiologist", st.DecideCallBack(exam=exam))
    page = desk.sit("navigator", f"/downtime/{paper.pk}/")
    assert page.get_by_text("1 lines are closed in the record since").is_visible()
    boxes = page.get_by_role("checkbox", name="Not touched on paper:")
    assert boxes.count() == lines - 1
    boxes.first.check()
    desk.press(page, "Keep the ticks")
    # Then the list is not closed while a line is left
    if lines > 2:
        assert PaperList.objects.get().reconciled_at is None
    for box in page.get_by_role("checkbox", name="Not touched on paper:").all():
        box.check()
    if page.get_by_role("button", name="Keep the ticks").count():
        desk.press(page, "Keep the ticks")
    assert PaperList.objects.get().reconciled_by == "navigator"
    assert page.get_by_text("Destroy the paper.").is_visible()


def test_a_list_is_of_its_site_and_of_people_alone(house: Unit, patient: str, sit: Sit) -> None:
    sit("desk").post("/downtime/", {"days": "7"})
    paper = PaperList.objects.get()
    assert not PaperLine.objects.filter(owner="system").exists()
    assert sit(f"desk.{ELSEWHERE}").get(f"/downtime/{paper.pk}/").status_code == 404
    sit(f"desk.{ELSEWHERE}").post("/downtime/", {"days": "7"})
    assert not PaperList.objects.exclude(pk=paper.pk).get().lines.exists()
    assert "Marta Olsen" in sit("desk").get(f"/downtime/{paper.pk}/?file=csv").content.decode()


@pytest.mark.parametrize("wrong", [{"trouble": "The disk refuses."}, {"escalated_to": "manager"}])
def test_a_list_holds_what_the_software_cannot_do_as_the_worklist_does(
    house: Unit, patient: str, sit: Sit, wrong: dict[str, str]
) -> None:
    OpenLoop.objects.filter(stream=patient, kind="send_summary").update(**wrong)
    assert "Send her the written summary" in sit("manager").get("/?who=everyone").content.decode()
    sit("manager").post("/downtime/", {"days": "7"})
    (line,) = PaperLine.objects.filter(owner="system")
    assert (line.stream, line.kind) == (patient, "send_summary")
    printed = sit("manager").get(f"/downtime/{line.paper_id}/").content.decode()
    assert "Send her the written summary" in printed
    assert "the software" in printed


@pytest.mark.parametrize("path", ["/unit/", "/unit/late/", "/unit/rules/", "/unit/hand-over/", "/unit/site/", "/looks/",
                                  "/visits/", "/boards/tissue/", "/downtime/"])  # fmt: skip
def test_each_page_is_for_everyone_on_any_screen(desk: Desk, house: Unit, patient: str, path: str) -> None:
    page = desk.sit("manager", path, viewport={"width": 320, "height": 800}, color_scheme="dark")
    page.goto(desk.address + path)
    desk.check(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


# ---------------------------------------------------------------- rooms


def test_a_room_is_added_opened_and_closed_for_a_day_by_clicking(desk: Desk, house: Unit, patient: str) -> None:
    # Given a manager who adds a room with ultrasound and opens it on Thursdays
    page = desk.sit("manager", "/unit/rooms/")
    desk.press(page, "Add the room")
    assert page.get_by_role("alert").is_visible()
    page.get_by_label("Name, as her letter says it").fill("Second floor, room 7")
    page.get_by_label("Further pictures").check()
    page.get_by_label("There is ultrasound").check()
    desk.press(page, "Add the room")
    for day in ("Monday", "Tuesday", "Wednesday", "Friday"):
        page.get_by_label(day).uncheck()
    page.get_by_label("Opens").fill("09:00")
    page.get_by_label("Closes").fill("12:00")
    desk.press(page, "Open it in these hours")
    assert page.get_by_role("row").filter(has_text="09:00–12:00").is_visible()
    # When the navigator books its first time
    room = Room.objects.get()
    calendar = sites.protocol(main().slug).calendar
    thursday = calendar.on(house.now) + timedelta(days=3)
    (first, *_) = free(main(), Purpose.PICTURES, now=house.now, ultrasound=True)
    assert calendar.on(first.starts_at) == thursday
    step = st.BookVisit(episode="e1", starts_at=first.starts_at, place=room.name, slot=first.slot)
    house.take(patient, "navigator", step)
    # And the manager closes that day
    page.get_by_label("Day", exact=True).fill(thursday.isoformat())
    page.get_by_label("Why").fill("The machine is serviced")
    desk.press(page, "Close it on this day")
    # Then the manager is told whose visit is to be moved, and nobody else is given a time there
    assert page.get_by_text("09:00 Marta Olsen").is_visible()
    assert not free(main(), Purpose.PICTURES, now=house.now, until=house.now + timedelta(days=6))
    desk.press(page, "Open it again")
    assert free(main(), Purpose.PICTURES, now=house.now, until=house.now + timedelta(days=6))


def test_a_room_of_another_site_is_not_there(house: Unit, sit: Sit) -> None:
    room = rooms.add(main(), "Room 1", [Purpose.PICTURES])
    assert sit(f"manager.{ELSEWHERE}").get(f"/unit/rooms/{room.slug}/").status_code == 404
    assert "Room 1" not in text(sit(f"manager.{ELSEWHERE}"), "/unit/rooms/")


@pytest.mark.parametrize("number", ["9" * 6000, "9" * 30, "\u00b2", ""])
def test_a_session_that_is_none_of_the_rooms_ends_nothing(house: Unit, sit: Sit, number: str) -> None:
    room = rooms.add(main(), "Room 1", [Purpose.PICTURES])
    answer = sit("manager").post(f"/unit/rooms/{room.slug}/", {"which": "end", "session": number})
    assert answer.status_code == 302
