"""A WebSocket client that keeps every frame, and the plain dialect on it."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

Frame = dict[str, Any]

FRAMES_KEPT = 5000
PATIENCE = 60.0  # seconds that a slow machine is given: who waits goes on as soon as it is so


class Client:
    """One socket and every frame that came over it."""

    subprotocols: tuple[Subprotocol, ...] = ()

    def __init__(
        self,
        url: str,
        *,
        cookies: Mapping[str, str] | None = None,
        origin: str | None = "http://localhost",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.url = url
        self.origin = origin
        self.headers = dict(headers or {})
        if cookies:
            self.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self.frames: deque[Frame] = deque(maxlen=FRAMES_KEPT)
        self.close_codes: list[int] = []
        self.connections = 0
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def open(self) -> None:
        await self._connect()
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        if self._socket:
            await self._socket.close()
        if self._reading:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading

    async def drop(self) -> None:
        """Cut the connection without a close frame, as a pulled cable does."""
        if self._socket:
            self._socket.transport.abort()
            await self._socket.wait_closed()

    @property
    def connected(self) -> bool:
        """Whether the socket is open and its end was not noticed."""
        return self._socket is not None and self._socket.close_code is None

    @property
    def close_code(self) -> int | None:
        """How the last connection ended; None while it is open."""
        return self._socket.close_code if self._socket else 1006

    @property
    def errors(self) -> list[Frame]:
        return [frame for frame in self.frames if "error" in frame or frame.get("type") == "error"]

    async def send_raw(self, data: str | bytes) -> None:
        """Send a frame just as it is: text, or binary for bytes."""
        assert self._socket
        await self._socket.send(data)

    async def send(self, frame: Frame) -> None:
        await self.send_raw(json.dumps(frame, ensure_ascii=False))

    async def wait_until(
        self, predicate: Callable[[Self], Any], timeout: float = PATIENCE, what: str = ""
    ) -> None:
        """Return as soon as the predicate holds. It is asked after each frame and each end of the socket."""
        try:
            async with asyncio.timeout(timeout):
                while not predicate(self):
                    self._failed()
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            last = "\n  ".join(str(frame)[:300] for frame in list(self.frames)[-8:])
            raise AssertionError(
                f"not within {timeout} s: {what or 'what was waited for'}\n{self}\nlast frames:\n  {last}"
            ) from None

    async def wait_closed(self, timeout: float = PATIENCE) -> int:
        """Wait for the end of the connection; gives its close code."""
        await self.wait_until(lambda client: not client.connected, timeout, "the end of the connection")
        await asyncio.sleep(0)
        return self.close_code or 1006

    def _failed(self) -> None:
        """An exception in the reader is the test's failure."""
        if self._reading and self._reading.done() and not self._reading.cancelled():
            self._reading.result()

    async def _connect(self) -> None:
        self._socket = await connect(
            self.url,
            origin=Origin(self.origin) if self.origin else None,
            subprotocols=self.subprotocols or None,
            additional_headers=self.headers,
            compression=None,
            proxy=None,
            ping_interval=None,
            max_size=None,
            open_timeout=PATIENCE,
            close_timeout=5,
        )
        self.connections += 1

    async def _read(self) -> None:
        await self._read_one_connection()

    async def _read_one_connection(self) -> None:
        assert self._socket
        try:
            async for text in self._socket:
                frame = json.loads(text)
                self.frames.append(frame)
                await self.received(frame)
                self._changed.set()
        except ConnectionClosed:
            pass
        finally:
            self.close_codes.append(int(self._socket.close_code or 1006))
            self._changed.set()

    async def received(self, frame: Frame) -> None:
        """What a dialect does with a frame."""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __str__(self) -> str:
        path = urlsplit(self.url).path
        return f"{type(self).__name__} {path} connections={self.connections} close_codes={self.close_codes}"


class PlainClient(Client):
    """Speaks as the tutorial's page does: no subprotocol."""

    async def say(self, text: str) -> None:
        await self.send({"message": text})

    @property
    def texts(self) -> list[str]:
        return [frame["message"] for frame in self.frames if "error" not in frame]
