"""Acknowledged posts a second: writers in one room, each with some posts in flight, as fast as acks come."""

import asyncio
from uuid import uuid4

from chat.tests.harness.servers import Site

from ..contenders import LobbyDaphne, lobby
from ..dialects import LINES, ChatV1
from ..ground import Ground
from ..load import open_socket
from ..measurement import Measurement, noise_of
from ..processor import Stopwatch
from ..sockets import Socket
from ..wire import client_frame

ACK = b'{"type":"ack"'
WRITERS = 50
WARM_UP = 1.5  # seconds
ROOM = "acks"


class Writer:
    """Keeps its posts in flight: a new one for each ack."""

    def __init__(self, socket: Socket, in_flight: int) -> None:
        self.socket = socket
        self.in_flight = in_flight
        self.acked = 0
        self.sent = 0
        self.talking = True
        socket.on_count = self._on_acks

    def post(self, count: int) -> None:
        frames = []
        for _ in range(count):
            self.sent += 1
            text = LINES[self.sent % len(LINES)]
            frame = f'{{"type":"post","client_id":"{uuid4()}","message":"{text}"}}'
            frames.append(client_frame(frame.encode()))
        self.socket.transport.write(b"".join(frames))

    def _on_acks(self, count: int) -> None:
        self.acked += count
        if self.talking:
            self.post(count)


async def acked_posts(ground: Ground, site: Site, name: str, in_flight: int, seconds: float) -> Measurement:
    with lobby(LobbyDaphne, site).start() as server:
        sockets = [await open_socket(ChatV1(), server.port, ROOM, marker=ACK) for _ in range(WRITERS)]
        await asyncio.gather(*(socket.ready for socket in sockets))
        writers = [Writer(socket, in_flight) for socket in sockets]
        for writer in writers:
            writer.post(in_flight)
        await asyncio.sleep(WARM_UP)
        before = sum(writer.acked for writer in writers)
        watch = Stopwatch([server.pid], ground.services()).start()
        await asyncio.sleep(seconds)
        acked = sum(writer.acked for writer in writers) - before
        watch.stop()
        for writer in writers:
            writer.talking = False
        await _settle(writers)
        stored = site.count("chat_message")
        total = sum(writer.acked for writer in writers)
        for socket in sockets:
            socket.transport.abort()
    figures = {
        "writers": WRITERS,
        "in_flight": in_flight,
        "acked_per_second": round(acked / watch.elapsed, 1),
        "acked": total,
        "stored": stored,
        "sent": sum(writer.sent for writer in writers),
        "cpu_us_per_post": round(watch.server / acked * 1e6, 1) if acked else 0.0,
        **noise_of(watch),
    }
    return Measurement(name, "daphne", figures)


async def _settle(writers: list[Writer]) -> None:
    """Wait for the last acks, at most 5 s."""
    for _ in range(250):
        if all(writer.acked == writer.sent for writer in writers):
            return
        await asyncio.sleep(0.02)
