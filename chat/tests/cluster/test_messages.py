"""Hints between processes may be foreign, doubled, old or wrong: the database has the last word."""

import asyncio
import datetime
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings

from chat import protocol
from chat.cluster import messages
from chat.cluster.messages import group_of
from chat.journal.changes import Batch, Change
from chat.text.cleaning import fold_room_name

from ..conftest import Pair
from ..harness.clients import ChatClient, PlainClient
from ..harness.hints import joined
from ..harness.servers import RedisServer, Site
from ..harness.talk import never_left

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def change(sequence: int, revision: int, text: str) -> Change:
    author = protocol.Author("mallory", "Mallory")
    message = protocol.Message(sequence, revision, author, text, text, NOW, UUID(int=sequence))
    return Change(message, protocol.encode_message(message))


def unsigned(room: str, batch: Batch, **fields: Any) -> dict[str, Any]:
    return {
        "type": "lobby.changes",
        "v": 1,
        "origin": "elsewhere",
        "key": fold_room_name(room),
        "batch": batch.to_hint(),
        **fields,
    }


def hint(room: str, batch: Batch, **fields: Any) -> dict[str, Any]:
    return messages.signed(unsigned(room, batch, **fields))


@pytest.fixture
async def layer(shared_redis: RedisServer) -> AsyncIterator[RedisPubSubChannelLayer]:
    made = RedisPubSubChannelLayer(hosts=[shared_redis.url], prefix=settings.CHANNEL_PREFIX)
    yield made
    await made.flush()


async def test_foreign_hints_are_ignored_and_delivery_goes_on(
    hinted_pair: Pair, layer: RedisPubSubChannelLayer, shared_redis: RedisServer, room: str
) -> None:
    one, other = hinted_pair
    async with ChatClient(one.ws_url(room)) as alice, PlainClient(other.ws_url(room)) as bob:
        await joined(shared_redis, room)
        await alice.post("before")
        await bob.wait_until(lambda bob: bob.texts == ["before"])
        batch = Batch(room, alice.epoch or "", 1, 2, [change(2, 2, "from the future")])
        true = hint(room, batch)
        foreign: list[dict[str, Any]] = [
            {"type": "something.else"},
            messages.signed({"type": "something.else"}),
            {"type": "lobby.changes"},
            messages.signed({"type": "lobby.changes"}),
            {"type": "lobby.changes", "v": 99, "key": room, "batch": {"new": "shape"}},
            unsigned(room, batch),
            true | {"signature": None},
            true | {"signature": b"x" * 16},
            true | {"signature": "text"},
            true | {"batch": Batch(room, batch.epoch, 1, 2, [change(2, 2, "injected")]).to_hint()},
            true | {"batch": None},
            true | {"batch": "text"},
            hint(room, batch, v=2),
            hint(room, batch, v=None),
            hint(room, batch, key=None),
            hint(room, batch, key=[room]),
            hint(room, batch, key={"room": room}),
            hint(room, batch, key=7),
            messages.signed(true | {"batch": b"\xff\xfe"}),
            messages.signed(true | {"batch": b"[" * 50_000}),
            messages.signed(true | {"batch": b'{"type":"changes"}'}),
            messages.signed({"type": "lobby.changes", "v": 1, "origin": [1], "key": fold_room_name(room)}),
        ]
        for message in foreign:
            await layer.group_send(group_of(fold_room_name(room)), message)
        for text in ("one", "two", "three"):
            await alice.post(text)
            await bob.wait_until(lambda bob: bob.texts[-1] == text)  # noqa: B023
        assert bob.texts == ["before", "one", "two", "three"]
        assert alice.resets == 1
        assert never_left(alice, bob)
        # A hint of another epoch makes a feed reload: the channel is still read.
        other_life = Batch(room, "another life", 0, 1, [change(1, 1, "never said")])
        await layer.group_send(group_of(fold_room_name(room)), hint(room, other_life))
        await alice.wait_until(lambda alice: alice.resets == 2 and alice.texts == bob.texts)
    for server in (one, other):
        server.assert_no_traceback()


