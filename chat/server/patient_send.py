"""Sends what streams no faster than it is read, and ends the connection of a reader who takes nothing."""

import asyncio
from collections.abc import Awaitable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from ..realtime.transports import Send, descriptor_of, held_back

STALL_TIMEOUT: Final = 30.0  # seconds a reader may take nothing


class Stalled(Exception):
    """The reader has taken nothing for too long."""


class Pipe(Protocol):
    """A server's transport behind its `send`."""

    def ready(self) -> Awaitable[object]:
        """Done when it holds back little. (daphne's `send` never waits.)"""

    def backlog(self) -> int: ...  # bytes
    def abort(self) -> None: ...
    def close(self) -> None:
        """No more is sent."""


class DaphnePipe:
    """Twisted's transport tells the producer of a response when it holds back more than 64 KiB, and when all
    of that is written."""

    def __init__(self, request: Any) -> None:
        self._request, self._channel = request, request.channel
        self._transport = request.channel.transport
        self._is_ready = asyncio.Event()
        self.resumeProducing()
        request.registerProducer(self, True)
        self._is_open = True

    def ready(self) -> Awaitable[object]:
        return self._is_ready.wait()

    def backlog(self) -> int:
        return held_back(descriptor_of(self._transport))

    def abort(self) -> None:
        self._transport.abortConnection()

    def close(self) -> None:
        if self._is_open:
            self._is_open, self._request.producer = False, None
            self._channel.unregisterProducer()

    def pauseProducing(self) -> None:  # noqa: N802  Twisted's names
        self._is_ready.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._is_ready.set()

    stopProducing = resumeProducing  # noqa: N815


class UvicornPipe:
    def __init__(self, cycle: Any) -> None:
        self._flow, self._transport = cycle.flow, cycle.transport

    def ready(self) -> Awaitable[object]:
        return self._flow.drain()  # type: ignore[no-any-return]

    def backlog(self) -> int:
        return self._transport.get_write_buffer_size()  # type: ignore[no-any-return]

    def abort(self) -> None:
        self._transport.abort()

    def close(self) -> None:
        pass


def _pipe(send: Send) -> Pipe | None:
    """None for another server, and where the connection is lost."""
    if isinstance(send, partial) and send.args and getattr(send.args[0], "channel", None):
        return DaphnePipe(send.args[0])
    owner = getattr(send, "__self__", None)
    return UvicornPipe(owner) if hasattr(owner, "flow") else None


class PatientSend:
    """The `send` of one response that streams. `send` is a server's own, not one that is wrapped."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._pipe = _pipe(send)

    async def __call__(self, message: Mapping[str, Any]) -> None:
        """Wait until the transport holds back little, then send. Raises Stalled."""
        if self._pipe:
            await self._wait(self._pipe)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._pipe.close()
        await self._send(dict(message))

    async def _wait(self, pipe: Pipe) -> None:
        before = pipe.backlog()
        while True:
            try:
                async with asyncio.timeout(STALL_TIMEOUT):
                    await pipe.ready()
                return
            except TimeoutError:
                if (left := pipe.backlog()) >= before:
                    raise Stalled from None
                before = left

    def close(self, *, abort: bool) -> None:
        """`abort`: end the connection, for the response cannot be completed."""
        if self._pipe:
            self._pipe.close()
            if abort:
                self._pipe.abort()
