"""Searches that take long: how many an address may have at a time."""

import asyncio
from typing import Any

import pytest

from chat import protocol
from chat.access.connection_limiter import ConnectionLimiter
from chat.access.identity import Identity
from chat.journal.types import Refused
from chat.server import questions

ALICE = Identity("alice", "Alice")
AT_ONCE = 3


class BusyThread:
    """It ends no search before it is told to."""

    def __init__(self) -> None:
        self.ends = asyncio.Event()

    async def run(self, *_: Any) -> bytes:
        await self.ends.wait()
        return b"found"


async def test_who_has_many_searches_running_is_asked_to_wait_and_others_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(questions, "search_limiter", ConnectionLimiter(AT_ONCE))
    thread: Any = BusyThread()

    def search(address: str) -> asyncio.Task[bytes | Refused]:
        command = protocol.Search("tea")
        return asyncio.ensure_future(questions.search(command, "tea", ALICE, address, thread))

    running = [search("192.0.2.1") for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    refusal = await search("192.0.2.1")
    assert isinstance(refusal, Refused)
    assert (refusal.code, refusal.retry_after) == ("busy", questions.SEARCH_PAUSE)
    running.append(search("192.0.2.2"))
    await asyncio.sleep(0)
    assert not any(task.done() for task in running)
    thread.ends.set()
    assert await asyncio.gather(*running) == [b"found"] * (AT_ONCE + 1)
    assert await search("192.0.2.1") == b"found"
