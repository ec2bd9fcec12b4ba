"""A body over the limit is not read to its end, and costs no memory and no disk."""

import contextlib
import select
import time
from socket import socket

import pytest

from ..conftest import MakeSite
from ..harness.bodies import FRAMINGS, PATHS, Framing, assert_refused, chunked, first_line, head
from ..harness.hostile import connection, memory, read_all, send_all
from ..harness.servers import ServerProcess, Site

LIMIT = 1024 * 1024


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_body_over_the_limit_is_not_kept_wherever_it_is_sent(
    server: ServerProcess, framing: Framing
) -> None:
    for path in PATHS:
        assert_refused(server, path, framing, 3 * LIMIT)
    assert server.get("/chat/").status == 200
    server.assert_no_traceback()


@pytest.mark.parametrize("headers", [[], [b"Expect: 100-continue"]], ids=["", "expecting to be asked"])
def test_a_declared_body_is_refused_before_it_is_sent(server: ServerProcess, headers: list[bytes]) -> None:
    with contextlib.closing(connection(server)) as wire:
        wire.sendall(head("/chat/", b"Content-Length: %d" % (LIMIT + 1), *headers))
        answer = read_all(wire)
    assert b" 413 " in first_line(answer)
    assert answer.count(b"HTTP/1.1") == 1


def test_chunks_are_refused_as_soon_as_they_are_too_many(server: ServerProcess) -> None:
    header, pieces = chunked(LIMIT)
    with contextlib.closing(connection(server)) as wire:
        wire.sendall(head("/chat/", header))
        send_all(wire, pieces)
        wire.sendall(b"1\r\nx\r\n")
        assert b" 413 " in first_line(read_all(wire))


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_body_of_a_mebibyte_is_read(server: ServerProcess, framing: Framing) -> None:
    header, pieces = framing(LIMIT)
    with contextlib.closing(connection(server)) as wire:
        wire.sendall(head("/nowhere/", header, b"Connection: close"))
        send_all(wire, pieces)
        if framing is chunked:
            wire.sendall(b"0\r\n\r\n")
        assert b" 413 " not in (line := first_line(read_all(wire)))
        assert line


def test_bodies_that_are_never_finished_hold_little_and_leave_room_for_forms(site: Site) -> None:
    """Sixteen large ones are read at a time."""
    server = site.daphne()
    half = head("/nowhere/", b"Content-Length: %d" % LIMIT) + b"x" * (LIMIT // 2)
    before = memory(server)
    with contextlib.ExitStack() as stack:
        begun = [stack.enter_context(contextlib.closing(connection(server))) for _ in range(46)]
        for wire in begun:
            send_all(wire, [half])
        deadline = time.monotonic() + 40
        while len(answered := select.select(begun, [], [], 1)[0]) < 30:
            assert time.monotonic() < deadline, len(answered)
        assert len(answered) == 30
        assert memory(server) - before < 20_000_000
        assert posted(server, b"x" * 1000)
    deadline = time.monotonic() + 40
    while b" 404 " not in posted(server, b"x" * LIMIT) and time.monotonic() < deadline:
        pass
    assert b" 404 " in posted(server, b"x" * LIMIT)


def test_one_address_leaves_room_for_the_large_bodies_of_others(make_site: MakeSite) -> None:
    server = make_site(RATE_LIMITS="on").daphne()
    half = head("/nowhere/", b"Content-Length: %d" % LIMIT) + b"x" * (LIMIT // 2)
    with contextlib.ExitStack() as stack:
        begun = [stack.enter_context(contextlib.closing(connection(server))) for _ in range(20)]
        for wire in begun:
            send_all(wire, [half])
        refused: set[socket] = set()
        deadline = time.monotonic() + 40
        while len(refused) < 16:
            refused.update(select.select([wire for wire in begun if wire not in refused], [], [], 1)[0])
            assert time.monotonic() < deadline, len(refused)
        assert b" 404 " in posted(server, b"x" * LIMIT, "127.0.0.2")


def posted(server: ServerProcess, body: bytes, source: str = "127.0.0.1") -> bytes:
    """The first line of the answer; empty when the connection was cut before it came."""
    with contextlib.closing(connection(server, source)) as wire:
        send_all(wire, [head("/nowhere/", b"Content-Length: %d" % len(body), b"Connection: close"), body])
        return first_line(read_all(wire))
