"""What every test can ask for, and the ground rules all of them keep: own data, no network, nothing skipped in CI."""

import asyncio
import atexit
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.servers import AccessibilityCheck, PageErrors, Postgres, launch_chromium, running_postgres, shut_network

pytest_plugins = ("tests.fixtures_of_stores",)
SETTINGS_MODULE = "closerlook.settings"
IN_CI = os.environ.get("CI") == "true"
DATA_DIR = Path(tempfile.mkdtemp(prefix="closerlook-tests-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)  # and not a hook: a session that fails early skips those
PAGE_ERRORS = pytest.StashKey[PageErrors]()

# ---------------------------------------------------------------- Before Django loads


def _use_own_environment() -> None:
    """Point the settings at a folder that only this process uses, whatever the developer's own shell says."""
    if SETTINGS_MODULE in sys.modules:
        # pytest-django reads an ini option before any conftest: the tests would then write to somebody's real data.
        raise pytest.UsageError(
            f"{SETTINGS_MODULE} was loaded before the tests could give it a folder of its own. "
            "Take DJANGO_SETTINGS_MODULE out of the pytest options and the environment; tests/conftest.py sets it."
        )
    for name in [name for name in os.environ if name.startswith("CLOSERLOOK_")]:
        del os.environ[name]
    os.environ["CLOSERLOOK_DATA_DIR"] = str(DATA_DIR)
    os.environ["CLOSERLOOK_DATABASE_URL"] = f"sqlite:///{DATA_DIR / 'closerlook.sqlite3'}"
    os.environ["CLOSERLOOK_SECRET_KEY"] = secrets.token_urlsafe(48)
    if find_spec(SETTINGS_MODULE):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
        import django

        django.setup()


_use_own_environment()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each worker set its own environment: one that inherits the module's name would load it too early."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


# ---------------------------------------------------------------- How long to look for a counterexample

hypothesis_settings.register_profile("default", max_examples=60, deadline=None)
# The same examples on every machine, so that what passed before it was sent passes there; `make explore` draws anew.
hypothesis_settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.register_profile("explore", max_examples=2000, deadline=None, print_blob=True)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "default"))

# ---------------------------------------------------------------- Nothing is skipped in CI


def _not_run(config: pytest.Config) -> list[str]:
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not IN_CI:
        return []
    return [
        f"{kind}: {report.nodeid}"
        for kind in ("skipped", "xfailed", "xpassed")
        for report in reporter.stats.get(kind, ())
    ]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _not_run(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _measured(reporter: Any) -> list[str]:
    """What tests measured and only report, as `record_property("measured", …)`: it comes through from any worker."""
    reports = [report for kind in ("passed", "failed") for report in reporter.stats.get(kind, ())]
    return [str(value) for report in reports for name, value in report.user_properties if name == "measured"]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if lines := _measured(terminalreporter):
        terminalreporter.section("measured, and judged by nobody")
        for line in lines:
            terminalreporter.line(line)
    if lines := _not_run(config):
        terminalreporter.section("failed: in CI every test runs, and passes", red=True)
        for line in lines:
            terminalreporter.line(line)


# ---------------------------------------------------------------- The network


@pytest.fixture(scope="session", autouse=True)
def network_is_shut() -> Iterator[None]:
    """Refuse any connection that would leave this machine."""
    with pytest.MonkeyPatch.context() as patch:
        shut_network(patch)
        yield


# ---------------------------------------------------------------- PostgreSQL


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A real PostgreSQL, started when first asked for, one for each xdist worker."""
    with running_postgres() as postgres:
        yield postgres


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The address of an empty database that only this test sees."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url.rpartition("/")[2])


# ---------------------------------------------------------------- The browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, started when first asked for, one for each xdist worker."""
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread; Django takes it for an async view and refuses its database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            chromium = launch_chromium(playwright)
            loop = asyncio._get_running_loop()
            yield chromium
            asyncio._set_running_loop(loop)  # the last test may be one that the thread was lent back to
            chromium.close()


@pytest.fixture
def page_errors(request: pytest.FixtureRequest) -> PageErrors:
    """What the pages of this test complained of; anything left here fails the test."""
    errors = PageErrors()
    request.node.stash[PAGE_ERRORS] = errors
    return errors


@pytest.fixture
def open_page(browser: Browser, page_errors: PageErrors) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser session of its own: a second person, a phone, a browser without JavaScript.

    Takes what Playwright's `new_context` takes: `open_page(java_script_enabled=False)`, `open_page(viewport=…)`.
    """
    contexts: list[BrowserContext] = []

    def open_one(**options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page_errors.watch(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page in a fresh browser session."""
    return open_page()


@pytest.fixture
def axe() -> AccessibilityCheck:
    """`axe(page)` fails the test if the page has an accessibility fault; `axe.violations(page)` lists them."""
    return AccessibilityCheck()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test whose pages had an error, as a failure of the test itself rather than of its clean-up."""
    yield
    errors = item.stash.get(PAGE_ERRORS, None)
    if errors and (lines := errors.all_unexpected()):
        pytest.fail("\n".join(["The browser reported:", *lines]), pytrace=False)


def _uses_browser(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    """Lend the thread back to tests without a browser, with their fixtures, so that they can call `asyncio.run`.

    Between calls Playwright's loop stays marked as running, and Python allows one in a thread. Django keeps its
    connections apart for code under a loop and code without: a test and its fixtures have to be on the same side.
    """
    borrowed = None if _uses_browser(item) else asyncio._get_running_loop()
    if borrowed is None:
        return (yield)
    asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        asyncio._set_running_loop(borrowed)
