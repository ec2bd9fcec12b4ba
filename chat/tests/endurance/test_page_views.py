"""Thousands of page views from everywhere: nobody is turned away for long, and nothing is held afterwards."""

import asyncio
import contextlib
import itertools
import os
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest

from ..conftest import MakeSite
from ..harness.servers import PostgresServer, ServerProcess
from ..harness.watchers import until
from ..harness.wires import Wire
from ..server.test_page_threads import connections, keeps_few_connections
from .measuring import assert_at_most, percentile

VIEWS = 1000
AT_A_TIME = 60
ADDRESSES = [f"192.0.2.{number}" for number in range(1, 201)]
PATHS = ["/chat/", *(f"/chat/room-{n}/" for n in range(9)), "/nowhere/", "/accounts/log-in/", "/accounts/"]
ROOMS = 20
PAUSE = 5.0  # seconds between two messages of a person: 200 people post 40 a second
ACK_LIMIT = 0.5  # seconds
DESCRIPTORS_MAX = 100  # at rest: connections, the log, Redis, what the server listens on


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, make_site: MakeSite) -> Iterator[ServerProcess]:
    """Behind a proxy, with the limits of production: 100 connections, or 1,024 descriptors."""
    settings = {"TRUSTED_PROXIES": "1", "RATE_LIMITS": "on"}
    if request.param == "postgresql":
        template = request.getfixturevalue("postgres_template")
        with PostgresServer(template, max_connections=100) as postgres:
            yield make_site(postgres, **settings).daphne()
    else:
        server = make_site(**settings).daphne()
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (1024, 1024))
        yield server


async def get(server: ServerProcess, path: str, address: str) -> int:
    """The status; a 503 has to say when to come again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    with contextlib.closing(writer):
        lines = [
            f"GET {path} HTTP/1.1",
            "Host: localhost",
            f"X-Forwarded-For: {address}",
            "Connection: close",
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        answer = await asyncio.wait_for(reader.read(), 60)
    status = int(answer.split(b" ", 2)[1])
    assert status != 503 or b"\r\nRetry-After: " in answer, answer
    return status


async def view(server: ServerProcess, at_a_time: int) -> None:
    """A thousand views, so many at a time: all pages, from all addresses in turn."""
    views = zip(itertools.cycle(PATHS), itertools.islice(itertools.cycle(ADDRESSES), VIEWS), strict=False)
    answers = Counter[int]()

    async def visitor() -> None:
        for path, address in views:
            answers[await get(server, path, address)] += 1

    await asyncio.gather(*(visitor() for _ in range(at_a_time)))
    assert answers.keys() <= {200, 302, 404, 503}, answers


async def is_at_rest(server: ServerProcess) -> None:
    """Everybody is served, and little is held."""
    assert {await get(server, "/chat/", address) for address in ADDRESSES} == {200}
    keeps_few_connections(server)
    await until(lambda: len(os.listdir(f"/proc/{server.pid}/fd")) <= DESCRIPTORS_MAX, 60)
    server.assert_no_traceback()


async def test_a_thousand_page_views_at_sixty_a_time_and_a_thousand_more_leave_everybody_served(
    server: ServerProcess,
) -> None:
    await view(server, AT_A_TIME)
    assert connections(server) <= 50
    await view(server, 1)
    await is_at_rest(server)


@contextlib.asynccontextmanager
async def people_chat(server: ServerProcess) -> AsyncIterator[list[float]]:
    """200 people in 20 rooms say something every 5 s; gives the seconds that their acks took so far."""
    took: list[float] = []

    async def chat(wire: Wire, delay: float) -> None:
        await asyncio.sleep(delay)
        while True:
            start = time.monotonic()
            answer = await wire.answer_to(await wire.post("hello"), 60)
            assert answer["type"] == "ack", answer
            took.append(time.monotonic() - start)
            await asyncio.sleep(PAUSE)

    async with contextlib.AsyncExitStack() as stack:
        wires = [
            await stack.enter_async_context(
                Wire(server.ws_url(f"room-{n % ROOMS}"), headers={"X-Forwarded-For": address})
            )
            for n, address in enumerate(ADDRESSES)
        ]
        talking = [asyncio.ensure_future(chat(wire, n * PAUSE / 200)) for n, wire in enumerate(wires)]
        try:
            yield took
        finally:
            for talk in talking:
                talk.cancel()
            ends: Sequence[object] = await asyncio.gather(*talking, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends


async def test_who_chats_is_acknowledged_promptly_while_a_thousand_pages_are_viewed(
    server: ServerProcess,
) -> None:
    async with people_chat(server) as took:

        async def p95(pages: bool) -> float:
            await asyncio.sleep(2 * PAUSE)  # everybody has posted: the rooms and their members exist
            took.clear()
            await (view(server, AT_A_TIME) if pages else asyncio.sleep(PAUSE))
            return percentile(took, 0.95)

        limit = max(ACK_LIMIT, 3 * await p95(pages=False))
        await assert_at_most(limit, lambda: p95(pages=True), "an ack while pages are viewed, in seconds")
    await is_at_rest(server)
