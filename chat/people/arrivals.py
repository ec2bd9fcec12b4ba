"""What the people whose sockets connect are, and the rules of the rooms: many at once cost a few queries."""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

from django.db import DatabaseError, InterfaceError

from ..access import may_enter
from ..database_threads import DatabaseThreads
from ..logs import database_outage
from ..models import Room
from ..protocol import RoomState
from ..reads import room_state
from .standings import Arrival, Asked, look_up

INTERVAL: Final = 0.05  # seconds from one look to the next; the first is at once
CROWD: Final = 20  # people in one look, as after a restart:
CROWD_INTERVAL: Final = 0.2  # so long the next ones wait
PATIENCE: Final = 2.0  # seconds


class Entrance(NamedTuple):
    """Somebody at the door of a room. `room` None: nobody has said anything there yet."""

    arrival: Arrival
    room: RoomState | None

    @property
    def is_open(self) -> bool:
        return may_enter(self.room, self.arrival.standing)

    @property
    def access(self) -> int:
        """The revision of the rules under which the person was looked up, or an earlier one."""
        return self.room.access if self.room else 0


class Arrivals:
    def __init__(self, threads: DatabaseThreads) -> None:
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Asked, asyncio.Future[Entrance | None]]] = []
        self._task: asyncio.Task[None] | None = None
        self._next = 0.0

    async def of(self, asked: Asked) -> Entrance | None:
        """Who that is and may be; None when the database does not answer within 2 s."""
        future: asyncio.Future[Entrance | None] = self._loop.create_future()
        self._waiting.append((asked, future))
        if self._task is None:
            self._task = asyncio.ensure_future(self._look())
        try:
            async with asyncio.timeout(PATIENCE):
                return await future
        except TimeoutError:
            return None

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(max(0.0, self._next - self._loop.time()))
            waiting, self._waiting = self._waiting, []
            interval = INTERVAL if len(waiting) < CROWD else CROWD_INTERVAL
            self._next = self._loop.time() + interval
            found: list[Entrance | None] = [None] * len(waiting)
            try:
                found = [*await self._threads.run(look_at_doors, [asked for asked, _future in waiting])]
            except (DatabaseError, InterfaceError) as error:
                database_outage.warning("Arrivals could not be looked up: %s", str(error).strip())
            for (_asked, future), entrance in zip(waiting, found, strict=True):
                if not future.done():
                    future.set_result(entrance)
        self._task = None


def look_at_doors(asked: Sequence[Asked]) -> list[Entrance]:
    """The rules are read first: what people are is never older than they."""
    rows = Room.objects.filter(key__in={one.room_key for one in asked})
    rooms = {row.key: room_state(row) for row in rows}
    arrivals = look_up(asked)
    return [Entrance(a, rooms.get(one.room_key)) for one, a in zip(asked, arrivals, strict=True)]
