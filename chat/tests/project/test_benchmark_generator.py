"""The load generator behind docs/BENCHMARKS.md counts correctly."""

import pytest

from benchmarks.dialects import ChatV1
from benchmarks.goals import GOALS, kept_up_rate, many_rooms_ratio, newcomers_ratio, processes_ratio
from benchmarks.load import Crowd
from benchmarks.measurement import Measurement
from benchmarks.results import Results
from benchmarks.wire import PING, Frames

from ..harness.servers import Daphne
from ..harness.watchers import until

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
        await until(lambda: crowd.complete)
        assert dict(crowd.sent) == {rooms[0]: 20, rooms[3]: 20}
        assert [socket.frames.count for socket in crowd.sockets] == [20] * 5
        assert crowd.delivered == crowd.expected == 100
        assert crowd.complete
        assert not crowd.orders_differ()
        assert len(crowd.delays()) == 100
        assert 0 < crowd.delays()[0] <= crowd.delays()[-1]
    finally:
        await crowd.close()


async def test_a_socket_that_missed_messages_is_noticed(lobby: Daphne, room: str) -> None:
    crowd = await Crowd.open(ChatV1(), [lobby.port], [room, f"{room}-elsewhere"], sampled=2)
    crowd.rooms[1] = room  # the generator expects it in a room in which it is not
    crowd.samples[1] = (room, crowd.samples[1][1])
    try:
        await crowd.say([0], rate=50, seconds=0.1)
        await until(lambda: crowd.delivered == 5)
        assert crowd.expected == 10
        assert not crowd.complete
        assert crowd.orders_differ()
    finally:
        await crowd.close()


def measured(scenario: str, contender: str, rate: float = 200, **figures: float) -> Measurement:
    return Measurement(scenario, contender, {"rate": rate, "all_delivered": 1, "p99_ms": 9, **figures})


def test_ratios_are_of_the_highest_rate_with_which_the_tutorial_keeps_up() -> None:
    results = Results({})
    assert kept_up_rate(results) is None
    assert many_rooms_ratio(results) is None
    results.measurements = [
        measured("rooms_200_at_100", "tutorial", 100, cpu_us=900),
        measured("rooms_200_at_200", "tutorial", 200, cpu_us=800),
        measured("rooms_200_at_400", "tutorial", 400, cpu_us=700, p99_ms=1001),
        measured("rooms_200_at_200", "daphne", 200, cpu_us=400),
        measured("rooms_200_at_1000", "daphne", 1000, cpu_us=100),
    ]
    assert kept_up_rate(results) == 200
    assert many_rooms_ratio(results) == 0.5


def test_a_ratio_is_of_first_words_to_later_ones_and_of_four_processes_to_one() -> None:
    results = Results({}, [measured("newcomers", "daphne", first_cpu_us=300, cpu_us=200)])
    assert newcomers_ratio(results) == 1.5
    assert processes_ratio(results) is None
    results.measurements.append(measured("processes_1", "daphne", cpu_us=100))
    results.measurements.append(measured("processes_4", "daphne", cpu_us=160))
    assert processes_ratio(results) == 1.6


def test_a_goal_is_not_met_by_what_was_not_all_delivered() -> None:
    results = Results({}, [measured("crowd_10000", "daphne", p99_ms=100)])
    [crowd] = [goal for goal in GOALS if "10,000 sockets" in goal.what]
    assert crowd.verdict(results) == "floor met"
    results.measurements[0].figures["all_delivered"] = 0
    assert crowd.verdict(results) == "not all delivered"
