"""The test tools themselves: above all, nothing outlives a run."""

import subprocess
import sys
import time
from itertools import chain, count
from pathlib import Path

import pytest

from ..harness.environment import ROOT
from ..harness.processes import free_port
from ..harness.services import RedisServer

KILLED_RUN = """
import os, sys
from chat.tests.harness.processes import Server, new_directory

class Sleeper(Server):
    name = "sleeper"
    def command(self): return ["sh", "-c", "sleep 600 & sleep 600"]

sleeper = Sleeper(new_directory("killed"))
sleeper.launch()
print(sleeper.pid, sleeper.directory, flush=True)
{end}
"""


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "sleeper.pause(); raise SystemExit(1)", "pass"])
def test_nothing_outlives_a_run_however_it_ends(end: str) -> None:
    program = [sys.executable, "-c", KILLED_RUN.format(end=end)]
    run = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)
    pid, directory = run.stdout.split()
    deadline = time.monotonic() + 30
    while Path(directory).exists() or Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, run.stderr
        time.sleep(0.02)


def test_redis_comes_back_empty_on_the_same_port(redis_server: RedisServer) -> None:
    import redis

    with redis.Redis(port=redis_server.port) as before:
        before.set("key", "value")
    redis_server.kill()
    assert not redis_server.answers()
    redis_server.start()
    with redis.Redis(port=redis_server.port) as after:
        assert after.get("key") is None


def test_a_port_is_given_to_one_server_though_nobody_listens_there_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = [free_port(), free_port()]
    drawn = chain(taken, count(taken[-1] + 1))
    monkeypatch.setattr("chat.tests.harness.processes.random.randrange", lambda *_: next(drawn))
    assert free_port() not in taken
