"""Sockets that connect in groups, the next group when the whole one before it was let in."""

import asyncio
import time
from statistics import median
from typing import Final

from ..contenders import DAPHNE
from ..dialects import Welcomed
from ..ground import Ground
from ..load import open_socket
from ..measurement import Measurement, noise_of
from ..processor import Stopwatch
from ..sockets import Socket

COUNT: Final = 500  # sockets
GROUP: Final = 50
ROUNDS: Final = 5
SETTLE: Final = 1.0  # seconds until a round's sockets are gone and forgotten


async def connects(ground: Ground, name: str) -> Measurement:
    """The median of some rounds, each with a room of its own. A socket is let in with its `welcome`."""
    with DAPHNE.running(ground) as server:
        await _round(server.port, "before", GROUP)
        watch = Stopwatch([server.pid], ground.services()).start()
        seconds = [await _round(server.port, f"round_{number}", COUNT) for number in range(ROUNDS)]
        watch.stop()
    figures = {
        "sockets": COUNT,
        "at_once": GROUP,
        "connects_per_second": round(COUNT / median(seconds), 1),
        "worst_per_second": round(COUNT / max(seconds), 1),
        "cpu_ms_each": round(watch.server / COUNT / ROUNDS * 1000, 3),
        **noise_of(watch),
    }
    return Measurement(name, DAPHNE.key, figures)


async def _round(port: int, room: str, count: int) -> float:
    """Seconds until all are in; they leave afterwards."""
    sockets: list[Socket] = []
    began = time.monotonic()
    for _ in range(0, count, GROUP):
        sockets += await asyncio.gather(*(_let_in(port, room) for _ in range(GROUP)))
    took = time.monotonic() - began
    for socket in sockets:
        socket.transport.abort()
    await asyncio.sleep(SETTLE)
    return took


async def _let_in(port: int, room: str) -> Socket:
    socket = await open_socket(Welcomed(), port, room)
    await socket.ready
    return socket
