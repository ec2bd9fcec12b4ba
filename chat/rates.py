"""How often: token buckets per participant and per address, one set a process.

A bucket of `40/10s` lets 40 through at once and is full again after 10 s, so 4 a second pass for ever. Who is
refused is told when to come again, and those who wait in one queue are told different times. Buckets that
are full are forgotten.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from enum import StrEnum
from threading import Lock
from typing import Final, NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from . import commands
from .address import network_of
from .commands import Command, Say

OFF: Final = "off"
LIMIT: Final = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,8})?([smhd])")
SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
BUCKETS_MAX: Final = 50_000  # of a kind; beyond it the oldest is forgotten, full or not
QUEUE: Final = 200  # those who wait and are each told a time of their own; where a turn comes within a second
ROUNDING: Final = 1e-6  # seconds: sums of steps are not exact


class Kind(StrEnum):
    """What is counted, by the name of its setting."""

    MESSAGE = "RATE_MESSAGES"
    EDIT = "RATE_EDITS"
    REACTION = "RATE_REACTIONS"
    ACT = "RATE_ACTS"
    ASK = "RATE_QUESTIONS"
    CONNECT = "RATE_CONNECTS"
    PAGE = "RATE_PAGES"
    NEW_ROOM = "RATE_NEW_ROOMS"
    SIGN_UP = "RATE_SIGN_UPS"
    PASSWORD = "RATE_PASSWORDS"  # noqa: S105  a setting's name


OF_ADDRESSES_ALONE: Final = {Kind.CONNECT, Kind.PAGE, Kind.NEW_ROOM, Kind.SIGN_UP}
"""Asked for before anybody is known, or by people who can make themselves new ones."""

OF_A_COMMAND: Final[Mapping[type, Kind]] = {
    Say: Kind.MESSAGE,
    commands.Post: Kind.MESSAGE,
    commands.Edit: Kind.EDIT,
    commands.Delete: Kind.EDIT,
    commands.React: Kind.REACTION,
    commands.Rename: Kind.ACT,
    commands.Block: Kind.ACT,
    commands.Report: Kind.ACT,
    commands.Moderate: Kind.ACT,
    commands.Configure: Kind.ACT,
    commands.Seen: Kind.ASK,
    commands.Typing: Kind.ASK,
    commands.People: Kind.ASK,
    commands.Resume: Kind.ASK,
    commands.History: Kind.ASK,
}


def kind_of(command: Command | Say) -> Kind:
    """What a command counts as."""
    return OF_A_COMMAND[type(command)]


class Limit(NamedTuple):
    """So many at once, and so many again within that many seconds."""

    most: int
    seconds: float


class Limits(NamedTuple):
    """A kind's. None: as often as one likes."""

    person: Limit | None
    address: Limit | None


def read_limits(kind: Kind, text: str) -> Limits:
    """`40/10s,400/10s`: for a participant, and for an address. `1000/1m`: for an address alone.

    Each may be `off`. Raises ImproperlyConfigured, which names the setting, for anything else.
    """
    parts = [part.strip() for part in text.split(",")]
    if kind in OF_ADDRESSES_ALONE:
        if len(parts) != 1:
            raise ImproperlyConfigured(f"{kind}={text!r}: one limit is meant, for an address.")
        parts = [OFF, *parts]
    elif len(parts) != 2:
        raise ImproperlyConfigured(
            f"{kind}={text!r}: two limits are meant, with a comma between: for a participant, for an address."
        )
    return Limits(*(_read_limit(kind, text, part) for part in parts))


def _read_limit(kind: Kind, text: str, part: str) -> Limit | None:
    if part.lower() == OFF:
        return None
    found = LIMIT.fullmatch(part)
    if not found:
        raise ImproperlyConfigured(f"{kind}={text!r}: {part!r} is no limit such as 40/10s, 100/1h or off.")
    return Limit(int(found[1]), int(found[2] or 1) * SECONDS[found[3]])


class Bucket:
    """One bucket. It keeps no tokens, only the moment at which it will be full again."""

    __slots__ = ("_full_at", "_seconds", "_step")

    def __init__(self, limit: Limit) -> None:
        self._seconds = limit.seconds
        self._step = limit.seconds / limit.most
        self._full_at = 0.0

    def take(self) -> bool:
        now = time.monotonic()
        full_at = max(self._full_at, now) + self._step
        if full_at - now > self._seconds + ROUNDING:
            return False
        self._full_at = full_at
        return True


