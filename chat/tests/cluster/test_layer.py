"""The channel layer on Redis: what it drops, and how it comes back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from chat.cluster.layer import RedisChannelLayer

from ..harness.servers import RedisServer


@pytest.fixture
async def layer(redis_server: RedisServer) -> AsyncIterator[RedisChannelLayer]:
    made = RedisChannelLayer(hosts=[redis_server.url])
    yield made
    await made.flush()


async def published(layer: RedisChannelLayer, *messages: dict[str, Any]) -> Any:
    """Publish to the group `tea` and wait for Redis's answer."""
    answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    layer.publish([("tea", message) for message in messages], answered.set_result)
    return await asyncio.wait_for(answered, 60)


async def published_at_last(layer: RedisChannelLayer, message: dict[str, Any]) -> None:
    """Publish it as soon as there is a connection."""
    async with asyncio.timeout(60):
        while isinstance(await published(layer, message), RedisConnectionError):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def joined(layer: RedisChannelLayer) -> str:
    channel: str = await layer.new_channel()
    await layer.group_add("tea", channel)
    return channel


async def test_a_process_does_not_hear_what_it_has_published_itself(layer: RedisChannelLayer) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    layer.listen(await joined(layer), heard.put_nowait, {"origin": "here"})
    ours, theirs = {"origin": "here", "n": 1}, {"origin": "there", "n": 2}
    assert await published(layer, ours, theirs, ours) == 1
    await layer.group_send("tea", {"type": "for all"})
    async with asyncio.timeout(60):
        assert layer.deserialize(await heard.get()) == theirs
        assert layer.deserialize(await heard.get()) == {"type": "for all"}


async def test_subscriptions_are_made_again_when_redis_has_been_restarted(
    layer: RedisChannelLayer, redis_server: RedisServer
) -> None:
    channel = await joined(layer)
    redis_server.restart()
    await published_at_last(layer, {"n": 1})
    assert await asyncio.wait_for(layer.receive(channel), 60) == {"n": 1}


async def test_a_redis_that_does_not_answer_is_connected_to_anew(
    layer: RedisChannelLayer, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.cluster.layer.PING_INTERVAL", 0.1)
    channel = await joined(layer)
    redis_server.pause()
    monkeypatch.setattr("chat.cluster.layer.REPLY_TIMEOUT", 0.2)
    try:
        assert isinstance(await published(layer, {"n": 1}), RedisConnectionError)
        monkeypatch.setattr("chat.cluster.layer.REPLY_TIMEOUT", 60)
    finally:
        redis_server.resume()
    await published_at_last(layer, {"n": 2})
    async with asyncio.timeout(60):
        while await layer.receive(channel) != {"n": 2}:
            pass
