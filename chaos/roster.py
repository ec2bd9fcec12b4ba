"""Who is here, truly: what every process says of a room's people, held against the sockets that are open."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from chat.tests.harness.processes import Server
from chat.tests.harness.servers import Site

from .people import Person, PlainReader
from .record import Record, now
from .world import in_thread

if TYPE_CHECKING:
    from .trial import Trial
    from .world import World

LIMIT: Final = (
    20.0  # seconds: a look every 5 s, 10 s of grace after an outage, the writes and frames themselves
)
LEASE_LIMIT: Final = 60.0  # seconds until a killed process's people are gone
LONG_AGO: Final = "2020-01-01 00:00:00+00:00"


def who_is_here(room: str, everybody: Iterable[Person | PlainReader]) -> set[str]:
    """The ids of those who have an open socket in a room."""
    return {person.key for person in everybody if person.place == room and person.connected}


def is_right(witness: Person, here: set[str]) -> bool:
    return witness.people.keys() == here and witness.count == len(here)


def check_roster(witness: Person, here: set[str], record: Record) -> None:
    """Somebody sees those who are here: each once, and nobody else."""
    if is_right(witness, here):
        return
    held = witness.people.keys()
    record.problem(
        f"{witness.name} on server {witness.server} sees {witness.count} people in {witness.place} and"
        f" {len(here)} are here: missing {sorted(here - held)}, not here {sorted(held - here)}"
    )


async def check_settled(trial: "Trial") -> float:
    """The seconds until every process showed the right people in every room."""
    began = now()
    witnesses = await _one_everywhere(trial)
    if trial.licence.killed and not trial.schedule.patient:
        await age_all_but(trial.world, [witness.key for witness in witnesses])
        deadline = began + LIMIT
    else:
        deadline = max([began + LIMIT, *(killed + LEASE_LIMIT for killed in trial.licence.killed)])
    while not (await _is_settled(trial)) and now() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.2)
    took = now() - began
    for witness, here in _pairs(trial):
        check_roster(witness, here, trial.record)
    for room in trial.rooms:
        check_rows(
            room, await stored_people(trial.world, room), who_is_here(room, trial.everybody), trial.record
        )
    return took


async def _is_settled(trial: "Trial") -> bool:
    if not all(is_right(*pair) for pair in _pairs(trial)):
        return False
    rows = [await stored_people(trial.world, room) for room in trial.rooms]
    return rows == [who_is_here(room, trial.everybody) for room in trial.rooms]


async def stored_people(world: "World", room: str) -> set[str]:
    """What whoever opens the room's list next will read."""
    rows = await world.sql("SELECT participant_key FROM chat_connection WHERE room_key = %s", room)
    return {key for (key,) in rows}


def check_rows(room: str, stored: set[str], here: set[str], record: Record) -> None:
    if stored != here:
        record.problem(
            f"of {len(here)} people in {room} the database says {len(stored)}:"
            f" missing {sorted(here - stored)}, not here {sorted(stored - here)}"
        )


def _pairs(trial: "Trial") -> list[tuple[Person, set[str]]]:
    here = {room: who_is_here(room, trial.everybody) for room in trial.rooms}
    return [(person, here[person.place]) for person in trial.people if person.connected]


async def _one_everywhere(trial: "Trial") -> list[Person]:
    """A person through each process in each room that is open to all: nobody speaks for a process who was
    there before it."""
    places = [(room, server) for room in trial.rooms for server in range(len(trial.world.servers))]
    witnesses = [trial.newcomer(room, server) for room, server in places if room not in trial.shut]
    await asyncio.gather(*(witness.arrive() for witness in witnesses))
    return witnesses


# --- Time passes for the dead ---


async def age_all_but(world: "World", keys: list[str]) -> None:
    """As if every process through which none of these is here had been silent for longer than its lease."""
    marks = ", ".join(["%s"] * len(keys))
    statement = f"SELECT DISTINCT process_id FROM chat_connection WHERE participant_key IN ({marks})"  # noqa: S608
    living: list[str] = []
    deadline = now() + LIMIT
    while len(living) < len(world.servers) and now() < deadline:
        await asyncio.sleep(0.1)
        living = [origin for (origin,) in await world.sql(statement, *keys)]
    assert len(living) == len(world.servers), f"of {len(world.servers)} processes only {living} have a lease"
    marks = ", ".join(["%s"] * len(living))
    dead = f"UPDATE chat_process SET renewed_at = %s WHERE id NOT IN ({marks})"  # noqa: S608
    await world.sql(dead, LONG_AGO, *living)


async def age(world: "World", key: str) -> None:
    """The same for the process through which somebody is here."""
    its = "SELECT process_id FROM chat_connection WHERE participant_key = %s"
    await world.sql(f"UPDATE chat_process SET renewed_at = %s WHERE id IN ({its})", LONG_AGO, key)  # noqa: S608


async def frozen_between_writes(world: "World", server: Server) -> None:
    """Freeze a process when it holds no lock in the database: the others can write while it is silent."""
    while True:
        server.pause()
        if await in_thread(_can_be_written, world.site):
            return
        server.resume()
        await asyncio.sleep(0.05)


def _can_be_written(site: Site) -> bool:
    if site.is_sqlite:
        with contextlib.closing(
            sqlite3.connect(site.database_path, timeout=0.3, isolation_level=None)
        ) as lite:
            try:
                lite.execute("BEGIN IMMEDIATE").execute("ROLLBACK")
            except sqlite3.OperationalError:
                return False
            return True
    held = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE %s"
    return site.sql(held, "idle in transaction%") == [(0,)]
