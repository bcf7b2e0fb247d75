"""Every address of the desk against every role, each by its owner, a colleague of another site, and a stranger."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from closerlook.desk import access
from closerlook.desk.access import Shows
from closerlook.desk.papers import PaperList
from closerlook.desk.urls import urlpatterns
from closerlook.pathway import steps as st
from closerlook.pathway.events import Purpose
from closerlook.people.models import Look, Patient, Provider, Staff
from closerlook.visits import rooms
from tests.desk.people import ELSEWHERE, OFFICES, PEOPLE, STAFF, Unit
from tests.feeds.messages import CALLED_LEFT

Sit = Callable[[str], Client]
EVERYONE = set(PEOPLE)
TALKING = {"desk", "navigator", "nurse", "radiologist"}
WATCHING = {"manager", "administrator", "auditor"}
PLANNING = {"manager"}
PROVIDER = {"provider"}
OPEN_TO_ALL = {"sign_in", "sign_out"}
# name: (method, who may, what those who may get)
TABLE: dict[str, list[tuple[str, set[str], int]]] = {
    "home": [("get", EVERYONE, 200), ("get", set(OFFICES), 302)],
    "find": [("get", EVERYONE, 200), ("post", EVERYONE, 200)],
    "day": [("get", EVERYONE, 200)],
    "boards": [("get", EVERYONE, 200)],
    "board": [("get", EVERYONE, 200)],
    "patient": [("get", EVERYONE, 200)],
    "round": [("get", EVERYONE, 200)],
    "details": [("get", EVERYONE, 200), ("post", TALKING, 200)],
    "step": [("get", {"radiologist"}, 200), ("post", {"radiologist"}, 200)],
    "her_page": [("get", TALKING, 200), ("post", TALKING, 200)],
    "link": [("get", TALKING, 302), ("post", TALKING, 200)],
    "letter": [("get", EVERYONE | PROVIDER, 200)],
    "glass": [("get", EVERYONE, 302), ("post", EVERYONE, 302)],
    "looked": [("get", {"manager", "administrator"}, 200)],
    "looks": [("get", WATCHING, 200)],
    "post": [("get", EVERYONE, 200), ("post", TALKING | {"manager"}, 302)],
    "inbox": [("get", EVERYONE, 200)],
    "message": [("get", EVERYONE, 200), ("post", TALKING | {"manager"}, 302)],
    "ledger": [("get", EVERYONE | WATCHING, 200)],
    "capacity": [("get", PLANNING, 200)],
    "manage": [("get", WATCHING, 200)],
    "late": [("get", WATCHING, 200)],
    "rules": [("get", EVERYONE | WATCHING, 200)],
    "hand_over": [("get", PLANNING, 200), ("post", PLANNING, 200)],
    "site": [("get", {"manager", "administrator"}, 200), ("post", {"manager", "administrator"}, 200)],
    "downtime": [("get", EVERYONE, 200), ("post", EVERYONE, 302)],
    "paper": [("get", EVERYONE, 200), ("post", EVERYONE, 302)],
    "patients": [("get", PROVIDER, 200)],
    "of_mine": [("get", PROVIDER, 200)],
    "reading": [("get", {"radiologist", "manager"}, 200), ("post", {"radiologist"}, 302)],
    "reading_case": [("get", {"radiologist"}, 200), ("post", {"radiologist"}, 302)],
    "calls": [("get", TALKING, 200), ("post", TALKING, 302)],
    "call": [("get", TALKING, 200), ("post", TALKING, 404)],
    "undo_call": [("get", TALKING, 302), ("post", TALKING, 302)],
    "rooms": [("get", {"manager", "administrator"}, 200), ("post", {"manager", "administrator"}, 200)],
    "room": [("get", {"manager", "administrator"}, 200), ("post", {"manager", "administrator"}, 200)],
    "staff": [("get", {"manager", "administrator"}, 200)],
    "staff_add": [("get", {"manager", "administrator"}, 200), ("post", {"manager", "administrator"}, 200)],
    "staff_one": [("get", {"manager", "administrator"}, 200), ("post", {"manager", "administrator"}, 200)],
    "staff_do": [("get", {"manager", "administrator"}, 302), ("post", {"manager", "administrator"}, 302)],
    "sign_ins": [("get", {"manager", "administrator"}, 200)],
}
CELLS = [(route, method, who) for route, rows in TABLE.items() for method in sorted({row[0] for row in rows})
         for who in STAFF]  # fmt: skip


@pytest.fixture
def patient(house: Unit) -> str:
    """A patient called back, referred by the provider who has an account."""
    found = house.report(coded=CALLED_LEFT)
    doctor = Provider.objects.create(id="NPI|1", family="Hill", given="Nora")
    Patient.objects.filter(pk=found).update(provider=doctor)
    Staff.objects.filter(user__username="provider").update(provider=doctor)
    return found


@pytest.fixture
def addresses(house: Unit, patient: str, letters: Callable[[], int]) -> dict[str, str]:
    """An address of each kind that leads somewhere."""
    exam = next(iter(house.state(patient).episodes["e1"].exams))
    house.take(patient, "radiologist", st.DecideCallBack(exam=exam))
    letters()
    message = house.aside(b"MSH|^~\\&|RIVERIS|RIVERSIDE|A|B|2026").id
    colleague = Staff.objects.get(user__username="technologist").pk
    paper = PaperList.objects.create(made_at=house.now, made_by="desk", site="main", days=1)
    PaperList.objects.filter(pk=paper.pk).update(site=Patient.objects.get(pk=patient).site_id)
    given: dict[str, list[Any]] = {
        "board": ["tissue"],
        "room": [rooms.add(Patient.objects.get(pk=patient).site, "Room 1", [Purpose.PICTURES]).slug],
        "round": [patient, "e1"],
        "step": [patient, "DecideCallBack"],
        "letter": [patient, exam, "provider_report"],
        "reading_case": [patient, exam],
        "message": [message],
        "paper": [paper.pk],
        "staff_one": [colleague],
        "staff_do": [colleague, "sessions"],
    }
    hers = {name: [patient] for name, row in access.ROUTES.items() if row.shows is Shows.PATIENT} | {"glass": [patient]}
    return {name: reverse(f"desk:{name}", args=(hers | given).get(name, [])) for name in TABLE}


def expected(route: str, method: str, who: str) -> int:
    """Return what the owner of a role gets at an address: 403 where no row names them."""
    return next((code for how, names, code in TABLE[route] if how == method and who in names), 403)


def asked(client: Client, method: str, address: str) -> Any:
    return getattr(client, method)(address)


def test_every_address_is_in_both_tables() -> None:
    routes = {str(pattern.name) for pattern in urlpatterns} - OPEN_TO_ALL
    assert routes == TABLE.keys()
    assert routes == access.ROUTES.keys()


def test_nobody_comes_in_unknown(addresses: dict[str, str]) -> None:
    for name, address in addresses.items():
        for method in ("get", "post"):
            answer = asked(Client(), method, address)
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in/"), name


def test_nobody_comes_in_without_a_role(addresses: dict[str, str], sit: Sit) -> None:
    for name, address in addresses.items():
        for method in ("get", "post"):
            answer = asked(sit("stranger"), method, address)
            assert answer.status_code == 403, name
            assert "Ask the manager" in answer.content.decode()


@pytest.mark.parametrize("who", sorted(STAFF))
def test_each_role_comes_in_where_it_may(who: str, addresses: dict[str, str], sit: Sit) -> None:
    for route, method in {(route, method) for route, method, _ in CELLS}:
        answer = asked(sit(who), method, addresses[route])
        assert answer.status_code == expected(route, method, who), (route, method, who)


@pytest.mark.parametrize("who", sorted(STAFF))
def test_a_colleague_of_another_site_sees_nothing_of_hers(
    who: str, addresses: dict[str, str], patient: str, sit: Sit
) -> None:
    name = Patient.objects.get(pk=patient).family
    client = sit(f"{who}.{ELSEWHERE}")
    for route, method in sorted({(route, method) for route, method, _ in CELLS}):
        answer = asked(client, method, addresses[route])
        mine, shows = expected(route, method, who), access.ROUTES[route].shows
        assert name not in answer.content.decode(), (route, who)
        if not access.comes_in(route, STAFF[who][1]):
            assert answer.status_code == mine == 403, (route, method, who)
        elif shows is Shows.PATIENT and route != "of_mine" and who != "provider":
            here = (302, reverse("desk:glass", args=[patient]))
            wanted = here if method == "get" and who in PEOPLE else (403, "")
            assert (answer.status_code, answer.get("Location", "")) == wanted, (route, method, who)
    assert not Look.objects.filter(who=f"{who}.{ELSEWHERE}", patient=patient).exists()


def test_another_doctor_sees_no_patient_of_hers(addresses: dict[str, str], patient: str, sit: Sit) -> None:
    doctor = Provider.objects.create(id="NPI|2", family="Stone", given="Ann")
    Staff.objects.filter(user__username=f"provider.{ELSEWHERE}").update(provider=doctor)
    client = sit(f"provider.{ELSEWHERE}")
    assert client.get(addresses["of_mine"]).status_code == 403
    assert client.get(addresses["letter"]).status_code == 403
    assert Patient.objects.get(pk=patient).family not in client.get(addresses["patients"]).content.decode()


def test_her_doctor_reads_the_report_and_not_her_letter(addresses: dict[str, str], patient: str, sit: Sit) -> None:
    client = sit("provider")
    page = client.get(addresses["of_mine"]).content.decode()
    assert "Left" in page or "left" in page
    assert addresses["letter"] in page
    assert client.get(addresses["letter"].replace("provider_report", "summary")).status_code == 403


def test_an_auditor_meets_no_name(addresses: dict[str, str], patient: str, sit: Sit) -> None:
    row = Patient.objects.get(pk=patient)
    sit("navigator").get(addresses["patient"])
    for route in (name for name, row in TABLE.items() if any("auditor" in who for _, who, _ in row)):
        page = sit("auditor").get(addresses[route]).content.decode()
        assert not [word for word in (row.family, row.given, row.phone) if word in page], route
    assert patient in sit("auditor").get(addresses["looks"]).content.decode()


def test_a_closed_account_is_out_at_once(addresses: dict[str, str], sit: Sit) -> None:
    client = sit("navigator")
    assert client.get(addresses["home"]).status_code == 200
    User.objects.filter(username="navigator").update(is_active=False)
    assert client.get(addresses["home"]).status_code == 302


def test_every_form_is_held_to_its_token(addresses: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="radiologist"))
    for name, rows in TABLE.items():
        if any(method == "post" for method, _, _ in rows):
            answer = client.post(addresses[name])
            assert answer.status_code == 403, name
            assert "Nothing was recorded" in answer.content.decode()
