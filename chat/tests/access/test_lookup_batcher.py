"""People whose sockets connect are looked up together, and nobody waits for a clock."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chat.access.identity import guest
from chat.access.lookup import AccessQuery, AccessResult
from chat.access.lookup_batcher import LookupBatcher
from chat.access.permissions import RoomPermissions
from chat.database.threads import DatabaseThreads


class Database(DatabaseThreads):
    """Answers on the next turn of the loop."""

    def __init__(self) -> None:
        super().__init__(0, "none")
        self.looks: list[int] = []
        self.error: Exception | None = None

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.looks.append(len(args[0]))
        await asyncio.sleep(0)
        error, self.error = self.error, None
        if error:
            raise error
        return [AccessResult(one.who, RoomPermissions()) for one in args[0]]


def asked(number: int) -> AccessQuery:
    return AccessQuery("tea", guest(f"guest-{number}"), "")


async def test_crowds_that_connect_steadily_are_looked_up_without_a_pause() -> None:
    database = Database()
    lookups = LookupBatcher(database)
    come: list[asyncio.Task[AccessResult | None]] = []
    for number in range(500):
        come.append(asyncio.ensure_future(lookups.look_up(asked(number))))
        if number % 50 == 49:
            await asyncio.sleep(0)
    for _turn in range(50):  # of the loop, and no time at all
        await asyncio.sleep(0)
    assert [task.done() for task in come] == [True] * 500
    assert len(database.looks) <= 10


async def test_lookups_go_on_after_one_that_raised(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.infra.background.QUIET", 0.0)
    database = Database()
    lookups = LookupBatcher(database)
    database.error = ValueError("a bug")
    assert await lookups.look_up(asked(1)) is None
    found = await lookups.look_up(asked(2))
    assert found
    assert found.who.key == "guest-2"
    assert "ValueError: a bug" in caplog.text
