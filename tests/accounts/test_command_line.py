"""Accounts from the command line: the first one, and the way back in for the only administrator."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.command_line.processes import run

ADA = ("staff", "ada", "--name", "Ada Minder", "--role", "administrator", "--password")


def changes(data: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(data / "closerlook.sqlite3")) as database:
        rows = "SELECT who, which, field FROM people_changed WHERE what = 'account' ORDER BY id"
        return database.execute(rows).fetchall()


def test_the_first_account_and_a_lost_phone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, "init")
    assert "12 characters" in run(data, *ADA, "short").stderr
    done = run(data, *ADA, "four words of her own")
    assert (done.returncode, done.stdout) == (0, "ada may sign in as administrator.\n")
    reset = run(data, "reset-factor", "ada")
    assert (reset.returncode, "at the next sign-in" in reset.stdout) == (0, True)
    unknown = run(data, "reset-factor", "eve")
    assert (unknown.returncode, "Nobody signs in as eve." in unknown.stderr) == (2, True)
    assert changes(data) == [
        ("the command line", "ada", "account opened"),
        ("the command line", "ada", "second factors reset"),
    ]
