"""The public pages as anyone on the web meets them: no account, no database, a real server in front of a browser."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client, override_settings
from django.utils import translation

PAGES = ("", "called-back/", "chances/", "due/", "risk/", "helplines/", "for-units/")
ASKED = (
    "chances/?country=US&age=47&screen=first&modality=dbt&density=c&finding=calcifications",
    "chances/?country=US",
    "chances/?country=US&finding=one_view_asymmetry",
    "chances/?country=US&finding=technical",
    "chances/?country=UK&age=52",
    "chances/?country=UK&age=72",
    "chances/?country=UK&finding=technical",
    "chances/?country=UK-WAL&screen=first",
    "chances/?country=NL&finding=calcifications",
    "chances/?country=NO",
    "chances/?country=IT&age=50&density=d",
    "chances/?country=AU&screen=subsequent",
)
WRONG = ("chances/?country=US&age=9", "chances/?country=&age=x", "chances/?country=XX&density=q")


@pytest.fixture(autouse=True)
def _as_served(tmp_path: Path) -> Iterator[None]:
    static = tmp_path / "static"
    static.mkdir()
    with (
        override_settings(STATIC_ROOT=static, PUBLIC_URL="https://clinic.example", ALLOWED_HOSTS=["*"]),
        translation.override("en"),
    ):
        yield


@pytest.fixture
def client() -> Client:
    """Someone who has never been here; a page that asks the database for anything fails."""
    return Client()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        return None


class _Server(WSGIServer):
    daemon_threads = True


@pytest.fixture
def server() -> Iterator[str]:
    """A real server in a thread; returns the address of the public pages."""
    running = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/about/"
    running.shutdown()
    thread.join(timeout=10)
    running.server_close()
