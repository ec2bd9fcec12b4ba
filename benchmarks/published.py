"""What others have published of the same loads, beside ours, and what differs."""

from typing import Final

from .contenders import BY_KEY
from .markdown import table
from .measurement import NOISE_MAX, Measurement
from .results import Results

DATABASES: Final = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
VIEWS: Final = (
    ("Campfire in Django (published), one worker, nothing cached", "62"),
    ("Campfire in Django (published), four workers", "414"),
    ("Campfire in Django (published), four workers, whole pages in a cache", "1,507"),
    ("Campfire in Rails (published, in several versions)", "212 to 710"),
)
VIEWS_NOTE: Final = """
What differs: the published figures were measured on four cores of an AMD Ryzen AI MAX+ 395, with the
generator on four others; ours on cores that server, database and generator share. Campfire's page contains 40
messages and all that is round them, hundreds of kilobytes, for somebody who is signed in. Lobby's contains
the newest 50 as JSON, compressed, for a guest. Campfire's room is a short one; of a room with 236,000
messages its authors report 95 pages a second for a port that asked the database as Rails does: the whole
history was sorted for each page.
"""
CROWD: Final = (
    ("Campfire in Rust (published), 10,000", "1.6 s", "656,183", "40 / 57 ms", "324 MB (Pss)", "", ""),
    (
        "Campfire in Rails (published), 10,000",
        "29.2 s",
        "9,485",
        "3,635 / 5,489 ms",
        "3,340 MB (Pss)",
        "",
        "",
    ),
)
CROWD_NOTE: Final = """
What differs: the published figures were measured on four hardware threads for the server alone, with
compressed frames, messages that are posted over HTTP, and deliveries as fast as they come. Ours are of one
process on one core, with a generator on another one, uncompressed, and of 60 messages a second that are
posted over sockets: more than 60 deliveries a second and socket there cannot be. Either stores every
message first.
"""


def everybody_in_one_room(results: Results) -> str:
    rows = [_crowd_row(m) for m in results.measurements if m.scenario.startswith("crowd_")]
    if not rows:
        return ""
    head = [
        "",
        "connected in",
        "deliveries a second",
        "p50 / p99",
        "RSS",
        "server's share",
        "generator's share",
    ]
    return "## Everybody in one room\n\n" + table(head, [*rows, *CROWD]) + CROWD_NOTE


def _crowd_row(measured: Measurement) -> list[str]:
    f = measured.figures
    arrived = "all" if f["all_delivered"] else f"{f['delivered'] / f['expected']:.1%}"
    return [
        f"{BY_KEY[measured.contender].title}, {f['sockets']:,.0f}{_noisy(measured)}",
        f"{f['connect_seconds']:.1f} s",
        f"{f['delivered_per_second']:,.0f} ({arrived})",
        f"{f['p50_ms']:,.0f} / {f['p99_ms']:,.0f} ms",
        f"{f['rss_mb']:,.0f} MB",
        f"{f['server_share']:.0%} of a core",
        f"{f['generator_share']:.0%} of a core",
    ]


def room_pages(results: Results) -> str:
    rows = []
    for database, title in DATABASES.items():
        for room, messages in (("short", "50 messages"), ("long", "a million messages")):
            found = [results.find(f"views_{database}_{room}_{posts}", "daphne") for posts in (0, 10)]
            if any(found):
                rows.append([f"Lobby, one process, {title}, {messages}", *map(_views_cell, found)])
    if not rows:
        return ""
    if tutorial := results.find("views_sqlite_short_0", "tutorial"):
        rows.append(["Channels tutorial, one process, no messages", _views_cell(tutorial), "not measured"])
    rows += [[name, figure, "not published"] for name, figure in VIEWS]
    head = ["room pages a second, 16 clients", "nobody posts", "10 posts a second beside"]
    return "## Room pages\n\n" + table(head, rows) + VIEWS_NOTE


def _views_cell(measured: Measurement | None) -> str:
    if not measured:
        return "not measured"
    f = measured.figures
    speed = f"**{f['views_per_second']:,.0f}**, p99 {f['p99_ms']:,.0f} ms"
    return f"{speed}, {f['cpu_ms']:.1f} ms of a core each{_noisy(measured)}"


def _noisy(measured: Measurement) -> str:
    return " (noisy)" if measured.noise > NOISE_MAX else ""
