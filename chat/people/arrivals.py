"""What the people whose sockets connect are: many at once cost a few queries."""

import asyncio
from typing import Final

from django.db import DatabaseError, InterfaceError

from ..database_threads import DatabaseThreads
from ..logs import database_outage
from .standings import Arrival, Asked, look_up

INTERVAL: Final = 0.05  # seconds from one look to the next; the first is at once
CROWD: Final = 20  # people in one look, as after a restart:
CROWD_INTERVAL: Final = 0.2  # so long the next ones wait
PATIENCE: Final = 2.0  # seconds


class Arrivals:
    def __init__(self, threads: DatabaseThreads) -> None:
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Asked, asyncio.Future[Arrival | None]]] = []
        self._task: asyncio.Task[None] | None = None
        self._next = 0.0

    async def of(self, asked: Asked) -> Arrival | None:
        """Who that is and may be; None when the database does not answer within 2 s."""
        future: asyncio.Future[Arrival | None] = self._loop.create_future()
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
            found: list[Arrival | None] = [None] * len(waiting)
            try:
                found = [*await self._threads.run(look_up, [asked for asked, _future in waiting])]
            except (DatabaseError, InterfaceError) as error:
                database_outage.warning("Arrivals could not be looked up: %s", str(error).strip())
            for (_asked, future), arrival in zip(waiting, found, strict=True):
                if not future.done():
                    future.set_result(arrival)
        self._task = None
