"""One of several jobs: runs the schedules that it is handed, one JSON line each, and answers with one.

A world is used again while the topology stays the same and nothing went wrong in it.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat.tests.harness.environment import take_over
from chat.tests.harness.processes import new_directory

from .schedule import Schedule, draw
from .trial import Result, Trial
from .world import NotHere, Templates, World, in_thread


class Job:
    def __init__(self, out: Path) -> None:
        self._out = out
        self._templates = Templates()
        self._world: World | None = None

    async def run(self, order: dict[str, Any]) -> Result:
        schedule = draw(order["seed"], order["only"])
        traces: dict[str, str] = {}
        try:
            trial = Trial(schedule, await self._world_for(schedule))
            result = await trial.run()
            traces = trial.traces()
        except NotHere as reason:
            result = Result(schedule.seed, schedule.names, str(schedule), skipped=str(reason))
        except Exception:
            problem = f"the schedule could not be run:\n{traceback.format_exc()}"
            result = Result(schedule.seed, schedule.names, str(schedule), problems=[problem])
        if result.problems:
            self._keep(result, traces)
            await self.close_world()
        return result

    async def _world_for(self, schedule: Schedule) -> World:
        if self._world and self._world.topology != schedule.topology:
            await self.close_world()
        if self._world is None:
            self._world = await in_thread(World, schedule.topology, self._templates)
            await self._world.start()
        return self._world

    def _keep(self, result: Result, traces: dict[str, str]) -> None:
        """The logs of a schedule that failed, and what everybody saw."""
        folder = self._out / f"seed-{result.seed}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        report = "\n\n".join([result.description, *result.problems])
        (folder / "problems.txt").write_text(report + "\n")
        for name, lines in traces.items():
            (folder / f"{name}.txt").write_text(lines + "\n")
        if self._world:
            services = filter(None, [self._world.redis, self._world.postgres])
            for server in [*self._world.servers, *services]:
                if server.log_path.exists():
                    shutil.copy(server.log_path, folder)

    async def close_world(self) -> None:
        if self._world:
            world, self._world = self._world, None
            await world.close()

    async def close(self) -> None:
        await self.close_world()
        self._templates.close()


def listen(loop: asyncio.AbstractEventLoop, orders: "asyncio.Queue[str]", end: Callable[[], object]) -> None:
    """Whoever gives the orders closes our input when there are no more, or has gone: then we end as well."""
    with contextlib.suppress(RuntimeError):  # the loop is closed
        for line in sys.stdin:
            loop.call_soon_threadsafe(orders.put_nowait, line)
        loop.call_soon_threadsafe(end)


async def main() -> None:
    take_over(new_directory("chaos-job"))  # its key signs the guests' cookies
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever else is printed is no answer
    orders: asyncio.Queue[str] = asyncio.Queue()
    me, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert me
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, me.cancel)
    threading.Thread(target=listen, args=(loop, orders, me.cancel), daemon=True).start()
    job = Job(Path(sys.argv[1]))
    try:
        while True:
            result = await job.run(json.loads(await orders.get()))
            answers.write(json.dumps(result.as_json()) + "\n")
    except asyncio.CancelledError:
        pass
    finally:
        await job.close()


if __name__ == "__main__":
    asyncio.run(main())
