"""Hostile sockets cause no error on the server and end nobody else's socket."""

import contextlib
import os
from functools import partial
from uuid import uuid4

import pytest
import redis
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ..harness.clients import ChatClient, PlainClient
from ..harness.servers import Daphne, RedisServer, Site
from ..harness.sockets import Client
from ..harness.talk import never_left, together
from ..harness.wires import Wire

WRONG_FRAMES: list[str | bytes] = [
    "",
    "hello",
    "[]",
    "null",
    "7",
    "NaN",
    "9" * 5_000,
    "[" * 50_000,
    '{"type":' * 5_000,
    '{"type":"post"}',
    '{"type":"post","client_id":"x","message":""}',
    f'{{"type":"post","client_id":"{uuid4()}","message":"\\ud83e"}}',
    f'{{"type":"post","client_id":"{uuid4()}","message":"\\u0000"}}',
    f'{{"type":"post","client_id":"{uuid4()}","message":"","reply_to":{"9" * 5000}}}',
    f'{{"type":"edit","client_id":"{uuid4()}","sequence":9223372036854775807,"message":"","revision":0}}',
    '{"type":"resume","after":1e400}',
    '{"type":"history","before":-1}',
    '{"type":"dance"}',
    "x" * 65_537,
    "日" * 21_846,
    "x" * 131_072,
    b"binary",
    b"\x00" * 70_000,
    os.urandom(1_000),
]


def errors_are(number: int, person: Client) -> bool:
    return len(person.errors) == number


async def test_no_bad_frame_ends_its_socket_or_another_one(lobby: Daphne, room: str) -> None:
    server = lobby
    url = server.ws_url(room)
    async with Wire(url) as alice, PlainClient(url) as bob, ChatClient(url) as charlie:
        for person in (alice, bob):
            for number, frame in enumerate(WRONG_FRAMES, 1):
                await person.send_raw(frame)
                await person.wait_until(partial(errors_are, number), what=str(frame)[:60])
        await alice.answer_to(await alice.post("one"))
        await bob.say("two")
        await charlie.wait_until(lambda charlie: charlie.texts == ["one", "two"])
        assert never_left(alice, bob, charlie)
    server.assert_no_traceback()
    assert lobby.site.texts(room) == ["one", "two"]


async def test_a_frame_of_64_kib_is_read_and_one_byte_more_is_refused(lobby: Daphne, room: str) -> None:
    async with Wire(lobby.ws_url(room)) as alice:
        head, tail = f'{{"type":"post","client_id":"{uuid4()}","message":"hi","x":"', '"}'
        await alice.send_raw(head + "x" * (65_536 - len(head) - len(tail)) + tail)
        await alice.wait_until(lambda alice: alice.of("ack"))
        await alice.send_raw(head + "x" * (65_537 - len(head) - len(tail)) + tail)
        await alice.wait_until(lambda alice: alice.of("error"))
        assert alice.of("error")[0]["code"] == "too_large"


