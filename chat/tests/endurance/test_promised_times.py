"""What is promised within seconds, and within a minute: measured, where no hint helps."""

import asyncio
import time
from collections.abc import Callable

import pytest

from chat.protocol import CloseCode

from ..harness.clients import ChatClient, PlainClient
from ..harness.pages import enter, say, sees
from ..harness.people import Person, room_people
from ..harness.servers import Daphne, ServerProcess, Site
from ..harness.watchers import Watcher
from ..harness.windows import OpenWindow
from .measuring import assert_at_most

pytestmark = pytest.mark.waits

PROMISE = 5.0  # seconds
EYES = 2.0  # seconds from a key to the eyes of others
AT_ONCE = 5.0  # seconds
SHUTDOWN = 10.0  # seconds, whatever clients and database do
GONE = 60.0  # seconds after which nobody is here any more through a process that was killed


async def test_a_message_is_in_another_process_within_5_seconds(any_site: Site, room: str) -> None:
    one, other = any_site.daphnes(2)
    async with ChatClient(one.ws_url(room)) as alice, ChatClient(other.ws_url(room)) as bob:

        async def slowest() -> float:
            times = []
            for _ in range(5):
                await alice.post(text := f"{time.monotonic()}")
                start = time.monotonic()
                await bob.wait_until(lambda bob: bob.texts[-1:] == [text], 30)
                times.append(time.monotonic() - start)
            return max(times)

        await assert_at_most(PROMISE, slowest, "seconds from the ack to another process")


async def test_what_one_says_is_before_everybodys_eyes_within_2_seconds(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, lobby, room) for _ in range(2)]
    texts: list[str] = []

    async def slowest() -> float:
        times = []
        for _ in range(5):
            texts.append(f"message {len(texts)}")
            start = time.monotonic()
            await say(alice, texts[-1])
            await sees(bob, *texts)
            times.append(time.monotonic() - start)
        return max(times)

    await assert_at_most(EYES, slowest, "seconds from the Enter key to another window")


async def test_who_logs_out_is_closed_in_another_process_within_5_seconds(any_site: Site, room: str) -> None:
    one, other = any_site.daphnes(2)

    async def seconds() -> float:
        alice = Person(one)
        await asyncio.to_thread(alice.sign_up)
        async with alice.chat(room, other) as client:
            await asyncio.to_thread(alice.log_out)
            start = time.monotonic()
            assert await client.wait_closed(30) == CloseCode.SIGN_IN
            return time.monotonic() - start

    await assert_at_most(PROMISE, seconds, "seconds from the log-out to 4401")


async def test_who_is_banned_is_closed_in_another_process_within_5_seconds(any_site: Site, room: str) -> None:
    one, other = any_site.daphnes(2)
    here = await room_people(one, room)

    async def seconds() -> float:
        stranger = Person(other)
        async with stranger.chat(room) as client:
            await client.post("hello")
            await asyncio.to_thread(here.alice.manage, room, "people/", act="ban", id=client.you["id"])
            start = time.monotonic()
            assert await client.wait_closed(30) == CloseCode.NOT_ALLOWED
            return time.monotonic() - start

    await assert_at_most(PROMISE, seconds, "seconds from the ban to 4403")


async def test_the_people_of_a_killed_process_are_gone_within_a_minute(site: Site, room: str) -> None:
    one = site.daphne()
    async with Watcher(one.ws_url(room)) as alice:

        async def seconds() -> float:
            victim = await asyncio.to_thread(site.daphne)
            async with Watcher(victim.ws_url(room)) as bob:
                await alice.sees(alice, bob, timeout=30)
                await asyncio.to_thread(victim.kill)
            start = time.monotonic()
            await alice.sees(alice, timeout=2 * GONE)
            return time.monotonic() - start

        await assert_at_most(GONE, seconds, "seconds from the kill to nobody there")


@pytest.mark.parametrize("start", [Site.daphne, Site.uvicorn], ids=["daphne", "uvicorn"])
async def test_a_server_ends_within_10_seconds_and_at_once_when_nobody_is_there(
    site: Site, room: str, start: Callable[[Site], ServerProcess]
) -> None:
    server = start(site)

    async def seconds_alone() -> float:
        await asyncio.to_thread(server.start)
        return await asyncio.to_thread(server.terminate)

    async def seconds_with_a_peer_that_does_not_read_and_a_locked_database() -> float:
        await asyncio.to_thread(server.start)
        async with ChatClient(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as mallory:
            assert mallory._socket
            mallory._socket.transport.pause_reading()
            for _ in range(4):
                await asyncio.gather(*(alice.post_nowait("日" * 4000) for _ in range(30)))
            with site.locked():
                alice.post_nowait("while locked").add_done_callback(lambda lost: lost.exception())
                took = await asyncio.to_thread(server.terminate)
            mallory._socket.transport.resume_reading()
        return took

    await asyncio.to_thread(server.terminate)
    await assert_at_most(AT_ONCE, seconds_alone, "seconds from SIGTERM to the end, nobody there")
    await assert_at_most(
        SHUTDOWN,
        seconds_with_a_peer_that_does_not_read_and_a_locked_database,
        "seconds from SIGTERM to the end",
    )
