"""Web and worker started by one command, and stopped together."""

import os
import signal
import socket
import subprocess
import sys
import threading

import click


def serve(host: str, port: int, workers: int) -> None:
    """Serve until told to stop. The worker runs beside the pages and is started again should it die."""
    from granian.constants import Interfaces
    from granian.server import Server

    _free(host, port)
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


def _free(host: str, port: int) -> None:
    """Refuse to start beside another one: two would answer in turn, perhaps an old and a new version."""
    with socket.socket() as asked:
        asked.settimeout(1)
        if asked.connect_ex(("127.0.0.1" if host in ("0.0.0.0", "::1") else host, port)) == 0:  # noqa: S104
            raise OSError(f"Something answers on port {port} already. Stop it, or choose another with --port.")


def _sign_ins() -> str:
    from closerlook.demonstration import SIGN_INS, is_demonstration

    return SIGN_INS if is_demonstration() else "Sign in with your own account (closerlook staff adds one)."


def _keep_worker(stopping: threading.Event) -> None:
    while not stopping.is_set():
        beside = {**os.environ, "CLOSERLOOK_BESIDE": "1"}
        process = subprocess.Popen([sys.executable, "-m", "closerlook.cli", "worker"], env=beside)
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
