"""docs/BENCHMARKS.md, made from the results."""

from . import published
from .contenders import BY_KEY
from .goals import GOALS, MARKED
from .markdown import table
from .measurement import NOISE_MAX
from .plan import GROUPS
from .results import Results

INTRODUCTION = """# How fast it is

Made by `make bench`; do not edit. Every figure is of one run on one machine; what counts are ratios to the
peers of the same run. Lobby runs with `RATE_LIMITS=off`, plain text messages, SQLite on disk with
`synchronous=FULL`, every message committed before it is acknowledged. **The peers store nothing.** A
server is one process where nothing else is said; all share one real Redis.
"""

HOW_TO_RUN = """## How to run it

    make bench                                    # all of it, under 20 minutes
    .venv/bin/python -m benchmarks --quick        # short measurements, about 5 minutes
    .venv/bin/python -m benchmarks --only acks    # some groups: {groups}

It needs `redis-server`; `postgres`, `node` and Chromium are used when they are there, and what is left out is
said. JSON, plot and this page are written at the end (by `--quick` and `--only` into
`benchmarks/results/partial/`). Two cores are enough: one for the server, one for the generator. A measurement
during which others used more than 0.3 of a core is made again, up to three times, and the quietest stands.
"""

MEANING = """## What the figures mean

- **Load** is open loop: a message is sent when it is due, whether the server keeps up or not, and a delay
  counts from that moment. 50 of a room's sockets talk in turn.
- **All delivered**: every socket was counted to have got every message of its room, neither fewer nor more.
  A sample of 27 sockets reads the time stamps in the texts (p50, p99) and compares the order.
- **Processor time a delivery** is what the operating system charged to the server's process (user and
  system, children included) divided by deliveries to sockets. For Lobby it contains storing the message.
  Redis is not in it.
- **Delivered** of a server that falls behind is what arrived until 8 s after the last message was sent.
- **Noise** is the share of a core that neither the server, its services nor the generator used.
- **Acked posts**: 50 writers in one room send the next post when one is acknowledged. PostgreSQL has `fsync`
  and `synchronous_commit` on.
- **Coming back**: the server has just been started; 1,000 sockets with a guest's cookie connect at once, and
  when all have their `welcome`, all resume. Processor time contains both; daphne's listening socket has a
  backlog of 2,048.
- **Connects**: 500 sockets of guests in a new room, 50 at a time, the next 50 when all have their `welcome`;
  the median of five rounds.
- **RSS a socket**: growth of a process that had no socket before, divided by its idle sockets.
- **200 rooms**: one socket of each room talks, the rooms in turn, and has done so before it is measured.
- **Newcomers**: everybody in 200 new rooms says a first word, the rooms in turn, and then a second one, at
  the same rate. Other rooms have been spoken in before.
- **Several processes**: a room's sockets, and the rooms' talkers, are spread evenly over daphne processes
  that share one PostgreSQL and one Redis. Processor time is that of all daphne processes.
- **A room opens**: the median of 200 openings of either room, in turn: the page is asked for and read, then a
  socket is opened and asks for the newest messages, up to the end of the frame that brings them.
  `long_first_ms` is the first opening of the long room after the process was started.
- **Searches**: a million messages in four languages, half of them in one room, the others in a thousand, of
  which fifty are private. A guest asks over a socket, one query after another, eight times each, everywhere;
  rare, common and absent words, of one character and more, phrases, signs, in a small room, filters alone.
  Both databases must find the same. `bytes_a_message` is the size of the index.
- **Everybody in one room**: as under load, from several loopback addresses; 50 of the sockets talk.
  Deliveries a second are those of the paced messages and of what was still under way at their end. The
  generator is one process too: where its share is about one core, it is the generator that is slow, and
  its delay is counted.
- **Room pages**: 16 browsers ask for the page as soon as they have the last one, each on one connection with
  its guest's cookie, and accept gzip. The tutorial's page has the middleware that `startproject` writes.
- **A browser's window** is headless Chromium without a GPU. It opens the room of a million messages, scrolls
  up through 5,000 of them and goes back to the newest; then ten people talk for half a minute. `share` is the
  processor time of the renderer's process, of one core; a frame lasts from one animation frame to the next.
- **Tutorial** is the chat of the Channels tutorial on daphne with the core Redis layer, the socket timeout of
  its Redis client raised so that idle sockets survive. It has **kept up** with a rate when all was delivered
  with p99 ≤ 1 s. **Node ws** and **Socket.IO** are small servers whose rooms go through Redis
  (`benchmarks/peers/`).
"""


