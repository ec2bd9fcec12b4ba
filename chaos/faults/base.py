"""What a fault is."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from chat.tests.harness.processes import Server

from ..record import Licence, now
from ..world import in_thread

if TYPE_CHECKING:
    from ..trial import Trial


class Fault(ABC):
    """Strikes, lasts, and heals what it broke. What it excuses it writes into the trial's licence."""

    name: ClassVar[str]
    promise: ClassVar[str]
    touches: ClassVar[str]  # two faults on the same thing are not drawn together
    needs: ClassVar[dict[str, Any]] = {}  # of the topology
    lasting: ClassVar[tuple[float, float]] = (1.0, 3.0)  # seconds, drawn in between
    long: ClassVar[float] = 0.0  # seconds that it lasts in some schedules
    often_long: ClassVar[float] = 0.2  # share of its schedules
    delay: ClassVar[float] = 5.0  # seconds from ack to reader that are promised while it lasts
    rooms: ClassVar[int] = 1
    lossy: ClassVar[float] = 0.0  # share of acks that writers do not wait for
    hints_come_back: ClassVar[bool] = True
    never_alone: ClassVar[bool] = False  # what it asks is interesting while something else is broken

    @classmethod
    def goes_with(cls, other: type["Fault"]) -> bool:
        return cls.touches != other.touches and "everything" not in (cls.touches, other.touches)

    async def prepare(self, trial: "Trial") -> None:  # noqa: B027  most need nothing
        """Before anything breaks: who has to be there."""

    @abstractmethod
    async def run(self, trial: "Trial", seconds: float) -> None: ...

    async def afterwards(self, trial: "Trial") -> None:  # noqa: B027
        """Once everything is healed: what must hold now."""


class Outage(Fault):
    """Something begins to fail, and a while later it works again."""

    async def run(self, trial: "Trial", seconds: float) -> None:
        began = now()
        await self.begin(trial)
        try:
            await asyncio.sleep(seconds)
        finally:
            await self.end(trial)
        self.excuse(trial.licence, began, now())

    @abstractmethod
    async def begin(self, trial: "Trial") -> None: ...

    @abstractmethod
    async def end(self, trial: "Trial") -> None: ...

    def excuse(self, licence: Licence, began: float, ended: float) -> None:
        """What may go wrong because of it."""


class ServiceOutage(Outage):
    """Redis or PostgreSQL itself."""

    service: ClassVar[str]  # of the world
    breaks: ClassVar[Callable[[Server], Any]]
    heals: ClassVar[Callable[[Server], Any]]

    async def begin(self, trial: "Trial") -> None:
        await in_thread(type(self).breaks, getattr(trial.world, self.service))

    async def end(self, trial: "Trial") -> None:
        await in_thread(type(self).heals, getattr(trial.world, self.service))


class HalfOpen(Outage):
    """The connections through the proxy pass nothing any more and never end; new ones work."""

    async def begin(self, trial: "Trial") -> None:
        assert trial.world.proxy
        trial.world.proxy.make_half_open()

    async def end(self, trial: "Trial") -> None:
        """Nobody tells them: they are given up by whoever waits."""
