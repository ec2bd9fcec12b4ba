"""Who is here, in the database: one row a process, and one a participant, room and process.

Synchronous; it runs on a thread of its own. Every lease is judged by the database's clock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Now

from ..database.durability import relaxed_durability
from ..models import Connection, Participant, Process
from ..models.presence import LEASE
from ..protocol import Person

NAMES_MAX: Final = 1000  # participants whose names are asked for one by one


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
    names: dict[str, str] = field(default_factory=dict)
    """Participants who have taken another name."""

    def __bool__(self) -> bool:
        return bool(self.entries or self.ended or self.names)

    def followed_by(self, later: "Changes") -> "Changes":
        return Changes(self.entries | later.entries, self.ended | later.ended, self.names | later.names)


Rooms = dict[str, list[Person]]
"""Who is there, by the key of the room."""


# --- Our own rows ---


def register(origin: str, version: int, entries: Mapping[Place, Entry], ended: Mapping[str, str]) -> None:
    """Write the process and all its connections anew, whatever was there."""
    with relaxed_durability():
        Process.objects.bulk_create(
            [Process(id=origin, renewed_at=Now(), version=version)],
            update_conflicts=True,
            update_fields=["renewed_at", "version"],
            unique_fields=["id"],
        )
        Connection.objects.filter(process=origin).delete()
        _insert(origin, entries)
        note_last_seen(ended)


def write(origin: str, changes: Changes) -> int | None:
    """Write what has changed, and renew the lease with it. Gives the process's new version; None, and
    nothing is written, when our lease had run out and our rows were taken away."""
    with relaxed_durability():
        if not Process.objects.filter(pk=origin).update(version=F("version") + 1, renewed_at=Now()):
            return None
        _delete(origin, [place for place, entry in changes.entries.items() if entry is None])
        _insert(origin, {place: entry for place, entry in changes.entries.items() if entry})
        note_last_seen(changes.ended)
        return Process.objects.values_list("version", flat=True).get(pk=origin)


def renew(origin: str) -> bool:
    """One write for all connections of the process. False: the lease had run out, and our rows are gone."""
    with relaxed_durability():
        return Process.objects.filter(pk=origin).update(renewed_at=Now()) > 0


def unregister(origin: str, ended: Mapping[str, str]) -> None:
    """The process ends."""
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


def _insert(origin: str, entries: Mapping[Place, Entry]) -> None:
    _execute(
        "INSERT INTO chat_connection (process_id, room_key, participant_key, name, verified, role, address)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (process_id, room_key, participant_key) DO UPDATE"
        " SET name = excluded.name, verified = excluded.verified, role = excluded.role,"
        " address = excluded.address",
        [
            (origin, *place, entry.person.name, entry.person.verified, entry.person.role, entry.address)
            for place, entry in entries.items()
        ],
    )


def _delete(origin: str, places: Sequence[Place]) -> None:
    _execute(
        "DELETE FROM chat_connection WHERE process_id = %s AND room_key = %s AND participant_key = %s",
        [(origin, *place) for place in places],
    )


def _execute(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement for many rows. (In steps of 999 values, as the ORM inserts in SQLite, a thousand people
    who arrive would take eight.)"""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


# --- Another name ---


def rename(names: Mapping[str, str], but: str = "") -> None:
    """These people (by key) have another name: also where they are through other processes than this. Each
    of those finds by its version that its own rows were changed."""
    theirs = Connection.objects.exclude(process=but).filter(participant_key__in=list(names))
    if not theirs.exists():
        return
    with transaction.atomic():
        processes = Process.objects.select_for_update(no_key=True).order_by("pk")
        ids = [p.pk for p in processes.filter(pk__in=theirs.values("process"))]
        for key, name in names.items():
            Connection.objects.filter(process__in=ids, participant_key=key).update(name=name)
        Process.objects.filter(pk__in=ids).update(version=F("version") + 1)


def names_of(origin: str, keys: Collection[str]) -> dict[str, str]:
    """The names that these participants have, or, of more than 1,000, all who are here through the process.
    Who has no row is left out."""
    here = Connection.objects.filter(process=origin).values("participant_key")
    people = Participant.objects.filter(key__in=keys if len(keys) <= NAMES_MAX else here)
    return dict(people.values_list("key", "name"))


# --- The other processes ---


def remove_expired() -> None:
    """Remove the rows of processes whose lease has run out."""
    with relaxed_durability():
        gone = Process.objects.expired().select_for_update(skip_locked=_can_skip()).order_by("pk")
        ids = [process.pk for process in gone]
        left = Connection.objects.filter(process__in=ids)
        note_last_seen(dict(left.values_list("participant_key", "address")))
        left.delete()
        Process.objects.filter(pk__in=ids).delete()


def _can_skip() -> bool:
    return connection.features.has_select_for_update_skip_locked


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
