"""The peers that other tests rely on are real, separate and watched."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import dj_database_url
import psycopg
import pytest
from playwright.sync_api import Browser, Page

from tests.servers import AccessibilityCheck, NetworkIsShut, PageErrors, Postgres

SOUND = """<!doctype html><html lang="en"><head><title>Your visit</title><link rel="icon" href="data:,"></head>
<body><main><h1>Your visit</h1>{}</main></body></html>"""


def data_page(body: str = "") -> str:
    return f"data:text/html,{quote(SOUND.format(body))}"


@contextmanager
def refusing_site() -> Iterator[str]:
    """A site that answers every request with a page saying it was refused."""

    class Refuse(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(HTTPStatus.CONFLICT)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(SOUND.format("Somebody was faster.").encode())

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Refuse) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever)
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_postgres_answers(postgres_server: Postgres) -> None:
    with psycopg.connect(postgres_server.url()) as connection:
        row = connection.execute("select version(), current_setting('fsync')").fetchone()
    assert row is not None
    assert row[0].startswith("PostgreSQL ")
    assert row[1] == "on"


def test_two_databases_do_not_see_each_other(postgres_server: Postgres, postgres_url: str) -> None:
    other_url = postgres_server.create_database()
    with psycopg.connect(postgres_url) as ours, psycopg.connect(other_url) as theirs:
        ours.execute("create table visit (id int)")
        ours.commit()
        with pytest.raises(psycopg.errors.UndefinedTable):
            theirs.execute("select * from visit")


def test_the_settings_can_read_the_address(postgres_server: Postgres, postgres_url: str) -> None:
    parsed = dj_database_url.parse(postgres_url)
    assert parsed["ENGINE"] == "django.db.backends.postgresql"
    assert parsed["HOST"] == str(postgres_server.folder)
    assert parsed["USER"] == "closerlook"


def test_chromium_opens_a_page(page: Page) -> None:
    page.goto(data_page())
    assert page.title() == "Your visit"


def test_two_people_do_not_share_a_session(open_page: Callable[..., Page]) -> None:
    with refusing_site() as address:
        nurse, patient = open_page(), open_page(java_script_enabled=False)
        nurse.goto(address)
        nurse.evaluate("document.cookie = 'signed-in=nurse'")
        patient.goto(address)
        assert nurse.context.cookies()
        assert not patient.context.cookies()


def test_axe_passes_a_sound_page(page: Page, axe: AccessibilityCheck) -> None:
    page.goto(data_page())
    axe(page)


def test_axe_finds_a_planted_fault(page: Page, axe: AccessibilityCheck) -> None:
    page.goto(data_page('<img src="data:,"><input>'))
    rules = sorted(line.partition(" ")[0] for line in axe.violations(page))
    assert rules == ["image-alt", "label"]
    with pytest.raises(AssertionError, match="has 2 accessibility faults"):
        axe(page)


def test_an_error_in_a_page_is_noticed(page: Page, page_errors: PageErrors) -> None:
    page.goto(data_page("<script>setTimeout(() => { console.error('late'); missing(); })</script>"))
    noticed = "\n".join(page_errors.all_unexpected())
    assert "late" in noticed
    assert "missing is not defined" in noticed
    page_errors.seen.clear()


def test_a_refusal_is_a_page_and_not_an_error(page: Page, page_errors: PageErrors) -> None:
    with refusing_site() as address:
        answer = page.goto(address)
        assert answer
        assert answer.status == HTTPStatus.CONFLICT
        assert page_errors.all_unexpected() == []


def test_a_page_cannot_reach_outside(page: Page, page_errors: PageErrors) -> None:
    page.goto(data_page('<img alt="" src="http://192.0.2.1/pixel.png"><img alt="" src="http://example.org/pixel.png">'))
    page.wait_for_load_state()
    assert [line for line in page_errors.all_unexpected() if "ERR_NAME_NOT_RESOLVED" in line] == page_errors.seen
    assert len(page_errors.seen) == 2
    page_errors.seen.clear()


def test_with_a_browser_open_other_tests_may_still_use_asyncio() -> None:
    async def answer() -> int:
        return 42

    assert asyncio.run(answer()) == 42


def test_django_allows_its_database_beside_a_browser(browser: Browser) -> None:
    assert browser.is_connected()
    assert os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] == "true"


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 443)])
def test_python_cannot_reach_outside(address: tuple[str, int]) -> None:
    with pytest.raises(NetworkIsShut, match="this machine only"):
        socket.create_connection(address, timeout=1)
    with socket.socket() as sock, pytest.raises(NetworkIsShut):
        sock.connect(address)
    with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(NetworkIsShut):
        sock.sendto(b"hello", address)


def test_python_reaches_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            client.sendall(b"hello")
            assert accepted.recv(5) == b"hello"


def test_the_settings_are_pointed_at_a_folder_of_this_process(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert os.path.isdir(os.environ["CLOSERLOOK_DATA_DIR"])
    assert os.environ["CLOSERLOOK_DATABASE_URL"].startswith(f"sqlite:///{os.environ['CLOSERLOOK_DATA_DIR']}")
    assert len(os.environ["CLOSERLOOK_SECRET_KEY"]) >= 50
    settings = sys.modules.get("closerlook.settings")
    assert settings is None or os.environ["DJANGO_SETTINGS_MODULE"] == "closerlook.settings"
