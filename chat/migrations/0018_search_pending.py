from typing import Any

from django.db import migrations, models

# Search/sqlite.py makes SQLite's triggers after the migrations, under names of these.
SQLITE = ["DROP TRIGGER IF EXISTS searchentry_of_deleted", "DROP TRIGGER IF EXISTS searchentry_of_changed"]
POSTGRESQL = [
    (
        "CREATE FUNCTION chat_add_searchpending() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO chat_searchpending SELECT id FROM new ON CONFLICT DO NOTHING;"
        " RETURN NULL; END $$"
    ),
    (
        "CREATE TRIGGER searchpending_of_messages AFTER INSERT ON chat_message"
        " REFERENCING NEW TABLE AS new FOR EACH STATEMENT EXECUTE FUNCTION chat_add_searchpending()"
    ),
    (
        "CREATE OR REPLACE FUNCTION chat_remove_searchentry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF TG_OP = 'TRUNCATE' THEN DELETE FROM chat_searchentry; DELETE FROM chat_searchpending; RETURN NULL;"
        " END IF;"
        " DELETE FROM chat_searchentry WHERE message_id = OLD.id;"
        " IF TG_OP = 'UPDATE' AND NEW.deleted_at IS NULL THEN"
        " INSERT INTO chat_searchpending VALUES (NEW.id) ON CONFLICT DO NOTHING;"
        " ELSE DELETE FROM chat_searchpending WHERE message_id = OLD.id; END IF;"
        " RETURN NULL; END $$"
    ),
]
NOT_INDEXED = (
    "INSERT INTO chat_searchpending SELECT m.id FROM chat_message m WHERE m.deleted_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM chat_searchentry e WHERE e.{key} = m.id)"
)


def create(apps: Any, editor: Any) -> None:
    is_sqlite = editor.connection.vendor == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        editor.execute(statement, params=None)
    editor.execute(NOT_INDEXED.format(key="rowid" if is_sqlite else "message_id"), params=None)


class Migration(migrations.Migration):
    dependencies = [("chat", "0017_search")]

    operations = [
        migrations.CreateModel(
            name="SearchPending",
            fields=[("message_id", models.BigIntegerField(primary_key=True, serialize=False))],
        ),
        migrations.RunPython(create),
        migrations.DeleteModel(name="SearchCursor"),
    ]
