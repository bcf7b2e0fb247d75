"""The demonstration: a living unit in one command, once, whole, and said to be unfinished where it was stopped."""

import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.command_line.processes import run, said, start
from tests.feeds.messages import oru

ROLES = {"front_desk", "technologist", "radiologist", "navigator", "nurse", "pathology_coordinator", "manager"}
STAGES = (
    "open: to be read",
    "open: report to confirm",
    "open: call-back to plan",
    "open: call-back to book",
    "open: call-back booked",
    "open: biopsy to arrange",
    "open: tissue with the pathologist",
    "open: tissue to weigh",
    "open: what follows the tissue to decide",
    "open: diagnosis to tell",
    "open: on her way to a care team",
    "open: withdrawn report to place",
    "open: change to confirm",
    "open: invited",
    "paused: lost",
    "paused: declined",
    "settled: in treatment",
    "settled: surveillance",
    "settled",
)


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("living") / "data"
    run(data, "init")
    done = run(data, "demo", "--patients", "350")
    assert done.returncode == 0, done.stderr
    return data


def rows(data: Path, question: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(data / "closerlook.sqlite3")) as database:
        return database.execute(question).fetchall()


def test_it_is_whole_and_everyone_is_accounted_for(living: Path) -> None:
    assert said(run(living, "verify", "--json"))["faults"] == []
    ledger = said(run(living, "ledger", "--json"))
    assert ledger["agrees"]
    assert 330 < ledger["patients"] <= 350  # one or another died before she would have come


def test_there_is_work_at_every_stage_and_some_of_it_is_late(living: Path) -> None:
    places = said(run(living, "ledger", "--json"))["places"]
    assert [stage for stage in STAGES if not places.get(stage)] == []
    loops = said(run(living, "loops", "--json"))["loops"]
    assert {"front_desk", "radiologist", "navigator", "nurse", "pathology_coordinator"} <= {x["owner"] for x in loops}
    late = said(run(living, "loops", "--overdue", "--json"))["loops"]
    assert 10 < len(late) < len(loops) / 2


def test_there_is_a_sign_in_for_every_role(living: Path) -> None:
    assert {role for (roles,) in rows(living, "SELECT roles FROM people_staff") for role in roles.split(",")} >= ROLES


def test_it_is_marked_as_made_up_and_nothing_else_is(living: Path, tmp_path: Path) -> None:
    assert len(rows(living, "SELECT 1 FROM accounts_demonstration")) == 1
    data = tmp_path / "data"
    run(data, "init")
    run(data, "staff", "navigator", "--name", "Ana Ruiz", "--role", "navigator", "--password", "four words of her own")
    run(data, "demo", "--if-empty")
    assert rows(data, "SELECT 1 FROM accounts_demonstration") == []


def test_its_two_years_lie_behind_it(living: Path) -> None:
    question = "SELECT min(recorded_at), max(recorded_at), count(*) FROM record_event"
    ((first, last, facts),) = rows(living, question)
    assert first < last
    (((performed,),)) = rows(
        living, "SELECT min(json_extract(body, '$.occurred_at')) FROM record_event WHERE type LIKE 'ExaminationPerf%'"
    )
    assert int(performed[:4]) <= int(last[:4]) - 1
    assert int(facts) > 3_000


def test_it_fills_an_empty_system_once(living: Path) -> None:
    before = rows(living, "SELECT count(*) FROM record_event")
    assert run(living, "demo", "--if-empty").returncode == 0
    again = run(living, "demo")
    assert (again.returncode, "patients here already" in again.stderr) == (2, True)
    assert rows(living, "SELECT count(*) FROM record_event") == before


def test_stopped_half_way_it_says_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, "init")
    process = start(data, "demo", "--patients", "2000")
    until = time.monotonic() + 60
    while time.monotonic() < until and not rows(data, "SELECT 1 FROM record_event LIMIT 1"):
        time.sleep(0.2)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=20)
    for how in ([], ["--if-empty"]):
        again = run(data, "demo", *how)
        assert again.returncode == 2
        assert "stopped half-way" in again.stderr
    assert said(run(data, "verify", "--json"))["faults"] == []


def test_a_units_own_system_is_never_written_over(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, "init")
    run(data, "site", "--name", "St Anna", "--zone", "Europe/Berlin")
    refused = run(data, "demo")
    assert (refused.returncode, "a unit of its own" in refused.stderr) == (2, True)
    assert run(data, "demo", "--if-empty").returncode == 0
    assert said(run(data, "site", "--json"))["name"] == "St Anna"
    (tmp_path / "feed.hl7").write_bytes(oru("M1"))
    run(data, "site", "--name", "Riverside Breast Clinic")
    run(data, "ingest", str(tmp_path / "feed.hl7"))
    assert run(data, "demo", "--if-empty").returncode == 0
    again = run(data, "demo")
    assert "patients here already" in again.stderr


def test_a_wrong_number_of_patients_is_refused(tmp_path: Path) -> None:
    for wrong in ("-1", "many", "100001"):
        refused = run(tmp_path / "data", "demo", "--patients", wrong)
        assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
