"""`closerlook simulate feed`: a made-up site's files, the same for the same seed."""

from pathlib import Path

import click
from click.testing import CliRunner

from closerlook.simulate.commands_feed import feed


@click.group()
def simulate() -> None:
    """The group that the command will stand in."""


simulate.add_command(feed)


def test_the_command_writes_the_same_files_for_the_same_seed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        done = CliRunner().invoke(simulate, ["feed", str(tmp_path / name), "--women", "12", "--to", "2024-12-31"])
        assert done.exit_code == 0, done.output
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert {Path(name).suffix for name in one} == {".csv", ".hl7"}


def test_the_command_never_mixes_two_feeds_and_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "there.hl7").write_bytes(b"")
    done = CliRunner().invoke(simulate, ["feed", str(tmp_path)])
    assert (done.exit_code, "not empty" in done.output) == (1, True)
    backwards = ["feed", str(tmp_path / "new"), "--from", "2025-01-01", "--to", "2024-01-01"]
    assert "comes after the first" in CliRunner().invoke(simulate, backwards).output
