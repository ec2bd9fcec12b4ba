"""What the tests of both servers share."""

from collections.abc import Iterator

import pytest

from ..conftest import MakeSite
from ..harness.servers import Daphne, ServerProcess


@pytest.fixture(scope="module", params=["daphne", "uvicorn"])
def server(
    request: pytest.FixtureRequest, lobby: Daphne, new_sqlite_site: MakeSite
) -> Iterator[ServerProcess]:
    """The test runs twice: on daphne and on uvicorn."""
    if request.param == "daphne":
        yield lobby
    else:
        site = new_sqlite_site()
        yield site.uvicorn()
        site.close()
