"""The database locked, restarted, frozen."""

import contextlib
from typing import TYPE_CHECKING

from chat.tests.harness.processes import Server

from ..record import Licence
from .base import Fault, HalfOpen, Outage, ServiceOutage

if TYPE_CHECKING:
    from ..trial import Trial

GIVEN_UP = 12.0  # seconds after which the site gives a statement up that has no answer


class SqliteLocked(Outage):
    name = "sqlite-locked"
    promise = (
        "locked by another process: what is committed is delivered; senders get a late ack or `unavailable`"
    )
    touches = "database"
    needs = {"database": "sqlite", "small_disk": False}
    lasting = (1.0, 4.0)
    long = 10.0

    def __init__(self) -> None:
        self._lock = contextlib.ExitStack()

    async def begin(self, trial: "Trial") -> None:
        self._lock.enter_context(trial.world.site.locked())

    async def end(self, trial: "Trial") -> None:
        self._lock.close()


class PostgresOutage(ServiceOutage):
    service = "postgres"
    touches = "database"
    needs = {"database": "postgresql"}

    def excuse(self, licence: Licence, began: float, ended: float) -> None:
        licence.unreadable.append((began, ended))


class PostgresRestarted(PostgresOutage):
    name = "postgres-restarted"
    promise = "sockets stay open; a resend is stored once; connections are recycled"
    lasting = (0.2, 2.0)
    long = 6.0
    breaks = Server.terminate
    heals = Server.start


class PostgresKilled(PostgresOutage):
    name = "postgres-killed"
    promise = "killed and recovered: as when it is restarted"
    lasting = (0.2, 2.0)
    breaks = Server.kill
    heals = Server.start


class PostgresFrozen(PostgresOutage):
    name = "postgres-frozen"
    promise = "sockets stay open; senders get a late ack or `unavailable`; a resend is stored once"
    lasting = (1.0, 4.0)
    long = 14.0
    breaks = Server.pause
    heals = Server.resume


class PostgresHalfOpen(HalfOpen):
    name = "postgres-half-open"
    promise = (
        "connections to PostgreSQL that pass nothing and never end: given up after 12 s, then within 5 s"
    )
    touches = "database"
    needs = {"database": "postgresql", "layer": "memory", "proxied": True}
    lasting = (13.0, 14.0)

    def excuse(self, licence: Licence, began: float, ended: float) -> None:
        licence.delays.append((began, ended + GIVEN_UP, GIVEN_UP + 5.0))


DATABASE_FAULTS: list[type[Fault]] = [
    SqliteLocked,
    PostgresRestarted,
    PostgresKilled,
    PostgresFrozen,
    PostgresHalfOpen,
]
