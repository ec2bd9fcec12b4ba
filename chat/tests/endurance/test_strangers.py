"""Somebody floods one room, in a process of their own: another room notices nothing of it."""

import asyncio
import subprocess
import sys

import pytest

from ..conftest import MakeSite
from ..harness.clients import ChatClient
from ..harness.environment import ROOT
from .measuring import assert_at_most, p95_of

SECONDS = 12.0  # of the flood; the probes are over before
LATER_MAX = 0.1  # seconds at p95 that another room may hear later


@pytest.mark.parametrize("way", ["posts", "renames", "new_rooms", "comings_and_goings"])
async def test_a_flood_costs_other_rooms_nothing_that_can_be_measured(
    make_site: MakeSite, room: str, way: str
) -> None:
    site = make_site(RATE_LIMITS="on", TRUSTED_PROXIES="1", RATE_MESSAGES="off,400/10s")
    server = site.daphne()
    url = server.ws_url(room)
    async with ChatClient(url) as alice, ChatClient(url) as bob:

        async def hears() -> None:
            sequence = (await alice.post("hello"))["sequence"]
            await bob.wait_until(lambda bob: sequence in bob.log)

        async def p95_meanwhile() -> float:
            words = [way, str(SECONDS), f"{room}-elsewhere", str(server.port)]
            stranger = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "chaos.stranger", *words, cwd=ROOT, stdout=subprocess.PIPE
            )
            assert stranger.stdout
            try:
                await asyncio.sleep(3)  # it is at work
                return await p95_of(hears)
            finally:
                assert int(await stranger.stdout.read()) > 20, "a stranger who did next to nothing"
                await stranger.wait()

        undisturbed = await p95_of(hears)
        limit = max(undisturbed + LATER_MAX, 3 * undisturbed)
        await assert_at_most(limit, p95_meanwhile, f"p95 beside {way}, in seconds")
    server.assert_no_traceback()
