"""How long it holds that someone signed in, and what ends it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import expect

from closerlook.accounts import staff
from closerlook.people.models import Staff
from tests.accounts.signing_in import Front, code_of, signed_in, typed, with_app
from tests.desk.people import PASSWORD, Unit
from tests.feeds.messages import CALLED_LEFT

Later = Callable[..., datetime]


def where(answer: Any) -> str:
    return str(answer["Location"]) if answer.status_code == 302 else str(answer.status_code)


@pytest.fixture
def manager(real: Unit) -> Staff:
    return Staff.objects.get(user__username="manager")


def test_half_an_hour_alone_ends_it(real: Unit, later: Later) -> None:
    client = signed_in("navigator")
    for minutes in (29, 29, 29):
        later(minutes=minutes)
        assert where(client.get("/ledger/")) == "200"
    later(minutes=30)
    assert where(client.get("/ledger/")) == "/sign-in/?next=%2Fledger%2F&why=idle"
    assert where(client.get("/")) == "/sign-in/?next=/"


def test_ten_hours_end_it_however_busy_they_were(real: Unit, later: Later) -> None:
    client = signed_in("navigator")
    for _ in range(29):
        later(minutes=20)
        assert where(client.get("/ledger/")) == "200"
    later(minutes=20)
    assert where(client.get("/ledger/")).endswith("why=day")


def test_the_reason_is_said_and_the_way_back_kept(front: Front, real: Unit, later: Later) -> None:
    # Given somebody who was signed out because they went to lunch
    secret = with_app("navigator")
    page = front.type("navigator", "/ledger/")
    page.get_by_label("Code").fill(code_of(secret, ahead=-1))
    front.desk.press(page, "Go on")
    later(minutes=45)
    front.desk.go(page, "Set aside")
    # Then the page says why
    expect(page.get_by_role("status")).to_have_text(
        "You are signed out because nothing was done here for half an hour."
    )
    # And signing in leads to what was asked for
    front.type_on(page, "navigator")
    page.get_by_label("Code").fill(code_of(secret))
    front.desk.press(page, "Go on")
    expect(page).to_have_url(front.desk.address + "/set-aside/")


@pytest.mark.parametrize(("comes", "sees_it"), [("navigator", True), ("nurse", False)])
def test_what_was_being_sent_is_given_back_to_the_same_person_only(
    unit: Unit, later: Later, comes: str, sees_it: bool
) -> None:
    address = f"/patient/{unit.report(coded=CALLED_LEFT)}/do/RecordContact/?subject=e1"
    client = Client()
    typed(client, "navigator")
    assert client.get(address).status_code == 200
    later(minutes=31)
    sent = {"channel": "phone", "seen": "3", "key": "the-key-of-this-form"}
    assert where(client.post(address, sent)).endswith("why=idle")
    # Somebody signs in at the same browser
    typed(client, comes)
    shown = client.get(address).content.decode()
    assert ("the-key-of-this-form" in shown, "Not recorded yet" in shown) == (sees_it, sees_it)
    later(minutes=15, seconds=1)
    assert "the-key-of-this-form" not in client.get(address).content.decode()


def test_signing_in_gives_the_session_a_new_key_and_signing_out_ends_it(real: Unit) -> None:
    client, secret = Client(), with_app("navigator")
    typed(client, "navigator")
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/sign-in/second-factor/", {"code": code_of(secret)})
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert before != after
    assert not Session.objects.filter(pk=before).exists()
    assert client.get("/sign-out/").status_code == 302
    assert client.get("/").status_code == 200  # a link signs nobody out
    client.post("/sign-out/")
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = after
    assert stolen.get("/").status_code == 302


def test_a_new_password_ends_every_other_session(real: Unit) -> None:
    secret = with_app("navigator")
    here, elsewhere = Client(), Client()
    for client, ahead in ((here, -1), (elsewhere, 0)):
        typed(client, "navigator")
        client.post("/sign-in/second-factor/", {"code": code_of(secret, ahead)})
    new = "four words that nobody knows"
    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert where(here.post("/account/password/", sent)) == "/account/"
    assert where(here.get("/")) == "200"
    assert where(elsewhere.get("/")).startswith("/sign-in/")
    assert typed(Client(), "navigator").status_code == 200
    assert typed(Client(), "navigator", new).status_code == 302


def test_a_second_factor_that_changes_ends_every_other_session(real: Unit) -> None:
    secret = with_app("navigator")
    here, elsewhere = Client(), Client()
    for client, ahead in ((here, -1), (elsewhere, 0)):
        typed(client, "navigator")
        client.post("/sign-in/second-factor/", {"code": code_of(secret, ahead)})
    here.post("/account/recovery-codes/new/")
    assert where(here.get("/")) == "200"
    assert where(elsewhere.get("/")) == "/sign-in/?next=%2F&why=ended"


@pytest.mark.parametrize("act", [staff.close, staff.end_sessions, staff.reset_factors, staff.new_password])
def test_an_administrator_ends_them_all(manager: Staff, act: Callable[[Staff, Staff], object]) -> None:
    client = signed_in("navigator")
    act(manager, Staff.objects.get(user__username="navigator"))
    assert where(client.get("/")).startswith("/sign-in/")


def test_a_session_that_was_ended_stays_so_when_the_account_is_opened_again(manager: Staff) -> None:
    client = signed_in("navigator")
    about = Staff.objects.get(user__username="navigator")
    staff.close(manager, about)
    staff.reopen(manager, about)
    assert where(client.get("/")).startswith("/sign-in/")


def test_hers_and_the_desks_are_two(unit: Unit) -> None:
    client = Client()
    typed(client, "navigator")
    client.get("/my/abcd-efgh-jkmn-pqrs-tuvw/")
    assert client.cookies[settings.HER_COOKIE_NAME]["samesite"] == "Lax"
    assert client.cookies[settings.SESSION_COOKIE_NAME]["samesite"] == "Strict"
    assert client.cookies[settings.HER_COOKIE_NAME].value != client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/my/leave/")
    assert client.get("/").status_code == 200


def test_her_cookie_never_opens_the_desk(unit: Unit) -> None:
    client = Client()
    typed(client, "navigator")
    moved = Client()
    moved.cookies[settings.HER_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert moved.get("/").status_code == 302


def test_who_comes_from_another_site_is_asked_to_come_from_here(unit: Unit) -> None:
    """A browser keeps a strict cookie back when another site sends somebody; our own page then fetches it."""
    client = Client()
    found = client.get("/sign-in/?next=/ledger/", headers={"Sec-Fetch-Site": "cross-site"})
    assert '<meta http-equiv="refresh" content="0;url=/sign-in/?next=/ledger/">' in found.content.decode()
    typed(client, "navigator")
    assert client.get("/sign-in/?next=/ledger/", headers={"Sec-Fetch-Site": "same-origin"})["Location"] == "/ledger/"


def test_a_link_from_another_site_leads_staff_to_their_page(front: Front) -> None:
    # Given somebody who is signed in, and a page of another site in the same browser
    page = front.type("navigator")
    front.set_up_app(page)
    page.goto(front.desk.address.replace("localhost", "127.0.0.1") + "/about/")
    # When they follow a link from there
    page.evaluate("address => { location.href = address }", front.desk.address + "/ledger/")
    # Then they are where it leads, though the browser kept their cookie back at first
    page.wait_for_url(front.desk.address + "/ledger/")
    expect(page.get_by_text("Ana Ruiz")).to_be_visible()
