"""Processes that tests start: each can be stopped, killed and frozen, and none outlives the run."""

import atexit
import contextlib
import functools
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from . import reaper
from .fork_server import Forked

START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 60.0


@functools.cache
def _reaper() -> "subprocess.Popen[str]":
    """One helper a test process. In a session of its own: Ctrl-C is for us, not for it."""
    helper = subprocess.Popen(
        [sys.executable, "-I", "-S", reaper.__file__],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )

    @atexit.register
    def finish() -> None:
        helper.communicate()

    return helper


def _tell_reaper(word: str, value: int | Path) -> None:
    stdin = _reaper().stdin
    assert stdin
    stdin.write(f"{word} {value}\n")
    stdin.flush()


def new_directory(name: str) -> Path:
    """A directory for one server or site, removed when the run ends. Other users may look inside."""
    directory = Path(tempfile.mkdtemp(prefix=f"lobby-{name}-"))
    _tell_reaper("directory", directory)
    directory.chmod(0o755)
    return directory


_taken: list[socket.socket] = []


def free_port() -> int:
    """A port nobody listens on, below those that the system gives to outgoing connections.

    A client that keeps trying a dead port within that range can in the end connect to itself. Whoever else
    looks for a port does not get this one while our process lives: its UDP twin says that it is taken, before
    a server listens there and while it is stopped.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        taken = socket.socket(type=socket.SOCK_DGRAM)
        with socket.socket() as probe, contextlib.suppress(OSError):
            taken.bind(("127.0.0.1", port))
            probe.bind(("127.0.0.1", port))
            _taken.append(taken)
            return port
        taken.close()


class Server(ABC):
    """A process that listens on a port of 127.0.0.1. After `stop` or `kill`, `start` brings it back there."""

    name: str
    stop_signal = signal.SIGTERM

    def __init__(self, directory: Path, port: int | None = None) -> None:
        self.directory = directory
        self.port = port or free_port()
        self.log_path = directory / f"{self.name}-{self.port}.log"
        self.process: subprocess.Popen[bytes] | Forked | None = None

    @abstractmethod
    def command(self) -> Sequence[str | Path]: ...

    def environment(self) -> Mapping[str, str] | None:
        return None

    def user(self) -> str | None:
        """The user that runs it, if not the one that runs the tests."""
        return None

    def answers(self) -> bool:
        """Whether it is ready to serve."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def launch(self) -> None:
        """Start the process and do not wait for it: see `start`."""
        assert not self.alive, f"{self.name} runs already"
        self.process = self.new_process()
        _tell_reaper("pid", self.process.pid)

    def new_process(self) -> subprocess.Popen[bytes] | Forked:
        with self.log_path.open("ab") as log:
            return subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(),
                cwd=self.directory,
                start_new_session=True,
                user=self.user(),
                extra_groups=[] if self.user() else None,
            )

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.answers():
            if not self.alive:
                raise RuntimeError(f"{self.name} ended at start:\n{self.log()[-4000:]}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not answer:\n{self.log()[-4000:]}")
            time.sleep(0.02)

    def start(self) -> Self:
        self.launch()
        try:
            self.wait_until_it_answers()
        except RuntimeError:
            self.kill()
            raise
        return self

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def terminate(self, timeout: float = STOP_TIMEOUT_S) -> float:
        """Ask it to stop and wait. Gives the seconds that it took; one that stays is killed and an error."""
        began = time.monotonic()
        if self.alive:
            assert self.process
            self.resume()
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(
                    f"{self.name} did not stop within {timeout} s:\n{self.log()[-4000:]}"
                ) from None
            self._forget()
        return time.monotonic() - began

    def kill(self) -> None:
        """kill -9, descendants too."""
        if self.process:
            if self.alive:
                reaper.kill(self.process.pid)
            self.process.wait()
            self._forget()

    def restart(self) -> Self:
        self.terminate()
        return self.start()

    def pause(self) -> None:
        """Freeze it: connections stay open, nobody answers."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        if self.alive:
            os.kill(self.pid, number)
            for child in reaper.descendants(self.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, number)

    def _forget(self) -> None:
        _tell_reaper("forget", self.pid)

    def __enter__(self) -> Self:
        return self if self.alive else self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()
