"""The database goes back under running servers: everybody starts afresh, nobody is stuck on old numbers."""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from ..harness.clients import ChatClient, PlainClient
from ..harness.servers import Daphne, ServerProcess, Site
from ..harness.talk import never_left, together
from ..harness.watchers import Watcher, until

FLUSH = """
from django.core.management import call_command
call_command("flush", "--noinput", verbosity=0)
"""
NOTICED = 60.0  # seconds that a slow machine is given: the check comes every 2 s


async def see(people: Sequence[ChatClient], *texts: str) -> None:
    for person in people:
        await person.wait_until(lambda person: person.texts == list(texts), NOTICED, f"{texts}")


@pytest.mark.waits
async def test_a_flushed_database_is_noticed_and_talk_goes_on(any_site: Site, room: str) -> None:
    server = any_site.daphne()
    async with (
        ChatClient(server.ws_url(room)) as alice,
        ChatClient(server.ws_url(room)) as bob,
        PlainClient(server.ws_url(room)) as charlie,
    ):
        for text in ("one", "two", "three"):
            await alice.post(text)
        await see((alice, bob), "one", "two", "three")
        any_site.shell(FLUSH)
        await see((alice, bob))
        assert alice.epoch is None
        await alice.post("a new epoch")
        await bob.post("for all of us")
        await see((alice, bob), "a new epoch", "for all of us")
        await charlie.wait_until(
            lambda charlie: charlie.texts[3:] == ["a new epoch", "for all of us"], NOTICED
        )
        assert charlie.texts[:3] == ["one", "two", "three"]
        assert [message["sequence"] for message in alice.messages] == [1, 2]
        for person in (alice, bob, charlie):
            assert never_left(person)
        server.assert_no_traceback()


