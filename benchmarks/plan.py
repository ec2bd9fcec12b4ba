"""The steps of a run, in order."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import uvloop

from chat.tests.harness.servers import Site

from .contenders import BY_KEY, CONTENDERS, Contender
from .ground import Ground
from .history import LONG_ROOM, SHORT_ROOM, site_with_history
from .measurement import Measurement
from .results import Results
from .scenarios.acks import acked_posts
from .scenarios.crowd import crowd
from .scenarios.memory import idle_sockets
from .scenarios.page import room_opens
from .scenarios.resumes import resumes
from .scenarios.rooms import Load, paced
from .scenarios.views import page_views

OVERHEAD = 7.0  # seconds that a step takes besides its measurement
GROUPS: Final = (
    "room_20",
    "room_50",
    "room_1000",
    "crowd",
    "acks",
    "resume",
    "memory",
    "page",
    "views",
    "rooms_200",
)
FILLING = 40.0  # seconds that a million messages take
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
    crowd: int  # sockets
    views: tuple[tuple[str, str], ...]  # databases and rooms


ALL_VIEWS = tuple((database, room) for database in ("sqlite", "postgres") for room in (SHORT_ROOM, LONG_ROOM))
FULL = Size(10, 6, 500, 1_000_000, {20: (), 50: (), 1000: ()}, TUTORIAL_RATES, 10_000, ALL_VIEWS)
QUICK = Size(
    2.5,
    2,
    300,
    100_000,
    {20: ("daphne", "tutorial"), 50: ("daphne",), 1000: ("daphne", "uvicorn", "node_ws")},
    (0.25,),
    2_000,
    ALL_VIEWS[:2],
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
        self._with_history: dict[str, Site | None] = {}

    def steps(self) -> Iterator[Step]:
        yield from self._one_room()
        for key in ("daphne", "uvicorn"):
            label = f"{self.size.crowd:,} sockets in one room: {BY_KEY[key].title}"
            yield Step("crowd", label, self.size.seconds + 40, self._crowd(BY_KEY[key]), False)
        yield from self._acks()
        yield Step("resume", "1,000 sockets come back", 6, self._resume)
        for key in ("daphne", "tutorial"):
            yield Step("memory", f"idle sockets: {BY_KEY[key].title}", 7, self._memory(BY_KEY[key]), False)
        yield Step("page", "a room of a million opens", FILLING, self._page, False)
        yield from self._views()
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

    def _crowd(self, contender: Contender) -> Run:
        return lambda: uvloop.run(crowd(self.ground, contender, self.size.crowd, self.size.seconds))

    def _site_with_history(self, database: str) -> Site | None:
        if database not in self._with_history:
            self._with_history[database] = site_with_history(self.ground, database, self.size.messages)
        return self._with_history[database]

    def _page(self) -> Measurement | None:
        site = self._site_with_history("sqlite")
        return uvloop.run(room_opens(site, "page", self.size.messages, 200)) if site else None

    def _views(self) -> Iterator[Step]:
        for database, room in self.size.views:
            for posts in (0, 10):
                name = f"views_{database}_{room}_{posts}"
                label = f"views of a {room} room's page, {posts} posts a second, {database}"
                yield Step(
                    "views", label, self.size.ack_seconds + 4, self._viewed(name, database, room, posts)
                )

    def _viewed(self, name: str, database: str, room: str, posts: int) -> Run:
        def run() -> Measurement | None:
            site = self._site_with_history(database)
            if site is None:
                return None
            return uvloop.run(page_views(self.ground, site, name, room, posts, self.size.ack_seconds))

        return run

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
