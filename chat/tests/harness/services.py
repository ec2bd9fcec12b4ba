"""Real Redis and PostgreSQL servers for tests, each in a directory and on a port of its own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import psycopg

from .processes import Server, new_directory

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HEADLESS_SHELL = "chromium-headless-shell"


def find_redis() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


def find_postgres() -> Path | None:
    """The folder of initdb and postgres: on the PATH, or the newest where distributions keep them."""
    if program := shutil.which("initdb"):
        return Path(program).resolve().parent
    kept = [
        *Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        *Path("/usr").glob("pgsql-*/bin/initdb"),
    ]
    newest = max(
        kept,
        key=lambda path: [int(n) for n in path.parts[-3].split("-")[-1].split(".")],
        default=None,
    )
    return newest.parent if newest else None


def find_browser(*, whole: bool = False) -> str | None:
    """Chromium without windows where it is installed, which costs half as much; it keeps no page for the back
    button, as the whole one does."""
    names = BROWSERS if whole else (HEADLESS_SHELL, *BROWSERS)
    return next(filter(None, map(shutil.which, names)), None)


class RedisServer(Server):
    """Keeps nothing on disk: after `restart`, or `kill` and `start`, it is empty."""

    name = "redis"

    def __init__(self) -> None:
        super().__init__(new_directory("redis"))

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> Sequence[str | Path]:
        program = find_redis()
        assert program
        return [
            program,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]

    def answers(self) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=1) as wire,
        ):
            wire.sendall(b"PING\r\n")
            return wire.recv(5) == b"+PONG"
        return False


class PostgresServer(Server):
    """A cluster of its own. `copy_of`, the data directory of one that is stopped, makes it fast."""

    name = "postgres"
    stop_signal = signal.SIGINT  # fast shutdown: it does not wait for its clients

    def __init__(
        self, copy_of: Path | None = None, *, fsync: bool = False, max_connections: int = 200
    ) -> None:
        super().__init__(new_directory("postgres"))
        self.max_connections = max_connections
        self.fsync = fsync
        self.data = self.directory / "data"
        if user := self.user():
            shutil.chown(self.directory, user)
        if copy_of:
            subprocess.run(["cp", "-a", copy_of, self.data], check=True)
        else:
            self._run_as_user(
                "initdb",
                "-D",
                self.data,
                "-U",
                "lobby",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            )

    def user(self) -> str | None:
        """PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return None
        return "postgres" if _user_exists("postgres") else "nobody"

    def command(self) -> Sequence[str | Path]:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "on" if self.fsync else "off",
            "full_page_writes": "on" if self.fsync else "off",
            "shared_buffers": "32MB",
            "max_connections": str(self.max_connections),
            "timezone": "UTC",
        }
        return [
            self._program("postgres"),
            "-D",
            self.data,
            *(f"--{key}={value}" for key, value in options.items()),
        ]

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            return True
        return False

    def url(self, database: str) -> str:
        return f"postgres://lobby@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str | None = None, template: str = "template1") -> str:
        """Gives the new database's DATABASE_URL."""
        name = name or f"lobby_{uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def _program(self, name: str) -> Path:
        folder = find_postgres()
        assert folder
        return folder / name

    def _run_as_user(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self._program(program), *arguments],
            cwd=self.directory,
            user=self.user(),
            extra_groups=[] if self.user() else None,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{program} failed:\n{done.stdout}{done.stderr}"


def _user_exists(name: str) -> bool:
    import pwd

    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
