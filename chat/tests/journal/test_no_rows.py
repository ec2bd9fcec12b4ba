"""Looking costs nothing: only who speaks leaves a row behind."""

import asyncio
import contextlib
import http.client
from collections.abc import Iterator

import pytest

from ..conftest import MakeSite, Pair
from ..harness.clients import ChatClient, PlainClient
from ..harness.hints import joined
from ..harness.servers import Daphne, RedisServer, Site
from ..harness.talk import together
from ..harness.watchers import until
from ..harness.wires import Wire

PASSING = ("chat_process", "chat_connection", "chat_chore")  # who is here now, and what is done daily


def rows(site: Site) -> dict[str, int]:
    """The number of rows of every table that has any."""
    tables = [name for (name,) in site.sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
    counted = {name: site.count(name) for name in tables if not name.startswith("sqlite_")}
    return {name: number for name, number in counted.items() if number and name not in PASSING}


def get_all(server: Daphne, paths: list[str]) -> None:
    """Each path once, each time as somebody new, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with contextlib.closing(connection):
        for path in paths:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            assert response.status == 200
            assert "sessionid" not in (response.getheader("Set-Cookie") or "")


@pytest.fixture(scope="module")
def unused(new_sqlite_site: MakeSite) -> Iterator[Daphne]:
    """Nobody has written anything, nor will."""
    site = new_sqlite_site()
    yield site.daphne()
    site.close()


async def test_a_hundred_pages_leave_no_row_behind(unused: Daphne) -> None:
    await pages_leave_no_row_behind(unused, 100)


async def pages_leave_no_row_behind(server: Daphne, count: int) -> None:
    before = rows(server.site)
    paths = [f"/chat/room-{n}/" for n in range(count)]
    await asyncio.gather(*(asyncio.to_thread(get_all, server, paths[start::2]) for start in (0, 1)))
    assert rows(server.site) == before
    server.assert_no_traceback()


async def test_a_hundred_silent_sockets_leave_no_row_behind(unused: Daphne) -> None:
    await sockets_leave_no_row_behind(unused, 1)


async def sockets_leave_no_row_behind(server: Daphne, hundreds: int) -> None:
    site = server.site
    before = rows(site)
    for hundred in range(hundreds):
        plain = [PlainClient(server.ws_url(f"room-{hundred}-{n}")) for n in range(60)]
        wires = [Wire(server.ws_url(f"room-{n}")) for n in range(40)]
        async with together(*plain, *wires):
            await asyncio.gather(*(wire.ask("resume", "changes") for wire in wires))
    assert rows(site) == before
    await until(lambda: site.count("chat_connection") == 0)
    assert site.count("chat_process") == 1
    server.assert_no_traceback()


async def test_what_is_refused_leaves_no_row_behind(unused: Daphne, room: str) -> None:
    server, before = unused, rows(unused.site)
    async with Wire(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as bob:
        for text in ("", "x" * 4_001, "\0"):
            await alice.answer_to(await alice.post(text))
            await bob.say(text)
        for command in (
            {"type": "rename", "name": ""},
            {"type": "delete", "sequence": 1},
            {"type": "edit", "sequence": 1, "message": "x", "revision": 1},
        ):
            errors = len(alice.errors)
            await alice.send({**command, "client_id": "6f1c2a3b-4d5e-4f60-8a7b-9c0d1e2f3a4b"})
            await alice.wait_until(lambda alice: len(alice.errors) > errors)  # noqa: B023
        await bob.wait_until(lambda bob: len(bob.errors) == 3)
    assert rows(server.site) == before


async def test_the_first_message_of_a_room_without_a_row_is_seen_at_once(lobby: Daphne, room: str) -> None:
    async with (
        ChatClient(lobby.ws_url(room)) as alice,
        ChatClient(lobby.ws_url(room)) as bob,
        PlainClient(lobby.ws_url(room)) as charlie,
    ):
        assert alice.welcome["epoch"] is None
        await alice.post("the first word")
        for person in (alice, bob, charlie):
            await person.wait_until(lambda person: person.texts == ["the first word"])
        assert bob.epoch
        assert (bob.resets, bob.resumes) == (1, 1)


async def test_the_first_message_is_seen_at_once_in_another_process(
    hinted_pair: Pair, shared_redis: RedisServer, room: str
) -> None:
    one, other = hinted_pair
    for room in (f"{room} {n}" for n in range(5)):
        async with (
            ChatClient(one.ws_url(room)) as alice,
            ChatClient(other.ws_url(room)) as bob,
            PlainClient(other.ws_url(room)) as charlie,
        ):
            await joined(shared_redis, room)
            await alice.post("the first word")
            for person in (alice, bob, charlie):
                await person.wait_until(lambda person: person.texts == ["the first word"])


async def test_first_words_said_in_two_processes_at_once_make_one_room(
    hinted_pair: Pair, shared_redis: RedisServer, room: str
) -> None:
    one, other = hinted_pair
    for room in (f"{room} {n}" for n in range(5)):
        async with ChatClient(one.ws_url(room)) as alice, ChatClient(other.ws_url(room)) as bob:
            await joined(shared_redis, room)
            await asyncio.gather(alice.post("alice"), bob.post("bob"))
            for person in (alice, bob):
                await person.wait_until(lambda person: len(person.texts) == 2)
            assert alice.texts == bob.texts == one.site.texts(room)
            assert alice.epoch == bob.epoch
            assert one.site.sql("SELECT count(*) FROM chat_room WHERE name = %s", room) == [(1,)]


async def test_the_first_message_comes_without_redis_too(pair: Pair, room: str) -> None:
    """Two processes that no layer joins: the revision check finds even a room that had no row."""
    one, other = pair
    async with ChatClient(one.ws_url(room)) as alice, PlainClient(other.ws_url(room)) as bob:
        for n in range(1, 3):
            await alice.post(f"{n}")
            await bob.wait_until(lambda bob: bob.texts[-1:] == [f"{n}"])  # noqa: B023
        assert bob.texts == ["1", "2"]
