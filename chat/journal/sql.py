"""The journal's statements that run for every batch, written out.

The ORM takes hundreds of microseconds to build each of them and dozens a row of an insert, all of it while
the rooms are locked. Rare statements (a new room, an edit, a rename) go through the ORM.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, NewType, get_type_hints
from uuid import UUID

import msgspec
from django.db import connection
from django.utils import timezone

from ..access.bans import names_person_sql
from ..access.lookup import PEOPLE, PERSON_COLUMNS, Person, find_people
from ..database.statements import aware, marks, select


@dataclass(slots=True)
class RoomRow:
    """A room's row. While the room is locked, it holds the values that will be stored."""

    id: int
    key: str
    name: str
    epoch: str
    sequence: int
    revision: int
    room_revision: int
    access_revision: int
    last_posted_at: datetime.datetime | None
    topic: str
    is_private: bool
    password: str
    is_read_only: bool
    slow_mode: int
    retention_days: int | None
    is_hidden: bool
    closed_at: datetime.datetime | None
    purged_through: int
    pinned: int | None
    filter_words: str
    filter_action: str
    uploads: bool


ROOM_COLUMNS: Final = tuple(RoomRow.__dataclass_fields__)


class MembershipRow(NamedTuple):
    """What the rules ask of a person in a room: the membership, and whether a ban is in force."""

    room_id: int
    participant_id: int
    role: str
    muted_until: datetime.datetime | None
    last_posted_at: datetime.datetime | None
    is_banned: bool


class NewParticipant(NamedTuple):
    """A row of `chat_participant` to insert."""

    key: str
    name: str
    skeleton: str
    user_id: int | None


Json = NewType("Json", str)


def encode_json(value: Any) -> Json | None:
    return None if value is None else Json(msgspec.json.encode(value).decode())


class NewMessage(NamedTuple):
    """A row of `chat_message` to insert: the fields are its columns. The others have a default there."""

    room_id: int
    sequence: int
    revision: int
    author_id: int
    author_name: str
    author_verified: bool
    text: str
    html: str
    format: int
    renderer: int
    reply_to: int | None
    mentions: Json | None
    files: Json | None
    client_id: UUID
    sent_at: datetime.datetime


MESSAGE_COLUMNS: Final = ", ".join(NewMessage._fields)
MESSAGE_TYPES: Final = get_type_hints(NewMessage)
COUNTERS: Final = ("epoch", "sequence", "revision", "room_revision", "access_revision", "last_posted_at")
COUNTERS_AND_ID: Final = (*COUNTERS, "id")
POSTGRESQL_TYPES: Final = {
    int: "bigint",
    int | None: "bigint",
    str: "text",
    bool: "boolean",
    UUID: "uuid",
    Json | None: "text",
    datetime.datetime: "timestamptz",
    datetime.datetime | None: "timestamptz",
}


def _table(types: Mapping[str, Any], columns: Sequence[str]) -> str:
    """A table from one JSON array: the statement is the same however many rows there are, and psycopg takes
    longer to write arrays of PostgreSQL than the database takes to store what is in them."""
    typed = ", ".join(f"{column} {POSTGRESQL_TYPES[types[column]]}" for column in columns)
    return f"json_to_recordset(%s::json) AS c ({typed})"


STORE_ON_POSTGRESQL: Final = (
    f"WITH messages AS (INSERT INTO chat_message ({MESSAGE_COLUMNS})"
    f" SELECT {', '.join(name + '::jsonb' * (kind == Json | None) for name, kind in MESSAGE_TYPES.items())}"
    f" FROM {_table(MESSAGE_TYPES, NewMessage._fields)})"
    f" UPDATE chat_room SET {', '.join(f'{column} = c.{column}' for column in COUNTERS)}"
    f" FROM {_table(get_type_hints(RoomRow), COUNTERS_AND_ID)} WHERE chat_room.id = c.id"
)


def lock_rooms(keys: Sequence[str]) -> list[RoomRow]:
    """Those of the rooms that exist, locked in the order of their keys until the transaction ends. Rows that
    refer to them can be inserted meanwhile: a read mark does not wait for a batch.

    (SQLite knows no row locks: there the transaction has been the only writer since it began.)
    """
    rows = select(
        f"SELECT {', '.join(ROOM_COLUMNS)} FROM chat_room WHERE key IN ({marks(keys)}) ORDER BY key"
        f"{' FOR NO KEY UPDATE' if connection.features.has_select_for_no_key_update else ''}",
        keys,
    )
    rooms = [RoomRow(*row) for row in rows]
    for room in rooms:
        room.last_posted_at, room.closed_at = aware(room.last_posted_at), aware(room.closed_at)
    return rooms


def delete_empty_rooms(keys: Sequence[str]) -> None:
    """Of these locked rooms, those in which nothing was ever said."""
    _execute(f"DELETE FROM chat_room WHERE revision = 0 AND key IN ({marks(keys)})", keys)


Posts = dict[tuple[int, UUID], tuple[int, int]]
"""Sequence and revision of posts, by room (id) and client_id."""


