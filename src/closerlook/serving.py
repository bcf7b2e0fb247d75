"""Web and worker started by one command, and stopped together."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import click


def serve(host: str, port: int, workers: int) -> None:
    """Serve until told to stop. The worker runs beside the pages and is started again should it die."""
    from granian.constants import Interfaces
    from granian.server import Server

    _free(host, port)
    os.environ[SERVED_BY] = str(os.getpid())
    stopping = threading.Event()
    beside = threading.Thread(target=_keep_worker, args=(stopping,), daemon=True)
    beside.start()
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1") else host  # noqa: S104  compared, not bound
    click.echo(f"Closer Look is at http://{shown}:{port}", err=True)
    click.echo(_sign_ins(), err=True)
    try:
        # One thread a process: more of them fight over the interpreter and answer slower.
        Server(
            "closerlook.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=1,
            log_access=False,
            workers_kill_timeout=5,  # a page process that does not end by itself must not outlive the service
        ).serve()
    finally:
        stopping.set()
        beside.join(timeout=10)


SERVED_BY = "CLOSERLOOK_SERVED_BY"
"""Names the process of `serve` to those it starts, so that they end with it however it ends."""


def is_orphan() -> bool:
    """Whether `serve` started this process and is gone: it may have gone before this process first looked."""
    return SERVED_BY in os.environ and os.environ[SERVED_BY] not in (str(os.getppid()), str(os.getpid()))


def end_with_service() -> None:
    """End this page process once `serve` is gone: pages without a worker would look well while nothing is done.

    A server of your own looks after its processes itself.
    """

    def watch() -> None:
        while not is_orphan():
            time.sleep(1)
        os._exit(1)

    if SERVED_BY in os.environ:
        threading.Thread(target=watch, daemon=True).start()


def _free(host: str, port: int) -> None:
    """Refuse to start beside another one: two would answer in turn, perhaps an old and a new version."""
    with socket.socket() as asked:
        asked.settimeout(1)
        if asked.connect_ex(("127.0.0.1" if host in ("0.0.0.0", "::1") else host, port)) == 0:  # noqa: S104
            raise OSError(f"Something answers on port {port} already. Stop it, or choose another with --port.")


def _sign_ins() -> str:
    from django.utils import timezone

    from closerlook.accounts.marks import is_demonstration
    from closerlook.demonstration import SIGN_INS, her_page

    if not is_demonstration():
        return "Sign in with your own account (closerlook staff adds one)."
    return "\n".join(line for line in (SIGN_INS, her_page(timezone.now())) if line)


def _keep_worker(stopping: threading.Event) -> None:
    while not stopping.is_set():
        process = subprocess.Popen([sys.executable, "-m", "closerlook.cli", "worker"])
        while process.poll() is None and not stopping.wait(0.5):
            pass
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=8)
            except subprocess.TimeoutExpired:
                process.kill()
        elif not stopping.is_set():
            click.echo("The worker stopped; starting it again.", err=True)
            stopping.wait(2)
