"""A file of the outbox is whole or not there, whatever happens to the process or the disk."""

import errno
import hashlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from closerlook.letters import outbox as box

KILLED_IN = """
import os, signal, sys
from django.conf import settings
settings.configure(DATA_DIR=sys.argv[1])
from closerlook.letters import outbox
def killed(*args): os.kill(os.getpid(), signal.SIGKILL)
setattr(os, sys.argv[2], killed) if sys.argv[2] == "fsync" else setattr(outbox.Path, sys.argv[2], killed)
outbox.put("letters", "summary", "html", "x" * 100_000)
"""


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if not file.name.startswith("."))


def test_a_file_is_named_by_its_content_and_for_its_owner_alone(outbox: Path) -> None:
    name = box.put("letters", "summary", "html", "Grüße")
    assert name == f"summary-{hashlib.sha256('Grüße'.encode()).hexdigest()}.html"
    assert stat.S_IMODE((outbox / "letters" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((outbox / "letters").stat().st_mode) == 0o700
    assert box.read("letters", name) == "Grüße"


def test_the_same_content_twice_is_one_file(outbox: Path) -> None:
    first = box.put("letters", "summary", "html", "a")
    written = (outbox / "letters" / first).stat().st_mtime_ns
    assert box.put("letters", "summary", "html", "a") == first
    assert files(outbox / "letters") == [first]
    assert (outbox / "letters" / first).stat().st_mtime_ns == written


def test_a_file_that_the_disk_damaged_is_written_again(outbox: Path) -> None:
    name = box.put("letters", "summary", "html", "a")
    (outbox / "letters" / name).write_text("")
    box.put("letters", "summary", "html", "a")
    assert box.read("letters", name) == "a"


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_process_killed_half_way_leaves_nothing_that_looks_like_a_letter(outbox: Path, moment: str) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED_IN, str(outbox.parent), moment], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    folder = outbox / "letters"
    assert not folder.exists() or files(folder) == []
    name = box.put("letters", "summary", "html", "x" * 100_000)
    assert files(folder) == [name]


def test_what_a_killed_process_left_is_swept_once_it_is_old(outbox: Path) -> None:
    (outbox / "letters").mkdir(parents=True)
    old, new = outbox / "letters/.unfinished-1", outbox / "letters/.unfinished-2"
    old.write_text("half")
    new.write_text("another process is still at it")
    os.utime(old, (time.time() - 7200,) * 2)
    box.put("letters", "summary", "html", "a")
    assert not old.exists()
    assert new.exists()


def test_a_full_disk_says_so_and_leaves_nothing(outbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box.put("letters", "summary", "html", "before")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(box.OutboxFailed, match="No space left on device"):
        box.put("letters", "summary", "html", "after")
    assert len(list((outbox / "letters").iterdir())) == 1


def test_an_outbox_that_cannot_be_made_says_so(outbox: Path) -> None:
    outbox.write_text("a file stands in the way")
    with pytest.raises(box.OutboxFailed, match="cannot be written"):
        box.put("letters", "summary", "html", "a")


@pytest.mark.parametrize("name", ["../secret_key", "/etc/passwd", ".unfinished-1", "a/b.html", "", "summary-0.html"])
def test_only_files_of_the_outbox_are_read(name: str) -> None:
    with pytest.raises(box.NotThere):
        box.read("letters", name)
