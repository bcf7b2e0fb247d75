"""Accounts of staff: who may change whose, what is noted, and how a new person comes in."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from playwright.sync_api import expect

from closerlook.accounts import marks, staff
from closerlook.accounts.models import Account, SignIn
from closerlook.accounts.staff import NotAllowed, Wanted
from closerlook.people.kept import NeverChanged
from closerlook.people.models import Changed, Look, Provider, Staff
from closerlook.people.roles import ROLES, Office
from closerlook.people.sites import site
from tests.accounts.signing_in import Front, typed, with_app
from tests.desk.people import PASSWORD, Desk, Unit
from tests.stores import NOW

Later = Callable[..., datetime]


def person(username: str) -> Staff:
    return Staff.objects.select_related("user", "site", "provider").get(user__username=username)


def wanted(*roles: str, name: str = "Nia Newman", **more: Any) -> Wanted:
    return Wanted(name, roles, site(), **more)


@pytest.fixture
def admin(unit: Unit) -> Staff:
    user = User.objects.create_user("admin", password=PASSWORD)
    Staff.objects.create(user=user, site=site(), roles=Office.ADMINISTRATOR, name="Ada Minder")
    return person("admin")


def test_a_new_person_comes_in_with_what_they_were_handed(front: Front) -> None:
    # Given a manager who adds a nurse
    page = front.type("manager", "/staff/new/")
    front.set_up_app(page)
    front.desk.go(page, "They are kept: go on")
    front.desk.press(page, "Open the account")
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one role.")
    page.get_by_label("Name to sign in with").fill("n.newman")
    page.get_by_label("Name", exact=True).fill("Nia Newman")
    page.get_by_label("Nurse").check()
    front.desk.press(page, "Open the account")
    password = page.locator("dd").nth(1).inner_text()
    # When she signs in with it
    hers = front.type("n.newman", "/ledger/", password)
    # Then she chooses her own password first, and not the same one
    expect(hers.get_by_role("heading", level=1)).to_have_text("Choose a password of your own")
    hers.goto(front.desk.address + "/")
    expect(hers.get_by_role("heading", level=1)).to_have_text("Choose a password of your own")
    _choose(front, hers, password, password)
    expect(hers.get_by_role("alert")).to_contain_text("This is the password you have now.")
    _choose(front, hers, password, "short")
    expect(hers.get_by_role("alert")).to_contain_text("12 characters")
    _choose(front, hers, password, "four words of her own")
    # And then a second factor, and is where she wanted to be
    expect(hers.get_by_role("heading", level=1)).to_have_text("Set up a second proof that it is you")
    front.set_up_app(hers)
    front.desk.go(hers, "They are kept: go on")
    expect(hers).to_have_url(front.desk.address + "/ledger/")
    # And what she was handed opens nothing any more
    assert typed(Client(), "n.newman", password).status_code == 200


def _choose(front: Front, page: Any, old: str, new: str) -> None:
    page.get_by_label("The password you have now").fill(old)
    page.get_by_label("New password").fill(new)
    page.get_by_label("Once more").fill(new)
    front.desk.press(page, "Keep this password")


def test_a_one_time_password_runs_out(unit: Unit, admin: Staff, later: Later) -> None:
    _, password = staff.add(admin, "n.newman", wanted("nurse"))
    later(days=7, minutes=1)
    answer = typed(Client(), "n.newman", password)
    assert (answer.status_code, "has run out" in answer.content.decode()) == (403, True)


def test_what_is_changed_is_noted_and_shown(unit: Unit, admin: Staff, sit: Callable[[str], Client]) -> None:
    nurse = person("nurse")
    staff.change(admin, nurse, wanted("navigator", "nurse", name="Ruth Osei"))
    staff.change(admin, nurse, wanted("navigator", "nurse", name="Ruth Osei"))  # nothing new
    staff.close(admin, nurse)
    rows = list(Changed.objects.filter(which="nurse").order_by("pk").values_list("who", "field", "before", "after"))
    at = f"at {site().name}"
    assert rows == [
        ("admin", "changed", f"Ruth Osei; clinician, nurse; {at}", f"Ruth Osei; navigator, nurse; {at}"),
        ("admin", "account closed", "", ""),
    ]
    page = sit("manager").get(f"/staff/{nurse.pk}/").content.decode()
    assert "Ruth Osei; clinician, nurse" in page
    assert "account closed" in page


@pytest.mark.parametrize(
    ("table", "column"), [("people_changed", "who"), ("people_look", "who"), ("accounts_signin", "how")]
)
def test_the_database_itself_keeps_what_was_noted(record: str, table: str, column: str) -> None:
    kept = (
        Changed.objects.create(changed_at=NOW, who="a", what="account", which="b", field="c"),
        Look.objects.create(looked_at=NOW, who="a", site="main", page="patient", patient="p1"),
        SignIn.objects.create(at=NOW, how="password", outcome="wrong"),
    )
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="never"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    for row in kept:
        with pytest.raises(NeverChanged):
            row.save()
        with pytest.raises(NeverChanged):
            row.delete()


def test_nobody_changes_their_own_account(admin: Staff) -> None:
    for act in (staff.close, staff.reset_factors, staff.new_password):
        with pytest.raises(NotAllowed, match="your own account"):
            act(admin, admin)
    with pytest.raises(NotAllowed, match="your own account"):
        staff.change(admin, admin, wanted("administrator", "manager"))


def test_a_manager_neither_makes_nor_touches_an_administrator(admin: Staff) -> None:
    manager = person("manager")
    refused: list[Callable[[], object]] = [
        lambda: staff.add(manager, "second", wanted("administrator")),
        lambda: staff.change(manager, person("nurse"), wanted("administrator")),
        lambda: staff.change(manager, admin, wanted("nurse")),
        lambda: staff.close(manager, admin),
        lambda: staff.new_password(manager, admin),
        lambda: staff.reset_factors(manager, admin),
        lambda: staff.end_sessions(manager, admin),
    ]
    for act in refused:
        with pytest.raises(NotAllowed, match="Only an administrator"):
            act()
    assert person("admin").role_set == ("administrator",)
    assert not Changed.objects.exists()


def test_nobody_else_changes_accounts(admin: Staff) -> None:
    with pytest.raises(NotAllowed, match="Only an administrator or a manager"):
        staff.close(person("nurse"), person("navigator"))


def test_two_administrators_who_close_each_other_leave_one(record: str) -> None:
    for name in ("first", "second"):
        Staff.objects.create(
            user=User.objects.create_user(name, password=PASSWORD), site=site(), roles="administrator", name=name
        )
    first, second = person("first"), person("second")
    start, refused = threading.Barrier(2), []

    def close(by: Staff, about: Staff) -> None:
        start.wait(timeout=20)
        try:
            staff.close(by, about)
        except NotAllowed as why:
            refused.append(str(why))
        finally:
            connection.close()

    threads = [threading.Thread(target=close, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert User.objects.filter(is_active=True).count() == 1
    assert refused == ["This is the last administrator. Make another one first."]


def test_a_provider_account_says_whose_patients(admin: Staff, sit: Callable[[str], Client]) -> None:
    Provider.objects.create(id="NPI|1", family="Lind", given="Eva")
    client = sit("manager")
    sent = {"username": "e.lind", "name": "Eva Lind", "roles": ["provider"], "site": "main", "provider": ""}
    assert "Say whose patients" in client.post("/staff/new/", sent).content.decode()
    assert "No provider of this number" in client.post("/staff/new/", sent | {"provider": "NPI|9"}).content.decode()
    assert "One-time password" in client.post("/staff/new/", sent | {"provider": "NPI|1"}).content.decode()
    assert person("e.lind").provider_id == "NPI|1"
    other = sent | {"username": "another", "roles": ["nurse"], "provider": "NPI|1"}
    assert "Only for the role of a provider" in client.post("/staff/new/", other).content.decode()


@pytest.mark.parametrize("name", ["Navigator", "two words", ""])
def test_a_name_that_is_taken_or_cannot_be_typed_is_refused(admin: Staff, name: str) -> None:
    with pytest.raises(NotAllowed):
        staff.add(admin, name, wanted("nurse"))


def test_the_list_is_narrowed_ordered_and_paged(admin: Staff, sit: Callable[[str], Client]) -> None:
    for n in range(60):
        staff.add(admin, f"person{n:02}", wanted("technologist", name=f"Person {n:02}"))
    staff.close(admin, person("person00"))
    client = sit("manager")
    first = client.get("/staff/?role=technologist").content.decode()
    assert ("Person 01" in first, "Person 59" in first, "Page 1 of 2" in first) == (True, False, True)
    assert "Person 59" in client.get("/staff/?role=technologist&page=2").content.decode()
    assert "Person 00" not in first
    assert "Person 00" in client.get("/staff/?state=closed").content.decode()
    assert "Person 01" not in client.get("/staff/?role=nurse").content.decode()
    seen = client.get("/staff/?order=seen").content.decode()
    assert seen.index("Max Ferrara") < seen.index("Person 01")
    for nonsense in ("?page=x", "?role=x&order=x&state=x&site=x", "?page=99"):
        assert client.get(f"/staff/{nonsense}").status_code == 200


def test_no_role_is_part_of_anothers_name() -> None:
    """The list looks for a role's name in a column of several."""
    assert [(a, b) for a in ROLES for b in ROLES if a != b and a in b] == []


