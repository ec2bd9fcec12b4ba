"""A site that tests of the browser may break."""

from collections.abc import Iterator

import pytest

from ..conftest import MakeSite
from ..harness.servers import Daphne


@pytest.fixture(scope="session")
def daphne_to_break(new_sqlite_site: MakeSite) -> Iterator[Daphne]:
    site = new_sqlite_site()
    yield site.daphne()
    site.close()


@pytest.fixture
def fragile(daphne_to_break: Daphne) -> Daphne:
    """A running daphne that tests share, and may freeze and kill, and whose database they may empty and put
    back: a test leaves nothing there that another one needs."""
    daphne_to_break.resume()
    if not daphne_to_break.alive:
        daphne_to_break.start()
    return daphne_to_break
