"""The steps of a run, in order."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import uvloop

from .contenders import BY_KEY, CONTENDERS, Contender
from .ground import Ground
from .measurement import Measurement
from .results import Results
from .scenarios.acks import acked_posts
from .scenarios.memory import idle_sockets
from .scenarios.page import room_page
from .scenarios.resumes import resumes
from .scenarios.rooms import Load, paced

OVERHEAD = 7.0  # seconds that a step takes besides its measurement
GROUPS: Final = ("room_20", "room_50", "room_1000", "acks", "resume", "memory", "page", "rooms_200")
KEPT_UP_P99 = 1000.0  # ms: a server whose delays grow beyond has not kept up
TUTORIAL_RATES = (0.25, 0.5, 1.0, 2.0, 3.0, 5.0)  # messages a second and room, until one is too much
KEPT_UP = "rooms_200_kept_up"

Run = Callable[[], Measurement | None]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    seconds: float
    ack_seconds: float
    sockets_idle: int
    messages: int
    contenders: dict[int, tuple[str, ...]]  # by rate
    tutorial_rates: tuple[float, ...]


FULL = Size(10, 6, 500, 1_000_000, {20: (), 50: (), 1000: ()}, TUTORIAL_RATES)
QUICK = Size(
    2.5,
    2,
    300,
    100_000,
    {20: ("daphne", "tutorial"), 50: ("daphne",), 1000: ("daphne", "uvicorn", "node_ws")},
    (0.25,),
)


@dataclass(frozen=True)
class Step:
    group: str
    label: str
    length: float  # seconds, roughly
    run: Run
    again: bool = True
    """Whether it is made again when others used the machine meanwhile."""


class Plan:
    def __init__(self, ground: Ground, results: Results, size: Size) -> None:
        self.ground = ground
        self.results = results
        self.size = size

    def steps(self) -> Iterator[Step]:
        yield from self._one_room()
        yield from self._acks()
        yield Step("resume", "1,000 sockets come back", 6, self._resume)
        for key in ("daphne", "tutorial"):
            yield Step("memory", f"idle sockets: {BY_KEY[key].title}", 7, self._memory(BY_KEY[key]), False)
        yield Step("page", "the page of a room of a million", 15, self._page, False)
        yield from self._many_rooms()

    def _one_room(self) -> Iterator[Step]:
        for rate, keys in self.size.contenders.items():
            load = Load(f"room_{rate}", 1, 500, float(rate))
            for contender in [c for c in CONTENDERS if not keys or c.key in keys]:
                label = f"500 sockets, {rate} msg/s: {contender.title}"
                yield self._paced(load.name, label, contender, load)

    def _paced(self, group: str, label: str, contender: Contender, load: Load) -> Step:
        def run() -> Measurement | None:
            if contender.needs_node and self.ground.node_missing:
                return None
            return uvloop.run(paced(self.ground, contender, load, self.size.seconds))

        return Step(group, label, self.size.seconds + OVERHEAD, run)

    def _acks(self) -> Iterator[Step]:
        for database in ("sqlite", "postgres"):
            for in_flight in (1, 20):
                name = f"acks_{database}_{in_flight}"
                label = f"acked posts, {in_flight} in flight, {database}"
                yield Step("acks", label, self.size.ack_seconds + 5, self._acked(name, database, in_flight))

    def _acked(self, name: str, database: str, in_flight: int) -> Run:
        def run() -> Measurement | None:
            ground = self.ground
            site = ground.site() if database == "sqlite" else ground.postgres_site()
            if site is None:
                return None
            return uvloop.run(acked_posts(ground, site, name, in_flight, self.size.ack_seconds))

        return run

    def _resume(self) -> Measurement:
        return uvloop.run(resumes(self.ground, "resume", 1000))

    def _memory(self, contender: Contender) -> Run:
        return lambda: uvloop.run(idle_sockets(self.ground, contender, "memory", self.size.sockets_idle))

    def _page(self) -> Measurement:
        return room_page(self.ground, "page", self.size.messages, 200)

    def _many_rooms(self) -> Iterator[Step]:
        load = Load("rooms_200", 200, 5, 1000.0)
        yield self._paced("rooms_200", "200 rooms, 5 msg/s: Lobby on daphne", BY_KEY["daphne"], load)
        kept_up: Measurement | None = None
        for rate in self.size.tutorial_rates:
            trial = dataclasses.replace(load, name=f"rooms_200_at_{rate:g}", rate=200.0 * rate)
            label = f"200 rooms, {rate:g} msg/s: Channels tutorial"
            yield self._paced("rooms_200", label, BY_KEY["tutorial"], trial)
            tried = self.results.find(trial.name, "tutorial")
            if not tried or not _has_kept_up(tried):
                break
            kept_up = tried
        if kept_up:
            kept_up.scenario = KEPT_UP
            again = dataclasses.replace(load, name=KEPT_UP, rate=kept_up.figures["rate"])
            label = "200 rooms at the tutorial's rate: Lobby on daphne"
            yield self._paced("rooms_200", label, BY_KEY["daphne"], again)


def _has_kept_up(measured: Measurement) -> bool:
    return measured.figures["all_delivered"] == 1 and measured.figures["p99_ms"] <= KEPT_UP_P99
