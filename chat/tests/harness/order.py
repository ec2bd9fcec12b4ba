"""In which order the tests run where several workers share them: the long ones first.

A worker is given a share of the list, and one that has finished takes from the end of another. A share begins
with tests that wait, beside which the others use the processors, and ends with short ones.
"""

import os

import pytest

SERVERS = {"lobby", "pg_lobby", "fork_server", "postgres", "redis_server", "shared_redis"}
SERVERS |= {"any_site", "any_lobby", "any_pair", "joined_site"}


def kind(item: pytest.Item) -> int:
    """0 waits, 1 opens windows, 2 starts or asks a server, 3 needs a database, 4 is pure."""
    used = set(getattr(item, "fixturenames", ()))
    if item.get_closest_marker("waits"):
        return 0
    if "playwright" in used:
        return 1
    if used & SERVERS:
        return 2
    return 3 if "django_db_setup" in used or item.get_closest_marker("django_db") else 4


def in_shares(items: list[pytest.Item], count: int) -> list[pytest.Item]:
    """For so many workers, one share after the other, each as large as xdist makes it: short tests fill it.
    Tests of a file stay together as far as that goes."""
    *long, short = [[item for item in items if kind(item) == wanted] for wanted in range(5)]
    ordered: list[pytest.Item] = []
    for share in range(count):
        end = len(ordered) + (len(items) - len(ordered)) // (count - share)
        for some in long:
            ordered += some[len(some) * share // count : len(some) * (share + 1) // count]
        filling = max(0, end - len(ordered)) if share < count - 1 else len(short)
        ordered += short[:filling]
        del short[:filling]
    return ordered


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if not any("endurance" in item.path.parts for item in items):
        items[:] = in_shares(items, workers)
