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


def store_room(room: LockedRoom) -> None:
    _execute(
        "UPDATE chat_room SET topic = %s, epoch = %s, sequence = %s, revision = %s, room_revision = %s,"
        " last_posted_at = %s WHERE id = %s",
        (
            room.topic,
            room.epoch,
            room.sequence,
            room.revision,
            room.room_revision,
            _stored_time(room.last_posted_at),
            room.id,
        ),
    )


def stored_before(room_id: int, client_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Sequence and revision of the messages that were posted under these client_ids."""
    rows = _select(
        "SELECT client_id, sequence, revision FROM chat_message"
        f" WHERE room_id = %s AND client_id IN ({_marks(client_ids)})",
        [room_id, *_stored_uuids(client_ids)],
    )
    return {_uuid(client_id): (sequence, revision) for client_id, sequence, revision in rows}


def people(keys: Sequence[str]) -> dict[str, Person]:
    """The participants that have a row."""
    rows = _select(f"SELECT id, key, name, user_id FROM chat_participant WHERE key IN ({_marks(keys)})", keys)
    return {person.key: person for person in map(Person._make, rows)}


def insert_messages(messages: Sequence[NewMessage]) -> None:
    """Insert messages of one room that were sent at the same time."""
    if connection.vendor == "postgresql":
        _insert_columns(messages)
        return
    sent_at = _stored_time(messages[0].sent_at)
    client_ids = _stored_uuids([message.client_id for message in messages])
    rows = [
        (*m[:7], client_id, m.reply_to, sent_at) for m, client_id in zip(messages, client_ids, strict=True)
    ]
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
