"""How long a room takes to open in which a million things were said, beside an empty one: the page, then the
socket up to the `changes` frame with its newest messages."""

import http.client
import time
from typing import Final

from chat.tests.harness.servers import Site

from ..contenders import LobbyDaphne, lobby
from ..dialects import ChatV1
from ..history import LONG_ROOM
from ..load import open_socket, percentile
from ..measurement import Measurement

EMPTY: Final = "nobody-was-here"
WARM_UP: Final = 10  # openings of either


async def room_opens(site: Site, name: str, messages: int, openings: int) -> Measurement:
    with lobby(LobbyDaphne, site).start() as server:
        await _open(server.port, "another")  # a process imports some of its code with its first page
        first = await _open(server.port, LONG_ROOM)
        times: dict[str, list[tuple[int, int]]] = {LONG_ROOM: [], EMPTY: []}
        for number in range(WARM_UP + openings):
            for room in (LONG_ROOM, EMPTY):
                took = await _open(server.port, room)
                if number >= WARM_UP:
                    times[room].append(took)
    figures: dict[str, float] = {"messages": messages, "openings": openings}
    for label, room in (("long", LONG_ROOM), ("empty", EMPTY)):
        pages, opened = (sorted(column) for column in zip(*times[room], strict=True))
        figures[f"{label}_page_p50_ms"] = round(percentile(pages, 0.5) / 1000, 3)
        figures[f"{label}_open_p50_ms"] = round(percentile(opened, 0.5) / 1000, 3)
        figures[f"{label}_open_p99_ms"] = round(percentile(opened, 0.99) / 1000, 3)
    figures["long_first_ms"] = round(first[1] / 1000, 3)
    figures["ratio"] = round(figures["long_open_p50_ms"] / figures["empty_open_p50_ms"], 3)
    return Measurement(name, "daphne", figures)


async def _open(port: int, room: str) -> tuple[int, int]:
    """Microseconds until the page is read, and until the first `changes` are there as well."""
    began = time.perf_counter_ns()
    _get(port, f"/chat/{room}/")
    page = time.perf_counter_ns()
    socket = await open_socket(ChatV1(), port, room)
    await socket.ready
    opened = time.perf_counter_ns()
    socket.transport.abort()
    return (page - began) // 1000, (opened - began) // 1000


def _get(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == 200, f"{path}: {response.status}"