class Buckets:
    """A kind's buckets, by participant or by network. Not for two threads at once."""

    def __init__(self, limit: Limit) -> None:
        self._seconds = limit.seconds
        self._step = limit.seconds / limit.most
        self._queue = QUEUE * self._step if self._step <= 1 else 0.0
        self._full_at: OrderedDict[str, float] = OrderedDict()
        self._turns: dict[str, float] = {}

    @property
    def count(self) -> int:
        return len(self._full_at)

    def wait(self, key: str, now: float) -> float:
        """Seconds until there is a token; not above 0 when there is one."""
        return self._full_at.get(key, now) + self._step - self._seconds - now - ROUNDING

    def take(self, key: str, now: float) -> None:
        full_at = self._full_at.get(key)
        if full_at is None:
            self._forget_some(now)
            full_at = now
        self._full_at[key] = max(full_at, now) + self._step

    def turn(self, key: str, now: float) -> float:
        """Seconds until a refused one should come again: each is told a time of its own, so that a hundred
        that wait do not come back together, again and again. It is a hint and no reservation."""
        soonest = now + self.wait(key, now) + ROUNDING
        turn = max(soonest, min(self._turns.get(key, 0.0) + self._step, soonest + self._queue))
        self._turns[key] = turn
        return turn - now

    def _forget_some(self, now: float) -> None:
        """A newcomer looks at the two that were looked at longest ago: no pause, however many there are."""
        for _ in range(min(2, len(self._full_at))):
            key, full_at = next(iter(self._full_at.items()))
            if full_at <= now or len(self._full_at) >= BUCKETS_MAX:
                del self._full_at[key]
                self._turns.pop(key, None)
            else:
                self._full_at.move_to_end(key)


class Rates:
    """One a process; asked from the loop and from the threads of pages."""

    def __init__(self, limits: Mapping[Kind, Limits]) -> None:
        self._lock = Lock()
        self._buckets = {kind: tuple(limit and Buckets(limit) for limit in limits[kind]) for kind in limits}

    def take(self, kind: Kind, address: str, key: str = "") -> float:
        """0 when it may be done now, else the seconds to wait. `key` is whose: a participant's public id.
        An address or a participant that is not known has no limit of its own."""
        if kind not in self._buckets:
            return 0.0
        person, place = self._buckets[kind]
        network = network_of(address) if place else ""
        now = time.monotonic()
        with self._lock:
            of_person = person.wait(key, now) if person and key else 0.0
            of_place = place.wait(network, now) if place and network else 0.0
            if person and of_person > 0:
                return max(person.turn(key, now), of_place)
            if place and of_place > 0:
                return place.turn(network, now)
            if person and key:
                person.take(key, now)
            if place and network:
                place.take(network, now)
        return 0.0

    @property
    def count(self) -> int:
        """How many buckets are not known to be full."""
        return sum(buckets.count for pair in self._buckets.values() for buckets in pair if buckets)


class Doors:
    """How many sockets an address has open in this process."""

    def __init__(self, most: int) -> None:
        """`most` 0: as many as one likes."""
        self._most = most
        self._lock = Lock()
        self._inside: dict[str, int] = {}

    def enter(self, address: str) -> bool:
        """Whether one more is allowed. If so, `leave` is to be called for it once."""
        network = network_of(address)
        if not (network and self._most):
            return True
        with self._lock:
            inside = self._inside.get(network, 0)
            if inside >= self._most:
                return False
            self._inside[network] = inside + 1
        return True

    def leave(self, address: str) -> None:
        network = network_of(address)
        with self._lock:
            left = self._inside.get(network, 0) - 1
            if left > 0:
                self._inside[network] = left
            else:
                self._inside.pop(network, None)


class FrameBudget(Bucket):
    """A socket's, for what is no message: control frames, and the pieces of messages beyond the first."""

    LIMIT: Final = Limit(500, 10.0)

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(self.LIMIT)


class Patience(Bucket):
    """A socket's: it is told politely, and closed when it does not listen. One that listens, and sends all
    that was written while it was offline, is refused each of those messages once."""

    LIMIT: Final = Limit(200, 20.0)

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(self.LIMIT)

    def refused(self) -> bool:
        """Note that it was told to wait. True when it has been told often enough."""
        return not self.take()


def limits_of_settings() -> dict[Kind, Limits]:
    """What the settings say, kind by kind; nothing when `RATE_LIMITS` is off."""
    if not settings.RATE_LIMITS:
        return {}
    return {kind: read_limits(kind, settings.RATES[kind]) for kind in Kind}


rates = Rates(limits_of_settings())
doors = Doors(settings.SOCKETS_PER_ADDRESS if settings.RATE_LIMITS else 0)
