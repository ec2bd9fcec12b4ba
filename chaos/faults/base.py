"""What a fault is."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

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
    delay: ClassVar[float] = 5.0  # seconds from ack to reader that are promised while it lasts
    rooms: ClassVar[int] = 1
    lossy: ClassVar[float] = 0.0  # share of acks that writers do not wait for
    hints_come_back: ClassVar[bool] = True

    @classmethod
    def goes_with(cls, other: type["Fault"]) -> bool:
        return cls.touches != other.touches and "everything" not in (cls.touches, other.touches)

    @abstractmethod
    async def run(self, trial: "Trial", seconds: float) -> None: ...
