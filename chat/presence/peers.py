"""Who is present through the other processes: from their hints, and from their rows, which decide.

Every 5 s one small query asks for all leases. A process whose version is not the one that we know is read
again; one whose lease has run out is gone, and whoever sees it first removes its rows.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from django.db import DatabaseError, InterfaceError

from ..cluster.messages import PresenceEvent, RoomPresenceChanges
from ..database.threads import DatabaseThreads
from ..infra.logging import database_outage
from ..infra.throttle import ThrottledTask
from ..models import Process
from ..models.presence import LeaseRow
from . import store
from .lease import Lease
from .room import RoomPresence
from .roster import OURS
from .store import Rooms

READ_INTERVAL: Final = 5.0  # seconds
READ_PAUSE: Final = 1.0  # seconds from one read to the next, however many are asked for
GRACE: Final = 10.0  # seconds after an outage in which the others may renew their leases
NOTHING: Final = 0  # the version of a process that has published nothing
UNKNOWN: Final = -1  # the version of one that is to be read again


class Peers:
    """Every read runs on one thread, so answers come in the order of the questions."""

    def __init__(self, lease: Lease, threads: DatabaseThreads, rooms: Mapping[str, RoomPresence]) -> None:
        self._lease = lease
        self._threads = threads
        self._rooms = rooms
        self._versions: dict[str, int] = {}
        """By process: the version that all open rooms of this process show."""
        self._loop = asyncio.get_running_loop()
        self._expires_from = 0.0
        self._reading = ThrottledTask(self._read_leases, READ_PAUSE)
        self._task = asyncio.ensure_future(self._read_often())

    def __len__(self) -> int:
        """How many other processes there are."""
        return len(self._versions)

    def read_soon(self) -> None:
        self._reading.soon()

    def stop(self) -> None:
        self._task.cancel()
        self._reading.stop()

    def on_event(self, event: PresenceEvent | None) -> None:
        """A hint. None is one that was not understood."""
        if event is None:
            self._reading.soon()
        elif event.is_over:
            self._forget(event.origin)
        elif event.rooms is not None and event.after == self._versions.get(event.origin, NOTHING):
            self._versions[event.origin] = event.version
            self._apply(event.origin, event.rooms)
        elif event.version > self._versions.get(event.origin, NOTHING):
            self._reading.soon()  # a hint before it was lost, or is late

    async def read_room(self, room_key: str) -> None:
        """Who is in a room that has just been opened."""
        try:
            found = await self._threads.run(store.read_people, [room_key])
        except (DatabaseError, InterfaceError) as error:
            database_outage.warning("Who is here could not be read: %s", str(error).strip())
            self._versions = dict.fromkeys(self._versions, UNKNOWN)
            return
        found.pop(self._lease.origin, None)
        for origin, (version, _rooms) in found.items():
            if version < self._versions.setdefault(origin, UNKNOWN):
                self._versions[origin] = UNKNOWN  # hints have overtaken this answer
                self._reading.soon()
        if room := self._rooms.get(room_key):
            for origin in (room.roster.origins() | found.keys()) - {OURS}:
                _version, rooms = found.get(origin, (UNKNOWN, {}))
                room.replace(origin, rooms.get(room_key, ()))

    def _apply(self, origin: str, rooms: Mapping[str, RoomPresenceChanges]) -> None:
        for key in rooms.keys() & self._rooms.keys():
            for person in rooms[key].joined:
                self._rooms[key].put(origin, person)
            for gone in rooms[key].left:
                self._rooms[key].drop(origin, gone)

    def _replace(self, origin: str, rooms: Rooms) -> None:
        """These people are in the open rooms through that process, and nobody else."""
        for key, room in self._rooms.items():
            room.replace(origin, rooms.get(key, ()))

    # --- Reading the leases ---

    async def _read_often(self) -> None:
        while True:
            await asyncio.sleep(READ_INTERVAL)
            self._reading.soon()

    async def _read_leases(self) -> None:
        try:
            rows = {row.origin: row for row in await self._threads.run(Process.objects.leases)}
            self._lease.found(rows.pop(self._lease.origin, None))
            is_sure = self._loop.time() >= self._expires_from
            expired = {origin for origin, row in rows.items() if row.is_expired and is_sure}
            for origin in self._versions.keys() - (rows.keys() - expired):
                self._forget(origin)
            await self._read([row for row in rows.values() if row.origin not in expired])
            if expired:
                await self._threads.run(store.remove_expired)
            await self._lease.refresh()
        except (DatabaseError, InterfaceError) as error:
            self._expires_from = self._loop.time() + GRACE
            database_outage.warning("Who is here could not be read: %s", str(error).strip())

    async def _read(self, rows: list[LeaseRow]) -> None:
        moved = [row.origin for row in rows if row.version != self._versions.get(row.origin)]
        if not moved:
            return
        found = await self._threads.run(store.read_people, list(self._rooms), moved)
        for origin, (version, rooms) in found.items():
            if version >= self._versions.get(origin, NOTHING):  # else hints have overtaken this answer
                self._versions[origin] = version
                self._replace(origin, rooms)

    def _forget(self, origin: str) -> None:
        self._versions.pop(origin, None)
        self._replace(origin, {})
