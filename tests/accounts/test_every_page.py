"""Every address of signing in, every page behind it, and what each answer of the system tells the browser."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import NoReverseMatch, get_resolver, reverse
from playwright.sync_api import expect

from closerlook.accounts.urls import urlpatterns
from tests.accounts.signing_in import Front, signed_in, typed, with_app
from tests.desk.people import Unit
from tests.feeds.messages import CALLED_LEFT

ROUTES = {
    "account_login": "sign-in/",
    "mfa_authenticate": "sign-in/second-factor/",
    "mfa_login_webauthn": "sign-in/passkey/",
    "with_provider": "sign-in/elsewhere/",
    "openid_connect_callback": "^sign-in/elsewhere/(?P<provider_id>unit)/$",
    "account_logout": "sign-out/",
    "account_reauthenticate": "again/",
    "mfa_index": "account/",
    "account_change_password": "account/password/",
    "mfa_activate_totp": "account/app/",
    "mfa_deactivate_totp": "account/app/remove/",
    "mfa_add_webauthn": "account/passkey/",
    "mfa_remove_webauthn": "account/passkey/<int:pk>/remove/",
    "mfa_view_recovery_codes": "account/recovery-codes/",
    "mfa_generate_recovery_codes": "account/recovery-codes/new/",
}
ABSENT = (
    "account_signup", "account_email", "account_reset_password", "account_set_password", "account_inactive",
    "account_confirm_email", "account_request_login_code", "socialaccount_signup", "socialaccount_connections",
    "socialaccount_login_error", "mfa_download_recovery_codes", "mfa_edit_webauthn", "mfa_reauthenticate", "mfa_trust",
)  # fmt: skip
"""Ways of allauth's that nobody may take here: signing up, mail, and what our own pages do instead."""


