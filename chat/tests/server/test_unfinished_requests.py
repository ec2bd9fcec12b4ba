"""Unfinished requests and too many connections of an address leave room for others."""

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from ..conftest import MakeSite
from ..harness.hostile import connection, open_socket, read_all, read_until
from ..harness.servers import Daphne
from ..harness.slow import thin_line
from ..harness.static_files import static_url

GET = b"GET /chat/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
UNFINISHED = {
    "a request line": b"GET /chat/ HT",
    "headers": b"GET /chat/ HTTP/1.1\r\nHost: localhost\r\n",
    "a body": b"POST /chat/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n",
    "a handshake": b"GET /ws/chat/tea/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n",
}


@pytest.fixture(scope="module")
def hasty(new_sqlite_site: MakeSite) -> Iterator[Daphne]:
    """Gives a request two seconds."""
    site = new_sqlite_site(CONSTANTS="chat.server.daphne_connections.REQUEST_TIMEOUT=2.0")
    yield site.daphne()
    site.close()


@pytest.mark.parametrize("begun", UNFINISHED)
def test_a_request_that_comes_byte_by_byte_loses_its_connection(hasty: Daphne, begun: str) -> None:
    with contextlib.closing(connection(hasty)) as wire:
        wire.sendall(UNFINISHED[begun])
        wire.settimeout(0.1)
        deadline = time.monotonic() + 40
        while not is_cut_off(wire):
            assert time.monotonic() < deadline
            with contextlib.suppress(ConnectionError):
                wire.sendall(b"x")


def test_a_connection_that_asks_nothing_more_is_ended(hasty: Daphne) -> None:
    with contextlib.closing(connection(hasty)) as wire:
        for _ in range(3):
            wire.sendall(GET)
            assert b" 200 " in read_until(wire, b"</html>")
        assert read_all(wire) == b""


@pytest.mark.waits
def test_a_client_that_asks_for_pages_without_reading_loses_its_connection(lobby: Daphne) -> None:
    """Answers would pile up in memory: little of them fits into small buffers."""
    with contextlib.closing(thin_line()) as wire:
        wire.connect(("127.0.0.1", lobby.port))
        with contextlib.suppress(ConnectionError):
            wire.sendall(GET * 200)
        wait_for_the_end_of(lobby, f"127.0.0.1:{wire.getsockname()[1]} ")
        assert read_all(wire).count(b"HTTP/1.1 ") < 200


def wait_for_the_end_of(server: Daphne, client: str) -> None:
    """Until the server has written to its log about this client, and then nothing for three seconds."""
    lines, since = 0, time.monotonic()
    while not lines or time.monotonic() - since < 3:
        time.sleep(0.1)
        if (now := server.log().count(client)) > lines:
            lines, since = now, time.monotonic()


def test_a_client_that_asks_for_static_files_at_once_gets_each_when_it_has_read_the_one_before(
    lobby: Daphne,
) -> None:
    asked = f"GET {static_url('admin/js/vendor/jquery/jquery.js')} HTTP/1.1\r\nHost: localhost\r\n"
    with contextlib.closing(thin_line()) as wire:
        wire.connect(("127.0.0.1", lobby.port))
        wire.sendall(f"{asked}\r\n".encode() * 9 + f"{asked}Connection: close\r\n\r\n".encode())
        assert read_all(wire).count(b"HTTP/1.1 200 ") == 10


def is_cut_off(wire: socket.socket) -> bool:
    try:
        return wire.recv(65536) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_an_address_has_a_limited_number_of_connections_and_each_end_frees_one(make_site: MakeSite) -> None:
    patient = "chat.server.daphne_connections.REQUEST_TIMEOUT=600"
    server = make_site(RATE_LIMITS="on", SOCKETS_PER_ADDRESS="5", CONSTANTS=patient).daphne()
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(contextlib.closing(open_socket(server, "tea")))]
        held += [stack.enter_context(contextlib.closing(one_that_is_answered(server))) for _ in range(9)]
        for _ in range(3):
            assert answered(server) is None
        with contextlib.closing(connection(server, "127.0.0.2")) as other:
            other.sendall(GET)
            assert b" 200 " in read_until(other, b"</html>")
        for ended in held[:2]:
            ended.close()
            held.append(stack.enter_context(contextlib.closing(one_that_is_answered(server))))
    server.assert_no_traceback()


def answered(server: Daphne) -> socket.socket | None:
    """A connection that has had an answer; None if it was cut off, perhaps before it was made."""
    wire = None
    with contextlib.suppress(ConnectionError):
        wire = connection(server)
        wire.sendall(GET)
        if wire.recv(65536):
            return wire
    if wire:
        wire.close()
    return None


def one_that_is_answered(server: Daphne) -> socket.socket:
    """A connection that stays open; at the latest when the server has noticed the end of those before."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        if wire := answered(server):
            return wire
    raise AssertionError("no room for another connection")
