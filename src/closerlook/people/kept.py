"""Rows that stay as they were written: the model refuses to change one, and so does the database itself."""

from collections.abc import Callable
from typing import Any

from django.db import models

SQLITE = (
    """CREATE TRIGGER {0}_no_update BEFORE UPDATE ON {0}
       BEGIN SELECT RAISE(ABORT, 'rows of {0} are never edited'); END""",
    """CREATE TRIGGER {0}_no_delete BEFORE DELETE ON {0}
       BEGIN SELECT RAISE(ABORT, 'rows of {0} are never deleted'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION {0}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'rows of {0} are never edited or deleted'; END $$""",
    """CREATE TRIGGER {0}_no_change BEFORE UPDATE OR DELETE ON {0}
       FOR EACH ROW EXECUTE FUNCTION {0}_refuse()""",
    """CREATE TRIGGER {0}_no_truncate BEFORE TRUNCATE ON {0}
       FOR EACH STATEMENT EXECUTE FUNCTION {0}_refuse()""",
    # Always: a session that plays a replica (session_replication_role) would not be refused otherwise.
    "ALTER TABLE {0} ENABLE ALWAYS TRIGGER {0}_no_change",
    "ALTER TABLE {0} ENABLE ALWAYS TRIGGER {0}_no_truncate",
)


class NeverChanged(Exception):
    """Rows of a log are added to, never changed or removed."""


class Kept(models.Model):
    """A row that stays as it was written. Its migration calls `protect` for its table."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise NeverChanged("This row stays as it was written. Add another one instead.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        raise NeverChanged("This row is kept. It says what happened.")


def protect(*tables: str) -> Callable[[Any, Any], None]:
    """Return what a migration runs so that the database refuses to update, delete or truncate these tables."""

    def run(_apps: Any, schema_editor: Any) -> None:
        statements = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
        for table in tables:
            for statement in statements:
                schema_editor.execute(statement.format(table))

    return run
