"""The journal's statements that run for every batch, written out.

The ORM takes hundreds of microseconds to build each of them and dozens a row of an insert, all of it while
the rooms are locked. What is rare (a new room or participant, an edit, a rename) goes through the ORM.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

MESSAGE_COLUMNS: Final = (
    "room_id, sequence, revision, author_id, author_name, text, html, client_id, reply_to, sent_at"
)
COLUMN_TYPES: Final = (
    "bigint", "bigint", "bigint", "bigint", "text", "text", "text", "uuid", "bigint", "timestamptz",
)  # fmt: skip


@dataclass(slots=True)
class LockedRoom:
    """A room's row under lock. `name` to `last_posted_at` are as they will be stored."""

    id: int
    key: str
    name: str
    topic: str
    epoch: str
    sequence: int
    revision: int
    room_revision: int
    last_posted_at: datetime.datetime | None


class Person(NamedTuple):
    id: int
    key: str
    name: str
    user_id: int | None


class NewMessage(NamedTuple):
    """A row to insert, in the order of MESSAGE_COLUMNS."""

    room_id: int
    sequence: int
    revision: int
    author_id: int
    author_name: str
    text: str
    html: str
    client_id: UUID
    reply_to: int | None
    sent_at: datetime.datetime


def lock_rooms(keys: Sequence[str]) -> list[LockedRoom]:
    """The rooms that exist, locked in the order of their keys until the transaction ends.

    (SQLite knows no row locks: there the transaction has been the only writer since it began.)
    """
    rows = _select(
        "SELECT id, key, name, topic, epoch, sequence, revision, room_revision, last_posted_at"
        f" FROM chat_room WHERE key IN ({_marks(keys)}) ORDER BY key"
        f"{' FOR UPDATE' if connection.features.has_select_for_update else ''}",
        keys,
    )
    rooms = [LockedRoom(*row) for row in rows]
    for room in rooms:
        room.last_posted_at = _aware(room.last_posted_at)
    return rooms


def store_rooms(rooms: Sequence[LockedRoom]) -> None:
    rows = [
        (
            room.topic,
            room.epoch,
            room.sequence,
            room.revision,
            room.room_revision,
            _stored_time(room.last_posted_at),
            room.id,
        )
        for room in rooms
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE chat_room SET topic = %s, epoch = %s, sequence = %s, revision = %s, room_revision = %s,"
            " last_posted_at = %s WHERE id = %s",
            rows,
        )


def stored_before(posts: Sequence[tuple[int, UUID]]) -> dict[tuple[int, UUID], tuple[int, int]]:
    """Sequence and revision of what was posted in these rooms (by id) under these client_ids."""
    # A join, since SQLite looks a list of pairs up by reading the whole index.
    rows = _select(
        "SELECT m.room_id, m.client_id, m.sequence, m.revision"
        f" FROM (VALUES {', '.join(['(%s, %s)'] * len(posts))}) AS p"
        " JOIN chat_message m ON m.room_id = p.column1 AND m.client_id = p.column2",
        [value for room_id, client_id in posts for value in (room_id, *_stored_uuids([client_id]))],
    )
    return {
        (room_id, _uuid(client_id)): (sequence, revision) for room_id, client_id, sequence, revision in rows
    }


def people(keys: Sequence[str]) -> dict[str, Person]:
    """The participants that have a row."""
    rows = _select(f"SELECT id, key, name, user_id FROM chat_participant WHERE key IN ({_marks(keys)})", keys)
    return {person.key: person for person in map(Person._make, rows)}


def insert_messages(messages: Sequence[NewMessage]) -> None:
    if connection.vendor == "postgresql":
        _insert_columns(messages)
        return
    times = {time: _stored_time(time) for time in {message.sent_at for message in messages}}
    rows = [(*m[:7], m.client_id.hex, m.reply_to, times[m.sent_at]) for m in messages]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO chat_message ({MESSAGE_COLUMNS}) VALUES ({_marks(MESSAGE_COLUMNS.split())})", rows
        )


def _insert_columns(messages: Sequence[NewMessage]) -> None:
    """PostgreSQL takes a column as one array: a statement of ten values, however many rows."""
    columns = [list(column) for column in zip(*messages, strict=True)]
    arrays = ", ".join(f"%s::{kind}[]" for kind in COLUMN_TYPES)
    _execute(f"INSERT INTO chat_message ({MESSAGE_COLUMNS}) SELECT * FROM unnest({arrays})", columns)


def _select(statement: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows


def _execute(statement: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


# --- SQLite keeps times as text and UUIDs as hex ---


def _stored_time(time: datetime.datetime | None) -> Any:
    return connection.ops.adapt_datetimefield_value(time)


def _aware(time: datetime.datetime | None) -> datetime.datetime | None:
    return time.replace(tzinfo=datetime.UTC) if time and time.tzinfo is None else time


def _stored_uuids(values: Sequence[UUID]) -> list[Any]:
    native = connection.features.has_native_uuid_field
    return list(values) if native else [value.hex for value in values]


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