def test_a_lost_phone_is_reset_by_an_administrator(real: Unit, admin: Staff) -> None:
    with_app("navigator")
    staff.reset_factors(admin, person("navigator"))
    assert not Authenticator.objects.filter(user__username="navigator").exists()
    assert Changed.objects.filter(which="navigator", field="second factors reset", who="admin").exists()
    client = Client()
    assert typed(client, "navigator")["Location"] == "/"
    assert client.get("/")["Location"] == "/account/"


def test_the_command_line_notes_what_it_does(record: str) -> None:
    staff.at_terminal("first", "Ada Minder", ("administrator",), PASSWORD)
    staff.at_terminal("first", "Ada Minder", ("administrator", "manager"), PASSWORD)
    assert [(c.who, c.field) for c in Changed.objects.order_by("pk")] == [
        ("the command line", "account opened"),
        ("the command line", "changed, with a new password"),
    ]
    assert Account.objects.get(user__username="first").initial_until is None
    with pytest.raises(ValueError, match="Nobody signs in as someone"):
        staff.reset_at_terminal("someone")


def test_only_an_empty_database_is_marked_a_demonstration(unit: Unit) -> None:
    with pytest.raises(AssertionError, match="staff are known here"):
        marks.mark_demonstration(unit.now)


def test_the_pages_of_accounts(desk: Desk, admin: Staff) -> None:
    page = desk.sit("admin", "/staff/")
    desk.row(page, "Ruth Osei", "Open")
    desk.press(page, "Give a new one-time password")
    desk.go(page, "It is handed over: go on")
    # Nobody else is a nurse here: closing this account asks whether her work is seen to
    desk.press(page, "Close the account")
    expect(page.get_by_text("has this role: nurse").first).to_be_visible()
    assert person("nurse").user.is_active
    page.get_by_label("What is owed to this role is seen to all the same").last.check()
    desk.press(page, "Close the account")
    expect(page.get_by_text("The account is closed.")).to_be_visible()
    desk.press(page, "Open the account again")
    desk.press(page, "End every session")
    desk.press(page, "Reset the second factor")
    expect(page.get_by_role("row")).to_have_count(6)  # five changes, one head
    desk.go(page, "Who works here")
    desk.go(page, "Sign-ins")
    expect(page.get_by_role("row").filter(has_text="admin")).to_contain_text("signed in")
