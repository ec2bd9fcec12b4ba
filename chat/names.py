"""The names of participants for sockets that connect: many at once cost one query."""

import asyncio
from typing import Final

from django.db import DatabaseError, InterfaceError

from . import reads
from .database_threads import DatabaseThreads
from .logs import database_outage

INTERVAL: Final = 0.25  # seconds from one query to the next; the first is asked at once
PATIENCE: Final = 2.0  # seconds


class Names:
    def __init__(self, threads: DatabaseThreads) -> None:
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._wanted: dict[str, asyncio.Future[str | None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._next = 0.0

    async def of(self, key: str) -> str | None:
        """The participant's name; None when there is no row yet, or the database does not answer in 2 s."""
        future = self._wanted.get(key)
        if future is None:
            future = self._wanted[key] = self._loop.create_future()
            if self._task is None:
                self._task = asyncio.ensure_future(self._ask())
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.shield(future)
        except TimeoutError:
            return None

    async def _ask(self) -> None:
        while self._wanted:
            await asyncio.sleep(max(0.0, self._next - self._loop.time()))
            self._next = self._loop.time() + INTERVAL
            wanted, self._wanted = self._wanted, {}
            found: dict[str, str] = {}
            try:
                found = await self._threads.run(reads.names, list(wanted))
            except (DatabaseError, InterfaceError) as error:
                database_outage.warning("Names could not be read: %s", str(error).strip())
            for key, future in wanted.items():
                if not future.done():
                    future.set_result(found.get(key))
        self._task = None