async def test_talk_that_goes_on_in_the_very_moment_of_the_flush_is_seen(site: Site, room: str) -> None:
    """Nobody waits for the check: the first message of the new epoch comes at once."""
    server = site.daphne()
    async with ChatClient(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as bob:
        for text in ("one", "two", "three"):
            await alice.post(text)
        await see([alice], "one", "two", "three")
        site.sql("DELETE FROM chat_membership")
        site.sql("DELETE FROM chat_message")
        site.sql("DELETE FROM chat_room")
        site.sql("DELETE FROM chat_participant")
        for text in ("four", "five"):
            await alice.post(text)
        await see([alice], "four", "five")
        await bob.wait_until(lambda bob: bob.texts == ["one", "two", "three", "four", "five"], NOTICED)


@pytest.mark.waits
async def test_a_restored_backup_is_noticed_wherever_the_numbers_stand(site: Site, room: str) -> None:
    """After the restore so many messages are said at once in a room: fewer than were lost, as many, more."""
    server = site.daphne()

    async def goes_on(alice: ChatClient, charlie: PlainClient, before: str | None, further: int) -> None:
        said = [f"again {n}" for n in range(further)]
        for text in said:
            await alice.post(text)
        await alice.wait_until(lambda alice: alice.epoch != before, NOTICED, "a new epoch")
        await alice.post("and on")
        await see([alice], "one", "two", *said, "and on")
        old = ["one", "two", "three", "four", "five"]
        await charlie.wait_until(lambda charlie: charlie.texts == [*old, *said, "and on"], NOTICED)
        assert site.texts(f"{room} {further}") == ["one", "two", *said, "and on"]
        assert never_left(alice, charlie)

    writers = {n: ChatClient(server.ws_url(f"{room} {n}")) for n in (0, 1, 2, 3, 5)}
    readers = {n: PlainClient(server.ws_url(f"{room} {n}")) for n in writers}
    async with together(*writers.values(), *readers.values()):
        for alice in writers.values():
            for text in ("one", "two"):
                await alice.post(text)
        backup = site.backup()
        for alice in writers.values():
            for text in ("three", "four", "five"):
                await alice.post(text)
        for alice in writers.values():
            await see([alice], "one", "two", "three", "four", "five")
        epochs = {n: alice.epoch for n, alice in writers.items()}
        site.restore(backup)
        await asyncio.gather(*(goes_on(writers[n], readers[n], epochs[n], n) for n in writers))
    server.assert_no_traceback()


async def lost_messages(site: Site, rooms: Sequence[str]) -> tuple[ServerProcess, Path]:
    """A server that started after three messages of each room, and a backup that has one of them."""
    first = site.daphne()
    people = [ChatClient(first.ws_url(room)) for room in rooms]
    async with together(*people):
        for charlie in people:
            await charlie.post("one")
        backup = site.backup()
        for charlie in people:
            for text in ("two", "three"):
                await charlie.post(text)
    await asyncio.to_thread(first.terminate)
    return site.daphne(), backup


async def test_a_server_that_started_after_the_messages_notices_a_restored_backup(
    site: Site, room: str
) -> None:
    """Its feed has read what was lost, not delivered it: equal numbers must not pass for equal words."""

    async def goes_on(alice: ChatClient, bob: ChatClient, further: int) -> None:
        said = [f"again {n}" for n in range(further)]
        for text in said:
            await alice.post(text)
        await see((alice, bob), "one", *said)
        await alice.post("and on")
        await see((alice, bob), "one", *said, "and on")

    rooms = [f"{room} {n}" for n in range(4)]
    server, backup = await lost_messages(site, rooms)
    writers = [ChatClient(server.ws_url(name)) for name in rooms]
    readers = [ChatClient(server.ws_url(name)) for name in rooms]
    async with together(*writers, *readers):
        for bob in readers:
            assert bob.texts == ["one", "two", "three"]
        site.restore(backup)
        await asyncio.gather(*(goes_on(writers[n], readers[n], n) for n in range(4)))
    server.assert_no_traceback()


@pytest.mark.waits
async def test_plain_sockets_of_a_server_that_started_later_are_sent_what_is_posted_after_a_restore(
    site: Site, room: str
) -> None:
    """Nobody has asked for the page: the feed knows the lost messages by their number only."""

    async def goes_on(alice: PlainClient, bob: PlainClient, further: int) -> None:
        said = [f"again {n}" for n in range(further)]
        for text in said:
            await alice.say(text)
        for person in (alice, bob):
            await person.wait_until(lambda person: person.texts == said, NOTICED, f"{said}")
        await alice.say("and on")
        await bob.wait_until(lambda bob: bob.texts == [*said, "and on"], NOTICED)

    rooms = {n: f"{room} {n}" for n in (1, 2, 3)}
    server, backup = await lost_messages(site, list(rooms.values()))
    writers = {n: PlainClient(server.ws_url(name)) for n, name in rooms.items()}
    readers = {n: PlainClient(server.ws_url(name)) for n, name in rooms.items()}
    async with together(*writers.values(), *readers.values()):
        site.restore(backup)
        await asyncio.gather(*(goes_on(writers[n], readers[n], n) for n in rooms))


async def test_a_restored_backup_is_noticed_in_both_of_two_processes(redis_site: Site, room: str) -> None:
    one, other = redis_site.daphnes(2)
    async with ChatClient(one.ws_url(room)) as alice, ChatClient(other.ws_url(room)) as bob:
        await alice.post("one")
        backup = redis_site.backup()
        await bob.post("two")
        await see((alice, bob), "one", "two")
        redis_site.restore(backup)
        await alice.post("another two")
        await see((alice, bob), "one", "another two")
        await bob.post("three")
        await see((alice, bob), "one", "another two", "three")
        assert alice.epoch == bob.epoch
        assert alice.log == bob.log


async def test_who_reconnects_after_the_restore_is_sent_a_reset(site: Site, room: str) -> None:
    server = site.daphne()
    alice = ChatClient(server.ws_url(room), reconnect=True)
    async with alice:
        await alice.post("one")
        backup = site.backup()
        await alice.post("two")
        await see([alice], "one", "two")
        await asyncio.to_thread(server.terminate)
        site.restore(backup)
        await asyncio.to_thread(server.start)
        await see([alice], "one")
        await alice.post("another two")
        await see([alice], "one", "another two")


@pytest.mark.parametrize("is_busy", [True, False])
async def test_who_came_after_the_backup_is_on_every_list_after_it_was_put_back(
    site: Site, room: str, is_busy: bool
) -> None:
    """Also where somebody comes in before the process has noticed."""

    async def listed(number: int) -> None:
        await until(lambda: site.count("chat_connection") == number)

    server = site.daphne()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(Watcher(server.ws_url(room)))
        await listed(1)
        backup = site.backup()
        await stack.enter_async_context(Watcher(server.ws_url(room)))
        await listed(2)
        await stack.enter_async_context(Watcher(server.ws_url(room)))
        await listed(3)
        site.restore(backup)
        assert site.count("chat_connection") == 1
        if is_busy:
            await stack.enter_async_context(Watcher(server.ws_url(room)))
        await listed(3 + is_busy)
    server.assert_no_traceback()


async def test_a_room_deleted_in_the_database_is_empty_for_all(lobby: Daphne, room: str) -> None:
    another = lobby.ws_url(f"{room} next door")
    async with ChatClient(lobby.ws_url(room)) as alice, ChatClient(another) as bob:
        await alice.post("one")
        await bob.post("stays")
        await bob.wait_until(lambda bob: bob.texts)
        lobby.site.shell(f"from chat.models import Room; Room.objects.filter(key={room!r}).delete()")
        await see([alice])
        await alice.post("two")
        await see([alice], "two")
        assert bob.texts == ["stays"]
        assert bob.resets == 1
