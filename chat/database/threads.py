"""Threads that ask the database for the event loop, each with a connection of its own.

The threads are daemons: a database that does not answer does not delay the process's exit. (Django's
`database_sync_to_async` runs on one thread for the whole process: a lock there would freeze every socket.)
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

from django.db import connection

P = ParamSpec("P")
R = TypeVar("R")
Job = tuple[Future[Any], Callable[[], Any]]


def recycle_connection() -> None:
    """Close this thread's connection if it failed or is too old; the next query opens a new one."""
    connection.close_if_unusable_or_obsolete()


class DatabaseThreads(Executor):
    """So many threads, started with the first job. A job that is cancelled while it waits is not run."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._threads: list[threading.Thread] = []

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The function's result or exception; it runs on one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self, partial(function, *args, **kwargs))

    def submit(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        future: Future[R] = Future()
        self._jobs.put((future, partial(function, *args, **kwargs)))
        with self._starting:
            if len(self._threads) < self._count:
                self._start()
        return future

    def stop(self) -> None:
        """After what has been asked for so far."""
        for _ in self._threads:
            self._jobs.put(None)

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while job := self._jobs.get():
            future, call = job
            if future.set_running_or_notify_cancel():
                try:
                    recycle_connection()
                    result = call()
                except BaseException as error:
                    future.set_exception(error)
                else:
                    future.set_result(result)
                    del result
            del job, future, call
        connection.close()
