"""What a process tells of itself: its lease, and who is here through it.

The database is told at most once a second, in one transaction; then a hint tells the other processes. While
the database is away everything goes on in memory, and is written later.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from django.db import DatabaseError, InterfaceError

from ..cluster import messages
from ..cluster.messages import PresenceNews, RoomNews
from ..database.threads import DatabaseThreads
from ..infra.background import surviving
from ..infra.logging import database_outage
from ..infra.throttle import PacedWork
from . import store
from .store import LeaseRow, News, Place, Seat

WRITE_INTERVAL: Final = 1.0  # seconds
RENEW_INTERVAL: Final = 20.0  # seconds: twice missed, a lease still holds
RETRY_PAUSE: Final = 1.0  # seconds
RESIGN_LIMIT: Final = 1.0  # seconds
HINT_MAX: Final = 2000  # people: of more the others read in the database


class Lease:
    """`everybody` gives all who are here through this process; `on_names` is told who has another name by the
    doing of another process."""

    def __init__(
        self,
        origin: str,
        threads: DatabaseThreads,
        everybody: Callable[[], dict[Place, Seat]],
        on_names: Callable[[Mapping[str, str]], None],
    ) -> None:
        self._origin = origin
        self._threads = threads
        self._everybody = everybody
        self._on_names = on_names
        self._version = 0
        self._is_enrolled = False
        self._is_over = False
        self._news = News()
        self._writing = PacedWork(self._write, WRITE_INTERVAL)
        self._renewing = asyncio.ensure_future(self._renew_often())

    # --- What happened ---

    def put(self, room_key: str, seat: Seat) -> None:
        """Somebody is in a room, or looks different."""
        self._news.seats[room_key, seat.person.id] = seat
        self._write_soon()

    def drop(self, room_key: str, key: str, address: str) -> None:
        """Somebody has left a room."""
        self._news.seats[room_key, key] = None
        self._news.ended[key] = address
        self._write_soon()

    def rename(self, key: str, name: str) -> None:
        """Somebody has another name, through other processes too."""
        self._news.names[key] = name
        self._write_soon()

    def found(self, row: LeaseRow | None) -> None:
        """What the database knows of us. Who was frozen for too long has been taken away, and a backup that
        was put back knows of us what was so then."""
        if self._is_enrolled and (row is None or row.is_gone or row.version != self._version):
            self._write_soon()

    async def end(self) -> None:
        """The process ends: nobody is here through it any more."""
        self._is_over = True
        self._writing.stop()
        self._renewing.cancel()
        if not self._version:
            return  # nobody has ever been here
        ended = {key: seat.address for (_room, key), seat in self._everybody().items()}
        try:
            async with asyncio.timeout(RESIGN_LIMIT):
                await self._threads.run(store.resign, self._origin, self._news.ended | ended)
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            database_outage.warning("Our lease was not given back, it will run out: %r", error)
        await messages.tell(PresenceNews(self._origin, self._version, self._version, {}, is_over=True))

    # --- Writing ---

    def _write_soon(self) -> None:
        if not self._is_over:
            self._writing.soon()

    async def _write(self) -> None:
        news, self._news = self._news, News()
        is_written = False
        with surviving("Who is here could not be written"):
            if news.names:
                await self._threads.run(store.rename, news.names, self._origin)
            if not (self._is_enrolled and await self._tell(news)):
                await self._enroll(news)
            is_written = True
        if not is_written:
            self._news = news.followed_by(self._news)
            self._write_soon()

    async def _tell(self, news: News) -> bool:
        """Write the news. False when our rows are gone, or older than what we have written."""
        before = self._version
        version = await self._threads.run(store.write, self._origin, news)
        if version is None or version <= before:
            return False
        self._version = version
        await self._hint(before, news.seats)
        await self._read_names(news.seats if version == before + 1 else self._everybody())
        return True

    async def _enroll(self, news: News) -> None:
        """Write everything anew."""
        seats = self._everybody()
        self._version += 1
        await self._threads.run(store.enroll, self._origin, self._version, seats, news.ended)
        self._is_enrolled = True
        await self._hint(0, dict(seats))
        await self._read_names(seats)

    async def _hint(self, after: int, seats: Mapping[Place, Seat | None]) -> None:
        """Tell the other processes: what changed after that version, or, after 0, everything."""
        rooms = None if len(seats) > HINT_MAX else _by_room(seats)
        await messages.tell(PresenceNews(self._origin, after, self._version, rooms))

    async def _read_names(self, seats: Mapping[Place, Seat | None]) -> None:
        """Names that were taken while we wrote others: the participants' rows are right. Those that are
        written again anyway are compared after that."""
        keys = {key for (_room, key), seat in seats.items() if seat}
        if keys:
            names = await self._threads.run(store.names_of, self._origin, keys)
            waiting = {key for _room, key in self._news.seats}
            self._on_names({key: name for key, name in names.items() if key not in waiting})

    # --- Renewing ---

    async def _renew_often(self) -> None:
        while True:
            is_well = not self._is_enrolled or await self._renew()
            await asyncio.sleep(RENEW_INTERVAL if is_well else RETRY_PAUSE)

    async def _renew(self) -> bool:
        """False when the database is away."""
        with surviving("Our lease could not be renewed"):
            if not await self._threads.run(store.renew, self._origin):
                self._write_soon()
            return True
        return False


def _by_room(seats: Mapping[Place, Seat | None]) -> dict[str, RoomNews]:
    rooms: dict[str, RoomNews] = {}
    for (room_key, key), seat in seats.items():
        room = rooms.setdefault(room_key, RoomNews([], []))
        if seat:
            room.joined.append(seat.person)
        else:
            room.left.append(key)
    return rooms