def write(results: Results, picture: str) -> str:
    sections = [
        INTRODUCTION,
        _warning(results),
        _goals(results),
        f"![Processor time and delay of all servers]({picture})\n",
        _deliveries(results),
        published.everybody_in_one_room(results),
        published.room_pages(results),
        _others(results),
        _left_out(results),
        MEANING,
        HOW_TO_RUN.format(groups=" ".join(GROUPS)),
        _machine(results),
    ]
    return "\n".join(filter(None, sections))


def _warning(results: Results) -> str:
    """What a reader must know first when the machine was not ours alone."""
    noisy = [m.noise for m in results.measurements if m.noise > NOISE_MAX]
    if not noisy:
        return ""
    return (
        f"> **Other work used more than {NOISE_MAX} of a core during {len(noisy)} of "
        f"{len(results.measurements)} measurements**,\n> at worst {max(noisy):.1f}. What rests on them is "
        "marked (noisy): a server that is kept waiting has longer\n> delays, lower rates, and larger and so "
        "cheaper batches. Such figures, and ratios between them, prove little.\n"
    )


def _goals(results: Results) -> str:
    rows = [
        [g.what, f"**{g.show(g.value(results))}**", g.limit(g.floor), g.limit(g.aim), g.verdict(results)]
        for g in GOALS
    ]
    return "## Floors and aims\n\n" + table(["what", "measured", "floor", "aim", "verdict"], rows)


def _deliveries(results: Results) -> str:
    rows = []
    for m in results.measurements:
        f = m.figures
        if "cpu_us" not in f:
            continue
        share = f["delivered"] / f["expected"] if f["expected"] else 0.0
        rows.append(
            [
                _load_name(m.scenario, f["rate"]),
                BY_KEY[m.contender].title,
                f"{f['cpu_us']:.2f}",
                f"{f['server_share']:.0%}",
                f"{f['p50_ms']:,.1f}",
                f"{f['p99_ms']:,.1f}",
                "all" if f["all_delivered"] else f"{share:.1%}",
                f"{f['others_share']:.2f}",
            ]
        )
    head = [
        "load",
        "server",
        "µs a delivery",
        "of a core",
        "p50 ms",
        "p99 ms",
        "delivered",
        "noise",
    ]
    return "## Deliveries\n\n" + table(head, rows) if rows else ""


def _load_name(scenario: str, rate: float) -> str:
    if scenario.startswith("crowd_"):
        return f"{int(scenario.removeprefix('crowd_')):,} sockets, one room, {rate:,.0f} msg/s"
    if scenario.startswith("room_"):
        return f"500 sockets, one room, {rate:,.0f} msg/s"
    if scenario.startswith("processes_"):
        processes = scenario.removeprefix("processes_")
        return f"200 rooms × 5 sockets, {rate:,.0f} msg/s in all, PostgreSQL, processes: {processes}"
    later = ", later words" if scenario == "newcomers" else ""
    later = ", 3 in 10 with markup" if scenario.startswith(MARKED) else later
    return f"200 rooms × 5 sockets, {rate:,.0f} msg/s in all{later}"


def _others(results: Results) -> str:
    rows = []
    for m in results.measurements:
        if "cpu_us" not in m.figures and not m.scenario.startswith("views_"):
            figures = ", ".join(f"{name} {value:,g}" for name, value in m.figures.items())
            rows.append([m.scenario, BY_KEY[m.contender].title, figures])
    return (
        "## Everything else that was measured\n\n" + table(["measurement", "server", "figures"], rows)
        if rows
        else ""
    )


def _left_out(results: Results) -> str:
    notes = [
        f"{m.scenario}, {BY_KEY[m.contender].title}: {note}" for m in results.measurements for note in m.notes
    ]
    lines = [f"- left out: {line}" for line in results.left_out] + [f"- {note}" for note in notes]
    return "## To be taken with care\n\n" + "\n".join(lines) + "\n" if lines else ""


def _machine(results: Results) -> str:
    took = [["The run took", f"{results.seconds:.0f} s"]]
    rows = [[name, value] for name, value in results.machine.items()] + took
    return "## The machine\n\n" + table(["", ""], rows)
