"""Commands that read the whole log: a bar on a terminal only, a receipt that appears whole, and clean stdout."""

import json
import os
import pty
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.command_line.processes import CLOSERLOOK, environment, run, said
from tests.feeds.messages import CALLED_LEFT, NORMAL, oru


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A system with two women."""
    data, feed = tmp_path / "data", tmp_path / "feed"
    feed.mkdir()
    (feed / "a.hl7").write_bytes(oru("M1", coded=CALLED_LEFT))
    (feed / "b.hl7").write_bytes(
        oru("M2", number="MR2", name="Lind^Eva", born="19700101", accession="A2", coded=NORMAL)
    )
    run(data, "init")
    assert run(data, "ingest", str(feed)).returncode == 0
    return data


def on_a_terminal(data: Path, *arguments: str) -> tuple[str, str]:
    """Run a command whose stderr is a terminal; return what it said on stdout and on the terminal."""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [*CLOSERLOOK, *arguments], env=environment(data), stdout=subprocess.PIPE, stderr=theirs, text=True, check=False
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    return done.stdout, shown


@pytest.mark.parametrize(
    ("arguments", "label"),
    [(("verify", "--json"), "Verifying"), (("ledger", "--as-of", "2099-01-01", "--json"), "Reading the log")],
)
def test_progress_is_on_the_terminal_and_never_in_the_document(
    system: Path, arguments: tuple[str, ...], label: str
) -> None:
    document, shown = on_a_terminal(system, *arguments)
    assert isinstance(json.loads(document), dict)
    assert label in shown
    assert "100%" in shown
    assert run(system, *arguments).stderr == ""


def test_a_receipt_kept_elsewhere_misses_a_log_that_was_taken_out(system: Path, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt"
    assert run(system, "verify", "--receipt", str(receipt)).returncode == 0
    assert len(receipt.read_text().splitlines()) == 2
    assert run(system, "verify", "--against", str(receipt), "--receipt", str(receipt)).returncode == 0
    with sqlite3.connect(system / "closerlook.sqlite3") as file:
        stream = receipt.read_text().split()[0]
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        for table in ("event", "head", "openloop", "claim", "taken"):
            file.execute(f"DELETE FROM record_{table} WHERE stream = ?", [stream])
    before = receipt.read_text()
    done = run(system, "verify", "--json", "--against", str(receipt), "--receipt", str(receipt))
    assert done.returncode == 1
    assert [fault["stream"] for fault in said(done)["faults"]] == [stream]
    assert receipt.read_text() == before
    assert not list(tmp_path.glob("*.part"))
    wrong = run(system, "verify", "--against", __file__)
    assert (wrong.returncode, "line 1 is not a line of a receipt" in wrong.stderr) == (2, True)


def test_what_is_owed_is_one_document_however_long(system: Path) -> None:
    document = said(run(system, "loops", "--json"))
    assert {loop["kind"] for loop in document["loops"]} >= {"plan_call_back", "tell_result"}
    assert said(run(system, "loops", "--json", "--owner", "nurse"))["loops"] == []
