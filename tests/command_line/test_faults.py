"""Kill -9, two at once, a full disk, a locked or missing database: a clear word, and nothing lost."""

import random
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.command_line.processes import CLOSERLOOK, environment, run, said, start
from tests.feeds.messages import CALLED_LEFT, NORMAL, oru

PEOPLE = 120


def feed(folder: Path, people: int = PEOPLE) -> Path:
    """Write a folder of messages: every person once, every third message twice."""
    folder.mkdir()
    for n in range(people):
        data = oru(
            f"M{n}",
            number=f"MR{n}",
            name=f"Family{n}^Given{n}",
            born=f"19{50 + n % 40}0{1 + n % 9}1{n % 9}",
            accession=f"A{n}",
            coded=CALLED_LEFT if n % 5 == 0 else NORMAL,
        )
        (folder / f"{n:04}.hl7").write_bytes(data * 2 if n % 3 == 0 else data)
    return folder


@pytest.fixture(params=["sqlite", "postgres"])
def system(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A data folder and the address of an initialised database."""
    data = tmp_path / "data"
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    assert run(data, "init", url=url).returncode == 0
    return data, url


def test_two_processes_taking_the_same_folder_make_nobody_twice(system: tuple[Path, str], tmp_path: Path) -> None:
    data, url = system
    messages = feed(tmp_path / "feed")
    both = [start(data, "ingest", str(messages), "--json", url=url) for _ in range(2)]
    found = [(process, *process.communicate(timeout=120)) for process in both]
    assert [process.returncode for process, _, _ in found] == [0, 0], found
    ledger = said(run(data, "ledger", "--json", url=url))
    assert (ledger["patients"], ledger["agrees"]) == (PEOPLE, True)
    verified = said(run(data, "verify", "--json", url=url))
    assert (verified["streams"], verified["facts"], verified["faults"]) == (PEOPLE, _facts(), [])


def _facts() -> int:
    return PEOPLE * 3


def test_killed_in_the_middle_again_and_again_it_loses_and_doubles_nothing(
    system: tuple[Path, str], tmp_path: Path
) -> None:
    data, url = system
    messages = feed(tmp_path / "feed")
    dice = random.Random(7)
    for _ in range(4):
        process = start(data, "ingest", str(messages), url=url)
        time.sleep(0.9 + dice.random() * 0.5)  # let it come some way; whatever moment is hit must be survived
        process.kill()
        process.communicate()
        assert said(run(data, "verify", "--json", url=url))["faults"] == []
    last = run(data, "ingest", str(messages), "--json", url=url)
    assert last.returncode == 0
    counted = said(last)
    assert counted["set_aside"] == 0
    ledger = said(run(data, "ledger", "--json", url=url))
    assert (ledger["patients"], ledger["agrees"]) == (PEOPLE, True)
    verified = said(run(data, "verify", "--json", url=url))
    assert (verified["facts"], verified["faults"], verified["mismatches"]) == (_facts(), [], [])


def test_a_full_disk_is_said_and_what_was_acknowledged_is_there(tmp_path: Path) -> None:
    messages = feed(tmp_path / "feed", 400)
    small = tmp_path / "small"
    small.mkdir()
    cl = " ".join(CLOSERLOOK)
    script = "; ".join(
        (
            f"mount -t tmpfs -o size=3m tmpfs {small} && cd / && {cl} init",
            f"{cl} ingest {messages} --json > {tmp_path}/out",
            "echo code $?",
            f"mount -o remount,size=64m {small}",
            f"{cl} verify && {cl} ingest {messages} --json > {tmp_path}/again",
            "echo again $?",
            f"{cl} verify",
            f"{cl} ledger",
        )
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        env=environment(small),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert "code 2" in done.stdout, done
    assert "disk is full" in done.stderr, done.stderr
    assert done.stdout.count("clean") == 2, done
    assert "again 0" in done.stdout
    assert "400  patients ever entered" in done.stdout


def test_a_locked_database_is_said_and_nothing_is_half_done(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, "init")
    holder = sqlite3.connect(data / "closerlook.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    messages = feed(tmp_path / "feed", 3)
    process = start(data, "ingest", str(messages))
    _, errors = process.communicate(timeout=120)
    holder.rollback()
    holder.close()
    assert process.returncode == 2
    assert "locked" in errors
    assert "Traceback" not in errors
    assert run(data, "ingest", str(messages)).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ingest", "/nowhere/at/all"], "no such file or folder"),
        (["patient", "p123"], "no patient p123"),
        (["loops", "--as-of", "yesterday"], "does not match the format"),
    ],
)
def test_wrong_use_is_said_plainly(tmp_path: Path, arguments: list[str], says: str) -> None:
    data = tmp_path / "data"
    run(data, "init")
    done = run(data, *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_before_init_it_says_to_init(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "ledger")
    assert (done.returncode, "closerlook init" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("CLOSERLOOK_DATABASE_URL", "mysql://x/y", "neither SQLite nor PostgreSQL"),
        ("CLOSERLOOK_SECRET_KEY", "short", "at least 32"),
        ("CLOSERLOOK_PROTOCOL", "fr", "There is no protocol 'fr'"),
    ],
)
def test_wrong_settings_stop_at_start_with_the_mend(tmp_path: Path, name: str, value: str, says: str) -> None:
    data = tmp_path / "data"
    run(data, "init")
    env = {**environment(data), name: value}
    done = subprocess.run([*CLOSERLOOK, "verify"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_large_binary_and_a_truncated_file_are_set_aside_in_good_time(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, "init")
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "big.hl7").write_bytes(b"MSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5\rOBX|1|ED|X|1|" + b"A" * (50 << 20))
    (bad / "noise.hl7").write_bytes(random.Random(1).randbytes(200_000))
    (bad / "cut.hl7").write_bytes(oru()[:60])
    (bad / "empty.hl7").write_bytes(b"")
    done = run(data, "ingest", str(bad), "--json")
    assert done.returncode == 3, done.stderr
    found = said(done)
    assert found["taken"] == 0
    assert all(one["reason"] and one["sentence"] for one in found["messages"])
    assert run(data, "verify").returncode == 0


def test_a_backup_comes_back_whole_on_either_engine(system: tuple[Path, str], tmp_path: Path) -> None:
    data, url = system
    run(data, "ingest", str(feed(tmp_path / "feed", 20)), url=url)
    file = tmp_path / "all.tgz"
    assert run(data, "backup", str(file), url=url).returncode == 0
    assert run(data, "backup", str(file), url=url).returncode == 2  # never over an older one
    refused = run(data, "restore", str(file), url=url)
    assert "There is a record here already" in refused.stderr
    if url:
        address = url.rpartition("/")[0] + "/restored"
        import psycopg

        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("DROP DATABASE IF EXISTS restored")
            admin.execute("CREATE DATABASE restored")
        elsewhere, new_url = tmp_path / "elsewhere", address
    else:
        elsewhere, new_url = tmp_path / "elsewhere", ""
    done = run(elsewhere, "restore", str(file), url=new_url)
    assert done.returncode == 0, done.stderr
    assert said(run(elsewhere, "ledger", "--json", url=new_url))["patients"] == 20
    assert run(elsewhere, "verify", url=new_url).returncode == 0
    assert (elsewhere / "secret_key").read_bytes() == (data / "secret_key").read_bytes()
    shutil.rmtree(elsewhere)
