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

from ..protocol import commands
from ..protocol.commands import Command, Say
from ..protocol.slash_commands import Help
from .client_address import network_of, site_of

OFF: Final = "off"
LIMIT: Final = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,8})?([smhd])")
SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
BUCKETS_MAX: Final = 50_000  # of a kind; beyond it the oldest is forgotten, full or not
QUEUE: Final = 200  # those who wait and are each told a time of their own; where a turn comes within a second
SITE_IS: Final = 16  # times what an address may, for a /48 of IPv6 addresses
SITE_GUESSES: Final = 4  # times, of passwords: one customer uses up nobody's GUESSES
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
"""AccessQuery for before anybody is known, or by people who can make themselves new ones."""

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
    Help: Kind.ASK,
}


def kind_of(command: Command | Say | Help) -> Kind:
    """What a command counts as."""
    return OF_A_COMMAND[type(command)]


class Limit(NamedTuple):
    """So many at once, and so many again within that many seconds."""

    most: int
    seconds: float


GUESSES: Final = Limit(300, 600)
GUEST_NAMES: Final = Limit(1000, 3600)


class Limits(NamedTuple):
    """A kind's. None: as often as one likes."""

    person: Limit | None
    address: Limit | None
    long: Limit | None = None
    """For an address too: less at a time, over a longer time."""


def read_limits(kind: Kind, text: str) -> Limits:
    """`40/10s,400/10s`: for a participant, and for an address. `1000/1m`: for an address alone. What messages
    have may end with a second one for an address: `,50000/1d`.

    Each may be `off`. Raises ImproperlyConfigured, which names the setting, for anything else.
    """
    parts = [part.strip() for part in text.split(",")]
    if kind in OF_ADDRESSES_ALONE:
        if len(parts) != 1:
            raise ImproperlyConfigured(f"{kind}={text!r}: one limit is meant, for an address.")
        parts = [OFF, *parts]
    elif len(parts) != 2 and not (kind is Kind.MESSAGE and len(parts) == 3):
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


class _Kinds:
    """The buckets of one kind: of participants, of addresses, and of the /48s of IPv6 addresses."""

    def __init__(
        self, person: Limit | None, address: Limit | None, long: Limit | None, site_is: int = SITE_IS
    ) -> None:
        self._of_people = [Buckets(person)] if person else []
        limits = [limit for limit in (address, long) if limit]
        self._of_addresses = [Buckets(limit) for limit in limits]
        self._of_sites = [Buckets(Limit(limit.most * site_is, limit.seconds)) for limit in limits]

    def of(self, address: str, key: str) -> list[tuple[Buckets, str]]:
        """What is to be counted, and under whose name."""
        places = ((key, self._of_people), (network_of(address), self._of_addresses))
        named = (*places, (site_of(address), self._of_sites))
        return [(buckets, whose) for whose, several in named if whose for buckets in several]

    @property
    def count(self) -> int:
        several = (self._of_people, self._of_addresses, self._of_sites)
        return sum(buckets.count for some in several for buckets in some)


class Rates:
    """One a process; asked from the loop and from the threads of pages."""

    def __init__(self, limits: Mapping[Kind, Limits]) -> None:
        self._lock = Lock()
        self._buckets = {
            kind: _Kinds(*limits[kind], SITE_GUESSES if kind is Kind.PASSWORD else SITE_IS) for kind in limits
        }

    def take(self, kind: Kind, address: str, key: str = "") -> float:
        """0 when it may be done now, else the seconds to wait. `key` is whose: a participant's public id.
        An address or a participant that is not known has no limit of its own."""
        if kind not in self._buckets:
            return 0.0
        counted = self._buckets[kind].of(address, key)
        now = time.monotonic()
        with self._lock:
            waits = [buckets.wait(whose, now) for buckets, whose in counted]
            for (buckets, whose), wait in zip(counted, waits, strict=True):
                if wait > 0:
                    return max(buckets.turn(whose, now), *waits)
            for buckets, whose in counted:
                buckets.take(whose, now)
        return 0.0

    @property
    def count(self) -> int:
        """How many buckets are not known to be full."""
        return sum(kind.count for kind in self._buckets.values())


class Tally:
    """How often something happened, where that is known only afterwards or has no setting."""

    def __init__(self, limit: Limit | None) -> None:
        self._lock = Lock()
        self._buckets = limit and Buckets(limit)

    def wait(self, whose: str) -> float:
        """Seconds until it may happen; 0 when it may now."""
        if not self._buckets:
            return 0.0
        with self._lock:
            return max(0.0, self._buckets.wait(whose, time.monotonic()))

    def note(self, whose: str) -> None:
        if self._buckets:
            with self._lock:
                self._buckets.take(whose, time.monotonic())


class ConnectionLimiter:
    """How many things an address has open in this process: sockets, connections, requests."""

    def __init__(self, most: int) -> None:
        """`most` 0: as many as one likes."""
        self._most = most
        self._lock = Lock()
        self._inside: dict[str, int] = {}

    def enter(self, address: str) -> bool:
        """Whether one more is allowed. If so, `leave` is to be called for it once."""
        places = self._places(address)
        if not (places and self._most):
            return True
        with self._lock:
            if any(self._inside.get(place, 0) >= most for place, most in places.items()):
                return False
            for place in places:
                self._inside[place] = self._inside.get(place, 0) + 1
        return True

    def leave(self, address: str) -> None:
        with self._lock:
            for place in self._places(address):
                left = self._inside.get(place, 0) - 1
                if left > 0:
                    self._inside[place] = left
                else:
                    self._inside.pop(place, None)

    def _places(self, address: str) -> dict[str, int]:
        """Where they are counted, and how many there may be: the address, and the /48 of an IPv6 one."""
        places = {network_of(address): self._most, site_of(address): SITE_IS * self._most}
        places.pop("", None)
        return places


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
guesses = Tally(GUESSES if settings.RATE_LIMITS else None)
"""Wrong passwords for one account or one room, from wherever they come. One address alone may make fewer
(`RATE_PASSWORDS`), so that it keeps nobody out."""

guest_names = Tally(GUEST_NAMES if settings.RATE_LIMITS else None)
"""Names that guests take, by network: each may leave a row behind."""
socket_limiter = ConnectionLimiter(settings.SOCKETS_PER_ADDRESS if settings.RATE_LIMITS else 0)
