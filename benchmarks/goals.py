"""What Lobby promises of its speed: a floor that must hold, and an aim."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from .measurement import NOISE_MAX
from .results import Results


@dataclass(frozen=True)
class Goal:
    what: str
    unit: str
    floor: float
    aim: float
    value: Callable[[Results], float | None]
    condition: Callable[[Results], bool] = lambda _: True
    """What must hold besides, such as that everything was delivered."""
    more_is_better: bool = False
    tolerance: float = 0.0
    """What a ratio may be off and still count as the aim."""

    def met(self, value: float, limit: float) -> bool:
        return value >= limit if self.more_is_better else value <= limit + self.tolerance

    def verdict(self, results: Results) -> str:
        results.asked.clear()
        value = self.value(results)
        noisy = any(measurement.noise > NOISE_MAX for measurement in results.asked)
        return self._judge(results, value) + (" (noisy)" if noisy else "")

    def _judge(self, results: Results, value: float | None) -> str:
        if value is None:
            return "not measured"
        if not self.condition(results):
            return "not all delivered"
        if self.met(value, self.aim):
            return "aim met"
        return "floor met" if self.met(value, self.floor) else "missed"

    def show(self, value: float | None) -> str:
        if value is None:
            return "–"
        if self.unit == "×":
            return f"{value:.2f} ×"
        text = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2g}"
        return f"{text} {self.unit}".strip()

    def limit(self, value: float) -> str:
        return f"{'≥' if self.more_is_better else '≤'} {self.show(value)}"


def figure(scenario: str, contender: str, name: str) -> Callable[[Results], float | None]:
    return lambda results: results.get(scenario, contender, name)


def ratio(scenario: str, ours: str, theirs: str, name: str = "cpu_us") -> Callable[[Results], float | None]:
    return lambda results: results.ratio(scenario, ours, theirs, name)


def delivered(scenario: str, contender: str) -> Callable[[Results], bool]:
    return lambda results: results.get(scenario, contender, "all_delivered") == 1


def all_answered(results: Results) -> bool:
    return results.get("resume", "daphne", "answered") == results.get("resume", "daphne", "sockets")


def kept_up_rate(results: Results) -> float | None:
    """The highest rate in 200 rooms with which the tutorial kept up."""
    tried = [m for m in results.measurements if m.scenario.startswith("rooms_200_at_")]
    rates = [m.figures["rate"] for m in tried if m.contender == "tutorial" and m.kept_up]
    return max(rates, default=None)


def many_rooms_ratio(results: Results) -> float | None:
    """Against the tutorial's at the highest rate with which it keeps up: the worse of Lobby's two rates."""
    if not (rate := kept_up_rate(results)):
        return None
    theirs = results.get(f"rooms_200_at_{rate:g}", "tutorial", "cpu_us")
    ours = [results.get(f"rooms_200_at_{each:g}", "daphne", "cpu_us") for each in (1000, rate)]
    measured = [value for value in ours if value is not None]
    return max(measured) / theirs if theirs and measured else None


def markup_ratio(results: Results) -> float | None:
    marked, plain = (results.get(f"{name}200", "daphne", "cpu_us") for name in (MARKED, "rooms_200_at_"))
    return marked / plain if marked and plain else None


def newcomers_ratio(results: Results) -> float | None:
    first, later = (results.get("newcomers", "daphne", name) for name in ("first_cpu_us", "cpu_us"))
    return first / later if first and later else None


def acks_ratio(results: Results, database: str) -> float | None:
    names = f"acks_{database}_20", f"acks_{database}_20_not_indexed"
    indexed, bare = (results.get(name, "daphne", "acked_per_second") for name in names)
    return indexed / bare if indexed and bare else None


def processes_ratio(results: Results) -> float | None:
    four, one = (results.get(f"processes_{count}", "daphne", "cpu_us") for count in (4, 1))
    return four / one if four and one else None


def cost(load: str, scenario: str, ours: str, theirs: str, floor: float, aim: float) -> Goal:
    what = f"{load}: processor time a delivery, {ours} against {PEERS[theirs]}"
    return Goal(what, "×", floor, aim, ratio(scenario, ours, theirs), delivered(scenario, ours))


def p99(load: str, scenario: str, floor: float, aim: float) -> Goal:
    value = figure(scenario, "daphne", "p99_ms")
    return Goal(f"{load}, daphne: all delivered, p99", "ms", floor, aim, value, delivered(scenario, "daphne"))


DATABASES: Final = ("sqlite", "SQLite"), ("postgres", "PostgreSQL")
PEERS: Final = {"tutorial": "the tutorial", "node_ws": "Node ws"}
ROOM: Final = "500 sockets, one room"
ACKS: Final = "acked posts a second, one daphne process, 50 writers in one room"
RESUME: Final = "1,000 sockets come back at once, 100 changes behind"
WINDOW: Final = "a browser's window, 50 msg/s, after a scroll through 5,000 messages"
MANY: Final = "200 rooms × 5 sockets"
MARKED: Final = "rooms_marked_"

GOALS: Final = (
    cost(f"{ROOM}, 20 msg/s", "room_20", "daphne", "tutorial", 0.25, 0.15),
    p99(f"{ROOM}, 50 msg/s", "room_50", 100, 40),
    cost(f"{ROOM}, 1,000 msg/s", "room_1000", "uvicorn", "node_ws", 0.3, 0.15),
    cost(f"{ROOM}, 1,000 msg/s", "room_1000", "daphne", "node_ws", 0.6, 0.3),
    p99(f"{ROOM}, 1,000 msg/s", "room_1000", 150, 60),
    p99("10,000 sockets, one room, 60 msg/s", "crowd_10000", 150, 60),
    *(
        Goal(
            f"{ACKS}, {title}, {in_flight} in flight each",
            "",
            floor,
            aim,
            figure(f"acks_{database}_{in_flight}", "daphne", "acked_per_second"),
            more_is_better=True,
        )
        for in_flight, floor, aim in ((1, 4000, 6000), (20, 8000, 12000))
        for database, title in DATABASES
    ),
    Goal(
        f"{RESUME}: processor time each",
        "ms",
        1.5,
        0.7,
        figure("resume", "daphne", "cpu_ms_each"),
        all_answered,
    ),
    Goal(
        f"{RESUME}: database queries in all", "", 20, 5, figure("resume", "daphne", "queries"), all_answered
    ),
    Goal(
        "500 sockets connect, 50 at a time, daphne: connects a second",
        "",
        800,
        1500,
        figure("connects", "daphne", "connects_per_second"),
        more_is_better=True,
    ),
    Goal(
        "RSS an idle socket, from the first one on, daphne against the tutorial",
        "×",
        0.85,
        0.6,
        ratio("memory", "daphne", "tutorial", "kb_a_socket"),
    ),
    Goal(
        "a 1,000,000-message room against an empty one, from asking for its page to its newest messages",
        "×",
        1.3,
        1.0,
        figure("page", "daphne", "ratio"),
        tolerance=0.05,
    ),
    *(
        Goal(
            f"searches in a million messages, {title}: p95 of the slowest kind of query",
            "ms",
            150,
            100,
            figure(f"search_{database}", "daphne", "worst_p95_ms"),
            lambda results: results.get("search_postgres", "daphne", "same_results") in (1.0, None),
        )
        for database, title in DATABASES
    ),
    *(
        Goal(
            f"{ACKS}, {title}, 20 in flight each, against the same without the search index",
            "×",
            0.7,
            0.8,
            partial(acks_ratio, database=database),
            more_is_better=True,
        )
        for database, title in DATABASES
    ),
    Goal(
        "a room's page with its newest messages, 16 clients, daphne: processor time against the tutorial's",
        "×",
        2.5,
        1.6,
        ratio("views_sqlite_short_0", "daphne", "tutorial", "cpu_ms"),
    ),
    Goal(f"{WINDOW}: the renderer", "of a core", 0.5, 0.25, figure("renderer", "daphne", "share")),
    Goal(f"{WINDOW}: frames, p95", "ms", 20, 17, figure("renderer", "daphne", "frame_p95_ms")),
    p99(f"{MANY}, 1,000 msg/s", "rooms_200_at_1000", 200, 60),
    Goal(
        f"{MANY}: processor time a delivery against the tutorial at its highest kept-up rate",
        "×",
        0.7,
        0.4,
        many_rooms_ratio,
        delivered("rooms_200_at_1000", "daphne"),
    ),
    cost(f"{MANY}, 200 msg/s", "rooms_200_at_200", "daphne", "tutorial", 0.45, 0.3),
    cost(f"{MANY}, 1,000 msg/s", "rooms_200_at_1000", "daphne", "node_ws", 3.0, 2.0),
    Goal(
        f"{MANY}, 200 msg/s, 3 in 10 with markup, daphne: processor time a delivery against plain ones",
        "×",
        1.3,
        1.15,
        markup_ratio,
        delivered(f"{MARKED}200", "daphne"),
    ),
    Goal(
        "first words of 1,000 newcomers in 200 new rooms, daphne: processor time of one against a later one",
        "×",
        1.5,
        1.2,
        newcomers_ratio,
        delivered("newcomers", "daphne"),
    ),
    Goal(
        f"{MANY}, 300 msg/s, PostgreSQL: processor time a delivery in all, 4 daphne processes against 1",
        "×",
        1.6,
        1.3,
        processes_ratio,
        lambda results: all(delivered(f"processes_{count}", "daphne")(results) for count in (1, 4)),
    ),
)
