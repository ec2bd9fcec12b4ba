"""The list of rooms, live over a socket of its own."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest

from chat.access.identity import guest as stranger
from chat.database.threads import DatabaseThreads
from chat.protocol import CloseCode, RoomEntry, YourRooms
from chat.realtime.room_list import View, Viewer
from chat.realtime.room_list_feed import RoomListFeed
from chat.realtime.subscriber import HIGH_WATER

from ..conftest import Pair
from ..harness.clients import ChatClient, PlainClient
from ..harness.people import Person
from ..harness.servers import Daphne, Site
from ..harness.sockets import Client, Frame
from ..harness.watchers import Watcher, guest, until
from ..harness.wires import Wire
from ..presence.test_broadcast import Socket, Sockets
from .test_feed import NOW


def index_url(server: Daphne) -> str:
    return server.ws_url("x").removesuffix("x/")


def listed(client: Client, room: str) -> Frame | None:
    """The room in the newest list."""
    frames = [frame for frame in client.frames if frame.get("type") == "rooms"]
    return next((entry for entry in frames[-1]["rooms"] if entry["name"] == room), None) if frames else None


def count(client: Client, room: str) -> int | None:
    entry = listed(client, room)
    return entry["count"] if entry else None


@pytest.mark.waits
async def test_rooms_and_how_many_are_there_are_sent_at_once_and_when_they_change(
    any_pair: Pair, room: str
) -> None:
    one, other = any_pair
    async with Wire(index_url(one)) as reader, PlainClient(index_url(one)) as plain:
        await reader.wait_until(lambda reader: reader.frames and not listed(reader, room))
        async with ChatClient(one.ws_url(room)) as alice:
            await alice.post("hello")
            for person in (reader, plain):
                await person.wait_until(lambda person: listed(person, room))
            await reader.wait_until(lambda reader: count(reader, room) == 1)
            entry = listed(reader, room)
            assert entry
            assert entry.keys() == {"name", "topic", "sequence", "last_posted_at", "count", "epoch"}
            assert entry["sequence"] == 1
            async with ChatClient(other.ws_url(room)):
                await reader.wait_until(lambda reader: count(reader, room) == 2)
                async with Wire(index_url(other)) as late:
                    await late.wait_until(lambda late: count(late, room) == 2)
            await reader.wait_until(lambda reader: count(reader, room) == 1)
            await asyncio.sleep(4.5)
            assert all(one != next_ for one, next_ in pairwise(reader.frames)), "each brings news"
        await reader.wait_until(lambda reader: count(reader, room) == 0)
        await plain.wait_until(lambda plain: count(plain, room) == 0)
        await until(lambda: plain.frames[-1] == reader.frames[-1])
    for server in (one, other):
        server.assert_no_traceback()


async def test_private_hidden_and_closed_rooms_are_in_no_list(lobby: Daphne, room: str) -> None:
    for kind in ("private", "hidden", "closed", "open"):
        async with ChatClient(lobby.ws_url(f"{room}-{kind}")) as alice:
            await alice.post("hello")
    change = "UPDATE chat_room SET {} WHERE name = %s"
    lobby.site.sql(change.format("is_private = 1"), f"{room}-private")
    lobby.site.sql(change.format("is_hidden = 1"), f"{room}-hidden")
    lobby.site.sql(change.format("closed_at = '2026-01-01 00:00:00'"), f"{room}-closed")
    async with Wire(index_url(lobby)) as reader:
        await reader.wait_until(lambda reader: reader.frames)
        names = [entry["name"] for entry in reader.frames[0]["rooms"]]
        assert [name for name in names if name.startswith(room)] == [f"{room}-open"]


def own(client: Client) -> Frame:
    """What it was sent last of what it alone finds in the list: unread by room, and rooms by name."""
    told = [frame for frame in client.frames if frame.get("type") == "your_rooms"]
    rooms = told[-1]["rooms"] if told else []
    return (told[-1]["unread"] if told else {}) | {"own": {entry["name"]: entry for entry in rooms}}


async def test_a_member_sees_live_in_the_list_what_happens_in_a_room(any_pair: Pair, room: str) -> None:
    """Alice owns it, bob is no member, charlie is put out."""
    secret, tea = f"{room}-secret", f"{room}-tea"
    one, other = any_pair
    alice, bob, charlie = guest(one), guest(one), guest(one)
    async with ChatClient(one.ws_url(secret), cookies=alice) as owner:
        await owner.post("hello")
        async with ChatClient(one.ws_url(secret), cookies=charlie) as member:
            await member.post("hello")
            charlie_id = member.you["id"]
        async with ChatClient(one.ws_url(tea), cookies=bob) as somebody:
            await somebody.post("hello")
        one.site.sql("UPDATE chat_room SET is_private = %s WHERE name = %s", True, secret)
        async with (
            Wire(index_url(other), cookies=alice) as his,
            Wire(index_url(one), cookies=bob) as foreign,
            Wire(index_url(one), cookies=charlie) as theirs,
            PlainClient(index_url(one), cookies=alice) as plain,
        ):
            await theirs.wait_until(lambda theirs: secret in own(theirs)["own"])
            entry = own(theirs)["own"][secret]
            assert entry | {"last_posted_at": 0, "count": 0} == {
                "name": secret, "topic": "", "sequence": 2, "last_posted_at": 0, "count": 0,
                "unread": 1, "private": True, "epoch": owner.epoch,
            }  # fmt: skip
            await owner.post("and on")
            await owner.send({"type": "seen", "sequence": 3})
            await theirs.wait_until(lambda theirs: own(theirs)["own"][secret]["unread"] == 2)
            mine = {"sequence": 3, "unread": 0, "count": 1}
            await his.wait_until(lambda his: own(his)["own"].get(secret, {}).items() >= mine.items())
            await owner.do("moderate", act="ban", id=charlie_id)
            await theirs.wait_until(lambda theirs: own(theirs)["own"] == {})
            await foreign.wait_until(lambda foreign: listed(foreign, tea))
            assert set(own(foreign)["own"]) == {tea}
            for person in (foreign, plain):
                assert secret not in str(person.frames)
            assert not any(frame.get("type") == "your_rooms" for frame in plain.frames)
    for server in (one, other):
        server.assert_no_traceback()


async def test_what_is_read_in_one_place_is_read_in_the_list(any_lobby: Daphne, room: str) -> None:
    cookie = guest(any_lobby)
    async with (
        ChatClient(any_lobby.ws_url(room)) as alice,
        ChatClient(any_lobby.ws_url(room), cookies=cookie) as bob,
        Wire(index_url(any_lobby), cookies=cookie) as index,
    ):
        await alice.post("one")
        await bob.rename("Bob")
        await bob.send({"type": "seen", "sequence": 1})
        await index.wait_until(lambda index: own(index).get(room) == 0)
        for text in ("two", "three"):
            await alice.post(text)
        await bob.post("four")
        await index.wait_until(lambda index: own(index)[room] == 2)
        await alice.delete(2)
        await index.wait_until(lambda index: own(index)[room] == 1)
        await bob.send({"type": "seen", "sequence": 4})
        await index.wait_until(lambda index: own(index)[room] == 0)


async def test_who_logs_out_is_sent_no_more_of_their_rooms_by_any_process(pair: Pair) -> None:
    one, other = pair
    alice = Person(one)
    await asyncio.to_thread(alice.sign_up)
    async with Wire(index_url(other), cookies=alice.cookies) as index, Wire(index_url(other)) as stranger:
        await index.wait_until(lambda index: index.frames)
        await asyncio.to_thread(alice.log_out)
        assert await index.wait_closed() == CloseCode.SIGN_IN
        assert stranger.connected


async def test_a_guest_who_signs_up_comes_back_to_the_list_as_the_account(lobby: Daphne, room: str) -> None:
    alice = Person(lobby)
    async with alice.chat(room) as tab:
        await tab.post("hello")
    async with Wire(index_url(lobby), cookies=alice.cookies) as index:
        await index.wait_until(lambda index: index.frames)
        await asyncio.to_thread(alice.sign_up)
        assert await index.wait_closed() == CloseCode.RESTART


async def test_rooms_are_found_by_part_of_their_name_over_both_kinds_of_socket(
    any_lobby: Daphne, room: str
) -> None:
    async with ChatClient(any_lobby.ws_url(room)) as alice, Wire(index_url(any_lobby)) as index:
        await alice.post("hello")
        async with ChatClient(any_lobby.ws_url(f"{room}-hidden")) as other:
            await other.post("hello")
        any_lobby.site.sql("UPDATE chat_room SET is_hidden = %s WHERE name = %s", True, f"{room}-hidden")
        for client in (alice, index):
            for query in (f" {room.upper()[2:]}", "a" * 150):
                await client.send({"type": "find_rooms", "query": query})
            await client.send({"type": "find_rooms", "query": "a" * 201})
            await client.wait_until(lambda client: len(client.errors) == 1)
            found = [frame for frame in client.frames if frame["type"] == "found_rooms"]
            assert [frame["rooms"] for frame in found] == [[room], []]
            assert found[0]["query"] == f" {room.upper()[2:]}"
    any_lobby.assert_no_traceback()


async def test_the_socket_of_a_room_carries_the_list_while_it_is_wanted(lobby: Daphne, room: str) -> None:
    other = f"{room}-other"
    async with ChatClient(lobby.ws_url(room)) as alice, ChatClient(lobby.ws_url(other)) as bob:
        await bob.post("hello")
        await alice.post("hello")
        assert listed(alice, other) is None
        await alice.send({"type": "watch_rooms"})
        await alice.wait_until(lambda alice: room in own(alice)["own"])
        assert listed(alice, other)
        await bob.post("again")
        await alice.wait_until(lambda alice: (listed(alice, other) or {}).get("sequence") == 2)
        await alice.send({"type": "watch_rooms", "on": False})
        await alice.post("frames are taken in their order")
        await bob.post("and again")
        async with Wire(index_url(lobby)) as reader:
            await reader.wait_until(lambda reader: (listed(reader, other) or {}).get("sequence") == 3)
        assert (listed(alice, other) or {}).get("sequence") == 2
    lobby.assert_no_traceback()


async def test_every_other_command_is_refused_and_the_socket_stays_open(lobby: Daphne) -> None:
    client_id = "6f1c2a3b-4d5e-4f60-8a7b-9c0d1e2f3a4b"
    async with Wire(index_url(lobby)) as reader, PlainClient(index_url(lobby)) as plain:
        await reader.send({"type": "post", "client_id": client_id, "message": "hello"})
        await reader.send({"type": "post"})
        await reader.send({"type": "nonsense"})
        await reader.send_raw("[")
        await reader.send_raw(b"\0")
        await reader.send_raw('"' + "x" * 70_000 + '"')
        await plain.say("hello")
        await plain.send_raw("hello")
        await reader.wait_until(lambda reader: len(reader.errors) == 6)
        codes = [error["code"] for error in reader.errors]
        assert codes == ["unknown_type"] * 3 + ["bad_frame"] * 2 + ["too_large"]
        assert reader.errors[0]["client_id"] == client_id
        await plain.wait_until(lambda plain: len(plain.errors) == 2)
        assert [error["error"] for error in plain.errors] == ["unknown_type", "bad_frame"]
        assert reader.connected
        assert plain.connected
    lobby.assert_no_traceback()


async def test_a_restart_closes_the_sockets_of_the_list_with_4012(site: Site) -> None:
    server = site.daphne()
    async with Wire(index_url(server)) as reader, PlainClient(index_url(server)) as plain:
        await reader.wait_until(lambda reader: reader.frames)
        await asyncio.to_thread(server.terminate)
        for person in (reader, plain):
            assert await person.wait_closed() == CloseCode.RESTART
    server.assert_no_traceback()


async def test_a_socket_of_the_list_is_present_in_no_room(lobby: Daphne, room: str) -> None:
    async with Wire(index_url(lobby)) as reader, Watcher(lobby.ws_url(room)) as alice:
        await reader.wait_until(lambda reader: reader.frames)
        await alice.sees(alice)


class RoomsProcess:
    """Rooms without a database: the test says what is read, and how often it was asked."""

    def __init__(self) -> None:
        self.questions = 0
        self.viewers: list[int] = []
        self.sequence = 1

    def read(self, viewers: Sequence[Viewer], _counted: object) -> tuple[list[RoomEntry], list[View]]:
        self.questions += 1
        self.viewers.append(len(viewers))
        own = YourRooms([], {"tea": self.sequence})
        return [RoomEntry("tea", "", self.sequence, NOW, 3)], [View(viewer.who, own) for viewer in viewers]


@pytest.mark.waits
async def test_the_rooms_are_read_once_in_two_seconds_however_many_sockets_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = RoomsProcess()
    monkeypatch.setattr("chat.realtime.room_list_feed.read_rooms", process.read)
    threads = DatabaseThreads(1, "none")
    index, sockets = RoomListFeed(threads), Sockets()
    people = [Socket(sockets) for _ in range(500)]
    for person in people:
        index.join(person)  # type: ignore[arg-type]
    await until(lambda: all(person.frames for person in people))
    late = Socket(sockets)
    index.join(late)  # type: ignore[arg-type]
    assert not late.frames, "what was read before they came may be older than their page"
    slow = people[0]
    slow.writer.waiting = HIGH_WATER + 1
    process.sequence = 2
    await until(lambda: len(people[1].frames) == 2)
    assert process.questions == 2
    assert len(slow.frames) == 1
    assert [frame["rooms"][0]["sequence"] for frame in late.frames] == [2]
    slow.writer.waiting = 0
    index.catch_up()
    assert [frame["rooms"][0]["sequence"] for frame in slow.frames] == [1, 2]
    for person in [*people, late]:
        index.leave(person)  # type: ignore[arg-type]
    await asyncio.sleep(2.5)
    assert process.questions == 2, "nobody listens, nobody asks"
    threads.stop()


async def test_of_many_sockets_each_is_sent_its_own_rooms_in_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = RoomsProcess()
    monkeypatch.setattr("chat.realtime.room_list_feed.read_rooms", process.read)
    monkeypatch.setattr("chat.realtime.room_list_feed.INTERVAL", 0.1)
    threads = DatabaseThreads(1, "none")
    index, sockets = RoomListFeed(threads), Sockets()
    people = [Socket(sockets) for _ in range(500)]
    for number, person in enumerate(people):
        index.join(person, Viewer(stranger(f"{number}"), ""))  # type: ignore[arg-type]

    def told(person: Socket) -> list[int]:
        return [frame["unread"]["tea"] for frame in person.frames if frame["type"] == "your_rooms"]

    slow = people[0]
    slow.writer.waiting = HIGH_WATER + 1
    await until(lambda: all(told(person) == [1] for person in people[1:]), 30)
    assert process.viewers[:5] == [100] * 5
    assert told(slow) == []
    slow.writer.waiting = 0
    await until(lambda: told(slow) == [1], 30)
    assert all(told(person) == [1] for person in people), "what has not changed is not sent"
    for person in people:
        index.leave(person)  # type: ignore[arg-type]
    threads.stop()
