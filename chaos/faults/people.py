"""What people and their networks do: come, go, vanish, hang up, flood, never read."""

import asyncio
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..hostile import Flooder, SilentReader, giant_frames
from ..people import AWAY
from ..record import now
from .base import Fault

if TYPE_CHECKING:
    from ..proxy import Link
    from ..trial import Trial

MEMORY_LIMIT = 32 << 20  # bytes
REAP_LIMIT = 60.0  # seconds in which a dead peer must be gone


def memory_of(pid: int) -> int:
    """Resident bytes of a process; 0 when it has ended, or the system does not say."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


class LostAcks(Fault):
    name = "lost-acks"
    promise = "hung up right after sending, sent again elsewhere: stored once, the first place returned"
    touches = "people"
    lasting = (2.0, 3.0)
    lossy = 0.35

    async def run(self, trial: "Trial", seconds: float) -> None:
        await asyncio.sleep(seconds)


class Joins(Fault):
    name = "joins"
    promise = "nothing falls between the read and the first live change"
    touches = "people"
    lasting = (2.0, 3.5)

    async def run(self, trial: "Trial", seconds: float) -> None:
        until = now() + seconds
        arriving = []
        while now() < until and len(trial.people) < 40:
            arriving.append(asyncio.create_task(trial.newcomer(trial.rng.choice(trial.rooms)).arrive()))
            await asyncio.sleep(trial.rng.uniform(0.0, 0.25))
        await asyncio.gather(*arriving)


class NewRoom(Fault):
    name = "new-rooms"
    promise = "rooms that do not exist yet, joined and first written to at the same moment"
    touches = "people"
    rooms = 4

    async def run(self, trial: "Trial", seconds: float) -> None:
        for number in range(4):
            room = f"{trial.rooms[0]}-new-{number}"
            trial.rooms.append(room)
            people = [trial.newcomer(room) for _ in range(4)]
            await asyncio.gather(*(person.arrive() for person in people))
            texts = [f"{person.name} is first" for person in people]
            await asyncio.gather(*(p.post(t) for p, t in zip(people, texts, strict=True)))
            await asyncio.sleep(seconds / 4)


class FarBehind(Fault):
    name = "far-behind"
    promise = "a reader who was away for 600 changes starts afresh and holds everything in the end"
    touches = "people"
    lasting = (1.0, 1.5)

    async def run(self, trial: "Trial", seconds: float) -> None:
        sleeper = trial.people[-1]
        sleeper.asleep.set()
        await sleeper.drop()
        crowd = [trial.newcomer(sleeper.place) for _ in range(3)]  # one address may not say so much at once
        await asyncio.gather(*(person.arrive() for person in crowd))
        for _ in range(20):
            await asyncio.gather(*(person.post_nowait(f"burst {n}") for person in crowd for n in range(10)))
        sleeper.asleep.clear()


class ClientHalfOpen(Fault):
    name = "client-half-open"
    promise = "a peer that vanished without a word delays nobody and is gone within 60 s"
    touches = "people"
    long = 45.0

    async def run(self, trial: "Trial", seconds: float) -> None:
        victims = [trial.newcomer(trial.rooms[0], proxied=True) for _ in range(3)]
        await asyncio.gather(*(victim.arrive() for victim in victims))
        trial.licence.cut |= {victim.name for victim in victims}
        links = [link for proxy in trial.world.site_proxies for link in proxy.links]
        for link in links:
            link.make_half_open()
        await asyncio.sleep(min(seconds, 1.5))
        if seconds == self.long:
            victims[-1].asleep.set()  # this one never does
        for victim in victims:
            await victim.drop()  # it notices, and comes back on another connection
        if seconds == self.long:
            await self._reaped(trial, links)

    async def _reaped(self, trial: "Trial", links: list["Link"]) -> None:
        await asyncio.sleep(self.long)
        gone = [link.dropped_by_server - link.silent_since for link in links if link.dropped_by_server]
        if len(gone) < len(links) or max(gone) > REAP_LIMIT:
            trial.record.problem(f"dead peers were not all dropped within {self.long:.0f} s: {gone}")


class SilentReaders(Fault):
    name = "silent-readers"
    promise = "peers that never read, or talk and never read, delay nobody and cost bounded memory"
    touches = "people"
    lasting = (3.0, 4.0)

    async def run(self, trial: "Trial", seconds: float) -> None:
        server = trial.rng.randrange(len(trial.world.servers))
        url = trial.world.ws_url(server, trial.rooms[0], through_proxy=False)
        process = trial.world.servers[server]
        settled = not trial.schedule.stranger and not any(
            p.fault.touches in ("processes", "everything") for p in trial.schedule.faults
        )
        pid, before = process.pid, memory_of(process.pid) if settled else 0
        silent = [SilentReader(url, plain=n % 2 == 0, talks=n > 1) for n in range(4)]
        with contextlib.suppress(*AWAY):
            await asyncio.gather(*(reader.connect() for reader in silent))
        await asyncio.gather(*(reader.stay(seconds) for reader in silent))
        if before and process.pid == pid and (grown := memory_of(pid) - before) > MEMORY_LIMIT:
            trial.record.problem(f"{process.name} grew by {grown >> 20} MiB for four peers that do not read")


class GiantFrames(Fault):
    name = "giant-frames"
    promise = "64 KiB + 1 and 1 MB: refused, others unaffected"
    touches = "people"

    async def run(self, trial: "Trial", seconds: float) -> None:
        until = now() + seconds
        while now() < until:
            server = trial.rng.randrange(len(trial.world.servers))
            with contextlib.suppress(*AWAY):
                await giant_frames(trial.world.ws_url(server, trial.rooms[0], through_proxy=False))
            await asyncio.sleep(0.2)


class Floods(Fault):
    name = "floods"
    promise = "fragments and pings without end: others unaffected"
    touches = "people"
    lasting = (1.5, 3.0)

    async def run(self, trial: "Trial", seconds: float) -> None:
        server = trial.rng.randrange(len(trial.world.servers))
        url = trial.world.ws_url(server, trial.rooms[0], through_proxy=False)
        await asyncio.gather(*(Flooder(url, kind).flood(seconds) for kind in ("pings", "fragments")))


PEOPLE_FAULTS: list[type[Fault]] = [
    LostAcks,
    Joins,
    NewRoom,
    FarBehind,
    ClientHalfOpen,
    SilentReaders,
    GiantFrames,
    Floods,
]
