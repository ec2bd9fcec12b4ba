"""The servers of a schedule, real ones, and the handles by which faults take hold of them."""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings as settings_of_tests

from chat.tests.harness.processes import new_directory
from chat.tests.harness.servers import TROUBLE, Daphne, ServerProcess, Site, Uvicorn
from chat.tests.harness.services import PostgresServer, RedisServer

from .layer import DONE
from .proxy import Proxy
from .topology import Topology

TEMPLATE: Final = "lobby_template"
SMALL_DISK: Final = "12m"
CLOCK_OFFSET: Final = 300  # seconds


class NotHere(Exception):
    """This machine, or this user, cannot run such a schedule."""


class Templates:
    """What all worlds of a run share: migrated databases to copy, a PostgreSQL server."""

    def __init__(self) -> None:
        self._sqlite: Path | None = None
        self._postgres: PostgresServer | None = None

    def sqlite(self) -> Path:
        if self._sqlite is None:
            path = new_directory("chaos") / "template.sqlite3"
            Site(f"sqlite:///{path}").manage("migrate", "-v", "0")
            self._sqlite = path
        return self._sqlite

    def postgres(self) -> PostgresServer:
        if self._postgres is None:
            self._postgres = PostgresServer().start()
            Site(self._postgres.create_database(TEMPLATE)).manage("migrate", "-v", "0")
        return self._postgres

    def close(self) -> None:
        if self._postgres:
            self._postgres.kill()


