"""A process of its own in which readers ask for a case. Nothing of Django is imported before it is set up there."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from threading import Barrier
from typing import Any


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run jobs in threads that begin together."""
    from django.db import connections

    barrier = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def asking(url: str, names: list[str], pipe: Connection) -> None:
    """Say "ready"; once told to, ask for a case for each of these readers, and send what each was handed."""
    import django

    django.setup()
    from tests.desk.people import Unit
    from tests.reading_room.room import Room
    from tests.stores import NOW, using

    with using(url):
        room = Room(Unit(NOW))

        def ask(name: str) -> tuple[str, int] | None:
            found = room.handed(name)
            return (found.stream, found.opinion) if found else None

        pipe.send("ready")
        pipe.recv()
        pipe.send(at_once([lambda name=name: ask(name) for name in names]))  # type: ignore[misc]
