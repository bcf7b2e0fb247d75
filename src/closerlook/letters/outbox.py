"""The outbox: files that are whole or not there at all, named by their content. What lies here has not left the house.

You are here to write something that leaves the building. Proof that it went is another matter (`SummarySent`).
"""

import hashlib
import logging
import math
import os
import re
import secrets
import time
from pathlib import Path

from django.conf import settings

LETTERS = "letters"
TEXTS = "texts"
_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]*\.[a-z]+$")
_UNFINISHED = ".unfinished-"
_ABANDONED_AFTER_SECONDS = 3600
_swept: dict[Path, float] = {}

logger = logging.getLogger(__name__)


class OutboxFailed(Exception):
    """Nothing was written: the disk refused. The message says where and why; asking again later can help."""


class NotThere(Exception):
    """The outbox holds no such file; the message says which."""


def put(folder: str, stem: str, ending: str, content: str) -> str:
    """Write `content` durably and return its file name, "<stem>-<sha256 of the content>.<ending>".

    Equal content is written once. The file appears whole or not at all, even if the machine stops in between.
    Raises OutboxFailed, and then nothing half-written is there.
    """
    body = content.encode()
    name = f"{stem}-{hashlib.sha256(body).hexdigest()}.{ending}"
    place = Path(settings.DATA_DIR) / "outbox" / folder
    try:
        _make(place)
        if not _holds(place / name, body):
            _write(place, name, body)
    except OSError as error:
        raise OutboxFailed(
            f"{place} cannot be written ({error.strerror or error}). Free or repair the disk; it will be tried again."
        ) from error
    return name


def read(folder: str, name: str) -> str:
    """Return what a file of the outbox holds. Raises NotThere, also for a name that could not be ours."""
    if not _NAME.match(name):
        raise NotThere(f"{name!r} is no name of a file in the outbox.")
    try:
        return (Path(settings.DATA_DIR) / "outbox" / folder / name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotThere(f"The outbox holds no {folder}/{name}.") from error


def _holds(path: Path, body: bytes) -> bool:
    """Whether the file is there and whole; one that a failing disk has damaged is written again."""
    try:
        return path.read_bytes() == body
    except FileNotFoundError:
        return False


def _make(place: Path) -> None:
    missing = [folder for folder in (place.parent, place) if not folder.is_dir()]
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in missing:
        _sync_folder(folder.parent)  # a folder whose entry was never synced can vanish with the letter in it


def _write(place: Path, name: str, body: bytes) -> None:
    _sweep(place)
    unfinished = place / f"{_UNFINISHED}{secrets.token_hex(8)}"
    try:
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(place / name)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(place)


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _sweep(place: Path) -> None:
    """Remove what a process that was killed half-way left behind long ago: it holds a letter that nobody may read.

    Once an hour at most: the folder has a file for every letter.
    """
    if time.monotonic() - _swept.get(place, -math.inf) < _ABANDONED_AFTER_SECONDS:
        return
    _swept[place] = time.monotonic()
    for left in place.glob(f"{_UNFINISHED}*"):
        try:
            if time.time() - left.stat().st_mtime > _ABANDONED_AFTER_SECONDS:
                left.unlink()
        except OSError as error:  # another process swept it first, or the disk will say so again at the write
            logger.info("an abandoned file stays in the outbox: %s", error.strerror)
