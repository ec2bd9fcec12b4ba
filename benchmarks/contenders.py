"""The servers that are compared, each started for one measurement and ended after it."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat.tests.harness.environment import ROOT
from chat.tests.harness.processes import Server, new_directory
from chat.tests.harness.servers import Daphne, Site, Uvicorn

from .dialects import ChatV1, Dialect, NodeWs, SocketIo, Tutorial
from .ground import PEERS, Ground

COUNTING: Final = "benchmarks.counting:application"
COUNT_PATH: Final = "/benchmark/queries"


class LobbyDaphne(Daphne):
    application = "mysite.asgi:application"

    def command(self) -> Sequence[str]:
        return [*super().command()[:-1], self.application]


class CountingDaphne(LobbyDaphne):
    """Says at COUNT_PATH how many queries it has asked its database."""

    application = COUNTING

    def command(self) -> Sequence[str]:
        """Twisted lets 50 connections wait to be accepted; a crowd that comes at once needs more."""
        endpoint = f"tcp:port={self.port}:interface=127.0.0.1:backlog=2048"
        command = [*super().command()]
        at = command.index("-b")
        return [*command[:at], "-e", endpoint, *command[at + 4 :]]


class LobbyUvicorn(Uvicorn):
    def command(self) -> Sequence[str]:
        return [*super().command(), "--loop", "uvloop"]


class TutorialServer(Server):
    name = "tutorial"

    def __init__(self, redis_url: str) -> None:
        super().__init__(new_directory("tutorial"))
        self.redis_url = redis_url

    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "PYTHONPATH": str(ROOT), "REDIS_URL": self.redis_url}

    def command(self) -> Sequence[str]:
        bind = ["-b", "127.0.0.1", "-p", str(self.port)]
        pings = ["--ping-interval", "25", "--ping-timeout", "15"]
        return [sys.executable, "-m", "daphne", *bind, *pings, "benchmarks.peers.tutorial.asgi:application"]


class NodeServer(Server):
    def __init__(self, script: str, redis_url: str) -> None:
        self.name = script.removesuffix(".mjs")
        super().__init__(new_directory("node"))
        self.script = script
        self.redis_url = redis_url

    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "NODE_ENV": "production"}

    def command(self) -> Sequence[str | Path]:
        return ["node", PEERS / self.script, str(self.port), self.redis_url]


@dataclass(frozen=True)
class Contender:
    key: str
    title: str
    dialect: Dialect
    make: Callable[[Ground], Server]
    needs_node: bool = False

    @contextmanager
    def running(self, ground: Ground) -> Iterator[Server]:
        with self.make(ground).start() as server:
            yield server


def lobby(kind: type[LobbyDaphne | LobbyUvicorn], site: Site) -> LobbyDaphne | LobbyUvicorn:
    return kind(site, {})


DAPHNE = Contender("daphne", "Lobby on daphne", ChatV1(), lambda g: lobby(LobbyDaphne, g.site()))
UVICORN = Contender("uvicorn", "Lobby on uvicorn", ChatV1(), lambda g: lobby(LobbyUvicorn, g.site()))
TUTORIAL = Contender("tutorial", "Channels tutorial", Tutorial(), lambda g: TutorialServer(g.redis.url))
NODE_WS = Contender(
    "node_ws", "Node ws + ioredis", NodeWs(), lambda g: NodeServer("node_ws.mjs", g.redis.url), True
)
SOCKET_IO = Contender(
    "socketio",
    "Socket.IO + Redis adapter",
    SocketIo(),
    lambda g: NodeServer("socketio.mjs", g.redis.url),
    True,
)
CONTENDERS: Final = (DAPHNE, UVICORN, TUTORIAL, NODE_WS, SOCKET_IO)
BY_KEY: Final = {contender.key: contender for contender in CONTENDERS}
