"""What waits to be told to the other processes: bounded, however long Redis does not answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chat.cluster import publisher as publishing_module
from chat.cluster.layer import RedisChannelLayer
from chat.cluster.messages import group_of
from chat.cluster.publisher import Publisher
from chat.journal.changes import Batch

from ..harness.servers import RedisServer
from .test_messages import change

ROOMS = [f"room-{n}" for n in range(50)]
TEXT = "what people say " * 4


@pytest.fixture
async def layer(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[object]:
    made = RedisChannelLayer(hosts=[redis_server.url])
    monkeypatch.setattr("chat.cluster.publisher.get_channel_layer", lambda: made)
    yield made
    await made.flush()


def say(publisher: Publisher, room: str, sequence: int) -> None:
    publisher.publish([Batch(room, "life", sequence - 1, sequence, [change(sequence, sequence, TEXT)])])


async def test_what_is_said_while_redis_is_frozen_waits_in_bounded_memory(
    layer: RedisChannelLayer, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """50 rooms, 20 messages a second each, a minute long; then the others are told to read the database."""
    monkeypatch.setattr("chat.cluster.layer.REPLY_TIMEOUT", 600)
    channel = await layer.new_channel()
    for room in ROOMS:
        await layer.group_add(group_of(room), channel)
    publisher = Publisher("here")
    redis_server.pause()
    try:
        for sequence in range(1, 1201):
            for room in ROOMS:
                say(publisher, room, sequence)
            assert sum(map(len, publisher._waiting.values())) <= len(ROOMS) * publishing_module.CHANGES_MAX
            await asyncio.sleep(0)
        *_, last = (room for room, batches in publisher._waiting.items() if not batches)
    finally:
        redis_server.resume()
    # Without a batch, a hint means: read the database. (One that had begun before the freeze has one.)
    async with asyncio.timeout(60):
        while (hint := await layer.receive(channel))["key"] != last or "batch" in hint:
            pass


async def test_all_rooms_together_wait_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing_module, "BYTES_MAX", 100_000)
    monkeypatch.setattr("chat.cluster.publisher.get_channel_layer", RedisChannelLayer)
    monkeypatch.setattr(RedisChannelLayer, "publish", lambda *_: None)  # Redis does not answer
    publisher = Publisher("here")
    say(publisher, "the first", 1)
    for room in ROOMS:
        for sequence in range(1, 51):
            say(publisher, room, sequence)
            assert publisher._size <= 100_000
    assert len(publisher._waiting) == len(ROOMS)
    assert publisher._size > 50_000
