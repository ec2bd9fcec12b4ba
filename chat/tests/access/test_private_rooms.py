"""Of a private room an outsider learns that the name is taken, and nothing else.

alice owns the room, bob is a member, charlie is banned; the visitor has never been there.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import redis

from chat.cluster.messages import group_of
from chat.text.cleaning import fold_room_name

from ..harness.clients import ChatClient, PlainClient
from ..harness.people import Person, manage_path, new_link, room_path
from ..harness.servers import Daphne, ServerProcess, Site
from ..harness.sockets import Client
from ..harness.wires import Wire

SECRETS = ("Our Topic", "secret words", "Alice A", "Bob B")


class RoomPeople(NamedTuple):
    server: ServerProcess
    room: str
    alice: Person
    bob: Person
    charlie: Person
    visitor: Person


async def room_people(server: ServerProcess, room: str) -> RoomPeople:
    """A private room in which alice and bob have talked, and from which charlie was banned."""
    alice, bob, charlie = (Person(server) for _ in range(3))
    async with alice.chat(room) as a, bob.chat(room) as b, charlie.chat(room) as c:
        await a.rename("Alice A")
        await a.post("secret words")
        await b.rename("Bob B")
        await b.post("secret words too")
        await c.post("charlie was here")
        alice.manage(room, "people/", act="ban", id=c.you["id"])
        await c.wait_closed()
        alice.set(room, topic="Our Topic", is_private="on")
        assert a.connected
        assert b.connected
    return RoomPeople(server, room, alice, bob, charlie, Person(server))


async def close_code(client: Client) -> int:
    """The close code; nothing else may be sent before it."""
    async with contextlib.AsyncExitStack() as stack:
        if isinstance(client, ChatClient):
            raise TypeError("use a Wire: it waits for nothing")
        await stack.enter_async_context(client)
        code = await client.wait_closed()
        assert not client.frames
        return code


def without_what_is_random(page: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)


async def test_an_outsider_learns_that_the_name_is_taken(lobby: Daphne, room: str) -> None:
    server = lobby
    here = await room_people(server, room)
    for outsider in (here.visitor, here.charlie):
        pages = [
            outsider.get(path)
            for path in (
                room_path(room),
                room_path(room.upper()),
                *(manage_path(room, page) for page in ("", "people/", "invites/", "reports/", "log/")),
                "/chat/",
            )
        ]
        assert [page.status for page in pages] == [403] * 7 + [200]
        for page in pages:
            assert not [secret for secret in SECRETS if secret in page.text]
        assert room not in pages[-1].text
        assert "no-store" in pages[0].headers["Cache-Control"]
        for spelling in (room, room.upper()):
            assert await close_code(Wire(server.ws_url(spelling), cookies=outsider.cookies)) == 4403
            assert await close_code(PlainClient(server.ws_url(spelling), cookies=outsider.cookies)) == 4403
    assert "This name is taken" in here.visitor.enter(room).text
    assert not here.visitor.cookies.get("guest")
    server.assert_no_traceback()


async def test_every_private_room_gives_the_same_answer(lobby: Daphne, room: str) -> None:
    """Whatever was said there, whoever is there, whether it has a password, is closed or hidden."""
    server = lobby
    full = await room_people(server, f"{room}-1")
    full.alice.send(manage_path(full.room), do="password", password="open sesame")
    full.alice.send(manage_path(full.room), do="close", name=full.room)
    alice = Person(server)
    async with alice.chat(f"{room}-2") as a:
        await a.post("x")
    alice.set(f"{room}-2", is_private="on", is_hidden="on")
    async with full.alice.chat(full.room):
        answers = [Person(server).enter(name) for name in (full.room, f"{room}-2")]
    bodies = [
        without_what_is_random(answer.text).replace(f"{room}-{n}", "room")
        for n, answer in enumerate(answers, 1)
    ]
    assert bodies[0] == bodies[1]
    varying = {"Date", "Set-Cookie", "Content-Security-Policy", "Content-Length"}
    one, other = ({k: v for k, v in answer.headers.items() if k not in varying} for answer in answers)
    assert one == other


async def test_members_enter_and_leave_a_private_room(lobby: Daphne, room: str) -> None:
    server = lobby
    here = await room_people(server, room)
    for member in (here.alice, here.bob):
        assert member.enter(room).status == 200
        assert member.enter(room.upper()).path == room_path(room)
        assert room in member.get("/chat/").text
        async with member.chat(room) as client:
            assert "secret words" in client.texts
            await client.post("still here")


@pytest.fixture
async def index_socket(lobby: Daphne) -> AsyncIterator[Wire]:
    async with Wire(lobby.ws_url("").replace("/ws/chat//", "/ws/chat/")) as wire:
        await wire.wait_until(lambda wire: wire.of("rooms"))
        yield wire


async def test_a_private_room_is_not_in_the_list_of_rooms(
    lobby: Daphne, room: str, index_socket: Wire
) -> None:
    def listed() -> bool:
        return room in [entry["name"] for entry in index_socket.of("rooms")[-1]["rooms"]]

    alice = Person(lobby)
    async with alice.chat(room) as client:
        await client.post("hello")
        await index_socket.wait_until(lambda _: listed())
        alice.set(room, is_private="on")
        await index_socket.wait_until(lambda _: not listed())
    assert room not in Person(lobby).get("/chat/").text


async def test_sockets_of_visitors_are_closed_when_a_room_becomes_private(
    redis_site: Site, room: str
) -> None:
    """In both processes, in both dialects, within 5 s; members stay, and are sent what is posted."""
    one, other = redis_site.daphnes(2)
    alice, bob = Person(one), Person(other)
    async with (
        alice.chat(room) as a,
        bob.chat(room) as b,
        Wire(one.ws_url(room)) as here,
        Wire(other.ws_url(room)) as there,
        PlainClient(other.ws_url(room)) as plain,
    ):
        await a.post("hello")
        await b.post("hello alice")
        alice.set(room, is_private="on")
        codes = await asyncio.gather(*(onlooker.wait_closed() for onlooker in (here, there, plain)))
        assert codes == [4403, 4403, 4403]
        heard = len(there.frames)
        await b.post("now we are alone")
        await a.wait_until(lambda a: a.texts[-1:] == ["now we are alone"])
        assert len(there.frames) == heard
        assert await close_code(Wire(other.ws_url(room))) == 4403


@pytest.mark.parametrize("shut", ["private", "password"])
async def test_what_is_posted_in_a_private_room_reaches_no_visitor(site: Site, room: str, shut: str) -> None:
    """Not even while another process, which gets no hints, has not checked its sockets yet."""
    one, other = site.daphnes(2)
    alice = Person(one)
    async with (
        alice.chat(room) as a,
        Wire(one.ws_url(room)) as here,
        Wire(other.ws_url(room)) as there,
        PlainClient(one.ws_url(room)) as plain_here,
        PlainClient(other.ws_url(room)) as plain_there,
    ):
        await a.post("hello")
        await there.wait_until(lambda there: "hello" in str(there.frames))
        if shut == "private":
            alice.set(room, is_private="on", topic="Our Topic")
        else:
            alice.manage(room, do="password", password="open sesame")
        await a.post("secret words")
        onlookers = (here, there, plain_here, plain_there)
        codes = await asyncio.gather(*(onlooker.wait_closed() for onlooker in onlookers))
        assert codes == [4403] * 4
        for onlooker in onlookers:
            assert not [secret for secret in SECRETS if secret in str(onlooker.frames)]
        for wire in (here, there):  # what a page needs to say why
            assert wire.of("changes")[-1]["room"] == {"name": room, "topic": "", shut: True}


async def test_who_has_become_a_member_stays_and_misses_nothing(lobby: Daphne, room: str) -> None:
    """By an invite link in another tab, of which the first one knows nothing."""
    alice, bob = Person(lobby), Person(lobby)
    async with alice.chat(room) as a:
        await a.post("hello")
        token = new_link(alice, room)
        bob.enter(room)
        async with Wire(lobby.ws_url(room), cookies=bob.cookies) as first_tab:
            await first_tab.wait_until(lambda wire: wire.of("welcome"))
            assert bob.follow(token).status == 200
            alice.set(room, is_private="on")
            async with alice.chat(room) as a:
                await a.post("among us")
            await first_tab.wait_until(lambda wire: "among us" in str(wire.frames))
            assert [f["room"] for f in first_tab.of("changes") if "room" in f][-1]["private"]
            assert first_tab.connected


async def test_a_private_room_that_staff_deletes_is_free_again_at_once(lobby: Daphne, room: str) -> None:
    """Also for who comes while somebody who was in it is still there."""
    server = lobby
    here = await room_people(server, room)
    async with here.alice.chat(room) as alice:
        server.site.shell(f"from chat.models import Room; Room.objects.filter(key={room!r}).delete()")
        await alice.wait_until(lambda alice: not alice.log)
        assert not alice.room.get("private")
        async with here.visitor.chat(room) as stranger:
            await stranger.post("the first word")
            await alice.wait_until(lambda alice: alice.texts == ["the first word"])


async def test_a_refused_request_for_a_private_room_takes_as_long_whoever_is_inside(
    redis_site: Site, room: str
) -> None:
    """What takes time is done for those alone who may enter: whether it was done before, since somebody is
    there, is not to be felt. Joining the room's group is a part of it that can be seen."""
    one, other = redis_site.daphnes(2)
    here = await room_people(one, room)

    def processes_in_the_group() -> int:
        with redis.Redis.from_url(redis_site.settings["REDIS_URL"]) as client:
            groups = client.pubsub_channels(f"*{group_of(fold_room_name(room))}*")
            return sum(count for _name, count in client.pubsub_numsub(*groups))

    async def are_in_the_group(count: int) -> None:
        async with asyncio.timeout(20):
            while True:
                if processes_in_the_group() == count:
                    return
                await asyncio.sleep(0.05)

    async with here.alice.chat(room):
        await are_in_the_group(1)
        for outsider in (here.visitor, here.charlie):
            assert await close_code(Wire(other.ws_url(room), cookies=outsider.cookies)) == 4403
        async with here.bob.chat(f"{room}-2", other) as elsewhere:
            await elsewhere.post("the process has joined what it was to join")
        assert processes_in_the_group() == 1
        async with here.bob.chat(room, other):
            await are_in_the_group(2)


