"""The load generator behind docs/BENCHMARKS.md counts correctly."""

import pytest

from benchmarks.dialects import ChatV1
from benchmarks.load import Crowd
from benchmarks.wire import PING, Frames

from ..harness.servers import Daphne

MARKER = b'"message":"~'
ROOMS = ["one_room", "one_room", "one_room", "another", "another"]


def server_frame(payload: bytes, first: int = 0x81) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


PAYLOADS = [
    b'{"message":"~1~0 ok"}',
    b'{"messages":['
    + b",".join(b'{"message":"~1~%d ok","html":"~1~%d ok"}' % (n, n) for n in range(30))
    + b"]}",
    b'{"message":"~2~3 ' + b"x" * 70_000 + b'"}',
    b'{"type":"ack"}',
]
STREAM = b"".join(map(server_frame, PAYLOADS[:2])) + server_frame(b"hi", PING)
STREAM += b"".join(map(server_frame, PAYLOADS[2:]))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 11, 12, 13, 64, 1000, 1_000_000])
@pytest.mark.parametrize("wanted", [True, False])
def test_a_stream_is_counted_alike_wherever_it_is_cut(size: int, wanted: bool) -> None:
    frames = Frames(MARKER)
    frames.wanted = wanted
    seen = [each for at in range(0, len(STREAM), size) for each in frames.feed(STREAM[at : at + size])]
    assert frames.count == 32
    assert frames.frames == 4
    assert (PING, b"hi") in seen
    assert [payload for first, payload in seen if first != PING] == (PAYLOADS if wanted else [])


async def test_every_delivery_on_every_socket_is_counted(lobby: Daphne, room: str) -> None:
    rooms = [f"{room}-{name}" for name in ROOMS]
    crowd = await Crowd.open(ChatV1(), [lobby.port], rooms, sampled=5)
    try:
        await crowd.say([0, 3, 1, 4], rate=80, seconds=0.5)
        await crowd.drain(10)
        assert dict(crowd.sent) == {rooms[0]: 20, rooms[3]: 20}
        assert [socket.frames.count for socket in crowd.sockets] == [20] * 5
        assert crowd.delivered == crowd.expected == 100
        assert crowd.complete
        assert not crowd.orders_differ()
        assert len(crowd.delays()) == 100
        assert 0 < crowd.delays()[0] <= crowd.delays()[-1] < 10_000_000
    finally:
        await crowd.close()


async def test_a_socket_that_missed_messages_is_noticed(lobby: Daphne, room: str) -> None:
    crowd = await Crowd.open(ChatV1(), [lobby.port], [room, f"{room}-elsewhere"], sampled=2)
    crowd.rooms[1] = room  # the generator expects it in a room in which it is not
    crowd.samples[1] = (room, crowd.samples[1][1])
    try:
        await crowd.say([0], rate=50, seconds=0.1)
        await crowd.drain(0.5)
        assert crowd.delivered == 5
        assert crowd.expected == 10
        assert not crowd.complete
        assert crowd.orders_differ()
    finally:
        await crowd.close()
