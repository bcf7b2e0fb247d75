"""A system to soak: a record on either engine, the processes of the command line beside it, and ways to harm both."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings
from tests.servers import Postgres
from tests.stores import unit, using

from closerlook.people.models import Site, TrustedSender
from closerlook.simulate.feeds import TRUSTED

RUN = [sys.executable, "-m", "closerlook.cli"]
PATIENCE = 300.0
"""Seconds after which a process that has not ended counts as hanging."""


class System:
    """One record and its data folder. `server` is its PostgreSQL; without one it is SQLite in the folder."""

    def __init__(self, folder: Path, server: Postgres | None = None) -> None:
        folder.mkdir(parents=True)
        self.folder, self.server = folder, server
        self.url = server.create_database() if server else f"sqlite:///{folder / 'closerlook.sqlite3'}"
        self.workers: list[subprocess.Popen[bytes]] = []
        (folder / "outbox-on-disk").mkdir()
        self._outbox("outbox-on-disk")
        with self.here():
            call_command("migrate", verbosity=0)
            unit()
            Site.objects.update(live_from=None)
            for sender in TRUSTED:
                TrustedSender.objects.get_or_create(sender=sender, site=Site.objects.get())

    @property
    def engine(self) -> str:
        return "PostgreSQL" if self.server else "SQLite"

    @contextmanager
    def here(self) -> Iterator[None]:
        """Let this process act in it."""
        with using(self.url), override_settings(DATA_DIR=self.folder):
            yield

    # ---------------------------------------------------------------- processes

    def start(self, *arguments: str, program: list[str] | None = None) -> subprocess.Popen[bytes]:
        """Start a command; what it prints goes to `out` in the folder, what it complains of to `errors`."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CLOSERLOOK_", "DJANGO_"))}
        env = {**kept, "CLOSERLOOK_DATA_DIR": str(self.folder), "CLOSERLOOK_DATABASE_URL": self.url}
        with (self.folder / "out").open("ab") as out, (self.folder / "errors").open("ab") as errors:
            return subprocess.Popen([*(program or RUN), *arguments], env=env, stdout=out, stderr=errors)

    def run(self, *arguments: str, program: list[str] | None = None) -> int:
        """Run a command to its end and return its exit code."""
        return self.start(*arguments, program=program).wait(PATIENCE)

    def keep_workers(self, number: int) -> int:
        """See that so many workers run; return how many had ended by themselves."""
        ended = [w for w in self.workers if w.poll() is not None]
        self.workers = [w for w in self.workers if w.poll() is None]
        while len(self.workers) < number:
            self.workers.append(self.start("worker"))
        return len(ended)

    def kill_a_worker(self) -> None:
        if self.workers:
            victim = self.workers.pop(0)
            victim.kill()
            victim.wait()

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers = []

    # ---------------------------------------------------------------- harm

    def away(self, seconds: float) -> None:
        """Take the database away for a while: PostgreSQL stops as if the machine had, SQLite is locked."""
        if self.server is not None:
            self.server.stop(signal.SIGQUIT)
            time.sleep(seconds)
            self.server.start()
            return
        holder = sqlite3.connect(self.folder / "closerlook.sqlite3", isolation_level=None, timeout=30)
        holder.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        holder.rollback()
        holder.close()

    @contextmanager
    def outbox_unwritable(self) -> Iterator[None]:
        """Let the outbox be a file for a while: even root cannot write a letter into it."""
        self._outbox("errors")
        try:
            yield
        finally:
            self._outbox("outbox-on-disk")

    def _outbox(self, target: str) -> None:
        """Point the outbox elsewhere, at once: nobody meets a moment without one."""
        new = self.folder / "outbox-new"
        new.symlink_to(target)
        new.replace(self.folder / "outbox")
