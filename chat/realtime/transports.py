"""Writes frames to a server's transport, and reads how many bytes a slow peer holds back.

A feed never waits for a socket. Where the server is known, a frame is built once and its bytes go straight
to each transport, which also knows how much it still holds back; elsewhere frames queue behind `send`.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, Protocol

from twisted.protocols.policies import ProtocolWrapper

Send = Callable[[dict[str, Any]], Awaitable[None]]

TEXT_FRAME: Final = 0x81  # FIN and opcode 1 (RFC 6455, 5.2)


class Frames:
    """Text frames for many sockets: their payloads, and their bytes on the wire, made once."""

    __slots__ = ("_wire", "payloads")

    def __init__(self, *payloads: bytes) -> None:
        self.payloads = payloads
        self._wire: bytes | None = None

    @property
    def wire(self) -> bytes:
        if self._wire is None:  # a `cached_property` takes a lock for it
            self._wire = b"".join(map(_on_the_wire, self.payloads))
        return self._wire


def _on_the_wire(payload: bytes) -> bytes:
    """Unmasked, as a server sends it (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        head = bytes((TEXT_FRAME, size))
    elif size < 65536:
        head = bytes((TEXT_FRAME, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((TEXT_FRAME, 127)) + size.to_bytes(8, "big")
    return head + payload


class TransportWriter(Protocol):
    """Takes frames without ever waiting, and says how many bytes it holds back."""

    def offer(self, frames: Frames, most: float) -> bool:
        """Write them, unless more than `most` bytes are held back: then nothing is written."""
        ...

    def backlog(self) -> int: ...
    def abort(self) -> None: ...


def descriptor_of(transport: Any) -> Any:
    """What a Twisted transport writes to in the end: itself, or the connection that its TLS encrypts for."""
    return transport.transport if isinstance(transport, ProtocolWrapper) else transport


def held_back(descriptor: Any) -> int:
    """Bytes that Twisted could not write yet. It has no public name for them: a release that renames them
    fails the tests."""
    return len(descriptor.dataBuffer) - descriptor.offset + descriptor._tempDataLen  # type: ignore[no-any-return]


class DaphneWriter:
    """Twisted's transport: written to at once where nothing waits, which spares a turn of the reactor."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._transport = protocol.transport
        self._descriptor = descriptor_of(self._transport)
        # Under TLS nothing may be written past the transport: it would be plaintext.
        self._send_now = self._transport.socket.send if self._descriptor is self._transport else None

    def offer(self, frames: Frames, most: float) -> bool:
        held = held_back(self._descriptor)
        if held > most:
            return False
        protocol, wire = self._protocol, frames.wire
        if protocol.state != protocol.STATE_OPEN or not wire:
            return True
        if self._send_now and not held:
            try:
                sent = self._send_now(wire)
            except OSError:  # full, or the peer is gone: the reactor finds that out by itself
                sent = 0
            if sent == len(wire):
                return True
            wire = wire[sent:]
        self._transport.write(wire)
        return True

    def backlog(self) -> int:
        return held_back(self._descriptor)

    def abort(self) -> None:
        self._transport.abortConnection()


class UvicornWriter:
    """asyncio's transport under uvicorn's `websockets-sansio` protocol."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._transport = protocol.transport

    def offer(self, frames: Frames, most: float) -> bool:
        transport = self._transport
        if transport.get_write_buffer_size() > most:
            return False
        if not self._protocol.close_sent and not transport.is_closing():
            transport.write(frames.wire)
        return True

    def backlog(self) -> int:
        return self._transport.get_write_buffer_size()  # type: ignore[no-any-return]

    def abort(self) -> None:
        self._transport.abort()


class AsgiWriter:
    """For any other server: a queue behind `send`, emptied by a task while there is something in it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[bytes] = deque()
        self._size = 0
        self._task: asyncio.Task[None] | None = None

    def offer(self, frames: Frames, most: float) -> bool:
        if self._size > most:
            return False
        self._queue.extend(frames.payloads)
        self._size += sum(map(len, frames.payloads))
        if self._task is None:
            self._task = asyncio.ensure_future(self._drain())
        return True

    async def _drain(self) -> None:
        try:
            while self._queue:
                payload = self._queue.popleft()
                await self._send({"type": "websocket.send", "text": payload.decode()})
                self._size -= len(payload)
        except Exception:
            self._queue.clear()  # the peer is gone; the consumer is sent a disconnect
        finally:
            self._task = None

    def backlog(self) -> int:
        return self._size

    def abort(self) -> None:
        self._queue.clear()
        if self._task:
            self._task.cancel()


def writer_for(send: Send) -> TransportWriter:
    """The writer for a server's raw `send` (not one that a middleware has wrapped)."""
    if isinstance(send, partial) and send.args and hasattr(send.args[0], "sendClose"):
        return DaphneWriter(send.args[0])
    owner = getattr(send, "__self__", None)
    if hasattr(owner, "close_sent") and hasattr(getattr(owner, "transport", None), "get_write_buffer_size"):
        return UvicornWriter(owner)
    return AsgiWriter(send)
