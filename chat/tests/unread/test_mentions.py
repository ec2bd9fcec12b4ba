"""Mentions over real sockets: in the message's state for all, counted for whom they name alone."""

from functools import partial
from typing import Any

from ..conftest import Pair
from ..harness.clients import ChatClient
from ..harness.servers import Daphne
from ..harness.sockets import Client, Frame
from ..harness.watchers import guest, until
from ..harness.wires import Wire


def mentions(client: Client) -> list[int]:
    """The places that the person's socket was told last."""
    told = [frame for frame in client.frames if frame["type"] in ("welcome", "standing")][-1]
    places: list[int] = told.get("standing", told)["mentions"]
    return places


def on_index(client: Client, room: str) -> int:
    """How many of the room's unread messages mention the person, as the list of rooms says."""
    own: list[Frame] = [frame for frame in client.frames if frame["type"] == "your_rooms"]
    count: int = own[-1]["mentions"].get(room, 0) if own else 0
    return count


def index_url(server: Daphne) -> str:
    return server.ws_url("x").removesuffix("x/")


def is_counted(index: Client, room: str, count: int) -> bool:
    return on_index(index, room) == count


def shown(client: ChatClient, sequence: int) -> Any:
    return client.log[sequence].get("mentions") if sequence in client.log else None


async def test_a_mention_reaches_who_was_away_and_counts_until_it_is_read_on_all_their_sockets(
    any_pair: Pair, room: str
) -> None:
    one, other = any_pair
    cookie = guest(one)
    async with ChatClient(one.ws_url(room)) as alice:
        await alice.post("hello")
        async with ChatClient(one.ws_url(room), cookies=cookie) as bob:
            await bob.rename("Bob Builder")
            await bob.post("hi")
            await bob.send({"type": "seen", "sequence": 2})
            key = bob.you["id"]
        await alice.post("@bob builder, come back")
        await alice.post("nothing")
        await alice.wait_until(lambda alice: shown(alice, 3) == [{"id": key, "name": "bob builder"}])
        async with (
            ChatClient(one.ws_url(room), cookies=cookie) as here,
            ChatClient(other.ws_url(room), cookies=cookie) as there,
            Wire(index_url(other), cookies=cookie) as index,
        ):
            assert mentions(here) == mentions(there) == [3]
            assert here.log[3] == there.log[3] == alice.log[3]
            await index.wait_until(lambda index: on_index(index, room) == 1)
            await here.send({"type": "seen", "sequence": 4})
            await here.wait_until(lambda here: mentions(here) == [])
            await index.wait_until(lambda index: on_index(index, room) == 0)
        async with ChatClient(other.ws_url(room), cookies=cookie) as bob:
            assert mentions(bob) == []
    for server in any_pair:
        server.assert_no_traceback()


async def test_sockets_in_other_processes_learn_that_a_mention_was_read(hinted_pair: Pair, room: str) -> None:
    one, other = hinted_pair
    cookie = guest(one)
    async with (
        ChatClient(one.ws_url(room)) as alice,
        ChatClient(one.ws_url(room), cookies=cookie) as here,
        ChatClient(other.ws_url(room), cookies=cookie) as there,
    ):
        await alice.post("hello")
        await here.rename("Bob")
        await here.post("hi")
        ack = await alice.do("post", message="@Bob!", mentions=[here.you["id"]])
        await there.wait_until(lambda there: shown(there, ack["sequence"]))
        await here.wait_until(lambda here: shown(here, ack["sequence"]))
        await here.send({"type": "seen", "sequence": ack["sequence"]})

        def is_told(there: ChatClient) -> bool:
            told = [frame["seen"] for frame in there.frames if frame["type"] == "standing"]
            return ack["sequence"] in told

        await there.wait_until(is_told)
        assert mentions(there) == []
    for server in hinted_pair:
        server.assert_no_traceback()


async def test_here_counts_for_all_who_are_present(any_pair: Pair, room: str) -> None:
    one, other = any_pair
    async with (
        ChatClient(one.ws_url(room)) as alice,
        ChatClient(one.ws_url(room)) as bob,
        ChatClient(other.ws_url(room)) as charlie,
    ):
        for person in (alice, bob, charlie):
            await person.post("hello")
        site = one.site
        present = "SELECT count(*) FROM chat_connection WHERE room_key = %s"
        await until(lambda: site.sql(present, room) == [(3,)])
        ack = await alice.post("@here: tea is ready")
        for person in (bob, charlie):
            await person.wait_until(lambda person: mentions(person) == [ack["sequence"]])
            await person.wait_until(lambda person: shown(person, ack["sequence"]) == [{"name": "here"}])
        assert mentions(alice) == []
        await bob.post("@here")
        await alice.wait_until(lambda alice: alice.texts[-1] == "@here")
        assert shown(alice, ack["sequence"] + 1) is None
    for server in any_pair:
        server.assert_no_traceback()


async def test_an_edit_adds_and_withdraws_and_a_deletion_ends_a_mention(any_lobby: Daphne, room: str) -> None:
    server, cookie = any_lobby, guest(any_lobby)
    async with (
        ChatClient(server.ws_url(room)) as alice,
        ChatClient(server.ws_url(room), cookies=cookie) as bob,
        Wire(index_url(server), cookies=cookie) as index,
    ):
        await alice.post("hello")
        await bob.rename("Bob")
        await bob.post("hi")
        await bob.send({"type": "seen", "sequence": 2})
        ack = await alice.post("nobody")
        place = ack["sequence"]
        for change, count in (("@Bob", 1), ("nobody again", 0), ("@bob @Bob", 1)):
            await alice.edit(place, change, revision=ack["revision"] + 100)
            await until(partial(is_counted, index, room, count))
        await alice.wait_until(lambda alice: shown(alice, place))
        assert shown(alice, place) == [{"id": bob.you["id"], "name": "bob"}]
        await alice.delete(place)
        await index.wait_until(lambda index: on_index(index, room) == 0)
        await alice.wait_until(lambda alice: alice.log[place].get("deleted") and not shown(alice, place))
        await bob.do("block", id=alice.you["id"])
        await alice.post("@Bob")
        await alice.wait_until(lambda alice: shown(alice, place + 1))
    async with ChatClient(server.ws_url(room), cookies=cookie) as bob:
        assert mentions(bob) == []
    server.assert_no_traceback()
