"""The plain dialect of the tutorial's clients, over real sockets, exactly as documented."""

import json

import pytest
from websockets.typing import Subprotocol

from ..harness.clients import ChatClient, PlainClient
from ..harness.servers import Daphne
from ..harness.wires import Wire


async def test_a_plain_socket_gets_each_new_message_once_its_own_too(lobby: Daphne, room: str) -> None:
    async with ChatClient(lobby.ws_url(room)) as charlie:
        await charlie.post("before anybody came")
    async with PlainClient(lobby.ws_url(room)) as alice, PlainClient(lobby.ws_url(room)) as bob:
        await alice.send_raw('{"message": "hello"}')
        await alice.wait_until(lambda alice: alice.frames)
        await bob.send_raw('{"message": "hi", "username": "ignored", "x": [1]}')
        for person in (alice, bob):
            await person.wait_until(lambda person: len(person.frames) >= 2)
        assert [frame["message"] for frame in alice.frames] == ["hello", "hi"]
        assert [frame["sequence"] for frame in alice.frames] == [2, 3]
        assert all(isinstance(frame["author"], str) and frame["author"] for frame in alice.frames)
        assert list(alice.frames) == list(bob.frames)


async def test_a_plain_socket_gets_only_new_messages(lobby: Daphne, room: str) -> None:
    """No welcome, no edits, no deletions, no names: each frame is a new message."""
    async with PlainClient(lobby.ws_url(room)) as alice, ChatClient(lobby.ws_url(room)) as bob:
        await bob.post("one")
        await bob.wait_until(lambda bob: bob.texts == ["one"])
        await bob.edit(1, "one, mended")
        await bob.rename("Robert")
        await bob.delete(1)
        await bob.post("two")
        await alice.wait_until(lambda alice: "two" in alice.texts)
        assert alice.texts == ["one", "two"]
        assert alice.frames[-1]["author"] == "Robert"


async def test_messages_of_one_plain_sender_keep_their_order(lobby: Daphne, room: str) -> None:
    async with PlainClient(lobby.ws_url(room)) as alice, PlainClient(lobby.ws_url(room)) as bob:
        for n in range(30):
            await alice.say(f"{n}")
        for person in (alice, bob):
            await person.wait_until(lambda person: len(person.frames) >= 30)
            assert person.texts == [f"{n}" for n in range(30)]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("not json", "bad_frame"),
        ('{"message": "cut', "bad_frame"),
        (b'{"message": "binary"}', "bad_frame"),
        (b"\xff\xfe", "bad_frame"),
        ("{}", "invalid"),
        ('{"message": 7}', "invalid"),
        ('{"message": "nul \\u0000"}', "invalid"),
        ('{"message": " "}', "empty"),
        (json.dumps({"message": "x" * 4001}), "too_long"),
        ('{"message": "' + "x" * 65_536 + '"}', "too_large"),
        ("[" * 50_000, "bad_frame"),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_a_bad_frame_of_a_plain_socket_is_refused_and_the_socket_stays_open(
    lobby: Daphne, room: str, sent: str | bytes, code: str
) -> None:
    async with PlainClient(lobby.ws_url(room)) as alice, PlainClient(lobby.ws_url(room)) as bob:
        await alice.send_raw(sent)
        await alice.wait_until(lambda alice: alice.errors)
        assert alice.errors[0]["error"] == code
        assert alice.errors[0]["message"]
        await alice.say("still here")
        for person in (alice, bob):
            await person.wait_until(lambda person: person.texts == ["still here"])
        assert not bob.errors


async def test_an_unknown_subprotocol_is_the_plain_dialect(lobby: Daphne, room: str) -> None:
    class Stranger(PlainClient):
        subprotocols = (Subprotocol("chat.v9"), Subprotocol("soap"))

    async with Stranger(lobby.ws_url(room)) as alice:
        assert alice._socket
        assert alice._socket.subprotocol is None
        await alice.say("hello")
        await alice.wait_until(lambda alice: alice.texts == ["hello"])


async def test_chat_v1_is_found_among_other_subprotocols(lobby: Daphne, room: str) -> None:
    class Polyglot(Wire):
        subprotocols = (Subprotocol("chat.v9"), Subprotocol("chat.v1"))

    async with Polyglot(lobby.ws_url(room)) as alice:
        assert alice._socket
        assert alice._socket.subprotocol == "chat.v1"
        await alice.wait_until(lambda alice: alice.of("welcome"))
