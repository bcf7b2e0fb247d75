"""A process of its own that writes letters. It imports nothing that needs Django before Django is set up."""

import os
import threading
import time

import django


def begin() -> None:
    """Make a new process ready to write letters; it ends with the one that started it, however that ends."""
    django.setup()
    started_by = os.getppid()

    def watch() -> None:
        while os.getppid() == started_by:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
