"""Hostile clients over raw connections, and what they cost the server."""

import base64
import contextlib
import os
import socket
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from urllib.parse import quote

from .servers import ServerProcess


def memory(server: ServerProcess) -> int:
    """What the process holds, in bytes."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def connection(server: ServerProcess, source: str = "127.0.0.1") -> socket.socket:
    """A connection from an address of this machine; each of its operations may take 20 s."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=20, source_address=(source, 0))


def send_all(wire: socket.socket, pieces: Iterable[bytes]) -> int:
    """Send until the server has cut us off; gives how many bytes it took."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        for piece in pieces:
            wire.sendall(piece)
            sent += len(piece)
    return sent


def read_all(wire: socket.socket) -> bytes:
    """Everything up to the end of the connection."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        while part := wire.recv(65536):
            heard += part
    return heard


def read_to_its_end(wire: socket.socket) -> bytes:
    """The same of a connection that the server ends in order. Raises ConnectionError if it is reset."""
    return b"".join(iter(partial(wire.recv, 65536), b""))


def read_until(wire: socket.socket, end: bytes, at_a_time: int = 65536) -> bytes:
    """Everything up to `end`, and what came together with it."""
    heard = b""
    while end not in heard:
        part = wire.recv(at_a_time)
        assert part, f"the connection ended after {heard!r}"
        heard += part
    return heard


def temporary_bytes(server: ServerProcess) -> int:
    """The size of the files that the process has open and that have no name (any more)."""
    total = 0
    for descriptor in Path(f"/proc/{server.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            if str(descriptor.readlink()).endswith("(deleted)"):
                total += descriptor.stat().st_size
    return total


# --- A WebSocket, frame by frame ---

TEXT, CONTINUATION, CLOSE, PING, PONG = 1, 0, 8, 9, 10


def open_socket(server: ServerProcess, room: str, source: str = "127.0.0.1") -> socket.socket:
    """The connection of a socket that is open; what the server says after the handshake is not read yet."""
    wire = connection(server, source)
    key = base64.b64encode(os.urandom(16)).decode()
    wire.sendall(
        f"GET /ws/chat/{quote(room)}/ HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    answer = read_until(wire, b"\r\n\r\n", at_a_time=1)
    assert b" 101 " in answer, answer
    return wire


def frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """As a client sends it, masked with zeros."""
    first, size = opcode | (0x80 if final else 0), len(payload)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 65536:
        head = bytes((first, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 0xFF)) + size.to_bytes(8, "big")
    return head + bytes(4) + payload


def close_frame(code: int) -> bytes:
    """As a server sends it."""
    return bytes((0x80 | CLOSE, 2)) + code.to_bytes(2, "big")
