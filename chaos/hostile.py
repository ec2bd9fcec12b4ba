"""Clients that mean no good, on bare sockets: they never read, or send what no browser sends."""

import asyncio
import base64
import contextlib
import json
import os
import socket
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from chat.tests.harness.hostile import CONTINUATION, PING, TEXT, frame

from .record import now

PAUSE: Final = 0.002  # seconds between two frames of a flood
FRAME_MAX: Final = 64 * 1024  # bytes that a frame may have


class Hostile:
    """A bare socket that shook hands."""

    def __init__(self, url: str, *, plain: bool = False, headers: Mapping[str, str] | None = None) -> None:
        parts = urlsplit(url)
        self._headers = headers or {}
        self._port = parts.port or 80
        self._path = parts.path
        self._plain = plain
        self._socket = socket.socket()

    async def connect(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, ("127.0.0.1", self._port))
        lines = [
            f"GET {self._path} HTTP/1.1",
            "Host: localhost",
            "Origin: http://localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in self._headers.items()),
            *([] if self._plain else ["Sec-WebSocket-Protocol: chat.v1"]),
        ]
        await self.send("\r\n".join([*lines, "\r\n"]).encode())
        async with asyncio.timeout(10):
            await loop.sock_recv(self._socket, 512)

    async def send(self, wire: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._socket, wire)

    def read_a_little(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._socket.recv(65536)

    def close(self) -> None:
        self._socket.close()


class SilentReader(Hostile):
    """Reads nothing after the handshake. One that talks asks for the history again and again."""

    def __init__(self, url: str, *, plain: bool, talks: bool) -> None:
        super().__init__(url, plain=plain)
        self._talks = talks

    def _words(self) -> bytes:
        if self._plain:
            return frame(TEXT, b'{"message": ""}')  # refused: an answer that it does not read
        return frame(TEXT, b'{"type": "history", "limit": 100}')

    async def stay(self, seconds: float) -> None:
        until = now() + seconds
        with contextlib.suppress(OSError, TimeoutError):
            while now() < until:
                if self._talks:
                    async with asyncio.timeout(until - now()):
                        await self.send(self._words())
                await asyncio.sleep(0.01)
        self.close()


class Flooder(Hostile):
    """`pings`: thousands of them. `fragments`: a message of empty pieces that never ends."""

    def __init__(self, url: str, kind: str) -> None:
        super().__init__(url)
        self._kind = kind

    async def flood(self, seconds: float) -> None:
        until = now() + seconds
        while now() < until:
            with contextlib.suppress(OSError, TimeoutError):
                await self._flood_once(until)
            await asyncio.sleep(0.05)

    async def _flood_once(self, until: float) -> None:
        self._socket = socket.socket()
        try:
            await self.connect()
            first = TEXT
            while now() < until:
                async with asyncio.timeout(until - now() + 0.01):
                    await self.send(self._some(first))
                first = CONTINUATION
                self.read_a_little()
                await asyncio.sleep(PAUSE)
        finally:
            self.close()

    def _some(self, first: int) -> bytes:
        if self._kind == "pings":
            return frame(PING, b"x" * 125) * 20
        return frame(first, b"", final=False) + frame(CONTINUATION, b"{", final=False) * 40


async def giant_frames(url: str) -> None:
    """One frame that is a byte too long, one of a megabyte, one beyond what the server reads."""
    for size in (FRAME_MAX + 1, 1_000_000, 3_000_000):
        client = Hostile(url)
        try:
            await client.connect()
            empty = json.dumps({"type": "post", "client_id": str(uuid4()), "message": ""})
            payload = empty.replace('""', '"' + "x" * (size - len(empty)) + '"').encode()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(5):
                    await client.send(frame(TEXT, payload))
        finally:
            client.close()
