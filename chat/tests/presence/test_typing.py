"""Who is typing: shown to the room for 5 s, never stored, the first thing dropped under load."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from chat.access.identity import Identity
from chat.cluster.messages import TypingEvent
from chat.presence.typing import TypingTracker
from chat.realtime.feed import Feed

from ..conftest import Pair
from ..harness.clients import PlainClient
from ..harness.servers import Daphne
from ..harness.watchers import Watcher, until
from ..realtime.test_feed import Person, feed

__all__ = ["feed"]

ALICE = Identity("alice", "Alice")
BOB = Identity("bob", "Bob")


def typing(watcher: Watcher) -> list[list[str]]:
    return [frame["names"] for frame in watcher.of("typing")]


async def test_who_types_is_named_until_the_message_is_sent(lobby: Daphne, room: str) -> None:
    async with (
        Watcher(lobby.ws_url(room)) as alice,
        Watcher(lobby.ws_url(room)) as bob,
        PlainClient(lobby.ws_url(room)) as plain,
    ):
        await bob.wait_until(lambda bob: bob.count == 3)
        await alice.send({"type": "typing"})
        await bob.wait_until(lambda bob: bob.of("typing"))
        assert bob.of("typing") == [
            {"type": "typing", "names": [alice.you["name"]], "ids": [alice.you["id"]]}
        ]
        await alice.send({"type": "typing", "on": False})
        await bob.wait_until(lambda bob: typing(bob)[-1] == [])
        await alice.send({"type": "typing"})
        await bob.wait_until(lambda bob: typing(bob)[-1] == [alice.you["name"]])
        await alice.answer_to(await alice.post("said"))
        await bob.wait_until(lambda bob: typing(bob)[-1] == [])
        await plain.wait_until(lambda plain: plain.texts == ["said"])
        assert [frame["message"] for frame in plain.frames] == ["said"]
    async with Watcher(lobby.ws_url(room)) as charlie:
        await charlie.ask("resume", "changes")
        assert typing(charlie) == []


async def test_who_leaves_is_not_named_as_typing_any_more(lobby: Daphne, room: str) -> None:
    async with Watcher(lobby.ws_url(room)) as bob:
        async with Watcher(lobby.ws_url(room)) as alice:
            await alice.send({"type": "typing"})
            await bob.wait_until(lambda bob: typing(bob) == [[alice.you["name"]]])
        await bob.wait_until(lambda bob: typing(bob)[-1] == [])


async def test_typing_is_shown_through_another_process_and_not_stored(hinted_pair: Pair, room: str) -> None:
    one, other = hinted_pair
    async with Watcher(one.ws_url(room)) as alice, Watcher(other.ws_url(room)) as bob:
        await bob.sees(alice, bob)
        async with asyncio.timeout(60):
            while not typing(bob):  # a hint may be lost: people type on
                await alice.send({"type": "typing"})
                await asyncio.sleep(1)
        assert typing(bob)[0] == [alice.you["name"]]
        await alice.answer_to(await alice.post("said"))
        stored = "SELECT key FROM chat_participant WHERE key IN (%s, %s)"
        people = (alice.you["id"], bob.you["id"])
        assert one.site.sql(stored, *people) == [people[:1]], "that of who has said something"
    for server in (one, other):
        server.assert_no_traceback()


async def test_who_may_not_post_is_not_named_as_typing(lobby: Daphne, room: str) -> None:
    async with (
        Watcher(lobby.ws_url(room)) as alice,
        Watcher(lobby.ws_url(room)) as bob,
        Watcher(lobby.ws_url(room)) as charlie,
    ):
        for person in (alice, bob, charlie):
            await person.answer_to(await person.post("hello"))
        await do(alice, "moderate", act="mute", id=charlie.you["id"])
        await charlie.wait_until(lambda charlie: charlie.of("standing"))
        await charlie.send({"type": "typing"})
        await do(alice, "configure", read_only=True)
        await bob.wait_until(
            lambda bob: any(frame.get("room", {}).get("read_only") for frame in bob.of("changes"))
        )
        for person in (bob, charlie, alice):
            await person.send({"type": "typing"})
        for person in (bob, charlie, alice):
            await person.wait_until(typing)
            assert typing(person) == [[alice.you["name"]]]


async def do(watcher: Watcher, kind: str, **fields: object) -> None:
    """An act in the room; returns when it is done."""
    client_id = str(uuid4())
    await watcher.send({"type": kind, "client_id": client_id, **fields})
    answer = await watcher.answer_to(client_id)
    assert answer["type"] == "ack", answer


# --- One room, with a clock that the test shortens ---


class TypingProcess:
    """The names of one process, and what it publishes to the others."""

    def __init__(self) -> None:
        self.is_busy = False
        self.published: list[TypingEvent] = []
        self.names = TypingTracker(
            "here", lambda event, _group: self.published.append(event), lambda: self.is_busy
        )


@pytest.fixture
async def process() -> TypingProcess:
    return TypingProcess()


def names_sent(person: Person) -> list[list[str]]:
    return [frame["ids"] for frame in person.line.frames]


async def test_however_many_type_a_room_is_sent_the_names_once_a_second(
    process: TypingProcess, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.presence.typing.PAUSE", 0.2)
    alice = Person(feed)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for n in range(200):
        process.names.typed(feed, Identity(f"{n % 50}", f"Name {n % 50}"))
        await asyncio.sleep(0.002)
    await asyncio.sleep(0.3)
    pauses = (loop.time() - began) / 0.2
    assert 2 <= len(alice.line.frames) <= 2 + pauses
    assert 2 <= len(process.published) <= 2 + pauses
    assert all(len(ids) <= 20 for ids in names_sent(alice))
    assert all(len(event.names) <= 20 for event in process.published)
    process.names.forget(feed)


@pytest.mark.waits
async def test_the_first_of_two_typists_is_no_longer_named_after_its_time(
    process: TypingProcess, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.presence.typing.PAUSE", 0.01)
    monkeypatch.setattr("chat.presence.typing.GOOD_FOR", 2.0)
    alice = Person(feed)
    process.names.typed(feed, ALICE)
    await asyncio.sleep(0.7)
    process.names.typed(feed, BOB)
    await until(lambda: len(names_sent(alice)) == 3)
    assert names_sent(alice) == [["alice"], ["alice", "bob"], ["bob"]]
    await asyncio.sleep(2.2)
    process.names.stopped(feed, "bob")
    await asyncio.sleep(0.1)
    assert len(names_sent(alice)) == 3, "the last one ends with the frame"
    process.names.forget(feed)


async def test_a_socket_for_which_anything_waits_is_sent_no_typing_names(
    process: TypingProcess, feed: Feed
) -> None:
    alice, slow, plain = Person(feed), Person(feed), Person(feed, plain=True)
    slow.line.waiting = 1
    process.names.typed(feed, BOB)
    await until(lambda: names_sent(alice) == [["bob"]])
    assert slow.line.frames == plain.line.frames == []
    process.names.forget(feed)


async def test_no_typing_names_are_sent_while_many_writes_wait(process: TypingProcess, feed: Feed) -> None:
    alice = Person(feed)
    process.is_busy = True
    process.names.typed(feed, BOB)
    await asyncio.sleep(0.1)
    assert (alice.line.frames, process.published) == ([], [])
    process.is_busy = False
    process.names.typed(feed, BOB)
    await until(lambda: names_sent(alice) == [["bob"]])
    process.names.forget(feed)


async def test_who_types_through_another_process_is_named_here_and_not_published_again(
    process: TypingProcess, feed: Feed
) -> None:
    alice = Person(feed)
    process.names.on_event(feed, TypingEvent("elsewhere", feed.key, {"bob": "Bob"}))
    await until(lambda: names_sent(alice) == [["bob"]])
    process.names.on_event(feed, TypingEvent("elsewhere", feed.key, {}))
    await until(lambda: names_sent(alice) == [["bob"], []])
    assert process.published == []
    process.names.forget(feed)


async def test_an_event_that_may_be_dropped_is_while_another_is_being_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from chat.cluster.publisher import Publisher

    sent: list[Any] = []
    gate = asyncio.Event()

    async def tell(event: TypingEvent, group: str) -> bool:
        sent.append(event)
        await gate.wait()
        return True

    monkeypatch.setattr("chat.cluster.messages.publish_event", tell)
    publisher = Publisher("here")
    for _ in range(5):
        publisher.publish_if_idle(TypingEvent("here", "tea", {}), "room.tea")
        await asyncio.sleep(0)
    assert len(sent) == 1
    gate.set()
    await asyncio.sleep(0.01)
    publisher.publish_if_idle(TypingEvent("here", "tea", {}), "room.tea")
    await asyncio.sleep(0)
    assert len(sent) == 2
