"""Limits how often something is done: the first request at once, later ones together after an interval."""

import asyncio
from collections.abc import Awaitable, Callable

from .background import surviving


class Throttle:
    """Calls `act` at the end of the loop's turn in which it was requested, then not again before the interval
    is over: what is requested meanwhile is one call, at its end."""

    def __init__(self, act: Callable[[], None], interval: float) -> None:
        self.interval = interval  # seconds
        self._act = act
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0.0

    def soon(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_at(max(self._next, self._loop.time()), self._now)

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _now(self) -> None:
        self._timer = None
        self._act()
        self._next = self._loop.time() + self.interval


class ThrottledTask:
    """The same for a coroutine: it never runs twice at once, and without a request there is no task. When it
    raises, it is tried again."""

    def __init__(self, work: Callable[[], Awaitable[None]], interval: float) -> None:
        self._work = work
        self._interval = interval
        self._loop = asyncio.get_running_loop()
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    def soon(self) -> None:
        self._wanted = True
        if self._task is None:
            self._task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                until = self._loop.time() + self._interval
                is_done = False
                with surviving(f"{self._work.__qualname__} failed"):
                    await self._work()
                    is_done = True
                self._wanted |= not is_done
                await asyncio.sleep(max(0.0, until - self._loop.time()))
        finally:
            self._task = None

    def stop(self) -> None:
        """Give up what has begun."""
        self._wanted = False
        if self._task:
            self._task.cancel()
