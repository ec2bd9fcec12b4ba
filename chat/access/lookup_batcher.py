"""Lookups of many sockets that connect at once, in a few database queries."""

import asyncio
from typing import Final

from ..database.threads import DatabaseThreads
from ..infra.background import surviving
from .lookup import AccessQuery, AccessResult, look_up

LOOKUP_TIMEOUT: Final = 2.0  # seconds


class LookupBatcher:
    def __init__(self, threads: DatabaseThreads) -> None:
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[AccessQuery, asyncio.Future[AccessResult | None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def look_up(self, query: AccessQuery) -> AccessResult | None:
        """The result of one query; None when the database does not answer within 2 s."""
        future: asyncio.Future[AccessResult | None] = self._loop.create_future()
        self._waiting.append((query, future))
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())
        try:
            async with asyncio.timeout(LOOKUP_TIMEOUT):
                return await future
        except TimeoutError:
            return None

    async def _run(self) -> None:
        """One batch at a time: what is asked meanwhile is in the next, which begins when this ends."""
        while waiting := [(query, future) for query, future in self._waiting if not future.done()]:
            self._waiting = []
            found: list[AccessResult | None] = [None] * len(waiting)
            with surviving("Permissions could not be looked up"):
                found = [*await self._threads.run(look_up, [query for query, _future in waiting])]
            for (_query, future), result in zip(waiting, found, strict=True):
                if not future.done():
                    future.set_result(result)
        self._waiting = []
        self._task = None
