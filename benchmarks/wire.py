"""WebSocket frames as a client needs them (RFC 6455), in as few operations as Python allows. Pure."""

import base64
import os
from typing import Final

TEXT: Final = 0x81  # FIN and opcode 1
CLOSE: Final = 0x88
PING: Final = 0x89
PONG: Final = 0x8A

_NO_MASK: Final = bytes(4)


def client_frame(payload: bytes, first: int = TEXT) -> bytes:
    """A client's frame. Its mask is all zeros, which is allowed and leaves the payload as it is."""
    size = len(payload)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 65536:
        head = bytes((first, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 0xFF)) + size.to_bytes(8, "big")
    return head + _NO_MASK + payload


def handshake(port: int, path: str, subprotocol: str = "", cookie: str = "") -> bytes:
    """The request that opens a WebSocket on this machine."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        *([f"Sec-WebSocket-Protocol: {subprotocol}"] if subprotocol else []),
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Frames:
    """Where the frames of a stream of chunks begin and end, and how often a marker stands in them.

    The marker is counted over whole chunks, so a frame costs the reading of its head, and one with a hundred
    messages no more than one with one. The text of frames is cut out only while `wanted` is set.
    """

    __slots__ = ("_border", "_head", "_marker", "_partial", "_skip", "_tail", "count", "frames", "wanted")

    def __init__(self, marker: bytes) -> None:
        self.count = 0
        """How often the marker was seen."""
        self.frames = 0
        """Text frames that began."""
        self.wanted = True
        self._marker = marker
        self._border = len(marker) - 1
        self._skip = 0  # bytes of the current frame that are still to come
        self._head = b""  # a frame's head that a chunk cut off
        self._tail = b""  # the end of a chunk that ended inside a frame
        self._partial = b""  # the frame's text so far

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Take a chunk; gives the whole frames that ended in it: the wanted, and all that are no text."""
        if self._head:
            data, self._head = self._head + data, b""
        self.count += data.count(self._marker)
        if self._tail:
            self.count += (self._tail + data[: self._border]).count(self._marker)
        size, at = len(data), self._skip
        ended: list[tuple[int, bytes]] = []
        if at and self._partial:
            self._partial += data[:at]
            if at <= size:
                ended.append((self._partial[0], self._partial[1:]))
                self._partial = b""
        while at < size:
            body = self._body(data, at, size)
            if body is None:
                self._head, self._tail, self._skip = data[at:], b"", 0
                return ended
            first, end = data[at], body[1]
            if first == TEXT:
                self.frames += 1
            if self.wanted or first != TEXT or end - body[0] < 2:
                if end <= size:
                    ended.append((first, data[body[0] : end]))
                else:
                    self._partial = data[at : at + 1] + data[body[0] :]
            at = end
        self._skip = at - size
        self._tail = (self._tail + data[-self._border :])[-self._border :] if self._skip else b""
        return ended

    @staticmethod
    def _body(data: bytes, at: int, size: int) -> tuple[int, int] | None:
        """Where the payload begins and ends; None when the head is not whole."""
        if at + 2 > size:
            return None
        length, start = data[at + 1], at + 2
        if length == 126:
            start = at + 4
            length = int.from_bytes(data[at + 2 : start], "big")
        elif length == 127:
            start = at + 10
            length = int.from_bytes(data[at + 2 : start], "big")
        return (start, start + length) if start <= size else None
