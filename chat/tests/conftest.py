"""Fixtures: real servers, a site of one's own, browser windows.

Settings are read from the environment, so the tests' own must stand there before Django is imported: that is
why `pytest.ini` does not name the settings module.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest

from .harness.environment import skip_or_fail, take_over
from .harness.processes import new_directory
from .harness.services import PostgresServer, RedisServer, find_postgres, find_redis

HERE = new_directory("tests")
take_over(HERE)

import django

django.setup()
# A slow machine is no failure, and what fails in one run fails in the next.
hypothesis.settings.register_profile(
    "lobby", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("lobby")

from .harness import order, templates
from .harness.compiled_tests import pytest_xdist_setupnodes
from .harness.fork_server import ForkServer
from .harness.hints import NO_CHECKS
from .harness.mail import MailServer
from .harness.moderated_room import moderated_room
from .harness.servers import Daphne, Site
from .harness.static_files import collect_static
from .harness.windows import browser, open_window, playwright, profiles, pytest_collection_modifyitems

templates.share_directory()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(order)


__all__ = [
    "browser",
    "moderated_room",
    "open_window",
    "playwright",
    "profiles",
    "pytest_collection_modifyitems",
    "pytest_xdist_setupnodes",
]

TEMPLATE = templates.POSTGRES_DATABASE
MakeSite = Callable[..., Site]
Pair = tuple[Daphne, Daphne]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(sqlite_template: Path) -> None:
    """A file, not memory: what shares an in-memory database between threads locks whole tables."""
    from django.conf import settings

    shutil.copyfile(sqlite_template, database := HERE / "test.sqlite3")
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(database)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """It is migrated already."""
    return True


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer | None]:
    """What starts the processes of sites; None: each is a new interpreter."""
    with ForkServer() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def collected_static() -> None:
    collect_static()


@pytest.fixture(scope="session")
def sqlite_template() -> Path:
    """An empty database with every migration applied: sites copy the file."""
    return templates.sqlite_template()


@pytest.fixture(scope="session")
def postgres_template() -> Path:
    """The data of a stopped cluster with a migrated database: servers copy it."""
    if not find_postgres():
        skip_or_fail("PostgreSQL is not installed")
    return templates.postgres_template()


@pytest.fixture(scope="session")
def postgres(postgres_template: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL that tests share: do not stop it (see `own_postgres`)."""
    with PostgresServer(postgres_template) as server:
        yield server


@pytest.fixture
def own_postgres(postgres_template: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own, to stop, kill and freeze."""
    with PostgresServer(postgres_template) as server:
        yield server


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis of the test's own, to stop, kill and freeze."""
    if not find_redis():
        skip_or_fail("Redis is not installed")
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def new_sqlite_site(
    collected_static: None, sqlite_template: Path, fork_server: ForkServer | None
) -> Callable[..., Site]:
    def make(**settings: str) -> Site:
        directory = new_directory("site")
        shutil.copyfile(sqlite_template, database := directory / "lobby.sqlite3")
        return Site(f"sqlite:///{database}", settings, directory, fork_server)

    return make


@pytest.fixture
def make_site(new_sqlite_site: MakeSite, fork_server: ForkServer | None) -> Iterator[MakeSite]:
    """`make_site(REDIS_URL=…)` is a site on SQLite, `make_site(server, …)` one on a PostgreSQL server."""
    sites: list[Site] = []

    def make(postgres: PostgresServer | None = None, **settings: str) -> Site:
        if postgres:
            site = Site(postgres.create_database(template=TEMPLATE), settings, fork_server=fork_server)
        else:
            site = new_sqlite_site(**settings)
        sites.append(site)
        return site

    yield make
    for site in sites:
        site.close()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A site on SQLite with the in-memory layer."""
    return make_site()


@pytest.fixture
def redis_site(make_site: MakeSite, redis_server: RedisServer) -> Site:
    """A site on SQLite whose processes are joined by `redis_server`."""
    return make_site(REDIS_URL=redis_server.url)


@pytest.fixture
def pg_site(make_site: MakeSite, postgres: PostgresServer) -> Site:
    """A site on PostgreSQL with the in-memory layer."""
    return make_site(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_site(request: pytest.FixtureRequest) -> Site:
    """The test runs twice: on SQLite and on PostgreSQL."""
    chosen: Site = request.getfixturevalue("site" if request.param == "sqlite" else "pg_site")
    return chosen


@pytest.fixture(params=["sqlite", "postgresql"])
def joined_site(request: pytest.FixtureRequest, make_site: MakeSite, redis_server: RedisServer) -> Site:
    """The test runs twice: on SQLite and on PostgreSQL, the processes joined by `redis_server`."""
    postgres = None if request.param == "sqlite" else request.getfixturevalue("postgres")
    return make_site(postgres, REDIS_URL=redis_server.url)


@pytest.fixture(scope="session")
def pair(new_sqlite_site: MakeSite) -> Iterator[Pair]:
    """Two running daphnes of one site that tests share, joined by the database alone: for those that need no
    more than a `room` of their own."""
    site = new_sqlite_site()
    one, other = site.daphnes(2)
    yield one, other
    site.close()


@pytest.fixture(scope="session")
def pg_pair(postgres: PostgresServer, fork_server: ForkServer | None) -> Iterator[Pair]:
    """The same on PostgreSQL."""
    site = Site(postgres.create_database(template=TEMPLATE), fork_server=fork_server)
    one, other = site.daphnes(2)
    yield one, other
    site.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_pair(request: pytest.FixtureRequest) -> Pair:
    """The test runs twice: with `pair` and with `pg_pair`."""
    chosen: Pair = request.getfixturevalue("pair" if request.param == "sqlite" else "pg_pair")
    return chosen


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """A Redis that tests share: do not stop it (see `redis_server`)."""
    if not find_redis():
        skip_or_fail("Redis is not installed")
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def hinted_pair(new_sqlite_site: MakeSite, shared_redis: RedisServer) -> Iterator[Pair]:
    """Two shared daphnes that hear of each other's messages through `shared_redis` or not at all, however
    busy the machine is."""
    site = new_sqlite_site(REDIS_URL=shared_redis.url)
    one, other = site.daphnes(2, CONSTANTS=NO_CHECKS)
    yield one, other
    site.close()


@pytest.fixture(scope="session")
def lobby(pair: Pair) -> Daphne:
    """A running daphne that tests share."""
    return pair[0]


@pytest.fixture(scope="session")
def pg_lobby(pg_pair: Pair) -> Daphne:
    """The same on PostgreSQL."""
    return pg_pair[0]


@pytest.fixture(params=["sqlite", "postgresql"])
def any_lobby(request: pytest.FixtureRequest) -> Daphne:
    """The test runs twice: with `lobby` and with `pg_lobby`."""
    chosen: Daphne = request.getfixturevalue("lobby" if request.param == "sqlite" else "pg_lobby")
    return chosen


@pytest.fixture
def room() -> str:
    """The name of a room nobody has been in."""
    return f"room-{uuid4().hex[:12]}"


@pytest.fixture
def no_connection_is_left_open() -> Iterator[None]:
    from django.db import connections

    yield
    connections.close_all()
