"""A Lobby installation for a test, and the processes that serve it."""

import contextlib
import http.client
import re
import sqlite3
import subprocess
import sys
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import psycopg

from chat.protocol.limits import MESSAGE_MAX

from .environment import ROOT, environment_of_a_site
from .fork_server import Forked, ForkServer
from .processes import Server, free_port, new_directory
from .services import PostgresServer, RedisServer

__all__ = [
    "Answer",
    "Daphne",
    "PostgresServer",
    "RedisServer",
    "ServerProcess",
    "Site",
    "Uvicorn",
    "free_port",
]

TROUBLE = re.compile(
    r"Traceback \(most recent call last\)|was never awaited|was never retrieved|Task was destroyed"
)
PINGS = {"interval": "25", "timeout": "15"}


@dataclass
class Answer:
    """What a GET brought, redirects and errors as they came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class ServerProcess(Server):
    """One process that serves a site; `start` waits until it answers."""

    def __init__(self, site: "Site", extra: Mapping[str, str], port: int | None = None) -> None:
        super().__init__(site.directory, port)
        self.site = site
        self.extra = extra

    def environment(self) -> Mapping[str, str]:
        return self.site.environment(self.extra)

    def new_process(self) -> "subprocess.Popen[bytes] | Forked":
        command = self.command()
        if self.site.fork_server and command[0] == sys.executable:
            files = {"stdout": self.log_path, "stderr": self.log_path}
            return self.site.fork_server.start(command, env=self.environment(), cwd=self.directory, **files)
        return super().new_process()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def room_url(self, room: str) -> str:
        return f"{self.url}/chat/{quote(room, safe='')}/"

    def ws_url(self, room: str) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/chat/{quote(room, safe='')}/"

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET a path (or a whole URL of this server) just as it is written."""
        if path.startswith("http"):
            parts = urlsplit(path)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())

    def assert_no_traceback(self) -> None:
        if found := TROUBLE.search(log := self.log()):
            raise AssertionError(f"{self.name} logged trouble:\n{log[max(0, found.start() - 1000) :][:6000]}")

    @abstractmethod
    def command(self) -> Sequence[str | Path]: ...


class Daphne(ServerProcess):
    name = "daphne"

    def command(self) -> Sequence[str]:
        pings = [
            "--ping-interval",
            PINGS["interval"],
            "--ping-timeout",
            PINGS["timeout"],
        ]
        bind = ["-b", "127.0.0.1", "-p", str(self.port)]
        return [
            sys.executable,
            "-m",
            "daphne",
            *bind,
            *pings,
            "--websocket-max-message-size",
            str(MESSAGE_MAX),
            "mysite.asgi:application",
        ]


class Uvicorn(ServerProcess):
    name = "uvicorn"

    def command(self) -> Sequence[str]:
        pings = [
            "--ws-ping-interval",
            PINGS["interval"],
            "--ws-ping-timeout",
            PINGS["timeout"],
        ]
        bind = [
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--ws",
            "websockets-sansio",
        ]
        return [
            sys.executable,
            "-m",
            "uvicorn",
            *bind,
            *pings,
            "--ws-max-size",
            str(MESSAGE_MAX),
            "--no-access-log",
            "mysite.asgi:application",
        ]


@dataclass
class Site:
    """One installation: a database and settings. Any number of processes serve it.

    `settings` holds for all processes started from now on, keywords of `daphne` and `uvicorn` for one. With a
    `fork_server` they start in a quarter of the time.
    """

    database_url: str
    settings: dict[str, str] = field(default_factory=dict)
    directory: Path = field(default_factory=lambda: new_directory("site"))
    fork_server: ForkServer | None = None
    servers: list[ServerProcess] = field(default_factory=list)

    # --- processes ---

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        files = {"FILES_ROOT": str(self.directory / "files")}
        return environment_of_a_site(self.database_url, {**files, **self.settings, **(extra or {})})

    def daphne(self, *, port: int | None = None, **settings: str) -> Daphne:
        self.servers.append(server := Daphne(self, settings, port))
        return server.start()

    def uvicorn(self, *, port: int | None = None, **settings: str) -> Uvicorn:
        self.servers.append(server := Uvicorn(self, settings, port))
        return server.start()

    def daphnes(self, count: int, **settings: str) -> list[Daphne]:
        """Several at once: they start side by side."""
        started = [Daphne(self, settings) for _ in range(count)]
        self.servers += started
        for server in started:
            server.launch()
        for server in started:
            server.wait_until_it_answers()
        return started

    def close(self) -> None:
        for server in self.servers:
            server.kill()

    def manage(self, *arguments: str, **settings: str) -> str:
        """Run `manage.py` with the site's settings; gives what it printed."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        environment = self.environment(settings)
        if self.fork_server:
            code, printed, errors = self.fork_server.run(command, env=environment, cwd=self.directory)
        else:
            done = subprocess.run(
                command,
                env=environment,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=120,
            )
            code, printed, errors = done.returncode, done.stdout, done.stderr
        assert code == 0, f"manage.py {' '.join(arguments)} failed:\n{printed}{errors}"
        return printed

    def shell(self, code: str) -> str:
        """Run Python code where Django is set up; gives what it printed."""
        return self.manage("shell", "--verbosity", "0", "-c", code)

    # --- a look into the database, past Django ---

    @contextlib.contextmanager
    def connection(self) -> Iterator[Any]:
        """A DB-API connection in autocommit mode."""
        if self.is_sqlite:
            path = self.database_path
            with contextlib.closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as lite:
                yield lite
        else:
            with psycopg.connect(self.database_url, autocommit=True, connect_timeout=30) as connection:
                yield connection

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement, `%s` for values with either database; gives its rows."""
        with self.connection() as connection:
            cursor = connection.execute(statement.replace("%s", "?") if self.is_sqlite else statement, values)
            return list(cursor.fetchall()) if cursor.description else []

    def count(self, table: str) -> int:
        number: int = self.sql(f"SELECT count(*) FROM {table}")[0][0]
        return number

    def texts(self, room: str) -> list[str]:
        """What the database holds of a room, in the order of `sequence`."""
        messages = "chat_message m JOIN chat_room r ON r.id = m.room_id"
        statement = f"SELECT m.text FROM {messages} WHERE r.name = %s ORDER BY m.sequence"
        return [text for (text,) in self.sql(statement, room)]

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else can write while this is open."""
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
            if not self.is_sqlite:
                connection.execute("LOCK TABLE chat_room, chat_message IN EXCLUSIVE MODE")
            try:
                yield
            finally:
                connection.execute("ROLLBACK")

    def backup(self) -> Path:
        """A copy of the whole SQLite database, taken while servers run."""
        copy = self.directory / f"backup-{uuid4().hex}.sqlite3"
        with (
            self.connection() as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        return copy

    def restore(self, backup: Path) -> None:
        """Put a copy back while servers run."""
        with (
            self.connection() as target,
            contextlib.closing(sqlite3.connect(backup)) as source,
        ):
            source.backup(target)

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def database_path(self) -> Path:
        return Path(self.database_url.removeprefix("sqlite:///"))
