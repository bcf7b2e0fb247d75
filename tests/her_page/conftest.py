"""A clinic, a person with a link, a web server that shows her page, and a browser in front of it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client, override_settings
from django.utils import timezone, translation

from closerlook.people.models import Patient, Provider, Site
from closerlook.portal import links
from tests.her_page.told import TOLD, Told
from tests.letters.database import copy_of, migrate_into, riverside

Now = Callable[[datetime], None]
BORN = {"day": "3", "month": "5", "year": "1968"}


def session_of(client: Client) -> dict[str, Any]:
    """Return what her session holds; hers is not the desk's, which a test client takes for the only one."""
    return dict(SessionStore(client.cookies[settings.HER_COOKIE_NAME].value).items())


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    with django_db_blocker.unblock():
        migrate_into(path)
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[None]:
    static = tmp_path / "static"
    static.mkdir()
    own = {"DATA_DIR": tmp_path, "STATIC_ROOT": static, "ROOT_URLCONF": "tests.her_page.urls"}
    with (
        django_db_blocker.unblock(),
        copy_of(empty_database, tmp_path / "closerlook.sqlite3"),
        override_settings(**own, PUBLIC_URL="http://testserver"),
        translation.override("en"),
    ):
        yield


@pytest.fixture
def site(database: None) -> Site:
    found = riverside()
    found.save()
    Provider.objects.create(id="A|d1", family="Lind", given="Eva")
    return found


@pytest.fixture
def olsen(site: Site) -> Patient:
    return Patient.objects.create(
        id="p2222222222222", family="Olsen", given="Marta", birth_date=date(1968, 5, 3), sex="F", phone="555 0199",
        address="22 Harbour Road\nRiverside, NY 10001", site=site, created_at=TOLD,
    )  # fmt: skip


@pytest.fixture
def told(olsen: Patient) -> Told:
    """Her story through the real door."""
    return Told(olsen.pk)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Now:
    """Set the clock that the pages read."""

    def set_(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return set_


@pytest.fixture
def url(olsen: Patient, told: Told) -> str:
    """Her link's path."""
    return links.issue(olsen, told.now, olsen.site).removeprefix("http://testserver")


@pytest.fixture
def enter(told: Told, url: str, at: Now) -> Callable[..., Client]:
    """Open her link with her date of birth at this point of her story, and a code where `coded`."""

    def enter_(*, coded: bool = False) -> Client:
        at(told.now)
        client = Client()
        client.get(url)
        client.post("/my/birth-date/", BORN)
        if coded:
            client.post("/my/code/send/")
            client.post("/my/code/", {"code": last_code()})
        return client

    return enter_


def last_code() -> str:
    """The code in the newest text of the outbox."""
    newest = max((Path(settings.DATA_DIR) / "outbox/texts").iterdir(), key=lambda file: file.stat().st_mtime_ns)
    return str(json.loads(newest.read_text())["body"])[:6]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        return None


class _Server(WSGIServer):
    daemon_threads = True


@contextmanager
def serving() -> Iterator[str]:
    """Serve the system from a thread while the block lasts; gives its address."""
    running = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Server, handler_class=_Quiet)

    def serve() -> None:
        try:
            running.serve_forever(poll_interval=0.05)
        finally:
            connections.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        thread.join(timeout=10)
        running.server_close()


@pytest.fixture
def server(site: Site) -> Iterator[str]:
    """A real server in a thread; returns its address."""
    with override_settings(ALLOWED_HOSTS=["127.0.0.1"]), serving() as address:
        yield address
