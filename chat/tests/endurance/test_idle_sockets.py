"""Sockets on which nothing is said, and peers that vanished without a word."""

import asyncio
import contextlib
import time

import pytest

from chaos.proxy import Proxy

from ..harness.clients import ChatClient, PlainClient
from ..harness.servers import RedisServer, ServerProcess, Site
from ..harness.talk import never_left
from ..harness.watchers import Watcher
from ..realtime.test_transports import Start, both_servers

IDLE_LIMIT = 60.0  # seconds after which a proxy ends a connection on which nothing comes from one side
LONG = 600.0  # seconds
REAPED = 60.0  # seconds

pytestmark = pytest.mark.waits


class ImpatientProxy:
    """Ends connections as the proxies before a site do by default."""

    def __init__(self, server: ServerProcess) -> None:
        self._port = server.port
        self._links: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> int:
        """Its port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.current_task()
        assert link
        self._links.add(link)
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            with contextlib.suppress(TimeoutError, ExceptionGroup):
                async with asyncio.TaskGroup() as ways:
                    ways.create_task(self._carry(reader, to_server))
                    ways.create_task(self._carry(from_server, writer))
        finally:
            writer.transport.abort()
            to_server.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await asyncio.wait_for(reader.read(65536), IDLE_LIMIT):
            writer.write(chunk)
            await writer.drain()
        raise ConnectionError("the end of one way is the end of both")


async def test_an_idle_socket_lives_for_ten_minutes_behind_a_proxy_with_a_limit_of_60_seconds(
    redis_site: Site, redis_server: RedisServer
) -> None:
    one, other = redis_site.daphne(), redis_site.uvicorn()
    async with (
        ImpatientProxy(one) as port,
        ImpatientProxy(other) as other_port,
        ChatClient(f"ws://127.0.0.1:{port}/ws/chat/quiet/") as alice,
        PlainClient(f"ws://127.0.0.1:{other_port}/ws/chat/quiet/") as bob,
    ):
        await asyncio.sleep(LONG)
        assert never_left(alice, bob)
        await alice.post("still here?")
        await bob.wait_until(lambda bob: bob.texts == ["still here?"])
    for server in (one, other):
        assert "WARNING" not in server.log()
        server.assert_no_traceback()


@both_servers
async def test_a_peer_that_vanished_is_gone_within_60_seconds(site: Site, room: str, start: Start) -> None:
    server = start(site)
    proxy = await Proxy(lambda: server.port).start()
    try:
        async with (
            Watcher(server.ws_url(room)) as bob,
            ChatClient(f"ws://127.0.0.1:{proxy.port}/ws/chat/{room}/") as alice,
        ):
            await bob.wait_until(lambda bob: bob.count == 2)
            proxy.make_half_open()
            began = time.monotonic()
            await bob.wait_until(lambda bob: bob.count == 1, 2 * REAPED, "that alice is gone")
            assert time.monotonic() - began <= REAPED
            await alice.drop()
    finally:
        await proxy.stop()
    server.assert_no_traceback()
