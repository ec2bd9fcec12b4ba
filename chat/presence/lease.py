"""This process's rows: its lease, and the people who are present through it.

The rows are written at most once a second, in one transaction; then a hint goes to the others. While
the database is away everything goes on in memory, and is written later.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from django.db import DatabaseError, InterfaceError

from ..cluster import messages
from ..cluster.messages import PresenceEvent, RoomPresenceChanges
from ..database.threads import DatabaseThreads
from ..infra.background import surviving
from ..infra.logging import database_outage
from ..infra.throttle import ThrottledTask
from ..models.presence import LeaseRow
from . import store
from .store import Changes, Entry, Place

WRITE_INTERVAL: Final = 1.0  # seconds
RENEW_INTERVAL: Final = 20.0  # seconds: a lease outlasts one missed renewal
UNREGISTER_TIMEOUT: Final = 1.0  # seconds
HINT_MAX: Final = 2000  # people: of more the others read in the database


class Lease:
    """`entries` gives all entries of this process. `rename` is called with the key of a participant of this
    process and the name that they have, where the rows have another."""

    def __init__(
        self,
        origin: str,
        threads: DatabaseThreads,
        entries: Callable[[], dict[Place, Entry]],
        rename: Callable[[str, str], None],
    ) -> None:
        self.origin = origin
        self._threads = threads
        self._entries = entries
        self._rename = rename
        self._loop = asyncio.get_running_loop()
        self._version = 0
        self._renew_at = 0.0
        self._is_over = False
        self._pending = Changes()
        self._writing = ThrottledTask(self._write, WRITE_INTERVAL)

    def put(self, room_key: str, entry: Entry) -> None:
        self._pending.entries[room_key, entry.person.id] = entry
        self._write_soon()

    def drop(self, room_key: str, key: str, address: str) -> None:
        self._pending.entries[room_key, key] = None
        self._pending.ended[key] = address
        self._write_soon()

    def found(self, row: LeaseRow | None) -> None:
        """Our lease as the database has it. The rows are written again where they were removed (this process
        was frozen) or restored from a backup."""
        if self._version and (row is None or row.is_expired or row.version != self._version):
            self._write_soon()

    async def refresh(self) -> None:
        """Renew the lease when it is time, and find who has another name. Raises the database's errors."""
        if not self._version:
            return
        if (now := self._loop.time()) >= self._renew_at:
            await self._threads.run(store.renew, self.origin)
            self._renew_at = now + RENEW_INTERVAL
        names = await self._threads.run(store.changed_names, self.origin)
        waiting = {key for _room, key in self._pending.entries}
        for key in names.keys() - waiting:
            self._rename(key, names[key])

    async def end(self) -> None:
        """The process ends: its rows are removed."""
        self._is_over = True
        self._writing.stop()
        ended = {key: entry.address for (_room, key), entry in self._entries().items()}
        try:
            async with asyncio.timeout(UNREGISTER_TIMEOUT):
                await self._threads.run(store.unregister, self.origin, self._pending.ended | ended)
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            database_outage.warning("Our lease was not given back, it will run out: %r", error)
        await messages.publish_event(
            PresenceEvent(self.origin, self._version, self._version, {}, is_over=True)
        )

    def _write_soon(self) -> None:
        if not self._is_over:
            self._writing.soon()

    async def _write(self) -> None:
        """Write the changes, or everything anew where our rows are gone or not of our version."""
        changes, self._pending = self._pending, Changes()
        after, version, is_written = self._version, self._version + 1, False
        with surviving("Who is here could not be written"):
            if not (after and await self._threads.run(store.write, self.origin, version, changes)):
                after, changes.entries = 0, dict(self._entries())
                await self._threads.run(store.register, self.origin, version, changes)
            is_written = True
        self._version = version  # also of a write that failed: it may have been committed
        if is_written:
            rooms = None if len(changes.entries) > HINT_MAX else _by_room(changes.entries)
            await messages.publish_event(PresenceEvent(self.origin, after, version, rooms))
        else:
            self._pending = changes.followed_by(self._pending)
            self._write_soon()


def _by_room(entries: Mapping[Place, Entry | None]) -> dict[str, RoomPresenceChanges]:
    rooms: dict[str, RoomPresenceChanges] = {}
    for (room_key, key), entry in entries.items():
        room = rooms.setdefault(room_key, RoomPresenceChanges([], []))
        if entry:
            room.joined.append(entry.person)
        else:
            room.left.append(key)
    return rooms
