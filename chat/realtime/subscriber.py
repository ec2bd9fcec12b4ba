"""One socket of a feed: what it is sent, how far it is behind, and how it is closed."""

import asyncio
from math import inf
from typing import Final, NamedTuple

from ..protocol import CloseCode
from .transports import Frames, Send, writer_for

HIGH_WATER: Final = 64 * 1024  # bytes held back from which on live frames wait in the replay buffer instead
LOW_WATER: Final = 16 * 1024  # bytes from which on a peer is sent what it missed
BACKLOG_MAX: Final = 1024 * 1024  # bytes: a peer that is further behind is dropped
CLOSE_TIMEOUT: Final = 5.0  # seconds a peer has to take its close frame


class Behind(NamedTuple):
    """Up to where a slow socket was sent everything, and since when (loop time) it was sent no more."""

    revision: int
    sequence: int
    since: float


class Subscriber:
    """One socket in a feed: how far it is behind, if it is, and the end of a peer that does not read."""

    __slots__ = ("_replies", "_send", "behind", "closing", "plain", "writer")

    def __init__(self, send: Send, *, plain: bool) -> None:
        self._send = send
        self._replies: list[bytes] = []
        self.writer = writer_for(send)
        self.plain = plain
        self.behind: Behind | None = None
        self.closing = False

    def offer(self, frames: Frames, most: float = HIGH_WATER) -> bool:
        """Send live frames; False, and nothing sent, when more than `most` bytes are held back."""
        if not self._replies:
            return self.writer.offer(frames, most)
        if self.writer.offer(Frames(*self._replies, *frames.payloads), most):
            self._replies = []
            return True
        return False

    def send(self, frames: Frames) -> None:
        """Send frames, however much is held back."""
        self.offer(frames, inf)

    def reply(self, payload: bytes) -> None:
        """Send an answer at the end of this turn of the loop, together with others and with live frames.
        A peer that asks on and does not read is dropped at 1 MiB."""
        if self.closing:
            return
        if self.writer.backlog() > BACKLOG_MAX:
            self.close(CloseCode.TOO_SLOW)
            return
        if not self._replies:
            asyncio.get_running_loop().call_soon(self._send_replies)
        self._replies.append(payload)

    def _send_replies(self) -> None:
        if self._replies:
            self.send(Frames())

    def close(self, code: CloseCode) -> None:
        """Send a close frame; the transport of a peer that does not take it within 5 s is aborted."""
        if not self.closing:
            self._send_replies()
            self.closing = True
            loop = asyncio.get_running_loop()
            task = loop.create_task(self._send_close(code))
            loop.call_later(CLOSE_TIMEOUT, self._cut, task)

    async def _send_close(self, code: CloseCode) -> None:
        try:
            await self._send({"type": "websocket.close", "code": int(code)})
        except Exception:
            self.writer.abort()

    def _cut(self, task: "asyncio.Task[None]") -> None:
        task.cancel()
        self.writer.abort()
