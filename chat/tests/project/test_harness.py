"""The test tools themselves: above all, nothing outlives a run."""

import signal
import subprocess
import sys
import time
from itertools import chain, count
from pathlib import Path

import pytest

from ..harness.environment import ROOT
from ..harness.fork_server import ForkServer
from ..harness.order import in_shares, kind
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


def test_each_test_is_in_one_share_which_begins_with_those_that_take_long(
    request: pytest.FixtureRequest,
) -> None:
    items = request.session.items
    assert sorted(map(id, in_shares(items, 3))) == sorted(map(id, items))
    whole = [kind(item) for item in in_shares(items, 1)]
    assert whole == sorted(whole)


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


def test_a_forked_program_has_its_own_environment_folder_and_end(tmp_path: Path) -> None:
    (script := tmp_path / "script.py").write_text(
        "import os, sys; print(sys.argv[1:], dict(os.environ), os.getcwd(), os.getsid(0) == os.getpid());"
        "sys.exit('over')"
    )
    with ForkServer() as server:
        command = [sys.executable, str(script), "a", "b"]
        ended, printed, errors = server.run(command, env={"COLOUR": "red"}, cwd=tmp_path)
    assert (ended, errors) == (1, "over\n")
    assert printed == f"['a', 'b'] {{'COLOUR': 'red'}} {tmp_path} True\n"


def test_a_forked_program_that_is_killed_says_so(tmp_path: Path) -> None:
    (script := tmp_path / "script.py").write_text("import time; time.sleep(600)")
    with ForkServer() as server:
        log = tmp_path / "log"
        process = server.start([sys.executable, str(script)], env={}, cwd=tmp_path, stdout=log, stderr=log)
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL
