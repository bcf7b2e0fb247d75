"""Signing in through a unit's own identity provider: a real one, in a process of its own, seen in the browser."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from playwright.sync_api import Page, expect

from closerlook.accounts import oidc
from closerlook.accounts.models import Outcome, SignIn
from tests.accounts.signing_in import Front, code_of, with_app

PEOPLE = (
    {"sub": "s-1", "preferred_username": "navigator", "name": "Ana Ruiz", "amr": ["pwd", "mfa"]},
    {"sub": "s-2", "preferred_username": "nurse", "name": "Ruth Osei", "amr": ["pwd"]},
    {"sub": "s-3", "preferred_username": "nobody-here", "name": "Someone Else", "amr": ["pwd", "mfa"]},
    {"sub": "s-4", "preferred_username": "navigator", "name": "An Impostor", "amr": ["pwd", "mfa"]},
    {"sub": "s-5", "preferred_username": "stranger", "name": "No Staff", "amr": ["pwd", "mfa"]},
)
GIVEN = {
    "CLOSERLOOK_OIDC_CLIENT_ID": "closer-look",
    "CLOSERLOOK_OIDC_CLIENT_SECRET": "between-the-two-of-us",
    "CLOSERLOOK_OIDC_NAME": "Riverside Health",
    "CLOSERLOOK_OIDC_SECOND_FACTOR": "amr=mfa",
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a running provider, which knows some people."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    known = [part for person in PEOPLE for part in ("--user-claims", json.dumps(person))]
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *known],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "1"},
    )
    at = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 60
    while True:
        try:
            requests.get(f"{at}/.well-known/openid-configuration", timeout=5).raise_for_status()
            break
        except requests.RequestException:
            assert process.poll() is None, "the provider did not start"
            assert time.monotonic() < until, "the provider does not answer"
            time.sleep(0.05)
    yield at
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def provider(issuer: str, front: Front) -> Iterator[Front]:
    """The unit lets people in through it."""
    found = oidc.read({**GIVEN, "CLOSERLOOK_OIDC_ISSUER": issuer})
    assert found is not None
    with override_settings(OIDC=found, SOCIALACCOUNT_PROVIDERS=found.apps()):
        yield front


def to_provider(front: Front, path: str) -> Page:
    """Go to the provider's own page. What that one fetches from elsewhere is not there, and none of our business."""
    page = front.desk.open(path)
    page.context.route(re.compile(r"pico\.min\.css|favicon\.ico"), lambda route: route.fulfill(body=""))
    page.get_by_role("button", name="Go on with Riverside Health").click()
    return page


def come(front: Front, sub: str, path: str = "/") -> Page:
    """Come by way of the provider, where one is known as `sub`."""
    page = to_provider(front, path)
    page.get_by_role("button", name=sub).click()
    page.wait_for_url(f"{front.desk.address}/**")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("One moment")
    front.desk.check(page)
    return page


@pytest.mark.parametrize("scripted", [True, False])
def test_who_has_an_account_comes_in_and_where_they_wanted(provider: Front, scripted: bool) -> None:
    provider.desk.scripted = scripted
    page = come(provider, "s-1", "/ledger/")
    expect(page).to_have_url(provider.desk.address + "/ledger/")
    expect(page.get_by_text("Ana Ruiz")).to_be_visible()
    row = SignIn.objects.get()
    assert (row.who, row.how, row.outcome) == ("navigator", "the unit's provider", Outcome.SIGNED_IN)
    # And what else the provider said of her is not kept
    assert SocialAccount.objects.get().extra_data == {}


def test_where_the_provider_proves_no_second_factor_ours_is_asked(provider: Front) -> None:
    page = come(provider, "s-2")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second proof that it is you")
    secret = provider.set_up_app(page)
    provider.desk.press(page, "Sign out")
    again = come(provider, "s-2")
    again.get_by_label("Code").fill(code_of(secret, ahead=1))
    provider.desk.press(again, "Go on")
    expect(again.get_by_text("Ruth Osei")).to_be_visible()


def test_where_it_proves_one_ours_is_not_asked_too(provider: Front) -> None:
    with_app("navigator")
    page = come(provider, "s-1")
    expect(page.get_by_text("Ana Ruiz")).to_be_visible()


@pytest.mark.parametrize("sub", ["s-3", "s-5"])
def test_who_has_no_account_of_staff_stays_out_and_gets_none(provider: Front, sub: str) -> None:
    before = User.objects.count()
    page = come(provider, sub)
    expect(page.get_by_text("have no account here")).to_be_visible()
    page.goto(provider.desk.address + "/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert User.objects.count() == before
    assert SignIn.objects.get().outcome == Outcome.NO_ACCOUNT


def test_a_name_belongs_to_the_first_identity_that_came_with_it(provider: Front) -> None:
    come(provider, "s-1")
    page = come(provider, "s-4")
    expect(page.get_by_text("belongs to another identity")).to_be_visible()


def test_a_closed_account_is_closed_that_way_too(provider: Front) -> None:
    User.objects.filter(username="navigator").update(is_active=False)
    page = come(provider, "s-1")
    expect(page.get_by_text("This account is closed.")).to_be_visible()


def test_who_turns_back_there_reads_so(provider: Front) -> None:
    page = to_provider(provider, "/")
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(f"{provider.desk.address}/**")
    expect(page.get_by_text("Riverside Health did not say who you are.")).to_be_visible()


def test_without_a_provider_there_is_no_such_way(front: Front) -> None:
    page = front.desk.open("/")
    expect(page.get_by_role("button", name="Go on with")).to_have_count(0)
    assert Client().post("/sign-in/elsewhere/").status_code == 404
    assert Client().get("/sign-in/elsewhere/unit/").status_code == 404


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"CLOSERLOOK_OIDC_NAME": "Us"}, "CLOSERLOOK_OIDC_NAME is set without CLOSERLOOK_OIDC_ISSUER"),
        (GIVEN | {"CLOSERLOOK_OIDC_ISSUER": "http://sso.example.org"}, "has to begin with https://"),
        ({"CLOSERLOOK_OIDC_ISSUER": "https://sso.example.org"}, "CLOSERLOOK_OIDC_CLIENT_ID is missing"),
        (
            GIVEN | {"CLOSERLOOK_OIDC_ISSUER": "https://sso.example.org", "CLOSERLOOK_OIDC_SECOND_FACTOR": "mfa"},
            "'mfa' is not understood; write amr=mfa or acr=<value>",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start_and_says_what_to_do(given: dict[str, str], said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said.replace("(", "\\(")):
        oidc.read(given)


def test_a_proof_is_a_claim_with_that_very_value() -> None:
    found = oidc.read(
        GIVEN | {"CLOSERLOOK_OIDC_ISSUER": "https://sso.example.org", "CLOSERLOOK_OIDC_SECOND_FACTOR": "amr=mfa, acr=2"}
    )
    assert found is not None
    table: list[tuple[dict[str, object], bool]] = [
        ({"amr": ["pwd", "mfa"]}, True),
        ({}, False),
        ({"amr": ["pwd"]}, False),
        ({"amr": "mfa"}, True),
        ({"acr": "2"}, True),
        ({"acr": "22"}, False),
    ]
    for claims, expected in table:
        assert oidc.proves_second_factor(found, claims) is expected, claims
