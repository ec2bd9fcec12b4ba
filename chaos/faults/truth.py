"""The database itself put back, emptied, full, or written by clocks and crowds that disagree."""

import asyncio
import math
import resource
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from ..people import Person
from ..record import now
from ..world import World, in_thread
from .base import Fault, Outage

if TYPE_CHECKING:
    from ..trial import Trial

# For each table of the site. Their order does not matter: foreign keys are looked at when all is committed.
EMPTY = ("DELETE FROM {table}",)
BACK_UP = ("CREATE TABLE backup_{table} AS SELECT * FROM {table}",)
PUT_BACK = ("INSERT INTO {table} SELECT * FROM backup_{table}", "DROP TABLE backup_{table}")
ACKS_UNDER_WAY = 0.3  # seconds after a rewind in which an ack of before may still arrive


class DatabaseEmptied(Fault):
    name = "database-emptied"
    promise = "a new epoch: feeds start anew, clients get a reset, nobody waits for numbers that never come"
    touches = "everything"
    lasting = (2.5, 3.5)

    async def run(self, trial: "Trial", seconds: float) -> None:
        await self._new_life(trial, EMPTY, seconds)

    async def _new_life(self, trial: "Trial", statements: tuple[str, ...], seconds: float) -> None:
        before = [person.resets for person in trial.people]
        trial.licence.rewound = math.inf  # an answer may come before we know that it is done
        await in_thread(in_one_transaction, trial.world, statements)
        trial.licence.rewound = now() + ACKS_UNDER_WAY
        await asyncio.sleep(seconds)
        for person, resets in zip(trial.people, before, strict=False):
            if person.resets == resets and person.connections == 1 and type(person) is Person:
                trial.record.problem(f"{person.name} got no reset")


class DatabaseRestored(DatabaseEmptied):
    name = "database-restored"
    promise = "a backup put back under running processes: a new epoch, as when it is emptied"

    async def run(self, trial: "Trial", seconds: float) -> None:
        world = trial.world
        await in_thread(in_one_transaction, world, BACK_UP)
        await trial.newcomer(trial.rooms[0]).arrive()  # the backup does not know that they are here
        await asyncio.sleep(trial.rng.uniform(0.2, 1.5))
        await self._new_life(trial, EMPTY + PUT_BACK, seconds)


def in_one_transaction(world: World, statements: tuple[str, ...]) -> None:
    """All tables are ours meanwhile. The site takes them in orders of its own, so that may take more than one
    try."""
    with world.site.connection() as connection:
        catalogue = "sqlite_master WHERE type = 'table'" if world.site.is_sqlite else "pg_tables WHERE true"
        column = "name" if world.site.is_sqlite else "tablename"
        named = connection.execute(f"SELECT {column} FROM {catalogue} AND {column} LIKE 'chat%'")  # noqa: S608
        # The search index follows the messages by triggers.
        tables = [table for (table,) in named.fetchall() if not table.startswith("chat_search")]
        if world.site.is_sqlite:
            connection.execute("BEGIN IMMEDIATE")
        else:
            _lock(connection, tables)
        for statement in statements:
            for table in tables:
                connection.execute(statement.format(table=table))
        connection.execute("COMMIT")


def _lock(connection: psycopg.Connection[Any], tables: list[str]) -> None:
    while True:
        connection.execute("BEGIN")
        try:
            connection.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
        except psycopg.errors.DeadlockDetected:
            connection.execute("ROLLBACK")
        else:
            return


class DiskFull(Outage):
    name = "disk-full"
    promise = "never a false ack; recovers when space returns"
    touches = "database"
    needs = {"database": "sqlite", "small_disk": True}

    async def begin(self, trial: "Trial") -> None:
        await in_thread(fill, filler(trial.world))

    async def end(self, trial: "Trial") -> None:
        filler(trial.world).unlink()


def filler(world: World) -> Path:
    return world.site.database_path.with_name("filler")


def fill(path: Path) -> None:
    """Take all space that is left, to the last byte."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


class FileLimit(Outage):
    name = "file-limit"
    promise = "files that must not grow (EFBIG, as at a quota): as when the disk is full"
    touches = "database"
    needs = {"database": "sqlite", "small_disk": False}

    def __init__(self) -> None:
        self._before: dict[int, tuple[int, int]] = {}  # by process id

    async def begin(self, trial: "Trial") -> None:
        wal = trial.world.site.database_path.with_name("lobby.sqlite3-wal")
        logs = max(server.log_path.stat().st_size for server in trial.world.servers)
        limit = max(wal.stat().st_size if wal.exists() else 0, logs + 100_000)
        for server in trial.world.servers:
            self._before[server.pid] = _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (limit, hard))

    async def end(self, trial: "Trial") -> None:
        for server in trial.world.servers:
            if server.alive and server.pid in self._before:
                resource.prlimit(server.pid, resource.RLIMIT_FSIZE, self._before[server.pid])


class ClocksApart(Fault):
    name = "clocks-apart"
    promise = "clocks five minutes apart: order by sequence, nothing purged"
    touches = "clocks"
    needs = {"clocks": True}
    lasting = (2.0, 3.0)

    async def run(self, trial: "Trial", seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def afterwards(self, trial: "Trial") -> None:
        for room in trial.rooms:
            statement = (
                "SELECT count(*) FROM chat_message a JOIN chat_message b ON a.room_id = b.room_id"
                " AND b.sequence = a.sequence + 1 JOIN chat_room r ON r.id = a.room_id"
                " WHERE r.key = %s AND b.sent_at < a.sent_at"
            )
            ((backwards,),) = await trial.world.sql(statement, room)
            if backwards:
                trial.record.problem(f"{backwards} messages of {room} were sent before the one before them")


class SameRooms(Fault):
    name = "same-rooms"
    promise = "batches that lock the same rooms from several processes: no deadlock is seen outside"
    touches = "crowd"
    needs = {"database": "postgresql"}
    rooms = 5
    lasting = (2.5, 3.5)

    async def run(self, trial: "Trial", seconds: float) -> None:
        crowd = [trial.newcomer(room) for room in trial.rooms for _ in range(4)]
        await asyncio.gather(*(person.arrive() for person in crowd))
        until = now() + seconds
        await asyncio.gather(*(self._babble(person, until) for person in crowd))

    async def _babble(self, person: Person, until: float) -> None:
        count = 0
        while now() < until:
            count += 1
            await asyncio.gather(
                person.post(f"{person.name} babbles {count}"), person.rename(f"{person.name} {count}")
            )


TRUTH_FAULTS: list[type[Fault]] = [
    DatabaseEmptied,
    DatabaseRestored,
    DiskFull,
    FileLimit,
    ClocksApart,
    SameRooms,
]
