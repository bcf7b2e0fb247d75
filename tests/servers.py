"""The real peers that tests meet: a PostgreSQL of their own, a browser, an accessibility checker; and a shut network.

You are here because a test needs one of them. Ask for the fixture in tests/conftest.py; this module is how it works.
A peer that is not installed fails the test and says what to install: a skipped test proves nothing.
"""

import ipaddress
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Playwright, Response, WebError
from psycopg import sql

START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0

# ---------------------------------------------------------------- PostgreSQL


@dataclass
class Postgres:
    """A running PostgreSQL that only this test session can reach, through a socket in a private folder."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it on what its folder holds, and wait until it answers."""
        self.process = _serve(self.folder)
        _wait_until_ready(self, self.process)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it. SIGINT ends connections and keeps the data whole; SIGQUIT is as if the machine had stopped."""
        if self.process is not None:
            self.process.send_signal(how)
            _wait_or_kill(self.process)
            self.process = None

    def url(self, database: str = "postgres") -> str:
        """Return the address of `database`, as CLOSERLOOK_DATABASE_URL and psycopg both read it."""
        return f"postgresql://closerlook@{quote(str(self.folder), safe='')}/{database}"

    def create_database(self, name: str = "") -> str:
        """Create an empty database and return its address; without a name it gets one nobody has used."""
        name = name or f"closerlook_{next(self.numbers)}"
        self._run(sql.SQL("create database {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending any connection that a failed test left open."""
        self._run(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a PostgreSQL with an empty data folder; afterwards stop it and remove the folder.

    Writes are synced to disk as in a hospital, so that tests which kill a worker mean something.
    """
    # Not pytest's own temporary folder: that one is closed to the user PostgreSQL runs as, and its path may be too
    # long for a socket (107 bytes).
    folder = Path(tempfile.mkdtemp(prefix="closerlook-pg-", dir="/tmp"))
    try:
        _make_cluster(folder)
        postgres = Postgres(folder)
        try:
            postgres.start()
            yield postgres
        finally:
            postgres.stop()
    finally:
        shutil.rmtree(folder)


def _make_cluster(folder: Path) -> None:
    programs, prefix, data = _postgres_programs(), _as_postgres_user(folder), str(folder / "data")
    initdb = [f"{programs}/initdb", "--pgdata", data, "--username=closerlook", "--auth=trust"]
    initdb += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run([*prefix, *initdb], cwd=folder, capture_output=True, text=True, check=False)
    assert made.returncode == 0, f"initdb failed:\n{made.stderr}"


def _serve(folder: Path) -> subprocess.Popen[bytes]:
    settings = [part for setting in _settings(folder) for part in ("-c", setting)]
    data = str(folder / "data")
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [*_as_postgres_user(folder), f"{_postgres_programs()}/postgres", "-D", data, *settings],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _postgres_programs() -> Path:
    """Return the folder of the newest PostgreSQL installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.fail("These tests need PostgreSQL: apt-get install postgresql", pytrace=False)
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _as_postgres_user(folder: Path) -> list[str]:
    """Return the words that go before a command, and hand `folder` to the user it will run as.

    PostgreSQL refuses to run as root. If the tests are killed outright, the kernel tells it to shut down too.
    """
    prefix = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return prefix
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return [*prefix, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _settings(folder: Path) -> list[str]:
    return [
        "listen_addresses=",  # nothing on the network: the folder's permissions are the lock
        f"unix_socket_directories={folder}",
        "fsync=on",
        "max_connections=60",
        "shared_buffers=32MB",
        "timezone=UTC",
    ]


def _wait_until_ready(postgres: Postgres, server: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_LIMIT_S
    while True:
        try:
            psycopg.connect(postgres.url()).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > give_up_at:
                pytest.fail(f"PostgreSQL did not start:\n{(postgres.folder / 'log').read_text()}", pytrace=False)
            time.sleep(0.05)  # between two questions; the answer, not the pause, decides
        else:
            return


def _wait_or_kill(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
        raise


# ---------------------------------------------------------------- The browser

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # as root in a container, Chromium's own sandbox cannot start
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
    # A page that asks for anything outside this machine gets an error, and so does its test.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
]


def launch_chromium(playwright: Playwright) -> Browser:
    """Start the browser that the system provides; Playwright's own download is not used."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        pytest.fail("These tests need a browser: apt-get install chromium", pytrace=False)
    return playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)


@dataclass
class PageErrors:
    """What went wrong inside the pages of one test: JavaScript errors, and console messages of level error.

    A refusal is a page too: Chromium reports its status (404, 409, 422 …) as an error, and that one is not counted.
    A test that provokes an error on purpose looks at `seen` and clears it.
    """

    seen: list[str] = field(default_factory=list)
    refusals: set[str] = field(default_factory=set)
    contexts: list[BrowserContext] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        self.contexts.append(context)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.seen.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_error(self, error: WebError) -> None:
        self.seen.append(f"{error.error} ({error.page.url if error.page else ''})")

    def _on_response(self, response: Response) -> None:
        if 400 <= response.status < 500 and response.request.is_navigation_request():
            self.refusals.add(response.url)

    def all_unexpected(self) -> list[str]:
        """Wait for what the pages have still to say, and return the errors that should fail the test."""
        for page in [page for context in self.contexts for page in context.pages]:
            with suppress(Error):  # a page on its way somewhere else has nothing to add
                page.evaluate("0")
        refused = tuple(f"({url})" for url in self.refusals)
        return [
            line for line in self.seen if not (line.startswith("Failed to load resource:") and line.endswith(refused))
        ]


# ---------------------------------------------------------------- Accessibility


@dataclass(frozen=True)
class AccessibilityCheck:
    """Calls axe-core on a page. `axe(page)` is the usual way: it fails the test and lists every fault."""

    def __call__(self, page: Page) -> None:
        faults = self.violations(page)
        assert not faults, "\n".join([f"{page.url} has {len(faults)} accessibility faults:", *faults])

    def violations(self, page: Page) -> list[str]:
        """Return a line for each fault: rule, severity, what helps, and where on the page."""
        result: dict[str, Any] = Axe().run(page).response
        return [
            f"{fault['id']} ({fault['impact']}): {fault['help']}: {' '.join(node['target'])} {node['html']}"
            for fault in result["violations"]
            for node in fault["nodes"]
        ]


# ---------------------------------------------------------------- The network, shut


class NetworkIsShut(RuntimeError):
    """A test reached for something outside this machine. Not an OSError: code that copes with those would hide it."""

    def __init__(self, target: object) -> None:
        super().__init__(f"Tests may talk to this machine only, and this one asked for {target!r}")


def _is_here(host: object) -> bool:
    if host is None or host in ("", b"", "localhost", b"localhost", socket.gethostname()):
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False  # a name: looking it up would already leave the machine
    return address.is_loopback or address.is_unspecified


def shut_network(patch: pytest.MonkeyPatch) -> None:
    """Let Python's sockets reach this machine and nothing else, until `patch` is undone.

    Sockets of the Unix kind and other programs are left alone; Chromium has a rule of its own above.
    """

    def check(sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
            raise NetworkIsShut(address)

    connect, connect_ex, sendto = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
    getaddrinfo = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, data: bytes, *rest: Any) -> int:
        check(self, rest[-1])
        return sendto(self, data, *rest)

    def guarded_getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
        if not _is_here(host):
            raise NetworkIsShut(host)
        return getaddrinfo(host, *rest, **named)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket.socket, "sendto", guarded_sendto)
    patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
