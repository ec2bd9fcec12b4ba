"""What strangers do to a server, over raw connections, and what it costs the server."""

import contextlib
import socket
from collections.abc import Iterable
from pathlib import Path

from .servers import ServerProcess


def memory(server: ServerProcess) -> int:
    """What the process holds, in bytes."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def connection(server: ServerProcess, source: str = "127.0.0.1") -> socket.socket:
    """A connection from an address of this machine; waits 20 s at most for whatever it does."""
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


def temporary_bytes(server: ServerProcess) -> int:
    """The size of the files that the process has open and that have no name (any more)."""
    total = 0
    for descriptor in Path(f"/proc/{server.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            if str(descriptor.readlink()).endswith("(deleted)"):
                total += descriptor.stat().st_size
    return total
