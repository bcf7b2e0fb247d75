"""Asks Lighthouse about pages: one browser for all of them, and an answer that holds scores and faults, no cookie."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers import CHROMIUM_ARGUMENTS

FOLDER = Path(__file__).parent.parent / "lighthouse"
LIMIT_S = 420.0
HEADLESS = [
    argument for argument in CHROMIUM_ARGUMENTS if argument != "--disable-background-networking"
]  # chrome-launcher has its own


@dataclass(frozen=True)
class Asked:
    """A page to be measured. `cookie`: the session it is seen in, as a header has it."""

    name: str
    url: str
    cookie: str = ""


@dataclass(frozen=True)
class Measured:
    """What Lighthouse said of a page: scores of 100 by category, and by category the audits that failed."""

    name: str
    shown: str
    scores: dict[str, int]
    failed: dict[str, list[str]]
    measured: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.name}: {', '.join(f'{category} {score}' for category, score in self.scores.items())}"


def measure(pages: Sequence[Asked], folder: Path) -> tuple[list[Measured], str]:
    """Measure these pages, one after the other; returns what was found, and all that was written down of it."""
    node, browser = shutil.which("node"), shutil.which("chromium") or shutil.which("google-chrome")
    if not node:
        pytest.fail("This test needs Node: apt-get install --no-install-recommends nodejs npm", pytrace=False)
    if not browser:
        pytest.fail("This test needs a browser: apt-get install chromium", pytrace=False)
    if not (FOLDER / "node_modules" / "lighthouse").is_dir():
        pytest.fail("This test needs Lighthouse: scripts/set-up-lighthouse", pytrace=False)
    asked, answered = folder / "asked.json", folder / "answered.json"
    asked.write_text(json.dumps({"arguments": HEADLESS, "pages": [vars(page) for page in pages]}))
    try:
        done = subprocess.run(
            [node, "measure.mjs", str(asked), str(answered)],
            cwd=FOLDER,
            env={**os.environ, "CHROME_PATH": os.environ.get("CHROMIUM") or browser, "NO_UPDATE_NOTIFIER": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    finally:
        asked.unlink()  # it holds her session
    assert done.returncode == 0, done.stderr
    written = answered.read_text()
    found = json.loads(written)
    assert not [page for page in found if page["wrong"]], written
    return [_measured(page) for page in found], written + done.stdout + done.stderr


def _measured(page: dict[str, Any]) -> Measured:
    failed = {
        category: [f"{one['audit']}: {one['title']}: {'; '.join(map(str, one['items']))}" for one in audits]
        for category, audits in page["failed"].items()
    }
    return Measured(page["name"], page["shown"], page["scores"], failed, page["measured"])
