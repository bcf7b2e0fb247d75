"""PostgreSQL itself refuses to change what is kept: to a superuser, as a replica, and to who only serves."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.db.models import Model
from django.test import Client, override_settings

from closerlook import worker
from closerlook.accounts.models import Demonstration
from closerlook.people.kept import Kept
from closerlook.people.models import Look, Staff
from closerlook.people.sites import site
from closerlook.record import verify
from closerlook.record.models import Event
from tests import stores
from tests.feeds.messages import CALLED_LEFT, oru, send

HOW_TO = Path(__file__).parents[2] / "docs/howto/postgresql.md"
SERVING = "closerlook_serving"
KEPT: list[type[Model]] = [Event, *(model for model in apps.get_models() if issubclass(model, Kept))]
TABLES = sorted(model._meta.db_table for model in KEPT)


def tell(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def grants() -> str:
    """Return what the how-to tells the owner to give."""
    (found,) = re.findall(r"```sql\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest.fixture
def on_postgres(postgres_record_url: str, django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock(), stores.using(postgres_record_url):
        yield postgres_record_url


def test_every_table_that_is_kept_is_guarded_always_and_named_in_the_how_to(on_postgres: str) -> None:
    (revoked,) = re.findall(r"REVOKE UPDATE, DELETE ON (.*?)\s+FROM", grants(), re.DOTALL)
    assert sorted(revoked.split(", ")) == TABLES
    always = tell("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'")
    assert sorted(always) == sorted((t, f"{t}_{what}") for t in TABLES for what in ("no_change", "no_truncate"))
    assert tell("SELECT 1 FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A'") == []


def test_a_superuser_who_plays_a_replica_is_refused_too(on_postgres: str) -> None:
    send(oru(coded=CALLED_LEFT))
    Look.objects.create(looked_at=stores.NOW, who="ana", site="main", page="patient", patient="p1")
    assert tell("SELECT usesuper FROM pg_user WHERE usename = current_user") == [(True,)]
    tell("SET session_replication_role = replica")
    for statement in (
        "UPDATE people_look SET who = 'eva'", "DELETE FROM people_look", "TRUNCATE people_look",
        "UPDATE record_event SET body = '{}'", "DELETE FROM record_event", "TRUNCATE record_event",
        *(f"TRUNCATE {table} CASCADE" for table in TABLES),
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match="never edited or deleted"):
            tell(statement)
    assert Look.objects.get().who == "ana"
    assert list(verify.verify()) == []


def test_who_only_serves_can_do_all_the_work_and_take_nothing_away(on_postgres: str, tmp_path: Path) -> None:
    tell(grants())
    try:
        with stores.using(on_postgres.replace("closerlook@", f"{SERVING}@")):
            _work(tmp_path)
            _take_away()
    finally:
        tell(f"DROP OWNED BY {SERVING}")
        tell(f"DROP ROLE {SERVING}")


def _work(folder: Path) -> None:
    """A day at the unit: a report comes in, letters are made, and somebody looks at what is owed."""
    (found,) = send(oru(coded=CALLED_LEFT))
    assert found["outcome"] == "taken"
    with override_settings(DATA_DIR=folder, ALLOWED_HOSTS=["testserver"]):
        Demonstration.objects.create(made_at=stores.NOW)  # no second factor is asked
        user = User.objects.create_user("ana")
        Staff.objects.create(user=user, site=site(), roles="navigator", name="Ana Ruiz")
        while worker.once(stores.NOW):
            pass
        client = Client()
        client.force_login(user)
        for path in ("/", f"/patient/{found['patient']}/", "/calls/"):
            assert client.get(path).status_code == 200, path
    assert Look.objects.filter(patient=found["patient"]).exists()
    assert list(verify.verify()) == []


def _take_away() -> None:
    for table in TABLES:
        column = "body" if table == "record_event" else "id"
        for statement, said in (
            (f"DELETE FROM {table}", "permission denied"),
            (f"UPDATE {table} SET {column} = {column}", "permission denied"),
            (f"TRUNCATE {table}", "permission denied"),
            (f"ALTER TABLE {table} DISABLE TRIGGER USER", "must be owner"),
            (f"DROP TRIGGER {table}_no_change ON {table}", "must be owner"),
            (f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
             "permission denied|must be owner"),
            (f"DROP TABLE {table}", "must be owner"),
        ):  # fmt: skip
            with pytest.raises(DatabaseError, match=said):
                tell(statement)
    with pytest.raises(DatabaseError, match="permission denied"):
        tell("SET session_replication_role = replica")
