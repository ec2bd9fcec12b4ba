"""Requests with large or unfinished bodies."""

import contextlib
from collections.abc import Callable, Iterator

from .hostile import connection, memory, read_all, send_all, temporary_bytes
from .servers import ServerProcess

PATHS = ["/chat/", "/chat/tea/", "/nowhere/", "/admin/login/", "/static/chat/js/main.js", "/ws/chat/tea/"]
PIECE = 65_536

Framing = Callable[[int], tuple[bytes, Iterator[bytes]]]


def declared(size: int) -> tuple[bytes, Iterator[bytes]]:
    """The header that announces a body, and the body in pieces; `size` is a multiple of PIECE."""
    return b"Content-Length: %d" % size, (b"x" * PIECE for _ in range(size // PIECE))


def chunked(size: int) -> tuple[bytes, Iterator[bytes]]:
    """The same without a word of its length, and without an end."""
    pieces = (b"%x\r\n%s\r\n" % (PIECE, b"x" * PIECE) for _ in range(size // PIECE))
    return b"Transfer-Encoding: chunked", pieces


FRAMINGS: list[Framing] = [declared, chunked]


def head(path: str, *headers: bytes) -> bytes:
    return b"\r\n".join([b"POST %s HTTP/1.1" % path.encode(), b"Host: localhost", *headers, b"\r\n"])


def first_line(answer: bytes) -> bytes:
    return answer.partition(b"\r\n")[0]


def assert_refused(server: ServerProcess, path: str, framing: Framing, size: int) -> None:
    """Pushes the body against the server: at most 20 MB of memory and nothing on disk, whoever looks when."""
    before = memory(server)
    most = disk = 0

    def watched(pieces: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal most, disk
        for piece in pieces:
            yield piece
            most = max(most, memory(server))
            disk = max(disk, temporary_bytes(server))

    header, pieces = framing(size)
    with contextlib.closing(connection(server)) as wire:
        wire.sendall(head(path, header))
        send_all(wire, watched(pieces))
        answer = read_all(wire)
    assert not answer or b" 413 " in first_line(answer), (path, answer[:200])
    assert most - before < 20_000_000, path
    assert disk == 0, path
