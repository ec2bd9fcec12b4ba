"""What the other processes say of who is here: by hints, and by their rows, which have the last word.

Every 5 s one small query asks for all leases. A process whose version is not the one that we know is read
again; one whose lease has run out is gone, and whoever sees it first takes its rows away.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from django.db import DatabaseError, InterfaceError

from ..cluster.messages import PresenceNews, RoomNews
from ..database.threads import DatabaseThreads
from ..infra.logging import database_outage
from ..infra.throttle import PacedWork
from . import store
from .store import LeaseRow, Rooms

LOOK_INTERVAL: Final = 5.0  # seconds
LOOK_PAUSE: Final = 1.0  # seconds from one look to the next, however many are asked for
GRACE: Final = 10.0  # seconds after an outage in which the others may renew their leases
NOTHING: Final = 0  # the version of a process before its first word
UNKNOWN: Final = -1  # the version of one that is to be read again


class Book(Protocol):
    """Where it is kept who is in the rooms that are open here."""

    def room_keys(self) -> list[str]: ...

    def replace(self, origin: str, rooms: Rooms) -> None:
        """These people are in the open rooms through that process, and nobody else."""

    def replace_in(self, room_key: str, by_origin: Mapping[str, Rooms]) -> None:
        """These are in one room through these processes, and nobody else through others than us."""

    def apply(self, origin: str, rooms: Mapping[str, RoomNews]) -> None: ...


class Neighbours:
    """Every read runs on one thread, so answers come in the order of the questions."""

    def __init__(
        self,
        origin: str,
        threads: DatabaseThreads,
        book: Book,
        on_our_lease: Callable[[LeaseRow | None], None],
    ) -> None:
        self._origin = origin
        self._threads = threads
        self._book = book
        self._on_our_lease = on_our_lease
        self._known: dict[str, int] = {}
        """Up to which version of a process all rooms that are open here are told."""
        self._loop = asyncio.get_running_loop()
        self._judges_from = 0.0
        self._looking = PacedWork(self._look, LOOK_PAUSE)
        self._task = asyncio.ensure_future(self._look_often())

    def look_soon(self) -> None:
        self._looking.soon()

    def stop(self) -> None:
        self._task.cancel()
        self._looking.stop()

    def hear(self, news: PresenceNews | None) -> None:
        """A hint. None is one that was not understood."""
        if news is None:
            self._looking.soon()
        elif news.origin == self._origin:
            return
        elif news.is_over:
            self._forget(news.origin)
        elif news.rooms is not None and news.after == self._known.get(news.origin, NOTHING):
            self._known[news.origin] = news.version
            self._book.apply(news.origin, news.rooms)
        elif news.version > self._known.get(news.origin, NOTHING):
            self._looking.soon()  # a hint before it was lost, or is late

    async def read_room(self, room_key: str) -> None:
        """Who is in a room that has just been opened."""
        try:
            found = await self._threads.run(store.people, [room_key])
        except (DatabaseError, InterfaceError) as error:
            database_outage.warning("Who is here could not be read: %s", str(error).strip())
            self._known = dict.fromkeys(self._known, UNKNOWN)
            return
        found.pop(self._origin, None)
        for origin, (version, _rooms) in found.items():
            if version < self._known.setdefault(origin, UNKNOWN):
                self._known[origin] = UNKNOWN  # hints have overtaken this answer
                self._looking.soon()
        self._book.replace_in(room_key, {origin: rooms for origin, (_version, rooms) in found.items()})

    # --- Looks at the leases ---

    async def _look_often(self) -> None:
        while True:
            await asyncio.sleep(LOOK_INTERVAL)
            self._looking.soon()

    async def _look(self) -> None:
        try:
            rows = {row.origin: row for row in await self._threads.run(store.look)}
            self._on_our_lease(rows.pop(self._origin, None))
            is_judging = self._loop.time() >= self._judges_from
            gone = {origin for origin, row in rows.items() if row.is_gone and is_judging}
            for origin in self._known.keys() - (rows.keys() - gone):
                self._forget(origin)
            await self._read([row for row in rows.values() if row.origin not in gone])
            if gone:
                await self._threads.run(store.reap)
        except (DatabaseError, InterfaceError) as error:
            self._judges_from = self._loop.time() + GRACE
            database_outage.warning("Who is here could not be read: %s", str(error).strip())

    async def _read(self, rows: list[LeaseRow]) -> None:
        """Read what has moved past what we know."""
        moved = [row.origin for row in rows if row.version != self._known.get(row.origin)]
        if not moved:
            return
        found = await self._threads.run(store.people, self._book.room_keys(), moved)
        for origin, (version, rooms) in found.items():
            if version >= self._known.get(origin, NOTHING):  # else hints have overtaken this answer
                self._known[origin] = version
                self._book.replace(origin, rooms)

    def _forget(self, origin: str) -> None:
        self._known.pop(origin, None)
        self._book.replace(origin, {})
