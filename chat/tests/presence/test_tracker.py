"""Who is here: as those see it who are in the room through the same process."""

import asyncio

import pytest

from ..harness.clients import ChatClient, PlainClient
from ..harness.servers import Daphne, Site
from ..harness.talk import together
from ..harness.watchers import Watcher, guest, until
from ..harness.wires import Wire

LINGER = 2.0  # seconds somebody stays after their last socket


async def test_who_joins_sees_who_is_present_and_everybody_sees_them(lobby: Daphne, room: str) -> None:
    async with Watcher(lobby.ws_url(room)) as alice:
        await alice.sees(alice)
        assert alice.frames[0]["present"] == [{"id": alice.you["id"], "name": alice.you["name"]}]
        async with Watcher(lobby.ws_url(room)) as bob:
            assert bob.frames[0]["type"] == "welcome"
            await bob.sees(alice, bob)
            await alice.sees(alice, bob)
        await alice.sees(alice)
    async with Watcher(lobby.ws_url(room + " next door")) as charlie:
        await charlie.sees(charlie)


@pytest.mark.waits
async def test_several_tabs_are_one_person(lobby: Daphne, room: str) -> None:
    cookie = guest(lobby)
    async with Watcher(lobby.ws_url(room)) as alice:
        async with Watcher(lobby.ws_url(room), cookies=cookie) as bob:
            async with Watcher(lobby.ws_url(room), cookies=cookie) as again:
                await again.sees(alice, bob)
            await asyncio.sleep(LINGER + 0.5)
            await alice.sees(alice, bob)
        await alice.sees(alice)
    assert sum("left" in frame for frame in alice.of("presence")) == 1


@pytest.mark.waits
async def test_a_reload_shows_nothing(lobby: Daphne, room: str) -> None:
    cookie = guest(lobby)
    clock = asyncio.get_running_loop().time
    async with Watcher(lobby.ws_url(room)) as alice, Watcher(lobby.ws_url(room), cookies=cookie) as bob:
        longest = LINGER
        while longest >= LINGER:  # it may be the machine that takes so long
            await alice.sees(alice, bob)
            told, longest = len(alice.of("presence")), 0.0
            for _ in range(3):
                began = clock()
                await bob.close()
                await bob.open()
                longest = max(longest, clock() - began)
        await asyncio.sleep(LINGER + 1.5)
        assert len(alice.of("presence")) == told
        await alice.sees(alice, bob)


async def test_another_name_is_seen_at_once_and_by_those_who_join_later(lobby: Daphne, room: str) -> None:
    async with Watcher(lobby.ws_url(room)) as alice, Watcher(lobby.ws_url(room)) as bob:
        await bob.call_oneself("Ludwig van")
        await alice.sees_named(alice.you["name"], "Ludwig van")
        async with Watcher(lobby.ws_url(room)) as charlie:
            assert "Ludwig van" in charlie.names


async def test_a_plain_socket_is_present_and_is_sent_no_presence_frames(lobby: Daphne, room: str) -> None:
    async with Watcher(lobby.ws_url(room)) as alice:
        async with PlainClient(lobby.ws_url(room)) as bob:
            await alice.wait_until(lambda alice: alice.count == 2)
            async with Watcher(lobby.ws_url(room)) as charlie:
                await charlie.wait_until(lambda charlie: charlie.count == 3)
                await alice.wait_until(lambda alice: alice.count == 3)
            await alice.wait_until(lambda alice: alice.count == 2)
            assert not bob.frames
        await alice.sees(alice)


async def test_of_more_than_a_hundred_only_the_count_is_sent_and_they_can_be_searched(
    lobby: Daphne, room: str
) -> None:
    alice = Watcher(lobby.ws_url(room))
    crowd = [Watcher(lobby.ws_url(room)) for _ in range(110)]
    async with alice:
        async with together(*crowd), Watcher(lobby.ws_url(room)) as bob:
            await bob.call_oneself("STRAẞE Nr. 7")
            await alice.wait_until(lambda alice: alice.count == 112)
            assert len(bob.frames[0]["present"]) == 100
            names = [(person["name"], person["id"]) for person in bob.frames[0]["present"]]
            assert names == sorted(names, key=lambda name: (name[0].casefold(), name[1]))
            crowded = [frame for frame in alice.of("presence") if frame["count"] > 100]
            assert crowded
            assert all(frame.keys() == {"type", "count"} for frame in crowded)
            found = await alice.ask("people", "people", query="strasse nr")
            assert [person["id"] for person in found["people"]] == [bob.you["id"]]
            assert (found["query"], found["count"]) == ("strasse nr", 1)
            everybody = await alice.ask("people", "people", query="")
            assert (len(everybody["people"]), everybody["count"]) == (100, 112)
            nobody = await alice.ask("people", "people", query="%")
            assert (nobody["people"], nobody["count"]) == ([], 0)
        await alice.sees(alice)
        whole = [frame for frame in alice.of("presence") if "present" in frame]
        assert whole, "back at a hundred or less, the list comes whole"


async def test_a_storm_of_joins_costs_few_frames_and_few_writes(site: Site, room: str) -> None:
    server = site.daphne()
    early = [Watcher(server.ws_url(room)) for _ in range(3)]
    crowd = [Wire(server.ws_url(room)) for _ in range(300)]
    clock = asyncio.get_running_loop().time
    async with together(*early):
        began = clock()
        for some in range(0, 300, 20):
            await asyncio.gather(*(wire.open() for wire in crowd[some : some + 20]))
        for alice in early:
            await alice.wait_until(lambda alice: alice.count == 303)
            assert len(alice.of("presence")) <= 5 + (clock() - began)  # one a second
        await until(lambda: site.count("chat_connection") == 303)
        ((transactions,),) = site.sql("SELECT version FROM chat_process")
        assert transactions <= 5 + (clock() - began)
        for wire in crowd:
            await wire.drop()
        for alice in early:
            await alice.sees(*early)
    server.assert_no_traceback()


async def test_time_and_address_of_the_last_visit_are_stored_for_who_has_a_row(
    any_lobby: Daphne, room: str
) -> None:
    server, site = any_lobby, any_lobby.site
    async with ChatClient(server.ws_url(room)) as alice, Watcher(server.ws_url(room)) as bob:
        await alice.post("I am kept")
        await bob.wait_until(lambda bob: bob.count == 2)
    seen = "SELECT last_address FROM chat_participant WHERE last_seen_at IS NOT NULL AND key IN (%s, %s)"
    people = (alice.you["id"], bob.you["id"])
    await until(lambda: site.sql(seen, *people))
    assert site.sql(seen, *people) == [("127.0.0.1",)]
    assert site.sql("SELECT count(*) FROM chat_connection WHERE room_key = %s", room) == [(0,)]
    server.assert_no_traceback()
