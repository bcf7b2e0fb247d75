"""Steps through the door against the same rows written by the bare driver, in the same transactions."""

import sqlite3
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from tests.record.steps import FEED, NAVIGATOR, RADIOLOGIST, plan, report
from tests.stores import NOW, using

from bench.measure import Figure, migrated, paired, postgres, seconds, sqlite
from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor
from closerlook.record import door

Statement = tuple[str, Any]
Course = tuple[tuple[Actor, st.Step], ...]


def run(*, quick: bool) -> list[Figure]:
    """Return the ratios for single steps and for bulk, on both engines."""
    rounds, patients = (3, 30) if quick else (7, 120)
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with sqlite(place, "ours") as ours, sqlite(place, "plain") as plain:
            bare = _bare_sqlite(plain)
            found += _both("SQLite", ours, bare, rounds, patients)
        with postgres() as server:
            ours, plain = migrated(server, "ours"), migrated(server, "plain")
            found += _both("PostgreSQL", ours, _bare_postgres(plain), rounds, patients)
    return found


def course(n: int) -> Course:
    """The start of a call-back: four steps, as a feed, a radiologist and a navigator take them."""
    attempt = st.RecordContact(episode="e1", channel=ev.Channel.PHONE, outcome=ev.Outcome.VOICEMAIL)
    told = st.TellResult(exam="e1.x2", channel=ev.Channel.PHONE)
    return ((FEED, report(accession=f"A{n}")), (RADIOLOGIST, plan()), (NAVIGATOR, attempt), (NAVIGATOR, told))


def _steps(names: list[str], numbers: range) -> list[Callable[[], object]]:
    """Return every step of these patients as a job of its own."""
    return [
        partial(door.take, step, stream=name, actor=actor, key=f"k{n}", now=NOW)
        for name, number in zip(names, numbers, strict=True)
        for n, (actor, step) in enumerate(course(number))
    ]


def _all(jobs: list[Callable[[], object]]) -> None:
    for job in jobs:
        job()


def _take_in_bulk(names: list[str], numbers: range) -> None:
    for start in range(0, len(names), 20):
        with door.bulk():
            for name, number in list(zip(names, numbers, strict=True))[start : start + 20]:
                for n, (actor, step) in enumerate(course(number)):
                    door.take(step, stream=name, actor=actor, key=f"k{n}", now=NOW)


def _recorded(url: str, jobs: list[Callable[[], object]]) -> list[list[Statement]]:
    """Return the writing statements of each job's transaction, done on a copy."""
    transactions: list[list[Statement]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        word = sql.split(None, 1)[0]
        if word in ("INSERT", "UPDATE", "DELETE") and "record_" in sql and "protocolversion" not in sql:
            transactions[-1] += [(sql, tuple(one or ())) for one in (params if many else [params])]
        return execute(sql, params, many, context)

    with using(url), connection.execute_wrapper(note):
        for job in jobs:
            transactions.append([])
            job()
    return transactions


def _both(
    engine: str, ours: str, bare: Callable[[list[list[Statement]]], object], rounds: int, patients: int
) -> list[Figure]:
    single, bulk = [], []
    copy = tempfile.mkdtemp()
    with sqlite(Path(copy), "copy") as spare:
        for n in range(rounds + 1):
            names = [f"p{engine}{n:03}x{i:04}" for i in range(patients)]
            numbers = range(n * 100_000, n * 100_000 + patients)

            jobs = _steps(names, numbers)
            written = _recorded(spare, jobs)
            with using(ours):
                mine = seconds(partial(_all, jobs))
            plain = seconds(partial(bare, written))
            more = [f"{name}b" for name in names]
            numbers_more = range(n * 100_000 + 50_000, n * 100_000 + 50_000 + patients)
            with using(ours):
                mine_bulk = seconds(partial(_take_in_bulk, more, numbers_more))
            again = [_renamed(t) for t in written]
            merged = [list(chain.from_iterable(again[i : i + 80])) for i in range(0, len(again), 80)]
            plain_bulk = seconds(partial(bare, merged))
            if n:  # the first round warms up
                single.append((mine, plain))
                bulk.append((mine_bulk, plain_bulk))
    steps = patients * 4
    rate = steps / (sorted(m for m, _ in single)[len(single) // 2])
    return [
        paired(f"{engine}: one step through the door ÷ the same rows, bare driver", "≥ 0.6", single),
        paired(f"{engine}: twenty patients a transaction ÷ the same rows, bare driver", "-", bulk),
        Figure(f"{engine}: steps through the door", rate, "a second", "-", ""),
    ]


def _renamed(statements: list[Statement]) -> list[Statement]:
    return [(sql, tuple(f"{p}b" if isinstance(p, str) and p.startswith("p") and "x" in p else
                        f"{p}b" if isinstance(p, str) and p.startswith("RIVERIS|RIVERSIDE|A") else p for p in params))
            for sql, params in statements]  # fmt: skip


def _bare_sqlite(url: str) -> Callable[[list[list[Statement]]], object]:
    driver = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    driver.execute("PRAGMA journal_mode=WAL")
    driver.execute("PRAGMA synchronous=FULL")

    def write(transactions: list[list[Statement]]) -> None:
        for statements in transactions:
            driver.execute("BEGIN IMMEDIATE")
            for sql, params in statements:
                driver.execute(sql.replace("%s", "?"), params)
            driver.execute("COMMIT")

    return write


def _bare_postgres(url: str) -> Callable[[list[list[Statement]]], object]:
    driver = psycopg.connect(url)

    def write(transactions: list[list[Statement]]) -> None:
        for statements in transactions:
            with driver.cursor() as cursor:
                for sql, params in statements:
                    cursor.execute(sql, params)
            driver.commit()

    return write
