"""What people do to come in: type, read a code off their phone, put a finger on a key."""

import re
import time
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import CDPSession, Page, expect

from tests.desk.people import PASSWORD, Desk


def code_of(secret: str, ahead: int = 0) -> str:
    """Return what an app shows now, or so many half minutes ahead."""
    return str(format_hotp_value(hotp_value(secret.replace(" ", ""), int(time.time()) // 30 + ahead)))


def user(name: str) -> User:
    return User.objects.get(username=name)


def with_app(name: str) -> str:
    """Give someone an app with one-time codes; returns its key."""
    secret: str = generate_totp_secret()
    TOTP.activate(user(name), secret)
    return secret


def typed(client: Client, name: str, password: str = PASSWORD, **more: str) -> Any:
    """Type a name and a password."""
    return client.post("/sign-in/", {"login": name, "password": password, **more})


def signed_in(name: str) -> Client:
    """Return a client in which someone signed in with a password and a code."""
    client, secret = Client(), with_app(name)
    assert typed(client, name)["Location"] == "/sign-in/second-factor/"
    assert client.post("/sign-in/second-factor/", {"code": code_of(secret)})["Location"] == "/"
    return client


class Front:
    """The desk, to which people come without having signed in."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def type(self, name: str, path: str = "/", password: str = PASSWORD, **options: Any) -> Page:
        """Open a page, and give a name and a password."""
        page = self.desk.open(path, **options)
        return self.type_on(page, name, password)

    def type_on(self, page: Page, name: str, password: str = PASSWORD) -> Page:
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(password)
        return self.desk.press(page, "Sign in")

    def device(self, page: Page, *, verifies: bool = True) -> CDPSession:
        """Put a key into the browser that checks who holds it, as a phone does."""
        found = page.context.new_cdp_session(page)
        found.send("WebAuthn.enable")
        kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": verifies}
        found.send(
            "WebAuthn.addVirtualAuthenticator",
            {"options": {**kind, "isUserVerified": verifies, "automaticPresenceSimulation": True}},
        )
        return found

    def set_up_app(self, page: Page) -> str:
        """Set up one-time codes from the account's page; returns the key."""
        self.desk.go(page, "Set up one-time codes")
        secret = page.locator("dd").first.inner_text()
        page.get_by_label("Code that the app shows now").fill(code_of(secret))
        self.desk.press(page, "Set up one-time codes")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
        return re.sub(r"\s", "", secret)

    def set_up_passkey(self, page: Page, name: str = "my phone") -> None:
        self.desk.go(page, "Set up a passkey")
        page.get_by_label("What you call it").fill(name)
        self.use_passkey(page, "Set up this passkey")

    def use_passkey(self, page: Page, button: str) -> None:
        """Press a button that asks the browser for a passkey first, and sends the form after."""
        with page.expect_navigation():
            page.get_by_role("button", name=button).click()
        self.desk.check(page)
