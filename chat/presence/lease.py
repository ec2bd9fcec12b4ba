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
RETRY_PAUSE: Final = 1.0  # seconds
UNREGISTER_TIMEOUT: Final = 1.0  # seconds
HINT_MAX: Final = 2000  # people: of more the others read in the database


class Lease:
    """`entries` gives all entries of this process; `on_names` is called with the names (by key) that
    participants of this process have."""

    def __init__(
        self,
        origin: str,
        threads: DatabaseThreads,
        entries: Callable[[], dict[Place, Entry]],
        on_names: Callable[[Mapping[str, str]], None],
    ) -> None:
        self._origin = origin
        self._threads = threads
        self._entries = entries
        self._on_names = on_names
        self._version = 0
        self._is_registered = False
        self._is_over = False
        self._pending = Changes()
        self._writing = ThrottledTask(self._write, WRITE_INTERVAL)
        self._renewing = asyncio.ensure_future(self._renew_often())

    # --- What happened ---

    def put(self, room_key: str, entry: Entry) -> None:
        """Somebody joined a room, or their entry changed."""
        self._pending.entries[room_key, entry.person.id] = entry
        self._write_soon()

    def drop(self, room_key: str, key: str, address: str) -> None:
        """Somebody has left a room."""
        self._pending.entries[room_key, key] = None
        self._pending.ended[key] = address
        self._write_soon()

    def rename(self, key: str, name: str) -> None:
        """A participant has another name: write it into the rows of other processes too."""
        self._pending.names[key] = name
        self._write_soon()

    def found(self, row: LeaseRow | None) -> None:
        """Our lease as the database has it. The rows are written again where they were removed (this process
        was frozen), changed by another process, or restored from a backup."""
        if self._is_registered and (row is None or row.is_expired or row.version != self._version):
            self._write_soon()

    async def end(self) -> None:
        """The process ends: its rows are removed."""
        self._is_over = True
        self._writing.stop()
        self._renewing.cancel()
        if not self._version:
            return  # nobody has ever been here
        ended = {key: entry.address for (_room, key), entry in self._entries().items()}
        try:
            async with asyncio.timeout(UNREGISTER_TIMEOUT):
                await self._threads.run(store.unregister, self._origin, self._pending.ended | ended)
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            database_outage.warning("Our lease was not given back, it will run out: %r", error)
        await messages.publish_event(
            PresenceEvent(self._origin, self._version, self._version, {}, is_over=True)
        )

    # --- Writing ---

    def _write_soon(self) -> None:
        if not self._is_over:
            self._writing.soon()

    async def _write(self) -> None:
        changes, self._pending = self._pending, Changes()
        is_written = False
        with surviving("Who is here could not be written"):
            if changes.names:
                await self._threads.run(store.rename, changes.names, self._origin)
            if not (self._is_registered and await self._write_changes(changes)):
                await self._register(changes)
            is_written = True
        if not is_written:
            self._pending = changes.followed_by(self._pending)
            self._write_soon()

    async def _write_changes(self, changes: Changes) -> bool:
        """Write the changes. False when our rows are gone, or older than what we have written."""
        before = self._version
        version = await self._threads.run(store.write, self._origin, changes)
        if version is None or version <= before:
            return False
        self._version = version
        await self._hint(before, changes.entries)
        await self._read_names(changes.entries if version == before + 1 else self._entries())
        return True

    async def _register(self, changes: Changes) -> None:
        """Write everything anew."""
        entries = self._entries()
        self._version += 1
        await self._threads.run(store.register, self._origin, self._version, entries, changes.ended)
        self._is_registered = True
        await self._hint(0, dict(entries))
        await self._read_names(entries)

    async def _hint(self, after: int, entries: Mapping[Place, Entry | None]) -> None:
        """Send the other processes what changed after that version, or, after 0, all entries."""
        rooms = None if len(entries) > HINT_MAX else _by_room(entries)
        await messages.publish_event(PresenceEvent(self._origin, after, self._version, rooms))

    async def _read_names(self, entries: Mapping[Place, Entry | None]) -> None:
        """Names that were taken while we wrote others: the participants' rows are right. Those that are
        written again anyway are compared after that."""
        keys = {key for (_room, key), entry in entries.items() if entry}
        if keys:
            names = await self._threads.run(store.names_of, self._origin, keys)
            waiting = {key for _room, key in self._pending.entries}
            self._on_names({key: name for key, name in names.items() if key not in waiting})

    # --- Renewing ---

    async def _renew_often(self) -> None:
        while True:
            is_well = not self._is_registered or await self._renew()
            await asyncio.sleep(RENEW_INTERVAL if is_well else RETRY_PAUSE)

    async def _renew(self) -> bool:
        """False when the database is away."""
        with surviving("Our lease could not be renewed"):
            if not await self._threads.run(store.renew, self._origin):
                self._write_soon()
            return True
        return False


def _by_room(entries: Mapping[Place, Entry | None]) -> dict[str, RoomPresenceChanges]:
    rooms: dict[str, RoomPresenceChanges] = {}
    for (room_key, key), entry in entries.items():
        room = rooms.setdefault(room_key, RoomPresenceChanges([], []))
        if entry:
            room.joined.append(entry.person)
        else:
            room.left.append(key)
    return rooms
