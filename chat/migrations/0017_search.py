from typing import Any

import django.db.models.deletion
from django.db import migrations, models

SQLITE = [
    (
        "CREATE VIRTUAL TABLE chat_searchentry USING fts5"
        " (words, tokenize = 'ascii', prefix = '1 2', detail = none, columnsize = 0)"
    ),
    # What merges much at once makes others wait: the indexer merges little by little.
    "INSERT INTO chat_searchentry (chat_searchentry, rank) VALUES ('automerge', 0)",
]
POSTGRESQL = [
    (
        "CREATE TABLE chat_searchentry"
        " (message_id bigint PRIMARY KEY, room_id bigint NOT NULL, tokens integer[] NOT NULL)"
    ),
    # Without statistics of the tokens the planner always takes the index.
    "ALTER TABLE chat_searchentry ALTER tokens SET STATISTICS 0, ALTER tokens SET STORAGE MAIN",
    "CREATE INDEX search_tokens ON chat_searchentry USING gin (tokens) WITH (gin_pending_list_limit = 256)",
    (
        "CREATE FUNCTION chat_remove_searchentry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF TG_OP = 'TRUNCATE' THEN DELETE FROM chat_searchentry;"
        " ELSE DELETE FROM chat_searchentry WHERE message_id = OLD.id; END IF;"
        " RETURN NULL; END $$"
    ),
    (
        "CREATE TRIGGER searchentry_of_message AFTER DELETE OR UPDATE OF text, author_id, author_name, mentions, files"
        " ON chat_message FOR EACH ROW EXECUTE FUNCTION chat_remove_searchentry()"
    ),
    (
        "CREATE TRIGGER searchentry_of_all_messages AFTER TRUNCATE"
        " ON chat_message FOR EACH STATEMENT EXECUTE FUNCTION chat_remove_searchentry()"
    ),
]
# SQLite's triggers are made after the migrations (search/sqlite.py): one that rebuilds the messages' table
# loses them.
REMOVE_SQLITE = [
    "DROP TRIGGER IF EXISTS searchentry_of_deleted",
    "DROP TRIGGER IF EXISTS searchentry_of_changed",
    "DROP TABLE chat_searchentry",
]
REMOVE_POSTGRESQL = [
    "DROP TRIGGER searchentry_of_message ON chat_message",
    "DROP TRIGGER searchentry_of_all_messages ON chat_message",
    "DROP FUNCTION chat_remove_searchentry",
    "DROP TABLE chat_searchentry",
]


def create(apps: Any, editor: Any) -> None:
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL:
        editor.execute(statement, params=None)


def remove(apps: Any, editor: Any) -> None:
    for statement in REMOVE_SQLITE if editor.connection.vendor == "sqlite" else REMOVE_POSTGRESQL:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("chat", "0016_files_of_messages")]

    operations = [
        migrations.CreateModel(
            name="SearchCursor",
            fields=[
                (
                    "room",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="chat.room",
                    ),
                ),
                ("epoch", models.CharField(max_length=16)),
                ("revision", models.BigIntegerField()),
                (
                    "version",
                    models.PositiveSmallIntegerField(help_text="Of what is indexed (search/contents.py)."),
                ),
            ],
        ),
        migrations.RunPython(create, remove),
    ]
