"""Search is tested on both databases, in the process of the tests."""

from collections.abc import Iterator

import environ
import pytest
from django.conf import settings
from django.db import connections

from ..conftest import TEMPLATE
from ..harness.services import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """The test, which is marked with `django_db`, runs twice, each time with an empty database."""
    if request.param == "sqlite":
        yield
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = environ.Env.db_url_config(server.create_database(template=TEMPLATE))
    before, configured = connections["default"], settings.DATABASES["default"]
    settings.DATABASES["default"] = configured | url | {"ENGINE": "chat.database.postgresql", "OPTIONS": {}}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        settings.DATABASES["default"], connections["default"] = configured, before
