"""The machine and the versions that the figures belong to."""

import datetime
import json
import os
import platform
import re
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from chat.tests.harness.services import find_postgres, find_redis

from .ground import PEERS

PACKAGES = (
    "Django",
    "channels",
    "channels-redis",
    "daphne",
    "autobahn",
    "msgspec",
    "uvicorn",
    "uvloop",
    "psycopg",
)


def describe() -> dict[str, str]:
    postgres = find_postgres()
    return {
        "Measured": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Processor": f"{_processor()}, {os.cpu_count()} cores",
        "Memory": f"{_memory():.0f} GiB",
        "Kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Python packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "Redis": _first_number(find_redis(), "--version"),
        "PostgreSQL": _first_number(postgres and postgres / "postgres", "--version"),
        "SQLite": sqlite3.sqlite_version,
        "Node": _first_number("node", "--version"),
        "Node packages": ", ".join(f"{name} {pinned}" for name, pinned in _node_packages().items()),
    }


def _processor() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return found.group(1).strip() if found else platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3


def _first_number(program: str | Path | None, *arguments: str) -> str:
    if not program:
        return "not installed"
    try:
        said = subprocess.run([program, *arguments], capture_output=True, text=True, check=False).stdout
    except OSError:
        return "not installed"
    found = re.search(r"\d+\.\d+(\.\d+)?", said)
    return found.group() if found else "unknown"


def _node_packages() -> dict[str, str]:
    packages: dict[str, str] = json.loads((PEERS / "package.json").read_text())["dependencies"]
    return packages
