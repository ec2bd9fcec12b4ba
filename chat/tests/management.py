"""Commands of `manage.py`, run as whoever operates a site would: before its servers start."""

import fcntl
import subprocess
import sys
from pathlib import Path

from .environment import ROOT, environment_of_a_site
from .processes import new_directory


def manage(*arguments: str, database_url: str) -> None:
    environment = environment_of_a_site(database_url)
    command: list[str | Path] = [sys.executable, ROOT / "manage.py", *arguments]
    done = subprocess.run(
        command, env=environment, cwd=new_directory("manage"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"


def collect_static() -> None:
    """The hashed files that pages name, collected again only when a source is newer. One process at a time:
    tests, chaos and benchmarks keep them in the same place."""
    target = ROOT / "staticfiles"
    target.mkdir(exist_ok=True)
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = target / "staticfiles.json"
        sources = [ROOT / "requirements.txt", *(ROOT / "chat" / "static").rglob("*")]
        if not made.exists() or made.stat().st_mtime <= max(path.stat().st_mtime for path in sources):
            manage("collectstatic", "--noinput", "--clear", "-v", "0", database_url="sqlite:///:memory:")
