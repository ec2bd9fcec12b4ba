"""Workers killed, in turn, and asked to go."""

import asyncio
from typing import TYPE_CHECKING

from .. import roster
from ..record import RESTART, holds_by, now
from ..world import in_thread
from .base import Fault

if TYPE_CHECKING:
    from ..trial import Trial

EXIT_LIMIT = 10.0  # seconds
FROZEN_LIMIT = 20.0  # seconds from an ack to a reader whose process is frozen for up to 13 s of them
GONE_LIMIT = 12.0  # seconds after the end of a lease: a look every 5 s, and what it takes to be told


async def kill_and_start(trial: "Trial", number: int, seconds: float) -> None:
    server, licence = trial.world.servers[number], trial.licence
    trial.world.away.add(number)
    began = now()
    await in_thread(server.kill)
    await asyncio.sleep(seconds)
    await in_thread(server.start)
    trial.world.away.discard(number)
    licence.closing.append((number, began, now(), None))
    licence.killed.append(began)


class WorkerKilled(Fault):
    name = "worker-killed"
    promise = "what was acked is never lost; clients come back and resume"
    touches = "processes"

    async def run(self, trial: "Trial", seconds: float) -> None:
        await kill_and_start(trial, trial.rng.randrange(len(trial.world.servers)), seconds)


class WorkersKilledInTurn(Fault):
    name = "workers-killed-in-turn"
    promise = "what was acked is never lost; clients come back and resume"
    touches = "processes"
    lasting = (0.1, 0.8)

    async def run(self, trial: "Trial", seconds: float) -> None:
        for number in range(len(trial.world.servers)):
            await kill_and_start(trial, number, seconds)


async def restart_in_turn(trial: "Trial", pause: float) -> None:
    """A rolling restart as a careful admin does it."""
    for number, server in enumerate(trial.world.servers):
        trial.world.away.add(number)
        began = now()
        try:
            took = await in_thread(server.terminate)
        except AssertionError as error:
            trial.record.problem(str(error))
            took = 0.0
        if took > EXIT_LIMIT:
            trial.record.problem(f"{server.name} took {took:.1f} s to end after SIGTERM")
        trial.licence.closing.append((number, began, now() + 0.2, RESTART))
        if any(planned.fault.touches == "database" for planned in trial.schedule.faults):
            trial.licence.killed.append(began)  # it may have found nobody to give its lease back to
        await in_thread(server.start)
        trial.world.away.discard(number)
        await asyncio.sleep(pause)


class RollingRestart(Fault):
    name = "rolling-restart"
    promise = (
        "SIGTERM closes every socket with 4012 and ends within 10 s; 99 of 100 people see more within 3 s of"
        " what they saw last"
    )
    touches = "processes"
    lasting = (0.0, 0.5)

    async def run(self, trial: "Trial", seconds: float) -> None:
        await restart_in_turn(trial, seconds)

    async def afterwards(self, trial: "Trial") -> None:
        """Only where people talk, and nothing else keeps the frames from them."""
        busy = {writer.place for writer in trial.writers}
        if not any(planned.fault.touches == "database" for planned in trial.schedule.faults):
            trial.blackouts = [seconds for room, seconds in trial.record.blackouts if room in busy]


class WorkerFrozen(Fault):
    name = "worker-frozen"
    promise = "once its lease is over its people are gone for the others; they are back when it goes on"
    touches = "processes"
    lasting = (0.5, 1.0)

    @classmethod
    def goes_with(cls, other: type[Fault]) -> bool:
        """After an outage of the database nobody is judged for 10 s."""
        return super().goes_with(other) and other.touches != "database"

    async def run(self, trial: "Trial", seconds: float) -> None:
        number = trial.rng.randrange(len(trial.world.servers))
        server, began = trial.world.servers[number], now()
        frozen = {reader.place: reader.key for reader in trial.plain if reader.server == number}
        others = [p for p in trial.people if p.connected and p.server != number and p.place in frozen]
        trial.world.away.add(number)
        await roster.frozen_between_writes(trial.world, server)
        await asyncio.sleep(seconds)
        await roster.age(trial.world, next(iter(frozen.values())))
        if not await holds_by(
            now() + GONE_LIMIT, lambda: not any(frozen[p.place] in p.people for p in others)
        ):
            trial.record.problem(f"the people of {server.name}, which is frozen for too long, are still here")
        server.resume()
        trial.world.away.discard(number)
        if not await holds_by(now() + roster.LIMIT, lambda: all(frozen[p.place] in p.people for p in others)):
            trial.record.problem(f"the people of {server.name}, which was frozen, did not come back")
        trial.licence.delays.append((began, now() + 5.0, FROZEN_LIMIT))


PROCESS_FAULTS: list[type[Fault]] = [WorkerKilled, WorkersKilledInTurn, RollingRestart, WorkerFrozen]
