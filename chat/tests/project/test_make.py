"""The targets of the Makefile, and the program behind `make run`."""

import re
import socket
import subprocess
import sys

from ..harness.environment import ROOT
from ..harness.processes import free_port
from ..harness.servers import Site


def test_make_alone_lists_the_targets() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    listed = re.findall(r"^  make (\w+)", done.stdout, re.MULTILINE)
    assert {"setup", "run", "test", "check", "format", "clean"} <= set(listed)


def test_a_taken_port_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port := free_port()))
        taken.listen()
        command = [sys.executable, str(ROOT / "bin" / "run.py")]
        environment = Site("sqlite:///:memory:").environment({"PORT": str(port), "HOST": ""})
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == f"127.0.0.1:{port}: Address already in use. Try: make run PORT={port + 1}\n"
    assert done.stderr == ""


def test_the_pictures_of_the_readme_are_of_states_in_the_table() -> None:
    from bin.screenshots.readme import TABLE
    from bin.screenshots.states import STATES

    assert {state for parts in TABLE.values() for state, _width, _scheme in parts} <= STATES.keys()
    text = (ROOT / "README.md").read_text()
    assert set(re.findall(r"docs/images/(\w+)\.png", text)) == TABLE.keys()
