"""Everybody in one room: how long ten thousand take to connect, and what they are sent when people talk."""

import time
from typing import Final

from ..contenders import Contender
from ..ground import Ground
from ..load import Crowd
from ..measurement import Measurement, delivery_figures
from ..processor import Stopwatch, memory_of

ROOM: Final = "everybody"
RATE: Final = 60.0  # messages a second
SENDERS: Final = 50
SAMPLED: Final = 50
WARM_UP: Final = 2.0  # seconds
DRAIN: Final = 20.0  # seconds


async def crowd(ground: Ground, contender: Contender, count: int, seconds: float) -> Measurement:
    with contender.running(ground) as server:
        empty = memory_of(server.pid)
        watch = Stopwatch([server.pid], ground.services()).start()
        began = time.monotonic()
        everybody = await Crowd.open(contender.dialect, [server.port], [ROOM] * count, SAMPLED)
        connected = time.monotonic() - began
        connecting = watch.stop().server
        try:
            senders = list(range(0, count, count // SENDERS))
            await everybody.say(senders, RATE, WARM_UP)
            await everybody.drain(DRAIN)
            everybody.clear()
            watch = Stopwatch([server.pid], ground.services()).start()
            await everybody.say(senders, RATE, seconds)
            await everybody.drain(DRAIN)
            watch.stop()
            figures = delivery_figures(everybody, watch, RATE)
            figures |= {
                "connect_seconds": round(connected, 2),
                "connect_cpu_ms_each": round(connecting / count * 1000, 3),
                "delivered_per_second": round(figures["delivered"] / watch.elapsed),
                "rss_mb": round(memory_of(server.pid) / 1024**2, 1),
                "empty_rss_mb": round(empty / 1024**2, 1),
            }
        finally:
            await everybody.close()
    return Measurement(f"crowd_{count}", contender.key, figures)
