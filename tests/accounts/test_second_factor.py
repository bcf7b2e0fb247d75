"""A second factor: nobody works without one, whichever it is, and nobody is locked out of getting one."""

import re
from importlib.resources import files

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from playwright.sync_api import expect

from closerlook.accounts.models import Demonstration, Outcome, SignIn
from tests.accounts.signing_in import Front, code_of, signed_in, typed, user, with_app
from tests.desk.people import Unit

SCRIPT = files("closerlook.look") / "static/look/passkey.js"


@pytest.fixture(params=["with scripts", "without scripts"])
def any_front(request: pytest.FixtureRequest, front: Front) -> Front:
    front.desk.scripted = request.param == "with scripts"
    return front


def test_who_has_none_sets_one_up_before_anything_else_opens(any_front: Front) -> None:
    # Given someone with a password alone, on the way to a page
    page = any_front.type("navigator", "/ledger/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second proof that it is you")
    page.goto(any_front.desk.address + "/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second proof that it is you")
    # When they set up one-time codes
    secret = any_front.set_up_app(page)
    expect(page.get_by_role("listitem").filter(has_text=re.compile(r"^\d{8}$"))).to_have_count(10)
    # Then they go on to where they wanted to go
    any_front.desk.go(page, "They are kept: go on")
    expect(page).to_have_url(any_front.desk.address + "/ledger/")
    # And the next time the code is asked for
    page = any_front.type("navigator")
    expect(page.get_by_role("heading", level=1)).to_have_text("The password is right. Is it you?")
    page.get_by_label("Code").fill("000000")
    any_front.desk.press(page, "Go on")
    expect(page.get_by_role("alert")).to_contain_text("This was not right")
    page.get_by_label("Code").fill(code_of(secret, ahead=1))
    any_front.desk.press(page, "Go on")
    expect(page).to_have_url(any_front.desk.address + "/")


def test_a_passkey_is_a_second_factor_and_a_way_in_by_itself(front: Front) -> None:
    page = front.type("nurse")
    front.device(page)
    front.set_up_passkey(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    front.desk.go(page, "They are kept: go on")
    # Beside the password
    front.desk.press(page, "Sign out")
    front.type_on(page, "nurse")
    front.use_passkey(page, "Use your passkey")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_text("Ruth Osei")).to_be_visible()
    # And alone, back to the page that was asked for
    front.desk.press(page, "Sign out")
    page.goto(front.desk.address + "/ledger/")
    front.use_passkey(page, "Use a passkey")
    expect(page.get_by_text("Ruth Osei")).to_be_visible()
    expect(page).to_have_url(front.desk.address + "/ledger/")


def test_a_passkey_that_does_not_check_who_holds_it_is_refused(front: Front) -> None:
    page = front.type("nurse")
    device = front.device(page, verifies=False)
    front.desk.go(page, "Set up a passkey")
    # Our own page asks for one that checks, and the browser finds none
    page.get_by_role("button", name="Set up this passkey").click()
    expect(page.get_by_text("No passkey was used. Try again, or choose another way.")).to_be_visible()
    # A page that was tampered with does not
    page.route("**/passkey.js", lambda route: route.fulfill(body=SCRIPT.read_text().replace("required", "discouraged")))
    page.reload()
    front.use_passkey(page, "Set up this passkey")
    expect(page.get_by_text("This was not right")).to_be_visible()
    assert not Authenticator.objects.filter(user=user("nurse")).exists()
    device.detach()


@pytest.mark.parametrize(
    "sent", ["", "[]", "1", "null", "{}", '{"id": "x"}', '{"response": {"userHandle": null}}', "{"]
)
def test_whatever_is_sent_in_place_of_a_passkey_is_refused(real: Unit, sent: str) -> None:
    client = signed_in("navigator")
    half = Client()
    typed(half, "navigator")
    anybody = Client()
    anybody.get("/sign-in/passkey/", headers={"Accept": "application/json"})
    assert anybody.post("/sign-in/passkey/", {"credential": sent})["Location"] == "/sign-in/"
    assert half.post("/sign-in/second-factor/", {"credential": sent}).status_code == 200
    assert client.post("/again/", {"how": "passkey", "credential": sent}).status_code == 422
    assert client.post("/account/passkey/", {"credential": sent, "name": "mine"}).status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()
    assert set(SignIn.objects.filter(outcome=Outcome.WRONG).values_list("who", "how")) == {
        ("", "passkey"), ("navigator", "passkey"), ("navigator", "again: passkey"),
    }  # fmt: skip


def test_a_code_is_good_once_in_every_process(real: Unit) -> None:
    secret = with_app("navigator")
    code = code_of(secret)
    first, second = Client(), Client()
    for client in (first, second):
        typed(client, "navigator")
    assert first.post("/sign-in/second-factor/", {"code": code}).status_code == 302
    spaced = f"{code[:3]} {code[3:]}"
    for again in (code, spaced):
        refused = second.post("/sign-in/second-factor/", {"code": again})
        assert refused.status_code == 200
        assert second.get("/").status_code == 302


def test_a_recovery_code_comes_in_once(real: Unit) -> None:
    client = signed_in("navigator")
    client.post("/account/recovery-codes/new/")
    shown = client.get("/account/recovery-codes/").content.decode()
    code = re.findall(r"<bdi dir=\"ltr\">(\d{8})</bdi>", shown)[0]
    for expected in (302, 200):
        other = Client()
        typed(other, "navigator")
        assert other.post("/sign-in/second-factor/", {"code": code}).status_code == expected


def test_the_last_second_factor_cannot_be_taken_off(real: Unit) -> None:
    client = signed_in("navigator")
    page = client.post("/account/app/remove/")
    assert "This is your only second factor" in page.content.decode()
    assert Authenticator.objects.filter(user=user("navigator"), type="totp").exists()


def test_a_secret_is_sealed_and_lost_with_its_key(real: Unit, settings: object) -> None:
    secret = with_app("navigator")
    stored = Authenticator.objects.get(user=user("navigator")).data["secret"]
    assert secret not in stored
    settings.SECRET_KEY = "another-secret-key-than-the-one-it-was-sealed-with"  # type: ignore[attr-defined]
    found = Authenticator.objects.get(user=user("navigator")).wrap()
    assert not any(found.validate_code(code) for code in (code_of(secret), code_of("")))


def test_only_a_marked_demonstration_asks_for_none(unit: Unit) -> None:
    client = Client()
    assert typed(client, "navigator")["Location"] == "/"
    assert client.get("/").status_code == 200
    Demonstration.objects.all().delete()
    assert client.get("/")["Location"] == "/account/"
