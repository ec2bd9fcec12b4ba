"""Threads that ask the database for the event loop, each with a connection of its own.

The threads are daemons: one that hangs in a dead database does not hold up the process's exit. (Django's
`database_sync_to_async` runs on one thread for the whole process: a lock there would freeze every socket.)
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import connection

P = ParamSpec("P")
R = TypeVar("R")
Job = tuple[asyncio.Future[Any], Callable[[], Any]]


def recycle_connection() -> None:
    """Close this thread's connection if it failed or is too old; the next query opens a new one."""
    connection.close_if_unusable_or_obsolete()


class DatabaseThreads:
    def __init__(self, loop: asyncio.AbstractEventLoop, count: int, name: str) -> None:
        self._loop = loop
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The function's result or exception; it runs on one of the threads."""
        future: asyncio.Future[R] = self._loop.create_future()
        self._jobs.put((future, lambda: function(*args, **kwargs)))
        return await future

    def stop(self) -> None:
        for _ in self._threads:
            self._jobs.put(None)

    def _work(self) -> None:
        while job := self._jobs.get():
            future, call = job
            try:
                recycle_connection()
                settle: tuple[Callable[[asyncio.Future[Any], Any], None], Any] = (
                    _set_result,
                    call(),
                )
            except Exception as error:
                settle = (_set_exception, error)
            try:
                self._loop.call_soon_threadsafe(settle[0], future, settle[1])
            except RuntimeError:  # the loop is closed: nobody waits any more
                break
            del job, future, call, settle
        connection.close()


def _set_result(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _set_exception(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
