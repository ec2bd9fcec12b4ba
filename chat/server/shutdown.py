"""A restart that loses nobody: SIGTERM first commits what waits and closes every socket with 4012.

Servers cut connections on SIGTERM (daphne cancels the applications and drops TCP), so our handler stands
in front of theirs and calls it when the house is empty.
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
    """Run `drain` on SIGTERM, then the handler that was there before. Does nothing outside the main thread
    (where the development server's reloader runs the site) or without a handler to put off."""
    server_handler = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or not callable(server_handler):
        return
    handler: Callable[[int, Any], Any] = server_handler

    async def leave() -> None:
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
        tasks.append(loop.create_task(leave()))

    tasks: list[asyncio.Task[None]] = []
    loop.add_signal_handler(signal.SIGTERM, on_signal)
