"""Two thousand requests that are begun and never finished, against a server with 1,024 file descriptors."""

import asyncio
import contextlib
import resource
import socket
from collections.abc import Iterator

import pytest

from ..conftest import MakeSite
from ..harness.hostile import TEXT, connection, frame, open_socket, read_until
from ..harness.servers import Daphne
from ..server.test_unfinished_requests import UNFINISHED
from .measuring import assert_at_most, p95_of, prompt_limit

GET = b"GET /chat/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class NarrowDaphne(Daphne):
    """Has few file descriptors."""

    def command(self) -> list[str]:
        return ["sh", "-c", 'ulimit -n 1024; exec "$0" "$@"', *super().command()]


@pytest.fixture
def many_files() -> Iterator[None]:
    """The test itself holds two thousand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
@pytest.mark.parametrize("begun", UNFINISHED)
async def test_others_are_served_while_one_address_begins_two_thousand(
    make_site: MakeSite, room: str, begun: str
) -> None:
    with NarrowDaphne(make_site(RATE_LIMITS="on"), {}) as server:

        def ask_for_a_page() -> None:
            with contextlib.closing(connection(server, "127.0.0.2")) as wire:
                wire.sendall(GET)
                assert b" 200 " in read_until(wire, b"</html>")

        async def ask() -> None:
            await asyncio.to_thread(ask_for_a_page)

        limit = prompt_limit(await p95_of(ask))
        with contextlib.ExitStack() as stack:
            for _ in range(2_000):
                begin(stack, server, UNFINISHED[begun])
            await assert_at_most(limit, lambda: p95_of(ask), "a page beside half-sent requests, in seconds")
            with contextlib.closing(open_socket(server, room, "127.0.0.2")) as wire:
                wire.sendall(frame(TEXT, b'{"message":"hello"}'))
                read_until(wire, b'"message":"hello"')
        server.assert_no_traceback()


def begin(stack: contextlib.ExitStack, server: Daphne, request: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        wire: socket.socket = stack.enter_context(contextlib.closing(connection(server)))
        wire.sendall(request)
