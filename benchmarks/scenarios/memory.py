"""Resident memory an idle socket: what a process that has just been started grows by when so many come."""

import asyncio

from ..contenders import Contender
from ..ground import Ground
from ..load import Crowd
from ..measurement import Measurement
from ..processor import memory_of

SETTLE = 1.5  # seconds


async def idle_sockets(ground: Ground, contender: Contender, name: str, count: int) -> Measurement:
    with contender.running(ground) as server:
        await asyncio.sleep(SETTLE)
        before = memory_of(server.pid)
        crowd = await Crowd.open(contender.dialect, [server.port], ["idle_1"] * count)
        await asyncio.sleep(SETTLE)
        after = memory_of(server.pid)
        lost = crowd.lost_sockets
        await crowd.close()
    figures = {
        "sockets": count,
        "kb_a_socket": round((after - before) / count / 1024, 2),
        "process_mb": round(before / 1024**2, 1),
        "lost_sockets": lost,
    }
    return Measurement(name, contender.key, figures)
