"""Pings, pongs and continuation frames are limited: a socket that sends too many is closed."""

import contextlib

import pytest

from ..harness.clients import ChatClient
from ..harness.hostile import (
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    close_frame,
    frame,
    open_socket,
    read_to_its_end,
    read_until,
)
from ..harness.servers import ServerProcess
from ..harness.talk import never_left

FLOODING = close_frame(4429)
BEGIN = frame(TEXT, final=False)
FLOODS = {
    "pings": frame(PING, b"x" * 125),
    "pongs": frame(PONG),
    "empty pieces": frame(CONTINUATION, final=False),
    "pieces of one byte": frame(CONTINUATION, b" ", final=False),
}


@pytest.mark.parametrize("flood", FLOODS)
async def test_a_socket_that_sends_too_many_frames_that_are_no_messages_is_closed(
    server: ServerProcess, room: str, flood: str
) -> None:
    async with ChatClient(server.ws_url(room)) as alice:
        with contextlib.closing(open_socket(server, room)) as wire:
            if "pieces" in flood:
                wire.sendall(BEGIN)
            wire.sendall(FLOODS[flood] * 5000)
            assert read_to_its_end(wire).endswith(FLOODING)
        await alice.post("hello")
        assert never_left(alice)
    server.assert_no_traceback()


def test_a_few_hundred_such_frames_are_answered(server: ServerProcess, room: str) -> None:
    with contextlib.closing(open_socket(server, room)) as wire:
        wire.sendall(
            BEGIN + frame(CONTINUATION, b" ", final=False) * 99 + frame(CONTINUATION, b'{"message": "hi"}')
        )
        wire.sendall(frame(PING, b"here") * 300 + frame(PONG) * 50)
        wire.sendall(frame(PING, b"last"))
        heard = read_until(wire, b"last")
        if (said := b'"message":"hi"') not in heard:
            heard += read_until(wire, said)
        assert heard.count(b"\x8a\x04here") == 300
