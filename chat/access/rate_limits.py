"""How often a participant and an address may do something: the settings' limits, counted in each process."""

import re
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from threading import Lock
from typing import Final, NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ..protocol import commands
from ..protocol.commands import Command, Say
from ..protocol.slash_commands import Help
from .client_address import SITE_IS, network_of, site_of
from .connection_limiter import ConnectionLimiter
from .token_buckets import AttemptLimiter, Buckets, Limit

OFF: Final = "off"
LIMIT: Final = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,8})?([smhd])")
SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
SITE_GUESSES: Final = 4  # times, of passwords: one customer uses up nobody's GUESSES


class Kind(StrEnum):
    """What is counted, by the name of its setting."""

    MESSAGE = "RATE_MESSAGES"
    EDIT = "RATE_EDITS"
    REACTION = "RATE_REACTIONS"
    ACT = "RATE_ACTS"
    UPLOAD = "RATE_UPLOADS"
    ASK = "RATE_QUESTIONS"
    SEARCH = "RATE_SEARCHES"
    CONNECT = "RATE_CONNECTS"
    PAGE = "RATE_PAGES"
    DOWNLOAD = "RATE_DOWNLOADS"
    NEW_ROOM = "RATE_NEW_ROOMS"
    SIGN_UP = "RATE_SIGN_UPS"
    PASSWORD = "RATE_PASSWORDS"  # noqa: S105  a setting's name


OF_ADDRESSES_ALONE: Final = {Kind.CONNECT, Kind.PAGE, Kind.DOWNLOAD, Kind.NEW_ROOM, Kind.SIGN_UP}
"""They are counted before the participant is known, or participants are made anew at will."""

OF_WRITES: Final[Mapping[type, Kind]] = {
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
}


def kind_of(command: Command | Say | Help) -> Kind:
    """What is no write is a question; a search costs more than the others."""
    if isinstance(command, commands.Search):
        return Kind.SEARCH
    return OF_WRITES[type(command)] if isinstance(command, commands.Write | Say) else Kind.ASK


GUESSES: Final = Limit(300, 600)
GUEST_NAMES: Final = Limit(1000, 3600)
MENTIONS: Final = Limit(30, 60)
SEARCHES_AT_ONCE: Final = 4


class Limits(NamedTuple):
    """A kind's. None: as often as one likes."""

    person: Limit | None
    address: Limit | None
    long: Limit | None = None
    """For an address too: less at a time, over a longer time. That of messages counts edits and deletions."""


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


Scope = tuple[Buckets, Callable[[str, str], str]]
"""What is counted in the buckets: a key, made of an address and a participant's public id; empty: nothing."""


def _scopes(limits: Limits, site_is: int) -> list[Scope]:
    """Participants, addresses, and the /48s of IPv6 addresses."""
    scopes: list[Scope] = []
    if limits.person:
        scopes.append((Buckets(limits.person), lambda _address, key: key))
    for limit in filter(None, (limits.address, limits.long)):
        scopes.append((Buckets(limit), lambda address, _key: network_of(address)))
        of_sites = Buckets(Limit(limit.most * site_is, limit.seconds))
        scopes.append((of_sites, lambda address, _key: site_of(address)))
    return scopes


class Rates:
    """One a process; asked from the loop and from the threads of pages."""

    def __init__(self, limits: Mapping[Kind, Limits]) -> None:
        self._lock = Lock()
        self._scopes = {
            kind: _scopes(its, SITE_GUESSES if kind is Kind.PASSWORD else SITE_IS)
            for kind, its in limits.items()
        }
        message = limits.get(Kind.MESSAGE)
        if message and message.long and Kind.EDIT in limits:
            # An edit stores a text too, since the one before is kept.
            self._scopes[Kind.EDIT] = [*self._scopes[Kind.EDIT], *self._scopes[Kind.MESSAGE][-2:]]

    def take(self, kind: Kind, address: str, key: str = "") -> float:
        """0 when it may be done now, else the seconds to wait. `key` is a participant's public id. An address
        or a participant that is not known has no limit of its own."""
        if not (scopes := self._scopes.get(kind)):
            return 0.0
        counted = [(buckets, whose) for buckets, name in scopes if (whose := name(address, key))]
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
        every = {buckets for scopes in self._scopes.values() for buckets, _name in scopes}
        return sum(buckets.count for buckets in every)


def limits_of_settings() -> dict[Kind, Limits]:
    """What the settings say, kind by kind; nothing when `RATE_LIMITS` is off."""
    if not settings.RATE_LIMITS:
        return {}
    return {kind: read_limits(kind, settings.RATES[kind]) for kind in Kind}


rates = Rates(limits_of_settings())
guesses = AttemptLimiter(GUESSES if settings.RATE_LIMITS else None)
"""Wrong passwords for one account or one room, from any address. One address alone may make fewer
(`RATE_PASSWORDS`), so that it locks nobody out."""

guest_names = AttemptLimiter(GUEST_NAMES if settings.RATE_LIMITS else None)
"""Names that guests take, by network: each may leave a row behind."""


def guest_name_taken(command: Command | Help, address: str, *, is_guest: bool) -> float:
    """Count the name, if a guest takes one. Seconds to wait when a network took too many, else 0."""
    network = network_of(address) if is_guest and isinstance(command, commands.Rename) else ""
    wait = guest_names.wait(network) if network else 0.0
    if network and not wait:
        guest_names.record(network)
    return wait


mention_limiter = AttemptLimiter(MENTIONS if settings.RATE_LIMITS else None)
"""Whom texts name, by author (public id)."""

socket_limiter = ConnectionLimiter(settings.SOCKETS_PER_ADDRESS if settings.RATE_LIMITS else 0)

search_limiter = ConnectionLimiter(SEARCHES_AT_ONCE if settings.RATE_LIMITS else 0)
"""Searches of an address that run or wait."""
