"""Run the real command line as its own process, on a data folder of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

CLOSERLOOK = [sys.executable, "-m", "closerlook.cli"]


def environment(folder: Path, url: str = "") -> dict[str, str]:
    """Return the environment of a system that lives in `folder`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CLOSERLOOK_", "DJANGO_"))}
    return {**kept, "CLOSERLOOK_DATA_DIR": str(folder), **({"CLOSERLOOK_DATABASE_URL": url} if url else {})}


def run(folder: Path, *arguments: str, url: str = "", timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*CLOSERLOOK, *arguments],
        env=environment(folder, url),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> Any:
    """Return the one JSON document on stdout."""
    return json.loads(done.stdout)


def start(folder: Path, *arguments: str, url: str = "") -> subprocess.Popen[str]:
    """Start a command and let it run."""
    return subprocess.Popen(
        [*CLOSERLOOK, *arguments],
        env=environment(folder, url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
