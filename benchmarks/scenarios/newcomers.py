"""What the first words of people in new rooms cost beside their later ones."""

from typing import Final

from ..contenders import DAPHNE
from ..ground import Ground
from ..load import Crowd
from ..measurement import Measurement, delivery_figures
from ..processor import Stopwatch

ROOMS: Final = 200
SOCKETS: Final = 5  # a room
RATE: Final = 200.0  # messages a second, in all
BEFORE: Final = 20  # rooms that have been spoken in, so that the process has imported all its code
SAMPLED: Final = 27  # sockets
DRAIN: Final = 8.0  # seconds


async def newcomers(ground: Ground, name: str) -> Measurement:
    """Everybody speaks once, the rooms in turn, and then once more, both at the same rate."""
    with DAPHNE.running(ground) as server:
        places = [f"room_{n}" for n in range(BEFORE + ROOMS) for _ in range(SOCKETS)]
        crowd = await Crowd.open(DAPHNE.dialect, [server.port], places, SAMPLED)
        try:
            await crowd.say(range(BEFORE * SOCKETS), RATE, 2 * BEFORE * SOCKETS / RATE)
            await crowd.drain(DRAIN)
            senders = [room * SOCKETS + at for at in range(SOCKETS) for room in range(BEFORE, BEFORE + ROOMS)]
            first, later = [await _said(ground, server.pid, crowd, senders) for _ in range(2)]
        finally:
            await crowd.close()
    later["first_cpu_us"] = first["cpu_us"]
    later["all_delivered"] *= first["all_delivered"]
    return Measurement(name, DAPHNE.key, later)


async def _said(ground: Ground, pid: int, crowd: Crowd, senders: list[int]) -> dict[str, float]:
    crowd.clear()
    watch = Stopwatch([pid], ground.services()).start()
    await crowd.say(senders, RATE, len(senders) / RATE)
    await crowd.drain(DRAIN)
    return delivery_figures(crowd, watch.stop(), RATE)
