"""The hashed files that pages name: tests, chaos and benchmarks keep them in the same place."""

import fcntl
import json

from .environment import ROOT
from .servers import Site


def static_url(name: str) -> str:
    """Where a site in production serves this file."""
    paths = json.loads((ROOT / "staticfiles" / "staticfiles.json").read_text())["paths"]
    return f"/static/{paths[name]}"


def collect_static() -> None:
    """Collect them again if a source is newer. One process at a time."""
    target = ROOT / "staticfiles"
    target.mkdir(exist_ok=True)
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = target / "staticfiles.json"
        sources = [
            ROOT / "requirements.txt",
            ROOT / "chat" / "static_storage.py",
            *(ROOT / "chat" / "static").rglob("*"),
        ]
        if not made.exists() or made.stat().st_mtime <= max(path.stat().st_mtime for path in sources):
            Site("sqlite:///:memory:").manage("collectstatic", "--noinput", "--clear", "-v", "0")