def people_and_posts(
    keys: Sequence[str], posts: Sequence[tuple[int, UUID]]
) -> tuple[dict[str, Person], Posts]:
    """The participants that have a row, and those of the posts that are stored: one statement."""
    if not posts:
        return people(keys), {}
    rooms, client_ids = zip(*posts, strict=True)
    pairs = zip(rooms, _stored_uuids(client_ids), strict=True)
    # A join, since SQLite looks a list of pairs up by reading the whole index.
    rows = select(
        f"SELECT {PERSON_COLUMNS}, NULL, NULL FROM {PEOPLE} WHERE p.key IN ({marks(keys)}) UNION ALL"
        " SELECT m.room_id, NULL, NULL, m.sequence, NULL, m.revision, m.client_id"
        f" FROM (VALUES {', '.join(['(%s, %s)'] * len(posts))}) AS p"
        " JOIN chat_message m ON m.room_id = p.column1 AND m.client_id = p.column2",
        [*keys, *(value for pair in pairs for value in pair)],
    )
    found = [Person(*row[:5]) for row in rows if row[5] is None]
    stored = {(row[0], _uuid(row[6])): (row[3], row[5]) for row in rows if row[5] is not None}
    return {person.key: person for person in found}, stored


def people(keys: Sequence[str]) -> dict[str, Person]:
    """The participants that have a row."""
    return {person.key: person for person in find_people(f"p.key IN ({marks(keys)})", keys)}


def memberships(asked: Sequence[tuple[int, int, str]]) -> dict[tuple[int, int], MembershipRow]:
    """For each room (id), participant (id) and public id: the membership, if there is one, and whether a ban
    is in force there."""
    rows = select(
        "SELECT p.column1, p.column2, m.role, m.muted_until, m.last_posted_at,"
        f" {names_person_sql('p.column3', 'p.column1')}"
        f" FROM (VALUES {', '.join(['(%s, %s, %s)'] * len(asked))}) AS p"
        " LEFT JOIN chat_membership m ON m.room_id = p.column1 AND m.participant_id = p.column2",
        [value for one in asked for value in one],
    )
    return {
        (room, person): MembershipRow(
            room, person, role or "visitor", _time(muted), _time(last_posted), bool(is_banned)
        )
        for room, person, role, muted, last_posted, is_banned in rows
    }


def claimed_skeletons(skeletons: Sequence[str]) -> set[str]:
    """Those of the skeletons (`text.confusables`) that an account's name has."""
    rows = select(
        "SELECT skeleton FROM chat_participant"
        f" WHERE user_id IS NOT NULL AND skeleton IN ({marks(skeletons)})",
        skeletons,
    )
    return {skeleton for (skeleton,) in rows}


def insert_participants(people: Sequence[NewParticipant]) -> None:
    """Those that exist by now are left as they are."""
    now = _stored_time(timezone.now())
    columns = "key, name, skeleton, user_id, created_at"
    rows = [(*person, now) for person in people]
    _insert_rows(f"chat_participant ({columns})", rows, "ON CONFLICT DO NOTHING")


def store_roles(roles: Mapping[tuple[int, int], str]) -> None:
    """Store roles by room and participant (ids), in the order in which read marks lock the same rows."""
    _insert_rows(
        "chat_membership (room_id, participant_id, role, seen)",
        [(*place, str(role), 0) for place, role in sorted(roles.items())],
        "ON CONFLICT (participant_id, room_id) DO UPDATE SET role = excluded.role",
    )


def _insert_rows(table: str, rows: Sequence[Sequence[Any]], on_conflict: str) -> None:
    if rows:
        places = ", ".join([f"({marks(rows[0])})"] * len(rows))
        values = [value for row in rows for value in row]
        _execute(f"INSERT INTO {table} VALUES {places} {on_conflict}", values)


def store(messages: Sequence[NewMessage], rooms: Sequence[RoomRow]) -> None:
    """Insert the messages and store the counters of the rooms. Other columns are stored when they change."""
    counters = list(map(attrgetter(*COUNTERS_AND_ID), rooms))
    if connection.vendor == "postgresql":
        _execute(
            STORE_ON_POSTGRESQL,
            [_as_json(NewMessage._fields, messages), _as_json(COUNTERS_AND_ID, counters)],
        )
        return
    stored_time = cache(_stored_time)  # those of a transaction are nearly all the same
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO chat_message ({MESSAGE_COLUMNS}) VALUES ({marks(NewMessage._fields)})",
            [(*m[:-2], m.client_id.hex, stored_time(m.sent_at)) for m in messages],
        )
        cursor.executemany(
            f"UPDATE chat_room SET {', '.join(f'{column} = %s' for column in COUNTERS)} WHERE id = %s",
            [(*values, stored_time(posted), room_id) for *values, posted, room_id in counters],
        )


def _as_json(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Json | None:
    return encode_json([dict(zip(columns, row, strict=True)) for row in rows])


def update_messages(fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Store these columns of many messages: a row is their values, then the message's id."""
    columns = ", ".join(f"{field} = %s" for field in fields)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE chat_message SET {columns} WHERE id = %s", rows)


def _execute(statement: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# --- SQLite keeps times as text and UUIDs as hex ---


def _stored_time(time: datetime.datetime | None) -> Any:
    return connection.ops.adapt_datetimefield_value(time)


def _time(value: Any) -> datetime.datetime | None:
    """A time from an expression, which SQLite returns as text."""
    return aware(datetime.datetime.fromisoformat(value) if isinstance(value, str) else value)


def _stored_uuids(values: Sequence[UUID]) -> list[Any]:
    native = connection.features.has_native_uuid_field
    return list(values) if native else [value.hex for value in values]


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
