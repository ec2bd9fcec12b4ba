"""Resident memory an idle socket: what a process grows by when so many come and say nothing."""

import asyncio

from ..contenders import Contender
from ..ground import Ground
from ..load import Crowd
from ..measurement import Measurement
from ..processor import memory_of

FIRST = 100  # sockets that a process has seen before it is measured
SETTLE = 1.5  # seconds


async def idle_sockets(ground: Ground, contender: Contender, name: str, count: int) -> Measurement:
    with contender.running(ground) as server:
        first = await Crowd.open(contender.dialect, server.port, ["idle_1"] * FIRST)
        await asyncio.sleep(SETTLE)
        before = memory_of(server.pid)
        crowd = await Crowd.open(contender.dialect, server.port, ["idle_1"] * count)
        await asyncio.sleep(SETTLE)
        after = memory_of(server.pid)
        lost = crowd.lost_sockets
        await crowd.close()
        await first.close()
    figures = {
        "sockets": count,
        "kb_a_socket": round((after - before) / count / 1024, 2),
        "process_mb": round(before / 1024**2, 1),
        "lost_sockets": lost,
    }
    return Measurement(name, contender.key, figures)
