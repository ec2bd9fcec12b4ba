"""A process that has imported what a site needs, and forks for each program that it is asked to run: a start
costs a quarter of what a new interpreter costs.

Only what reads no setting is imported beforehand: of the site's own modules the pure ones. The others and
`django.setup` are left to the program. Run as a script, this file is that process.
"""

import gc
import json
import os
import runpy
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Self

RUN_TIMEOUT_S = 120.0
APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND

MODULES = """
asyncio.base_events
chat.protocol chat.text.cleaning chat.text.confusables chat.text.durations chat.text.emoji_names
chat.text.guest_names chat.text.markup chat.text.mentions chat.text.word_filter
channels.auth channels.generic.websocket channels.routing channels.security.websocket channels_redis.pubsub
confusable_homoglyphs.confusables
csp.constants csp.middleware
daphne.access daphne.endpoints daphne.http_protocol daphne.utils daphne.ws_protocol
django.contrib.admin.widgets django.contrib.auth.hashers django.contrib.auth.password_validation
django.contrib.messages.middleware django.contrib.staticfiles.finders django.contrib.staticfiles.handlers
django.contrib.staticfiles.storage
django.core.handlers.asgi django.core.mail django.core.management.commands.runserver
django.db.backends.postgresql.base django.db.backends.sqlite3.base django.db.migrations
django.db.models.functions
django.middleware.cache django.middleware.common django.middleware.csrf django.middleware.gzip
django.middleware.security
django.template.defaultfilters django.template.defaulttags django.template.loader_tags
django.templatetags.i18n
django.views.debug django.views.generic django.views.i18n
environ msgspec.json packaging.version servestatic.middleware servestatic.storage
twisted.internet.asyncioreactor
uvicorn.lifespan.on uvicorn.loops.auto uvicorn.main uvicorn.protocols.http.auto
uvicorn.protocols.websockets.websockets_sansio_impl
"""


class Forked:
    """A program that runs in a fork: what `subprocess.Popen` offers and servers need."""

    def __init__(self, pid: int, server: "ForkServer") -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._server = server

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._server.ask(poll=self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        began = time.monotonic()
        while (code := self.poll()) is None:
            if timeout is not None and time.monotonic() - began > timeout:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:  # a process that has ended keeps its number until it is polled
            os.kill(self.pid, number)


class ForkServer:
    """Started with its first program; ends with the process that owns it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def start(
        self, command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, stdout: Path, stderr: Path
    ) -> Forked:
        """`python -m module …` or `python script …`, in a session of its own. What it prints is appended to
        the files."""
        words = [*map(str, command[1:])]
        files = [os.devnull, str(stdout), str(stderr)]
        return Forked(self.ask(command=words, env=dict(env), cwd=str(cwd), files=files), self)

    def run(
        self, command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path
    ) -> tuple[int, str, str]:
        """The exit code, and what the program printed to its two outputs."""
        with tempfile.TemporaryDirectory() as name:
            stdout, stderr = Path(name) / "stdout", Path(name) / "stderr"
            code = self.start(command, env=env, cwd=cwd, stdout=stdout, stderr=stderr).wait(RUN_TIMEOUT_S)
            return code, stdout.read_text(), stderr.read_text()

    def ask(self, **request: Any) -> Any:
        with self._lock:
            process = self._process = self._process or self._launch()
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{json.dumps(request)}\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

    def _launch(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONUNBUFFERED": "1",
                "PYTHONDONTWRITEBYTECODE": "",
                "DJANGO_SETTINGS_MODULE": "",
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.communicate()


# --- in that process ---


def main() -> None:
    sys.path.insert(0, str(Path(__file__).parents[3]))  # of the repository, as in each program's PYTHONPATH
    for name in MODULES.split():
        import_module(name)
    del sys.path[0]
    assert "twisted.internet.reactor" not in sys.modules, "a reactor does not survive a fork"
    gc.collect()
    gc.freeze()  # a collection in a fork would copy all of these pages
    gc.set_threshold(100_000)  # what a start imports is no garbage; a serving site sets its own
    for line in sys.stdin:
        request = json.loads(line)
        if "poll" in request:
            answer = _poll(request["poll"])
        elif not (answer := os.fork()):
            _run(**request)
            break
        os.write(1, f"{json.dumps(answer)}\n".encode())


def _poll(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _run(command: list[str], env: dict[str, str], cwd: str, files: list[str]) -> None:
    """Become the program, as a new interpreter would with this environment."""
    os.setsid()
    os.chdir(cwd)
    for number, flags in enumerate((os.O_RDONLY, APPEND, APPEND)):
        opened = os.open(files[number], flags, 0o666)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(env)
    path = [*filter(None, env.get("PYTHONPATH", "").split(os.pathsep))]
    if command[0] == "-m":
        sys.argv = command[1:]
        sys.path[:0] = [cwd, *path]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = command
        sys.path[:0] = [str(Path(command[0]).parent), *path]
        runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    main()
