"""`closerlook simulate capacity` answers in words or as one document, and refuses with a sentence."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from closerlook.cli import cli
from tests.command_line.processes import run

QUICK = ("--replications", "5", "--weeks", "4", "--warm-up", "4")


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["simulate", "capacity", *QUICK, *arguments])


def test_the_answer_comes_first_in_a_sentence() -> None:
    done = simulate("--set", "recall_share=0.08", "--compare", "ultrasound_sessions+1")
    assert done.exit_code == 0
    assert done.stdout.startswith("One more ultrasound session a week: ")
    assert "Half have their answer within (days)" in done.stdout
    assert "recall_share = 0.08 (Called back; 8 %; your choice)" in done.stdout
    assert "us-multisite-dbt-2014-2020-biopsy-share-of-recalled" in done.stdout


def test_json_is_one_document_and_the_same_seed_gives_the_same(tmp_path: Path) -> None:
    picture = tmp_path / "a.svg"
    asked = ("--json", "--compare", "ultrasound_sessions+1", "--compare", "attends=0.95,notice_days=0")
    done = simulate(*asked, "--svg", str(picture))
    document = json.loads(done.stdout)
    assert done.stdout == simulate(*asked).stdout
    assert document["plan"] == {"warm_up": 4, "weeks": 4, "drain": 26}
    assert [one["name"] for one in document["assumptions"]][:2] == ["exams_per_day", "recall_share"]
    assert len(document["changes"]) == 2
    assert set(document["changes"][0]["differences"]["called_back"]["median"]) == {"value", "low", "high"}
    assert document["before"]["queues"]["ultrasound"]["load"] == pytest.approx(0.887, abs=0.001)
    assert picture.read_text().count("<polyline") == 3


def test_without_a_change_it_says_how_long_she_waits() -> None:
    done = simulate("--country", "uk")
    assert done.stdout.startswith("Half of the women called back have their answer within ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--country", "FR"], "Choose US or UK"),
        (["--set", "sessions=3"], "the figures are exams_per_day"),
        (["--set", "ultrasound_sessions+1"], "write NAME=VALUE"),
        (["--set", "recall_share=7"], "recall_share: 7 is outside 0 to 0.5"),
        (["--compare", "ultrasound_sessions-9"], "ultrasound_sessions: -6 is outside 0 to 60"),
        (["--replications", "2"], "2 is not in the range 5<=x<=500"),
        (["--assumptions", "nowhere.toml"], "nowhere.toml"),
        (["--assumptions", "x.toml", "--country", "US"], "Give --country or --assumptions"),
        (["--svg", "x.svg", *(["--compare", "attends=0.9"] * 4)], "can tell 3 changes apart"),
        (["--svg", "x.svg", "--set", "recall_share=0"], "nothing to draw"),
    ],
)
def test_wrong_use_ends_with_2_and_a_sentence(arguments: list[str], words: str, tmp_path: Path) -> None:
    if arguments[0] in ("--assumptions", "--country"):  # through the real command, to the exit code
        done = run(tmp_path, "simulate", "capacity", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    else:
        refused = simulate(*arguments)
        assert refused.exit_code != 0
        assert words in refused.output
        assert not Path("x.svg").exists()


def test_from_the_log_says_what_it_could_not_tell(tmp_path: Path) -> None:
    run(tmp_path, "init")
    done = run(tmp_path, "simulate", "capacity", *QUICK, "--from-log", "--json")
    assert done.returncode == 0, done.stderr
    observed = json.loads(done.stdout)["observed"]
    assert observed["patients"] == 0
    assert "reading_minutes" in observed["not_in_log"]
