"""The site in the environment that docker-compose.yml gives it, started by hand."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..harness.clients import ChatClient, PlainClient
from ..harness.environment import ROOT
from ..harness.processes import new_directory
from ..harness.servers import PostgresServer, RedisServer, ServerProcess, Site
from ..project.test_compose import read_compose


class ComposedWeb(ServerProcess):
    """The container's entry, in a folder with what the image holds."""

    name = "web"

    def command(self) -> list[str]:
        return [str(self.directory / "bin" / "docker-entry")]

    def environment(self) -> dict[str, str]:
        tools = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        return {**tools, "BIND": "127.0.0.1", "PORT": str(self.port), **self.extra}

    def healthy(self) -> bool:
        check = [self.directory / "bin" / "docker_health.py"]
        return subprocess.run(check, env=self.environment(), capture_output=True).returncode == 0


def image_folder() -> Path:
    folder = new_directory("image")
    for name in ("mysite", "chat", "templates", "staticfiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("tests"))
    (folder / "bin").mkdir()
    (folder / "data").mkdir()
    for name in ("manage.py", "bin/docker-entry", "bin/docker_health.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def composed(
    collected_static: None, shared_redis: RedisServer, postgres: PostgresServer
) -> Iterator[ComposedWeb]:
    """daphne, Redis and PostgreSQL with just compose's environment, the hosts and the database replaced."""
    database = postgres.create_database()
    environment = dict(read_compose()["services"]["web"]["environment"])
    assert environment["DATABASE_URL"] == "postgres://lobby:lobby@postgres:5432/lobby"
    assert environment["REDIS_URL"] == "redis://redis:6379/0"
    environment |= {"DATABASE_URL": database, "REDIS_URL": shared_redis.url}
    with ComposedWeb(Site(database, directory=image_folder()), environment) as web:
        yield web


async def test_the_composed_site_opens_and_talks(composed: ComposedWeb) -> None:
    page = composed.get("/chat/", headers={"Host": "localhost:8000"})
    assert page.status == 200
    assert "What chat room would you like to enter?" in page.text
    stylesheet = re.search(r'href="(/static/[^"]+\.css)"', page.text)
    assert stylesheet
    assert composed.get(stylesheet[1]).status == 200
    async with ChatClient(composed.ws_url("tea")) as alice, PlainClient(composed.ws_url("tea")) as bob:
        await alice.post("hello")
        await bob.wait_until(lambda bob: bob.texts == ["hello"])
    assert composed.site.texts("tea") == ["hello"]
    composed.assert_no_traceback()


def test_the_secret_key_is_kept_and_the_health_check_tells_whether_the_site_answers(
    composed: ComposedWeb,
) -> None:
    kept = composed.directory / "data" / "secret_key"
    key = kept.read_text()
    assert len(key.strip()) > 50
    assert kept.stat().st_mode & 0o077 == 0
    assert composed.healthy()
    composed.extra = {**composed.extra, "ALLOWED_HOSTS": ".example.org,chat.example.org", "HTTPS": "on"}
    composed.restart()
    assert kept.read_text() == key
    assert composed.healthy()
    composed.terminate()
    assert not composed.healthy()
