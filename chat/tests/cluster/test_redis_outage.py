"""Redis is a hint: without it the chat is slower, never wrong, and nobody's socket closes."""

import asyncio

import pytest
import redis

from ..harness.clients import ChatClient, PlainClient
from ..harness.servers import Daphne, RedisServer, ServerProcess, Site
from ..harness.talk import PROMISE, SLACK, Talk, all_heard, never_left, together


def assert_quiet(*servers: ServerProcess) -> None:
    """An outage is a few lines in the log, not a traceback a second."""
    for server in servers:
        server.assert_no_traceback()
        lines = [
            line for line in server.log().splitlines() if "WSCONNECT" not in line and "WSDIS" not in line
        ]
        assert len(lines) < 30, "\n".join(lines)


async def groups_of(redis_server: RedisServer, count: int) -> None:
    """Wait until so many groups of rooms are subscribed to."""
    async with asyncio.timeout(60):
        while True:
            with redis.Redis(port=redis_server.port) as client:
                names = [name for name in client.pubsub_channels() if b"room." in name]
                subscribers = [number for _, number in client.pubsub_numsub(*names)] if names else []
            if sum(subscribers) >= count:
                return
            await asyncio.sleep(0.1)


@pytest.fixture
def own_pair(redis_site: Site) -> tuple[Daphne, Daphne]:
    one, other = redis_site.daphnes(2)
    return one, other


@pytest.mark.waits
async def test_redis_killed_in_mid_chat_and_started_empty_costs_nobody_anything(
    redis_site: Site, redis_server: RedisServer, own_pair: tuple[Daphne, Daphne], room: str
) -> None:
    one, other = own_pair
    async with (
        ChatClient(one.ws_url(room)) as alice,
        ChatClient(other.ws_url(room)) as bob,
        PlainClient(one.ws_url(room)) as charlie,
        PlainClient(other.ws_url(room)) as dora,
    ):
        people = (alice, bob, charlie, dora)
        talk = Talk(alice, bob)
        async with talk.going_on():
            await talk.more(30)
            redis_server.kill()
            await talk.more(100)
            await asyncio.sleep(3)
            redis_server.start()
            await talk.more(30)
            await groups_of(redis_server, 2)
            await talk.more(30)
        await all_heard(redis_site, room, talk, people)
        assert never_left(*people)
        assert alice.resets == bob.resets == 1
        assert not any(person.errors for person in people)
    assert_quiet(one, other)


async def test_redis_restarted_again_and_again_costs_nobody_anything(
    redis_site: Site, redis_server: RedisServer, own_pair: tuple[Daphne, Daphne], room: str
) -> None:
    one, other = own_pair
    async with ChatClient(one.ws_url(room)) as alice, PlainClient(other.ws_url(room)) as bob:
        talk = Talk(alice)
        async with talk.going_on():
            for _ in range(5):
                await talk.more(20)
                await asyncio.to_thread(redis_server.restart)
        await all_heard(redis_site, room, talk, (alice, bob))
        assert never_left(alice, bob)
    assert_quiet(one, other)


async def test_redis_that_drops_its_connections_costs_nobody_anything(
    redis_site: Site, redis_server: RedisServer, own_pair: tuple[Daphne, Daphne], room: str
) -> None:
    one, other = own_pair
    async with ChatClient(one.ws_url(room)) as alice, PlainClient(other.ws_url(room)) as bob:
        talk = Talk(alice)
        async with talk.going_on():
            for _ in range(5):
                await talk.more(20)
                with redis.Redis(port=redis_server.port) as client:
                    for kind in ("pubsub", "normal"):
                        client.client_kill_filter(_type=kind, skipme=True)
        await all_heard(redis_site, room, talk, (alice, bob))
        assert never_left(alice, bob)
    assert_quiet(one, other)


async def test_redis_absent_from_the_start_and_found_later(
    redis_site: Site, redis_server: RedisServer, room: str
) -> None:
    redis_server.kill()
    one, other = redis_site.daphnes(2)
    assert one.get(one.room_url(room)).status == 200
    async with (
        ChatClient(one.ws_url(room)) as alice,
        ChatClient(other.ws_url(room)) as bob,
        PlainClient(other.ws_url(room)) as charlie,
    ):
        talk = Talk(alice, bob)
        async with talk.going_on():
            await talk.more(20)
        await all_heard(redis_site, room, talk, (alice, bob, charlie))
        redis_server.start()
        await groups_of(redis_server, 2)
        await bob.post("the last word")
        for person in (alice, bob, charlie):
            await person.wait_until(lambda person: "the last word" in person.texts, PROMISE + SLACK)
            assert person.texts == redis_site.texts(room)
        assert never_left(alice, bob, charlie)
    assert_quiet(one, other)


async def test_rooms_entered_while_redis_is_away_are_joined_when_it_is_back(
    redis_site: Site, redis_server: RedisServer, own_pair: tuple[Daphne, Daphne]
) -> None:
    one, other = own_pair
    rooms = [f"room {n}" for n in range(20)]
    redis_server.kill()
    alices = [ChatClient(one.ws_url(room)) for room in rooms]
    bobs = [PlainClient(other.ws_url(room)) for room in rooms]
    async with together(*alices, *bobs):
        redis_server.start()
        await groups_of(redis_server, 40)
        await asyncio.gather(*(alice.post("hello") for alice in alices))
        for bob in bobs:
            await bob.wait_until(lambda bob: bob.texts == ["hello"], PROMISE + SLACK)
        assert never_left(*alices, *bobs)
        assert_quiet(one, other)


@pytest.mark.waits
async def test_frozen_redis_stops_neither_pages_nor_sockets_nor_messages(
    redis_site: Site, redis_server: RedisServer, own_pair: tuple[Daphne, Daphne], room: str
) -> None:
    one, other = own_pair
    async with ChatClient(one.ws_url(room)) as alice, PlainClient(other.ws_url(room)) as bob:
        talk = Talk(alice)
        async with talk.going_on():
            await talk.more(20)
            redis_server.pause()
            await talk.more(50)
            assert one.get(one.room_url(room)).status == 200
            async with ChatClient(other.ws_url(room)) as charlie, ChatClient(one.ws_url("another")) as dora:
                await dora.post("hello")
                await dora.wait_until(lambda dora: dora.texts == ["hello"])
                await charlie.post("charlie, come late")
                await alice.wait_until(lambda alice: "charlie, come late" in alice.texts, 10 + SLACK)
                await bob.wait_until(lambda bob: "charlie, come late" in bob.texts, 10 + SLACK)
            await asyncio.sleep(6)
            redis_server.resume()
            await talk.more(20)
        await all_heard(redis_site, room, talk, (alice, bob), 10 + SLACK)
        assert never_left(alice, bob)
    assert_quiet(one, other)