async def test_repeated_and_reordered_hints_are_delivered_once(
    hinted_pair: Pair, layer: RedisPubSubChannelLayer, shared_redis: RedisServer, room: str
) -> None:
    one, other = hinted_pair
    group = group_of(fold_room_name(room))
    await layer.group_add(group, channel := await layer.new_channel())
    async with ChatClient(one.ws_url(room)) as alice, PlainClient(other.ws_url(room)) as bob:
        await joined(shared_redis, room, 3)
        heard = []
        for n in range(10):
            await alice.post(f"{n}")
            heard.append(await asyncio.wait_for(layer.receive(channel), 60))
        for message in [*heard[::-1], *heard, *heard[::3]]:
            await layer.group_send(group, message)
        await alice.post("the end")
        await bob.wait_until(lambda bob: bob.texts[-1:] == ["the end"])
        assert bob.texts == [*(f"{n}" for n in range(10)), "the end"]
        await alice.wait_until(lambda alice: alice.texts == bob.texts)
        assert alice.resets == 1
    other.assert_no_traceback()


async def test_a_hint_of_what_is_not_in_the_database_is_not_shown_and_does_not_stop_the_room(
    hinted_pair: Pair, layer: RedisPubSubChannelLayer, shared_redis: RedisServer, room: str
) -> None:
    """Such a one is left over when the database lost its last transactions."""
    server = hinted_pair[0]
    async with ChatClient(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as bob:
        await joined(shared_redis, room, 1)
        await alice.post("one")
        await alice.wait_until(lambda alice: alice.epoch)
        lost = Batch(room, alice.epoch or "", 70, 71, [change(71, 71, "lost")])
        await layer.group_send(group_of(fold_room_name(room)), hint(room, lost))
        for text in ("two", "three"):
            await alice.post(text)
            await bob.wait_until(lambda bob: bob.texts[-1:] == [text])  # noqa: B023
        assert bob.texts == ["one", "two", "three"]
    server.assert_no_traceback()


async def test_sites_that_share_a_redis_receive_nothing_of_each_other(
    make_site: Callable[..., Site], redis_server: RedisServer, room: str
) -> None:
    """Redis's pub/sub knows no database numbers, and a room without a row takes any first batch."""
    other_number = redis_server.url.removesuffix("0") + "1"
    ours = make_site(REDIS_URL=redis_server.url).daphne()
    others = [
        make_site(REDIS_URL=other_number).daphne(),
        make_site(REDIS_URL=redis_server.url, SECRET_KEY="another-site-" * 5).daphne(),
    ]
    async with ChatClient(ours.ws_url(room)) as alice, PlainClient(ours.ws_url(room)) as bob:
        for other in others:
            async with ChatClient(other.ws_url(room)) as stranger:
                await stranger.post("of another site")
                await alice.post("of ours")
                await bob.wait_until(lambda bob: bob.texts)
                await stranger.wait_until(lambda stranger: stranger.texts)
                assert stranger.texts == ["of another site"]
        for person in (alice, bob):
            await person.wait_until(lambda person: len(person.texts) == len(others))
            assert person.texts == ["of ours"] * len(others)
    for server in (ours, *others):
        server.assert_no_traceback()


def test_a_signature_is_of_this_hint_and_of_this_site(monkeypatch: pytest.MonkeyPatch) -> None:
    message = hint("tea", Batch("tea", "life", 0, 1, [change(1, 1, "hello")]))
    assert messages.is_authentic(message)
    for name, value in {"type": "lobby.name", "v": 2, "origin": "x", "key": "cake", "batch": b"{}"}.items():
        assert not messages.is_authentic(message | {name: value}), name
    monkeypatch.setattr(messages, "_key", lambda: b"another site")
    assert not messages.is_authentic(message)
