"""The worker under kill -9 and beside another; the pages started as the README says."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.command_line.processes import CLOSERLOOK, environment, run, said, start
from tests.command_line.test_faults import feed

PEOPLE = 40
LETTERS = PEOPLE * 2  # a summary and a report for her provider each


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A system in which everyone's letters are due."""
    folder = tmp_path / "data"
    assert run(folder, "init").returncode == 0
    assert run(folder, "site", "--trust", "RIVERIS|RIVERSIDE", "--zone", "America/Chicago").returncode == 0
    assert run(folder, "ingest", str(feed(tmp_path / "feed", PEOPLE))).returncode == 0
    return folder


def facts(folder: Path, kind: str) -> int:
    with closing(sqlite3.connect(folder / "closerlook.sqlite3")) as db:
        return int(db.execute("SELECT count(*) FROM record_event WHERE type = ?", [kind]).fetchone()[0])


def let_leases_run_out(folder: Path) -> None:
    """Do what five minutes would: give back what a dead worker held."""
    with closing(sqlite3.connect(folder / "closerlook.sqlite3")) as db:
        db.execute("UPDATE record_openloop SET lease_until = '2000-01-01 00:00:00' WHERE lease_until IS NOT NULL")
        db.commit()


def test_two_workers_print_every_letter_once(data: Path) -> None:
    both = [start(data, "worker", "--once") for _ in range(2)]
    for process in both:
        process.communicate(timeout=120)
    assert facts(data, "Sending.1") == LETTERS
    assert len(list((data / "outbox" / "letters").iterdir())) == LETTERS
    assert said(run(data, "verify", "--json"))["faults"] == []


def test_a_worker_killed_in_the_middle_loses_and_doubles_no_letter(data: Path) -> None:
    for pause in (1.2, 1.5, 1.8):
        process = start(data, "worker")
        time.sleep(pause)  # let it come some way; whatever moment is hit must be survived
        process.kill()
        process.communicate()
        let_leases_run_out(data)
        assert said(run(data, "verify", "--json"))["faults"] == []
    assert run(data, "worker", "--once").returncode == 0
    assert facts(data, "Sending.1") == LETTERS
    assert facts(data, "SummarySent.1") == 0  # printed is not posted


def _served(data: Path) -> tuple["subprocess.Popen[str]", int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*CLOSERLOOK, "serve", "--port", str(port), "--workers", "1"],
        env=environment(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return process, port


def test_serve_answers_signs_nobody_in_and_stops_with_its_worker(data: Path) -> None:
    process, port = _served(data)
    try:
        page = _asked(f"http://127.0.0.1:{port}/", process)
        assert "Closer Look" in page
        assert "Password" in page
        _until(lambda: facts(data, "Sending.1") == LETTERS)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=20)
        finally:
            _end(process.pid)
    assert not _left_running(data)


def test_pages_end_with_a_service_that_was_killed(data: Path) -> None:
    """Pages that answer while nothing prints letters or says what is late would look well."""
    process, port = _served(data)
    try:
        _asked(f"http://127.0.0.1:{port}/", process)
        process.kill()
        _until(lambda: not _left_running(data))
    finally:
        _end(process.pid)
        process.communicate(timeout=20)


def _asked(address: str, process: "subprocess.Popen[str]") -> str:
    for _ in range(100):
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the pages did not answer")


def _until(condition: object) -> None:
    for _ in range(150):
        if condition():  # type: ignore[operator]
            return
        time.sleep(0.2)
    raise AssertionError("it did not come to pass in thirty seconds")


def _end(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _left_running(folder: Path) -> list[str]:
    """Return processes of this system that outlived it."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            env = (place / "environ").read_bytes().decode(errors="replace")
            line = (place / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"CLOSERLOOK_DATA_DIR={folder}" in env and re.search(r"worker|granian|serve", line):
            found.append(line)
    return found