def test_these_are_all_addresses_of_signing_in() -> None:
    assert {str(route.name): str(route.pattern) for route in urlpatterns} == ROUTES
    known = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert {name for name in known if name.startswith(("account_", "mfa_", "social", "openid"))} <= ROUTES.keys()
    for name in ABSENT:
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_every_one_of_them_is_closed_to_whom_nobody_knows(unit: Unit) -> None:
    for route in urlpatterns:
        name = str(route.name)
        if name in ("account_login", "openid_connect_callback", "with_provider"):
            continue
        address = reverse(name, args=[1] if "pk" in ROUTES[name] else [])
        for ask in (Client().get, Client().post):
            answer = ask(address)
            assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/"), address


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_of_an_account_is_whole(front: Front, width: int) -> None:
    """The check of every page looks for what people with other eyes and hands stumble on."""
    page = front.type("navigator", viewport={"width": width, "height": 800})
    for address in ("", "app/", "passkey/"):
        page.goto(f"{front.desk.address}/account/{address}")
        front.desk.check(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.goto(front.desk.address + "/account/")
    front.set_up_app(page)
    front.device(page)
    page.goto(front.desk.address + "/account/")
    front.set_up_passkey(page)
    removing = str(page.get_by_role("row", name="my phone").get_by_role("link").get_attribute("href"))
    here = ("/account/", "/account/app/remove/", "/account/recovery-codes/", "/account/recovery-codes/new/", "/again/")
    for address in (*here, removing, "/account/password/", "/staff/"):
        page.goto(front.desk.address + address)
        front.desk.check(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.goto(front.desk.address + removing)
    front.desk.press(page, "Remove this passkey")
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()


# ---------------------------------------------------------------- what each answer tells the browser

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
OF_THE_PUBLIC = {"Referrer-Policy": "no-referrer", "Cache-Control": "public, max-age=3600"}
"""Pages about nobody may be kept by anybody."""


@pytest.fixture
def answers(unit: Unit, sit: Callable[[str], Client], letters: Callable[[], int]) -> dict[str, Any]:
    """An answer of every kind: pages, refusals, redirects, faults, files, for everybody the system knows."""
    patient = unit.report(coded=CALLED_LEFT)
    letters()
    manager, known, nobody = sit("manager"), sit("navigator"), Client()
    secret = with_app("nurse")
    half = Client()
    typed(half, "nurse")
    found = {
        "sign-in": nobody.get("/sign-in/"),
        "sign-in refused": nobody.post("/sign-in/", {"login": "navigator", "password": "wrong"}),
        "second factor": half.get("/sign-in/second-factor/"),
        "options of a passkey": nobody.get("/sign-in/passkey/", headers={"Accept": "application/json"}),
        "redirect": nobody.get("/"),
        "own account": known.get("/account/"),
        "again": known.get("/again/"),
        "worklist": known.get("/"),
        "patient": known.get(f"/patient/{patient}/"),
        "step": known.get(f"/patient/{patient}/do/RecordContact/?subject=e1"),
        "letter": known.get(f"/patient/{patient}/letter/x1/summary/"),
        "not allowed": known.get("/staff/"),
        "staff": manager.get("/staff/"),
        "not there": known.get("/nothing-here/"),
        "forged": Client(enforce_csrf_checks=True).post("/sign-in/", {}),
        "her page": nobody.get("/my/birth-date/"),
        "her link": nobody.get("/my/abcd-efgh-jkmn-pqrs-tuvw/"),
        "public": nobody.get("/about/"),
        "robots": nobody.get("/robots.txt"),
        "sitemap": nobody.get("/sitemap.xml"),
    }
    assert secret
    return found


def test_every_answer_tells_the_browser_to_be_careful(answers: dict[str, Any]) -> None:
    for kind, answer in answers.items():
        expected = ALWAYS | (OF_THE_PUBLIC if kind in ("public", "robots", "sitemap") else {})
        said = {name: answer.headers.get(name) for name in ALWAYS}
        said["Cache-Control"] = "no-store" if "no-store" in (said["Cache-Control"] or "") else said["Cache-Control"]
        assert said == expected, kind
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, kind
        assert "unsafe" not in policy, kind
        assert "*" not in policy, kind
        assert "frame-ancestors 'none'" in policy, kind
        assert "Strict-Transport-Security" not in answer.headers, kind


def test_over_https_every_answer_says_to_come_no_other_way(unit: Unit) -> None:
    with override_settings(HTTPS=True, SECURE_HSTS_SECONDS=31_536_000):
        for address in ("/sign-in/", "/my/birth-date/", "/about/", "/nothing/", "/"):
            assert Client().get(address).headers["Strict-Transport-Security"] == "max-age=31536000", address


ASK = """
import django, json
django.setup()
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0)
from closerlook.people.models import Site
Site.objects.create(slug="main", name="A", address="B", phone="1")
from django.test import Client
client = Client(headers={"X-Forwarded-Proto": "https"})
page = client.get("/sign-in/", HTTP_HOST="localhost")
link = client.get("/my/abcd-efgh-jkmn-pqrs-tuvw/", HTTP_HOST="localhost")
print(json.dumps([m.OutputString() for a in (page, link) for m in a.cookies.values()] + [settings.SESSION_COOKIE_NAME]))
"""


def test_over_https_a_cookie_belongs_to_this_host_alone(tmp_path: Any) -> None:
    given = {"CLOSERLOOK_HTTPS": "1", "CLOSERLOOK_PROXIES": "1", "CLOSERLOOK_DATA_DIR": str(tmp_path)}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CLOSERLOOK_")}
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**kept, **given, "DJANGO_SETTINGS_MODULE": "closerlook.settings"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    *cookies, desk = json.loads(done.stdout.splitlines()[-1])
    assert desk == "__Host-desk"
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-form", "__Host-hers"}
    for cookie in cookies:
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= parts, cookie
        assert not any(part.startswith("domain") for part in parts), cookie


def test_every_form_of_an_account_is_held_to_its_token(real: Unit) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(signed_in("navigator").cookies)
    for name, address in ROUTES.items():
        if name == "openid_connect_callback":
            continue  # the provider's answer comes as a link, and is held to what we gave along
        answer = strict.post(reverse(name, args=[1] if "pk" in address else []))
        assert answer.status_code == 403, name
        assert "Nothing was recorded" in answer.content.decode(), name


def test_nothing_takes_a_file() -> None:
    """There is nothing to upload anywhere. Whoever adds something has to think of size, kind and what it may hold."""
    from pathlib import Path

    import closerlook

    for file in Path(closerlook.__path__[0]).rglob("*"):
        if file.suffix in (".py", ".html", ".js"):
            text = file.read_text(encoding="utf-8")
            for sign in ("request.FILES", "FileField(", "ImageField(", 'type="file"', "multipart/form-data"):
                assert sign not in text, file
