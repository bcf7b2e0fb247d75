"""The commands as docs/reference/command-line.md describes them: one JSON document on stdout, nothing else there."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.command_line.processes import run, said
from tests.feeds.messages import CALLED_LEFT, NORMAL, oru
from tests.stores import NOW


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A system with one woman called back, one normal, and one message set aside."""
    folder = tmp_path_factory.mktemp("system")
    data, feed = folder / "data", folder / "feed"
    feed.mkdir()
    run(data, "init")
    (feed / "a.hl7").write_bytes(oru("M1", coded=CALLED_LEFT))
    other = oru("M2", number="MR200", name="Lind^Eva", born="19700101", accession="A2", coded=NORMAL)
    (feed / "b.hl7").write_bytes(other)
    (feed / "c.hl7").write_bytes(b"MSH|^~\\&|A|B|C|D|2026")
    done = run(data, "ingest", str(feed), "--json")
    (folder / "ingest.json").write_text(done.stdout)
    assert done.returncode == 3
    return data


def first(system: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((system.parent / "ingest.json").read_text())["messages"][0]
    return found


def test_ingest_says_what_became_of_each_message(system: Path) -> None:
    document = json.loads((system.parent / "ingest.json").read_text())
    assert {k: document[k] for k in ("taken", "repeated", "set_aside")} == {"taken": 2, "repeated": 0, "set_aside": 1}
    called, normal, cut = document["messages"]
    assert called["source"].endswith("a.hl7#1")
    assert (called["assessment"], called["category"], called["status"]) == ("0", "incomplete_imaging", "final")
    assert [(s["side"], s["assessment"]) for s in called["sides"]] == [("left", "0"), ("right", "1")]
    assert (normal["assessment"], normal["needs_person"]) == ("1", [])
    assert (cut["outcome"], cut["reason"], cut["patient"]) == ("set_aside", "truncated", None)
    documented = Path("docs/reference/command-line.md").read_text()
    assert set(called) <= set(re.findall(r'"(\w+)"', documented))


def test_taken_again_all_are_repeats_and_that_is_no_fault(system: Path) -> None:
    done = run(system, "ingest", str(system.parent / "feed" / "a.hl7"), "--json")
    assert (done.returncode, said(done)["repeated"]) == (0, 1)


def test_loops_are_listed_oldest_due_first_and_narrowed(system: Path) -> None:
    loops = said(run(system, "loops", "--json"))["loops"]
    assert [x["due_at"] for x in loops] == sorted(x["due_at"] for x in loops)
    mine = said(run(system, "loops", "--owner", "radiologist", "--json"))["loops"]
    assert {x["owner"] for x in mine} == {"radiologist"}
    later = f"{NOW + timedelta(days=300):%Y-%m-%d}"
    overdue = said(run(system, "loops", "--overdue", "--as-of", later, "--json"))["loops"]
    assert {x["standing"] for x in overdue} == {"late"}


def test_a_patient_is_shown_without_name_number_or_prose(system: Path) -> None:
    done = run(system, "patient", first(system)["patient"], "--json")
    document = said(done)
    assert document["place"].startswith("open: ")
    assert [fact["type"] for fact in document["facts"]] == ["RoundOpened.1", "ExaminationPerformed.1", "Read.1"]
    for secret in ("Olsen", "Marta", "MR100", "555-0199", "As above"):
        assert secret not in done.stdout


def test_the_ledger_adds_up_now_and_on_a_past_day(system: Path) -> None:
    now = said(run(system, "ledger", "--json"))
    assert (now["patients"], sum(now["places"].values()), now["agrees"]) == (2, 2, True)
    feed = {f["sender"]: f for f in now["feeds"]}["RIVERIS|RIVERSIDE"]
    assert feed["came_in"] == feed["taken"] + feed["repeated"] + feed["set_aside"] + feed["discarded"] + feed["waiting"]
    before = said(run(system, "ledger", "--as-of", "2020-01-01", "--json"))
    assert (before["patients"], before["places"], before["agrees"]) == (0, {}, True)
    today = said(run(system, "ledger", "--as-of", "2099-01-01", "--json"))
    assert today["places"] == now["places"]


def test_verify_is_clean_and_init_again_changes_nothing(system: Path) -> None:
    assert said(run(system, "verify", "--json"))["faults"] == []
    assert said(run(system, "init", "--json")) == {"site_created": False, "changes": []}


COMMANDS = (
    "init",
    "site",
    "staff",
    "demo",
    "serve",
    "worker",
    "ingest",
    "loops",
    "patient",
    "ledger",
    "verify",
    "backup",
    "restore",
    "simulate",
)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_explains_itself(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, *([command] if command else []), "--help")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 4


def test_the_unit_says_who_it_is_and_wrong_words_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, "init")
    done = run(data, "site", "--name", "Lakeside", "--zone", "America/Denver", "--live-from", "2026-11-02", "--json")
    assert {k: said(done)[k] for k in ("name", "zone", "live_from")} == {
        "name": "Lakeside", "zone": "America/Denver", "live_from": "2026-11-02"
    }  # fmt: skip
    for wrong in (["--zone", "Mars/Base"], ["--live-from", "soon"], ["--protocol", "fr"]):
        refused = run(data, "site", *wrong)
        assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
    assert said(run(data, "site", "--json"))["zone"] == "America/Denver"
    weak = run(data, "staff", "eva", "--name", "Eva", "--role", "radiologist", "--password", "short")
    assert weak.returncode == 2
    wrong_role = run(data, "staff", "eva", "--name", "Eva", "--role", "wizard", "--password", "a-long-password-1")
    assert "There is no role wizard" in wrong_role.stderr
