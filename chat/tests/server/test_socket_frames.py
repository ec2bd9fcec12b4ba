"""Frames of a socket: messages that arrive whole are read in one step, and what is no message is limited."""

import contextlib

import pytest

from chat.server.daphne_frames import WHOLE_MAX, whole_message

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


@pytest.mark.parametrize("size", [1, 125, 126, WHOLE_MAX])
@pytest.mark.parametrize("mask", [bytes(4), b"\x01\x80\xff\x7e"])
def test_a_short_text_message_is_read_as_soon_as_it_is_whole(size: int, mask: bytes) -> None:
    text = b"e" * (size % 2) + "é".encode() * (size // 2)
    sent = frame(TEXT, text)
    head, masked = sent[: -size - 4], bytes(byte ^ mask[at % 4] for at, byte in enumerate(text))
    sent = head + mask + masked
    assert whole_message(sent) == (text, len(sent))
    assert whole_message(sent + sent[:5]) == (text, len(sent))
    assert not any(whole_message(sent[:length]) for length in range(len(sent)))


@pytest.mark.parametrize(
    "other",
    [
        frame(TEXT),
        frame(TEXT, b"x" * (WHOLE_MAX + 1)),
        frame(TEXT, b"x" * 65536),
        frame(TEXT, b"piece", final=False),
        frame(CONTINUATION, b"piece"),
        frame(2, b"binary"),
        frame(PING, b"ping"),
        frame(TEXT, b"half of an \xc3"),
        frame(TEXT, b"half of a character \xed\xa0\x80"),
        b"\x81\x05hello, without a mask",
        b"\xc1\x85" + bytes(4) + b"compressed",
        b"\x81\xfe\x00\x05" + bytes(4) + b"hello, with a size that is longer than it need be",
    ],
)
def test_every_other_frame_is_left_to_the_server(other: bytes) -> None:
    assert whole_message(other) is None
