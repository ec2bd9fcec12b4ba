"""Half a gigabyte that nobody asked for: not in memory, not on disk, and nobody waits for it."""

import asyncio

import pytest

from ..harness.bodies import FRAMINGS, PATHS, Framing, assert_refused
from ..harness.servers import Site
from ..realtime.test_transports import Start, both_servers
from .measuring import assert_at_most, p95_of, prompt_limit

SIZE = 500 * 1024 * 1024


@both_servers
@pytest.mark.parametrize("framing", FRAMINGS)
async def test_half_a_gigabyte_is_refused_and_delays_nobody(
    site: Site, start: Start, framing: Framing
) -> None:
    server = start(site)

    async def ask() -> None:
        answer = await asyncio.to_thread(server.get, "/chat/")
        assert answer.status == 200

    async def p95_meanwhile() -> float:
        pushing = asyncio.create_task(asyncio.to_thread(push))
        try:
            return await p95_of(ask)
        finally:
            await pushing

    def push() -> None:
        for path in PATHS:
            assert_refused(server, path, framing, SIZE)

    limit = prompt_limit(await p95_of(ask))
    await assert_at_most(limit, p95_meanwhile, "a page while bodies are pushed, in seconds")
    server.assert_no_traceback()
