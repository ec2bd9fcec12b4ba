"""Who is here, in the database: one row a process, and one a participant, room and process.

Synchronous; it runs on a thread of its own. Every lease is judged by the database's clock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import FilteredRelation, Q
from django.db.models.functions import Now

from ..database.durability import relaxed_durability
from ..database.statements import select
from ..models import Connection, Process
from ..models.presence import LEASE
from ..protocol import Person


class Entry(NamedTuple):
    """Somebody in a room, through this process."""

    person: Person
    address: str


Place = tuple[str, str]
"""A room's key and a participant's."""


@dataclass
class Changes:
    """What has changed in a process since its rows were written last."""

    entries: dict[Place, Entry | None] = field(default_factory=dict)
    """None: they are there no more."""
    ended: dict[str, str] = field(default_factory=dict)
    """Participants whose connection has ended, and their address."""

    def followed_by(self, later: "Changes") -> "Changes":
        return Changes(self.entries | later.entries, self.ended | later.ended)


Rooms = dict[str, list[Person]]
"""Who is there, by the key of the room."""


# --- Our own rows ---


def register(origin: str, version: int, changes: Changes) -> None:
    """Write the process anew, with these connections alone, whatever was there."""
    with relaxed_durability():
        Process.objects.bulk_create(
            [Process(id=origin, renewed_at=Now(), version=version)],
            update_conflicts=True,
            update_fields=["renewed_at", "version"],
            unique_fields=["id"],
        )
        Connection.objects.filter(process=origin).delete()
        _put(origin, changes)


def write(origin: str, version: int, changes: Changes) -> bool:
    """Write what has changed since the version before, and renew the lease with it. False, and nothing is
    written, when our rows are not of that version: the lease had run out, or a backup was restored."""
    with relaxed_durability():
        ours = Process.objects.filter(pk=origin, version=version - 1)
        if not ours.update(version=version, renewed_at=Now()):
            return False
        _put(origin, changes)
        return True


def renew(origin: str) -> None:
    """One write for all connections of the process."""
    with relaxed_durability():
        Process.objects.filter(pk=origin).update(renewed_at=Now())


def unregister(origin: str, ended: Mapping[str, str]) -> None:
    with relaxed_durability():
        if Process.objects.select_for_update().filter(pk=origin).exists():
            Connection.objects.filter(process=origin).delete()
            Process.objects.filter(pk=origin).delete()
        note_last_seen(ended)


def note_last_seen(addresses: Mapping[str, str]) -> None:
    """When, and from where, these participants were last here; of those that have a row."""
    _execute(
        "UPDATE chat_participant SET last_seen_at = CURRENT_TIMESTAMP, last_address = %s WHERE key = %s",
        # In the order of keys: two processes that write of the same people wait for each other, at worst.
        [(address, key) for key, address in sorted(addresses.items())],
    )


def _put(origin: str, changes: Changes) -> None:
    _execute(
        "DELETE FROM chat_connection WHERE process_id = %s AND room_key = %s AND participant_key = %s",
        [(origin, *place) for place, entry in changes.entries.items() if entry is None],
    )
    _execute(
        "INSERT INTO chat_connection (process_id, room_key, participant_key, name, verified, role, address)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (process_id, room_key, participant_key) DO UPDATE"
        " SET name = excluded.name, verified = excluded.verified, role = excluded.role,"
        " address = excluded.address",
        [
            (origin, *place, entry.person.name, entry.person.verified, entry.person.role, entry.address)
            for place, entry in changes.entries.items()
            if entry
        ],
    )
    note_last_seen(changes.ended)


def _execute(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement for many rows; in SQLite the ORM would take one for every 999 values."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def changed_names(origin: str) -> dict[str, str]:
    """The names of those who are here through the process and have another one by now than its rows say."""
    statement = (
        "SELECT DISTINCT p.key, p.name FROM chat_connection c"
        " JOIN chat_participant p ON p.key = c.participant_key WHERE c.process_id = %s AND c.name <> p.name"
    )
    return dict(select(statement, [origin]))


# --- The other processes ---


def remove_expired() -> None:
    can_skip = connection.features.has_select_for_update_skip_locked
    with relaxed_durability():
        gone = Process.objects.expired().select_for_update(skip_locked=can_skip).order_by("pk")
        ids = [process.pk for process in gone]
        left = Connection.objects.filter(process__in=ids)
        note_last_seen(dict(left.values_list("participant_key", "address")))
        left.delete()
        Process.objects.filter(pk__in=ids).delete()


def read_people(
    room_keys: Collection[str], origins: Iterable[str] | None = None
) -> dict[str, tuple[int, Rooms]]:
    """The versions of these processes (without them: of all whose lease is good) and who is in these rooms
    through them, as of one moment: one query."""
    processes = (
        Process.objects.filter(renewed_at__gte=Now() - LEASE)
        if origins is None
        else Process.objects.filter(pk__in=origins)
    )
    here = FilteredRelation("connections", condition=Q(connections__room_key__in=room_keys))
    columns = ("room_key", "participant_key", "name", "verified", "role")
    rows = processes.annotate(here=here).values_list("id", "version", *(f"here__{name}" for name in columns))
    found: dict[str, tuple[int, Rooms]] = {}
    for origin, version, room_key, *person in rows:
        _version, rooms = found.setdefault(origin, (version, {}))
        if room_key is not None:
            rooms.setdefault(room_key, []).append(Person(*person))
    return found
