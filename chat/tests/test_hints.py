"""Hints between processes may be foreign, doubled, old or wrong: the database has the last word."""

import asyncio
import datetime
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from chat import protocol
from chat.changes import Batch, Change
from chat.models.room import fold_room_name, group_of

from .clients import ChatClient, PlainClient
from .servers import RedisServer, Site
from .talk import never_left

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def change(sequence: int, revision: int, text: str) -> Change:
    author = protocol.Author("mallory", "Mallory")
    message = protocol.Message(sequence, revision, author, text, text, NOW, UUID(int=sequence))
    return Change(message, protocol.encode_message(message))


def hint(room: str, batch: Batch, **fields: Any) -> dict[str, Any]:
    return {
        "type": "lobby.changes",
        "v": 1,
        "origin": "elsewhere",
        "key": fold_room_name(room),
        "batch": batch.to_hint(),
        **fields,
    }


@pytest.fixture
async def layer(redis_server: RedisServer) -> AsyncIterator[RedisPubSubChannelLayer]:
    made = RedisPubSubChannelLayer(hosts=[redis_server.url])
    yield made
    await made.flush()


async def test_what_is_no_hint_of_ours_makes_no_trouble_and_ends_no_delivery(
    redis_site: Site, layer: RedisPubSubChannelLayer, room: str
) -> None:
    one, other = redis_site.daphnes(2)
    async with ChatClient(one.ws_url(room)) as alice, PlainClient(other.ws_url(room)) as bob:
        await alice.post("before")
        await bob.wait_until(lambda bob: bob.texts == ["before"])
        batch = Batch(room, alice.epoch or "", 1, 2, [change(2, 2, "from the future")])
        foreign: list[dict[str, Any]] = [
            {"type": "something.else"},
            {"type": "lobby.changes"},
            {"type": "lobby.changes", "v": 99, "key": room, "batch": {"new": "shape"}},
            hint(room, batch, v=2),
            hint(room, batch, v=None),
            hint(room, batch, key=None),
            hint(room, batch, key=[room]),
            hint(room, batch, key={"room": room}),
            hint(room, batch, key=7),
            hint(room, batch) | {"batch": None},
            hint(room, batch) | {"batch": b"\xff\xfe"},
            hint(room, batch) | {"batch": b"[" * 50_000},
            hint(room, batch) | {"batch": b'{"type":"changes"}'},
            hint(room, batch) | {"batch": "text"},
            hint(room, batch, origin=[1]),
        ]
        del foreign[-1]["batch"]
        for message in foreign:
            await layer.group_send(group_of(fold_room_name(room)), message)
        for text in ("one", "two", "three"):
            await alice.post(text)
            await bob.wait_until(lambda bob: bob.texts[-1] == text, 5)  # noqa: B023
        assert bob.texts == ["before", "one", "two", "three"]
        assert alice.resets == 1
        assert never_left(alice, bob)
        # A hint of another life makes a feed read everything anew: so the mailbox is still read.
        other_life = Batch(room, "another life", 0, 1, [change(1, 1, "never said")])
        await layer.group_send(group_of(fold_room_name(room)), hint(room, other_life))
        await alice.wait_until(lambda alice: alice.resets == 2)
        assert alice.texts == bob.texts
    for server in (one, other):
        server.assert_no_traceback()


async def test_hints_that_come_again_and_in_any_order_are_heard_once(
    redis_site: Site, layer: RedisPubSubChannelLayer, room: str
) -> None:
    one, other = redis_site.daphnes(2)
    group = group_of(fold_room_name(room))
    await layer.group_add(group, mailbox := await layer.new_channel())
    async with ChatClient(one.ws_url(room)) as alice, PlainClient(other.ws_url(room)) as bob:
        hints = []
        for n in range(10):
            await alice.post(f"{n}")
            hints.append(await asyncio.wait_for(layer.receive(mailbox), 5))
        for message in [*hints[::-1], *hints, *hints[::3]]:
            await layer.group_send(group, message)
        await alice.post("the end")
        await bob.wait_until(lambda bob: bob.texts[-1:] == ["the end"])
        assert bob.texts == [*(f"{n}" for n in range(10)), "the end"]
        assert alice.texts == bob.texts
        assert alice.resets == 1
    other.assert_no_traceback()


async def test_a_hint_of_what_is_not_in_the_database_is_not_shown_and_does_not_stop_the_room(
    redis_site: Site, layer: RedisPubSubChannelLayer, room: str
) -> None:
    """Such a one is left over when the database lost its last transactions."""
    server = redis_site.daphne()
    async with ChatClient(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as bob:
        await alice.post("one")
        await alice.wait_until(lambda alice: alice.epoch)
        lost = Batch(room, alice.epoch or "", 70, 71, [change(71, 71, "lost")])
        await layer.group_send(group_of(fold_room_name(room)), hint(room, lost))
        for text in ("two", "three"):
            await alice.post(text)
            await bob.wait_until(lambda bob: bob.texts[-1:] == [text])  # noqa: B023
        assert bob.texts == ["one", "two", "three"]
    server.assert_no_traceback()
