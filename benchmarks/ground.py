"""What a run stands on: one Redis, one PostgreSQL, a migrated database to copy, the peers' packages."""

import contextlib
import shutil
import subprocess
from pathlib import Path

from chat.tests.harness.processes import Server, new_directory
from chat.tests.harness.servers import Site
from chat.tests.harness.services import PostgresServer, RedisServer, find_postgres
from chat.tests.harness.static_files import collect_static

PEERS = Path(__file__).parent / "peers"
TEMPLATE = "lobby_template"


class Ground(contextlib.ExitStack):
    """Everything that is started here ends with it."""

    def __init__(self) -> None:
        super().__init__()
        self.redis = self.enter_context(RedisServer())
        self._postgres: PostgresServer | None = None
        self._template: Path | None = None
        self.node_missing = ""
        """Why the peers that need Node are left out; empty when they are not."""

    def site(self, **settings: str) -> Site:
        """A new site on SQLite, joined by the Redis, without rate limits."""
        if self._template is None:
            self._template = new_directory("template") / "lobby.sqlite3"
            template = Site(f"sqlite:///{self._template}")
            template.manage("migrate", "-v", "0")
            collect_static()
        directory = new_directory("site")
        shutil.copyfile(self._template, database := directory / "lobby.sqlite3")
        return self._site(f"sqlite:///{database}", directory, settings)

    def postgres_site(self, **settings: str) -> Site | None:
        """A new site on a PostgreSQL that waits for the disk at every commit; None without PostgreSQL."""
        if not find_postgres():
            return None
        if self._postgres is None:
            self._postgres = self.enter_context(PostgresServer(fsync=True))
            Site(self._postgres.create_database(TEMPLATE)).manage("migrate", "-v", "0")
        url = self._postgres.create_database(template=TEMPLATE)
        return self._site(url, new_directory("site"), settings)

    def _site(self, database_url: str, directory: Path, settings: dict[str, str]) -> Site:
        site = Site(
            database_url,
            {"REDIS_URL": self.redis.url, "RATE_LIMITS": "off"} | settings,
            directory,
        )
        self.callback(site.close)
        return site

    def services(self) -> list[int]:
        """The processes of Redis and PostgreSQL."""
        servers: list[Server | None] = [self.redis, self._postgres]
        return [server.pid for server in servers if server]

    def install_peers(self) -> None:
        """Put the Node servers' packages beside them, once."""
        if not shutil.which("node") or not shutil.which("npm"):
            self.node_missing = "Node is not installed"
            return
        stamp = PEERS / "node_modules" / ".installed"
        wanted = (PEERS / "package.json").read_text()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        done = subprocess.run(
            ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"],
            cwd=PEERS,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            self.node_missing = f"npm could not install them: {done.stderr.strip()[-200:]}"
        else:
            stamp.write_text(wanted)
