"""The search index follows what people write: one process of the site indexes, whichever is there."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from ..database.threads import DatabaseThreads
from ..infra.background import surviving
from ..models import ScheduledTask, SearchPending
from ..search import indexer

INTERVAL: Final = 1.0  # seconds between two looks for something to index
TERM: Final = timedelta(seconds=10)  # for which one process does it, by the database's clock
PAUSE: Final = 8  # times as long as a step took: people need the processor


class Indexing:
    """Looks every second. While `is_busy` says that much waits to be written, it waits as well: what is not
    indexed is found all the same."""

    def __init__(self, threads: DatabaseThreads, is_busy: Callable[[], bool]) -> None:
        self._threads = threads
        self._is_busy = is_busy
        self._until = 0.0
        """When our term ends."""
        self._task = asyncio.ensure_future(self._run())

    def stop(self) -> None:
        """The process is about to end. Another one goes on."""
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            with surviving("Messages could not be indexed for search"):
                while not self._is_busy() and await self._index_some():
                    pass

    async def _index_some(self) -> bool:
        """A step and the pause after it. False: there is little left to index, or another process does it."""
        if not await self._threads.run(self._is_our_turn):
            return False
        began = time.monotonic()
        count = await self._threads.run(indexer.index_step)
        await asyncio.sleep(PAUSE * (time.monotonic() - began))
        return count == indexer.STEP

    def _is_our_turn(self) -> bool:
        if time.monotonic() < self._until:
            return True
        if not SearchPending.objects.exists() or not ScheduledTask.objects.claim("index_messages", TERM):
            return False
        self._until = time.monotonic() + TERM.total_seconds()
        return True