async def in_thread(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """For what would stop the clients' loop. A thread of its own: none waits for another that hangs."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if not future.done():
            if error:
                future.set_exception(error)
            else:
                future.set_result(result)

    def work() -> None:
        outcome: tuple[Any, BaseException | None]
        try:
            outcome = function(*arguments, **options), None
        except BaseException as error:
            outcome = None, error
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=work, daemon=True).start()
    return await future


class World:
    def __init__(self, topology: Topology, templates: Templates) -> None:
        self.topology = topology
        self.postgres = templates.postgres() if topology.database == "postgresql" else None
        self.redis = RedisServer() if topology.layer == "redis" else None
        self.proxy: Proxy | None = None  # in front of Redis or PostgreSQL
        self.site_proxies: list[Proxy] = []  # one in front of each site process
        self.servers: list[ServerProcess] = []
        self.away: set[int] = set()  # servers to which the balancer sends no connections
        self.directory = new_directory("chaos-site")
        self.switch = self.directory / "layer.json"
        self._mounted = False
        self.site = Site(self._database_url(templates), self._settings(), self.directory)
        self._read_up_to: dict[Path, int] = {}

    # --- Making ---

    def _database_url(self, templates: Templates) -> str:
        if self.postgres:
            return self.postgres.create_database(template=TEMPLATE)
        folder = self.directory / "disk"
        folder.mkdir()
        if self.topology.small_disk:
            self._mount(folder)
        shutil.copyfile(templates.sqlite(), folder / "lobby.sqlite3")
        return f"sqlite:///{folder / 'lobby.sqlite3'}"

    def _mount(self, folder: Path) -> None:
        command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(folder)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise NotHere(f"a small disk cannot be mounted: {done.stderr.strip()}")
        self._mounted = True

    def _settings(self) -> dict[str, str]:
        """Limits for addresses are as everywhere; what one person may do is not limited."""
        settings = {"RATE_LIMITS": "on", "TRUSTED_PROXIES": "1"}
        for name, limits in settings_of_tests.RATES.items():
            person, comma, address = limits.partition(",")
            settings[name] = f"off,{address}" if comma else person
        if self.topology.unreliable:
            settings |= {
                "DJANGO_SETTINGS_MODULE": "chaos.site_settings",
                "CHAOS_LAYER_FILE": str(self.switch),
            }
        return settings

    async def start(self) -> "World":
        if self.redis:
            await in_thread(self.redis.start)
            self.site.settings["REDIS_URL"] = self.redis.url
        if self.topology.proxied:
            await self._put_proxy_in_between()
        for number, kind in enumerate(self.topology.servers):
            make = Uvicorn if kind == "uvicorn" else Daphne
            self.servers.append(make(self.site, self._clock(number)))
            self.site_proxies.append(await Proxy(partial(self._port_of, number)).start())
        self.site.servers += self.servers
        for server in self.servers:
            server.launch()
        await asyncio.gather(*(in_thread(server.wait_until_it_answers) for server in self.servers))
        return self

    def _port_of(self, number: int) -> int:
        return self.servers[number].port

    async def _put_proxy_in_between(self) -> None:
        behind = self.redis or self.postgres
        assert behind
        self.proxy = await Proxy(lambda: behind.port).start()
        if self.redis:
            self.site.settings["REDIS_URL"] = f"redis://127.0.0.1:{self.proxy.port}/0"
        else:
            url = self.site.database_url
            self.site.settings["DATABASE_URL"] = url.replace(f":{behind.port}/", f":{self.proxy.port}/")

    def _clock(self, number: int) -> dict[str, str]:
        if not self.topology.clocks:
            return {}
        offset = CLOCK_OFFSET * (number % 2) - CLOCK_OFFSET // 2
        return {"DJANGO_SETTINGS_MODULE": "chaos.site_settings", "CHAOS_CLOCK": str(offset)}

    async def close(self) -> None:
        for proxy in [*self.site_proxies, *filter(None, [self.proxy])]:
            await proxy.stop()
        await in_thread(self.site.close)
        if self.redis:
            await in_thread(self.redis.kill)
        if self._mounted:
            unmount = ["umount", "-l", str(self.directory / "disk")]
            await in_thread(subprocess.run, unmount, check=False, capture_output=True)
        if self.topology.database == "sqlite":
            shutil.rmtree(self.directory, ignore_errors=True)

    # --- Servers (see people.Servers) ---

    def ws_url(self, server: int, room: str, *, through_proxy: bool) -> str:
        port = self.site_proxies[server].port if through_proxy else self.servers[server].port
        return f"ws://127.0.0.1:{port}/ws/chat/{quote(room, safe='')}/"

    def living(self) -> list[int]:
        return [n for n, server in enumerate(self.servers) if server.alive and n not in self.away]

    # --- Trouble ---

    def make_layer(self, **shares: float) -> None:
        """What share of the hints goes wrong, and how (see chaos.layer)."""
        new = self.switch.with_suffix(".new")
        new.write_text(json.dumps(shares))
        os.replace(new, self.switch)

    def done_to_hints(self) -> Counter[str]:
        """What the unreliable layer has done since the world was made: how many were `dropped` and so on."""
        done = self.switch.with_suffix(DONE)
        return Counter(done.read_text().split()) if done.exists() else Counter()

    async def heal(self) -> None:
        """Undo what a fault left behind: afterwards every server runs and answers."""
        self.make_layer()
        for proxy in filter(None, [self.proxy, *self.site_proxies]):
            proxy.delay = 0.0
        for service in filter(None, [self.redis, self.postgres]):
            service.resume()
            if not service.alive:
                await in_thread(service.start)
        for server in self.servers:
            server.resume()
            if not server.alive:
                await in_thread(server.start)
        self.away.clear()

    # --- Reading ---

    async def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = await in_thread(self.site.sql, statement, *values)
        return rows

    def new_log_lines(self) -> list[tuple[str, str]]:
        """What each site process logged since the last call."""
        found = []
        for server in self.servers:
            log = server.log()
            start = self._read_up_to.get(server.log_path, 0)
            self._read_up_to[server.log_path] = len(log)
            found.append((f"{server.name}-{server.port}", log[start:]))
        return found


def trouble_in(log: str) -> str | None:
    """The first traceback in a log, with what stands around it."""
    found = TROUBLE.search(log)
    return log[max(0, found.start() - 500) : found.start() + 3000] if found else None
