"""docker-compose.yml without a Docker engine: what it says, and the same environment started by hand."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
import yaml

from ..harness.environment import ROOT, skip_or_fail
from ..harness.services import RedisServer, find_redis

VARIABLE = re.compile(r"\$\{(?P<name>\w+):-(?P<default>[^}]*)\}")
SERVICE_KEYS = set(
    "build command depends_on environment healthcheck image init ports restart shm_size stop_grace_period "
    "tmpfs volumes".split()
)
STOP_TIMEOUT = 10  # seconds that the site takes at most to end
HEALTH_KEYS = {"test", "interval", "timeout", "retries", "start_period"}


def read_compose(**variables: str) -> dict[str, Any]:
    """The file with these variables, every other one at its default."""
    text = (ROOT / "docker-compose.yml").read_text()
    filled = VARIABLE.sub(lambda found: variables.get(found["name"], found["default"]), text)
    read: dict[str, Any] = yaml.safe_load(filled)
    return read


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_compose()


class ComposedRedis(RedisServer):
    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        self.words = words

    def command(self) -> list[str | Path]:
        """The container's command; the port is the test's."""
        program = find_redis()
        assert program
        return [program, *self.words[1:], "--port", str(self.port), "--bind", "127.0.0.1"]


def test_compose_says_only_what_the_format_knows(compose: dict[str, Any]) -> None:
    assert set(compose) == {"services", "volumes"}
    for service in compose["services"].values():
        assert set(service) <= SERVICE_KEYS
        assert ("image" in service) != ("build" in service)
        assert set(service["healthcheck"]) <= HEALTH_KEYS
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_every_value_that_yaml_could_mistake_is_a_string(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert all(isinstance(value, str) for value in service.get("environment", {}).values())
        assert all(isinstance(word, str) for word in service.get("command", []))


def test_t13_compose_brings_up_redis_beside_the_site_and_waits_for_it(compose: dict[str, Any]) -> None:
    services = compose["services"]
    waits_for = services["web"]["depends_on"]
    assert set(waits_for) == set(services) - {"web"} == {"postgres", "redis"}
    assert all(wait == {"condition": "service_healthy"} for wait in waits_for.values())


def test_every_named_volume_is_declared_and_used(compose: dict[str, Any]) -> None:
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }
    assert used == set(compose["volumes"])


def test_the_site_is_published_on_this_machine_only(compose: dict[str, Any]) -> None:
    assert compose["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert all("ports" not in compose["services"][name] for name in ("redis", "postgres"))


def test_the_site_is_given_the_addresses_of_the_servers_that_compose_starts() -> None:
    """Also with a password that the operator has set."""
    for password in ("lobby", "S3cret"):
        services = read_compose(POSTGRES_PASSWORD=password)["services"]
        site, postgres = services["web"]["environment"], services["postgres"]["environment"]
        database, layer = urlsplit(site["DATABASE_URL"]), urlsplit(site["REDIS_URL"])
        assert postgres["POSTGRES_PASSWORD"] == password
        assert (database.username, database.password) == (postgres["POSTGRES_USER"], password)
        assert database.path == f"/{postgres['POSTGRES_DB']}"
        assert (database.hostname, database.port) == ("postgres", 5432)
        assert (layer.scheme, layer.hostname, layer.port) == ("redis", "redis", 6379)


def test_what_compose_publishes_keeps_and_waits_for_is_what_the_image_does(compose: dict[str, Any]) -> None:
    web, dockerfile = compose["services"]["web"], (ROOT / "Dockerfile").read_text()
    (port,) = re.findall(r"^EXPOSE (\d+)$", dockerfile, re.MULTILINE)
    assert web["ports"][0].split(":")[-1] == port
    for program in ("docker-entry", "docker_health.py"):
        assert port in (ROOT / "bin" / program).read_text(), program
    (folder,) = re.findall(r"^VOLUME (.+)$", dockerfile, re.MULTILINE)
    assert web["volumes"] == [f"lobby:{folder}"]
    assert [web["healthcheck"]["test"][1]] == json.loads(re.findall(r"CMD (\[.*health.*\])", dockerfile)[0])
    assert int(web["stop_grace_period"].removesuffix("s")) > STOP_TIMEOUT
    assert all(service["restart"] == "unless-stopped" for service in compose["services"].values())


def test_redis_starts_as_compose_starts_it_and_keeps_nothing(compose: dict[str, Any]) -> None:
    if not find_redis():
        skip_or_fail("Redis is not installed")
    with (
        ComposedRedis(compose["services"]["redis"]["command"]) as server,
        redis.Redis(port=server.port) as client,
    ):
        assert client.config_get("save", "appendonly") == {"save": "", "appendonly": "no"}


def test_the_environment_is_settings_that_env_example_explains(compose: dict[str, Any]) -> None:
    explained = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(compose["services"]["web"]["environment"]) == explained


def test_the_readmes_table_has_every_setting() -> None:
    explained = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"[A-Z_]+", row)} == explained


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [
        path for line in re.findall(r"^COPY (.*)$", dockerfile, re.MULTILINE) for path in line.split()[:-1]
    ]
    assert copied
    for path in copied:
        assert (ROOT / path).exists(), path
        assert any(Path(path).match(pattern) for pattern in allowed), path
