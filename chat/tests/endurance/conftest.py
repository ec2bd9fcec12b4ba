"""Long and time-strict tests: `make endurance`.

Two workers run them: one takes those that mostly wait (`@pytest.mark.waits`), the other measures, one test at
a time, so that no two measurements share the machine.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            group = "waits" if item.get_closest_marker("waits") else "measures"
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def fork_server() -> None:
    """What is measured runs in interpreters of its own."""


@pytest.fixture(autouse=True)
def own_garbage() -> Iterator[None]:
    """What a test leaves open is complained about in this test, not in a later one."""
    yield
    gc.collect()
