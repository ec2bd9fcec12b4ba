"""The index in SQLite: an FTS5 table whose words are groups of three characters, and facts.

The table's prefixes of one and two characters are the shorter groups. It keeps no places (`detail=none`).
"""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from django.db import connection, connections

from ..database.durability import relaxed_durability
from ..database.statements import marks, select
from .contents import Entry, room

STEP: Final = 60  # messages that are given at once
MERGED_AT_ONCE: Final = 32  # pages: some 10 ms
# The index itself leaves out so many rooms. Of others each message's room is looked up, among so many ids.
EXCLUDED_MAX: Final = 50
IDS_AT_ONCE: Final = 200_000
END: Final = "\ue100"
# For the tokenizer a word is of ASCII's letters and digits and of whatever is not ASCII.
SIGNS: Final = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}

# In the transaction that stores a message, or that changes what its entry is of, or deletes it.
TRIGGERS: Final = {
    "searchentry_of_new": "AFTER INSERT ON chat_message BEGIN"
    " INSERT OR IGNORE INTO chat_searchpending VALUES (NEW.id); END",
    "searchentry_of_changed": "AFTER UPDATE OF text, author_id, author_name, mentions, files ON chat_message"
    " BEGIN"
    " DELETE FROM chat_searchentry WHERE rowid = OLD.id;"
    " INSERT OR IGNORE INTO chat_searchpending VALUES (NEW.id); END",
    "searchentry_of_deleted": "AFTER DELETE ON chat_message BEGIN"
    " DELETE FROM chat_searchentry WHERE rowid = OLD.id;"
    " DELETE FROM chat_searchpending WHERE message_id = OLD.id; END",
}


def create_triggers(using: str, **_: Any) -> None:
    """After migrations: one that rebuilds the messages' table loses its triggers, as SQLite has it."""
    database = connections[using]
    if database.vendor == "sqlite" and "chat_searchpending" in database.introspection.table_names():
        with database.cursor() as cursor:
            for name, does in TRIGGERS.items():
                cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {does}")


def add(entries: Sequence[Entry], gone: Collection[int]) -> None:
    ids = [entry.message_id for entry in entries]
    words = {(entry.message_id, entry.revision): _words(entry) for entry in entries}
    # SQLite has one writer: what is unchanged now stays so until the commit.
    with relaxed_durability(), connection.cursor() as cursor:
        rows = select(
            f"SELECT id, revision FROM chat_message WHERE id IN ({marks(ids)}) AND deleted_at IS NULL", ids
        )
        added = [(pk, words[pk, revision]) for pk, revision in rows if (pk, revision) in words]
        cursor.executemany("INSERT OR REPLACE INTO chat_searchentry (rowid, words) VALUES (%s, %s)", added)
        done = [*gone, *(pk for pk, _ in added)]
        cursor.execute(f"DELETE FROM chat_searchpending WHERE message_id IN ({marks(done)})", done)


def _words(entry: Entry) -> str:
    text = entry.folded.translate(SIGNS) + END + END
    groups = {text[at : at + 3] for at in range(len(text) - 2)}
    return " ".join([*groups, *map(_spelled, entry.facts)])


@lru_cache(4096)
def _spelled(fact: str) -> str:
    return fact.translate(SIGNS)


def merge() -> None:
    """Merge some of the table's parts into one, as FTS5 would do at once and while others wait to write."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO chat_searchentry (chat_searchentry, rank) VALUES ('merge', %s)", [MERGED_AT_ONCE]
        )


def candidates(
    groups: Sequence[str],
    facts: Sequence[tuple[str, ...]],
    low: int,
    high: int,
    without_rooms: Sequence[int],
) -> Iterator[tuple[list[int], int]]:
    wanted = " AND ".join([*map(_group, groups), *map(_any_of, facts)])
    if without_rooms:
        wanted = f"({wanted}) NOT {_any_of([*map(room, without_rooms[:EXCLUDED_MAX])])}"
    others = ", ".join(map(str, without_rooms[EXCLUDED_MAX:]))
    allowed = f"AND (SELECT room_id FROM chat_message WHERE id = e.rowid) NOT IN ({others})" if others else ""
    while True:
        through = max(low, high - IDS_AT_ONCE) if others else low
        rows = select(
            "SELECT rowid FROM chat_searchentry e WHERE chat_searchentry MATCH %s"
            f" AND rowid >= %s AND rowid < %s {allowed} ORDER BY rowid DESC LIMIT %s",
            [wanted, through, high, STEP],
        )
        pks = [pk for (pk,) in rows]
        high = pks[-1] if len(pks) == STEP else through
        yield pks, high
        if high <= low:
            return


def _group(group: str) -> str:
    return f'"{group.translate(SIGNS)}"{" *" if len(group) < 3 else ""}'


def _any_of(facts: Sequence[str]) -> str:
    words = [f'"{_spelled(fact)}"' for fact in facts]
    return f"({' OR '.join(words)})"
