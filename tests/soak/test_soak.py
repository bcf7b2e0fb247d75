"""A small soak: a feed with faults, processes killed, a database that goes away; it ends as if nothing had been."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bench.soak.plan import MACHINE, plan
from bench.soak.soaking import in_words, soak

from tests.servers import Postgres, running_postgres


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """A PostgreSQL that this test may stop."""
    with running_postgres() as server:
        yield server


def test_equal_seeds_plan_equal_soaks() -> None:
    one, two, other = (plan(seed, women=12, years=1, portions=4) for seed in (3, 3, 4))
    assert [p.files for p in one.portions] == [p.files for p in two.portions]
    assert [p.fault for p in one.portions] == [p.fault for p in two.portions]
    assert one.clean == two.clean != other.clean


def test_every_kind_of_fault_is_planned_in_turn() -> None:
    planned = plan(1, women=40, years=1, portions=len(MACHINE))
    assert {p.fault for p in planned.portions} == set(MACHINE)
    assert set(planned.faults) > set(MACHINE)


def test_on_sqlite_it_ends_as_if_nothing_had_been(tmp_path: Path, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        found = soak(tmp_path / "soak", seed=1, women=20, years=1, portions=4)
    assert found.counts["women"] > 10
    assert "women-years" in in_words(found)


def test_on_postgresql_it_ends_as_if_nothing_had_been(
    tmp_path: Path, own_server: Postgres, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        found = soak(tmp_path / "soak", seed=2, women=14, years=1, portions=3, server=own_server)
    assert found.counts["women"] > 10
