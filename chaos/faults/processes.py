"""Workers killed, in turn, and asked to go."""

import asyncio
from typing import TYPE_CHECKING

from ..record import now
from ..world import in_thread
from .base import Fault

if TYPE_CHECKING:
    from ..trial import Trial

EXIT_LIMIT = 10.0  # seconds
RESTART = 4012


async def kill_and_start(trial: "Trial", number: int, seconds: float) -> None:
    server, licence = trial.world.servers[number], trial.licence
    trial.world.away.add(number)
    began = now()
    await in_thread(server.kill)
    await asyncio.sleep(seconds)
    await in_thread(server.start)
    trial.world.away.discard(number)
    licence.closing.append((number, began, now(), None))


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
        await in_thread(server.start)
        trial.world.away.discard(number)
        await asyncio.sleep(pause)


class RollingRestart(Fault):
    name = "rolling-restart"
    promise = "SIGTERM closes every socket with 4012 and ends within 10 s"
    touches = "processes"
    lasting = (0.0, 0.5)

    async def run(self, trial: "Trial", seconds: float) -> None:
        await restart_in_turn(trial, seconds)


PROCESS_FAULTS: list[type[Fault]] = [WorkerKilled, WorkersKilledInTurn, RollingRestart]
