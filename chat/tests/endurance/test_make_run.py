"""The program behind `make run`."""

import contextlib
import http.client
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from ..harness.environment import ROOT
from ..harness.processes import STOP_TIMEOUT_S, Server, new_directory
from ..harness.servers import Answer, Site


def get(port: int, path: str, host: str = "127.0.0.1", headers: Mapping[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection(host, port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())


class MakeRun(Server):
    """The program of `make run`, on a database of its own."""

    name = "run"
    stop_signal = signal.SIGINT  # Ctrl-C

    def __init__(self, **environment: str) -> None:
        super().__init__(new_directory("run"))
        self.site = Site(f"sqlite:///{self.directory / 'lobby.sqlite3'}", directory=self.directory)
        self.extra = environment

    def command(self) -> list[str | Path]:
        return [sys.executable, ROOT / "bin" / "run.py"]

    def environment(self) -> dict[str, str]:
        development = {"ALLOWED_HOSTS": "", "PORT": str(self.port), "HOST": ""}
        environment = self.site.environment(development)
        del environment["DEBUG"]
        return environment | self.extra

    def answers(self) -> bool:
        """Open as a browser opens it: by the host that it was told."""
        with contextlib.suppress(OSError):
            return get(self.port, "/chat/", self.extra.get("HOST", "127.0.0.1")).status == 200
        return False

    def wait_until_the_address_is_said(self) -> str:
        deadline = time.monotonic() + 20
        while "Lobby is open" not in self.log():
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)
        return self.log().splitlines()[-1]

    def interrupt(self) -> int:
        """Ctrl-C reaches the whole group, as in a terminal. Gives the exit code."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(STOP_TIMEOUT_S)


def test_run_migrates_serves_and_says_the_address_last_and_ctrl_c_ends_it_cleanly() -> None:
    with MakeRun() as running:
        said = running.wait_until_the_address_is_said()
        assert said.startswith(f"Lobby is open at http://127.0.0.1:{running.port}/chat/")
        assert running.site.count("chat_message") == 0
        assert "DEBUG = True" in get(running.port, "/nowhere/").text
        assert running.interrupt() == 0
        assert "Traceback" not in running.log()
        assert not running.answers()


def test_host_is_allowed_beside_the_local_names() -> None:
    with MakeRun(HOST="127.0.0.2") as server:
        said = server.wait_until_the_address_is_said()
        assert f"http://127.0.0.2:{server.port}/chat/" in said
