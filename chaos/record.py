"""What the people of a schedule saw and were told, and when. Times are the checker's monotonic clock."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

now = time.monotonic
NOT_ALLOWED: Final = 4403
RESTART: Final = 4012


async def holds_by(deadline: float, condition: Callable[[], bool]) -> bool:
    """Wait until something is so; False when it still is not at the deadline."""
    while not (held := condition()) and now() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    return held


@dataclass(frozen=True, slots=True)
class Acked:
    """A write that was acknowledged: `text` is None for a deletion and a reaction."""

    room: str
    writer: str
    kind: str
    client_id: str
    sequence: int
    revision: int
    text: str | None
    at: float
    reaction: "Reaction | None" = None
    files: tuple[str, ...] = ()


class Reaction(NamedTuple):
    """What somebody, told by id, has put under a message."""

    sequence: int
    emoji: str
    who: str


@dataclass(frozen=True, slots=True)
class Sight:
    at: float
    since: float  # when the connection was opened over which it came
    revision: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a connection that its client did not ask for."""

    who: str
    server: int
    code: int
    at: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Excluded:
    """Somebody who may no longer be in a room: every socket of theirs ends with 4403."""

    who: str
    asked: float
    done: float  # when the ack arrived


@dataclass(slots=True)
class Record:
    acked: list[Acked] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)  # those that are stored as they were sent, by id
    withdrawn: set[Reaction] = field(default_factory=set)  # sent, acked or not
    ended: list[Ended] = field(default_factory=list)
    # reader → sequence → every state in which it was shown
    sights: dict[str, dict[int, list[Sight]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    # reader → when it started afresh, the first place of the page that it got, and the page's revision
    resets: dict[str, list[tuple[float, int, int]]] = field(default_factory=lambda: defaultdict(list))
    # rooms, and the seconds from somebody's last frame before a restart to the first `changes` after it
    blackouts: list[tuple[str, float]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def problem(self, text: str) -> None:
        if text not in self.problems:
            self.problems.append(text)

    def started_afresh(self, who: str, first: int, revision: int) -> None:
        self.resets[who].append((now(), first, revision))

    def left_to_history(self, who: str, ack: Acked, until: float) -> bool:
        """Whether a reset left this message out: then it is the reader's to ask for. It may have come before
        the writer read the acknowledgement of what it left out."""
        return any(
            at <= until and ack.sequence < first and (ack.at <= at or ack.revision <= revision)
            for at, first, revision in self.resets[who]
        )

    def saw(self, who: str, sequence: int, revision: int, since: float) -> None:
        self.sights[who][sequence].append(Sight(now(), since, revision))


@dataclass(slots=True)
class Licence:
    """What a schedule's faults excuse. Everything else that happens is a failure."""

    delay: float = 5.0  # seconds from an ack to the slowest connected reader
    delays: list[tuple[float, float, float]] = field(default_factory=list)  # from, to, seconds
    unreadable: list[tuple[float, float]] = field(default_factory=list)  # the database could not be read
    rewound: float | None = None  # what was acked before may be gone: the database was put back
    closing: list[tuple[int, float, float, int | None]] = field(default_factory=list)
    """Server, from, to, code: its sockets may be closed then (with this code and no other)."""
    cut: set[str] = field(default_factory=set)  # people whose own connection a fault cuts
    killed: list[float] = field(default_factory=list)  # when a process ended without a word
    excluded: list[Excluded] = field(default_factory=list)

    def excuses(self, end: Ended) -> bool:
        if end.who in self.cut:
            return True
        if end.code == NOT_ALLOWED:
            return any(sent.who == end.who and sent.asked <= end.at for sent in self.excluded)
        return any(
            end.server == server and begin <= end.at <= finish and code in (None, end.code)
            for server, begin, finish, code in self.closing
        )

    def forgets(self, ack: Acked) -> bool:
        """Whether the database was put back after it."""
        return self.rewound is not None and ack.at <= self.rewound

    def limit_at(self, at: float) -> float:
        """How long a delivery may take that was acked at this time."""
        return max([self.delay, *(s for begin, end, s in self.delays if begin - self.delay <= at <= end)])

    def readable_from(self, at: float) -> float:
        """When the database could be read for whoever waited since `at`."""
        for begin, end in sorted(self.unreadable):
            if begin - self.delay <= at <= end:
                at = end
        return at
