"""Messages at a paced rate: one room with many sockets, or many rooms with few."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from chat.tests.harness.processes import Server
from chat.tests.harness.servers import ServerProcess

from ..contenders import DAPHNE, Contender
from ..ground import Ground
from ..load import Crowd
from ..measurement import Measurement, delivery_figures
from ..processor import Stopwatch

SAMPLED = 27  # sockets, of all processes
SENDERS = 50  # sockets of a room that talk, in turn
WARM_UP = 1.5  # seconds
WARM_UP_RATE = 50.0  # messages a second: each sender has spoken before it is measured
DRAIN = 8.0  # seconds


@dataclass(frozen=True)
class Load:
    name: str
    rooms: int
    sockets: int  # a room
    rate: float  # messages a second, in all
    with_markup: bool = False

    @property
    def places(self) -> list[str]:
        return [f"room_{n}" for n in range(self.rooms) for _ in range(self.sockets)]

    @property
    def senders(self) -> list[int]:
        """Indices, ordered so that the rooms take turns."""
        talking = min(self.sockets, max(1, SENDERS // self.rooms))
        return [room * self.sockets + at for at in range(talking) for room in range(self.rooms)]


async def paced(ground: Ground, contender: Contender, load: Load, seconds: float) -> Measurement:
    with contender.running(ground) as server:
        return await _measured(ground, contender, [server], load, seconds)


async def spread(ground: Ground, processes: int, load: Load, seconds: float) -> Measurement | None:
    """Daphne on PostgreSQL: each room's sockets go to the processes in turn. None without PostgreSQL."""
    site = ground.postgres_site()
    if site is None:
        return None
    with contextlib.closing(site):
        return await _measured(ground, DAPHNE, site.daphnes(processes), load, seconds)


async def _measured(
    ground: Ground, contender: Contender, servers: Sequence[Server], load: Load, seconds: float
) -> Measurement:
    ports = [server.port for server in servers]
    crowd = await Crowd.open(contender.dialect, ports, load.places, SAMPLED)
    try:
        senders = load.senders
        # No faster than what is measured, but for a first word of each room or sender.
        rate = min(max(load.rate, 20.0), WARM_UP_RATE * max(1, len(senders) / SENDERS))
        await crowd.say(senders, rate, max(WARM_UP, len(senders) / rate))
        await crowd.drain(DRAIN)
        crowd.clear()
        before = _stored(servers[0])
        watch = Stopwatch([server.pid for server in servers], ground.services()).start()
        await crowd.say(senders, load.rate, seconds, with_markup=load.with_markup)
        await crowd.drain(DRAIN)
        watch.stop()
        figures = delivery_figures(crowd, watch, load.rate)
        codes = crowd.close_codes()
        if isinstance(servers[0], ServerProcess):
            figures["stored"] = _stored(servers[0]) - before
    finally:
        await crowd.close()
    measured = Measurement(load.name, contender.key, figures)
    if codes:
        measured.notes.append(f"the server ended {figures['lost_sockets']:.0f} sockets with {codes}")
    if refused := figures["sent"] - figures.get("stored", figures["sent"]):
        measured.notes.append(f"{refused:.0f} of {figures['sent']:.0f} posts were not stored")
    return measured


def _stored(server: Server) -> int:
    """Messages on disk; of a peer, which stores none, 0."""
    return server.site.count("chat_message") if isinstance(server, ServerProcess) else 0
