"""One socket of the load generator: opens, then counts; a sampled one also reads the time stamps."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Final

from .dialects import Dialect, stamps_in
from .wire import CLOSE, PING, PONG, Frames, client_frame

OPENED: Final = b"HTTP/1.1 101"


def microseconds() -> int:
    """On the clock that stamps and readings share."""
    return time.monotonic_ns() // 1000


class Sample:
    """What a sampled socket saw: the delay of each message, and which message it was."""

    def __init__(self, marker: bytes) -> None:
        self._stamps: re.Pattern[bytes] = stamps_in(marker)
        self.delays: list[int] = []  # microseconds
        self.numbers: list[int] = []

    def take(self, payload: bytes) -> None:
        now = microseconds()
        for stamp, number in self._stamps.findall(payload):
            self.delays.append(now - int(stamp))
            self.numbers.append(int(number))

    def clear(self) -> None:
        self.delays, self.numbers = [], []


class Socket(asyncio.Protocol):
    """`ready` is done when the server has let it into the room; `on_text` gets its text frames after that."""

    def __init__(self, dialect: Dialect, request: bytes, marker: bytes = b"") -> None:
        self.dialect = dialect
        self.frames = Frames(marker or dialect.marker)
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_text: Callable[[bytes], None] | None = None
        self.on_count: Callable[[int], None] | None = None
        self.transport: asyncio.Transport
        self.close_code = 0
        self.lost = False
        self._request = request
        self._answer = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self.transport = transport  # type: ignore[assignment]
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._open:
            data = self._handshake(data)
            if not data:
                return
        frames = self.frames
        before = frames.count
        for first, payload in frames.feed(data):
            self._frame(first, payload)
        if self.on_count and frames.count > before:
            self.on_count(frames.count - before)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("the server ended the connection before it was ready"))

    def _handshake(self, data: bytes) -> bytes:
        self._answer += data
        head, end, rest = self._answer.partition(b"\r\n\r\n")
        if not end:
            return b""
        if not head.startswith(OPENED):
            if not self.ready.done():
                self.ready.set_exception(ConnectionError(head[:200].decode(errors="replace")))
            self.transport.abort()
            return b""
        self._open = True
        if self.dialect.ready_when_open:
            self._become_ready()
        return rest

    def _frame(self, first: int, payload: bytes) -> None:
        if first == PING:
            self.transport.write(client_frame(payload, PONG))
        elif first == CLOSE:
            self.close_code = int.from_bytes(payload[:2], "big")
            self.transport.close()
        elif not self.ready.done():
            answer, ready = self.dialect.greet(payload)
            if answer:
                self.transport.write(answer)
            if ready:
                self._become_ready()
        elif len(payload) == 1:
            self.transport.write(self.dialect.heartbeat(payload))
        elif self.on_text:
            self.on_text(payload)

    def _become_ready(self) -> None:
        self.frames.wanted = self.on_text is not None
        if not self.ready.done():
            self.ready.set_result(None)

    def read(self, on_text: Callable[[bytes], None]) -> None:
        """From now on hand every text frame to `on_text`."""
        self.on_text = on_text
        self.frames.wanted = True

    def say(self, text: str) -> None:
        """A socket that the server has dropped says nothing: its message counts as one that never arrived."""
        if not self.lost:
            self.transport.write(self.dialect.post(text))
