"""Peers that do not read: the others do not wait for them, and in the end they are closed."""

import asyncio
import time
from uuid import uuid4

import pytest

from ..harness.clients import ChatClient, PlainClient
from ..harness.hostile import memory
from ..harness.servers import ServerProcess, Site
from ..harness.slow import SlowChatClient, SlowPlainClient
from ..harness.talk import together
from ..harness.watchers import Watcher
from ..realtime.test_transports import Start, both_servers, talk
from .measuring import assert_at_most, p95_of

DELAY_MAX = 0.05  # seconds that others may hear later because somebody does not read
PATIENCE = 30.0  # seconds that a peer may be behind


@both_servers
async def test_a_silent_reader_delays_the_others_by_50_ms_at_most(site: Site, start: Start) -> None:
    server = start(site)
    await assert_at_most(DELAY_MAX, lambda: delay_by_silent_readers(server), "later than without, in seconds")
    server.assert_no_traceback()


async def delay_by_silent_readers(server: ServerProcess) -> float:
    """The difference in seconds, at p95, from a post to a neighbour who has it; none where the machine's own
    noise is as large."""
    url = server.ws_url(f"room-{uuid4().hex[:12]}")
    silent = [SlowChatClient(url) for _ in range(4)]
    async with ChatClient(url) as alice, ChatClient(url) as bob:

        async def hears() -> None:
            sequence = (await alice.post("hello"))["sequence"]
            await bob.wait_until(lambda bob: sequence in bob.log)

        undisturbed = await p95_of(hears)
        async with together(*silent):
            for one in silent:
                one.stop_reading()
            await talk(alice, 60)  # more than fits into what is on the way
            disturbed = await p95_of(hears)
            assert all(len(one.texts) < 110 for one in silent)
            for one in silent:
                await one.drop()
    return disturbed - undisturbed if disturbed > 3 * undisturbed else 0.0


@pytest.mark.waits
@both_servers
async def test_a_peer_that_is_behind_for_30_seconds_is_closed(site: Site, room: str, start: Start) -> None:
    server = start(site)
    url = server.ws_url(room)
    async with Watcher(url) as bob, ChatClient(url) as alice, SlowPlainClient(url) as mallory:
        await bob.wait_until(lambda bob: bob.count == 3)
        mallory.stop_reading()
        stopped = time.monotonic()
        await talk(alice, 60)
        behind = time.monotonic()
        while bob.count == 3 and time.monotonic() - behind < 2 * PATIENCE:
            await alice.post("on and on")
            await asyncio.sleep(0.5)
        closed = time.monotonic()
        assert closed - stopped >= PATIENCE
        assert closed - behind < PATIENCE + 15
        mallory.read_again()
        assert await mallory.wait_closed(30) in (4408, 1006)  # 1006: it did not take the close frame in time
    server.assert_no_traceback()


@both_servers
async def test_many_who_do_not_read_cost_bounded_memory(site: Site, room: str, start: Start) -> None:
    """30 peers, 4 MB: kept for each of them it would be 120 MB."""
    server = start(site)
    url = server.ws_url(room)
    alice, bob = ChatClient(url), PlainClient(url)
    people = [SlowChatClient(url) for _ in range(15)]
    plain = [SlowPlainClient(url) for _ in range(15)]
    async with together(alice, bob, *people, *plain):
        await talk(alice, 20)
        for one in (*people, *plain):
            one.stop_reading()
        before = memory(server)
        await talk(alice, 480)
        await bob.wait_until(lambda bob: len(bob.texts) == 500)
        assert memory(server) - before < 50_000_000
        for one in (*people, *plain):
            await one.drop()
    server.assert_no_traceback()


@both_servers
async def test_a_peer_that_floods_with_nonsense_and_does_not_read_is_cut_off(
    site: Site, room: str, start: Start
) -> None:
    server = start(site)
    url = server.ws_url(room)
    async with ChatClient(url) as alice, SlowPlainClient(url) as mallory, ChatClient(url) as bob:
        before = memory(server)
        mallory.stop_reading()
        for _ in range(120_000):  # their answers are far more than what the system keeps for a connection
            if not mallory.connected:
                break
            await mallory.send_raw("nonsense")
        await alice.post("meanwhile")
        await bob.wait_until(lambda bob: bob.texts == ["meanwhile"])
        assert memory(server) - before < 50_000_000
        mallory.read_again()
        assert await mallory.wait_closed(60) in (4408, 1006)
    server.assert_no_traceback()
