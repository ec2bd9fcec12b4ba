"""The database locked, restarted, frozen."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from ..record import now
from ..world import in_thread
from .base import Fault

if TYPE_CHECKING:
    from ..trial import Trial

GIVEN_UP = 12.0  # seconds after which the site gives a statement up that has no answer

SQLITE = {"database": "sqlite", "small_disk": False}
POSTGRESQL = {"database": "postgresql"}


class SqliteLocked(Fault):
    name = "sqlite-locked"
    promise = (
        "locked by another process: what is committed is delivered; senders get a late ack or `unavailable`"
    )
    touches = "database"
    needs = SQLITE
    lasting = (1.0, 4.0)
    long = 10.0

    async def run(self, trial: "Trial", seconds: float) -> None:
        locked = trial.world.site.locked()
        with contextlib.ExitStack() as stack:
            stack.enter_context(locked)
            await asyncio.sleep(seconds)


class PostgresRestarted(Fault):
    name = "postgres-restarted"
    promise = "sockets stay open; a resend is stored once; connections are recycled"
    touches = "database"
    needs = POSTGRESQL
    lasting = (0.2, 2.0)
    long = 6.0

    async def run(self, trial: "Trial", seconds: float) -> None:
        postgres = trial.world.postgres
        assert postgres
        began = now()
        await in_thread(postgres.terminate)
        await asyncio.sleep(seconds)
        await in_thread(postgres.start)
        trial.licence.unreadable.append((began, now()))


class PostgresKilled(Fault):
    name = "postgres-killed"
    promise = "killed and recovered: as when it is restarted"
    touches = "database"
    needs = POSTGRESQL
    lasting = (0.2, 2.0)

    async def run(self, trial: "Trial", seconds: float) -> None:
        postgres = trial.world.postgres
        assert postgres
        began = now()
        await in_thread(postgres.kill)
        await asyncio.sleep(seconds)
        await in_thread(postgres.start)
        trial.licence.unreadable.append((began, now()))


class PostgresFrozen(Fault):
    name = "postgres-frozen"
    promise = "sockets stay open; senders get a late ack or `unavailable`; a resend is stored once"
    touches = "database"
    needs = POSTGRESQL
    lasting = (1.0, 4.0)
    long = 14.0

    async def run(self, trial: "Trial", seconds: float) -> None:
        postgres = trial.world.postgres
        assert postgres
        began = now()
        postgres.pause()
        await asyncio.sleep(seconds)
        postgres.resume()
        trial.licence.unreadable.append((began, now()))


class PostgresHalfOpen(Fault):
    name = "postgres-half-open"
    promise = (
        "connections to PostgreSQL that pass nothing and never end: given up after 12 s, then within 5 s"
    )
    touches = "database"
    needs = {"database": "postgresql", "layer": "memory", "proxied": True}
    lasting = (13.0, 14.0)

    async def run(self, trial: "Trial", seconds: float) -> None:
        proxy = trial.world.proxy
        assert proxy
        began = now()
        proxy.hush()
        await asyncio.sleep(seconds)
        trial.licence.delays.append((began, now() + GIVEN_UP, GIVEN_UP + 5.0))


DATABASE_FAULTS: list[type[Fault]] = [
    SqliteLocked,
    PostgresRestarted,
    PostgresKilled,
    PostgresFrozen,
    PostgresHalfOpen,
]
