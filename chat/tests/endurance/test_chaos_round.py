"""A short round of `make chaos`: every main fault strikes once or more."""

import subprocess
import sys
from pathlib import Path

from chaos.schedule import covering

from ..harness.environment import ROOT, skip_or_fail
from ..harness.services import find_postgres, find_redis

MAIN_FAULTS = [
    "redis-killed",
    "redis-frozen",
    "hints-dropped",
    "hints-reordered",
    "worker-killed",
    "rolling-restart",
    "sqlite-locked",
    "postgres-restarted",
    "postgres-frozen",
    "database-restored",
    "file-limit",
    "clocks-apart",
    "lost-acks",
    "joins",
    "worker-frozen",
    "ban",
    "mute",
    "made-private",
    "retention",
]


def test_a_short_round_loses_nothing(tmp_path: Path) -> None:
    if not find_redis() or not find_postgres():
        skip_or_fail("Redis or PostgreSQL is not installed")
    seeds = map(str, covering(MAIN_FAULTS))
    command = [sys.executable, "-m", "chaos", "--out", str(tmp_path), "--seeds", *seeds]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
