"""A demonstration of its own, served as `make run` does, in a folder that is thrown away."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

RUN = [sys.executable, "-c", "from closerlook.cli import main; main()"]
PASSWORD = "closer-look-demo"


@contextmanager
def served(folder: Path, patients: int) -> Iterator[str]:
    """Serve a demonstration of its own; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CLOSERLOOK_")}
    environment |= {"CLOSERLOOK_DATA_DIR": str(folder), "CLOSERLOOK_PORT": str(port)}
    for command in (["init"], ["demo", "--patients", str(patients)]):
        subprocess.run([*RUN, *command], env=environment, check=True, stdout=subprocess.DEVNULL)
    serving = subprocess.Popen([*RUN, "serve", "--port", str(port)], env=environment, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                build_opener(ProxyHandler({})).open(f"{address}/sign-in/", timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        serving.terminate()
        serving.wait(timeout=30)
