"""Migrated, empty databases that sites copy: made once a run, by whichever of its processes asks first."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from .processes import new_directory
from .servers import Site
from .services import PostgresServer

POSTGRES_DATABASE = "lobby_template"
RUN = "LOBBY_TEST_RUN"


def share_directory() -> None:
    """Call it where the run begins: workers find the directory in the environment that they inherit."""
    if RUN not in os.environ:
        os.environ[RUN] = str(new_directory("run"))


def sqlite_template() -> Path:
    """A database file."""
    return _made_once("template.sqlite3", _make_sqlite)


def postgres_template() -> Path:
    """The data directory of a stopped cluster, with the database `POSTGRES_DATABASE`."""
    return _made_once("postgres", _make_postgres)


def _made_once(name: str, make: Callable[[Path], None]) -> Path:
    made = Path(os.environ[RUN]) / name
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            make(part := made.with_suffix(".part"))
            part.rename(made)
    return made


def _make_sqlite(path: Path) -> None:
    Site(f"sqlite:///{path}").manage("migrate", "-v", "0")


def _make_postgres(path: Path) -> None:
    with PostgresServer() as server:
        Site(server.create_database(POSTGRES_DATABASE)).manage("migrate", "-v", "0")
        server.terminate()
        server.data.rename(path)
