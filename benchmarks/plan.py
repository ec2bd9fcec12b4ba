"""The steps of a run, in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import uvloop

from chat.tests.harness.processes import Server
from chat.tests.harness.servers import Site

from .contenders import BY_KEY, CONTENDERS, Contender, LobbyDaphne
from .goals import MARKED, kept_up_rate
from .ground import Ground
from .history import LONG_ROOM, SHORT_ROOM, site_with_history
from .measurement import Measurement
from .results import Results
from .scenarios.acks import acked_posts
from .scenarios.connects import connects
from .scenarios.crowd import crowd
from .scenarios.memory import idle_sockets
from .scenarios.newcomers import newcomers
from .scenarios.page import room_opens
from .scenarios.renderer import renderer
from .scenarios.resumes import resumes
from .scenarios.rooms import Load, paced, spread
from .scenarios.search import Answers, search, searchable_sites
from .scenarios.views import page_views

OVERHEAD = 7.0  # seconds that a step takes besides its measurement
GROUPS: Final = (
    "room_20",
    "room_50",
    "room_1000",
    "crowd",
    "acks",
    "resume",
    "connects",
    "memory",
    "page",
    "views",
    "renderer",
    "search",
    "rooms_quiet",
    "rooms_busy",
    "newcomers",
    "processes",
)
FILLING = 40.0  # seconds that a million messages take, and
INDEXING = 130.0  # to be indexed
QUIET = 200.0  # messages a second in 200 rooms, and
BUSY = 1000.0
FASTER = (400.0, 600.0, 1000.0)  # for the tutorial, until it is too much,
SLOWER = (100.0, 50.0)  # or, where QUIET is too much, until it keeps up
SPREAD = 300.0  # messages a second in 200 rooms, whose sockets are spread over processes

Run = Callable[[], Measurement | None]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    seconds: float
    ack_seconds: float
    sockets_idle: int
    messages: int
    contenders: dict[int, tuple[str, ...]]  # by rate
    search: bool  # for the highest rate with which the tutorial keeps up
    processes: tuple[int, ...]
    crowd: int  # sockets
    views: tuple[tuple[str, str], ...]  # databases and rooms


ALL_VIEWS = tuple((database, room) for database in ("sqlite", "postgres") for room in (SHORT_ROOM, LONG_ROOM))
FULL = Size(10, 6, 500, 1_000_000, {20: (), 50: (), 1000: ()}, True, (1, 2, 4), 10_000, ALL_VIEWS)
QUICK = Size(
    2.5,
    2,
    300,
    100_000,
    {20: ("daphne", "tutorial"), 50: ("daphne",), 1000: ("daphne", "uvicorn", "node_ws")},
    False,
    (1, 4),
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
        self._searchable: dict[str, Site] = {}
        self._found: Answers = {}

    def steps(self) -> Iterator[Step]:
        yield from self._one_room()
        for key in ("daphne", "uvicorn"):
            label = f"{self.size.crowd:,} sockets in one room: {BY_KEY[key].title}"
            yield Step("crowd", label, self.size.seconds + 40, self._crowd(BY_KEY[key]), False)
        yield from self._acks()
        yield Step("resume", "1,000 sockets come back", 6, self._resume)
        yield Step("connects", "500 sockets connect, 50 at a time", 12, self._connects)
        for key in ("daphne", "tutorial"):
            yield Step("memory", f"idle sockets: {BY_KEY[key].title}", 7, self._memory(BY_KEY[key]), False)
        yield Step("page", "a room of a million opens", FILLING, self._page, False)
        yield from self._views()
        yield Step(
            "renderer", "a browser's window in a busy room", 3 * self.size.seconds + 20, self._renderer
        )
        for database in ("sqlite", "postgres"):
            label = f"searches in {self.size.messages:,} messages, {database}"
            yield Step("search", label, INDEXING, partial(self._searched, database), False)
        yield from self._quiet_rooms()
        for key in ("daphne", "node_ws"):
            yield self._many_rooms("rooms_busy", BUSY, key)
        marked = Load(f"{MARKED}200", 200, 5, QUIET, with_markup=True)
        yield self._paced(
            "rooms_quiet", "200 rooms, 200 msg/s, 3 in 10 with markup: Lobby", BY_KEY["daphne"], marked
        )
        yield Step("newcomers", "first words of 1,000 newcomers", 20, self._newcomers)
        for count in self.size.processes:
            label = f"200 rooms on PostgreSQL, {count} processes"
            yield Step("processes", label, self.size.seconds + 12, partial(self._spread, count))

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
        length = self.size.ack_seconds + 5
        for database in ("sqlite", "postgres"):
            for in_flight in (1, 20):
                name = f"acks_{database}_{in_flight}"
                label = f"acked posts, {in_flight} in flight, {database}"
                yield Step("acks", label, length, self._acked(name, database, in_flight))
            label = f"acked posts, 20 in flight, {database}, not indexed for search"
            run = self._acked(f"acks_{database}_20_not_indexed", database, 20, is_indexed=False)
            yield Step("acks", label, length, run)

    def _acked(self, name: str, database: str, in_flight: int, *, is_indexed: bool = True) -> Run:
        def run() -> Measurement | None:
            ground = self.ground
            site = ground.site() if database == "sqlite" else ground.postgres_site()
            if site is None:
                return None
            if not is_indexed:
                # As if another process had begun to index, and did nothing.
                site.sql("INSERT INTO chat_chore (name, ran_at) VALUES ('index_messages', '2999-01-01')")
            return uvloop.run(acked_posts(ground, site, name, in_flight, self.size.ack_seconds))

        return run

    def _connects(self) -> Measurement:
        return uvloop.run(connects(self.ground, "connects"))

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

    def _renderer(self) -> Measurement | None:
        site = self._site_with_history("sqlite")
        assert site
        return uvloop.run(renderer(self.ground, site, "renderer", 3 * self.size.seconds))

    def _searched(self, database: str) -> Measurement | None:
        if not self._searchable:
            self._searchable = searchable_sites(self.ground, self.size.messages)
        site = self._searchable.get(database)
        return search(site, f"search_{database}", self.size.messages, self._found) if site else None

    def _views(self) -> Iterator[Step]:
        length = self.size.ack_seconds + 4
        for database, room in self.size.views:
            for posts in (0, 10):
                label = f"views of a {room} room's page, {posts} posts a second, {database}"
                yield Step("views", label, length, partial(self._viewed, database, room, posts))
        yield Step("views", "views of the tutorial's page", length, self._tutorial_viewed)

    def _viewed(self, database: str, room: str, posts: int) -> Measurement | None:
        site = self._site_with_history(database)
        if site is None:
            return None
        name = f"views_{database}_{room}_{posts}"
        return self._page_views(BY_KEY["daphne"], LobbyDaphne(site, {}), name, room, posts)

    def _tutorial_viewed(self) -> Measurement:
        tutorial = BY_KEY["tutorial"]
        return self._page_views(tutorial, tutorial.make(self.ground), "views_sqlite_short_0", SHORT_ROOM, 0)

    def _page_views(
        self, contender: Contender, server: Server, name: str, room: str, posts: int
    ) -> Measurement:
        views = page_views(self.ground, contender, server, name, room, posts, self.size.ack_seconds)
        return uvloop.run(views)

    def _quiet_rooms(self) -> Iterator[Step]:
        """The tutorial also as fast as it keeps up with, and Lobby at that rate."""
        yield self._many_rooms("rooms_quiet", QUIET, "tutorial")
        kept_up = kept_up_rate(self.results) == QUIET
        for rate in (FASTER if kept_up else SLOWER) if self.size.search else ():
            yield self._many_rooms("rooms_quiet", rate, "tutorial")
            if (kept_up_rate(self.results) == rate) is not kept_up:
                break
        for rate in sorted({QUIET, kept_up_rate(self.results) or QUIET} - {BUSY}):
            yield self._many_rooms("rooms_quiet", rate, "daphne")

    def _many_rooms(self, group: str, rate: float, key: str) -> Step:
        load = Load(f"rooms_200_at_{rate:g}", 200, 5, rate)
        label = f"200 rooms, {rate:g} msg/s in all: {BY_KEY[key].title}"
        return self._paced(group, label, BY_KEY[key], load)

    def _newcomers(self) -> Measurement:
        return uvloop.run(newcomers(self.ground, "newcomers"))

    def _spread(self, processes: int) -> Measurement | None:
        load = Load(f"processes_{processes}", 200, 5, SPREAD)
        return uvloop.run(spread(self.ground, processes, load, self.size.seconds))
