"""A unit with one person for each role, a clock that the tests move, and a web server in front of a real record."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test import Client, override_settings
from django.utils import timezone, translation

from closerlook import worker
from closerlook.accounts import again, sessions
from closerlook.accounts.models import Demonstration
from closerlook.people.models import Site, Staff
from closerlook.people.sites import site
from tests.desk.people import ELSEWHERE, PASSWORD, PEOPLE, STAFF, Desk, QuietHandler, Unit
from tests.stores import NOW

FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def sessions_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests move the clock by days and keep a page open: what that ends is what tests/accounts is about."""
    long = timedelta(days=4000)
    monkeypatch.setattr(sessions, "IDLE", long)
    monkeypatch.setattr(sessions, "DAY", long)
    monkeypatch.setattr(sessions, "WRITTEN_EVERY", long)
    monkeypatch.setattr(again, "FRESH", long)


@pytest.fixture
def unit(sqlite_record: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sessions_last: None) -> Iterator[Unit]:
    """A unit at work at nine on a Monday: staff of each role, and a clock."""
    static = tmp_path / "static"
    static.mkdir()
    here = Unit(NOW)
    monkeypatch.setattr(timezone, "now", lambda: here.now)
    own = {"DATA_DIR": tmp_path, "STATIC_ROOT": static, "PASSWORD_HASHERS": FAST}
    with override_settings(**own, ALLOWED_HOSTS=["127.0.0.1", "localhost", "testserver"]), translation.override("en"):
        Demonstration.objects.create(made_at=NOW)  # no second factor is asked; tests/accounts is about real ones
        for username, (name, roles) in PEOPLE.items():
            user = User.objects.create_user(username, password=PASSWORD)
            Staff.objects.create(user=user, site=site(), roles=",".join(roles), name=name)
        User.objects.create_user("stranger", password=PASSWORD)
        yield here


@pytest.fixture
def house(unit: Unit) -> Unit:
    """The unit with everyone who looks in too, and a second site with a colleague for each."""
    other = Site.objects.create(slug=ELSEWHERE, name="Harbor Clinic", address="1 Pier", phone="555-0100")
    for username, (name, roles) in STAFF.items():
        for who, where in ((username, site()), (f"{username}.{ELSEWHERE}", other)):
            if not User.objects.filter(username=who).exists():
                user = User.objects.create_user(who, password=PASSWORD)
                Staff.objects.create(user=user, site=where, roles=",".join(roles), name=f"{name} ({where.name})")
    return unit


@pytest.fixture
def address(unit: Unit) -> Iterator[str]:
    """A running server's address. It answers several at once, as browsers open connections ahead."""
    running = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    running.set_app(get_wsgi_application())
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    at = f"http://127.0.0.1:{running.server_port}"
    with override_settings(PUBLIC_URL=at):
        yield at
    running.shutdown()
    thread.join(timeout=10)
    running.server_close()


@pytest.fixture
def desk(unit: Unit, address: str, open_page: Callable[..., Any], axe: Any) -> Desk:
    """The desk in a browser: `desk.sit("navigator")` signs someone in and gives their page."""
    return Desk(unit, address, open_page, axe)


@pytest.fixture
def sit(unit: Unit) -> Callable[[str], Client]:
    """Return a client in which someone is signed in, for what needs no browser."""

    def sit_(username: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=username))
        return client

    return sit_


@pytest.fixture
def letters(unit: Unit) -> Callable[[], int]:
    """Let the worker do what is due; returns how many things it did."""

    def letters_() -> int:
        done = 0
        while did := worker.once(unit.now):
            done += did
        return done

    return letters_


@pytest.fixture
def outbox(unit: Unit) -> Path:
    return Path(settings.DATA_DIR) / "outbox" / "letters"


@pytest.fixture
def later(unit: Unit) -> Callable[..., datetime]:
    """Move the clock on, and return the time."""

    def later_(**span: float) -> datetime:
        unit.now += timedelta(**span)
        return unit.now

    return later_