async def test_frames_far_over_the_limit_end_only_their_own_socket(lobby: Daphne, room: str) -> None:
    async with ChatClient(lobby.ws_url(room)) as alice, PlainClient(lobby.ws_url(room)) as mallory:
        with contextlib.suppress(ConnectionClosed):  # it may be cut while it still sends
            await mallory.send_raw("x" * 3_000_000)
        await mallory.wait_until(lambda mallory: not mallory.connected or mallory.errors)
        await alice.post("hello")
        await alice.wait_until(lambda alice: alice.texts == ["hello"])


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost.evil.example", "null", None])
async def test_a_page_of_another_site_gets_no_socket(lobby: Daphne, room: str, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await PlainClient(lobby.ws_url(room), origin=origin).open()
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("root", ["/chat", "/ws", "nonsense", "/%FF", "x" * 5_000])
async def test_a_forged_root_path_is_harmless(lobby: Daphne, room: str, root: str) -> None:
    forged = {"Daphne-Root-Path": root}
    assert lobby.get(f"/chat/{room}/", headers=forged).status == 200
    assert lobby.get("/chat/", headers=forged).status == 200
    assert lobby.get("/nowhere/", headers=forged).status == 404
    async with PlainClient(lobby.ws_url(room), headers=forged) as alice:
        await alice.say("hello")
        await alice.wait_until(lambda alice: alice.texts == ["hello"])
    lobby.assert_no_traceback()


@pytest.mark.parametrize(
    "path", ["/", "/ws/", "/ws/chat", "/ws/chat/a/b/c/", "/chat/tea/", "/ws/chat/tea", "/%00"]
)
async def test_an_unknown_socket_path_is_closed_with_4404(lobby: Daphne, path: str) -> None:
    async with Client(f"ws://127.0.0.1:{lobby.port}{path}") as alice:
        assert await alice.wait_closed() == 4404
    lobby.assert_no_traceback()


@pytest.mark.parametrize(
    "cookie",
    ["guest=forged", "guest=a:b:c", "guest=", "sessionid=nonsense", "sessionid=\t\xff", "=;;;=", "x" * 6_000],
)
async def test_a_forged_cookie_is_another_guest(lobby: Daphne, room: str, cookie: str) -> None:
    headers = {"Cookie": cookie}
    assert lobby.get(f"/chat/{room}/", headers=headers).status == 200
    async with ChatClient(lobby.ws_url(room), headers=headers) as alice:
        await alice.post("hello")
        assert alice.you["id"] != "forged"
    lobby.assert_no_traceback()


async def test_a_plain_http_request_to_a_socket_path_is_not_found(lobby: Daphne, room: str) -> None:
    assert lobby.get(f"/ws/chat/{room}/").status == 404


# --- Writes in flight ---


async def test_more_than_32_writes_in_flight_are_refused_as_busy(site: Site, room: str) -> None:
    server = site.daphne()
    async with Wire(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as bob:
        await alice.answer_to(await alice.post("first"))
        with site.locked():
            sent = [await alice.post(f"{n}") for n in range(40)]
            await alice.wait_until(lambda alice: len(alice.of("error")) == 8)
            assert {error["code"] for error in alice.of("error")} == {"busy"}
            assert all(error["retry_after"] > 0 for error in alice.of("error"))
            assert [error["client_id"] for error in alice.of("error")] == sent[32:]
            for n in range(40):
                await bob.say(f"bob {n}")
            await bob.wait_until(lambda bob: len(bob.errors) == 8)
            assert {error["error"] for error in bob.errors} == {"busy"}
        await alice.wait_until(lambda alice: len(alice.of("ack")) == 33)
        assert [ack["client_id"] for ack in alice.of("ack")][1:] == sent[:32]
        await bob.wait_until(lambda bob: len(bob.texts) == 65)
        for client_id in sent[32:]:
            await alice.post("again", client_id)
            assert (await alice.answer_to(client_id))["type"] == "ack" or alice.of("ack")
        await alice.wait_until(lambda alice: len(alice.of("ack")) == 41)
    assert site.count("chat_message") == 1 + 40 + 32


async def test_a_read_is_answered_while_a_write_waits(lobby: Daphne, room: str) -> None:
    server, site = lobby, lobby.site
    async with Wire(server.ws_url(room)) as alice:
        await alice.answer_to(await alice.post("first"))
        with site.locked():
            waiting = await alice.post("waits for the database")
            page = await alice.ask("history", "history")
            assert [message["message"] for message in page["messages"]] == ["first"]
            await alice.send({"type": "post", "client_id": str(uuid4()), "message": 5})
            await alice.wait_until(lambda alice: alice.of("error"))
            assert len(alice.of("ack")) == 1
        assert (await alice.answer_to(waiting))["type"] == "ack"


# --- What a socket costs on the layer ---


async def test_a_process_has_one_channel_and_a_room_one_group_however_many_sockets(
    redis_site: Site, redis_server: RedisServer, room: str
) -> None:
    server = redis_site.daphne()
    people = [PlainClient(server.ws_url(room)) for _ in range(50)]
    async with together(*people):
        await people[0].say("hello")
        for person in people:
            await person.wait_until(lambda person: person.texts == ["hello"])
        with redis.Redis(port=redis_server.port) as client:
            channels = client.pubsub_channels()
        rooms = [channel for channel in channels if b"__group__room." in channel]
        assert len(rooms) == 1
        assert len(channels) == 3, channels  # its own, the room's group, and that of all processes
