"""What one site must not do to another's patients, and slips that must not empty a list."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from closerlook.accounts import staff as accounts
from closerlook.pathway import steps as st
from closerlook.people.models import Look, Patient, Site, Staff, TrustedSender
from closerlook.record import door
from closerlook.record.models import OpenLoop
from tests.desk.people import ELSEWHERE, Unit
from tests.feeds.messages import CALLED_LEFT

Sit = Callable[[str], Client]
HIDDEN = re.compile(r'name="(seen|key)" value="([^"]*)"')


@pytest.fixture
def patient(house: Unit) -> str:
    return house.report(coded=CALLED_LEFT)


def test_who_never_had_a_round_is_seen_at_her_own_site_alone(house: Unit, sit: Sit) -> None:
    # Given somebody of the other site who was never examined, and asks to be rung
    her = Patient.objects.create(
        family="Berg", given="Lena", birth_date="1970-01-01", site_id=ELSEWHERE, created_at=house.now, phone="555-0777"
    )
    house.take(her.id, "desk", st.Enrol())
    house.take(her.id, "desk", st.AskForCall())
    assert OpenLoop.objects.get(stream=her.id, kind="call_her").site == ""
    # Then her own site finds her owed, and this one does not, on no list and on no paper
    assert "Berg" in sit(f"navigator.{ELSEWHERE}").get("/?who=everyone").content.decode()
    assert "Berg" not in sit("navigator").get("/?who=everyone").content.decode()
    page = sit("navigator").post("/downtime/", {"days": "7"}, follow=True).content.decode()
    assert "555-0777" not in page


def test_only_this_sites_rounds_are_handed_over(
    house: Unit, patient: str, sit: Sit, letters: Callable[[], int]
) -> None:
    house.take(patient, "manager", st.AssignOwner(episode="e1", owner=f"navigator.{ELSEWHERE}"))
    OpenLoop.objects.filter(stream=patient).update(site=ELSEWHERE)
    page = sit("manager").get("/unit/hand-over/").content.decode()
    assert f'value="navigator.{ELSEWHERE}"' not in page
    given = {"leaves": f"navigator.{ELSEWHERE}", "takes": "navigator"}
    assert sit("manager").post("/unit/hand-over/", given).status_code == 200
    letters()
    assert house.state(patient).episodes["e1"].owner == f"navigator.{ELSEWHERE}"


def test_work_is_given_to_who_can_do_it(house: Unit, patient: str, sit: Sit) -> None:
    page = sit("manager").get(f"/patient/{patient}/do/AssignOwner/?subject=e1").content.decode()
    assert 'value="nurse"' in page
    for nobody in ("auditor", "provider", "administrator", f"nurse.{ELSEWHERE}"):
        assert f'value="{nobody}"' not in page
        assert f'value="{nobody}"' not in sit("manager").get("/unit/hand-over/").content.decode()


def test_nobody_moves_themselves_to_another_site(house: Unit) -> None:
    manager = Staff.objects.get(user__username="manager")
    there = accounts.Wanted(manager.name, manager.role_set, Site.objects.get(pk=ELSEWHERE))
    with pytest.raises(accounts.NotAllowed, match="your own account"):
        accounts.change(manager, manager, there)
    keeper = Staff.objects.get(user__username="administrator")
    with pytest.raises(accounts.NotAllowed, match="Only an administrator"):
        accounts.change(manager, keeper, accounts.Wanted("Somebody", keeper.role_set, keeper.site))


def test_a_manager_looks_after_the_accounts_of_the_own_site_alone(house: Unit) -> None:
    # Given a manager of one site, and a nurse of each
    manager, nurse = Staff.objects.get(user__username="manager"), Staff.objects.get(user__username="nurse")
    other = Staff.objects.get(user__username=f"nurse.{ELSEWHERE}")
    there = accounts.Wanted("Max again", ("front_desk",), Site.objects.get(pk=ELSEWHERE))
    here = accounts.Wanted("Max again", ("front_desk",), manager.site)
    # Then the other site's accounts are neither opened, changed, entered nor closed, and nobody is moved either way
    refused: list[Callable[[], object]] = [
        lambda: accounts.add(manager, "m.second", there),
        lambda: accounts.change(manager, nurse, there),
        lambda: accounts.change(manager, other, here),
        lambda: accounts.change(manager, other, there),
        *(
            lambda act=act: act(manager, other)
            for act in (
                accounts.close, accounts.reopen, accounts.new_password, accounts.reset_factors, accounts.end_sessions,
            )
        ),
    ]  # fmt: skip
    for act in refused:
        with pytest.raises(accounts.NotAllowed, match="accounts of the own site"):
            act()
    # But an administrator does all that
    keeper = Staff.objects.get(user__username="administrator")
    accounts.change(keeper, nurse, there)
    assert Staff.objects.get(pk=nurse.pk).site_id == ELSEWHERE
    accounts.add(keeper, "m.second", there)


def test_a_manager_is_offered_no_other_site_for_an_account(house: Unit, sit: Sit) -> None:
    client, other = sit("manager"), Staff.objects.get(user__username=f"nurse.{ELSEWHERE}")
    choice = f'<option value="{ELSEWHERE}"'
    assert choice not in client.get("/staff/new/").content.decode()
    assert choice in sit("administrator").get("/staff/new/").content.decode()
    given = {"username": "m.second", "name": "Max again", "roles": ["front_desk"], "site": ELSEWHERE, "provider": ""}
    assert "Ask an administrator" in client.post("/staff/new/", given).content.decode()
    assert not Staff.objects.filter(user__username="m.second").exists()
    # The page of an account of another site says who changes it, and offers nothing
    page = client.get(f"/staff/{other.pk}/").content.decode()
    assert "Ask an administrator" in page
    assert "Give a new one-time password" not in page
    answer = client.post(f"/staff/{other.pk}/password/", follow=True).content.decode()
    assert "Ask an administrator" in answer
    assert "one-time password given" not in answer


def test_a_slip_in_the_year_of_a_death_empties_no_list(house: Unit, patient: str, sit: Sit) -> None:
    owed = house.owes(patient)
    for path, data in (
        (f"/patient/{patient}/do/RecordDeath/", {"died_on": "1026-11-01"}),
        (f"/calls/{patient}/", {"outcome": "died", "died_on": "1950-01-01", "sure": "on"}),
    ):
        form = sit("nurse").get(path).content.decode()
        page = sit("nurse").post(path, dict(HIDDEN.findall(form)) | data).content.decode()
        assert "she was alive" in unescape(page)
    assert house.owes(patient) == owed


def test_a_page_that_says_someone_was_faster_is_a_look_too(house: Unit, patient: str, sit: Sit) -> None:
    answer = sit("navigator").post(f"/calls/{patient}/", {"outcome": "no_answer", "seen": "0", "key": "k"})
    assert answer.status_code == 409
    assert Look.objects.filter(patient=patient, page="call").exists()


def test_a_nul_in_an_address_is_no_fault_of_ours(house: Unit, sit: Sit) -> None:
    for address in ("/?who=%00", "/looks/?who=%00", "/patient/a%00b/"):
        assert sit("manager").get(address).status_code == 400
    assert sit("manager").post("/find/", {"q": "\0"}).status_code == 200


def test_a_letter_home_is_not_ticked_where_she_forbade_letters(
    house: Unit, patient: str, sit: Sit, letters: Callable[[], int]
) -> None:
    letters()
    Patient.objects.filter(pk=patient).update(safe_contact="Through her sister only.")
    page = sit("desk").get("/post/").content.decode()
    assert "Through her sister only." in page
    summary = f"{patient}/e1"
    assert not re.search(rf'value="{summary}[^"]*summary', page)
    loop = OpenLoop.objects.get(stream=patient, kind="post_document", subject__endswith=":summary")
    number = max(r.seq for r in door.look(patient).records)
    value = f"{patient}/{loop.subject}/{number}"
    page = sit("desk").post("/post/", {"letter": value, "proof": "posted"}, follow=True).content.decode()
    assert "Recorded as posted" not in page
    assert "post_document" in house.owes(patient)


def test_an_examination_entered_by_hand_meets_the_reports_of_its_own_site(house: Unit, sit: Sit) -> None:
    # Given a sender of the other site that comes first by name, and someone of this site who was never examined
    TrustedSender.objects.create(sender="HARBRIS|HARBOR", site_id=ELSEWHERE)
    her = Patient.objects.create(
        family="Berg", given="Lena", birth_date="1970-01-01", site_id="main", created_at=house.now
    )
    house.take(her.id, "desk", st.Enrol())
    # When her examination is entered by hand
    path = f"/patient/{her.id}/do/TakeExamination/"
    form = dict(HIDDEN.findall(sit("technologist").get(path).content.decode()))
    given = {"kind": "screening", "performed_at": "2026-11-02T08:00", "sides": ["left", "right"], "accession": "A7"}
    assert sit("technologist").post(path, form | given | {"reason": "screening"}).status_code == 302
    # Then its number is one that this site's sender gives
    (episode,) = house.state(her.id).episodes.values()
    (exam,) = episode.exams.values()
    assert exam.accession == "RIVERIS|RIVERSIDE|A7"
