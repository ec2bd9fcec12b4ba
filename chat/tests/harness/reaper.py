"""Ends what a test run started, however the run itself ends. A script; it needs the standard library only.

Reads lines `pid <n>`, `forget <n>` and `directory <path>`. At the end of its input, which comes when the run
has ended or was killed, it kills every process still known, descendants too, and removes the directories.
"""

import contextlib
import os
import shutil
import signal
import sys


def descendants(pid: int) -> list[int]:
    """Children, their children and so on, as far as this system tells."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as children:
                for child in map(int, children.read().split()):
                    found += [child, *descendants(child)]
    return found


def kill(pid: int) -> None:
    for victim in [*descendants(pid), pid]:
        with contextlib.suppress(OSError):
            os.kill(victim, signal.SIGKILL)


def main() -> None:
    pids: set[int] = set()
    directories: list[str] = []
    for line in sys.stdin:
        word, _, value = line.rstrip("\n").partition(" ")
        if word == "pid":
            pids.add(int(value))
        elif word == "forget":
            pids.discard(int(value))
        elif word == "directory":
            directories.append(value)
    for pid in pids:
        kill(pid)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
