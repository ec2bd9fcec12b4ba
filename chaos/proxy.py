"""A TCP proxy that can be slow, cut, silent (a half-open connection) or closed to newcomers."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from chat.tests.harness.processes import free_port

from .record import now

CHUNK: Final = 65536


class Link:
    """One connection through the proxy. `silent`: nothing passes any more, and neither side notices."""

    def __init__(
        self,
        proxy: "Proxy",
        client: asyncio.StreamWriter,
        upstream: asyncio.StreamWriter,
    ) -> None:
        self.proxy = proxy
        self.client = client
        self.upstream = upstream
        self.silent = False
        self.silent_since = 0.0
        self.dropped_by_server: float | None = None

    def make_half_open(self) -> None:
        self.silent, self.silent_since = True, now()

    def abort(self) -> None:
        for writer in (self.client, self.upstream):
            writer.transport.abort()

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry bytes one way, each as late as the proxy is slow when they come."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, chunk = await queue.get()
                await asyncio.sleep(max(0.0, due - now()))
                if not chunk:
                    break
                if not self.silent:
                    writer.write(chunk)
                    await writer.drain()

        delivering = asyncio.ensure_future(deliver())
        try:
            while not delivering.done():
                chunk = await reader.read(CHUNK)
                delay = self.proxy.delay if writer is self.client else 0.0
                queue.put_nowait((now() + delay, chunk))
                if not chunk:
                    break
            await delivering
        finally:
            delivering.cancel()

    async def serve(self, from_client: asyncio.StreamReader, from_upstream: asyncio.StreamReader) -> None:
        ways = [
            asyncio.ensure_future(self.pump(from_client, self.upstream)),
            asyncio.ensure_future(self.pump(from_upstream, self.client)),
        ]
        try:
            done, waiting = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if ways[1] in done:
                self.dropped_by_server = now()
            if self.silent:  # one end has gone: the other one is not told
                await asyncio.wait(waiting)
                self.dropped_by_server = self.dropped_by_server or now()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self.abort()


class Proxy:
    def __init__(self, upstream: Callable[[], int], port: int | None = None) -> None:
        self.upstream = upstream
        self.port = port or free_port()
        self.delay = 0.0  # seconds by which answers are late
        self.links: set[Link] = set()
        self.half_open: list[Link] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> "Proxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        return self

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        for link in list(self.links):
            link.abort()

    def make_half_open(self) -> None:
        """Every connection that is open now becomes half-open: new ones work."""
        for link in self.links:
            link.make_half_open()
            self.half_open.append(link)

    async def _accept(self, from_client: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            try:
                from_upstream, upstream = await asyncio.open_connection("127.0.0.1", self.upstream())
            except OSError:
                client.transport.abort()
                return
            link = Link(self, client, upstream)
            self.links.add(link)
            try:
                await link.serve(from_client, from_upstream)
            finally:
                self.links.discard(link)
