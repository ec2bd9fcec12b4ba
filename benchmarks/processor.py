"""What the operating system says about processes: processor time, memory, and how much others took."""

import os
import resource
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from chat.tests.harness.reaper import descendants

TICK = 1 / os.sysconf("SC_CLK_TCK")


def seconds_of(pid: int) -> float:
    """Processor time of a process and all below it, ended children included."""
    total = 0.0
    for one in (pid, *descendants(pid)):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15])) * TICK  # utime stime cutime cstime
    return total


def memory_of(pid: int) -> int:
    """Resident bytes of a process and all below it."""
    total = 0
    for one in (pid, *descendants(pid)):
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * resource.getpagesize()
        except OSError:
            continue
    return total


def _busy() -> float:
    """Seconds that all processors were busy, or taken from this machine by its host."""
    fields = [int(n) for n in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _iowait, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) * TICK


@dataclass
class Stopwatch:
    """Processor time from `start` to `stop`: of servers, of their services, of this process, of others."""

    servers: Iterable[int]
    services: Iterable[int] = ()
    elapsed: float = 0.0
    server: float = 0.0
    service: float = 0.0
    ours: float = 0.0
    _before: list[float] = field(default_factory=list)
    others: float = 0.0

    def start(self) -> Self:
        self._before = self._read()
        return self

    def stop(self) -> Self:
        differences = [after - before for before, after in zip(self._before, self._read(), strict=True)]
        self.elapsed, self.server, self.service, self.ours, busy = differences
        self.others = max(0.0, busy - self.server - self.service - self.ours)
        return self

    @property
    def others_share(self) -> float:
        """Of one processor, what neither the servers nor the generator used: the noise."""
        return self.others / self.elapsed if self.elapsed else 0.0

    def _read(self) -> list[float]:
        return [
            time.monotonic(),
            sum(map(seconds_of, self.servers)),
            sum(map(seconds_of, self.services)),
            time.process_time(),
            _busy(),
        ]
