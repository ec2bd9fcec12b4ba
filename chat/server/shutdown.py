"""On SIGTERM the process commits what waits and closes every socket with 4012 before the server ends.

Servers cut connections on SIGTERM (daphne cancels the applications and drops TCP). So our handler replaces
theirs and calls it when all sockets are closed.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Final

logger = logging.getLogger(__name__)

DRAIN_TIMEOUT: Final = 8.0  # seconds


def drain_on_sigterm(loop: asyncio.AbstractEventLoop, drain: Callable[[], Awaitable[None]]) -> None:
    """Run `drain` on SIGTERM, for 8 s at most, then the handler that was set before. Does nothing where none
    was set, or outside the main thread (the development server's reloader runs the site in another)."""
    server_handler = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or not callable(server_handler):
        return
    handler: Callable[[int, Any], Any] = server_handler

    async def drain_then_exit() -> None:
        try:
            async with asyncio.timeout(DRAIN_TIMEOUT):
                await drain()
        except TimeoutError:
            logger.warning("Not every socket was closed in time")
        finally:
            handler(signal.SIGTERM, None)

    def on_signal() -> None:
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, handler)  # a second SIGTERM does not wait
        tasks.append(loop.create_task(drain_then_exit()))

    tasks: list[asyncio.Task[None]] = []
    loop.add_signal_handler(signal.SIGTERM, on_signal)