async def test_a_member_who_is_banned_sees_that_they_are_banned(lobby: Daphne, room: str) -> None:
    """And nobody else: whoever was no member learns of a private room that the name is taken."""
    here = await room_people(lobby, room)
    door = here.charlie.enter(room)
    assert "You are banned from this room" in door.words
    assert not [secret for secret in SECRETS if secret in door.text]
    async with here.bob.chat(room) as bob:
        here.alice.manage(room, "people/", act="kick", id=bob.you["id"])
        assert await bob.wait_closed() == 4403
    assert "This name is taken" in here.bob.enter(room).words


async def test_private_and_public_and_private_again(lobby: Daphne, room: str) -> None:
    """Who spoke while the room was open is a member, who looked on is not."""
    here = await room_people(lobby, room)
    speaker, onlooker = Person(lobby), Person(lobby)
    here.alice.set(room, is_private="")
    async with here.alice.chat(room) as alice:
        await alice.wait_until(lambda alice: "private" not in alice.room)
        async with speaker.chat(room) as s, onlooker.chat(room) as o:
            await s.post("hello")
            here.alice.set(room, is_private="on")
            assert await o.wait_closed() == 4403
            await s.post("still here")
    assert [one.enter(room).status for one in (speaker, onlooker, here.bob)] == [200, 403, 200]


async def test_who_was_dismissed_does_not_find_the_room(lobby: Daphne, room: str) -> None:
    server = lobby
    here = await room_people(server, room)
    async with here.bob.chat(room) as bob:
        await bob.rename(f"Bob {bob.you['id'][:8]}")
    here.bob.sign_up()
    async with here.bob.chat(room) as bob:
        here.alice.manage(room, "people/", act="dismiss", id=bob.you["id"])
        assert await bob.wait_closed() == 4403
    assert "This name is taken" in here.bob.enter(room).words
    index = here.bob.get("/chat/").text
    export = here.bob.get("/accounts/export/").text
    for text in (index, export):
        assert not [secret for secret in SECRETS[:1] + SECRETS[2:3] if secret in text]
    assert room not in index
    server.assert_no_traceback()
