"""The database itself refuses to update or delete a fact, on both engines."""

from typing import Any

from django.db import migrations

SQLITE = (
    """CREATE TRIGGER record_event_no_update BEFORE UPDATE ON record_event
       BEGIN SELECT RAISE(ABORT, 'events are never edited'); END""",
    """CREATE TRIGGER record_event_no_delete BEFORE DELETE ON record_event
       BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION record_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'events are never edited or deleted'; END $$""",
    """CREATE TRIGGER record_event_no_change BEFORE UPDATE OR DELETE ON record_event
       FOR EACH ROW EXECUTE FUNCTION record_event_refuse()""",
    """CREATE TRIGGER record_event_no_truncate BEFORE TRUNCATE ON record_event
       FOR EACH STATEMENT EXECUTE FUNCTION record_event_refuse()""",
    # Always: a session that plays a replica (session_replication_role) would not be refused otherwise.
    "ALTER TABLE record_event ENABLE ALWAYS TRIGGER record_event_no_change",
    "ALTER TABLE record_event ENABLE ALWAYS TRIGGER record_event_no_truncate",
)


def protect(_apps: Any, schema_editor: Any) -> None:
    statements = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]
    operations = [migrations.RunPython(protect, elidable=False)]
