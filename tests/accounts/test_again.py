"""Proving again who one is before a signature: nothing that was entered is lost, and nothing is signed by itself."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from closerlook.accounts.models import Outcome, SignIn
from closerlook.desk.doing import SIGNED_STEPS
from closerlook.desk.offers import STEPS
from closerlook.pathway import steps as st
from tests.accounts.signing_in import Front, code_of, signed_in, typed, with_app
from tests.desk.people import PASSWORD, Desk, Unit

Later = Callable[..., datetime]


@pytest.fixture
def to_confirm(unit: Unit) -> str:
    """A patient whose report states no category: a radiologist confirms one."""
    patient = unit.report(coded=(), text="IMPRESSION: See discussion.")
    assert "confirm_assessment" in unit.owes(patient)
    return patient


def form_of(page: Page) -> None:
    """Say what the report means, for both breasts."""
    page.get_by_label("Left breast").select_option("2 Benign")
    page.get_by_label("Right breast").select_option("1 Negative")
    page.get_by_label("b, scattered").check()


def half_an_hour_goes_by(page: Page, later: Later) -> None:
    """They go on working meanwhile: the session lives, the proof grows old."""
    later(minutes=20)
    page.context.new_page().goto(page.url)
    later(minutes=15)


@pytest.fixture(params=["with scripts", "without scripts"])
def any_desk(request: pytest.FixtureRequest, desk: Desk) -> Desk:
    desk.scripted = request.param == "with scripts"
    return desk


def test_a_reading_is_signed_after_proving_who_signs(any_desk: Desk, unit: Unit, later: Later, to_confirm: str) -> None:
    # Given a radiologist who signed in a good while ago, and has filled in a form
    page = any_desk.sit("radiologist", f"/patient/{to_confirm}/do/ConfirmAssessment/?subject=x1")
    any_desk.go(page, "Owed")
    any_desk.row(page, "Olsen", "Read")
    address = page.url
    form_of(page)
    half_an_hour_goes_by(page, later)
    # When they record it
    page.get_by_role("button", name="Record:").click()
    any_desk.check(page)
    # Then they are asked for their password first, and nothing is recorded
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    page.get_by_label("Password").fill("not mine")
    any_desk.press(page, "It is me: password")
    expect(page.get_by_role("alert")).to_contain_text("This is not your password.")
    assert "confirm_assessment" in unit.owes(to_confirm)
    page.get_by_label("Password").fill(PASSWORD)
    any_desk.press(page, "It is me: password")
    # And what they entered is there, still not recorded
    expect(page).to_have_url(address)
    expect(page.get_by_text("Not recorded yet: what you entered is here again")).to_be_visible()
    expect(page.get_by_label("Left breast").locator("option:checked")).to_have_text("2 Benign")
    assert "confirm_assessment" in unit.owes(to_confirm)
    page.reload()
    expect(page.get_by_label("Left breast").locator("option:checked")).to_have_text("2 Benign")
    # And one press records it, once
    page.get_by_role("button", name="Record:").click()
    expect(page.get_by_text("Recorded: ")).to_be_visible()
    assert "confirm_assessment" not in unit.owes(to_confirm)
    page.goto(address)
    expect(page.get_by_text("Not recorded yet")).to_have_count(0)
    assert list(SignIn.objects.filter(how="again: password").order_by("pk").values_list("outcome", flat=True)) == [
        Outcome.WRONG,
        Outcome.IDENTIFIED,
    ]


def test_a_code_or_a_passkey_will_do(front: Front, later: Later) -> None:
    # Given somebody with both
    page = front.type("manager", "/staff/new/")
    secret = front.set_up_app(page)
    page.goto(front.desk.address + "/account/")
    front.device(page)
    front.set_up_passkey(page)
    for how in ("code", "passkey"):
        page.goto(front.desk.address + "/staff/new/")
        half_an_hour_goes_by(page, later)
        page.get_by_label("Name to sign in with").fill(f"new-{how}")
        page.get_by_label("Name", exact=True).fill("Nia Newman")
        page.get_by_label("Nurse").check()
        # When they sign
        front.desk.press(page, "Open the account")
        expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
        if how == "code":
            page.get_by_label("Code").fill(code_of(secret, ahead=1))
            front.desk.press(page, "It is me: code")
        else:
            front.use_passkey(page, "Use a passkey")
        # Then the form is back
        expect(page.get_by_label("Name to sign in with")).to_have_value(f"new-{how}")
        front.desk.press(page, "Open the account")
        expect(page.get_by_role("heading", level=1)).to_have_text("One-time password")


def test_pressing_twice_loses_nothing(unit: Unit, later: Later, to_confirm: str) -> None:
    client = Client()
    typed(client, "radiologist")
    address = f"/patient/{to_confirm}/do/ConfirmAssessment/?subject=x1"
    later(minutes=29)
    client.get("/")
    later(minutes=2)
    sent = {"side_left": "benign", "key": "first-key", "seen": "1"}
    ways = [client.post(address, sent)["Location"] for _ in range(2)]
    assert len(set(ways)) == 1
    second = Client()  # the second press left the browser before the first was answered
    second.cookies.load(client.cookies.output(header=""))
    for pressed in (client, second):
        answer = pressed.post(ways[0], {"how": "password", "password": PASSWORD, "next": address})
        assert answer["Location"] == address
        assert "first-key" in pressed.get(address).content.decode()


def test_it_leads_to_no_other_site(unit: Unit) -> None:
    client = Client()
    typed(client, "navigator")
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        sent = {"how": "password", "password": PASSWORD, "next": elsewhere}
        assert client.post("/again/", sent)["Location"] == "/"


def test_five_wrong_passwords_close_it(unit: Unit) -> None:
    client = Client()
    typed(client, "navigator")
    for _ in range(5):
        client.post("/again/", {"how": "password", "password": "wrong"})
    said = client.post("/again/", {"how": "password", "password": PASSWORD})
    assert "Too many wrong tries" in said.content.decode()


def test_another_ones_code_proves_nothing(real: Unit) -> None:
    client = signed_in("navigator")
    other = with_app("nurse")
    assert client.post("/again/", {"how": "code", "code": code_of(other)}).status_code == 422


def test_what_proves_who_one_is_shows_and_changes_only_for_who_proved_it_lately(real: Unit, later: Later) -> None:
    client = signed_in("navigator")
    later(minutes=20)
    client.get("/")
    later(minutes=15)
    for address in ("recovery-codes/", "recovery-codes/new/", "app/remove/", "passkey/", "passkey/1/remove/", "app/"):
        for ask in (client.get, client.post):
            assert ask(f"/account/{address}")["Location"].startswith("/again/?next=%2Faccount%2F"), address


def test_every_signature_of_a_radiologist_asks() -> None:
    """A step that states what pictures or tissue mean is a signature; a new one has to be thought of here."""
    assert set(SIGNED_STEPS) == {
        st.RecordReading, st.Arbitrate, st.ConfirmAssessment, st.AssessWorkup, st.DecideConcordance, st.ConfirmChange,
        st.EnterInError, st.WithdrawReport, st.PlaceReport, st.PlanNext, st.AnswerSymptom,
    }  # fmt: skip
    assert set(SIGNED_STEPS) <= set(STEPS.values())
