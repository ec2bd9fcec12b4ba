"""The start commands of README.md and docs/OPERATIONS.md, as they stand there, in a copy of the site."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ..harness.environment import ROOT
from ..harness.processes import Server, free_port, new_directory
from ..harness.servers import Site
from .test_make_run import get

AS_A_PROXY = {"Host": "chat.example.org", "X-Forwarded-Proto": "https"}
EXPORTS = "export SECRET_KEY=… ALLOWED_HOSTS=chat.example.org HTTPS=on TRUSTED_PROXIES=1"


def commands(document: str) -> list[str]:
    """The lines of the first block of a document that starts a server."""
    blocks = re.findall(r"```\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)
    block: str = next(block for block in blocks if "mysite.asgi" in block)
    return block.strip().splitlines()


def uvicorn_command() -> str:
    (found,) = re.findall(
        r"`(uvicorn [^`]+mysite\.asgi:application)`", (ROOT / "docs/OPERATIONS.md").read_text()
    )
    return str(found)


class DocumentedStart(Server):
    name = "documented"

    def __init__(self, directory: Path, script: list[str]) -> None:
        super().__init__(directory, free_port())
        self.script = [line.replace("-p 8000", f"-p {self.port}") for line in script]
        if "uvicorn" in script[-1]:
            self.script[-1] += f" --port {self.port}"

    def command(self) -> list[str]:
        return ["bash", "-ec", "\n".join(self.script)]

    def environment(self) -> dict[str, str]:
        return clean_environment()


def clean_environment() -> dict[str, str]:
    """Nothing that the site reads, and its own programs."""
    return {"PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}", "LANG": "C.UTF-8"}


@pytest.fixture
def installed() -> Path:
    """A copy with the `.env` that `make setup` writes, migrated and collected as OPERATIONS says."""
    copy = new_directory("copy")
    for name in ("mysite", "chat", "templates"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("tests"))
    for name in ("manage.py", "Makefile"):
        shutil.copy(ROOT / name, copy)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    environment = clean_environment()
    subprocess.run(["make", ".env"], cwd=copy, env=environment, check=True, capture_output=True)
    assert re.fullmatch(r"SECRET_KEY=[\w-]{50,}\n", (copy / ".env").read_text())
    script = "\n".join(commands("docs/OPERATIONS.md")[:-1])
    subprocess.run(["bash", "-ec", script], cwd=copy, env=environment, check=True, capture_output=True)
    return copy


STARTS = [
    [line for line in commands("docs/OPERATIONS.md") if "manage.py" not in line],
    [EXPORTS, *commands("README.md")],
    [EXPORTS, uvicorn_command()],
]


def test_no_documented_start_shows_strangers_a_debug_page(installed: Path) -> None:
    for start in STARTS:
        with DocumentedStart(installed, start) as server:
            assert get(server.port, "/chat/", headers=AS_A_PROXY).status == 200
            missing = get(server.port, "/nowhere/", headers=AS_A_PROXY)
            assert missing.status == 404
            assert "DEBUG" not in missing.text
            assert "There is nothing at this address" in missing.text
            assert "Traceback" not in server.log()


def test_a_site_behind_tls_does_not_start_with_debug_on_and_others_warn(site: Site) -> None:
    with pytest.raises(RuntimeError, match="ImproperlyConfigured: DEBUG and HTTPS are both on"):
        site.daphne(DEBUG="on", HTTPS="on")
    assert "DEBUG is on: a page that fails shows its source" in site.daphne(DEBUG="on").log()
