"""What the people whose sockets connect are: many at once cost a few queries."""

import asyncio
from typing import Final

from ..database.threads import DatabaseThreads
from ..infra.background import surviving
from .lookup import Arrival, Asked, look_up

PATIENCE: Final = 2.0  # seconds


class Arrivals:
    def __init__(self, threads: DatabaseThreads) -> None:
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Asked, asyncio.Future[Arrival | None]]] = []
        self._task: asyncio.Task[None] | None = None

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
        """One look at a time: who comes meanwhile is in the next one, which begins when this one ends."""
        while waiting := [(asked, future) for asked, future in self._waiting if not future.done()]:
            self._waiting = []
            found: list[Arrival | None] = [None] * len(waiting)
            with surviving("Arrivals could not be looked up"):
                found = [*await self._threads.run(look_up, [asked for asked, _future in waiting])]
            for (_asked, future), arrival in zip(waiting, found, strict=True):
                if not future.done():
                    future.set_result(arrival)
        self._waiting = []
        self._task = None
