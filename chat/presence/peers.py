"""Who is present through the other processes: from their hints, and from their rows, which decide.

Every 5 s one small query asks for all leases. A process whose version is not the one that we know is read
again; one whose lease has run out is gone, and whoever sees it first removes its rows.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from django.db import DatabaseError, InterfaceError

from ..cluster.messages import PresenceEvent, RoomPresenceChanges
from ..database.threads import DatabaseThreads
from ..infra.logging import database_outage
from ..infra.throttle import ThrottledTask
from ..models import Process
from ..models.presence import LeaseRow
from . import store
from .store import Rooms

READ_INTERVAL: Final = 5.0  # seconds
READ_PAUSE: Final = 1.0  # seconds from one read to the next, however many are asked for
GRACE: Final = 10.0  # seconds after an outage in which the others may renew their leases
NOTHING: Final = 0  # the version of a process that has published nothing
UNKNOWN: Final = -1  # the version of one that is to be read again


class PresenceIndex(Protocol):
    """Where it is kept who is in the rooms that are open here."""

    def room_keys(self) -> list[str]: ...

    def replace(self, origin: str, rooms: Rooms) -> None:
        """These people are in the open rooms through that process, and nobody else."""

    def replace_in(self, room_key: str, by_origin: Mapping[str, Rooms]) -> None:
        """These are in one room through these processes, and nobody else through others than us."""

    def apply(self, origin: str, rooms: Mapping[str, RoomPresenceChanges]) -> None: ...


class Peers:
    """Every read runs on one thread, so answers come in the order of the questions."""

    def __init__(
        self,
        origin: str,
        threads: DatabaseThreads,
        index: PresenceIndex,
        on_our_lease: Callable[[LeaseRow | None], None],
    ) -> None:
        self._origin = origin
        self._threads = threads
        self._index = index
        self._on_our_lease = on_our_lease
        self._versions: dict[str, int] = {}
        """By process: the version that all open rooms of this process show."""
        self._loop = asyncio.get_running_loop()
        self._expires_from = 0.0
        self._reading = ThrottledTask(self._read_leases, READ_PAUSE)
        self._task = asyncio.ensure_future(self._read_often())

    def read_soon(self) -> None:
        self._reading.soon()

    def stop(self) -> None:
        self._task.cancel()
        self._reading.stop()

    def on_event(self, event: PresenceEvent | None) -> None:
        """A hint. None is one that was not understood."""
        if event is None:
            self._reading.soon()
        elif event.origin == self._origin:
            return
        elif event.is_over:
            self._forget(event.origin)
        elif event.rooms is not None and event.after == self._versions.get(event.origin, NOTHING):
            self._versions[event.origin] = event.version
            self._index.apply(event.origin, event.rooms)
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
        found.pop(self._origin, None)
        for origin, (version, _rooms) in found.items():
            if version < self._versions.setdefault(origin, UNKNOWN):
                self._versions[origin] = UNKNOWN  # hints have overtaken this answer
                self._reading.soon()
        self._index.replace_in(room_key, {origin: rooms for origin, (_version, rooms) in found.items()})

    # --- Reading the leases ---

    async def _read_often(self) -> None:
        while True:
            await asyncio.sleep(READ_INTERVAL)
            self._reading.soon()

    async def _read_leases(self) -> None:
        try:
            rows = {row.origin: row for row in await self._threads.run(Process.objects.leases)}
            self._on_our_lease(rows.pop(self._origin, None))
            is_sure = self._loop.time() >= self._expires_from
            expired = {origin for origin, row in rows.items() if row.is_expired and is_sure}
            for origin in self._versions.keys() - (rows.keys() - expired):
                self._forget(origin)
            await self._read([row for row in rows.values() if row.origin not in expired])
            if expired:
                await self._threads.run(store.remove_expired)
        except (DatabaseError, InterfaceError) as error:
            self._expires_from = self._loop.time() + GRACE
            database_outage.warning("Who is here could not be read: %s", str(error).strip())

    async def _read(self, rows: list[LeaseRow]) -> None:
        """Read what has moved past what we know."""
        moved = [row.origin for row in rows if row.version != self._versions.get(row.origin)]
        if not moved:
            return
        found = await self._threads.run(store.read_people, self._index.room_keys(), moved)
        for origin, (version, rooms) in found.items():
            if version >= self._versions.get(origin, NOTHING):  # else hints have overtaken this answer
                self._versions[origin] = version
                self._index.replace(origin, rooms)

    def _forget(self, origin: str) -> None:
        self._versions.pop(origin, None)
        self._index.replace(origin, {})
