"""Crowds of sockets, and messages at a rate that does not ask whether the server keeps up (open loop)."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from .dialects import Dialect, text_of, text_with_markup_of
from .sockets import Sample, Socket, microseconds

OPEN_AT_ONCE = 50
OPEN_LIMIT = 120.0  # seconds
ADDRESS_MAX = 1000  # sockets that come from one address
TICK = 0.001  # seconds between two looks at what is due


async def open_socket(
    dialect: Dialect, port: int, room: str, *, cookie: str = "", marker: bytes = b"", source: str = ""
) -> Socket:
    """A socket that may not be ready yet: await its `ready`. `source`: the address that it comes from."""
    request = dialect.request(port, room, cookie)
    _, socket = await asyncio.get_running_loop().create_connection(
        lambda: Socket(dialect, request, marker),
        "127.0.0.1",
        port,
        local_addr=(source, 0) if source else None,
    )
    return socket


@dataclass
class Crowd:
    """Sockets, each with the room it is in."""

    sockets: list[Socket]
    rooms: list[str]
    samples: list[tuple[str, Sample]] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)

    @classmethod
    async def open(
        cls, dialect: Dialect, ports: Sequence[int], rooms: Sequence[str], sampled: int = 0
    ) -> "Crowd":
        """One socket for each entry of `rooms`, to each port in turn; `sampled` of them, evenly spread, are
        sampled. No more than ADDRESS_MAX come from one address."""
        turn = asyncio.Semaphore(OPEN_AT_ONCE)

        async def enter(number: int, room: str) -> Socket:
            source = f"127.0.1.{1 + number // ADDRESS_MAX}" if len(rooms) > ADDRESS_MAX else ""
            async with turn:
                socket = await open_socket(dialect, ports[number % len(ports)], room, source=source)
                await socket.ready
                return socket

        async with asyncio.timeout(OPEN_LIMIT):
            crowd = cls(list(await asyncio.gather(*map(enter, range(len(rooms)), rooms))), list(rooms))
        for index in range(sampled):
            at = index * len(rooms) // sampled
            sample = Sample(dialect.marker)
            crowd.sockets[at].read(sample.take)
            crowd.samples.append((rooms[at], sample))
        return crowd

    def clear(self) -> None:
        """Count from nothing again."""
        self.sent.clear()
        for socket in self.sockets:
            socket.frames.count = socket.frames.frames = 0
        for _, sample in self.samples:
            sample.clear()

    @property
    def expected(self) -> int:
        return sum(self.sent[room] for room in self.rooms)

    @property
    def delivered(self) -> int:
        return sum(socket.frames.count for socket in self.sockets)

    @property
    def frames(self) -> int:
        return sum(socket.frames.frames for socket in self.sockets)

    @property
    def lost_sockets(self) -> int:
        return sum(socket.lost for socket in self.sockets)

    def close_codes(self) -> list[int]:
        """How the server ended the sockets that it ended; 0 is an end without a word."""
        return sorted({socket.close_code for socket in self.sockets if socket.lost})

    @property
    def complete(self) -> bool:
        """Every socket has exactly what was said in its room."""
        pairs = zip(self.sockets, self.rooms, strict=True)
        return all(socket.frames.count == self.sent[room] for socket, room in pairs)

    def orders_differ(self) -> bool:
        """Whether two sampled sockets of a room saw different messages or another order, or one twice."""
        first: dict[str, list[int]] = {}
        for room, sample in self.samples:
            if first.setdefault(room, sample.numbers) != sample.numbers:
                return True
            if len(set(sample.numbers)) != len(sample.numbers):
                return True
        return False

    def delays(self) -> list[int]:
        """Of all sampled sockets, sorted, in microseconds."""
        return sorted(delay for _, sample in self.samples for delay in sample.delays)

    async def say(
        self, senders: Sequence[int], rate: float, seconds: float, *, with_markup: bool = False
    ) -> None:
        """Let the sockets with these indices talk in turn, `rate` messages a second in all.

        A message bears the time at which it was due, so what the generator is late counts as delay too.
        """
        loop = asyncio.get_running_loop()
        text = text_with_markup_of if with_markup else text_of
        total = round(rate * seconds)
        began, base = loop.time(), microseconds()
        number = 0
        while number < total:
            due = min(total, int((loop.time() - began) * rate) + 1)
            while number < due:
                at = senders[number % len(senders)]
                self.sockets[at].say(text(number, base + int(number / rate * 1e6)))
                self.sent[self.rooms[at]] += 1
                number += 1
            await asyncio.sleep(max(TICK, began + number / rate - loop.time()))

    async def drain(self, limit: float) -> None:
        """Wait until everything has arrived, at most `limit` seconds and not 2 s beyond the last arrival."""
        loop = asyncio.get_running_loop()
        end = loop.time() + limit
        seen, since = self.delivered, loop.time()
        while not self.complete and loop.time() < min(end, since + 2):
            await asyncio.sleep(0.02)
            if self.delivered != seen:
                seen, since = self.delivered, loop.time()

    async def close(self) -> None:
        for socket in self.sockets:
            socket.transport.abort()
        await asyncio.sleep(0.05)


def percentile(ordered: Sequence[int], share: float) -> float:
    """Of sorted values; 0 of none."""
    return float(ordered[min(len(ordered) - 1, int(len(ordered) * share))]) if ordered else 0.0
