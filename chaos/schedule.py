"""What happens in a schedule, drawn from its seed alone."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from .faults import ALL, Fault
from .stranger import WAYS
from .topology import Topology

SERVERS: Final = (
    ("daphne", "daphne"),
    ("daphne", "uvicorn"),
    ("uvicorn", "uvicorn"),
    ("daphne", "daphne", "uvicorn"),
)
SECOND_FAULT: Final = 0.35  # share of schedules with another fault beside
STRANGERS: Final = 3  # one schedule of so many has a stranger in it
SHORT: Final = 5.0  # seconds of talk in a schedule that ordinary tests run
PATIENT: Final = 0.2  # share of schedules in which the leases of killed processes run out by themselves


@dataclass(frozen=True, slots=True)
class Planned:
    fault: type[Fault]
    at: float  # seconds after the talk began
    lasting: float  # seconds

    def __str__(self) -> str:
        return f"{self.fault.name} at {self.at:.1f} s for {self.lasting:.1f} s"


@dataclass(frozen=True, slots=True)
class Schedule:
    seed: int
    topology: Topology
    faults: tuple[Planned, ...]
    rooms: int
    writers: int
    readers: int
    pace: float  # writes a second and writer
    lossy: float  # share of writes after which the writer loses its connection
    seconds: float
    delay: float  # seconds: the bound from ack to reader
    stranger: str  # in what way somebody misbehaves beside it, if so
    patient: bool  # leases of killed processes run out by themselves; else as if 45 s had passed

    @property
    def names(self) -> list[str]:
        return [planned.fault.name for planned in self.faults]

    @property
    def probes(self) -> bool:
        return all(planned.fault.hints_come_back for planned in self.faults)

    def __str__(self) -> str:
        people = (
            f"{self.rooms} rooms, {self.writers} writers at {self.pace:.0f}/s, {self.readers} readers a room"
        )
        beside = f"; a stranger with {self.stranger}" if self.stranger else ""
        return f"[{self.seed}] {self.topology}; {people}; {'; '.join(map(str, self.faults))}{beside}"


def draw(seed: int, only: Sequence[str] = ()) -> Schedule:
    """The schedule of a seed. Neighbouring seeds go through all faults in turn."""
    rng = random.Random(seed)
    known = [fault for fault in ALL if not only or fault.name in only]
    main = known[seed % len(known)]
    topology = _topology(rng, main.needs)
    chosen = [main]
    if main.never_alone or rng.random() < SECOND_FAULT:
        others = [f for f in ALL if f is not main and main.goes_with(f) and f.goes_with(main)]
        fitting = [fault for fault in others if topology.meets(fault.needs)]
        chosen += [rng.choice(fitting)] if fitting else []
    faults = tuple(_plan(rng, fault) for fault in chosen)
    return Schedule(
        seed=seed,
        topology=topology,
        faults=faults,
        rooms=max(fault.rooms for fault in chosen),
        writers=rng.choice([3, 4, 6]),
        readers=rng.choice([3, 4]),
        pace=rng.choice([4.0, 10.0, 10.0, 25.0]),
        lossy=max(rng.choice([0.0, 0.0, 0.02, 0.1]), *(fault.lossy for fault in chosen), 0.0),
        seconds=max(3.0, *(planned.at + planned.lasting for planned in faults)) + 0.8,
        delay=_delay(chosen),
        stranger=list(WAYS)[seed // STRANGERS % len(WAYS)] if seed % STRANGERS == 0 else "",
        patient=rng.random() < PATIENT,
    )


def _delay(chosen: list[type[Fault]]) -> float:
    """The bound of the fault that promises most slowly; alone, a fault may promise to be faster."""
    bounds = [fault.delay for fault in chosen]
    return bounds[0] if len(bounds) == 1 else max(5.0, *bounds)


def _topology(rng: random.Random, needs: dict[str, Any]) -> Topology:
    topology = Topology(
        database=rng.choice(["sqlite", "postgresql"]),
        layer=rng.choice(["redis", "redis", "redis", "memory"]),
        servers=rng.choice(SERVERS),
    )
    return replace(topology, **needs)


def _plan(rng: random.Random, fault: type[Fault]) -> Planned:
    lasting = rng.uniform(*fault.lasting)
    if fault.long and rng.random() < fault.often_long:
        lasting = fault.long
    return Planned(fault, rng.uniform(0.0, 1.2), lasting)


def covering(names: Sequence[str], among: range = range(1, 4000)) -> list[int]:
    """Few and short schedules in which each of these faults strikes once or more, the cheapest first."""
    drawn = [schedule for schedule in map(draw, among) if schedule.seconds < SHORT and not schedule.patient]
    missing, chosen = set(names), []
    while missing:
        best = max(drawn, key=lambda schedule: (len(missing & set(schedule.names)), -schedule.seconds))
        missing -= set(best.names)
        chosen.append(best.seed)
    return chosen
